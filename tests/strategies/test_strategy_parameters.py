"""No parameter is ignored: each one, changed alone, changes some answer of its strategy."""

from dataclasses import fields
from datetime import date, time, timedelta

import pytest
import test_friday_0dte as friday
import test_futures_strangle as strangle
import test_ipmcc_strategy as ipmcc
import test_leap_put_ladders as ladder
import test_lt112_strategy as lt112
from strategy_fakes import WeekdayCalendar, account, at, flat_bars, listed

from domain.parameters import entries, read, text_of
from domain.proposal import Skip
from domain.quote import Quote
from domain.state import ExitReason
from domain.views import VolatilityIndices
from strategies.base import Adjust
from strategies.registry import REGISTRY, parameter_sections

CALENDAR = WeekdayCalendar(["2024-03-29"], {"2024-03-22": "13:00", "2024-03-12": "13:00", "2024-03-04": "13:00", "2024-03-06": "13:00"})
DAYS = [date(2024, 3, 1) + timedelta(days=n) for n in range(31)]
SHORT_DAYS = WeekdayCalendar(early={day.isoformat(): "11:05" for day in DAYS})


def plans(own):
    return [own.entry_plan(day, calendar) for calendar in (CALENDAR, SHORT_DAYS) for day in DAYS]


def entry(own, seen, portfolio):
    before = seen.at(seen.now - timedelta(minutes=5))
    chosen = own.candidates(before, portfolio, before.now)
    return [chosen] if isinstance(chosen, Skip) else [chosen, *own.propose(chosen, seen, portfolio, seen.now)]


def managed(own, position, seen, portfolio):
    answer = own.manage(position, seen, portfolio, seen.now)
    return [answer, own.adjust(position, answer.candidates, seen, portfolio, seen.now)] if isinstance(answer, Adjust) else [answer]


def friday_scenes(own):
    yield lambda: [plans(own), own.underlyings]
    guessed = {"SPX": listed("SPX", [friday.FRIDAY], 4800, 5200, 5)}
    markets = [
        *(friday.market(spot=spot) for spot in (5000.0, 5020.0, 5030.0, 4970.0)),
        friday.market(vix=VolatilityIndices(vix=38.0)),
        friday.market(chains=guessed),
        *(friday.market(volatility=vol, chains=guessed) for vol in (0.12, 0.45)),
        *(friday.market(spot=5030.0, volatility=vol) for vol in (0.12, 0.2, 0.45)),
        friday.market(volatility=0.2),
    ]
    jagged = friday.market()
    bars = flat_bars(friday.FRIDAY, 70, 5000.0, 50.0)
    jagged.bars = {"SPX": type(bars)(bars.days, bars.open, (*bars.high[:-1], 5300.0), bars.low, bars.close)}
    for seen in (*markets, jagged):
        yield lambda seen=seen: entry(own, seen, account())
    for clock, price in (("12:00", 16.5), ("12:00", 4.0), ("15:05", 6.0), ("15:46", 6.0), ("15:40", 6.0), ("15:30", 6.0)):
        seen = friday.closing_at(price, clock)
        yield lambda seen=seen: [
            [managed(own, friday.condor(breaches), seen, account()) for breaches in (0, 1)],
            own.resting_exit(friday.condor()),
        ]


