"""No parameter of the risk rules is ignored: each one, changed alone, changes some verdict, exit or state below."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from risk_fakes import (
    NOW,
    RiskMarket,
    account,
    condor,
    contract,
    daily,
    one_one_two_spy,
    parameters,
    position,
    proposal,
    put_calendar,
    short_put,
    strangle,
)

from domain.contract import Leg, Role
from domain.parameters import Entry, entries, key_of
from domain.proposal import Verdict
from domain.views import ClosedTrade, VolatilityIndices
from risk import SECTIONS, VOLATILITY_SECTION, default_rules
from risk.circuit_breaker import BreakerState, Command, Observation, advance, breaker_exit
from risk.correlation_manager import GROUPS
from risk.defensive_manager import defend
from risk.phase_manager import PhaseState, advance_phase

ELSEWHERE = {"volatility-regime-rank-sessions", "volatility-regime-rank-minimum"}
"""Parameters of the IV rank, which a strategy reads."""

Sections = dict[str, Any]
Situation = Callable[[Sections], object]


def judged(rule: str, what, view, market) -> Situation:
    """The verdict of one rule, numbers included."""

    def judge(sections: Sections) -> Verdict:
        return next(each for each in default_rules(sections) if each.name == rule).judge(what, view, market, NOW)

    return judge


def _breakers(sections: Sections) -> object:
    lost = tuple(ClosedTrade(f"t{i}", "lt112", NOW, -1.0, 1.0) for i in range(3))
    state, told = BreakerState(), []
    beats = [(100_000.0, 0), (98_000.0, 0), (93_000.0, 1), (92_000.0, 2), (89_000.0, 3), (84_500.0, 4), (79_500.0, 5), (79_500.0, 22)]
    for value, days in beats:
        now = NOW + timedelta(days=days)
        seen = Observation(
            now=now, session=now.date(), net_liquidation_value=value, vix=30.0, vix_previous_close=19.5, moves={"SPX": -0.055}, closed_trades=lost,
        )  # fmt: skip
        state, events = advance(state, seen, sections["circuit-breaker"], sections[VOLATILITY_SECTION])
        told.append((events, state))
    return told


def _resumed(sections: Sections) -> object:
    state, out = BreakerState(), []
    for value, days, command in ((100_000.0, 0, None), (75_000.0, 1, None), (75_000.0, 8, Command.RESUME), (75_000.0, 30, Command.RESUME)):
        now = NOW + timedelta(days=days)
        seen = Observation(now=now, session=now.date(), net_liquidation_value=value, command=command)
        state, events = advance(state, seen, sections["circuit-breaker"], sections[VOLATILITY_SECTION])
        out.append((events, state))
    return out


def _exits(sections: Sections) -> object:
    paused = BreakerState(underlying_pauses={"SPX": NOW + timedelta(hours=2), "GLD": NOW + timedelta(hours=2)})
    rows = [
        (position("friday_0dte", "SPX"), paused, RiskMarket()),
        (position("futures_strangle", "GLD"), paused, RiskMarket()),
        (position("futures_strangle", "TLT"), BreakerState(), RiskMarket(vix=31.0)),
    ]
    return [
        breaker_exit(held, state, market, sections["circuit-breaker"], sections[VOLATILITY_SECTION], NOW) for held, state, market in rows
    ]


def _phases(sections: Sections) -> object:
    return [
        advance_phase(PhaseState(p), v, sections["phase"]) for p in range(1, 5) for v in (25_000, 29_500, 39_500, 59_500, 99_500, 150_000)
    ]


def _defended(sections: Sections) -> object:
    out = []
    for dte, strike, profit, vix in (
        (25, 200, -50, 16),
        (18, 200, -50, 16),
        (18, 200, -150, 24),
        (18, 209, -50, 16),
        (15, 200, -50, 20),
        (20, 203, -50, 16),
    ):
        legs = strangle("GLD", dte, strike, 245.0)
        market = RiskMarket(vix=float(vix), volatility=0.2)
        cost = sum((market.quote(leg.contract).ask or 0.0) * 100 for leg in legs)
        out += [
            defend(position(strategy, "GLD", legs=legs, premium_dollars=cost + profit), market, NOW, sections["defensive"])
            for strategy in ("futures_strangle", "ipmcc")
        ]
    unpriced = (*short_put("GLD", 203.0, 20), Leg(contract("GLD", "C", 260, 20), 1, Role.LONG_CALL))
    blind = RiskMarket(volatility=0.3, quotes={unpriced[1].contract.key: None})
    return [*out, defend(position("futures_strangle", "GLD", legs=unpriced), blind, NOW, sections["defensive"])]


def _of_breakers() -> Iterator[Situation]:
    yield from (_breakers, _resumed, _exits)
    for drop in (0.005, 0.03, 0.11, 0.16, 0.3):
        yield judged(
            "trading_state", proposal(units=9), replace(account(100_000), net_liquidation_value=100_000 * (1 - drop)), RiskMarket()
        )


def _of_phase() -> Iterator[Situation]:
    yield _phases
    menu = [
        ("friday_0dte", "SPX"),
        ("lt112", "ES"),
        ("lt112", "SPY"),
        ("futures_strangle", "GLD"),
        ("ipmcc", "SPY"),
        ("leap_put_ladder", "SPY"),
    ]
    for name, underlying in menu:
        yield judged("phase", proposal(name, underlying, 20), account(), RiskMarket())
    yield judged("phase", proposal("crisis_deployment", "SPY", 20, legs=short_put()), account(), RiskMarket())
    yield judged("buying_power", proposal(), account(35_000), RiskMarket(vix=20.0))


def _of_correlation() -> Iterator[Situation]:
    for group in GROUPS:
        member = _BASE["correlation"].members(group)[0]
        yield judged("correlation", proposal("ipmcc", member, legs=put_calendar()), account(), RiskMarket())
    yield judged("correlation", proposal("lt112", "SPY"), account(positions=[position("lt112", "SPY")]), RiskMarket())
    rungs = [position("leap_put_ladder", "SPY"), position("ipmcc", "SPY"), position("leap_put_ladder", "QQQ")]
    yield judged("correlation", proposal("leap_put_ladder", "SPY", legs=short_put("SPY", 400)), account(positions=rungs), RiskMarket())
    silver = [position("ipmcc", "SLV", legs=put_calendar()), position("ipmcc", "SI", legs=put_calendar(), number=1)]
    wild = daily([100.0 * (0.9, 1.1)[i % 2] for i in range(61)])
    smooth = daily([100.0 + i + (i % 3) for i in range(61)])
    for other in (wild, smooth, daily(smooth.close[-42:])):
        bars = {"GLD": smooth, "SLV": other, "SI": other}
        yield judged("correlation", proposal("ipmcc", "GLD", legs=put_calendar()), account(positions=silver), RiskMarket(bars=bars))


def _of_defence() -> Iterator[Situation]:
    yield _defended
    yield judged("defensive", proposal("futures_strangle", "GLD", legs=strangle("GLD", 30)), account(), RiskMarket())
    yield judged("defensive", proposal(legs=condor(RiskMarket())), account(), RiskMarket())


def _of_margin() -> Iterator[Situation]:
    yield _breakers
    rich = account(1_000_000)
    for vix in (12.0, 15.0, 20.0, 27.0, 35.0):
        yield judged("buying_power", proposal("leap_put_ladder", "SPY", 9), rich, RiskMarket(vix=vix))
    for underlying, strike in (("SPX", 5400.0), ("SPX", 3000.0), ("SPY", 500.0), ("ES", 5500.0), ("ES", 3000.0)):
        yield judged(
            "buying_power", proposal("leap_put_ladder", underlying, 9, legs=short_put(underlying, strike, 100)), rich, RiskMarket()
        )
    for ratios in ([0.995], [1.05, 0.96], [1.05, 0.96, 0.96], [1.05, *[0.98] * 59]):
        closes = tuple(VolatilityIndices(vix=20.0, vix3m=20.0 / ratio) for ratio in ratios)
        yield judged("buying_power", proposal("lt112", "ES"), rich, RiskMarket(vix=20.0, closes=closes))
    puts = proposal("crisis_deployment", "SPY", 9, legs=short_put("SPY", 400, 45))
    for value in (30_000, 500_000):
        plain = judged("buying_power", puts, account(value), RiskMarket(vix=35.0))
        yield plain
        yield lambda sections, plain=plain: plain({**sections, "buying-power": replace(sections["buying-power"], crisis_deployment=True)})


def _of_size() -> Iterator[Situation]:
    results = [(name, result) for name in ("friday_0dte", "lt112", "ipmcc") for result in (90.0, -400.0)]
    trades = tuple(ClosedTrade(f"t{i}", name, NOW, result, 300.0) for i, (name, result) in enumerate(results))
    shapes = [
        proposal("lt112", "SPY", 9, legs=one_one_two_spy()),
        proposal("leap_put_ladder", "SPY", 9, legs=short_put("SPY", 540.0, 10)),
        proposal("friday_0dte", "SPX", 9),
        proposal("ipmcc", "SPY", 9, legs=(Leg(contract("SPY", "P", 540, 200), 1, Role.LONG_PUT),)),
        proposal("ipmcc", "SPY", 9, legs=(Leg(contract("SPY", "C", 560, 30), -1, Role.SHORT_CALL),)),
        proposal("futures_strangle", "GLD", 9),
        proposal("leap_put_ladder", "SPY", 9),
    ]
    for what in shapes:
        for view in (account(1_000_000, closed_trades=trades), account(120_000, closed_trades=trades, margin_used=10_000.0)):
            yield judged("portfolio_limits", what, view, RiskMarket())
            yield judged("kelly", what, view, RiskMarket())
    old = tuple(
        ClosedTrade(f"t{i}", "friday_0dte", NOW - timedelta(days=100), 150.0 if i < 12 else -300.0, 300.0) for i in range(20)
    )  # f = 0.01
    yield judged("kelly", proposal(loss_at_stop_dollars=800.0), account(100_000, closed_trades=old), RiskMarket())


_SITUATIONS: dict[str, Callable[[], Iterator[Situation]]] = {
    "circuit-breaker": _of_breakers,
    "phase": _of_phase,
    "correlation": _of_correlation,
    "defensive": _of_defence,
    "buying-power": _of_margin,
    VOLATILITY_SECTION: _of_margin,
    "portfolio-limits": _of_size,
    "kelly": _of_size,
    "stress": _of_size,
}


def _candidates(entry: Entry) -> Iterator[object]:
    """Other values of a parameter, within its bounds."""
    default, low, high = entry.default, entry.declaration.low, entry.declaration.high
    if isinstance(default, bool):
        yield not default
    elif isinstance(default, tuple):
        if default and isinstance(default[0], str):
            yield default[1:]
            yield ()
            yield tuple(text.split("=")[0] + "=0.5" for text in default if "=" in text)
        else:
            yield tuple(type(value)(value * 1.2 + (1 if isinstance(value, int) else 0)) for value in default)
            yield tuple(value * 0.9 for value in default)
    else:
        tried = [type(default)(default * factor) for factor in (0.9, 1.15, 0.5, 2.0)] + [low, high]
        yield from (value for value in tried if value != default and (low is None or value >= low) and (high is None or value <= high))


ALL = [(section, entry) for section, declared in SECTIONS.items() for entry in entries(section, declared) if entry.key not in ELSEWHERE]
_BASE = parameters()
_DEFAULTS: dict[str, list[tuple[Situation, object]]] = {}


def _defaults(section: str) -> list[tuple[Situation, object]]:
    if section not in _DEFAULTS:
        _DEFAULTS[section] = [(situation, situation(_BASE)) for situation in _SITUATIONS[section]()]
    return _DEFAULTS[section]


@pytest.mark.parametrize(("section", "entry"), ALL, ids=[entry.key for _, entry in ALL])
def test_a_changed_parameter_changes_an_outcome(section, entry):
    for value in _candidates(entry):
        changed = replace(_BASE[section], **{entry.field: value})
        if getattr(changed, "problems", list)():
            continue
        if any(situation({**_BASE, section: changed}) != before for situation, before in _defaults(section)):
            return
    pytest.fail(f"{key_of(section, entry.field)} changes nothing in any situation")
