"""Direction, stress and stressed margin of the whole book."""

import math
from dataclasses import replace

import pytest
from risk_fakes import (
    NOW,
    RiskMarket,
    account,
    condor,
    contract,
    one_one_two_spy,
    parameters,
    position,
    proposal,
    short_put,
    strangle,
)

from analysis.greeks_calculator import implied_volatility, option_greeks, option_price
from analysis.stress import StressParameters
from domain.contract import Leg, Right, Role, Style
from domain.proposal import DenialCode as Code
from domain.quote import Quote
from risk.buying_power import BuyingPowerParameters
from risk.portfolio_limits import PortfolioLimitParameters, PortfolioLimitsRule, Revaluation, live_greeks, live_options

LIMITS, STRESS, MARGINS = PortfolioLimitParameters(), StressParameters(), BuyingPowerParameters()
RULE = PortfolioLimitsRule(LIMITS, STRESS, MARGINS)
REVALUATION = Revaluation(LIMITS, STRESS)
OPEN = {"beta_delta": 10.0, "stress_loss": 1.0, "stress_margin": 2.0}


def only(**limits: float) -> PortfolioLimitsRule:
    """The rule with one limit as given and the others out of the way."""
    return PortfolioLimitsRule(replace(LIMITS, **{**OPEN, **limits}), STRESS, MARGINS)


def judge(what, view=None, market=None, of=RULE):
    return of.judge(what, view or account(), market or RiskMarket(), NOW)


def long(underlying: str, right: str, strike: float, dte: int = 120) -> tuple[Leg, ...]:
    return (Leg(contract(underlying, right, strike, dte), 1, Role.LONG_CALL if right == "C" else Role.LONG_PUT),)


# ---- direction ----


def test_worked_example_of_direction():
    # one long SPY call at the money, about 120 days: delta near 0.6 of 55,000 dollars a hundred shares
    market = RiskMarket()
    call = long("SPY", "C", 550)
    delta = live_greeks([call[0].contract], market, NOW)[call[0].contract.key].delta
    verdict = judge(proposal("ipmcc", "SPY", 9, legs=call), account(100_000), market, only(beta_delta=0.6))
    assert verdict.numbers["unit_beta_delta_dollars"] == pytest.approx(delta * 100 * 550)
    assert verdict.numbers["beta_delta_limit_dollars"] == pytest.approx(60_000)
    assert (verdict.units, verdict.code) == (int(60_000 / (delta * 55_000)), Code.BETA_DELTA)


@pytest.mark.parametrize(("underlying", "beta"), [("SPX", 1.0), ("QQQ", 1.15), ("GLD", 0.1), ("TLT", -0.2), ("ES", 1.0)])
def test_betas_join_underlyings(underlying, beta):
    market = RiskMarket()
    spot = market.spots[underlying]
    call = long(underlying, "C", spot)
    option = live_options([call[0].contract], market, NOW)[call[0].contract.key]
    found = REVALUATION.of(call, (), market, NOW)
    assert found.beta_delta_dollars == pytest.approx(beta * option.greeks.delta * call[0].contract.multiplier * spot)


def test_direction_is_limited_both_ways_and_hedges_are_allowed():
    of = only(beta_delta=0.6)
    bull = [position("ipmcc", "SPY", 1, legs=long("SPY", "C", 500))]
    assert judge(proposal("ipmcc", "SPY", 1, legs=long("SPY", "C", 540)), account(75_000, positions=bull), of=of).code is Code.BETA_DELTA
    assert judge(proposal("ipmcc", "SPY", 1, legs=long("SPY", "P", 540)), account(75_000, positions=bull), of=of).code is None
    puts = judge(proposal("ipmcc", "SPY", 9, legs=long("SPY", "P", 600)), account(75_000), of=of)
    assert puts.code is Code.BETA_DELTA
    assert puts.numbers["unit_beta_delta_dollars"] < 0