def lt112_scenes(own):
    yield lambda: [plans(own), own.underlyings]
    rich, poor = account(160_000.0, phase=4.0), account(75_000.0, phase=3.0)
    guessed = lt112.market(chains={"SPY": listed("SPY", lt112.SPY_EXPIRIES, 300, 550, 1)})
    markets = [
        (lt112.market(), poor),
        (lt112.market(), rich),
        (lt112.market(), account(160_000.0, phase=3.0)),
        (lt112.market().at(at("2024-03-13", "10:00")), rich),
        (lt112.market().at(at("2024-03-20", "10:00")), rich),
        (lt112.market().at(at("2024-03-13", "10:00")), poor),
        (lt112.market(vix=VolatilityIndices(vix=14.0)), poor),
        (lt112.market(vix=VolatilityIndices(vix=14.0), spots={"SPY": 514.0}), poor),
        (lt112.market(vix=VolatilityIndices(vix=34.0)), poor),
        (guessed, poor),
    ]
    for seen, portfolio in markets:
        yield lambda seen=seen, portfolio=portfolio: entry(own, seen, portfolio)
    for day, spot, mid, spread in (
        ("2024-03-21", 506.0, 0.24, 2.0),
        ("2024-04-11", 478.0, 7.6, 2.0),
        ("2024-06-01", 412.0, 7.2, 2.0),
        ("2024-04-12", 405.0, 7.0, 2.0),
        ("2024-06-05", 500.0, 1.0, 2.0),
        ("2024-06-29", 500.0, 1.0, 4.6),
    ):
        seen = lt112.seen_at(day, spot, mid, spread)
        positions = [lt112.lt112(), lt112.lt112(variant="calendarized"), lt112.lt112(naked=False)]
        yield lambda seen=seen, positions=positions: [managed(own, position, seen, account()) for position in positions]


def strangle_scenes(own):
    yield lambda: [plans(own), own.underlyings]
    waves = tuple(0.2 + 0.001 * (n % 40) for n in range(220))
    markets = [
        *(strangle.market(vix=VolatilityIndices(vix=vix)) for vix in (12.5, 14.0, 17.5, 19.0, 24.5, 26.0, 29.5, 31.0)),
        strangle.market(iv_history={"GLD": (0.3, *waves, 0.225)}),
        strangle.market(iv_history={"GLD": strangle.DEAR[-20:]}),
        strangle.market(chains={"GLD": listed("GLD", [strangle.EXPIRY], 100, 320, 1)}),
        strangle.market(chains={"GLD": listed("GLD", ["2024-05-12", "2024-05-25", "2024-06-15", "2024-06-29"], 100, 320, 1, spot=200.0)}),
        *(strangle.market(iv_history={product: strangle.DEAR}) for product in ("TLT", "SLV", "CL", "ES")),
    ]
    for phase in (1.0, 4.0):
        for seen in markets:
            yield lambda seen=seen, phase=phase: entry(own, seen, account(phase=phase))
    for day, spot, volatility, *_ in strangle.PATH:
        seen = strangle.seen_at(day, spot, volatility)
        positions = [strangle.strangle(), strangle.strangle(rolls=1.0)]
        yield lambda seen=seen, positions=positions: [managed(own, position, seen, account()) for position in positions]


MORE_EXPIRIES = ["2024-03-13", "2024-03-18", "2024-08-02", "2025-06-20"]


def ipmcc_scenes(own):
    yield lambda: [plans(own), own.underlyings]
    jagged = flat_bars(ipmcc.FRIDAY, 252, 500.0, 4.0, drift=0.1)
    zigzag = type(jagged)(jagged.days, jagged.open, jagged.high, jagged.low, (*jagged.close[:-20], *(530.0,) * 12, *(495.0,) * 8))
    markets = [
        ipmcc.market(),
        ipmcc.market(vix=VolatilityIndices(vix=34.0)),
        ipmcc.market(bars=ipmcc.FALLING),
        ipmcc.market(spot=494.0),
        ipmcc.market(spot=498.5, bars={"SPY": zigzag}),
        ipmcc.market(bars={"SPY": zigzag}),
        ipmcc.market(chains={"SPY": listed("SPY", ipmcc.EXPIRIES, 300, 650, 2)}),
        ipmcc.market(chains={"SPY": listed("SPY", [*ipmcc.EXPIRIES, *MORE_EXPIRIES], 420, 560, 2, spot=500.0)}),
    ]
    for seen in markets:
        yield lambda seen=seen: entry(own, seen, account())
    for when, spot, long, short, *_ in ipmcc.WEEK:
        seen = ipmcc.seen_at(when, spot, long, short)
        yield lambda seen=seen, when=when: [
            managed(own, ipmcc.campaign(), seen, account()),
            own.wants_minute_beats(ipmcc.campaign(), at(*when.split())),
        ]
    half_day = ipmcc.seen_at("2024-03-15 12:50", 507.0, 16.0, 3.5)
    half_day.calendar = WeekdayCalendar(early={"2024-03-15": "13:00"})
    yield lambda: managed(own, ipmcc.campaign(), half_day, account())
    for when, last in (
        ("2024-03-15 15:50", ExitReason.TIME),
        ("2024-03-15 09:45", ExitReason.EXTRINSIC),
        ("2024-04-26 11:00", ExitReason.TIME),
        ("2024-05-24 11:00", ExitReason.TIME),
    ):
        seen = ipmcc.market(now=at(*when.split()), spots={"SPY": 505.0})
        if when >= "2024-04":
            seen.chains = {"SPY": listed("SPY", ["2024-05-03", "2024-05-31", ipmcc.LONG, ipmcc.LATER], 450, 560, 1, spot=505.0)}
        yield lambda seen=seen, last=last: managed(own, ipmcc.campaign(short=False, exit_reason=last), seen, account())
    alone = ipmcc.campaign(
        short=False, exit_reason=ExitReason.ASSIGNMENT_RISK, numbers={"short_expiry_day": float(ipmcc.WEEKLY.toordinal())}
    )
    for when in ("2024-03-08 11:00", "2024-03-15 15:00"):
        seen = ipmcc.market(now=at(*when.split()), spots={"SPY": 505.0})
        yield lambda seen=seen: managed(own, alone, seen, account())


