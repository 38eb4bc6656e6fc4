"""Market data points (Common/Data/BaseData.cs, Data/Market/*.cs).

A point carries its start and end as UTC microseconds and the zone of its exchange; `time` and `end_time` are naive in that zone. Prices are
`Decimal` inside (`_close`), `float` for the algorithm (`close`).
"""

import copy
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, Self

from simulator.common.enums import DelistingType, MarketDataType, SplitType
from simulator.common.symbol import Symbol
from simulator.common.time_zone import local_microseconds, to_local

ZERO: Final = Decimal(0)
_TWO: Final = Decimal(2)
_ONE_MINUTE: Final = timedelta(minutes=1)


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
        return to_local(self._start_utc, self._zone)

    @property
    def end_time(self) -> datetime:
        """End, naive in exchange time; LEAN delivers the point at this instant."""
        return to_local(self._end_utc, self._zone)

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


class Bar:
    """Open, high, low, close of one side of a quote."""

    __slots__ = ("_close", "_high", "_low", "_open")

    def __init__(
        self, open: float | Decimal = ZERO, high: float | Decimal = ZERO, low: float | Decimal = ZERO, close: float | Decimal = ZERO
    ) -> None:
        self._open = exact(open)
        self._high = exact(high)
        self._low = exact(low)
        self._close = exact(close)

    @property
    def open(self) -> float:
        """First price."""
        return float(self._open)

    @property
    def high(self) -> float:
        """Highest price."""
        return float(self._high)

    @property
    def low(self) -> float:
        """Lowest price."""
        return float(self._low)

    @property
    def close(self) -> float:
        """Last price."""
        return float(self._close)

    def __str__(self) -> str:
        return f"O: {self.open:g} H: {self.high:g} L: {self.low:g} C: {self.close:g}"


class TradeBar(BaseData):
    """Trades of one period."""

    __slots__ = ("_high", "_low", "_open", "_volume")

    data_type = MarketDataType.TRADE_BAR

    def __init__(
        self,
        time: datetime | None = None,
        symbol: Symbol | None = None,
        open: float | Decimal = ZERO,
        high: float | Decimal = ZERO,
        low: float | Decimal = ZERO,
        close: float | Decimal = ZERO,
        volume: float | Decimal = ZERO,
        period: timedelta = _ONE_MINUTE,
    ) -> None:
        super().__init__()
        self._set_naive_time(time, period)
        self.symbol = Symbol.EMPTY if symbol is None else symbol
        self._open = exact(open)
        self._high = exact(high)
        self._low = exact(low)
        self._value = exact(close)
        self._volume = exact(volume)

    @classmethod
    def _make(
        cls, symbol: Symbol, span: tuple[int, int], zone: str, prices: tuple[Decimal, Decimal, Decimal, Decimal], volume: Decimal
    ) -> "TradeBar":
        """A bar from decoded numbers; the fast way around `__init__`."""
        bar = cls.__new__(cls)
        bar.symbol = symbol
        bar._start_utc, bar._end_utc = span
        bar._zone = zone
        bar._open, bar._high, bar._low, bar._value = prices
        bar._volume = volume
        bar.is_fill_forward = False
        return bar

    @property
    def _close(self) -> Decimal:
        return self._value

    @property
    def open(self) -> float:
        """First price."""
        return float(self._open)

    @property
    def high(self) -> float:
        """Highest price."""
        return float(self._high)

    @property
    def low(self) -> float:
        """Lowest price."""
        return float(self._low)

    @property
    def close(self) -> float:
        """Last price."""
        return float(self._value)

    @property
    def volume(self) -> float:
        """Traded quantity."""
        return float(self._volume)

    @property
    def period(self) -> timedelta:
        """Length of the bar."""
        return timedelta(microseconds=self._end_utc - self._start_utc)

    def __str__(self) -> str:
        return f"{self.symbol}: O: {self.open:g} H: {self.high:g} L: {self.low:g} C: {self.close:g} V: {self.volume:g}"


def _mid(bid: Decimal | None, ask: Decimal | None) -> Decimal:
    if bid and ask:
        return (bid + ask) / _TWO
    return bid or ask or ZERO


