"""The risk pipeline: every rule judges every proposal, all verdicts are kept, the smallest size wins, a closing passes.

Order of the rules (rulebook 3): trading state, phase, correlation, defensive, buying power by VIX, Greeks and stress, Kelly and
per-trade risk. The order matters for the reader of the journal only: verdicts do not depend on one another.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from domain.proposal import Proposal
from domain.verdict import Decision, DenialCode, Verdict
from domain.views import MarketView, PortfolioView


class RiskRule(Protocol):
    """A pure judgement of one proposal. It does not log, plot, read the clock or call the engine."""

    @property
    def name(self) -> str:
        """Name in the journal."""
        ...

    def judge(self, proposal: Proposal, portfolio: PortfolioView, market: MarketView, now: datetime) -> Verdict:
        """How many units of an opening proposal this rule allows, and why not more."""
        ...


class Pipeline:
    """Runs all rules on a proposal. Adding a rule can never allow more."""

    def __init__(self, rules: Sequence[RiskRule]) -> None:
        """Take the rules in the order the journal shows them.

        Raises:
            ValueError: if two rules carry one name, or there is none: an empty pipeline would let everything through.
        """
        names = [rule.name for rule in rules]
        if not names or len(set(names)) != len(names):
            raise ValueError(f"a pipeline needs rules with distinct names, was {names}")
        self._rules = tuple(rules)

    @property
    def rule_names(self) -> tuple[str, ...]:
        """Names of the rules in order."""
        return tuple(rule.name for rule in self._rules)

    def judge(self, proposal: Proposal, portfolio: PortfolioView, market: MarketView, now: datetime) -> Decision:
        """Verdicts of all rules. A closing proposal is decided at its own size without asking any."""
        if not proposal.is_opening:
            return Decision(proposal.id, proposal.units, ())
        verdicts = tuple(self._bounded(rule.judge(proposal, portfolio, market, now), proposal) for rule in self._rules)
        return Decision(proposal.id, min(verdict.units for verdict in verdicts), verdicts)

    @staticmethod
    def _bounded(verdict: Verdict, proposal: Proposal) -> Verdict:
        """A verdict never adds to what was proposed, and never loses its code when it takes away."""
        units = max(0, min(verdict.units, proposal.units))
        code = verdict.code
        if units < proposal.units and code is None:
            code = DenialCode.RULE_FAILED
        return verdict if (units, code) == (verdict.units, verdict.code) else Verdict(verdict.rule, units, code, verdict.numbers)
