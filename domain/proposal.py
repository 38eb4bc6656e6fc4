"""Proposals: what a strategy wants done, with everything the risk rules need to judge it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from domain.leg import Leg
from domain.state import ExitReason, Intent, SkipCode, Urgency


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One structure to open, or one position (or part of it) to close.

    Attributes:
        id: unique within the journal.
        campaign_id: the campaign it starts or belongs to.
        strategy: name in the registry.
        intent: open or close.
        underlying: what it trades, as in the parameters.
        legs: contracts per unit, signed.
        units: whole structures wanted; risk may reduce an opening, never a closing.
        credit: expected net cash flow per unit in points, at mid (> 0 received, < 0 paid).
        natural_credit: the same when every leg crosses its spread.
        worst_credit: least net cash flow per unit in points it may be opened at; None for no limit but the natural price.
        multiplier: dollars per point of the structure.
        loss_at_stop_dollars: loss per unit when the stop works as planned; None when the structure has no stop.
        max_loss_dollars: largest loss per unit at expiry; None when it has no bound.
        is_defined_risk: whether every short leg is covered.
        exit_reason: why, for a closing; None for an opening.
        urgency: how the order is priced.
        at: when it was made, New York time.
        numbers: what led to it (spot, move, ATR, deltas …), for the journal.
        tags: words that stay with the position (direction, variant).
    """

    id: str
    campaign_id: str
    strategy: str
    intent: Intent
    underlying: str
    legs: tuple[Leg, ...]
    units: int
    credit: float
    natural_credit: float
    multiplier: float
    at: datetime
    loss_at_stop_dollars: float | None = None
    max_loss_dollars: float | None = None
    is_defined_risk: bool = True
    worst_credit: float | None = None
    exit_reason: ExitReason | None = None
    urgency: Urgency = Urgency.WALK
    numbers: Mapping[str, float] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_opening(self) -> bool:
        """Whether it adds risk; everything else passes every gate."""
        return self.intent is Intent.OPEN


@dataclass(frozen=True, slots=True)
class Skip:
    """A coded reason for proposing nothing, with the numbers that led to it."""

    code: SkipCode
    numbers: Mapping[str, float] = field(default_factory=dict)
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Exit:
    """A decision to close a position or some of its legs.

    Attributes:
        reason: why.
        legs: the contracts' keys to close; empty means all of them.
        urgency: how to price the order.
        numbers: what led to it.
    """

    reason: ExitReason
    legs: frozenset[str] = frozenset()
    urgency: Urgency = Urgency.WALK
    numbers: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hold:
    """A decision to keep a position.

    Attributes:
        stop_breaches: beats in a row on which the stop was breached; the next beat sees it again.
        numbers: what was looked at; empty when it could not be priced.
    """

    stop_breaches: int = 0
    numbers: Mapping[str, float] = field(default_factory=dict)
