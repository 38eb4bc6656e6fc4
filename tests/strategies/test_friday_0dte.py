"""Friday 0DTE in pictures: what is entered on which day, and what a minute of prices makes of it (rulebook 2.1)."""

from datetime import date, time, timedelta
from itertools import pairwise

import pytest
from strategy_fakes import FakeMarket, WeekdayCalendar, account, at, contract, filled, flat_bars, listed

from domain.contract import Right, Role
from domain.position import Holding, Position
from domain.proposal import Exit, Hold, Proposal, Skip
from domain.quote import Quote
from domain.state import ExitReason, SkipCode, Urgency
from domain.views import VolatilityIndices
from strategies.base import Candidates, EntryPlan
from strategies.friday_0dte import Friday0dte, Friday0dteParameters

FRIDAY = date(2024, 3, 1)
STOP, TARGET, TIME, HARD = ExitReason.STOP, ExitReason.PROFIT_TARGET, ExitReason.TIME, ExitReason.HARD_TIME


def strategy(**changes):
    return Friday0dte(Friday0dteParameters(**changes))


def market(clock="10:30", spot=5000.0, opened=5000.0, **changes):
    """SPX at 5000 with an average true range of 50 and a chain that expires today; 25 % volatility puts 0.5 ATR at about 27 delta."""
    return FakeMarket(
        **{
            "now": at(FRIDAY, clock),
            "spots": {"SPX": spot},
            "opens": {"SPX": opened},
            "bars": {"SPX": flat_bars(FRIDAY, 70, 5000.0, 50.0)},
            "chains": {"SPX": listed("SPX", [FRIDAY, "2024-03-04"], 4800, 5200, 5, spot=5000.0, volatility=0.25)},
            "volatility": 0.25,
            **changes,
        }
    )


def entered(own, seen):
    """The answer at the time of entry, candidates chosen five minutes before."""
    before = seen.at(seen.now - timedelta(minutes=5))
    chosen = own.candidates(before, account(), before.now)
    if isinstance(chosen, Skip):
        return chosen
    answers = own.propose(chosen, seen, account(), seen.now)
    assert len(answers) == 1
    return answers[0]


HOLIDAYS = WeekdayCalendar(["2024-03-29", "2024-12-25"], {"2024-07-03": "13:00", "2024-11-29": "13:00"})


@pytest.mark.parametrize(
    ("day", "expected", "why"),
    [
        ("2024-03-22", "10:30", "a Friday"),
        ("2024-03-21", SkipCode.NOT_ENTRY_DAY, "a Thursday before a Friday session"),
        ("2024-03-28", "moved", "Thursday before Good Friday"),
        ("2024-03-29", SkipCode.HOLIDAY, "Good Friday itself"),
        ("2024-11-29", "10:30", "half day: 10:30 is more than an hour before 13:00"),
        ("2024-03-23", SkipCode.HOLIDAY, "a Saturday"),
        ("2024-03-15", SkipCode.BLACKOUT_DAY, "blacked out"),
    ],
)
def test_entry_days(day, expected, why):
    plan = strategy(blackout_dates=(date(2024, 3, 15),)).entry_plan(date.fromisoformat(day), HOLIDAYS)
    if isinstance(expected, SkipCode):
        assert isinstance(plan, Skip), why
        assert plan.code is expected, why
    else:
        assert plan == EntryPlan(at(day, "10:25"), at(day, "10:30"), at(day, "10:45"), expected == "moved"), why


def test_a_half_day_that_closes_within_the_hour_is_skipped():
    calendar = WeekdayCalendar(early={"2024-03-01": "11:15"})
    assert strategy().entry_plan(FRIDAY, calendar).code is SkipCode.TOO_LATE_FOR_EARLY_CLOSE


def test_other_weekdays_can_be_set():
    own = strategy(last_of_week=False, weekdays=(0, 2))
    days = [date(2024, 3, 4) + timedelta(days=n) for n in range(5)]
    assert [isinstance(own.entry_plan(day, HOLIDAYS), EntryPlan) for day in days] == [True, False, True, False, False]


