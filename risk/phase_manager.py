"""Account phases: what the account is large enough to trade (rulebook 1).

The phase follows the net liquidation value with hysteresis: promotion at the threshold, demotion only a stated share below it, so that a
balance that hovers does not flip every day. Example: 60,000 makes phase 3; 59,000 is still phase 3; 58,799 is phase 2.

The main program calls `advance_phase` once each morning before the open, journals the `PhaseChange` if there is one, keeps the `PhaseState` (its
`to_facts` are what a restart needs) and passes `PhaseState.to_facts()` into `PortfolioView.facts`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from typing import ClassVar

from domain.contract import ProductKind, UnsupportedProductError, product_of
from domain.parameters import parameter
from domain.proposal import DenialCode, Proposal, Verdict
from domain.views import MarketView, PortfolioView
from risk.pipeline import Campaign, Denial, allow, capped, continues_campaign, deny, held_campaigns, known_net_liquidation_value, tightest

SECTION = "phase"
PHASES = 4
PHASE_FACT = "phase"


@dataclass(frozen=True, slots=True)
class PhaseParameters:
    """Thresholds and limits of the four phases; every list has one element a phase."""

    thresholds: tuple[float, ...] = parameter(
        (30_000.0, 40_000.0, 60_000.0, 100_000.0),
        "net liquidation value from which each phase holds",
        unit="account currency",
        low=0.0,
        high=1e9,
        source="rulebook 1 [PDF]",
    )
    hysteresis: float = parameter(
        0.02, "how far below its threshold a phase is lost", unit="share of threshold", low=0.0, high=0.5, source="rulebook 1 (P)"
    )
    positions: tuple[int, ...] = parameter(
        (3, 8, 12, 20), "open positions in total, by phase", unit="positions", low=0, high=200, source="rulebook 1"
    )
    buying_power_ceiling: tuple[float, ...] = parameter(
        (0.50, 0.65, 0.75, 0.80), "most margin in use, by phase", unit="share of NLV", low=0.0, high=1.0, source="rulebook 1 [PDF]"
    )
    friday_0dte_units: tuple[int, ...] = parameter(
        (1, 2, 3, 4), "units of friday_0dte, by phase", unit="contracts per leg", low=0, high=100, source="rulebook 1"
    )
    lt112_future_units: tuple[int, ...] = parameter(
        (0, 0, 1, 3), "units of lt112 on a future, by phase", unit="units", low=0, high=100, source="rulebook 1"
    )
    lt112_share_units: tuple[int, ...] = parameter(
        (0, 2, 6, 10), "units of lt112 on an ETF instead, by phase", unit="units", low=0, high=100, source="rulebook 1"
    )
    futures_strangle_units: tuple[int, ...] = parameter(
        (1, 3, 4, 5), "units of futures_strangle, by phase", unit="units", low=0, high=100, source="rulebook 1"
    )
    ipmcc_units: tuple[int, ...] = parameter((1, 2, 3, 4), "units of ipmcc, by phase", unit="units", low=0, high=100, source="rulebook 1")
    leap_put_ladder_units: tuple[int, ...] = parameter(
        (0, 2, 3, 10), "rungs of leap_put_ladder, by phase", unit="rungs", low=0, high=100, source="rulebook 1"
    )
    crisis_deployment_units: tuple[int, ...] = parameter(
        (1, 2, 3, 6), "units of crisis_deployment, by phase", unit="units", low=0, high=100, source="rulebook 3.3 (P)"
    )

    def problems(self) -> list[str]:
        """Four elements in every list; thresholds rise."""
        lists = {name: getattr(self, name) for name in self.__slots__ if isinstance(getattr(self, name), tuple)}
        found = [
            f"{name.replace('_', '-')} has {len(values)} element(s), expected {PHASES}, one a phase"
            for name, values in lists.items()
            if len(values) != PHASES
        ]
        if any(later <= earlier for earlier, later in zip(self.thresholds, self.thresholds[1:], strict=False)):
            found.append(f"thresholds are {self.thresholds}, expected rising values")
        return found

    def unit_tables(self, strategy: str, kind: ProductKind | None) -> tuple[int, ...] | None:
        """Units by phase of a strategy on this kind of product; None for a strategy without a table."""
        if strategy == "lt112":
            return self.lt112_future_units if kind is ProductKind.FUTURE else self.lt112_share_units
        tables = {
            "friday_0dte": self.friday_0dte_units,
            "futures_strangle": self.futures_strangle_units,
            "ipmcc": self.ipmcc_units,
            "leap_put_ladder": self.leap_put_ladder_units,
            "crisis_deployment": self.crisis_deployment_units,
        }
        return tables.get(strategy)


@dataclass(frozen=True, slots=True)
class PhaseState:
    """The account's phase: 0 (below the first threshold) to 4."""

    phase: int

    def to_facts(self) -> dict[str, float]:
        """What a restart needs and what rules read from `PortfolioView.facts`."""
        return {PHASE_FACT: float(self.phase)}

    @classmethod
    def from_facts(cls, facts: Mapping[str, float]) -> "PhaseState | None":
        """The state kept in these facts; None when they hold none."""
        phase = phase_of(facts)
        return None if phase is None else cls(phase)


@dataclass(frozen=True, slots=True)
class PhaseChange:
    """The account entered another phase; `before` is None on the first day."""

    before: int | None
    after: int
    net_liquidation_value: float


def phase_of(facts: Mapping[str, float]) -> int | None:
    """The phase in a portfolio view's facts; None when it is not there or no phase."""
    value = facts.get(PHASE_FACT)
    return int(value) if value is not None and value in range(PHASES + 1) else None


