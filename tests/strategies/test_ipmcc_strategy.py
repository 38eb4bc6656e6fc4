"""IPMCC in pictures: two structures, the weekly life of the short leg, assignment, the long leg's roll, one campaign (rulebook 2.4)."""

from datetime import date, time, timedelta

import pytest
from strategy_fakes import FakeMarket, WeekdayCalendar, account, at, contract, filled, flat_bars, listed

from domain.contract import Right, Role
from domain.position import Holding, Position
from domain.proposal import Exit, Hold, Proposal, Skip
from domain.quote import Quote, merged
from domain.state import ExitReason, SkipCode, Urgency
from domain.views import VolatilityIndices
from strategies.base import Adjust, EntryPlan
from strategies.ipmcc_strategy import CALL_DIAGONAL, Ipmcc, IpmccParameters

FRIDAY = date(2024, 3, 8)
WEEKLY, NEXT_WEEKLY, LONG, LATER, LEAP = (
    date(2024, 3, 15),
    date(2024, 3, 22),
    date(2024, 7, 5),
    date(2024, 9, 20),
    date(2025, 3, 21),
)
EXPIRIES = [date(2024, 3, 11), WEEKLY, NEXT_WEEKLY, LONG, LATER, LEAP]


def strategy(**changes):
    return Ipmcc(IpmccParameters(**{"underlyings": ("SPY",), **changes}))


def diagonal(**changes):
    """The call diagonal; a pullback to the 21-day average is given by rising bars ending above it, the extrinsic limit is widened to 8 %."""
    return strategy(structure=CALL_DIAGONAL, call_extrinsic=0.08, **changes)


def market(clock="09:45", day=FRIDAY, spot=500.0, **changes):
    return FakeMarket(
        **{
            "now": at(day, clock),
            "spots": {"SPY": spot},
            "opens": {"SPY": spot},
            "bars": {"SPY": flat_bars(FRIDAY, 252, 500.0, 4.0, drift=0.1)},
            "chains": {"SPY": listed("SPY", EXPIRIES, 300, 650, 1, spot=500.0, volatility=0.15)},
            "volatility": 0.15,
            **changes,
        }
    )


FALLING = {"SPY": flat_bars(FRIDAY, 252, 500.0, 4.0, drift=-0.3)}


def entered(own, seen, portfolio=None):
    portfolio = portfolio or account()
    before = seen.at(seen.now - timedelta(minutes=5))
    chosen = own.candidates(before, portfolio, before.now)
    return [chosen] if isinstance(chosen, Skip) else own.propose(chosen, seen, portfolio, seen.now)


def test_the_put_calendar_shares_one_strike_two_per_cent_in_the_money():
    (proposal,) = entered(strategy(), market())
    assert isinstance(proposal, Proposal), proposal
    long, short = proposal.legs
    assert (long.ratio, long.role, long.contract.expiry) == (1, Role.LONG_PUT, LONG)
    assert (short.ratio, short.role, short.contract.expiry) == (-1, Role.SHORT_PUT, WEEKLY)
    assert long.contract.strike == short.contract.strike == 510.0
    assert proposal.is_defined_risk
    assert proposal.credit < 0.0
    assert proposal.max_loss_dollars == pytest.approx(-proposal.credit * 100.0)
    assert proposal.loss_at_stop_dollars == pytest.approx(0.3 * proposal.numbers["long_debit"] * 100.0)


def test_the_call_diagonal_is_a_deep_call_against_one_at_the_money():
    (proposal,) = entered(diagonal(high_distance=0.0), market(spot=500.4))
    assert isinstance(proposal, Proposal), proposal
    long, short = proposal.legs
    assert (long.contract.right, long.contract.expiry, long.role) == (Right.CALL, LEAP, Role.LONG_CALL)
    assert 0.75 <= proposal.numbers["long_delta"] <= 0.85
    assert proposal.numbers["long_extrinsic"] < 0.08 * long.contract.strike
    assert (short.contract.strike, short.contract.expiry, short.role) == (500.0, WEEKLY, Role.SHORT_CALL)


