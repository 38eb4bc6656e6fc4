"""The futures strangle in pictures: which product, which strikes, how many, and each step of its defence (rulebook 2.3)."""

from datetime import date, timedelta

import pytest
from strategy_fakes import FakeMarket, WeekdayCalendar, account, at, contract, filled, listed

from domain.contract import Right, Role
from domain.parameters import ParameterError, read
from domain.position import Holding, Position
from domain.proposal import Exit, Proposal, Skip
from domain.quote import Quote
from domain.state import ExitReason, SkipCode
from domain.views import VolatilityIndices
from strategies.base import Adjust, EntryPlan
from strategies.futures_strangle import FuturesStrangle, FuturesStrangleParameters

TUESDAY = date(2024, 3, 12)
EXPIRY = date(2024, 6, 7)
CALM, DEAR = (0.30,) + (0.20,) * 20 + (0.21,), (0.10,) + (0.20,) * 20 + (0.25, 0.24)


def strategy(**changes):
    return FuturesStrangle(FuturesStrangleParameters(**changes))


def market(**changes):
    """GLD at 200 and TLT at 100 in phase 1, crude at 75 in phase 3; GLD has the higher IV rank of the first two."""
    return FakeMarket(
        **{
            "now": at(TUESDAY, "09:45"),
            "spots": {"GLD": 200.0, "TLT": 100.0, "CL": 75.0},
            "chains": {
                "GLD": listed("GLD", ["2024-03-28", EXPIRY], 100, 320, 1, spot=200.0),
                "TLT": listed("TLT", [EXPIRY], 50, 160, 0.5, spot=100.0),
                "CL": listed("CL", [EXPIRY], 30, 130, 0.25, multiplier=1000.0, spot=75.0),
            },
            "iv_history": {"GLD": DEAR, "TLT": (0.1,) + (0.2,) * 20 + (0.15,), "CL": CALM},
            **changes,
        }
    )


def entered(own, seen, portfolio=None):
    portfolio = portfolio or account()
    before = seen.at(seen.now - timedelta(minutes=5))
    chosen = own.candidates(before, portfolio, before.now)
    return chosen if isinstance(chosen, Skip) else own.propose(chosen, seen, portfolio, seen.now)[0]


def test_a_put_and_a_call_in_one_order():
    proposal = entered(strategy(), market())
    assert isinstance(proposal, Proposal), proposal
    assert proposal.underlying == "GLD"
    assert [(leg.ratio, leg.role, leg.contract.right) for leg in proposal.legs] == [
        (-1, Role.NAKED_PUT, Right.PUT),
        (-1, Role.NAKED_CALL, Right.CALL),
    ]
    assert 0.05 <= proposal.numbers["put_delta"] <= 0.08
    assert 0.04 <= proposal.numbers["call_delta"] <= 0.07
    assert {leg.contract.expiry for leg in proposal.legs} == {EXPIRY}
    assert proposal.max_loss_dollars is None
    assert proposal.loss_at_stop_dollars == pytest.approx(2.0 * proposal.credit * 100.0)


def test_options_on_a_future_are_priced_in_its_points():
    seen = market(iv_history={"CL": DEAR})
    proposal = entered(strategy(), seen, account(phase=3.0))
    assert (proposal.underlying, proposal.multiplier, proposal.units) == ("CL", 1000.0, 1)
    assert len({leg.contract.underlying_key for leg in proposal.legs}) == 1


@pytest.mark.parametrize(
    ("facts", "changes", "product", "why"),
    [
        ({"phase": 1.0}, {}, "GLD", "higher IV rank than TLT"),
        ({"phase": 1.0}, {"iv_history": {"TLT": DEAR, "GLD": CALM}}, "TLT", "GLD is calm"),
        ({"phase": 1.0}, {"iv_history": {"CL": DEAR}}, SkipCode.IV_RANK_UNKNOWN, "crude comes with phase 3; the others have no history"),
        ({}, {"iv_history": {"CL": DEAR}}, SkipCode.IV_RANK_UNKNOWN, "an unknown phase is phase 1"),
        ({"phase": 0.0}, {}, SkipCode.NO_PRODUCT, "below the first threshold nothing is traded"),
        ({"phase": 1.0}, {"iv_history": {"GLD": CALM, "TLT": CALM}}, SkipCode.IV_RANK_TOO_LOW, "nothing above 30"),
        ({"phase": 1.0}, {"iv_history": {"GLD": DEAR[-19:]}}, SkipCode.IV_RANK_UNKNOWN, "nineteen sessions are too few"),
        ({"phase": 1.0}, {"chains": {}}, SkipCode.NO_EXPIRY, "no chains at all"),
        ({"phase": 1.0}, {"chains": {"TLT": listed("TLT", [EXPIRY], 50, 160, 0.5, spot=100.0)}}, "TLT", "GLD has no chain, TLT is next"),
    ],
)  # fmt: skip
def test_the_product(facts, changes, product, why):
    answer = entered(strategy(), market(**changes), account(**facts))
    assert (answer.code if isinstance(answer, Skip) else answer.underlying) == product, (why, answer)


