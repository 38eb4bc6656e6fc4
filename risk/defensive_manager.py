"""The 21-day rule: what short premium does in its last three weeks, and what may not be opened because of it (rulebook 3.2).

At 21 days to expiry or fewer, for every structure with a sold option, except those that live there by design (0DTE, the weekly legs of IPMCC) and hedges that were kept:

| profit | threatened (short delta >= 20, or underlying within 2 % of the strike) | decision |
|---|---|---|
| > 0 | any | close |
| any | yes | close |
| <= 0 | no | keep while loss < 1 x credit and short delta < 16 and VIX < 25, all three known; else close |
| any | any | at 14 days close |

A loser is never rolled. The main program asks `defend` for every position at every beat where the strategy's own `manage` held it. A structure that cannot be priced
now is left for the next beat (a closing order needs a price anyway), unless its days are up.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from domain.contract import Contract, Right, Role
from domain.parameters import parameter
from domain.position import Holding, Position
from domain.proposal import DenialCode, Exit, Proposal, Verdict
from domain.state import ExitReason
from domain.views import MarketView, PortfolioView
from risk.pipeline import Denial, allow, deny
from risk.portfolio_limits import live_greeks

SECTION = "defensive"
HEDGES = frozenset({Role.HEDGE_LONG, Role.HEDGE_SHORT})
_SOURCE = "rulebook 3.2 [PDF p9]"


@dataclass(frozen=True, slots=True)
class DefensiveParameters:
    """Days and levels of the rule."""

    dte: int = parameter(
        21, "days to expiry from which the rule applies", unit="calendar days", low=1, high=120, source=_SOURCE, tunable=True
    )
    hard_dte: int = parameter(
        14, "days to expiry at which everything is closed", unit="calendar days", low=0, high=120, source="rulebook 3.2 (P)"
    )
    threat_delta: float = parameter(0.20, "short delta that threatens", unit="absolute delta", low=0.01, high=1.0, source=_SOURCE)
    threat_distance: float = parameter(
        0.02, "distance of the underlying to a short strike that threatens", unit="share of underlying", low=0.0, high=0.5, source=_SOURCE
    )
    keep_loss: float = parameter(
        1.0, "loss below which a loser may be kept", unit="multiples of credit", low=0.0, high=10.0, source="rulebook 3.2 (P)"
    )
    keep_delta: float = parameter(
        0.16, "short delta below which a loser may be kept", unit="absolute delta", low=0.0, high=1.0, source="rulebook 3.2 (P)"
    )
    keep_vix: float = parameter(25.0, "VIX below which a loser may be kept", unit="points", low=5.0, high=200.0, source="rulebook 3.2 (P)")
    exempt: tuple[str, ...] = parameter(
        ("friday_0dte", "ipmcc"), "strategies whose short legs live in their last weeks by design", unit="names", source=_SOURCE
    )

    def problems(self) -> list[str]:
        """The hard day comes after the first one; what is kept is not threatened."""
        found = []
        if self.hard_dte > self.dte:
            found.append(f"hard-dte is {self.hard_dte}, expected at most {self.dte} (dte)")
        if self.keep_delta > self.threat_delta:
            found.append(f"keep-delta is {self.keep_delta:g}, expected at most {self.threat_delta:g} (threat-delta)")
        return found


@dataclass(frozen=True, slots=True)
class _Threat:
    """How near the short strikes are; None where it is unknown."""

    delta: float | None
    distance: float | None

    def numbers(self) -> dict[str, float]:
        """What is known of it."""
        known = {"short_delta": self.delta, "distance_share": self.distance}
        return {name: value for name, value in known.items() if value is not None}


def _distance(contract: Contract, market: MarketView) -> float | None:
    spot = market.underlying_price(contract)
    if spot is None or spot <= 0:
        return None
    room = spot - contract.strike if contract.right is Right.PUT else contract.strike - spot
    return room / spot


def _threat(shorts: list[Holding], market: MarketView, now: datetime) -> _Threat:
    """Largest absolute delta and smallest distance of the short legs; unknown when one of them is."""
    greeks = live_greeks([holding.contract for holding in shorts], market, now)
    deltas = [abs(found.delta) for holding in shorts if (found := greeks.get(holding.contract.key)) is not None]
    distances = [distance for holding in shorts if (distance := _distance(holding.contract, market)) is not None]
    return _Threat(max(deltas) if len(deltas) == len(shorts) else None, min(distances) if len(distances) == len(shorts) else None)


def defend(position: Position, market: MarketView, now: datetime, parameters: DefensiveParameters) -> Exit | None:
    """Whether the 21-day rule closes this position now; None keeps it. Hedges stay, everything else of it goes."""
    if position.strategy in parameters.exempt:
        return None
    shorts = [holding for holding in position.holdings if holding.quantity < 0 and holding.role not in HEDGES]
    if not shorts:
        return None
    dte = min(holding.contract.dte_days(now.date()) for holding in shorts)
    if dte > parameters.dte:
        return None
    quotes = {h.contract.key: quote for h in position.holdings if (quote := market.quote(h.contract)) is not None}
    profit = position.profit_dollars(quotes)
    threat = _threat(shorts, market, now)
    numbers = {"dte_days": float(dte), **({} if profit is None else {"profit_dollars": profit}), **threat.numbers()}
    if dte <= parameters.hard_dte or (profit is not None and profit > 0):
        reason = ExitReason.DTE
    elif _is_threatened(threat, parameters):
        reason = ExitReason.DEFENSIVE
    elif profit is None or _may_be_kept(position, -profit, threat, market.vix_now(), parameters):
        return None
    else:
        reason = ExitReason.DEFENSIVE
    return Exit(reason, _unhedged(position), numbers=numbers)


def _unhedged(position: Position) -> frozenset[str]:
    """Keys of what goes when a hedge stays; empty, which means all, when there is none."""
    kept = {holding.contract.key for holding in position.holdings if holding.role in HEDGES}
    return frozenset(holding.contract.key for holding in position.holdings) - kept if kept else frozenset()


def _is_threatened(threat: _Threat, parameters: DefensiveParameters) -> bool:
    is_near = threat.distance is not None and threat.distance <= parameters.threat_distance
    return is_near or (threat.delta is not None and threat.delta >= parameters.threat_delta)


def _may_be_kept(position: Position, loss: float, threat: _Threat, vix: float | None, parameters: DefensiveParameters) -> bool:
    return (
        loss < parameters.keep_loss * position.entry_credit_dollars
        and threat.delta is not None
        and threat.delta < parameters.keep_delta
        and vix is not None
        and vix < parameters.keep_vix
    )


class DefensiveRule:
    """No entry opens a structure that the 21-day rule would close."""

    name: ClassVar[str] = "defensive"

    def __init__(self, parameters: DefensiveParameters) -> None:
        """Keep the days."""
        self._parameters = parameters

    def judge(self, proposal: Proposal, portfolio: PortfolioView, market: MarketView, now: datetime) -> Verdict:  # noqa: ARG002  the rule's protocol
        """The whole proposal, or nothing when it sells an option that has no more than the rule's days."""
        shorts = [leg.contract.dte_days(now.date()) for leg in proposal.legs if leg.ratio < 0 and leg.role not in HEDGES]
        if proposal.strategy in self._parameters.exempt or not shorts:
            return allow(self.name, proposal)
        numbers: Mapping[str, float] = {"dte_days": float(min(shorts)), "dte_limit": float(self._parameters.dte)}
        if min(shorts) <= self._parameters.dte:
            return deny(self.name, DenialCode.WOULD_DEFEND_TODAY, numbers)
        return allow(self.name, proposal, numbers)


DENIALS = (
    Denial(
        DenialCode.WOULD_DEFEND_TODAY,
        "it sells an option that has no more days left than the 21-day rule leaves, which would close it as soon as it shows a profit",
        ("dte_days", "dte_limit"),
        ("defensive-dte", "defensive-exempt"),
    ),
)
