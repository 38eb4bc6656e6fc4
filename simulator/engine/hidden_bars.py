"""Bars of a continuous future's contract that LEAN drops: its slice has other contracts of futures already (TimeSliceFactory.HandleFuturesData)."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from simulator.common.time_zone import DAY
from simulator.engine.bar_source import BarChunk
from simulator.engine.fill_forward import Times

_KEPT: Final = 7 * DAY


class HiddenBars:
    """Leaves bars out at the instants at which something else is delivered.

    Args:
        windows: the instants of a UTC day, by its start, at which bars are left out, an array for each cause.
    """

    def __init__(self, windows: Callable[[int], Iterable[Times]]) -> None:
        self._windows = windows
        self._read: list[BarChunk] = []

    def shown(self, chunk: BarChunk) -> list[BarChunk]:
        """What is left of a file's bars: no chunk where nothing is."""
        first = int(chunk.ends[0])
        self._read = [other for other in self._read if int(other.ends[-1]) > first - _KEPT]
        self._read.append(chunk)
        return self._chosen(chunk, ~self._is_hidden(chunk.ends))

    def shown_after(self, utc: int) -> list[BarChunk]:
        """What is left after an instant of the files that have been read."""
        later = [chunk for chunk in self._read if int(chunk.ends[-1]) > utc]
        return [part for chunk in later for part in self._chosen(chunk, ~self._is_hidden(chunk.ends) & (chunk.ends > utc))]

    def _is_hidden(self, ends: Times) -> NDArray[np.bool_]:
        hidden = np.zeros(ends.size, dtype=np.bool_)
        for day in range(int(ends[0]) // DAY * DAY, int(ends[-1]) + 1, DAY):
            for times in {id(times): times for times in self._windows(day) if times.size}.values():
                places = np.minimum(times.searchsorted(ends), times.size - 1)
                hidden |= times[places] == ends
        return hidden

    def _chosen(self, chunk: BarChunk, mask: NDArray[np.bool_]) -> list[BarChunk]:
        if mask.all():
            return [chunk]
        if chunk.bars is None or not mask.any():
            return []
        return [replace(chunk, ends=chunk.ends[mask], bars=chunk.bars.where(mask), outside=())]


def by_day(chunks: Iterator[BarChunk]) -> Iterator[BarChunk]:
    """The same bars in pieces of a UTC day."""
    for chunk in chunks:
        if chunk.bars is None or not chunk.ends.size or chunk.ends.item(0) // DAY == chunk.ends.item(-1) // DAY:
            yield chunk
            continue
        cuts = np.flatnonzero(np.diff(chunk.ends // DAY)) + 1
        size = chunk.ends.size
        for first, end in pairwise((0, *cuts.tolist(), size)):
            yield replace(
                chunk,
                ends=chunk.ends[first:end],
                until_utc=chunk.until_utc if end == size else int(chunk.ends[end]),
                bars=chunk.bars.part(first, end),
                outside=chunk.outside if first == 0 else (),
            )
