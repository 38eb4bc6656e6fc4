"""What happens to an order (Common/Orders/OrderEvent.cs)."""

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from simulator.common.enums import OrderDirection, OrderStatus
from simulator.common.market import Currencies
from simulator.common.printable import Printable
from simulator.common.symbol import Symbol
from simulator.common.time_zone import utc_datetime
from simulator.orders.decimals import ZERO, to_price
from simulator.orders.order import Order, pascal_case, to_instant
from simulator.orders.order_fee import OrderFee
from simulator.results.net_number import decimal_text, normalize, smart_rounding

if TYPE_CHECKING:
    from simulator.orders.order_ticket import OrderTicket


class OrderEvent(Printable):
    """Mirrors OrderEvent; `_`-names hold decimals and UTC microseconds.

    LEAN's two ways to make one: `OrderEvent(order, utc_time, fee[, message])`, or every field from the order's id to the message.
    """

    def __init__(self, order: Any, utc_time: Any, order_fee: Any, message: Any = "", *rest: Any) -> None:
        if rest:
            self._take_fields(order, utc_time, order_fee, message, *rest)
            return
        self._take(order.id, order.symbol, to_instant(utc_time), order.status, order.direction, order_fee, message)
        self._quantity = order._quantity
        self.fill_price_currency = order.price_currency

    def _take_fields(
        self,
        order_id: int,
        symbol: Symbol,
        utc_time: datetime | int,
        status: OrderStatus,
        direction: OrderDirection,
        fill_price: Any,
        fill_quantity: Any,
        order_fee: OrderFee,
        message: str = "",
    ) -> None:
        self._take(order_id, symbol, to_instant(utc_time), status, direction, order_fee, message)
        self.fill_price = fill_price
        self.fill_quantity = fill_quantity

    def _take(
        self, order_id: int, symbol: Symbol, utc: int, status: OrderStatus, direction: OrderDirection, order_fee: OrderFee, message: str
    ) -> None:
        self.order_id = order_id
        self.id = 0
        self.symbol = symbol
        self._utc = utc
        self.status = status
        self.direction = direction
        self.order_fee = order_fee
        self.message = message
        self.is_assignment = False
        self.is_in_the_money = False
        self.fill_price_currency = ""
        self._fill_price = ZERO
        self._fill_quantity = ZERO
        self._quantity = ZERO
        self._limit_price: Decimal | None = None
        self._stop_price: Decimal | None = None
        self._trigger_price: Decimal | None = None
        self._trailing_amount: Decimal | None = None
        self.trailing_as_percentage: bool | None = None
        self.ticket: OrderTicket | None = None

    @property
    def utc_time(self) -> datetime:
        """When it happened, UTC."""
        return utc_datetime(self._utc)

    @property
    def fill_price(self) -> float:
        """Price of the fill, 0 when there is none."""
        return float(self._fill_price)

    @fill_price.setter
    def fill_price(self, value: Any) -> None:
        self._fill_price = normalize(to_price(value))

    @property
    def fill_quantity(self) -> float:
        """Signed quantity filled by this event."""
        return float(self._fill_quantity)

    @fill_quantity.setter
    def fill_quantity(self, value: Any) -> None:
        self._fill_quantity = normalize(to_price(value))

    @property
    def absolute_fill_quantity(self) -> float:
        """Quantity filled without sign."""
        return abs(self.fill_quantity)

    @property
    def quantity(self) -> float:
        """Quantity of the order."""
        return float(self._quantity)

    @quantity.setter
    def quantity(self, value: Any) -> None:
        self._quantity = normalize(to_price(value))

    @property
    def limit_price(self) -> float | None:
        """Limit of the order, None when it has none."""
        return _optional(self._limit_price)

    @property
    def stop_price(self) -> float | None:
        """Stop of the order, None when it has none."""
        return _optional(self._stop_price)

    @property
    def trigger_price(self) -> float | None:
        """Trigger of the order, None when it has none."""
        return _optional(self._trigger_price)

    @property
    def trailing_amount(self) -> float | None:
        """Trailing amount of the order, None when it has none."""
        return _optional(self._trailing_amount)

    def _copy_prices(self, order: Order) -> None:
        """Takes limit, stop, trigger and trailing amount from the order; a combo's common limit stays out, as in LEAN."""
        for name in ("_limit_price", "_stop_price", "_trigger_price", "_trailing_amount"):
            value = getattr(order, name, None)
            if value is not None:
                setattr(self, name, normalize(value))

    def __str__(self) -> str:
        currency = Currencies.get_currency_symbol(self.fill_price_currency)
        when = utc_datetime(self._utc)
        parts = [
            f"Time: {when:%m/%d/%Y %H:%M:%S} OrderID: {self.order_id} EventID: {self.id} Symbol: {self.symbol.value}"
            f" Status: {pascal_case(self.status.name)} Quantity: {decimal_text(self._quantity)}"
        ]
        if self._fill_quantity:
            parts.append(
                f"FillQuantity: {decimal_text(self._fill_quantity)} FillPrice: {currency}{decimal_text(smart_rounding(self._fill_price))}"
            )
        if self._limit_price is not None:
            parts.append(f"LimitPrice: {currency}{decimal_text(smart_rounding(self._limit_price))}")
        if self._stop_price is not None:
            parts.append(f"StopPrice: {currency}{decimal_text(smart_rounding(self._stop_price))}")
        if self._trailing_amount is not None:
            parts.append(f"TrailingAmount: {currency}{decimal_text(self._trailing_amount)}")
        if self._trigger_price is not None:
            parts.append(f"TriggerPrice: {currency}{decimal_text(smart_rounding(self._trigger_price))}")
        if self.order_fee.value._amount:
            parts.append(f"OrderFee: {self.order_fee}")
        if self.message:
            parts.append(f"Message: {self.message}")
        if self.symbol.underlying is not None:
            parts.append(f"IsAssignment: {self.is_assignment}")
        return " ".join(parts)


def _optional(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def is_closed(status: OrderStatus) -> bool:
    """OrderExtensions.IsClosed: filled, cancelled or invalid."""
    return status in _CLOSED


def is_open(status: OrderStatus) -> bool:
    """OrderExtensions.IsOpen."""
    return status not in _CLOSED


def is_fill(status: OrderStatus) -> bool:
    """OrderExtensions.IsFill."""
    return status is OrderStatus.FILLED or status is OrderStatus.PARTIALLY_FILLED


_CLOSED = frozenset({OrderStatus.FILLED, OrderStatus.CANCELED, OrderStatus.INVALID})