@pytest.mark.parametrize(
    ("day", "expected", "why"),
    [
        ("2024-03-12", EntryPlan, "second Tuesday"),
        ("2024-03-05", SkipCode.NOT_ENTRY_DAY, "first Tuesday"),
        ("2024-04-09", SkipCode.HOLIDAY, "the second Tuesday is closed"),
        ("2024-04-10", EntryPlan, "the next session stands in"),
        ("2024-05-14", EntryPlan, "half day: 9:45 is early enough"),
        ("2024-06-11", SkipCode.TOO_LATE_FOR_EARLY_CLOSE, "a session that ends at 10:30"),
    ],
)
def test_entry_days(day, expected, why):
    calendar = WeekdayCalendar(["2024-04-09"], {"2024-05-14": "13:00", "2024-06-11": "10:30"})
    plan = strategy().entry_plan(date.fromisoformat(day), calendar)
    assert (plan.code if isinstance(plan, Skip) else type(plan)) is expected, why


@pytest.mark.parametrize(
    ("vix", "units", "why"),
    [
        (12.9, SkipCode.VIX_TOO_LOW, "too little to earn"),
        (13.0, 2, "normal"),
        (18.0, 3, "one and a half"),
        (25.0, 5, "the phase's limit, which risk sets"),
        (30.0, SkipCode.VIX_TOO_HIGH, "crisis"),
        (None, SkipCode.NO_VIX, "unknown"),
    ],
)
def test_units_by_vix(vix, units, why):
    answer = entered(strategy(units=2), market(vix=VolatilityIndices(vix=vix)))
    assert (answer.code if isinstance(answer, Skip) else answer.units) == units, why


def offered(own, seen, portfolio):
    """Everything proposed, in order."""
    chosen = own.candidates(seen, portfolio, seen.now)
    return own.propose(chosen, seen, portfolio, seen.now)


def test_the_next_products_stand_by_in_the_order_of_their_rank():
    seen = market(iv_history={"GLD": (0.1, *(0.2,) * 20, 0.19), "TLT": DEAR, "CL": (0.1, *(0.2,) * 20, 0.195)})
    ranked = [answer.underlying for answer in offered(strategy(), seen, account(phase=3.0))]
    assert ranked == ["CL", "TLT", "GLD"], "IV ranks 95, 93 and 90"
    assert [answer.underlying for answer in offered(strategy(products_tried=1), seen, account(phase=3.0))] == ["CL"]
    assert strategy().proposes_alternatives


def test_a_product_without_quotes_is_passed_over():
    seen = market()
    seen.quotes = {row.contract.key: None for row in seen.chains["GLD"].rows}
    skip, proposal = offered(strategy(), seen, account(phase=1.0))
    assert (skip.code, skip.detail, proposal.underlying) == (SkipCode.NO_QUOTE, "GLD put", "TLT")


def test_one_strangle_an_entry_day():
    own, seen = strategy(), market()
    first = entered(own, seen)
    held = filled(first, 1, seen)
    chosen = own.candidates(seen, account(positions=[held]), seen.now)
    assert own.propose(chosen, seen, account(positions=[held]), seen.now) == [Skip(SkipCode.ALREADY_OPEN)]
    older = held.changed(opened_at=at("2024-02-13", "09:45"))
    assert isinstance(own.propose(chosen, seen, account(positions=[older]), seen.now)[0], Proposal)


def test_a_negative_floor_switches_the_rank_off():
    assert entered(strategy(iv_rank_above=-1.0), market(iv_history={})).underlying == "GLD"


def test_one_and_a_half_units_of_one_is_one():
    assert entered(strategy(), market(vix=VolatilityIndices(vix=20.0))).units == 1


