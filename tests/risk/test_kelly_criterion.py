"""Size of one trade: the stop, the tail, a quarter of Kelly."""

import math
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from risk_fakes import (
    NOW,
    RiskMarket,
    account,
    one_one_two,
    one_one_two_spy,
    parameters,
    position,
    proposal,
    put_calendar,
    short_put,
    strangle,
)

from analysis.stress import StressParameters
from domain.proposal import DenialCode as Code
from domain.views import ClosedTrade
from risk.kelly_criterion import KellyParameters, SizeRule, edge_of
from risk.portfolio_limits import PortfolioLimitParameters, Revaluation

PARAMETERS = KellyParameters()
REVALUATION = Revaluation(PortfolioLimitParameters(), StressParameters())


def rule(**changes: str) -> SizeRule:
    read = parameters(**changes)
    return SizeRule(read["kelly"], read["portfolio-limits"], read["stress"])


RULE = rule()


def judge(what, view=None, market=None, of=RULE):
    return of.judge(what, view or account(), market or RiskMarket(), NOW)


def trades(*results: float, strategy: str = "friday_0dte", risk: float | None = 300.0) -> tuple[ClosedTrade, ...]:
    return tuple(ClosedTrade(f"{strategy}/{i}", strategy, NOW, result, risk) for i, result in enumerate(results))


# ---- loss at the stop ----


@pytest.mark.parametrize(
    ("value", "loss", "units"),
    [
        (75_000, 480.0, 3),  # 1,500 / 480
        (75_000, 750.0, 2),  # exactly 2 %
        (75_000, 750.01, 1),
        (75_000, 1_500.0, 1),
        (75_000, 1_500.01, 0),
        (30_000, 480.0, 1),
        (75_000, 0.0, 9),  # plans no loss
    ],
)
def test_two_percent_at_the_stop(value, loss, units):
    what = proposal(units=9, loss_at_stop_dollars=loss, max_loss_dollars=1.0)
    verdict = judge(what, account(value))
    assert (verdict.units, verdict.code) == (units, None if units == 9 else Code.LOSS_AT_STOP)
    assert "kelly_share" in verdict.numbers
    assert (verdict.numbers["stop_loss_dollars"], verdict.numbers["stop_budget_dollars"]) == (loss, pytest.approx(0.02 * value))


def test_without_a_stop_the_largest_loss_is_the_stop():
    assert judge(proposal(units=9, loss_at_stop_dollars=None, max_loss_dollars=700.0)).units == 2
    unknown = judge(proposal(units=9, loss_at_stop_dollars=None, max_loss_dollars=None))
    assert (unknown.units, unknown.code) == (0, Code.LOSS_AT_STOP_UNKNOWN)
    exempt = judge(proposal("ipmcc", "SPY", loss_at_stop_dollars=None, max_loss_dollars=None))
    assert (exempt.units, exempt.code) == (0, Code.LOSS_AT_STOP_UNKNOWN)


@pytest.mark.parametrize(
    ("at_risk", "own", "units", "code"),
    [
        (1_400.0, None, 2, None),  # no loss of its own: the campaign's stop stays
        (1_400.0, 0.0, 2, None),
        (1_400.0, 50.0, 2, None),
        (1_400.0, 60.0, 1, Code.LOSS_AT_STOP),
        (1_600.0, 60.0, 0, Code.LOSS_AT_STOP),
        (None, 750.0, 2, None),
    ],
)
def test_a_change_is_judged_with_what_its_campaign_risks(at_risk, own, units, code):
    held = position("futures_strangle", "GLD", 2, loss_at_stop_dollars=at_risk)
    roll = proposal(
        "futures_strangle",
        "GLD",
        2,
        campaign_id=held.campaign_id,
        loss_at_stop_dollars=own,
        max_loss_dollars=9_000.0,
        legs=short_put("GLD", 200, 90),
    )
    verdict = judge(roll, account(positions=[held]))
    assert (verdict.units, verdict.code) == (units, code)


# ---- tail ----


