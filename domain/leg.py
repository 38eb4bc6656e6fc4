"""Legs: the parts of a structure, and what the structure pays at expiry."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.contract import Contract, Right


class Role(StrEnum):
    """What a leg is for; management treats roles apart (the naked puts of an LT112, its hedge)."""

    SHORT_PUT = "short_put"
    LONG_PUT = "long_put"
    SHORT_CALL = "short_call"
    LONG_CALL = "long_call"
    NAKED_PUT = "naked_put"
    NAKED_CALL = "naked_call"
    HEDGE_LONG = "hedge_long"
    HEDGE_SHORT = "hedge_short"


@dataclass(frozen=True, slots=True)
class Leg:
    """One contract within a unit of a structure.

    Attributes:
        contract: what is traded.
        ratio: contracts per unit; > 0 is bought, < 0 is sold.
        role: what the leg is for.
    """

    contract: Contract
    ratio: int
    role: Role

    def reversed(self) -> "Leg":
        """The leg that undoes this one."""
        return Leg(self.contract, -self.ratio, self.role)


def payoff_points(legs: Sequence[Leg], spot: float) -> float:
    """Value in points of one unit held to a common expiry with the underlying at this price."""
    return sum(leg.ratio * leg.contract.intrinsic(spot) for leg in legs)


def max_loss_points(legs: Sequence[Leg], credit: float) -> float | None:
    """Largest loss of one unit at a common expiry, in points, after the credit received (a debit is negative).

    None when the loss has no bound above (more calls sold than bought) or when the legs expire on different days. The loss of
    uncovered puts ends at a price of zero and is returned as the number it is.
    """
    if len({leg.contract.expiry for leg in legs}) != 1:
        return None
    if sum(leg.ratio for leg in legs if leg.contract.right is Right.CALL) < 0:
        return None
    corners = {0.0, *(leg.contract.strike for leg in legs)}
    worst = min(payoff_points(legs, spot) for spot in corners)
    return max(0.0, -(worst + credit))


def is_defined_risk(legs: Sequence[Leg]) -> bool:
    """Whether every short option is covered by a long one of the same right and no earlier expiry (a spread, condor, calendar)."""
    for right in Right:
        side = [leg for leg in legs if leg.contract.right is right]
        if sum(leg.ratio for leg in side) < 0:
            return False
        shorts = sorted((leg for leg in side if leg.ratio < 0), key=lambda leg: leg.contract.expiry, reverse=True)
        for short in shorts:
            cover = sum(leg.ratio for leg in side if leg.ratio > 0 and leg.contract.expiry >= short.contract.expiry)
            needed = -sum(leg.ratio for leg in shorts if leg.contract.expiry >= short.contract.expiry)
            if cover < needed:
                return False
    return True
