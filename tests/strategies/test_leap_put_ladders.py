"""The LEAP put ladder in pictures (rulebook 2.5)."""

from datetime import date, timedelta

import pytest
from strategy_fakes import FakeMarket, WeekdayCalendar, account, at, contract, listed

from domain.contract import Right, Role
from domain.position import Holding, Position
from domain.proposal import Exit, Proposal, Skip
from domain.quote import Quote
from domain.state import ExitReason, SkipCode
from domain.views import VolatilityIndices
from strategies.base import EntryPlan
from strategies.leap_put_ladders import LeapPutLadder, LeapPutLadderParameters

MONDAY = date(2024, 3, 4)
EXPIRY = date(2025, 3, 21)


def strategy(**changes):
    return LeapPutLadder(LeapPutLadderParameters(**changes))


def market(day=MONDAY, **changes):
    chain = listed("SPY", ["2024-09-20", EXPIRY, "2025-06-20"], 250, 600, 1, spot=500.0, volatility=0.18, skew=0.3)
    base = {"now": at(day, "09:45"), "spots": {"SPY": 500.0}, "chains": {"SPY": chain}, "volatility": 0.18, "skew": 0.3}
    return FakeMarket(**{**base, **changes})


def entered(own, seen):
    before = seen.at(seen.now - timedelta(minutes=5))
    chosen = own.candidates(before, account(), before.now)
    return chosen if isinstance(chosen, Skip) else own.propose(chosen, seen, account(), seen.now)[0]


@pytest.mark.parametrize(
    ("day", "delta", "why"),
    [
        ("2024-03-04", 0.12, "first Monday"),
        ("2024-03-11", 0.13, "second"),
        ("2024-03-18", 0.14, "third"),
        ("2024-03-25", 0.12, "fourth"),
        ("2024-04-29", 0.12, "a fifth starts over"),
    ],
)
def test_the_delta_rotates_by_week(day, delta, why):
    proposal = entered(strategy(), market(date.fromisoformat(day)))
    assert isinstance(proposal, Proposal), (why, proposal)
    assert proposal.numbers["target_delta"] == delta, why
    assert proposal.numbers["delta"] == pytest.approx(delta, abs=0.01), why
    (leg,) = proposal.legs
    assert (leg.ratio, leg.role, leg.contract.right, leg.contract.expiry) == (-1, Role.NAKED_PUT, Right.PUT, EXPIRY)
    assert not proposal.is_defined_risk


CALENDAR = WeekdayCalendar(["2024-02-19", *(f"2024-06-{day}" for day in range(10, 15))], {"2024-12-23": "13:00", "2024-12-30": "10:30"})


@pytest.mark.parametrize(
    ("day", "expected", "why"),
    [
        ("2024-03-04", EntryPlan, "a Monday"),
        ("2024-03-05", SkipCode.NOT_ENTRY_DAY, "a Tuesday"),
        ("2024-02-19", SkipCode.HOLIDAY, "Presidents' Day"),
        ("2024-02-20", EntryPlan, "the Tuesday after it stands in"),
        ("2024-06-10", SkipCode.HOLIDAY, "a week without sessions has no rung"),
        ("2024-06-17", EntryPlan, "nor does the next week make up for it"),
        ("2024-06-18", SkipCode.NOT_ENTRY_DAY, "one rung a week"),
        ("2024-12-23", EntryPlan, "half day: 9:45 is early enough"),
        ("2024-12-30", SkipCode.TOO_LATE_FOR_EARLY_CLOSE, "a session that ends at 10:30"),
    ],
)
def test_entry_days(day, expected, why):
    plan = strategy().entry_plan(date.fromisoformat(day), CALENDAR)
    assert (plan.code if isinstance(plan, Skip) else type(plan)) is expected, why


@pytest.mark.parametrize(
    ("vix", "rungs"),
    [(14.9, SkipCode.VIX_TOO_LOW), (15.0, 1), (20.0, 1), (20.1, 2), (None, SkipCode.NO_VIX)],
)
def test_rungs_by_vix(vix, rungs):
    answer = entered(strategy(), market(vix=VolatilityIndices(vix=vix)))
    assert (answer.code if isinstance(answer, Skip) else answer.units) == rungs


