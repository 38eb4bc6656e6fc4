"""Measures of movement from daily bars, and the model-free volatility index of a chain.

Arrays are ordered oldest first and hold completed sessions; today's unfinished bar is never in them. A measure without enough data is None (a scalar) or NaN
(a place in a series), never 0. Volatilities are annual decimals over 252 sessions; the model-free index counts minutes of a 365-day year as Cboe does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.black import FloatArray

SESSIONS_PER_YEAR = 252.0
_MINUTES_PER_DAY = 1_440.0
_MINUTES_PER_YEAR = 365.0 * _MINUTES_PER_DAY
_MINUTES_OF_30_DAYS = 30.0 * _MINUTES_PER_DAY


def _series(*columns: ArrayLike) -> list[FloatArray]:
    arrays = [np.asarray(column, dtype=np.float64) for column in columns]
    if len({array.shape for array in arrays}) != 1:
        raise ValueError(f"columns have lengths {[array.size for array in arrays]}, expected one length")
    return arrays


def atr(high: ArrayLike, low: ArrayLike, close: ArrayLike, period: int = 14) -> float | None:
    """Average true range by Wilder's smoothing, seeded with the mean of the first `period` true ranges; points.

    The first bar only lends its close. None with fewer than `period` + 1 bars or any value missing.
    """
    h, lo, c = _series(high, low, close)
    if c.size < period + 1:
        return None
    ranges = np.maximum(h[1:], c[:-1]) - np.minimum(lo[1:], c[:-1])
    if not np.isfinite(ranges).all():
        return None
    value = float(ranges[:period].mean())
    for true_range in ranges[period:]:
        value += (float(true_range) - value) / period
    return value


def ema(values: ArrayLike, period: int) -> float | None:
    """Exponential average with weight 2 / (period + 1), seeded with the mean of the first `period` values; None with fewer of them."""
    (v,) = _series(values)
    if v.size < period or not np.isfinite(v).all():
        return None
    average, weight = float(v[:period].mean()), 2.0 / (period + 1.0)
    for value in v[period:]:
        average += weight * (float(value) - average)
    return average


def simple_average(values: ArrayLike, period: int) -> float | None:
    """Mean of the last `period` values; None with fewer of them."""
    (v,) = _series(values)
    return float(v[-period:].mean()) if v.size >= period and np.isfinite(v[-period:]).all() else None


def highest(values: ArrayLike, sessions: int = 252, minimum: int = 20) -> float | None:
    """Highest of the last `sessions` values: the 52-week high, given daily highs. Of what there is from `minimum` sessions on, else None."""
    (h,) = _series(values)
    recent = h[-sessions:][np.isfinite(h[-sessions:])]
    return float(recent.max()) if recent.size >= minimum else None


def close_to_close_volatility(close: ArrayLike, sessions: int = 20) -> float | None:
    """Sample deviation of the last `sessions` daily log returns, annualised."""
    (c,) = _series(close)
    if c.size < sessions + 1 or not (c[-sessions - 1 :] > 0.0).all():
        return None
    return float(np.std(np.diff(np.log(c[-sessions - 1 :])), ddof=1) * np.sqrt(SESSIONS_PER_YEAR))


def parkinson_volatility(high: ArrayLike, low: ArrayLike, sessions: int = 20) -> float | None:
    """Parkinson (1980): from daily ranges, five times as efficient as closes, blind to overnight gaps."""
    h, lo = (column[-sessions:] for column in _series(high, low))
    if h.size < sessions or not ((lo > 0.0) & (h >= lo)).all():
        return None
    return float(np.sqrt(np.mean(np.log(h / lo) ** 2) / (4.0 * np.log(2.0)) * SESSIONS_PER_YEAR))


def yang_zhang_volatility(open_: ArrayLike, high: ArrayLike, low: ArrayLike, close: ArrayLike, sessions: int = 20) -> float | None:
    """Yang & Zhang (2000): overnight, open-to-close and Rogers-Satchell variance combined; independent of drift and of gaps."""
    o, h, lo, c = (column[-sessions - 1 :] for column in _series(open_, high, low, close))
    if c.size < sessions + 1 or not (np.minimum(np.minimum(o, lo), np.minimum(h, c)) > 0.0).all():
        return None
    overnight, day = np.log(o[1:] / c[:-1]), np.log(c[1:] / o[1:])
    up, down = np.log(h[1:] / o[1:]), np.log(lo[1:] / o[1:])
    rogers_satchell = np.mean(up * (up - day) + down * (down - day))
    k = 0.34 / (1.34 + (sessions + 1.0) / (sessions - 1.0))
    variance = np.var(overnight, ddof=1) + k * np.var(day, ddof=1) + (1.0 - k) * rogers_satchell
    return float(np.sqrt(variance * SESSIONS_PER_YEAR))


def correlation(first: ArrayLike, second: ArrayLike, sessions: int = 60, minimum: int = 40) -> float | None:
    """Correlation of daily log returns of two close series on the same days, over the last `sessions` returns both know.

    None with fewer than `minimum` common returns, or when one of them does not move.
    """
    a, b = _series(first, second)
    returns = np.diff(np.log(np.where((a > 0.0) & (b > 0.0), np.stack([a, b]), np.nan)), axis=1)[:, -sessions:]
    x, y = returns[:, np.isfinite(returns).all(axis=0)]
    if x.size < minimum or np.ptp(x) == 0.0 or np.ptp(y) == 0.0:
        return None
    return float(np.clip(np.corrcoef(x, y)[0, 1], -1.0, 1.0))


def rolling_correlation(first: ArrayLike, second: ArrayLike, sessions: int = 60, minimum: int = 40) -> FloatArray:
    """`correlation` as it was known after each session; NaN where it was not."""
    a, b = _series(first, second)
    values = [correlation(a[: end + 1], b[: end + 1], sessions, minimum) for end in range(a.size)]
    return np.array([np.nan if value is None else value for value in values])


@dataclass(frozen=True, slots=True)
class ModelFreeVariance:
    """Variance of one expiry in Cboe's sense.

    Attributes:
        variance: annual.
        minutes: to settlement.
        forward: used to split puts from calls.
        strikes_used: number of strikes in the sum.
    """

    variance: float
    minutes: float
    forward: float
    strikes_used: int


def model_free_variance(
    strikes: ArrayLike, call_bid: ArrayLike, call_ask: ArrayLike, put_bid: ArrayLike, put_ask: ArrayLike, *, rate: float, minutes: float
) -> ModelFreeVariance | None:
    """Cboe's formula (*Volatility Index Methodology*, 2023) for one expiry with ascending strikes; a bid of 0 or NaN is no bid.

    Out-of-the-money options count outward from the first strike at or below the forward until two in a row have no bid. None without both sides around the
    forward or with fewer than three strikes.
    """
    k, cb, ca, pb, pa = _series(strikes, call_bid, call_ask, put_bid, put_ask)
    cb, pb = np.nan_to_num(cb), np.nan_to_num(pb)
    call, put = 0.5 * (cb + ca), 0.5 * (pb + pa)
    both = np.flatnonzero((cb > 0.0) & (pb > 0.0) & np.isfinite(call) & np.isfinite(put))
    if not both.size or minutes <= 0.0:
        return None
    years = minutes / _MINUTES_PER_YEAR
    growth = float(np.exp(rate * years))
    middle = both[np.argmin(np.abs(call[both] - put[both]))]
    forward = float(k[middle] + growth * (call[middle] - put[middle]))
    below = np.flatnonzero(k <= forward)
    if not below.size:
        return None
    centre = int(below[-1])
    puts = _quoted_outward(range(centre - 1, -1, -1), pb)
    calls = _quoted_outward(range(centre + 1, k.size), cb)
    used = np.array([*puts[::-1], centre, *calls], dtype=int)
    price = np.where(used < centre, put[used], np.where(used > centre, call[used], 0.5 * (put[used] + call[used])))
    if used.size < 3 or not np.isfinite(price).all():
        return None
    x = k[used]
    width = np.concatenate([[x[1] - x[0]], 0.5 * (x[2:] - x[:-2]), [x[-1] - x[-2]]])
    variance = 2.0 / years * float(np.sum(width / x**2 * growth * price)) - (forward / x[len(puts)] - 1.0) ** 2 / years
    return ModelFreeVariance(variance, minutes, forward, int(used.size))


def _quoted_outward(indices: Iterable[int], bid: FloatArray) -> list[int]:
    taken, without = [], 0
    for i in indices:
        without = 0 if bid[i] > 0.0 else without + 1
        if without == 2:
            break
        if without == 0:
            taken.append(i)
    return taken


def model_free_index(near: ModelFreeVariance, far: ModelFreeVariance, minutes: float = _MINUTES_OF_30_DAYS) -> float | None:
    """The index in points: 100 times the root of the total variance interpolated to `minutes`; None if the expiries coincide or variance is negative."""
    if near.minutes == far.minutes:
        return None
    share = (far.minutes - minutes) / (far.minutes - near.minutes)
    total = share * near.variance * near.minutes + (1.0 - share) * far.variance * far.minutes
    return 100.0 * float(np.sqrt(total / minutes)) if total >= 0.0 else None
