"""One order per structure, walked from the middle toward the natural price on fresh quotes."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
from AlgorithmImports import OrderStatus
from contracts import at, option, quote

from domain.contract import Leg, Role
from domain.proposal import Proposal
from domain.state import ExitReason, Intent, Urgency
from execution.order_router import OrderEnd, OrderRouter

SHORT, LONG = option("P", 4680), option("P", 4650)
LEGS = (Leg(SHORT, -1, Role.SHORT_PUT), Leg(LONG, 1, Role.LONG_PUT))
START = at("2024-01-05 10:30")


def proposal(intent=Intent.OPEN, urgency=Urgency.WALK, legs=LEGS, worst=None):
    return Proposal(
        id="p", campaign_id="c", strategy="friday_0dte", intent=intent, underlying="SPX", legs=legs, units=2, credit=0.0, natural_credit=0.0,
        multiplier=100.0, at=START, exit_reason=None if intent is Intent.OPEN else ExitReason.TIME, urgency=urgency, worst_credit=worst,
    )  # fmt: skip


class FakeEngine:
    """Takes orders like LEAN: ids by leg, updates of the first ticket move the group, a cancel is told by an event."""

    def __init__(self):
        self.limits, self.cancelled, self.sent = [], [], []
        tick = SimpleNamespace(symbol_properties=SimpleNamespace(minimum_price_variation=0.05))
        self.securities = {SHORT.key: tick, LONG.key: tick}

    def _ticket(self, number):
        return SimpleNamespace(
            order_id=number,
            update=lambda fields: self.limits.append(round(fields.limit_price, 10)),
            cancel=lambda: self.cancelled.append(number),
        )

    def combo_limit_order(self, legs, quantity, limit, tag=""):
        self.sent.append((len(legs), quantity, tag))
        self.limits.append(limit)
        return [self._ticket(number) for number in range(1, len(legs) + 1)]

    def limit_order(self, symbol, quantity, limit, tag=""):
        self.sent.append((1, quantity, tag))
        self.limits.append(limit)
        return self._ticket(1)


class FakeMarket:
    """Quotes by key, and the time."""

    def __init__(self):
        self.now = START
        self.quotes = {}

    def say(self, minutes, short, long):
        self.now = START + timedelta(minutes=minutes)
        when = self.now.strftime("%Y-%m-%d %H:%M")
        self.quotes = {SHORT.key: quote(*short, when), LONG.key: quote(*long, when)}

    def quote(self, contract):
        return self.quotes.get(contract.key)


class FakeInstruments:
    """Every contract is its own symbol."""

    def tradable(self, contract):
        return contract.key

    def symbol(self, contract):
        return contract.key


@pytest.fixture
def desk():
    engine, market, ended = FakeEngine(), FakeMarket(), []
    router = OrderRouter(engine, FakeInstruments(), market, 5, 3, timedelta(minutes=30), ended.append)
    market.say(0, (5.0, 5.4), (1.0, 1.2))  # mid 4.10, natural 3.80
    return SimpleNamespace(engine=engine, market=market, router=router, ended=ended)


def event(number, status, quantity=0, price=0.0, fee=0.0, symbol=SHORT.key):
    amount = SimpleNamespace(value=SimpleNamespace(amount=fee))
    return SimpleNamespace(order_id=number, status=status, fill_quantity=quantity, fill_price=price, order_fee=amount, symbol=symbol)


def test_an_entry_walks_from_mid_to_natural_and_is_given_up(desk):
    desk.router.submit(proposal(), 2, START)
    walked = [
        # minute, short, long                     limit as LEAN's combo price: credits are negative
        (1, (5.0, 5.4), (1.0, 1.2), -4.05),  # a fifth of the way: 4.04, rounded in our favour
        (2, (5.0, 5.4), (1.0, 1.2), -4.0),  # 3.98
        (3, (5.0, 5.4), (1.0, 1.2), -3.95),  # 3.92
        (4, (5.0, 5.4), (1.0, 1.2), -3.9),  # 3.86
        (5, (5.0, 5.4), (1.0, 1.2), -3.8),  # the natural price
    ]
    assert desk.engine.limits == [-4.1]
    assert desk.router.walking_out == set(), "it closes nothing"
    for minute, short, long, limit in walked:
        desk.market.say(minute, short, long)
        desk.router.walk(desk.market.now)
        assert desk.engine.limits[-1] == limit, minute
    desk.market.say(6, (5.0, 5.4), (1.0, 1.2))
    desk.router.walk(desk.market.now)
    assert desk.engine.cancelled == [1]
    desk.router.on_order_event(event(1, OrderStatus.CANCELED))
    assert [order.end for order in desk.ended] == [OrderEnd.GIVEN_UP]
    assert desk.router.working == ()


def test_without_a_fresh_quote_of_every_leg_no_step_is_taken(desk):
    desk.router.submit(proposal(), 2, START)
    desk.market.say(1, (5.0, 5.4), (1.0, 1.2))
    desk.market.quotes[LONG.key] = quote(1.0, 1.2, "2024-01-05 10:30")
    desk.router.walk(desk.market.now)
    assert desk.engine.limits == [-4.1]


def test_an_entry_is_withdrawn_when_its_time_is_over_whatever_the_quotes(desk):
    desk.router.submit(proposal(), 2, START)
    desk.router.walk(START + timedelta(minutes=30))
    assert desk.engine.cancelled == [1]


def test_an_entry_never_goes_below_its_worst_credit(desk):
    desk.router.submit(proposal(worst=3.95), 2, START)
    for minute in range(1, 6):
        desk.market.say(minute, (5.0, 5.4), (1.0, 1.2))
        desk.router.walk(desk.market.now)
    assert desk.engine.limits[-1] == -3.95


def test_an_exit_stays_at_the_natural_price_and_follows_it(desk):
    closing = tuple(leg.reversed() for leg in LEGS)
    desk.router.submit(proposal(Intent.CLOSE, legs=closing), 2, START)
    for minute in range(1, 5):
        desk.market.say(minute, (5.0, 5.4), (1.0, 1.2))
        desk.router.walk(desk.market.now)
    assert desk.engine.limits[-1] == 4.4  # buy at 5.4, sell at 1.0
    desk.market.say(5, (6.0, 6.4), (1.0, 1.2))
    desk.router.walk(desk.market.now)
    assert desk.engine.limits[-1] == 5.4
    assert desk.engine.cancelled == []


def test_a_resting_target_does_not_walk_until_it_is_taken_over(desk):
    closing = tuple(leg.reversed() for leg in LEGS)
    resting = proposal(Intent.CLOSE, legs=closing)
    order = desk.router.submit(resting, 2, START, resting_credit=-2.0)
    desk.market.say(1, (5.0, 5.4), (1.0, 1.2))
    desk.router.walk(desk.market.now)
    assert desk.engine.limits == [2.0]
    assert not desk.router.has_walking
    assert desk.router.walking_out == set()
    desk.router.escalate(order, replace(resting, urgency=Urgency.NATURAL, exit_reason=ExitReason.HARD_TIME), desk.market.now)
    assert desk.engine.limits[-1] == 4.4
    assert desk.router.walking_out == {resting.campaign_id}


def test_fills_of_all_legs_end_the_order(desk):
    desk.router.submit(proposal(), 2, START)
    desk.router.on_order_event(event(1, OrderStatus.FILLED, -2, 5.0, 2.0))
    assert desk.ended == []
    desk.router.on_order_event(event(2, OrderStatus.FILLED, 2, 1.2, 2.0, LONG.key))
    (order,) = desk.ended
    assert order.end is OrderEnd.FILLED
    assert [(fill.quantity, fill.price, fill.fee_dollars) for fill in order.fills] == [(-2, 5.0, 2.0), (2, 1.2, 2.0)]


def test_a_single_leg_is_a_plain_limit_order_at_its_own_price(desk):
    desk.router.submit(proposal(legs=LEGS[:1]), 2, START)
    assert desk.engine.sent == [(1, -2, "p")]
    assert desk.engine.limits == [5.2]


def test_a_structure_without_a_price_is_not_sent(desk):
    desk.market.quotes.pop(LONG.key)
    assert desk.router.submit(proposal(), 2, START) is None
    assert desk.engine.sent == []


def test_a_refused_order_ends_rejected(desk):
    desk.router.submit(proposal(), 2, START)
    desk.router.on_order_event(event(1, OrderStatus.INVALID))
    assert desk.ended[0].end is OrderEnd.REJECTED
