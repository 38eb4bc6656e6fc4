"""What the book would lose if the market moved now: every leg revalued under shocks of spot and implied volatility (rulebook 3.5).

A shock of the index reaches each underlying through its beta. A shock of volatility multiplies each leg's own implied volatility:

    factor(leg) = 1 + (factor at 30 days - 1) * tenor * wing
    tenor = min(cap, (30 / days to expiry) ** power)        wing = 1 / (1 + damping * |ln(K/S)| / (sigma sqrt T))

The power of one half is what the VIX family did in 2011-2025 (`docs/vix.md`): near volatility jumps, far volatility follows. "IV x 2" moves all tenors alike.
American legs are worth the larger of Black's value and exercise. Losses are positive, in dollars; time does not pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.black import FloatArray, black_price, carry
from domain.parameters import parameter

_LOWEST_SPOT_SHARE = 0.02
_DAYS_OF_VIX = 30.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """One shock.

    Attributes:
        name: as reported.
        spot_move: of the S&P 500, as a share (-0.06).
        iv_factor: by which every volatility is multiplied; of 30-day volatility when the shock falls off with tenor.
        vix_target: instead of `iv_factor`: the level the VIX goes to (never less than it is).
        tenor_power: how fast the volatility shock falls off with tenor; 0 for all tenors alike.
        tenor_cap: largest tenor weight, for legs nearer than 30 days.
        wing_damping: how much less far strikes move, per standard deviation.
        spread_factor: by which bid-ask spreads widen; the extra half spread of each leg is part of the loss.
        margin_factor: by which margin requirements rise.
    """

    name: str
    spot_move: float
    iv_factor: float = 1.0
    vix_target: float | None = None
    tenor_power: float = 0.0
    tenor_cap: float = 1.5
    wing_damping: float = 0.0
    spread_factor: float = 1.0
    margin_factor: float = 1.0


@dataclass(frozen=True, slots=True)
class StressParameters:
    """The rulebook's four scenarios (3.5) and how their shocks spread."""

    first_move: float = parameter(-0.06, "S&P 500 move of the first stress", unit="share", low=-0.5, high=0.0, source="3.5")
    first_vix: float = parameter(65.0, "VIX the first stress goes to", unit="points", low=20.0, high=200.0, source="3.5")
    second_move: float = parameter(-0.12, "move of the second stress", unit="share", low=-0.6, high=0.0, source="3.5")
    second_iv: float = parameter(2.0, "volatility factor of the second stress", unit="factor", low=1.0, high=10.0, source="3.5")
    third_move: float = parameter(-0.20, "move of the third stress", unit="share", low=-0.8, high=0.0, source="3.5")
    third_iv: float = parameter(2.5, "volatility factor of the third stress", unit="factor", low=1.0, high=10.0, source="3.5")
    rally_move: float = parameter(0.08, "move of the rally", unit="share", low=0.0, high=0.5, source="3.5")
    rally_iv: float = parameter(0.7, "volatility factor of the rally", unit="factor", low=0.1, high=1.0, source="3.5")
    tenor_power: float = parameter(
        0.5, "fall-off of the VIX shock with tenor, measured on the VIX family", unit="power", low=0.0, high=1.0, source="(P)"
    )
    tenor_cap: float = parameter(1.5, "largest tenor weight of the VIX shock", unit="factor", low=1.0, high=4.0, source="(P)")
    wing_damping: float = parameter(0.1, "fall-off of the VIX shock per standard deviation", unit="share", low=0.0, high=1.0, source="(P)")
    spread_factor: float = parameter(2.0, "widening of spreads in the falling scenarios", unit="factor", low=1.0, high=10.0, source="(P)")
    margin_factor: float = parameter(
        1.3, "rise of margin requirements in the falling scenarios", unit="factor", low=1.0, high=5.0, source="(P)"
    )

    def scenarios(self) -> tuple[Scenario, ...]:
        """The four, in the rulebook's order."""
        falling = {"spread_factor": self.spread_factor, "margin_factor": self.margin_factor}
        spread = {"tenor_power": self.tenor_power, "tenor_cap": self.tenor_cap, "wing_damping": self.wing_damping}
        return (
            Scenario("correction", self.first_move, vix_target=self.first_vix, **spread, **falling),
            Scenario("crash", self.second_move, self.second_iv, **falling),
            Scenario("collapse", self.third_move, self.third_iv, **falling),
            Scenario("rally", self.rally_move, self.rally_iv),
        )


@dataclass(frozen=True, slots=True)
class StressLeg:
    """One holding.

    Attributes:
        structure: id of the structure it belongs to.
        quantity: contracts (or shares), < 0 is short.
        multiplier: dollars per point.
        underlying_price: of exactly what the option follows.
        beta: of the underlying to the S&P 500.
        is_call: None for the underlying itself (shares, a future).
        strike: points; with the three after it unused for the underlying itself.
        years: to the settlement moment.
        volatility: the leg's own, annual decimal; NaN makes the loss of its structure unknown.
        rate: annual, continuous.
        dividend_yield: annual, continuous; unused on futures.
        on_future: whether the option is on a future.
        american: exercise style.
        half_spread: half of the bid-ask spread in points.
    """

    structure: str
    quantity: float
    multiplier: float
    underlying_price: float
    beta: float = 1.0
    is_call: bool | None = None
    strike: float = 1.0
    years: float = 0.0
    volatility: float = 0.0
    rate: float = 0.0
    dividend_yield: float = 0.0
    on_future: bool = False
    american: bool = False
    half_spread: float = 0.0


