"""Phases of the account: when they change, and what each allows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from risk_fakes import NOW, RiskMarket, account, parameters, position, proposal, short_put

from domain.proposal import DenialCode
from risk.phase_manager import PhaseChange, PhaseParameters, PhaseRule, PhaseState, advance_phase, by_phase

PARAMETERS = PhaseParameters()
RULE = PhaseRule(PARAMETERS)


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        (None, 29_999, 0),  # first day, below the first threshold
        (None, 30_000, 1),
        (None, 75_000, 3),
        (1, 39_999, 1),
        (1, 40_000, 2),  # promotion at the threshold
        (2, 39_300, 2),  # less than 2 % below: kept
        (2, 39_200, 2),  # exactly 2 % below: kept
        (2, 39_199, 1),  # beyond: lost
        (3, 58_799, 2),
        (4, 98_000, 4),
        (4, 97_999, 3),
        (4, 59_000, 3),  # one phase at a time where the next threshold is near
        (4, 25_000, 0),  # a fall through several phases
        (1, 120_000, 4),  # a rise through several
        (1, 29_400, 1),
        (1, 29_399, 0),
    ],
)
def test_phase_follows_the_value_with_hysteresis(before, value, after):
    state, change = advance_phase(None if before is None else PhaseState(before), value, PARAMETERS)
    assert state == PhaseState(after)
    assert change == (None if before == after else PhaseChange(before, after, value))


def test_a_value_that_is_no_number_changes_nothing():
    assert advance_phase(PhaseState(2), float("nan"), PARAMETERS) == (PhaseState(2), None)
    assert advance_phase(None, float("nan"), PARAMETERS) == (None, None)


def test_a_balance_that_hovers_does_not_flip():
    state, changes = PhaseState(2), 0
    for value in [39_900, 40_050, 39_500, 40_200, 39_250, 40_000]:
        state, change = advance_phase(state, value, PARAMETERS)
        changes += change is not None
    assert (state, changes) == (PhaseState(2), 0)


@given(st.floats(0, 300_000), st.integers(0, 4), st.floats(0, 100_000))
def test_more_money_is_never_a_lower_phase(value, before, more):
    low, _ = advance_phase(PhaseState(before), value, PARAMETERS)
    high, _ = advance_phase(PhaseState(before), value + more, PARAMETERS)
    assert low.phase <= high.phase


def test_the_phase_survives_a_restart():
    assert PhaseState.from_facts(PhaseState(3).to_facts()) == PhaseState(3)
    assert PhaseState.from_facts({}) is None
    assert PhaseState.from_facts({"phase": 2.5}) is None
    assert PhaseState.from_facts({"phase": 5.0}) is None
    assert PhaseState.from_facts({"phase": -1.0}) is None


# strategy, underlying, units allowed out of twenty in phases 0 to 4
UNITS = [
    ("friday_0dte", "SPX", (0, 1, 2, 3, 4)),
    ("lt112", "ES", (0, 0, 0, 1, 3)),
    ("lt112", "SPY", (0, 0, 2, 6, 10)),
    ("futures_strangle", "GLD", (0, 1, 3, 4, 5)),
    ("ipmcc", "SPY", (0, 1, 2, 3, 4)),
    ("leap_put_ladder", "SPY", (0, 0, 2, 3, 10)),
    ("crisis_deployment", "SPY", (0, 1, 2, 3, 6)),
]


@pytest.mark.parametrize(("strategy", "underlying", "allowed"), UNITS)
@pytest.mark.parametrize("phase", range(5))
def test_units_of_each_strategy_by_phase(strategy, underlying, allowed, phase):
    legs = short_put() if strategy == "crisis_deployment" else None
    verdict = PhaseRule(PARAMETERS).judge(proposal(strategy, underlying, 20, legs=legs), account(phase=phase), RiskMarket(), NOW)
    assert verdict.units == allowed[phase]
    assert verdict.code is (DenialCode.BELOW_FIRST_PHASE if phase == 0 else DenialCode.PHASE_UNITS)


@pytest.mark.parametrize(("phase", "limit"), [(1, 3), (2, 8), (3, 12), (4, 20)])
def test_total_positions_by_phase(phase, limit):
    held = [position("ipmcc", "GLD", number=i, units=0) for i in range(limit)]
    below, full = account(phase=phase, positions=held[1:]), account(phase=phase, positions=held)
    assert RULE.judge(proposal(), below, RiskMarket(), NOW).units == 1
    verdict = RULE.judge(proposal(), full, RiskMarket(), NOW)
    assert (verdict.units, verdict.code) == (0, DenialCode.PHASE_POSITIONS)
    assert (verdict.numbers["positions_held"], verdict.numbers["positions_limit"]) == (limit, limit)


@pytest.mark.parametrize(
    ("held", "wanted", "allowed"),
    [
        ([], ("ES", 5), 3),
        ([("ES", 1)], ("ES", 5), 2),
        ([("ES", 3)], ("ES", 5), 0),
        ([("ES", 1)], ("SPY", 10), 6),  # a third of the ES units is used: two thirds of the ten are left
        ([("ES", 3)], ("SPY", 10), 0),
        ([("SPY", 5)], ("ES", 3), 1),
        ([("SPY", 4), ("ES", 1)], ("SPY", 10), 2),
        ([("SPY", 2), ("SPY", 3)], ("SPY", 10), 5),
        ([("ES", 1), ("ES", 1)], ("SPY", 10), 3),
        ([("GLD", 1), ("SPY", 4)], ("SPY", 10), 5),  # any ETF counts
    ],
)
def test_lt112_on_the_future_or_on_the_etf_not_both_in_full(held, wanted, allowed):
    view = account(phase=4, positions=[position("lt112", name, units, number=i) for i, (name, units) in enumerate(held)])
    assert RULE.judge(proposal("lt112", *wanted), view, RiskMarket(), NOW).units == allowed


def test_other_strategies_units_do_not_count():
    held = [position("ipmcc", "SPY", 3), position("lt112", "SPY", 4), position("ipmcc", "QQQ", 3, number=1)]
    verdict = RULE.judge(proposal("lt112", "SPY", 10), account(phase=4, positions=held), RiskMarket(), NOW)
    assert (verdict.units, verdict.numbers["share_used_by_alternative"]) == (6, 0.0)


def test_an_etf_unit_left_from_a_higher_phase_leaves_no_room_on_the_future():
    view = account(phase=2, positions=[position("lt112", "ES", 1)])  # phase 2 has no ES units at all
    verdict = RULE.judge(proposal("lt112", "SPY", 2), view, RiskMarket(), NOW)
    assert (verdict.units, verdict.numbers["share_used_by_alternative"]) == (0, 1.0)


def test_below_the_first_phase_the_threshold_is_told():
    verdict = RULE.judge(proposal(), account(29_000), RiskMarket(), NOW)
    assert verdict.numbers == {"phase": 0.0, "net_liquidation_value": 29_000, "threshold": 30_000.0}


def test_nothing_is_allowed_in_phase_zero():
    assert by_phase((5, 6, 7, 8), 0) == 0.0
    assert [by_phase((5, 6, 7, 8), phase) for phase in (1, 2, 3, 4)] == [5.0, 6.0, 7.0, 8.0]


def test_working_orders_count_as_held():
    view = account(phase=3, pending=(proposal(units=2, id="a", campaign_id="a"),))
    verdict = RULE.judge(proposal(units=3), view, RiskMarket(), NOW)
    assert (verdict.units, verdict.numbers["units_held"], verdict.numbers["positions_held"]) == (1, 2, 1)


def test_a_change_of_a_live_campaign_takes_no_position_and_no_unit():
    held = [position("futures_strangle", "GLD", 4), *(position("ipmcc", "SPY", number=i) for i in range(11))]
    view = account(phase=3, positions=held)
    roll = proposal("futures_strangle", "GLD", 4, campaign_id="futures_strangle/GLD/0")
    passed = RULE.judge(roll, view, RiskMarket(), NOW)
    assert (passed.units, passed.numbers["phase"]) == (4, 3.0)
    assert RULE.judge(proposal("futures_strangle", "TLT"), view, RiskMarket(), NOW).units == 0


@pytest.mark.parametrize(
    ("view", "what", "code"),
    [
        (account(phase=-1), proposal(), DenialCode.PHASE_UNKNOWN),
        (account(float("nan"), phase=3), proposal(), DenialCode.NLV_UNKNOWN),
        (account(-5.0, phase=3), proposal(), DenialCode.NLV_UNKNOWN),
        (account(), proposal(legs=proposal().legs, strategy="box_spread"), DenialCode.UNKNOWN_STRATEGY),
    ],
)
def test_what_is_unknown_is_refused(view, what, code):
    verdict = RULE.judge(what, view, RiskMarket(), NOW)
    assert (verdict.units, verdict.code) == (0, code)


def test_tables_must_have_four_rising_elements():
    with pytest.raises(ValueError, match="phase-positions has 3 element") as found:
        parameters(phase_positions="1,2,3", phase_thresholds="30000,30000,60000,100000")
    assert "expected rising values" in str(found.value)
