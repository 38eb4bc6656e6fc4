"""Buying power: every phase and regime, the two margins, and the stops of entries."""

import math

import pytest
from risk_fakes import (
    NOW,
    RiskMarket,
    account,
    condor,
    contract,
    one_one_two,
    one_one_two_spy,
    parameters,
    position,
    proposal,
    put_calendar,
    short_put,
    strangle,
)

from analysis.vix_term_structure import VixParameters
from domain.contract import Leg, Role
from domain.proposal import DenialCode as Code
from domain.quote import Quote
from domain.state import Intent
from domain.views import VolatilityIndices
from risk.buying_power import BuyingPowerParameters, BuyingPowerRule, MarginEstimator, net_legs
from risk.phase_manager import PhaseParameters

PARAMETERS = BuyingPowerParameters()
ESTIMATOR = MarginEstimator(PARAMETERS)


def rule(**changes: str) -> BuyingPowerRule:
    read = parameters(**changes)
    return BuyingPowerRule(read["buying-power"], read["phase"], read["volatility-regime"])


RULE = rule()


def judge(what, view=None, market=None, of=RULE):
    return of.judge(what, view or account(), market or RiskMarket(), NOW)


def fixed(dollars: float):
    """An engine that asks this much a unit of any legs."""

    def asked(legs, units):
        assert all(isinstance(leg, Leg) for leg in legs)
        return dollars * units

    return asked


# ---- how much is usable: every phase in every regime ----

#              < 13    13-18  18-25  25-30  >= 30      share x 0.8, at most the ceiling
USABLE = {
    1: (0.36, 0.50, 0.50, 0.40, 0.50),
    2: (0.36, 0.52, 0.62, 0.40, 0.64),
    3: (0.36, 0.52, 0.62, 0.40, 0.64),
    4: (0.36, 0.52, 0.62, 0.40, 0.64),
}
VIX = (12.99, 13.0, 24.99, 25.0, 30.0)


@pytest.mark.parametrize("column", range(5))
@pytest.mark.parametrize("phase", [0, 1, 2, 3, 4])
def test_usable_margin_by_phase_and_regime(phase, column):
    # a put that asks 1,000 of 100,000 a unit; the strategy may have 60 % of what is usable
    market = RiskMarket(vix=VIX[column], engine_margin=fixed(1000.0))
    far = short_put("SPY", 99.0, 365)  # our own estimate of it is a little less: 10 % of the strike and its price
    verdict = judge(proposal("leap_put_ladder", "SPY", 100, legs=far), account(100_000, phase), market)
    share = USABLE[phase][column] if phase else 0.0
    assert verdict.numbers["usable_dollars"] == pytest.approx(share * 100_000)
    assert verdict.units == int(share * 0.6 * 100 + 1e-9)
    assert verdict.code is (Code.STRATEGY_SHARE if phase else Code.BUYING_POWER)


@pytest.mark.parametrize(
    ("vix", "share"),
    [(9.0, 0.36), (13.0, 0.52), (17.99, 0.52), (18.0, 0.62), (24.99, 0.62), (25.0, 0.40), (29.99, 0.40), (30.0, 0.64), (80.0, 0.64)],
)
def test_the_regimes_boundaries(vix, share):
    verdict = judge(proposal("leap_put_ladder", "SPY"), account(100_000), RiskMarket(vix=vix))
    assert verdict.numbers["usable_dollars"] == pytest.approx(share * 100_000)


@pytest.mark.parametrize(
    ("used", "units", "code"),
    [
        (0.0, 27, Code.STRATEGY_SHARE),  # 46,500 usable (62 % of 75,000), 27,900 in one strategy
        (18_000.0, 27, Code.STRATEGY_SHARE),
        (19_000.0, 27, Code.BUYING_POWER),
        (20_000.0, 26, Code.BUYING_POWER),
        (46_000.0, 0, Code.BUYING_POWER),
        (50_000.0, 0, Code.BUYING_POWER),
    ],
)
def test_worked_example_of_the_account_and_the_strategy(used, units, code):
    market = RiskMarket(vix=20.0, engine_margin=fixed(1000.0))
    rung = proposal("leap_put_ladder", "SPY", 50, legs=short_put("SPY", 99.0))
    verdict = judge(rung, account(75_000, 3, margin_used=used), market)
    assert (verdict.units, verdict.code) == (units, code)


