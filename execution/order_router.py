"""Order routing: one limit order per structure, walked from the middle toward the natural price.

A step is taken at most once a minute and only on a fresh quote of every leg: LEAN never fills on filled-forward quotes, so a step without
a new quote gives price away for nothing. An entry is given up after its last step; an exit stays at the natural price until it fills.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil, floor

from AlgorithmImports import Leg, OrderEvent, OrderStatus, OrderTicket, QCAlgorithm, UpdateOrderFields

from domain.contract import Contract
from domain.proposal import Proposal
from domain.quote import NetPrice, Quote, net_price
from domain.state import Urgency
from execution.instruments import Instruments
from execution.market_view import LeanMarketView
from execution.position_book import Fill


class OrderEnd(StrEnum):
    """How a working order ended."""

    FILLED = "filled"
    GIVEN_UP = "given_up"
    CANCELED = "canceled"
    REJECTED = "rejected"


@dataclass(slots=True)
class WorkingOrder:
    """One structure's order from submission to its end. Mutable: it is the router's own record.

    Attributes:
        proposal: what it carries out.
        units: whole structures ordered.
        credit: present limit as cash flow per unit in points (> 0 received).
        is_resting: whether it waits at its price (a profit target) instead of walking.
        step: steps taken from mid toward natural.
        sent_at: time of the submission.
        stepped_at: time of the last step.
        quoted_at: oldest leg's quote at the last step.
        order_ids: the engine's ids, leg by leg.
        fills: what was filled so far.
        end: how it ended; None while it works.
    """

    proposal: Proposal
    units: int
    credit: float
    is_resting: bool
    sent_at: datetime
    stepped_at: datetime
    quoted_at: datetime
    step: int = 0
    order_ids: list[int] = field(default_factory=list)
    tickets: list[OrderTicket] = field(default_factory=list)
    fills: list[Fill] = field(default_factory=list)
    filled_orders: set[int] = field(default_factory=set)
    end: OrderEnd | None = None
    is_cancel_wanted: bool = False


class OrderRouter:
    """Submits, walks, escalates and cancels orders; tells its listener when one has ended."""

    def __init__(
        self,
        algorithm: QCAlgorithm,
        instruments: Instruments,
        market: LeanMarketView,
        entry_steps: int,
        exit_steps: int,
        entry_patience: timedelta,
        on_end: Callable[[WorkingOrder], None],
    ) -> None:
        """Keep the engine, the step counts of entries and exits, an entry's longest life, and who is told of an end."""
        self._algorithm = algorithm
        self._instruments = instruments
        self._market = market
        self._steps = {True: entry_steps, False: exit_steps}
        self._entry_patience = entry_patience
        self._on_end = on_end
        self._working: list[WorkingOrder] = []
        self._by_order_id: dict[int, WorkingOrder] = {}
        self._submitting: WorkingOrder | None = None

    @property
    def working(self) -> tuple[WorkingOrder, ...]:
        """Orders that have not ended, in order of submission."""
        return tuple(self._working)

    @property
    def has_walking(self) -> bool:
        """Whether any order wants a minute beat: one that walks or is being withdrawn."""
        return any(not order.is_resting or order.is_cancel_wanted for order in self._working)

    @property
    def walking_out(self) -> set[str]:
        """Campaigns that a working order is closing which does not rest."""
        return {order.proposal.campaign_id for order in self._working if not order.is_resting and not order.proposal.is_opening}

    def closing_of(self, campaign_id: str) -> WorkingOrder | None:
        """The working closing order of a campaign."""
        return self._of(campaign_id, is_opening=False)

    def opening_of(self, campaign_id: str) -> WorkingOrder | None:
        """The working order that opens a campaign or adds to it."""
        return self._of(campaign_id, is_opening=True)

    def _of(self, campaign_id: str, *, is_opening: bool) -> WorkingOrder | None:
        for order in self._working:
            if order.proposal.campaign_id == campaign_id and order.proposal.is_opening == is_opening:
                return order
        return None

    def owner_of(self, order_id: int) -> WorkingOrder | None:
        """The structure an engine order belongs to, ended or not; None for orders that are not ours."""
        return self._by_order_id.get(order_id) or self._adopting(order_id)

    def submit(self, proposal: Proposal, units: int, now: datetime, *, resting_credit: float | None = None) -> WorkingOrder | None:
        """Send one order for the structure; None when a leg has no usable price now (the caller tries again at the next beat)."""
        price = self.price(proposal)
        if price is None:
            return None
        is_resting = resting_credit is not None
        offered = price.natural if proposal.urgency is Urgency.NATURAL else price.mid
        credit = self._limit(proposal, resting_credit if resting_credit is not None else offered, price.natural)
        order = WorkingOrder(proposal, units, credit, is_resting, now, now, price.at)
        order.step = self._steps[proposal.is_opening] if proposal.urgency is Urgency.NATURAL else 0
        self._working.append(order)
        self._submitting = order
        try:
            self._send(order)
        finally:
            self._submitting = None
        self._finish_if_ended(order)
        return order

    def price(self, proposal: Proposal) -> NetPrice | None:
        """What the structure trades at now, per unit."""
        quotes: dict[str, Quote] = {}
        for leg in proposal.legs:
            quote = self._market.quote(leg.contract)
            if quote is not None:
                quotes[leg.contract.key] = quote
        return net_price(proposal.legs, quotes, is_closing=not proposal.is_opening)

    def _send(self, order: WorkingOrder) -> None:
        proposal = order.proposal
        symbols = [self._instruments.tradable(leg.contract) for leg in proposal.legs]
        if len(proposal.legs) == 1:
            ratio = proposal.legs[0].ratio
            ticket = self._algorithm.limit_order(symbols[0], ratio * order.units, -order.credit / ratio, tag=proposal.id)
            order.tickets = [ticket]
        else:
            legs = [Leg.create(symbol, leg.ratio) for symbol, leg in zip(symbols, proposal.legs, strict=True)]
            order.tickets = list(self._algorithm.combo_limit_order(legs, order.units, -order.credit, tag=proposal.id))
        for ticket in order.tickets:
            self._register(ticket.order_id, order)
        if not order.order_ids and order.end is None:
            order.end = OrderEnd.REJECTED

    def _register(self, order_id: int, order: WorkingOrder) -> None:
        if order_id > 0 and order_id not in self._by_order_id:
            self._by_order_id[order_id] = order
            order.order_ids.append(order_id)

    def _adopting(self, order_id: int) -> WorkingOrder | None:
        """Events arrive before the engine has handed out the tickets: what comes during a submission belongs to it."""
        if self._submitting is not None:
            self._register(order_id, self._submitting)
        return self._submitting

    def _limit(self, proposal: Proposal, credit: float, natural: float) -> float:
        """The price on the tick: rounded in our favour on the way, never beyond the natural price at its end nor below the proposal's worst.

        Never zero, which LEAN refuses.
        """
        tick = min(self._tick(leg.contract) for leg in proposal.legs)
        worst = proposal.worst_credit
        ticks = floor(natural / tick + 1e-6) if credit <= natural else ceil(credit / tick - 1e-6)
        if worst is not None:
            ticks = max(ticks, ceil(worst / tick - 1e-6))
        return round(ticks * tick, 10) or -tick

    def _tick(self, contract: Contract) -> float:
        symbol = self._instruments.tradable(contract)
        return float(self._algorithm.securities[symbol].symbol_properties.minimum_price_variation)

    def walk(self, now: datetime) -> None:
        """Take the step that is due of every walking order; call once a minute while `has_walking`."""
        for order in self.working:
            if not order.is_resting and not order.is_cancel_wanted and order.end is None and now > order.stepped_at:
                self._step(order, now)

    def _step(self, order: WorkingOrder, now: datetime) -> None:
        if order.proposal.is_opening and now - order.sent_at >= self._entry_patience:
            self.cancel(order)
            return
        price = self.price(order.proposal)
        if price is None or price.at <= order.quoted_at:
            return
        steps = self._steps[order.proposal.is_opening]
        if order.step >= steps and order.proposal.is_opening:
            self.cancel(order)
            return
        order.step = min(order.step + 1, steps)
        share = 1.0 if steps == 0 else order.step / steps
        self._reprice(order, price.mid + (price.natural - price.mid) * share, price, now)

    def _reprice(self, order: WorkingOrder, credit: float, price: NetPrice, now: datetime) -> None:
        order.stepped_at, order.quoted_at = now, price.at
        wanted = self._limit(order.proposal, credit, price.natural)
        if wanted == order.credit:
            return
        order.credit = wanted
        fields = UpdateOrderFields()
        ratio = order.proposal.legs[0].ratio if len(order.proposal.legs) == 1 else 1
        fields.limit_price = -wanted / ratio
        order.tickets[0].update(fields)

    def escalate(self, order: WorkingOrder, proposal: Proposal, now: datetime) -> None:
        """Turn a working closing order into a walking one, or take it to the natural price at once, as the new decision wants."""
        price = self.price(proposal)
        order.proposal = proposal
        if price is None:
            order.is_resting = False
            return
        was_resting, order.is_resting = order.is_resting, False
        if proposal.urgency is Urgency.NATURAL:
            order.step = self._steps[False]
            self._reprice(order, price.natural, price, now)
        elif was_resting:
            order.step = 0
            self._reprice(order, price.mid, price, now)

    def cancel(self, order: WorkingOrder) -> None:
        """Withdraw an order; its end arrives as an event."""
        order.is_cancel_wanted = True
        order.tickets[0].cancel()

    def cancel_entries(self) -> None:
        """Withdraw every entry under way: the session is over, and tomorrow decides anew."""
        for order in self.working:
            if order.proposal.is_opening and not order.is_cancel_wanted:
                self.cancel(order)

    def cancel_all(self) -> None:
        """Withdraw every working order: the machine has been halted."""
        for order in self.working:
            if not order.is_cancel_wanted:
                self.cancel(order)

    def on_order_event(self, event: OrderEvent) -> None:
        """Book-keeping of one engine event of one of our orders; the listener is told once the whole structure has ended."""
        order = self.owner_of(event.order_id)
        if order is None:
            return
        if event.fill_quantity != 0:
            order.fills.append(self._fill(order, event))
        if event.status == OrderStatus.FILLED:
            order.filled_orders.add(event.order_id)
            if len(order.filled_orders) == len(order.proposal.legs):
                order.end = OrderEnd.FILLED
        elif event.status == OrderStatus.CANCELED:
            order.end = OrderEnd.GIVEN_UP if order.is_cancel_wanted and order.proposal.is_opening else OrderEnd.CANCELED
        elif event.status == OrderStatus.INVALID:
            order.end = OrderEnd.REJECTED
        if self._submitting is not order:
            self._finish_if_ended(order)

    def _finish_if_ended(self, order: WorkingOrder) -> None:
        if order.end is not None and order in self._working:
            self._working.remove(order)
            self._on_end(order)

    def _fill(self, order: WorkingOrder, event: OrderEvent) -> Fill:
        leg = next(leg for leg in order.proposal.legs if self._instruments.symbol(leg.contract) == event.symbol)
        fee = float(event.order_fee.value.amount)
        return Fill(leg.contract, leg.role, int(event.fill_quantity), float(event.fill_price), fee, self._market.now)
