"""Events fire by time; equal times by creation until an event has fired, then LEAN's binary search decides."""

from simulator.engine.schedule import NEVER, RealTimeHandler, ScheduledEvent


def make(handler, name, times, log):
    event = ScheduledEvent(name, iter(times), lambda fired, _utc: log.append(fired))
    handler.add(event)
    return event


def test_equal_times_fire_in_order_of_creation_at_first():
    log, handler = [], RealTimeHandler()
    for name in "abc":
        make(handler, name, [10], log)
    handler.set_time(10)
    assert log == ["a", "b", "c"]


def test_order_of_equal_times_changes_from_day_to_day_as_on_lean():
    """The days recorded in the scenario schedule_same_minute_order, five events at ten o'clock and one at noon."""
    log, handler = [], RealTimeHandler()
    for name in ("one", "two", "three", "four", "open"):
        make(handler, name, [10, 110, 210], log)
    make(handler, "noon", [12, 112, 212], log)
    make(handler, "hourly", [0, 4, 8, 12, 16, 20, 100, 104, 108, 112, 116, 120, 200, 204, 208, 212], log)
    days = []
    for day in (0, 100, 200):
        log.clear()
        for hour in range(24):
            handler.set_time(day + hour)
        days.append([name for name in log if name not in {"noon", "hourly"}])
    assert days[0] == ["one", "two", "three", "four", "open"]
    assert days[1] == ["one", "open", "three", "four", "two"]
    assert days[2] == ["one", "two", "three", "four", "open"]


def test_past_events_fire_at_their_own_time_and_stop_before_now():
    log, handler, clock = [], RealTimeHandler(), []
    make(handler, "early", [3, 7], log)
    make(handler, "now", [9], log)
    handler.scan_past_events(9, clock.append)
    assert (log, clock) == (["early", "early"], [3, 7])
    assert handler.next_utc == 9


def test_adding_an_event_restores_the_order_of_creation():
    log, handler = [], RealTimeHandler()
    for name in ("a", "b", "c"):
        make(handler, name, [1, 5], log)
    handler.set_time(1)
    make(handler, "d", [5], log)
    log.clear()
    handler.set_time(5)
    assert log == ["a", "b", "c", "d"]


def test_removed_and_disabled_events_are_silent():
    log, handler = [], RealTimeHandler()
    gone = make(handler, "gone", [1], log)
    off = make(handler, "off", [1], log)
    handler.remove(gone)
    off.enabled = False
    handler.set_time(2)
    assert log == []
    assert handler.next_utc == NEVER


def test_skipping_keeps_an_event_that_is_due_now():
    log, handler = [], RealTimeHandler()
    make(handler, "kept", [1, 2, 3], log)
    handler.skip_until(2)
    handler.set_time(3)
    assert log == ["kept", "kept"]
