"""The account as the rules see it: one frozen view of value, margin, positions and the facts that outlive a day."""

from AlgorithmImports import *

from collections.abc import Callable, Iterable, Mapping
from datetime import date

from domain.proposal import Proposal
from domain.state import TradingState
from domain.views import PortfolioView
from execution.position_book import PositionBook


class Account:
    """Builds `PortfolioView`s and keeps what they need between days: high-water mark, the last session's value, named facts, the state."""

    def __init__(self, algorithm: "QCAlgorithm", book: PositionBook, pending: Callable[[], Iterable[Proposal]]) -> None:
        """Keep the engine, the book and a way to ask for opening proposals under way."""
        self._algorithm = algorithm
        self._book = book
        self._pending = pending
        self.high_water_mark: float | None = None
        self.session_start_value: float | None = None
        self.state = TradingState.ACTIVE
        self.facts: dict[str, float] = {}
        self._valued_on: date | None = None

    @property
    def net_liquidation_value(self) -> float:
        """LEAN's total portfolio value, dollars."""
        return float(self._algorithm.portfolio.total_portfolio_value)

    def start_session(self, day: date) -> None:
        """Fix the value that a day's loss is measured from; call once before each session."""
        if self._valued_on != day:
            self._valued_on, self.session_start_value = day, self.net_liquidation_value
        self.observe()

    def observe(self) -> None:
        """Raise the high-water mark to the present value."""
        self.high_water_mark = max(self.high_water_mark or 0.0, self.net_liquidation_value)

    def keep(self, facts: Mapping[str, float]) -> None:
        """Keep named facts (phase, pauses) for the rules."""
        self.facts.update(facts)

    def view(self) -> PortfolioView:
        """The account now."""
        portfolio = self._algorithm.portfolio
        return PortfolioView(
            net_liquidation_value=float(portfolio.total_portfolio_value),
            margin_used_dollars=float(portfolio.total_margin_used),
            margin_remaining_dollars=float(portfolio.margin_remaining),
            positions=self._book.positions,
            pending=tuple(self._pending()),
            state=self.state,
            closed_trades=self._book.closed_trades,
            high_water_mark=self.high_water_mark,
            session_start_value=self.session_start_value,
            facts=dict(self.facts),
        )
