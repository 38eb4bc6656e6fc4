"""Rounds the prices of orders to the steps of their securities (BrokerageTransactionHandler.RoundOrderPrices)."""

from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING, Final

from simulator.common.enums import OrderType
from simulator.orders.decimals import ZERO
from simulator.orders.order import Order
from simulator.results.net_number import decimal_text

if TYPE_CHECKING:
    from simulator.securities.security import Security
    from simulator.securities.trading_algorithm import TradingAlgorithm

_ONE: Final = Decimal(1)

_PRICES: Final[dict[OrderType, tuple[str, ...]]] = {
    OrderType.LIMIT: ("_limit_price",),
    OrderType.STOP_MARKET: ("_stop_price",),
    OrderType.STOP_LIMIT: ("_limit_price", "_stop_price"),
    OrderType.TRAILING_STOP: ("_stop_price", "_trailing_amount"),
    OrderType.LIMIT_IF_TOUCHED: ("_limit_price", "_trigger_price"),
    OrderType.COMBO_LEG_LIMIT: ("_limit_price",),
}
_LABELS: Final = {
    "_limit_price": "LimitPrice",
    "_stop_price": "StopPrice",
    "_trigger_price": "TriggerPrice",
    "_trailing_amount": "TrailingAmount",
}


def round_to_step(price: Decimal, step: Decimal) -> Decimal:
    """The nearest multiple of the step, half to even, with the decimals of the step; a step of 0 leaves the price."""
    if step <= 0:
        return price
    return (price / step).quantize(_ONE, ROUND_HALF_EVEN) * step


class PriceRounding:
    """Rounds prices; the algorithm's log is told of the first change."""

    def __init__(self, algorithm: "TradingAlgorithm") -> None:
        self._algorithm = algorithm
        self._told = False

    def round(self, order: Order, security: "Security", combo: "dict[Order, Security] | None") -> None:
        """Rounds all prices of an order; a combo's common limit once all its legs are there."""
        for name in _PRICES.get(order.type, ()):
            if name == "_trailing_amount" and getattr(order, "trailing_as_percentage", False):
                continue
            price: Decimal = getattr(order, name)
            step = security.price_variation_model.minimum_price_variation(security, price)
            setattr(order, name, self._rounded(price, step, _LABELS[name]))
        group = order.group_order_manager
        if order.type is OrderType.COMBO_LIMIT and combo is not None and group is not None:
            group._limit_price = self._rounded(group._limit_price, _least_step(combo), "LimitPrice")

    def _rounded(self, price: Decimal, step: Decimal, label: str) -> Decimal:
        rounded = round_to_step(price, step)
        if rounded != price and not self._told:
            self._told = True
            self._algorithm.error(
                f"Warning: To meet brokerage precision requirements, order {label} was rounded to {decimal_text(rounded)} from {decimal_text(price)}"
            )
        return rounded


def _least_step(combo: "dict[Order, Security]") -> Decimal:
    """The finest step of the legs; LEAN looks it up at the leg's fill price, which is still 0."""
    steps = [security.price_variation_model.minimum_price_variation(security, leg._price) for leg, security in combo.items()]
    return min((step for step in steps if step > 0), default=ZERO)
