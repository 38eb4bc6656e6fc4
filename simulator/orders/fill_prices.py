"""The prices a fill model looks at: the last real bar of the side an order trades on (Fills/Prices.cs, FillModel.GetPrices)."""

from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple, Protocol

from simulator.common.bars import Bar, QuoteBar, TradeBar
from simulator.common.enums import OrderDirection, Resolution, TickType
from simulator.common.period import to_microseconds
from simulator.common.system_exceptions import InvalidOperationException
from simulator.common.time_zone import HOUR, local_date, to_local

if TYPE_CHECKING:
    from simulator.securities.security import Security


class Prices(NamedTuple):
    """Mirrors Prices: one bar with its span, UTC microseconds; prices that are missing equal the last one."""

    start_utc: int
    end_utc: int
    current: Decimal
    open: Decimal
    high: Decimal
    low: Decimal

    @property
    def close(self) -> Decimal:
        """The same as `current`."""
        return self.current


class PriceBar(Protocol):
    """A bar of trades or of one side of a quote."""

    @property
    def _open(self) -> Decimal: ...
    @property
    def _high(self) -> Decimal: ...
    @property
    def _low(self) -> Decimal: ...
    @property
    def _close(self) -> Decimal: ...


def _prices_of(bar: PriceBar, start_utc: int, end_utc: int) -> Prices:
    close = bar._close
    return Prices(start_utc, end_utc, close, bar._open or close, bar._high or close, bar._low or close)


def get_prices(asset: "Security", direction: OrderDirection, *, internal_counts: bool = True) -> Prices:
    """The side of the last quote bar an order trades on, else the last trade bar, else the security's own prices.

    Args:
        asset: the security.
        direction: side of the order; purchases look at asks.
        internal_counts: whether internal subscriptions make a kind of data usable; not for equities.
    """
    kinds = subscribed_kinds(asset, internal_counts=internal_counts)
    quote = asset.cache._last_of(QuoteBar)
    if quote is not None and TickType.QUOTE in kinds:
        side: Bar | None = quote.bid if direction is OrderDirection.SELL else quote.ask
        if side is not None:
            return _prices_of(side, quote._start_utc, quote._end_utc)
    trade = asset.cache._last_of(TradeBar)
    if trade is not None and TickType.TRADE in kinds:
        return _prices_of(trade, trade._start_utc, trade._end_utc)
    last = asset.cache._last_data
    start, end = (0, 0) if last is None else (last._start_utc, last._end_utc)
    return Prices(start, end, asset._price, asset._open, asset._high, asset._low)


def subscribed_kinds(asset: "Security", *, internal_counts: bool = True) -> set[TickType]:
    """Kinds of data subscribed.

    Raises:
        InvalidOperationException: there are none.
    """
    kinds = {s.tick_type for s in asset._fill_subscriptions if internal_counts or not s.is_internal}
    if not kinds:
        raise InvalidOperationException(f"Cannot perform fill for {asset.symbol} because no data subscription were found.")
    return kinds


def waits_for_fresh_data(asset: "Security") -> bool:
    """ShouldWaitForFreshData: only hourly or daily data is subscribed."""
    own = [s for s in asset._fill_subscriptions if not s.is_internal]
    return bool(own) and all(s.resolution in {Resolution.HOUR, Resolution.DAILY} for s in own)


def waits_on_stale(asset: "Security", data_end_utc: int, order_utc: int) -> bool:
    """ShouldWaitForFreshDataOnStale: a stale price is used only when the order came within one bar of it."""
    if waits_for_fresh_data(asset):
        return True
    bar_length = to_microseconds(min(s.resolution for s in asset._fill_subscriptions))
    return bar_length > 0 and order_utc - data_end_utc > bar_length


def subscribed_extended_hours(asset: "Security") -> bool:
    """Whether the algorithm's own subscriptions include extended hours; internal ones count when there are no others."""
    own = [s for s in asset._fill_subscriptions if not s.is_internal] or asset._fill_subscriptions
    if not own:
        raise InvalidOperationException(f"Cannot perform fill for {asset.symbol} because no data subscription were found.")
    return any(s.extended_hours for s in own)


def is_exchange_open(asset: "Security", extended: bool) -> bool:
    """FillModel.IsExchangeOpen: open now, or at the end of a last bar that overlaps the session."""
    hours = asset.exchange.hours
    now = asset._utc
    if hours._is_open_utc(now, extended):
        return True
    bar = asset.cache._last_data
    if bar is None:
        return False
    if bar._end_utc - bar._start_utc > HOUR:
        current = local_date(now, asset._time_zone) == local_date(bar._end_utc, asset._time_zone)
    else:
        current = now <= bar._end_utc
    return current and hours._is_open_during_utc(bar._start_utc, bar._end_utc, extended)


def local_text(utc: int, asset: "Security") -> str:
    """An instant in exchange time as LEAN's messages print it."""
    return f"{to_local(utc, asset._time_zone):%m/%d/%Y %H:%M:%S}"