@pytest.mark.parametrize(
    ("changes", "code", "why"),
    [
        ({"chains": {}}, SkipCode.NO_CHAIN, "no universe file"),
        ({"chains": {"SPY": listed("SPY", ["2024-09-20"], 300, 600, 5)}}, SkipCode.NO_EXPIRY, "nothing about a year away"),
        ({"spots": {}}, SkipCode.NO_SPOT, "no price"),
        ({"half_spread": 50.0}, SkipCode.NO_QUOTE, "nobody bids"),
        ({"chains": {"SPY": listed("SPY", [EXPIRY], 480, 600, 5)}}, SkipCode.NO_STRIKE_IN_BAND, "no far strikes"),
    ],
)
def test_no_trade_has_a_coded_reason(changes, code, why):
    assert entered(strategy(), market(**changes)).code is code, why


PUT = contract("SPY", Right.PUT, 400.0, EXPIRY)
RUNG = Position(
    campaign_id="leap_put_ladder/SPY/2024-03-04T09:45",
    strategy="leap_put_ladder",
    underlying="SPY",
    units=1,
    holdings=(Holding(PUT, -1, 6.0, Role.NAKED_PUT),),
    opened_at=at(MONDAY, "09:45"),
    premium_dollars=600.0,
    fees_dollars=1.0,
    entry_credit_dollars=600.0,
    is_defined_risk=False,
)

# day, price of the put, net liquidation value, expected, comment
PATH = [
    ("2024-03-05", 6.0, 75_000.0, None, "as sold"),
    ("2024-05-05", 4.21, 75_000.0, None, "29.8 % of the credit"),
    ("2024-05-06", 4.20, 75_000.0, ExitReason.PROFIT_TARGET, "30 %: the rung is free again"),
    ("2024-05-06", 17.9, 75_000.0, None, "loss 1,190 of 1,200"),
    ("2024-05-06", 18.0, 75_000.0, ExitReason.STOP, "loss 2 x credit"),
    ("2024-05-06", 40.0, 75_000.0, ExitReason.STOP, "gap through the stop"),
    ("2024-05-06", 12.0, 30_000.0, ExitReason.STOP, "600 dollars are 2 % of 30,000"),
    ("2024-10-21", 5.0, 75_000.0, None, "151 days left"),
    ("2024-10-22", 5.0, 75_000.0, ExitReason.DTE, "150 days left"),
    ("2024-10-22", None, 75_000.0, ExitReason.DTE, "time needs no quote"),
    ("2025-03-21", None, 75_000.0, ExitReason.DTE, "its last day, should everything before have failed"),
    ("2024-05-06", None, 75_000.0, None, "no quote, no action"),
]


@pytest.mark.parametrize("row", PATH, ids=lambda row: row[-1])
def test_the_life_of_a_rung(row):
    day, mid, nlv, expected, why = row
    now = at(day, "11:00")
    seen = FakeMarket(now=now, quotes={PUT.key: None if mid is None else Quote(mid - 0.1, mid + 0.1, now)})
    outcome = strategy().manage(RUNG, seen, account(nlv), now)
    assert (outcome.reason if isinstance(outcome, Exit) else None) is expected, (why, outcome)


@pytest.mark.parametrize(("nlv", "why"), [(75_000.0, "twice the credit comes first"), (20_000.0, "2 % of the account come first")])
def test_the_planned_loss_is_that_of_the_stop_that_comes_first(nlv, why):
    own, seen, portfolio = strategy(), market(), account(nlv)
    before = seen.at(seen.now - timedelta(minutes=5))
    (proposal,) = own.propose(own.candidates(before, portfolio, before.now), seen, portfolio, seen.now)
    expected = min(200.0 * proposal.credit, 0.02 * nlv)
    assert proposal.loss_at_stop_dollars == pytest.approx(expected, abs=1.0), why
    assert proposal.loss_at_stop_dollars <= 0.02 * nlv, "one rung is what an account can lose at its stop"


def test_the_shares_of_an_assigned_rung_wait_for_their_sale():
    seen = market()
    assigned = RUNG.changed(holdings=(), share_quantity=100, share_cash_dollars=-40_000.0)
    assert not isinstance(strategy().manage(assigned, seen, account(), seen.now), Exit)


def test_another_rung_is_sold_while_one_is_open():
    seen = market()
    chosen = strategy().candidates(seen, account(positions=[RUNG]), seen.now)
    assert isinstance(strategy().propose(chosen, seen, account(positions=[RUNG]), seen.now)[0], Proposal)


@pytest.mark.parametrize(
    ("changes", "line"),
    [({"deltas": ()}, "deltas is empty"), ({"close_dte": 310}, "dte is 365"), ({"vix_from": 25.0}, "vix-from is 25")],
)
def test_contradictions_are_named(changes, line):
    assert [problem for problem in LeapPutLadderParameters(**changes).problems() if problem.startswith(line)]
