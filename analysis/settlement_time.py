"""When an option stops living, to the minute, and how many years that is from now.

| options | settlement moment, New York time |
|---|---|
| equities, ETFs; SPXW, XSP, NDXP, RUTW, NQX and other PM-settled indices | the session's close, 16:00 (13:00 on an early close) |
| SPX, NDX, RUT (AM-settled roots, third Friday), VIX | the expiry morning's opening print, 9:30 |
| ES, NQ, RTY, YM: quarterly (third Friday of Mar, Jun, Sep, Dec) | the opening print, 9:30; every other expiry 16:00 |
| CL, NG, RB, HO | 14:30, the futures' settlement |
| GC, SI, HG | 13:30 |
| ZB, ZN, ZF, ZT, UB | 15:00: the futures' settlement decides the exercise, though trading lasts until 17:00 |
| ZC, ZS, ZW | 14:20 |
| 6E, 6B, 6A, 6C, 6J | 10:00 |
| LE, HE, GF | 14:00 |

Sources: Cboe product specifications; CME Group contract specifications and *Interest Rate Options Expirations* (2023). LEAN itself lets PM-settled index options end at
16:00 New York and AM-settled ones at the open (`OptionSymbol.GetSettlementDateTime`), and options on futures at their session's close: see `docs/greeks.md`.
"""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

NEW_YORK = ZoneInfo("America/New_York")
_UTC = ZoneInfo("UTC")
SECONDS_PER_YEAR = 365.0 * 86_400.0

_OPEN, _CLOSE = time(9, 30), time(16, 0)
_AM_SETTLED_INDICES = frozenset({"SPX", "NDX", "RUT", "DJX", "VIX"})
_EQUITY_INDEX_FUTURES = frozenset({"ES", "NQ", "RTY", "YM", "MES", "MNQ", "M2K", "MYM"})
_FUTURES = {
    **dict.fromkeys(("CL", "NG", "RB", "HO", "MCL"), time(14, 30)),
    **dict.fromkeys(("GC", "SI", "HG", "MGC", "PL", "PA"), time(13, 30)),
    **dict.fromkeys(("ZB", "ZN", "ZF", "ZT", "UB"), time(15, 0)),
    **dict.fromkeys(("ZC", "ZS", "ZW"), time(14, 20)),
    **dict.fromkeys(("6E", "6B", "6A", "6C", "6J", "6S"), time(10, 0)),
    **dict.fromkeys(("LE", "HE", "GF"), time(14, 0)),
}
_QUARTERLY_MONTHS = frozenset({3, 6, 9, 12})


class UnknownSettlementError(ValueError):
    """Raised for an option on a future whose settlement time is not declared here; it must be added to the table, never guessed."""


def is_third_friday(day: date) -> bool:
    """Whether the day is the month's third Friday, the day of monthly and quarterly expiries."""
    return day.weekday() == 4 and 15 <= day.day <= 21


def settlement_moment(root: str, expiry: date, *, on_future: bool = False, session_close: time | None = None) -> datetime:
    """The moment the option's value is fixed, naive New York time as everywhere in the rules.

    Args:
        root: option root for indices and shares ("SPX", "SPXW", "SPY"), the future's root for options on futures ("ES", "ZB").
        expiry: the day of expiry.
        on_future: whether the option is on a future.
        session_close: the exchange's regular close that day from its calendar; an early one brings the settlement forward.

    Raises:
        UnknownSettlementError: for an option on a future not in the module's table.
    """
    moment = _future_settlement(root, expiry) if on_future else (_OPEN if root in _AM_SETTLED_INDICES else _CLOSE)
    if session_close is not None:
        moment = min(moment, session_close)
    return datetime.combine(expiry, moment)


def _future_settlement(root: str, expiry: date) -> time:
    if root in _EQUITY_INDEX_FUTURES:
        return _OPEN if expiry.month in _QUARTERLY_MONTHS and is_third_friday(expiry) else _CLOSE
    if root not in _FUTURES:
        known = ", ".join(sorted({*_EQUITY_INDEX_FUTURES, *_FUTURES}))
        raise UnknownSettlementError(
            f"no settlement time is declared for options on {root}; known: {known}. Add it to analysis/settlement_time.py"
        )
    return _FUTURES[root]


def years_to_settlement(now: datetime, moment: datetime) -> float:
    """Elapsed time from `now` to `moment` in years of 365 days, changes of daylight saving included; negative once it has passed.

    Naive datetimes are New York time.
    """
    return (_aware(moment) - _aware(now)).total_seconds() / SECONDS_PER_YEAR


def _aware(moment: datetime) -> datetime:
    # differences of aware datetimes in one zone are taken on the wall clock: go through UTC
    return (moment.replace(tzinfo=NEW_YORK) if moment.tzinfo is None else moment).astimezone(_UTC)
