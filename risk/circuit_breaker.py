"""Trading state and breakers: when entries stop, and what is closed because of it (rulebook 3.6).

| breaker | base | window | what counts | consequence |
|---|---|---|---|---|
| drawdown -10 % | high-water mark of NLV | peak to now | realised and open | new size x 0.5 |
| drawdown -15 % | the same | the same | the same | REDUCING, losing structures closed; until less than -10 %, or a person resumes |
| drawdown -20 % | the same | the same | the same | all closed, then HALTED; a person may resume 14 days later |
| day's loss -5 % | NLV at the last session's close | this session | realised and open | REDUCING for the session |
| VIX +50 % | VIX of the previous close | this session | VIX now | no entries for the session |
| underlying +-5 % | its previous close | this session | its price now | 0DTE and strangles on it closed, no entry on it for 24 hours |
| three losing closes in a row | - | closed campaigns of one strategy, in order of closing | profit after fees < 0 | no new campaign of it for five further sessions |
| VIX >= 30 (crisis) | - | now | VIX now | strangles closed |

"Entries stopped" never means that exits are: a closing passes in every state but HALTED, which is entered when nothing is left to close (or at
once by a person's command). Resuming after a drawdown sets the high-water mark to the value of that moment.

The main program owns one `BreakerState` and calls `advance` at every beat of a session, at least once after the open and once at the close; it
journals the events, persists `to_facts`, fills `PortfolioView` from the state (`trading_state`, `high_water_mark`, `session_start_value`, and
`view_facts` into `facts`), and asks `breaker_exit` for every position after `advance`, before the strategy's own management. When the state
becomes HALTED it cancels every open order.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import ClassVar

from analysis.vix_term_structure import Regime, VixParameters, has_spiked, regime_of
from domain.parameters import parameter
from domain.position import Position
from domain.proposal import DenialCode, Exit, Proposal, Verdict
from domain.state import ExitReason, TradingState, Urgency
from domain.views import ClosedTrade, MarketView, PortfolioView
from risk.pipeline import Denial, allow, continues_campaign, deny, known_net_liquidation_value, tightest

SECTION = "circuit-breaker"
SPIKE_FACT = "breaker.vix_spike"
STRATEGY_FACT = "breaker.paused_strategy."
UNDERLYING_FACT = "breaker.paused_underlying."


@dataclass(frozen=True, slots=True)
class BreakerParameters:
    """Levels of the breakers."""

    drawdown_halve: float = parameter(
        0.10,
        "drawdown from the high-water mark that halves new size",
        unit="share of high-water mark",
        low=0.01,
        high=0.9,
        source="rulebook 3.6 [PDF p3]",
    )
    size_factor: float = parameter(
        0.5,
        "new size while halved: the size every rule allows, times this, rounded down; one unit is refused",
        unit="share of units",
        low=0.0,
        high=1.0,
        source="rulebook 3.6 [PDF p3]",
    )
    drawdown_reduce: float = parameter(
        0.15,
        "drawdown at which entries stop and losers are closed",
        unit="share of high-water mark",
        low=0.01,
        high=0.9,
        source="rulebook 3.6 [PDF p3]",
    )
    drawdown_halt: float = parameter(
        0.20,
        "drawdown at which everything is closed and the machine halts",
        unit="share of high-water mark",
        low=0.01,
        high=0.9,
        source="rulebook 3.6 [PDF p3]",
        tunable=True,
    )
    halt_days: int = parameter(
        14, "earliest re-activation after a drawdown halt", unit="calendar days", low=0, high=365, source="rulebook 3.6 [PDF p12]"
    )
    day_loss: float = parameter(
        0.05,
        "loss since the last session's close that stops entries for the session",
        unit="share of that value",
        low=0.001,
        high=0.9,
        source="rulebook 3.6",
    )
    underlying_move: float = parameter(
        0.05,
        "move of an underlying since its previous close, either way",
        unit="share of previous close",
        low=0.005,
        high=0.9,
        source="rulebook 3.6 [PDF p12]",
    )
    underlying_pause_hours: int = parameter(
        24, "no entry on an underlying after such a move", unit="hours", low=0, high=240, source="rulebook 3.6 [PDF p12]"
    )
    move_strategies: tuple[str, ...] = parameter(
        ("friday_0dte", "futures_strangle"), "strategies whose positions on it are closed", unit="names", source="rulebook 3.6 [PDF p12]"
    )
    losing_streak: int = parameter(
        3, "losing closes in a row after which a strategy pauses", unit="closed campaigns", low=1, high=100, source="rulebook 3.6"
    )
    pause_sessions: int = parameter(
        5, "further sessions without entries of that strategy", unit="sessions", low=1, high=250, source="rulebook 3.6"
    )
    crisis_strategies: tuple[str, ...] = parameter(
        ("futures_strangle",), "strategies closed in a crisis", unit="names", source="rulebook 3.3 [PDF p12]"
    )

    def problems(self) -> list[str]:
        """The ladder's levels must rise."""
        if not self.drawdown_halve < self.drawdown_reduce < self.drawdown_halt:
            levels = f"{self.drawdown_halve:g}, {self.drawdown_reduce:g}, {self.drawdown_halt:g}"
            return [f"drawdown-halve, -reduce, -halt are {levels}, expected rising levels"]
        return []


