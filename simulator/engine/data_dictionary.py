"""Dictionaries of a slice, keyed by symbol or ticker (LEAN's DataDictionary and its children TradeBars, QuoteBars, Dividends …)."""

from collections.abc import Iterable
from typing import Final, TypeVar

from simulator.common.bars import BaseData, Delisting, Dividend, OpenInterest, QuoteBar, Split, SymbolChangedEvent, TradeBar
from simulator.common.lean_dictionary import LeanDictionary
from simulator.common.symbol import Symbol
from simulator.common.symbol_cache import SymbolCache

V = TypeVar("V")

_SEVERAL: Final = 2


def in_order(symbols: Iterable[Symbol]) -> list[Symbol]:
    """Symbols in LEAN's order (Symbol.CompareTo): by value, whatever the case."""
    return sorted(symbols, key=lambda symbol: symbol.value.upper())


class DataDictionary(LeanDictionary[Symbol, V]):
    """Points by symbol, enumerated in order of the symbols' values; a ticker of a symbol in use is accepted as key.

    Args:
        points: what it holds.
        is_ordered: whether they come in that order already.
    """

    def __init__(self, points: dict[Symbol, V] | None = None, *, is_ordered: bool = False) -> None:
        self._points: dict[Symbol, V] = {} if points is None else points
        self._ordered = len(self._points) if is_ordered else 0

    def _enumerated(self) -> dict[Symbol, V]:
        points = self._points
        if len(points) >= _SEVERAL and self._ordered != len(points):
            ordered = {symbol: points[symbol] for symbol in in_order(points)}
            points.clear()
            points.update(ordered)
            self._ordered = len(points)
        return points

    def __len__(self) -> int:
        return len(self._points)

    def _find(self, key: object) -> V | None:
        return self._points.get(SymbolCache._resolve(key))  # type: ignore[call-overload,no-any-return]  # any object may be asked for

    def _set(self, symbol: Symbol, value: V) -> None:
        self._points[symbol] = value

    def __bool__(self) -> bool:
        return bool(self._points)


class TradeBars(DataDictionary[TradeBar]):
    """Trade bars of a slice."""


class QuoteBars(DataDictionary[QuoteBar]):
    """Quote bars of a slice."""


class Ticks(DataDictionary[list[BaseData]]):
    """Ticks of a slice; open interest arrives as one."""


class Dividends(DataDictionary[Dividend]):
    """Dividends of a slice."""


class Splits(DataDictionary[Split]):
    """Splits and split warnings of a slice."""


class Delistings(DataDictionary[Delisting]):
    """Delistings and their warnings."""


class SymbolChangedEvents(DataDictionary[SymbolChangedEvent]):
    """Rolls of continuous futures, and renamed equities."""


def keep_shorter(bars: "DataDictionary[TradeBar] | DataDictionary[QuoteBar]", bar: TradeBar | QuoteBar) -> None:
    """Of two bars of one symbol that end together, the shorter one stays."""
    known = bars._points.get(bar.symbol)
    if known is None or known._end_utc - known._start_utc > bar._end_utc - bar._start_utc:
        bars._points[bar.symbol] = bar  # type: ignore[assignment]  # the dictionary is of the bar's own kind


__all__ = [
    "DataDictionary",
    "Delistings",
    "Dividends",
    "OpenInterest",
    "QuoteBars",
    "Splits",
    "SymbolChangedEvents",
    "Ticks",
    "TradeBars",
    "in_order",
    "keep_shorter",
]