def test_the_short_call_goes_one_strike_deeper_in_a_falling_market_and_never_out_of_the_money():
    own = diagonal(high_distance=0.0, pullback=0.2)
    (calm,) = entered(own, market(spot=500.9))
    (falling,) = entered(own, market(spot=500.9, bars=FALLING))
    assert (calm.legs[1].contract.strike, falling.legs[1].contract.strike) == (500.0, 499.0)


NO_SHARED_STRIKE = merged("SPY", [listed("SPY", [WEEKLY], 400, 600, 5), listed("SPY", [LONG], 402, 602, 5)])


@pytest.mark.parametrize(
    ("own", "changes", "code", "why"),
    [
        (strategy(), {"chains": {}}, SkipCode.NO_CHAIN, "no universe file"),
        (strategy(), {"chains": {"SPY": listed("SPY", [WEEKLY], 400, 600, 1)}}, SkipCode.NO_EXPIRY, "no long expiry"),
        (strategy(), {"chains": {"SPY": listed("SPY", [LONG], 400, 600, 1)}}, SkipCode.NO_EXPIRY, "no weekly expiry"),
        (strategy(), {"chains": {"SPY": NO_SHARED_STRIKE}}, SkipCode.NO_STRIKE_IN_BAND, "the weekly and the long expiry share no strike"),
        (strategy(), {"spots": {}}, SkipCode.NO_SPOT, "no price"),
        (strategy(), {"vix": VolatilityIndices()}, SkipCode.NO_VIX, "no VIX"),
        (strategy(), {"vix": VolatilityIndices(vix=35.0)}, SkipCode.VIX_TOO_HIGH, "VIX at its limit"),
        (strategy(), {"bars": FALLING}, SkipCode.BELOW_AVERAGE, "under the 50-day average"),
        (strategy(), {"bars": {}}, SkipCode.NO_HISTORY, "the average is unknown"),
        (strategy(), {"half_spread": 60.0}, SkipCode.NO_QUOTE, "nobody bids"),
        (diagonal(), {}, SkipCode.NEAR_HIGH, "within 1 % of the 52-week high"),
        (diagonal(high_distance=0.0), {"spot": 485.0}, SkipCode.NO_PULLBACK, "3 % under both averages"),
        (strategy(structure=CALL_DIAGONAL, high_distance=0.0), {"rate": 0.08}, SkipCode.EXTRINSIC_TOO_HIGH, "money costs too much"),
        (strategy(least_extrinsic=0.02), {}, SkipCode.CREDIT_BELOW_FLOOR, "the weekly put has too little to sell"),
    ],
)
def test_no_trade_has_a_coded_reason(own, changes, code, why):
    (answer,) = entered(own, market(**changes))
    assert isinstance(answer, Skip), (why, answer)
    assert answer.code is code, (why, answer)


def test_one_campaign_an_underlying_and_each_judged_alone():
    own = strategy(underlyings=("SPY", "QQQ", "IWM"))
    seen = market()
    seen.spots["QQQ"], seen.bars["QQQ"], seen.chains["QQQ"] = 500.0, FALLING["SPY"], listed("QQQ", EXPIRIES, 400, 600, 1)
    qqq, spy = entered(own, seen)
    assert (spy.underlying, qqq.code, qqq.detail) == ("SPY", SkipCode.BELOW_AVERAGE, "QQQ")
    held = account(positions=[filled(spy, 1, seen)])
    assert [answer.code for answer in entered(own, seen, held)] == [SkipCode.BELOW_AVERAGE], "SPY has its campaign"
    assert entered(strategy(), seen, held) == [Skip(SkipCode.ALREADY_OPEN)]


