"""Implied volatility: SSVI over a two-factor forward variance, free of static arbitrage by construction.

Gatheral and Jacquier, "Arbitrage-free SVI volatility surfaces" (2014), section 4: with phi(theta) = eta / (theta^gamma (1 + theta)^(1 - gamma)) and
0 < gamma <= 1/2, no butterfly can be bought for less than nothing where theta phi (1 + |rho|) < 4 and theta phi^2 (1 + |rho|) <= 4 at every theta, and
no calendar either while theta grows with time.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from simulator.market.pricing import black_forward

Array = NDArray[np.float64]

_FAST_DECAY = 252.0 / 10.0  # the fast variance forgets in ten sessions
_SLOW_DECAY = 252.0 / 60.0  # the slow one in sixty
_THETA_FLOOR = 1e-12


@dataclass(frozen=True)
class Smile:
    """Shape of one underlying's smile at every maturity.

    Attributes:
        rho: skew, in (-1, 1); negative makes puts dear.
        eta: strength of the smile.
        gamma: how fast it flattens with maturity, in (0, 1/2].
    """

    rho: float
    eta: float
    gamma: float = 0.45

    def __post_init__(self) -> None:
        wings = self.eta * (1.0 + abs(self.rho))
        centre = self.eta**2 * (1.0 + abs(self.rho)) * self._steepest()
        if not (0.0 < self.gamma <= 0.5 and wings < 4.0 and centre <= 4.0):
            raise ValueError(
                f"{self} admits butterfly arbitrage: expected 0 < gamma <= 0.5, eta (1 + |rho|) below 4 (found {wings:.2f}) and the largest "
                f"theta phi^2 (1 + |rho|) at most 4 (found {centre:.2f})"
            )

    def _steepest(self) -> float:
        """Largest theta phi(theta)^2 over all theta, for an eta of one."""
        rest = max(1.0 - 2.0 * self.gamma, 0.0)
        return float(rest**rest / (1.0 + rest) ** (1.0 + rest))

    def total_variance(self, log_moneyness: Array, theta: Array) -> Array:
        """Implied total variance at log(strike / forward), given the at-the-money total variance theta."""
        theta = np.maximum(theta, _THETA_FLOOR)
        curvature = self.eta / (theta**self.gamma * (1.0 + theta) ** (1.0 - self.gamma)) * log_moneyness
        variance: Array = 0.5 * theta * (1.0 + self.rho * curvature + np.sqrt((curvature + self.rho) ** 2 + 1.0 - self.rho**2))
        return variance


def atm_total_variance(years: Array, fast: Array, slow: Array, long_run: float) -> Array:
    """At-the-money total variance after `years` of the variance clock.

    The forward variance `long_run (1 - e^-bt) + slow (e^-bt - e^-at) + fast e^-at` is positive for positive states, so the integral grows with
    time: no calendar arbitrage. `fast` is the variance of now, `slow` what it returns to within weeks, `long_run` within months.
    """
    near = -np.expm1(-_FAST_DECAY * years) / _FAST_DECAY
    far = -np.expm1(-_SLOW_DECAY * years) / _SLOW_DECAY
    variance: Array = long_run * (years - far) + slow * (far - near) + fast * near
    return variance


@lru_cache(maxsize=8)
def _fair_variance_table(smile: Smile) -> tuple[Array, Array]:
    """Ratio of the Cboe strip's variance to theta, over log(theta)."""
    log_theta = np.linspace(np.log(1e-6), np.log(2.0), 120)
    strikes = np.exp(np.linspace(-3.5, 1.5, 4001))
    widths = np.gradient(strikes)
    ratios = []
    for theta in np.exp(log_theta):
        deviation = np.sqrt(smile.total_variance(np.log(strikes), np.full_like(strikes, theta)))
        out_of_the_money = black_forward(np.ones_like(strikes), strikes, deviation, np.where(strikes < 1.0, -1.0, 1.0))
        ratios.append(2.0 * float(np.sum(widths / strikes**2 * out_of_the_money)) / theta)
    return log_theta, np.array(ratios)


def fair_variance(theta: Array, smile: Smile) -> Array:
    """Total variance of Cboe's strip of out-of-the-money options (VIX white paper, without strike truncation) on this smile."""
    log_theta, ratios = _fair_variance_table(smile)
    interpolated: Array = theta * np.interp(np.log(np.maximum(theta, _THETA_FLOOR)), log_theta, ratios)
    return interpolated