def diagonal_scenes(own):
    yield from ipmcc_scenes(own)
    long = ipmcc.contract("SPY", ipmcc.Right.CALL, 450.0, ipmcc.LEAP)
    held = ipmcc.Holding(long, 1, 60.0, ipmcc.Role.LONG_CALL)
    position = ipmcc.campaign(short=False, holdings=(held,), premium_dollars=-6000.0)
    seen = ipmcc.market(now=at("2024-12-25", "11:00"), spots={"SPY": 505.0})
    seen.chains = {"SPY": listed("SPY", ["2025-01-03", "2025-12-19"], 300, 650, 1, spot=505.0)}
    yield lambda: managed(own, position, seen, account())


def ladder_scenes(own):
    yield lambda: [plans(own), own.underlyings]
    markets = [ladder.market(date(2024, 3, day), vix=VolatilityIndices(vix=vix)) for day in (4, 11) for vix in (14.5, 16.0, 19.5, 21.0)]
    markets.append(ladder.market(chains={"SPY": listed("SPY", ["2025-01-10", ladder.EXPIRY], 250, 600, 1)}))
    markets.append(ladder.market(chains={"SPY": listed("SPY", ["2025-01-10", "2025-05-01"], 250, 600, 1, spot=500.0)}))
    markets.append(ladder.market(chains={"SPY": listed("SPY", ["2025-05-01"], 250, 600, 1, spot=500.0)}))
    for seen in markets:
        yield lambda seen=seen: entry(own, seen, account())
    for day, mid, nlv, *_ in ladder.PATH:
        now = at(day, "11:00")
        seen = ladder.FakeMarket(now=now, quotes={ladder.PUT.key: None if mid is None else Quote(mid - 0.1, mid + 0.1, now)})
        yield lambda seen=seen, nlv=nlv: managed(own, ladder.RUNG, seen, account(nlv))


