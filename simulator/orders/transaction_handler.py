"""Order requests from the algorithm to the brokerage (Engine/TransactionHandlers/BrokerageTransactionHandler.cs, BacktestingTransactionHandler.cs).

Submissions are processed before the call that makes them returns; updates and cancellations wait for the next submission or step.
"""

from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from simulator.common.enums import OrderRequestStatus, OrderResponseErrorCode, OrderStatus
from simulator.common.symbol import Symbol
from simulator.common.system_exceptions import SystemException
from simulator.errors import SimulatorError
from simulator.orders.group_order import orders_of_group
from simulator.orders.order import Order, OrderSubmissionData
from simulator.orders.order_event import OrderEvent, is_closed
from simulator.orders.order_event_processor import OrderEventProcessor
from simulator.orders.order_factory import create_order
from simulator.orders.order_fee import OrderFee
from simulator.orders.order_request import CancelOrderRequest, OrderRequest, OrderResponse, SubmitOrderRequest, UpdateOrderRequest
from simulator.orders.order_ticket import OrderTicket
from simulator.orders.price_rounding import PriceRounding
from simulator.results.net_number import decimal_text, smart_rounding

if TYPE_CHECKING:
    from simulator.securities.margin_model import BuyingPowerCheck
    from simulator.securities.security import Security
    from simulator.securities.trading_algorithm import TradingAlgorithm


class OpenOrder(NamedTuple):
    """An order with its ticket and security."""

    order: Order
    ticket: OrderTicket
    security: "Security"


class Brokerage(Protocol):
    """What the handler asks of a brokerage."""

    def place_order(self, order: Order) -> bool:
        """Whether the order was taken."""

    def update_order(self, order: Order) -> bool:
        """Whether the change was taken."""

    def cancel_order(self, order: Order) -> bool:
        """Whether the cancellation was taken."""

    def scan(self) -> None:
        """Fills what can fill now."""

    def process_delistings(self, delistings: Any) -> None:
        """Closes what has expired or was delisted."""