def by_phase(values: tuple[int, ...] | tuple[float, ...], phase: int) -> float:
    """Element of a list by phase; nothing is allowed in phase 0."""
    return float(values[phase - 1]) if phase > 0 else 0.0


def advance_phase(
    state: PhaseState | None, net_liquidation_value: float, parameters: PhaseParameters
) -> tuple[PhaseState | None, PhaseChange | None]:
    """The phase of this morning, and the change to journal if there is one. To be called once a day before the open.

    A value that is no number changes nothing.
    """
    if not isfinite(net_liquidation_value):
        return state, None
    reached = sum(net_liquidation_value >= threshold for threshold in parameters.thresholds)
    phase = 0 if state is None else state.phase
    while phase > reached and net_liquidation_value < parameters.thresholds[phase - 1] * (1.0 - parameters.hysteresis):
        phase -= 1
    phase = max(phase, reached)
    if state is not None and phase == state.phase:
        return state, None
    return PhaseState(phase), PhaseChange(None if state is None else state.phase, phase, net_liquidation_value)


def kind_of(underlying: str) -> ProductKind | None:
    """Kind of product; None for a future whose options have no data, which nothing may be opened on."""
    try:
        return product_of(underlying).kind
    except UnsupportedProductError:
        return None


class PhaseRule:
    """Entries the phase allows: total open positions, and units of the strategy. Changes of a live campaign take neither."""

    name: ClassVar[str] = "phase"

    def __init__(self, parameters: PhaseParameters) -> None:
        """Keep the tables."""
        self._parameters = parameters

    def judge(self, proposal: Proposal, portfolio: PortfolioView, market: MarketView, now: datetime) -> Verdict:  # noqa: ARG002  the rule's protocol
        """Units left in this phase."""
        phase = phase_of(portfolio.facts)
        if known_net_liquidation_value(portfolio) is None:
            return deny(self.name, DenialCode.NLV_UNKNOWN)
        if phase is None:
            return deny(self.name, DenialCode.PHASE_UNKNOWN)
        numbers = {"phase": float(phase), "net_liquidation_value": portfolio.net_liquidation_value}
        if phase == 0:
            return deny(self.name, DenialCode.BELOW_FIRST_PHASE, {**numbers, "threshold": self._parameters.thresholds[0]})
        if continues_campaign(proposal, portfolio):
            return allow(self.name, proposal, numbers)
        held = tuple(campaign for campaign in held_campaigns(portfolio) if campaign.id != proposal.campaign_id)
        return tightest([self._positions(proposal, held, phase, numbers), self._units(proposal, portfolio, phase, numbers)])

    def _positions(self, proposal: Proposal, held: tuple[Campaign, ...], phase: int, numbers: Mapping[str, float]) -> Verdict:
        limit = by_phase(self._parameters.positions, phase)
        figures = {**numbers, "positions_held": float(len(held)), "positions_limit": limit}
        room = proposal.units if len(held) < limit else 0
        return capped(self.name, proposal, room, DenialCode.PHASE_POSITIONS, figures)

    def _units(self, proposal: Proposal, portfolio: PortfolioView, phase: int, numbers: Mapping[str, float]) -> Verdict:
        kind = kind_of(proposal.underlying)
        table = self._parameters.unit_tables(proposal.strategy, kind)
        if table is None:
            return deny(self.name, DenialCode.UNKNOWN_STRATEGY, numbers)
        limit = by_phase(table, phase)
        same, used_elsewhere = 0, 0.0
        for campaign in held_campaigns(portfolio):
            if campaign.strategy != proposal.strategy:
                continue
            other_table = self._parameters.unit_tables(campaign.strategy, kind_of(campaign.underlying))
            if other_table == table:
                same += campaign.units
            elif other_table is not None:
                other_limit = by_phase(other_table, phase)
                used_elsewhere += campaign.units / other_limit if other_limit else 1.0
        room = limit * max(0.0, 1.0 - used_elsewhere) - same
        figures = {**numbers, "units_held": float(same), "units_limit": limit, "share_used_by_alternative": used_elsewhere}
        return capped(self.name, proposal, room, DenialCode.PHASE_UNITS, figures)


DENIALS = (
    Denial(DenialCode.NLV_UNKNOWN, "the account's value is not a positive number"),
    Denial(DenialCode.PHASE_UNKNOWN, "the phase was not determined this morning"),
    Denial(
        DenialCode.BELOW_FIRST_PHASE,
        "the account is below the first phase: no entries, exits go on",
        ("phase", "net_liquidation_value", "threshold"),
        ("phase-thresholds", "phase-hysteresis"),
    ),
    Denial(
        DenialCode.PHASE_POSITIONS,
        "as many positions are open as the phase allows",
        ("phase", "positions_held", "positions_limit"),
        ("phase-positions",),
    ),
    Denial(
        DenialCode.PHASE_UNITS,
        "the strategy's units of the phase are used, on its future and its ETF together",
        ("phase", "units_held", "units_limit", "share_used_by_alternative"),
        (
            "phase-friday-0dte-units",
            "phase-lt112-future-units",
            "phase-lt112-share-units",
            "phase-futures-strangle-units",
            "phase-ipmcc-units",
            "phase-leap-put-ladder-units",
            "phase-crisis-deployment-units",
        ),
    ),
    Denial(DenialCode.UNKNOWN_STRATEGY, "the strategy has no table of units", ("phase",)),
)
