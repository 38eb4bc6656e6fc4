"""Opening hours of one day in exchange time (LEAN's LocalMarketHours and MarketHoursSegment). Times of day are microseconds since midnight."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from typing import Final

from simulator.common.enums import DayOfWeek, MarketHoursState
from simulator.common.time_zone import DAY


@dataclass(frozen=True, slots=True)
class MarketHoursSegment:
    """A stretch of the day in one state; it contains its start, not its end."""

    state: MarketHoursState
    _start: int
    _end: int

    @property
    def start(self) -> timedelta:
        """Start of the stretch since midnight."""
        return timedelta(microseconds=self._start)

    @property
    def end(self) -> timedelta:
        """End of the stretch since midnight, one day for midnight."""
        return timedelta(microseconds=self._end)

    def _counts(self, extended: bool) -> bool:
        return extended or self.state is _MARKET


def _continuous(previous_end: int | None, next_start: int | None, over_midnight: bool) -> bool:
    """Whether one stretch runs on into the next without a pause (LocalMarketHours.IsContinuousMarketOpen)."""
    if previous_end is None or next_start is None:
        return False
    return previous_end == DAY and next_start == 0 if over_midnight else previous_end == next_start


_MARKET: Final = MarketHoursState.MARKET


class LocalMarketHours:
    """The segments of one day, in order; a day without any is closed."""

    def __init__(self, day_of_week: DayOfWeek, segments: Iterable[MarketHoursSegment] = ()) -> None:
        self.day_of_week = day_of_week
        self.segments: Sequence[MarketHoursSegment] = tuple(segment for segment in segments if segment.state is not MarketHoursState.CLOSED)
        self.is_closed_all_day = not self.segments

    @cached_property
    def _market_duration(self) -> int:
        return sum(segment._end - segment._start for segment in self.segments if segment.state is MarketHoursState.MARKET)

    @property
    def market_duration(self) -> timedelta:
        """Length of the regular session."""
        return timedelta(microseconds=self._market_duration)

    @cached_property
    def is_open_all_day(self) -> bool:
        """Whether the regular session lasts from midnight to midnight."""
        return len(self.segments) == 1 and self._market_duration == DAY

    def _intervals(self, extended: bool) -> tuple[tuple[int, int], ...]:
        """Open stretches of the day, stretches that touch joined."""
        joined: list[tuple[int, int]] = []
        for segment in self.segments:
            if not segment._counts(extended) or segment._start >= segment._end:
                continue
            if joined and joined[-1][1] == segment._start:
                joined[-1] = (joined[-1][0], segment._end)
            else:
                joined.append((segment._start, segment._end))
        return tuple(joined)

    def _market_open(self, time: int, extended: bool, previous_day_end: int | None) -> int | None:
        """First open at or around a time of day; an open that continues an earlier stretch does not count."""
        previous = previous_day_end
        over_midnight = True
        for segment in self.segments:
            if not segment._counts(extended):
                continue
            if segment._end > time and not _continuous(previous, segment._start, over_midnight):
                return segment._start
            previous = segment._end
            over_midnight = False
        return None

    def _market_close(self, time: int, extended: bool, last: bool, next_day_start: int | None) -> int | None:
        """First close after a time of day, or the day's last; a close into another open stretch does not count as first."""
        result: int | None = None
        for index, segment in enumerate(self.segments):
            if segment._end <= time or not segment._counts(extended):
                continue
            if last:
                result = segment._end
                continue
            is_final = index == len(self.segments) - 1
            following = next_day_start if is_final else self._start_after(index, extended)
            if not _continuous(segment._end, following, is_final):
                return segment._end
        return result

    def _start_after(self, index: int, extended: bool) -> int | None:
        following = self.segments[index + 1]
        return following._start if following._counts(extended) else None


def with_exceptions(segments: list[MarketHoursSegment], early: int | None, late: int | None) -> list[MarketHoursSegment]:
    """Applies an early close and a late open; a late open after an early close means a session that resumes."""
    before = segments if early is None else _until(segments, early)
    if late is None:
        return before
    resumes = early is not None and early <= late
    after = _from(segments if resumes and early != late else before, late)
    return before + after if resumes else after


def _until(segments: list[MarketHoursSegment], close: int) -> list[MarketHoursSegment]:
    for index, segment in enumerate(segments):
        if segment._start <= close <= segment._end:
            return [*segments[:index], replace(segment, _end=close)]
        if close < segment._start:
            return segments[: max(index - 1, 0)]
    return segments


def _from(segments: list[MarketHoursSegment], opening: int) -> list[MarketHoursSegment]:
    for index, segment in enumerate(segments):
        if segment._start <= opening <= segment._end:
            return [replace(segment, _start=opening), *segments[index + 1 :]]
        if opening < segment._start:
            return segments[index:]
    return segments