ENTRY = {
    "is_enabled": False,
    "entry_time": time(9, 40),
    "entry_until": time(10, 50),
    "lead_minutes": 3,
    "entry_before_close": 180,
    "fallback_volatility": 0.6,
}
CHANGES = {
    "friday_0dte": ENTRY
    | {
        "underlying": "XSP",
        "last_of_week": False,
        "weekdays": (1,),
        "exit_before_close": 40,
        "blackout_dates": (date(2024, 3, 15),),
        "vix_below": 35.0,
        "move": 0.003,
        "atr_sessions": 10,
        "spread_atr": 0.8,
        "condor_atr": 0.6,
        "spread_delta_low": 0.15,
        "spread_delta_high": 0.20,
        "spread_delta": 0.15,
        "condor_delta_low": 0.20,
        "condor_delta_high": 0.26,
        "condor_delta": 0.20,
        "wing": 0.01,
        "is_broken_wing": True,
        "tested_wing": 0.02,
        "minimum_credit": 0.3,
        "has_credit_guard": False,
        "widest_spread": 0.02,
        "profit_target": 0.4,
        "has_resting_target": False,
        "stop_loss": 1.2,
        "stop_hits": 1,
        "close_time": time(15, 10),
        "hard_close_time": time(15, 35),
        "strikes_per_side": 3,
        "units": 2,
    },
    "lt112": ENTRY
    | {
        "future": "NQ",
        "share": "QQQ",
        "future_from_phase": 4,
        "future_stress_loss": 0.02,
        "future_stress_room": 0.01,
        "weekday": 3,
        "weeks": (4,),
        "extra_weeks": (4,),
        "extra_from_phase": 3,
        "dte": 148,
        "dte_low": 125,
        "dte_high": 120,
        "is_calendarized": True,
        "spread_dte": 135,
        "naked_dte": 123,
        "dte_tolerance": 0,
        "long_delta": 0.23,
        "long_delta_low": 0.26,
        "long_delta_high": 0.24,
        "width": 0.02,
        "naked_delta": 0.07,
        "naked_delta_low": 0.06,
        "naked_delta_high": 0.06,
        "minimum_credit": 0.05,
        "maximum_debit": 0.01,
        "high_distance": 0.05,
        "high_vix": 12.0,
        "vix_below": 20.0,
        "naked_target": 0.8,
        "naked_stop": 1.0,
        "account_stop": 0.01,
        "stop_delta": 0.9,
        "distance": 0.03,
        "naked_close_dte": 40,
        "calendarized_close_dte": 31,
        "hedge_value": 0.95,
        "hedge_close_dte": 30,
        "candidates_per_leg": 4,
        "units": 2,
    },
    "futures_strangle": ENTRY
    | {
        "phase_1_products": ("TLT",),
        "phase_2_products": ("XOP",),
        "phase_3_products": ("CL",),
        "phase_4_products": ("SI",),
        "weekday": 2,
        "weeks": (1,),
        "dte": 75,
        "dte_low": 88,
        "dte_high": 92,
        "put_delta": 0.07,
        "put_delta_low": 0.06,
        "put_delta_high": 0.065,
        "call_delta": 0.06,
        "call_delta_low": 0.05,
        "call_delta_high": 0.06,
        "iv_rank_above": 95.0,
        "products_tried": 1,
        "iv_rank_sessions": 200,
        "iv_rank_least": 25,
        "vix_from": 12.0,
        "vix_more": 17.0,
        "vix_most": 24.0,
        "vix_below": 32.0,
        "units": 2,
        "most_units": 4,
        "profit_target": 0.8,
        "stop_loss": 3.0,
        "roll_delta": 0.10,
        "roll_to_delta": 0.08,
        "roll_tolerance": 0.005,
        "rolls": 2,
        "tested_delta": 0.28,
        "stop_delta": 0.26,
        "close_dte": 25,
        "candidates_per_side": 3,
    },
    "ipmcc": ENTRY
    | {
        "structure": "call_diagonal",
        "underlyings": ("QQQ",),
        "last_of_week": False,
        "weekdays": (2,),
        "exit_before_close": 5,
        "vix_below": 30.0,
        "trend_sessions": 200,
        "put_moneyness": 0.03,
        "put_dte": 145,
        "put_dte_low": 120,
        "put_dte_high": 110,
        "put_roll_dte": 80,
        "call_delta": 0.84,
        "call_delta_low": 0.82,
        "call_delta_high": 0.78,
        "call_extrinsic": 0.2,
        "call_dte": 480,
        "call_dte_low": 400,
        "call_dte_high": 370,
        "call_roll_dte": 60,
        "pullback": 0.001,
        "pullback_averages": (200,),
        "high_distance": 0.03,
        "fast_average": 30,
        "slow_average": 3,
        "short_dte": 5,
        "short_dte_low": 8,
        "short_dte_high": 6,
        "short_captured": 0.6,
        "short_close_time": time(15, 30),
        "assignment_extrinsic": 0.001,
        "least_extrinsic": 0.01,
        "least_put_moneyness": 0.02,
        "entry_cover": 4.0,
        "resale_dte_high": 10,
        "bare_minutes": 60,
        "profit_target": 0.2,
        "stop_loss": 0.28,
        "candidates": 2,
        "units": 2,
    },
    "leap_put_ladder": ENTRY
    | {
        "underlying": "QQQ",
        "weekday": 1,
        "dte": 420,
        "dte_low": 390,
        "dte_high": 380,
        "deltas": (0.10,),
        "delta_tolerance": 0.0011,
        "vix_from": 14.0,
        "vix_double_above": 19.0,
        "rungs": 2,
        "profit_target": 0.4,
        "stop_loss": 3.0,
        "stop_share": 0.01,
        "close_dte": 160,
        "candidates": 4,
    },
}
# parameters that only speak together with another one
WITH = {
    ("friday_0dte", "weekdays"): {"last_of_week": False},
    ("friday_0dte", "tested_wing"): {"is_broken_wing": True, "minimum_credit": 0.0},
    ("friday_0dte", "spread_delta_low"): {"minimum_credit": 0.0},
    ("friday_0dte", "spread_delta_high"): {"minimum_credit": 0.0},
    ("friday_0dte", "spread_delta"): {"minimum_credit": 0.0},
    ("friday_0dte", "condor_delta_low"): {"minimum_credit": 0.0},
    **{("lt112", name): {"is_calendarized": True} for name in ("spread_dte", "naked_dte", "dte_tolerance")},
    ("ipmcc", "weekdays"): {"last_of_week": False},
    ("futures_strangle", "vix_more"): {"units": 2},
}
LOOSE_LT112 = {"maximum_debit": 0.02}
DIAGONAL = {"structure": "call_diagonal", "call_extrinsic": 0.15, "high_distance": 0.0, "pullback": 0.02}
OF_THE_DIAGONAL = ("call_", "pullback", "high_distance", "fast_average", "slow_average", "fallback_volatility", "candidates")
SCENES = {
    "friday_0dte": friday_scenes,
    "lt112": lt112_scenes,
    "futures_strangle": strangle_scenes,
    "ipmcc": ipmcc_scenes,
    "leap_put_ladder": ladder_scenes,
}
ALL = [(name, field) for name, changes in CHANGES.items() for field in changes]
_ANSWERS = {}


