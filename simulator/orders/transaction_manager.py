"""What `algorithm.transactions` is (Common/Securities/SecurityTransactionManager.cs)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from simulator.common.symbol_cache import SymbolCache
from simulator.common.system_exceptions import InvalidOperationException
from simulator.common.time_zone import utc_datetime
from simulator.orders.decimals import ZERO
from simulator.orders.order import Order
from simulator.orders.order_request import CancelOrderRequest, OrderRequest, SubmitOrderRequest, UpdateOrderRequest
from simulator.orders.order_response import OrderResponse
from simulator.orders.order_ticket import OrderTicket

if TYPE_CHECKING:
    from simulator.orders.transaction_handler import TransactionHandler
    from simulator.securities.security import Security
    from simulator.securities.trading_algorithm import TradingAlgorithm

_MILLISECOND: Final = 1000

TicketFilter = Callable[[OrderTicket], bool]
OrderFilter = Callable[[Order], bool]


class TransactionRecord(NamedTuple):
    """Profit of a closing fill net of twice its fee, and whether LEAN counts it as a win."""

    profit_loss: Decimal
    is_win: bool


@dataclass(frozen=True)
class ProjectedHoldings:
    """Mirrors ProjectedHoldings: what is held and what the open orders still have to fill."""

    _held: Decimal
    _open: Decimal

    @property
    def _projected(self) -> Decimal:
        return self._held + self._open

    @property
    def holdings_quantity(self) -> float:
        """What is held."""
        return float(self._held)

    @property
    def open_orders_quantity(self) -> float:
        """What the open orders still have to fill."""
        return float(self._open)

    @property
    def projected_quantity(self) -> float:
        """Both together."""
        return float(self._projected)


class SecurityTransactionManager:
    """Mirrors SecurityTransactionManager: requests go in, tickets and orders can be looked up, closing fills leave a record."""

    def __init__(self, algorithm: "TradingAlgorithm") -> None:
        self._algorithm = algorithm
        self._order_id = 0
        self._group_id = 0
        self._records: dict[int, TransactionRecord] = {}
        self._processor: TransactionHandler | None = None

    @property
    def _utc(self) -> int:
        return self._algorithm._utc

    @property
    def utc_time(self) -> datetime:
        """Now, UTC."""
        return utc_datetime(self._utc)

    @property
    def _handler(self) -> "TransactionHandler":
        if self._processor is None:
            raise InvalidOperationException(
                "Orders cannot be processed before the algorithm runs; the transaction handler is set after construction."
            )
        return self._processor

    def _set_order_processor(self, handler: "TransactionHandler") -> None:
        self._processor = handler

    @property
    def transaction_record(self) -> dict[datetime, float]:
        """Profit of each closing fill by time."""
        return {utc_datetime(utc): float(record.profit_loss) for utc, record in self._records.items()}

    @property
    def win_count(self) -> int:
        """Number of closing fills that count as wins."""
        return sum(record.is_win for record in self._records.values())

    @property
    def loss_count(self) -> int:
        """Number of closing fills that count as losses."""
        return len(self._records) - self.win_count

    @property
    def winning_transactions(self) -> dict[datetime, float]:
        """Profit of the closing fills that count as wins by time."""
        return {utc_datetime(utc): float(record.profit_loss) for utc, record in self._records.items() if record.is_win}

    @property
    def losing_transactions(self) -> dict[datetime, float]:
        """Profit of the closing fills that count as losses by time."""
        return {utc_datetime(utc): float(record.profit_loss) for utc, record in self._records.items() if not record.is_win}

    @property
    def last_order_id(self) -> int:
        """The highest order id given out."""
        return self._order_id

    @property
    def orders_count(self) -> int:
        """Number of orders with an id, refused and engine-made ones included."""
        return self._handler.orders_count

    def process_request(self, request: OrderRequest) -> OrderTicket:
        """Hands a request to the handler.

        Raises:
            InvalidOperationException: the algorithm is warming up.
        """
        if self._algorithm.is_warming_up:
            raise InvalidOperationException(str(OrderResponse.warming_up(request)))
        if isinstance(request, SubmitOrderRequest) and request.order_id < 1:
            request.order_id = self._next_order_id()
        return self._handler.process(request)

    def add_order(self, request: SubmitOrderRequest) -> OrderTicket:
        """Submits an order."""
        return self.process_request(request)

    def update_order(self, request: UpdateOrderRequest) -> OrderTicket:
        """Asks to update an order."""
        return self.process_request(request)

    def cancel_order(self, order_id: int, order_tag: str | None = None) -> OrderTicket:
        """Asks to cancel an order."""
        return self.process_request(CancelOrderRequest(self._utc, order_id, order_tag or ""))

    def cancel_open_orders(self, symbol: Any = None, tag: str | None = None) -> list[OrderTicket]:
        """Asks to cancel all open orders, or those of a symbol, and returns their tickets."""
        if self._algorithm.is_warming_up:
            raise InvalidOperationException("This operation is not allowed in initialize or during warm up: cancel_open_orders.")
        if symbol is None:
            tag = f"Canceled by CancelOpenOrders() at {utc_datetime(self._utc):%Y-%m-%dT%H:%M:%S.%f}0Z"
        tickets = self.get_open_order_tickets(symbol)
        for ticket in tickets:
            ticket.cancel(tag)
        return tickets

    def get_order_ticket(self, order_id: int) -> OrderTicket | None:
        """The ticket of an order id."""
        return self._handler.get_order_ticket(order_id)

    def get_order_tickets(self, filter: TicketFilter | None = None) -> list[OrderTicket]:
        """All tickets that became orders."""
        return [ticket for ticket in self._handler._tickets.values() if filter is None or filter(ticket)]

    def get_open_order_tickets(self, filter: Any = None) -> list[OrderTicket]:
        """Tickets of open orders, of a symbol or that pass a filter."""
        accepts = _by_symbol(filter)
        return [state.ticket for state in self._handler._open_orders if accepts(state.ticket)]

    def get_open_orders_remaining_quantity(self, filter: Any = None) -> float:
        """Sum of what the open orders still have to fill."""
        return float(self._remaining(filter))

    def _remaining(self, filter: Any) -> Decimal:
        return sum((ticket._quantity - ticket._quantity_filled for ticket in self.get_open_order_tickets(filter)), ZERO)

    def get_projected_holdings(self, security: "Security") -> ProjectedHoldings:
        """What is held of a security, with and without what its open orders still have to fill."""
        return ProjectedHoldings(security.holdings._quantity, self._remaining(security.symbol))

    def get_open_orders(self, filter: Any = None) -> list[Order]:
        """Copies of open orders, of a symbol or that pass a filter."""
        accepts = _by_symbol(filter)
        return [state.order.clone() for state in self._handler._open_orders if accepts(state.order)]

    def get_orders(self, filter: OrderFilter | None = None) -> list[Order]:
        """Copies of all orders."""
        return [order.clone() for order in self._handler._orders.values() if filter is None or filter(order)]

    def get_order_by_id(self, order_id: int) -> Order | None:
        """A copy of an order."""
        order = self._handler._orders.get(order_id)
        return None if order is None else order.clone()

    def wait_for_order(self, order_id: int) -> bool:
        """Whether the order is closed; a backtest never waits."""
        ticket = self.get_order_ticket(order_id)
        return ticket is not None and ticket.status.name in {"FILLED", "CANCELED", "INVALID"}

    def _next_order_id(self) -> int:
        self._order_id += 1
        return self._order_id

    def _next_group_id(self) -> int:
        self._group_id += 1
        return self._group_id

    def _add_transaction_record(self, utc: int, profit_loss: Decimal, is_win: bool) -> None:
        while utc in self._records:
            utc += _MILLISECOND
        self._records[utc] = TransactionRecord(profit_loss, is_win)


def _by_symbol(filter: Any) -> Callable[[Any], bool]:
    if filter is None:
        return lambda _: True
    if callable(filter):
        return filter  # type: ignore[no-any-return]  # the caller's predicate
    symbol = SymbolCache._resolve(filter)
    return lambda item: bool(item.symbol == symbol)
