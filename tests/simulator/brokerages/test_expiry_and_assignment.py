"""Expiry, exercise, assignment, delisting: the engine's own orders."""

from datetime import date, datetime
from types import SimpleNamespace

import pytest

from simulator.algorithm.extensions import Extensions
from simulator.common.bars import Delisting
from simulator.common.enums import BrokerageName, DelistingType, OrderStatus
from simulator.orders.order_event import OrderEvent
from simulator.orders.order_fee import OrderFee
from simulator.orders.order_request import SubmitOrderRequest
from simulator.securities.assignment_model import NullOptionAssignmentModel, OptionAssignmentResult

EXPIRY = date(2024, 1, 12)


def expire(desk, *securities, kind=DelistingType.DELISTED):
    """The midnight step after the last day, when delistings arrive."""
    desk.set_time("2024-01-13 00:00")
    for security in securities:
        desk.securities._remove(security.symbol)
    points = {security.symbol: Delisting(security.symbol, datetime(2024, 1, 13), 0, kind) for security in securities}
    desk._engine_slice_events = [object()]
    desk.current_slice = SimpleNamespace(delistings=points, splits={})
    desk.scan()
    desk.scan()


def messages(desk):
    return [event.message for event in desk.events]


def test_worthless_option_expires_at_price_zero(desk):
    option = desk.option(desk.equity(price=100), "P", 95, EXPIRY, mid=2)
    desk.market_order(option.symbol, 1)
    expire(desk, option)
    assert desk.fills()[1:] == [(2, option.symbol.value, -1, 0)]
    assert messages(desk)[2:] == ["OTM. Underlying: 100. Loss: -210.0"]
    assert desk.portfolio.cash == 100_000 - 211
    assert [str(event.status) for event in desk.events[2:]] == ["FILLED"]
    assert desk.events[-1].order_fee.value.amount == 0


def test_short_put_in_the_money_is_assigned_shares(desk):
    stock = desk.equity(price=90)
    option = desk.option(stock, "P", 95, EXPIRY, mid=6)
    desk.market_order(option.symbol, -2)
    expire(desk, option)
    assert desk.fills()[1:] == [(2, option.symbol.value, 2, 0), (2, "SPY", 200, 95)]
    option_event, stock_event = desk.events[2:]
    assert (option_event.is_assignment, option_event.is_in_the_money) == (True, True)
    assert (stock_event.is_assignment, stock_event.is_in_the_money, stock_event.message) == (False, True, "Option Assignment")
    assert desk.assignments == [option_event]
    assert stock_event.quantity == 2
    assert (stock.holdings.quantity, stock.holdings.average_price) == (200, 95)
    assert desk.transactions.get_order_by_id(2).price == 95
    assert desk.transactions.get_order_ticket(2).quantity_filled == 200


def test_long_call_in_the_money_is_exercised(desk):
    stock = desk.equity(price=110)
    option = desk.option(stock, "C", 100, EXPIRY, mid=10)
    desk.market_order(option.symbol, 1)
    expire(desk, option)
    assert desk.fills()[1:] == [(2, option.symbol.value, -1, 0), (2, "SPY", 100, 100)]
    assert desk.assignments == []


def test_a_model_of_the_algorithm_decides_what_an_exercise_does(desk):
    """OptionExerciseModelPythonWrapper; OrderEvent's constructor with every field, as LEAN's CustomOptionExerciseModel example calls it."""

    class Model:
        def option_exercise(self, option, order):
            side = Extensions.get_order_direction(order.quantity)
            return [
                OrderEvent(
                    order.id, option.symbol, desk.transactions.utc_time, OrderStatus.FILLED, side, 1.5, order.quantity, OrderFee.ZERO, "Own"
                )
            ]

    option = desk.option(desk.equity(price=110), "C", 100, EXPIRY, mid=10)
    option.set_option_exercise_model(Model())
    desk.hold(option, 1)
    expire(desk, option)
    assert desk.fills() == [(1, option.symbol.value, -1, 1.5)]
    assert messages(desk)[0].startswith("Own. ")
    assert desk.events[0].utc_time == desk.transactions.utc_time