def base_of(name, field):
    """What holds besides the changed parameter, and the scenes to look at."""
    base = dict(WITH.get((name, field), {}))
    if name == "lt112" and field != "maximum_debit":
        base |= LOOSE_LT112
    if name == "ipmcc" and (field.startswith(OF_THE_DIAGONAL) or field in ("call_extrinsic",)):
        return {key: value for key, value in (DIAGONAL | base).items() if key != field}, diagonal_scenes
    return base, SCENES[name]


def answers(name, parameters, scenes):
    """Answers scene by scene, each computed once a process for the same parameters."""
    kept = _ANSWERS.setdefault((name, parameters, scenes), [])
    yield from kept
    for scene in list(scenes(REGISTRY[name].factory(parameters)))[len(kept) :]:
        kept.append(repr(scene()))
        yield kept[-1]


@pytest.mark.parametrize("name", list(REGISTRY))
def test_every_parameter_has_a_change_here(name):
    assert set(CHANGES[name]) == {field.name for field in fields(REGISTRY[name].parameters)}


@pytest.mark.parametrize(("name", "field"), ALL)
def test_a_changed_parameter_changes_an_answer(name, field):
    declared = REGISTRY[name].parameters
    base, scenes = base_of(name, field)
    before, after = declared(**base), declared(**{**base, field: CHANGES[name][field]})
    assert before != after
    pairs = zip(answers(name, before, scenes), answers(name, after, scenes), strict=True)
    assert any(one != other for one, other in pairs), f"{field} changes nothing"


@pytest.mark.parametrize("name", list(REGISTRY))
def test_defaults_contradict_nothing_and_read_back(name):
    registration = REGISTRY[name]
    texts = {entry.key: text_of(entry.default) for entry in entries(registration.section, registration.parameters)}
    assert read(parameter_sections(), texts)[registration.section] == registration.parameters()
    assert all(entry.declaration.source for entry in entries(registration.section, registration.parameters)), "every number has a source"