class Cause(StrEnum):
    """Why the machine is not ACTIVE; several can hold at once, the strictest decides."""

    DRAWDOWN_REDUCE = "drawdown_reduce"
    DRAWDOWN_HALT = "drawdown_halt"
    DAY_LOSS = "day_loss"
    MANUAL_HALT = "manual_halt"
    MANUAL_FLATTEN = "manual_flatten"


class Command(StrEnum):
    """What a person may order: stop all at once, close all and then stop, go on."""

    HALT = "halt"
    FLATTEN = "flatten"
    RESUME = "resume"


class BreakerEventKind(StrEnum):
    """Names of what changes the state; nothing else does."""

    STATE_CHANGED = "state_changed"
    DRAWDOWN_HALVE = "drawdown_halve"
    DRAWDOWN_REDUCE = "drawdown_reduce"
    DRAWDOWN_HALT = "drawdown_halt"
    DRAWDOWN_OVER = "drawdown_over"
    DAY_LOSS = "day_loss"
    DAY_LOSS_OVER = "day_loss_over"
    VIX_SPIKE = "vix_spike"
    UNDERLYING_MOVE = "underlying_move"
    LOSING_STREAK = "losing_streak"
    PAUSE_OVER = "pause_over"
    HALT_COMMAND = "halt_command"
    FLATTEN_COMMAND = "flatten_command"
    RESUME_COMMAND = "resume_command"
    RESUME_REFUSED = "resume_refused"


@dataclass(frozen=True, slots=True)
class BreakerEvent:
    """A named change, for the journal.

    Attributes:
        kind: what happened.
        subject: strategy or underlying concerned, or the new trading state.
        numbers: base, value and level that led to it.
    """

    kind: BreakerEventKind
    subject: str = ""
    numbers: Mapping[str, float] = field(default_factory=dict)


class BreakerFactsError(ValueError):
    """Raised when persisted facts are not a breaker's state. The main program must not trade on them: start HALTED and tell a person."""


