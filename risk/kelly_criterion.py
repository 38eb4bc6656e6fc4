"""Size of one trade: planned loss at the stop, tail, and a quarter of Kelly (rulebook 3.4).

units = min(quarter Kelly, 2 % of NLV lost at the stop, tail room), rounded down; fewer than one is a refusal. Example: NLV 75,000, a condor that
loses 480 at its stop: 1,500 / 480 = 3 units.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from domain.parameters import parameter
from domain.proposal import Proposal
from domain.verdict import DenialCode, Verdict
from domain.views import MarketView, PortfolioView
from risk.pipeline import Denial, allow, capped, deny, known_net_liquidation_value, tightest

SECTION = "kelly"


@dataclass(frozen=True, slots=True)
class KellyParameters:
    """Shares of the account one trade may lose."""

    risk_per_trade: float = parameter(
        0.02,
        "most one trade may lose at its stop",
        unit="share of NLV",
        low=0.001,
        high=0.5,
        source="rulebook 3.4 [PDF p1, 11], [LAR]",
        tunable=True,
    )
    max_loss_share: float = parameter(
        0.05,
        "most a defined-risk structure may lose at expiry",
        unit="share of NLV",
        low=0.001,
        high=1.0,
        source="rulebook 3.4 [PDF p2] (P)",
    )


class SizeRule:
    """Units by planned loss, tail and Kelly."""

    name: ClassVar[str] = "kelly"

    def __init__(self, parameters: KellyParameters) -> None:
        """Keep the shares."""
        self._parameters = parameters

    def judge(self, proposal: Proposal, portfolio: PortfolioView, market: MarketView, now: datetime) -> Verdict:  # noqa: ARG002  the rule's protocol
        """Units one trade may have."""
        value = known_net_liquidation_value(portfolio)
        if value is None:
            return deny(self.name, DenialCode.NLV_UNKNOWN)
        return tightest(self.name, [self._at_stop(proposal, value), self._tail(proposal, value)])

    def _at_stop(self, proposal: Proposal, value: float) -> Verdict:
        loss = proposal.loss_at_stop_dollars if proposal.loss_at_stop_dollars is not None else proposal.max_loss_dollars
        if loss is None:
            return deny(self.name, DenialCode.LOSS_AT_STOP_UNKNOWN)
        return self._room(proposal, self._parameters.risk_per_trade * value, loss, DenialCode.LOSS_AT_STOP, "stop")

    def _tail(self, proposal: Proposal, value: float) -> Verdict:
        if not proposal.is_defined_risk or proposal.max_loss_dollars is None:
            return deny(self.name, DenialCode.TAIL_UNKNOWN)
        return self._room(proposal, self._parameters.max_loss_share * value, proposal.max_loss_dollars, DenialCode.TAIL_LOSS, "tail")

    def _room(self, proposal: Proposal, budget: float, loss: float, code: DenialCode, what: str) -> Verdict:
        numbers = {f"{what}_loss_dollars": loss, f"{what}_budget_dollars": budget}
        if loss <= 0:
            return allow(self.name, proposal, numbers)
        return capped(self.name, proposal, budget / loss, code, numbers)


DENIALS: tuple[Denial, ...] = ()