def test_assigned_shares_count():
    held = position("ipmcc", "SPY", legs=long("SPY", "P", 500)).changed(holdings=(), share_quantity=100)
    verdict = judge(proposal("leap_put_ladder", "SPY"), account(80_000, positions=[held]), of=only(beta_delta=0.6))
    assert verdict.numbers["book_beta_delta_dollars"] == pytest.approx(55_000)
    assert verdict.code is Code.BETA_DELTA
    found = REVALUATION.of((), [("SPY", 100)], RiskMarket(), NOW)
    assert found.losses == pytest.approx((3_300, 6_600, 11_000, -4_400))


def test_theta_is_told_and_limits_nothing():
    legs = short_put("SPY", 530.0, 45)
    held = position("leap_put_ladder", "SPY", 3, legs=legs)
    theta = live_greeks([legs[0].contract], RiskMarket(), NOW)[legs[0].contract.key].theta_per_day
    verdict = judge(proposal(), account(100_000, positions=[held]))
    assert verdict.numbers["book_theta_share"] == pytest.approx(-3 * 100 * theta / 100_000)
    assert verdict.numbers["book_theta_share"] > 0
    assert judge(proposal(), account(100_000)).numbers["book_theta_share"] == 0.0


WITHOUT_SAME_DAY = PortfolioLimitsRule(replace(LIMITS, same_day_delta=0.0), STRESS, MARGINS)


def test_a_covered_structure_that_expires_today_has_no_direction_on_request():
    """One SPX spread of ten net deltas is 55,000 dollars of index: more than 60 % of 75,000, though it loses 2,700 at worst and tonight is gone."""
    spread = condor(RiskMarket(), away=0.006)[2:]
    view = account(75_000)
    full = judge(proposal(legs=spread), view)
    assert (full.units, full.code) == (0, Code.BETA_DELTA)
    assert judge(proposal(legs=spread), view, of=WITHOUT_SAME_DAY).code is None
    tomorrow = condor(RiskMarket(), dte=1, away=0.006)[2:]
    assert judge(proposal(legs=tomorrow), view, of=WITHOUT_SAME_DAY).code is Code.BETA_DELTA
    naked = (condor(RiskMarket(), away=0.006)[2],)
    assert judge(proposal(legs=naked), view, of=WITHOUT_SAME_DAY).code is Code.BETA_DELTA


def test_the_books_own_same_day_structures_count_as_little_on_request():
    held = position("friday_0dte", "SPX", legs=condor(RiskMarket(), away=0.006)[2:])
    lasting = position("lt112", "SPY", legs=one_one_two_spy())
    both, alone = account(100_000, positions=[held, lasting]), account(100_000, positions=[lasting])
    what = proposal("leap_put_ladder", "SPY")
    left_out = judge(what, both, of=WITHOUT_SAME_DAY)
    assert left_out.numbers["book_beta_delta_dollars"] == pytest.approx(judge(what, alone).numbers["book_beta_delta_dollars"])
    counted = judge(what, both)
    assert counted.numbers["book_beta_delta_dollars"] < judge(what, alone).numbers["book_beta_delta_dollars"]


# ---- stress ----


def test_worked_example_of_the_stress_scenarios():
    # a naked put loses more in every deeper fall and gains in the rally
    market = RiskMarket(vix=16.0)
    put = short_put("SPY", 500.0, 120)
    found = REVALUATION.of(put, (), market, NOW)
    correction, crash, collapse, rally = found.losses
    assert 0 < correction < crash < collapse
    assert rally < 0
    verdict = judge(proposal("leap_put_ladder", "SPY", 9, legs=put), account(75_000), market, only(stress_loss=0.35))
    assert verdict.numbers["stress_loss_with_one_unit_dollars"] == pytest.approx(collapse)
    assert (verdict.units, verdict.code) == (int(26_250 / collapse), Code.STRESS_LOSS)
    assert verdict.units >= 1


