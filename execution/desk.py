"""The desk: puts the parts of the machine together and passes the engine's events on to them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from AlgorithmImports import OrderEvent, QCAlgorithm, Symbol

from domain.parameters import ParameterError
from domain.position import Position
from domain.proposal import Exit
from execution import state_store
from execution.account import Account
from execution.fill_model import NaturalPriceFillModel
from execution.instruments import CALENDAR_TICKER, Instruments
from execution.position_management import Isolation
from execution.market_view import LeanMarketView
from execution.order_router import OrderEnd, OrderRouter, WorkingOrder
from execution.position_book import PositionBook
from execution.position_management import PositionManagement
from execution.settings import Settings
from execution.settlements import Settlements
from execution.trade_cycle import TradeCycle
from reporting.performance_tracker import Journal, Kind
from risk import VOLATILITY_SECTION, circuit_breaker, default_rules, defensive_manager, phase_manager
from risk.circuit_breaker import BreakerFactsError, Command
from risk.pipeline import Pipeline
from strategies.registry import build

JOURNAL_KEY = "journal.jsonl"
LOGGED = frozenset({Kind.RUN, Kind.POSITION, Kind.STATE, Kind.EXPIRY, Kind.ERROR, Kind.END})
LOG_LINE = 200


class Desk:
    """One trading machine on one algorithm."""

    def __init__(self, algorithm: QCAlgorithm, settings: Settings, at: Callable[[datetime, Callable[[], object]], None]) -> None:
        """Build every part; call from `initialize`, after the account is set up."""
        self._algorithm = algorithm
        if algorithm.live_mode and (problems := settings.run.live_problems()):
            raise ParameterError(problems)
        sections = settings.sections
        self._management_minutes = settings.execution.management_minutes
        self._disabled_rules = frozenset(settings.run.disabled_rules)
        strategies = {name: strategy for name, strategy in build(sections).items() if name in settings.run.strategies}
        fill_model = NaturalPriceFillModel(timedelta(minutes=settings.execution.max_quote_age_minutes))
        self._instruments = Instruments(algorithm, fill_model)
        self._underlyings = tuple(dict.fromkeys(ticker for strategy in strategies.values() for ticker in strategy.underlyings))
        self._ranked = tuple(dict.fromkeys(ticker for strategy in strategies.values() for ticker in strategy.ranked_underlyings))
        self._instruments.subscribe_underlyings(self._underlyings)
        self._market = LeanMarketView(algorithm, self._instruments)
        self._journal = Journal(self._tell)
        self._book = PositionBook()
        self._router = OrderRouter(
            algorithm,
            self._instruments,
            self._market,
            settings.execution.entry_steps,
            settings.execution.exit_steps,
            timedelta(minutes=settings.execution.entry_patience_minutes),
            self._on_end,
        )
        self._account = Account(
            algorithm, self._market, self._book, self._journal, sections[phase_manager.SECTION], sections[circuit_breaker.SECTION],
            sections[VOLATILITY_SECTION],
        )  # fmt: skip
        self._account.watch_pending(lambda: [order.proposal for order in self._router.working if order.proposal.is_opening])
        self._defensive_parameters = sections[defensive_manager.SECTION]
        isolation = Isolation(self._journal, self._market)
        self._management = PositionManagement(
            strategies,
            self._break,
            self._defend,
            self._market,
            self._account,
            self._book,
            self._router,
            self._journal,
            isolation,
        )
        self._settlements = Settlements(algorithm, self._instruments, self._market, self._book, self._management, self._journal)
        self._isolation = isolation
        rules = [rule for rule in default_rules(sections) if rule.name not in self._disabled_rules]
        self._cycle = TradeCycle(
            strategies, Pipeline(rules), self._market, self._instruments, self._account, self._router, self._management,
            self._journal, isolation, at, timedelta(minutes=settings.execution.management_minutes),
        )  # fmt: skip
        self._journal.record(Kind.RUN, self._market.now, fingerprint=settings.fingerprint(), parameters=settings.effective())

    @property
    def calendar_symbol(self) -> Symbol:
        """The symbol whose exchange opens and closes the machine's day."""
        return self._instruments.underlying(CALENDAR_TICKER)

    @property
    def beat_minutes(self) -> range:
        """When the management beats of a session come, minutes after its open; those past an early close find it closed."""
        hours = self._algorithm.securities[self.calendar_symbol].exchange.hours
        beat = self._management_minutes
        return range(beat, int(hours.regular_market_duration / timedelta(minutes=1)) + 1, beat)

    def _tell(self, kind: Kind, line: str) -> None:
        """What a person following the log wants to know; the rest is in the journal, since logs are rationed."""
        if kind in LOGGED:
            self._algorithm.log(line[:LOG_LINE])

    def restore(self) -> None:
        """Take up what the last process left, live only: book, breakers and phase; report what differs from the account.

        Holdings the book does not know are left alone: the machine never closes what it did not open. A state that cannot be trusted
        halts the machine until a person resumes it.
        """
        now = self._market.now
        try:
            snapshot = state_store.load(self._algorithm.object_store)
            if snapshot is None:
                return
            self._account.restore(snapshot.breakers, snapshot.phase)
        except (state_store.StateError, BreakerFactsError) as problem:
            self._journal.record(Kind.ERROR, now, what="restore", subject="state", error=str(problem))
            self._account.order(Command.HALT)
            return
        self._book.restore(snapshot.positions, snapshot.closed_trades)
        self._market.volatilities = dict(snapshot.volatilities)
        for position in snapshot.positions:
            for holding in position.holdings:
                self._instruments.restore(holding.contract)
        held = {str(item.key.id): int(item.value.quantity) for item in self._algorithm.portfolio if item.value.invested}
        for key, (booked, account) in state_store.differences(snapshot.positions, held).items():
            self._journal.record(Kind.STATE, now, event="reconciliation", subject=key, numbers={"book": booked, "account": account})

    def persist(self) -> None:
        """Write what a restart needs; costs nothing while nothing has changed. Live only."""
        if self._algorithm.live_mode:
            facts = self._account.facts()
            snapshot = state_store.Snapshot(self._book.positions, self._book.closed_trades, *facts, self._market.volatilities)
            state_store.save(self._algorithm.object_store, snapshot)

    def start_session(self) -> None:
        """Once at each open: fix the day's base values and plan the entries."""
        now = self._market.now
        self._account.start_session(now, self._underlyings)
        self._record_account(now)
        for ticker in self._ranked:
            self._isolation.run("volatility", ticker, partial(self._market.collect_volatility, ticker))
        self._cycle.plan_day()

    def beat(self) -> None:
        """The management beat."""
        now = self._market.now
        session = self._market.session(now.date())
        if session is None or not session.opens_at < now <= session.closes_at:
            return
        if self._account.observe(now, self._underlyings):
            self._router.cancel_all()
        self._isolation.run("shares", "account", lambda: self._settlements.dispose(now))
        self._cycle.beat()
        self.persist()

    def end_session(self) -> None:
        """Once at each close: mark the book and let go of contracts nobody needs."""
        now = self._market.now
        self._router.cancel_entries()
        self._isolation.run("marks", "account", lambda: self._management.mark(now))
        self._record_account(now)
        self._isolation.run("release", "account", lambda: self._instruments.release(self._needed()))

    def _needed(self) -> frozenset[str]:
        held = {holding.contract.key for position in self._book.positions for holding in position.holdings}
        return frozenset(held | {leg.contract.key for order in self._router.working for leg in order.proposal.legs})

    def _record_account(self, now: datetime) -> None:
        portfolio = self._algorithm.portfolio
        equity, cash = float(portfolio.total_portfolio_value), float(portfolio.cash)
        self._journal.record(
            Kind.ACCOUNT,
            now,
            equity=equity,
            cash=cash,
            holdings=float(sum(security.holdings.holdings_value for security in self._algorithm.securities.values() if security.invested)),
            vix=self._market.vix_now(),
            margin_used=float(portfolio.total_margin_used),
            margin_remaining=float(portfolio.margin_remaining),
            state=self._account.state,
            positions=len(self._book.positions),
        )

    def _break(self, position: Position, now: datetime) -> Exit | None:
        if circuit_breaker.TradingStateRule.name in self._disabled_rules:
            return None
        return self._account.breaker_exit(position, now)

    def _defend(self, position: Position, now: datetime) -> Exit | None:
        if defensive_manager.DefensiveRule.name in self._disabled_rules:
            return None
        return defensive_manager.defend(position, self._market, now, self._defensive_parameters)

    def _on_end(self, order: WorkingOrder) -> None:
        self._isolation.run("book", order.proposal.campaign_id, lambda: self._management.book(order))
        if order.proposal.is_opening:
            self._cycle.on_entry_end(order, is_filled=order.end is OrderEnd.FILLED)

    def on_order_event(self, event: OrderEvent) -> None:
        """Every order event of the engine: ours to the router, the engine's own to the settlements."""
        if self._router.owner_of(event.order_id) is not None:
            self._isolation.run("order event", str(event.symbol), lambda: self._router.on_order_event(event))
        else:
            self._isolation.run("settlement", str(event.symbol), lambda: self._settlements.on_order_event(event))
        self.persist()

    def on_command(self, word: str) -> bool:
        """Pass a person's command on to the breakers; False when there is no such command."""
        if word not in tuple(Command):
            self._journal.record(Kind.ERROR, self._market.now, what="command", subject=word, error=f"expected one of {', '.join(Command)}")
            return False
        self._account.order(Command(word))
        return True

    def end_run(self) -> None:
        """Write the journal to the object store and the run's counts to the results."""
        now = self._market.now
        self._record_account(now)
        self._journal.record(Kind.END, now, events=len(self._journal), errors=self._journal.errors, live=len(self._book.positions))
        self._algorithm.object_store.save(JOURNAL_KEY, self._journal.text())
        self._algorithm.set_runtime_statistic("Journal events", str(len(self._journal)))
        self._algorithm.set_runtime_statistic("Journal errors", str(self._journal.errors))
