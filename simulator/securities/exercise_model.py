"""What an exercise, assignment or expiry does (Common/Orders/OptionExercise/DefaultExerciseModel.cs)."""

from typing import TYPE_CHECKING

from simulator.common.enums import OrderDirection, OrderStatus, SettlementType
from simulator.orders.decimals import ZERO
from simulator.orders.order import Order
from simulator.orders.order_event import OrderEvent
from simulator.orders.order_fee import OrderFee
from simulator.results.net_number import decimal_text

if TYPE_CHECKING:
    from decimal import Decimal

    from simulator.securities.option import Option


def _direction(quantity: "Decimal") -> OrderDirection:
    if quantity > 0:
        return OrderDirection.BUY
    return OrderDirection.SELL if quantity < 0 else OrderDirection.HOLD


class DefaultExerciseModel:
    """Mirrors DefaultExerciseModel: takes the option out at price 0 and, when it delivers, trades the underlying at the strike."""

    def option_exercise(self, option: "Option", order: Order) -> list[OrderEvent]:
        """The fills of an exercise order."""
        underlying = option.underlying
        in_the_money = option._is_auto_exercised(underlying._close)
        is_assignment = in_the_money and option.holdings.is_short
        action = "Assigned" if is_assignment else "Automatic Exercise"
        message = f"{action if in_the_money else 'OTM'}. Underlying: {decimal_text(underlying._price)}"
        expiry = OrderEvent(
            order.id,
            option.symbol,
            option._utc,
            OrderStatus.FILLED,
            _direction(order._quantity),
            ZERO,
            order._quantity,
            OrderFee.ZERO,
            message,
        )
        expiry.is_assignment = is_assignment
        expiry.is_in_the_money = in_the_money
        if not in_the_money or option.exercise_settlement is not SettlementType.PHYSICAL_DELIVERY:
            return [expiry]
        quantity = option._exercise_quantity(order._quantity)
        message = "Option Assignment" if is_assignment else "Option Exercise"
        delivery = OrderEvent(
            order.id,
            underlying.symbol,
            option._utc,
            OrderStatus.FILLED,
            _direction(quantity),
            option._strike,
            quantity,
            OrderFee.ZERO,
            message,
        )
        delivery.is_in_the_money = True
        return [expiry, delivery]