class TransactionHandler:
    """Mirrors BacktestingTransactionHandler: checks requests, passes them on, and lets the event processor book what comes back."""

    def __init__(self, algorithm: "TradingAlgorithm", results: Any) -> None:
        self._algorithm = algorithm
        self._brokerage: Brokerage | None = None
        self._orders: dict[int, Order] = {}
        self._tickets: dict[int, OrderTicket] = {}
        self._open: dict[int, OpenOrder] = {}
        self._queue: deque[OrderRequest] = deque()
        self._before_cancel: dict[int, OrderStatus] = {}
        self._adjustment_modes: dict[Symbol, Any] = {}
        self._latest_delistings: Any = None
        self._round_off_told = False
        self._rounding = PriceRounding(algorithm)
        self._events = OrderEventProcessor(self, algorithm, results)
        self.orders_count = 0
        algorithm.transactions._set_order_processor(self)

    @property
    def _order_events(self) -> list[OrderEvent]:
        return self._events.log

    @property
    def has_open_orders(self) -> bool:
        """Whether any order could still fill."""
        return bool(self._open)

    def _set_brokerage(self, brokerage: Brokerage) -> None:
        self._brokerage = brokerage

    @property
    def brokerage(self) -> Brokerage:
        """Where orders go."""
        if self._brokerage is None:
            raise SimulatorError("The transaction handler has no brokerage; give it one before the algorithm runs.")
        return self._brokerage

    def get_order_ticket(self, order_id: int) -> OrderTicket | None:
        """The ticket of an order."""
        return self._tickets.get(order_id)

    def process(self, request: OrderRequest) -> OrderTicket:
        """Takes a request and returns the ticket of its order."""
        if isinstance(request, SubmitOrderRequest):
            return self._add_order(request)
        if isinstance(request, UpdateOrderRequest):
            return self._update_order(request)
        if isinstance(request, CancelOrderRequest):
            return self._cancel_order(request)
        raise SimulatorError(f"Unknown order request {request!r}.")

    def process_synchronous_events(self) -> None:
        """Once before and once after the algorithm's handlers in a step: waiting requests, fills, expirations."""
        self._process_pending_requests()
        self.brokerage.scan()
        if self._algorithm._slice_events:
            delistings = self._algorithm.current_slice.delistings
            if delistings is not self._latest_delistings:
                self._latest_delistings = delistings
                self.brokerage.process_delistings(delistings)

    def _process_pending_requests(self) -> None:
        while self._queue:
            self._handle(self._queue.popleft())
            self.brokerage.scan()

    # Requests come in

    def _add_order(self, request: SubmitOrderRequest) -> OrderTicket:
        request._set_response(OrderResponse.success(request))
        security = self._algorithm.securities[request.symbol]
        ticket = OrderTicket(self._algorithm.transactions, request)
        order = create_order(request)
        self.orders_count += 1
        self._tickets[order.id] = ticket
        order.order_submission_data = OrderSubmissionData(security._bid_price, security._ask_price, security._close)
        self._open[order.id] = OpenOrder(order, ticket, security)
        self._queue.append(request)
        self._process_pending_requests()
        return ticket

    def _update_order(self, request: UpdateOrderRequest) -> OrderTicket:
        found = self._find(request.order_id)
        if found is None:
            return OrderTicket._invalid_order_id(self._algorithm.transactions, request)
        order, ticket, _ = found
        ticket.update_requests.append(request)
        refusal = self._update_refusal(request, order)
        request._set_response(refusal or OrderResponse.success(request), OrderRequestStatus.PROCESSING)
        if refusal is None:
            self._queue.append(request)
        return ticket

    def _update_refusal(self, request: UpdateOrderRequest, order: Order) -> OrderResponse | None:
        if order.status is OrderStatus.NEW:
            return OrderResponse.invalid_new_status(request, order)
        if is_closed(order.status) and not request._is_allowed_for_closed_order():
            return OrderResponse.invalid_status(request, order)
        if request._quantity is not None and not request._quantity:
            return OrderResponse.zero_quantity(request)
        return OrderResponse.warming_up(request) if self._algorithm.is_warming_up else None

    def _cancel_order(self, request: CancelOrderRequest) -> OrderTicket:
        found = self._find(request.order_id)
        if found is None:
            return OrderTicket._invalid_order_id(self._algorithm.transactions, request)
        order, ticket, _ = found
        if not ticket._try_set_cancel_request(request):
            message = "Cancellation is already in progress."
            request._set_response(OrderResponse.error(request, OrderResponseErrorCode.INVALID_REQUEST, message))
            return ticket
        if request.tag is not None:
            order.tag = request.tag
        if order.status is OrderStatus.NEW:
            request._set_response(OrderResponse.invalid_new_status(request, order))
        elif is_closed(order.status):
            request._set_response(OrderResponse.invalid_status(request, order))
        elif self._algorithm.is_warming_up:
            request._set_response(OrderResponse.warming_up(request))
        else:
            self._before_cancel[order.id] = order.status
            order.status = OrderStatus.CANCEL_PENDING
            self._emit([OrderEvent(order, self._algorithm._utc, OrderFee.ZERO)])
            request._set_response(OrderResponse.success(request), OrderRequestStatus.PROCESSING)
            self._queue.append(request)
        return ticket

    # Requests are carried out

    def _handle(self, request: OrderRequest) -> None:
        if isinstance(request, SubmitOrderRequest):
            response = self._submit(request)
        elif isinstance(request, UpdateOrderRequest):
            response = self._apply_update(request)
        else:
            response = self._apply_cancel(request)
        request._set_response(response, OrderRequestStatus.PROCESSED)

    def _submit(self, request: SubmitOrderRequest) -> OrderResponse:
        order, ticket, security = self._open[request.order_id]
        self._orders[order.id] = order
        self._prepare(order, security)
        complete, orders = orders_of_group(order, self._orders.get)
        securities = self._securities_of(orders)
        self._rounding.round(order, security, securities if complete else None)
        ticket._set_order(order)
        if not complete:
            return OrderResponse.success(request)
        if any(not leg._quantity for leg in orders):
            return self._refuse(orders, OrderResponse.zero_quantity(request), tell_first=True)
        refusal = self._submission_refusal(request, order, securities)
        if refusal is not None:
            return refusal
        if all(self.brokerage.place_order(leg) for leg in orders):
            return OrderResponse.success(request)
        message = f"Brokerage failed to place orders: [{_ids(orders)}]"
        return self._refuse(orders, OrderResponse.error(request, OrderResponseErrorCode.BROKERAGE_FAILED_TO_SUBMIT_ORDER, message))

    def _prepare(self, order: Order, security: "Security") -> None:
        order.price_currency = security.symbol_properties.quote_currency
        if not order.tag:
            order.tag = order._default_tag()
        self._round_quantity(order, security)
        self._set_adjustment_mode(order, security)

    def _securities_of(self, orders: Sequence[Order]) -> "dict[Order, Security]":
        return {order: self._algorithm.securities[order.symbol] for order in orders}

    def _submission_refusal(self, request: SubmitOrderRequest, order: Order, securities: "dict[Order, Security]") -> OrderResponse | None:
        """Buying power first, then the brokerage model; a refused order is invalid with one event."""
        orders = list(securities)
        check = self._checked_power(request, order, orders)
        if isinstance(check, OrderResponse):
            return check
        if not check.is_sufficient:
            response = OrderResponse.error(
                request, OrderResponseErrorCode.INSUFFICIENT_BUYING_POWER, insufficient_message(securities, check)
            )
            return self._refuse(orders, response, tell_first=True)
        for leg, security in securities.items():
            message = self._algorithm.brokerage_model._refusal(security, leg)
            if message is not None:
                text = f"BrokerageModel declared unable to submit order: [{_ids(orders)}] {message}"
                return self._refuse(
                    orders, OrderResponse.error(request, OrderResponseErrorCode.BROKERAGE_MODEL_REFUSED_TO_SUBMIT_ORDER, text)
                )
        return None

    def _checked_power(self, request: OrderRequest, order: Order, orders: Sequence[Order]) -> "BuyingPowerCheck | OrderResponse":
        try:
            return self._algorithm.portfolio._check_orders(orders)
        except (SystemException, SimulatorError) as error:
            self._algorithm.error(f"Order Error: id: {order.id}, Error executing margin models: {error}")
            self._emit([OrderEvent(order, self._algorithm._utc, OrderFee.ZERO, "Error executing margin models")])
            message = "An error occurred while checking sufficient buying power for the orders."
            return OrderResponse.error(request, OrderResponseErrorCode.PROCESSING_ERROR, message)

    def _refuse(self, orders: Sequence[Order], response: OrderResponse, *, tell_first: bool = False) -> OrderResponse:
        """InvalidateOrders: all legs become invalid, each with an event; the algorithm's log gets the reason."""
        message = response.error_message or ""
        if tell_first:
            self._algorithm.error(message)
        for order in orders:
            if not is_closed(order.status):
                order.status = OrderStatus.INVALID
            self._emit([OrderEvent(order, self._algorithm._utc, OrderFee.ZERO, message)])
        if not tell_first:
            self._algorithm.error(message)
        return response

    def _apply_update(self, request: UpdateOrderRequest) -> OrderResponse:
        found = self._find(request.order_id)
        if found is None:
            return OrderResponse.unable_to_find_order(request)
        order, ticket, security = found
        if order.status is OrderStatus.NEW:
            return OrderResponse.invalid_new_status(request, order)
        closed = is_closed(order.status)
        if closed and not request._is_allowed_for_closed_order():
            return OrderResponse.invalid_status(request, order)
        self._round_quantity(order, security)
        refusal = self._change_refusal(request, order, security)
        if refusal is not None:
            return refusal
        order._apply_update(request)
        complete, orders = orders_of_group(order, self._orders.get)
        self._rounding.round(order, security, self._securities_of(orders) if complete else None)
        ticket._set_order(order)
        if closed or self.brokerage.update_order(order):
            return OrderResponse.success(request)
        message = f"Brokerage failed to update order with id {request.order_id}"
        self._algorithm.error(message)
        self._emit([OrderEvent(order, self._algorithm._utc, OrderFee.ZERO, "Brokerage failed to update order")])
        return OrderResponse.error(request, OrderResponseErrorCode.BROKERAGE_FAILED_TO_UPDATE_ORDER, message)

    def _change_refusal(self, request: UpdateOrderRequest, order: Order, security: "Security") -> OrderResponse | None:
        message = self._algorithm.brokerage_model._update_refusal(security, order, request)
        if message is not None:
            response = OrderResponse.error(
                request, OrderResponseErrorCode.BROKERAGE_MODEL_REFUSED_TO_UPDATE_ORDER, f"OrderID: {order.id} {message}"
            )
            self._algorithm.error(response.error_message)
            self._emit([OrderEvent(order, self._algorithm._utc, OrderFee.ZERO, "BrokerageModel declared unable to update order")])
            return response
        if order.group_order_manager is not None:
            return None
        updated = order.clone()
        updated._apply_update(request)
        check = self._checked_power(request, updated, [updated])
        if isinstance(check, OrderResponse):
            return check
        if check.is_sufficient:
            return None
        text = (
            f"Brokerage failed to update order with id: {order.id}, Symbol: {order.symbol.value},"
            f" Insufficient buying power to complete order, Reason: {check.reason}."
        )
        self._algorithm.error(text)
        self._emit([OrderEvent(updated, self._algorithm._utc, OrderFee.ZERO, text)])
        return OrderResponse.error(request, OrderResponseErrorCode.BROKERAGE_FAILED_TO_UPDATE_ORDER, text)

    def _apply_cancel(self, request: OrderRequest) -> OrderResponse:
        found = self._find(request.order_id)
        if found is None:
            return OrderResponse.unable_to_find_order(request)
        order, ticket, _ = found
        if is_closed(order.status):
            self._fall_back(order)
            return OrderResponse.invalid_status(request, order)
        ticket._set_order(order)
        if not self.brokerage.cancel_order(order):
            message = f"Brokerage failed to cancel order with id {order.id}"
            self._algorithm.error(message)
            self._fall_back(order)
            return OrderResponse.error(request, OrderResponseErrorCode.BROKERAGE_FAILED_TO_CANCEL_ORDER, message)
        if request.tag is not None:
            order.tag = request.tag
        return OrderResponse.success(request)

    def _fall_back(self, order: Order) -> None:
        """CancelPendingOrders.RemoveAndFallback: a cancellation that failed leaves the order as it was."""
        status = self._before_cancel.pop(order.id, None)
        if status is not None:
            order.status = status

    # Orders the engine makes

    def _add_open_order(self, order: Order, security: "Security") -> None:
        """AddOpenOrder: an order of the engine itself gets an id and a ticket, no Submitted event."""
        if order.status in {OrderStatus.NEW, OrderStatus.NONE}:
            order.status = OrderStatus.SUBMITTED
        order._set_id(self._algorithm.transactions._next_order_id())
        request = SubmitOrderRequest(
            order.type, security.type, order.symbol, order._quantity, 0, 0, order._time, order.tag, order.properties
        )
        request.order_id = order.id
        request._set_response(OrderResponse.success(request), OrderRequestStatus.PROCESSED)
        ticket = OrderTicket(self._algorithm.transactions, request)
        ticket._set_order(order)
        self._set_adjustment_mode(order, security)
        self._open[order.id] = OpenOrder(order, ticket, security)
        self._orders[order.id] = order
        self._tickets[order.id] = ticket
        self.orders_count += 1

    # Pieces

    def _emit(self, events: Sequence[OrderEvent]) -> None:
        self._events.process(events)

    def _find(self, order_id: int) -> OpenOrder | None:
        found = self._open.get(order_id)
        if found is not None:
            return found
        order, ticket = self._orders.get(order_id), self._tickets.get(order_id)
        if order is None or ticket is None:
            return None
        return OpenOrder(order, ticket, self._algorithm.securities[order.symbol])

    def _round_quantity(self, order: Order, security: "Security") -> None:
        """RoundOffOrder: whole lots, toward zero."""
        lot = security.symbol_properties._lot_size
        excess = order._quantity % lot
        if not excess:
            return
        order._set_quantity(order._quantity - excess)
        if not self._round_off_told:
            self._round_off_told = True
            lot_text = decimal_text(lot)
            self._algorithm.error(f"Warning: Due to brokerage limitations, orders will be rounded to the nearest lot size of {lot_text}")

    def _set_adjustment_mode(self, order: Order, security: "Security") -> None:
        if order.symbol not in self._adjustment_modes and security._subscriptions:
            self._adjustment_modes[order.symbol] = security._subscriptions[0].data_normalization_mode
        mode = self._adjustment_modes.get(order.symbol)
        if mode is not None:
            order.price_adjustment_mode = mode


def _ids(orders: Sequence[Order]) -> str:
    return ",".join(str(order.id) for order in orders)


def insufficient_message(securities: "dict[Order, Security]", check: "BuyingPowerCheck") -> str:
    """GroupOrderExtensions.GetErrorMessage."""
    values = ",".join(decimal_text(smart_rounding(order._get_value(security))) for order, security in securities.items())
    return f"Order Error: ids: [{_ids(list(securities))}], Insufficient buying power to complete orders (Value:[{values}]), Reason: {check.reason}."
