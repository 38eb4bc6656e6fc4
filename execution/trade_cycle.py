"""Entries: prepare, propose, judge, submit (design 3, steps 1-5), and the beat that drives everything within a session.

The cycle owns no rule and no price: it asks the strategies, the risk pipeline and the router in this order and writes down what they say.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from domain.proposal import Proposal, Skip
from domain.state import SkipCode
from execution.account import Account
from execution.instruments import Instruments
from execution.position_management import Isolation
from execution.market_view import LeanMarketView
from execution.order_router import OrderRouter, WorkingOrder
from execution.position_management import PositionManagement
from reporting.performance_tracker import Journal, Kind
from risk.pipeline import Pipeline
from strategies.base import Candidates, EntryPlan, Strategy

ONE_MINUTE = timedelta(minutes=1)


@dataclass(slots=True)
class Attempt:
    """An entry under way: today's of a strategy, or a change that a position wants.

    Attributes:
        strategy: whose.
        opens_at: first minute it is tried.
        closes_at: last minute it is tried.
        candidates: what is quoted for it.
        campaign_id: the position to change; None for an entry.
        last_skip: last coded reason.
        told: reasons the journal has already; the wishes of one position share them for the day.
        settled: underlyings that were traded or refused; they are not asked for again.
        quoted_at: the newest quote of a candidate when it was last tried; None before, and after an order came back unfilled.
    """

    strategy: Strategy
    opens_at: datetime
    closes_at: datetime
    candidates: Candidates
    campaign_id: str | None = None
    last_skip: Skip | None = None
    told: set[tuple[str, str]] = field(default_factory=set)
    settled: set[str] = field(default_factory=set)
    quoted_at: datetime | None = None


class TradeCycle:
    """Plans the day, tries the entries and beats. Times come from the market view; `at` schedules a callback at a New York time."""

    def __init__(
        self,
        strategies: Mapping[str, Strategy],
        pipeline: Pipeline,
        market: LeanMarketView,
        instruments: Instruments,
        account: Account,
        router: OrderRouter,
        management: PositionManagement,
        journal: Journal,
        isolation: Isolation,
        at: Callable[[datetime, Callable[[], object]], None],
        wish_life: timedelta,
    ) -> None:
        """Keep the parts; `wish_life` is the span between management beats: a position's wish for a change lives until the next renews it."""
        self._wish_life = wish_life
        self._strategies, self._pipeline, self._market, self._instruments = strategies, pipeline, market, instruments
        self._account, self._router, self._management = account, router, management
        self._journal, self._isolation, self._at = journal, isolation, at
        self._attempts: list[Attempt] = []
        self._last_beat: datetime | None = None
        self._refused_until: dict[str, datetime] = {}
        self._told_today: dict[str, set[tuple[str, str]]] = {}

    def plan_day(self) -> None:
        """Ask every strategy for today's entry and schedule it; call once before each session."""
        now = self._market.now
        self._attempts.clear()
        self._refused_until.clear()
        self._told_today.clear()
        if self._market.session(now.date()) is None:
            return
        for name, strategy in self._strategies.items():
            self._isolation.run("plan", name, partial(self._plan, strategy, now))

    def _plan(self, strategy: Strategy, now: datetime) -> None:
        plan = strategy.entry_plan(now.date(), self._market)
        if isinstance(plan, Skip):
            if plan.code is not SkipCode.NOT_ENTRY_DAY:
                self._record_skip(strategy.name, plan, None)
            return
        self._journal.record(
            Kind.PLAN, now, strategy=strategy.name, opens_at=plan.opens_at, closes_at=plan.closes_at, is_moved=plan.is_entry_day_moved
        )
        self._at(plan.prepare_at, partial(self._isolation.run, "prepare", strategy.name, partial(self._prepare, strategy, plan)))

    def _prepare(self, strategy: Strategy, plan: EntryPlan) -> None:
        chosen = strategy.candidates(self._market, self._account.view(), self._market.now)
        if isinstance(chosen, Skip):
            self._record_skip(strategy.name, chosen, None)
            return
        self._start(Attempt(strategy, plan.opens_at, plan.closes_at, chosen))
        self._at(plan.opens_at, self.beat)

    def _start(self, attempt: Attempt) -> None:
        self._instruments.subscribe(attempt.candidates.contracts)
        self._journal.record(
            Kind.CANDIDATES,
            self._market.now,
            strategy=attempt.strategy.name,
            campaign=attempt.campaign_id,
            contracts=attempt.candidates.contracts,
            numbers=attempt.candidates.numbers,
            tags=attempt.candidates.tags,
        )
        self._attempts.append(attempt)

    def beat(self) -> None:
        """Walk every order, manage every position, try every open entry; call at the management beat and whenever an entry opens.

        While anything wants to be looked at each minute, the beat schedules itself for the next one.
        """
        now = self._market.now
        session = self._market.session(now.date())
        if session is None or not session.opens_at < now <= session.closes_at or now == self._last_beat:
            return
        self._last_beat = now
        self._router.walk(now)
        is_minute_only = (now - session.opens_at) % self._wish_life != timedelta(0)
        for wish in self._management.beat(now, is_minute_only=is_minute_only):
            is_rested = now >= self._refused_until.get(wish.campaign_id, now)
            if is_rested and all(attempt.campaign_id != wish.campaign_id for attempt in self._attempts):
                strategy = self._strategies[wish.strategy]
                until, told = min(now + self._wish_life, session.closes_at), self._told_today.setdefault(wish.campaign_id, set())
                self._start(Attempt(strategy, now, until, wish.candidates, wish.campaign_id, told=told))
        for attempt in tuple(self._attempts):
            self._isolation.run("entry", attempt.strategy.name, partial(self._try, attempt, now))
        if now + ONE_MINUTE <= session.closes_at and self._wants_minutes(now):
            self._at(now + ONE_MINUTE, self.beat)

    def _wants_minutes(self, now: datetime) -> bool:
        for attempt in self._attempts:
            if now >= attempt.opens_at:
                return True
        return self._router.has_walking or self._management.wants_minutes(now)

    def _try(self, attempt: Attempt, now: datetime) -> None:
        if now < attempt.opens_at or self._is_working(attempt):
            return
        if now > attempt.closes_at:
            self._attempts.remove(attempt)
            if not attempt.settled and attempt.campaign_id is None:
                self._record_skip(attempt.strategy.name, attempt.last_skip or Skip(SkipCode.WINDOW_OVER), None, is_final=True)
            return
        if attempt.campaign_id is not None and attempt.settled:
            self._attempts.remove(attempt)
            return
        if not self._is_quoted_anew(attempt, now):
            return
        for answer in self._answers(attempt, now):
            if isinstance(answer, Skip):
                self._note(attempt, answer)
            elif answer.underlying not in attempt.settled and self._judge(attempt, answer, now) and attempt.strategy.proposes_alternatives:
                break
        if attempt.campaign_id is not None and attempt.settled and attempt in self._attempts:
            self._attempts.remove(attempt)

    def _is_quoted_anew(self, attempt: Attempt, now: datetime) -> bool:
        """Whether a candidate has been quoted since the last try: on the same quotes nothing could be filled. Without any quote it is tried."""
        newest = None
        for contract in attempt.candidates.contracts:
            quote = self._market.quote(contract)
            if quote is not None and (newest is None or quote.at > newest):
                newest = quote.at
                if newest >= now:
                    break
        is_new = newest is None or newest != attempt.quoted_at
        attempt.quoted_at = newest
        return is_new

    def _is_working(self, attempt: Attempt) -> bool:
        name, campaign = attempt.strategy.name, attempt.campaign_id
        for order in self._router.working:
            proposal = order.proposal
            if proposal.is_opening and proposal.strategy == name and campaign in (None, proposal.campaign_id):
                return True
        return False

    def _answers(self, attempt: Attempt, now: datetime) -> Sequence[Proposal | Skip]:
        view = self._account.view()
        if attempt.campaign_id is None:
            return attempt.strategy.propose(attempt.candidates, self._market, view, now)
        position = self._management.find(attempt.campaign_id)
        if position is None or self._router.closing_of(attempt.campaign_id) is not None:
            self._attempts.remove(attempt)
            return ()
        return (attempt.strategy.adjust(position, attempt.candidates, self._market, view, now),)

    def _note(self, attempt: Attempt, skip: Skip) -> None:
        if skip.code is SkipCode.ALREADY_OPEN and attempt.settled:
            return
        if (skip.code, skip.detail) not in attempt.told:
            attempt.told.add((skip.code, skip.detail))
            self._record_skip(attempt.strategy.name, skip, attempt.campaign_id)
        attempt.last_skip = skip

    def _record_skip(self, strategy: str, skip: Skip, campaign: str | None, *, is_final: bool = False) -> None:
        self._journal.record(
            Kind.SKIP,
            self._market.now,
            strategy=strategy,
            campaign=campaign,
            code=skip.code,
            detail=skip.detail or None,
            numbers=skip.numbers or None,
            is_final=is_final or None,
        )

    def _judge(self, attempt: Attempt, proposal: Proposal, now: datetime) -> bool:
        """Ask every rule and send what they allow; whether anything was allowed."""
        decision = self._pipeline.judge(proposal, self._account.view(with_margin=True), self._market, now)
        self._journal.record(Kind.PROPOSAL, now, **proposal_facts(proposal))
        self._journal.record(
            Kind.VERDICT,
            now,
            proposal=proposal.id,
            campaign=proposal.campaign_id,
            strategy=proposal.strategy,
            wanted=proposal.units,
            units=decision.units,
            codes=decision.codes,
            verdicts=decision.verdicts,
        )
        if decision.is_refused:
            attempt.settled.add(proposal.underlying)
            if attempt.campaign_id is not None:
                self._refused_until[attempt.campaign_id] = now + self._wish_life
            return False
        self._management.submit(proposal, decision.units, now)
        return True

    def on_entry_end(self, order: WorkingOrder, *, is_filled: bool) -> None:
        """Learn that an opening order has ended: a filled one settles its underlying, one given up is tried again within the window."""
        for attempt in self._attempts:
            if attempt.strategy.name == order.proposal.strategy and attempt.campaign_id in (None, order.proposal.campaign_id):
                if is_filled:
                    attempt.settled.add(order.proposal.underlying)
                else:
                    attempt.quoted_at = None
                    self._note(attempt, Skip(SkipCode.NOT_FILLED, {"credit": order.credit}))


def proposal_facts(proposal: Proposal) -> dict[str, object]:
    """What the journal tells about a proposal."""
    return {
        "id": proposal.id,
        "campaign": proposal.campaign_id,
        "strategy": proposal.strategy,
        "intent": proposal.intent,
        "underlying": proposal.underlying,
        "legs": proposal.legs,
        "units": proposal.units,
        "credit": proposal.credit,
        "natural_credit": proposal.natural_credit,
        "multiplier": proposal.multiplier,
        "loss_at_stop_dollars": proposal.loss_at_stop_dollars,
        "max_loss_dollars": proposal.max_loss_dollars,
        "numbers": proposal.numbers,
        "tags": proposal.tags or None,
    }
