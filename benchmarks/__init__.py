"""Measured figures: one module per area, each with `figures()`; run with `python -m benchmarks [area ...]`."""
