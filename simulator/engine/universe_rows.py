"""Rows of a universe file as LEAN's OptionUniverse and FutureUniverse, made when they are looked at."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import overload

from simulator.common.enums import SecurityType
from simulator.common.security_identifier import SecurityIdentifier
from simulator.common.symbol import Symbol
from simulator.data.universe_reader import UniverseFile
from simulator.engine.chains import Greeks


class UniverseRow:
    """One contract of a file."""

    __slots__ = ("_file", "_index")

    def __init__(self, file: UniverseFile, index: int) -> None:
        self._file = file
        self._index = index

    @property
    def symbol(self) -> Symbol:
        """The contract."""
        return self._file.symbol(self._index)

    @property
    def id(self) -> SecurityIdentifier:
        """Identifier of the contract."""
        return self.symbol.id

    @property
    def time(self) -> datetime:
        """Date of the file."""
        day = self._file.day
        return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - exchange time

    @property
    def end_time(self) -> datetime:
        """Midnight after the file's date, when it becomes visible."""
        return self.time + timedelta(days=1)

    @property
    def _greeks(self) -> Greeks:
        """Greeks of the file."""
        return RowGreeks(self)

    @property
    def price(self) -> float:
        """Close of the day."""
        return self._value("close")

    value = price

    @property
    def _underlying_close(self) -> float:
        """Close of the underlying on the file's first line, 0 without it."""
        row = self._file.underlying
        return 0.0 if row is None else row.close

    def _value(self, name: str) -> float:
        value: float = self._file.values(name)[self._index]
        return value

    def __getattr__(self, name: str) -> float:
        if name in _COLUMNS:
            return self._value(name)
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")


class RowGreeks(Greeks):
    """Greeks of a row, each read when it is looked at."""

    def __init__(self, row: UniverseRow) -> None:
        self._row = row

    def __getattr__(self, name: str) -> float | None:
        column = _GREEKS.get(name)
        if column is None:
            raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")
        value = self._row._value(column) if column else None if name == "_theta" else 0.0
        setattr(self, name, value)
        return value


class OptionUniverse(UniverseRow):
    """A row of an option chain's file."""

    __slots__ = ()

    @property
    def greeks(self) -> Greeks:
        """Greeks of the file."""
        return self._greeks


class FutureUniverse(UniverseRow):
    """A row of a future chain's file."""

    __slots__ = ()


_GREEKS = {
    "delta": "delta",
    "gamma": "gamma",
    "vega": "vega",
    "rho": "rho",
    "theta_per_day": "theta",
    "_exact_theta_per_day": "theta",
    "_theta": "",
    "lambda_": "",
}
_COLUMNS = frozenset({"open", "high", "low", "close", "volume", "open_interest", "implied_volatility", "delta", "gamma", "vega", "rho"})


class UniverseRows(Sequence[UniverseRow]):
    """All rows of a file."""

    def __init__(self, file: UniverseFile) -> None:
        self.file = file
        is_future = len(file) > 0 and file.symbol(0).security_type is SecurityType.FUTURE
        self._row = FutureUniverse if is_future else OptionUniverse

    def __len__(self) -> int:
        return len(self.file)

    @overload
    def __getitem__(self, index: int) -> UniverseRow: ...
    @overload
    def __getitem__(self, index: slice) -> list[UniverseRow]: ...
    def __getitem__(self, index: int | slice) -> UniverseRow | list[UniverseRow]:
        """A row, or some."""
        if isinstance(index, slice):
            return [self._row(self.file, place) for place in range(*index.indices(len(self.file)))]
        return self._row(self.file, index)

    def __iter__(self) -> Iterator[UniverseRow]:
        return (self._row(self.file, index) for index in range(len(self.file)))


def rows_of(file: UniverseFile | None) -> Sequence[UniverseRow]:
    """Rows of a file, none without one."""
    return [] if file is None else UniverseRows(file)
