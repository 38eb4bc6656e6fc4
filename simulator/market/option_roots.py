"""The option roots that are listed: their expiries, strikes, ticks and how wide they are quoted."""

from __future__ import annotations

from dataclasses import dataclass

PUT, CALL = -1, 1
BOTH = (PUT, CALL)


@dataclass(frozen=True)
class Zone:
    """A range of strikes that a listing rule wants.

    Attributes:
        rights: PUT, CALL or both.
        low, high: range in log moneyness ("fraction") or in at-the-money standard deviations to expiry ("deviation").
        unit: "fraction" or "deviation".
        step: distance between strikes in price, or in standard deviations (then rounded to the root's ladder).
        step_unit: "price" or "deviation".
    """

    rights: tuple[int, ...]
    low: float
    high: float
    unit: str
    step: float
    step_unit: str


def band(rights: tuple[int, ...], low: float, high: float, step: float) -> Zone:
    """Strikes at a fixed distance within a range of moneyness."""
    return Zone(rights, low, high, "fraction", step, "price")


def spread_out(rights: tuple[int, ...], low: float, high: float, step: float) -> Zone:
    """Strikes spaced by standard deviations, as far out as standard deviations say."""
    return Zone(rights, low, high, "deviation", step, "deviation")


@dataclass(frozen=True)
class ListingRule:
    """Which strikes an expiry lists while its days to expiry are within bounds.

    Attributes:
        cycle: "weekly", "monthly" or "quarterly" expiries.
        least_days, most_days: calendar days to expiry, both included.
        zones: the strikes; an expiry that falls under several rules lists all of theirs, and keeps what it once listed.
    """

    cycle: str
    least_days: int
    most_days: int
    zones: tuple[Zone, ...]


@dataclass(frozen=True)
class OptionRoot:
    """One option root.

    Attributes:
        root: LEAN's option ticker.
        underlying: SPX, a fund or a future.
        kind: LEAN's folder, "option", "indexoption" or "futureoption".
        market: LEAN's market folder.
        american: exercise style.
        rules: what is listed.
        ladder: strike steps on the exchange's grid.
        ticks: (premium up to which the tick holds, tick), ascending.
        width: half spread in volatility points at the money.
        activity: open interest of a contract at the money.
        minute_quotes_on_expiry: whether the series that expires today is quoted every minute.
    """

    root: str
    underlying: str
    kind: str
    market: str
    american: bool
    rules: tuple[ListingRule, ...]
    ladder: tuple[float, ...]
    ticks: tuple[tuple[float, float], ...]
    width: float
    activity: float
    minute_quotes_on_expiry: bool = False


_PENNY = ((float("inf"), 0.01),)
_BUSY = ((3.0, 0.01), (10.0, 0.02), (float("inf"), 0.05))  # pennies are allowed at any price; makers quote dear options more coarsely
_NICKEL = ((3.0, 0.01), (float("inf"), 0.05))
_INDEX = ((3.0, 0.05), (float("inf"), 0.10))


# The windows below hold at any time the expiry a strategy looks for (nearest 90, 120 or 365 days, a week): strikes follow the market there, and what
# was listed stays listed afterwards.
def _strangle_rules() -> tuple[ListingRule, ...]:
    """Monthlies for strangles at 90 days: close strikes where 4 to 10 delta lies, wide ones inside, a few more nearer to expiry."""
    wings = (spread_out((PUT,), -2.15, -1.3, 0.20), spread_out((CALL,), 1.3, 2.15, 0.22))
    inside = (spread_out((PUT,), -1.2, 0.0, 1.0), spread_out((CALL,), 0.0, 1.2, 1.0))
    near = (spread_out((PUT,), -1.4, 0.0, 0.8), spread_out((CALL,), 0.0, 1.4, 0.8))
    return (ListingRule("monthly", 72, 108, wings + inside), ListingRule("monthly", 30, 36, near))


def _fund_rules(reach: float, step: float, leap_step: float) -> tuple[ListingRule, ...]:
    """Weeklies to sell against, puts of a quarter and calls of a year to hold."""
    return (
        ListingRule("weekly", 5, 8, (band(BOTH, -reach, reach, 1.0),)),
        ListingRule("weekly", 5, 9, (band((PUT,), -0.06, 0.06, step),)),
        ListingRule("monthly", 102, 138, (band((PUT,), 0.005, 0.035, step), spread_out(BOTH, -0.25, 0.25, 0.5))),
        ListingRule("quarterly", 319, 411, (spread_out((CALL,), -1.3, -0.65, leap_step), spread_out(BOTH, -0.1, 0.1, 0.3))),
    )


