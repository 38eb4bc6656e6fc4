"""One expiry of an option chain as arrays: which volatility to believe, the forward it implies, whether it can be true, its smile, and strikes by delta.

Strikes are ascending, prices and forwards in points per unit, volatilities annual decimals, deltas as in `docs/greeks.md`. NaN marks what is not quoted.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from analysis.black import BoolArray, FloatArray


def mirror_implied_volatility(strikes: ArrayLike, reference: float, call_iv: ArrayLike, put_iv: ArrayLike) -> FloatArray:
    """The out-of-the-money side's volatility for both rights, as LEAN does: puts below `reference` (spot or forward), calls above.

    In-the-money quotes are wide and hide the volatility behind intrinsic value. Where the wanted side has none the other's is used; at the reference itself
    the mean of both.
    """
    k, call, put = (np.asarray(values, dtype=np.float64) for values in (strikes, call_iv, put_iv))
    wanted = np.select([k < reference, k > reference], [put, call], 0.5 * (call + put))
    return np.where(np.isnan(wanted), np.where(np.isnan(call), put, call), wanted)


def forward_from_parity(strikes: ArrayLike, call: ArrayLike, put: ArrayLike, discount: float, *, pairs: int = 5) -> float | None:
    """Forward implied by European put-call parity: the median over the `pairs` strikes whose call and put are nearest in price.

    None when no strike has both. For American options it carries their early-exercise premia and is only near the truth.
    """
    k, c, p = (np.asarray(values, dtype=np.float64) for values in (strikes, call, put))
    both = np.flatnonzero(np.isfinite(c) & np.isfinite(p))
    if not both.size:
        return None
    nearest = both[np.argsort(np.abs(c[both] - p[both]), kind="stable")[:pairs]]
    return float(np.median(k[nearest] + (c[nearest] - p[nearest]) / discount))


class Arbitrage(StrEnum):
    """What is wrong with a set of quotes."""

    CROSSED = "crossed"
    """bid above ask"""
    VERTICAL = "vertical"
    """a call does not fall with its strike (a put rise): buying the dear side costs nothing"""
    SLOPE = "slope"
    """a vertical spread pays more than its width today"""
    BUTTERFLY = "butterfly"
    """prices are not convex in strike: a butterfly pays to be held"""
    CALENDAR = "calendar"
    """total variance falls with time at one moneyness"""


@dataclass(frozen=True, slots=True)
class Violation:
    """One arbitrage: its kind, the strike it shows at, and what it would pay (points; total variance for a calendar)."""

    kind: Arbitrage
    strike: float
    amount: float


def arbitrage_violations(
    *, is_call: bool, strikes: ArrayLike, bid: ArrayLike, ask: ArrayLike, discount: float, tolerance: float = 1e-9
) -> list[Violation]:
    """Static arbitrages within one expiry and right that could be traded: bought at the ask, sold at the bid. Pass mids twice to check a model."""
    k, b, a = (np.asarray(values, dtype=np.float64) for values in (strikes, bid, ask))
    known = np.isfinite(b) & np.isfinite(a)
    k, b, a = k[known], b[known], a[known]
    # a put chain mirrored in strike behaves as a call chain
    x, b, a = (k, b, a) if is_call else (-k[::-1], b[::-1], a[::-1])
    names = np.abs(x)
    width = np.diff(x)
    found = [(Arbitrage.CROSSED, names, b - a)]
    found.append((Arbitrage.VERTICAL, names[1:], b[1:] - a[:-1]))
    found.append((Arbitrage.SLOPE, names[1:], b[:-1] - a[1:] - discount * width))
    if x.size > 2:
        share = width[1:] / (width[1:] + width[:-1])
        found.append((Arbitrage.BUTTERFLY, names[1:-1], b[1:-1] - share * a[:-2] - (1.0 - share) * a[2:]))
    return [
        Violation(kind, float(strike), float(amount))
        for kind, at, amounts in found
        for strike, amount in zip(at, amounts, strict=True)
        if amount > tolerance
    ]


def calendar_violations(near: Smile, far: Smile, strikes: ArrayLike, tolerance: float = 1e-9) -> list[Violation]:
    """Strikes of the near expiry at whose moneyness the far one has less total variance (European options, proportional dividends)."""
    k = np.asarray(strikes, dtype=np.float64)
    moneyness = k / near.forward
    lost = near.volatility(k) ** 2 * near.years - far.volatility(moneyness * far.forward) ** 2 * far.years
    return [
        Violation(Arbitrage.CALENDAR, float(strike), float(amount)) for strike, amount in zip(k, lost, strict=True) if amount > tolerance
    ]


@dataclass(frozen=True, slots=True)
class Smile:
    """Volatility of one expiry as a function of strike: Gatheral's SVI, total variance = level + tilt * y + wing * sqrt(1 + y^2), y = (k - centre) / scale.

    Attributes:
        forward: to this expiry.
        years: to this expiry.
        lowest: lowest strike fitted.
        highest: highest strike fitted.
        error: root mean square difference to the volatilities fitted, weighted as the fit.
    """

    forward: float
    years: float
    level: float
    tilt: float
    wing: float
    centre: float
    scale: float
    lowest: float
    highest: float
    error: float

    def volatility(self, strike: ArrayLike) -> FloatArray:
        """Annual volatility at any strike; linear in total variance far outside the fitted range."""
        y = (np.log(np.asarray(strike, dtype=np.float64) / self.forward) - self.centre) / self.scale
        variance = self.level + self.tilt * y + self.wing * np.sqrt(1.0 + y * y)
        volatility: FloatArray = np.sqrt(np.maximum(variance, 1e-12) / self.years)
        return volatility

    def delta(self, is_call: bool, strike: ArrayLike, carry_discount: float = 1.0) -> FloatArray:
        """Black delta with the smile's volatility; `carry_discount` is exp(-q T), for options on futures exp(-r T)."""
        k = np.asarray(strike, dtype=np.float64)
        s = self.volatility(k) * np.sqrt(self.years)
        d1 = np.log(self.forward / k) / s + 0.5 * s
        delta: FloatArray = carry_discount * (ndtr(d1) if is_call else -ndtr(-d1))
        return delta

    def strike_at_delta(self, is_call: bool, delta: float, carry_discount: float = 1.0) -> float | None:
        """The (unlisted) strike with this absolute delta, interpolated within the fitted range; None outside it."""
        grid = np.exp(np.linspace(np.log(self.lowest), np.log(self.highest), 1_000))
        deltas = np.abs(self.delta(is_call, grid, carry_discount))
        order = np.argsort(deltas)
        if not deltas[order[0]] <= delta <= deltas[order[-1]]:
            return None
        return float(np.interp(delta, deltas[order], grid[order]))


