"""The contracts of a futures chain, narrowed down by the algorithm's filter (LEAN's FutureFilterUniverse)."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, time, timedelta
from types import SimpleNamespace
from typing import Any

from simulator.algorithm.symbol_argument import symbol_of
from simulator.common.symbol import Symbol
from simulator.common.system_exceptions import ArgumentException, InvalidOperationException
from simulator.errors import LeanApiMissing


def _days(value: int | timedelta) -> timedelta:
    return value if isinstance(value, timedelta) else timedelta(days=int(value))


class FutureFilterUniverse:
    """What `future.set_filter(lambda universe: …)` works on; every method narrows the universe and returns it."""

    def __init__(self, rows: Sequence[Any], local_time: datetime) -> None:
        self._rows = list(rows)
        self._local = local_time
        self._is_weekly = self._typed = False

    def _apply(self, chosen_filter: Callable[["FutureFilterUniverse"], Any]) -> list[Symbol]:
        """The symbols a filter keeps.

        Raises:
            ArgumentException: the filter does not answer with the universe.
        """
        result = chosen_filter(self)
        if not isinstance(result, FutureFilterUniverse):
            raise ArgumentException(f"A filter of a future must return the universe it was given, got {type(result).__name__}.")
        return [row.symbol for row in result._apply_types()]

    def _apply_types(self) -> "FutureFilterUniverse":
        """Universe files name contract months, so every contract is a standard one."""
        if self._is_weekly and not self._typed:
            self._rows = []
        self._typed = True
        return self

    def _refuse_late_types(self, name: str) -> None:
        if self._typed:
            raise InvalidOperationException(
                f"Type filters have already been applied, please call {name}() before applying other filters such as FrontMonth() or BackMonths()"
            )

    def __iter__(self) -> Iterator[Any]:
        return iter(list(self._rows))

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def local_time(self) -> datetime:
        """Time of the selection, exchange time."""
        return self._local

    def _keep(self, keep: Callable[[Any], bool]) -> "FutureFilterUniverse":
        self._rows = [row for row in self._rows if keep(row)]
        return self

    def expiration(self, min_expiry: int | timedelta, max_expiry: int | timedelta) -> "FutureFilterUniverse":
        """Contracts that expire within so many days."""
        today = datetime(self._local.year, self._local.month, self._local.day)  # noqa: DTZ001 - exchange time
        first, last = today + _days(min_expiry), today + _days(max_expiry)
        return self._keep(lambda row: first <= datetime.combine(row.symbol.id.date.date(), time()) <= last)  # LEAN drops the expiry's hour

    def front_month(self) -> "FutureFilterUniverse":
        """The contract with the nearest expiry."""
        return self._apply_types()._of_rank(0)

    def back_months(self) -> "FutureFilterUniverse":
        """All contracts but the nearest."""
        self._apply_types()
        nearest = min((row.symbol.id.date for row in self._rows), default=None)
        self._rows = sorted((row for row in self._rows if row.symbol.id.date != nearest), key=lambda row: row.symbol.id.date)
        return self

    def back_month(self) -> "FutureFilterUniverse":
        """The contract after the nearest."""
        return self._apply_types()._of_rank(1)

    def _of_rank(self, rank: int) -> "FutureFilterUniverse":
        dates = sorted({row.symbol.id.date for row in self._rows})[rank : rank + 1]
        return self._keep(lambda row: row.symbol.id.date in dates)

    def expiration_cycle(self, months: Iterable[int]) -> "FutureFilterUniverse":
        """Contracts that expire in the given months of the year."""
        wanted = {int(month) for month in months}
        return self._keep(lambda row: row.symbol.id.date.month in wanted)

    def include_weeklys(self) -> "FutureFilterUniverse":
        """Weeklies as well, which is the default.

        Raises:
            InvalidOperationException: a month filter came before.
        """
        self._refuse_late_types("IncludeWeeklys")
        return self

    def contracts(self, contracts: Iterable[Any] | Callable[[Any], Iterable[Any]]) -> "FutureFilterUniverse":
        """The given contracts, or those a function picks."""
        picked = contracts(list(self._rows)) if callable(contracts) else contracts
        known = {row.symbol: row for row in self._rows}
        wanted = [symbol_of(item) for item in picked]
        self._rows = [known.get(symbol) or SimpleNamespace(symbol=symbol) for symbol in wanted]
        return self

    def standards_only(self) -> "FutureFilterUniverse":
        """Contracts of the root's own cycle: all that universe files list.

        Raises:
            InvalidOperationException: a month filter came before.
        """
        self._refuse_late_types("StandardsOnly")
        self._is_weekly = False
        return self

    def weeklys_only(self) -> "FutureFilterUniverse":
        """Contracts outside the root's own cycle: none that universe files list."""
        self._is_weekly = True
        return self

    def only_apply_filter_at_market_open(self) -> "FutureFilterUniverse":
        """Without effect, as in LEAN."""
        return self

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        raise LeanApiMissing(f"FutureFilterUniverse.{name}", "simulator/engine/future_filter_universe.py")
