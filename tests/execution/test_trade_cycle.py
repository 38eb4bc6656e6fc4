"""The way of a trade: entries in their window, each change of reason told once, one failure never stopping the rest."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
from contracts import at, option

from domain.contract import Leg, Role
from domain.proposal import Proposal, Skip, Verdict
from domain.quote import Quote
from domain.state import Intent, SkipCode
from domain.views import PortfolioView, Session
from execution.position_management import Isolation
from execution.trade_cycle import TradeCycle
from reporting.performance_tracker import Journal, of_kind, read_events
from risk.pipeline import Pipeline
from strategies.base import Candidates, EntryPlan

DAY = "2024-01-05"
PUT = option("P", 4680)


def now(text):
    return at(f"{DAY} {text}")


class FakeMarket:
    """A clock, a session from 9:30 to 16:00, and quotes every so many minutes."""

    def __init__(self):
        self.now = now("09:30")
        self.quote_minutes = 1

    def quote(self, _):
        return Quote(4.0, 4.4, self.now - timedelta(minutes=self.now.minute % self.quote_minutes))

    def session(self, day):
        return Session(now("09:30"), now("16:00")) if str(day) == DAY else None


class FakeRouter:
    """Orders under way, set by the test."""

    working, has_walking = (), False

    def walk(self, moment):
        self.walked = moment


class FakeManagement:
    """Takes what is submitted; wishes are set by the test."""

    def __init__(self):
        self.submitted, self.wishes = [], []

    def wants_minutes(self, _now):
        return False

    def beat(self, _now, *, is_minute_only):
        return self.wishes

    def submit(self, proposal, units, _):
        self.submitted.append((proposal.id, units))

    def find(self, _):
        return None


class Planned:
    """A strategy that answers what the test tells it to, from 10:30 to 10:45."""

    proposes_alternatives = False

    def __init__(self, name, answers):
        self.name, self.answers = name, answers

    def entry_plan(self, day, _):
        return EntryPlan(now("10:25"), now("10:30"), now("10:45"))

    def candidates(self, *_):
        return Candidates((PUT,))

    def propose(self, candidates, market, portfolio, moment):
        answer = self.answers(moment)
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, list) else [answer]


class AtMost:
    """A rule that allows so many units."""

    name = "at_most"

    def __init__(self, units):
        self.units = units

    def judge(self, proposal, *_):
        return Verdict(self.name, min(self.units, proposal.units))


def proposal(name, moment):
    return Proposal(
        id=f"{name}/{moment:%H:%M}", campaign_id=f"{name}/c", strategy=name, intent=Intent.OPEN, underlying="SPX", units=3, credit=4.0, natural_credit=3.8,
        legs=(Leg(PUT, -1, Role.SHORT_PUT),), multiplier=100.0, at=moment,
    )  # fmt: skip


class Desk:
    """The cycle with its fakes; runs what it scheduled in order of time."""

    def __init__(self, *strategies, units=2, rule=None):
        self.market, self.router, self.management, self.journal = FakeMarket(), FakeRouter(), FakeManagement(), Journal()
        self.subscribed, self.scheduled, self.views = [], [], []
        view = PortfolioView(net_liquidation_value=75_000.0)
        self.cycle = TradeCycle(
            {strategy.name: strategy for strategy in strategies}, Pipeline([rule or AtMost(units)]), self.market,
            SimpleNamespace(subscribe=self.subscribed.extend), SimpleNamespace(view=lambda **asked: self.views.append(asked) or view), self.router, self.management, self.journal,
            Isolation(self.journal, self.market), lambda moment, callback: self.scheduled.append((moment, callback)), timedelta(minutes=15),
        )  # fmt: skip

    def run(self, until):
        self.cycle.plan_day()
        while due := [item for item in self.scheduled if item[0] <= now(until)]:
            moment, callback = min(due, key=lambda item: item[0])
            self.scheduled.remove((moment, callback))
            self.market.now = moment
            callback()

    def told(self, *kinds):
        return of_kind(read_events(self.journal.text()), *kinds)


def test_an_entry_is_prepared_judged_and_submitted_at_the_size_the_rules_allow():
    desk = Desk(Planned("one", lambda moment: proposal("one", moment)))
    desk.run("10:30")
    assert desk.subscribed == [PUT]
    assert desk.management.submitted == [("one/10:30", 2)]
    assert desk.views[-1] == {"with_margin": True}, "the rules'"
    assert [event["kind"] for event in desk.told("plan", "candidates", "proposal", "verdict")] == [
        "plan",
        "candidates",
        "proposal",
        "verdict",
    ]


def test_nothing_is_asked_before_the_window_opens():
    asked = []
    desk = Desk(Planned("one", lambda moment: asked.append(moment) or Skip(SkipCode.NO_QUOTE)))
    desk.scheduled.append((now("10:27"), desk.cycle.beat))
    desk.run("10:29")
    assert asked == []


def test_a_window_without_a_trade_is_tried_each_minute_and_told_once_a_reason():
    asked = []
    reasons = {"10:33": Skip(SkipCode.NO_SPOT), "10:34": Skip(SkipCode.NO_QUOTE)}
    desk = Desk(Planned("one", lambda moment: asked.append(moment) or reasons.get(f"{moment:%H:%M}", Skip(SkipCode.NO_QUOTE))))
    desk.run("10:50")
    assert [f"{moment:%H:%M}" for moment in asked] == [f"10:{minute}" for minute in range(30, 46)]
    assert [event["code"] for event in desk.told("skip")] == ["no_quote", "no_spot", "no_quote"]
    assert desk.told("skip")[-1]["is_final"]


def test_a_window_is_tried_whenever_a_candidate_is_quoted_anew():
    asked = []
    desk = Desk(Planned("one", lambda moment: asked.append(moment) or Skip(SkipCode.NO_STRIKE_IN_BAND)))
    desk.market.quote_minutes = 5
    desk.run("10:50")
    assert [f"{moment:%H:%M}" for moment in asked] == ["10:30", "10:35", "10:40", "10:45"]


def test_without_any_quote_a_window_is_tried_each_minute():
    asked = []
    desk = Desk(Planned("one", lambda moment: asked.append(moment) or Skip(SkipCode.NO_QUOTE)))
    desk.market.quote = lambda _: None
    desk.run("10:50")
    assert len(asked) == 16


def test_a_refused_proposal_is_not_tried_again():
    desk = Desk(Planned("one", lambda moment: proposal("one", moment)), units=0)
    desk.run("10:50")
    assert len(desk.told("proposal")) == 1
    assert desk.management.submitted == []


def on(underlying, moment):
    return replace(proposal("one", moment), underlying=underlying, id=f"one/{underlying}", campaign_id=f"one/{underlying}")


class NoGold(AtMost):
    """Refuses gold."""

    def judge(self, proposal, *_):
        return Verdict(self.name, 0 if proposal.underlying == "GC" else self.units)


def test_of_alternatives_the_first_that_passes_is_traded():
    strategy = Planned("one", lambda moment: [Skip(SkipCode.NO_QUOTE, detail="CL"), *(on(name, moment) for name in ("GC", "GLD", "TLT"))])
    strategy.proposes_alternatives = True
    desk = Desk(strategy, rule=NoGold(1))
    desk.run("10:30")
    assert [event["id"] for event in desk.told("proposal")] == ["one/GC", "one/GLD"], "TLT is not even judged"
    assert desk.management.submitted == [("one/GLD", 1)]


def test_proposals_that_are_no_alternatives_are_all_traded():
    desk = Desk(Planned("one", lambda moment: [on(name, moment) for name in ("GC", "GLD", "TLT")]), rule=NoGold(1))
    desk.run("10:30")
    assert desk.management.submitted == [("one/GLD", 1), ("one/TLT", 1)]


def test_a_strategy_that_fails_is_journaled_and_does_not_stop_the_others():
    desk = Desk(Planned("bad", lambda _: ZeroDivisionError("division by zero")), Planned("good", lambda moment: proposal("good", moment)))
    desk.run("10:30")
    (error,) = desk.told("error")
    assert (error["what"], error["subject"], error["error"]) == ("entry", "bad", "ZeroDivisionError: division by zero")
    assert error["where"].startswith("test_trade_cycle.py:")
    assert desk.management.submitted == [("good/10:30", 2)]


def test_an_order_under_way_is_left_to_walk_and_tried_again_when_given_up():
    desk = Desk(Planned("one", lambda moment: proposal("one", moment)))
    desk.run("10:30")
    order = SimpleNamespace(proposal=proposal("one", now("10:30")), credit=3.8)
    desk.router.working = (order,)
    desk.market.now = now("10:34")
    desk.cycle.beat()
    assert len(desk.management.submitted) == 1, "it is walking"
    desk.router.working = ()
    desk.market.quote_minutes = 60
    desk.cycle.on_entry_end(order, is_filled=False)
    desk.market.now = now("10:35")
    desk.cycle.beat()
    assert desk.management.submitted[-1] == ("one/10:35", 2)


def test_a_refused_change_of_a_position_rests_until_the_next_management_beat():
    strategy = Planned("one", lambda _: Skip(SkipCode.NO_QUOTE))
    strategy.adjust = lambda position, candidates, market, portfolio, moment: proposal("one", moment)
    desk = Desk(strategy, units=0)
    desk.management.find = lambda _: object()
    desk.router.closing_of = lambda _: None
    desk.management.wishes = [SimpleNamespace(strategy="one", campaign_id="c9", candidates=Candidates((PUT,)))]
    for minute in range(35, 52):
        desk.market.now = now(f"11:{minute}")
        desk.cycle.beat()
    assert [event["at"][-8:-3] for event in desk.told("proposal")] == ["11:35", "11:50"]


def wishing(strategy, **changes):
    desk = Desk(strategy, **changes)
    desk.management.find = lambda _: object()
    desk.router.closing_of = lambda _: None
    desk.management.wishes = [SimpleNamespace(strategy="one", campaign_id="c9", candidates=Candidates((PUT,)))]
    return desk


def test_what_keeps_a_position_from_its_change_is_told_once_a_day():
    strategy = Planned("one", lambda _: Skip(SkipCode.NOT_ENTRY_DAY))
    strategy.adjust = lambda *_: Skip(SkipCode.CREDIT_BELOW_FLOOR, {"extrinsic": 0.1}, "short leg")
    desk = wishing(strategy)
    for minute in range(60):
        desk.market.now = now(f"11:{minute:02d}")
        desk.cycle.beat()
    assert [(event["at"][-8:-3], event["code"]) for event in desk.told("skip")] == [("11:00", "credit_below_floor")]


def test_a_change_that_was_filled_is_not_asked_for_again():
    asked = []
    strategy = Planned("one", lambda _: Skip(SkipCode.NOT_ENTRY_DAY))
    strategy.adjust = lambda position, candidates, market, portfolio, moment: asked.append(moment) or replace(
        proposal("one", moment), campaign_id="c9"
    )
    desk = wishing(strategy)
    desk.market.now = now("11:00")
    desk.cycle.beat()
    desk.management.wishes = []
    desk.cycle.on_entry_end(SimpleNamespace(proposal=replace(proposal("one", now("11:00")), campaign_id="c9"), credit=3.8), is_filled=True)
    desk.market.now = now("11:01")
    desk.cycle.beat()
    assert asked == [now("11:00")]
    assert desk.told("skip") == []


@pytest.mark.parametrize("day", ["2024-01-06"])
def test_on_a_closed_day_nothing_is_planned(day):
    desk = Desk(Planned("one", lambda moment: proposal("one", moment)))
    desk.market.now = at(f"{day} 09:30")
    desk.cycle.plan_day()
    assert desk.scheduled == []
