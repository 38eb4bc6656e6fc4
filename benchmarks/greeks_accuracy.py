"""How exact the prices and Greeks are: against py_vollib, QuantLib and a binomial tree, as worst relative errors over random cases.

The tests of `analysis` assert on the same functions.
"""

import warnings
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from py_vollib.black import black
from py_vollib.black.greeks import analytical as black_greeks
from py_vollib.black_scholes_merton import black_scholes_merton
from py_vollib.black_scholes_merton.greeks import analytical as bsm_greeks

from analysis.greeks_calculator import GreekArrays, IvReason, implied_volatility, option_greeks, option_price

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # SWIG's module types warn at import
    import QuantLib as ql  # noqa: N813  the library's own convention

Array = NDArray[np.float64]
Cases = tuple[NDArray[np.bool_], Array, Array, Array, Array, Array, Array]

NAMES = ("price", "delta", "gamma", "theta_per_day", "vega_per_vol_point", "rho_per_point")


def european_cases(count: int, seed: int) -> Cases:
    """Half ordinary, half nasty: from one minute to three years, deep in and out of the money, 2 % to 250 % volatility, negative rates.

    Returns:
        is_call, spot, strike, years, volatility, rate, dividend_yield.
    """
    rng = np.random.default_rng(seed)
    nasty = rng.random(count) < 0.5
    spot = np.exp(rng.uniform(np.log(5), np.log(6000), count))
    years = np.where(nasty, np.exp(rng.uniform(np.log(1 / 525_600), np.log(3), count)), rng.uniform(1 / 365, 2, count))
    volatility = np.where(nasty, np.exp(rng.uniform(np.log(0.02), np.log(2.5), count)), rng.uniform(0.08, 0.8, count))
    width = np.where(nasty, 30 * volatility * np.sqrt(years), 0.4)
    strike = spot * np.exp(np.minimum(width, 1.5) * rng.uniform(-1, 1, count))
    rate, dividend_yield = rng.uniform(-0.01, 0.08, count), rng.uniform(0, 0.06, count)
    return rng.random(count) < 0.5, spot, strike, years, volatility, rate, dividend_yield


def _theta_scale(greeks: GreekArrays, cases: Cases) -> Array:
    # theta is a sum of terms that may cancel: its digits are those of the largest term
    _, spot, strike, _, _, rate, dividend_yield = cases
    scale: Array = np.abs(greeks.theta_per_day) + (np.abs(rate) * strike + np.abs(dividend_yield) * spot) / 365
    return scale


def _worst(ours: GreekArrays, reference: dict[str, Array], scales: dict[str, Array]) -> dict[str, float]:
    worst = {}
    for name in NAMES:
        live = scales[name] > 1e-250
        error = np.abs(getattr(ours, name)[live] - reference[name][live]) / scales[name][live]
        worst[name] = float(error.max())
    return worst


def european_error_vs_py_vollib(count: int, seed: int, *, on_future: bool) -> dict[str, float]:
    """Worst relative error of the price and each Greek."""
    cases = european_cases(count, seed)
    ours = option_greeks(*cases, on_future=on_future)
    reference = {name: np.empty(count) for name in NAMES}
    module = black_greeks if on_future else bsm_greeks
    for i, (call, s, k, t, v, r, q) in enumerate(zip(*(a.tolist() for a in cases), strict=True)):
        flag = "c" if call else "p"
        arguments = (flag, s, k, t, r, v) if on_future else (flag, s, k, t, r, v, q)
        reference["price"][i] = black(flag, s, k, t, r, v) if on_future else black_scholes_merton(*arguments)
        for name, function in zip(NAMES[1:], ("delta", "gamma", "theta", "vega", "rho"), strict=True):
            reference[name][i] = getattr(module, function)(*arguments)
    scales = {name: np.abs(reference[name]) for name in NAMES}
    scales["theta_per_day"] = _theta_scale(ours, cases)
    return _worst(ours, reference, scales)