def test_options_expire_in_order_and_each_alone(desk):
    stock = desk.equity(price=93)
    short, long = desk.option(stock, "P", 95, EXPIRY, mid=3), desk.option(stock, "P", 90, EXPIRY, mid=1)
    desk.hold(short, -1)
    desk.hold(long, 1)
    expire(desk, short, long)
    assert [(order, value, quantity) for order, value, quantity, _ in desk.fills()] == [
        (1, short.symbol.value, 1),
        (1, "SPY", 100),
        (2, long.symbol.value, -1),
    ]


@pytest.mark.parametrize(("quantity", "cash"), [(-1, 100_000 + 990 - 1 - 5000), (1, 100_000 - 1010 - 1 + 5000)])
def test_index_options_settle_in_cash(desk, quantity, cash):
    spx = desk.index(price=4700)
    option = desk.option(spx, "P", 4750, EXPIRY, mid=10)
    desk.market_order(option.symbol, quantity)
    expire(desk, option)
    assert desk.portfolio.cash == cash
    assert desk.fills()[1:] == [(2, option.symbol.value, -quantity, 0)]
    profit = 990 - 5000 if quantity < 0 else 5000 - 1010
    records = list(desk.transactions._records.values())
    assert [float(record.profit_loss) for record in records] == [profit]


@pytest.mark.parametrize(
    ("right", "quantity", "price", "won"),
    [
        ("P", -1, 4760, True),
        ("P", -1, 4749.5, True),
        ("P", -1, 4700, False),
        ("P", 1, 4760, False),
        ("C", 1, 4900, True),
        ("C", 1, 4752, False),
    ],
)
def test_wins_of_expired_options_follow_lean(desk, right, quantity, price, won):
    spx = desk.index(price=4750)
    option = desk.option(spx, right, 4750, EXPIRY, mid=10)
    desk.market_order(option.symbol, quantity)
    desk.trade(spx, price)
    expire(desk, option)
    record = next(iter(desk.transactions._records.values()))
    assert record.is_win == won


def test_option_just_at_the_money_is_not_exercised(desk):
    option = desk.option(desk.equity(price=95), "P", 95, EXPIRY, mid=1)
    desk.hold(option, 1)
    expire(desk, option)
    assert desk.events[0].message.startswith("OTM")


def test_futures_option_delivers_one_future(desk):
    es = desk.future(price=4700)
    option = desk.option(es, "P", 4750, EXPIRY, mid=51)
    desk.hold(option, -2)
    expire(desk, option)
    assert [(value, quantity, price) for _, value, quantity, price in desk.fills()] == [(option.symbol.value, 2, 0), ("ES15H24", 2, 4750)]


def test_delisted_future_is_closed_at_its_price(desk):
    es = desk.future(price=4750, expiry=EXPIRY)
    desk.market_order(es.symbol, 1)
    expire(desk, es)
    event = desk.events[-1]
    assert (event.fill_price, event.fill_quantity, event.message, event.order_fee.value.amount) == (4750, -1, "Liquidate from delisting", 0)
    assert desk.transactions.get_order_by_id(2).tag == "Liquidate from delisting"


def test_warning_does_nothing_and_orders_are_cancelled_at_the_end(desk):
    option = desk.option(desk.equity(price=100), "P", 95, EXPIRY, mid=2)
    ticket = desk.limit_order(option.symbol, 1, 0.5)
    expire(desk, option, kind=DelistingType.WARNING)
    assert str(ticket.status) == "SUBMITTED"
    expire(desk, option)
    desk.scan()
    assert str(ticket.status) == "CANCELED"


# Early assignment


@pytest.fixture
def deep_put(desk):
    option = desk.option(desk.equity(price=90), "P", 100, EXPIRY, mid=10)
    desk.hold(option, -1)
    return option


def test_deep_short_american_option_is_assigned_near_expiry(desk, deep_put):
    desk.scan()
    assert desk.fills() == [(1, deep_put.symbol.value, 1, 0), (1, "SPY", 100, 100)]
    assert desk.assignments[0].message.endswith("Simulated option assignment before expiration")
    assert desk.transactions.get_order_by_id(1).tag == "Simulated option assignment before expiration"


