"""Requests to submit, update or cancel an order (Common/Orders/*Request.cs)."""

from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, Final

from simulator.common.enums import OrderRequestStatus, OrderRequestType, OrderResponseErrorCode, OrderType, SecurityType
from simulator.common.printable import Printable
from simulator.common.symbol import Symbol
from simulator.common.symbol_cache import SymbolCache
from simulator.common.time_zone import utc_datetime
from simulator.orders.decimals import ZERO, to_price, to_quantity
from simulator.orders.group_order import GroupOrderManager
from simulator.orders.order import pascal_case, to_instant
from simulator.orders.order_response import OrderResponse
from simulator.orders.time_in_force import OrderProperties
from simulator.results.net_number import decimal_text, smart_rounding

UNSET_ORDER_ID = int(OrderResponseErrorCode.UNABLE_TO_FIND_ORDER)
"""The id of a request that never became an order."""

_PRICES: Final = ("trigger_price", "trailing_amount", "trailing_as_percentage")


class OrderRequest(Printable):
    """Mirrors OrderRequest: something asked of the transaction handler."""

    order_request_type: ClassVar[OrderRequestType]

    def __init__(self, time: datetime | int, order_id: int, tag: str | None) -> None:
        self._time = to_instant(time)
        self.order_id = order_id
        self.tag = tag
        self.response = OrderResponse.UNPROCESSED
        self.status = OrderRequestStatus.UNPROCESSED

    @property
    def time(self) -> datetime:
        """When it was made, UTC."""
        return utc_datetime(self._time)

    def _text(self, what: str, end: str = "") -> str:
        """What all requests print around their own part."""
        name = self.order_request_type.name.capitalize()
        status = pascal_case(self.status.name)
        return f"{self.time:%m/%d/%Y %H:%M:%S} UTC: {name} Order: ({self.order_id}) - {what}{self.tag or ''} Status: {status}{end}"

    def _set_response(self, response: OrderResponse, status: OrderRequestStatus = OrderRequestStatus.ERROR) -> None:
        self.status = OrderRequestStatus.ERROR if response.is_error else status
        self.response = response


def _prices_before_time(rest: tuple[Any, ...]) -> int:
    """How many of LEAN's optional prices a call gives, by the place of its time."""
    return next((count for count in (1, 3) if len(rest) > count and isinstance(rest[count], datetime)), 0)


class SubmitOrderRequest(OrderRequest):
    """Mirrors SubmitOrderRequest: everything an order is made of."""

    order_request_type = OrderRequestType.SUBMIT

    def __init__(
        self,
        order_type: OrderType,
        security_type: SecurityType,
        symbol: Any,
        quantity: Any,
        stop_price: Any,
        limit_price: Any,
        *rest: Any,
        **named: Any,
    ) -> None:
        """Takes `[trigger_price[, trailing_amount, trailing_as_percentage], ]time, tag[, properties, group_order_manager, asynchronous]` last."""
        names = (*_PRICES[: _prices_before_time(rest)], "time", "tag", "properties", "group_order_manager", "asynchronous")
        self._take(**(dict(zip(names, rest, strict=False)) | named))
        self.order_type = order_type
        self.security_type = security_type
        known = SymbolCache._resolve(symbol)
        self.symbol: Symbol = known if isinstance(known, Symbol) else symbol
        self._quantity = to_quantity(quantity)
        self._stop_price = to_price(stop_price)
        self._limit_price = to_price(limit_price)

    def _take(
        self,
        time: datetime | int,
        tag: str | None,
        properties: OrderProperties | None = None,
        group_order_manager: GroupOrderManager | None = None,
        asynchronous: bool = False,
        trigger_price: Any = ZERO,
        trailing_amount: Any = ZERO,
        trailing_as_percentage: bool = False,
    ) -> None:
        super().__init__(time, UNSET_ORDER_ID, tag)
        self._trigger_price = to_price(trigger_price)
        self._trailing_amount = to_price(trailing_amount)
        self.trailing_as_percentage = trailing_as_percentage
        self.order_properties = properties
        self.group_order_manager = group_order_manager
        self.asynchronous = asynchronous

    @property
    def quantity(self) -> float:
        """Signed quantity."""
        return float(self._quantity)

    @property
    def limit_price(self) -> float:
        """Limit, 0 when there is none."""
        return float(self._limit_price)

    @property
    def stop_price(self) -> float:
        """Stop, 0 when there is none."""
        return float(self._stop_price)

    @property
    def trigger_price(self) -> float:
        """Trigger, 0 when there is none."""
        return float(self._trigger_price)

    @property
    def trailing_amount(self) -> float:
        """Trailing amount, 0 when there is none."""
        return float(self._trailing_amount)

    def __str__(self) -> str:
        from simulator.orders.order_factory import proxy_of  # noqa: PLC0415 - orders are made of requests

        return self._text(f"{proxy_of(self)} ", f" Async: {self.asynchronous}")


class UpdateOrderFields:
    """Mirrors UpdateOrderFields: what is to change; None leaves as it is."""

    def __init__(self) -> None:
        self.quantity: float | None = None
        self.limit_price: float | None = None
        self.stop_price: float | None = None
        self.trigger_price: float | None = None
        self.trailing_amount: float | None = None
        self.tag: str | None = None


def _optional(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _optional_price(value: Any) -> Decimal | None:
    return None if value is None else to_price(value)


class UpdateOrderRequest(OrderRequest):
    """Mirrors UpdateOrderRequest."""

    order_request_type = OrderRequestType.UPDATE

    def __init__(self, time: datetime | int, order_id: int, fields: UpdateOrderFields) -> None:
        super().__init__(time, order_id, fields.tag)
        self._quantity = _optional_price(fields.quantity)
        self._limit_price = _optional_price(fields.limit_price)
        self._stop_price = _optional_price(fields.stop_price)
        self._trigger_price = _optional_price(fields.trigger_price)
        self._trailing_amount = _optional_price(fields.trailing_amount)

    @property
    def quantity(self) -> float | None:
        """The new quantity, None keeps the old one."""
        return _optional(self._quantity)

    @property
    def limit_price(self) -> float | None:
        """The new limit, None keeps the old one."""
        return _optional(self._limit_price)

    @property
    def stop_price(self) -> float | None:
        """The new stop, None keeps the old one."""
        return _optional(self._stop_price)

    @property
    def trigger_price(self) -> float | None:
        """The new trigger, None keeps the old one."""
        return _optional(self._trigger_price)

    @property
    def trailing_amount(self) -> float | None:
        """The new trailing amount, None keeps the old one."""
        return _optional(self._trailing_amount)

    def __str__(self) -> str:
        prices = {
            "LimitPrice": self._limit_price,
            "StopPrice": self._stop_price,
            "TrailingAmount": self._trailing_amount,
            "TriggerPrice": self._trigger_price,
        }
        parts = [] if self._quantity is None else [f"Quantity: {decimal_text(self._quantity)}"]
        parts += [f"{name}: {decimal_text(smart_rounding(price))}" for name, price in prices.items() if price is not None]
        return self._text(f"{', '.join(parts)} ")

    def _is_allowed_for_closed_order(self) -> bool:
        return all(
            value is None for value in (self._quantity, self._limit_price, self._stop_price, self._trigger_price, self._trailing_amount)
        )


class CancelOrderRequest(OrderRequest):
    """Mirrors CancelOrderRequest."""

    order_request_type = OrderRequestType.CANCEL

    def __str__(self) -> str:
        return self._text("")