def european_error_vs_quantlib(count: int, seed: int) -> dict[str, float]:
    """Worst relative error of the price and each Greek; relative to at least 1e-6 of the strike, under which QuantLib's own subtraction has no digits."""
    cases = european_cases(count, seed)
    _, spot, strike, years, *_ = cases
    ours = option_greeks(*cases)
    reference = {name: np.empty(count) for name in NAMES}
    for i, (call, s, k, t, v, r, q) in enumerate(zip(*(a.tolist() for a in cases), strict=True)):
        payoff = ql.PlainVanillaPayoff(ql.Option.Call if call else ql.Option.Put, k)
        calculator = ql.BlackCalculator(payoff, s * np.exp((r - q) * t), v * np.sqrt(t), np.exp(-r * t))
        reference["price"][i] = calculator.value()
        reference["delta"][i] = calculator.delta(s)
        reference["gamma"][i] = calculator.gamma(s)
        reference["theta_per_day"][i] = calculator.theta(s, t) / 365
        reference["vega_per_vol_point"][i] = calculator.vega(t) / 100
        reference["rho_per_point"][i] = calculator.rho(t) / 100
    floor = 1e-6 * np.maximum(spot, strike)
    scales = {name: np.abs(reference[name]) for name in NAMES}
    scales["price"] = np.maximum(scales["price"], floor)
    scales["delta"] = np.maximum(scales["delta"], 1e-6)
    scales["gamma"] = np.maximum(scales["gamma"], 1e-6 / spot)
    scales["rho_per_point"] = np.maximum(scales["rho_per_point"], floor * years / 100)
    scales["vega_per_vol_point"] = np.maximum(scales["vega_per_vol_point"], floor * np.sqrt(years) / 100)
    # its theta divides the logarithms of discount and forward by T again
    scales["theta_per_day"] = _theta_scale(ours, cases) + floor / years / 365 * 1e-3
    return _worst(ours, reference, scales)


def american_cases(count: int, seed: int) -> Cases:
    """One day to two and a half years; a quarter each without yield and with one, half with that of a future."""
    rng = np.random.default_rng(seed)
    strike: Array = 100 * np.exp(rng.uniform(-0.35, 0.35, count))
    days = rng.integers(1, 900, count)
    volatility, rate = rng.uniform(0.08, 0.9, count), rng.uniform(0, 0.08, count)
    kind = rng.integers(0, 4, count)
    dividend_yield = np.select([kind == 0, kind == 1], [np.zeros(count), rng.uniform(0, 0.08, count)], rate)
    return rng.random(count) < 0.5, np.full(count, 100.0), strike, days / 365, volatility, rate, dividend_yield


def tree_prices(cases: Cases, steps: int) -> tuple[Array, Array]:
    """American prices on Cox, Ross & Rubinstein's tree, many at once, in blocks that fit the processor's cache.

    Returns:
        The tree's prices, and the same corrected by the tree's own error on the European option (the control variate of Hull, ch. 21): 2,000 steps alone
        err by half a percent on prices of a few cents.
    """
    is_call, spot, strike, years, volatility, rate, dividend_yield = cases
    american, correction = np.empty(strike.size), option_price(*cases)
    for start in range(0, strike.size, 8):
        part = slice(start, start + 8)
        sign = np.where(is_call[part], 1.0, -1.0)[:, None]
        dt = years[part] / steps
        up = np.exp(volatility[part] * np.sqrt(dt))
        p = (np.exp((rate[part] - dividend_yield[part]) * dt) - 1 / up) / (up - 1 / up)
        discount = np.exp(-rate[part] * dt)
        go_up, go_down = (discount * p)[:, None], (discount * (1 - p))[:, None]
        # the nodes of all steps lie on one grid of 2 * steps + 1 prices
        exercise = sign * (spot[part, None] * np.exp(np.log(up)[:, None] * np.arange(-steps, steps + 1)) - strike[part, None])
        value = european = np.maximum(exercise[:, ::2], 0.0)
        for step in range(steps - 1, -1, -1):
            value = go_up * value[:, 1:] + go_down * value[:, :-1]
            european = go_up * european[:, 1:] + go_down * european[:, :-1]
            first = steps - step
            np.maximum(value, exercise[:, first : first + 2 * step + 1 : 2], out=value)
        american[part] = value[:, 0]
        correction[part] -= european[:, 0]
    return american, american + correction