def test_one_strategy_may_have_sixty_percent_of_what_is_usable():
    held = [position("leap_put_ladder", "SPY", 20, legs=short_put("SPY", 100.0))]
    market = RiskMarket(vix=20.0)
    more = judge(proposal("leap_put_ladder", "SPY", 20, legs=short_put("SPY", 90.0)), account(75_000, 3, held), market)
    assert more.numbers["strategy_used_dollars"] == pytest.approx(20_000.0, abs=200)
    assert more.numbers["strategy_limit_dollars"] == pytest.approx(27_900.0)
    assert (more.units, more.code) == (8, Code.STRATEGY_SHARE)
    assert judge(proposal("ipmcc", "SPY", 20, legs=short_put("SPY", 90.0)), account(75_000, 3, held), market).units == 20


# ---- the two margins ----


def margin(legs, market=None):
    return ESTIMATOR.margin(legs, market or RiskMarket())


def mid(leg, market=None):
    return ((market or RiskMarket()).quote(leg.contract)).mid


def test_condor_takes_the_wider_side():
    legs = condor(RiskMarket())
    assert margin(legs) == 3_000.0  # 30 points x 100, once: only one side can lose
    wide_call = (*legs[:3], Leg(contract("SPX", "C", legs[2].contract.strike + 50, 0), 1, Role.LONG_CALL))
    assert margin(wide_call) == 5_000.0
    wide_put = (Leg(contract("SPX", "P", legs[1].contract.strike - 55, 0), 1, Role.LONG_PUT), *legs[1:])
    assert margin(wide_put) == 5_500.0


@pytest.mark.parametrize(
    ("legs", "expected"),
    [
        (put_calendar(), 0.0),  # the later long put covers the near one
        (one_one_two("ES")[:2], 0.0),  # a debit spread
        (tuple(leg.reversed() for leg in one_one_two("ES")[:2]), 2_500.0),  # a 50-point credit spread on ES: with the multiplier
        ((Leg(contract("SPY", "C", 500, 365), 1, Role.LONG_CALL), Leg(contract("SPY", "C", 550, 7), -1, Role.SHORT_CALL)), 0.0),  # diagonal
    ],
)
def test_covered_structures(legs, expected):
    assert margin(legs) == expected


def test_a_cover_must_live_as_long_as_what_it_covers():
    legs = put_calendar(near=120, far=7)
    naked = tuple(leg for leg in legs if leg.ratio < 0)
    assert margin(legs) == margin(naked) > 10_000


def test_naked_options_on_shares_and_indices():
    spy, spx = short_put("SPY", 500.0, 120), short_put("SPX", 5000.0, 120)
    # shares: 20 % of 550 less 50 out of the money = 60, floor 10 % of 500 = 50, plus the price
    assert margin(spy) == pytest.approx((60 + mid(spy[0])) * 100)
    # index: 15 % of 5500 less 500 out of the money = 325, floor 10 % of 5000 = 500
    assert margin(spx) == pytest.approx((500 + mid(spx[0])) * 100)
    call = (Leg(contract("SPY", "C", 560.0, 120), -1, Role.NAKED_CALL),)
    assert margin(call) == pytest.approx((110 - 10 + mid(call[0])) * 100)
    in_the_money = short_put("SPY", 600.0, 120)
    assert margin(in_the_money) == pytest.approx((110 + mid(in_the_money[0])) * 100)


def test_naked_options_on_futures_use_the_multiplier():
    legs = short_put("ES", 4500.0, 120)
    # 10 % of 5550 less 1050 out of the money is nothing; floor 5 % of 5550 = 277.5; times 50
    assert margin(legs) == pytest.approx((277.5 + mid(legs[0])) * 50)
    near = short_put("ES", 5500.0, 120)
    assert margin(near) == pytest.approx((555 - 50 + mid(near[0])) * 50)


def test_a_strangle_is_its_worse_side_and_the_other_premium():
    put, call = strangle("GLD")
    worse, other = sorted(((margin((leg,)), leg) for leg in (put, call)), key=lambda pair: -pair[0])
    assert margin((put, call)) == pytest.approx(worse[0] + 100 * mid(other[1]))


def test_all_premium_of_the_other_side_counts():
    put, call = strangle("GLD", 90, 205.0, 260.0)
    further = Leg(contract("GLD", "C", 270.0, 90), -1, Role.NAKED_CALL)
    market = RiskMarket(volatility=0.35)
    assert margin((put,), market) * 2 > margin((call, further), market)
    both = margin((put, put, call, further), market)
    assert both == pytest.approx(2 * margin((put,), market) + 100 * (mid(call, market) + mid(further, market)))