_SPY_RULES = (
    *_fund_rules(0.006, 5.0, 0.16),
    ListingRule("weekly", 0, 1, (band(BOTH, -0.014, 0.014, 1.0),)),
    ListingRule("monthly", 102, 138, (band((PUT,), -0.09, -0.03, 5.0), spread_out((PUT,), -3.0, -1.5, 0.36))),
    ListingRule("monthly", 42, 48, (spread_out((PUT,), -1.5, -0.9, 0.3),)),
    ListingRule("quarterly", 319, 411, (spread_out((PUT,), -1.8, -1.2, 0.08),)),
)
_ES_RULES = (
    ListingRule(
        "monthly", 102, 138, (band((PUT,), -0.09, -0.03, 50.0), spread_out((PUT,), -3.2, -1.5, 0.32), spread_out(BOTH, -0.1, 0.1, 0.4))
    ),
    ListingRule("monthly", 72, 108, (band((CALL,), 0.053, 0.105, 50.0),)),
    ListingRule("monthly", 30, 36, (spread_out((PUT,), -1.4, 0.0, 0.8), spread_out((CALL,), 0.0, 1.4, 0.8))),
)
_SPXW_RULES = (ListingRule("weekly", 0, 1, (spread_out(BOTH, -2.0, 1.9, 0.10), Zone(BOTH, -3.6, 3.2, "deviation", 25.0, "price"))),)

OPTION_ROOTS = (
    OptionRoot(
        "SPXW", "SPX", "indexoption", "usa", False, _SPXW_RULES, (5.0, 10.0, 25.0), _INDEX, 0.06, 2500.0, minute_quotes_on_expiry=True
    ),
    OptionRoot("SPY", "SPY", "option", "usa", True, _SPY_RULES, (1.0, 5.0, 10.0, 20.0), _BUSY, 0.03, 9000.0),
    OptionRoot("QQQ", "QQQ", "option", "usa", True, _fund_rules(0.006, 5.0, 0.18), (1.0, 5.0, 10.0, 20.0), _BUSY, 0.05, 5000.0),
    OptionRoot("IWM", "IWM", "option", "usa", True, _fund_rules(0.009, 2.0, 0.18), (1.0, 2.0, 4.0, 8.0), _BUSY, 0.08, 5000.0),
    OptionRoot("GLD", "GLD", "option", "usa", True, _strangle_rules(), (1.0, 2.0, 4.0, 8.0, 16.0), _NICKEL, 0.15, 2500.0),
    OptionRoot("TLT", "TLT", "option", "usa", True, _strangle_rules(), (0.5, 1.0, 2.0, 4.0, 8.0), _PENNY, 0.12, 4000.0),
    OptionRoot("SLV", "SLV", "option", "usa", True, _strangle_rules(), (0.5, 1.0, 2.0, 4.0), _PENNY, 0.35, 3000.0),
    OptionRoot("XOP", "XOP", "option", "usa", True, _strangle_rules(), (1.0, 2.0, 4.0, 8.0, 16.0), _NICKEL, 0.42, 800.0),
    OptionRoot(
        "ES", "ES", "futureoption", "cme", True, _ES_RULES, (25.0, 50.0, 100.0, 200.0), ((10.0, 0.05), (float("inf"), 0.25)), 0.03, 2500.0
    ),
    OptionRoot("LO", "CL", "futureoption", "nymex", True, _strangle_rules(), (0.5, 1.0, 2.0, 4.0, 8.0), _PENNY, 0.25, 1500.0),
    OptionRoot(
        "OG", "GC", "futureoption", "comex", True, _strangle_rules(), (5.0, 10.0, 25.0, 50.0, 100.0), ((float("inf"), 0.1),), 0.13, 1200.0
    ),
    OptionRoot(
        "OZB", "ZB", "futureoption", "cbot", True, _strangle_rules(), (0.5, 1.0, 2.0, 4.0), ((float("inf"), 1.0 / 64.0),), 0.12, 2000.0
    ),
    OptionRoot(
        "OZC", "ZC", "futureoption", "cbot", True, _strangle_rules(), (0.05, 0.10, 0.20, 0.40), ((float("inf"), 0.00125),), 0.32, 2500.0
    ),
)
