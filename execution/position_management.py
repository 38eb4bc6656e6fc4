"""Positions under way: manage, close, book (design 3, steps 5-8). Every position is judged alone; one bad quote never stops the others."""

import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from domain.contract import Leg
from domain.position import Holding, Position, PositionStatus
from domain.proposal import Exit, Hold, Proposal
from domain.quote import Quote
from domain.state import ExitReason, Intent, Urgency
from domain.views import PortfolioView
from execution.account import Account
from execution.market_view import LeanMarketView
from execution.order_router import OrderRouter, WorkingOrder
from execution.position_book import PositionBook
from reporting.performance_tracker import Journal, Kind
from strategies.base import Adjust, Candidates, Strategy


@dataclass(frozen=True, slots=True)
class Wish:
    """A change a position wants, once these candidates are quoted."""

    strategy: str
    campaign_id: str
    candidates: Candidates


class Isolation:
    """Runs one action; what it raises becomes an error event and ends there. One of the two places of the project with a broad except."""

    def __init__(self, journal: Journal, market: LeanMarketView) -> None:
        """Keep where to write and the clock."""
        self._journal = journal
        self._market = market

    def run(self, what: str, subject: str, action: Callable[[], object]) -> bool:
        """Run `action`; True when it went through. `what` and `subject` name the step and its strategy or campaign in the error event."""
        try:
            action()
        except Exception as error:  # noqa: BLE001  a failure of one strategy or position must not stop the others
            frame = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}"
            self._journal.record(
                Kind.ERROR, self._market.now, what=what, subject=subject, error=f"{type(error).__name__}: {error}", where=where
            )
            return False
        return True


