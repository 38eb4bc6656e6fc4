"""Option values on arrays: Black on the forward, and Barone-Adesi and Whaley's premium for the right to exercise early."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

Array = NDArray[np.float64]

_NEWTON_STEPS = 12
_TINY = 1e-12


def black_forward(forward: Array, strike: Array, deviation: Array, sign: Array) -> Array:
    """Undiscounted Black price; `deviation` is the root of total variance, `sign` +1 for calls and -1 for puts."""
    deviation = np.maximum(deviation, _TINY)
    d1 = np.log(forward / strike) / deviation + 0.5 * deviation
    value: Array = sign * (forward * ndtr(sign * d1) - strike * ndtr(sign * (d1 - deviation)))
    return np.maximum(value, 0.0)


@dataclass(frozen=True)
class EarlyExercise:
    """Barone-Adesi and Whaley (1987): premium over the European value is `scale * (spot / boundary) ** power` on the near side of the boundary.

    Attributes:
        boundary: spot at which exercise is optimal; infinite for calls (0 for puts) that are never exercised early.
        scale: premium at the boundary.
        power: exponent, positive for calls and negative for puts.
    """

    boundary: Array
    scale: Array
    power: Array

    def american(self, spot: Array, strike: Array, sign: Array, european: Array) -> Array:
        """American value from the European one at the same volatility."""
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            premium = self.scale * np.exp(self.power * np.log(spot / self.boundary))
        premium = np.where(np.isfinite(premium), premium, 0.0)
        exercised = sign * (spot - self.boundary) >= 0.0
        intrinsic = sign * (spot - strike)
        value: Array = np.where(exercised, intrinsic, np.maximum(european + premium, intrinsic))
        return value


def early_exercise(strike: Array, years: Array, deviation: Array, rate: Array, carry: Array, sign: Array) -> EarlyExercise:
    """Solves for the exercise boundary by Newton steps on all contracts at once.

    Args:
        strike: strike price.
        years: calendar time to expiry.
        deviation: root of total implied variance to expiry.
        rate: interest rate, continuously compounded.
        carry: cost of carry (rate less dividend yield; 0 for options on futures).
        sign: +1 for calls, -1 for puts.
    """
    years = np.maximum(years, 1e-6)
    variance = np.maximum(deviation, 1e-6) ** 2 / years
    scaled_rate = 2.0 * np.maximum(rate, 1e-6) / variance
    scaled_carry = 2.0 * carry / variance
    shortfall = np.maximum(-np.expm1(-rate * years), 1e-12)
    power = 0.5 * (1.0 - scaled_carry + sign * np.sqrt((scaled_carry - 1.0) ** 2 + 4.0 * scaled_rate / shortfall))
    perpetual = 0.5 * (1.0 - scaled_carry + sign * np.sqrt((scaled_carry - 1.0) ** 2 + 4.0 * scaled_rate))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return _solve(strike, years, deviation, rate, carry, sign, power, perpetual)


def _solve(
    strike: Array, years: Array, deviation: Array, rate: Array, carry: Array, sign: Array, power: Array, perpetual: Array
) -> EarlyExercise:
    limit = strike / (1.0 - 1.0 / perpetual)
    drift = carry * years
    call_guess = strike + (limit - strike) * -np.expm1(-(drift + 2.0 * deviation) * strike / np.maximum(limit - strike, _TINY))
    put_guess = limit + (strike - limit) * np.exp((drift - 2.0 * deviation) * strike / np.maximum(strike - limit, _TINY))
    spot = np.clip(np.nan_to_num(np.where(sign > 0, call_guess, put_guess), nan=1.0), 0.02 * strike, 50.0 * strike)
    growth, discount = np.exp((carry - rate) * years), np.exp(-rate * years)
    for _ in range(_NEWTON_STEPS):
        d1 = (np.log(spot / strike) + drift) / deviation + 0.5 * deviation
        delta = sign * growth * ndtr(sign * d1)
        european = sign * (spot * growth * ndtr(sign * d1) - strike * discount * ndtr(sign * (d1 - deviation)))
        density = growth * np.exp(-0.5 * d1 * d1) / np.sqrt(2.0 * np.pi) / deviation
        gap = sign * (spot - strike) - european - (sign - delta) * spot / power
        slope = sign - delta - (sign - delta) / power + density / power
        step = np.where(np.abs(slope) > _TINY, gap / slope, 0.0)
        spot = np.clip(spot - step, 0.3 * spot, 3.0 * spot)
    d1 = (np.log(spot / strike) + drift) / deviation + 0.5 * deviation
    scale = sign * spot / power * (1.0 - growth * ndtr(sign * d1))
    sensible = (sign * (spot - strike) > 0.0) & np.isfinite(scale) & (scale > 0.0) & ~((sign > 0) & (carry >= rate - 1e-9))
    return EarlyExercise(
        boundary=np.where(sensible, spot, np.where(sign > 0, np.inf, 0.0)),
        scale=np.where(sensible, scale, 0.0),
        power=np.where(sensible, power, 1.0),
    )
