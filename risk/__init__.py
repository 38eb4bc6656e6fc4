"""The risk rules: each judges every opening proposal; a closing passes every gate."""

from collections.abc import Mapping
from typing import Any

from risk import circuit_breaker, kelly_criterion, phase_manager
from risk.circuit_breaker import BreakerParameters, TradingStateRule
from risk.kelly_criterion import KellyParameters, SizeRule
from risk.phase_manager import PhaseParameters, PhaseRule
from risk.pipeline import RiskRule

SECTIONS: dict[str, type] = {
    circuit_breaker.SECTION: BreakerParameters,
    phase_manager.SECTION: PhaseParameters,
    kelly_criterion.SECTION: KellyParameters,
}
"""Parameter dataclass of every section of the risk rules."""


def default_rules(parameters: Mapping[str, Any]) -> tuple[RiskRule, ...]:
    """All rules in the rulebook's order.

    Args:
        parameters: an instance for every name in `SECTIONS`, as `domain.parameters.read` returns them.
    """
    return (
        TradingStateRule(parameters[circuit_breaker.SECTION]),
        PhaseRule(parameters[phase_manager.SECTION]),
        SizeRule(parameters[kelly_criterion.SECTION]),
    )
