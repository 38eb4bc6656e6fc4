"""Orders of several securities that fill together (the Combo…Order part of QCAlgorithm.Trading.cs)."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from simulator.algorithm.order_submission import OrderSubmissionMixin, Properties
from simulator.common.enums import OrderType
from simulator.common.system_exceptions import ArgumentException
from simulator.orders.decimals import ZERO, to_price, to_quantity
from simulator.orders.group_order import GroupOrderManager, Leg, greatest_common_divisor
from simulator.orders.order_ticket import OrderTicket


class ComboTradingMixin(OrderSubmissionMixin):
    """The combo calls."""

    def combo_market_order(
        self, legs: Sequence[Leg], quantity: int, asynchronous: bool = False, tag: str = "", order_properties: Properties = None
    ) -> list[OrderTicket]:
        """All legs at the market at once, or none."""
        return self._engine_submit_combo(legs, quantity, ZERO, asynchronous, tag, order_properties)

    def combo_limit_order(
        self,
        legs: Sequence[Leg],
        quantity: int,
        limit_price: Any,
        asynchronous: bool = False,
        tag: str = "",
        order_properties: Properties = None,
    ) -> list[OrderTicket]:
        """All legs when their prices together beat the limit.

        Raises:
            ArgumentException: no limit, or a leg has one of its own.
        """
        limit = to_price(limit_price)
        if not limit:
            raise ArgumentException("ComboLimitOrder requires a limit price")
        if any(leg.order_price for leg in legs):
            raise ArgumentException("ComboLimitOrder does not support limit prices for individual legs")
        return self._engine_submit_combo(legs, quantity, limit, asynchronous, tag, order_properties)

    def combo_leg_limit_order(
        self, legs: Sequence[Leg], quantity: int, asynchronous: bool = False, tag: str = "", order_properties: Properties = None
    ) -> list[OrderTicket]:
        """All legs at their own limits at once, or none.

        Raises:
            ArgumentException: a leg has no limit.
        """
        if any(not leg.order_price for leg in legs):
            raise ArgumentException("ComboLegLimitOrder requires a limit price for each leg")
        return self._engine_submit_combo(legs, quantity, ZERO, asynchronous, tag, order_properties)

    def _engine_submit_combo(
        self, legs: Sequence[Leg], quantity: int, limit: Decimal, asynchronous: bool, tag: str, order_properties: Properties
    ) -> list[OrderTicket]:
        _check_ratios(legs, quantity)
        total = to_quantity(quantity)
        group = GroupOrderManager(len(legs), total, limit, self.transactions._next_group_id())
        kind = OrderType.COMBO_LIMIT if limit else OrderType.COMBO_MARKET
        requests = []
        for leg in legs:
            security = self._engine_security_for_order(leg.symbol)
            price = limit
            if leg.order_price is not None:
                kind, price = OrderType.COMBO_LEG_LIMIT, leg.order_price
            request = self._engine_request(
                kind, security, leg.quantity * total, tag, order_properties, asynchronous, limit_price=price, group=group
            )
            response = self._engine_order_checks.check(request)
            if response.is_error:
                return [OrderTicket._invalid_submit_request(self.transactions, request, response)]
            requests.append(request)
        return [self.transactions.add_order(request) for request in requests]


def _check_ratios(legs: Sequence[Leg], quantity: int) -> None:
    divisor = greatest_common_divisor(leg.quantity for leg in legs)
    if divisor == 1:
        return
    given = ", ".join(f"{leg.quantity} {leg.symbol}" for leg in legs)
    reduced = ", ".join(f"{leg.quantity // divisor} {leg.symbol}" for leg in legs) if divisor else given
    raise ArgumentException(
        "The global combo quantity should be used to increase or reduce the size of the order, while the leg quantities should be used"
        " to specify the ratio of the order. The combo order quantities should be reduced"
        f" from {quantity}x({given}) to {quantity * divisor}x({reduced})."
    )