def test_a_one_one_two_is_two_naked_puts():
    legs = one_one_two("ES")
    assert margin(legs) == pytest.approx(2 * margin(short_put("ES", 4500.0, 120)))  # the long put covers the dearer one
    assert margin(one_one_two_spy()) < margin(legs) / 3


def test_a_wide_spread_is_never_dearer_than_the_naked_option():
    legs = (*short_put("SPY", 500.0, 120), Leg(contract("SPY", "P", 100.0, 120), 1, Role.LONG_PUT))
    assert margin(legs) == margin(legs[:1])


def test_what_cancels_is_gone():
    legs = short_put("SPY", 500.0, 120)
    assert net_legs((*legs, legs[0].reversed())) == ()
    assert margin((*legs, legs[0].reversed())) == 0.0


def test_several_covers_are_used_up():
    short = Leg(contract("SPX", "P", 5400, 30), -3, Role.SHORT_PUT)
    two = Leg(contract("SPX", "P", 5370, 30), 2, Role.LONG_PUT)
    one = Leg(contract("SPX", "P", 5300, 30), 1, Role.LONG_PUT)
    assert margin((short, two, one)) == 2 * 3_000 + 10_000
    assert margin((short, two)) == pytest.approx(6_000 + margin((Leg(short.contract, -1, short.role),)))


@pytest.mark.parametrize(("engine", "counts"), [(None, 3_000.0), (100.0, 3_000.0), (5_000.0, 5_000.0)])
def test_the_larger_margin_counts_and_both_are_told(engine, counts):
    market = RiskMarket(vix=20.0) if engine is None else RiskMarket(vix=20.0, engine_margin=fixed(engine))
    verdict = judge(proposal(units=99), account(75_000, 3), market)
    assert verdict.units == int(27_900 / counts)
    assert verdict.numbers["margin_estimated_per_unit"] == 3_000.0
    assert verdict.numbers.get("margin_engine_per_unit") == engine


@pytest.mark.parametrize(("engine", "units"), [(10_000.0, 9), (35_000.0, 3), (44_000.0, 0)])
def test_the_larger_margin_in_use_counts(engine, units):
    held = [position("ipmcc", "SPX", 6, legs=condor(RiskMarket()))]  # ours: 18,000
    verdict = judge(proposal(units=99), account(75_000, 3, held, margin_used=engine), RiskMarket(vix=20.0))
    assert verdict.numbers["used_estimated_dollars"] == 18_000.0
    assert verdict.units == units


def test_working_orders_stand_as_margin():
    working = proposal("lt112", "SPX", 6, legs=condor(RiskMarket()), id="a", campaign_id="a")
    verdict = judge(proposal(units=99), account(75_000, 3, pending=(working,)), RiskMarket(vix=20.0, engine_margin=fixed(4_000.0)))
    assert (verdict.numbers["used_engine_dollars"], verdict.numbers["used_estimated_dollars"]) == (24_000.0, 18_000.0)
    assert verdict.units == 5


def test_several_working_orders_add_up_and_a_closing_one_does_not():
    orders = [proposal("lt112", "SPX", n, legs=condor(RiskMarket()), id=str(n), campaign_id=str(n)) for n in (1, 2)]
    closing = proposal("lt112", "SPX", 9, legs=condor(RiskMarket()), id="c", campaign_id="c", intent=Intent.CLOSE)
    for engine, counted in ((None, 9_000.0), (1_000.0, 9_000.0), (4_000.0, 12_000.0)):
        market = RiskMarket(vix=20.0) if engine is None else RiskMarket(vix=20.0, engine_margin=fixed(engine))
        verdict = judge(proposal(), account(75_000, 3, pending=(*orders, closing), margin_used=100.0), market)
        assert verdict.numbers["used_engine_dollars"] == counted + 100.0
        assert verdict.numbers["used_estimated_dollars"] == 9_000.0


def test_a_working_order_of_unknown_margin_is_refused():
    working = proposal("leap_put_ladder", "SPY", id="a", campaign_id="a")
    market = RiskMarket(quotes={working.legs[0].contract.key: None}, engine_margin=fixed(1.0))
    assert judge(proposal(), account(pending=(working,)), market).code is Code.MARGIN_UNKNOWN
    # a roll whose legs cancel what is held: alone it cannot be priced
    held = position("leap_put_ladder", "SPY")
    buying_back = tuple(leg.reversed() for leg in working.legs)
    new = short_put("SPY", 400.0, 400)
    roll = proposal("leap_put_ladder", "SPY", legs=(*buying_back, *new), id="roll", campaign_id=held.campaign_id)
    blind = RiskMarket(quotes={new[0].contract.key: None}, engine_margin=fixed(1.0))
    assert judge(proposal(), account(positions=[held], pending=(roll,)), blind).code is Code.MARGIN_UNKNOWN