@pytest.mark.parametrize(
    ("day", "expected", "why"),
    [
        ("2024-03-08", EntryPlan, "Friday"),
        ("2024-03-07", SkipCode.NOT_ENTRY_DAY, "Thursday"),
        ("2024-03-28", EntryPlan, "before Good Friday"),
        ("2024-03-29", SkipCode.HOLIDAY, "Good Friday"),
        ("2024-11-29", EntryPlan, "half day: 9:45 is early enough"),
        ("2024-12-27", SkipCode.TOO_LATE_FOR_EARLY_CLOSE, "a session that ends at 10:30"),
    ],
)
def test_sale_days(day, expected, why):
    plan = strategy().entry_plan(date.fromisoformat(day), WeekdayCalendar(["2024-03-29"], {"2024-11-29": "13:00", "2024-12-27": "10:30"}))
    assert (plan.code if isinstance(plan, Skip) else type(plan)) is expected, why


# Management: put 510 bought at 20.00 for July, put 510 sold at 11.00 for 15 March with 1.00 of extrinsic value at 500.
LONG_PUT, SHORT_PUT = contract("SPY", Right.PUT, 510.0, LONG), contract("SPY", Right.PUT, 510.0, WEEKLY)


def campaign(*, short=True, **changes):
    holdings = [Holding(LONG_PUT, 1, 20.0, Role.LONG_PUT), Holding(SHORT_PUT, -1, 11.0, Role.SHORT_PUT)]
    return Position(
        **{
            "campaign_id": "ipmcc/SPY/2024-03-08T09:45",
            "strategy": "ipmcc",
            "underlying": "SPY",
            "units": 1,
            "holdings": tuple(holdings if short else holdings[:1]),
            "opened_at": at(FRIDAY, "09:45"),
            "premium_dollars": -900.0 if short else -1500.0,
            "fees_dollars": 3.0,
            "entry_credit_dollars": -900.0,
            "numbers": {"short_extrinsic": 1.0, "long_debit": 20.0},
            **changes,
        }
    )


def seen_at(when, spot, long, short):
    now = at(*when.split())
    quotes = {
        key: None if mid is None else Quote(round(mid - 0.02, 4), round(mid + 0.02, 4), now)
        for key, mid in ((LONG_PUT.key, long), (SHORT_PUT.key, short))
    }
    return market(now=now, spots={"SPY": spot}, quotes=quotes)


SHORT_ONLY = frozenset({SHORT_PUT.key})
# moment, SPY, long put, short put, expected, short leg only, comment
WEEK = [
    ("2024-03-08 10:00", 500.0, 20.0, 11.00, None, None, "as opened"),
    ("2024-03-11 11:00", 502.0, 19.0, 8.30, None, None, "0.30 of 1.00 extrinsic left"),
    ("2024-03-12 11:00", 511.0, 10.0, 0.10, ExitReason.EXTRINSIC, True, "out of the money, 90 % gone"),
    ("2024-03-12 11:00", 511.0, 10.0, 0.11, None, None, "a cent short of it"),
    ("2024-03-13 11:00", 480.0, 37.0, 30.26, None, None, "in the money with 0.26: 0.05 % of spot is 0.24"),
    ("2024-03-13 11:00", 480.0, 37.0, 30.20, ExitReason.ASSIGNMENT_RISK, True, "0.20 left: closed before somebody exercises"),
    ("2024-03-15 15:44", 507.0, 16.0, 3.50, None, None, "last day, a minute early"),
    ("2024-03-15 15:45", 507.0, 16.0, 3.50, ExitReason.TIME, True, "last day, 15:45"),
    ("2024-03-15 15:45", 507.0, 16.0, None, ExitReason.TIME, True, "time needs no quote"),
    ("2024-03-12 11:00", 525.0, 3.70, 0.60, None, None, "campaign down 593: 29.7 % of the debit"),
    ("2024-03-12 11:00", 525.0, 3.60, 0.60, ExitReason.STOP, False, "campaign down 603: more than 30 % of the debit"),
    ("2024-03-12 09:45", 560.0, 0.90, 0.02, ExitReason.STOP, False, "gap through the stop: down 815 of 600, closed at what it brings"),
    ("2024-03-12 11:00", 500.0, 20.0, None, None, None, "the short leg has no quote: nothing is known of it"),
    ("2024-03-12 11:00", 500.0, 25.1, 11.0, ExitReason.PROFIT_TARGET, False, "campaign up 507: 25 % of the debit"),
    ("2024-03-12 11:00", 500.0, None, 11.0, None, None, "the long leg has no quote: the campaign is unknown"),
]


