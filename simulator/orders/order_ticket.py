"""The handle an algorithm keeps of an order (Common/Orders/OrderTicket.cs)."""

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from simulator.common.enums import OrderField, OrderRequestStatus, OrderResponseErrorCode, OrderStatus, OrderType, SecurityType
from simulator.common.printable import Printable
from simulator.common.symbol import Symbol
from simulator.common.system_exceptions import ArgumentException
from simulator.common.time_zone import utc_datetime
from simulator.orders.decimals import ZERO
from simulator.orders.order import Order, pascal_case
from simulator.orders.order_event import OrderEvent, is_fill
from simulator.orders.order_request import CancelOrderRequest, OrderRequest, SubmitOrderRequest, UpdateOrderFields, UpdateOrderRequest
from simulator.orders.order_response import OrderResponse

if TYPE_CHECKING:
    from simulator.orders.transaction_manager import SecurityTransactionManager

_FIELDS = {
    OrderField.LIMIT_PRICE: "_limit_price",
    OrderField.STOP_PRICE: "_stop_price",
    OrderField.TRIGGER_PRICE: "_trigger_price",
    OrderField.TRAILING_AMOUNT: "_trailing_amount",
    OrderField.TRAILING_AS_PERCENTAGE: "trailing_as_percentage",
}


