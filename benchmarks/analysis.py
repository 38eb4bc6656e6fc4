"""Throughput of the analysis package on one core, py_vollib measured beside it in the same run."""

import time
from collections.abc import Callable

import numpy as np
from py_vollib.black_scholes_merton.implied_volatility import implied_volatility as scalar_implied_volatility

from analysis.greeks_calculator import implied_volatility, option_greeks, option_price
from analysis.stress import Book, Scenario, StressLeg, stress

_OPTIONS = 100_000
_SCALAR_SAMPLE = 4_000


def _best_seconds(run: Callable[[], object], repetitions: int) -> float:
    # the least disturbed of several runs, in seconds of this process on its core
    best = float("inf")
    for _ in range(repetitions):
        start = time.process_time()
        run()
        best = min(best, time.process_time() - start)
    return best


def _implied_volatility_figures() -> dict[str, float]:
    rng = np.random.default_rng(7)
    spot, rate, dividend_yield = 100.0, 0.04, 0.015
    years, volatility = rng.uniform(1 / 365, 2, _OPTIONS), rng.uniform(0.08, 0.9, _OPTIONS)
    strike = spot * np.exp(rng.uniform(-2.5, 2.5, _OPTIONS) * volatility * np.sqrt(years))
    is_call = strike >= spot
    price = option_price(is_call, spot, strike, years, volatility, rate, dividend_yield)
    solved = implied_volatility(is_call, price, spot, strike, years, rate, dividend_yield)
    ours = _best_seconds(lambda: implied_volatility(is_call, price, spot, strike, years, rate, dividend_yield), 5)
    greeks = _best_seconds(lambda: option_greeks(is_call, spot, strike, years, volatility, rate, dividend_yield), 3)

    sample = [
        (p, spot, k, t, rate, dividend_yield, "c" if call else "p")
        for p, k, t, call in zip(*(a[:_SCALAR_SAMPLE].tolist() for a in (price, strike, years, is_call)), strict=True)
    ]
    scalar = _best_seconds(lambda: [scalar_implied_volatility(*arguments) for arguments in sample], 3)
    return {
        "iv_100k_seconds": ours,
        "iv_speedup_vs_py_vollib": scalar / _SCALAR_SAMPLE * _OPTIONS / ours,
        "py_vollib_iv_100k_seconds": scalar / _SCALAR_SAMPLE * _OPTIONS,
        "iv_100k_worst_error": float(np.abs(solved.volatility - volatility).max()),
        "greeks_100k_seconds": greeks,
    }


def _american_figures() -> dict[str, float]:
    rng = np.random.default_rng(8)
    count = 2_000
    strike, years, volatility = 100 * np.exp(rng.uniform(-0.3, 0.3, count)), rng.uniform(0.02, 1.5, count), rng.uniform(0.1, 0.6, count)
    is_call = rng.random(count) < 0.5
    price = option_price(is_call, 100.0, strike, years, volatility, 0.045, 0.02, american=True)
    pricing = _best_seconds(lambda: option_price(is_call, 100.0, strike, years, volatility, 0.045, 0.02, american=True), 3)
    solving = _best_seconds(lambda: implied_volatility(is_call, price, 100.0, strike, years, 0.045, 0.02, american=True), 2)
    return {"american_price_microseconds": pricing / count * 1e6, "american_iv_microseconds": solving / count * 1e6}


def stress_book(legs: int) -> list[StressLeg]:
    """A book of so many legs in structures of four, half of them on futures."""
    rng = np.random.default_rng(9)
    return [
        StressLeg(
            structure=f"structure {i // 4}",
            quantity=float(rng.choice([-2, -1, 1, 2])),
            multiplier=50.0 if i % 2 else 100.0,
            underlying_price=5_000.0,
            is_call=bool(rng.random() < 0.4),
            strike=5_000.0 * float(np.exp(rng.uniform(-0.3, 0.2))),
            years=float(rng.uniform(1 / 365, 1.2)),
            volatility=float(rng.uniform(0.1, 0.5)),
            rate=0.045,
            on_future=bool(i % 2),
            american=bool(i % 2),
            half_spread=0.5,
        )
        for i in range(legs)
    ]


def _stress_figures() -> dict[str, float]:
    book = Book.of(stress_book(200))
    scenarios = [
        Scenario(f"{move:+.0%} x{factor}", move, factor, tenor_power=0.5, wing_damping=0.1, spread_factor=2.0)
        for move in (-0.2, -0.12, -0.06, 0.0, 0.08)
        for factor in (0.7, 1.0, 2.0, 3.0)
    ]
    return {"stress_200x20_ms": _best_seconds(lambda: [stress(book, scenarios, vix=16.0) for _ in range(20)], 5) / 20 * 1e3}


def figures() -> dict[str, float]:
    """Seconds of processor time, best of several runs."""
    return {**_implied_volatility_figures(), **_american_figures(), **_stress_figures()}
