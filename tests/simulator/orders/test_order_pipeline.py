"""From the algorithm's call to ticket and events: checks, ids, refusals, updates, cancellations."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from simulator.algorithm.extensions import Extensions
from simulator.common.enums import BrokerageName, OrderField, OrderResponseErrorCode, OrderStatus, OrderType, Resolution
from simulator.common.system_exceptions import ArgumentException, InvalidCastException, InvalidOperationException
from simulator.orders.group_order import Leg
from simulator.orders.order_event import OrderEvent
from simulator.orders.order_fee import OrderFee
from simulator.orders.order_request import SubmitOrderRequest, UpdateOrderFields
from simulator.orders.price_rounding import round_to_step
from simulator.orders.time_in_force import OrderProperties, TimeInForce


@pytest.fixture
def put(desk):
    spx = desk.index(price=4752.5)
    return desk.option(spx, "P", 4700, date(2024, 1, 12), mid=10.4)


def code(ticket):
    return ticket.submit_request.response.error_code


def test_market_order_fills_before_the_call_returns(desk, put):
    ticket = desk.market_order(put.symbol, 2)
    assert (ticket.order_id, ticket.status, ticket.average_fill_price) == (1, OrderStatus.FILLED, 10.5)
    assert desk.history() == [(1, "SUBMITTED", 0, 0, 0), (1, "FILLED", 2, 10.5, 2)]
    assert [event.id for event in ticket.order_events] == [1, 2]


def test_handler_of_events_may_trade_inside_the_call(desk, put):
    desk.when_event = lambda event: desk.limit_order(put.symbol, -1, 20) if event.status == OrderStatus.FILLED else None
    first = desk.market_order(put.symbol, 1)
    assert first.status == OrderStatus.FILLED
    assert [(e.order_id, str(e.status)) for e in desk.events] == [(1, "SUBMITTED"), (1, "FILLED"), (2, "SUBMITTED")]


def test_handler_that_raises_stops_the_algorithm_but_not_the_call(desk, put):
    def raise_(_):
        raise ValueError("boom")

    desk.when_event = raise_
    assert desk.market_order(put.symbol, 1).status == OrderStatus.FILLED
    assert desk.runtime_errors[0] == ("Order Event Handler", "boom")


@pytest.mark.parametrize(
    ("prepare", "quantity", "expected"),
    [
        (lambda d, _p: setattr(d, "is_warming_up", True), 1, OrderResponseErrorCode.ALGORITHM_WARMING_UP),
        (lambda _d, _p: None, 0, OrderResponseErrorCode.ORDER_QUANTITY_ZERO),
        (lambda _d, _p: None, 0.5, OrderResponseErrorCode.ORDER_QUANTITY_LESS_THAN_LOT_SIZE),
        (
            lambda _d, p: (setattr(p, "is_tradable", False), setattr(p, "is_delisted", True)),
            1,
            OrderResponseErrorCode.NON_TRADABLE_SECURITY,
        ),
        (lambda _d, p: p.cache._reset(), 1, OrderResponseErrorCode.SECURITY_PRICE_ZERO),
    ],
)
def test_early_refusals_have_no_order(desk, put, prepare, quantity, expected):
    prepare(desk, put)
    ticket = desk.market_order(put.symbol, quantity)
    assert (code(ticket), ticket.order_id, ticket.status) == (expected, -10, OrderStatus.INVALID)
    assert desk.events == []
    assert desk.transactions.orders_count == 0
    assert len(desk.messages) == 1


def test_refusal_for_margin_is_an_invalid_order_with_one_event(make_desk):
    desk = make_desk(cash=20_000)
    put = desk.option(desk.index(price=4752.5), "P", 4700, date(2024, 1, 12), mid=10.4)
    ticket = desk.market_order(put.symbol, -1)
    assert (ticket.order_id, code(ticket)) == (1, OrderResponseErrorCode.INSUFFICIENT_BUYING_POWER)
    assert [str(event.status) for event in desk.events] == ["INVALID"]
    assert desk.events[0].message == (
        "Order Error: ids: [1], Insufficient buying power to complete orders (Value:[-1040]), Reason: Id: 1, Initial Margin: -67078.5,"
        " Free Margin: 20000."
    )
    assert desk.transactions.orders_count == 1


def test_margin_is_judged_before_the_brokerage_model(desk, put):
    ticket = desk.market_on_close_order(put.symbol, 1)
    assert code(ticket) == OrderResponseErrorCode.BROKERAGE_MODEL_REFUSED_TO_SUBMIT_ORDER
    assert "does not support MarketOnClose order type. Only supports [Market,Limit,StopMarket,StopLimit,ComboLimit]" in desk.messages[-1]
    assert code(desk.market_on_close_order(put.symbol, -100)) == OrderResponseErrorCode.INSUFFICIENT_BUYING_POWER


def test_market_order_on_a_closed_exchange_becomes_market_on_open(make_desk):
    desk = make_desk(BrokerageName.INTERACTIVE_BROKERS_BROKERAGE)
    spy = desk.equity(price=470)
    desk.set_time("2024-01-09 16:00")
    ticket = desk.market_order(spy.symbol, 10)
    assert (str(ticket.order_type), ticket.status) == ("MARKET_ON_OPEN", OrderStatus.SUBMITTED)
    desk.set_time("2024-01-10 09:31")
    desk.trade(spy, 473, open_=472)
    desk.scan()
    assert desk.fills() == [(1, "SPY", 10, 472)]


def test_market_order_on_daily_data_becomes_market_on_close(make_desk):
    desk = make_desk(BrokerageName.DEFAULT)
    spy = desk.equity(price=470, resolution=Resolution.DAILY)
    assert str(desk.market_order(spy.symbol, 10).order_type) == "MARKET_ON_CLOSE"
    desk.set_time("2024-01-09 15:50")
    assert str(desk.market_order(spy.symbol, 10).order_type) == "MARKET_ON_OPEN"


def test_late_market_on_close_order(make_desk):
    desk = make_desk(BrokerageName.DEFAULT)
    spy = desk.equity(price=470)
    desk.set_time("2024-01-09 15:45")
    assert code(desk.market_on_close_order(spy.symbol, 1)) == OrderResponseErrorCode.MARKET_ON_CLOSE_ORDER_TOO_LATE
    desk.set_time("2024-01-09 15:44")
    assert desk.market_on_close_order(spy.symbol, 1).status == OrderStatus.SUBMITTED


def test_futures_refuse_market_on_open(make_desk):
    desk = make_desk(BrokerageName.DEFAULT)
    es = desk.future(price=4751)
    desk.set_time("2024-01-09 17:30")
    assert code(desk.market_on_open_order(es.symbol, 1)) == OrderResponseErrorCode.EXCHANGE_NOT_OPEN


def test_quantities_are_cut_to_whole_lots(desk, put):
    assert desk.market_order(put.symbol, 1.5).quantity == 1
    assert desk.messages == ["Warning: Due to brokerage limitations, orders will be rounded to the nearest lot size of 1"]


@pytest.mark.parametrize(("asked", "rounded"), [(9.3237, 9.3), (9.35, 9.4), (9.25, 9.2), (2.97, 2.95), (2.99, 3.0), (0.07, 0.05)])
def test_prices_of_index_options_are_rounded_half_to_even(desk, put, asked, rounded):
    ticket = desk.limit_order(put.symbol, 1, asked)
    assert ticket.get(OrderField.LIMIT_PRICE) == rounded


@pytest.mark.parametrize(("price", "step", "text"), [("16.7", "0.01", "16.70"), ("28", "0.01", "28.00"), ("1600", "0.25", "1600.00")])
def test_a_rounded_price_has_the_decimals_of_its_step(price, step, text):
    assert str(round_to_step(Decimal(price), Decimal(step))) == text


def test_first_rounding_is_told(desk):
    spy = desk.equity(price=470)
    desk.limit_order(spy.symbol, 1, 400.123456)
    desk.limit_order(spy.symbol, 1, 400.123456)
    assert desk.messages == ["Warning: To meet brokerage precision requirements, order LimitPrice was rounded to 400.12 from 400.123456"]


def test_resting_order_is_updated_when_requests_are_processed(desk, put):
    ticket = desk.limit_order(put.symbol, 1, 5)
    fields = UpdateOrderFields()
    fields.limit_price, fields.quantity, fields.tag = 6, 2, "better"
    response = ticket.update(fields)
    assert response.is_success
    assert (ticket.get(OrderField.LIMIT_PRICE), ticket.quantity) == (5, 1)
    desk.scan()
    assert (ticket.get(OrderField.LIMIT_PRICE), ticket.quantity, ticket.tag) == (6, 2, "better")
    assert str(desk.events[-1].status) == "UPDATE_SUBMITTED"


def test_update_of_a_closed_order_may_change_its_tag_only(desk, put):
    ticket = desk.market_order(put.symbol, 1)
    assert ticket.update_limit_price(3).error_code == OrderResponseErrorCode.INVALID_ORDER_STATUS
    assert ticket.update_tag("done").is_success
    desk.scan()
    assert ticket.tag == "done"


def test_cancellation_is_pending_until_requests_are_processed(desk, put):
    ticket = desk.limit_order(put.symbol, 1, 5)
    assert ticket.cancel("not wanted").is_success
    assert ticket.status == OrderStatus.CANCEL_PENDING
    assert ticket.cancel().error_code == OrderResponseErrorCode.REQUEST_CANCELED
    desk.scan()
    assert ticket.status == OrderStatus.CANCELED
    assert [str(event.status) for event in desk.events] == ["SUBMITTED", "CANCEL_PENDING", "CANCELED"]
    assert ticket.tag == "not wanted"
    assert desk.transactions.get_open_orders() == []


def test_filled_order_cannot_be_cancelled(desk, put):
    ticket = desk.market_order(put.symbol, 1)
    assert ticket.cancel().error_code == OrderResponseErrorCode.INVALID_ORDER_STATUS


def test_unknown_order_id(desk):
    assert desk.transactions.cancel_order(7).cancel_request.response.error_code == OrderResponseErrorCode.UNABLE_TO_FIND_ORDER


def test_combo_shares_a_group_and_is_refused_as_a_whole(desk, put):
    empty = desk.option(put.underlying, "P", 4600, date(2024, 1, 12))
    tickets = desk.combo_limit_order([Leg.create(put.symbol, -1), Leg.create(empty.symbol, 1)], 1, -5)
    assert [code(ticket) for ticket in tickets] == [OrderResponseErrorCode.SECURITY_PRICE_ZERO]
    assert desk.events == []
    desk.quote(empty, 1, 1.2)
    tickets = desk.combo_limit_order([Leg.create(put.symbol, -1), Leg.create(empty.symbol, 2)], 3, -5)
    assert [ticket.quantity for ticket in tickets] == [-3, 6]
    manager = tickets[0]._order.group_order_manager
    assert (manager.id, manager.count, manager.order_ids, manager.limit_price) == (2, 2, [1, 2], -5)


@pytest.mark.parametrize("call", ["combo_market_order", "combo_leg_limit_order"])
def test_tastytrade_takes_only_limit_combos(desk, put, call):
    legs = [Leg.create(put.symbol, 1, 3.0 if call == "combo_leg_limit_order" else None)]
    legs.append(Leg.create(desk.option(put.underlying, "P", 4600, date(2024, 1, 12), mid=2).symbol, -1, legs[0].order_price and 1.0))
    tickets = getattr(desk, call)(legs, 1)
    assert {code(ticket) for ticket in tickets} == {
        OrderResponseErrorCode.BROKERAGE_MODEL_REFUSED_TO_SUBMIT_ORDER,
        OrderResponseErrorCode.NONE,
    }
    assert {ticket.status for ticket in tickets} == {OrderStatus.INVALID}


def test_combo_ratios_must_be_in_lowest_terms(desk, put):
    with pytest.raises(ArgumentException, match="reduced from 1x"):
        desk.combo_limit_order([Leg.create(put.symbol, 2), Leg.create(put.symbol, -4)], 1, 1)
    with pytest.raises(ArgumentException, match="requires a limit price"):
        desk.combo_limit_order([Leg.create(put.symbol, 1)], 1, 0)


def test_cancelling_one_leg_cancels_the_combo(desk, put):
    other = desk.option(put.underlying, "P", 4600, date(2024, 1, 12), mid=2)
    tickets = desk.combo_limit_order([Leg.create(put.symbol, -1), Leg.create(other.symbol, 1)], 1, -20)
    tickets[0].cancel()
    tickets[1].cancel()
    desk.scan()
    assert [(e.order_id, str(e.status)) for e in desk.events[2:]] == [
        (1, "CANCEL_PENDING"),
        (2, "CANCEL_PENDING"),
        (1, "CANCELED"),
        (2, "CANCELED"),
    ]


def test_day_order_expires_at_the_close(desk, put):
    properties = OrderProperties()
    properties.time_in_force = TimeInForce.DAY
    ticket = desk.limit_order(put.symbol, 1, 0.1, order_properties=properties)
    desk.set_time("2024-01-09 15:59")
    desk.scan()
    assert ticket.status == OrderStatus.SUBMITTED
    desk.set_time("2024-01-09 16:00")
    desk.scan()
    assert (ticket.status, desk.events[-1].message) == (OrderStatus.CANCELED, "The order has expired.")


def test_good_til_date_order_expires_at_the_close_of_its_date(desk, put):
    properties = OrderProperties()
    properties.time_in_force = TimeInForce.GOOD_TIL_DATE(date(2024, 1, 10))
    ticket = desk.limit_order(put.symbol, 1, 0.1, order_properties=properties)
    desk.set_time("2024-01-10 15:59")
    desk.scan()
    assert ticket.status == OrderStatus.SUBMITTED
    desk.set_time("2024-01-10 16:00")
    desk.scan()
    assert ticket.status == OrderStatus.CANCELED


def test_orders_are_listed_as_copies(desk, put):
    ticket = desk.limit_order(put.symbol, 1, 5)
    listed = desk.transactions.get_open_orders(put.symbol)
    listed[0].tag = "changed"
    assert ticket.tag == ""
    assert desk.transactions.get_open_orders(lambda order: order.id == 2) == []
    assert desk.transactions.get_order_by_id(1).id == 1
    assert desk.transactions.get_open_orders_remaining_quantity(put.symbol) == 1


def test_liquidate_cancels_and_closes_in_ticker_order(desk, put):
    other = desk.option(put.underlying, "P", 4600, date(2024, 1, 12), mid=2)
    desk.market_order(put.symbol, 1)
    desk.market_order(other.symbol, 1)
    resting = desk.limit_order(put.symbol, 1, 5)
    tickets = desk.liquidate()
    desk.scan()
    assert resting.status == OrderStatus.CANCELED
    assert [(ticket.symbol.id.strike_price, ticket.quantity, ticket.tag) for ticket in tickets] == [
        (4600, -1, "Liquidated"),
        (4700, -1, "Liquidated"),
    ]
    assert not desk.portfolio.invested


def test_closing_the_long_leg_first_can_be_refused(make_desk):
    desk = make_desk(cash=30_000)
    spx = desk.index(price=4752.5)
    short = desk.option(spx, "P", 4750, date(2024, 1, 12), mid=12)
    long = desk.option(spx, "P", 4700, date(2024, 1, 12), mid=3)
    desk.hold(short, -1)
    desk.hold(long, 1)
    assert code(desk.market_order(long.symbol, -1)) == OrderResponseErrorCode.INSUFFICIENT_BUYING_POWER
    assert "Maintenance Margin Delta" in desk.messages[-1]


def test_index_cannot_be_ordered(desk):
    spx = desk.index(price=4752.5)
    with pytest.raises(InvalidOperationException, match="cannot be re-added"):
        desk.market_order(spx.symbol, 1)


def test_unknown_ticker_is_added_and_refused_without_price(desk):
    assert code(desk.market_order("ZZZZ", 1)) == OrderResponseErrorCode.SECURITY_PRICE_ZERO
    assert "ZZZZ" in desk.securities


@pytest.mark.parametrize(
    ("held", "quantity", "expected"),
    [(-1, 1, OrderResponseErrorCode.UNSUPPORTED_REQUEST_TYPE), (1, 2, OrderResponseErrorCode.UNSUPPORTED_REQUEST_TYPE)],
)
def test_exercise_needs_long_contracts(make_desk, held, quantity, expected):
    desk = make_desk(BrokerageName.DEFAULT)
    option = desk.option(desk.equity(price=470), "C", 460, mid=11)
    desk.hold(option, held)
    assert code(desk.exercise_option(option.symbol, quantity)) == expected


def test_exercise_of_shares_is_a_wrong_cast(desk):
    """QCAlgorithm.ExerciseOption casts the security before any check."""
    stock = desk.equity(price=470)
    with pytest.raises(InvalidCastException, match=r"'QuantConnect\.Securities\.Equity\.Equity' to type"):
        desk.exercise_option(stock.symbol, 1)


def test_european_options_are_not_exercised_early(make_desk):
    desk = make_desk(BrokerageName.DEFAULT)
    option = desk.option(desk.index(price=4752.5), "C", 4700, date(2024, 1, 12), mid=60)
    desk.hold(option, 1)
    assert code(desk.exercise_option(option.symbol, 1)) == OrderResponseErrorCode.EUROPEAN_OPTION_NOT_EXPIRED_ON_EXERCISE


def test_exercise_of_a_share_call(make_desk):
    desk = make_desk(BrokerageName.DEFAULT)
    spy = desk.equity(price=470)
    option = desk.option(spy, "C", 460, mid=11)
    desk.hold(option, 1)
    desk.exercise_option(option.symbol, 1)
    assert desk.fills() == [(1, option.symbol.value, -1, 0), (1, "SPY", 100, 460)]
    assert (spy.holdings.quantity, spy.holdings.average_price, desk.portfolio.cash) == (100, 460, 54_000)


def test_maximum_orders_stop_the_algorithm(desk, put):
    desk.set_maximum_orders(1)
    desk.market_order(put.symbol, 1)
    desk.market_order(put.symbol, 1)
    assert code(desk.market_order(put.symbol, 1)) == OrderResponseErrorCode.EXCEEDED_MAXIMUM_ORDERS
    assert str(desk.status) == "STOPPED"


def test_set_holdings_leaves_the_buffer_free(make_desk):
    desk = make_desk(BrokerageName.DEFAULT, cash=100_000)
    spy = desk.equity(price=470)
    desk.set_holdings(spy.symbol, 1.0)
    assert spy.holdings.quantity == 212
    desk.set_holdings(spy.symbol, 0)
    assert spy.holdings.quantity == 0
    assert desk.calculate_order_quantity(spy.symbol, -0.5) == -106


def test_buying_back_a_covered_call_needs_no_margin(make_desk):
    """Only shares are left afterwards, so LEAN asks the option's own margin model, which lets every reduction pass."""
    desk = make_desk(cash=100)
    stock = desk.equity(price=100)
    call = desk.option(stock, "C", 105, date(2024, 1, 12), mid=2)
    desk.hold(stock, 100)
    desk.hold(call, -1)
    desk.portfolio.set_cash(-4_800)
    assert desk.market_order(call.symbol, 1).status == OrderStatus.FILLED


