"""How orders for futures and their options fill (Fills/FutureFillModel.cs, FutureOptionFillModel.cs)."""

from typing import TYPE_CHECKING, Any

from simulator.orders.fill_model import ImmediateFillModel
from simulator.orders.order import Order
from simulator.orders.order_event import OrderEvent

if TYPE_CHECKING:
    from simulator.securities.security import Security


class FutureFillModel(ImmediateFillModel):
    """Mirrors FutureFillModel: single market orders fill in extended hours as well."""

    def market_fill(self, asset: "Security", order: Order) -> OrderEvent:
        """At the last price of the side, whenever the market trades."""
        return self._market_fill(asset, order, extended=True)

    def stop_market_fill(self, asset: "Security", order: Any) -> OrderEvent:
        """As FillModel, in the hours that are subscribed."""
        return self._stop_fill(asset, order, extended=any(s.extended_hours for s in asset._fill_subscriptions))


class FutureOptionFillModel(FutureFillModel):
    """Mirrors FutureOptionFillModel: as futures."""
