"""European options under Black's lognormal forward: price and sensitivities of whole chains, exact to float noise.

Black-Scholes-Merton and Black-76 are one formula in (forward, strike, total deviation, discount). Prices come from the out-of-the-money side written
with scaled complementary error functions, so that a price of 1e-12 is as exact as one of 10: the plain ``F N(d1) - K N(d2)`` loses all digits there.

Sources: Black (1976); Merton (1973); Hull, *Options, Futures, and Other Derivatives*, ch. 17-19; Haug, *The Complete Guide to Option Pricing Formulas*,
ch. 2 (vanna, charm); Jaeckel (2015), *Let's Be Rational*, section 6 (normalised form). Units: `docs/greeks.md`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import erfcx, ndtr

from domain.greeks import Greeks

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

DAYS_PER_YEAR = 365.0
POINTS = 100.0
"""Volatility and rate points in 1.0."""

_SQRT_HALF = np.sqrt(0.5)
_SQRT_2_OVER_PI = np.sqrt(2.0 / np.pi)
_INV_SQRT_2PI = 1.0 / np.sqrt(2.0 * np.pi)
_SERIES_BELOW = 0.02
_PLAIN_FROM, _PLAIN_ABOVE = 0.05, -5.0
_LARGEST_DEVIATION = 60.0


@dataclass(frozen=True, slots=True)
class GreekArrays:
    """Price and sensitivities of many options, per unit of underlying; units as in `domain.greeks.Greeks`.

    Attributes:
        vanna_per_vol_point: delta change per +1 volatility point.
        charm_per_day: delta change per calendar day that passes.
    """

    price: FloatArray
    delta: FloatArray
    gamma: FloatArray
    theta_per_day: FloatArray
    vega_per_vol_point: FloatArray
    rho_per_point: FloatArray
    vanna_per_vol_point: FloatArray
    charm_per_day: FloatArray

    def at(self, index: int) -> Greeks | None:
        """The Greeks of one option as a value; None where the model has no answer (expired, no volatility)."""
        fields = (self.delta, self.gamma, self.theta_per_day, self.vega_per_vol_point, self.rho_per_point)
        greeks = Greeks(*(float(np.ravel(values)[index]) for values in fields))
        return greeks if greeks.is_finite else None


def scaled_black(x: FloatArray, s: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Out-of-the-money Black price over sqrt(F K) as ``exp(exponent) * factor``, which cannot underflow.

    Args:
        x: minus the absolute log-moneyness, <= 0.
        s: total deviation sigma * sqrt(T), > 0.

    Returns:
        (exponent, factor).
    """
    h, t = x / s, 0.5 * s
    exponent = -0.5 * (h * h + t * t)
    factor = np.empty_like(h)
    near = (t >= _PLAIN_FROM) & (h - t > _PLAIN_ABOVE)
    plain = near.nonzero()[0]
    if plain.size:  # no cancellation to speak of, and cheaper
        half_x, up, down = 0.5 * x[plain], h[plain] + t[plain], h[plain] - t[plain]
        factor[plain] = (np.exp(half_x) * ndtr(up) - np.exp(-half_x) * ndtr(down)) * np.exp(-exponent[plain])
    if plain.size == h.size:
        return exponent, factor
    series = (t < _SERIES_BELOW).nonzero()[0]
    if series.size:
        factor[series] = _series_factor(h[series], t[series])
    rest = ((t >= _SERIES_BELOW) & ~near).nonzero()[0]
    if rest.size:
        factor[rest] = 0.5 * (erfcx(-(h[rest] + t[rest]) * _SQRT_HALF) - erfcx((t[rest] - h[rest]) * _SQRT_HALF))
    return exponent, factor


def _series_factor(h: FloatArray, t: FloatArray) -> FloatArray:
    # (Y(h+t) - Y(h-t)) / 2 in odd powers of t, with Y(z) = erfcx(-z / sqrt 2) and Y(n+1) = n Y(n-1) + z Y(n): no difference of near-equal numbers.
    y0 = erfcx(-h * _SQRT_HALF)
    y1 = _SQRT_2_OVER_PI + h * y0
    y2 = y0 + h * y1
    y3 = 2.0 * y1 + h * y2
    y4 = 3.0 * y2 + h * y3
    y5 = 4.0 * y3 + h * y4
    t2 = t * t
    factor: FloatArray = t * (y1 + t2 * (y3 / 6.0 + t2 * y5 / 120.0))
    return np.maximum(factor, 0.0)


def normalised_black(x: FloatArray, s: FloatArray) -> FloatArray:
    """Out-of-the-money Black price over sqrt(F K), for ``x <= 0`` and ``s >= 0`` (0 at s = 0)."""
    result = np.zeros(np.broadcast(x, s).shape)
    live = s > 0.0
    exponent, factor = scaled_black(x[live], np.minimum(s[live], _LARGEST_DEVIATION))
    result[live] = np.exp(exponent) * factor
    return result


