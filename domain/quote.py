"""Quotes, what can be bought and sold at and when that was said, and chains, what is listed with yesterday's closing figures."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from domain.contract import Contract, Leg


class Quote(NamedTuple):
    """The last real quote of a contract, in points. A side nobody quotes is None, never zero.

    Attributes:
        bid: best bid, None when there is none.
        ask: best ask, None when there is none.
        at: end of the bar the quote comes from, New York time.
    """

    bid: float | None
    ask: float | None
    at: datetime

    @property
    def is_crossed(self) -> bool:
        """Whether the bid stands above the ask: such a quote is an error of the data."""
        return self.bid is not None and self.ask is not None and self.bid > self.ask

    @property
    def is_two_sided(self) -> bool:
        """Whether both sides are there and in order: the condition for opening anything on it."""
        return self.bid is not None and self.ask is not None and not self.bid > self.ask

    @property
    def mid(self) -> float | None:
        """Middle of a two-sided quote. A missing bid under an ask counts as worthless (0); anything else is unknown."""
        bid, ask = self.bid, self.ask
        if ask is None:
            return None
        if bid is None:
            return ask / 2
        return None if bid > ask else (bid + ask) / 2

    def closing_price(self, quantity: int) -> float | None:
        """Price at which a holding of this sign can be closed now: the bid for a long one, the ask for a short one.

        A long option without a bid is worth nothing to anybody: zero, not unknown. A short one without an ask cannot be bought back: None.
        Engines carry the last bid of an option nobody bids for any more, under which its ask then falls: a crossed quote closes at its worse side.
        """
        bid, ask = self.bid, self.ask
        if bid is not None and ask is not None and bid > ask:
            return ask if quantity > 0 else bid
        if quantity > 0:
            return bid if bid is not None else (0.0 if ask is not None else None)
        return ask


@dataclass(frozen=True, slots=True)
class NetPrice:
    """Price of a whole structure per unit and point, as cash flow to us: credit > 0, debit < 0.

    Attributes:
        natural: what we get when every leg crosses the spread.
        mid: the sum of the legs' middles.
        at: the oldest of the legs' quotes.
    """

    natural: float
    mid: float
    at: datetime


def net_price(legs: Iterable[Leg], quotes: Mapping[str, Quote], *, is_closing: bool = False) -> NetPrice | None:
    """Net price of trading these legs now (a positive ratio is bought, a negative one sold), None if any leg cannot be traded at a known price.

    Nothing is opened on a crossed quote; what has to be closed is closed at its worse side.
    """
    natural = mid = 0.0
    oldest: datetime | None = None
    for leg in legs:
        quote = quotes.get(leg.contract.key)
        if quote is None or (quote.is_crossed and not is_closing):
            return None
        touch = quote.closing_price(-1 if leg.ratio > 0 else 1)
        middle = touch if quote.is_crossed else quote.mid
        if touch is None or middle is None:
            return None
        natural -= leg.ratio * touch
        mid -= leg.ratio * middle
        oldest = quote.at if oldest is None else min(oldest, quote.at)
    return None if oldest is None else NetPrice(natural, mid, oldest)


class ChainRow(NamedTuple):
    """A listed contract with the figures of the last universe file (the previous close, not live).

    Attributes:
        contract: what is listed.
        close: last close in points; None when the file has none.
        implied_volatility: as a decimal; None when the file has none (options on futures never do).
        delta: signed; None when the file has none.
    """

    contract: Contract
    close: float | None = None
    implied_volatility: float | None = None
    delta: float | None = None


@dataclass(frozen=True, slots=True)
class OptionChain:
    """Everything listed on one underlying, as known before today's session.

    Attributes:
        underlying: as in the parameters.
        by_expiry: one row per contract of each listed expiry.
    """

    underlying: str
    by_expiry: Mapping[date, Sequence[ChainRow]]

    @classmethod
    def of(cls, underlying: str, rows: Iterable[ChainRow]) -> "OptionChain":
        """The chain of these rows."""
        by_expiry: dict[date, list[ChainRow]] = {}
        for row in rows:
            by_expiry.setdefault(row.contract.expiry, []).append(row)
        return cls(underlying, by_expiry)

    @property
    def rows(self) -> tuple[ChainRow, ...]:
        """The rows of all expiries; who needs one expiry's asks for that."""
        return tuple(row for rows in self.by_expiry.values() for row in rows)

    def expiries(self, today: date, dte_low: int, dte_high: int) -> list[date]:
        """Listed expiries with days to expiry within the closed band, ascending."""
        return sorted(day for day in self.by_expiry if dte_low <= (day - today).days <= dte_high)


def merged(underlying: str, chains: Iterable[OptionChain]) -> OptionChain:
    """One chain out of several (the chains of every future of a root)."""
    return OptionChain.of(underlying, (row for chain in chains for row in chain.rows))
