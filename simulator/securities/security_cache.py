"""Last prices of a security (Common/Securities/SecurityCache.cs, FutureCache.cs, OptionCache.cs).

Fill-forward points never get here, so whatever is read is the last real quote or trade with its real end.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import TypeVar

from simulator.common.bars import Bar, BaseData, OpenInterest, QuoteBar, TradeBar
from simulator.common.enums import MarketDataType
from simulator.orders.decimals import ZERO

T = TypeVar("T", bound=BaseData)


class SecurityCache:
    """Mirrors SecurityCache.

    Args:
        quotes_are_default: whether quote bars set the price (all types but equities; an equity's price is its last trade).
    """

    def __init__(self, quotes_are_default: bool) -> None:
        self._quotes_are_default = quotes_are_default
        self.properties: dict[str, object] = {}
        self._reset()

    def _reset(self) -> None:
        self._price = self._close = ZERO
        self._first = self._highest = self._lowest = ZERO
        self._unread: TradeBar | QuoteBar | None = None
        self._bid_price = self._ask_price = self._bid_size = self._ask_size = ZERO
        self._volume = ZERO
        self._open_interest = 0
        self._last_data: BaseData | None = None
        self._by_type: dict[type[BaseData], BaseData] = {}
        self._last_quote_end = -1
        self._last_prices_end = -1
        self._last_interest_end = -1

    def get_data(self, data_type: type[T] | None = None) -> "T | BaseData | None":
        """The last real point of a type, or the last one that set the price."""
        if data_type is None:
            return self._last_data
        return self._by_type.get(data_type)

    def _last_of(self, data_type: type[T]) -> T | None:
        return self._by_type.get(data_type)  # type: ignore[return-value]  # stored under its own type

    def has_data(self, type: type[BaseData]) -> bool:
        """Whether a real point of the type has come."""
        return type in self._by_type

    def _add(self, points: Sequence[BaseData]) -> None:
        for point in points:
            self._add_point(point)

    def _add_point(self, point: BaseData) -> None:
        """Takes a point over: fields that are zero keep the previous value."""
        kind = type(point)
        if kind is OpenInterest:
            self._by_type[kind] = point
            self._open_interest = int(point._value)
            self._last_interest_end = point._end_utc
            return
        if point.is_fill_forward:
            return
        self._by_type[kind] = point
        if kind is QuoteBar:
            self._add_quote_bar(point)  # type: ignore[arg-type]  # it is one
        elif kind is TradeBar:
            self._add_trade_bar(point)  # type: ignore[arg-type]  # it is one
        elif point.data_type is not MarketDataType.AUXILIARY and point._value:
            self._last_data = point
            self._price = point._value

    def _add_trade_bar(self, bar: TradeBar) -> None:
        if self._last_data is None or self._last_quote_end != bar._end_utc:
            self._last_data = bar
        self._take_prices(bar, bar)
        if bar._volume:
            self._volume = bar._volume

    def _add_quote_bar(self, bar: QuoteBar) -> None:
        bid, ask = bar.bid, bar.ask
        if self._quotes_are_default:
            self._last_data = bar
            self._take_prices(bar, bid or ask)
        self._last_quote_end = bar._end_utc
        if ask is not None and ask._close:
            self._ask_price = ask._close
        if bid is not None and bid._close:
            self._bid_price = bid._close
        self._bid_size = bar._last_bid_size or self._bid_size
        self._ask_size = bar._last_ask_size or self._ask_size

    def _take_prices(self, bar: "TradeBar | QuoteBar", side: "TradeBar | Bar | None") -> None:
        """Takes prices over; where a side has all of them, nothing is left of those before."""
        if self._last_quote_end == bar._end_utc and self._last_prices_end == bar._end_utc:
            return
        self._last_prices_end = bar._end_utc
        if self._unread is not None and not (side is not None and side._open and side._high and side._low):
            self._read()
        self._unread = bar
        close = bar._value
        if close:
            self._price = self._close = close

    def _read(self) -> None:
        """Open, high and low of the last bar, whose middles are not worth making before somebody looks."""
        bar, self._unread = self._unread, None
        if bar is not None:
            self._first = bar._open or self._first
            self._highest = bar._high or self._highest
            self._lowest = bar._low or self._lowest

    @property
    def _open(self) -> Decimal:
        self._read()
        return self._first

    @property
    def _high(self) -> Decimal:
        self._read()
        return self._highest

    @property
    def _low(self) -> Decimal:
        self._read()
        return self._lowest

    def _update_open_interest(self, open_interest: int, end_utc: int) -> None:
        """OptionCache and FutureCache: a universe row's figure counts when it is newer."""
        if end_utc > self._last_interest_end:
            self._open_interest = open_interest
            self._last_interest_end = end_utc

    def _apply_split(self, factor: Decimal) -> None:
        self._read()
        for name in ("_price", "_first", "_highest", "_lowest", "_close", "_bid_price", "_ask_price"):
            setattr(self, name, getattr(self, name) * factor)
        for name in ("_volume", "_bid_size", "_ask_size"):
            setattr(self, name, getattr(self, name) / factor)
        was_last = type(self._last_data)
        self._by_type = {kind: _scaled(point, factor) for kind, point in self._by_type.items()}
        self._last_data = self._by_type.get(was_last, self._last_data)  # type: ignore[arg-type]  # no data has no type


def _scaled(point: BaseData, factor: Decimal) -> BaseData:
    """A bar with its prices times the factor; other points as they are."""
    if not isinstance(point, TradeBar | QuoteBar):
        return point
    scaled = point.clone()
    scaled._value = point._value * factor
    if isinstance(scaled, QuoteBar):
        scaled.bid, scaled.ask = (None if side is None else _scaled_side(side, factor) for side in (scaled.bid, scaled.ask))
    else:
        scaled._open, scaled._high, scaled._low = scaled._open * factor, scaled._high * factor, scaled._low * factor
        scaled._volume = scaled._volume / factor
    return scaled


def _scaled_side(side: Bar, factor: Decimal) -> Bar:
    return Bar(side._open * factor, side._high * factor, side._low * factor, side._close * factor)
