"""American options by the early-exercise boundary: price, Greeks and implied volatility of whole chains.

The boundary of a put solves a fixed-point equation (Andersen, Lake & Offengenden 2016, *High Performance American Option Pricing*, system B) on
Chebyshev nodes in the square root of time; the price is Black's plus the integral of the interest earned minus the yield lost while
exercised (Kim 1990). A call is a put with underlying and strike, rate and yield exchanged (McDonald & Schroder 1998). Its median error is a thousandth of
that of Barone-Adesi & Whaley's (1987) quadratic approximation: see `docs/greeks.md`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, roots_legendre

from analysis.black import DAYS_PER_YEAR, POINTS, BoolArray, FloatArray, GreekArrays, broadcast, european_greeks
from analysis.implied_volatility import ImpliedVolatility, IvReason, european_implied_volatility

_NODES = 7
_BOUNDARY_POINTS = 12
_PRICE_POINTS = 24
_SWEEPS = 8
_CHUNK = 1024
_IV_ROUNDS = 60
_IV_TOLERANCE = 1e-10
_INV_SQRT_2PI = 1.0 / np.sqrt(2.0 * np.pi)
_VOL_BUMP, _RATE_BUMP = 1e-3, 1e-4


def _grid(points: int) -> tuple[FloatArray, FloatArray]:
    # Gauss-Legendre in y on (-1, 1): elapsed share of the horizon (1 + y)^2 / 4 and its weight (1 + y) / 2 dy; removes the root singularity at 0
    y, weight = roots_legendre(points)
    return (1.0 + y) ** 2 / 4.0, weight * (1.0 + y) / 2.0


def _chebyshev(z: FloatArray) -> FloatArray:
    values: FloatArray = np.cos(np.arange(_NODES + 1) * np.arccos(np.clip(z, -1.0, 1.0))[..., None])
    return values


_Z = np.cos(np.pi * np.arange(_NODES) / _NODES)  # without z = -1, where time is zero and the boundary known
_TO_COEFFICIENTS = np.linalg.inv(_chebyshev(np.append(_Z, -1.0)))[:, :-1]
_TIME_SHARE = ((1.0 + _Z) / 2.0) ** 2
_ELAPSED, _WEIGHT = _grid(_BOUNDARY_POINTS)
_PRICE_ELAPSED, _PRICE_WEIGHT = _grid(_PRICE_POINTS)


def _interpolation(time_share: FloatArray) -> FloatArray:
    matrix: FloatArray = _chebyshev(2.0 * np.sqrt(time_share) - 1.0) @ _TO_COEFFICIENTS
    return matrix


_INNER = _interpolation(_TIME_SHARE[:, None] * (1.0 - _ELAPSED))  # node, point -> nodes
_OUTER = _interpolation(1.0 - _PRICE_ELAPSED)


def _first_guess(years: FloatArray, vol: FloatArray, rate: FloatArray, div: FloatArray) -> FloatArray:
    # Bjerksund & Stensland (1993): between the boundary at expiry and the perpetual one, per unit of strike, for a put
    b = div - rate
    beta = 0.5 - b / vol**2 + np.sqrt((b / vol**2 - 0.5) ** 2 + 2.0 * np.maximum(div, 0.0) / vol**2)
    at_expiry = np.maximum(1.0, np.where(rate > 0.0, div / rate, 1.0))
    perpetual = np.where(beta > 1.0 + 1e-9, beta / (beta - 1.0), 1e9)
    spread = np.maximum(perpetual - at_expiry, 1e-12)
    t = years[:, None] * _TIME_SHARE
    h = -np.maximum(b[:, None] * t + 2.0 * vol[:, None] * np.sqrt(t), 0.5 * vol[:, None] * np.sqrt(t)) * (at_expiry / spread)[:, None]
    guess: FloatArray = 1.0 / (at_expiry[:, None] - spread[:, None] * np.expm1(h))
    return guess


def _boundary(years: FloatArray, vol: FloatArray, rate: FloatArray, div: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(limit at expiry, H at the nodes) with boundary = limit * exp(-sqrt(H)) per unit of strike."""
    limit = np.where(div > np.maximum(rate, 0.0), rate / np.where(div == 0.0, 1.0, div), 1.0)
    level = np.minimum(_first_guess(years, vol, rate, div), limit[:, None])
    tau = years[:, None] * _TIME_SHARE
    r, q, v = rate[:, None], div[:, None], vol[:, None]
    elapsed = tau[:, :, None] * _ELAPSED
    root = v[:, :, None] * np.sqrt(elapsed)
    drift = (r - q)[:, :, None] * elapsed
    grow_r, grow_q = np.exp(-r[:, :, None] * elapsed) * _WEIGHT, np.exp(-q[:, :, None] * elapsed) * _WEIGHT
    root_tau = v * np.sqrt(tau)
    growth = np.exp(-(r - q) * tau)
    for _ in range(_SWEEPS):
        log_level = np.log(level / limit[:, None])
        before = -np.sqrt(np.maximum(np.einsum("na,ika->nik", log_level**2, _INNER), 0.0))
        d = (log_level[:, :, None] - before + drift) / root
        d_strike = (np.log(level) + (r - q) * tau) / root_tau
        numerator = ndtr(d_strike - 0.5 * root_tau) + r * tau * np.exp(r * tau) * (grow_r * ndtr(d - 0.5 * root)).sum(axis=2)
        denominator = ndtr(d_strike + 0.5 * root_tau) + q * tau * np.exp(q * tau) * (grow_q * ndtr(d + 0.5 * root)).sum(axis=2)
        level = np.clip(growth * numerator / denominator, 1e-12, limit[:, None])
    return limit, np.log(level / limit[:, None]) ** 2


