"""Offline engine: a verified double of QuantConnect LEAN that runs the same algorithm on the same data folder without Docker."""