@pytest.mark.parametrize(("worst", "units"), [(3_750.0, 1), (1_875.0, 2), (2_520.0, 1), (3_750.01, 0), (0.0, 4)])
def test_five_percent_at_worst_for_defined_risk(worst, units):
    verdict = judge(proposal(units=4, max_loss_dollars=worst))
    assert (verdict.units, verdict.code) == (units, None if units == 4 else Code.TAIL_LOSS)
    assert verdict.numbers["tail_budget_dollars"] == pytest.approx(3_750)


def test_ten_percent_in_the_first_stress_for_undefined_risk():
    legs = one_one_two_spy()
    loss = REVALUATION.of(legs, (), RiskMarket(), NOW).losses[0]
    what = proposal("lt112", "SPY", 9, legs=legs, loss_at_stop_dollars=1.0)
    verdict = judge(what, of=rule())
    assert verdict.numbers["tail_loss_dollars"] == pytest.approx(loss)
    assert (verdict.units, verdict.code) == (int(7_500 / loss), Code.TAIL_LOSS)
    es = judge(proposal("lt112", "ES", legs=one_one_two(), loss_at_stop_dollars=1.0))
    assert (es.units, es.code) == (0, Code.TAIL_LOSS)  # too large for 75,000: the same structure on SPY is taken


def test_a_flag_cannot_make_a_naked_put_defined():
    what = proposal("leap_put_ladder", "SPY", 9, is_defined_risk=True, max_loss_dollars=1.0, loss_at_stop_dollars=1.0)
    assert judge(what).numbers["tail_budget_dollars"] == pytest.approx(7_500)


def test_a_defined_risk_without_a_largest_loss_is_measured_in_the_stress():
    legs = put_calendar()
    loss = REVALUATION.of(legs, (), RiskMarket(), NOW).losses[0]
    verdict = judge(proposal("ipmcc", "SPY", legs=legs, max_loss_dollars=None))
    assert verdict.numbers["tail_loss_dollars"] == pytest.approx(loss)
    assert verdict.numbers["tail_budget_dollars"] == pytest.approx(3_750)


def test_a_change_is_judged_with_the_tail_of_its_campaign():
    long, short = put_calendar()
    held = position("ipmcc", "SPY", legs=(long,), loss_at_stop_dollars=None)
    verdict = judge(proposal("ipmcc", "SPY", legs=(short,), campaign_id=held.campaign_id), account(positions=[held]))
    assert verdict.code is None  # alone the short put would lose too much, the long one pays for it
    assert verdict.numbers["campaign_tail_dollars"] < 0 < verdict.numbers["tail_loss_dollars"]
    naked = position("ipmcc", "SPY", 3, legs=(short,), loss_at_stop_dollars=None)
    more = judge(proposal("ipmcc", "SPY", 9, legs=(short,), campaign_id=naked.campaign_id), account(positions=[naked]))
    each = more.numbers["tail_loss_dollars"]
    assert more.numbers["campaign_tail_dollars"] == pytest.approx(3 * each)
    assert more.units == max(0, math.floor(7_500 / each) - 3)
    relief = proposal("ipmcc", "SPY", 9, legs=(short.reversed(),), campaign_id=naked.campaign_id, loss_at_stop_dollars=None)
    assert judge(relief, account(10_000, 3, [naked])).units == 9  # what loses nothing more is not refused


@pytest.mark.parametrize("market", [RiskMarket(vix=None), RiskMarket(spots={})])
def test_an_unknown_tail_is_refused(market):
    verdict = judge(proposal("leap_put_ladder", "SPY"), market=market)
    assert (verdict.units, verdict.code) == (0, Code.TAIL_UNKNOWN)


def test_an_unknown_value_is_refused():
    assert judge(proposal(), account(math.nan, 3)).code is Code.NLV_UNKNOWN


# ---- Kelly ----


@pytest.mark.parametrize(
    ("planned_win", "rate", "full"),
    [
        (0.5, 0.71667, 0.15),  # friday_0dte: break-even 66.7 %
        (0.45, 0.73966, 0.16111),  # lt112: 69.0 %
        (0.25, 0.85, 0.25),  # futures_strangle: 80 %
        (0.15, 0.91957, 0.38333),  # leap_put_ladder: 87.0 %
    ],
)
def test_before_the_first_trade_kelly_rests_on_the_plan(planned_win, rate, full):
    edge = edge_of((), planned_win, PARAMETERS)
    assert edge.win_rate == pytest.approx(rate, abs=1e-5)
    assert (edge.win, edge.loss, edge.trades) == (planned_win, 1.0, 0)
    assert edge.full_kelly == pytest.approx(full, abs=1e-4)


