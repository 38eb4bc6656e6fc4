"""What a strategy is: four questions, answered from values, without ever submitting an order.

The cycle asks, in this order: is there an entry today and when (`entry_plan`); which contracts must be quoted by then (`candidates`); what
is to be opened at these quotes (`propose`); and, at each beat, what becomes of an open position (`manage`, and `adjust` once what it
wanted quoted is quoted). Answers are values: proposals, exits, holds, or a `Skip` with a code.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import ClassVar, Protocol, TypeVar

from domain.contract import Contract, Leg, is_defined_risk
from domain.contract import max_loss_points as max_loss_at_expiry
from domain.position import Position
from domain.proposal import Exit, Hold, Proposal, Skip
from domain.quote import NetPrice, Quote
from domain.state import Intent, SkipCode
from domain.views import Calendar, MarketView, PortfolioView

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class EntryPlan:
    """When a strategy enters on one day, New York time.

    Attributes:
        prepare_at: the chain is read and candidates are subscribed.
        opens_at: first attempt.
        closes_at: last attempt; after it the day is skipped.
        is_entry_day_moved: whether a holiday moved the day.
    """

    prepare_at: datetime
    opens_at: datetime
    closes_at: datetime
    is_entry_day_moved: bool = False


@dataclass(frozen=True, slots=True)
class Candidates:
    """Contracts a strategy wants quoted before it decides.

    Attributes:
        contracts: to subscribe.
        numbers: figures found while choosing them, for the journal and for `propose`.
        tags: words found while choosing them (chosen product, expiry).
    """

    contracts: tuple[Contract, ...]
    numbers: Mapping[str, float] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Adjust:
    """A wish to change a position once these contracts are quoted; `Strategy.adjust` is asked then."""

    candidates: Candidates
    stop_breaches: int = 0


class Strategy(Protocol):
    """One strategy of the rulebook's section 2.

    Attributes:
        name: name in the registry, the journal and the risk tables.
        underlyings: what must be subscribed for it from the start.
        manages_every_minute: whether its open positions want a beat each minute instead of every fifteen.
    """

    name: ClassVar[str]

    @property
    def underlyings(self) -> tuple[str, ...]:
        """What must be subscribed for it from the start."""
        ...

    @property
    def ranked_underlyings(self) -> tuple[str, ...]:
        """Underlyings whose at-the-money volatility is to be collected each session, for IV ranks."""
        return ()

    @property
    def manages_every_minute(self) -> bool:
        """Whether its open positions want a beat each minute instead of every fifteen."""
        ...

    @property
    def proposes_alternatives(self) -> bool:
        """Whether its proposals are one choice in order of preference: the first that may be traded is, the others are dropped."""
        return False

    def entry_plan(self, day: date, calendar: Calendar) -> EntryPlan | Skip:
        """When to enter on `day`, or why not at all."""
        ...

    def candidates(self, market: MarketView, portfolio: PortfolioView, now: datetime) -> Candidates | Skip:
        """Contracts to have quoted for today's entry, chosen from this morning's chain."""
        ...

    def propose(self, candidates: Candidates, market: MarketView, portfolio: PortfolioView, now: datetime) -> Sequence[Proposal | Skip]:
        """What to open at live quotes, or coded reasons for nothing. A `Skip` alone means: ask again until the window is over."""
        ...

    def manage(self, position: Position, market: MarketView, portfolio: PortfolioView, now: datetime) -> Exit | Hold | Adjust:
        """What becomes of one open position at this beat."""
        ...

    def adjust(
        self,
        position: Position,
        candidates: Candidates,  # noqa: ARG002  # the default refuses whatever is asked
        market: MarketView,  # noqa: ARG002
        portfolio: PortfolioView,  # noqa: ARG002
        now: datetime,  # noqa: ARG002
    ) -> Proposal | Skip:
        """The change a position wanted, now that its candidates are quoted. The proposal carries the position's campaign id."""
        return Skip(SkipCode.ERROR, detail=f"{self.name} never adjusts; {position.campaign_id} was asked for it")

    def resting_exit(self, position: Position) -> float | None:  # noqa: ARG002  # the default ignores it
        """Net price per unit, as cash flow (a debit to pay < 0), of a profit-taking order that rests while the position is open; None for no such order."""
        return None

    def wants_minute_beats(self, position: Position, now: datetime) -> bool:  # noqa: ARG002  # the default ignores both
        """Whether this position is to be looked at every minute just now; asked at the quarter-hour beats."""
        return self.manages_every_minute


def band_problems(parameters: object, *fields: str) -> list[str]:
    """Targets outside their own bands: each field has a `_low` and a `_high` beside it."""
    problems = []
    for field_name in fields:
        low, target, high = (getattr(parameters, f"{field_name}{end}") for end in ("_low", "", "_high"))
        name = field_name.replace("_", "-")
        if not low <= target <= high:
            problems.append(f"{name} is {target:g}, expected within {name}-low {low:g} and {name}-high {high:g}")
    return problems


