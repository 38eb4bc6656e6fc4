"""Proposals, what a strategy wants done, and verdicts, what each risk rule says about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.contract import Leg
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


class DenialCode(StrEnum):
    """Why a rule refuses or shrinks a proposal. `docs/denial_codes.md` says which numbers each carries and which parameter moves it."""

    NOT_ACTIVE = "NOT_ACTIVE"
    STRATEGY_PAUSED = "STRATEGY_PAUSED"
    UNDERLYING_PAUSED = "UNDERLYING_PAUSED"
    SESSION_STOPPED = "SESSION_STOPPED"
    SIZE_HALVED = "SIZE_HALVED"
    BELOW_FIRST_PHASE = "BELOW_FIRST_PHASE"
    PHASE_POSITIONS = "PHASE_POSITIONS"
    PHASE_UNITS = "PHASE_UNITS"
    PHASE_UNKNOWN = "PHASE_UNKNOWN"
    UNKNOWN_GROUP = "UNKNOWN_GROUP"
    GROUP_FULL = "GROUP_FULL"
    EQUITY_GROUPS_FULL = "EQUITY_GROUPS_FULL"
    EXPIRY_TAKEN = "EXPIRY_TAKEN"
    EXPIRY_MONTH_FULL = "EXPIRY_MONTH_FULL"
    MEASURED_CORRELATION = "MEASURED_CORRELATION"
    WOULD_DEFEND_TODAY = "WOULD_DEFEND_TODAY"
    NO_VIX = "NO_VIX"
    CRISIS_SHORT_PUTS_ONLY = "CRISIS_SHORT_PUTS_ONLY"
    BACKWARDATION = "BACKWARDATION"
    VIX_SPIKE = "VIX_SPIKE"
    BUYING_POWER = "BUYING_POWER"
    STRATEGY_SHARE = "STRATEGY_SHARE"
    MARGIN_UNKNOWN = "MARGIN_UNKNOWN"
    CRISIS_DEPLOYMENT = "CRISIS_DEPLOYMENT"
    BETA_DELTA = "BETA_DELTA"
    STRESS_LOSS = "STRESS_LOSS"
    STRESS_MARGIN = "STRESS_MARGIN"
    GREEKS_UNKNOWN = "GREEKS_UNKNOWN"
    KELLY_NOT_POSITIVE = "KELLY_NOT_POSITIVE"
    KELLY_SIZE = "KELLY_SIZE"
    LOSS_AT_STOP = "LOSS_AT_STOP"
    LOSS_AT_STOP_UNKNOWN = "LOSS_AT_STOP_UNKNOWN"
    TAIL_LOSS = "TAIL_LOSS"
    TAIL_UNKNOWN = "TAIL_UNKNOWN"
    NLV_UNKNOWN = "NLV_UNKNOWN"
    STATE_UNKNOWN = "STATE_UNKNOWN"
    UNKNOWN_STRATEGY = "UNKNOWN_STRATEGY"
    CORRELATION_UNKNOWN = "CORRELATION_UNKNOWN"
    BETA_UNKNOWN = "BETA_UNKNOWN"
    STRESS_UNKNOWN = "STRESS_UNKNOWN"
    RULE_FAILED = "RULE_FAILED"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one rule allows.

    Attributes:
        rule: name of the rule.
        units: whole units allowed: the proposal's own number is allow, fewer is reduce, zero is deny.
        code: why fewer; None when nothing was taken away.
        numbers: the figures that led to it, in the units their names say.
        size_factor: what the size that passes every rule is multiplied by, rounded down; 1 leaves it.
    """

    rule: str
    units: int
    code: DenialCode | None = None
    numbers: Mapping[str, float] = field(default_factory=dict)
    size_factor: float = 1.0


@dataclass(frozen=True, slots=True)
class Decision:
    """All verdicts on one proposal, and the size that passes them all.

    Attributes:
        proposal_id: which proposal.
        units: the smallest number any rule allows, times the smallest size factor, rounded down; zero means refused.
        verdicts: one per rule, in pipeline order.
    """

    proposal_id: str
    units: int
    verdicts: tuple[Verdict, ...]

    @property
    def is_refused(self) -> bool:
        """Whether nothing may be traded."""
        return self.units < 1

    @property
    def codes(self) -> tuple[DenialCode, ...]:
        """Codes of every rule that took something away."""
        return tuple(verdict.code for verdict in self.verdicts if verdict.code is not None)
