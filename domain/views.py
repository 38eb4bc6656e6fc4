"""What strategies and risk rules see of the market and of the account: small protocols and frozen snapshots, never the engine."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from domain.contract import Contract, Leg
from domain.position import Position
from domain.proposal import Proposal
from domain.quote import OptionChain, Quote
from domain.state import TradingState


@dataclass(frozen=True, slots=True)
class Session:
    """Regular trading hours of one day, New York time; early closes are in it."""

    opens_at: datetime
    closes_at: datetime

    def is_open(self, now: datetime) -> bool:
        """Whether `now` lies within the session, the close excluded."""
        return self.opens_at <= now < self.closes_at


class Calendar(Protocol):
    """Sessions of an exchange."""

    def session(self, day: date) -> Session | None:
        """The day's session, None when the exchange is closed."""
        ...


@dataclass(frozen=True, slots=True)
class DailyBars:
    """Completed sessions of an underlying, oldest first. Today is never in it."""

    days: tuple[date, ...]
    open: tuple[float, ...]
    high: tuple[float, ...]
    low: tuple[float, ...]
    close: tuple[float, ...]

    def __len__(self) -> int:
        """Number of sessions."""
        return len(self.days)

    def last(self, count: int) -> "DailyBars":
        """The newest `count` sessions, or all of fewer."""
        cut = slice(max(0, len(self) - count), None)
        return DailyBars(self.days[cut], self.open[cut], self.high[cut], self.low[cut], self.close[cut])

    def extended(self, newer: "DailyBars") -> "DailyBars | None":
        """These sessions followed by those of `newer` that come after them; None unless both know the last of these, with one close."""
        if not self.days or self.days[-1] not in newer.days:
            return None
        meeting = newer.days.index(self.days[-1])
        if newer.close[meeting] != self.close[-1]:
            return None
        rest = newer.last(len(newer) - meeting - 1)
        return DailyBars(self.days + rest.days, self.open + rest.open, self.high + rest.high, self.low + rest.low, self.close + rest.close)


@dataclass(frozen=True, slots=True)
class VolatilityIndices:
    """The VIX family as known now; what is not known is None.

    Attributes:
        vix9d: 9 days, in points.
        vix: 30 days, in points.
        vix3m: 3 months, in points.
        vix6m: 6 months, in points.
        vix_previous_close: the VIX of the last completed session.
    """

    vix9d: float | None = None
    vix: float | None = None
    vix3m: float | None = None
    vix6m: float | None = None
    vix_previous_close: float | None = None


class MarketView(Calendar, Protocol):
    """The market as of one moment. Every answer may be None: missing is not zero."""

    def spot(self, underlying: str) -> float | None:
        """Last price of an underlying named in the parameters (for a future: the contract mapped now)."""
        ...

    def underlying_price(self, contract: Contract) -> float | None:
        """Last price of exactly what the option follows (one future contract, the share, the index)."""
        ...

    def session_open(self, underlying: str) -> float | None:
        """Today's first regular price."""
        ...

    def daily_bars(self, underlying: str, count: int) -> DailyBars:
        """Up to `count` completed sessions."""
        ...

    def quote(self, contract: Contract) -> Quote | None:
        """The contract's last real quote; None before the first."""
        ...

    def vix_now(self) -> float | None:
        """The VIX in points."""
        ...

    def vix_closes(self, count: int) -> tuple[VolatilityIndices, ...]:
        """The family's closes of up to `count` completed sessions, oldest first."""
        ...

    def risk_free_rate(self) -> float:
        """Annual rate as a decimal."""
        ...

    def dividend_yield(self, underlying: str) -> float:
        """Annual continuous yield as a decimal; 0 for indices without data and for futures."""
        ...

    def chain(self, underlying: str) -> OptionChain | None:
        """What is listed on the underlying as of this morning."""
        ...

    def atm_volatility_history(self, underlying: str, count: int) -> tuple[float, ...]:
        """At-the-money implied volatilities (decimal, about 90 days) of up to `count` sessions, oldest first, this morning's last."""
        ...

    def margin_dollars(self, legs: Sequence[Leg], units: int) -> float | None:
        """Maintenance margin the engine would ask for these legs on top of the present book; None where it cannot be asked."""
        ...


@dataclass(frozen=True, slots=True)
class ClosedTrade:
    """The result of one finished campaign, for Kelly and for losing streaks.

    Attributes:
        campaign_id: which.
        strategy: whose.
        closed_at: when the last leg went.
        profit_dollars: net of fees.
        risk_dollars: planned loss at the stop; None when it had none.
    """

    campaign_id: str
    strategy: str
    closed_at: datetime
    profit_dollars: float
    risk_dollars: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PortfolioView:
    """The account as of one moment.

    Attributes:
        net_liquidation_value: dollars.
        margin_used_dollars: maintenance margin of everything held; None where only strategies look, which do not need it.
        positions: every live campaign of the machine.
        pending: opening proposals already submitted and not yet filled or given up; they count as held.
        state: trading state.
        closed_trades: every finished campaign so far.
        high_water_mark: highest net liquidation value so far.
        session_start_value: net liquidation value at the last session's close, the base of the daily loss.
        facts: further named figures (phase, pauses) that rules keep between days; persisted with the state.
    """

    net_liquidation_value: float
    margin_used_dollars: float | None = None
    positions: tuple[Position, ...] = ()
    pending: tuple[Proposal, ...] = ()
    state: TradingState = TradingState.ACTIVE
    closed_trades: tuple[ClosedTrade, ...] = ()
    high_water_mark: float | None = None
    session_start_value: float | None = None
    facts: Mapping[str, float] = field(default_factory=dict)

    def of_strategy(self, strategy: str) -> tuple[Position, ...]:
        """Live campaigns of one strategy."""
        return tuple(position for position in self.positions if position.strategy == strategy)

    def pending_of(self, strategy: str) -> tuple[Proposal, ...]:
        """Working opening proposals of one strategy."""
        return tuple(proposal for proposal in self.pending if proposal.strategy == strategy)