def test_every_leg_is_revalued_as_what_it_is():
    """Each leg by hand in the crash (-12 %, twice the volatility): index, share with dividends and early exercise, future."""
    market = RiskMarket(yields={"SPX": 0.015, "SPY": 0.03}, volatility=0.2)
    betas = ("SPX=1", "SPY=0.9", "ES=1.1")
    revaluation = Revaluation(replace(LIMITS, betas=betas), STRESS)
    rows = [
        # leg, yield, on a future, beta
        (Leg(contract("SPX", "P", 5200, 60), -2, Role.NAKED_PUT), 0.015, False, 1.0),
        (Leg(contract("SPY", "C", 570, 200), 3, Role.LONG_CALL), 0.03, False, 0.9),
        (Leg(contract("SPY", "P", 640, 200), -2, Role.NAKED_PUT), 0.03, False, 0.9),
        (Leg(contract("ES", "P", 5000, 90), -2, Role.NAKED_PUT), 0.0, True, 1.1),
    ]
    for leg, dividend_yield, on_future, beta in rows:
        option, spot = leg.contract, market.spots[leg.contract.underlying]
        is_call, years, mid = option.right is Right.CALL, option.years_left(NOW), market.quote(option).mid
        rate_yield_kind = {"rate": 0.05, "dividend_yield": dividend_yield, "on_future": on_future}
        iv = float(implied_volatility(is_call, mid, spot, option.strike, years, **rate_yield_kind).volatility[0])
        delta = float(option_greeks(is_call, spot, option.strike, years, iv, **rate_yield_kind).delta[0])
        shocked = spot * (1 - 0.12 * beta)
        after = float(option_price(is_call, shocked, option.strike, years, 2 * iv, **rate_yield_kind)[0])
        before = mid
        if option.style is Style.AMERICAN:
            after, before = max(after, option.intrinsic(shocked)), max(before, option.intrinsic(spot))
        size = leg.ratio * option.multiplier
        found = revaluation.of([leg], (), market, NOW)
        assert found.losses[1] == pytest.approx(size * (before - after) + abs(size) * 0.02, abs=1e-3)
        assert found.beta_delta_dollars == pytest.approx(size * delta * spot * beta)
    both = revaluation.of([row[0] for row in rows], [("SPY", -50)], market, NOW)
    alone = [revaluation.of([row[0]], (), market, NOW) for row in rows]
    assert both.losses[1] == pytest.approx(sum(each.losses[1] for each in alone) - 50 * 550 * 0.12 * 0.9)
    assert both.beta_delta_dollars == pytest.approx(sum(each.beta_delta_dollars for each in alone) - 50 * 550 * 0.9)


def test_the_book_counts_with_the_proposal():
    put = short_put("SPY", 500.0, 120)
    collapse = REVALUATION.of(put, (), RiskMarket(), NOW).losses[2]
    held = [position("leap_put_ladder", "SPY", 2, legs=short_put("SPY", 500.0, 120))]
    view = account(75_000, positions=held)
    verdict = judge(proposal("leap_put_ladder", "SPY", 9, legs=put), view, of=only(stress_loss=0.35))
    assert verdict.numbers["book_stress_loss_dollars"] == pytest.approx(2 * collapse)
    assert verdict.units == max(0, int(26_250 / collapse) - 2)
    working = proposal("leap_put_ladder", "SPY", 2, legs=put, id="a", campaign_id="a")
    pending = judge(proposal("leap_put_ladder", "SPY", 9, legs=put), account(75_000, pending=(working,)), of=only(stress_loss=0.35))
    assert pending.units == verdict.units


def test_the_worst_scenario_of_the_sum_counts_not_the_sum_of_the_worst():
    call = tuple(leg.reversed() for leg in long("SPY", "C", 560, 30))  # loses in the rally
    put = short_put("SPY", 540.0, 30)  # loses in the falls
    both = REVALUATION.of((*call, *put), (), RiskMarket(), NOW).losses
    alone = [max(REVALUATION.of(legs, (), RiskMarket(), NOW).losses) for legs in (call, put)]
    verdict = judge(proposal("futures_strangle", "SPY", legs=(*call, *put)), account(1e9), of=only())
    assert verdict.numbers["stress_loss_with_one_unit_dollars"] == pytest.approx(max(both))
    assert max(both) < sum(alone)


