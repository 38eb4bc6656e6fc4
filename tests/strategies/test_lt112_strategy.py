"""LT112 in pictures: the 1-1-2 that is opened, and what months of prices make of its naked puts and of its hedge (rulebook 2.2)."""

from datetime import date, timedelta

import pytest
from strategy_fakes import FakeMarket, WeekdayCalendar, account, at, contract, filled, flat_bars, listed

from domain.contract import Right, Role
from domain.position import Holding, Position
from domain.proposal import Exit, Proposal, Skip
from domain.quote import Quote
from domain.state import ExitReason, SkipCode
from domain.views import VolatilityIndices
from strategies.base import EntryPlan
from strategies.lt112_strategy import Lt112, Lt112Parameters

WEDNESDAY = date(2024, 3, 6)
EXPIRY = date(2024, 7, 5)
OTHER_EXPIRY = date(2024, 7, 19)
SPY_EXPIRIES = [date(2024, 4, 5), EXPIRY, OTHER_EXPIRY, date(2024, 8, 2)]


def strategy(**changes):
    return Lt112(Lt112Parameters(**changes))


def market(clock="10:00", **changes):
    """SPY at 500 and ES at 5000, well under their highs; a smile with 19 % at the money puts five delta about 20 % away."""
    smile = {"volatility": 0.17, "skew": 0.45}
    return FakeMarket(
        **{
            "now": at(WEDNESDAY, clock),
            "spots": {"SPY": 500.0, "ES": 5000.0},
            "bars": {"SPY": flat_bars(WEDNESDAY, 252, 490.0, 60.0), "ES": flat_bars(WEDNESDAY, 252, 4900.0, 600.0)},
            "chains": {
                "SPY": listed("SPY", SPY_EXPIRIES, 300, 550, 1, spot=500.0, **smile),
                "ES": listed("ES", [EXPIRY, OTHER_EXPIRY], 3000, 5500, 10, multiplier=50.0, spot=5000.0, **smile),
            },
            **smile,
            **changes,
        }
    )


def entered(own, seen, portfolio=None):
    portfolio = portfolio or account()
    before = seen.at(seen.now - timedelta(minutes=5))
    chosen = own.candidates(before, portfolio, before.now)
    return chosen if isinstance(chosen, Skip) else own.propose(chosen, seen, portfolio, seen.now)[0]


LOOSE = {"maximum_debit": 0.01}


def test_the_planned_loss_is_at_most_the_accounts_stop():
    own, seen, portfolio = strategy(**LOOSE), market(), account(5_000.0)
    before = seen.at(seen.now - timedelta(minutes=5))
    (proposal,) = own.propose(own.candidates(before, portfolio, before.now), seen, portfolio, seen.now)
    assert proposal.loss_at_stop_dollars == pytest.approx(100.0, abs=1.0), "2 % of 5,000, less than twice the naked puts' credit"
    assert proposal.loss_at_stop_dollars <= 100.0


def test_one_order_of_three_legs_with_its_deltas_in_their_bands():
    proposal = entered(strategy(**LOOSE), market())
    assert isinstance(proposal, Proposal), proposal
    assert [(leg.ratio, leg.role) for leg in proposal.legs] == [(1, Role.HEDGE_LONG), (-1, Role.HEDGE_SHORT), (-2, Role.NAKED_PUT)]
    assert {(leg.contract.right, leg.contract.expiry) for leg in proposal.legs} == {(Right.PUT, EXPIRY)}
    long, short, naked = (leg.contract.strike for leg in proposal.legs)
    assert long - short == 5.0, "1.0 % of 500"
    assert naked < short
    assert 0.22 <= proposal.numbers["long_delta"] <= 0.28
    assert 0.04 <= proposal.numbers["naked_delta"] <= 0.08
    assert proposal.credit >= 0.003 * 500.0
    assert not proposal.is_defined_risk
    assert proposal.loss_at_stop_dollars == pytest.approx(2.0 * proposal.numbers["naked_credit"] * 100.0)


@pytest.mark.parametrize(
    ("nlv", "facts", "underlying", "why"),
    [
        (75_000.0, {"phase": 3.0}, "SPY", "a crash would cost one ES unit 30,000, ten per cent of NLV is 7,500"),
        (299_000.0, {"phase": 4.0}, "SPY", "29,900: risk would refuse the unit, and no other would be tried"),
        (300_000.0, {"phase": 4.0}, "ES", "30,000 carries it"),
        (300_000.0, {"phase": 2.0}, "SPY", "the phase has no ES unit"),
        (300_000.0, {}, "SPY", "the phase is unknown: the most restrictive counts"),
    ],
)
def test_the_future_where_it_fits_else_the_share(nlv, facts, underlying, why):
    proposal = entered(strategy(**LOOSE), market(), account(nlv, **facts))
    assert isinstance(proposal, Proposal), (why, proposal)
    assert proposal.underlying == underlying, why
    assert proposal.multiplier == (50.0 if underlying == "ES" else 100.0)


