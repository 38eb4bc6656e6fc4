"""Where backtest orders wait and fill (Brokerages/Backtesting/BacktestingBrokerage.cs)."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from simulator.brokerages.position_closing import PositionClosing
from simulator.common.enums import DelistingType, OrderStatus, OrderType
from simulator.common.security_identifier import is_option
from simulator.common.system_exceptions import SystemException
from simulator.common.time_zone import HOUR
from simulator.errors import SimulatorError
from simulator.orders.fee_models import OrderFeeParameters
from simulator.orders.fill_parameters import FillModelParameters
from simulator.orders.group_order import GroupOrderManager, orders_of_group
from simulator.orders.order import Order, pascal_case
from simulator.orders.order_event import OrderEvent, is_closed
from simulator.orders.order_fee import OrderFee
from simulator.orders.request_execution import insufficient_message
from simulator.orders.transaction_handler import TransactionHandler
from simulator.securities.assignment_model import OptionAssignmentParameters
from simulator.securities.margin_model import BuyingPowerCheck

if TYPE_CHECKING:
    from simulator.securities.security import Security
    from simulator.securities.trading_algorithm import TradingAlgorithm

_MARKET_ON_OPEN, _EXERCISE = OrderType.MARKET_ON_OPEN, OrderType.OPTION_EXERCISE
_AT_ONCE = frozenset({OrderType.MARKET, OrderType.COMBO_MARKET, OrderType.OPTION_EXERCISE})


class BacktestingBrokerage:
    """Mirrors BacktestingBrokerage: holds pending orders by id, fills them in scans, assigns and expires options."""

    def __init__(self, algorithm: "TradingAlgorithm", handler: TransactionHandler) -> None:
        self._algorithm = algorithm
        self._handler = handler
        self._pending: dict[int, Order] = {}
        self._needs_scan = False
        self._next_assignment_utc = 0
        self._closing = PositionClosing(algorithm, handler)
        self._tried: dict[int, _Attempt] = {}
        handler._set_brokerage(self)

    # Orders come in

    def place_order(self, order: Order) -> bool:
        """Takes a new order; it is submitted at once."""
        if order.status is not OrderStatus.NEW:
            return False
        self._wait(order)
        self._emit([self._event(order, OrderStatus.SUBMITTED)])
        return True

    def update_order(self, order: Order) -> bool:
        """Takes a change of a pending order."""
        if order.id not in self._pending:
            return False
        self._wait(order)
        self._emit([self._event(order, OrderStatus.UPDATE_SUBMITTED)])
        return True

    def _wait(self, order: Order) -> None:
        self._needs_scan = True
        self._pending[order.id] = order
        number = str(order.id)
        if number not in order.broker_id:
            order.broker_id.append(number)

    def cancel_order(self, order: Order) -> bool:
        """Cancels an order with all legs of its combo."""
        complete, orders = orders_of_group(order, self._pending.get)
        if not complete:
            return False
        cancelled = True
        for leg in orders:
            cancelled &= self._pending.pop(leg.id, None) is not None
            self._emit([self._event(leg, OrderStatus.CANCELED)])
        return cancelled

    # Orders fill

    def scan(self) -> None:
        """Early assignments once an hour, then every pending order in order of its id."""
        self._scan_assignments()
        if not self._needs_scan:
            return
        self._tried.clear()
        for order_id in sorted(self._pending):
            order = self._pending.get(order_id)
            if order is None:
                continue
            if is_closed(order.status):
                del self._pending[order_id]
            elif order._time != self._algorithm._utc or order.type in _AT_ONCE:
                self._try(order)
        self._needs_scan = bool(self._pending)

    def _try(self, order: Order) -> None:
        """Once for each leg of a combo, as in LEAN; legs share what was found out while no event came between."""
        group = order.group_order_manager
        known = None if group is None else self._tried.get(id(group))
        if known is None:
            known = self._attempt(order, group)
            if known is None:
                return
        orders, securities, check = known
        if check.is_sufficient:
            self._book(orders, self._fills(order, securities))
        elif order.status is not OrderStatus.CANCEL_PENDING:
            message = insufficient_message(securities, check)
            self._remove(orders, OrderStatus.INVALID, message)
            self._algorithm.error(message)

    def _attempt(self, order: Order, group: GroupOrderManager | None) -> "_Attempt | None":
        """The legs of an order and whether they fit, None where they are not to be filled now."""
        complete, orders = orders_of_group(order, self._pending.get)
        if not complete:
            return None
        securities = {leg: self._algorithm.securities[leg.symbol] for leg in orders}
        if not self._passes_pre_checks(securities):
            return None
        try:
            check = self._algorithm.portfolio._check_orders(orders)
        except (SystemException, SimulatorError) as error:
            self._remove(orders, OrderStatus.INVALID, str(error))
            ids = ",".join(str(leg.id) for leg in orders)
            self._algorithm.error(f"Order Error: ids: [{ids}], Error executing margin models: {error}")
            return None
        attempt = orders, securities, check
        if group is not None and _is_ours(self._algorithm.brokerage_model) and all(map(_has_our_margin, securities.values())):
            self._tried[id(group)] = attempt
        return attempt

    def _passes_pre_checks(self, securities: "dict[Order, Security]") -> bool:
        """TryOrderPreChecks: orders for the open wait for a bar, expired ones are cancelled, the brokerage model may object."""
        for order, security in securities.items():
            if order.type is _MARKET_ON_OPEN:
                bar = security.get_last_data()
                if bar is None or order._time >= bar._end_utc:
                    return False
            if order.time_in_force.is_order_expired(security, order):
                self._remove(list(securities), OrderStatus.CANCELED, "The order has expired.")
                return False
            if not self._algorithm.brokerage_model.can_execute_order(security, order):
                return False
        return True

    def _fills(self, order: Order, securities: "dict[Order, Security]") -> list[OrderEvent]:
        security = securities[order]
        fills: list[OrderEvent] = []
        try:
            if order.type is _EXERCISE:
                option = security._as_option()
                fills = list(option.option_exercise_model.option_exercise(option, order))
            else:
                stale: timedelta = self._algorithm.settings.stale_price_time_span
                found = security.fill_model.fill(FillModelParameters(security, order, stale, securities))
                if all(order.time_in_force.is_fill_valid(security, order, fill) for fill in found):
                    fills = list(found)
            self._charge(fills, securities)
        except Exception as error:  # noqa: BLE001 - a fill, fee or slippage model of the algorithm may raise anything; LEAN goes on with what it has
            kind = pascal_case(order.type.name)
            self._algorithm.error(
                f"Order Error: id: {order.id}, Transaction model failed to fill for order type: {kind} with error: {error}"
            )
        return fills

    @staticmethod
    def _charge(fills: Sequence[OrderEvent], securities: "dict[Order, Security]") -> None:
        for fill in fills:
            if fill.status is OrderStatus.FILLED and not fill.order_fee.value._amount:
                leg, security = next(pair for pair in securities.items() if pair[0].id == fill.order_id)
                fill.order_fee = security.fee_model.get_order_fee(OrderFeeParameters(security, leg))

    def _book(self, orders: Sequence[Order], fills: Sequence[OrderEvent]) -> None:
        """All legs are booked as one batch; assignments are told afterwards."""
        if not fills:
            return
        events: list[OrderEvent] = []
        assignments: list[tuple[Order, OrderEvent]] = []
        for order in orders:
            for fill in (fill for fill in fills if fill.order_id == order.id):
                if order.status is not fill.status or fill._fill_quantity:
                    order.status = fill.status
                    events.append(fill)
                if fill.is_assignment:
                    assignments.append((order, fill))
        if events:
            self._emit(events)
        for order, fill in assignments:
            fill.message = order.tag or ""
            self._closing.tell_assignment(fill)
        if all(is_closed(fill.status) for fill in fills):
            for order in orders:
                self._pending.pop(order.id, None)

    def _remove(self, orders: Sequence[Order], status: OrderStatus, message: str) -> None:
        for order in orders:
            self._pending.pop(order.id, None)
        self._emit([self._event(order, status, message) for order in orders])

    # Options and delistings

    def _scan_assignments(self) -> None:
        now = self._algorithm._utc
        if now < self._next_assignment_utc:
            return
        self._next_assignment_utc = now - now % HOUR + HOUR
        held = self._algorithm.securities._invested()
        shorts = [security for security in held if is_option(security.symbol.security_type) and security.holdings._quantity < 0]
        for security in sorted(shorts, key=lambda item: item.symbol.id.symbol):
            option = security._as_option()
            result = option.option_assignment_model.get_assignment(OptionAssignmentParameters(option))
            if result is not None and result.quantity:
                self._closing.close_option(option.symbol, result.tag)

    def process_delistings(self, delistings: Any) -> None:
        """Closes what is delisted now, options first, and cancels the orders on it."""
        ended = [delisting for delisting in delistings.values() if delisting.type is not DelistingType.WARNING]
        for delisting in sorted(ended, key=lambda item: not is_option(item.symbol.security_type)):
            if is_option(delisting.symbol.security_type):
                self._closing.close_option(delisting.symbol, None)
            else:
                self._closing.close_delisted(delisting.symbol)
            if not self._algorithm.is_warming_up:
                self._algorithm.transactions.cancel_open_orders(delisting.symbol)

    # Pieces

    def _event(self, order: Order, status: OrderStatus, message: str = "") -> OrderEvent:
        event = OrderEvent(order, self._algorithm._utc, OrderFee.ZERO, message)
        event.status = status
        return event

    def _emit(self, events: Sequence[OrderEvent]) -> None:
        self._tried.clear()
        self._handler._emit(events)


_Attempt = tuple[list[Order], "dict[Order, Security]", BuyingPowerCheck]
"""Legs by id, their securities, and whether they fit."""


def _is_ours(model: object) -> bool:
    """Whether a model is LEAN's own, which answers the same as long as nothing happens; one of the algorithm is asked each time."""
    return type(model).__module__.startswith("simulator.")


def _has_our_margin(security: "Security") -> bool:
    return _is_ours(security.buying_power_model)