@pytest.mark.parametrize(
    ("rest", "trigger", "trailing"),
    [
        ((datetime(2024, 1, 9, 15), "why"), 0, (0, False)),
        ((9.5, datetime(2024, 1, 9, 15), "why"), 9.5, (0, False)),
        ((9.5, 0.01, True, datetime(2024, 1, 9, 15), "why"), 9.5, (0.01, True)),
    ],
)
def test_a_request_can_be_written_in_each_of_leans_ways(put, rest, trigger, trailing):
    """The three constructors of SubmitOrderRequest; a ticker in use stands for its symbol."""
    request = SubmitOrderRequest(OrderType.LIMIT, put.type, put.symbol.value, 1, 0, 10, *rest)
    assert (request.symbol, request.quantity, request.limit_price, request.trigger_price) == (put.symbol, 1, 10, trigger)
    assert (float(request._trailing_amount), request.trailing_as_percentage, request.tag) == (*trailing, "why")
    assert request.time == datetime(2024, 1, 9, 15, tzinfo=UTC)


def test_orders_tickets_and_events_have_a_text(desk, put):
    """ToString of Order, OrderTicket and OrderEvent, as Python spells it."""
    ticket = desk.market_order(put.symbol, 1)
    for item in (ticket, ticket.order_events[-1], desk.transactions.get_order_by_id(1)):
        assert item.to_string() == str(item)


