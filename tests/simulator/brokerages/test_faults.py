"""The brokerage that misbehaves by plan."""

from datetime import UTC, date, datetime, timedelta

import pytest

from simulator.brokerages.faults import Assignment, FaultPlan, FaultyBrokerage, Message
from simulator.common.enums import BrokerageMessageType, OrderStatus
from simulator.errors import SimulatorError
from simulator.orders.group_order import Leg


@pytest.fixture
def faulty(desk):
    """A function that gives the desk a brokerage with a plan."""

    def use(**faults):
        desk.brokerage = FaultyBrokerage(desk, desk.handler, FaultPlan(**faults))
        return desk

    return use


def put(desk, strike=95, mid=2.0):
    stock = desk.securities.get("SPY") or desk.equity(price=100)
    return desk.option(stock, "P", strike, date(2024, 1, 19), mid=mid)


def test_nth_order_is_refused(faulty):
    desk = faulty(refused=frozenset({2}))
    option = put(desk)
    tickets = [desk.market_order(option.symbol, 1) for _ in range(3)]
    assert [ticket.status for ticket in tickets] == [OrderStatus.FILLED, OrderStatus.INVALID, OrderStatus.FILLED]
    assert str(tickets[1].submit_request.response.error_code) == "BROKERAGE_FAILED_TO_SUBMIT_ORDER"
    assert option.holdings.quantity == 2


def test_order_is_rejected_after_it_was_submitted(faulty):
    desk = faulty(rejected_later=frozenset({1}))
    ticket = desk.limit_order(put(desk).symbol, 1, 1)
    assert ticket.status == OrderStatus.SUBMITTED
    desk.step()
    desk.scan()
    assert ticket.status == OrderStatus.INVALID


def test_part_of_an_order_fills_first(faulty):
    desk = faulty(partial_fills={1: 0.5})
    option = put(desk)
    ticket = desk.market_order(option.symbol, -5)
    assert (ticket.status, ticket.quantity_filled, ticket.quantity_remaining) == (OrderStatus.PARTIALLY_FILLED, -2, -3)
    assert (option.holdings.quantity, desk.portfolio.total_fees) == (-2, 0)
    desk.scan()
    assert (ticket.status, ticket.quantity_filled, option.holdings.quantity) == (OrderStatus.FILLED, -5, -5)
    assert desk.portfolio.total_fees == 5
    assert ticket.average_fill_price == 1.9


def test_legs_of_a_combo_fill_in_step(faulty):
    desk = faulty(partial_fills={1: 0.4})
    short, long = put(desk, 95), put(desk, 90, mid=1.0)
    desk.combo_limit_order([Leg.create(short.symbol, -1), Leg.create(long.symbol, 2)], 5, 5)
    desk.step()
    desk.quote(short, 1.9, 2.1)
    desk.quote(long, 0.9, 1.1)
    desk.scan()
    assert (short.holdings.quantity, long.holdings.quantity) == (-2, 4)
    desk.scan()
    assert (short.holdings.quantity, long.holdings.quantity) == (-5, 10)


def test_single_contract_cannot_fill_in_parts(faulty):
    desk = faulty(partial_fills={1: 0.5})
    assert desk.market_order(put(desk).symbol, 1).status == OrderStatus.FILLED


def test_fills_take_their_time(faulty):
    desk = faulty(fill_delay=timedelta(minutes=2), fill_delays={2: timedelta(0)})
    option = put(desk)
    slow, quick = desk.market_order(option.symbol, 1), desk.market_order(option.symbol, 1)
    assert (slow.status, quick.status) == (OrderStatus.SUBMITTED, OrderStatus.FILLED)
    desk.step(2)
    desk.scan()
    assert slow.status == OrderStatus.FILLED


def test_cancellation_gets_lost(faulty):
    desk = faulty(lost_cancellations=frozenset({1}))
    ticket = desk.limit_order(put(desk).symbol, 1, 1)
    ticket.cancel()
    desk.scan()
    assert ticket.status == OrderStatus.SUBMITTED
    assert desk.messages == ["Brokerage failed to cancel order with id 1"]


def test_brokerage_speaks_at_its_time(faulty):
    at = datetime(2024, 1, 9, 15, 1, tzinfo=UTC)
    desk = faulty(messages=(Message(at, BrokerageMessageType.DISCONNECT, "1100", "connection lost"),))
    heard = []
    desk.on_brokerage_message = lambda message: heard.append(str(message))
    desk.on_brokerage_disconnect = lambda: heard.append("disconnected")
    desk.scan()
    assert heard == []
    desk.step()
    desk.scan()
    desk.scan()
    assert heard == ["Disconnect - Code: 1100 - connection lost", "disconnected"]


def test_short_option_is_assigned_at_will(faulty):
    desk = faulty()
    stock = desk.equity(price=94)
    option = put(desk, 95)
    desk.brokerage = FaultyBrokerage(
        desk, desk.handler, FaultPlan(assignments=(Assignment(datetime(2024, 1, 9, 15, 1, tzinfo=UTC), option.symbol.value),))
    )
    desk.hold(option, -1)
    desk.scan()
    assert stock.holdings.quantity == 0
    desk.step()
    desk.scan()
    assert (option.holdings.quantity, stock.holdings.quantity, stock.holdings.average_price) == (0, 100, 95)
    assert len(desk.assignments) == 1


@pytest.mark.parametrize(
    "faults", [{"partial_fills": {1: 1.0}}, {"messages": (Message(datetime(2024, 1, 9), BrokerageMessageType.ERROR),)}]
)
def test_impossible_plans_are_refused(faults):
    with pytest.raises(SimulatorError, match="fault plan needs"):
        FaultPlan(**faults)
