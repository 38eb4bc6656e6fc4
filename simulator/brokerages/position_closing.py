"""Positions the engine closes itself: expired and assigned options, delisted securities (HandleOptionNotification, HandleDelistingNotification)."""

from typing import TYPE_CHECKING

from simulator.common.enums import OrderStatus
from simulator.common.symbol import Symbol
from simulator.orders.order import MarketOrder, OptionExerciseOrder, OrderSubmissionData
from simulator.orders.order_event import OrderEvent
from simulator.orders.order_fee import OrderFee
from simulator.orders.transaction_handler import TransactionHandler
from simulator.securities.option import Option

if TYPE_CHECKING:
    from simulator.securities.trading_algorithm import TradingAlgorithm

LIQUIDATE_FROM_DELISTING = "Liquidate from delisting"


class PositionClosing:
    """Makes the orders and events of exercises, assignments and delistings; none of them is charged or needs margin."""

    def __init__(self, algorithm: "TradingAlgorithm", handler: TransactionHandler) -> None:
        self._algorithm = algorithm
        self._handler = handler

    def close_option(self, symbol: Symbol, tag: str | None) -> None:
        """Exercises, assigns or lets expire the whole position in an option."""
        security = self._algorithm.securities._try_get(symbol)
        if not isinstance(security, Option) or not security.holdings._quantity:
            return
        order = OptionExerciseOrder(symbol, -security.holdings._quantity, self._algorithm._utc, tag)
        order.order_submission_data = OrderSubmissionData(security._bid_price, security._ask_price, security._close)
        order.price_currency = security.symbol_properties.quote_currency
        self._handler._add_open_order(order, security)
        for event in security.option_exercise_model.option_exercise(security, order):
            self._handler._emit([event])
            if event.is_assignment:
                if order.tag:
                    event.message = f"{event.message}. {order.tag}" if event.message else order.tag
                self.tell_assignment(event)

    def tell_assignment(self, event: OrderEvent) -> None:
        """Calls the algorithm's handler of assignments."""
        self._algorithm.on_assignment_order_event(event)

    def close_delisted(self, symbol: Symbol) -> None:
        """Closes the position in a delisted security at its last price."""
        security = self._algorithm.securities._try_get(symbol)
        if security is None or not security.holdings._quantity:
            return
        order = MarketOrder(symbol, -security.holdings._quantity, self._algorithm._utc, LIQUIDATE_FROM_DELISTING)
        self._handler._add_open_order(order, security)
        event = OrderEvent(order, self._algorithm._utc, OrderFee.ZERO, LIQUIDATE_FROM_DELISTING)
        event.fill_price = security._price
        event.fill_quantity = order._quantity
        event.status = OrderStatus.FILLED
        self._handler._emit([event])
