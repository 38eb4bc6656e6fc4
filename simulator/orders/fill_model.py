"""How orders fill on bars (Fills/FillModel.cs, ImmediateFillModel.cs); an algorithm may subclass these models.

Fills are always complete: bar volumes and quote sizes do not matter.
"""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from simulator.common.bars import QuoteBar, TradeBar
from simulator.common.enums import OrderDirection, OrderStatus, OrderType, SecurityType, TickType
from simulator.common.system_exceptions import ArgumentOutOfRangeException
from simulator.common.time_zone import local_date, to_local, to_utc
from simulator.orders.decimals import ZERO, to_price
from simulator.orders.fill_parameters import FillModelParameters
from simulator.orders.fill_prices import (
    Prices,
    get_prices,
    is_exchange_open,
    local_text,
    subscribed_extended_hours,
    subscribed_kinds,
    waits_for_fresh_data,
    waits_on_stale,
)
from simulator.orders.order import Order
from simulator.orders.order_event import OrderEvent
from simulator.orders.order_fee import OrderFee

if TYPE_CHECKING:
    from simulator.securities.security import Security

_HUNDRED = Decimal(100)


_COMBOS: Final = frozenset({OrderType.COMBO_MARKET, OrderType.COMBO_LIMIT, OrderType.COMBO_LEG_LIMIT})
_FILLS: Final = {
    OrderType.COMBO_MARKET: "combo_market_fill",
    OrderType.COMBO_LIMIT: "combo_limit_fill",
    OrderType.COMBO_LEG_LIMIT: "combo_leg_limit_fill",
    OrderType.MARKET: "market_fill",
    OrderType.LIMIT: "limit_fill",
    OrderType.LIMIT_IF_TOUCHED: "limit_if_touched_fill",
    OrderType.STOP_MARKET: "stop_market_fill",
    OrderType.TRAILING_STOP: "trailing_stop_fill",
    OrderType.STOP_LIMIT: "stop_limit_fill",
    OrderType.MARKET_ON_OPEN: "market_on_open_fill",
    OrderType.MARKET_ON_CLOSE: "market_on_close_fill",
}


