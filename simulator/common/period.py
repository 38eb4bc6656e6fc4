"""Bar lengths: conversions between Resolution, timedelta and microseconds (LEAN's Extensions.ToTimeSpan and ToHigherResolutionEquivalent)."""

from datetime import timedelta
from typing import Final

from simulator.common.enums import Resolution
from simulator.common.time_zone import DAY, HOUR, MINUTE, SECOND

_MICROSECONDS: Final = {
    Resolution.TICK: 0,
    Resolution.SECOND: SECOND,
    Resolution.MINUTE: MINUTE,
    Resolution.HOUR: HOUR,
    Resolution.DAILY: DAY,
}
_SPANS: Final = {resolution: timedelta(microseconds=length) for resolution, length in _MICROSECONDS.items()}


def to_microseconds(resolution: Resolution) -> int:
    """Length of a resolution's bars in microseconds, 0 for ticks."""
    return _MICROSECONDS[resolution]


def to_time_span(resolution: Resolution) -> timedelta:
    """Length of a resolution's bars, zero for ticks."""
    return _SPANS[resolution]


def to_higher_resolution_equivalent(span: timedelta) -> Resolution:
    """The longest resolution that is not longer than the span; spans under a second are ticks."""
    candidates = (resolution for resolution in reversed(Resolution) if _SPANS[resolution] <= span)
    return next(candidates, Resolution.TICK)