def window_problems(entry_time: time, entry_until: time) -> list[str]:
    """A last attempt before the first one."""
    if entry_time > entry_until:
        return [f"entry-until is {entry_until:%H:%M}, expected not before entry-time {entry_time:%H:%M}"]
    return []


class Refusal(Exception):  # noqa: N818  # not an error: a reason for proposing nothing
    """Raised and caught within a strategy, to leave its calculation with a coded reason."""

    def __init__(self, code: SkipCode, numbers: Mapping[str, float] | None = None, detail: str = "") -> None:
        """Keep the reason as the `Skip` it will be."""
        self.skip = Skip(code, dict(numbers or {}), detail)
        super().__init__(code)


def known(value: Answer | None, code: SkipCode, numbers: Mapping[str, float] | None = None, detail: str = "") -> Answer:
    """The value, which must be there.

    Raises:
        Refusal: with this code if it is None.
    """
    if value is None:
        raise Refusal(code, numbers, detail)
    return value


def found(answer: Answer | Skip, numbers: Mapping[str, float] | None = None, detail: str = "") -> Answer:
    """The answer of a selection, which must not be a `Skip`.

    Raises:
        Refusal: with the skip's code, its numbers added to those given.
    """
    if isinstance(answer, Skip):
        raise Refusal(answer.code, {**(numbers or {}), **answer.numbers}, answer.detail or detail)
    return answer


def campaign_id(strategy: str, underlying: str, now: datetime) -> str:
    """Id of a campaign that starts now: one per strategy, underlying and minute."""
    return f"{strategy}/{underlying}/{now:%Y-%m-%dT%H:%M}"


def proposal_id(strategy: str, underlying: str, now: datetime, what: str) -> str:
    """Id of a proposal: unique per strategy, underlying, minute and what it is for."""
    return f"{strategy}/{underlying}/{now:%Y-%m-%dT%H:%M}/{what}"


def opening(
    *,
    strategy: str,
    underlying: str,
    legs: Sequence[Leg],
    units: int,
    price: NetPrice,
    now: datetime,
    loss_at_stop_points: float | None,
    worst_credit: float | None = None,
    numbers: Mapping[str, float],
    tags: Mapping[str, str],
    campaign: str | None = None,
    what: str = "open",
    max_loss_points: float | None = None,
    covered_by: Iterable[Leg] = (),
) -> Proposal:
    """An opening proposal for these legs at this price; it starts a campaign unless one is named.

    Args:
        strategy: name in the registry.
        underlying: as in the parameters.
        legs: per unit.
        units: wanted.
        price: of one unit now.
        now: New York time.
        loss_at_stop_points: planned loss per unit.
        worst_credit: least net cash flow per unit in points it may be opened at; None for no limit but the natural price.
        numbers: what led to it.
        tags: words that stay with the position.
        campaign: the campaign it changes; None starts one.
        what: what it is for, within its minute.
        max_loss_points: largest loss where the payoff at one expiry does not tell it (legs of several expiries).
        covered_by: legs held already that cover these.

    Raises:
        ValueError: if the legs have no multiplier in common: such a structure has no price in points.
    """
    multipliers = {leg.contract.multiplier for leg in legs}
    if len(multipliers) != 1:
        raise ValueError(f"legs of one structure need one multiplier, found {sorted(multipliers)} in {[str(leg.contract) for leg in legs]}")
    multiplier = multipliers.pop()
    worst = max_loss_at_expiry(legs, price.mid) if max_loss_points is None else max_loss_points
    return Proposal(
        id=proposal_id(strategy, underlying, now, what),
        campaign_id=campaign or campaign_id(strategy, underlying, now),
        strategy=strategy,
        intent=Intent.OPEN,
        underlying=underlying,
        legs=tuple(legs),
        units=units,
        credit=price.mid,
        natural_credit=price.natural,
        worst_credit=worst_credit,
        multiplier=multiplier,
        at=now,
        loss_at_stop_dollars=None if loss_at_stop_points is None else loss_at_stop_points * multiplier,
        max_loss_dollars=None if worst is None else worst * multiplier,
        is_defined_risk=is_defined_risk([*legs, *covered_by]),
        numbers=dict(numbers),
        tags=dict(tags),
    )


def todays_quote(contract: Contract, market: MarketView, now: datetime) -> Quote | None:
    """The contract's last quote if it is of today: yesterday's last one, or one the engine seeded, says nothing about now."""
    quote = market.quote(contract)
    return quote if quote is not None and quote.at.date() == now.date() else None


def quotes_of(contracts: Iterable[Contract], market: MarketView, now: datetime) -> dict[str, Quote]:
    """Today's last quotes by contract key; what has none is absent."""
    today, quotes = now.date(), {}
    for contract in contracts:
        quote = market.quote(contract)
        if quote is not None and quote.at.date() == today:
            quotes[contract.key] = quote
    return quotes
