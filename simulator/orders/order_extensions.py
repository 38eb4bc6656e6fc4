"""Questions about states and types of orders (Common/Orders/OrderExtensions.cs)."""

from typing import Final

from simulator.common.enums import OrderStatus, OrderType

_CLOSED: Final = frozenset({OrderStatus.FILLED, OrderStatus.CANCELED, OrderStatus.INVALID})
_LIMITS: Final = frozenset({OrderType.LIMIT, OrderType.STOP_LIMIT, OrderType.LIMIT_IF_TOUCHED})
_STOPS: Final = frozenset({OrderType.STOP_MARKET, OrderType.STOP_LIMIT, OrderType.TRAILING_STOP})


class OrderExtensions:
    """Mirrors OrderExtensions, whose extension methods Python calls as functions."""

    @staticmethod
    def is_closed(status: OrderStatus) -> bool:
        """Whether nothing more will happen to an order."""
        return status in _CLOSED

    @staticmethod
    def is_open(status: OrderStatus) -> bool:
        """Whether an order may still fill."""
        return status not in _CLOSED

    @staticmethod
    def is_fill(status: OrderStatus) -> bool:
        """Whether a state comes from a fill, complete or not."""
        return status in {OrderStatus.FILLED, OrderStatus.PARTIALLY_FILLED}

    @staticmethod
    def is_limit_order(order_type: OrderType) -> bool:
        """Whether orders of a type have a limit price of their own."""
        return order_type in _LIMITS

    @staticmethod
    def is_stop_order(order_type: OrderType) -> bool:
        """Whether orders of a type have a stop price."""
        return order_type in _STOPS