def test_a_change_adds_what_its_campaign_then_asks_more():
    held = position("leap_put_ladder", "SPY", 3, legs=short_put("SPY", 500.0, 120))
    one = margin(short_put("SPY", 500.0, 120))
    more = proposal("leap_put_ladder", "SPY", 2, legs=short_put("SPY", 500.0, 120), campaign_id=held.campaign_id)
    verdict = judge(more, account(1_000_000, 4, [held]))
    assert verdict.numbers["margin_estimated_per_unit"] == pytest.approx(one)
    assert verdict.numbers["used_estimated_dollars"] == pytest.approx(3 * one)
    cover = proposal(
        "leap_put_ladder", "SPY", legs=(Leg(contract("SPY", "P", 495.0, 120), 3, Role.LONG_PUT),), campaign_id=held.campaign_id
    )
    verdict = judge(cover, account(75_000, 3, [held], margin_used=74_000.0))
    assert (verdict.units, verdict.numbers["margin_estimated_per_unit"]) == (1, pytest.approx(1_500 - 3 * one))


def test_a_margin_that_jumps_is_met_at_every_smaller_size():
    market = RiskMarket(vix=20.0, engine_margin=lambda _, units: {1: 3_000.0, 2: 99_000.0, 3: 9_000.0}[units])
    assert judge(proposal(units=3), account(75_000, 3), market).units == 1


def test_a_change_that_needs_no_margin_passes_when_everything_is_used():
    long = put_calendar()[0]
    held = position("ipmcc", "SPY", legs=(long,))
    next_short = proposal("ipmcc", "SPY", legs=put_calendar()[1:], campaign_id=held.campaign_id)
    full = account(75_000, 3, [held], margin_used=70_000.0)
    assert judge(next_short, full).units == 1
    assert (
        judge(next_short, account(75_000, 3, [held], margin_used=70_000.0), RiskMarket(engine_margin=fixed(1.0))).code is Code.BUYING_POWER
    )
    fresh = proposal("ipmcc", "SPY", legs=put_calendar())
    assert judge(fresh, full).code is Code.BUYING_POWER


# ---- stops ----


@pytest.mark.parametrize(
    ("vix", "legs", "code"),
    [
        (29.99, condor(RiskMarket()), None),
        (30.0, condor(RiskMarket()), Code.CRISIS_SHORT_PUTS_ONLY),
        (30.0, short_put(), None),
        (30.0, strangle("GLD"), Code.CRISIS_SHORT_PUTS_ONLY),
        (30.0, tuple(leg.reversed() for leg in short_put()), Code.CRISIS_SHORT_PUTS_ONLY),
    ],
)
def test_in_a_crisis_only_short_puts_are_opened(vix, legs, code):
    assert judge(proposal("leap_put_ladder", "SPY", legs=legs), account(500_000), RiskMarket(vix=vix)).code is code


def closes(*ratios: float | None) -> tuple[VolatilityIndices, ...]:
    return tuple(VolatilityIndices(vix=20.0, vix3m=None if ratio is None else 20.0 / ratio) for ratio in ratios)


@pytest.mark.parametrize(
    ("ratios", "is_stopped"),
    [
        ((0.9, 0.9), False),
        ((0.9, 1.0), True),  # a close in backwardation
        ((0.9, 1.05, 0.96), True),  # one close below the release
        ((0.9, 1.05, 0.96, 0.95), False),  # two
        ((0.9, 1.05, 0.96, 0.98, 0.96), True),  # not in a row
        ((0.9, 1.05, 0.96, None, 0.96), False),  # an unknown close changes nothing
        ((None, None), False),
        ((), False),
    ],
)
def test_backwardation_stops_strangles_and_lt112(ratios, is_stopped):
    market = RiskMarket(vix=20.0, closes=closes(*ratios))
    view = account(1_000_000)
    for strategy, underlying in (("futures_strangle", "GLD"), ("lt112", "ES")):
        found = judge(proposal(strategy, underlying), view, market)
        assert found.code is (Code.BACKWARDATION if is_stopped else None)
    assert judge(proposal(), view, market).code is None


