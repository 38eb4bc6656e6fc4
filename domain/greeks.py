"""Greeks of an option, a leg or a whole book, as one value that adds and scales.

Units are those of `docs/greeks.md`: per unit of underlying until somebody multiplies by quantity and contract multiplier, which
is done in exactly one place, `analysis.greeks_calculator.position_greeks`. A missing Greek is no `Greeks` at all (``None``), never a zero.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Greeks:
    """First-order sensitivities and gamma; signed from the holder's side, so that a short leg is ``-1 * greeks``.

    Attributes:
        delta: value change per +1.00 in the underlying (calls 0..1, puts -1..0 for one long option).
        gamma: delta change per +1.00 in the underlying.
        theta_per_day: value change per calendar day that passes (365 a year); negative for most long options.
        vega_per_vol_point: value change per +1 volatility point (0.20 -> 0.21).
        rho_per_point: value change per +1 percentage point in the interest rate (0.04 -> 0.05).
    """

    delta: float = 0.0
    gamma: float = 0.0
    theta_per_day: float = 0.0
    vega_per_vol_point: float = 0.0
    rho_per_point: float = 0.0

    def __add__(self, other: Greeks) -> Greeks:
        return Greeks(
            self.delta + other.delta,
            self.gamma + other.gamma,
            self.theta_per_day + other.theta_per_day,
            self.vega_per_vol_point + other.vega_per_vol_point,
            self.rho_per_point + other.rho_per_point,
        )

    def __neg__(self) -> Greeks:
        return self * -1.0

    def __sub__(self, other: Greeks) -> Greeks:
        return self + -other

    def __mul__(self, factor: float) -> Greeks:
        return Greeks(
            self.delta * factor,
            self.gamma * factor,
            self.theta_per_day * factor,
            self.vega_per_vol_point * factor,
            self.rho_per_point * factor,
        )

    __rmul__ = __mul__

    @property
    def is_finite(self) -> bool:
        """Whether every Greek is a number; a failed solve makes NaN, and NaN must not reach a decision."""
        return all(math.isfinite(x) for x in (self.delta, self.gamma, self.theta_per_day, self.vega_per_vol_point, self.rho_per_point))

    @staticmethod
    def total(parts: Iterable[Greeks]) -> Greeks:
        """Sum of `parts`; of none, the neutral element (an empty book has no exposure)."""
        return sum(parts, Greeks())
