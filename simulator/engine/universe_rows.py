"""Rows of a universe file as LEAN's OptionUniverse and FutureUniverse, made when they are looked at."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import overload

from simulator.common.enums import SecurityType
from simulator.common.security_identifier import SecurityIdentifier
from simulator.common.symbol import Symbol
from simulator.data.contract_names import NamedContract
from simulator.data.universe_reader import UnderlyingRow, UniverseFile
from simulator.engine.chains import Greeks, OptionContract


class _Column:
    """A column of the file as an attribute of its rows."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, row: "UniverseRow", _: type | None = None) -> float:
        return row._file.value(row._index, self._name)


class UniverseRow:
    """One contract of a file."""

    __slots__ = ("_file", "_index")

    open = _Column("open")
    high = _Column("high")
    low = _Column("low")
    close = _Column("close")
    volume = _Column("volume")
    open_interest = _Column("open_interest")
    price = value = _Column("close")

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
        return self._file.time

    @property
    def end_time(self) -> datetime:
        """Midnight after the file's date, when it becomes visible."""
        return self._file.end_time

    @property
    def underlying(self) -> UnderlyingRow | None:
        """The underlying's line of the file."""
        return self._file.underlying

    @property
    def _underlying_close(self) -> float:
        """Close of the underlying on the file's first line, 0 without it."""
        row = self._file.underlying
        return 0.0 if row is None else row.close


class _GreekOfRow:
    """A Greek of the row until the algorithm puts another in its place."""

    def __init__(self, column: str) -> None:
        self._column = column

    def __get__(self, greeks: "RowGreeks", _: type | None = None) -> float:
        row = greeks._row
        return row._file.value(row._index, self._column)


class RowGreeks(Greeks):
    """Greeks of a row, each read when it is looked at."""

    delta = _GreekOfRow("delta")
    gamma = _GreekOfRow("gamma")
    vega = _GreekOfRow("vega")
    rho = _GreekOfRow("rho")
    theta_per_day = _exact_theta_per_day = _GreekOfRow("theta")
    lambda_ = 0.0
    _theta = None

    def __init__(self, row: "UniverseRow | ListedOption") -> None:
        self._row = row


class OptionUniverse(UniverseRow):
    """A row of an option chain's file."""

    __slots__ = ()

    implied_volatility = _Column("implied_volatility")

    @property
    def greeks(self) -> Greeks:
        """Greeks of the file."""
        return RowGreeks(self)


class ListedOption(OptionContract):
    """A contract of a file's chain: of the many there are, few are looked at closely."""

    expiry: datetime = datetime.min  # noqa: DTZ901 - exchange dates carry no zone
    strike: float = 0.0

    def __init__(self, named: NamedContract, time: datetime, file: UniverseFile, index: int) -> None:
        _, self.symbol, self.expiry, self.strike = named
        self.time = time
        self._file = file
        self._index = index

    @property
    def _row(self) -> OptionUniverse:
        return OptionUniverse(self._file, self._index)

    @property
    def last_price(self) -> float:
        """The file's close."""
        return self._file.value(self._index, "close")

    price = value = close = bid_price = ask_price = last_price

    @property
    def open_interest(self) -> float:
        """Open contracts."""
        return self._file.value(self._index, "open_interest")

    @property
    def implied_volatility(self) -> float:
        """Volatility, a fraction per year."""
        return self._file.value(self._index, "implied_volatility")

    @property
    def greeks(self) -> Greeks:
        """Greeks of the file."""
        return RowGreeks(self)


class FutureUniverse(UniverseRow):
    """A row of a future chain's file."""

    __slots__ = ()


class UnlistedRow:
    """A contract an algorithm's filter names although the file does not have it: without figures.

    Args:
        symbol: the contract.
        time: the selection's, exchange time.
    """

    open = high = low = close = price = value = volume = open_interest = implied_volatility = 0.0
    underlying = None
    _underlying_close = 0.0

    def __init__(self, symbol: Symbol, time: datetime) -> None:
        self.symbol = symbol
        self.time = time

    @property
    def id(self) -> SecurityIdentifier:
        """Identifier of the contract."""
        return self.symbol.id

    @property
    def end_time(self) -> datetime:
        """A day after `time`."""
        return self.time + timedelta(days=1)

    @property
    def greeks(self) -> Greeks:
        """Zeros."""
        return Greeks()

    def _value_of(self, column: str) -> float:
        """The number in a column of a universe file."""
        sid = self.symbol.id
        if column == "expiry":
            return int(f"{sid.date:%Y%m%d}")
        if column == "strike":
            return sid.strike_price
        return int(sid.option_right) if column == "right" else 0.0


class UniverseRows(Sequence[UniverseRow]):
    """All rows of a file, as LEAN's collection of a day."""

    def __init__(self, file: UniverseFile) -> None:
        self.file = file
        is_future = len(file) > 0 and file.symbol(0).security_type is SecurityType.FUTURE
        self._row = FutureUniverse if is_future else OptionUniverse

    @property
    def symbol(self) -> Symbol:
        """The chain."""
        return self.file.canonical

    @property
    def time(self) -> datetime:
        """Date of the file."""
        return self.file.time

    @property
    def end_time(self) -> datetime:
        """Midnight after the file's date, when it becomes visible."""
        return self.file.end_time

    @property
    def underlying(self) -> UnderlyingRow | None:
        """The underlying's line."""
        return self.file.underlying

    @property
    def data(self) -> list[UniverseRow]:
        """The rows."""
        return list(self)

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
