"""Orders with a limit, a stop or a trigger (LimitOrder, StopMarketOrder, StopLimitOrder, TrailingStopOrder, LimitIfTouchedOrder)."""

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from simulator.common.enums import OrderDirection, OrderType
from simulator.common.market import Currencies
from simulator.common.symbol import Symbol
from simulator.orders.decimals import ZERO, to_price
from simulator.orders.order import Order
from simulator.orders.time_in_force import OrderProperties
from simulator.results.net_number import decimal_text

if TYPE_CHECKING:
    from simulator.orders.order_request import UpdateOrderRequest
    from simulator.securities.security import Security

Time = datetime | int


def limit_order_value(quantity: Decimal, limit_price: Decimal, price: Decimal) -> Decimal:
    """LimitOrder.CalculateOrderValue: sales at the higher, purchases at the lower of limit and market."""
    if quantity < 0:
        return quantity * max(limit_price, price)
    return quantity * min(limit_price, price) if quantity > 0 else ZERO


class _WithLimit(Order):
    _limit_price: Decimal

    @property
    def limit_price(self) -> float:
        """Worst acceptable price."""
        return float(self._limit_price)

    def _unit_value(self, security: "Security") -> Decimal:
        return limit_order_value(self._quantity, self._limit_price, security._price)

    def _apply_update(self, request: "UpdateOrderRequest") -> None:
        super()._apply_update(request)
        if request._limit_price is not None:
            self._limit_price = request._limit_price

    def _price_text(self) -> str:
        return f" at limit {self._money(self._limit_price)}"


class _WithStop(Order):
    _stop_price: Decimal

    @property
    def stop_price(self) -> float:
        """Price that triggers the order."""
        return float(self._stop_price)

    def _apply_update(self, request: "UpdateOrderRequest") -> None:
        super()._apply_update(request)
        if request._stop_price is not None:
            self._stop_price = request._stop_price

    def _price_text(self) -> str:
        return f" at stop {self._money(self._stop_price)}"


class LimitOrder(_WithLimit):
    """Fill at the limit or better."""

    type = OrderType.LIMIT

    def __init__(
        self,
        symbol: Symbol,
        quantity: Any,
        limit_price: Any,
        time: Time = 0,
        tag: str | None = "",
        properties: OrderProperties | None = None,
    ) -> None:
        super().__init__(symbol, quantity, time, tag, properties)
        self._limit_price = to_price(limit_price)

    @property
    def is_marketable(self) -> bool:
        """Whether the limit reached the other side of the quote at submission."""
        quote = self.order_submission_data
        if quote is None:
            return False
        if self._quantity > 0:
            return self._limit_price >= quote.ask_price
        return self._quantity < 0 and self._limit_price <= quote.bid_price


class StopMarketOrder(_WithStop):
    """A market order once the stop is reached."""

    type = OrderType.STOP_MARKET

    def __init__(
        self,
        symbol: Symbol,
        quantity: Any,
        stop_price: Any,
        time: Time = 0,
        tag: str | None = "",
        properties: OrderProperties | None = None,
    ) -> None:
        super().__init__(symbol, quantity, time, tag, properties)
        self._stop_price = to_price(stop_price)

    def _unit_value(self, security: "Security") -> Decimal:
        return limit_order_value(self._quantity, self._stop_price, security._price)


class StopLimitOrder(_WithStop, _WithLimit):
    """A limit order once the stop is reached."""

    type = OrderType.STOP_LIMIT

    def __init__(
        self,
        symbol: Symbol,
        quantity: Any,
        stop_price: Any,
        limit_price: Any,
        time: Time = 0,
        tag: str | None = "",
        properties: OrderProperties | None = None,
    ) -> None:
        super().__init__(symbol, quantity, time, tag, properties)
        self._stop_price = to_price(stop_price)
        self._limit_price = to_price(limit_price)
        self.stop_triggered = False

    def _price_text(self) -> str:
        return f" at stop {self._money(self._stop_price)} limit {self._money(self._limit_price)}"


class TrailingStopOrder(StopMarketOrder):
    """A stop that follows the market at a distance, in price or as a fraction of it."""

    type = OrderType.TRAILING_STOP

    def __init__(
        self,
        symbol: Symbol,
        quantity: Any,
        stop_price: Any,
        trailing_amount: Any,
        trailing_as_percentage: bool,
        time: Time = 0,
        tag: str | None = "",
        properties: OrderProperties | None = None,
    ) -> None:
        super().__init__(symbol, quantity, stop_price, time, tag, properties)
        self._trailing_amount = to_price(trailing_amount)
        self.trailing_as_percentage = trailing_as_percentage

    @property
    def trailing_amount(self) -> float:
        """Distance to the market."""
        return float(self._trailing_amount)

    def _default_tag(self) -> str:
        return f"Trailing Amount: {self._amount_text()}"

    def _amount_text(self) -> str:
        currency = Currencies.get_currency_symbol(self.price_currency)
        amount = self._trailing_amount
        return f"{decimal_text(amount * 100)}%" if self.trailing_as_percentage else f"{currency}{decimal_text(amount)}"

    def _price_text(self) -> str:
        return f"{super()._price_text()}. Trailing amount: {self._amount_text()}"

    def _apply_update(self, request: "UpdateOrderRequest") -> None:
        super()._apply_update(request)
        if request._trailing_amount is not None:
            self._trailing_amount = request._trailing_amount

    def _follow(self, market_price: Decimal) -> bool:
        """TryUpdateStopPrice: moves the stop when the market is farther away than the trailing amount; whether it moved."""
        selling = self.direction is OrderDirection.SELL
        distance = market_price - self._stop_price if selling else self._stop_price - market_price
        reference = market_price * self._trailing_amount if self.trailing_as_percentage else self._trailing_amount
        if distance <= reference:
            return False
        self._stop_price = trailing_stop_price(market_price, self._trailing_amount, self.trailing_as_percentage, self.direction)
        return True


def trailing_stop_price(market_price: Decimal, amount: Decimal, as_percentage: bool, direction: OrderDirection) -> Decimal:
    """TrailingStopOrder.CalculateStopPrice: above the market for purchases, below for sales."""
    distance = market_price * amount if as_percentage else amount
    return market_price + distance if direction is OrderDirection.BUY else market_price - distance


class LimitIfTouchedOrder(_WithLimit):
    """A limit order once the trigger is touched."""

    type = OrderType.LIMIT_IF_TOUCHED

    def __init__(
        self,
        symbol: Symbol,
        quantity: Any,
        trigger_price: Any,
        limit_price: Any,
        time: Time = 0,
        tag: str | None = "",
        properties: OrderProperties | None = None,
    ) -> None:
        super().__init__(symbol, quantity, time, tag, properties)
        self._trigger_price = to_price(trigger_price)
        self._limit_price = to_price(limit_price)
        self.trigger_touched = False

    def _price_text(self) -> str:
        return f" at trigger {self._money(self._trigger_price)} limit {self._money(self._limit_price)}"

    @property
    def trigger_price(self) -> float:
        """Price that arms the limit."""
        return float(self._trigger_price)

    def _apply_update(self, request: "UpdateOrderRequest") -> None:
        super()._apply_update(request)
        if request._trigger_price is not None:
            self._trigger_price = request._trigger_price