class Worthless(dict):
    """Every contract is bid for nothing and offered at what its model says, so that deltas are known and no credit is there."""

    def __contains__(self, key):
        return True

    def __getitem__(self, key):
        right, strike = key.split()[2][0], float(key.split()[2][1:])
        modelled = market().model_price(contract("GLD", Right(right), strike, EXPIRY))
        return Quote(0.0, 2.0 * modelled, at(TUESDAY, "09:45"))


DEAD = Worthless()


@pytest.mark.parametrize(
    ("changes", "code", "why"),
    [
        ({"half_spread": 5.0}, SkipCode.NO_QUOTE, "nobody bids for the wings"),
        ({"chains": {"GLD": listed("GLD", [EXPIRY], 185, 215, 5, spot=200.0)}}, SkipCode.NO_STRIKE_IN_BAND, "narrow grid"),
        ({"chains": {"GLD": listed("GLD", ["2024-03-28"], 100, 300, 1)}}, SkipCode.NO_EXPIRY, "no expiry from 60 to 110 days"),
        ({"half_spread": 0.0, "quotes": DEAD}, SkipCode.CREDIT_BELOW_FLOOR, "nobody bids for more than nothing"),
    ],
)
def test_no_trade_has_a_coded_reason(changes, code, why):
    assert entered(strategy(), market(**changes)).code is code, why


# Management. A strangle on GLD: put 170 sold at 0.60, call 235 sold at 0.50: credit 110 dollars, stop at a loss of 220.
PUT, CALL = contract("GLD", Right.PUT, 170.0, EXPIRY), contract("GLD", Right.CALL, 235.0, EXPIRY)


def strangle(*, rolls=0.0, sides=(PUT, CALL)):
    prices = {PUT.key: (0.6, Role.NAKED_PUT), CALL.key: (0.5, Role.NAKED_CALL)}
    return Position(
        campaign_id="futures_strangle/GLD/2024-03-12T09:45",
        strategy="futures_strangle",
        underlying="GLD",
        units=1,
        holdings=tuple(Holding(side, -1, *prices[side.key]) for side in sides),
        opened_at=at(TUESDAY, "09:45"),
        premium_dollars=110.0,
        fees_dollars=2.0,
        entry_credit_dollars=110.0,
        is_defined_risk=False,
        numbers={"rolls": rolls},
    )


def seen_at(day, spot, volatility, **changes):
    return market(now=at(day, "11:00"), spots={"GLD": spot}, volatility=volatility, half_spread=0.01, **changes)


KEEP, ROLL = "keep", "roll"
# day, GLD, volatility, expected, side closed (None: everything), comment
PATH = [
    ("2024-03-12", 200.0, 0.21, KEEP, None, "as sold"),
    ("2024-04-20", 200.0, 0.23, ExitReason.PROFIT_TARGET, None, "more than half of the credit has decayed"),
    ("2024-04-10", 215.0, 0.17, KEEP, None, "the call is at 12 delta"),
    ("2024-04-26", 222.0, 0.185, ROLL, None, "the call is over 20 delta: the put is rolled in"),
    ("2024-05-06", 225.0, 0.20, ExitReason.TESTED_SIDE, CALL, "the call is over 25 delta: it is closed, the put stays"),
    ("2024-05-06", 228.0, 0.20, ExitReason.DELTA, None, "over 30 delta: everything goes"),
    ("2024-05-06", 240.0, 0.25, ExitReason.DELTA, None, "gap through every line: everything goes"),
    ("2024-03-15", 200.0, 0.30, ExitReason.STOP, None, "volatility jumps: loss of 2 x credit before any delta"),
    ("2024-05-16", 214.0, 0.30, KEEP, None, "22 days left"),
    ("2024-05-17", 214.0, 0.30, ExitReason.DTE, None, "21 days left"),
    ("2024-06-07", 200.0, 0.30, ExitReason.PROFIT_TARGET, None, "their last day, should everything before have failed"),
]


@pytest.mark.parametrize("row", PATH, ids=lambda row: row[-1])
def test_the_defence(row):
    day, spot, volatility, expected, side, why = row
    own = strategy(stop_loss=20.0) if expected not in (ExitReason.STOP,) else strategy()
    seen = seen_at(day, spot, volatility)
    outcome = own.manage(strangle(), seen, account(), seen.now)
    found = outcome.reason if isinstance(outcome, Exit) else (ROLL if isinstance(outcome, Adjust) else KEEP)
    assert found == expected, (why, outcome)
    if isinstance(outcome, Exit):
        assert outcome.legs == (frozenset() if side is None else {side.key}), why