def test_stressed_margin_worked_example():
    # one put: margin m, first-scenario loss l: what is left of the account must hold 1.3 m
    market = RiskMarket(vix=16.0, engine_margin=lambda _, units: 7_000.0 * units)
    put = short_put("SPY", 500.0, 120)
    loss = REVALUATION.of(put, (), market, NOW).losses[0]
    for value, allowed in ((9_100 + loss - 1, 0), (9_100 + loss + 1, 1)):
        verdict = judge(proposal("leap_put_ladder", "SPY", legs=put), account(value, 3), market, only(stress_margin=1.0))
        assert (verdict.units, verdict.code) == (allowed, None if allowed else Code.STRESS_MARGIN)
        assert verdict.numbers["stressed_room_with_one_unit_dollars"] == pytest.approx(value - loss - 9_100, abs=1e-6)
    held = position("leap_put_ladder", "SPY", legs=short_put("SPY", 480.0, 120))
    first = REVALUATION.of(short_put("SPY", 480.0, 120), (), market, NOW).losses[0]
    told = judge(proposal("leap_put_ladder", "SPY", legs=put), account(90_000, 3, [held], margin_used=7_000.0), market, only()).numbers
    assert told["stressed_room_with_one_unit_dollars"] == pytest.approx(2 * (90_000 - first - loss) - 1.3 * 14_000)
    used = judge(proposal("leap_put_ladder", "SPY", legs=put), account(12_000, 3, margin_used=5_000.0), market, only(stress_margin=1.0))
    assert (used.units, used.numbers["stressed_margin_dollars"]) == (0, 6_500.0)


# ---- unknowns ----


def test_what_is_unknown_is_refused_with_its_own_code():
    held = position("leap_put_ladder", "SPY", legs=short_put("SPY", 490.0))
    key = held.holdings[0].contract.key
    book = account(positions=[held])
    rows = [
        # proposal, account, market, code
        (proposal(), account(math.nan, 3), RiskMarket(), Code.NLV_UNKNOWN),
        (proposal(legs=proposal().legs), account(), RiskMarket(vix=None), Code.STRESS_UNKNOWN),
        (
            proposal("leap_put_ladder", "SPY"),
            account(),
            RiskMarket(quotes={proposal("leap_put_ladder", "SPY").legs[0].contract.key: None}),
            Code.GREEKS_UNKNOWN,
        ),
        (proposal(), book, RiskMarket(quotes={key: None}), Code.GREEKS_UNKNOWN),
        (proposal(), book, RiskMarket(quotes={key: Quote(900.0, 901.0, NOW)}), Code.GREEKS_UNKNOWN),  # no volatility gives that price
        (proposal("ipmcc", "SPY", legs=short_put("ARKK", 40.0)), account(), RiskMarket(), Code.BETA_UNKNOWN),
        (proposal(), account(positions=[held.changed(share_quantity=1, underlying="ES")]), RiskMarket(), Code.STRESS_UNKNOWN),
    ]
    for what, view, market, code in rows:
        verdict = judge(what, view, market)
        assert (verdict.units, verdict.code) == (0, code)
    verdict = judge(proposal(), book, RiskMarket(quotes={key: None}))
    assert verdict.numbers == {"book_is_known": 0.0, "proposal_is_known": 1.0}


def test_a_future_without_option_data_has_no_margin():
    known = contract("SPX", "P", 5000.0, 90)
    put = (Leg(replace(known, underlying="RTY", key="RTY put"), -1, Role.NAKED_PUT),)
    market = RiskMarket()
    market.spots["RTY"] = 5_500.0
    market.quotes["RTY put"] = market.quote(known)
    verdict = judge(proposal("futures_strangle", "RTY", legs=put), account(1e9), market)
    assert (verdict.units, verdict.code) == (0, Code.MARGIN_UNKNOWN)
    held = position("futures_strangle", "RTY", legs=put)
    verdict = judge(proposal(), account(1e9, positions=[held]), market)
    assert (verdict.units, verdict.code) == (0, Code.MARGIN_UNKNOWN)


