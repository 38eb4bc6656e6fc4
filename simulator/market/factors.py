"""Risk factors of the generated market: what each moves like, and with which others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.market.surface import Smile


@dataclass(frozen=True)
class Factor:
    """One source of returns with its own volatility state and smile.

    Attributes:
        name: what it stands for.
        implied: its usual at-the-money volatility.
        realised: share of the implied volatility that returns show; the rest is the option seller's premium.
        drift: expected log return a year.
        stress: how much of the equity market's log-volatility it takes over (1 for the market itself).
        own_deviation: stationary deviation of its own log-volatility.
        leverage: change of log-volatility per unit of log return.
        smile: shape of its implied volatilities.
    """

    name: str
    implied: float
    realised: float
    drift: float
    stress: float
    own_deviation: float
    leverage: float
    smile: Smile


FACTORS = (
    Factor("equity", 0.128, 0.88, 0.055, 1.0, 0.0, -11.0, Smile(rho=-0.72, eta=1.55, gamma=0.38)),
    Factor("growth", 0.175, 0.89, 0.13, 0.92, 0.06, -8.0, Smile(rho=-0.67, eta=1.38, gamma=0.38)),
    Factor("small", 0.190, 0.90, 0.07, 0.85, 0.07, -7.0, Smile(rho=-0.62, eta=1.34, gamma=0.38)),
    Factor("rates", 0.150, 0.92, 0.02, 0.28, 0.16, -0.5, Smile(rho=-0.08, eta=0.70)),
    Factor("gold", 0.145, 0.92, 0.08, 0.28, 0.17, 1.5, Smile(rho=0.12, eta=0.75)),
    Factor("silver", 0.270, 0.94, 0.06, 0.28, 0.17, 1.0, Smile(rho=0.18, eta=0.75)),
    Factor("crude", 0.310, 0.92, 0.02, 0.35, 0.19, -3.0, Smile(rho=-0.22, eta=0.75)),
    Factor("energy", 0.260, 0.92, 0.05, 0.55, 0.14, -4.0, Smile(rho=-0.36, eta=0.80)),
    Factor("corn", 0.260, 0.94, -0.04, 0.08, 0.20, 2.0, Smile(rho=0.30, eta=0.78)),
)
EQUITY = 0
INDEX = {factor.name: position for position, factor in enumerate(FACTORS)}

_CORRELATIONS = {
    ("equity", "growth"): 0.94, ("equity", "small"): 0.84, ("equity", "rates"): -0.08, ("equity", "gold"): 0.08, ("equity", "silver"): 0.22,
    ("equity", "crude"): 0.24, ("equity", "energy"): 0.52, ("equity", "corn"): 0.05, ("growth", "small"): 0.74, ("growth", "rates"): 0.0,
    ("growth", "gold"): 0.08, ("growth", "silver"): 0.20, ("growth", "crude"): 0.15, ("growth", "energy"): 0.36, ("small", "rates"): 0.02,
    ("small", "gold"): 0.08, ("small", "silver"): 0.24, ("small", "crude"): 0.24, ("small", "energy"): 0.56, ("rates", "gold"): 0.32,
    ("rates", "silver"): 0.18, ("rates", "crude"): -0.15, ("rates", "energy"): -0.12, ("gold", "silver"): 0.78, ("gold", "crude"): 0.10,
    ("gold", "energy"): 0.12, ("silver", "crude"): 0.18, ("silver", "energy"): 0.24, ("crude", "energy"): 0.66, ("crude", "corn"): 0.14,
    ("silver", "corn"): 0.08, ("energy", "corn"): 0.10,
}  # fmt: skip


def cholesky() -> NDArray[np.float64]:
    """Lower factor of the correlation matrix; the first row is the equity market alone."""
    matrix = np.eye(len(FACTORS))
    for (first, second), value in _CORRELATIONS.items():
        matrix[INDEX[first], INDEX[second]] = matrix[INDEX[second], INDEX[first]] = value
    return np.asarray(np.linalg.cholesky(matrix))
