"""The folder's market-hours database: LEAN's schema and time zones for the generated instruments, one calendar for all."""

from __future__ import annotations

from typing import Any

from simulator.market.instruments import FUTURES
from simulator.market.trading_calendar import TradingCalendar

_NEW_YORK, _CHICAGO = "America/New_York", "America/Chicago"
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
_END_OF_DAY = "1.00:00:00"

Segment = tuple[str, str, str]


def _segments(*parts: Segment) -> list[dict[str, str]]:
    return [{"start": f"{start}:00", "end": end if end == _END_OF_DAY else f"{end}:00", "state": state} for start, end, state in parts]


def _week(*day: Segment, sunday: tuple[Segment, ...] = (), evening: tuple[Segment, ...] = ()) -> dict[str, Any]:
    """Segments of a week; `evening` ones belong to Monday to Thursday only."""
    week: dict[str, Any] = {"sunday": _segments(*sunday)}
    for name in _WEEKDAYS:
        week[name] = _segments(*day, *(() if name == "friday" else evening))
    return {**week, "saturday": []}


def _futures_week(open_time: str, close_time: str, evening_start: str, night_end: str | None = None) -> dict[str, Any]:
    night: Segment = ("00:00", night_end or open_time, "premarket")
    evening: Segment = (evening_start, _END_OF_DAY, "postmarket")
    return _week(night, (open_time, close_time, "market"), sunday=((evening_start, _END_OF_DAY, "premarket"),), evening=(evening,))


def _entry(
    data_zone: str, exchange_zone: str, week: dict[str, Any], holidays: list[str], closes: dict[str, str] | None = None
) -> dict[str, Any]:
    return {"dataTimeZone": data_zone, "exchangeTimeZone": exchange_zone, **week, "holidays": holidays, "earlyCloses": closes or {}}


def _american(day: Any) -> str:
    return f"{day.month}/{day.day}/{day.year}"


def market_hours(calendar: TradingCalendar) -> dict[str, Any]:
    """The database as LEAN reads it from JSON."""
    holidays = [_american(day) for day in calendar.holidays]
    new_york = {_american(day): "13:00:00" for day in sorted(calendar.early_closes)}
    chicago = {_american(day): "12:00:00" for day in sorted(calendar.early_closes)}
    banks = [_american(day) for day in calendar.bank_holidays]
    equity = _week(("04:00", "09:30", "premarket"), ("09:30", "16:00", "market"), ("16:00", "20:00", "postmarket"))
    index = _week(("08:30", "15:15", "market"))
    vix = _week(("02:15", "08:15", "premarket"), ("08:30", "15:15", "market"), ("15:15", "16:00", "postmarket"))
    spx_option = _week(
        ("00:00", "08:15", "premarket"),
        ("08:30", "15:15", "market"),
        ("15:15", "16:00", "postmarket"),
        sunday=(("19:15", _END_OF_DAY, "premarket"),),
        evening=(("19:15", _END_OF_DAY, "postmarket"),),
    )
    entries = {
        "Equity-usa-[*]": _entry(_NEW_YORK, _NEW_YORK, equity, holidays, new_york),
        "Option-usa-[*]": _entry(_NEW_YORK, _NEW_YORK, _week(("09:30", "16:00", "market")), holidays, new_york),
        "Index-usa-[*]": _entry(_CHICAGO, _CHICAGO, _week(("08:30", "15:20", "market")), holidays, chicago),
        "Index-usa-SPX": _entry(_CHICAGO, _CHICAGO, index, []),
        "Index-usa-VIX": _entry(_CHICAGO, _CHICAGO, vix, []),
        "Index-usa-VIX9D": _entry(_NEW_YORK, _CHICAGO, _week(("08:30", "15:00", "market")), []),
        "Index-usa-VIX3M": _entry(_NEW_YORK, _CHICAGO, index, []),
        "Index-usa-VIX6M": _entry(_NEW_YORK, _CHICAGO, _week(("08:30", "15:00", "market")), []),
        "IndexOption-usa-[*]": _entry(_NEW_YORK, _CHICAGO, _week(("08:30", "15:20", "market")), holidays, chicago),
        "IndexOption-usa-SPX": _entry(_NEW_YORK, _CHICAGO, spx_option, []),
        "IndexOption-usa-SPXW": _entry(_NEW_YORK, _CHICAGO, spx_option, []),
    }
    weeks = {
        "ES": (_NEW_YORK, _futures_week("09:30", "17:00", "18:00")),
        "CL": (_NEW_YORK, _futures_week("09:30", "17:00", "18:00")),
        "GC": (_NEW_YORK, _futures_week("09:30", "17:00", "18:00")),
        "ZB": (_CHICAGO, _futures_week("08:30", "16:00", "17:00")),
        "ZC": (_CHICAGO, _futures_week("08:30", "13:20", "19:00", "07:45")),
    }
    defaults = {"cme": _CHICAGO, "nymex": _NEW_YORK, "comex": _CHICAGO, "cbot": _CHICAGO}
    for market, zone in defaults.items():
        hours = ("09:30", "17:00", "18:00") if zone == _NEW_YORK else ("08:30", "16:00", "17:00")
        entries[f"Future-{market}-[*]"] = _entry("UTC", zone, _futures_week(*hours), holidays) | {"lateOpens": {}, "bankHolidays": banks}
    for product in FUTURES:
        zone, week = weeks[product.ticker]
        closes = new_york if zone == _NEW_YORK else chicago
        entries[f"Future-{product.market}-{product.ticker}"] = _entry("UTC", zone, week, [], closes) | {
            "lateOpens": {},
            "bankHolidays": banks,
        }
    return {"entries": dict(sorted(entries.items()))}