def test_worked_example_after_twenty_trades():
    # ten wins of half and ten losses of one planned loss: p = (21.5 + 10) / 50, averages as planned
    closed = trades(*[150.0, -300.0] * 10)
    edge = edge_of(closed, 0.5, PARAMETERS)
    assert (edge.win_rate, edge.win, edge.loss) == (pytest.approx(0.63), pytest.approx(0.5), pytest.approx(1.0))
    verdict = judge(proposal(), account(closed_trades=closed))
    assert (verdict.units, verdict.code) == (0, Code.KELLY_NOT_POSITIVE)
    assert verdict.numbers["kelly_share"] == pytest.approx(0.25 * (0.63 - 0.37 / 0.5))


def test_the_averages_start_from_the_plan_and_follow_the_journal():
    edge = edge_of(trades(300.0, 300.0, -600.0), 0.5, PARAMETERS)
    assert edge.win == pytest.approx((0.5 * 5 + 1.0 + 1.0) / 7)
    assert edge.loss == pytest.approx((1.0 * 5 + 2.0) / 6)
    assert edge.win_rate == pytest.approx((21.5 + 2) / 33)


def test_a_trade_without_planned_loss_counts_for_the_rate_only():
    edge = edge_of((*trades(100.0, risk=None), *trades(-50.0, risk=0.0)), 0.5, PARAMETERS)
    assert (edge.win, edge.loss) == (0.5, 1.0)
    assert edge.win_rate == pytest.approx((21.5 + 1) / 32)


def test_a_trade_without_result_is_no_win():
    edge = edge_of(trades(0.0), 0.5, PARAMETERS)
    assert edge.win_rate == pytest.approx(21.5 / 31)
    assert (edge.win, edge.loss) == (0.5, pytest.approx(5 / 6))


def test_small_risks_count_like_large_ones():
    edge = edge_of(trades(0.5, -0.25, risk=0.5), 0.5, PARAMETERS)
    assert (edge.win, edge.loss) == (pytest.approx((2.5 + 1.0) / 6), pytest.approx((5 + 0.5) / 6))


def test_the_prior_is_never_certain():
    edge = edge_of((), 0.01, KellyParameters(prior_edge=0.5))
    assert edge.win_rate == 0.99


def test_quarter_kelly_caps_the_size():
    of = rule(kelly_risk_per_trade="0.5", kelly_max_loss_share="1")
    verdict = judge(proposal(units=20, loss_at_stop_dollars=300.0, max_loss_dollars=1.0), of=of)
    # 0.25 x 0.15 x 75,000 = 2,812
    assert (verdict.units, verdict.code) == (9, Code.KELLY_SIZE)
    assert verdict.numbers["kelly_budget_dollars"] == pytest.approx(2_812.5)


def test_an_edge_of_exactly_nothing_is_no_edge():
    of = rule(kelly_prior_edge="0", kelly_planned_win_friday_0dte="1")
    assert judge(proposal(), of=of).code is Code.KELLY_NOT_POSITIVE


def test_losses_of_cents_are_sized_too():
    of = rule(kelly_risk_per_trade="0.5")
    verdict = judge(proposal(loss_at_stop_dollars=1.6, max_loss_dollars=0.1), account(10.0, 3), of=of)
    assert (verdict.units, verdict.code) == (0, Code.KELLY_SIZE)
    worst = judge(proposal(loss_at_stop_dollars=0.01, max_loss_dollars=0.6), account(10.0, 3), of=of)
    assert (worst.units, worst.code) == (0, Code.TAIL_LOSS)


