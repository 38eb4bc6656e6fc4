"""Requests to submit, update or cancel an order, and the answers (Common/Orders/*Request.cs, OrderResponse.cs)."""

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
from simulator.orders.order import Order, pascal_case, to_instant
from simulator.orders.time_in_force import OrderProperties
from simulator.results.net_number import decimal_text, smart_rounding

UNSET_ORDER_ID = int(OrderResponseErrorCode.UNABLE_TO_FIND_ORDER)
"""The id of a request that never became an order."""

_PRICES: Final = ("trigger_price", "trailing_amount", "trailing_as_percentage")


class OrderResponse(Printable):
    """Mirrors OrderResponse: whether a request was taken, and why not."""

    UNPROCESSED: ClassVar["OrderResponse"]

    def __init__(self, order_id: int, error_code: OrderResponseErrorCode, error_message: str | None) -> None:
        self.order_id = order_id
        self.error_code = error_code
        self.error_message = None if error_code is OrderResponseErrorCode.NONE else error_message or "An unexpected error occurred."

    @property
    def is_processed(self) -> bool:
        """Whether there is an answer yet."""
        return self is not OrderResponse.UNPROCESSED

    @property
    def is_error(self) -> bool:
        """Whether the request was refused."""
        return self.is_processed and self.error_code is not OrderResponseErrorCode.NONE

    @property
    def is_success(self) -> bool:
        """Whether the request was taken."""
        return self.is_processed and not self.is_error

    @staticmethod
    def success(request: "OrderRequest") -> "OrderResponse":
        """The request was taken."""
        return OrderResponse(request.order_id, OrderResponseErrorCode.NONE, None)

    @staticmethod
    def error(request: "OrderRequest", error_code: OrderResponseErrorCode, error_message: str) -> "OrderResponse":
        """The request was refused."""
        return OrderResponse(request.order_id, error_code, error_message)

    @staticmethod
    def invalid_status(request: "OrderRequest", order: Order) -> "OrderResponse":
        """The order is closed already."""
        message = f"Unable to update order with id {request.order_id} because it already has {pascal_case(order.status.name)} status."
        return OrderResponse.error(request, OrderResponseErrorCode.INVALID_ORDER_STATUS, message)

    @staticmethod
    def invalid_new_status(request: "OrderRequest", order: Order) -> "OrderResponse":
        """The order was not confirmed yet."""
        message = (
            f"Unable to update or cancel order with id {request.order_id} and status {pascal_case(order.status.name)}"
            " because the submit confirmation has not been received yet."
        )
        return OrderResponse.error(request, OrderResponseErrorCode.INVALID_NEW_ORDER_STATUS, message)

    @staticmethod
    def unable_to_find_order(request: "OrderRequest") -> "OrderResponse":
        """No order has this id."""
        return OrderResponse.error(
            request, OrderResponseErrorCode.UNABLE_TO_FIND_ORDER, f"Unable to locate order with id {request.order_id}."
        )

    @staticmethod
    def zero_quantity(request: "OrderRequest") -> "OrderResponse":
        """Nothing was ordered."""
        message = f"Unable to {request.order_request_type.name.lower()} order with id {request.order_id} that has zero quantity."
        return OrderResponse.error(request, OrderResponseErrorCode.ORDER_QUANTITY_ZERO, message)

    @staticmethod
    def missing_security(request: "SubmitOrderRequest") -> "OrderResponse":
        """The security was never added."""
        message = f"You haven't requested {request.symbol} data. Add this with add_security() in the initialize() method."
        return OrderResponse.error(request, OrderResponseErrorCode.MISSING_SECURITY, message)

    @staticmethod
    def warming_up(request: "OrderRequest") -> "OrderResponse":
        """Orders wait for the end of the warm-up."""
        message = (
            f"This operation is not allowed in initialize or during warm up: OrderRequest.{request.order_request_type.name.lower()}."
            " Please move this code to the on_warmup_finished() method."
        )
        return OrderResponse.error(request, OrderResponseErrorCode.ALGORITHM_WARMING_UP, message)

    def __str__(self) -> str:
        if not self.is_processed:
            return "Unprocessed"
        return f"Error: {pascal_case(self.error_code.name)} - {self.error_message}" if self.is_error else "Success"


OrderResponse.UNPROCESSED = OrderResponse(-(2**31), OrderResponseErrorCode.NONE, None)


class OrderRequest:
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

    def _set_response(self, response: OrderResponse, status: OrderRequestStatus = OrderRequestStatus.ERROR) -> None:
        self.status = OrderRequestStatus.ERROR if response.is_error else status
        self.response = response

    def to_string(self) -> str:
        """The same as `str`."""
        return str(self)

    def __str__(self) -> str:
        kind = pascal_case(self.order_request_type.name)
        what = f"{self._text()}{self.tag or ''}"
        return f"{self.time:%m/%d/%Y %H:%M:%S} UTC: {kind} Order: ({self.order_id}) - {what} Status: {pascal_case(self.status.name)}"

    def _text(self) -> str:
        return ""


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

    def _text(self) -> str:
        from simulator.orders.order_factory import create_order  # noqa: PLC0415 - makes orders of these requests

        return f"{create_order(self)} "

    def __str__(self) -> str:
        return f"{super().__str__()} Async: {self.asynchronous}"

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


class UpdateOrderFields:
    """Mirrors UpdateOrderFields: what is to change; None leaves as it is."""

    def __init__(self) -> None:
        self.quantity: float | None = None
        self.limit_price: float | None = None
        self.stop_price: float | None = None
        self.trigger_price: float | None = None
        self.trailing_amount: float | None = None
        self.tag: str | None = None


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

    def _text(self) -> str:
        changes = [f"Quantity: {decimal_text(self._quantity)}"] if self._quantity is not None else []
        prices = {
            "LimitPrice": self._limit_price,
            "StopPrice": self._stop_price,
            "TrailingAmount": self._trailing_amount,
            "TriggerPrice": self._trigger_price,
        }
        changes += [f"{name}: {decimal_text(smart_rounding(price))}" for name, price in prices.items() if price is not None]
        return f"{', '.join(changes)} "

    def _is_allowed_for_closed_order(self) -> bool:
        return all(
            value is None for value in (self._quantity, self._limit_price, self._stop_price, self._trigger_price, self._trailing_amount)
        )


class CancelOrderRequest(OrderRequest):
    """Mirrors CancelOrderRequest."""

    order_request_type = OrderRequestType.CANCEL