class QuoteBar(BaseData):
    """Quotes of one period; a side nobody quoted is None. Its own prices are mids, or the one side there is."""

    __slots__ = ("_last_ask_size", "_last_bid_size", "ask", "bid")

    data_type = MarketDataType.QUOTE_BAR
    bid: Bar | None
    ask: Bar | None

    def __init__(
        self,
        time: datetime | None = None,
        symbol: Symbol | None = None,
        bid: Bar | None = None,
        last_bid_size: float | Decimal = ZERO,
        ask: Bar | None = None,
        last_ask_size: float | Decimal = ZERO,
        period: timedelta = _ONE_MINUTE,
    ) -> None:
        super().__init__()
        self._set_naive_time(time, period)
        self.symbol = Symbol.EMPTY if symbol is None else symbol
        self.bid = bid
        self.ask = ask
        self._last_bid_size = ZERO if bid is None else exact(last_bid_size)
        self._last_ask_size = ZERO if ask is None else exact(last_ask_size)
        self._value = self._close

    @classmethod
    def _make(
        cls, symbol: Symbol, span: tuple[int, int], zone: str, sides: tuple[Bar | None, Bar | None], sizes: tuple[Decimal, Decimal]
    ) -> "QuoteBar":
        """A bar from decoded numbers; the fast way around `__init__`."""
        bar = cls.__new__(cls)
        bar.symbol = symbol
        bar._start_utc, bar._end_utc = span
        bar._zone = zone
        bar.bid, bar.ask = bid, ask = sides
        bar._last_bid_size, bar._last_ask_size = sizes
        bar._value = _mid(None if bid is None else bid._close, None if ask is None else ask._close)
        bar.is_fill_forward = False
        return bar

    @property
    def _open(self) -> Decimal:
        return _mid(None if self.bid is None else self.bid._open, None if self.ask is None else self.ask._open)

    @property
    def _high(self) -> Decimal:
        return _mid(None if self.bid is None else self.bid._high, None if self.ask is None else self.ask._high)

    @property
    def _low(self) -> Decimal:
        return _mid(None if self.bid is None else self.bid._low, None if self.ask is None else self.ask._low)

    @property
    def _close(self) -> Decimal:
        return _mid(None if self.bid is None else self.bid._close, None if self.ask is None else self.ask._close)

    @property
    def open(self) -> float:
        """Mid of the first quotes."""
        return float(self._open)

    @property
    def high(self) -> float:
        """Mid of the highest quotes."""
        return float(self._high)

    @property
    def low(self) -> float:
        """Mid of the lowest quotes."""
        return float(self._low)

    @property
    def close(self) -> float:
        """Mid of the last quotes."""
        return float(self._close)

    @property
    def last_bid_size(self) -> float:
        """Size of the last bid."""
        return float(self._last_bid_size)

    @property
    def last_ask_size(self) -> float:
        """Size of the last ask."""
        return float(self._last_ask_size)

    @property
    def period(self) -> timedelta:
        """Length of the bar."""
        return timedelta(microseconds=self._end_utc - self._start_utc)

    def __str__(self) -> str:
        return f"{self.symbol}: Bid: {self.bid} Size: {self.last_bid_size:g} Ask: {self.ask} Size: {self.last_ask_size:g}"


class OpenInterest(BaseData):
    """Open contracts of a derivative; it starts and ends at one instant."""

    __slots__ = ()

    data_type = MarketDataType.TICK

    def __init__(self, time: datetime | None = None, symbol: Symbol | None = None, open_interest: float | Decimal = ZERO) -> None:
        super().__init__()
        self._set_naive_time(time, timedelta())
        self.symbol = Symbol.EMPTY if symbol is None else symbol
        self._value = exact(open_interest)


class _Auxiliary(BaseData):
    __slots__ = ()

    data_type = MarketDataType.AUXILIARY

    def __init__(self, symbol: Symbol | None, date: datetime | None, value: float | Decimal = ZERO) -> None:
        super().__init__()
        self._set_naive_time(date, timedelta())
        self.symbol = Symbol.EMPTY if symbol is None else symbol
        self._value = exact(value)


class Dividend(_Auxiliary):
    """Cash per share, ex on its date."""

    __slots__ = ("_reference_price",)

    def __init__(
        self,
        symbol: Symbol | None = None,
        date: datetime | None = None,
        distribution: float | Decimal = ZERO,
        reference_price: float | Decimal = ZERO,
    ) -> None:
        super().__init__(symbol, date, distribution)
        self._reference_price = exact(reference_price)

    @property
    def _distribution(self) -> Decimal:
        return self._value

    @property
    def distribution(self) -> float:
        """Dollars per share."""
        return float(self._value)

    @property
    def reference_price(self) -> float:
        """Close of the day before."""
        return float(self._reference_price)

    def __str__(self) -> str:
        return f"Dividend: {self.symbol}: {self._value} | {self._reference_price}"


class Split(_Auxiliary):
    """A split, or the warning of one on the day before; new quantity = old / factor."""

    __slots__ = ("_split_factor", "type")

    def __init__(
        self,
        symbol: Symbol | None = None,
        date: datetime | None = None,
        price: float | Decimal = ZERO,
        split_factor: float | Decimal = ZERO,
        type: SplitType = SplitType.SPLIT_OCCURRED,
    ) -> None:
        super().__init__(symbol, date, price)
        self._split_factor = exact(split_factor)
        self.type = type

    @property
    def split_factor(self) -> float:
        """Old shares per new share, 0.5 for two for one."""
        return float(self._split_factor)

    @property
    def reference_price(self) -> float:
        """Close before the split."""
        return float(self._value)

    def __str__(self) -> str:
        return f"{'Split Warning' if self.type is SplitType.WARNING else 'Split'}: {self.symbol}: {self._split_factor} | {self._value}"


class Delisting(_Auxiliary):
    """The last trading day of a security (warning), and the end of it (delisted).

    Attributes:
        ticket: the order that closes the holding, set by the engine.
    """

    __slots__ = ("ticket", "type")

    def __init__(
        self,
        symbol: Symbol | None = None,
        date: datetime | None = None,
        price: float | Decimal = ZERO,
        type: DelistingType = DelistingType.DELISTED,
    ) -> None:
        super().__init__(symbol, date, price)
        self.type = type
        self.ticket: object | None = None

    def __str__(self) -> str:
        return f"{'Delisting Warning' if self.type is DelistingType.WARNING else 'Delisted'}: {self.symbol} {self.end_time}"


class SymbolChangedEvent(_Auxiliary):
    """A continuous future rolled, or an equity changed its ticker."""

    __slots__ = ("new_symbol", "old_symbol")

    def __init__(
        self, requested_symbol: Symbol | None = None, date: datetime | None = None, old_symbol: str = "", new_symbol: str = ""
    ) -> None:
        super().__init__(requested_symbol, date)
        self.old_symbol = old_symbol
        self.new_symbol = new_symbol

    def __str__(self) -> str:
        return f"{self.time} {self.old_symbol}->{self.new_symbol}"
