"""Settlements: expiry, exercise, assignment and every other fill that no order of ours asked for.

LEAN reports an expiring option with price 0 under an order of its own; cash settlement moves cash without an event, delivery is a second
event on the underlying at the strike (lean_engine 9.2). Delivered shares are traded away at the next session's first beat.
"""

from __future__ import annotations

from datetime import datetime

from AlgorithmImports import OrderEvent, QCAlgorithm, SecurityType, Symbol

from domain.position import Position, PositionStatus
from domain.state import ExitReason
from execution.instruments import Instruments
from execution.market_view import LeanMarketView
from execution.position_book import Fill, PositionBook
from execution.position_management import PositionManagement
from reporting.performance_tracker import Journal, Kind


class Settlements:
    """Books what the engine did by itself."""

    def __init__(
        self,
        algorithm: QCAlgorithm,
        instruments: Instruments,
        market: LeanMarketView,
        book: PositionBook,
        management: PositionManagement,
        journal: Journal,
    ) -> None:
        """Keep the parts."""
        self._algorithm, self._instruments, self._market = algorithm, instruments, market
        self._book, self._management, self._journal = book, management, journal
        self._delivered: set[int] = set()
        self._disposing: dict[int, str] = {}
        self._sending: str | None = None

    def on_order_event(self, event: OrderEvent) -> None:
        """Book one fill of an order that is not the router's."""
        if self._sending is not None:
            self._disposing.setdefault(event.order_id, self._sending)
        if event.fill_quantity == 0 or (event.order_id in self._delivered and not _is_option(event.symbol)):
            return
        key = str(event.symbol.id)
        holders = self._book.holder_of(key)
        if event.order_id in self._disposing:
            self._book_disposal(event)
        elif holders and event.fill_price == 0:
            self._book_expiry(event, key, holders)
        elif holders:
            self._book_foreign(event, key, holders)
        else:
            self._journal.record(Kind.ERROR, self._market.now, what="foreign fill", subject=str(event.symbol), error=str(event.message))

    def _book_expiry(self, event: OrderEvent, key: str, holders: tuple[Position, ...]) -> None:
        now = self._market.now
        contract = next(h.contract for h in holders[0].holdings if h.contract.key == key)
        spot = self._market.underlying_price(contract)
        is_assignment, is_in_the_money = bool(event.is_assignment), bool(event.is_in_the_money)
        self._delivered.add(event.order_id)
        for position in self._book.apply_expiry(key, spot, now, is_in_the_money=is_in_the_money, is_assignment=is_assignment):
            self._journal.record(
                Kind.EXPIRY,
                now,
                campaign=position.campaign_id,
                contract=contract,
                underlying_price=spot,
                is_in_the_money=is_in_the_money,
                is_assignment=is_assignment,
                shares=position.share_quantity or None,
            )
            self._management.record_position(position, now)

    def _book_foreign(self, event: OrderEvent, key: str, holders: tuple[Position, ...]) -> None:
        """A fill by the engine's own order (margin call, liquidation before a split): the first holder takes it."""
        now = self._market.now
        position = holders[0]
        holding = next(h for h in position.holdings if h.contract.key == key)
        fee = float(event.order_fee.value.amount)
        fill = Fill(holding.contract, holding.role, int(event.fill_quantity), float(event.fill_price), fee, now)
        self._journal.record(
            Kind.FILL, now, campaign=position.campaign_id, orders=[event.order_id], contract=holding.contract, quantity=fill.quantity,
            price=fill.price, fee=fee, cash=fill.cash_dollars, is_foreign=True,
        )  # fmt: skip
        self._management.record_position(self._book.apply_exit(position.campaign_id, [fill], ExitReason.MANUAL), now)

    def dispose(self, now: datetime) -> None:
        """Trade away delivered shares; call at each beat of a session."""
        working = set(self._disposing.values())
        for position in self._book.positions:
            if position.share_quantity == 0 or position.campaign_id in working:
                continue
            symbol = self._instruments.delivered(position.underlying)
            self._sending = position.campaign_id
            try:
                ticket = self._algorithm.market_order(symbol, -position.share_quantity, tag=f"{position.campaign_id}/shares")
            finally:
                self._sending = None
            self._journal.record(
                Kind.ORDER,
                now,
                campaign=position.campaign_id,
                orders=[ticket.order_id],
                shares=-position.share_quantity,
                reason=ExitReason.ASSIGNED,
            )

    def _book_disposal(self, event: OrderEvent) -> None:
        now = self._market.now
        campaign = self._disposing[event.order_id]
        point_value = float(self._algorithm.securities[event.symbol].symbol_properties.contract_multiplier)
        fee = float(event.order_fee.value.amount)
        del self._disposing[event.order_id]
        position = self._book.apply_shares(campaign, int(event.fill_quantity), float(event.fill_price), point_value, fee, now)
        self._journal.record(
            Kind.FILL,
            now,
            campaign=campaign,
            orders=[event.order_id],
            shares=int(event.fill_quantity),
            price=float(event.fill_price),
            fee=fee,
        )
        if position.status is PositionStatus.CLOSED:
            position = position.changed(exit_reason=ExitReason.ASSIGNED)
        self._management.record_position(position, now)


def _is_option(symbol: Symbol) -> bool:
    return symbol.security_type in (SecurityType.OPTION, SecurityType.INDEX_OPTION, SecurityType.FUTURE_OPTION)
