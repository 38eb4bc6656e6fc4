"""The account as the rules see it: one frozen view of value, margin, positions and the states that outlive a beat (phase, breakers)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime

from AlgorithmImports import QCAlgorithm

from analysis.vix_term_structure import VixParameters
from domain.position import Position
from domain.proposal import Exit, Proposal
from domain.state import TradingState
from domain.views import MarketView, PortfolioView
from execution.position_book import PositionBook
from reporting.performance_tracker import Journal, Kind
from risk.circuit_breaker import BreakerParameters, BreakerState, Command, Observation, advance, breaker_exit
from risk.phase_manager import PhaseParameters, PhaseState, advance_phase


class Account:
    """Builds `PortfolioView`s, and owns the phase and breaker states that they carry."""

    def __init__(
        self,
        algorithm: QCAlgorithm,
        market: MarketView,
        book: PositionBook,
        journal: Journal,
        phase_parameters: PhaseParameters,
        breaker_parameters: BreakerParameters,
        volatility_parameters: VixParameters,
    ) -> None:
        """Start with no phase and untouched breakers."""
        self._algorithm, self._market, self._book, self._journal = algorithm, market, book, journal
        self._phase_parameters, self._breaker_parameters = phase_parameters, breaker_parameters
        self._volatility_parameters = volatility_parameters
        self._pending: Callable[[], Iterable[Proposal]] = tuple
        self._command: Command | None = None
        self.phase: PhaseState | None = None
        self.breakers = BreakerState()
        self._facts_of: tuple[PhaseState | None, BreakerState | None] = (None, None)
        self._known_facts: Mapping[str, float] = {}
        self._closes_of: date | None = None
        self._closes: dict[str, float | None] = {}
        self._vix_close: float | None = None

    def watch_pending(self, pending: Callable[[], Iterable[Proposal]]) -> None:
        """Learn how to ask for opening proposals under way."""
        self._pending = pending

    @property
    def net_liquidation_value(self) -> float:
        """LEAN's total portfolio value, dollars."""
        return float(self._algorithm.portfolio.total_portfolio_value)

    @property
    def state(self) -> TradingState:
        """The trading state."""
        return self.breakers.trading_state

    def facts(self) -> tuple[Mapping[str, str | float], Mapping[str, float]]:
        """What a restart needs of the breakers and of the phase."""
        return self.breakers.to_facts(), self.phase.to_facts() if self.phase else {}

    def restore(self, breakers: Mapping[str, str | float] | None, phase: Mapping[str, float] | None) -> None:
        """Take up the states another process left.

        Raises:
            BreakerFactsError: if the breakers' facts cannot be read.
        """
        if breakers is not None:
            self.breakers = BreakerState.from_facts(breakers)
        self.phase = PhaseState.from_facts(phase or {})

    def order(self, command: Command) -> None:
        """Take a person's command; it is obeyed at the next beat."""
        self._command = command

    def start_session(self, now: datetime, underlyings: Iterable[str]) -> None:
        """Determine the day's phase and open the breakers' session; call once at each open."""
        self.phase, change = advance_phase(self.phase, self.net_liquidation_value, self._phase_parameters)
        if change is not None:
            numbers = {"net_liquidation_value": change.net_liquidation_value}
            self._journal.record(Kind.STATE, now, event="phase", before=change.before, after=change.after, numbers=numbers)
        self.observe(now, underlyings)

    def observe(self, now: datetime, underlyings: Iterable[str]) -> bool:
        """Let the breakers see this moment; True when they have just halted the machine."""
        was, today = self.state, now.date()
        moves = self._moves(underlyings, today)
        self.breakers, events = advance(
            self.breakers,
            Observation(
                now=now,
                session=today,
                net_liquidation_value=self.net_liquidation_value,
                open_positions=len(self._book.positions),
                vix=self._market.vix_now(),
                vix_previous_close=self._vix_close,
                moves=moves,
                closed_trades=self._book.closed_trades,
                command=self._command,
            ),
            self._breaker_parameters,
            self._volatility_parameters,
        )
        self._command = None
        for event in events:
            self._journal.record(Kind.STATE, now, event=event.kind, subject=event.subject or None, numbers=event.numbers or None)
        return self.state is TradingState.HALTED and was is not TradingState.HALTED

    def _moves(self, underlyings: Iterable[str], today: date) -> Mapping[str, float]:
        if self._closes_of != today:
            self._closes_of, self._closes, self._vix_close = today, {}, self._previous_close("VIX")
        moves, spot_of, closes = {}, self._market.spot, self._closes
        for underlying in underlyings:
            spot = spot_of(underlying)
            if spot is None:
                continue
            if underlying not in closes:
                closes[underlying] = self._previous_close(underlying)
            close = closes[underlying]
            if close is not None and close > 0:
                moves[underlying] = spot / close - 1.0
        return moves

    def _previous_close(self, ticker: str) -> float | None:
        closes = self._market.daily_bars(ticker, 1).close
        return closes[-1] if closes else None

    def breaker_exit(self, position: Position, now: datetime) -> Exit | None:
        """Whether a breaker closes this position now."""
        return breaker_exit(position, self.breakers, self._market, self._breaker_parameters, self._volatility_parameters, now)

    def view(self, *, with_margin: bool = False) -> PortfolioView:
        """The account now; its margin, which the engine works out position by position, only for the rules."""
        portfolio = self._algorithm.portfolio
        return PortfolioView(
            net_liquidation_value=float(portfolio.total_portfolio_value),
            margin_used_dollars=float(portfolio.total_margin_used) if with_margin else None,
            positions=self._book.positions,
            pending=tuple(self._pending()),
            state=self.state,
            closed_trades=self._book.closed_trades,
            high_water_mark=self.breakers.high_water_mark,
            session_start_value=self.breakers.session_start_value,
            facts=self._facts(),
        )

    def _facts(self) -> Mapping[str, float]:
        """What rules keep between days; it changes with the phase and the breakers alone."""
        if self._facts_of[0] is not self.phase or self._facts_of[1] is not self.breakers:
            self._facts_of = self.phase, self.breakers
            self._known_facts = {**(self.phase.to_facts() if self.phase else {}), **self.breakers.view_facts()}
        return self._known_facts