def rolled(own, position, seen):
    wish = own.manage(position, seen, account(), seen.now)
    assert isinstance(wish, Adjust), wish
    return own.adjust(position, wish.candidates, seen, account(), seen.now)


def test_the_untested_side_is_rolled_in_once_and_for_a_credit():
    own, seen = strategy(stop_loss=20.0), seen_at("2024-04-26", 222.0, 0.185)
    proposal = rolled(own, strangle(), seen)
    assert isinstance(proposal, Proposal), proposal
    assert proposal.campaign_id == strangle().campaign_id, "the campaign goes on"
    back, new = proposal.legs
    assert (back.contract, back.ratio, back.role) == (PUT, 1, Role.NAKED_PUT)
    assert (new.contract.right, new.ratio, new.contract.expiry) == (Right.PUT, -1, EXPIRY)
    assert PUT.strike < new.contract.strike < 222.0
    assert proposal.numbers["rolled_delta"] == pytest.approx(0.10, abs=0.03)
    assert proposal.credit > 0.0
    assert proposal.numbers["rolls"] == 1.0
    assert not isinstance(own.manage(strangle(rolls=1.0), seen, account(), seen.now), Adjust), "only once"


def test_a_roll_that_costs_money_is_not_done():
    own, seen = strategy(stop_loss=20.0), seen_at("2024-04-26", 222.0, 0.185)
    wish = own.manage(strangle(), seen, account(), seen.now)
    seen.quotes = {PUT.key: Quote(3.0, 3.2, seen.now)}
    assert own.adjust(strangle(), wish.candidates, seen, account(), seen.now).code is SkipCode.CREDIT_BELOW_FLOOR


def test_a_roll_is_dropped_when_the_price_comes_back():
    own, tested = strategy(stop_loss=20.0), seen_at("2024-04-26", 222.0, 0.185)
    wish = own.manage(strangle(), tested, account(), tested.now)
    calm = seen_at("2024-04-26", 205.0, 0.18)
    assert own.adjust(strangle(), wish.candidates, calm, account(), calm.now).code is SkipCode.NOT_NEEDED


def test_one_side_alone_has_nothing_to_roll():
    own, seen = strategy(stop_loss=20.0), seen_at("2024-04-26", 222.0, 0.185)
    assert not isinstance(own.manage(strangle(sides=(CALL,)), seen, account(), seen.now), Adjust)


def test_without_quotes_only_time_acts():
    nothing = {PUT.key: None, CALL.key: None}
    own = strategy()
    early, late = (seen_at(day, 230.0, 0.2, quotes=nothing) for day in ("2024-05-16", "2024-05-17"))
    assert not isinstance(own.manage(strangle(), early, account(), early.now), Exit)
    assert own.manage(strangle(), late, account(), late.now).reason is ExitReason.DTE


def test_an_assigned_side_counts_once_its_shares_are_sold():
    """The put is assigned at 170 and the shares go at 165: 500 lost of a credit of 110, whatever the call that is left is worth."""
    own, seen = strategy(), seen_at("2024-04-20", 190.0, 0.15)
    left = strangle(sides=(CALL,))
    waiting = left.changed(share_quantity=100, share_cash_dollars=-17_000.0)
    assert not isinstance(own.manage(waiting, seen, account(), seen.now), Exit), "what the shares bring is not known yet"
    outcome = own.manage(left.changed(share_cash_dollars=-500.0), seen, account(), seen.now)
    assert outcome.reason is ExitReason.STOP
    assert outcome.numbers["profit_dollars"] == pytest.approx(-390.0, abs=2.0)


def test_futures_without_option_data_are_refused_at_start_with_the_list():
    sections = {"futures-strangle": FuturesStrangleParameters}
    with pytest.raises(ParameterError, match=r"phase-3-products: options on the future 6E .* expected one of CL, ES, GC"):
        read(sections, {"futures-strangle-phase-3-products": "CL,6E"})


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"put_delta": 0.2}, "put-delta is 0.2"),
        ({"dte": 120}, "dte is 120"),
        ({"close_dte": 70}, "dte is 90"),
        ({"vix_more": 12.0}, "vix-from, vix-more"),
        ({"tested_delta": 0.35}, "roll-delta, tested-delta"),
    ],
)
def test_contradictions_are_named(changes, line):
    assert [problem for problem in FuturesStrangleParameters(**changes).problems() if problem.startswith(line)]