def black_price(is_call: BoolArray, forward: FloatArray, strike: FloatArray, deviation: FloatArray, discount: FloatArray) -> FloatArray:
    """European price from forward, strike, total deviation ``sigma * sqrt(T)`` and discount factor; arrays of one shape.

    A deviation of 0 gives the discounted intrinsic value; NaN in any argument gives NaN.
    """
    with np.errstate(all="ignore"):
        x = -np.abs(np.log(forward / strike))
        intrinsic = np.maximum(np.where(is_call, forward - strike, strike - forward), 0.0)
        value: FloatArray = discount * (np.sqrt(forward * strike) * normalised_black(x, deviation) + intrinsic)
        return np.where(np.isfinite(deviation) & np.isfinite(x) & (deviation >= 0.0), value, np.nan)


def carry(
    underlying: FloatArray, years: FloatArray, rate: FloatArray, dividend_yield: FloatArray, on_future: BoolArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """(forward, discount, effective yield): a future is its own forward, which is a yield equal to the rate."""
    effective = np.where(on_future, rate, dividend_yield)
    with np.errstate(all="ignore"):
        return underlying * np.exp((rate - effective) * years), np.exp(-rate * years), effective


def european_greeks(*arguments: ArrayLike) -> GreekArrays:
    """All sensitivities of European options.

    Args:
        *arguments: is_call, underlying (spot, or the future's price), strike, years, volatility, rate, dividend_yield, on_future; broadcast together.

    Returns:
        Arrays of the common shape. At expiry (years = 0) delta is the step function and the others are 0; before it they are Black's.
        Expired (years < 0) or non-finite input gives NaN.
    """
    is_call, underlying, strike, years, volatility, rate, dividend_yield, on_future = broadcast(*arguments)
    forward, discount, effective = carry(underlying, years, rate, dividend_yield, on_future)
    omega = np.where(is_call, 1.0, -1.0)
    with np.errstate(all="ignore"):
        root_t = np.sqrt(years)
        s = volatility * root_t
        d1 = np.log(forward / strike) / s + 0.5 * s
        d1 = np.where(np.isnan(d1) & (s == 0.0), 0.0, d1)
        d2 = d1 - s
        carry_discount = forward / underlying * discount
        density = _INV_SQRT_2PI * np.exp(-0.5 * d1 * d1) * carry_discount
        n1, n2 = omega * ndtr(omega * d1), omega * ndtr(omega * d2)
        price = black_price(is_call, forward, strike, s, discount)
        theta = (
            -0.5 * underlying * _over(density * volatility, root_t)
            + effective * underlying * carry_discount * n1
            - rate * discount * strike * n2
        )
        drift = _over(density * (rate - effective), s) - _over(density * d2, 2.0 * years)
        rho = np.where(on_future, -years * price, strike * years * discount * n2)
        invalid = ~np.isfinite(price) | ~(years >= 0.0)
        return GreekArrays(
            *(
                np.where(invalid, np.nan, values)
                for values in (
                    price,
                    carry_discount * n1,
                    _over(density, underlying * s),
                    np.where(years > 0.0, theta, 0.0) / DAYS_PER_YEAR,
                    underlying * density * root_t / POINTS,
                    rho / POINTS,
                    -_over(density * d2, volatility) / POINTS,
                    (effective * carry_discount * n1 - drift) / DAYS_PER_YEAR,
                )
            )
        )


def _over(numerator: FloatArray, denominator: FloatArray) -> FloatArray:
    # a vanishing density beats a vanishing denominator: the limit at expiry and at zero volatility is 0
    return np.divide(
        numerator, denominator, out=np.zeros_like(numerator), where=(denominator > 0.0) & (numerator != 0.0) & ~np.isnan(numerator)
    )


def broadcast(is_call: ArrayLike, *numbers: ArrayLike) -> tuple[Any, ...]:
    """`is_call` and a trailing `on_future` as booleans, the rest as floats, all of one shape and contiguous (at least one-dimensional)."""
    *values, on_future = numbers
    arrays = [
        np.asarray(is_call, dtype=bool),
        *(np.asarray(value, dtype=np.float64) for value in values),
        np.asarray(on_future, dtype=bool),
    ]
    shape = np.broadcast(*arrays).shape or (1,)
    return tuple(array if array.shape == shape and array.flags.c_contiguous else _filled(array, shape) for array in arrays)


def _filled(array: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    filled = np.empty(shape, dtype=array.dtype)
    filled[...] = array
    return filled