@pytest.mark.parametrize("row", WEEK, ids=lambda row: f"{row[0]} {row[-1]}")
def test_the_week_of_a_calendar(row):
    when, spot, long, short, expected, is_short_only, why = row
    seen = seen_at(when, spot, long, short)
    outcome = strategy().manage(campaign(), seen, account(), seen.now)
    assert (outcome.reason if isinstance(outcome, Exit) else None) is expected, (why, outcome)
    if isinstance(outcome, Exit):
        assert outcome.legs == (SHORT_ONLY if is_short_only else frozenset()), why
        assert (outcome.urgency is Urgency.NATURAL) is (expected is ExitReason.TIME), why


def test_extrinsic_value_is_measured_on_quotes_of_the_minute_only():
    """A quote of five minutes ago under a moved spot shows a fear of assignment, or a richness, that is not there."""
    seen = seen_at("2024-03-13 11:05", 480.0, 37.0, 30.20)
    seen.quotes[SHORT_PUT.key] = Quote(30.18, 30.22, at("2024-03-13", "11:00"))
    assert isinstance(strategy().manage(campaign(), seen, account(), seen.now), Hold)
    seen.quotes[SHORT_PUT.key] = Quote(30.18, 30.22, at("2024-03-13", "11:04"))
    assert isinstance(strategy().manage(campaign(), seen, account(), seen.now), Hold), "a minute of 0.05 % is the whole of the limit"
    seen.quotes[SHORT_PUT.key] = Quote(30.18, 30.22, at("2024-03-13", "11:05"))
    assert isinstance(strategy().manage(campaign(), seen, account(), seen.now), Exit)


def test_on_a_half_day_the_last_call_comes_a_quarter_of_an_hour_before_the_close():
    half_day = WeekdayCalendar(early={"2024-03-15": "13:00"})
    for when, is_closed in (("2024-03-15 12:44", False), ("2024-03-15 12:45", True)):
        seen = seen_at(when, 507.0, 16.0, 3.5)
        seen.calendar = half_day
        assert isinstance(strategy().manage(campaign(), seen, account(), seen.now), Exit) is is_closed


# moment, SPY, last exit of the campaign, wants the next short leg, comment
SALES = [
    ("2024-03-15 15:50", 505.0, ExitReason.TIME, True, "Friday: the next one is sold in the minutes that are left"),
    ("2024-03-15 09:45", 505.0, ExitReason.EXTRINSIC, True, "Friday morning"),
    ("2024-03-15 09:44", 505.0, ExitReason.EXTRINSIC, False, "before the hour"),
    ("2024-03-13 11:00", 511.0, ExitReason.EXTRINSIC, False, "Wednesday, out of the money and earned: wait for Friday"),
    ("2024-03-13 11:00", 505.0, ExitReason.EXTRINSIC, True, "Wednesday, in the money: without a short leg the long one is a bet on a fall"),
    ("2024-03-13 11:00", 505.0, ExitReason.ASSIGNMENT_RISK, True, "closed before assignment: sold again at once"),
]


@pytest.mark.parametrize("row", SALES, ids=lambda row: row[-1])
def test_when_the_next_short_leg_is_sold(row):
    when, spot, last_exit, is_wanted, why = row
    seen = market(now=at(*when.split()), spots={"SPY": spot})
    outcome = strategy().manage(campaign(short=False, exit_reason=last_exit), seen, account(), seen.now)
    assert isinstance(outcome, Adjust if is_wanted else Hold), (why, outcome)


