"""Books order events and tells everyone (BrokerageTransactionHandler.HandleOrderEvents)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from simulator.common.enums import OrderStatus
from simulator.orders.order import Order
from simulator.orders.order_event import OrderEvent, is_closed, is_fill

if TYPE_CHECKING:
    from simulator.orders.transaction_handler import OpenOrder, TransactionHandler
    from simulator.securities.trading_algorithm import TradingAlgorithm


class OrderEventProcessor:
    """Order state, portfolio, trades and ticket take the whole batch before the algorithm hears of its first event.

    Attributes:
        log: all events in order.
    """

    def __init__(self, handler: "TransactionHandler", algorithm: "TradingAlgorithm", results: Any) -> None:
        self._handler = handler
        self._algorithm = algorithm
        self._results = results
        self.log: list[OrderEvent] = []

    def process(self, events: Sequence[OrderEvent]) -> None:
        """Takes the events of one order, or of all legs of a combo."""
        found = [self._locate(event) for event in events]
        if any(item is None for item in found):
            return
        known = [item for item in found if item is not None]
        for event, item in zip(events, known, strict=True):
            event.ticket = item.ticket
            self._update_order(event, item.order)
        fills = [event for event in events if is_fill(event.status)]
        self._algorithm.portfolio._process_fills(fills)
        for event, item in zip(events, known, strict=True):
            if is_fill(event.status):
                self._build_trade(event)
            item.ticket._add_order_event(event)
        for event in events:
            self._tell(event)

    def _locate(self, event: OrderEvent) -> "OpenOrder | None":
        handler = self._handler
        if is_closed(event.status):
            item = handler._open.pop(event.order_id, None)
            if item is not None:
                handler._orders[event.order_id] = item.order
                handler._tickets[event.order_id] = item.ticket
                return item
        return handler._find(event.order_id)

    def _update_order(self, event: OrderEvent, order: Order) -> None:
        self._update_pending_cancel(event)
        if event.status is not OrderStatus.INVALID or order.status not in {OrderStatus.FILLED, OrderStatus.CANCELED}:
            order.status = event.status
        event.id = order._next_event_id()
        if event.status is OrderStatus.CANCELED:
            order._canceled_time = event._utc
        elif is_fill(event.status):
            order._last_fill_time = event._utc
        elif (
            event.status in {OrderStatus.SUBMITTED, OrderStatus.UPDATE_SUBMITTED}
            and event.ticket is not None
            and event.ticket.update_requests
        ):
            order._last_update_time = event._utc
        event._quantity = order._quantity
        event._copy_prices(order)

    def _update_pending_cancel(self, event: OrderEvent) -> None:
        """CancelPendingOrders.UpdateOrRemove."""
        waiting = self._handler._before_cancel
        if event.order_id in waiting:
            if is_closed(event.status):
                del waiting[event.order_id]
            elif event.status is not OrderStatus.CANCEL_PENDING:
                waiting[event.order_id] = event.status

    def _build_trade(self, event: OrderEvent) -> None:
        security = self._algorithm.securities[event.symbol]
        fee = self._algorithm.portfolio.cash_book._in_account_currency(event.order_fee.value)
        multiplier = security.symbol_properties._contract_multiplier
        self._algorithm.trade_builder.process_fill(event, security._conversion_rate, fee, multiplier)

    def _tell(self, event: OrderEvent) -> None:
        if event.status is OrderStatus.NONE:
            return
        self.log.append(event)
        self._results.order_event(event)
        try:
            self._algorithm.on_order_event(event)
        except Exception as error:  # noqa: BLE001 - LEAN stops the algorithm at the next step whatever its handler raised
            self._algorithm._engine_set_runtime_error(error, "Order Event Handler")