class PositionManagement:
    """Asks strategies and the defensive rule about every position, and turns their decisions into orders and bookings."""

    def __init__(
        self,
        strategies: Mapping[str, Strategy],
        first: Callable[[Position, datetime], Exit | None],
        last: Callable[[Position, datetime], Exit | None],
        market: LeanMarketView,
        account: Account,
        book: PositionBook,
        router: OrderRouter,
        journal: Journal,
        isolation: Isolation,
    ) -> None:
        """Keep the parts; `first` (the breakers) is asked before a strategy about its own position, `last` (the defensive rule) where it would hold."""
        self._strategies, self._first, self._last, self._market, self._account = strategies, first, last, market, account
        self._book, self._router, self._journal, self._isolation = book, router, journal, isolation
        self._wishes: list[Wish] = []
        self._waiting: dict[str, Exit] = {}

    def wants_minutes(self, now: datetime) -> bool:
        """Whether a live position wants a beat each minute."""
        return bool(self._waiting) or next(self._watched(now), None) is not None

    def _watched(self, now: datetime) -> Iterator[Position]:
        """Positions looked at every minute: their strategy wants it, a decision about them waits, or a walking order is closing them."""
        waiting, closing, strategies = self._waiting, self._router.walking_out, self._strategies
        for position in self._book.positions:
            strategy, campaign = strategies.get(position.strategy), position.campaign_id
            if campaign in waiting or campaign in closing or (strategy is not None and strategy.wants_minute_beats(position, now)):
                yield position

    def find(self, campaign_id: str) -> Position | None:
        """A live campaign."""
        return self._book.find(campaign_id)

    def beat(self, now: datetime, *, is_minute_only: bool = False) -> list[Wish]:
        """Judge every live position on its own, on one view of the account; the changes they want.

        Args:
            now: the moment.
            is_minute_only: whether this is a beat between two management beats, for the positions alone that want one each minute: how often a
                position is judged does not depend on its neighbours.
        """
        self._wishes = []
        judged = tuple(self._watched(now)) if is_minute_only else self._book.positions
        if not judged:
            return []
        view = self._account.view()
        waiting, self._waiting = self._waiting, {}
        for position in judged:
            postponed = waiting.get(position.campaign_id)
            self._isolation.run("manage", position.campaign_id, partial(self._manage, position, view, now, postponed))
        return self._wishes

    def _manage(self, position: Position, view: PortfolioView, now: datetime, postponed: Exit | None) -> None:
        """Ask the breakers, then what was decided a minute ago and had to wait, then the strategy, then the defensive rule."""
        strategy = self._strategies.get(position.strategy)
        if strategy is None or not position.holdings:
            return
        answer = self._first(position, now) or postponed or strategy.manage(position, self._market, view, now)
        if not isinstance(answer, Exit):
            answer = self._last(position, now) or answer
        if isinstance(answer, Exit):
            self.close(position, answer, now)
            return
        if answer.stop_breaches != position.stop_breaches:
            self._book.put(position.changed(stop_breaches=answer.stop_breaches))
        if isinstance(answer, Adjust) and self._router.closing_of(position.campaign_id) is None:
            self._wishes.append(Wish(position.strategy, position.campaign_id, answer.candidates))
        elif isinstance(answer, Hold):
            self._rest(position, strategy, now)

    def _rest(self, position: Position, strategy: Strategy, now: datetime) -> None:
        """Keep a profit target resting at the engine, where the strategy wants one and nothing works yet.

        Without the wings nobody bids for, which could not be sold; what is left over once the shorts are gone has no target.
        """
        credit = strategy.resting_exit(position)
        if credit is None or self._router.closing_of(position.campaign_id) is not None:
            return
        if not position.shorts():
            return
        proposal = self._closing_proposal(position, Exit(ExitReason.PROFIT_TARGET), now)
        if proposal is None:
            return
        self.submit(proposal, proposal.units, now, resting_credit=credit)

    def submit(self, proposal: Proposal, units: int, now: datetime, resting_credit: float | None = None) -> WorkingOrder | None:
        """Send an order and journal it; None when a leg has no usable price now."""
        order = self._router.submit(proposal, units, now, resting_credit=resting_credit)
        if order is not None:
            self._journal.record(
                Kind.ORDER,
                now,
                proposal=proposal.id,
                campaign=proposal.campaign_id,
                strategy=proposal.strategy,
                intent=proposal.intent,
                orders=order.order_ids,
                units=units,
                legs=proposal.legs,
                credit=order.credit,
                is_resting=order.is_resting or None,
                reason=proposal.exit_reason,
            )
        return order

    def close(self, position: Position, decision: Exit, now: datetime) -> None:
        """Close a position or some of its legs: a new order, or a working closing order taken further toward the natural price.

        An order of the same campaign that opens something, or closes other legs, is withdrawn first: the closing follows a minute later,
        whatever the market does in between.
        """
        proposal = self._closing_proposal(position, decision, now)
        if proposal is None:
            return
        working = self._router.closing_of(position.campaign_id)
        in_the_way = self._router.opening_of(position.campaign_id) or (
            working if working is not None and _legs(working.proposal) != _legs(proposal) else None
        )
        if in_the_way is not None:
            self._waiting[position.campaign_id] = decision
            if not in_the_way.is_cancel_wanted:
                self._router.cancel(in_the_way)
        elif working is None:
            self._record_exit(proposal, now)
            self.submit(proposal, proposal.units, now)
        elif working.is_resting or (decision.urgency is Urgency.NATURAL and working.proposal.urgency is Urgency.WALK):
            self._record_exit(proposal, now)
            self._router.escalate(working, proposal, now)

    def _closing_proposal(self, position: Position, decision: Exit, now: datetime) -> Proposal | None:
        """The order that closes what the decision names. Bought options nobody bids for are left to expire: no order could sell them."""
        keys = decision.legs or frozenset(holding.contract.key for holding in position.holdings)
        sold = frozenset(
            h.contract.key for h in position.holdings if h.contract.key in keys and not (h.quantity > 0 and self._is_unsellable(h))
        )
        if not sold:
            return None
        legs, units = position.closing_legs(sold)
        return Proposal(
            id=f"{position.campaign_id}/exit/{now:%Y-%m-%dT%H:%M}",
            campaign_id=position.campaign_id,
            strategy=position.strategy,
            intent=Intent.CLOSE,
            underlying=position.underlying,
            legs=legs,
            units=units,
            credit=self._mid(legs),
            natural_credit=0.0,
            multiplier=legs[0].contract.multiplier,
            at=now,
            exit_reason=decision.reason,
            urgency=decision.urgency,
            numbers=decision.numbers,
        )

    def _is_unsellable(self, holding: Holding) -> bool:
        quote = self._market.quote(holding.contract)
        return quote is not None and (quote.bid is None or quote.is_crossed)

    def _mid(self, legs: tuple[Leg, ...]) -> float:
        mids = [quote.mid if (quote := self._market.quote(leg.contract)) is not None else None for leg in legs]
        return -sum(leg.ratio * mid for leg, mid in zip(legs, mids, strict=True) if mid is not None)

    def _record_exit(self, proposal: Proposal, now: datetime) -> None:
        self._journal.record(
            Kind.EXIT,
            now,
            proposal=proposal.id,
            campaign=proposal.campaign_id,
            strategy=proposal.strategy,
            reason=proposal.exit_reason,
            urgency=proposal.urgency,
            legs=proposal.legs,
            units=proposal.units,
            numbers=proposal.numbers,
        )

    def book(self, order: WorkingOrder) -> None:
        """Book an ended order's fills and journal the position they make. An order that ended unfilled changes nothing."""
        now = self._market.now
        proposal = order.proposal
        self._journal.record(
            Kind.ORDER_END,
            now,
            proposal=proposal.id,
            campaign=proposal.campaign_id,
            orders=order.order_ids,
            end=order.end,
            steps=order.step,
        )
        if not order.fills:
            return
        for fill in order.fills:
            self._journal.record(
                Kind.FILL,
                fill.at,
                campaign=proposal.campaign_id,
                proposal=proposal.id,
                orders=order.order_ids,
                contract=fill.contract,
                quantity=fill.quantity,
                price=fill.price,
                fee=fill.fee_dollars,
                cash=fill.cash_dollars,
            )
        if proposal.is_opening:
            position = self._book.apply_entry(proposal, order.units, order.fills)
        else:
            position = self._book.apply_exit(proposal.campaign_id, order.fills, proposal.exit_reason or ExitReason.MANUAL)
        self.record_position(position, now)

    def record_position(self, position: Position, now: datetime) -> None:
        """Journal a position's new shape; its result once it is closed."""
        is_closed = position.status is PositionStatus.CLOSED
        self._journal.record(
            Kind.POSITION,
            now,
            campaign=position.campaign_id,
            strategy=position.strategy,
            status=position.status,
            units=position.units,
            holdings=position.holdings,
            shares=position.share_quantity or None,
            premium=position.premium_dollars,
            fees=position.fees_dollars,
            reason=position.exit_reason,
            result=position.result_dollars if is_closed else None,
        )

    def mark(self, now: datetime) -> None:
        """Journal the value of every live position at its closing prices."""
        for position in self._book.positions:
            quotes: dict[str, Quote] = {}
            for holding in position.holdings:
                quote = self._market.quote(holding.contract)
                if quote is not None:
                    quotes[holding.contract.key] = quote
            self._journal.record(
                Kind.MARK,
                now,
                campaign=position.campaign_id,
                strategy=position.strategy,
                profit=position.profit_dollars(quotes),
                profit_at_mid=position.profit_dollars(quotes, at_mid=True),
            )


def _legs(proposal: Proposal) -> frozenset[str]:
    return frozenset(leg.contract.key for leg in proposal.legs)
