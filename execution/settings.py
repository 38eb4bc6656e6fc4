"""Every parameter of a run, read in one place from the texts LEAN hands over."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from domain.parameters import effective, fingerprint, parameter, read
from risk import RULE_NAMES
from risk import SECTIONS as RISK_SECTIONS
from risk.circuit_breaker import TradingStateRule
from strategies.registry import REGISTRY, parameter_sections


@dataclass(frozen=True, slots=True)
class RunParameters:
    """The run itself. A live run takes neither dates nor cash from here."""

    start_date: date = parameter(date(2024, 1, 1), "first day", unit="date", low=date(1998, 1, 1), source="rulebook, reference run")
    end_date: date = parameter(date(2025, 1, 1), "last day", unit="date", low=date(1998, 1, 1), source="rulebook, reference run")
    cash: float = parameter(75_000.0, "starting cash", unit="USD", low=1_000.0, high=1e9, source="rulebook, reference run", tunable=True)
    strategies: tuple[str, ...] = parameter(
        tuple(REGISTRY), "strategies that trade", unit="names", choices=tuple(REGISTRY), source="rulebook 2", tunable=True
    )
    disabled_rules: tuple[str, ...] = parameter(
        (),
        "risk rules left out, with the exits that go with them (breakers, 21 days): for ablation studies; never trading_state in a live run",
        unit="names",
        choices=RULE_NAMES,
        source="project",
    )

    def problems(self) -> list[str]:
        """A period must have a first and a last day in this order, and a rule must be left to judge."""
        found = []
        if self.end_date < self.start_date:
            found.append(f"end-date is {self.end_date}, expected {self.start_date} (start-date) or later")
        if set(self.disabled_rules) == set(RULE_NAMES):
            found.append("disabled-rules names every rule, expected at least one left: without any, everything would pass")
        return found

    def live_problems(self) -> list[str]:
        """What is allowed in a study and not with money."""
        if TradingStateRule.name in self.disabled_rules:
            return [f"disabled-rules names {TradingStateRule.name}, which a live run may not go without"]
        return []


@dataclass(frozen=True, slots=True)
class ExecutionParameters:
    """How proposals become orders."""

    entry_steps: int = parameter(
        5,
        "steps from mid to natural price before an entry is given up",
        unit="steps",
        low=0,
        high=30,
        source="design 3.5 (P)",
        tunable=True,
    )
    exit_steps: int = parameter(
        3,
        "steps from mid to natural price of an exit, which then stays at the natural price",
        unit="steps",
        low=0,
        high=30,
        source="design 3.5 (P)",
    )
    entry_patience_minutes: int = parameter(
        30,
        "longest life of an entry order; then it is withdrawn, whatever its step",
        unit="minutes",
        low=1,
        high=390,
        source="design 3.5 (P)",
    )
    max_quote_age_minutes: int = parameter(
        10, "age beyond which a quote is stale: it neither fills nor prices", unit="minutes", low=1, high=120, source="design 4 (P)"
    )
    management_minutes: int = parameter(
        15, "beat of position management", unit="minutes", low=1, high=60, source="design 3.1", tunable=True
    )


SECTIONS: dict[str, type] = {
    "": RunParameters,
    "execution": ExecutionParameters,
    **parameter_sections(),
    **RISK_SECTIONS,
}


@dataclass(frozen=True, slots=True)
class Settings:
    """Instances of every section by name."""

    sections: Mapping[str, Any]

    @property
    def run(self) -> RunParameters:
        """The run's dates, cash and strategies."""
        run: RunParameters = self.sections[""]
        return run

    @property
    def execution(self) -> ExecutionParameters:
        """How proposals become orders."""
        execution: ExecutionParameters = self.sections["execution"]
        return execution

    def effective(self) -> dict[str, str]:
        """Every parameter's text by full key, for the journal."""
        return effective(self.sections)

    def fingerprint(self) -> str:
        """Short hash of the effective parameters."""
        return fingerprint(self.sections)


def read_settings(given: Mapping[str, str]) -> Settings:
    """Settings of a run.

    Raises:
        ParameterError: with every problem found.
    """
    return Settings(read(SECTIONS, given))