def test_texts_of_orders_tell_their_prices(make_desk):
    """Messages.LimitOrder, StopMarketOrder, StopLimitOrder, TrailingStopOrder, LimitIfTouchedOrder and OrderEvent, ToString."""
    desk = make_desk(BrokerageName.DEFAULT)
    put = desk.option(desk.index(price=4752.5), "P", 4700, date(2024, 1, 12), mid=10.4)
    desk.limit_order(put.symbol, 1, 5)
    desk.stop_market_order(put.symbol, 1, 20, tag="why")
    desk.stop_limit_order(put.symbol, 1, 20, 21)
    desk.limit_if_touched_order(put.symbol, 2, 6, 7)
    desk.trailing_stop_order(put.symbol, 1, 20, 0.5, False)
    desk.trailing_stop_order(put.symbol, 1, 20, 0.01, True)
    texts = [str(desk.transactions.get_order_by_id(number)) for number in range(1, 7)]
    assert texts[0] == f"OrderId: 1 (BrokerId: 1) Submitted Limit order for 1 unit of {put.symbol} at limit $5"
    assert texts[1].endswith(f"1 unit of {put.symbol}: why at stop $20")
    assert texts[2].endswith(" at stop $20 limit $21")
    assert texts[3].endswith(f"2 units of {put.symbol} at trigger $6 limit $7")
    assert texts[4].endswith(": Trailing Amount: $0.5 at stop $20. Trailing amount: $0.50")
    assert texts[5].endswith(": Trailing Amount: 1.00% at stop $20. Trailing amount: 1.00%")
    assert " StopPrice: $20 TrailingAmount: $0.01 IsAssignment" in str(desk.events[-1])