_FLATTENING = frozenset({Cause.DRAWDOWN_HALT, Cause.MANUAL_FLATTEN})
_ACTIVE, _REDUCING, _HALTED = TradingState.ACTIVE, TradingState.REDUCING, TradingState.HALTED  # asked for at every beat
_NOTHING: Mapping[str, int] = MappingProxyType({})
_NO_PAUSES: Mapping[str, datetime] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerState:
    """Everything the breakers remember between beats.

    Attributes:
        trading_state: what the machine may do.
        causes: why it is not ACTIVE.
        high_water_mark: highest net liquidation value so far; None before the first beat and right after a resume.
        session: day of the session under way; None before the first.
        session_start_value: net liquidation value at the last session's close; on the first day the first value seen.
        last_value: last value seen, which becomes the next session's base.
        halted_at: when the drawdown halt began; None when there is none.
        is_size_halved: whether the drawdown is at the first level or beyond.
        is_vix_spike: whether the VIX spiked in this session.
        strategy_pauses: sessions still to pause after this one, by strategy.
        underlying_pauses: end of the pause, by underlying.
        losing_streaks: losing closes in a row, by strategy.
        trades_seen: closed campaigns already counted.
    """

    trading_state: TradingState = TradingState.ACTIVE
    causes: frozenset[Cause] = frozenset()
    high_water_mark: float | None = None
    session: date | None = None
    session_start_value: float | None = None
    last_value: float | None = None
    halted_at: datetime | None = None
    is_size_halved: bool = False
    is_vix_spike: bool = False
    strategy_pauses: Mapping[str, int] = field(default_factory=lambda: _NOTHING)
    underlying_pauses: Mapping[str, datetime] = field(default_factory=lambda: _NO_PAUSES)
    losing_streaks: Mapping[str, int] = field(default_factory=lambda: _NOTHING)
    trades_seen: int = 0

    @property
    def is_flattening(self) -> bool:
        """Whether everything is to be closed."""
        return not self.causes.isdisjoint(_FLATTENING)

    def view_facts(self) -> dict[str, float]:
        """Figures for `PortfolioView.facts`: the spike, sessions left by paused strategy, end of pause (seconds since 1970) by underlying."""
        return {
            SPIKE_FACT: float(self.is_vix_spike),
            **{STRATEGY_FACT + name: float(left) for name, left in self.strategy_pauses.items()},
            **{UNDERLYING_FACT + name: until.timestamp() for name, until in self.underlying_pauses.items()},
        }

    def to_facts(self) -> dict[str, str | float]:
        """The whole state as texts and numbers; `from_facts` reads it back."""
        optional: dict[str, str | float | None] = {
            "high_water_mark": self.high_water_mark,
            "session": self.session.isoformat() if self.session else None,
            "session_start_value": self.session_start_value,
            "last_value": self.last_value,
            "halted_at": self.halted_at.isoformat() if self.halted_at else None,
        }
        return {
            "trading_state": self.trading_state.value,
            "causes": ",".join(sorted(self.causes)),
            "is_size_halved": float(self.is_size_halved),
            "is_vix_spike": float(self.is_vix_spike),
            "trades_seen": float(self.trades_seen),
            **{name: value for name, value in optional.items() if value is not None},
            **{f"strategy_pause.{name}": float(left) for name, left in self.strategy_pauses.items()},
            **{f"underlying_pause.{name}": until.isoformat() for name, until in self.underlying_pauses.items()},
            **{f"losing_streak.{name}": float(count) for name, count in self.losing_streaks.items()},
        }

    @classmethod
    def from_facts(cls, facts: Mapping[str, str | float]) -> "BreakerState":
        """The state that was persisted.

        Raises:
            BreakerFactsError: if something is missing or unreadable.
        """

        def number(name: str) -> float | None:
            return float(facts[name]) if name in facts else None

        def group(prefix: str) -> dict[str, str | float]:
            return {name.removeprefix(prefix): value for name, value in facts.items() if name.startswith(prefix)}

        try:
            return cls(
                trading_state=TradingState(str(facts["trading_state"])),
                causes=frozenset(Cause(text) for text in str(facts["causes"]).split(",") if text),
                high_water_mark=number("high_water_mark"),
                session=date.fromisoformat(str(facts["session"])) if "session" in facts else None,
                session_start_value=number("session_start_value"),
                last_value=number("last_value"),
                halted_at=datetime.fromisoformat(str(facts["halted_at"])) if "halted_at" in facts else None,
                is_size_halved=bool(float(facts["is_size_halved"])),
                is_vix_spike=bool(float(facts["is_vix_spike"])),
                strategy_pauses={name: int(value) for name, value in group("strategy_pause.").items()},
                underlying_pauses={name: datetime.fromisoformat(str(value)) for name, value in group("underlying_pause.").items()},
                losing_streaks={name: int(value) for name, value in group("losing_streak.").items()},
                trades_seen=int(facts["trades_seen"]),
            )
        except (KeyError, ValueError) as problem:
            raise BreakerFactsError(
                f"persisted breaker state is unreadable at {problem}, expected what BreakerState.to_facts writes; "
                "start halted, check the account, then resume by command"
            ) from problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What the breakers look at in one beat.

    Attributes:
        now: New York time.
        session: day of the session `now` belongs to.
        net_liquidation_value: dollars; None when unknown, which changes nothing.
        open_positions: live positions of the machine.
        vix: now; None when unknown.
        vix_previous_close: of the last completed session; None when unknown.
        moves: move of each underlying since its previous close, as a share; unknown ones are left out.
        closed_trades: every finished campaign so far, in order of closing.
        command: what a person ordered since the last beat.
    """

    now: datetime
    session: date
    net_liquidation_value: float | None
    open_positions: int = 0
    vix: float | None = None
    vix_previous_close: float | None = None
    moves: Mapping[str, float] = field(default_factory=dict)
    closed_trades: tuple[ClosedTrade, ...] = ()
    command: Command | None = None


_Step = tuple[BreakerState, list[BreakerEvent]]


def advance(
    state: BreakerState, seen: Observation, parameters: BreakerParameters, volatility: VixParameters
) -> tuple[BreakerState, tuple[BreakerEvent, ...]]:
    """The state after one beat, and the named events that changed it. To be called at every beat of a session."""
    events: list[BreakerEvent] = []
    for step in (_open_session, _obey, _watch_drawdown, _watch_day):
        state, more = step(state, seen, parameters)
        events += more
    state, more = _watch_vix(state, seen, volatility)
    events += more
    for step in (_watch_underlyings, _watch_streaks, _settle):
        state, more = step(state, seen, parameters)
        events += more
    return state, tuple(events)


def _open_session(state: BreakerState, seen: Observation, _: BreakerParameters) -> _Step:
    if seen.session == state.session:
        return state, []
    events = [BreakerEvent(BreakerEventKind.DAY_LOSS_OVER)] if Cause.DAY_LOSS in state.causes else []
    over = sorted(name for name, left in state.strategy_pauses.items() if left < 1)
    events += [BreakerEvent(BreakerEventKind.PAUSE_OVER, name) for name in over]
    base = seen.net_liquidation_value if state.last_value is None else state.last_value
    return replace(
        state,
        session=seen.session,
        session_start_value=base,
        causes=state.causes - {Cause.DAY_LOSS},
        is_vix_spike=False,
        strategy_pauses={name: left - 1 for name, left in state.strategy_pauses.items() if left > 0},
    ), events


def _obey(state: BreakerState, seen: Observation, parameters: BreakerParameters) -> _Step:
    if seen.command is None:
        return state, []
    if seen.command is Command.HALT:
        return replace(state, causes=state.causes | {Cause.MANUAL_HALT}), [BreakerEvent(BreakerEventKind.HALT_COMMAND)]
    if seen.command is Command.FLATTEN:
        return replace(state, causes=state.causes | {Cause.MANUAL_FLATTEN}), [BreakerEvent(BreakerEventKind.FLATTEN_COMMAND)]
    if state.halted_at is not None:
        earliest = state.halted_at + timedelta(days=parameters.halt_days)
        if seen.now < earliest:
            days = (earliest - seen.now) / timedelta(days=1)
            return state, [BreakerEvent(BreakerEventKind.RESUME_REFUSED, numbers={"days_left": days})]
    is_rebased = bool(state.causes & {Cause.DRAWDOWN_REDUCE, Cause.DRAWDOWN_HALT})
    if is_rebased:
        state = replace(state, high_water_mark=None, is_size_halved=False)
    resumed = replace(state, causes=state.causes & {Cause.DAY_LOSS}, halted_at=None)
    return resumed, [BreakerEvent(BreakerEventKind.RESUME_COMMAND)]


def drawdown(net_liquidation_value: float, high_water_mark: float) -> float:
    """Loss from the high-water mark as a share of it, >= 0."""
    return max(0.0, (high_water_mark - net_liquidation_value) / high_water_mark) if high_water_mark > 0 else 0.0


def _watch_drawdown(state: BreakerState, seen: Observation, parameters: BreakerParameters) -> _Step:
    value = seen.net_liquidation_value
    if value is None:
        return state, []
    mark = value if state.high_water_mark is None else max(value, state.high_water_mark)
    depth = drawdown(value, mark)
    is_calm = depth < min(parameters.drawdown_halve, parameters.drawdown_reduce, parameters.drawdown_halt)
    if is_calm and not state.causes and not state.is_size_halved:
        is_known = value == state.last_value and mark == state.high_water_mark
        return (state if is_known else replace(state, high_water_mark=mark, last_value=value)), []
    numbers = {"drawdown": depth, "high_water_mark": mark, "net_liquidation_value": value}
    causes, events, halted_at = state.causes, [], state.halted_at
    if depth >= parameters.drawdown_halt and Cause.DRAWDOWN_HALT not in causes:
        causes, halted_at = causes | {Cause.DRAWDOWN_HALT}, seen.now
        events.append(BreakerEvent(BreakerEventKind.DRAWDOWN_HALT, numbers=numbers))
    if depth >= parameters.drawdown_reduce and Cause.DRAWDOWN_REDUCE not in causes:
        causes |= {Cause.DRAWDOWN_REDUCE}
        events.append(BreakerEvent(BreakerEventKind.DRAWDOWN_REDUCE, numbers=numbers))
    is_halved = depth >= parameters.drawdown_halve
    if is_halved and not state.is_size_halved:
        events.append(BreakerEvent(BreakerEventKind.DRAWDOWN_HALVE, numbers=numbers))
    if not is_halved and (state.is_size_halved or Cause.DRAWDOWN_REDUCE in causes):
        causes -= {Cause.DRAWDOWN_REDUCE}
        events.append(BreakerEvent(BreakerEventKind.DRAWDOWN_OVER, numbers=numbers))
    return replace(state, high_water_mark=mark, last_value=value, causes=causes, halted_at=halted_at, is_size_halved=is_halved), events


def _watch_day(state: BreakerState, seen: Observation, parameters: BreakerParameters) -> _Step:
    base, value = state.session_start_value, seen.net_liquidation_value
    if base is None and value is not None:
        return replace(state, session_start_value=value), []
    if base is None or value is None or Cause.DAY_LOSS in state.causes:
        return state, []
    loss = drawdown(value, base)
    if loss < parameters.day_loss:
        return state, []
    numbers = {"day_loss": loss, "session_start_value": base, "net_liquidation_value": value}
    return replace(state, causes=state.causes | {Cause.DAY_LOSS}), [BreakerEvent(BreakerEventKind.DAY_LOSS, numbers=numbers)]


def _watch_vix(state: BreakerState, seen: Observation, volatility: VixParameters) -> _Step:
    now, base = seen.vix, seen.vix_previous_close
    if state.is_vix_spike or now is None or base is None or not has_spiked(now, base, volatility):
        return state, []
    numbers = {"vix": now, "vix_previous_close": base, "rise": now / base - 1.0}
    return replace(state, is_vix_spike=True), [BreakerEvent(BreakerEventKind.VIX_SPIKE, numbers=numbers)]


def _watch_underlyings(state: BreakerState, seen: Observation, parameters: BreakerParameters) -> _Step:
    moved = [(name, move) for name, move in seen.moves.items() if abs(move) >= parameters.underlying_move]
    if not moved and not state.underlying_pauses:
        return state, []
    pauses = {name: until for name, until in state.underlying_pauses.items() if until > seen.now}
    events = [BreakerEvent(BreakerEventKind.PAUSE_OVER, name) for name in sorted(set(state.underlying_pauses) - set(pauses))]
    for name, move in sorted(moved):
        if name not in pauses:
            pauses[name] = seen.now + timedelta(hours=parameters.underlying_pause_hours)
            events.append(BreakerEvent(BreakerEventKind.UNDERLYING_MOVE, name, {"move": move}))
    return (replace(state, underlying_pauses=pauses) if pauses != state.underlying_pauses else state), events


def _watch_streaks(state: BreakerState, seen: Observation, parameters: BreakerParameters) -> _Step:
    if state.trades_seen >= len(seen.closed_trades):
        return state, []
    streaks, pauses, events = dict(state.losing_streaks), dict(state.strategy_pauses), []
    for trade in seen.closed_trades[state.trades_seen :]:
        count = streaks.get(trade.strategy, 0) + 1 if trade.profit_dollars < 0 else 0
        if count >= parameters.losing_streak:
            pauses[trade.strategy] = parameters.pause_sessions
            events.append(BreakerEvent(BreakerEventKind.LOSING_STREAK, trade.strategy, {"losing_closes": float(count)}))
            count = 0
        streaks[trade.strategy] = count
    return replace(state, losing_streaks=streaks, strategy_pauses=pauses, trades_seen=len(seen.closed_trades)), events


def _settle(state: BreakerState, seen: Observation, _: BreakerParameters) -> _Step:
    trading = _REDUCING if state.causes else _ACTIVE
    if state.causes and (Cause.MANUAL_HALT in state.causes or (state.is_flattening and seen.open_positions == 0)):
        trading = _HALTED
    if trading is state.trading_state:
        return state, []
    return replace(state, trading_state=trading), [BreakerEvent(BreakerEventKind.STATE_CHANGED, trading.value)]


def breaker_exit(
    position: Position,
    state: BreakerState,
    market: MarketView,
    parameters: BreakerParameters,
    volatility: VixParameters,
    now: datetime,
) -> Exit | None:
    """Whether a breaker closes this position now. Asked for every position at every beat, after `advance` and before the strategy's own management."""
    if state.is_flattening:
        reason = ExitReason.BREAKER if Cause.DRAWDOWN_HALT in state.causes else ExitReason.MANUAL
        return Exit(reason, urgency=Urgency.NATURAL)
    until = state.underlying_pauses.get(position.underlying)
    if position.strategy in parameters.move_strategies and until is not None and until > now:
        return Exit(ExitReason.BREAKER, urgency=Urgency.NATURAL)
    vix = market.vix_now() if position.strategy in parameters.crisis_strategies else None
    if vix is not None and regime_of(vix, volatility) is Regime.CRISIS:
        return Exit(ExitReason.CRISIS, numbers={"vix": vix})
    if state.causes and Cause.DRAWDOWN_REDUCE in state.causes:
        quotes = {h.contract.key: quote for h in position.holdings if (quote := market.quote(h.contract)) is not None}
        profit = position.profit_dollars(quotes)
        if profit is not None and profit < 0:
            return Exit(ExitReason.BREAKER, numbers={"profit_dollars": profit})
    return None


