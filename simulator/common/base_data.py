"""What all market data points have in common (Common/Data/BaseData.cs).

A point carries its start and end as UTC microseconds and the zone of its exchange; `time` and `end_time` are naive in that zone. Prices are
`Decimal` inside (`_close`), `float` for the algorithm (`close`).
"""

import copy
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Final, Self

from simulator.common.enums import MarketDataType
from simulator.common.symbol import Symbol
from simulator.common.time_zone import local_microseconds, to_local, to_utc

ZERO: Final = Decimal(0)

_local = lru_cache(maxsize=4096)(to_local)  # bars of many securities end together


def exact(number: float | Decimal | str) -> Decimal:
    """The Decimal a number of the algorithm stands for: the shortest text that gives the same double."""
    return number if isinstance(number, Decimal) else Decimal(str(number))


class BaseData:
    """A data point: symbol, start, end and one value."""

    __slots__ = ("_end_utc", "_start_utc", "_value", "_zone", "is_fill_forward", "symbol")

    data_type: MarketDataType = MarketDataType.BASE
    symbol: Symbol

    def __init__(self) -> None:
        self.symbol = Symbol.EMPTY
        self._start_utc = 0
        self._end_utc = 0
        self._zone = "UTC"
        self._value = ZERO
        self.is_fill_forward = False

    @property
    def time(self) -> datetime:
        """Start, naive in exchange time."""
        return _local(self._start_utc, self._zone)

    @time.setter
    def time(self, value: datetime) -> None:
        """Move the point; its length stays."""
        length = self._end_utc - self._start_utc
        self._start_utc = to_utc(value, self._zone)
        self._end_utc = self._start_utc + length

    @property
    def end_time(self) -> datetime:
        """End, naive in exchange time; LEAN delivers the point at this instant."""
        return _local(self._end_utc, self._zone)

    @end_time.setter
    def end_time(self, value: datetime) -> None:
        """Let a bar end at another instant; a point without length moves."""
        is_point = self._end_utc == self._start_utc and self.data_type not in {MarketDataType.TRADE_BAR, MarketDataType.QUOTE_BAR}
        self._end_utc = to_utc(value, self._zone)
        if is_point:
            self._start_utc = self._end_utc

    @property
    def value(self) -> float:
        """The point's one number: the close of a bar."""
        return float(self._value)

    @property
    def price(self) -> float:
        """Same as `value`."""
        return float(self._value)

    def clone(self, fill_forward: bool = False) -> Self:
        """A copy, marked as filled forward when asked."""
        other = copy.copy(self)
        other.is_fill_forward = fill_forward or self.is_fill_forward
        return other

    def _set_span(self, start_utc: int, end_utc: int, zone: str) -> Self:
        self._start_utc = start_utc
        self._end_utc = end_utc
        self._zone = zone
        return self

    def _set_naive_time(self, time: datetime | None, period: timedelta) -> None:
        self._start_utc = 0 if time is None else local_microseconds(time)
        self._end_utc = self._start_utc + period // timedelta(microseconds=1)
