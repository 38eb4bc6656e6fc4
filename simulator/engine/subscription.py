"""One stream of data points: real bars read day by day, repeated bars, and corporate events (LEAN's Subscription over SubscriptionDataReader)."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from simulator.common.bars import BaseData
from simulator.common.enums import Resolution, TickType
from simulator.common.period import to_microseconds
from simulator.common.time_zone import DAY
from simulator.engine.bar_source import BarChunk, BarSource
from simulator.engine.fill_forward import NO_TIMES, FillForwardGrid, Times
from simulator.engine.hidden_bars import HiddenBars, by_day
from simulator.engine.subscription_data_config import SubscriptionDataConfig

if TYPE_CHECKING:
    from simulator.engine.warm_up import WarmUp, WarmUpSource
    from simulator.securities.security import Security

NEVER: Final = 1 << 62


class Subscription:
    """The points of one configuration from a start to an end, delivered in time order.

    Args:
        config: what is subscribed.
        security: whom it is for; None in a history request.
        source: where real bars come from, chunk by chunk in time order.
        grid: where bars are repeated; None without fill-forward.
        end_utc: no bar that starts later is delivered.
        events: corporate events, sorted by their instant.
        fill_until: repeated bars end at or before this instant (a delisting), NEVER without one.
        warm_up: the length of bars up to an instant when it is another one; None otherwise.
    """

    def __init__(
        self,
        config: SubscriptionDataConfig,
        security: "Security | None",
        source: "BarSource | WarmUpSource",
        grid: FillForwardGrid | None,
        end_utc: int,
        events: Sequence[BaseData] = (),
        fill_until: int = NEVER,
        warm_up: "WarmUp | None" = None,
    ) -> None:
        self.config = config
        self.security = security
        self.grid = grid
        self.order = config._order
        self._chunks: Iterator[BarChunk] = source.chunks()
        self._end_utc = end_utc
        self._fill_until = fill_until
        self._events = list(events)
        self._event = 0
        self._loaded_until = source.start_utc
        self._first_real = NEVER
        self._last_at: tuple[BarChunk, int] | None = None
        self._last_point: BaseData | None = None
        self.last_end = -1
        self._fill_end = min(self._last_fill, fill_until)
        self._warm_up = warm_up
        lengths = {config.resolution} if warm_up is None else {config.resolution, warm_up.resolution}
        self._is_on_grid = Resolution.HOUR not in lengths and config.tick_type != TickType.OPEN_INTEREST
        self._pending: list[BarChunk] = []
        self._outside: list[BarChunk] = []
        self._hidden: HiddenBars | None = None
        self._row = 0
        self.next_real = self._loaded_until
        self.ended = False

    # Real bars

    def _load_next(self) -> bool:
        chunk = next(self._chunks, None)
        if chunk is None:
            self._loaded_until = NEVER
            return False
        self._loaded_until = chunk.until_utc
        for outside in chunk.outside:
            self._note_first(outside)
            self._outside.append(outside)
        self._forget_outside(self.last_end)
        if chunk.ends.size:
            self._note_first(chunk)
            self._append([chunk] if self._hidden is None else self._hidden.shown(chunk))
        return True

    def _append(self, chunks: Sequence[BarChunk]) -> None:
        for chunk in chunks:
            chunk.instants = chunk.ends.tolist()
            self._pending.append(chunk)

    @property
    def hides(self) -> bool:
        """Whether some of its bars are not delivered."""
        return self._hidden is not None

    def hide(self, hidden: HiddenBars) -> None:
        """Some of the bars that have not been read yet are not delivered."""
        self._hidden = hidden
        self._chunks = by_day(self._chunks)

    def choose_again(self, utc: int) -> None:
        """Which bars after an instant are hidden has changed; those up to it have been taken."""
        if self._hidden is not None:
            self._pending, self._row = [], 0
            self._append(self._hidden.shown_after(utc))
            self._update_next_real()

    def _note_first(self, chunk: BarChunk) -> None:
        """Bars of a file come in any order of the two kinds; later files cannot begin earlier."""
        self._first_real = min(self._first_real, int(chunk.ends[0]))

    def _load_until(self, utc: int) -> None:
        """Have every real bar that ends at or before `utc` in memory."""
        while self._loaded_until <= utc and self._load_next():
            pass

    def _update_next_real(self) -> None:
        if self._pending:
            self.next_real = self._pending[0].instants[self._row]
        else:
            self.next_real = self._loaded_until

    def let_go(self, utc: int) -> bool:
        """Forget files that a later one makes irrelevant whose bars have come; whether none has to be taken for it."""
        while len(self._pending) > 1:
            later = self._pending[1]
            row = bisect_right(later.instants, utc) - 1
            if row < 0:
                return True
            if not later.is_whole(row):
                return False
            self._pending.pop(0)
            self._row = 0
            self._update_next_real()
        return True

    def keep_last(self, utc: int) -> bool:
        """Forget all bars in memory but the last one up to `utc`, if that tells all that has not been taken; whether it does."""
        if not self._pending:
            return True
        chunk = self._pending[-1]
        row = bisect_right(chunk.instants, utc) - 1
        if row < 0 or chunk.bars is None or not chunk.is_whole(row):
            return False
        last = replace(chunk, ends=chunk.ends[row : row + 1].copy(), bars=chunk.bars.alone(row), outside=())
        self._pending, self._outside, self._row = [], [], 0
        self._append([last])
        return True

    def advance(self, utc: int) -> BaseData | None:
        """The last real bar that ended since the last call and at or before `utc`, None when there is none."""
        return self._last if self._move(utc) else None

    def take(self, utc: int) -> list[BaseData]:
        """The real bars since the last call that tell what is known at `utc`: the last one, and those before it that have what it lacks."""
        if utc < self.next_real:
            return []
        if len(self._pending) == 1 and utc < self._loaded_until and (single := self._take_last(utc)) is not None:
            return [single]
        passed: list[tuple[BarChunk, int, int]] = []
        if not self._move(utc, passed):
            return []
        last = self._last
        chunk, first, end = passed[-1]
        if last is None or chunk.bars is None or end - first == 1 == len(passed):
            return [] if last is None else [last]
        lacking = chunk.bars.absent(end - 1, elsewhere=len(passed) == 1)
        if not lacking.size:
            return [last]
        found: list[BaseData] = []
        for chunk, first, end in reversed(passed):
            if not lacking.size or chunk.bars is None:
                break
            rows, lacking = chunk.bars.last_with(lacking, first, end)
            found += [chunk.point(row) for row in rows]
        return [*(point for point in reversed(found) if point._end_utc != last._end_utc), last]

    def _take_last(self, utc: int) -> BaseData | None:
        """The last of the bars due where all are in one file with later ones and it tells all, as usual; None where it is not so."""
        chunk, first = self._pending[0], self._row
        instants = chunk.instants
        end = bisect_right(instants, utc, first)
        if not first < end < len(instants) or not (end - first == 1 or chunk.is_whole(end - 1)):
            return None
        self._row, self.next_real = end, instants[end]
        self._last_at, self.last_end = (chunk, end - 1), instants[end - 1]
        self._last_point = last = chunk.point(end - 1)
        return last

    def peek(self, utc: int) -> tuple[BarChunk, int] | None:
        """Where the last real bar at or before `utc` is that has not been taken yet, None without one; nothing is taken."""
        if utc < self.next_real:
            return None
        if self._loaded_until <= utc:
            self._load_until(utc)
        pending = self._pending
        for place in range(len(pending) - 1, -1, -1):
            chunk = pending[place]
            row = bisect_right(chunk.instants, utc) - 1
            if row >= (0 if place else self._row):
                return chunk, row
        return None

    def chunks_between(self, after_utc: int, until_utc: int) -> list[BarChunk]:
        """The files in memory with real bars that end after the one instant and not after the other; they are read as far as that."""
        self._load_until(until_utc)
        return [chunk for chunk in self._pending if chunk.instants[-1] > after_utc and chunk.instants[0] <= until_utc]

    def _move(self, utc: int, passed: list[tuple[BarChunk, int, int]] | None = None) -> bool:
        """Go to the last real bar that ended at or before `utc`; whether it is a new one. Its object is made when it is looked at."""
        if utc < self.next_real:
            return False
        if self._loaded_until <= utc:
            self._load_until(utc)
        found: tuple[BarChunk, int] | None = None
        while self._pending:
            chunk = self._pending[0]
            instants = chunk.instants
            row = bisect_right(instants, utc, self._row)
            if row > self._row:
                found = (chunk, row - 1)
                if passed is not None:
                    passed.append((chunk, self._row, row))
                self._row = row
            if row < len(instants):
                break
            self._pending.pop(0)
            self._row = 0
        self._update_next_real()
        if found is None:
            return False
        self._last_at, self._last_point = found, None
        self.last_end = found[0].instants[found[1]]
        return True

    @property
    def _last(self) -> BaseData | None:
        if self._last_point is None and self._last_at is not None:
            chunk, row = self._last_at
            self._last_point = chunk.point(row)
        return self._last_point

    @property
    def last_real(self) -> BaseData | None:
        """The last real bar delivered."""
        self._catch_up()
        return self._last

    def _catch_up(self) -> None:
        """Bars are delivered to a security when somebody looks."""
        if self.security is not None:
            self.security._catch_up()

    # Corporate events

    @property
    def next_event(self) -> int:
        """Instant of the next corporate event, NEVER without one."""
        return self._events[self._event]._end_utc if self._event < len(self._events) else NEVER

    def take_events(self, utc: int) -> list[BaseData]:
        """The corporate events up to `utc` that have not been taken yet."""
        first = self._event
        while self._event < len(self._events) and self._events[self._event]._end_utc <= utc:
            self._event += 1
        return self._events[first : self._event]

    # All instants at which a point is delivered

    def is_filled_whole(self, start_utc: int) -> bool:
        """Whether a UTC day is filled whole: once there has been a real bar its instants are the grid's, told without reading its file."""
        return self._is_on_grid and self._first_real <= start_utc and start_utc + DAY - 1 <= self._fill_end

    @property
    def bounding_grid(self) -> FillForwardGrid | None:
        """The grid outside of which no bar can end; None where files alone tell."""
        return self.grid if self._is_on_grid else None

    def window(self, start_utc: int) -> Times:
        """Sorted instants of bars within the UTC day that starts at `start_utc`; the same array for subscriptions that agree."""
        if self.grid is not None and self.is_filled_whole(start_utc):
            return self.grid.window(start_utc)
        end_utc = start_utc + DAY - 1
        self._load_until(end_utc)
        if self._first_real > end_utc:
            return NO_TIMES
        if self.grid is None:
            return self._real_between(start_utc, end_utc)
        times = self.grid.window(start_utc)
        if not self._is_on_grid:
            times = np.union1d(times, self._real_between(start_utc, end_utc))
        if self._first_real > start_utc:
            times = times[np.searchsorted(times, self._first_real) :]
        last = self._fill_end
        if times.size and int(times[-1]) > last:
            times = times[: np.searchsorted(times, last, side="right")]
        return times

    @property
    def _last_fill(self) -> int:
        """End of the last bar that may start before the subscription ends."""
        if self.config.resolution == Resolution.DAILY:
            return self._end_utc
        step = self.config._increment
        return self._end_utc - self._end_utc % step + step

    def _real_between(self, start_utc: int, end_utc: int) -> Times:
        parts = [
            chunk.ends[np.searchsorted(chunk.ends, start_utc) : np.searchsorted(chunk.ends, end_utc, side="right")]
            for chunk in self._pending
        ]
        parts = [part for part in parts if part.size]
        return parts[0] if len(parts) == 1 else np.concatenate(parts) if parts else NO_TIMES

    def point_at(self, utc: int) -> BaseData | None:
        """The bar delivered exactly at `utc`: the real one, or the last one repeated. Without a security, call after `advance(utc)`."""
        if not self.delivers_at(utc):
            return None
        last = self._last
        if last is not None and last._end_utc == utc:
            return last
        repeated = self._repeated(last, utc)
        return None if repeated is None else self._repeat(repeated, utc)

    def delivers_at(self, utc: int) -> bool:
        """Whether a bar, real or repeated, is delivered exactly at an instant. Without a security, call after `advance(utc)`."""
        self._catch_up()
        if self.last_end == utc:
            return True
        return self._first_real < utc and self.grid is not None and utc <= self._fill_end and self.grid.contains(utc)

    def _repeated(self, last: BaseData | None, utc: int) -> BaseData | None:
        """What fill-forward repeats: the last bar before, also when the session does not let it through."""
        self._forget_outside(utc)
        if not self._outside:
            return last
        chunk = self._outside[0]
        row = int(chunk.ends.searchsorted(utc, side="right")) - 1
        return last if row < 0 or int(chunk.ends[row]) < self.last_end else chunk.point(row)

    def _forget_outside(self, utc: int) -> None:
        """Let go of files whose bars a later one's replace at an instant."""
        while len(self._outside) > 1 and int(self._outside[1].ends[0]) <= utc:
            self._outside.pop(0)

    def _repeat(self, last: BaseData, utc: int) -> BaseData:
        warm_up = self._warm_up
        resolution = self.config.resolution if warm_up is None or utc > warm_up.until_utc else warm_up.resolution
        length = last._end_utc - last._start_utc if resolution == Resolution.DAILY else to_microseconds(resolution)
        return last.clone(fill_forward=True)._set_span(utc - length, utc, last._zone)

    def points(self) -> Iterator[BaseData]:
        """Every bar from start to end, real and repeated (a history request reads it whole)."""
        self._load_until(self._last_fill)
        chunks = self._pending
        if not chunks:
            return
        if self.grid is None:
            for chunk in chunks:
                yield from (chunk.point(row) for row in range(chunk.ends.size))
            return
        last = self._fill_end
        repeated, real = self.grid.between(self._first_real, last), self._real_between(self._first_real, last)
        if np.array_equal(repeated, real):
            yield from (chunk.point(row) for chunk in chunks for row in range(chunk.ends.size) if chunk.instants[row] <= last)
            return
        times = np.union1d(repeated, real)
        for utc in times.tolist():
            self.advance(utc)
            point = self.point_at(utc)
            if point is not None:
                yield point
