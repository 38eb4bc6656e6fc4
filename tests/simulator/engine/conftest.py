"""Fixtures of the engine's tests."""

from engine_runs import run_algorithm

__all__ = ["run_algorithm"]
