from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategy_fakes import at, contract

from domain.contract import Right, Role
from domain.position import Holding
from domain.proposal import Exit, Hold
from domain.quote import Quote
from domain.state import ExitReason
from strategies import exit_rules as rules

dollars = st.floats(-1e5, 1e5)


def reason(outcome):
    return outcome.reason if isinstance(outcome, Exit) else None


@pytest.mark.parametrize(
    ("profit", "expected", "why"),
    [
        (399.99, None, "a cent short of half of 800"),
        (400.0, ExitReason.PROFIT_TARGET, "half of the credit"),
        (None, None, "unpriced triggers nothing"),
    ],
)
def test_profit_target(profit, expected, why):
    assert reason(rules.profit_target(profit, 800.0, 0.5)) is expected, why


def test_a_debit_has_no_target_in_credits():
    assert rules.profit_target(1e9, -100.0, 0.5) == Hold()


@pytest.mark.parametrize(
    ("breaches", "profit", "is_fresh", "expected", "why"),
    [
        (0, -799.0, True, Hold(0), "above the stop"),
        (0, -800.0, True, Hold(1), "first hit"),
        (1, -900.0, True, ExitReason.STOP, "second hit in a row"),
        (1, -700.0, True, Hold(0), "recovered: the count starts again"),
        (1, -900.0, False, Hold(1), "the same stale quote does not count twice"),
        (1, -700.0, False, Hold(1), "a stale recovery does not clear it either"),
        (1, None, True, Hold(1), "no price: nothing is known, nothing is lost"),
    ],
)
def test_two_hit_stop(breaches, profit, is_fresh, expected, why):
    outcome = rules.loss_stop(profit, 800.0, breaches=breaches, hits=2, is_fresh=is_fresh)
    if isinstance(expected, Hold):
        assert isinstance(outcome, Hold), why
        assert outcome.stop_breaches == expected.stop_breaches, why
    else:
        assert reason(outcome) is expected, why


@given(dollars, st.floats(1.0, 1e5), st.floats(0.01, 1.0))
def test_target_and_stop_are_never_both_true(profit, base, share):
    both = [reason(rules.profit_target(profit, base, share)), reason(rules.loss_stop(profit, share * base))]
    assert both.count(None) >= 1


@given(st.floats(0.0, 1.0), st.floats(0.01, 1.0))
def test_delta_limit_takes_either_sign(delta, limit):
    assert reason(rules.delta_limit(delta, limit)) == reason(rules.delta_limit(-delta, limit))
    assert (reason(rules.delta_limit(delta, limit)) is ExitReason.DELTA) == (delta >= limit)


@pytest.mark.parametrize(("spot", "is_exit"), [(4061.0, False), (4060.9, True), (3900.0, True), (None, False)])
def test_distance_to_a_short_put(spot, is_exit):
    assert isinstance(rules.distance(spot, 4000.0, 0.015), Exit) is is_exit


@pytest.mark.parametrize(("expiry", "is_exit"), [("2024-03-22", True), ("2024-03-23", False), (None, False)])
def test_days_left(expiry, is_exit):
    expiry = None if expiry is None else date.fromisoformat(expiry)
    assert isinstance(rules.days_left(date(2024, 3, 1), expiry, 21), Exit) is is_exit


def test_the_first_exit_wins_and_carries_what_was_looked_at_before():
    outcome = rules.first_exit(
        rules.loss_stop(-10.0, 100.0), rules.delta_limit(0.3, 0.3, legs=frozenset({"a"})), rules.profit_target(900.0, 100.0, 0.5)
    )
    assert outcome == Exit(
        ExitReason.DELTA,
        frozenset({"a"}),
        numbers={"profit_dollars": -10.0, "stop_dollars": 100.0, "delta": 0.3, "delta_limit": 0.3},
    )


def test_holds_join_their_numbers_and_keep_the_breaches():
    outcome = rules.first_exit(rules.loss_stop(-900.0, 800.0, hits=2), rules.delta_limit(0.1, 0.3), Hold())
    assert isinstance(outcome, Hold)
    assert outcome.stop_breaches == 1
    assert set(outcome.numbers) == {"profit_dollars", "stop_dollars", "stop_breaches", "delta", "delta_limit"}


SHORT = Holding(contract("SPX", Right.PUT, 4700.0, date(2024, 3, 1)), -2, 5.0, Role.SHORT_PUT)
LONG = Holding(contract("SPX", Right.PUT, 4670.0, date(2024, 3, 1)), 2, 2.0, Role.LONG_PUT)
NOW = at("2024-03-01", "11:00")


def quotes(short, long, *, age=0):
    when = NOW - timedelta(minutes=age)
    return {SHORT.contract.key: Quote(*short, when), LONG.contract.key: Quote(*long, NOW)}


def test_profit_of_a_part_against_its_own_prices():
    assert rules.opening_cash([SHORT, LONG]) == pytest.approx(600.0)
    assert rules.holdings_profit([SHORT, LONG], quotes((5.8, 6.2), (2.4, 2.6)), at_mid=True) == pytest.approx(-100.0)
    assert rules.holdings_profit([SHORT, LONG], quotes((5.8, 6.2), (2.4, 2.6)), at_mid=False) == pytest.approx(-160.0)


def test_a_part_without_a_price_has_no_profit():
    assert rules.holdings_profit([SHORT, LONG], {}, at_mid=True) is None
    assert rules.holdings_profit([SHORT], quotes((5.0, None), (2.0, 2.2)), at_mid=False) is None
    assert rules.holdings_profit([LONG], quotes((5.0, 5.2), (None, 0.05)), at_mid=False) == pytest.approx(-400.0), "no bid: worth nothing"


@pytest.mark.parametrize(
    ("ask", "age", "is_fresh", "why"),
    [
        (6.0, 0, True, "losing, quoted this minute"),
        (6.0, 1, False, "losing, but the quote is last minute's"),
        (4.0, 9, True, "a winning short may be stale: it does not make the loss"),
    ],
)
def test_freshness_asks_the_losing_shorts(ask, age, is_fresh, why):
    seen = quotes((3.9, ask), (2.0, 2.2), age=age)
    assert rules.are_losing_shorts_fresh([SHORT, LONG], seen, NOW, timedelta(minutes=1)) is is_fresh, why
