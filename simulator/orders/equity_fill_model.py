"""How equity orders fill (Fills/EquityFillModel.cs): at quotes for market orders, on trade bars for the others."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from simulator.common.bars import BaseData, QuoteBar, TradeBar
from simulator.common.enums import OrderDirection, OrderStatus, TickType
from simulator.common.system_exceptions import InvalidOperationException
from simulator.common.time_zone import HOUR, local_date
from simulator.orders.decimals import ZERO
from simulator.orders.fill_model import FillModel
from simulator.orders.fill_prices import is_exchange_open, local_text, subscribed_extended_hours, subscribed_kinds, waits_on_stale
from simulator.orders.order import Order
from simulator.orders.order_event import OrderEvent

if TYPE_CHECKING:
    from simulator.securities.security import Security


class _BestEffort(NamedTuple):
    """A quote, or a trade that is newer than a stale quote; `stale_end_utc` is None for a fresh price."""

    price: Decimal
    message: str
    stale_end_utc: int | None


class EquityFillModel(FillModel):
    """Mirrors EquityFillModel."""

    _internal_counts = False

    def market_fill(self, asset: "Security", order: Order) -> OrderEvent:
        """At the best price known of the side; a stale one makes the order wait."""
        event = self._event(asset, order)
        if order.status is OrderStatus.CANCELED or not is_exchange_open(asset, False):
            return event
        best = self._best_effort(asset, order)
        if best.stale_end_utc is not None and waits_on_stale(asset, best.stale_end_utc, order._time):
            return event
        event.message = best.message
        return self._at(event, order, self._slipped(asset, order, best.price))

    def limit_fill(self, asset: "Security", order: Any) -> OrderEvent:
        """On a trade bar that goes through the limit: at the limit, or at the open when that is better."""
        event = self._event(asset, order)
        bar = self._fresh_trade_bar(asset, order) if is_exchange_open(asset, subscribed_extended_hours(asset)) else None
        if order.status is OrderStatus.CANCELED or bar is None:
            return event
        limit, buying = order._limit_price, order.direction is OrderDirection.BUY
        if not (bar._low < limit if buying else bar._high > limit):
            return event
        if bar._open < limit if buying else bar._open > limit:
            event.message = _gap_message("a favorable", bar, asset)
            return self._at(event, order, bar._open)
        return self._at(event, order, limit)

    def stop_market_fill(self, asset: "Security", order: Any) -> OrderEvent:
        """On a trade bar that reaches the stop: at the stop, or at the open when the market jumped over it."""
        event = self._event(asset, order)
        bar = self._fresh_trade_bar(asset, order) if is_exchange_open(asset, False) else None
        if order.status is OrderStatus.CANCELED or bar is None:
            return event
        stop, buying = order._stop_price, order.direction is OrderDirection.BUY
        if not (bar._high >= stop if buying else bar._low <= stop):
            return event
        if bar._open >= stop if buying else bar._open <= stop:
            event.message = _gap_message("an unfavorable", bar, asset)
            return self._at(event, order, self._slipped(asset, order, bar._open))
        return self._at(event, order, self._slipped(asset, order, stop))

    def limit_if_touched_fill(self, asset: "Security", order: Any) -> OrderEvent:
        """Once a trade touched the trigger: at the quote when it is no worse than the limit."""
        event = self._event(asset, order)
        bar = self._fresh_trade_bar(asset, order) if is_exchange_open(asset, subscribed_extended_hours(asset)) else None
        if order.status is OrderStatus.CANCELED or bar is None:
            return event
        buying = order.direction is OrderDirection.BUY
        order.trigger_touched |= bar._low <= order._trigger_price if buying else bar._high >= order._trigger_price
        if not order.trigger_touched:
            return event
        best = self._best_effort(asset, order)
        if best.price <= order._limit_price if buying else best.price >= order._limit_price:
            event.message = best.message
            return self._at(event, order, best.price)
        return event

    def market_on_open_fill(self, asset: "Security", order: Order) -> OrderEvent:
        """At the open of the first trade bar of a session that starts after the order."""
        event = self._event(asset, order)
        if order.status is OrderStatus.CANCELED:
            return event
        price, end = ZERO, 0
        if TickType.TRADE in subscribed_kinds(asset, internal_counts=False):
            bar = asset.cache._last_of(TradeBar)
            if bar is not None:
                if bar._start_utc < order._time or (bar._end_utc - bar._start_utc < HOUR and not self._is_open_at(asset, bar._start_utc)):
                    return event
                price, end = bar._open, bar._end_utc
        else:
            event.message = self._quote_message(asset)
        zone = asset._time_zone
        same_day = local_date(order._time, zone) == local_date(end, zone)
        if order._time >= end or (self._is_open_at(asset, order._time) and same_day) or not is_exchange_open(asset, False):
            return event
        return self._at_or_best_effort(event, asset, order, price)

    def market_on_close_fill(self, asset: "Security", order: Order) -> OrderEvent:
        """At the last trade once the session after the order has closed."""
        event = self._event(asset, order)
        if order.status is OrderStatus.CANCELED or asset._utc < self._next_close(asset, order):
            return event
        price = ZERO
        if TickType.TRADE in subscribed_kinds(asset, internal_counts=False):
            bar = asset.cache._last_of(TradeBar)
            price = ZERO if bar is None else bar._close
        else:
            event.message = self._quote_message(asset)
        return self._at_or_best_effort(event, asset, order, price)

    def _at_or_best_effort(self, event: OrderEvent, asset: "Security", order: Order, price: Decimal) -> OrderEvent:
        if not price:
            best = self._best_effort(asset, order)
            price = best.price
            event.message += best.message
        return self._at(event, order, self._slipped(asset, order, price))

    @staticmethod
    def _at(event: OrderEvent, order: Order, price: Decimal) -> OrderEvent:
        event.status = OrderStatus.FILLED
        event.fill_price = price
        event.fill_quantity = order._quantity
        return event

    @staticmethod
    def _is_open_at(asset: "Security", utc: int) -> bool:
        return asset.exchange.hours._is_open_utc(utc, False)

    @staticmethod
    def _quote_message(asset: "Security") -> str:
        return (
            f"Warning: No trade information available at {local_text(asset._utc, asset)} {asset._time_zone}, order filled using Quote data"
        )

    @staticmethod
    def _fresh_trade_bar(asset: "Security", order: Order) -> TradeBar | None:
        """GetBestEffortTradeBar: the last trade bar when it ended after the order."""
        if TickType.TRADE not in subscribed_kinds(asset, internal_counts=False):
            return None
        bar = asset.cache._last_of(TradeBar)
        return bar if bar is not None and bar._end_utc > order._time else None

    def _best_effort(self, asset: "Security", order: Order) -> _BestEffort:
        """GetBestEffortAskPrice and GetBestEffortBidPrice: a fresh quote, else a newer trade, else the stale price."""
        cut_off = order._time - self._stale_span
        kinds = subscribed_kinds(asset, internal_counts=False)
        stale: tuple[BaseData, Decimal] | None = None
        message = ""
        quote = asset.cache._last_of(QuoteBar)
        if TickType.QUOTE in kinds and quote is not None:
            side = quote.ask if order.direction is OrderDirection.BUY else quote.bid
            price = quote._close if side is None else side._close
            if quote._end_utc >= cut_off:
                return _BestEffort(price, "", None)
            message = f"Warning: fill at stale price ({local_text(quote._end_utc, asset)} {asset._time_zone}), using QuoteBar data."
            stale = quote, price
        trade = asset.cache._last_of(TradeBar)
        if TickType.TRADE in kinds and trade is not None and (stale is None or trade._end_utc > stale[0]._end_utc):
            when = f"{local_text(trade._end_utc, asset)} {asset._time_zone}"
            message = f"Warning: No quote information available at {when}, order filled using TradeBar data"
            if trade._end_utc >= cut_off:
                return _BestEffort(trade._close, message, None)
            stale = trade, trade._close
        if stale is None:
            raise InvalidOperationException(f"Cannot get price to perform fill for {asset.symbol} because no market data was found.")
        return _BestEffort(stale[1], message, stale[0]._end_utc)


def _gap_message(kind: str, bar: TradeBar, asset: "Security") -> str:
    when = f"{local_text(bar._end_utc, asset)} {asset._time_zone}"
    return f"Due to {kind} gap at {when}, order filled using the open price ({bar._open})"
