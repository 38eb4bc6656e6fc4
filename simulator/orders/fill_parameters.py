"""What a fill model is asked about (Fills/FillModelParameters.cs)."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from simulator.common.lean_dictionary import LeanDictionary
from simulator.orders.order import Order

if TYPE_CHECKING:
    from simulator.securities.security import Security


class OrdersWithSecurities(LeanDictionary[Order, "Security"]):
    """The orders of a combo, by id, each with its security."""

    def __init__(self, pairs: "dict[Order, Security]") -> None:
        self._pairs = pairs

    def _enumerated(self) -> "dict[Order, Security]":
        return self._pairs


class FillModelParameters:
    """Mirrors FillModelParameters: what a fill model is asked about."""

    def __init__(
        self,
        security: "Security",
        order: Order,
        stale_price_time_span: timedelta,
        securities_for_orders: "dict[Order, Security]",
        on_order_updated: Callable[[Order], None] | None = None,
    ) -> None:
        self.security = security
        self.order = order
        self.stale_price_time_span = stale_price_time_span
        self.securities_for_orders = OrdersWithSecurities(securities_for_orders)
        self.on_order_updated = on_order_updated or (lambda _: None)