@pytest.mark.parametrize(
    ("spot", "direction", "strikes", "why"),
    [
        (5000.0, "condor", (4975, 4945, 5025, 5055), "no move: 0.5 ATR either side, wings 30 points"),
        (5024.0, "condor", (5000, 4970, 5050, 5080), "+0.48 % is no move yet"),
        (5030.0, "call_spread", (5065, 5095), "+0.6 %: the call spread 0.7 ATR above"),
        (4970.0, "put_spread", (4935, 4905), "-0.6 %: the put spread 0.7 ATR below"),
    ],
)
def test_the_morning_decides_what_is_sold(spot, direction, strikes, why):
    proposal = entered(strategy(minimum_credit=0.0), market(spot=spot))
    assert isinstance(proposal, Proposal), (why, proposal)
    assert proposal.tags["direction"] == direction, why
    assert tuple(leg.contract.strike for leg in proposal.legs) == strikes, why
    assert [leg.ratio for leg in proposal.legs] == [-1, 1] * (len(strikes) // 2)
    assert {leg.contract.expiry for leg in proposal.legs} == {FRIDAY}
    assert proposal.is_defined_risk
    assert proposal.max_loss_dollars == pytest.approx((30.0 - proposal.credit) * 100.0)
    assert proposal.loss_at_stop_dollars == pytest.approx(proposal.credit * 100.0)


def test_a_condor_puts_each_leg_in_its_role():
    proposal = entered(strategy(), market())
    assert [leg.role for leg in proposal.legs] == [Role.SHORT_PUT, Role.LONG_PUT, Role.SHORT_CALL, Role.LONG_CALL]


@pytest.mark.parametrize(
    ("volatility", "low", "high", "why"),
    [
        (0.12, 0.15, 0.30, "calm: 0.5 ATR is under 15 delta, the 25-delta strike is sold"),
        (0.25, 0.15, 0.30, "the ATR strike agrees with its delta"),
        (0.45, 0.15, 0.30, "wild: 0.5 ATR is over 30 delta, sold further out"),
    ],
)
def test_the_delta_guard(volatility, low, high, why):
    chain = listed("SPX", [FRIDAY], 4700, 5300, 5, spot=5000.0, volatility=volatility)
    proposal = entered(strategy(minimum_credit=0.0), market(volatility=volatility, chains={"SPX": chain}))
    assert isinstance(proposal, Proposal), (why, proposal)
    assert low <= proposal.numbers["put_delta"] <= high, why
    assert low <= proposal.numbers["call_delta"] <= high, why
    at_atr = proposal.legs[0].contract.strike == 4975
    assert at_atr is (volatility == 0.25), why


def test_a_broken_wing_is_wider_on_the_tested_side():
    proposal = entered(strategy(is_broken_wing=True, minimum_credit=0.0), market(spot=5010.0))
    put, put_wing, call, call_wing = (leg.contract.strike for leg in proposal.legs)
    assert (put - put_wing, call_wing - call) == (30, 50)
    assert proposal.tags["variant"] == "broken_wing"


def crossed(seen, strike, right):
    one = contract("SPX", right, strike, FRIDAY)
    return {one.key: Quote(9.0, 8.0, seen.now)}


BARE = market()


@pytest.mark.parametrize(
    ("changes", "code", "why"),
    [
        ({"chains": {}}, SkipCode.NO_CHAIN, "no universe file"),
        ({"chains": {"SPX": listed("SPX", ["2024-03-04"], 4800, 5200, 5)}}, SkipCode.NO_EXPIRY, "nothing expires today"),
        ({"spots": {}}, SkipCode.NO_SPOT, "no price"),
        ({"opens": {}}, SkipCode.NO_SESSION_OPEN, "no first price: the move is unknown"),
        ({"bars": {}}, SkipCode.NO_HISTORY, "no range"),
        ({"bars": {"SPX": flat_bars(FRIDAY, 14, 5000.0, 50.0)}}, SkipCode.NO_HISTORY, "fourteen sessions make thirteen ranges"),
        ({"vix": VolatilityIndices()}, SkipCode.NO_VIX, "no VIX at all"),
        ({"vix": VolatilityIndices(vix=40.0)}, SkipCode.VIX_TOO_HIGH, "VIX at its limit"),
        ({"volatility": 0.2, "half_spread": 0.01, "chains": {"SPX": listed("SPX", [FRIDAY], 4800, 5200, 50)}}, SkipCode.NO_STRIKE_IN_BAND, "coarse grid: 50 points away is under 10 delta"),
        ({"half_spread": 20.0}, SkipCode.NO_QUOTE, "nobody bids for anything"),
        ({"quotes": crossed(BARE, 4945, Right.PUT)}, SkipCode.NO_QUOTE, "the wing's quote is crossed"),
    ],
)  # fmt: skip
def test_no_trade_has_a_coded_reason(changes, code, why):
    answer = entered(strategy(), market(**changes))
    assert isinstance(answer, Skip), (why, answer)
    assert answer.code is code, why


def test_credit_below_the_floor_carries_both_numbers():
    answer = entered(strategy(minimum_credit=0.5), market())
    assert answer.code is SkipCode.CREDIT_BELOW_FLOOR
    assert answer.numbers["put_credit"] < answer.numbers["put_credit_floor"] == 15.0


# volatility, strike and delta of the put sold by the letter, of the one that pays, comment
TOO_CHEAP = [
    (0.20, 4975, 0.157, 4985, 0.272, "0.5 ATR is within the band, but brings 1.94 of 30 points: the 25-delta strike brings 3.84"),
    (0.15, 4985, 0.210, 4990, 0.295, "the strike nearest to 25 delta brings 2.18: the next one within the band pays"),
]


@pytest.mark.parametrize("row", TOO_CHEAP, ids=lambda row: row[-1])
def test_a_strike_that_pays_too_little_makes_room_for_one_that_pays(row):
    volatility, strike, delta, paying_strike, paying_delta, why = row
    chain = listed("SPX", [FRIDAY], 4800, 5200, 5, spot=5000.0, volatility=volatility)
    seen = market(volatility=volatility, chains={"SPX": chain})
    letter = entered(strategy(has_credit_guard=False, condor_delta_high=0.31), seen)
    assert letter.code is SkipCode.CREDIT_BELOW_FLOOR, why
    assert letter.numbers["put_short_strike"] == strike, why
    assert letter.numbers["put_delta"] == pytest.approx(delta, abs=0.005), why
    proposal = entered(strategy(condor_delta_high=0.31), seen)
    assert isinstance(proposal, Proposal), (why, proposal)
    assert proposal.numbers["put_short_strike"] == paying_strike, why
    assert proposal.numbers["put_delta"] == pytest.approx(paying_delta, abs=0.005), why
    assert proposal.numbers["put_credit"] >= proposal.numbers["put_credit_floor"] == pytest.approx(2.4), why


@pytest.mark.parametrize(
    ("half_spread", "is_entered", "why"),
    [
        (0.05, True, "0.40 for the round trip of four legs, a sixteenth of the credit"),
        (0.40, True, "3.20 of a stop of 6.56"),
        (0.45, False, "3.60 of 6.56: more than half of the stop is spread, a small move would do the rest"),
    ],
)
def test_a_spread_that_its_own_stop_would_close_is_not_opened(half_spread, is_entered, why):
    answer = entered(strategy(), market(half_spread=half_spread))
    assert isinstance(answer, Proposal) is is_entered, (why, answer)
    if not is_entered:
        assert answer.code is SkipCode.SPREAD_TOO_WIDE
        assert answer.numbers["spread"] == pytest.approx(8.0 * half_spread)
        assert isinstance(entered(strategy(widest_spread=1.0), market(half_spread=half_spread)), Proposal)


def test_a_floor_that_no_strike_of_the_band_pays_is_a_skip():
    chain = listed("SPX", [FRIDAY], 4800, 5200, 5, spot=5000.0, volatility=0.16)
    answer = entered(strategy(minimum_credit=0.2), market(volatility=0.16, chains={"SPX": chain}))
    assert answer.code is SkipCode.CREDIT_BELOW_FLOOR


def test_no_strike_between_the_atr_distance_and_the_delta_targets_is_left_out():
    """A range of 50 points on a market of 10 % volatility: the delta targets lie at 10 points, the ATR distances at 25 and 35."""
    chain = listed("SPX", [FRIDAY], 4800, 5200, 5, spot=5000.0, volatility=0.10)
    seen = market("10:25", volatility=0.10, chains={"SPX": chain})
    chosen = strategy().candidates(seen, account(), seen.now)
    calls = [c.strike for c in chosen.contracts if c.right is Right.CALL and c.strike <= 5035]
    assert calls == sorted(calls)
    assert max(after - before for before, after in pairwise(calls)) == 5.0


def test_one_trade_a_day():
    own, seen = strategy(), market()
    proposal = entered(own, seen)
    held = account(positions=[filled(proposal, 1, seen)])
    waiting = account(pending=[proposal])
    for portfolio in (held, waiting):
        assert own.candidates(seen, portfolio, seen.now).code is SkipCode.ALREADY_OPEN
        assert own.propose(Candidates(()), seen, portfolio, seen.now) == [Skip(SkipCode.ALREADY_OPEN)]


def test_candidates_are_a_dozen_or_two_and_hold_every_strike_the_structures_need():
    seen = market("10:25")
    chosen = strategy().candidates(seen, account(), seen.now)
    assert len(chosen.contracts) <= 36
    strikes = {(c.right, c.strike) for c in chosen.contracts}
    assert {(Right.PUT, k) for k in (4975, 4965, 4945, 4935)} <= strikes
    assert {(Right.CALL, k) for k in (5025, 5035, 5055, 5065)} <= strikes


def test_a_stock_with_the_weeks_expiry_trades_the_same_way():
    seen = FakeMarket(
        now=at("2015-12-24", "10:30"),
        spots={"GOOG": 748.4},
        opens={"GOOG": 749.5},
        bars={"GOOG": flat_bars(date(2015, 12, 24), 70, 750.0, 14.0)},
        chains={"GOOG": listed("GOOG", ["2015-12-24"], 700, 800, 2.5)},
        calendar=WeekdayCalendar(["2015-12-25"], {"2015-12-24": "13:00"}),
        volatility=0.45,
    )
    proposal = entered(strategy(underlying="GOOG"), seen)
    assert isinstance(proposal, Proposal), proposal
    assert [abs(a.contract.strike - b.contract.strike) for a, b in zip(proposal.legs[::2], proposal.legs[1::2], strict=True)] == [5.0, 5.0]


# Management. A condor sold for 8.00 points: base 800 dollars, stop at a closing price of 16.00, target at 4.00.
LEGS = (
    (Right.PUT, 4975.0, -1, 6.0, Role.SHORT_PUT),
    (Right.PUT, 4945.0, 1, 2.0, Role.LONG_PUT),
    (Right.CALL, 5025.0, -1, 5.5, Role.SHORT_CALL),
    (Right.CALL, 5055.0, 1, 1.5, Role.LONG_CALL),
)


def condor(breaches=0):
    return Position(
        campaign_id="friday_0dte/SPX/2024-03-01T10:30",
        strategy="friday_0dte",
        underlying="SPX",
        units=1,
        holdings=tuple(Holding(contract("SPX", right, strike, FRIDAY), n, price, role) for right, strike, n, price, role in LEGS),
        opened_at=at(FRIDAY, "10:30"),
        premium_dollars=800.0,
        fees_dollars=4.0,
        entry_credit_dollars=800.0,
        stop_breaches=breaches,
    )


def closing_at(price, clock, *, stale=False):
    """Quotes at which the condor costs `price` points to close: the whole cost sits in the short put."""
    now = at(FRIDAY, clock)
    when = now - timedelta(minutes=1) if stale else now
    keys = [holding.contract.key for holding in condor().holdings]
    if price is None:
        return FakeMarket(now=now, quotes=dict.fromkeys(keys))
    asked = [(price - 0.4, price), (0.0, 0.1), (0.0, 0.0), (0.0, 0.1)]
    return FakeMarket(now=now, quotes={key: Quote(bid, ask, when) for key, (bid, ask) in zip(keys, asked, strict=True)})


# clock, closing price (None: no quotes), stale quote, expected, comment
DAY_OF_A_STOP = [
    ("10:31", 8.4, False, None, "just opened"),
    ("10:32", 15.9, False, None, "a tick above the stop"),
    ("10:33", 16.0, False, None, "first breach: noted only"),
    ("10:34", 12.0, False, None, "noise: the count is cleared"),
    ("11:40", 17.0, False, None, "first breach again"),
    ("11:41", 17.0, True, None, "the same quote repeated does not count"),
    ("11:42", None, False, None, "no quotes: the count waits"),
    ("11:43", 16.5, False, STOP, "second fresh breach"),
]
GAP_THROUGH_THE_STOP = [
    ("12:00", 7.0, False, None, "quiet"),
    ("12:01", 28.0, False, None, "jumps far through the stop"),
    ("12:02", 29.0, False, STOP, "confirmed a minute later, at whatever it costs"),
]
DAY_OF_TIME = [
    ("14:59", 6.0, False, None, "left alone"),
    ("15:00", 6.0, False, TIME, "what is left is closed"),
    ("15:44", None, False, TIME, "without quotes the time still counts"),
    ("15:45", 6.0, False, HARD, "natural price now"),
    ("15:59", None, False, HARD, "to the end"),
]


def walk(own, rows, calendar=None):
    breaches = 0
    for clock, price, stale, expected, why in rows:
        seen = closing_at(price, clock, stale=stale)
        seen.calendar = calendar or seen.calendar
        outcome = own.manage(condor(breaches), seen, account(), seen.now)
        assert (outcome.reason if isinstance(outcome, Exit) else None) is expected, f"{clock} {why}: {outcome}"
        if isinstance(outcome, Exit):
            assert outcome.legs == frozenset(), "a condor is closed whole"
            assert outcome.urgency is (Urgency.NATURAL if expected is HARD else Urgency.WALK)
        breaches = outcome.stop_breaches if isinstance(outcome, Hold) else 0


@pytest.mark.parametrize("rows", [DAY_OF_A_STOP, GAP_THROUGH_THE_STOP, DAY_OF_TIME])
def test_a_day_of_management(rows):
    walk(strategy(), rows)


def test_on_a_half_day_every_exit_moves_to_a_quarter_of_an_hour_before_the_close():
    half_day = WeekdayCalendar(early={"2024-03-01": "13:00"})
    walk(strategy(), [("12:44", 6.0, False, None, "not yet"), ("12:45", 6.0, False, HARD, "12:45, at the natural price")], half_day)


def test_without_a_resting_order_the_target_is_checked_each_minute():
    rows = [
        ("11:00", 4.1, False, None, "48.75 % of the credit"),
        ("11:01", 4.0, False, TARGET, "half of it"),
    ]
    walk(strategy(has_resting_target=False), rows)
    walk(strategy(), [("11:01", 4.0, False, None, "the resting order takes it")])


def test_one_hit_can_be_set():
    walk(strategy(stop_hits=1), [("11:00", 16.0, False, STOP, "at once")])


@pytest.mark.parametrize(("target", "price"), [(0.5, -4.0), (0.25, -6.0), (1.0, 0.0)])
def test_the_resting_exit_leaves_the_target(target, price):
    assert strategy(profit_target=target).resting_exit(condor()) == pytest.approx(price)


def test_no_resting_exit_without_a_credit_or_when_switched_off():
    assert strategy(has_resting_target=False).resting_exit(condor()) is None
    assert strategy().resting_exit(condor().changed(entry_credit_dollars=-5.0)) is None
    assert strategy().resting_exit(condor().changed(holdings=())) is None


def test_a_resting_exit_is_per_unit():
    three = condor().changed(units=3, entry_credit_dollars=2400.0)
    assert strategy().resting_exit(three) == pytest.approx(-4.0)


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"spread_delta": 0.3}, "spread-delta is 0.3"),
        ({"condor_delta_low": 0.26}, "condor-delta is 0.25"),
        ({"entry_until": time(10, 0)}, "entry-until is 10:00"),
        ({"close_time": time(15, 50)}, "close-time is 15:50"),
    ],
)
def test_contradictions_are_named(changes, line):
    assert [problem for problem in Friday0dteParameters(**changes).problems() if problem.startswith(line)]
