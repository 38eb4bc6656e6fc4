"""How far a fill is from the quote (Common/Orders/Slippage)."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from simulator.orders.decimals import ZERO, to_price
from simulator.orders.order import Order

if TYPE_CHECKING:
    from simulator.securities.security import Security


class NullSlippageModel:
    """Mirrors NullSlippageModel: none, the default of all brokerages here."""

    def get_slippage_approximation(self, asset: "Security", order: Order) -> Any:
        """Distance from the quote, in price."""
        del asset, order
        return ZERO


class ConstantSlippageModel:
    """Mirrors ConstantSlippageModel: a fraction of the price."""

    def __init__(self, slippage_percent: Any) -> None:
        self._fraction = to_price(slippage_percent)

    def get_slippage_approximation(self, asset: "Security", order: Order) -> Any:
        """Distance from the quote, in price."""
        del order
        price: Decimal = asset._price
        return price * self._fraction
