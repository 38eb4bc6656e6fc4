"""Positions under way: decisions become orders, one closing order at a time, nothing in each other's way."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from contracts import at, option, quote

from domain.contract import Leg, Role
from domain.position import Holding, Position
from domain.proposal import Exit, Hold
from domain.state import ExitReason, Intent, Urgency
from execution.position_book import PositionBook
from execution.position_management import Isolation, PositionManagement
from reporting.performance_tracker import Journal, of_kind, read_events

NOW = at("2024-01-05 10:30")
SHORT, LONG = option("P", 4680), option("P", 4650)


class FakeRouter:
    """Keeps what is sent; orders in the way are set by the test."""

    def __init__(self):
        self.sent, self.cancelled, self.escalated = [], [], []
        self.opening, self.closing, self.walking_out = None, None, set()

    def opening_of(self, _):
        return self.opening

    def closing_of(self, _):
        return self.closing

    def cancel(self, order):
        order.is_cancel_wanted = True
        self.cancelled.append(order)

    def escalate(self, order, proposal, _):
        self.escalated.append((order, proposal.urgency))

    def submit(self, proposal, units, now, *, resting_credit=None):
        self.sent.append((proposal, units, resting_credit))
        return SimpleNamespace(order_ids=[1], credit=proposal.credit, is_resting=resting_credit is not None)


class Decides:
    """A strategy that decides what the test tells it to."""

    def __init__(self, answer, resting=None, *, every_minute=False):
        self.answer, self.resting, self.every_minute = answer, resting, every_minute

    def manage(self, position, *_):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def resting_exit(self, _):
        return self.resting

    def wants_minute_beats(self, *_):
        return self.every_minute


def position(campaign="c1", strategy="one"):
    return Position(
        campaign_id=campaign, strategy=strategy, underlying="SPX", units=2, opened_at=NOW, premium_dollars=800.0, fees_dollars=4.0,
        entry_credit_dollars=800.0, holdings=(Holding(SHORT, -2, 5.0, Role.SHORT_PUT), Holding(LONG, 2, 1.0, Role.LONG_PUT)),
    )  # fmt: skip


def desk(strategies, *positions, breaker=None, defence=None):
    market = SimpleNamespace(now=NOW, quote=lambda contract: {SHORT.key: quote(5.0, 5.4), LONG.key: quote(1.0, 1.2)}[contract.key])
    book, router, journal = PositionBook(), FakeRouter(), Journal()
    book.restore(positions, [])
    management = PositionManagement(
        strategies, lambda *_: breaker, lambda *_: defence, market, SimpleNamespace(view=lambda: None), book, router, journal,
        Isolation(journal, market),
    )  # fmt: skip
    return SimpleNamespace(market=market, book=book, router=router, journal=journal, management=management)


def test_an_exit_becomes_one_closing_order_of_all_legs():
    at_desk = desk({"one": Decides(Exit(ExitReason.STOP))}, position())
    at_desk.management.beat(NOW)
    ((proposal, units, resting),) = at_desk.router.sent
    assert (proposal.intent, proposal.exit_reason, units, resting) == (Intent.CLOSE, ExitReason.STOP, 2, None)
    assert proposal.legs == (Leg(SHORT, 1, Role.SHORT_PUT), Leg(LONG, -1, Role.LONG_PUT))


def test_a_closing_waits_until_an_opening_order_of_its_campaign_is_withdrawn():
    at_desk = desk({"one": Decides(Exit(ExitReason.STOP))}, position())
    at_desk.router.opening = SimpleNamespace(is_cancel_wanted=False)
    at_desk.management.beat(NOW)
    assert at_desk.router.cancelled == [at_desk.router.opening]
    assert at_desk.router.sent == []
    assert at_desk.management.wants_minutes(NOW), "it is looked at again in a minute"
    at_desk.router.opening = None
    at_desk.management.beat(NOW + timedelta(minutes=1))
    assert len(at_desk.router.sent) == 1


def test_a_stop_decided_while_other_legs_are_being_closed_is_carried_out_even_if_the_price_recovers():
    strategy = Decides(Exit(ExitReason.STOP))
    at_desk = desk({"one": strategy}, position())
    other_legs = SimpleNamespace(legs=(Leg(SHORT, 1, Role.SHORT_PUT),), urgency=Urgency.WALK)
    at_desk.router.closing = SimpleNamespace(proposal=other_legs, is_cancel_wanted=False, is_resting=True)
    at_desk.management.beat(NOW)
    assert at_desk.router.cancelled == [at_desk.router.closing]
    at_desk.router.closing, strategy.answer = None, Hold()
    at_desk.management.beat(NOW + timedelta(minutes=1))
    assert [proposal.exit_reason for proposal, _, _ in at_desk.router.sent] == [ExitReason.STOP]
    at_desk.management.beat(NOW + timedelta(minutes=2))
    assert len(at_desk.router.sent) == 1, "once"


@pytest.mark.parametrize(
    ("is_minute_only", "closed"),
    [(False, ["c0", "c1"]), (True, ["c1"])],
    ids=["management beat: everybody", "a minute between: who wants it"],
)
def test_how_often_a_position_is_judged_does_not_depend_on_its_neighbours(is_minute_only, closed):
    quarterly, minutely = Decides(Exit(ExitReason.TIME)), Decides(Exit(ExitReason.TIME), every_minute=True)
    at_desk = desk({"quarterly": quarterly, "minutely": minutely}, position("c0", "quarterly"), position("c1", "minutely"))
    at_desk.management.beat(NOW, is_minute_only=is_minute_only)
    assert [proposal.campaign_id for proposal, _, _ in at_desk.router.sent] == closed


def test_a_position_whose_closing_order_walks_is_judged_every_minute():
    at_desk = desk({"one": Decides(Exit(ExitReason.TIME, urgency=Urgency.NATURAL))}, position())
    whole = SimpleNamespace(legs=(Leg(SHORT, 1, Role.SHORT_PUT), Leg(LONG, -1, Role.LONG_PUT)), urgency=Urgency.WALK)
    at_desk.router.closing = SimpleNamespace(proposal=whole, is_cancel_wanted=False, is_resting=False)
    at_desk.management.beat(NOW, is_minute_only=True)
    assert at_desk.router.escalated == []
    at_desk.router.walking_out = {"c1"}
    at_desk.management.beat(NOW, is_minute_only=True)
    assert [urgency for _, urgency in at_desk.router.escalated] == [Urgency.NATURAL]


def test_a_failure_in_one_position_does_not_stop_the_next():
    at_desk = desk({"bad": Decides(ValueError("no")), "one": Decides(Exit(ExitReason.TIME))}, position("c0", "bad"), position())
    at_desk.management.beat(NOW)
    assert [proposal.campaign_id for proposal, _, _ in at_desk.router.sent] == ["c1"]
    (error,) = of_kind(read_events(at_desk.journal.text()), "error")
    assert (error["subject"], error["error"]) == ("c0", "ValueError: no")


@pytest.mark.parametrize(
    ("answer", "breaker", "defence", "reason"),
    [
        (Hold(), None, None, None),
        (Hold(), None, Exit(ExitReason.DEFENSIVE), ExitReason.DEFENSIVE),
        (Exit(ExitReason.STOP), None, Exit(ExitReason.DEFENSIVE), ExitReason.STOP),
        (Exit(ExitReason.STOP), Exit(ExitReason.BREAKER), None, ExitReason.BREAKER),
    ],
)  # fmt: skip
def test_breakers_speak_first_and_the_defence_last(answer, breaker, defence, reason):
    at_desk = desk({"one": Decides(answer)}, position(), breaker=breaker, defence=defence)
    at_desk.management.beat(NOW)
    assert [proposal.exit_reason for proposal, _, _ in at_desk.router.sent] == ([reason] if reason else [])


def test_a_resting_target_is_taken_over_and_a_walking_exit_only_by_a_harder_one():
    at_desk = desk({"one": Decides(Hold(), resting=-2.0)}, position())
    at_desk.management.beat(NOW)
    ((target, _, resting),) = at_desk.router.sent
    assert resting == -2.0
    for is_resting, urgency, is_taken in ((True, Urgency.WALK, True), (False, Urgency.WALK, False), (False, Urgency.NATURAL, True)):
        other = desk({"one": Decides(Exit(ExitReason.TIME, urgency=urgency))}, position())
        other.router.closing = SimpleNamespace(proposal=target, is_resting=is_resting, is_cancel_wanted=False)
        other.management.beat(NOW)
        assert bool(other.router.escalated) is is_taken
        assert other.router.sent == []


@pytest.mark.parametrize("bid", [None, 0.10], ids=["no bid", "a bid of long ago that the engine carries over the ask"])
def test_a_wing_nobody_bids_for_is_left_to_expire(bid):
    at_desk = desk({"one": Decides(Exit(ExitReason.TIME))}, position())
    at_desk.market.quote = lambda contract: {SHORT.key: quote(bid, 0.05), LONG.key: quote(bid, 0.05)}[contract.key]
    at_desk.management.beat(NOW)
    ((proposal, units, _),) = at_desk.router.sent
    assert [leg.contract for leg in proposal.legs] == [SHORT]
    assert units == 2
