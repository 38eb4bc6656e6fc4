"""Makes the order a submit request asks for (Order.CreateOrder)."""

from collections.abc import Callable
from typing import Final

from simulator.common.enums import OrderStatus, OrderType
from simulator.common.system_exceptions import ArgumentOutOfRangeException
from simulator.orders.combo_order import ComboLegLimitOrder, ComboLimitOrder, ComboMarketOrder
from simulator.orders.group_order import GroupOrderManager
from simulator.orders.order import MarketOnCloseOrder, MarketOnOpenOrder, MarketOrder, OptionExerciseOrder, Order
from simulator.orders.order_request import SubmitOrderRequest
from simulator.orders.priced_orders import LimitIfTouchedOrder, LimitOrder, StopLimitOrder, StopMarketOrder, TrailingStopOrder


def _group(request: SubmitOrderRequest) -> GroupOrderManager:
    if request.group_order_manager is None:
        raise ArgumentOutOfRangeException(
            f"An order of type {request.order_type} needs a group order manager; use the combo order methods."
        )
    return request.group_order_manager


_MAKERS: Final[dict[OrderType, Callable[[SubmitOrderRequest], Order]]] = {
    OrderType.MARKET: lambda r: MarketOrder(r.symbol, r._quantity, r._time, r.tag, r.order_properties),
    OrderType.MARKET_ON_OPEN: lambda r: MarketOnOpenOrder(r.symbol, r._quantity, r._time, r.tag, r.order_properties),
    OrderType.MARKET_ON_CLOSE: lambda r: MarketOnCloseOrder(r.symbol, r._quantity, r._time, r.tag, r.order_properties),
    OrderType.OPTION_EXERCISE: lambda r: OptionExerciseOrder(r.symbol, r._quantity, r._time, r.tag, r.order_properties),
    OrderType.LIMIT: lambda r: LimitOrder(r.symbol, r._quantity, r._limit_price, r._time, r.tag, r.order_properties),
    OrderType.STOP_MARKET: lambda r: StopMarketOrder(r.symbol, r._quantity, r._stop_price, r._time, r.tag, r.order_properties),
    OrderType.STOP_LIMIT: lambda r: StopLimitOrder(
        r.symbol, r._quantity, r._stop_price, r._limit_price, r._time, r.tag, r.order_properties
    ),
    OrderType.TRAILING_STOP: lambda r: TrailingStopOrder(
        r.symbol, r._quantity, r._stop_price, r._trailing_amount, r.trailing_as_percentage, r._time, r.tag, r.order_properties
    ),
    OrderType.LIMIT_IF_TOUCHED: lambda r: LimitIfTouchedOrder(
        r.symbol, r._quantity, r._trigger_price, r._limit_price, r._time, r.tag, r.order_properties
    ),
    OrderType.COMBO_MARKET: lambda r: ComboMarketOrder(r.symbol, r._quantity, r._time, _group(r), r.tag, r.order_properties),
    OrderType.COMBO_LIMIT: lambda r: ComboLimitOrder(r.symbol, r._quantity, r._limit_price, r._time, _group(r), r.tag, r.order_properties),
    OrderType.COMBO_LEG_LIMIT: lambda r: ComboLegLimitOrder(
        r.symbol, r._quantity, r._limit_price, r._time, _group(r), r.tag, r.order_properties
    ),
}


def proxy_of(request: SubmitOrderRequest) -> Order:
    """The order of the request for its text alone: its combo does not hear of it."""
    order = _MAKERS[request.order_type](request)
    order.status = OrderStatus.NEW
    order._id = request.order_id
    return order


def create_order(request: SubmitOrderRequest) -> Order:
    """The order of the request, with status NEW and the request's id."""
    order = _MAKERS[request.order_type](request)
    order.status = OrderStatus.NEW
    order._set_id(request.order_id)
    return order
