"""Orders and order events as LEAN's result files show them, and the hash over all orders (`Extensions.GetHash`)."""

import hashlib
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from simulator.common.enums import OrderType
from simulator.common.market import Currencies
from simulator.results.json_text import Inline, encode, iso_time
from simulator.results.net_number import normalize, smart_rounding

_OWN_MEMBERS: dict[OrderType, tuple[tuple[str, str], ...]] = {
    OrderType.LIMIT: (("limitPrice", "_limit_price"),),
    OrderType.STOP_MARKET: (("stopPrice", "_stop_price"),),
    OrderType.STOP_LIMIT: (("stopPrice", "_stop_price"), ("stopTriggered", "stop_triggered"), ("limitPrice", "_limit_price")),
    OrderType.TRAILING_STOP: (
        ("trailingAmount", "_trailing_amount"),
        ("trailingAsPercentage", "trailing_as_percentage"),
        ("type", "type"),
        ("stopPrice", "_stop_price"),  # of the class it derives from
    ),
    OrderType.LIMIT_IF_TOUCHED: (("triggerPrice", "_trigger_price"), ("limitPrice", "_limit_price"), ("triggerTouched", "trigger_touched")),
    OrderType.COMBO_LEG_LIMIT: (("limitPrice", "_limit_price"),),
}
_TYPE_FIRST = (OrderType.LIMIT_IF_TOUCHED, OrderType.COMBO_LEG_LIMIT)  # whose classes declare their type before their prices
_NOT_ROUNDED = (OrderType.COMBO_LEG_LIMIT,)  # GetHash rounds the prices of single orders only
_OPTIONAL_TIMES = (("lastFillTime", "_last_fill_time"), ("lastUpdateTime", "_last_update_time"), ("canceledTime", "_canceled_time"))


def symbol_json(symbol: Any) -> dict[str, Any]:
    """Value, identifier and underlying of a symbol."""
    result = Inline(value=symbol.value, id=str(symbol.id), permtick=symbol.value)
    if symbol.underlying is not None:
        result["underlying"] = symbol_json(symbol.underlying)
    return result


def order_json(order: Any, *, rounded: bool = False) -> dict[str, Any]:
    """All members of an order in LEAN's order; `rounded` drops trailing zeros of its prices as the hash does."""
    is_combo = order.group_order_manager is not None
    price = normalize(smart_rounding(order._price)) if rounded else order._price
    result: dict[str, Any] = {}
    for name, member in _OWN_MEMBERS.get(order.type, ()):
        value = getattr(order, member)
        is_price = isinstance(value, Decimal) and order.type not in _NOT_ROUNDED
        result[name] = smart_rounding(value) if rounded and is_price else value
    if order.type in _TYPE_FIRST:
        result = {"type": order.type, **result}
    result["type"] = order.type
    if is_combo:
        result["quantity"] = order._quantity
    result |= {
        "id": order.id,
        "contingentId": order.contingent_id,
        "brokerId": list(order.broker_id),
        "symbol": symbol_json(order.symbol),
        "price": price,
        "priceCurrency": order.price_currency,
        "time": iso_time(order._time),
        "createdTime": iso_time(order._time),
    }
    result |= {name: iso_time(getattr(order, member)) for name, member in _OPTIONAL_TIMES if getattr(order, member) is not None}
    if not is_combo:
        result["quantity"] = order._quantity
    result["status"] = order.status
    if order.tag is not None:
        result["tag"] = order.tag
    result |= {
        "properties": {"timeInForce": _time_in_force(order.properties.time_in_force)},
        "securityType": order.security_type,
        "direction": order.direction,
        "value": order._quantity * price,
        "orderSubmissionData": _submission(order.order_submission_data),
        "isMarketable": order.is_marketable,
    }
    if is_combo:
        result["groupOrderManager"] = _group(order.group_order_manager)
    result["priceAdjustmentMode"] = order.price_adjustment_mode
    return result


def _time_in_force(time_in_force: Any) -> dict[str, Any]:
    name = type(time_in_force).__name__
    if name == "GoodTilCanceledTimeInForce":
        return {}
    expiry = getattr(time_in_force, "expiry", None)
    return {"$type": f"QuantConnect.Orders.TimeInForces.{name}"} | ({} if expiry is None else {"Expiry": expiry.isoformat()})


def _submission(data: Any) -> dict[str, Any] | None:
    if data is None:
        return None
    return Inline(bidPrice=data.bid_price, askPrice=data.ask_price, lastPrice=data.last_price)


def _group(group: Any) -> dict[str, Any]:
    return Inline(
        id=group.id,
        quantity=group._quantity,
        count=group.count,
        limitPrice=group._limit_price,
        orderIds=list(group.order_ids),
        direction=group.direction,
    )


def order_list_hash(orders: Iterable[Any]) -> str:
    """MD5 over the orders' JSON texts, in order of id."""
    texts = [encode(order_json(order, rounded=True)) for order in sorted(orders, key=lambda order: order.id)]
    return hashlib.md5(",".join(texts).encode("utf-8"), usedforsecurity=False).hexdigest()


def order_event_json(event: Any, algorithm_id: str) -> dict[str, Any]:
    """One entry of `<id>-order-events.json`."""
    result: dict[str, Any] = {
        "id": f"{algorithm_id}-{event.order_id}-{event.id}",
        "algorithmId": algorithm_id,
        "orderId": event.order_id,
        "orderEventId": event.id,
        "symbol": str(event.symbol.id),
        "symbolValue": event.symbol.value,
        "symbolPermtick": event.symbol.id.symbol,
        "time": event._utc / 1_000_000,
        "status": _camel_case(event.status.name),
    }
    fee = event.order_fee.value
    if fee.currency != Currencies.NULL_CURRENCY:
        result |= {"orderFeeAmount": fee._amount, "orderFeeCurrency": fee.currency}
    result |= {
        "fillPrice": event._fill_price,
        "fillPriceCurrency": event.fill_price_currency,
        "fillQuantity": event._fill_quantity,
        "direction": _camel_case(event.direction.name),
    }
    if event.message:
        result["message"] = event.message
    result |= {"isAssignment": event.is_assignment, "quantity": event._quantity}
    if event._stop_price is not None:
        result["stopPrice"] = event._stop_price
    if event._limit_price is not None:
        result["limitPrice"] = event._limit_price
    if event.is_in_the_money:
        result["isInTheMoney"] = True
    return result


def _camel_case(name: str) -> str:
    first, *rest = name.lower().split("_")
    return first + "".join(word.capitalize() for word in rest)
