"""What is traded: option contracts, the products they are listed on, and the legs of a structure with what it pays at expiry.

Products are facts of the exchanges and of LEAN's data, not tunables: options on futures exist as data for the listed roots only (rulebook 2.3).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache


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
        return f"{self.root} {self.expiry.isoformat()} {self.right}{self.strike:g}"


class ProductKind(StrEnum):
    """How the underlying trades."""

    EQUITY = "equity"
    INDEX = "index"
    FUTURE = "future"


@dataclass(frozen=True, slots=True)
class Product:
    """An underlying and the root of the options traded on it.

    Attributes:
        ticker: as in the parameters.
        kind: share (or ETF), index or future.
        option_root: root of its options; for an index the afternoon-settled one.
        market: LEAN's market name.
    """

    ticker: str
    kind: ProductKind
    option_root: str
    market: str


class UnsupportedProductError(ValueError):
    """Raised at start for a future whose options do not exist as data. The algorithm does not start."""


_INDEX_ROOTS = {"SPX": "SPXW", "NDX": "NDXP", "RUT": "RUTW", "XSP": "XSP", "VIX": "VIXW"}

_FUTURE_ROOTS = {
    "ES": ("ES", "cme"),
    "NQ": ("NQ", "cme"),
    "CL": ("LO", "nymex"),
    "NG": ("ON", "nymex"),
    "RB": ("OB", "nymex"),
    "HO": ("OH", "nymex"),
    "ZN": ("OZN", "cbot"),
    "ZT": ("OZT", "cbot"),
    "ZB": ("OZB", "cbot"),
    "ZC": ("OZC", "cbot"),
    "ZS": ("OZS", "cbot"),
    "ZW": ("OZW", "cbot"),
    "GC": ("OG", "comex"),
    "SI": ("SO", "comex"),
    "HG": ("HXE", "comex"),
}

_FUTURES_WITHOUT_OPTION_DATA = frozenset(
    [
        "RTY",
        "YM",
        "ZF",
        "MES",
        "MNQ",
        "M2K",
        "MYM",
        "MCL",
        "MGC",
        "SIL",
        "6E",
        "6B",
        "6A",
        "6C",
        "6J",
        "6S",
        "LE",
        "HE",
        "GF",
        "PL",
        "PA",
        "VX",
    ]
)


@cache
def product_of(ticker: str) -> Product:
    """The product behind a ticker: a known index or future, else a share.

    Raises:
        UnsupportedProductError: for a future whose options have no data; the message lists those that do.
    """
    if ticker in _INDEX_ROOTS:
        return Product(ticker, ProductKind.INDEX, _INDEX_ROOTS[ticker], "usa")
    if ticker in _FUTURE_ROOTS:
        root, market = _FUTURE_ROOTS[ticker]
        return Product(ticker, ProductKind.FUTURE, root, market)
    if ticker in _FUTURES_WITHOUT_OPTION_DATA:
        raise UnsupportedProductError(
            f"options on the future {ticker} do not exist as data, expected one of {', '.join(sorted(_FUTURE_ROOTS))}; "
            "take it out of the list of products"
        )
    return Product(ticker, ProductKind.EQUITY, ticker, "usa")


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