class OrderTicket(Printable):
    """Mirrors OrderTicket: state of an order, its events, and the way to update or cancel it."""

    def __init__(self, transactions: "SecurityTransactionManager", submit_request: SubmitOrderRequest) -> None:
        self._transactions = transactions
        self.submit_request = submit_request
        self.cancel_request: CancelOrderRequest | None = None
        self.update_requests: list[UpdateOrderRequest] = []
        self.order_events: list[OrderEvent] = []
        self._order: Order | None = None
        self._status_override: OrderStatus | None = None
        self._quantity_filled = ZERO
        self._average_fill_price = ZERO

    @property
    def order_id(self) -> int:
        """Id of the order, -10 when the request never became one."""
        return self.submit_request.order_id

    @property
    def status(self) -> OrderStatus:
        """State of the order."""
        if self._status_override is not None:
            return self._status_override
        return OrderStatus.NEW if self._order is None else self._order.status

    @property
    def symbol(self) -> Symbol:
        """What is traded."""
        return self.submit_request.symbol

    @property
    def security_type(self) -> SecurityType:
        """Kind of what is traded."""
        return self.submit_request.security_type

    @property
    def order_type(self) -> OrderType:
        """Kind of the order."""
        return self.submit_request.order_type

    @property
    def _quantity(self) -> Decimal:
        return self.submit_request._quantity if self._order is None else self._order._quantity

    @property
    def quantity(self) -> float:
        """Signed quantity of the order."""
        return float(self._quantity)

    @property
    def quantity_filled(self) -> float:
        """Signed quantity filled so far."""
        return float(self._quantity_filled)

    @property
    def quantity_remaining(self) -> float:
        """Signed quantity still open."""
        return float(self._quantity - self._quantity_filled)

    @property
    def average_fill_price(self) -> float:
        """Quantity-weighted price of the fills."""
        return float(self._average_fill_price)

    @property
    def tag(self) -> str | None:
        """Free text of the order."""
        return self.submit_request.tag if self._order is None else self._order.tag

    @property
    def time(self) -> datetime:
        """When the latest request was made, UTC."""
        return utc_datetime(self.get_most_recent_order_request()._time)

    @property
    def has_order(self) -> bool:
        """Whether the request became an order."""
        return self._order is not None

    def get(self, field: OrderField) -> Any:
        """A price of the order.

        Raises:
            ArgumentException: orders of this type do not have it.
        """
        name = _FIELDS[OrderField(field)]
        source: Any = self.submit_request if self._order is None else self._order
        if self.order_type is OrderType.COMBO_LIMIT and name == "_limit_price" and self._order is not None:
            source = self._order.group_order_manager
        value = getattr(source, name, None)
        if value is None:
            raise ArgumentException(
                f"Unable to get field {pascal_case(OrderField(field).name)} on order of type {pascal_case(self.order_type.name)}"
            )
        return value if isinstance(value, bool) else float(value)

    def update(self, fields: UpdateOrderFields) -> OrderResponse:
        """Asks to change the order; applied when pending requests are processed next."""
        request = UpdateOrderRequest(self._transactions._utc, self.order_id, fields)
        ticket = self._transactions.process_request(request)
        return ticket.update_requests[-1].response

    def update_tag(self, tag: str) -> OrderResponse:
        """Changes the tag, also of a closed order."""
        return self._update(tag=tag)

    def update_quantity(self, quantity: float, tag: str | None = None) -> OrderResponse:
        """Changes the quantity."""
        return self._update(quantity=quantity, tag=tag)

    def update_limit_price(self, limit_price: float, tag: str | None = None) -> OrderResponse:
        """Changes the limit."""
        return self._update(limit_price=limit_price, tag=tag)

    def update_stop_price(self, stop_price: float, tag: str | None = None) -> OrderResponse:
        """Changes the stop."""
        return self._update(stop_price=stop_price, tag=tag)

    def update_trigger_price(self, trigger_price: float, tag: str | None = None) -> OrderResponse:
        """Changes the trigger."""
        return self._update(trigger_price=trigger_price, tag=tag)

    def update_stop_trailing_amount(self, trailing_amount: float, tag: str | None = None) -> OrderResponse:
        """Changes the trailing amount."""
        return self._update(trailing_amount=trailing_amount, tag=tag)

    def _update(self, **changes: Any) -> OrderResponse:
        fields = UpdateOrderFields()
        for name, value in changes.items():
            setattr(fields, name, value)
        return self.update(fields)

    def cancel(self, tag: str | None = None) -> OrderResponse:
        """Asks to cancel the order; the cancellation event comes when pending requests are processed next."""
        request = CancelOrderRequest(self._transactions._utc, self.order_id, tag)
        if self._is_cancelling:
            message = f"Order {self.order_id} has already received a cancellation request."
            return OrderResponse.error(request, OrderResponseErrorCode.REQUEST_CANCELED, message)
        ticket = self._transactions.process_request(request)
        return OrderResponse.UNPROCESSED if ticket.cancel_request is None else ticket.cancel_request.response

    @property
    def _is_cancelling(self) -> bool:
        return self.cancel_request is not None and self.cancel_request.status is not OrderRequestStatus.ERROR

    def get_most_recent_order_request(self) -> OrderRequest:
        """The cancellation, else the last update, else the submission."""
        if self.cancel_request is not None:
            return self.cancel_request
        return self.update_requests[-1] if self.update_requests else self.submit_request

    def get_most_recent_order_response(self) -> OrderResponse:
        """The answer to that request."""
        return self.get_most_recent_order_request().response

    def _set_order(self, order: Order) -> None:
        if self._order is not None and self._order.id != order.id:
            raise ArgumentException("Order id mismatch")
        self._order = order

    def _try_set_cancel_request(self, request: CancelOrderRequest) -> bool:
        if self._is_cancelling:
            return False
        self.cancel_request = request
        return True

    def _add_order_event(self, event: OrderEvent) -> None:
        self.order_events.append(event)
        if not event._fill_quantity or self._order is None:
            return
        if self._order.type is not OrderType.OPTION_EXERCISE:
            self._quantity_filled += event._fill_quantity
            fills = (e for e in self.order_events if is_fill(e.status))
            self._average_fill_price = sum((abs(e._fill_quantity) * e._fill_price for e in fills), ZERO) / abs(self._quantity_filled)
            self._order._set_price(self._average_fill_price)
        elif event.is_in_the_money:
            self._order._set_price(self.symbol.id._strike)
            if event._fill_price:
                self._quantity_filled += event._fill_quantity
                self._average_fill_price = self._order._price

    @staticmethod
    def _invalid_order_id(transactions: "SecurityTransactionManager", request: CancelOrderRequest | UpdateOrderRequest) -> "OrderTicket":
        submit = SubmitOrderRequest(OrderType.MARKET, SecurityType.BASE, Symbol.EMPTY, ZERO, ZERO, ZERO, 0, request.tag)
        response = OrderResponse.unable_to_find_order(request)
        submit._set_response(response)
        submit.order_id = request.order_id
        ticket = OrderTicket(transactions, submit)
        request._set_response(response)
        if isinstance(request, CancelOrderRequest):
            ticket._try_set_cancel_request(request)
        else:
            ticket.update_requests.append(request)
        ticket._status_override = OrderStatus.INVALID
        return ticket

    @staticmethod
    def _invalid_submit_request(
        transactions: "SecurityTransactionManager", request: SubmitOrderRequest, response: OrderResponse
    ) -> "OrderTicket":
        request._set_response(response)
        ticket = OrderTicket(transactions, request)
        ticket._status_override = OrderStatus.INVALID
        return ticket

    def __int__(self) -> int:
        response = self.get_most_recent_order_response()
        return int(response.error_code) if response.is_error else self.order_id

    def __str__(self) -> str:
        requests = 1 + len(self.update_requests) + (self.cancel_request is not None)
        asked: list[OrderRequest] = [self.submit_request, *self.update_requests]
        if self.cancel_request is not None:
            asked.append(self.cancel_request)
        counts = f"Request Count: {requests} Response Count: {sum(r.response.is_processed for r in asked)}"
        return f"{self.order_id}: {counts}" if self._order is None else f"{self.order_id}: {self._order} {counts}"
