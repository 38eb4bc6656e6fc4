"""Implied volatility of European options, vectorised, with a coded reason wherever there is none.

The price is reduced to the out-of-the-money time value over sqrt(F K). Below the inflection point of that function the solver works on its
inverse logarithm, above it on the logarithm of its distance to the maximum; both are nearly straight there, so that third-order Householder steps
from Jaeckel's guesses reach float noise in one to three rounds. Every step stays inside a shrinking bracket (bisection when it would leave),
so that no input can make it run away.

Sources: Jaeckel (2006), *By Implication* (upper guess); Jaeckel (2015), *Let's Be Rational* (lower guess, objective functions); Householder (1970).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from math import erfc, exp, inf, log, pi, sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

from analysis.black import BoolArray, FloatArray, broadcast, carry, scaled_black

_EPSILON = float(np.finfo(np.float64).eps)
_ROUNDING = 4.0
"""Roundings assumed in a price that was computed or quoted as a double."""
_LARGEST_UNCERTAINTY = 1e-6
_ROUNDS = 40
_SETTLED = 3e-4
_BLOCK = 8_192
_SMALLEST, _LARGEST = 1e-12, 60.0
_ROOT_3 = np.sqrt(3.0)
_INV_SQRT_2PI = 1.0 / np.sqrt(2.0 * np.pi)
_ROOT_HALF, _ROOT_2_PI = sqrt(0.5), sqrt(2.0 * pi)
_NEWTON_ROUNDS, _NEWTON_TOLERANCE, _LEAST_DEVIATION, _LEAST_SHARE = 60, 1e-7, 1e-3, 1e-8


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
    arrays = broadcast(*arguments)
    shape, columns = arrays[0].shape, [array.ravel() for array in arrays]
    # blocks stay in the processor's cache
    parts = [_solve_block(*(column[i : i + _BLOCK] for column in columns)) for i in range(0, columns[0].size, _BLOCK)]
    if not parts:
        return ImpliedVolatility(np.empty(shape), np.empty(shape, dtype=np.int8))
    volatility, reason = (np.concatenate(values).reshape(shape) for values in zip(*parts, strict=True))
    return ImpliedVolatility(volatility, reason)


@dataclass(frozen=True, slots=True)
class Implied:
    """What one price implies: annual volatility (decimal) and the signed delta at it."""

    volatility: float
    delta: float


def implied_by_price(
    price: float, underlying: float, strike: float, years: float, rate: float, dividend_yield: float, *, is_call: bool, on_future: bool
) -> Implied | None:
    """The answer of `european_implied_volatility` for one option, with its delta; None where that has none.

    For decisions that look at a handful of options a minute: arrays of five elements cost ten times as much. A price of less than a
    hundred-millionth of the underlying's, which nobody quotes, is None as well.
    """
    if not (0.0 < underlying < inf and _LEAST_SHARE * underlying < price < inf and 0.0 < strike < inf and 0.0 < years < inf):
        return None
    held_yield = rate if on_future else dividend_yield
    forward, discount, sign = underlying * exp((rate - held_yield) * years), exp(-rate * years), 1.0 if is_call else -1.0
    undiscounted, intrinsic = price / discount, max(0.0, sign * (forward - strike))
    noise = _ROUNDING * _EPSILON * (max(undiscounted, forward + strike) if intrinsic else undiscounted)
    deviation = _deviation(undiscounted - intrinsic, forward, strike, noise)
    if deviation is None:
        return None
    d1 = log(forward / strike) / deviation + 0.5 * deviation
    vega = forward * exp(-0.5 * d1 * d1) / _ROOT_2_PI
    if noise > _LARGEST_UNCERTAINTY * vega * sqrt(years):
        return None
    return Implied(deviation / sqrt(years), sign * _normal(sign * d1) * exp(-held_yield * years))


def _deviation(time_value: float, forward: float, strike: float, noise: float) -> float | None:
    """Volatility times root of time that gives an out-of-the-money option this undiscounted value; None where there is none.

    Newton's method from the inflection point of the price, from where it never overshoots (Manaster & Koehler 1982).
    """
    if not noise < time_value < min(forward, strike) - noise:
        return None
    sign, moneyness = (1.0 if strike >= forward else -1.0), log(forward / strike)
    deviation = max(sqrt(2.0 * abs(moneyness)), _LEAST_DEVIATION)
    for _ in range(_NEWTON_ROUNDS):
        d1 = moneyness / deviation + 0.5 * deviation
        above, below = 0.5 * erfc(-(sign * d1) * _ROOT_HALF), 0.5 * erfc(-(sign * (d1 - deviation)) * _ROOT_HALF)
        excess = sign * (forward * above - strike * below) - time_value
        slope = forward * exp(-0.5 * d1 * d1) / _ROOT_2_PI
        if slope <= 0.0:
            return None
        step = excess / slope
        deviation -= step
        if deviation <= 0.0:
            return None
        if abs(step) < _NEWTON_TOLERANCE * deviation:
            return deviation
    return None


def _normal(x: float) -> float:
    return 0.5 * erfc(-x * _ROOT_HALF)


def _solve_block(
    is_call: BoolArray,
    price: FloatArray,
    underlying: FloatArray,
    strike: FloatArray,
    years: FloatArray,
    rate: FloatArray,
    dividend_yield: FloatArray,
    on_future: BoolArray,
) -> tuple[FloatArray, NDArray[np.int8]]:
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
        good = (reason == IvReason.OK).nonzero()[0]
        if good.size:
            s = _solve(x[good], time_value[good])
            root_t = np.sqrt(years[good])
            vega = _INV_SQRT_2PI * np.exp(-0.5 * ((x[good] / s) ** 2 + 0.25 * s * s))
            determined = noise[good] <= _LARGEST_UNCERTAINTY * vega * root_t
            volatility[good[determined]] = (s / root_t)[determined]
            reason[good[~determined]] = IvReason.NO_VEGA
    return volatility, reason


def _classify(
    price: FloatArray, years: FloatArray, x: FloatArray, time_value: FloatArray, noise: FloatArray, maximum: FloatArray
) -> NDArray[np.int8]:
    # the weightiest reason is written last
    reason = np.full(price.shape, IvReason.OK, dtype=np.int8)
    reason[time_value >= maximum - noise] = IvReason.ABOVE_MAXIMUM
    reason[time_value <= noise] = IvReason.NO_VEGA
    reason[time_value < -noise] = IvReason.BELOW_INTRINSIC
    reason[price <= 0.0] = IvReason.BAD_INPUT
    reason[years <= 0.0] = IvReason.EXPIRED
    reason[~(np.isfinite(price) & np.isfinite(x) & np.isfinite(years) & np.isfinite(time_value))] = IvReason.BAD_INPUT
    return reason


def _solve(x: FloatArray, beta: FloatArray) -> FloatArray:
    # total deviation s with normalised_black(x, s) = beta, for x <= 0 and 0 < beta < exp(x / 2)
    centre = np.sqrt(-2.0 * x)
    maximum = np.exp(0.5 * x)
    at_centre = 0.5 * maximum - ndtr(-centre) / maximum
    is_low = beta < at_centre
    solution = np.empty_like(x)
    for below in (True, False):
        side = (is_low == below).nonzero()[0]
        if side.size:
            terms = x[side], beta[side], centre[side], maximum[side]
            guess = (_guess_low if below else _guess_high)(*terms, at_centre[side])
            solution[side] = _iterate(*terms, guess, below=below)
    return solution


def _iterate(x: FloatArray, beta: FloatArray, centre: FloatArray, maximum: FloatArray, s: FloatArray, *, below: bool) -> FloatArray:
    low = np.full_like(s, _SMALLEST) if below else np.maximum(centre, _SMALLEST)
    high = np.maximum(centre, 2.0 * _SMALLEST) if below else np.full_like(s, _LARGEST)
    s = np.minimum(np.maximum(s, low), high)
    solution, active = s.copy(), np.arange(s.size)
    for _ in range(_ROUNDS):
        newton, gamma, delta = (_low_terms if below else _high_terms)(x, s, beta, maximum)
        step = newton * (1.0 + 0.5 * gamma * newton) / (1.0 + newton * (gamma + delta * newton / 6.0))
        astray = (~(step * newton > 0.0)).nonzero()[0]  # a Householder step that turns against Newton's has left its domain
        step[astray] = newton[astray]
        too_low = newton > 0.0
        low, high = np.maximum(low, s * too_low), np.minimum(high, s + _LARGEST * too_low)
        following = s + step
        outside = (~((following >= low) & (following <= high))).nonzero()[0]
        following[outside] = 0.5 * (low[outside] + high[outside])
        # fourth-order convergence with a constant of two: after a step of 3e-4 relative the remaining error is at float noise
        unsettled = np.maximum(np.abs(step), np.abs(newton)) > _SETTLED * s
        solution[active] = following
        left = unsettled.nonzero()[0]
        if not left.size:
            break
        active = active[left]
        x, s, beta, maximum, low, high = x[left], following[left], beta[left], maximum[left], low[left], high[left]
    return solution


def _guess_low(x: FloatArray, beta: FloatArray, centre: FloatArray, maximum: FloatArray, at_centre: FloatArray) -> FloatArray:
    # between the zero of the inflection point's tangent and that point s itself is interpolated; below, the function that the tail resembles
    slope = _slope(x, centre)
    edge = centre - at_centre / slope
    h, t = x / edge, 0.5 * edge
    at_edge, edge_slope = maximum * ndtr(h + t) - ndtr(h - t) / maximum, _slope(x, edge)
    guess = np.empty_like(x)
    is_middle = beta >= at_edge
    i = is_middle.nonzero()[0]
    width = at_centre[i] - at_edge[i]
    left_slope, right_slope = 1.0 / edge_slope[i], 1.0 / slope[i]
    tension = (right_slope - left_slope) / (right_slope - (centre[i] - edge[i]) / width)
    guess[i] = _rational_cubic((beta[i] - at_edge[i]) / width, width, (edge[i], centre[i]), (left_slope, right_slope), tension)
    i = (~is_middle).nonzero()[0]
    if i.size:
        guess[i] = _guess_tail(x[i], beta[i], edge[i], at_edge[i], edge_slope[i])
    failed = (~(guess > 0.0)).nonzero()[0]
    guess[failed] = 0.5 * centre[failed]
    return guess


def _guess_tail(x: FloatArray, beta: FloatArray, edge: FloatArray, at_edge: FloatArray, edge_slope: FloatArray) -> FloatArray:
    scale = 2.0 * np.pi / (3.0 * _ROOT_3) * -x
    z = -x / (_ROOT_3 * edge)
    tail = ndtr(-z)
    right = scale * tail**3
    right_slope = 3.0 * scale * tail * tail * _INV_SQRT_2PI * np.exp(-0.5 * z * z) * z / edge / edge_slope
    tension = (right_slope - 1.0) / (right / at_edge - 1.0)
    zero, one = np.zeros_like(right), np.ones_like(right)
    value = _rational_cubic(beta / at_edge, at_edge, (zero, right), (one, right_slope), tension)
    guess: FloatArray = x / (_ROOT_3 * ndtri(np.cbrt(value / scale)))
    return guess


def _rational_cubic(
    share: FloatArray, width: FloatArray, values: tuple[FloatArray, FloatArray], slopes: tuple[FloatArray, FloatArray], tension: FloatArray
) -> FloatArray:
    # Delbourgo & Gregory (1985); the tension given makes the second derivative vanish at one end
    tension = np.minimum(np.maximum(np.where(np.isnan(tension), 3.0, tension), -0.999999), 1e100)
    rest = 1.0 - share
    cross = share * rest
    inner = (tension * values[1] - width * slopes[1]) * share + (tension * values[0] + width * slopes[0]) * rest
    numerator = values[1] * share * share * share + inner * cross + values[0] * rest * rest * rest
    interpolated: FloatArray = numerator / (1.0 + (tension - 3.0) * cross)
    return interpolated


def _slope(x: FloatArray, s: FloatArray) -> FloatArray:
    h = x / s
    slope: FloatArray = _INV_SQRT_2PI * np.exp(-0.5 * (h * h + 0.25 * s * s))
    return slope


def _guess_high(_: FloatArray, beta: FloatArray, centre: FloatArray, maximum: FloatArray, at_centre: FloatArray) -> FloatArray:
    # exact at the money, and the right tail elsewhere
    guess: FloatArray = -2.0 * ndtri((maximum - beta) / (maximum - at_centre) * ndtr(-0.5 * centre))
    return np.where(np.isfinite(guess), guess, _LARGEST)


def _derivatives(x: FloatArray, s: FloatArray) -> tuple[FloatArray, FloatArray]:
    # second and third derivative of b over the first
    h2: FloatArray = (x / s) ** 2
    second: FloatArray = h2 / s - 0.25 * s
    return second, second * second - 3.0 * h2 / (s * s) - 0.25


def _low_terms(x: FloatArray, s: FloatArray, beta: FloatArray, _: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    # for f = 1 / ln b - 1 / ln beta: Newton's step, and second and third derivative over the first
    exponent, factor = scaled_black(x, s)
    log, target = exponent + np.log(factor), np.log(beta)
    p: FloatArray = _INV_SQRT_2PI / factor  # first derivative of ln b
    second, third = _derivatives(x, s)
    ratio = p / log
    bend = second - p
    newton = (target - log) / (ratio * target)
    return newton, bend - 2.0 * ratio, third - 3.0 * p * second + 2.0 * p * p + 6.0 * ratio * (ratio - bend)


def _high_terms(x: FloatArray, s: FloatArray, beta: FloatArray, maximum: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    # the same for f = ln(maximum - b) - ln(maximum - beta)
    exponent, factor = scaled_black(x, s)
    scale = np.exp(exponent)
    b = scale * factor
    p: FloatArray = _INV_SQRT_2PI * scale / (maximum - b)
    second, third = _derivatives(x, s)
    newton = np.log1p((beta - b) / (maximum - beta)) / p
    return newton, second + p, third + 3.0 * p * second + 2.0 * p * p