class TradingStateRule:
    """Entries the trading state and the breakers allow.

    The drawdown and the day's loss are measured here again from the view, so that an entry is refused even when the state is one beat old.
    """

    name: ClassVar[str] = "trading_state"

    def __init__(self, parameters: BreakerParameters) -> None:
        """Keep the levels."""
        self._parameters = parameters

    def judge(self, proposal: Proposal, portfolio: PortfolioView, market: MarketView, now: datetime) -> Verdict:  # noqa: ARG002  the rule's protocol
        """All units, half of them, or none."""
        value, mark, base = known_net_liquidation_value(portfolio), portfolio.high_water_mark, portfolio.session_start_value
        if value is None:
            return deny(self.name, DenialCode.NLV_UNKNOWN)
        if mark is None or base is None:
            return deny(self.name, DenialCode.STATE_UNKNOWN)
        numbers = {"drawdown": drawdown(value, mark), "day_loss": drawdown(value, base)}
        checks = [
            self._state(proposal, portfolio.state, numbers),
            self._day(proposal, numbers),
            self._drawdown(proposal, portfolio, numbers),
            self._pauses(proposal, portfolio, now),
        ]
        return tightest(checks)

    def _state(self, proposal: Proposal, state: TradingState, numbers: Mapping[str, float]) -> Verdict:
        is_active = state is TradingState.ACTIVE and numbers["drawdown"] < self._parameters.drawdown_reduce
        return allow(self.name, proposal, numbers) if is_active else deny(self.name, DenialCode.NOT_ACTIVE, numbers)

    def _day(self, proposal: Proposal, numbers: Mapping[str, float]) -> Verdict:
        is_stopped = numbers["day_loss"] >= self._parameters.day_loss
        return deny(self.name, DenialCode.SESSION_STOPPED, numbers) if is_stopped else allow(self.name, proposal)

    def _drawdown(self, proposal: Proposal, portfolio: PortfolioView, numbers: Mapping[str, float]) -> Verdict:
        """New size is halved; what a live campaign needs next (a short leg, a roll) has the campaign's size."""
        if numbers["drawdown"] < self._parameters.drawdown_halve or continues_campaign(proposal, portfolio):
            return allow(self.name, proposal)
        factor = self._parameters.size_factor
        return Verdict(self.name, proposal.units, DenialCode.SIZE_HALVED, {**numbers, "size_factor": factor}, factor)

    def _pauses(self, proposal: Proposal, portfolio: PortfolioView, now: datetime) -> Verdict:
        """A losing streak stops new campaigns; a live one goes on selling its short legs and rolling: without them it is another trade."""
        facts = portfolio.facts
        if facts.get(SPIKE_FACT, 0.0) > 0:
            return deny(self.name, DenialCode.VIX_SPIKE, {"vix_spike": facts[SPIKE_FACT]})
        left = facts.get(STRATEGY_FACT + proposal.strategy)
        if left is not None and not continues_campaign(proposal, portfolio):
            return deny(self.name, DenialCode.STRATEGY_PAUSED, {"sessions_left": left})
        until = facts.get(UNDERLYING_FACT + proposal.underlying)
        if until is not None and until > now.timestamp():
            return deny(self.name, DenialCode.UNDERLYING_PAUSED, {"hours_left": (until - now.timestamp()) / 3600.0})
        return allow(self.name, proposal)


