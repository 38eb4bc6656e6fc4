"""Contracts, quotes and proposals for tests, by hand."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from domain.contract import Contract, Right, Settlement, Style
from domain.quote import Quote

NEW_YORK = ZoneInfo("America/New_York")


def at(text: str) -> datetime:
    """A New York time: at("2024-01-05 10:30")."""
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK)


def option(right: str, strike: float, expiry: str = "2024-01-05", underlying: str = "SPX", *, multiplier: float = 100.0) -> Contract:
    """A listed option; cash-settled and European on an index, else physical and American."""
    day = date.fromisoformat(expiry)
    is_index = underlying == "SPX"
    return Contract(
        key=f"{underlying} {expiry} {right}{strike:g}",
        underlying=underlying,
        underlying_key=underlying,
        root="SPXW" if is_index else underlying,
        right=Right(right),
        strike=strike,
        expiry=day,
        ends_at=datetime.combine(day, time(16), NEW_YORK),
        multiplier=multiplier,
        style=Style.EUROPEAN if is_index else Style.AMERICAN,
        settlement=Settlement.CASH if is_index else Settlement.PHYSICAL,
    )


def quote(bid: float | None, ask: float | None, when: str = "2024-01-05 10:30") -> Quote:
    """A quote at a New York time."""
    return Quote(bid, ask, at(when))
