"""When universes select: user-defined ones after additions, chains at the midnight after each file, continuous futures each trading day."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from simulator.common.enums import SecurityType
from simulator.common.symbol import Symbol
from simulator.common.time_zone import local_date, midnight_utc
from simulator.engine.chain_universe import ChainUniverse
from simulator.engine.continuous_future import ContinuousContractUniverse
from simulator.engine.universe import Universe
from simulator.engine.universe_rows import UniverseRows

if TYPE_CHECKING:
    from simulator.algorithm.qc_algorithm import QCAlgorithm
    from simulator.data.data_folder import DataFolder

NEVER: Final = 1 << 62
_ONE_DAY: Final = timedelta(days=1)

Selection = tuple[int, Sequence[Any]]


@dataclass
class _Source:
    """The next selection of a universe and those after it."""

    next_utc: int
    rows: Sequence[Any]
    rest: Iterator[Selection]


class UniverseFeed:
    """The instants at which universes select, and the rows they select from."""

    def __init__(self, algorithm: "QCAlgorithm", folder: "DataFolder") -> None:
        self._algorithm = algorithm
        self._folder = folder
        self._sources: dict[Universe, _Source] = {}
        self._next_utc: int | None = None

    @property
    def next_utc(self) -> int:
        """The next instant with a selection, NEVER without one."""
        if self._next_utc is None:
            self._next_utc = min((source.next_utc for source in self._sources.values()), default=NEVER)
        return self._next_utc

    def start_universe(self, universe: Universe, *, is_addition: bool) -> None:
        """Let a universe select: what is added while the algorithm runs takes effect one tick later."""
        now = self._algorithm._utc
        if universe.user_defined:
            tick = 1 if self._algorithm._engine_locked and is_addition else 0
            known = self._sources.get(universe)
            self._set(universe, _Source(now + tick if known is None else min(known.next_utc, now + tick), (), iter(())))
            return
        self._push(universe, self._times(universe, now))

    def dispose_universe(self, universe: Universe) -> None:
        """Let a universe select nothing, once more and for the last time."""
        self._set(universe, _Source(self._algorithm._utc, (), iter(())))

    def take(self, utc: int) -> list[tuple[Universe, Sequence[Any]]]:
        """The selections due, finer resolutions first, then by identifier."""
        if self.next_utc > utc:
            return []
        due = [(universe, source) for universe, source in self._sources.items() if source.next_utc <= utc]
        taken = []
        for universe, source in due:
            rows = source.rows
            self._push(universe, source.rest)
            while universe in self._sources and self._sources[universe].next_utc <= utc:
                rows = self._sources[universe].rows or rows
                self._push(universe, self._sources[universe].rest)
            taken.append((universe, rows))
        return sorted(taken, key=lambda item: (item[0].resolution, _identifier(item[0])))

    def _push(self, universe: Universe, rest: Iterator[Selection]) -> None:
        following = next(rest, None)
        self._set(universe, None if following is None else _Source(following[0], following[1], rest))

    def _set(self, universe: Universe, source: _Source | None) -> None:
        self._next_utc = None
        if source is None:
            self._sources.pop(universe, None)
        else:
            self._sources[universe] = source

    def _times(self, universe: Universe, now: int) -> Iterator[Selection]:
        if isinstance(universe, ContinuousContractUniverse):
            yield now, ()
            for utc in universe.trigger_times(now + 1, self._algorithm._engine_data_manager.end_utc):
                yield utc, ()
        elif isinstance(universe, ChainUniverse):
            yield from self._files(universe.security.symbol, now)

    def _files(self, canonical: Symbol, now: int) -> Iterator[Selection]:
        """Files of the trading days from the one before now on; the first is due at once."""
        hours = self._algorithm._engine_data_manager.hours_of(canonical)
        zone = hours.time_zone
        day = hours.get_previous_trading_day(local_date(now, zone))
        last = local_date(self._algorithm._engine_data_manager.end_utc, zone)
        while day <= last:
            file = self._folder.universe(canonical, day)
            if file is not None and len(file):
                yield max(now, midnight_utc(day + _ONE_DAY, zone)), UniverseRows(file)
            day = hours.get_next_trading_day(day)

    def is_fed_by_files(self, universe: Universe) -> bool:
        """Whether a universe's rows carry open interest for its contracts."""
        return isinstance(universe, ChainUniverse) and universe.security.symbol.security_type != SecurityType.BASE


def _identifier(universe: Universe) -> str:
    """What LEAN sorts universes by: the identifier of a chain, the upper-case name of any other."""
    symbol = universe.symbol
    return str(symbol.id) if isinstance(symbol, Symbol) else symbol.upper()
