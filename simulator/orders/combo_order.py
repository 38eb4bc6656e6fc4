"""Orders of the legs of a combo (ComboMarketOrder, ComboLimitOrder, ComboLegLimitOrder)."""

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from simulator.common.enums import OrderType
from simulator.common.symbol import Symbol
from simulator.common.system_exceptions import ArgumentException
from simulator.orders.decimals import ONE, ZERO, to_price, to_quantity
from simulator.orders.group_order import GroupOrderManager
from simulator.orders.order import Order
from simulator.orders.priced_orders import limit_order_value
from simulator.orders.time_in_force import OrderProperties
from simulator.results.net_number import normalize

if TYPE_CHECKING:
    from simulator.orders.order_request import UpdateOrderRequest
    from simulator.securities.security import Security

Time = datetime | int


class ComboOrder(Order):
    """Mirrors ComboOrder: the quantity is the leg's ratio times the quantity of the group."""

    group_order_manager: GroupOrderManager

    def __init__(
        self,
        symbol: Symbol,
        quantity: Any,
        time: Time,
        group_order_manager: GroupOrderManager,
        tag: str | None = "",
        properties: OrderProperties | None = None,
    ) -> None:
        self._ratio = ONE
        self._known: tuple[tuple[Decimal, Decimal] | None, Decimal] = None, ZERO
        super().__init__(symbol, ZERO, time, tag, properties)
        self.group_order_manager = group_order_manager
        self._set_quantity(to_quantity(quantity))

    @property
    def _quantity(self) -> Decimal:
        factors = (self._ratio, self.group_order_manager._quantity)
        if factors != self._known[0]:
            self._known = factors, normalize(factors[0] * factors[1])
        return self._known[1]

    def _set_quantity(self, quantity: Decimal) -> None:
        group: GroupOrderManager | None = self.group_order_manager
        self._ratio = quantity if group is None else quantity / group._quantity

    def _apply_update(self, request: "UpdateOrderRequest") -> None:
        if request.order_id != self.id:
            raise ArgumentException("Attempted to apply updates to the incorrect order!")
        if request.tag is not None:
            self.tag = request.tag
        if request._quantity is not None:
            self.group_order_manager._quantity = request._quantity


class ComboMarketOrder(ComboOrder):
    """A leg that fills at the market with all others."""

    type = OrderType.COMBO_MARKET


class ComboLimitOrder(ComboOrder):
    """A leg of a combo with one limit for the whole."""

    type = OrderType.COMBO_LIMIT

    def __init__(
        self,
        symbol: Symbol,
        quantity: Any,
        limit_price: Any,
        time: Time,
        group_order_manager: GroupOrderManager,
        tag: str | None = "",
        properties: OrderProperties | None = None,
    ) -> None:
        super().__init__(symbol, quantity, time, group_order_manager, tag, properties)
        group_order_manager._limit_price = to_price(limit_price)

    def _unit_value(self, security: "Security") -> Decimal:
        return limit_order_value(self._quantity, self.group_order_manager._limit_price, security._price)

    def _apply_update(self, request: "UpdateOrderRequest") -> None:
        super()._apply_update(request)
        if request._limit_price is not None:
            self.group_order_manager._limit_price = request._limit_price


class ComboLegLimitOrder(ComboOrder):
    """A leg with its own limit that fills only with all others."""

    type = OrderType.COMBO_LEG_LIMIT

    def __init__(
        self,
        symbol: Symbol,
        quantity: Any,
        limit_price: Any,
        time: Time,
        group_order_manager: GroupOrderManager,
        tag: str | None = "",
        properties: OrderProperties | None = None,
    ) -> None:
        super().__init__(symbol, quantity, time, group_order_manager, tag, properties)
        self._limit_price = to_price(limit_price)

    @property
    def limit_price(self) -> float:
        """Worst acceptable price of the leg."""
        return float(self._limit_price)

    def _unit_value(self, security: "Security") -> Decimal:
        return limit_order_value(self._quantity, self._limit_price, security._price)

    def _apply_update(self, request: "UpdateOrderRequest") -> None:
        super()._apply_update(request)
        if request._limit_price is not None:
            self._limit_price = request._limit_price