def test_the_last_close_is_told():
    market = RiskMarket(vix=20.0, closes=closes(0.9, 1.1, 0.96))
    numbers = judge(proposal("lt112", "ES"), account(1_000_000), market).numbers
    assert (numbers["vix_to_vix3m"], numbers["closes_below"]) == (pytest.approx(0.96), 1.0)
    market = RiskMarket(vix=20.0, closes=closes(1.1, None))
    assert "vix_to_vix3m" not in judge(proposal("lt112", "ES"), account(1_000_000), market).numbers


def test_a_stop_is_looked_for_no_further_back_than_stated():
    market = RiskMarket(vix=20.0, closes=closes(1.1, *[0.98] * 5))
    assert judge(proposal("lt112", "ES"), account(1_000_000), market, rule(buying_power_backwardation_closes="5")).code is None
    assert judge(proposal("lt112", "ES"), account(1_000_000), market).code is Code.BACKWARDATION


@pytest.mark.parametrize(
    ("view", "market", "code"),
    [
        (account(math.inf, 3), RiskMarket(), Code.NLV_UNKNOWN),
        (account(phase=-1), RiskMarket(), Code.PHASE_UNKNOWN),
        (account(), RiskMarket(vix=None), Code.NO_VIX),
        (account(), RiskMarket(vix=0.0), Code.NO_VIX),
    ],
)
def test_what_is_unknown_is_refused(view, market, code):
    assert (judge(proposal(), view, market).units, judge(proposal(), view, market).code) == (0, code)


def test_an_unknown_margin_is_refused():
    naked = proposal("leap_put_ladder", "SPY")
    key = naked.legs[0].contract.key
    for market in (RiskMarket(quotes={key: None}), RiskMarket(quotes={key: Quote(None, None, NOW)}), RiskMarket(spots={})):
        assert judge(naked, market=market).code is Code.MARGIN_UNKNOWN
    priced = RiskMarket(quotes={key: Quote(1.0, 1.2, NOW)}, spots={})
    assert judge(naked, market=priced).code is Code.MARGIN_UNKNOWN
    held = position("leap_put_ladder", "SPY")
    elsewhere = RiskMarket(quotes={held.holdings[0].contract.key: None})
    assert judge(proposal(), account(positions=[held]), elsewhere).code is Code.MARGIN_UNKNOWN
    assert judge(proposal(), account(margin_used=None)).code is Code.MARGIN_UNKNOWN, "a view made for strategies"
    covered = RiskMarket(quotes={leg.contract.key: None for leg in proposal().legs})
    assert judge(proposal(), market=covered).code is None  # a covered structure's margin needs no price


# ---- crisis deployment ----


@pytest.mark.parametrize(
    ("on", "vix", "value", "units"),
    [
        (False, 35.0, 75_000, 0),
        (True, 29.0, 75_000, 0),  # only in a crisis
        (True, 35.0, 75_000, 5),  # 20 % of 75,000 = 15,000, a third a day: 5,000
        (True, 35.0, 60_000, 4),  # 12,000 / 3
        (True, 35.0, 500_000, 5),  # at most 15,000
    ],
)
def test_crisis_deployment_in_daily_thirds(on, vix, value, units):
    puts = proposal("crisis_deployment", "SPY", 20, legs=short_put("SPY", 99.0, 45))  # 990 a unit
    verdict = judge(puts, account(value, 3), RiskMarket(vix=vix), rule(buying_power_crisis_deployment=str(on).lower()))
    assert verdict.units == units
    assert verdict.code is Code.CRISIS_DEPLOYMENT


def test_the_deployments_budget_is_used_up():
    of = rule(buying_power_crisis_deployment="true")
    puts = proposal("crisis_deployment", "SPY", 20, legs=short_put("SPY", 99.0, 45))
    before = position("crisis_deployment", "SPY", 12, legs=short_put("SPY", 98.0, 45))  # 11,760, ten days ago
    assert judge(puts, account(75_000, 3, [before]), RiskMarket(vix=35.0), of).units == 3
    today = position("crisis_deployment", "SPY", 4, legs=short_put("SPY", 98.0, 45), opened_at=NOW)  # 3,920 of today's 5,000
    assert judge(puts, account(75_000, 3, [today]), RiskMarket(vix=35.0), of).units == 1


def test_phase_ceilings_come_from_the_phases():
    of = BuyingPowerRule(PARAMETERS, PhaseParameters(buying_power_ceiling=(0.1, 0.1, 0.1, 0.1)), VixParameters())
    assert judge(proposal(), account(100_000), RiskMarket(), of).numbers["usable_dollars"] == pytest.approx(10_000)
