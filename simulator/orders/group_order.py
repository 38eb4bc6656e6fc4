"""Combos: the legs an algorithm names (Leg) and what the orders of one combo share (GroupOrderManager)."""

from decimal import Decimal
from math import gcd
from typing import TYPE_CHECKING, Any

from simulator.common.enums import OrderDirection
from simulator.common.symbol import Symbol
from simulator.common.symbol_cache import SymbolCache
from simulator.orders.decimals import ZERO, to_price

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from simulator.orders.order import Order


class Leg:
    """Mirrors Leg: one contract of a combo with its ratio and, for combo leg limit orders, its own limit."""

    def __init__(self, symbol: Symbol, quantity: int, order_price: Any = None) -> None:
        self.symbol = symbol
        self.quantity = int(quantity)
        self.order_price = None if order_price is None else to_price(order_price)

    @staticmethod
    def create(symbol: Any, quantity: int, limit_price: Any = None) -> "Leg":
        """A leg of so many contracts per combo; negative sells."""
        known = SymbolCache._resolve(symbol)
        return Leg(known if isinstance(known, Symbol) else symbol, quantity, limit_price)


class GroupOrderManager:
    """Mirrors GroupOrderManager: id, quantity and limit price that all legs of a combo share."""

    def __init__(self, leg_count: int, quantity: Decimal, limit_price: Decimal = ZERO, group_id: int = 0) -> None:
        self.id = group_id
        self.count = leg_count
        self._quantity = quantity
        self._limit_price = limit_price
        self.order_ids: list[int] = []

    @property
    def quantity(self) -> float:
        """Number of combos; negative sells the combo."""
        return float(self._quantity)

    @property
    def absolute_quantity(self) -> float:
        """Number of combos without sign."""
        return abs(float(self._quantity))

    @property
    def limit_price(self) -> float:
        """Limit of a combo limit order per combo, 0 for the other kinds."""
        return float(self._limit_price)

    @property
    def direction(self) -> OrderDirection:
        """Side of the combo, by the sign of its quantity."""
        if self._quantity > 0:
            return OrderDirection.BUY
        return OrderDirection.SELL if self._quantity < 0 else OrderDirection.HOLD

    def _add(self, order_id: int) -> None:
        if order_id not in self.order_ids:
            self.order_ids.append(order_id)


def orders_of_group(order: "Order", provider: "Callable[[int], Order | None]") -> "tuple[bool, list[Order]]":
    """GroupOrderExtensions.TryGetGroupOrders: whether all legs are known to the provider, and those found, by id."""
    orders = [order]
    group = order.group_order_manager
    if group is None:
        return True, orders
    for other_id in group.order_ids:
        if other_id == order.id:
            continue
        other = provider(other_id)
        if other is None:
            return False, orders
        orders.append(other)
    if group.count != len(orders):
        return False, orders
    return True, sorted(orders, key=lambda leg: leg.id)


def greatest_common_divisor(values: "Iterable[int]") -> int:
    """Extensions.GreatestCommonDivisor over whole numbers, without sign."""
    return gcd(*values)
