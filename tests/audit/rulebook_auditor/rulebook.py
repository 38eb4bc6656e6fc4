"""The rulebook's numbers, written down a second time on purpose: a wrong default in the project must not audit itself."""

from datetime import time

PHASES_FROM = {1: 30_000.0, 2: 40_000.0, 3: 60_000.0, 4: 100_000.0}
DEMOTION = 0.02
POSITIONS = {0: 0, 1: 3, 2: 8, 3: 12, 4: 20}
UNITS = {
    "friday_0dte": {1: 1, 2: 2, 3: 3, 4: 4},
    "futures_strangle": {1: 1, 2: 3, 3: 4, 4: 5},
    "ipmcc": {1: 1, 2: 2, 3: 3, 4: 4},
    "leap_put_ladder": {1: 0, 2: 2, 3: 3, 4: 10},
}
LT112_FUTURE_UNITS = {1: 0, 2: 0, 3: 1, 4: 3}
LT112_SHARE_UNITS = {1: 0, 2: 2, 3: 6, 4: 10}

GROUPS = {
    "A1": (("ES", "NQ", "RTY", "YM", "MES", "MNQ", "M2K", "MYM", "SPX", "SPXW", "NDX", "RUT", "XSP"), (2, 2, 2, 3)),
    "A2": (("SPY", "QQQ", "IWM", "DIA"), (2, 2, 3, 3)),
    "B1": (("GC", "GLD", "TLT", "ZB", "ZN", "ZT"), (1, 2, 2, 2)),
    "B2": (("SI", "SLV", "HG", "PL", "PA"), (1, 1, 2, 2)),
    "C1": (("CL", "RB", "HO", "XLE", "XOP", "USO"), (1, 2, 2, 3)),
    "C2": (("NG", "UNG"), (1, 1, 1, 2)),
    "D1": (("ZC", "ZS", "ZW"), (1, 1, 2, 2)),
    "D2": (("LE", "HE", "GF"), (1, 1, 1, 2)),
    "E": (("6E", "6B", "6A", "6C", "6J"), (1, 2, 2, 2)),
}
EQUITY_LIMIT = 5
TIGHTENED_FROM_VIX = 30.0
UNDEFINED_PER_MONTH = 3

WINDOWS = {
    "friday_0dte": (time(10, 30), time(10, 45)),
    "lt112": (time(10, 0), time(10, 10)),
    "futures_strangle": (time(9, 45), time(10, 15)),
    "ipmcc": (time(9, 45), time(10, 15)),
    "leap_put_ladder": (time(9, 45), time(10, 15)),
}
ENTRY_ORDER_MINUTES = 30  # an entry order that has not filled by then is withdrawn
ENTRY_BEFORE_CLOSE = 60
EXIT_BEFORE_CLOSE = 15

STRANGLE_PRODUCTS = {1: ("GLD", "TLT"), 2: ("SLV", "XOP"), 3: ("CL", "GC", "ZB", "ZC"), 4: ("SI", "ZN", "ZS", "ES")}
LADDER_DELTAS = (0.12, 0.13, 0.14, 0.12)
LADDER_DELTA_TOLERANCE = 0.02

LOSS_AT_STOP_SHARE = 0.02
DAILY_VALUE_TOLERANCE = 1.03

FRIDAY_CLOSE, FRIDAY_HARD_CLOSE = time(15, 0), time(15, 45)
SHORT_LEG_CLOSE = time(15, 45)

SHORT_DTE_LIMITS = {"futures_strangle": 21, "lt112": 30, "leap_put_ladder": 150}
HEDGE_DTE_LIMIT = 7
IPMCC_LONG_DTE_LIMIT = 35  # rolled at 45 once the short leg of up to ten days is gone

PAUSE_LOSSES, PAUSE_SESSIONS = 3, 5
DRAWDOWN_REDUCING, DRAWDOWN_HALTED = 0.15, 0.20
DRAWDOWN_HALVED = 0.10

# rulebook 3.3 to 3.5; where the project departs from it, its parameter's source says so
VIX_SHARES = ((13.0, 0.45), (18.0, 0.65), (25.0, 0.775), (30.0, 0.50), (float("inf"), 0.80))
RESERVE, STRATEGY_SHARE = 0.8, 0.6
CEILINGS = {0: 0.0, 1: 0.50, 2: 0.65, 3: 0.75, 4: 0.80}
STRESS_SHARE, DELTA_SHARE, TAIL_SHARE = 0.35, 0.60, 0.05
CRISIS_VIX, STRANGLE_FULL_VIX = 30.0, 25.0
PLANNED_WINS = {"friday_0dte": 0.5, "lt112": 0.45, "futures_strangle": 0.25, "leap_put_ladder": 0.15}
KELLY_PART, KELLY_EDGE, KELLY_PRIOR, KELLY_PRIOR_AVERAGE = 0.25, 0.05, 30.0, 5.0

TICK = 0.051
DEFENSIVE_DTE = 14
SHORT_BY_DESIGN = ("friday_0dte", "ipmcc")
LONG_ROLLS = {"P": 45, "C": 90}


def usable_share(vix, phase):
    """Share of the account usable as margin at a VIX, reserve and ceiling of the phase included."""
    share = next(share for below, share in VIX_SHARES if vix < below)
    return min(RESERVE * share, CEILINGS[phase])


def full_kelly(trades, planned_win):
    """Share of the account to lose at the stop, from (result, planned loss) of closed trades and the plan they started from."""
    rates = [result / risk for result, risk in trades if risk]
    wins, losses = [rate for rate in rates if rate > 0], [-rate for rate in rates if rate <= 0]
    win = (KELLY_PRIOR_AVERAGE * planned_win + sum(wins)) / (KELLY_PRIOR_AVERAGE + len(wins))
    loss = (KELLY_PRIOR_AVERAGE + sum(losses)) / (KELLY_PRIOR_AVERAGE + len(losses))
    prior = min(0.99, 1.0 / (1.0 + planned_win) + KELLY_EDGE)
    rate = (KELLY_PRIOR * prior + sum(result > 0 for result, _ in trades)) / (KELLY_PRIOR + len(trades))
    return rate / loss - (1.0 - rate) / win


def phase_of(value, before=None):
    """The phase of a net liquidation value: reached at its threshold, left 2 % below it."""
    reached = max((phase for phase, least in PHASES_FROM.items() if value >= least), default=0)
    if before is None or reached >= before:
        return reached
    kept = [phase for phase, least in PHASES_FROM.items() if reached < phase <= before and value >= least * (1.0 - DEMOTION)]
    return max(kept, default=reached)


def by_phase(limits, phase):
    """A limit of a table by phase; 0 in phase 0."""
    return limits[phase - 1] if phase >= 1 else 0


def group_of(underlying):
    """Correlation group; shares that are named nowhere are single stocks (A2)."""
    return next((name for name, (members, _) in GROUPS.items() if underlying in members), None)