DENIALS = (
    Denial(DenialCode.NLV_UNKNOWN, "the account's value is not a positive number"),
    Denial(DenialCode.STATE_UNKNOWN, "the breakers have not seen the account yet: no high-water mark or no value at the last close"),
    Denial(
        DenialCode.NOT_ACTIVE,
        "the trading state is not ACTIVE, or the drawdown from the high-water mark is at the level that makes it REDUCING",
        ("drawdown", "day_loss"),
        ("circuit-breaker-drawdown-reduce", "circuit-breaker-drawdown-halt"),
    ),
    Denial(
        DenialCode.SESSION_STOPPED,
        "the account lost too much since the last session's close",
        ("drawdown", "day_loss"),
        ("circuit-breaker-day-loss",),
    ),
    Denial(
        DenialCode.SIZE_HALVED,
        "the drawdown from the high-water mark halves new size, rounded down",
        ("drawdown", "day_loss", "size_factor"),
        ("circuit-breaker-drawdown-halve", "circuit-breaker-size-factor"),
    ),
    Denial(
        DenialCode.VIX_SPIKE, "the VIX jumped over its previous close in this session", ("vix_spike",), ("volatility-regime-spike-share",)
    ),
    Denial(
        DenialCode.STRATEGY_PAUSED,
        "the strategy pauses after losing closes in a row",
        ("sessions_left",),
        ("circuit-breaker-losing-streak", "circuit-breaker-pause-sessions"),
    ),
    Denial(
        DenialCode.UNDERLYING_PAUSED,
        "the underlying moved too far in a day",
        ("hours_left",),
        ("circuit-breaker-underlying-move", "circuit-breaker-underlying-pause-hours"),
    ),
)
