"""Daily universe files: every contract of a chain with its prices, interest and Greeks of one day (LEAN's OptionUniverse, FutureUniverse)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from simulator.common.security_identifier import is_option
from simulator.common.symbol import Symbol
from simulator.data.contract_names import NAMING, WHOLE, ChainNames, ContractNames, number
from simulator.errors import CorruptDataError

OPTION_COLUMNS: Final = (
    "expiry", "strike", "right", "open", "high", "low", "close", "volume", "open_interest",
    "implied_volatility", "delta", "gamma", "vega", "theta", "rho",
)  # fmt: skip
FUTURE_COLUMNS: Final = ("expiry", "open", "high", "low", "close", "volume", "open_interest")

_NUMERIC: Final = b"0123456789.,-+eE"
_FIGURES: Final = b"0123456789.-+eE"
_RIGHTS: Final = bytes.maketrans(b"Pcp", b"CCC")


@dataclass(frozen=True, slots=True)
class UnderlyingRow:
    """The underlying's line of an options universe."""

    open: float
    high: float
    low: float
    close: float
    volume: float

    @property
    def price(self) -> float:
        """The close."""
        return self.close

    value = price


class _Array:
    """A column of a file as an array."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, file: "UniverseFile", _: type | None = None) -> NDArray[Any]:
        return file.array(self._name)


class UniverseFile:
    """One universe file, a value per contract and column; columns a file lacks are zeros. Texts are made into numbers when they are looked at.

    Args:
        canonical: the chain.
        day: the file's date: a trading day; LEAN shows it from the next midnight of the exchange on.
        underlying: prices of the underlying, None for futures.
        lines: a line per contract, all with the same number of cells.
        columns: names of those cells.
        names: the contracts of the lines.
    """

    expiry = _Array("expiry")
    """Dates as yyyyMMdd, contract months as yyyyMM for futures."""
    strike = _Array("strike")
    right = _Array("right")
    """0 call, 1 put."""
    open = _Array("open")
    high = _Array("high")
    low = _Array("low")
    close = _Array("close")
    volume = _Array("volume")
    open_interest = _Array("open_interest")
    implied_volatility = _Array("implied_volatility")
    delta = _Array("delta")
    gamma = _Array("gamma")
    vega = _Array("vega")
    theta = _Array("theta")
    """As in the file, per day."""
    rho = _Array("rho")

    def __init__(
        self,
        canonical: Symbol,
        day: date,
        underlying: UnderlyingRow | None,
        lines: list[bytes],
        columns: tuple[str, ...],
        names: ContractNames,
    ) -> None:
        self.canonical = canonical
        self.day = day
        self.underlying = underlying
        self.names = names
        self._lines = lines
        self._places = {name: place for place, name in enumerate(columns)}
        self._cells: list[list[bytes] | None] = [None] * len(lines)
        self._lists: dict[str, list[Any]] = {}
        self._arrays: dict[str, NDArray[Any]] = {}

    @property
    def time(self) -> datetime:
        """The midnight that starts the file's date."""
        return datetime(self.day.year, self.day.month, self.day.day)  # noqa: DTZ001 - exchange time

    @property
    def end_time(self) -> datetime:
        """The midnight after it, when LEAN shows the file."""
        return self.time + timedelta(days=1)

    def __len__(self) -> int:
        return len(self._lines)

    def value(self, index: int, column: str) -> float:
        """The number in one row and column."""
        place = self._places.get(column)
        if place is None:
            return 0.0
        cells = self._cells[index]
        if cells is None:
            cells = self._cells[index] = self._lines[index].split(b",")
        return number(cells[place])

    def values(self, column: str) -> list[Any]:
        """A column as Python's own numbers, made once."""
        if column in self._places and column in NAMING:
            return self.names.values(column)
        found = self._lists.get(column)
        if found is None:
            place = self._places.get(column)
            cells = [b""] * len(self) if place is None else [line.split(b",", place + 1)[place] for line in self._lines]
            found = self._lists[column] = [number(cell) for cell in cells]
        return found

    def array(self, column: str) -> NDArray[Any]:
        """A column as an array, made once."""
        found = self._arrays.get(column)
        if found is None:
            found = self._arrays[column] = np.array(self.values(column), dtype=np.int64 if column in WHOLE else np.float64)
        return found

    def symbol(self, index: int) -> Symbol:
        """The contract of a row."""
        return self.names.symbol(index)

    def symbols(self) -> list[Symbol]:
        """The contracts of all rows, made once; files of a chain share those they have in common."""
        return self.names.symbols()


