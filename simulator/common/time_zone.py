"""Conversions between UTC microseconds and naive local times.

Inside the engine an instant is an `int` of microseconds since the Unix epoch, UTC. A local time is a naive `datetime` in a named zone. A local
time that daylight saving skips or repeats is resolved as NodaTime's lenient resolver does: skipped times move forward by the gap, repeated
times take the earlier instant.
"""

from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

MICROSECOND: Final = 1
SECOND: Final = 1_000_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
_QUARTER: Final = 15 * MINUTE
_BLOCK: Final = 64 * DAY

EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - local times are naive by design
_EPOCH_UTC: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_ORDINAL: Final = EPOCH.toordinal()


class _Zone:
    """Offsets of one zone, remembered per quarter of an hour, which divides every change of every zone since 1970."""

    __slots__ = ("_info", "_of_local", "_of_utc")

    def __init__(self, name: str) -> None:
        self._info = ZoneInfo(name)
        self._of_utc: dict[int, int] = {}
        self._of_local: dict[int, int] = {}

    def offset_at_utc(self, utc: int) -> int:
        key = utc // _QUARTER
        offset = self._of_utc.get(key)
        if offset is None:
            instant = _EPOCH_UTC + timedelta(microseconds=utc)
            offset = self._of_utc[key] = _microseconds(instant.astimezone(self._info).utcoffset())
        return offset

    def offset_at_local(self, local: int) -> int:
        key = local // _QUARTER
        offset = self._of_local.get(key)
        if offset is None:
            naive = EPOCH + timedelta(microseconds=local)
            offset = self._of_local[key] = _microseconds(naive.replace(tzinfo=self._info).utcoffset())
        return offset


def _microseconds(span: timedelta | None) -> int:
    return 0 if span is None else (span.days * 86_400 + span.seconds) * SECOND + span.microseconds


@cache
def _zone(name: str) -> _Zone:
    return _Zone(name)


def local_microseconds(local: datetime) -> int:
    """Microseconds from 1970-01-01 00:00 to a naive time, both read in the same zone."""
    days = local.toordinal() - _EPOCH_ORDINAL
    return days * DAY + ((local.hour * 60 + local.minute) * 60 + local.second) * SECOND + local.microsecond


def date_microseconds(day: date) -> int:
    """Microseconds from 1970-01-01 to the midnight of a date."""
    return (day.toordinal() - _EPOCH_ORDINAL) * DAY


def naive_datetime(microseconds: int) -> datetime:
    """The naive time that many microseconds after 1970-01-01 00:00."""
    return EPOCH + timedelta(microseconds=microseconds)


def to_utc(local: datetime, zone: str) -> int:
    """UTC microseconds of a naive local time."""
    microseconds = local_microseconds(local)
    return microseconds - _zone(zone).offset_at_local(microseconds)


@lru_cache(maxsize=16_384)
def to_local(utc: int, zone: str) -> datetime:
    """Naive local time of an instant."""
    return EPOCH + timedelta(microseconds=utc + _zone(zone).offset_at_utc(utc))


def to_local_microseconds(utc: int, zone: str) -> int:
    """Like `to_local`, as microseconds since 1970-01-01 00:00 local."""
    return utc + _zone(zone).offset_at_utc(utc)


@lru_cache(maxsize=16_384)
def local_date(utc: int, zone: str) -> date:
    """The calendar date in a zone at an instant."""
    return date.fromordinal(_EPOCH_ORDINAL + to_local_microseconds(utc, zone) // DAY)


@lru_cache(maxsize=65_536)
def midnight_utc(day: date, zone: str) -> int:
    """UTC microseconds of the local midnight that starts a date."""
    microseconds = date_microseconds(day)
    return microseconds - _zone(zone).offset_at_local(microseconds)


def utc_datetime(utc: int) -> datetime:
    """The aware datetime (tz UTC) of an instant, as `algorithm.utc_time` shows it."""
    return _EPOCH_UTC + timedelta(microseconds=utc)


def from_utc_datetime(instant: datetime) -> int:
    """UTC microseconds of an aware datetime, or of a naive one that is already UTC."""
    return local_microseconds(instant if instant.tzinfo is None else instant.astimezone(UTC).replace(tzinfo=None))


def array_to_utc(local: NDArray[np.int64], zone: str) -> NDArray[np.int64]:
    """`to_utc` over an array of local microseconds."""
    return local - _offsets(local, zone, is_local=True)


def day_to_utc(times: NDArray[np.int64], day: date, zone: str) -> NDArray[np.int64]:
    """Instants of times of day (microseconds from midnight) of one date; ascending ones cost one look at either end."""
    midnight, offset_of = date_microseconds(day), _zone(zone).offset_at_local
    first, last = int(times[0]), int(times[-1])
    offset = offset_of(midnight + first)
    if first <= last and offset == offset_of(midnight + last) == offset_of(midnight) == offset_of(midnight + DAY - 1):
        return times + (midnight - offset)
    return array_to_utc(times + midnight, zone)


def array_to_local(utc: NDArray[np.int64], zone: str) -> NDArray[np.int64]:
    """`to_local_microseconds` over an array of instants."""
    return utc + _offsets(utc, zone, is_local=False)


def _offsets(times: NDArray[np.int64], zone: str, *, is_local: bool) -> NDArray[np.int64] | int:
    """Offset of each time, one number where they agree."""
    if times.size == 0:
        return 0
    starts, offsets = _changes(zone, int(times.min()) // _BLOCK, int(times.max()) // _BLOCK, is_local)
    if len(offsets) == 1:
        return int(offsets[0])
    found: NDArray[np.int64] = offsets[starts.searchsorted(times, side="right") - 1]
    return found


@cache
def _changes(zone: str, first: int, last: int, is_local: bool) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The times from which offsets hold, ascending, and these offsets, over blocks of time."""
    starts: list[int] = []
    offsets: list[int] = []
    for block in range(first, last + 1):
        for start, offset in _changes_within(zone, block, is_local):
            if not offsets or offset != offsets[-1]:
                starts.append(start)
                offsets.append(offset)
    return np.array(starts, dtype=np.int64), np.array(offsets, dtype=np.int64)


@cache
def _changes_within(zone: str, block: int, is_local: bool) -> tuple[tuple[int, int], ...]:
    """The offset at the start of a block, and those that follow, with the time each begins."""
    offset_of = _zone(zone).offset_at_local if is_local else _zone(zone).offset_at_utc
    time, end = block * _BLOCK, (block + 1) * _BLOCK
    offset = offset_of(time)
    found = [(time, offset)]
    while time < end:
        if offset_of(time + DAY) == offset:
            time += DAY
            continue
        while offset_of(time) == offset:
            time += _QUARTER
        offset = offset_of(time)
        found.append((time, offset))
        time += DAY - time % DAY
    return tuple(found)
