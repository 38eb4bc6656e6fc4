"""Breakers: a worked example each, the states between them, commands, and what survives a restart."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from risk_fakes import NOW, RiskMarket, account, at, parameters, position, proposal

from analysis.vix_term_structure import VixParameters
from domain.proposal import DenialCode
from domain.quote import Quote
from domain.state import ExitReason, TradingState, Urgency
from domain.views import ClosedTrade
from risk.circuit_breaker import (
    BreakerEventKind,
    BreakerFactsError,
    BreakerParameters,
    BreakerState,
    Cause,
    Command,
    Observation,
    TradingStateRule,
    advance,
    breaker_exit,
)

PARAMETERS, VOLATILITY = BreakerParameters(), VixParameters()
RULE = TradingStateRule(PARAMETERS)
ACTIVE, REDUCING, HALTED = TradingState.ACTIVE, TradingState.REDUCING, TradingState.HALTED
Kind = BreakerEventKind


def run(*beats: Observation, state: BreakerState | None = None) -> tuple[BreakerState, list[list[str]]]:
    """The state after these beats, and the names of the events of each."""
    state, told = state or BreakerState(), []
    for beat in beats:
        state, events = advance(state, beat, PARAMETERS, VOLATILITY)
        told.append([f"{event.kind}:{event.subject}" if event.subject else event.kind.value for event in events])
    return state, told


def beat(when: str, value: float | None = 100_000.0, **seen) -> Observation:
    now = at(when)
    return Observation(now=now, session=now.date(), net_liquidation_value=value, **seen)


def closed(strategy: str, profit: float, number: int = 0) -> ClosedTrade:
    return ClosedTrade(f"{strategy}/{number}", strategy, NOW, profit, 300.0)


def judged(view, what=None):
    verdict = RULE.judge(what or proposal(units=4), view, RiskMarket(), NOW)
    return verdict.units, verdict.code


# ---- worked examples: one breaker each ----


def test_drawdown_ladder_worked_example():
    # peak 100,000 on Monday; then a slow bleed over days of less than 5 % each
    state, told = run(
        beat("2024-07-01 16:00", 100_000),
        beat("2024-07-02 16:00", 95_100),
        beat("2024-07-03 16:00", 90_500),  # -9.5 %: nothing
        beat("2024-07-05 16:00", 90_000, open_positions=4),  # -10 %: half size
        beat("2024-07-08 16:00", 86_000, open_positions=4),
        beat("2024-07-09 16:00", 85_000, open_positions=4),  # -15 %: entries stop, losers go
        beat("2024-07-10 16:00", 81_000, open_positions=2),
        beat("2024-07-11 16:00", 80_000, open_positions=2),  # -20 %: all goes
        beat("2024-07-11 16:01", 80_000, open_positions=0),  # nothing left: halted
    )
    assert told == [
        [], [], [],
        ["drawdown_halve"],
        [],
        ["drawdown_reduce", "state_changed:reducing"],
        [],
        ["drawdown_halt"],
        ["state_changed:halted"],
    ]  # fmt: skip
    assert (state.trading_state, state.high_water_mark, state.halted_at) == (HALTED, 100_000, at("2024-07-11 16:00"))


def test_drawdown_counts_open_losses_against_the_highest_value_ever_not_the_starting_cash():
    state, told = run(
        beat("2024-07-01 10:00", 75_000), beat("2024-07-01 11:00", 120_000), beat("2024-07-02 11:00", 115_000), beat("2024-07-03 11:00", 109_300),
        beat("2024-07-05 11:00", 108_000),
    )  # fmt: skip
    assert told[-1] == ["drawdown_halve"]
    assert state.high_water_mark == 120_000


def test_reducing_by_drawdown_ends_only_above_the_first_level():
    state, _ = run(
        beat("2024-07-01 16:00"), beat("2024-07-02 16:00", 96_000), beat("2024-07-03 16:00", 92_000), beat("2024-07-05 16:00", 88_000)
    )
    state, told = run(
        beat("2024-07-08 16:00", 84_900), beat("2024-07-09 16:00", 88_000), beat("2024-07-10 16:00", 90_000), beat("2024-07-11 16:00", 90_100), state=state
    )  # fmt: skip
    assert told == [["drawdown_reduce", "state_changed:reducing"], [], [], ["drawdown_over", "state_changed:active"]]
    assert not state.is_size_halved


def test_day_loss_worked_example():
    # base: the value at yesterday's last beat, not today's first
    state, told = run(
        beat("2024-07-01 16:00", 100_000),
        beat("2024-07-02 09:31", 96_000),  # -4 % overnight
        beat("2024-07-02 11:00", 95_000),  # -5 %: reducing
        beat("2024-07-02 15:00", 99_000),  # recovers: still reducing for the session
        beat("2024-07-03 09:31", 99_000),  # next session: active again
    )
    assert told == [[], [], ["day_loss", "state_changed:reducing"], [], ["day_loss_over", "state_changed:active"]]
    assert state.session_start_value == 99_000


def test_vix_spike_worked_example():
    # 2024-08-05: previous close 23.39
    state, told = run(
        beat("2024-08-05 09:31", vix=35.0, vix_previous_close=23.39),  # +49.6 %
        beat("2024-08-05 09:45", vix=35.085, vix_previous_close=23.39),  # +50 %
        beat("2024-08-05 12:00", vix=28.0, vix_previous_close=23.39),  # falls back: the session stays stopped
    )
    assert told == [[], ["vix_spike"], []]
    assert (state.trading_state, state.view_facts()["breaker.vix_spike"]) == (ACTIVE, 1.0)
    assert judged(account(facts=state.view_facts())) == (0, DenialCode.VIX_SPIKE)
    state, _ = run(beat("2024-08-06 09:31", vix=30.0, vix_previous_close=38.57), state=state)
    assert judged(account(facts=state.view_facts())) == (4, None)


@pytest.mark.parametrize(
    "seen", [{"vix": None, "vix_previous_close": 20.0}, {"vix": 40.0, "vix_previous_close": None}, {"vix": 40.0, "vix_previous_close": 0.0}]
)
def test_an_unknown_vix_is_no_spike(seen):
    assert run(beat("2024-08-05 09:31", **seen))[1] == [[]]


def test_underlying_move_worked_example():
    state, told = run(
        beat("2024-08-05 10:00", moves={"SPX": -0.049, "SPY": -0.05}),
        beat("2024-08-05 12:00", moves={"SPX": -0.03, "SPY": -0.06}),  # the pause is not prolonged
        beat("2024-08-06 09:59", moves={"SPY": 0.01}),
    )
    assert told == [["underlying_move:SPY"], [], []]
    assert state.underlying_pauses == {"SPY": at("2024-08-06 10:00")}
    spy, spx = proposal("leap_put_ladder", "SPY"), proposal()
    rule = RULE.judge(spy, account(facts=state.view_facts()), RiskMarket(), at("2024-08-06 09:30"))
    assert (rule.units, rule.code, rule.numbers["hours_left"]) == (0, DenialCode.UNDERLYING_PAUSED, 0.5)
    assert RULE.judge(spx, account(facts=state.view_facts()), RiskMarket(), at("2024-08-06 09:30")).units == 1
    assert RULE.judge(spy, account(facts=state.view_facts()), RiskMarket(), at("2024-08-06 10:00")).units == 1
    _, told = run(beat("2024-08-06 10:00"), state=state)
    assert told == [["pause_over:SPY"]]


def test_a_rise_counts_as_a_move_too():
    assert run(beat("2024-08-05 10:00", moves={"GLD": 0.051}))[1] == [["underlying_move:GLD"]]


def test_losing_streak_worked_example():
    lost, won = closed("lt112", -500.0), closed("lt112", 100.0)
    other = closed("friday_0dte", -50.0)
    state, told = run(
        beat("2024-07-01 10:00", closed_trades=(lost, lost)),
        beat("2024-07-01 11:00", closed_trades=(lost, lost, won)),  # a win ends the streak
        beat("2024-07-01 12:00", closed_trades=(lost, lost, won, lost, other, lost)),
        beat("2024-07-01 13:00", closed_trades=(lost, lost, won, lost, other, lost, lost)),
    )
    assert told == [[], [], [], ["losing_streak:lt112"]]
    assert judged(account(facts=state.view_facts()), proposal("lt112", "ES")) == (0, DenialCode.STRATEGY_PAUSED)
    assert judged(account(facts=state.view_facts()), proposal())[0] == 1
    days = ["02", "03", "05", "08", "09"]  # five further sessions
    trades = (lost, lost, won, lost, other, lost, lost)
    for left, day in zip((4, 3, 2, 1, 0), days, strict=True):
        state, told = run(beat(f"2024-07-{day} 09:31", closed_trades=trades), state=state)
        assert (told, state.strategy_pauses) == ([[]], {"lt112": left})
        assert judged(account(facts=state.view_facts()), proposal("lt112", "ES"))[1] is DenialCode.STRATEGY_PAUSED
    state, told = run(beat("2024-07-10 09:31", closed_trades=trades), state=state)
    assert (told, state.strategy_pauses) == ([["pause_over:lt112"]], {})
    assert judged(account(facts=state.view_facts()), proposal("lt112", "ES"))[0] == 1


def test_a_trade_without_profit_or_loss_ends_a_streak():
    lost = closed("lt112", -1.0)
    state, _ = run(beat("2024-07-01 10:00", closed_trades=(lost, lost, closed("lt112", 0.0), lost)))
    assert state.losing_streaks == {"lt112": 1}


# ---- commands ----


def test_halt_is_at_once_and_ends_by_command():
    state, told = run(beat("2024-07-01 10:00", open_positions=3, command=Command.HALT))
    assert (told, state.trading_state) == ([["halt_command", "state_changed:halted"]], HALTED)
    state, told = run(beat("2024-07-01 11:00", open_positions=3, command=Command.RESUME), state=state)
    assert (told, state.trading_state) == ([["resume_command", "state_changed:active"]], ACTIVE)


def test_flatten_closes_everything_first_and_halts_then():
    state, told = run(
        beat("2024-07-01 10:00", open_positions=2, command=Command.FLATTEN),
        beat("2024-07-01 10:15", open_positions=1),
        beat("2024-07-01 10:30"),
    )
    assert told == [["flatten_command", "state_changed:reducing"], [], ["state_changed:halted"]]
    assert state.is_flattening
    order = breaker_exit(position("ipmcc", "SPY"), state, RiskMarket(), PARAMETERS, VOLATILITY, NOW)
    assert order is not None
    assert order.reason is ExitReason.MANUAL


def halted() -> BreakerState:
    state, _ = run(beat("2024-07-01 16:00"), beat("2024-07-02 16:00", 79_000))
    return state


@pytest.mark.parametrize(
    ("when", "told"),
    [
        ("2024-07-15 10:00", [["resume_refused"]]),
        ("2024-07-16 15:59", [["day_loss_over", "resume_refused"]]),
        ("2024-07-16 16:00", [["day_loss_over", "resume_command", "state_changed:active"]]),
    ],
)
def test_a_drawdown_halt_may_be_lifted_after_fourteen_days(when, told):
    before = halted()
    if told == [["resume_refused"]]:
        before, _ = run(beat("2024-07-15 09:31", 79_000), state=before)
    state, events = run(beat(when, 79_000, command=Command.RESUME), state=before)
    assert events == told
    if state.trading_state is ACTIVE:
        assert (state.high_water_mark, state.halted_at, state.causes) == (79_000, None, frozenset())
    else:
        assert state.trading_state is HALTED


def test_a_resume_does_not_lift_the_day_loss():
    state, _ = run(beat("2024-07-01 16:00"), beat("2024-07-02 10:00", 94_000), beat("2024-07-02 10:15", 94_000, command=Command.RESUME))
    assert (state.trading_state, state.causes) == (REDUCING, {Cause.DAY_LOSS})


def test_a_resume_without_a_drawdown_keeps_the_high_water_mark():
    state, _ = run(
        beat("2024-07-01 16:00"),
        beat("2024-07-02 10:00", 97_000, command=Command.HALT),
        beat("2024-07-02 11:00", 97_000, command=Command.RESUME),
    )
    assert state.high_water_mark == 100_000


def test_an_unknown_value_changes_nothing_but_commands_are_obeyed():
    state, told = run(beat("2024-07-01 10:00", None), beat("2024-07-01 11:00", None, command=Command.HALT))
    assert told == [[], ["halt_command", "state_changed:halted"]]
    assert (state.high_water_mark, state.session_start_value) == (None, None)
    state, _ = run(beat("2024-07-01 12:00", 50_000), state=state)
    assert (state.high_water_mark, state.session_start_value) == (50_000, 50_000)


# ---- what is closed ----


def quoted(market: RiskMarket, held, bid: float, ask: float) -> RiskMarket:
    for holding in held.holdings:
        market.quotes[holding.contract.key] = Quote(bid, ask, NOW)
    return market


def state_of(*causes: Cause, **more) -> BreakerState:
    return BreakerState(causes=frozenset(causes), **more)


def test_what_each_breaker_closes():
    until = {"SPX": NOW + timedelta(hours=1), "GLD": NOW + timedelta(hours=1)}
    calm, crisis = RiskMarket(), RiskMarket(vix=30.0)
    rows = [
        # state, market, position, expected
        (state_of(), calm, position("futures_strangle", "GLD"), None),
        (state_of(Cause.DAY_LOSS), calm, position("futures_strangle", "GLD"), None),  # a bad day closes nothing
        (state_of(Cause.DRAWDOWN_HALT), calm, position("ipmcc", "SPY"), ExitReason.BREAKER),
        (state_of(underlying_pauses=until), calm, position("friday_0dte", "SPX"), ExitReason.BREAKER),
        (state_of(underlying_pauses=until), calm, position("futures_strangle", "GLD"), ExitReason.BREAKER),
        (state_of(underlying_pauses=until), calm, position("futures_strangle", "TLT"), None),  # another underlying
        (state_of(underlying_pauses=until), calm, position("leap_put_ladder", "GLD"), None),  # another strategy
        (state_of(underlying_pauses={"GLD": NOW}), calm, position("futures_strangle", "GLD"), None),  # pause over
        (state_of(), RiskMarket(vix=29.99), position("futures_strangle", "GLD"), None),
        (state_of(), crisis, position("futures_strangle", "GLD"), ExitReason.CRISIS),
        (state_of(), crisis, position("lt112", "ES"), None),
        (state_of(), RiskMarket(vix=None), position("futures_strangle", "GLD"), None),
    ]
    for state, market, held, expected in rows:
        found = breaker_exit(held, state, market, PARAMETERS, VOLATILITY, NOW)
        assert (found.reason if found else None) is expected, (state, held.campaign_id)


@pytest.mark.parametrize(("ask", "reason"), [(0.99, None), (1.0, None), (1.01, ExitReason.BREAKER), (None, None)])
def test_a_drawdown_closes_losing_structures_at_their_natural_price(ask, reason):
    # a strangle sold for 200 in all: two short legs, bought back at the ask; without an ask it cannot be priced
    held = position("futures_strangle", "GLD")
    market = quoted(RiskMarket(), held, 0.9, ask)
    found = breaker_exit(held, state_of(Cause.DRAWDOWN_REDUCE), market, PARAMETERS, VOLATILITY, NOW)
    assert (found.reason if found else None) is reason


def test_exits_carry_their_urgency_and_figures():
    held = position("futures_strangle", "GLD")
    rows = [
        # state, market, urgency, figures
        (state_of(Cause.MANUAL_FLATTEN), RiskMarket(), Urgency.NATURAL, {}),
        (state_of(underlying_pauses={"GLD": NOW + timedelta(hours=1)}), RiskMarket(), Urgency.NATURAL, {}),
        (state_of(), RiskMarket(vix=31.0), Urgency.WALK, {"vix": 31.0}),
        (state_of(Cause.DRAWDOWN_REDUCE), quoted(RiskMarket(), held, 0.9, 1.5), Urgency.WALK, {"profit_dollars": pytest.approx(-100)}),
    ]
    for state, market, urgency, figures in rows:
        found = breaker_exit(held, state, market, PARAMETERS, VOLATILITY, NOW)
        assert (found.urgency, found.numbers) == (urgency, figures)


def test_events_carry_base_value_and_level():
    first = beat("2024-07-01 16:00", 100_000)
    state, _ = advance(BreakerState(), first, PARAMETERS, VOLATILITY)
    seen = beat(
        "2024-07-02 10:00", 79_000, vix=30.0, vix_previous_close=15.0, moves={"SPX": -0.06}, closed_trades=(closed("lt112", -1.0),) * 3
    )
    state, events = advance(state, seen, PARAMETERS, VOLATILITY)
    depth = {"drawdown": pytest.approx(0.21), "high_water_mark": 100_000, "net_liquidation_value": 79_000}
    assert {event.kind: event.numbers for event in events} == {
        Kind.DRAWDOWN_HALT: depth,
        Kind.DRAWDOWN_REDUCE: depth,
        Kind.DRAWDOWN_HALVE: depth,
        Kind.DAY_LOSS: {"day_loss": pytest.approx(0.21), "session_start_value": 100_000, "net_liquidation_value": 79_000},
        Kind.VIX_SPIKE: {"vix": 30.0, "vix_previous_close": 15.0, "rise": 1.0},
        Kind.UNDERLYING_MOVE: {"move": -0.06},
        Kind.LOSING_STREAK: {"losing_closes": 3.0},
        Kind.STATE_CHANGED: {},
    }
    _, events = advance(state, beat("2024-07-06 10:00", 79_000, command=Command.RESUME), PARAMETERS, VOLATILITY)
    assert next(event for event in events if event.kind is Kind.RESUME_REFUSED).numbers == {"days_left": 10.0}


# ---- the rule ----


@pytest.mark.parametrize(
    ("value", "changes", "units", "code", "factor"),
    [
        (100_000, {}, 4, None, 1.0),
        (90_100, {}, 4, None, 1.0),
        (90_000, {}, 4, DenialCode.SIZE_HALVED, 0.5),
        (85_100, {}, 4, DenialCode.SIZE_HALVED, 0.5),
        (85_000, {}, 0, DenialCode.NOT_ACTIVE, 0.5),
        (100_000, {"state": REDUCING}, 0, DenialCode.NOT_ACTIVE, 1.0),
        (100_000, {"state": HALTED}, 0, DenialCode.NOT_ACTIVE, 1.0),
        (99_000, {"session_start_value": 104_000}, 4, None, 1.0),
        (98_800, {"session_start_value": 104_000}, 0, DenialCode.SESSION_STOPPED, 1.0),
        (100_000, {"high_water_mark": None}, 0, DenialCode.STATE_UNKNOWN, 1.0),
        (100_000, {"session_start_value": None}, 0, DenialCode.STATE_UNKNOWN, 1.0),
        (float("nan"), {}, 0, DenialCode.NLV_UNKNOWN, 1.0),
        (0.0, {}, 0, DenialCode.NLV_UNKNOWN, 1.0),
    ],
)
def test_entries_by_state_and_drawdown(value, changes, units, code, factor):
    view = account(value, phase=4, **{"high_water_mark": 100_000.0, "session_start_value": value, **changes})
    verdict = RULE.judge(proposal(units=4), view, RiskMarket(), NOW)
    assert (verdict.units, verdict.code, verdict.size_factor) == (units, code, factor)


def test_half_size_is_for_new_campaigns_only():
    held = position("ipmcc", "SPY")
    view = account(90_000, positions=[held], high_water_mark=100_000.0)
    assert RULE.judge(proposal("ipmcc", "SPY", campaign_id=held.campaign_id), view, RiskMarket(), NOW).size_factor == 1.0
    assert RULE.judge(proposal("ipmcc", "QQQ"), view, RiskMarket(), NOW).size_factor == 0.5


# ---- persistence ----

_names = st.sampled_from(["lt112", "friday_0dte", "SPX", "ES"])
_values = st.none() | st.floats(1, 1e7)
_moments = st.datetimes(datetime(2024, 1, 1), datetime(2025, 1, 1)).map(lambda t: t.replace(tzinfo=NOW.tzinfo, fold=0))  # noqa: DTZ001  made aware at once


@given(
    st.builds(
        BreakerState,
        trading_state=st.sampled_from(TradingState),
        causes=st.frozensets(st.sampled_from(Cause)),
        high_water_mark=_values,
        session=st.none() | st.dates(date(2024, 1, 1), date(2025, 1, 1)),
        session_start_value=_values,
        last_value=_values,
        is_size_halved=st.booleans(),
        is_vix_spike=st.booleans(),
        strategy_pauses=st.dictionaries(_names, st.integers(0, 9)),
        losing_streaks=st.dictionaries(_names, st.integers(0, 9)),
        trades_seen=st.integers(0, 1000),
    )
)
def test_the_state_survives_a_restart(state):
    assert BreakerState.from_facts(state.to_facts()) == state


def test_moments_survive_a_restart_as_moments():
    state = BreakerState(halted_at=NOW, underlying_pauses={"SPY": NOW})
    back = BreakerState.from_facts(state.to_facts())
    assert back.halted_at == NOW
    assert back.underlying_pauses == {"SPY": NOW}
    assert all(isinstance(value, (str, float)) for value in state.to_facts().values())


@pytest.mark.parametrize("facts", [{}, {"trading_state": "asleep"}, {**BreakerState().to_facts(), "trades_seen": "many"}])
def test_unreadable_facts_are_refused(facts):
    with pytest.raises(BreakerFactsError, match="start halted"):
        BreakerState.from_facts(facts)


@given(
    st.lists(st.tuples(st.integers(0, 6), st.floats(50_000, 120_000), st.sampled_from([None, *Command])), max_size=12), st.integers(0, 11)
)
def test_a_restart_between_two_beats_changes_nothing(steps, cut):
    beats, day = [], NOW
    for days, value, command in steps:
        day += timedelta(days=days, hours=1)
        beats.append(Observation(now=day, session=day.date(), net_liquidation_value=value, command=command))
    straight, told = run(*beats)
    first, before = run(*beats[:cut])
    second, after = run(*beats[cut:], state=BreakerState.from_facts(first.to_facts()))
    assert (second, before + after) == (straight, told)


@given(st.lists(st.floats(50_000, 120_000), min_size=1, max_size=10))
def test_every_change_of_state_is_a_named_event(values):
    state = BreakerState()
    for day, value in enumerate(values):
        now = NOW + timedelta(days=day)
        after, events = advance(state, Observation(now=now, session=now.date(), net_liquidation_value=value), PARAMETERS, VOLATILITY)
        named = [event.subject for event in events if event.kind is Kind.STATE_CHANGED]
        assert named == ([after.trading_state.value] if after.trading_state is not state.trading_state else [])
        state = after


def test_levels_must_rise():
    with pytest.raises(ValueError, match="expected rising levels"):
        parameters(circuit_breaker_drawdown_reduce="0.3")


def test_a_paused_strategy_goes_on_selling_the_short_legs_of_its_live_campaigns():
    held = position("ipmcc", "QQQ")
    paused = {"breaker.paused_strategy.ipmcc": 3.0}
    view = account(positions=[held], facts=paused)
    assert judged(view, proposal("ipmcc", "QQQ", campaign_id=held.campaign_id)) == (1, None)
    assert judged(view, proposal("ipmcc", "SPY")) == (0, DenialCode.STRATEGY_PAUSED)