# moment, short leg held, last exit, expected, comment
BARE = [
    ("2024-03-14 15:30", False, ExitReason.TIME, None, "Thursday: the next sale day is tomorrow"),
    ("2024-03-14 15:30", False, ExitReason.ASSIGNMENT_RISK, ExitReason.NO_INCOME, "Thursday, bought back in the money and not sold again"),
    ("2024-03-14 15:15", False, ExitReason.ASSIGNMENT_RISK, None, "it has until half past three"),
    ("2024-03-15 15:15", False, ExitReason.TIME, None, "Friday: there is time to sell one"),
    ("2024-03-15 15:30", False, ExitReason.TIME, ExitReason.NO_INCOME, "Friday, nothing could be sold all day: the campaign has no income"),
    ("2024-03-15 15:30", True, ExitReason.TIME, None, "its short leg has a quarter of an hour to live"),
    ("2024-03-15 15:46", False, ExitReason.TIME, None, "the short leg went a minute ago: the next one is being sold"),
    ("2024-03-15 15:46", False, ExitReason.ASSIGNMENT_RISK, ExitReason.NO_INCOME, "bought back in the money in the last half hour"),
    ("2024-05-24 15:30", False, ExitReason.TIME, None, "42 days left: the long leg is rolled instead"),
]


@pytest.mark.parametrize("row", BARE, ids=lambda row: row[-1])
def test_a_campaign_without_the_sale_that_was_due_is_closed(row):
    when, has_short, last_exit, expected, why = row
    seen = market(now=at(*when.split()), spots={"SPY": 507.0})
    seen.quotes = {SHORT_PUT.key: Quote(3.4, 3.6, seen.now), LONG_PUT.key: Quote(15.9, 16.1, seen.now)}
    outcome = strategy().manage(campaign(short=has_short, exit_reason=last_exit), seen, account(), seen.now)
    assert getattr(outcome, "reason", None) is expected, (why, outcome)
    if expected:
        assert outcome.legs == frozenset(), "everything"
        assert not isinstance(strategy(bare_minutes=0).manage(campaign(short=False), seen, account(), seen.now), Exit), "can be kept"


def test_on_a_half_day_a_campaign_without_income_is_closed_half_an_hour_before_the_close():
    seen = market(now=at("2024-03-15", "12:30"), spots={"SPY": 507.0}, calendar=WeekdayCalendar(early={"2024-03-15": "13:00"}))
    assert strategy().manage(campaign(short=False), seen, account(), seen.now).reason is ExitReason.NO_INCOME


# volatility, cover wanted, strike sold (None: refused), comment
STRIKES = [
    (0.22, 1.0, 510.0, "two per cent in the money: the week brings 2.18, the long leg loses 0.99 in it"),
    (0.13, 1.0, 508.0, "a calm week at 510 brings less than the long leg loses: two points nearer it pays"),
    (0.05, 1.0, 502.0, "a very calm one: almost at the money"),
    (0.05, 9.0, None, "no strike down to the money pays"),
]


@pytest.mark.parametrize("row", STRIKES, ids=lambda row: row[-1])
def test_the_first_sale_pays_for_the_long_legs_days(row):
    volatility, cover, strike, why = row
    (answer,) = entered(strategy(least_extrinsic=0.0, entry_cover=cover), market(volatility=volatility))
    if strike is None:
        assert answer.code is SkipCode.CREDIT_BELOW_FLOOR, why
        assert answer.numbers["extrinsic"] < answer.numbers["least_extrinsic"], why
        return
    assert isinstance(answer, Proposal), (why, answer)
    assert [leg.contract.strike for leg in answer.legs] == [strike, strike], why
    numbers = answer.numbers
    assert numbers["short_extrinsic"] >= 7.0 * numbers["long_extrinsic"] / numbers["long_dte_days"], why


def test_the_strike_stays_where_the_cover_is_switched_off():
    (answer,) = entered(strategy(least_extrinsic=0.0, entry_cover=0.0), market(volatility=0.13))
    assert answer.legs[0].contract.strike == 510.0