Candidate = tuple[float, float, float, float, float, float]

_ROUNDS, _GRID = 5, 13


def fit_smile(forward: float, strikes: ArrayLike, volatilities: ArrayLike, years: float, *, fewest: int = 5) -> Smile | None:
    """Least squares in volatility, weighted by vega, over strikes with a finite volatility; None with fewer than `fewest` of them.

    Level, tilt and wing follow from three linear equations for each (centre, scale), which are searched on a shrinking grid (Zeliade 2009): always the same
    answer, no starting point. Candidates with negative variance or a wing steeper than Lee's bound are left out.
    """
    k, vol = np.log(np.asarray(strikes, dtype=np.float64) / forward), np.asarray(volatilities, dtype=np.float64)
    usable = np.isfinite(vol) & (vol > 0.0)
    if usable.sum() < fewest or years <= 0.0:
        return None
    k, vol = k[usable], vol[usable]
    s = vol * np.sqrt(years)
    # d(variance) = 2 sigma T d(sigma); vega falls with exp(-d1^2 / 2), but a wing quoted at all keeps some weight
    weight = (0.02 + np.exp(-0.5 * (-k / s + 0.5 * s) ** 2)) / (2.0 * vol * years)
    span = max(float(np.ptp(k)), 1e-4)
    centre, scale, reach = float(np.mean(k)), span, (span, np.log(30.0))
    best: Candidate | None = None
    for _ in range(_ROUNDS):
        centres = centre + reach[0] * np.linspace(-1.0, 1.0, _GRID)
        scales = scale * np.exp(reach[1] * np.linspace(-1.0, 1.0, _GRID))
        candidate = _best_candidate(k, vol * vol * years, weight, np.repeat(centres, _GRID), np.tile(scales, _GRID), years)
        if best is None or (candidate is not None and candidate[0] <= best[0]):
            best = candidate
        if best is not None:
            centre, scale = best[4], best[5]
        reach = (reach[0] * 0.3, reach[1] * 0.4)
    low, high = (float(forward * np.exp(edge)) for edge in (k.min(), k.max()))
    if best is None:  # no smile within the bounds: a flat one says least
        flat = float(np.average(vol, weights=weight))
        error = float(np.sqrt(np.average((vol - flat) ** 2, weights=weight)))
        return Smile(forward, years, flat * flat * years, 0.0, 0.0, 0.0, 1.0, low, high, error)
    squares, level, tilt, wing, centre, scale = best
    error = float(np.sqrt(squares / np.sum((weight * 2.0 * vol * years) ** 2)))
    return Smile(forward, years, level, tilt, wing, centre, scale, low, high, error)