CALENDAR = WeekdayCalendar(["2024-05-01"], {"2024-07-03": "13:00", "2024-11-06": "10:45"})


@pytest.mark.parametrize(
    ("day", "expected", "why"),
    [
        ("2024-03-06", EntryPlan, "first Wednesday"),
        ("2024-03-05", SkipCode.NOT_ENTRY_DAY, "a Tuesday"),
        ("2024-03-27", SkipCode.NOT_ENTRY_DAY, "fourth Wednesday"),
        ("2024-03-13", EntryPlan, "second Wednesday: planned, the phase decides later"),
        ("2024-05-01", SkipCode.HOLIDAY, "the first Wednesday is a holiday"),
        ("2024-05-02", EntryPlan, "the session after it stands in"),
        ("2024-07-03", EntryPlan, "half day: 10:00 is early enough"),
        ("2024-11-06", SkipCode.TOO_LATE_FOR_EARLY_CLOSE, "a session that ends at 10:45"),
    ],
)
def test_entry_days(day, expected, why):
    plan = strategy().entry_plan(date.fromisoformat(day), CALENDAR)
    assert (plan.code if isinstance(plan, Skip) else type(plan)) is expected, why
    assert not isinstance(plan, EntryPlan) or plan.is_entry_day_moved is (day == "2024-05-02")


@pytest.mark.parametrize(("facts", "is_entered"), [({"phase": 4.0}, True), ({"phase": 3.0}, False), ({}, False)])
def test_the_second_wednesday_is_for_the_fourth_phase(facts, is_entered):
    second = market().at(at("2024-03-13", "10:00"))
    answer = strategy().candidates(second, account(**facts), second.now)
    assert (not isinstance(answer, Skip)) is is_entered
    assert is_entered or answer.code is SkipCode.NOT_ENTRY_DAY


def held_in(expiry):
    put = contract("SPY", Right.PUT, 400.0, expiry)
    return Position(
        campaign_id="lt112/SPY/2024-02-07T10:00",
        strategy="lt112",
        underlying="SPY",
        units=1,
        holdings=(Holding(put, 1, 2.0, Role.HEDGE_LONG),),
        opened_at=at("2024-02-07", "10:00"),
        premium_dollars=100.0,
        fees_dollars=1.0,
        entry_credit_dollars=100.0,
    )


def test_an_expiry_with_another_lt112_is_left_to_it():
    proposal = entered(strategy(**LOOSE), market(), account(positions=[held_in(EXPIRY)]))
    assert {leg.contract.expiry for leg in proposal.legs} == {OTHER_EXPIRY}


def test_no_expiry_left_says_so():
    everything = [held_in(expiry).changed(campaign_id=str(expiry)) for expiry in SPY_EXPIRIES]
    answer = entered(strategy(), market(), account(positions=everything))
    assert answer.code is SkipCode.EXPIRY_IN_USE


@pytest.mark.parametrize(
    ("own", "changes", "code", "why"),
    [
        ({}, {"chains": {}}, SkipCode.NO_CHAIN, "no universe file"),
        ({}, {"chains": {"SPY": listed("SPY", ["2024-04-05"], 300, 550, 1)}}, SkipCode.NO_EXPIRY, "nothing from 90 to 150 days"),
        ({}, {"spots": {}}, SkipCode.NO_SPOT, "no price"),
        ({}, {"vix": VolatilityIndices()}, SkipCode.NO_VIX, "no VIX"),
        ({}, {"vix": VolatilityIndices(vix=35.0)}, SkipCode.VIX_TOO_HIGH, "VIX at its limit"),
        ({}, {"vix": VolatilityIndices(vix=14.0), "spots": {"SPY": 516.0}}, SkipCode.NEAR_HIGH, "within 1 % of the high of 520, VIX under 15"),
        ({}, {"vix": VolatilityIndices(vix=14.0), "bars": {}}, SkipCode.NO_HISTORY, "the high is unknown"),
        ({"maximum_debit": 0.0005}, {}, SkipCode.DEBIT_ABOVE_CAP, "the spread is too dear"),
        ({**LOOSE, "minimum_credit": 0.05}, {}, SkipCode.CREDIT_BELOW_FLOOR, "the puts bring too little"),
        ({}, {"half_spread": 50.0}, SkipCode.NO_QUOTE, "nobody bids"),
        ({}, {"chains": {"SPY": listed("SPY", [EXPIRY], 300, 550, 50)}}, SkipCode.NO_STRIKE_IN_BAND, "coarse grid"),
    ],
)  # fmt: skip
def test_no_trade_has_a_coded_reason(own, changes, code, why):
    answer = entered(strategy(**own), market(**changes))
    assert isinstance(answer, Skip), (why, answer)
    assert answer.code is code, (why, answer)