def test_the_next_short_leg_has_the_same_strike_and_the_same_campaign():
    own, seen = strategy(), market(now=at("2024-03-15", "15:50"), spots={"SPY": 505.0})
    position = campaign(short=False)
    wish = own.manage(position, seen, account(), seen.now)
    proposal = own.adjust(position, wish.candidates, seen, account(), seen.now)
    assert isinstance(proposal, Proposal), proposal
    (leg,) = proposal.legs
    assert (leg.ratio, leg.role, leg.contract.strike, leg.contract.expiry) == (-1, Role.SHORT_PUT, 510.0, NEXT_WEEKLY)
    assert proposal.campaign_id == position.campaign_id
    assert proposal.is_defined_risk, "the long put covers it"
    assert (proposal.loss_at_stop_dollars, proposal.max_loss_dollars) == (0.0, 0.0)
    assert proposal.numbers["short_extrinsic"] == pytest.approx(proposal.credit - 5.0)
    assert own.adjust(campaign(), wish.candidates, seen, account(), seen.now).code is SkipCode.NOT_NEEDED, "one short leg at a time"


# moment, last exit, expiry of the leg just bought back, expiry sold next (None: nothing yet), comment
SOLD_AGAIN = [
    ("2024-03-08 11:00", ExitReason.ASSIGNMENT_RISK, WEEKLY, NEXT_WEEKLY, "bought back on the day it was sold: rolled a week further"),
    ("2024-03-08 11:00", ExitReason.TIME, WEEKLY, None, "the week is sold already, and the next one is 14 days away"),
    ("2024-03-13 11:00", ExitReason.ASSIGNMENT_RISK, WEEKLY, NEXT_WEEKLY, "the next week's leg takes its place"),
    ("2024-03-15 10:00", ExitReason.EXTRINSIC, WEEKLY, NEXT_WEEKLY, "Friday: the next one"),
]


@pytest.mark.parametrize("row", SOLD_AGAIN, ids=lambda row: row[-1])
def test_the_leg_just_bought_back_is_not_sold_again(row):
    when, last_exit, closed, expected, why = row
    seen = market(now=at(*when.split()), spots={"SPY": 505.0})
    position = campaign(short=False, exit_reason=last_exit, numbers={"short_expiry_day": float(closed.toordinal())})
    outcome = strategy().manage(position, seen, account(), seen.now)
    sold = {leg.expiry for leg in outcome.candidates.contracts} if isinstance(outcome, Adjust) else set()
    assert sold == ({expected} if expected else set()), why


def test_every_sale_keeps_the_expiry_it_sold():
    own, seen = strategy(), market()
    (proposal,) = entered(own, seen)
    assert proposal.numbers["short_expiry_day"] == WEEKLY.toordinal()
    later = market(now=at("2024-03-15", "15:50"), spots={"SPY": 505.0})
    wish = own.manage(campaign(short=False), later, account(), later.now)
    assert (
        own.adjust(campaign(short=False), wish.candidates, later, account(), later.now).numbers["short_expiry_day"]
        == NEXT_WEEKLY.toordinal()
    )


def test_a_short_leg_with_nothing_to_earn_is_not_sold():
    own, seen = strategy(), market(now=at("2024-03-15", "15:50"), spots={"SPY": 560.0})
    position = campaign(short=False)
    wish = own.manage(position.changed(premium_dollars=5000.0, numbers={}), seen, account(), seen.now)
    assert isinstance(wish, Exit | Adjust)
    answer = own.adjust(position, own._next_candidates(position, LONG_PUT, seen, seen.now), seen, account(), seen.now)
    assert answer.code in (SkipCode.CREDIT_BELOW_FLOOR, SkipCode.NO_QUOTE)


