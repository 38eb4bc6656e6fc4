"""What a strategy is: four questions, answered from values, without ever submitting an order.

The cycle asks, in this order: is there an entry today and when (`entry_plan`); which contracts must be quoted by then (`candidates`); what
is to be opened at these quotes (`propose`); and, at each beat, what becomes of an open position (`manage`, and `adjust` once what it
wanted quoted is quoted). Answers are values: proposals, exits, holds, or a `Skip` with a code.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar, Protocol

from domain.contract import Contract
from domain.position import Position
from domain.proposal import Exit, Hold, Proposal, Skip
from domain.views import Calendar, MarketView, PortfolioView


@dataclass(frozen=True, slots=True)
class EntryPlan:
    """When a strategy enters on one day, New York time.

    Attributes:
        prepare_at: the chain is read and candidates are subscribed.
        opens_at: first attempt.
        closes_at: last attempt; after it the day is skipped.
        is_entry_day_moved: whether a holiday moved the day.
    """

    prepare_at: datetime
    opens_at: datetime
    closes_at: datetime
    is_entry_day_moved: bool = False


@dataclass(frozen=True, slots=True)
class Candidates:
    """Contracts a strategy wants quoted before it decides.

    Attributes:
        contracts: to subscribe.
        numbers: figures found while choosing them, for the journal and for `propose`.
        tags: words found while choosing them (chosen product, expiry).
    """

    contracts: tuple[Contract, ...]
    numbers: Mapping[str, float] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Adjust:
    """A wish to change a position once these contracts are quoted; `Strategy.adjust` is asked then."""

    candidates: Candidates
    stop_breaches: int = 0


class Strategy(Protocol):
    """One strategy of the rulebook's section 2.

    Attributes:
        name: name in the registry, the journal and the risk tables.
        underlyings: what must be subscribed for it from the start.
        manages_every_minute: whether its open positions want a beat each minute instead of every fifteen.
    """

    name: ClassVar[str]

    @property
    def underlyings(self) -> tuple[str, ...]:
        """What must be subscribed for it from the start."""
        ...

    @property
    def manages_every_minute(self) -> bool:
        """Whether its open positions want a beat each minute instead of every fifteen."""
        ...

    def entry_plan(self, day: date, calendar: Calendar) -> EntryPlan | Skip:
        """When to enter on `day`, or why not at all."""
        ...

    def candidates(self, market: MarketView, portfolio: PortfolioView, now: datetime) -> Candidates | Skip:
        """Contracts to have quoted for today's entry, chosen from this morning's chain."""
        ...

    def propose(self, candidates: Candidates, market: MarketView, portfolio: PortfolioView, now: datetime) -> Sequence[Proposal | Skip]:
        """What to open at live quotes, or coded reasons for nothing. A `Skip` alone means: ask again until the window is over."""
        ...

    def manage(self, position: Position, market: MarketView, portfolio: PortfolioView, now: datetime) -> Exit | Hold | Adjust:
        """What becomes of one open position at this beat."""
        ...

    def adjust(
        self, position: Position, candidates: Candidates, market: MarketView, portfolio: PortfolioView, now: datetime
    ) -> Proposal | Skip:
        """The change a position wanted, now that its candidates are quoted. The proposal carries the position's campaign id."""
        ...


def campaign_id(strategy: str, underlying: str, now: datetime) -> str:
    """Id of a campaign that starts now: one per strategy, underlying and minute."""
    return f"{strategy}/{underlying}/{now:%Y-%m-%dT%H:%M}"


def proposal_id(strategy: str, underlying: str, now: datetime, what: str) -> str:
    """Id of a proposal: unique per strategy, underlying, minute and what it is for."""
    return f"{strategy}/{underlying}/{now:%Y-%m-%dT%H:%M}/{what}"
