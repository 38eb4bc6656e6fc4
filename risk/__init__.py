"""The risk rules: each judges every opening proposal; a closing passes every gate.

Here are the parameters of all of them, the rules in the rulebook's order, and the table of reasons behind `docs/denial_codes.md`.
"""

from collections.abc import Mapping
from typing import Any

from analysis.stress import StressParameters
from analysis.vix_term_structure import VixParameters
from risk import buying_power, circuit_breaker, correlation_manager, defensive_manager, kelly_criterion, phase_manager, portfolio_limits
from risk.pipeline import Denial, RiskRule

VOLATILITY_SECTION = "volatility-regime"
STRESS_SECTION = "stress"

SECTIONS: dict[str, type] = {
    circuit_breaker.SECTION: circuit_breaker.BreakerParameters,
    phase_manager.SECTION: phase_manager.PhaseParameters,
    correlation_manager.SECTION: correlation_manager.CorrelationParameters,
    defensive_manager.SECTION: defensive_manager.DefensiveParameters,
    buying_power.SECTION: buying_power.BuyingPowerParameters,
    portfolio_limits.SECTION: portfolio_limits.PortfolioLimitParameters,
    kelly_criterion.SECTION: kelly_criterion.KellyParameters,
    VOLATILITY_SECTION: VixParameters,
    STRESS_SECTION: StressParameters,
}
"""Parameter dataclass of every section the risk rules read."""

_MODULES = {
    circuit_breaker.TradingStateRule.name: circuit_breaker.DENIALS,
    phase_manager.PhaseRule.name: phase_manager.DENIALS,
    correlation_manager.CorrelationRule.name: correlation_manager.DENIALS,
    defensive_manager.DefensiveRule.name: defensive_manager.DENIALS,
    buying_power.BuyingPowerRule.name: buying_power.DENIALS,
    portfolio_limits.PortfolioLimitsRule.name: portfolio_limits.DENIALS,
    kelly_criterion.SizeRule.name: kelly_criterion.DENIALS,
}

RULE_NAMES: tuple[str, ...] = tuple(_MODULES)
"""Names of all rules in the rulebook's order."""


def default_rules(parameters: Mapping[str, Any]) -> tuple[RiskRule, ...]:
    """All rules in the rulebook's order.

    Args:
        parameters: an instance for every name in `SECTIONS`, as `domain.parameters.read` returns them.
    """
    volatility, stress = parameters[VOLATILITY_SECTION], parameters[STRESS_SECTION]
    phases, margins = parameters[phase_manager.SECTION], parameters[buying_power.SECTION]
    limits = parameters[portfolio_limits.SECTION]
    return (
        circuit_breaker.TradingStateRule(parameters[circuit_breaker.SECTION]),
        phase_manager.PhaseRule(phases),
        correlation_manager.CorrelationRule(parameters[correlation_manager.SECTION], volatility),
        defensive_manager.DefensiveRule(parameters[defensive_manager.SECTION]),
        buying_power.BuyingPowerRule(margins, phases, volatility),
        portfolio_limits.PortfolioLimitsRule(limits, stress, margins),
        kelly_criterion.SizeRule(parameters[kelly_criterion.SECTION], limits, stress),
    )


def denials() -> tuple[tuple[str, Denial], ...]:
    """Every documented reason with the name of its rule, in the rulebook's order."""
    return tuple((rule, denial) for rule, rows in _MODULES.items() for denial in rows)


def denial_codes_page() -> str:
    """The text of `docs/denial_codes.md`."""
    lines = [
        "# Denial codes",
        "",
        "Why a risk rule refuses a proposal or makes it smaller. Generated from the rules; a verdict in the journal carries the code, the rule's name and",
        "the numbers named here. A closing order is never judged. `RULE_FAILED` stands for a rule that took units away without saying why, or raised.",
        "",
        "| rule | code | meaning | numbers | moved by |",
        "|---|---|---|---|---|",
    ]
    for rule, denial in denials():
        cells = (
            rule,
            f"`{denial.code}`",
            denial.meaning,
            *(", ".join(f"`{n}`" for n in names) or "-" for names in (denial.numbers, denial.parameters)),
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"
