"""Events that call `on_end_of_day` (Engine/RealTime/ScheduledEventFactory.cs)."""

import inspect
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from simulator.common.time_zone import to_local, to_utc
from simulator.engine.schedule import ScheduledEvent
from simulator.engine.universe_selection import SecurityChanges

if TYPE_CHECKING:
    from simulator.algorithm.qc_algorithm import QCAlgorithm

_BEFORE_CLOSE = timedelta(minutes=10)
_BEFORE_MIDNIGHT = timedelta(minutes=2)
_ONE_DAY = timedelta(days=1)


def update_end_of_day_events(algorithm: "QCAlgorithm", changes: SecurityChanges) -> None:
    """Ten minutes before each security's close for a handler with a symbol, two minutes before midnight for one without."""
    events: dict[Any, ScheduledEvent] = algorithm.__dict__.setdefault("_end_of_day_events", {})
    handler: Any = getattr(algorithm, "on_end_of_day")  # noqa: B009 - the algorithm's own, if it has one
    if not inspect.signature(handler).parameters:
        _replace(algorithm, events, None, ScheduledEvent("Algorithm End Of Day", _midnights(algorithm), lambda _name, _utc: handler()))
        return
    for security in changes._for_user().added_securities:
        symbol = security.symbol
        name = f"{symbol}.EndOfDay"
        _replace(
            algorithm,
            events,
            symbol,
            ScheduledEvent(name, _closes(algorithm, security), partial(_call, handler, symbol)),
        )
    for security in changes._for_user().removed_securities:
        if security.symbol in events:
            algorithm.schedule.remove(events.pop(security.symbol))


def _call(handler: Any, symbol: Any, _name: str, _utc: int) -> None:
    handler(symbol)


def _replace(algorithm: "QCAlgorithm", events: dict[Any, ScheduledEvent], key: Any, event: ScheduledEvent) -> None:
    if key in events:
        algorithm.schedule.remove(events[key])
    events[key] = event
    algorithm.schedule.add(event)


def _days(algorithm: "QCAlgorithm", zone: str) -> Iterator[datetime]:
    day = to_local(algorithm._utc, zone).replace(hour=0, minute=0, second=0, microsecond=0)
    while day <= algorithm.end_date:
        yield day
        day += _ONE_DAY


def _closes(algorithm: "QCAlgorithm", security: Any) -> Iterator[int]:
    hours = security.exchange.hours
    extended = security.is_extended_market_hours
    for day in _days(algorithm, hours.time_zone):
        if hours.is_date_open(day, extended):
            utc = to_utc(hours.get_last_daily_market_close(day, extended) - _BEFORE_CLOSE, hours.time_zone)
            if utc > algorithm._utc:
                yield utc


def _midnights(algorithm: "QCAlgorithm") -> Iterator[int]:
    for day in _days(algorithm, algorithm.time_zone):
        if any(security.exchange.hours.is_date_open(day) for security in algorithm.securities.values()):
            yield to_utc(day + _ONE_DAY - _BEFORE_MIDNIGHT, algorithm.time_zone)