class AmericanError(NamedTuple):
    """Errors over random cases with the underlying at 100.

    Attributes:
        relative: worst, of prices of half a cent and more, against the corrected tree.
        relative_to_plain_tree: the same against the tree as it is, of prices of ten cents and more.
        absolute: worst, of the cheaper ones.
        priced: number of the former.
    """

    relative: float
    relative_to_plain_tree: float
    absolute: float
    priced: int


def american_error_vs_tree(count: int, steps: int) -> AmericanError:
    """Compare random American prices with the tree's."""
    cases = american_cases(count, seed=steps)
    plain, tree = tree_prices(cases, steps)
    ours = option_price(*cases, american=True)
    error = np.abs(ours - tree)
    priced, worth = tree >= 0.005, tree >= 0.10
    return AmericanError(
        float((error[priced] / tree[priced]).max()),
        float((np.abs(ours - plain)[worth] / plain[worth]).max()),
        float(error[~priced].max(initial=0.0)),
        int(priced.sum()),
    )


class RoundTrip(NamedTuple):
    """Volatilities solved from prices of known ones.

    Attributes:
        carried_error: worst error where a change of 1e-8 in volatility moves the price by more than its float noise.
        carried_unsolved: how many of those have no volatility; must be none.
        returned_error: worst error of any volatility returned.
        solved: how many have one.
        no_vega: how many do not, because the price does not determine it.
        underflow: how many prices are 0 in double precision.
    """

    carried_error: float
    carried_unsolved: int
    returned_error: float
    solved: int
    no_vega: int
    underflow: int


def round_trip(count: int, seed: int) -> RoundTrip:
    """IV of the price of a known volatility, on the cases of `european_cases`."""
    is_call, spot, strike, years, volatility, rate, dividend_yield = european_cases(count, seed)
    greeks = option_greeks(is_call, spot, strike, years, volatility, rate, dividend_yield)
    solved = implied_volatility(is_call, greeks.price, spot, strike, years, rate, dividend_yield)
    noise = 4 * np.finfo(float).eps * np.maximum(greeks.price, np.maximum(spot, strike) * (np.abs(greeks.delta) > 0.5))
    carried = (greeks.vega_per_vol_point * 100 * 1e-8 > noise) & (greeks.price > 0.0)
    error = np.abs(solved.volatility - volatility)
    return RoundTrip(
        float(error[carried & solved.ok].max()),
        int((carried & ~solved.ok).sum()),
        float(error[solved.ok].max()),
        int(solved.ok.sum()),
        int((solved.reason == IvReason.NO_VEGA).sum()),
        int(((solved.reason == IvReason.BAD_INPUT) & (greeks.price == 0.0)).sum()),
    )


def figures() -> dict[str, float]:
    """Accuracy over 20,000 European and 504 American cases, and round trips of 100,000 volatilities."""
    merton, black76 = (european_error_vs_py_vollib(10_000, 1, on_future=future) for future in (False, True))
    quantlib = european_error_vs_quantlib(20_000, 2)
    return {
        **{f"european_{name}_error_vs_py_vollib": max(merton[name], black76[name]) for name in NAMES},
        **{f"european_{name}_error_vs_quantlib": quantlib[name] for name in NAMES},
        **{f"american_{name}": value for name, value in american_error_vs_tree(504, 2_000)._asdict().items()},
        **{f"iv_round_trip_{name}": value for name, value in round_trip(100_000, 3)._asdict().items()},
    }
