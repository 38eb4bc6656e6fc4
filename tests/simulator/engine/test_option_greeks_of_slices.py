"""Greeks of chains: Black-Scholes with MathNet's root finder, against a value recorded on LEAN; the tree of American options."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.common.enums import OptionRight
from simulator.engine.black_scholes import BlackScholes
from simulator.engine.brent import find_root
from simulator.engine.option_tree import ForwardTree

SPXW_PUT = BlackScholes(spot=4758.5, strike=4700, years=(3 + 6 / 24 + 28 / 1440) / 365, rate=0.055, is_call=False)


def test_golden_value_of_lean():
    """SPXW 4700 put of 2024-01-12 on 2024-01-09 09:32 at 1.95."""
    volatility = SPXW_PUT.implied_volatility(1.95)
    greeks = SPXW_PUT.greeks(round(volatility, 7))
    assert round(volatility, 7) == 0.1021769
    assert (greeks.delta, greeks.gamma) == (-0.0909475, 0.0035565)
    assert greeks.theta == pytest.approx(-396.468256, abs=1e-9)


def test_no_volatility_without_a_change_of_sign():
    assert SPXW_PUT.implied_volatility(5000) is None
    assert find_root(lambda x: x * x + 1, -1, 1, 1e-6) is None


@given(volatility=st.floats(0.05, 2), strike=st.floats(4000, 5500), is_call=st.booleans())
def test_volatility_of_a_price_gives_the_price_back(volatility, strike, is_call):
    model = BlackScholes(4758.5, strike, 0.2, 0.05, is_call)
    price = model.price(volatility)
    found = model.implied_volatility(price)
    assert found is None or model.price(found) == pytest.approx(price, abs=max(1e-4, 1e-4 * price) * 2000)


@given(root=st.floats(-0.9, 0.9))
def test_root_finder_meets_its_accuracy(root):
    assert find_root(lambda x: x**3 - root**3 + (x - root), -1, 1, 1e-8) == pytest.approx(root, abs=1e-7)


@given(volatility=st.floats(0.1, 0.8), strike=st.floats(80, 120), years=st.floats(0.02, 1))
def test_leans_tree_has_no_drift_and_exercises_no_put(volatility, strike, years):
    """BinomialTheoreticalPrice takes powers of the up factor, discount included: the forward stays at the spot."""
    tree = ForwardTree(100, strike, years, 0.05, 0.0, False)
    plain = BlackScholes(100, strike, years, 0.05, False, dividend_yield=0.05)
    assert tree.price(volatility) == pytest.approx(plain.price(volatility), abs=0.4)
    assert tree.greeks(volatility).delta == pytest.approx(plain.greeks(volatility).delta, abs=0.05)


def backwards(spot, strike, up, probability, discount, is_call, steps=200):
    """The tree node by node."""
    worth = [
        max(spot * up**exponent - strike, 0) if is_call else max(strike - spot * up**exponent, 0) for exponent in range(-steps, steps + 1)
    ]
    values = worth[::2]
    for period in range(steps - 1, -1, -1):
        for node in range(period + 1):
            held = values[node] * discount * (1 - probability) + values[node + 1] * discount * probability
            values[node] = max(held, worth[2 * node - period + steps]) if is_call else held
    return values[0]


@pytest.mark.parametrize("is_call", [True, False])
def test_the_tree_is_rolled_back_node_by_node(is_call):
    tree = ForwardTree(100, 95, 0.3, 0.05, 0.02, is_call)
    assert tree._rolled_back(100, 1.01, 0.49, 0.9999) == pytest.approx(backwards(100, 95, 1.01, 0.49, 0.9999, is_call), abs=1e-9)


def test_a_call_deep_in_the_money_is_exercised_at_once():
    tree, plain = ForwardTree(100, 60, 0.5, 0.05, 0.0, True), BlackScholes(100, 60, 0.5, 0.05, True, dividend_yield=0.05)
    assert tree.price(0.2) == pytest.approx(40, abs=0.01)
    assert plain.price(0.2) < 39.1


def test_an_american_option_gives_its_volatility_back():
    tree = ForwardTree(100, 105, 0.25, 0.05, 0.01, True)
    assert tree.implied_volatility(tree.price(0.3)) == pytest.approx(0.3, abs=2e-3)


def test_greeks_of_american_options_in_a_slice(run_algorithm):
    run = run_algorithm(
        """
def initialize(self):
    self.set_start_date(2015, 12, 24)
    self.set_end_date(2015, 12, 24)
    self.option = self.add_option("GOOG", Resolution.MINUTE)
    self.option.set_filter(lambda u: u.strikes(-2, 2).expiration(15, 30))

def on_data(self, data):
    chain = data.option_chains.get(self.option.symbol)
    if chain is None or self.seen or self.time.hour < 10:
        return
    for contract in chain:
        if contract.ask_price:
            self.seen.append((contract.right, contract.implied_volatility, contract.greeks.delta, contract.greeks.theta, contract.theoretical_price))
"""
    )
    calls = [seen for seen in run.seen if seen[0] == OptionRight.CALL]
    puts = [seen for seen in run.seen if seen[0] == OptionRight.PUT]
    assert calls
    assert puts
    assert all(0.05 < volatility < 0.6 and 0.3 < delta < 0.7 and theta < 0 and price > 0 for _, volatility, delta, theta, price in calls)
    assert all(-0.7 < delta < -0.3 for _, _, delta, _, _ in puts)


@pytest.mark.slow
def test_an_own_price_model_is_asked(run_algorithm):
    run = run_algorithm(
        """
class Flat:
    def evaluate(self, parameters):
        return OptionPriceModelResult(parameters.contract.strike, 0.5, Greeks(0.25))

def initialize(self):
    self.set_start_date(2015, 12, 24)
    self.set_end_date(2015, 12, 24)
    self.option = self.add_option("GOOG", Resolution.MINUTE)
    self.option.price_model = self.Flat()

def on_data(self, data):
    for chain in data.option_chains.values():
        for contract in chain:
            self.seen.append((contract.theoretical_price == contract.strike, contract.implied_volatility, contract.greeks.delta))
"""
    )
    assert set(run.seen) == {(True, 0.5, 0.25)}
