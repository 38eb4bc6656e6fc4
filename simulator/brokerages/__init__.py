"""Brokerage models and the backtesting brokerage."""
