"""A stream whose bars have another length while the algorithm warms up (LEAN's FileSystemDataFeed.CreateSubscription with a warm-up resolution)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from simulator.common.enums import Resolution
from simulator.engine.bar_source import BarChunk, BarSource
from simulator.engine.fill_forward import NO_TIMES, FillForwardGrid, Times


@dataclass(frozen=True)
class WarmUp:
    """Length of bars before the algorithm's start.

    Attributes:
        resolution: of the bars until then.
        until_utc: midnight of the start date.
    """

    resolution: Resolution
    until_utc: int


class WarmUpSource:
    """The bars of two sources one after the other.

    Args:
        before: what is delivered up to the end of the warm-up; None where no such bars exist.
        after: what is delivered later; what ends earlier is only repeated.
        start_utc: start of the stream.
        until_utc: end of the warm-up.
    """

    def __init__(self, before: BarSource | None, after: BarSource, start_utc: int, until_utc: int) -> None:
        self.start_utc = start_utc
        self._before = before
        self._after = after
        self._until_utc = until_utc

    def chunks(self) -> Iterator[BarChunk]:
        """The bars file by file."""
        until = self._until_utc
        for chunk in [] if self._before is None else self._before.chunks():
            outside = tuple(_split(part, until)[0] for part in chunk.outside)
            yield replace(_split(chunk, until)[0], until_utc=min(chunk.until_utc, until), outside=outside)
            if chunk.until_utc >= until:
                break
        for chunk in self._after.chunks():
            early, late = _split(chunk, until)
            kept = (early, *chunk.outside) if early.ends.size else chunk.outside
            yield replace(late, until_utc=max(chunk.until_utc, until), outside=kept)


def _split(chunk: BarChunk, until_utc: int) -> tuple[BarChunk, BarChunk]:
    """The bars that end up to an instant, and those after it."""
    place = int(np.searchsorted(chunk.ends, until_utc, side="right"))
    return _part(chunk, 0, place), _part(chunk, place, chunk.ends.size)


def _part(chunk: BarChunk, first: int, end: int) -> BarChunk:
    bars = None if chunk.bars is None else chunk.bars.part(first, end)
    return replace(chunk, ends=chunk.ends[first:end], bars=bars, outside=())


class WarmUpGrid(FillForwardGrid):
    """Where bars are repeated: on one grid up to an instant (nowhere without one), on another after it."""

    def __init__(self, before: FillForwardGrid | None, after: FillForwardGrid, until_utc: int) -> None:
        self._before = before
        self._after = after
        self._until_utc = until_utc
        self._windows: dict[int, Times] = {}
        self._asked = -1
        self._answer = False

    def _make(self, start_utc: int) -> Times:
        late = self._after.window(start_utc)
        if self._until_utc < start_utc:
            return late
        early = NO_TIMES if self._before is None else self._before.window(start_utc)
        return np.concatenate([early[early <= self._until_utc], late[late > self._until_utc]])
