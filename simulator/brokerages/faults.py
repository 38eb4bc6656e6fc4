"""What goes wrong with a real brokerage, on purpose: a brokerage that follows a plan of faults. LEAN has no counterpart; tests switch it on.

Without a plan nothing here runs. Orders are counted as the brokerage gets them, from 1, legs of combos one by one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from simulator.brokerages.backtesting_brokerage import BacktestingBrokerage
from simulator.brokerages.brokerage_message import BrokerageMessageEvent
from simulator.common.enums import BrokerageMessageType, OrderStatus
from simulator.common.time_zone import from_utc_datetime
from simulator.errors import SimulatorError
from simulator.orders.decimals import ONE, ZERO
from simulator.orders.order import Order
from simulator.orders.order_event import OrderEvent
from simulator.orders.order_fee import OrderFee
from simulator.orders.transaction_handler import TransactionHandler
from simulator.securities.option import Option

if TYPE_CHECKING:
    from simulator.securities.security import Security
    from simulator.securities.trading_algorithm import TradingAlgorithm


@dataclass(frozen=True)
class Message:
    """Something the brokerage tells the algorithm at a time (aware): a warning, an error, a lost or restored connection."""

    at: datetime
    type: BrokerageMessageType
    code: str = ""
    text: str = ""


@dataclass(frozen=True)
class Assignment:
    """The whole short position in an option (its value, e.g. "GOOG  160115P00715000") is assigned at a time (aware), whatever the model says.

    Only in the money: LEAN's exercise delivers nothing out of the money, so a position that is not is left alone.
    """

    at: datetime
    contract: str


@dataclass(frozen=True)
class FaultPlan:
    """Which orders fare badly, and what else happens.

    Attributes:
        refused: orders the brokerage does not take; they become invalid at once.
        rejected_later: orders that are submitted and turn invalid at the next scan.
        partial_fills: part of an order that fills first, between 0 and 1; the rest fills a scan later. Whole contracts, at least one.
        fill_delays: how long an order waits before it may fill.
        fill_delay: how long every other order waits.
        lost_cancellations: orders that cannot be cancelled.
        messages: what the brokerage tells.
        assignments: early assignments.
    """

    refused: frozenset[int] = frozenset()
    rejected_later: frozenset[int] = frozenset()
    partial_fills: Mapping[int, float] = field(default_factory=dict)
    fill_delays: Mapping[int, timedelta] = field(default_factory=dict)
    fill_delay: timedelta = timedelta()
    lost_cancellations: frozenset[int] = frozenset()
    messages: tuple[Message, ...] = ()
    assignments: tuple[Assignment, ...] = ()

    def __post_init__(self) -> None:
        wrong = {number: part for number, part in self.partial_fills.items() if not 0 < part < 1}
        times = [message.at for message in self.messages] + [assignment.at for assignment in self.assignments]
        naive = [str(at) for at in times if at.tzinfo is None]
        if wrong or naive:
            raise SimulatorError(f"A fault plan needs partial fills between 0 and 1 and aware times; got {wrong or naive}.")


class FaultyBrokerage(BacktestingBrokerage):
    """A backtesting brokerage with faults."""

    def __init__(self, algorithm: "TradingAlgorithm", handler: TransactionHandler, plan: FaultPlan) -> None:
        super().__init__(algorithm, handler)
        self._plan = plan
        self._numbers: dict[int, int] = {}
        self._filled: dict[int, Decimal] = {}
        self._filled_in_scan: set[int] = set()
        self._messages = sorted(plan.messages, key=lambda message: message.at)
        self._assignments = sorted(plan.assignments, key=lambda assignment: assignment.at)

    def _number(self, order: Order) -> int:
        return self._numbers.setdefault(order.id, len(self._numbers) + 1)

    def place_order(self, order: Order) -> bool:
        """Takes the order unless the plan refuses it."""
        return self._number(order) not in self._plan.refused and super().place_order(order)

    def cancel_order(self, order: Order) -> bool:
        """Cancels the order unless the plan loses the cancellation."""
        return self._number(order) not in self._plan.lost_cancellations and super().cancel_order(order)

    def scan(self) -> None:
        """Messages and assignments that are due, rejections, then the usual scan."""
        self._filled_in_scan.clear()
        self._tell_messages()
        self._assign()
        self._reject()
        super().scan()

    def _tell_messages(self) -> None:
        algorithm: Any = self._algorithm
        while self._messages and from_utc_datetime(self._messages[0].at) <= algorithm._utc:
            message = self._messages.pop(0)
            algorithm.on_brokerage_message(BrokerageMessageEvent(message.type, message.code, message.text))
            if message.type is BrokerageMessageType.DISCONNECT:
                algorithm.on_brokerage_disconnect()
            elif message.type is BrokerageMessageType.RECONNECT:
                algorithm.on_brokerage_reconnect()

    def _assign(self) -> None:
        while self._assignments and from_utc_datetime(self._assignments[0].at) <= self._algorithm._utc:
            wanted = self._assignments.pop(0).contract
            for security in list(self._algorithm.securities._invested()):
                if isinstance(security, Option) and security.symbol.value == wanted and _is_assignable(security):
                    self._closing.close_option(security.symbol, "Assigned by the fault plan")

    def _reject(self) -> None:
        for order in list(self._pending.values()):
            if self._number(order) in self._plan.rejected_later and order._time != self._algorithm._utc:
                self._remove([order], OrderStatus.INVALID, "Rejected by the fault plan")

    def _fills(self, order: Order, securities: "dict[Order, Security]") -> list[OrderEvent]:
        if order.id in self._filled_in_scan or any(self._algorithm._utc < leg._time + self._delay(leg) for leg in securities):
            return []
        fills = super()._fills(order, securities)
        if any(fill.status is not OrderStatus.FILLED for fill in fills):
            return fills
        parts = [self._plan.partial_fills.get(self._number(leg)) for leg in securities]
        part = next((part for part in parts if part is not None), None)
        if part is None:
            return fills
        return [self._rest(fill) for fill in fills] if order.id in self._filled else self._first_part(fills, securities, part)

    def _delay(self, order: Order) -> int:
        delay = self._plan.fill_delays.get(self._number(order), self._plan.fill_delay)
        return delay // timedelta(microseconds=1)

    def _first_part(self, fills: list[OrderEvent], securities: "dict[Order, Security]", part: float) -> list[OrderEvent]:
        """Whole units of the order, for combos the same number of every leg; an order of a single unit fills at once."""
        units = min(_units(leg) for leg in securities)
        first = Decimal(max(1, int(units * Decimal(str(part)))))
        if first >= units:
            return fills
        for fill in fills:
            fill._fill_quantity = fill._fill_quantity * first / units
            fill.status = OrderStatus.PARTIALLY_FILLED
            fill.order_fee = OrderFee.ZERO
            self._filled[fill.order_id] = fill._fill_quantity
            self._filled_in_scan.add(fill.order_id)
        return fills

    def _rest(self, fill: OrderEvent) -> OrderEvent:
        fill._fill_quantity -= self._filled.pop(fill.order_id, ZERO)
        return fill


def _units(order: Order) -> Decimal:
    group = order.group_order_manager
    return abs(order._quantity) if group is None else max(abs(group._quantity), ONE)


def _is_assignable(option: Option) -> bool:
    return option.holdings.is_short and option._is_auto_exercised(option.underlying._close)
