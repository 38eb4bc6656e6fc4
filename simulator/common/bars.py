"""Trade and quote bars (Common/Data/Market/TradeBar.cs, QuoteBar.cs, Bar.cs)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from simulator.common.auxiliary_data import Delisting, Dividend, OpenInterest, Split, SymbolChangedEvent
from simulator.common.base_data import ZERO, BaseData, exact
from simulator.common.enums import MarketDataType
from simulator.common.symbol import Symbol
from simulator.results.net_number import decimal_text, smart_rounding

__all__ = [
    "ZERO", "Bar", "BaseData", "Delisting", "Dividend", "OpenInterest", "QuoteBar", "Split", "SymbolChangedEvent", "TradeBar", "exact",
]  # fmt: skip

_TWO: Final = Decimal(2)
_ONE_MINUTE: Final = timedelta(minutes=1)


_NO_PRICES: Final = (None, None, None, None)


def _prices_text(side: str, prices: Sequence[Decimal | None]) -> str:
    """Open, high, low and close as LEAN prints them, each behind the name of the side; a missing side prints nothing."""
    texts = ("" if price is None else decimal_text(smart_rounding(price)) for price in prices)
    return " ".join(f"{side}{name}: {text}" for name, text in zip("OHLC", texts, strict=True))


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
        return _prices_text("", (self._open, self._high, self._low, self._close))


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

    def clone(self, fill_forward: bool = False) -> "TradeBar":
        """A copy; a repeated bar has no volume."""
        prices = (self._open, self._high, self._low, self._value)
        copy = TradeBar._make(self.symbol, (self._start_utc, self._end_utc), self._zone, prices, ZERO if fill_forward else self._volume)
        copy.is_fill_forward = fill_forward or self.is_fill_forward
        return copy

    @property
    def period(self) -> timedelta:
        """Length of the bar."""
        return timedelta(microseconds=self._end_utc - self._start_utc)

    def __str__(self) -> str:
        prices = _prices_text("", (self._open, self._high, self._low, self._close))
        return f"{self.symbol}: {prices} V: {decimal_text(smart_rounding(self._volume))}"


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

    def clone(self, fill_forward: bool = False) -> "QuoteBar":
        """A copy; the sides are shared."""
        copy = QuoteBar.__new__(QuoteBar)
        copy.symbol = self.symbol
        copy._start_utc, copy._end_utc, copy._zone = self._start_utc, self._end_utc, self._zone
        copy.bid, copy.ask = self.bid, self.ask
        copy._last_bid_size, copy._last_ask_size = self._last_bid_size, self._last_ask_size
        copy._value = self._value
        copy.is_fill_forward = fill_forward or self.is_fill_forward
        return copy

    @property
    def period(self) -> timedelta:
        """Length of the bar."""
        return timedelta(microseconds=self._end_utc - self._start_utc)

    def __str__(self) -> str:
        bid = _prices_text("Bid: ", _NO_PRICES if self.bid is None else (self.bid._open, self.bid._high, self.bid._low, self.bid._close))
        ask = _prices_text("Ask: ", _NO_PRICES if self.ask is None else (self.ask._open, self.ask._high, self.ask._low, self.ask._close))
        return f"{self.symbol}: {bid} {ask} "