def _best_candidate(
    k: FloatArray, variance: FloatArray, weight: FloatArray, centres: FloatArray, scales: FloatArray, years: float
) -> Candidate | None:
    """(squared error, level, tilt, wing, centre, scale) of the best admissible pair of centre and scale."""
    y = (k - centres[:, None]) / scales[:, None]
    basis = np.stack([np.ones_like(y), y, np.sqrt(1.0 + y * y)], axis=2) * weight[:, None]
    target = variance * weight
    normal = np.einsum("gki,gkj->gij", basis, basis)
    ridge = 1e-10 * np.trace(normal, axis1=1, axis2=2)[:, None, None] * np.eye(3)
    solution = np.linalg.solve(normal + ridge, np.einsum("gki,k->gi", basis, target)[:, :, None])[:, :, 0]
    level, tilt, wing = solution.T
    squares = ((np.einsum("gki,gi->gk", basis, solution) - target) ** 2).sum(axis=1)
    # Lee (2004): total variance grows at most as 2 |k|
    inside = (wing >= 0.0) & (np.abs(tilt) <= wing) & (wing + np.abs(tilt) <= 2.0 * scales)
    lowest: FloatArray = level + np.sqrt(np.maximum(wing * wing - tilt * tilt, 0.0))
    admissible: BoolArray = inside & (lowest > 1e-8 * years)
    if not admissible.any():
        return None
    i = int(np.argmin(np.where(admissible, squares, np.inf)))
    return float(squares[i]), float(level[i]), float(tilt[i]), float(wing[i]), float(centres[i]), float(scales[i])


class StrikeReason(StrEnum):
    """Outcome of a search for a strike by delta."""

    FOUND = "found"
    NO_DELTAS = "no_deltas"
    """no listed strike has a known delta"""
    OUTSIDE_BAND = "outside_band"
    """the strike nearest to the target has a delta outside the band"""


@dataclass(frozen=True, slots=True)
class StrikeChoice:
    """A listed strike, or why there is none; strike and delta are those nearest to the target in both cases, None without deltas."""

    reason: StrikeReason
    strike: float | None = None
    delta: float | None = None

    @property
    def is_found(self) -> bool:
        """Whether the strike may be used."""
        return self.reason is StrikeReason.FOUND


def strike_by_delta(strikes: ArrayLike, deltas: ArrayLike, target: float, low: float, high: float) -> StrikeChoice:
    """The listed strike whose absolute delta is nearest to `target`, if that delta lies within [low, high].

    Deltas may carry either sign (0..1 in absolute value, not percent); of two equally near strikes the one with the smaller delta is taken.
    """
    k, d = np.asarray(strikes, dtype=np.float64), np.abs(np.asarray(deltas, dtype=np.float64))
    known = np.flatnonzero(np.isfinite(d))
    if not known.size:
        return StrikeChoice(StrikeReason.NO_DELTAS)
    order = known[np.lexsort((d[known], np.round(np.abs(d[known] - target), 12)))]
    best = int(order[0])
    reason = StrikeReason.FOUND if low <= d[best] <= high else StrikeReason.OUTSIDE_BAND
    return StrikeChoice(reason, float(k[best]), float(d[best]))
