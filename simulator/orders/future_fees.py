"""Interactive Brokers' commission plus exchange fee per contract, by ticker of the future (InteractiveBrokersFeeModel.cs)."""

from decimal import Decimal
from typing import Final


def _sums(*rows: tuple[str, str, str]) -> dict[str, Decimal]:
    return {ticker: Decimal(commission) + Decimal(exchange) for tickers, commission, exchange in rows for ticker in tickers.split()}


_MICROS: Final = "MYM M2K MES MNQ 2YY 5YY 10Y 30Y MCL MGC SIL"

FUTURE_FEES: Final = _sums(
    ("ES NQ YM RTY EMD", "0.85", "1.28"),
    (_MICROS, "0.25", "0.30"),
    ("BTC", "5", "6"),
    ("MBT MIB", "2.25", "2.5"),
    ("ETH", "3", "4"),
    ("MET MRB", "0.20", "0.20"),
    ("E7 J7", "0.50", "0.85"),
    ("M6E M6A M6B MCD MJY MSF M6J MIR M6C M6S MNH", "0.15", "0.24"),
)
"""Futures; others cost 0.85 and 1.60."""

FUTURE_OPTION_FEES: Final = _sums(
    ("ES NQ YM RTY EMD", "0.85", "0.55"),
    (_MICROS, "0.25", "0.20"),
    ("BTC", "5", "5"),
    ("MBT MIB", "1.25", "2.5"),
    ("ETH", "3", "4"),
    ("MET MRB", "0.10", "0.20"),
)
"""Options on futures; others cost 0.85 and 1.60."""