def test_near_the_high_is_fine_when_volatility_pays():
    seen = market(vix=VolatilityIndices(vix=15.0), spots={"SPY": 516.0})
    assert isinstance(entered(strategy(**LOOSE), seen), Proposal)


def test_the_calendarized_variant_has_two_expiries():
    proposal = entered(strategy(is_calendarized=True, minimum_credit=-0.05, **LOOSE), market())
    assert isinstance(proposal, Proposal), proposal
    assert [(leg.contract.expiry - WEDNESDAY).days for leg in proposal.legs] == [149, 149, 30]
    assert proposal.tags["variant"] == "calendarized"


# Management. Bought at 12.00 and sold at 10.00, two puts sold at 2.50: net credit 3.00; the naked puts' credit is 500 dollars.
def lt112(*, naked=True, variant="standard"):
    legs = [(470.0, 1, 12.0, Role.HEDGE_LONG), (465.0, -1, 10.0, Role.HEDGE_SHORT), (400.0, -2, 2.5, Role.NAKED_PUT)]
    return Position(
        campaign_id="lt112/SPY/2024-03-06T10:00",
        strategy="lt112",
        underlying="SPY",
        units=1,
        holdings=tuple(Holding(contract("SPY", Right.PUT, k, EXPIRY), n, price, role) for k, n, price, role in legs if naked or role is not Role.NAKED_PUT),
        opened_at=at(WEDNESDAY, "10:00"),
        premium_dollars=300.0 if naked else 250.0,
        fees_dollars=4.0,
        entry_credit_dollars=300.0,
        is_defined_risk=False,
        tags={"variant": variant},
    )  # fmt: skip


NAKED = frozenset({"SPY 20240705 P400"})


def seen_at(day, spot, naked_mid, spread=2.0):
    """Quotes of one day: the two naked puts at a price each, the spread at its worth."""
    now = at(day, "11:00")
    position = lt112()
    mids = [12.0, 12.0 - spread, naked_mid]
    quotes = {
        holding.contract.key: None if mid is None else Quote(max(0.0, mid - 0.02), mid + 0.02, now)
        for holding, mid in zip(position.holdings, mids, strict=True)
    }
    return FakeMarket(now=now, spots={"SPY": spot}, quotes=quotes)


# day, SPY, price of a naked put, expected reason, naked puts only, comment
PUTS = [
    ("2024-03-07", 500.0, 2.50, None, None, "as sold"),
    ("2024-03-20", 505.0, 0.26, None, None, "89.6 % of the credit gone"),
    ("2024-03-21", 506.0, 0.25, ExitReason.PROFIT_TARGET, True, "90 %: the puts are bought back, the spread stays as a hedge"),
    ("2024-04-10", 480.0, 7.45, None, None, "loss 990 of 1,000"),
    ("2024-04-11", 478.0, 7.50, ExitReason.STOP, True, "loss 2 x credit"),
    ("2024-04-12", 440.0, 25.0, ExitReason.STOP, True, "gap through the stop: closed at what it costs"),
    ("2024-04-12", 406.2, 7.00, None, None, "1.53 % above the strike, if its price were low"),
    ("2024-04-12", 406.0, 7.00, ExitReason.DISTANCE, False, "within 1.5 %: everything goes"),
    ("2024-04-12", 390.0, 30.0, ExitReason.DISTANCE, False, "through the strike: distance goes before the stop"),
    ("2024-06-04", 500.0, 1.00, None, None, "31 days left"),
    ("2024-06-05", 500.0, 1.00, ExitReason.DTE, True, "30 days left"),
    ("2024-06-05", 500.0, None, ExitReason.DTE, True, "time needs no quote"),
    ("2024-07-05", 500.0, None, ExitReason.DTE, True, "their last day, should everything before have failed"),
    ("2024-04-12", 480.0, None, None, None, "no quote: nothing is known, nothing is done"),
    ("2024-04-12", None, 2.00, None, None, "no price of the share"),
]


@pytest.mark.parametrize("row", PUTS, ids=lambda row: row[-1])
def test_the_naked_puts(row):
    day, spot, mid, expected, is_puts_only, why = row
    seen = seen_at(day, spot, mid)
    outcome = strategy(stop_delta=0.9).manage(lt112(), seen, account(), seen.now)
    assert (outcome.reason if isinstance(outcome, Exit) else None) is expected, (why, outcome)
    if isinstance(outcome, Exit):
        assert outcome.legs == (NAKED if is_puts_only else frozenset()), why


