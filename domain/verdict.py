"""Verdicts: what each risk rule says about a proposal."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


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