def read_universe(path: str, canonical: Symbol, day: date, chain: ChainNames) -> UniverseFile | None:
    """Reads a universe file, None when there is none; its contracts are those of the other files of its chain.

    Raises:
        CorruptDataError: a line does not name a contract.
    """
    try:
        with open(path, "rb") as stream:  # noqa: PTH123 - a year reads five thousand of them, and pathlib takes as long again
            content = stream.read()
    except FileNotFoundError:
        return None
    of_options = is_option(canonical.security_type)
    columns = OPTION_COLUMNS if of_options else FUTURE_COLUMNS
    underlying, body = _without_head(path, content)
    lines = _table(body, len(columns), of_options=of_options)
    names = None if lines is None else chain.names_of(lines)
    if lines is None or names is None:
        underlying, lines = _read_slowly(path, content, columns)
        names = chain.names_of_repaired(lines)
    return UniverseFile(canonical, day, underlying, lines, columns[: lines[0].count(b",") + 1] if lines else columns, names)


def _without_head(path: str, content: bytes) -> tuple[UnderlyingRow | None, bytes]:
    """The underlying's line where there is one, and the lines of contracts."""
    start = content.find(b"\n") + 1 if content.startswith(b"#") else 0
    if content[start : start + 1] != b",":
        return None, content[start:]
    end = content.find(b"\n", start)
    end = len(content) if end < 0 else end
    return _underlying(path, 2 if start else 1, content[start:end]), content[end + 1 :]


def _table(body: bytes, most: int, *, of_options: bool) -> list[bytes] | None:
    """The lines, when all have equally many cells and nothing but figures in them, and a right where it belongs; else None."""
    if not body:
        return []
    body = body if body.endswith(b"\n") else body + b"\n"
    count = body.count(b",", 0, body.index(b"\n"))
    naming = b",,C," if of_options else b","
    if not len(naming.replace(b"C", b"")) <= count < most:
        return None
    lines = body.split(b"\n")
    lines.pop()
    skeleton = naming.ljust(count + of_options, b",") + b"\n"
    return lines if body.translate(_RIGHTS, _FIGURES) == skeleton * len(lines) else None


def _read_slowly(path: str, content: bytes, columns: tuple[str, ...]) -> tuple[UnderlyingRow | None, list[bytes]]:
    """The underlying's line where there is one, and the lines of contracts put right."""
    written = ((number, line) for number, line in enumerate(content.splitlines(), 1) if line and not line.isspace())
    numbered = [(number, line) for number, line in written if not line.startswith(b"#")]
    underlying = None
    if numbered and not numbered[0][1].lstrip()[:1].isdigit():
        underlying = _underlying(path, *numbered.pop(0))
    return underlying, [_repaired(path, number, line.strip(), columns) for number, line in numbered]


def _underlying(path: str, number: int, line: bytes) -> UnderlyingRow:
    try:
        return UnderlyingRow(*(float(cell or 0) for cell in line.split(b",")[3:8]))
    except (ValueError, TypeError) as error:
        raise CorruptDataError(
            Path(path), f"'{line.decode(errors='replace')}' is not ',,,open,high,low,close,volume,…'", line=number
        ) from error


def _repaired(path: str, number: int, line: bytes, columns: tuple[str, ...]) -> bytes:
    """A line with zeros for values that are no numbers, as LEAN reads them; what names the contract must be right."""
    cells = line.split(b",")
    named = columns.index("open")
    keys = line.upper().split(b",")[:named]
    is_key = len(keys) == named and keys[0].isdigit() and (named == 1 or (_isnumber(keys[1]) and keys[2] in {b"C", b"P"}))
    if not is_key or len(cells) > len(columns):
        raise CorruptDataError(Path(path), f"'{line[:120].decode(errors='replace')}' is not '{','.join(columns)}'", line=number)
    padding = [b"0"] * (len(columns) - len(cells))
    return b",".join([*keys, *(cell if _isnumber(cell) else b"0" for cell in cells[named:]), *padding])


def _isnumber(cell: bytes) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return not cell.translate(None, _NUMERIC)