def test_open_orders_come_bucket_by_bucket(desk, put):
    """BrokerageTransactionHandler keeps open orders in a ConcurrentDictionary by id, which has 37 buckets."""
    for number in range(1, 76):
        ticket = desk.limit_order(put.symbol, 1, 5)
        if number not in {36, 37, 38, 74, 75}:
            ticket.cancel()
            desk.scan()
    assert [order.id for order in desk.transactions.get_open_orders()] == [74, 37, 75, 38, 36]
    del desk.events[:]
    desk.transactions.cancel_open_orders()
    assert [event.order_id for event in desk.events] == [74, 37, 75, 38, 36]


def test_requests_have_a_text(make_desk):
    """Messages.SubmitOrderRequest, UpdateOrderRequest and CancelOrderRequest, ToString."""
    desk = make_desk(BrokerageName.DEFAULT)
    put = desk.option(desk.index(price=4752.5), "P", 4700, date(2024, 1, 12), mid=10.4)
    ticket = desk.limit_order(put.symbol, 1, 5, tag="why")
    ticket.update_limit_price(5.5, "up")
    ticket.update_quantity(2)
    desk.scan()
    ticket.cancel("over")
    desk.scan()
    time = "01/09/2024 15:00:00 UTC"
    order = f"OrderId: 1 (BrokerId: ) New Limit order for 1 unit of {put.symbol}: why at limit 5"
    assert str(ticket.submit_request) == f"{time}: Submit Order: (1) - {order} why Status: Processed Async: False"
    assert str(ticket.update_requests[0]) == f"{time}: Update Order: (1) - LimitPrice: 5.5 up Status: Processed"
    assert str(ticket.update_requests[1]) == f"{time}: Update Order: (1) - Quantity: 2  Status: Processed"
    assert ticket.cancel_request.to_string() == f"{time}: Cancel Order: (1) - over Status: Processed"