def test_a_limit_may_be_reached_exactly():
    put = short_put("SPY", 500.0, 120)
    found = REVALUATION.of(put, (), RiskMarket(), NOW)
    what = proposal("leap_put_ladder", "SPY", 2, legs=put)
    # an account of one dollar makes the limit the number itself; a negative share of what is then left, a debt, is room for any margin
    wide = {"beta_delta": 1e12, "stress_loss": 1e12, "stress_margin": 1e12}
    for name, exact in (("beta_delta", found.beta_delta_dollars), ("stress_loss", max(found.losses))):
        of = PortfolioLimitsRule(replace(LIMITS, **{**wide, "stress_margin": -1e12, name: exact}), STRESS, MARGINS)
        assert judge(what, account(1.0, 3), of=of).units == 1
        below = PortfolioLimitsRule(replace(LIMITS, **{**wide, "stress_margin": -1e12, name: exact * (1 - 1e-12)}), STRESS, MARGINS)
        assert judge(what, account(1.0, 3), of=below).units == 0


def test_an_unknown_margin_is_refused():
    market = RiskMarket()
    uncovered = RiskMarket(vix=16.0)
    held = position("leap_put_ladder", "SPY", legs=short_put("SPY", 490.0))
    uncovered.quotes[held.holdings[0].contract.key] = Quote(0.5, None, NOW)  # a bid without an ask: no middle
    assert judge(proposal(), account(positions=[held]), uncovered).code is Code.GREEKS_UNKNOWN
    assert judge(proposal(), account(positions=[held]), market).code is not Code.GREEKS_UNKNOWN


def test_an_option_worth_its_exercise_moves_one_for_one():
    deep = contract("SPY", "C", 300.0, 120)  # carry alone would make it worth 255: no volatility gives 250
    market = RiskMarket(quotes={deep.key: Quote(249.8, 250.2, NOW)})
    option = live_options([deep], market, NOW)[deep.key]
    assert option.greeks.delta == pytest.approx(1.0)
    for bid, ask in ((248.8, 249.2), (250.6, 251.0)):  # off what exercise pays by more than its spread
        assert live_options([deep], RiskMarket(quotes={deep.key: Quote(bid, ask, NOW)}), NOW) == {}
    edge = RiskMarket(quotes={deep.key: Quote(250.0, 250.5, NOW)})  # exactly one half spread off
    assert deep.key in live_options([deep], edge, NOW)
    barely = contract("SPY", "C", 549.5, 120)
    assert barely.key in live_options([barely], RiskMarket(quotes={barely.key: Quote(0.4, 0.6, NOW)}), NOW)


def test_options_of_all_kinds_are_priced_in_one_call():
    legs = (*condor(RiskMarket(), dte=10), *strangle("GLD"), *short_put("ES", 5000.0, 90), *one_one_two_spy())
    found = live_options([leg.contract for leg in legs], RiskMarket(volatility=0.22), NOW)
    assert set(found) == {leg.contract.key for leg in legs}
    for leg in legs:
        option = found[leg.contract.key]
        assert option.volatility == pytest.approx(0.22, abs=6e-3)  # the early exercise premium
        assert option.half_spread == pytest.approx(0.02, abs=0.011)


def test_betas_are_read_and_checked():
    only_spy = Revaluation(replace(LIMITS, betas=("SPY=1",)), STRESS)
    assert not isinstance(only_spy.of(short_put(), (), RiskMarket(), NOW), Code)
    table = parameters(portfolio_limits_betas="SPY=1, GLD=-0.05")["portfolio-limits"].beta_table()
    assert table == {"SPY": 1.0, "GLD": -0.05}
    with pytest.raises(ValueError, match="betas has 'SPY:1', expected a symbol") as raised:
        parameters(portfolio_limits_betas="SPY:1,=2,GLD=nan,ES=1=2,QQQ=1")
    assert all(f"betas has '{text}'" in str(raised.value) for text in ("SPY:1", "=2", "GLD=nan", "ES=1=2"))
    assert "QQQ" not in str(raised.value)