@dataclass(frozen=True, slots=True)
class StressResult:
    """Losses in dollars, positive when money is lost.

    Attributes:
        structures: ids, in order of first appearance.
        scenarios: names.
        losses: structure x scenario; NaN where a leg's value is unknown.
        totals: of the book, by scenario.
        margins: requirement after the shock, by scenario.
    """

    structures: tuple[str, ...]
    scenarios: tuple[str, ...]
    losses: FloatArray
    totals: FloatArray
    margins: FloatArray

    def worst(self) -> tuple[str, float] | None:
        """Scenario with the largest loss of the book and that loss (negative when every scenario gains); None when any is unknown."""
        if not np.isfinite(self.totals).all() or not self.totals.size:
            return None
        i = int(np.argmax(self.totals))
        return self.scenarios[i], float(self.totals[i])

    def loss_of(self, structure: str, scenario: str) -> float | None:
        """Loss of one structure in one scenario; None when unknown."""
        loss = float(self.losses[self.structures.index(structure), self.scenarios.index(scenario)])
        return loss if np.isfinite(loss) else None


@dataclass(frozen=True, slots=True)
class Book:
    """Legs as columns, so that all of them meet all scenarios in one pass."""

    structures: tuple[str, ...]
    structure_of: NDArray[np.intp]
    numbers: FloatArray
    flags: NDArray[np.bool_]

    @classmethod
    def of(cls, legs: Sequence[StressLeg]) -> Book:
        """Columns of these legs."""
        structures = tuple(dict.fromkeys(leg.structure for leg in legs))
        index = {name: i for i, name in enumerate(structures)}
        rows = [
            (
                leg.quantity * leg.multiplier,
                leg.underlying_price,
                leg.beta,
                leg.strike,
                leg.years,
                leg.volatility,
                leg.rate,
                leg.dividend_yield,
                leg.half_spread,
            )
            for leg in legs
        ]
        flags = [(leg.is_call is None, bool(leg.is_call), leg.on_future, leg.american) for leg in legs]
        return cls(
            structures,
            np.array([index[leg.structure] for leg in legs], dtype=np.intp),
            np.array(rows, dtype=np.float64).reshape(-1, 9).T,
            np.array(flags, dtype=bool).reshape(-1, 4).T,
        )


def stress(book: Book, scenarios: Sequence[Scenario], *, vix: float, margin_dollars: float = 0.0) -> StressResult:
    """Revalue the book under every scenario.

    Args:
        book: from `Book.of`.
        scenarios: shocks.
        vix: now, in points; a scenario with a `vix_target` is relative to it. NaN makes such a scenario unknown.
        margin_dollars: requirement of the book now.
    """
    size, underlying, beta, strike, years, volatility, rate, dividend_yield, half_spread = book.numbers[:, :, None]
    is_spot, is_call, on_future, american = book.flags[:, :, None]
    move, power, cap, damping, spread_factor, margin_factor = np.array(
        [(s.spot_move, s.tenor_power, s.tenor_cap, s.wing_damping, s.spread_factor, s.margin_factor) for s in scenarios]
    ).T.reshape(6, -1)
    at_30_days = np.array([s.iv_factor if s.vix_target is None else np.maximum(1.0, s.vix_target / vix) for s in scenarios])

    with np.errstate(all="ignore"):
        tenor = np.minimum(cap, (_DAYS_OF_VIX / np.maximum(years * 365.0, 1e-3)) ** power)
        deviations = np.abs(np.log(strike / underlying)) / (volatility * np.sqrt(years))
        wing = np.where(damping > 0.0, 1.0 / (1.0 + damping * np.nan_to_num(deviations)), 1.0)
        shocked_volatility = volatility * (1.0 + (at_30_days - 1.0) * tenor * wing)
        shocked = underlying * np.maximum(1.0 + beta * move, _LOWEST_SPOT_SHARE)

        def value(spot: FloatArray, iv: FloatArray) -> FloatArray:
            call, k, future = (np.broadcast_to(array, spot.shape) for array in (is_call, strike, on_future))
            forward, discount, _ = carry(spot, years, rate, dividend_yield, future)
            option = black_price(call, forward, k, iv * np.sqrt(years), np.broadcast_to(discount, spot.shape))
            option = np.where(american, np.maximum(option, np.where(call, spot - k, k - spot)), option)
            return np.where(is_spot, spot, option)

        extra_spread = np.abs(size) * half_spread * (spread_factor - 1.0)
        loss = size * (value(underlying, volatility) - value(shocked, shocked_volatility)) + extra_spread
    losses = np.zeros((len(book.structures), len(scenarios)))
    np.add.at(losses, book.structure_of, loss)
    return StressResult(book.structures, tuple(s.name for s in scenarios), losses, losses.sum(axis=0), margin_dollars * margin_factor)
