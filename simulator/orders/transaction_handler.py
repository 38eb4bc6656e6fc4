"""Order requests from the algorithm to the brokerage (Engine/TransactionHandlers/BrokerageTransactionHandler.cs, BacktestingTransactionHandler.cs).

Submissions are processed before the call that makes them returns; updates and cancellations wait for the next submission or step.
"""

from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from simulator.common.enums import OrderRequestStatus, OrderResponseErrorCode, OrderStatus
from simulator.errors import SimulatorError
from simulator.orders.order import Order, OrderSubmissionData
from simulator.orders.order_event import OrderEvent, is_closed
from simulator.orders.order_event_processor import OrderEventProcessor
from simulator.orders.order_factory import create_order
from simulator.orders.order_fee import OrderFee
from simulator.orders.order_request import CancelOrderRequest, OrderRequest, SubmitOrderRequest, UpdateOrderRequest
from simulator.orders.order_response import OrderResponse
from simulator.orders.order_ticket import OrderTicket
from simulator.orders.request_execution import RequestExecution

if TYPE_CHECKING:
    from simulator.securities.security import Security
    from simulator.securities.trading_algorithm import TradingAlgorithm


_BUCKETS: Final = 37
"""Buckets of a new ConcurrentDictionary, the least prime of .NET's table that is not below 31; more come with about ten orders open at once."""


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
    """Mirrors BacktestingTransactionHandler: takes requests, has them carried out, and lets the event processor book what comes back."""

    def __init__(self, algorithm: "TradingAlgorithm", results: Any) -> None:
        self._algorithm = algorithm
        self._brokerage: Brokerage | None = None
        self._orders: dict[int, Order] = {}
        self._tickets: dict[int, OrderTicket] = {}
        self._open: dict[int, OpenOrder] = {}
        self._queue: deque[OrderRequest] = deque()
        self._before_cancel: dict[int, OrderStatus] = {}
        self._latest_delistings: Any = None
        self._execution = RequestExecution(self, algorithm)
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

    @property
    def _open_orders(self) -> list[OpenOrder]:
        """Open orders as LEAN's ConcurrentDictionary enumerates them: bucket by bucket, the newest of a bucket first."""
        newest_first = reversed(list(self._open.values()))
        return sorted(newest_first, key=lambda state: state.order.id % _BUCKETS)

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
        if self._algorithm._engine_slice_events:
            delistings = self._algorithm.current_slice.delistings
            if delistings is not self._latest_delistings:
                self._latest_delistings = delistings
                self.brokerage.process_delistings(delistings)

    def _process_pending_requests(self) -> None:
        while self._queue:
            self._execution.carry_out(self._queue.popleft())
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
        self._execution.set_adjustment_mode(order, security)
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
