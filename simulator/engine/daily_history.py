"""Daily bars of the past, kept between requests: a history asked for again every day differs by one bar."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Final

import numpy as np

from simulator.common.bars import BaseData
from simulator.common.time_zone import DAY
from simulator.engine.bar_source import BarChunk
from simulator.engine.fill_forward import FillForwardGrid

READ_BEFORE: Final = 40 * DAY
READ_AFTER: Final = 100 * DAY
"""How far to read where the end of the run is not known."""


class DailyBarsKept:
    """The bars of one configuration within a span around what was asked for.

    Args:
        first_utc: no bar that ends earlier is known.
        last_utc: no bar that starts later is known.
        chunks: the bars in time order.
        grid: where bars are repeated; None without fill-forward.
    """

    def __init__(self, first_utc: int, last_utc: int, chunks: Sequence[BarChunk], grid: FillForwardGrid | None) -> None:
        self.first_utc = first_utc
        self.last_utc = last_utc
        self.chunks = chunks
        self._instants = [chunk.ends.tolist() for chunk in chunks]
        self._differing = _differing(chunks, grid, last_utc)

    def covers(self, start_utc: int, end_utc: int) -> bool:
        """Whether the bars of a span are known."""
        return self.first_utc <= start_utc and end_utc <= self.last_utc

    def points(self, start_utc: int, end_utc: int) -> list[BaseData] | None:
        """The bars that end after the one instant and not after the other; None where some have to be repeated between them."""
        differing = self._differing
        if bisect_left(differing, start_utc) < bisect_right(differing, end_utc):
            return None
        found: list[BaseData] = []
        for chunk, instants in zip(self.chunks, self._instants, strict=True):
            rows = range(bisect_right(instants, start_utc), bisect_right(instants, end_utc))
            found += [chunk.point(row) for row in rows]
        return found


def _differing(chunks: Sequence[BarChunk], grid: FillForwardGrid | None, last_utc: int) -> list[int]:
    """Instants at which there is a bar and fill-forward has none, or the other way round, or several bars."""
    ends = [chunk.ends for chunk in chunks if chunk.ends.size]
    if grid is None or not ends:
        return []
    real = np.concatenate(ends)
    several = real[1:][np.diff(real) <= 0]
    return sorted([*np.setxor1d(grid.days_between(int(real[0]), last_utc), real).tolist(), *several.tolist()])
