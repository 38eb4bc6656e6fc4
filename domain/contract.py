"""One listed option contract, as every engine and every rule sees it."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Right(StrEnum):
    """The right an option gives: to buy (call) or to sell (put)."""

    CALL = "C"
    PUT = "P"


class Style(StrEnum):
    """When an option may be exercised."""

    AMERICAN = "american"
    EUROPEAN = "european"


class Settlement(StrEnum):
    """What the holder of an expiring in-the-money option gets."""

    CASH = "cash"
    PHYSICAL = "physical"


@dataclass(frozen=True, slots=True)
class Contract:
    """A listed option.

    Attributes:
        key: the engine's identity of the contract (LEAN: the security identifier's text); unique, stable over restarts.
        underlying: what is traded, as named in the parameters: "SPX", "SPY", "ES".
        underlying_key: identity of the security whose price the option follows; for an option on a future that one future contract.
        root: the option root: "SPXW", "SPY", "OZB".
        right: call or put.
        strike: in points of the underlying.
        expiry: the day of expiry.
        ends_at: the moment the option stops living, New York time (settlement print, not the next midnight).
        multiplier: dollars per point of premium (100 for shares and indices, the future's point value for options on futures).
        style: American or European.
        settlement: cash or physical.
    """

    key: str
    underlying: str
    underlying_key: str
    root: str
    right: Right
    strike: float
    expiry: date
    ends_at: datetime
    multiplier: float
    style: Style
    settlement: Settlement

    def dte_days(self, today: date) -> int:
        """Calendar days to expiry."""
        return (self.expiry - today).days

    def years_left(self, now: datetime) -> float:
        """Time to the settlement moment in years of 365 days; zero once it has passed."""
        return max(0.0, (self.ends_at - now).total_seconds() / (365.0 * 86400.0))

    def intrinsic(self, spot: float) -> float:
        """Points the option is in the money at this price of the underlying; zero if it is not."""
        return max(0.0, spot - self.strike if self.right is Right.CALL else self.strike - spot)

    def __str__(self) -> str:
        """Readable name: SPXW 2024-01-05 P4700."""
        return f"{self.root} {self.expiry:%Y-%m-%d} {self.right}{self.strike:g}"