def test_a_thirty_delta_put_is_closed():
    seen = seen_at("2024-06-01", 412.0, 7.2)
    outcome = strategy().manage(lt112(), seen, account(), seen.now)
    assert (outcome.reason, outcome.legs) == (ExitReason.DELTA, NAKED)
    assert outcome.numbers["delta"] >= 0.30


def test_two_per_cent_of_the_account_stop_the_structure_first():
    # spread lost 100, puts lost 700 (of 1,000 allowed): the structure lost 800 of a small account
    seen = seen_at("2024-04-10", 480.0, 6.0, spread=1.0)
    outcome = strategy(stop_delta=0.9).manage(lt112(), seen, account(40_000.0), seen.now)
    assert (outcome.reason, outcome.legs) == (ExitReason.STOP, NAKED)
    assert outcome.numbers["structure_stop_dollars"] == 800.0
    assert not isinstance(strategy(stop_delta=0.9).manage(lt112(), seen, account(41_000.0), seen.now), Exit)


# day, worth of the 5-point spread, expected, comment
HEDGE = [
    ("2024-06-10", 2.0, None, "kept while it is a hedge"),
    ("2024-06-10", 4.49, None, "89.8 % of its width"),
    ("2024-06-10", 4.50, ExitReason.HEDGE_VALUE, "90 % of its width"),
    ("2024-06-27", 0.1, None, "8 days left"),
    ("2024-06-28", 0.1, ExitReason.DTE, "7 days left"),
]


@pytest.mark.parametrize("row", HEDGE, ids=lambda row: row[-1])
def test_the_hedge_afterwards(row):
    day, worth, expected, why = row
    seen = seen_at(day, 480.0, 0.0, spread=worth)
    outcome = strategy().manage(lt112(naked=False), seen, account(), seen.now)
    assert (outcome.reason if isinstance(outcome, Exit) else None) is expected, (why, outcome)
    assert not isinstance(outcome, Exit) or outcome.legs == frozenset()


def test_an_assigned_put_counts_once_its_shares_are_sold():
    """One of the two puts is assigned at 400 and its shares go at 380: 2,000 lost, beside the other put's 2.00 and a spread at 2.00."""
    seen = seen_at("2024-04-12", 480.0, 4.5)
    long, short, naked = lt112().holdings
    left = lt112().changed(holdings=(long, short, Holding(naked.contract, -1, 2.5, naked.role)))
    waiting = left.changed(share_quantity=100, share_cash_dollars=-40_000.0)
    assert not isinstance(strategy(stop_delta=0.9).manage(waiting, seen, account(), seen.now), Exit), (
        "what the shares bring is not known yet"
    )
    sold = left.changed(share_cash_dollars=-2_000.0)
    outcome = strategy(stop_delta=0.9).manage(sold, seen, account(), seen.now)
    assert outcome.reason is ExitReason.STOP
    assert outcome.numbers["structure_profit_dollars"] == pytest.approx(300.0 - 2_000.0 + 200.0 - 450.0)


def test_a_hedge_without_its_short_leg_lives_to_its_last_week():
    """The short put of the spread is assigned: the long one stays, and has no width to be measured by."""
    for day, is_closed in (("2024-06-27", False), ("2024-06-28", True)):
        seen = seen_at(day, 300.0, 0.0, spread=-150.0)
        alone = lt112(naked=False).changed(holdings=lt112().holdings[:1])
        assert isinstance(strategy().manage(alone, seen, account(), seen.now), Exit) is is_closed


def test_calendarized_puts_live_longer():
    seen = seen_at("2024-06-20", 500.0, 1.0)
    assert isinstance(strategy().manage(lt112(), seen, account(), seen.now), Exit)
    assert not isinstance(strategy().manage(lt112(variant="calendarized"), seen, account(), seen.now), Exit)


def test_a_filled_proposal_is_managed_without_an_exit_on_its_first_day():
    seen = market()
    position = filled(entered(strategy(**LOOSE), seen), 1, seen)
    later = seen.at(seen.now + timedelta(minutes=15))
    assert not isinstance(strategy().manage(position, later, account(), later.now), Exit)


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"long_delta": 0.4}, "long-delta is 0.4"),
        ({"naked_delta_high": 0.045}, "naked-delta is 0.05"),
        ({"dte": 60}, "dte is 60"),
        ({"naked_close_dte": 95}, "naked-close-dte is 95"),
        ({"calendarized_close_dte": 25}, "calendarized-close-dte is 25"),
        ({"future": "MES"}, "future: options on the future MES do not exist as data"),
    ],
)
def test_contradictions_are_named(changes, line):
    assert [problem for problem in Lt112Parameters(**changes).problems() if problem.startswith(line)]
