"""Scheduled events and who fires them (LEAN's ScheduledEvent, ScheduleManager, BacktestingRealTimeHandler)."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from simulator.common.time_zone import EPOCH
from simulator.engine.date_rules import DateRules
from simulator.engine.schedule_rules import DateRule, TimeRule
from simulator.engine.time_rules import TimeRules

NEVER: Final = 1 << 62
_END_OF_TIME: Final = datetime(2050, 12, 31)  # noqa: DTZ001 - LEAN's Time.EndOfTime, naive

Callback = Callable[[str, int], None]


class ScheduledEvent:
    """A callback and the instants it runs at, which are only computed when they are needed.

    Attributes:
        name: what LEAN calls the event.
        enabled: whether the callback runs when the time comes.
    """

    def __init__(self, name: str, times: Iterator[int], callback: Callback) -> None:
        self.name = name
        self.enabled = True
        self._times = times
        self._callback = callback
        self._next: int | None = None

    @property
    def _next_utc(self) -> int:
        if self._next is None:
            self._next = next(self._times, NEVER)
        return self._next

    def _skip_until(self, utc: int) -> None:
        while self._next_utc < utc:
            self._next = None

    def _scan(self, utc: int) -> None:
        """Fire every instant up to `utc`, one after the other."""
        while self._next_utc <= utc:
            if self.enabled:
                self._callback(self.name, self._next_utc)
            self._next = None

    def __str__(self) -> str:
        return self.name


class RealTimeHandler:
    """Fires events in LEAN's order: by time; equal times by creation, but an event that has fired goes behind its equals."""

    def __init__(self) -> None:
        self._events: dict[ScheduledEvent, int] = {}
        self._over: set[ScheduledEvent] = set()
        self._ids = 0
        self._sorted: list[ScheduledEvent] = []
        self._dirty = False

    def add(self, event: ScheduledEvent) -> None:
        """Take an event in; it gets the next creation number."""
        self._ids += 1
        self._events[event] = self._ids
        self._dirty = True

    def remove(self, event: ScheduledEvent) -> None:
        """Forget an event; a scan that is under way may still fire it, as in LEAN."""
        self._events.pop(event, None)
        self._over.discard(event)
        self._dirty = True

    def skip_until(self, utc: int) -> None:
        """Drop the instants of all events that lie before `utc`."""
        for event in self._events:
            event._skip_until(utc)
        self._dirty = True

    @property
    def next_utc(self) -> int:
        """The earliest instant any event waits for, NEVER when there is none."""
        events = self._in_order()
        return events[0]._next_utc if events else NEVER

    def _in_order(self) -> list[ScheduledEvent]:
        if self._dirty:
            self._dirty = False
            numbered = sorted((event._next_utc, number, event) for event, number in self._events.items())
            self._set_aside(numbered)
            self._sorted = [event for _, _, event in numbered]
        return self._sorted

    def _set_aside(self, numbered: list[tuple[int, int, ScheduledEvent]]) -> None:
        """Events without a next instant, the last ones, are never looked at again; only their number is part of the search below."""
        while numbered and numbered[-1][0] == NEVER:
            event = numbered.pop()[2]
            del self._events[event]
            self._over.add(event)

    def set_time(self, utc: int) -> None:
        """Fire what is due at or before `utc`, all at the algorithm's present time."""
        events = self._in_order()
        while events and events[0]._next_utc <= utc:
            events[0]._scan(utc)
            self._sort_first(events)

    def scan_past_events(self, utc: int, set_date_time: Callable[[int], None]) -> None:
        """Fire what was due before `utc`, each at its own time."""
        events = self._in_order()
        while events and events[0]._next_utc < utc:
            moment = events[0]._next_utc
            set_date_time(moment)
            events[0]._scan(moment)
            self._sort_first(events)

    def _sort_first(self, events: list[ScheduledEvent]) -> None:
        """Put the first event where it belongs; LEAN's binary search decides among equal times, so the search is part of the result.

        LEAN's list goes on with the events that are over.
        """
        moment = events[0]._next_utc
        if len(events) < 2 or moment <= events[1]._next_utc:
            return
        event = events.pop(0)
        lower, upper = 0, len(events) + len(self._over) - 1
        while lower <= upper:
            middle = lower + (upper - lower) // 2
            other = events[middle]._next_utc if middle < len(events) else NEVER
            if moment == other:
                lower = middle + 1
                break
            if moment < other:
                upper = middle - 1
            else:
                lower = middle + 1
        events.insert(lower, event)


class ScheduleManager:
    """`algorithm.schedule`."""

    def __init__(self, algorithm: Any) -> None:
        self._algorithm = algorithm
        self._handler = RealTimeHandler()
        self._running = False
        self.date_rules = DateRules(algorithm)
        self.time_rules = TimeRules(algorithm)

    def on(self, *arguments: object) -> ScheduledEvent:
        """Schedule a callback without arguments: `on([name,] date_rule, time_rule, callback)`."""
        rest = list(arguments)
        name = str(rest.pop(0)) if isinstance(rest[0], str) else ""
        date_rule, time_rule, callback = rest
        if not isinstance(date_rule, DateRule) or not isinstance(time_rule, TimeRule) or not callable(callback):
            kinds = ", ".join(type(argument).__name__ for argument in arguments)
            raise TypeError(f"No method matches given arguments for on: ({kinds})")
        event = ScheduledEvent(
            name or f"{date_rule.name}: {time_rule.name}", self._times(date_rule, time_rule), lambda _name, _utc: callback()
        )
        self.add(event)
        return event

    def _times(self, date_rule: DateRule, time_rule: TimeRule) -> Iterator[int]:
        today = EPOCH + timedelta(microseconds=self._algorithm._utc)
        start = datetime(today.year, today.month, today.day) - timedelta(days=1)  # noqa: DTZ001 - LEAN takes UTC's date as a local one
        yield from time_rule.create_utc_event_times(date_rule.get_dates(start, _END_OF_TIME))

    def add(self, scheduled_event: ScheduledEvent) -> None:
        """Add an event; instants before now are skipped once the algorithm runs."""
        if self._running:
            scheduled_event._skip_until(self._algorithm._utc)
        self._handler.add(scheduled_event)

    def remove(self, scheduled_event: ScheduledEvent) -> None:
        """Remove an event."""
        self._handler.remove(scheduled_event)

    def _start(self) -> None:
        self._running = True
        self._handler.skip_until(self._algorithm._utc)
