"""What orders, tickets and events print (Common/Messages/Messages.Orders.cs)."""

from datetime import date

import pytest

from simulator.common.enums import BrokerageName
from simulator.orders.group_order import Leg
from simulator.orders.order_request import UpdateOrderFields


@pytest.fixture
def put(make_desk):
    desk = make_desk(BrokerageName.DEFAULT)
    return desk, desk.option(desk.index(price=4752.5), "P", 4700, date(2024, 1, 12), mid=10.4).symbol


def _text(desk, order_id=1):
    return str(desk.transactions.get_order_by_id(order_id))


def test_a_ticket_prints_its_order(put):
    desk, symbol = put
    ticket = desk.limit_order(symbol, 1, 1)
    assert str(ticket) == f"1: {_text(desk)} Request Count: 1 Response Count: 1"


def test_legs_of_a_combo_print_no_limit(put):
    desk, symbol = put
    other = desk.option(desk.securities[symbol].underlying, "P", 4600, date(2024, 1, 12), mid=5).symbol
    desk.combo_limit_order([Leg.create(symbol, 1), Leg.create(other, -1)], 1, 3)
    assert _text(desk) == f"OrderId: 1 (BrokerId: 1) Submitted ComboLimit order for 1 unit of {symbol}"


def test_everything_printed_has_dotnet_s_name_for_it(put):
    """Object.ToString, which pythonnet offers as to_string."""
    desk, symbol = put
    ticket = desk.limit_order(symbol, 1, 1)
    event = ticket.order_events[0]
    for item in (ticket, event, event.order_fee, symbol, symbol.id, desk.securities[symbol], desk.portfolio[symbol]):
        assert item.to_string() == str(item)


def test_requests_print_what_they_ask_for(put):
    """SubmitOrderRequest prints the order it makes, UpdateOrderRequest what changes, CancelOrderRequest its tag."""
    desk, symbol = put
    ticket = desk.limit_order(symbol, 1, 1, tag="entry")
    fields = UpdateOrderFields()
    fields.quantity, fields.limit_price, fields.tag = 2, 1.25, "more"
    ticket.update(fields)
    desk.scan()
    ticket.cancel("enough")
    order = f"OrderId: 1 (BrokerId: ) New Limit order for 1 unit of {symbol}: entry at limit 1"
    assert str(ticket.submit_request) == f"01/09/2024 15:00:00 UTC: Submit Order: (1) - {order} entry Status: Processed Async: False"
    (update,) = ticket.update_requests
    assert str(update) == "01/09/2024 15:00:00 UTC: Update Order: (1) - Quantity: 2, LimitPrice: 1.25 more Status: Processed"
    assert (update.quantity, update.limit_price, update.stop_price) == (2, 1.25, None)
    assert str(ticket.cancel_request) == "01/09/2024 15:00:00 UTC: Cancel Order: (1) - enough Status: Processing"


def test_the_request_of_a_leg_prints_without_entering_the_combo(put):
    desk, symbol = put
    other = desk.option(desk.securities[symbol].underlying, "P", 4600, date(2024, 1, 12), mid=5).symbol
    tickets = desk.combo_market_order([Leg.create(symbol, 1), Leg.create(other, -1)], 1)
    assert "New ComboMarket order for 1 unit" in str(tickets[0].submit_request)
    assert tickets[0].submit_request.group_order_manager.order_ids == [1, 2]
