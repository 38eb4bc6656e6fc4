"""The instants at which LEAN's clock stops: the union of the delivery times of all subscriptions."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from typing import Final

import numpy as np

from simulator.common.time_zone import DAY
from simulator.engine.fill_forward import NO_TIMES, FillForwardGrid, Times
from simulator.engine.subscription import NEVER, Subscription

_KEPT_WINDOWS: Final = 8


class StepClock:
    """Answers which step comes next, from arrays per UTC day that are built when they are asked for.

    Args:
        subscriptions: gives the current subscriptions.
        last_utc: no step lies after this instant.
    """

    def __init__(self, subscriptions: Callable[[], Iterable[Subscription]], last_utc: int) -> None:
        self._subscriptions = subscriptions
        self._last_utc = last_utc
        self._windows: dict[int, list[int]] = {}

    @property
    def last_utc(self) -> int:
        """No step lies after this instant."""
        return self._last_utc

    def invalidate(self) -> None:
        """The subscriptions have changed."""
        self._windows.clear()

    def _window(self, start_utc: int) -> list[int]:
        times = self._windows.get(start_utc)
        if times is None:
            times = self._union(start_utc).tolist()
            if len(self._windows) >= _KEPT_WINDOWS:
                self._windows.clear()
            self._windows[start_utc] = times
        return times

    def _union(self, start_utc: int) -> Times:
        """Instants of all subscriptions. Files are not read for bars that can only lie where others have them anyway."""
        grids: dict[int, FillForwardGrid] = {}
        others: list[Subscription] = []
        for subscription in self._subscriptions():
            grid = subscription.grid
            if grid is not None and subscription.is_filled_whole(start_utc):
                grids[id(grid)] = grid
            else:
                others.append(subscription)
        distinct = {id(times): times for grid in grids.values() if (times := grid.window(start_utc)).size}
        known = {NO_TIMES.tobytes(), *(times.tobytes() for times in distinct.values())}
        covered = dict.fromkeys(grids, True)
        for subscription in others:
            grid = subscription.bounding_grid
            if grid is not None:
                if id(grid) not in covered:
                    covered[id(grid)] = grid.window(start_utc).tobytes() in known
                if covered[id(grid)]:
                    continue
            times = subscription.window(start_utc)
            if times.size:
                distinct[id(times)] = times
        if not distinct:
            return NO_TIMES
        parts = list(distinct.values())
        return parts[0] if len(parts) == 1 else np.unique(np.concatenate(parts))

    def next_after(self, utc: int) -> int:
        """The first step after an instant, NEVER when there is none."""
        start = utc - utc % DAY
        while start <= self._last_utc:
            times = self._window(start)
            place = bisect_right(times, utc)
            if place < len(times):
                return times[place] if times[place] <= self._last_utc else NEVER
            start += DAY
        return NEVER

    def last_before(self, utc: int, after: int) -> int:
        """The last step before an instant, `after` when none lies between the two."""
        start = utc - utc % DAY
        while start + DAY > after:
            times = self._window(start)
            place = bisect_left(times, utc)
            if place > 0:
                return max(times[place - 1], after)
            start -= DAY
        return after
