"""Bars of one security as numpy arrays; a bar object is made only when somebody looks at one."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from simulator.common.bars import ZERO, Bar, BaseData, OpenInterest, QuoteBar, TradeBar
from simulator.common.enums import TickType
from simulator.common.symbol import Symbol
from simulator.data.csv_decoder import PRICE_ROWS

Integers = NDArray[np.int64]

NOTHING: Final[NDArray[np.intp]] = np.zeros(0, dtype=np.intp)

_KEPT_DECIMALS: Final = 1_000_000
_TRADE, _QUOTE = TickType.TRADE, TickType.QUOTE  # members of an enumeration are slow to look up


class _Decimals(dict[int, Decimal]):
    """Decimals of mantissas at one number of decimals, remembered since prices repeat."""

    def __init__(self, places: int) -> None:
        super().__init__()
        self._places = places

    def __missing__(self, mantissa: int) -> Decimal:
        if len(self) >= _KEPT_DECIMALS:
            self.clear()
        value = self[mantissa] = Decimal(mantissa).scaleb(-self._places)
        return value


@cache
def _decimals(places: int) -> _Decimals:
    return _Decimals(places)


class _Mids(dict[int, Decimal]):
    """Middles of two prices by the sum of their mantissas, likewise."""

    def __init__(self, places: int) -> None:
        super().__init__()
        self._prices = _decimals(places)

    def __missing__(self, total: int) -> Decimal:
        if len(self) >= _KEPT_DECIMALS:
            self.clear()
        value = self[total] = self._prices[total] / 2
        return value


@cache
def _mids(places: int) -> _Mids:
    return _Mids(places)


def decimal_of(mantissa: int, decimals: int) -> Decimal:
    """The number mantissa / 10^decimals with that many decimals."""
    return _decimals(decimals)[mantissa]


@dataclass(slots=True)
class BarArray:
    """Bars in time order.

    Attributes:
        tick_type: trades, quotes or open interest.
        zone: exchange time zone of the bars made from it.
        start_utc: start of each bar, microseconds.
        end_utc: end of each bar, microseconds; LEAN delivers the bar then.
        values: mantissas, one row per column of LEAN's file; 0 means absent.
        decimals: decimals of the price rows of `values`.
        size_decimals: decimals of volume and sizes.
        digits: decimals each value was written with, None when all equal.
    """

    tick_type: TickType
    zone: str
    start_utc: Integers
    end_utc: Integers
    values: Integers
    decimals: int
    size_decimals: int = 0
    digits: NDArray[np.int8] | None = None
    _used: NDArray[np.bool_] | None = field(default=None, init=False, repr=False, compare=False)
    _is_whole: bool | None = field(default=None, init=False, repr=False, compare=False)

    def __len__(self) -> int:
        return int(self.start_utc.size)

    @property
    def is_whole(self) -> bool:
        """Whether every bar has something in every column."""
        if self._is_whole is None:
            self._is_whole = bool(self.values.all())
        return self._is_whole

    def _row(self, index: int) -> Integers:
        row: Integers = self.values[index]
        return row

    @property
    def open(self) -> Integers:
        """First trade prices."""
        return self._row(0)

    @property
    def high(self) -> Integers:
        """Highest trade prices."""
        return self._row(1)

    @property
    def low(self) -> Integers:
        """Lowest trade prices."""
        return self._row(2)

    @property
    def close(self) -> Integers:
        """Last trade prices; of open interest the number of contracts."""
        return self._row(0 if self.tick_type is TickType.OPEN_INTEREST else 3)

    @property
    def volume(self) -> Integers:
        """Traded quantities."""
        return self._row(4)

    @property
    def bid_open(self) -> Integers:
        """First bids."""
        return self._row(0)

    @property
    def bid_high(self) -> Integers:
        """Highest bids."""
        return self._row(1)

    @property
    def bid_low(self) -> Integers:
        """Lowest bids."""
        return self._row(2)

    @property
    def bid_close(self) -> Integers:
        """Last bids."""
        return self._row(3)

    @property
    def bid_size(self) -> Integers:
        """Sizes of the last bids."""
        return self._row(4)

    @property
    def ask_open(self) -> Integers:
        """First asks."""
        return self._row(5)

    @property
    def ask_high(self) -> Integers:
        """Highest asks."""
        return self._row(6)

    @property
    def ask_low(self) -> Integers:
        """Lowest asks."""
        return self._row(7)

    @property
    def ask_close(self) -> Integers:
        """Last asks."""
        return self._row(8)

    @property
    def ask_size(self) -> Integers:
        """Sizes of the last asks."""
        return self._row(9)

    def close_price(self, index: int) -> Decimal:
        """The last trade price of the bar at an index, or the middle of its last bid and ask, or the one of them there is; 0 without either."""
        if self.tick_type is not _QUOTE:
            return self._price(3, index)
        if self.digits is not None:
            bid, ask = self._price(3, index), self._price(8, index)
            return (bid + ask) / 2 if bid and ask else bid or ask
        first, second = self.values.item(3, index), self.values.item(8, index)
        return _mids(self.decimals)[first + second] if first and second else _decimals(self.decimals)[first or second]

    def _price(self, row: int, index: int) -> Decimal:
        number = self.values.item(row, index)
        if self.digits is None:
            return _decimals(self.decimals)[number]
        places = int(self.digits[row, index])
        return _decimals(places)[number // 10 ** (self.decimals - places)]

    def bar(self, index: int, symbol: Symbol) -> TradeBar | QuoteBar | OpenInterest:
        """The bar at an index as LEAN's object."""
        span = (self.start_utc.item(index), self.end_utc.item(index))
        numbers: list[int] = self.values[:, index].tolist()
        if self.tick_type is _TRADE:
            prices = self._prices(numbers, index, 0)
            return TradeBar._make(symbol, span, self.zone, prices, _decimals(self.size_decimals)[numbers[4]])
        if self.tick_type is _QUOTE:
            bid, ask = self._side(numbers, index, 0), self._side(numbers, index, 5)
            sizes = _decimals(self.size_decimals)
            bid_size = ZERO if bid is None else sizes[numbers[4]]
            return QuoteBar._make(symbol, span, self.zone, (bid, ask), (bid_size, ZERO if ask is None else sizes[numbers[9]]))
        return _open_interest(symbol, span, self.zone, _decimals(self.size_decimals)[numbers[0]])

    def _side(self, numbers: list[int], index: int, row: int) -> Bar | None:
        if not (numbers[row + 3] or numbers[row] or numbers[row + 1] or numbers[row + 2]):
            return None
        bar = Bar.__new__(Bar)
        bar._open, bar._high, bar._low, bar._close = self._prices(numbers, index, row)
        return bar

    def _prices(self, numbers: list[int], index: int, row: int) -> tuple[Decimal, Decimal, Decimal, Decimal]:
        if self.digits is None:
            known = _decimals(self.decimals)
            return known[numbers[row]], known[numbers[row + 1]], known[numbers[row + 2]], known[numbers[row + 3]]
        written: list[int] = self.digits[row : row + 4, index].tolist()
        decimals = self.decimals
        first, second, third, fourth = [
            _decimals(places)[number // 10 ** (decimals - places)] for number, places in zip(numbers[row : row + 4], written, strict=True)
        ]
        return first, second, third, fourth

    def absent(self, index: int, *, elsewhere: bool) -> NDArray[np.intp]:
        """The columns in which a bar has nothing; on request only those in which some other bar has something."""
        column = self.values[:, index]
        if 0 not in column.tolist():
            return NOTHING
        if not elsewhere:
            return np.flatnonzero(column == 0)
        if self._used is None:
            self._used = self.values.any(axis=1)
        return np.flatnonzero(self._used & (column == 0))

    def last_with(self, columns: NDArray[np.intp], first: int, last: int) -> tuple[list[int], NDArray[np.intp]]:
        """Per column the last of bars first … last - 1 that has something in it, latest bar first; and the columns in which none has."""
        present = self.values[columns, first:last] != 0
        some = present.any(axis=1)
        rows = last - 1 - present[some, ::-1].argmax(axis=1)
        return sorted(set(rows.tolist()), reverse=True), columns[~some]

    def part(self, first: int, last: int) -> Self:
        """Bars first … last - 1; shares memory."""
        return self._with(slice(first, last))

    def alone(self, index: int) -> Self:
        """One bar that shares no memory with the others."""
        one = self.part(index, index + 1)
        digits = None if one.digits is None else one.digits.copy()
        times = (one.start_utc.copy(), one.end_utc.copy())
        return type(self)(self.tick_type, self.zone, *times, one.values.copy(), self.decimals, self.size_decimals, digits)

    def where(self, mask: NDArray[np.bool_]) -> Self:
        """The bars a mask selects."""
        return self if bool(mask.all()) else self._with(mask)

    def between(self, after_utc: int, until_utc: int) -> Self:
        """The bars that end after the one instant and not after the other."""
        first, last = np.searchsorted(self.end_utc, (after_utc, until_utc), side="right").tolist()
        return self.part(first, last)

    def with_times(self, start_utc: Integers, end_utc: Integers) -> Self:
        """The same bars with other times (daily bars that end at the close)."""
        digits = self.digits
        return type(self)(self.tick_type, self.zone, start_utc, end_utc, self.values, self.decimals, self.size_decimals, digits)

    def _with(self, chosen: "slice | NDArray[np.bool_]") -> Self:
        digits = None if self.digits is None else self.digits[:, chosen]
        times = (self.start_utc[chosen], self.end_utc[chosen])
        some = type(self)(self.tick_type, self.zone, *times, self.values[:, chosen], self.decimals, self.size_decimals, digits)
        some._is_whole = self._is_whole or None
        return some


def _open_interest(symbol: Symbol, span: tuple[int, int], zone: str, value: Decimal) -> OpenInterest:
    point = OpenInterest.__new__(OpenInterest)
    BaseData.__init__(point)
    point._set_span(span[0], span[1], zone)
    point.symbol = symbol
    point._value = value
    return point


def concatenate(parts: Sequence[BarArray]) -> BarArray | None:
    """Bars of several files in the order given, None without any; prices come to the most decimals of all."""
    if len(parts) <= 1:
        return parts[0] if parts else None
    decimals = max(part.decimals for part in parts)
    sizes = max(part.size_decimals for part in parts)
    uniform = all(part.digits is None and part.decimals == decimals for part in parts)
    return BarArray(
        parts[0].tick_type,
        parts[0].zone,
        np.concatenate([part.start_utc for part in parts]),
        np.concatenate([part.end_utc for part in parts]),
        np.concatenate([_rescaled(part, decimals, sizes) for part in parts], axis=1),
        decimals,
        sizes,
        None if uniform else np.concatenate([_written(part) for part in parts], axis=1),
    )


def _rescaled(part: BarArray, decimals: int, sizes: int) -> Integers:
    if part.decimals == decimals and part.size_decimals == sizes:
        return part.values
    factors = np.full(part.values.shape[0], 10 ** (sizes - part.size_decimals), dtype=np.int64)
    factors[PRICE_ROWS[part.tick_type]] = 10 ** (decimals - part.decimals)
    return part.values * factors[:, None]


def _written(part: BarArray) -> NDArray[np.int8]:
    return np.full(part.values.shape, part.decimals, dtype=np.int8) if part.digits is None else part.digits