def test_requests_made_by_hand_take_a_trigger_before_the_time(desk, put):
    """The overloads of SubmitOrderRequest; the symbol may be a ticker."""
    now = desk.transactions.utc_time
    touched = SubmitOrderRequest(OrderType.LIMIT_IF_TOUCHED, put.type, put.symbol.value, 1, 0, 9.5, 9, now, "by hand")
    ticket = desk.transactions.add_order(touched)
    assert (ticket.symbol, ticket.get(OrderField.TRIGGER_PRICE), ticket.get(OrderField.LIMIT_PRICE)) == (put.symbol, 9, 9.5)
    trailing = SubmitOrderRequest(OrderType.TRAILING_STOP, put.type, put.symbol, 1, 14.4, 0, 0, 0.25, True, now, "by hand")
    ticket = desk.transactions.add_order(trailing)
    assert (ticket.get(OrderField.TRAILING_AMOUNT), ticket.get(OrderField.TRAILING_AS_PERCENTAGE), ticket.tag) == (0.25, True, "by hand")


def test_events_made_by_hand_of_all_their_fields(make_desk):
    """An exercise model of an algorithm answers with them."""

    class Exercise:
        def option_exercise(self, option, order):
            side = Extensions.get_order_direction(order.quantity)
            now = Extensions.convert_to_utc(option.local_time, option.exchange.time_zone)
            return [OrderEvent(order.id, option.symbol, now, OrderStatus.FILLED, side, 0.0, order.quantity, OrderFee.ZERO, "Own rules")]

    desk = make_desk(BrokerageName.DEFAULT)
    put = desk.option(desk.index(price=4752.5), "P", 4700, date(2024, 1, 12), mid=10.4)
    put.set_option_exercise_model(Exercise())
    desk.hold(put, 2)
    desk.set_time("2024-01-12 10:00")
    desk.quote(put, 10.3, 10.5)
    desk.exercise_option(put.symbol, 2)
    assert desk.fills() == [(1, put.symbol.value, -2, 0)]
    assert desk.events[-1].message == "Own rules. Loss: -2080.0"