@pytest.mark.parametrize(
    ("loss", "fraction", "units", "why"),
    [
        (3_000.0, "1", 1, "a quarter is 2,812, the whole 11,250: one unit goes"),
        (11_250.0, "1", 1, "exactly the whole"),
        (11_251.0, "1", 0, "more than the whole"),
        (3_000.0, "0.25", 0, "the rulebook's letter: a quarter, for one unit too"),
        (1_400.0, "1", 2, "two units stay within the quarter"),
    ],
)
def test_one_unit_may_use_the_whole_of_kelly(loss, fraction, units, why):
    of = rule(kelly_risk_per_trade="0.5", kelly_one_unit_fraction=fraction)
    verdict = judge(proposal(units=5, loss_at_stop_dollars=loss, max_loss_dollars=1.0), of=of)
    assert (verdict.units, verdict.code) == (units, Code.KELLY_SIZE), why


def test_a_single_unit_may_not_use_less_than_several():
    with pytest.raises(ValueError, match=r"one-unit-fraction is 0\.1, expected at least fraction 0\.25"):
        rule(kelly_one_unit_fraction="0.1")


@pytest.mark.parametrize(
    ("days", "memory", "code"),
    [(182, "182", Code.KELLY_NOT_POSITIVE), (183, "182", None), (3_650, None, Code.KELLY_NOT_POSITIVE)],
    ids=["still in mind", "forgotten", "by default every trade counts"],
)
def test_a_strategy_that_lost_its_edge_is_tried_again_once_its_trades_are_forgotten(days, memory, code):
    closed = tuple(replace(trade, closed_at=NOW - timedelta(days=days)) for trade in trades(*[-300.0] * 20))
    of = rule() if memory is None else rule(kelly_memory_days=memory)
    assert judge(proposal(max_loss_dollars=1.0), account(closed_trades=closed), of=of).code is code


def test_only_the_strategys_own_trades_count():
    closed = trades(*[-300.0] * 20, strategy="lt112")
    assert judge(proposal(max_loss_dollars=1.0), account(closed_trades=closed)).code is None
    assert judge(proposal("lt112", "SPY", legs=one_one_two_spy()), account(closed_trades=closed)).code is Code.KELLY_NOT_POSITIVE


def test_who_is_not_kelly_sized():
    closed = trades(*[-300.0] * 50, strategy="ipmcc")
    calendar = proposal("ipmcc", "SPY", max_loss_dollars=1.0)
    assert judge(calendar, account(closed_trades=closed)).code is None
    held = position("futures_strangle", "GLD", legs=strangle("GLD"))
    roll = proposal("futures_strangle", "GLD", campaign_id=held.campaign_id, legs=short_put("GLD", 200, 90))
    lost = account(positions=[held], closed_trades=trades(*[-300.0] * 50, strategy="futures_strangle"))
    assert judge(roll, lost).code is None  # a change is no new bet
    assert judge(proposal("futures_strangle", "GLD", legs=short_put("GLD", 200, 90)), lost).code is Code.KELLY_NOT_POSITIVE


def test_a_strategy_without_a_plan_is_refused():
    verdict = judge(proposal(strategy="box_spread", legs=proposal().legs))
    assert (verdict.units, verdict.code) == (0, Code.UNKNOWN_STRATEGY)


# ---- properties ----

_results = st.lists(st.floats(-900, 900), max_size=40)


@given(_results, st.floats(0, 900))
def test_a_further_win_never_lowers_the_win_rate(results, more):
    before = edge_of(trades(*results), 0.5, PARAMETERS)
    after = edge_of(trades(*results, more + 1e-6), 0.5, PARAMETERS)
    assert after.win_rate >= before.win_rate
    assert 0 < after.win_rate < 1


@given(st.floats(1_000, 1e6), st.floats(0, 1e6), st.floats(1, 5_000), st.floats(1, 5_000), _results, st.integers(1, 30))
def test_size_grows_with_the_account_and_stays_within_every_share(value, more, stop, worst, results, units):
    what = proposal(units=units, loss_at_stop_dollars=stop, max_loss_dollars=worst)
    small, large = (judge(what, account(money, 3, closed_trades=trades(*results))) for money in (value, value + more))
    assert small.units <= large.units <= units
    assert small.units * stop <= 0.02 * value * (1 + 1e-12)
    assert small.units * worst <= 0.05 * value * (1 + 1e-12)
    if small.units:
        share = small.numbers["kelly_share"] * (4 if small.units == 1 else 1)  # a single unit may use the whole
        assert small.units * stop <= share * value * (1 + 1e-12)