def test_assignment_is_looked_at_once_an_hour(desk):
    desk.scan()
    option = desk.option(desk.equity(price=90), "P", 100, EXPIRY, mid=10)
    desk.hold(option, -1)
    desk.set_time("2024-01-09 10:59")
    desk.scan()
    assert desk.fills() == []
    desk.set_time("2024-01-09 11:00")
    desk.scan()
    assert len(desk.fills()) == 2


@pytest.mark.parametrize(("price", "expiry"), [(96, EXPIRY), (90, date(2024, 1, 14))])
def test_no_assignment_when_not_deep_or_too_early(desk, price, expiry):
    option = desk.option(desk.equity(price=price), "P", 100, expiry, mid=10)
    desk.hold(option, -1)
    desk.scan()
    assert desk.fills() == []


def test_assignment_can_be_switched_off_or_replaced(desk, deep_put):
    deep_put.set_option_assignment_model(NullOptionAssignmentModel())
    desk.scan()
    assert desk.fills() == []
    deep_put.set_option_assignment_model(SimpleNamespace(get_assignment=lambda _: OptionAssignmentResult(1, "mine")))
    desk.set_time("2024-01-09 11:00")
    desk.scan()
    assert desk.transactions.get_order_by_id(1).tag == "mine"


# Margin calls


def scan_margin(desk):
    return desk.portfolio.margin_call_model.get_margin_call_orders()


def test_margin_call_of_futures_recorded_on_lean(make_desk):
    desk = make_desk(cash=76_400)
    es = desk.future(price=3215.75)
    desk.quote(es, 3215.5, 3215.75)
    desk.market_order(es.symbol, -11)
    assert scan_margin(desk) == ([], False)
    desk.quote(es, 3227, 3227.25)
    desk.portfolio.invalidate_total_portfolio_value()
    assert scan_margin(desk) == ([], True)
    desk.quote(es, 3232.5, 3232.75)
    desk.portfolio.invalidate_total_portfolio_value()
    assert scan_margin(desk) == ([], False)
    desk.quote(es, 3240.75, 3241)
    desk.portfolio.invalidate_total_portfolio_value()
    requests, warn = scan_margin(desk)
    assert warn
    assert [(request.quantity, request.order_id, request.tag) for request in requests] == [(3, -10, "Margin Call")]
    assert isinstance(requests[0], SubmitOrderRequest)
    tickets = desk.portfolio.margin_call_model.execute_margin_call(requests)
    assert [(ticket.quantity, ticket.average_fill_price) for ticket in tickets] == [(3, 3241)]


def test_margin_call_closes_the_biggest_loser_first_and_stops_when_margin_is_back(make_desk):
    desk = make_desk(cash=80_000)
    spx, spy = desk.index(price=4752.5), desk.equity(price=470)
    put = desk.option(spx, "P", 4700, EXPIRY, mid=2.35)
    desk.market_order(put.symbol, -1)
    desk.market_order(spy.symbol, 20)
    desk.step()
    desk.trade(spx, 4400)
    desk.quote(put, 300, 304.7)
    desk.portfolio.invalidate_total_portfolio_value()
    requests, _ = scan_margin(desk)
    assert [(request.symbol.value[:3], request.quantity) for request in requests] == [("SPX", 1), ("SPY", -20)]
    tickets = desk.portfolio.margin_call_model.execute_margin_call(requests)
    assert [ticket.symbol.value[:3] for ticket in tickets] == ["SPX"]


@pytest.mark.parametrize(("cash", "contracts"), [(25_000, 1), (20_000, 4)])
def test_margin_call_of_a_spread_is_a_combo_whose_lots_count_twice_as_on_lean(make_desk, cash, contracts):
    desk = make_desk(BrokerageName.DEFAULT)
    spx = desk.index(price=4752.5)
    short, long = desk.option(spx, "P", 4750, EXPIRY, mid=61), desk.option(spx, "P", 4700, EXPIRY, mid=21)
    desk.hold(short, -3)
    desk.hold(long, 3)
    desk.portfolio.set_cash(cash)
    requests, warn = scan_margin(desk)
    assert warn
    assert [(str(request.order_type), request.quantity) for request in requests] == [
        ("COMBO_MARKET", contracts),
        ("COMBO_MARKET", -contracts),
    ]