class FillModel:
    """Mirrors FillModel: options, index options and indices fill on the quote side, else on trades."""

    _internal_counts = True
    _parameters: FillModelParameters

    def fill(self, parameters: FillModelParameters) -> list[OrderEvent]:
        """The events of the order, by its type; an event without fill leaves the order open."""
        self._parameters = parameters
        order, asset = parameters.order, parameters.security
        name = _FILLS.get(order.type)
        if name is None:
            raise ArgumentOutOfRangeException(f"Orders of type {order.type} are not filled by fill models.")
        fill: Callable[[Any, Any], Any] = getattr(self, name)
        return list(fill(order, parameters)) if order.type in _COMBOS else [fill(asset, order)]

    # Combos

    def combo_market_fill(self, order: Order, parameters: FillModelParameters) -> list[OrderEvent]:
        """All legs at the market in one scan, or none."""
        del order
        fills = []
        for pair in parameters.securities_for_orders:
            fill = self._market_fill(pair.value, pair.key, extended=False)
            if fill.status is not OrderStatus.FILLED:
                return []
            fills.append(fill)
        return fills

    def combo_limit_fill(self, order: Order, parameters: FillModelParameters) -> list[OrderEvent]:
        """When the sum of the legs' lows (highs for a sold combo) beats the limit, all legs fill at just these lows (highs)."""
        group = order.group_order_manager
        if group is None:
            return []
        buying = group.direction is OrderDirection.BUY
        legs: list[tuple[Order, Security, Decimal]] = []
        total = ZERO
        for pair in parameters.securities_for_orders:
            leg, asset = pair.key, pair.value
            prices = self._prices(asset, leg.direction)
            if prices.end_utc < leg._time:
                return []
            price = prices.low if buying else prices.high
            ratio = leg._quantity / group._quantity
            total += price * (ratio / _HUNDRED if asset.type is SecurityType.EQUITY else ratio)
            legs.append((leg, asset, price))
        if not (total < group._limit_price if buying else total > group._limit_price):
            return []
        return [_filled(leg, asset, price) for leg, asset, price in legs]

    def combo_leg_limit_fill(self, order: Order, parameters: FillModelParameters) -> list[OrderEvent]:
        """All legs at their own limits in one scan, or none."""
        del order
        fills = []
        for pair in parameters.securities_for_orders:
            fill = self._limit_fill(pair.value, pair.key, pair.key._limit_price)  # type: ignore[attr-defined]  # combo leg limit orders have one
            if fill.status is not OrderStatus.FILLED:
                return []
            fills.append(fill)
        return fills

    # Market orders

    def market_fill(self, asset: "Security", order: Order) -> OrderEvent:
        """At the last price of the side; a price more than an hour old makes the order wait for fresh data."""
        return self._market_fill(asset, order, extended=False)

    def _market_fill(self, asset: "Security", order: Order, *, extended: bool) -> OrderEvent:
        event = self._event(asset, order)
        if order.status is OrderStatus.CANCELED or not is_exchange_open(asset, extended):
            return event
        prices = self._prices(asset, order.direction)
        if prices.end_utc + self._stale_span < order._time:
            if waits_on_stale(asset, prices.end_utc, order._time):
                return event
            event.message = f"Warning: fill at stale price ({local_text(prices.end_utc, asset)} {asset._time_zone})"
        price = prices.open if waits_for_fresh_data(asset) and order._time <= prices.start_utc else prices.current
        return _fill(event, order, self._slipped(asset, order, price))

    def market_on_open_fill(self, asset: "Security", order: Order) -> OrderEvent:
        """At the open of the first bar of a session after the order."""
        event = self._event(asset, order)
        bar = asset.get_last_data()
        if order.status is OrderStatus.CANCELED or bar is None or order._time >= bar._end_utc:
            return event
        hours = asset.exchange.hours
        today = local_date(asset._utc, asset._time_zone)
        if hours._is_open_utc(order._time, False) and local_date(order._time, asset._time_zone) == today:
            return event
        if not is_exchange_open(asset, False):
            return event
        return _fill(event, order, self._slipped(asset, order, self._prices(asset, order.direction).open))

    def market_on_close_fill(self, asset: "Security", order: Order) -> OrderEvent:
        """At the last price once the session after the order has closed."""
        event = self._event(asset, order)
        if order.status is OrderStatus.CANCELED or asset._utc < self._next_close(asset, order):
            return event
        return _fill(event, order, self._slipped(asset, order, self._prices(asset, order.direction).close))

    @staticmethod
    def _next_close(asset: "Security", order: Order) -> int:
        hours = asset.exchange.hours
        return to_utc(hours.get_next_market_close(to_local(order._time, asset._time_zone), False), asset._time_zone)

    # Orders with a price

    def limit_fill(self, asset: "Security", order: Any) -> OrderEvent:
        """On a bar that ends after the order and goes through the limit: at the limit, or at the bar's worse end when that is better."""
        return self._limit_fill(asset, order, order._limit_price)

    def _limit_fill(self, asset: "Security", order: Order, limit_price: Decimal) -> OrderEvent:
        event = self._event(asset, order)
        if order.status is OrderStatus.CANCELED or not is_exchange_open(asset, subscribed_extended_hours(asset)):
            return event
        prices = self._prices(asset, order.direction)
        if prices.end_utc <= order._time:
            return event
        if order.direction is OrderDirection.BUY and prices.low < limit_price:
            return _fill(event, order, min(prices.high, limit_price))
        if order.direction is OrderDirection.SELL and prices.high > limit_price:
            return _fill(event, order, max(prices.low, limit_price))
        return event

    def stop_market_fill(self, asset: "Security", order: Any) -> OrderEvent:
        """On a bar that goes through the stop: at the worse of stop and last price."""
        return self._stop_fill(asset, order, extended=False)

    def _stop_fill(self, asset: "Security", order: Any, *, extended: bool, touch_suffices: bool = False) -> OrderEvent:
        event = self._event(asset, order)
        if order.status is OrderStatus.CANCELED or not is_exchange_open(asset, extended):
            return event
        prices = self._prices(asset, order.direction)
        if prices.end_utc <= order._time:
            return event
        stop, slip = order._stop_price, self._slip(asset, order)
        if order.direction is OrderDirection.SELL and (prices.low < stop or (touch_suffices and prices.low == stop)):
            return _fill(event, order, min(stop, prices.current - slip))
        if order.direction is OrderDirection.BUY and (prices.high > stop or (touch_suffices and prices.high == stop)):
            return _fill(event, order, max(stop, prices.current + slip))
        return event

    def trailing_stop_fill(self, asset: "Security", order: Any) -> OrderEvent:
        """As a stop that a touch triggers; otherwise the stop follows the bar's better end."""
        event = self._stop_fill(asset, order, extended=False, touch_suffices=True)
        if event.status is OrderStatus.FILLED or order.status is OrderStatus.CANCELED or not is_exchange_open(asset, False):
            return event
        prices = self._prices(asset, order.direction)
        if prices.end_utc > order._time and order._follow(prices.high if order.direction is OrderDirection.SELL else prices.low):
            self._parameters.on_order_updated(order)
        return event

    def stop_limit_fill(self, asset: "Security", order: Any) -> OrderEvent:
        """Once the stop was gone through: when the last price is better than the limit."""
        event = self._event(asset, order)
        if order.status is OrderStatus.CANCELED or not is_exchange_open(asset, subscribed_extended_hours(asset)):
            return event
        prices = self._prices(asset, order.direction)
        if prices.end_utc <= order._time:
            return event
        buying = order.direction is OrderDirection.BUY
        if not order.stop_triggered and (prices.high > order._stop_price if buying else prices.low < order._stop_price):
            order.stop_triggered = True
            self._parameters.on_order_updated(order)
        if not order.stop_triggered:
            return event
        if buying and prices.current < order._limit_price:
            return _fill(event, order, min(prices.high, order._limit_price))
        if not buying and prices.current > order._limit_price:
            return _fill(event, order, max(prices.low, order._limit_price))
        return event

    def limit_if_touched_fill(self, asset: "Security", order: Any) -> OrderEvent:
        """Once a trade touched the trigger: at the limit when the quote allows it."""
        event = self._event(asset, order)
        if order.status is OrderStatus.CANCELED or not is_exchange_open(asset, subscribed_extended_hours(asset)):
            return event
        trade = asset.cache._last_of(TradeBar) if TickType.TRADE in subscribed_kinds(asset) else None
        if trade is None or trade._end_utc <= order._time:
            return event
        buying = order.direction is OrderDirection.BUY
        order.trigger_touched |= trade._low <= order._trigger_price if buying else trade._high >= order._trigger_price
        if not order.trigger_touched:
            return event
        quote = self._opposite_quote(asset, trade, buying=buying)
        if quote <= order._limit_price if buying else quote >= order._limit_price:
            return _fill(event, order, order._limit_price)
        return event

    @staticmethod
    def _opposite_quote(asset: "Security", trade: TradeBar, *, buying: bool) -> Decimal:
        quote = asset.cache._last_of(QuoteBar) if TickType.QUOTE in subscribed_kinds(asset) else None
        if quote is None:
            return trade._close
        side = quote.bid if buying else quote.ask
        return quote._close if side is None else side._close

    # Pieces

    @property
    def _stale_span(self) -> int:
        return self._parameters.stale_price_time_span // timedelta(microseconds=1)

    def _prices(self, asset: "Security", direction: OrderDirection) -> Prices:
        return get_prices(asset, direction, internal_counts=self._internal_counts)

    @staticmethod
    def _event(asset: "Security", order: Order) -> OrderEvent:
        return OrderEvent(order, asset._utc, OrderFee.ZERO)

    @staticmethod
    def _slip(asset: "Security", order: Order) -> Decimal:
        return to_price(asset.slippage_model.get_slippage_approximation(asset, order))

    def _slipped(self, asset: "Security", order: Order, price: Decimal) -> Decimal:
        slip = self._slip(asset, order)
        return price + slip if order.direction is OrderDirection.BUY else price - slip


def _fill(event: OrderEvent, order: Order, price: Decimal) -> OrderEvent:
    event.status = OrderStatus.FILLED
    event.fill_price = price
    event.fill_quantity = order._quantity
    return event


def _filled(order: Order, asset: "Security", price: Decimal) -> OrderEvent:
    return _fill(OrderEvent(order, asset._utc, OrderFee.ZERO), order, price)


class ImmediateFillModel(FillModel):
    """Mirrors ImmediateFillModel: LEAN's name of FillModel for options and indices."""
