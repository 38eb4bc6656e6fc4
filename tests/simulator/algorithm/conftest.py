"""Fixtures of tests of QCAlgorithm."""

from engine_runs import run_algorithm

__all__ = ["run_algorithm"]