@pytest.mark.parametrize(("day", "is_rolled", "why"), [("2024-05-20", False, "46 days left"), ("2024-05-21", True, "45 days left")])
def test_the_long_leg_is_rolled_between_two_short_legs(day, is_rolled, why):
    chain = listed("SPY", ["2024-05-28", LONG, LATER], 400, 600, 1, spot=505.0, volatility=0.15)
    own, seen = strategy(), market(now=at(day, "11:00"), spots={"SPY": 505.0}, chains={"SPY": chain})
    position = campaign(short=False)
    outcome = own.manage(position, seen, account(), seen.now)
    assert isinstance(outcome, Adjust) is is_rolled, (why, outcome)
    if is_rolled:
        proposal = own.adjust(position, outcome.candidates, seen, account(), seen.now)
        new, old = proposal.legs
        assert (new.ratio, new.contract.expiry, new.contract.strike) == (1, LATER, 515.0), "2 % above spot again"
        assert (old.ratio, old.contract, old.role) == (-1, LONG_PUT, Role.LONG_PUT)
        assert proposal.campaign_id == position.campaign_id
        assert proposal.is_defined_risk


def test_assigned_shares_wait_for_their_sale_before_anything_else():
    seen = market(now=at("2024-03-15", "15:50"))
    assert strategy().manage(campaign(short=False, share_quantity=100), seen, account(), seen.now) == Hold()


def test_the_result_of_an_assignment_counts_for_the_campaign():
    # shares put to us at 510 and sold at 500: -1,000 dollars, the short put's 1,100 of premium stay
    seen = seen_at("2024-03-18 10:00", 500.0, 20.0, None)
    position = campaign(short=False, premium_dollars=-900.0, share_cash_dollars=-1000.0)
    outcome = strategy().manage(position, seen, account(), seen.now)
    assert (getattr(outcome, "reason", None), outcome.numbers["campaign_profit_dollars"]) == (None, pytest.approx(97.0))


def test_a_campaign_without_its_long_leg_is_closed():
    seen = seen_at("2024-03-12 11:00", 500.0, 20.0, 11.0)
    lost = campaign().changed(holdings=campaign().holdings[1:])
    assert strategy().manage(lost, seen, account(), seen.now).reason is ExitReason.DEFENSIVE


@pytest.mark.parametrize(
    ("short", "when", "wants", "why"),
    [
        (True, "2024-03-15 15:45", True, "the short leg's last minutes"),
        (True, "2024-03-14 15:45", False, "a day early"),
        (True, "2024-03-15 12:00", False, "its last day, but not its hour"),
        (False, "2024-03-15 15:46", True, "sold, the next one is due"),
        (False, "2024-03-13 11:00", False, "waiting for Friday"),
    ],
)
def test_minutes_are_asked_for_only_around_the_weekly_sale(short, when, wants, why):
    assert strategy().wants_minute_beats(campaign(short=short), at(*when.split())) is wants, why


def test_a_call_diagonal_is_never_inverted():
    long = contract("SPY", Right.CALL, 505.0, LEAP)
    position = campaign(short=False, holdings=(Holding(long, 1, 30.0, Role.LONG_CALL),), premium_dollars=-3000.0)
    own, seen = diagonal(stop_loss=1.0), market(now=at("2024-03-15", "11:00"), spots={"SPY": 500.0})
    wish = own.manage(position, seen, account(), seen.now)
    assert own.adjust(position, wish.candidates, seen, account(), seen.now).code is SkipCode.NO_STRIKE_IN_BAND


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"put_dte": 160}, "put-dte is 160"),
        ({"put_roll_dte": 95}, "put-roll-dte is 95"),
        ({"call_delta": 0.9}, "call-delta is 0.9"),
        ({"least_put_moneyness": 0.03}, "least-put-moneyness is 0.03"),
        ({"resale_dte_high": 9}, "resale-dte-high is 9"),
        ({"entry_time": time(11)}, "entry-until is 10:15"),
    ],
)
def test_contradictions_are_named(changes, line):
    assert [problem for problem in IpmccParameters(**changes).problems() if problem.startswith(line)]
