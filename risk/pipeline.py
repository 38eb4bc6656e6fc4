"""The risk pipeline: every rule judges every proposal, all verdicts are kept, the smallest size wins, a closing passes.

Order of the rules (rulebook 3): trading state, phase, correlation, defensive, buying power by VIX, Greeks and stress, Kelly and
per-trade risk. The order matters for the reader of the journal only: verdicts do not depend on one another.

What rules share is here too: how a verdict is made from the room a limit leaves, and what counts as held.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from math import floor, isfinite
from typing import Protocol

from domain.contract import Leg
from domain.position import Position
from domain.proposal import Decision, DenialCode, Proposal, Verdict
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
        smallest = min(verdict.units for verdict in verdicts)
        return Decision(proposal.id, floor(smallest * min(verdict.size_factor for verdict in verdicts)), verdicts)

    @staticmethod
    def _bounded(verdict: Verdict, proposal: Proposal) -> Verdict:
        """A verdict never adds to what was proposed, and never loses its code when it takes away."""
        units = max(0, min(verdict.units, proposal.units))
        code = verdict.code
        if units < proposal.units and code is None:
            code = DenialCode.RULE_FAILED
        return replace(verdict, units=units, code=code, size_factor=max(0.0, min(1.0, verdict.size_factor)))


@dataclass(frozen=True, slots=True)
class Denial:
    """One documented reason of a rule to take units away; the rows of `docs/denial_codes.md`.

    Attributes:
        code: as in the verdict.
        meaning: one line for the reader.
        numbers: names of the figures every verdict with this code carries.
        parameters: full keys of the parameters that move it.
    """

    code: DenialCode
    meaning: str
    numbers: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()


def allow(rule: str, proposal: Proposal, numbers: Mapping[str, float] | None = None) -> Verdict:
    """The whole proposal."""
    return Verdict(rule, proposal.units, None, numbers or {})


def deny(rule: str, code: DenialCode, numbers: Mapping[str, float] | None = None) -> Verdict:
    """Nothing of it."""
    return Verdict(rule, 0, code, numbers or {})


def capped(rule: str, proposal: Proposal, room: float, code: DenialCode, numbers: Mapping[str, float]) -> Verdict:
    """As many whole units as the room allows; the code is set only when that is fewer than proposed. A room that is no number is none."""
    units = max(0, min(proposal.units, floor(room))) if isfinite(room) else (proposal.units if room > 0 else 0)
    return Verdict(rule, units, code if units < proposal.units else None, numbers)


def largest_units(proposed: int, fits: Callable[[int], bool]) -> int:
    """The largest number of units up to the proposed at which this and every smaller number fit: what another rule reduces to, fits as well."""
    units = 0
    while units < proposed and fits(units + 1):
        units += 1
    return units


def tightest(verdicts: Sequence[Verdict]) -> Verdict:
    """One verdict out of several checks of one rule: the smallest size and its code, the figures of all. Among equals a check with a code speaks."""
    smallest = min(verdicts, key=lambda verdict: (verdict.units, verdict.code is None))
    figures = {name: number for verdict in verdicts for name, number in verdict.numbers.items()}
    factor = min(verdict.size_factor for verdict in verdicts)
    return Verdict(smallest.rule, smallest.units, smallest.code, {**figures, **smallest.numbers}, factor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """A campaign as rules count it: held, or on its way with its opening order still working.

    Attributes:
        id: campaign id.
        strategy: name in the registry.
        underlying: as in the parameters.
        units: whole structures.
        legs: contracts held in total (`ratio` is the signed number of contracts).
        opened_on: day of the first fill or of the proposal.
        share_quantity: shares (a future counts one) held from assignment.
    """

    id: str
    strategy: str
    underlying: str
    units: int
    legs: tuple[Leg, ...]
    opened_on: date
    share_quantity: int = 0


def campaign_of(position: Position) -> Campaign:
    """A position as rules count it."""
    return Campaign(
        id=position.campaign_id,
        strategy=position.strategy,
        underlying=position.underlying,
        units=position.units,
        legs=tuple(Leg(holding.contract, holding.quantity, holding.role) for holding in position.holdings),
        opened_on=position.opened_at.date(),
        share_quantity=position.share_quantity,
    )


def held_campaigns(portfolio: PortfolioView) -> tuple[Campaign, ...]:
    """Everything that counts as held: live positions, then opening orders still working, merged by campaign id.

    A working order of a live campaign adds its legs and no units: it is a roll or the next short leg.
    """
    found = {position.campaign_id: campaign_of(position) for position in portfolio.positions}
    live = frozenset(found)
    for proposal in portfolio.pending:
        if not proposal.is_opening:
            continue
        legs = total_legs(proposal, proposal.units)
        known = found.get(proposal.campaign_id)
        if known is None:
            found[proposal.campaign_id] = Campaign(
                id=proposal.campaign_id,
                strategy=proposal.strategy,
                underlying=proposal.underlying,
                units=proposal.units,
                legs=legs,
                opened_on=proposal.at.date(),
            )
        else:
            more = 0 if known.id in live else proposal.units
            found[known.id] = replace(known, legs=known.legs + legs, units=known.units + more)
    return tuple(found.values())


def total_legs(proposal: Proposal, units: int) -> tuple[Leg, ...]:
    """The legs of this many units of a proposal, with contracts in total as ratio."""
    return tuple(replace(leg, ratio=leg.ratio * units) for leg in proposal.legs)


def continues_campaign(proposal: Proposal, portfolio: PortfolioView) -> bool:
    """Whether the proposal belongs to a live campaign (a roll, the next short leg) and so takes no further slot, position or unit."""
    return any(position.campaign_id == proposal.campaign_id for position in portfolio.positions)


def known_net_liquidation_value(portfolio: PortfolioView) -> float | None:
    """The account's value where it is a positive number: the base of every share; None otherwise."""
    value = portfolio.net_liquidation_value
    return value if isfinite(value) and value > 0 else None
