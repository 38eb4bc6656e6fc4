import hashlib
import json
from datetime import UTC, datetime
from decimal import Decimal

from simulator.common.enums import OptionRight, OptionStyle, OrderStatus, SecurityType
from simulator.common.symbol import Symbol
from simulator.common.time_zone import from_utc_datetime
from simulator.orders.combo_order import ComboLegLimitOrder, ComboLimitOrder
from simulator.orders.group_order import GroupOrderManager
from simulator.orders.order import MarketOrder, OrderSubmissionData
from simulator.orders.order_event import OrderEvent
from simulator.orders.order_fee import OrderFee
from simulator.orders.priced_orders import LimitOrder, TrailingStopOrder
from simulator.orders.time_in_force import TimeInForce
from simulator.results.json_text import encode, iso_time, time_span
from simulator.results.order_json import order_event_json, order_json, order_list_hash

NOW = from_utc_datetime(datetime(2021, 1, 4, 15, tzinfo=UTC))
SPX = Symbol.create("SPX", SecurityType.INDEX, "usa")
PUT = Symbol.create_option(SPX, "SPXW", "usa", OptionStyle.EUROPEAN, OptionRight.PUT, 3700, datetime(2021, 1, 8))


def filled_market_order():
    order = MarketOrder(PUT, -1, NOW)
    order._set_id(1)
    order.broker_id = ["1"]
    order._set_price(Decimal("20.1000"))
    order.price_currency = "USD"
    order._last_fill_time = NOW
    order.status = OrderStatus.FILLED
    order.order_submission_data = OrderSubmissionData(Decimal("20.1000"), Decimal("20.5000"), Decimal("20.30000"))
    return order


def test_market_order_has_leans_members_in_leans_order():
    text = encode(order_json(filled_market_order()))
    assert text == (
        '{"type":0,"id":1,"contingentId":0,"brokerId":["1"],"symbol":{"value":"SPXW  210108P03700000","id":"SPXW 31K54PVWC0HRI|SPX 31",'
        '"permtick":"SPXW  210108P03700000","underlying":{"value":"SPX","id":"SPX 31","permtick":"SPX"}},"price":20.1,"priceCurrency":"USD",'
        '"time":"2021-01-04T15:00:00Z","createdTime":"2021-01-04T15:00:00Z","lastFillTime":"2021-01-04T15:00:00Z","quantity":-1.0,"status":3,'
        '"tag":"","properties":{"timeInForce":{}},"securityType":10,"direction":1,"value":-20.1,'
        '"orderSubmissionData":{"bidPrice":20.1000,"askPrice":20.5000,"lastPrice":20.30000},"isMarketable":true,"priceAdjustmentMode":0}'
    )


def test_limit_price_comes_first_and_loses_zeros_in_the_hash():
    order = LimitOrder(SPX, 2, Decimal("9.3000"), NOW)
    order._set_id(1)
    assert encode(order_json(order)).startswith('{"limitPrice":9.3000,"type":1,"id":1')
    assert encode(order_json(order, rounded=True)).startswith('{"limitPrice":9.3,"type":1')


def test_combo_leg_shows_its_quantity_early_and_the_group_late():
    group = GroupOrderManager(1, Decimal(2), Decimal("-1.5"), 4)
    order = ComboLimitOrder(PUT, -4, Decimal("-1.5"), NOW, group)
    order._set_id(7)
    members = list(order_json(order))
    assert members[:3] == ["type", "quantity", "id"]
    assert members[-2:] == ["groupOrderManager", "priceAdjustmentMode"]
    document = json.loads(encode(order_json(order)))
    assert document["quantity"] == -4
    assert document["groupOrderManager"] == {"id": 4, "quantity": 2.0, "count": 1, "limitPrice": -1.5, "orderIds": [7], "direction": 0}


def test_hash_joins_the_orders_by_id():
    first, second = filled_market_order(), filled_market_order()
    second._set_id(2)
    second.tag = None
    texts = [encode(order_json(order, rounded=True)) for order in (first, second)]
    assert '"tag"' not in texts[1]
    expected = hashlib.md5(",".join(texts).encode()).hexdigest()  # noqa: S324 - LEAN's own digest
    assert order_list_hash([second, first]) == expected


def test_event_shows_its_fee_only_when_there_is_one():
    order = filled_market_order()
    event = OrderEvent(order, NOW, OrderFee._of(Decimal(1)))
    event.id = 2
    event.message = "note"
    document = order_event_json(event, "Id")
    assert document["id"] == "Id-1-2"
    assert (document["orderFeeAmount"], document["orderFeeCurrency"]) == (1, "USD")
    assert (document["status"], document["direction"], document["time"], document["message"]) == ("filled", "sell", 1609772400.0, "note")
    assert "orderFeeAmount" not in order_event_json(OrderEvent(order, NOW, OrderFee.ZERO), "Id")


def test_times_and_spans_are_printed_as_dot_net_does():
    assert iso_time(NOW + 1_500_000) == "2021-01-04T15:00:01.5Z"
    assert time_span(28 * 3600 * 1_000_000 + 40 * 60_000_000) == "1.04:40:00"
    assert time_span(-1_500_000) == "-00:00:01.5000000"


def test_indented_json_reads_back():
    document = {"a": {"b": [1, Decimal("2.50"), None, True]}, "text": 'quote " ünï', "empty": {}}
    assert json.loads(encode(document, 2)) == {"a": {"b": [1, 2.5, None, True]}, "text": 'quote " ünï', "empty": {}}


def test_value_follows_the_rounded_price_in_the_hash():
    """GetHash sets the order's price to seven significant digits, and Value is computed from it (Order.Value)."""
    order = MarketOrder(SPX, 688, NOW)
    order._set_id(1)
    order._set_price(Decimal("144.78172417"))
    assert order_json(order)["value"] == Decimal("99609.82622896")
    assert (order_json(order, rounded=True)["price"], order_json(order, rounded=True)["value"]) == (
        Decimal("144.7817"),
        Decimal("99609.8096"),
    )


def test_lifetimes_other_than_leans_default_are_named():
    """TimeInForceJsonConverter leaves out the type of GoodTilCanceled only."""
    order = MarketOrder(SPX, 1, NOW)
    order.properties.time_in_force = TimeInForce.DAY
    assert order_json(order)["properties"] == {"timeInForce": {"$type": "QuantConnect.Orders.TimeInForces.DayTimeInForce"}}
    order.properties.time_in_force = TimeInForce.GOOD_TIL_DATE(datetime(2021, 1, 8))
    assert order_json(order)["properties"] == {
        "timeInForce": {"$type": "QuantConnect.Orders.TimeInForces.GoodTilDateTimeInForce", "Expiry": "2021-01-08T00:00:00"}
    }


def test_combo_leg_limit_orders_show_their_type_before_their_limit():
    group = GroupOrderManager(1, Decimal(1), Decimal(0), 4)
    order = ComboLegLimitOrder(PUT, 1, Decimal("1.50"), NOW, group)
    order._set_id(7)
    assert list(order_json(order))[:3] == ["type", "limitPrice", "quantity"]


def test_trailing_stops_show_their_own_members_before_the_stop_they_inherit():
    order = TrailingStopOrder(PUT, -1, Decimal("1.5"), Decimal("0.05"), True, NOW)
    order._set_id(7)
    assert list(order_json(order))[:5] == ["trailingAmount", "trailingAsPercentage", "type", "stopPrice", "id"]
