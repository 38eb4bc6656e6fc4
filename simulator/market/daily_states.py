"""Daily states of the market: gaps, session returns and variances of every factor, year by year from the seed.

The equity market's log-volatility is a slow and a fast mean-reverting state plus a shock that decays over weeks. Each year's path is the first of a
seeded sequence of candidates with the features a year must have (`_acceptable`): quiet stretches, pullbacks, one shock, nothing beyond.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.market.factors import EQUITY, FACTORS, cholesky
from simulator.market.surface import atm_total_variance, fair_variance
from simulator.market.trading_calendar import TradingCalendar
from simulator.market.variance_clock import OVERNIGHT_SHARE

Array = NDArray[np.float64]

_CANDIDATES = 96
_ATTEMPTS = 200
_FAST_MEMORY, _SLOW_MEMORY, _SHOCK_MEMORY, _OWN_MEMORY = np.exp(-1.0 / np.array([8.0, 80.0, 8.0, 30.0]))
_FAST_MOVE, _SLOW_MOVE = 0.105, 0.036  # standard deviation of a session's change
_CALM, _CONTANGO = 0.05, 0.11  # how far the usual state lies below, the medium term above the long one, in log-volatility
_LEVERAGE = -0.85  # correlation of returns with changes of log-volatility
_REALISED_SHOCK = 0.75  # prices calm down sooner than options
_JUMP_CHANCE, _JUMP_MEAN, _JUMP_DEVIATION = 0.012, -0.007, 0.008
_SHOCK_WINDOW = (60, 205)  # sessions of the year on which the shock may fall


@dataclass(frozen=True)
class DailyStates:
    """States of every session and factor, arrays of shape (sessions, factors).

    Attributes:
        gap: log return from the previous close to the open.
        session: log return from open to close.
        fast: instantaneous variance at the close.
        slow: medium-term variance at the close.
        long_run: long-run variance, one per factor.
        jitter: realised volatility of the session's minutes over its expectation.
        shocks: days on which the yearly volatility shock strikes.
    """

    gap: Array
    session: Array
    fast: Array
    slow: Array
    long_run: Array
    jitter: Array
    shocks: tuple[dt.date, ...]


@dataclass
class _EquityYear:
    """Candidate paths of one year, arrays of shape (candidates, sessions)."""

    gap: Array
    session: Array
    fast_state: Array
    slow_state: Array
    shock_state: Array
    shock_day: NDArray[np.int64]

    def log_volatility(self) -> tuple[Array, Array]:
        """Log of instantaneous and of medium-term volatility over the usual one."""
        return self.fast_state + self.slow_state + self.shock_state - _CALM, self.slow_state + 0.30 * self.shock_state + _CONTANGO


def _equity_candidates(rng: np.random.Generator, sessions: int, start: tuple[float, float, float]) -> _EquityYear:
    shape = (_CANDIDATES, sessions)
    overnight, daytime, own_fast, own_slow = rng.standard_normal((4, *shape))
    jumps = (rng.random(shape) < _JUMP_CHANCE) * (_JUMP_MEAN + _JUMP_DEVIATION * rng.standard_normal(shape))
    shock_day = rng.integers(*_SHOCK_WINDOW, _CANDIDATES)
    size = rng.uniform(0.85, 1.25, _CANDIDATES)
    market = FACTORS[EQUITY]
    year = _EquityYear(np.zeros(shape), np.zeros(shape), np.zeros(shape), np.zeros(shape), np.zeros(shape), shock_day)
    fast, slow, shock = (np.full(_CANDIDATES, value) for value in start)
    for day in range(sessions):
        deviation = market.implied * market.realised * np.exp(np.minimum(fast + slow + _REALISED_SHOCK * shock, 1.45)) / np.sqrt(252.0)
        eve, crash = day == shock_day - 1, day == shock_day
        after = (day > shock_day) & (day <= shock_day + 8)
        drift = market.drift / 252.0 + np.where(after, 0.0035, 0.0)
        noise = np.sqrt(OVERNIGHT_SHARE) * overnight[:, day] + np.sqrt(1.0 - OVERNIGHT_SHARE) * daytime[:, day]
        gap = drift * OVERNIGHT_SHARE + deviation * np.sqrt(OVERNIGHT_SHARE) * overnight[:, day] + jumps[:, day]
        session = drift * (1.0 - OVERNIGHT_SHARE) + deviation * np.sqrt(1.0 - OVERNIGHT_SHARE) * daytime[:, day]
        gap = np.where(crash, -0.017 * size - 0.003 * np.abs(overnight[:, day]), gap)
        session = np.where(crash, -0.011 * size + 0.005 * daytime[:, day], np.where(eve, -0.014 - 0.003 * np.abs(daytime[:, day]), session))
        surprise = np.where(crash | eve, 0.0, noise + jumps[:, day] / deviation)
        fast = _FAST_MEMORY * fast + _FAST_MOVE * (_LEVERAGE * surprise + np.sqrt(1.0 - _LEVERAGE**2) * own_fast[:, day])
        slow = _SLOW_MEMORY * slow + _SLOW_MOVE * (_LEVERAGE * surprise + np.sqrt(1.0 - _LEVERAGE**2) * own_slow[:, day])
        shock = _SHOCK_MEMORY * shock + np.where(eve, 0.30, 0.0) + np.where(crash, 0.85 * size, 0.0)
        for target, value in zip(
            (year.gap, year.session, year.fast_state, year.slow_state, year.shock_state), (gap, session, fast, slow, shock), strict=True
        ):
            target[:, day] = value
    return year


def _vix_proxy(fast: Array, slow: Array, days: float = 30.0) -> Array:
    market = FACTORS[EQUITY]
    theta = atm_total_variance(np.full_like(fast, days / 365.0), fast, slow, long_run_variance()[EQUITY])
    return np.asarray(100.0 * np.sqrt(fair_variance(theta, market.smile) / (days / 365.0)))


def long_run_variance() -> Array:
    """Variance every factor returns to within months: a little above the usual one, for term structures rise in calm."""
    return np.array([(factor.implied * (1.28 if factor.stress >= 0.8 else 1.03)) ** 2 for factor in FACTORS])


def _acceptable(year: _EquityYear) -> NDArray[np.bool_]:
    """Candidates with the features of a year: what "realistic" means here, stated as numbers."""
    market = FACTORS[EQUITY]
    fast, slow = (market.implied**2 * np.exp(2.0 * state) for state in year.log_volatility())
    vix = _vix_proxy(fast, slow)
    backwardation = np.mean(vix > _vix_proxy(fast, slow, 93.0), axis=1)
    days = np.arange(vix.shape[1])
    shocked = (days >= year.shock_day[:, None] - 1) & (days <= year.shock_day[:, None] + 30)
    calm = np.where(shocked, 0.0, vix)
    annual = np.sum(year.gap + year.session, axis=1)
    level = np.cumsum(year.gap + year.session, axis=1)
    drawdown = np.min(level - np.maximum.accumulate(level, axis=1), axis=1)
    checks = (
        vix.max(axis=1) > 37.0,
        vix.max(axis=1) < 48.0,
        vix.min(axis=1) > 10.8,
        vix.min(axis=1) < 12.6,
        np.mean((vix > 11.5) & (vix < 14.2), axis=1) > 0.25,
        (calm.max(axis=1) > 19.5) & (calm.max(axis=1) < 29.0),
        np.median(vix, axis=1) < 16.5,
        (annual > 0.02) & (annual < 0.24),
        drawdown > -0.13,
        (backwardation > 0.03) & (backwardation < 0.14),
    )
    return np.asarray(np.logical_and.reduce(checks))


def _equity_year(seed: int, year: int, sessions: int, start: tuple[float, float, float]) -> tuple[_EquityYear, int]:
    for attempt in range(_ATTEMPTS):
        candidates = _equity_candidates(np.random.default_rng([seed, year, 1, attempt]), sessions, start)
        accepted = np.flatnonzero(_acceptable(candidates))
        if accepted.size:
            return candidates, int(accepted[0])
    raise RuntimeError(
        f"no path of {year} with the features of a year among {_ATTEMPTS * _CANDIDATES} candidates of seed {seed}: choose another seed"
    )


def simulate_states(calendar: TradingCalendar, seed: int, last_year: int) -> DailyStates:
    """Simulates all sessions from the calendar's first year to `last_year`.

    A year depends on the seed and the years before it only, so a folder of two weeks lies inside the folder of its year.
    """
    parts: list[tuple[Array, ...]] = []
    shocks: list[dt.date] = []
    start = (0.0, 0.0, 0.0)
    own = np.zeros(len(FACTORS))
    for year in sorted({day.year for day in calendar.sessions if day.year <= last_year}):
        days = [day for day in calendar.sessions if day.year == year]
        candidates, chosen = _equity_year(seed, year, len(days), start)
        shocks.append(days[int(candidates.shock_day[chosen])])
        rng = np.random.default_rng([seed, year, 2])
        part, own = _other_factors(rng, candidates, chosen, own)
        parts.append(part)
        start = tuple(float(state[chosen, -1]) for state in (candidates.fast_state, candidates.slow_state, candidates.shock_state))  # type: ignore[assignment]
    gap, session, fast, slow, jitter = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    return DailyStates(gap, session, fast, slow, long_run_variance(), jitter, tuple(shocks))


def _other_factors(rng: np.random.Generator, year: _EquityYear, chosen: int, own: Array) -> tuple[tuple[Array, ...], Array]:
    """Every factor's year given the equity market's."""
    sessions, count = year.gap.shape[1], len(FACTORS)
    implied = np.array([factor.implied for factor in FACTORS])
    realised = np.array([factor.realised for factor in FACTORS])
    drift = np.array([factor.drift for factor in FACTORS]) / 252.0
    stress = np.array([factor.stress for factor in FACTORS])
    own_deviation = np.array([factor.own_deviation for factor in FACTORS])
    leverage = np.array([factor.leverage for factor in FACTORS])
    lower = cholesky()
    now, medium = (state[chosen] for state in year.log_volatility())
    before = np.concatenate([now[:1], now[:-1]])
    noise = rng.standard_normal((sessions, 2, count))
    own_noise = rng.standard_normal((sessions, count))
    gap, session, fast, slow = (np.zeros((sessions, count)) for _ in range(4))
    for day in range(sessions):
        volatility = implied * realised * np.exp(np.minimum(stress * before[day] + own, 1.45)) / np.sqrt(252.0)
        for part, (share, target, market) in enumerate(
            ((OVERNIGHT_SHARE, gap, year.gap), (1.0 - OVERNIGHT_SHARE, session, year.session)),
        ):
            deviation = volatility * np.sqrt(share)
            noise[day, part, EQUITY] = (market[chosen, day] - drift[EQUITY] * share) / deviation[EQUITY]
            noise[day, part, 1:] *= 1.0 + 0.08 * (np.abs(noise[day, part, EQUITY]) > 2.5)
            target[day] = drift * share + deviation * (lower @ noise[day, part])
            target[day, EQUITY] = market[chosen, day]
        surprise = np.clip((gap[day] + session[day]) / volatility, -3.0, 3.0)
        push = np.clip(leverage * volatility, -0.06, 0.06) * surprise
        own = _OWN_MEMORY * own + np.where(stress >= 0.8, 0.0, 0.5 * push) + own_deviation * np.sqrt(1.0 - _OWN_MEMORY**2) * own_noise[day]
        own[EQUITY] = 0.0
        fast[day] = (implied * np.exp(stress * now[day] + own)) ** 2
        slow[day] = (implied * np.exp(stress * medium[day] + 0.6 * own)) ** 2
    jitter = np.exp(0.18 * rng.standard_normal((sessions, 1)) + 0.06 * rng.standard_normal((sessions, count)))
    return (gap, session, fast, slow, jitter), own
