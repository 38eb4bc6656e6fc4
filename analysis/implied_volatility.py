"""Implied volatility of European options, vectorised, with a coded reason wherever there is none.

The price is reduced to the out-of-the-money time value over sqrt(F K). Below the inflection point of that function the solver works on its
inverse logarithm, above it on the logarithm of its distance to the maximum; both are nearly straight there, so that third-order Householder steps
from Jaeckel's guesses reach float noise in two to four rounds. Every step stays inside a shrinking bracket (bisection when it would leave),
so that no input can make it run away.

Sources: Jaeckel (2006), *By Implication* (guesses); Jaeckel (2015), *Let's Be Rational* (objective functions); Corrado & Miller (1996) for the problem.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

from analysis.black import BoolArray, FloatArray, broadcast, carry, normalised_black, scaled_black

_EPSILON = float(np.finfo(np.float64).eps)
_ROUNDING = 4.0
"""Roundings assumed in a price that was computed or quoted as a double."""
_LARGEST_UNCERTAINTY = 1e-6
_ROUNDS = 40
_SMALLEST, _LARGEST = 1e-9, 60.0
_INV_SQRT_2PI = 1.0 / np.sqrt(2.0 * np.pi)


class IvReason(IntEnum):
    """Why an implied volatility is what it is; every reason but OK comes with NaN."""

    OK = 0
    BAD_INPUT = 1
    """A non-finite or non-positive price, underlying or strike."""
    EXPIRED = 2
    """No time left (years <= 0)."""
    BELOW_INTRINSIC = 3
    """The price is under the smallest arbitrage-free one: stale or crossed quotes, or an American price in a European model."""
    ABOVE_MAXIMUM = 4
    """The price is at or over the largest one (the discounted forward for a call, the discounted strike for a put)."""
    NO_VEGA = 5
    """The time value is within float noise of the price: volatility is not determined to 1e-6."""
    NOT_CONVERGED = 6
    """The iteration of an American price did not meet its tolerance."""


@dataclass(frozen=True, slots=True)
class ImpliedVolatility:
    """Volatilities (decimal, annual, 365 days; NaN where none) and an `IvReason` code for each."""

    volatility: FloatArray
    reason: NDArray[np.int8]

    @property
    def ok(self) -> BoolArray:
        """Where a volatility exists."""
        found: BoolArray = self.reason == IvReason.OK
        return found


def european_implied_volatility(*arguments: ArrayLike) -> ImpliedVolatility:
    """Solve Black for the volatility.

    Args:
        *arguments: is_call, price, underlying, strike, years, rate, dividend_yield, on_future; broadcast together.

    Returns:
        The volatility to float noise (|error| < 1e-8 wherever vega carries that much), else NaN with its reason. Nothing is raised or warned.
    """
    is_call, price, underlying, strike, years, rate, dividend_yield, on_future = broadcast(*arguments)
    with np.errstate(all="ignore"):
        forward, discount, _ = carry(underlying, years, rate, dividend_yield, on_future)
        root = np.sqrt(forward * strike)
        x = -np.abs(np.log(forward / strike))
        intrinsic = np.maximum(np.where(is_call, forward - strike, strike - forward), 0.0)
        undiscounted = price / discount
        time_value = (undiscounted - intrinsic) / root
        # an out-of-the-money price has only its own rounding; in the money the intrinsic value's rounding comes on top
        noise = _ROUNDING * _EPSILON * np.where(intrinsic > 0.0, np.maximum(undiscounted, forward + strike), undiscounted) / root
        maximum = np.exp(0.5 * x)
        reason = _classify(price, years, x, time_value, noise, maximum)
        volatility = np.full(reason.shape, np.nan)
        good = np.flatnonzero(reason == IvReason.OK)
        if good.size:
            s = _solve(x.flat[good], time_value.flat[good])
            root_t = np.sqrt(years.flat[good])
            vega = _INV_SQRT_2PI * np.exp(-0.5 * ((x.flat[good] / s) ** 2 + 0.25 * s * s))
            determined = noise.flat[good] <= _LARGEST_UNCERTAINTY * vega * root_t
            volatility.flat[good[determined]] = (s / root_t)[determined]
            reason.flat[good[~determined]] = IvReason.NO_VEGA
    return ImpliedVolatility(volatility, reason)


def _classify(
    price: FloatArray, years: FloatArray, x: FloatArray, time_value: FloatArray, noise: FloatArray, maximum: FloatArray
) -> NDArray[np.int8]:
    conditions = [
        ~(np.isfinite(price) & np.isfinite(x) & np.isfinite(years) & np.isfinite(time_value)),
        years <= 0.0,
        price <= 0.0,
        time_value < -noise,
        time_value >= maximum,
        time_value <= noise,
    ]
    codes = (
        IvReason.BAD_INPUT,
        IvReason.EXPIRED,
        IvReason.BAD_INPUT,
        IvReason.BELOW_INTRINSIC,
        IvReason.ABOVE_MAXIMUM,
        IvReason.NO_VEGA,
    )
    return np.select(conditions, [np.int8(code) for code in codes], np.int8(IvReason.OK)).astype(np.int8)


def _solve(x: FloatArray, beta: FloatArray) -> FloatArray:
    # total deviation s with normalised_black(x, s) = beta, for x <= 0 and 0 < beta < exp(x / 2)
    centre = np.sqrt(-2.0 * x)
    at_centre = normalised_black(x, centre)
    maximum = np.exp(0.5 * x)
    lower = beta < at_centre
    s: FloatArray = np.where(lower, _guess_low(x, beta, at_centre), _guess_high(x, beta, at_centre, maximum))
    low = np.where(lower, _SMALLEST * 1e-3, np.maximum(centre, _SMALLEST * 1e-3))
    high = np.where(lower, np.maximum(centre, _SMALLEST), _LARGEST)
    s = np.clip(s, low, high)
    active = np.arange(x.size)
    for _ in range(_ROUNDS):
        current = s[active]
        step, too_low = _householder_step(x[active], current, beta[active], maximum[active], lower[active])
        low[active] = np.where(too_low, current, low[active])
        high[active] = np.where(too_low, high[active], current)
        proposal = current + step
        inside = (proposal >= low[active]) & (proposal <= high[active])
        s[active] = np.where(inside, proposal, 0.5 * (low[active] + high[active]))
        # third order: after a step of 1e-5 relative the remaining error is 1e-15 and below
        active = active[~(inside & (np.abs(step) <= 1e-5 * current))]
        if not active.size:
            break
    return s


def _guess_low(x: FloatArray, beta: FloatArray, at_centre: FloatArray) -> FloatArray:
    guess: FloatArray = np.sqrt(2.0 * x * x / (-x - 4.0 * np.log(beta / at_centre)))
    return np.where(np.isfinite(guess), guess, _SMALLEST)


def _guess_high(x: FloatArray, beta: FloatArray, at_centre: FloatArray, maximum: FloatArray) -> FloatArray:
    # exact at the money, and the right tail elsewhere
    guess: FloatArray = -2.0 * ndtri((maximum - beta) / (maximum - at_centre) * ndtr(-np.sqrt(-0.5 * x)))
    return np.where(np.isfinite(guess), guess, _LARGEST)


def _householder_step(
    x: FloatArray, s: FloatArray, beta: FloatArray, maximum: FloatArray, lower: BoolArray
) -> tuple[FloatArray, BoolArray]:
    exponent, factor = scaled_black(x, s)
    log_b = exponent + np.log(factor)
    slope: FloatArray = _INV_SQRT_2PI / factor  # b' / b
    h2: FloatArray = (x / s) ** 2
    second: FloatArray = h2 / s - 0.25 * s  # b'' / b'
    third: FloatArray = second * second - 3.0 * h2 / (s * s) - 0.25  # b''' / b'
    newton, gamma, delta = np.empty_like(s), np.empty_like(s), np.empty_like(s)

    low = np.flatnonzero(lower)
    if low.size:  # f = 1 / ln b - 1 / ln beta
        log, target, p, k2, k3 = log_b[low], np.log(beta[low]), slope[low], second[low], third[low]
        newton[low] = (target - log) * log / (target * p)
        gamma[low] = k2 - p - 2.0 * p / log
        delta[low] = k3 - 3.0 * p * k2 + 2.0 * p * p - 6.0 * p * (k2 - p) / log + 6.0 * (p / log) ** 2
    high = np.flatnonzero(~lower)
    if high.size:  # f = ln(maximum - b) - ln(maximum - beta)
        b = np.exp(log_b[high])
        room = maximum[high] - b
        p, k2, k3 = slope[high] * b / room, second[high], third[high]
        newton[high] = np.log1p((beta[high] - b) / (maximum[high] - beta[high])) / p
        gamma[high] = k2 + p
        delta[high] = k3 + 3.0 * p * k2 + 2.0 * p * p
    step = newton * (1.0 + 0.5 * gamma * newton) / (1.0 + newton * (gamma + delta * newton / 6.0))
    # a Householder step that turns against Newton's has left its domain
    return np.where(step * newton > 0.0, step, newton), newton > 0.0