def _put(
    spot: FloatArray, years: FloatArray, vol: FloatArray, rate: FloatArray, div: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Early-exercise premium of a put struck at 1 with its first two derivatives in spot; NaN premium where exercise is due now."""
    limit, h = _boundary(years, vol, rate, div)
    due = spot <= limit * np.exp(-np.sqrt(h[:, 0]))
    level = limit[:, None] * np.exp(-np.sqrt(np.maximum(h @ _OUTER.T, 0.0)))
    elapsed = years[:, None] * _PRICE_ELAPSED
    root = vol[:, None] * np.sqrt(elapsed)
    s, r, q = spot[:, None], rate[:, None], div[:, None]
    d1 = (np.log(s / level) + (r - q) * elapsed) / root + 0.5 * root
    d2 = d1 - root
    weight = years[:, None] * _PRICE_WEIGHT
    interest, lost = r * np.exp(-r * elapsed) * weight, q * np.exp(-q * elapsed) * weight
    n1, n2 = _INV_SQRT_2PI * np.exp(-0.5 * d1 * d1), _INV_SQRT_2PI * np.exp(-0.5 * d2 * d2)
    premium = (interest * ndtr(-d2) - lost * s * ndtr(-d1)).sum(axis=1)
    delta = (-interest * n2 / (s * root) - lost * ndtr(-d1) + lost * n1 / root).sum(axis=1)
    gamma = (interest * n2 * (d2 / root + 1.0) / (s * s * root) + lost * n1 * (1.0 - d1 / root) / (s * root)).sum(axis=1)
    return np.where(due, np.nan, np.maximum(premium, 0.0)), delta, gamma


def _premium(arguments: tuple[FloatArray, ...]) -> tuple[FloatArray, FloatArray, FloatArray, BoolArray]:
    """(premium over Black, delta and gamma on top, mask of those due for exercise now) in the terms of the option itself."""
    is_call, underlying, strike, years, vol, rate, dividend_yield, on_future = arguments
    yield_ = np.where(on_future, rate, dividend_yield)
    spot, fixed = np.where(is_call, strike, underlying), np.where(is_call, underlying, strike)
    r, q = np.where(is_call, yield_, rate), np.where(is_call, rate, yield_)
    premium, delta, gamma = (np.zeros(underlying.shape) for _ in range(3))
    sound = np.isfinite(underlying * strike * vol * rate * yield_) & (underlying > 0.0) & (strike > 0.0) & (vol > 0.0) & (years > 0.0)
    # with r <= 0 and q >= r waiting costs nothing; with q < r < 0 there are two boundaries, which this method does not know
    premium[sound & (r < 0.0) & (q < r)] = np.inf
    live = np.flatnonzero(sound & ((r > 0.0) | ((r == 0.0) & (q < 0.0))))
    for start in range(0, live.size, _CHUNK):
        part = live[start : start + _CHUNK]
        unit = spot.flat[part] / fixed.flat[part]
        over, d, g = _put(unit, years.flat[part], vol.flat[part], r.flat[part], q.flat[part])
        call, scale = is_call.flat[part], fixed.flat[part]
        premium.flat[part] = over * scale
        delta.flat[part] = np.where(call, over - unit * d, d)
        gamma.flat[part] = np.where(call, unit * unit, 1.0) * g / scale
    due = np.isnan(premium)
    premium[np.isinf(premium)] = np.nan
    return premium, delta, gamma, due


def american_price(*arguments: ArrayLike) -> FloatArray:
    """Price of American options.

    Args:
        *arguments: is_call, underlying, strike, years, volatility, rate, dividend_yield, on_future; broadcast together.

    Returns:
        Prices; NaN as for European options, and where rate and yield are both negative with two exercise boundaries.
    """
    arrays = broadcast(*arguments)
    return _price(arrays, european_greeks(*arrays).price)


def _price(arrays: tuple[FloatArray, ...], european: FloatArray) -> FloatArray:
    with np.errstate(all="ignore"):
        premium, _, _, due = _premium(arrays)
        exercise = np.maximum(np.where(arrays[0], arrays[1] - arrays[2], arrays[2] - arrays[1]), 0.0)
        price = np.where(due, exercise, european + premium)
        return np.where(np.isnan(european), np.nan, np.where(price < exercise, exercise, price))


def american_greeks(*arguments: ArrayLike) -> GreekArrays:
    """Price and sensitivities of American options; arguments as `american_price`.

    Delta and gamma come from the boundary integral, theta from Black's differential equation (exact while the option is held), vega and rho from central
    differences of 0.1 volatility points and 1 basis point, vanna and charm are the European ones. Where exercise is due now: delta is +-1, the rest 0.
    """
    arrays = broadcast(*arguments)
    base = european_greeks(*arrays)
    is_call, underlying, strike, _, vol, rate, dividend_yield, on_future = arrays
    with np.errstate(all="ignore"):
        premium, extra_delta, extra_gamma, due = _premium(arrays)
        yield_ = np.where(on_future, rate, dividend_yield)
        exercise = np.where(is_call, underlying - strike, strike - underlying)
        due = due | (exercise > base.price + premium)
        price = np.where(due, np.maximum(exercise, 0.0), base.price + premium)
        delta, gamma = base.delta + extra_delta, base.gamma + extra_gamma
        theta = rate * price - (rate - yield_) * underlying * delta - 0.5 * (vol * underlying) ** 2 * gamma
        vega = _central(arrays, 4, _VOL_BUMP) / POINTS
        rho = _central(arrays, 5, _RATE_BUMP) / POINTS
        unchanged = (premium == 0.0) & ~due
        gone = np.isnan(base.price)

        def choose(early: ArrayLike, held: FloatArray, european: FloatArray) -> FloatArray:
            return np.where(gone | (np.isnan(premium) & ~due), np.nan, np.where(due, early, np.where(unchanged, european, held)))

        return GreekArrays(
            choose(price, price, base.price),
            choose(np.where(is_call, 1.0, -1.0), delta, base.delta),
            choose(0.0, gamma, base.gamma),
            choose(0.0, theta / DAYS_PER_YEAR, base.theta_per_day),
            choose(0.0, vega, base.vega_per_vol_point),
            choose(0.0, rho, base.rho_per_point),
            choose(0.0, base.vanna_per_vol_point, base.vanna_per_vol_point),
            choose(0.0, base.charm_per_day, base.charm_per_day),
        )


def _central(arrays: tuple[FloatArray, ...], argument: int, bump: float) -> FloatArray:
    def shifted(sign: float) -> FloatArray:
        moved = tuple(array + sign * step if i == argument else array for i, array in enumerate(arrays))
        return american_price(*moved)

    step = np.minimum(bump, 0.5 * np.abs(arrays[argument])) if argument == 4 else np.full(arrays[0].shape, bump)
    return (shifted(1.0) - shifted(-1.0)) / (2.0 * step)


def american_implied_volatility(*arguments: ArrayLike) -> ImpliedVolatility:
    """Solve the American price for the volatility, starting from the European one (which is an upper bound) inside a bracket.

    Args:
        *arguments: is_call, price, underlying, strike, years, rate, dividend_yield, on_future; broadcast together.

    Returns:
        As for European options; a price at or under the exercise value has no volatility.
    """
    is_call, price, *rest, on_future = broadcast(*arguments)
    start = european_implied_volatility(is_call, price, *rest, on_future)
    reason, volatility = start.reason.copy(), start.volatility.copy()
    underlying, strike = rest[0], rest[1]
    exercise = np.where(is_call, underlying - strike, strike - underlying)
    with np.errstate(all="ignore"):
        reason[start.ok & (price < exercise)] = IvReason.BELOW_INTRINSIC
        reason[start.ok & (price == exercise)] = IvReason.NO_VEGA
    open_ = np.flatnonzero(reason == IvReason.OK)
    if open_.size:
        chosen = tuple(array.flat[open_] for array in (is_call, price, *rest, on_future))
        volatility.flat[open_], reason.flat[open_] = _solve(chosen, volatility.flat[open_])
    return ImpliedVolatility(np.where(reason == IvReason.OK, volatility, np.nan), reason)


def _solve(arrays: tuple[FloatArray, ...], start: FloatArray) -> tuple[FloatArray, NDArray[np.int8]]:
    is_call, price, underlying, strike, years, rate, dividend_yield, on_future = arrays
    vol, low, high = start.copy(), np.zeros_like(start), start.copy()
    reason = np.full(start.shape, IvReason.NOT_CONVERGED, dtype=np.int8)
    vol_before, gap_before = np.full_like(start, np.nan), np.full_like(start, np.nan)
    active = np.arange(start.size)
    for _ in range(_IV_ROUNDS):
        now = vol[active]
        terms = tuple(array[active] for array in (is_call, underlying, strike, years))
        tail = tuple(array[active] for array in (rate, dividend_yield, on_future))
        base = european_greeks(*terms, now, *tail)
        with np.errstate(all="ignore"):
            gap = _price((*terms, now, *tail), base.price) - price[active]
            secant = (gap - gap_before[active]) / (now - vol_before[active])
            slope = np.where(np.isfinite(secant) & (secant > 0.0), secant, base.vega_per_vol_point * POINTS)
            low[active], high[active] = np.where(gap < 0.0, now, low[active]), np.where(gap > 0.0, now, high[active])
            proposal = now - gap / slope
            inside = (proposal >= low[active]) & (proposal <= high[active])
            following = np.where(inside, proposal, 0.5 * (low[active] + high[active]))
            settled = (np.abs(following - now) <= _IV_TOLERANCE) & (np.abs(gap) <= 1e-7 * price[active] + 1e-12 * strike[active])
        vol_before[active], gap_before[active], vol[active] = now, gap, following
        flat = settled & (following <= 2.0 * _IV_TOLERANCE)
        reason[active[settled]] = IvReason.OK
        reason[active[flat]] = IvReason.NO_VEGA
        active = active[~settled]
        if not active.size:
            break
    return vol, reason
