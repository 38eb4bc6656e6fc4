"""Daily universe files: every contract of a chain with its prices, interest and Greeks of one day (LEAN's OptionUniverse, FutureUniverse)."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from simulator.common.enums import OptionRight, SecurityType
from simulator.common.security_identifier import is_option
from simulator.common.symbol import Symbol, default_option_style
from simulator.data.futures_expiry import FuturesExpiry
from simulator.errors import CorruptDataError

OPTION_COLUMNS: Final = (
    "expiry", "strike", "right", "open", "high", "low", "close", "volume", "open_interest",
    "implied_volatility", "delta", "gamma", "vega", "theta", "rho",
)  # fmt: skip
FUTURE_COLUMNS: Final = ("expiry", "open", "high", "low", "close", "volume", "open_interest")

_KEPT_SYMBOLS: Final = 100_000
_NUMERIC: Final = b"0123456789.,-+eE"
_OPTION_LINES: Final = re.compile(rb"(?:[0-9]{8},[0-9]+(?:\.[0-9]+)?,[CPcp],[-+0-9.eE,]*(?:\n|\Z))+")
_FUTURE_LINES: Final = re.compile(rb"(?:[0-9]{6},[-+0-9.eE,]*(?:\n|\Z))+")
_symbols: dict[Symbol, dict[bytes, Symbol]] = {}


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
        rules: tell when a future of a contract month expires.
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
        rules: FuturesExpiry,
    ) -> None:
        self.canonical = canonical
        self.day = day
        self.underlying = underlying
        self._lines = lines
        self._places = {name: place for place, name in enumerate(columns)}
        self._rules = rules
        self._is_of_futures = canonical.security_type is SecurityType.FUTURE
        self._known: list[Symbol] | None = None
        self._rows: dict[int, list[bytes]] = {}
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
        known = self._lists.get(column)
        if known is not None:
            return float(known[index])
        place = self._places.get(column)
        if place is None:
            return 0.0
        cells = self._rows.get(index)
        if cells is None:
            cells = self._rows[index] = self._lines[index].split(b",")
        return _number(cells[place])

    def values(self, column: str) -> list[Any]:
        """A column as Python's own numbers, made once."""
        found = self._lists.get(column)
        if found is None:
            place = self._places.get(column)
            cells = [b""] * len(self) if place is None else [line.split(b",", place + 1)[place] for line in self._lines]
            found = self._lists[column] = (
                [_WHOLE[column](cell) for cell in cells] if column in _WHOLE else [_number(cell) for cell in cells]
            )
        return found

    def array(self, column: str) -> NDArray[Any]:
        """A column as an array, made once."""
        found = self._arrays.get(column)
        if found is None:
            found = self._arrays[column] = np.array(self.values(column), dtype=np.int64 if column in _WHOLE else np.float64)
        return found

    def symbol(self, index: int) -> Symbol:
        """The contract of a row."""
        return self._known[index] if self._known is not None else self._named(self._lines[index], self._names_of_chain())

    def symbols(self) -> list[Symbol]:
        """The contracts of all rows, made once; files of a chain share those they have in common."""
        if self._known is None:
            names = self._names_of_chain()
            self._known = [self._named(line, names) for line in self._lines]
        return self._known

    def _names_of_chain(self) -> dict[bytes, Symbol]:
        names = _symbols.setdefault(self.canonical, {})
        if len(names) >= _KEPT_SYMBOLS:
            names.clear()
        return names

    def _named(self, line: bytes, names: dict[bytes, Symbol]) -> Symbol:
        """The contract that the first cells of a line name: expiry, strike and right, or a future's month."""
        name = line[: _end_of_name(line, self._is_of_futures)]
        symbol = names.get(name)
        if symbol is None:
            symbol = names[name] = self._make_symbol(name)
        return symbol

    def _make_symbol(self, name: bytes) -> Symbol:
        sid, cells = self.canonical.id, name.split(b",")
        expiry = int(cells[0])
        if self.canonical.security_type is SecurityType.FUTURE:
            month = date(expiry // 100, expiry % 100, 1)
            return Symbol.create_future(sid.symbol, sid.market, self._rules.future_expiry(sid.symbol, sid.market, month))
        target = sid.symbol if self.canonical.security_type is SecurityType.INDEX_OPTION else None
        style = default_option_style(self.canonical.security_type)
        day = datetime(expiry // 10_000, expiry // 100 % 100, expiry % 100)  # noqa: DTZ001 - LEAN's expiry dates carry no zone
        underlying = self.canonical.underlying or Symbol.EMPTY
        return Symbol._option(underlying, target, sid.market, style, OptionRight(_right(cells[2])), _exact(float(cells[1])), day)


def _end_of_name(line: bytes, is_future: bool) -> int:
    end = line.find(b",")
    return end if is_future else line.find(b",", line.find(b",", end + 1) + 1)


def _right(cell: bytes) -> int:
    return 0 if cell in b"Cc" else 1


def _number(cell: bytes) -> float:
    """The number of a cell; what is none is zero, as LEAN reads it."""
    try:
        return float(cell) if cell else 0.0
    except ValueError:
        return 0.0


_WHOLE: Final[Mapping[str, Callable[[bytes], int]]] = {"expiry": int, "right": _right}


def _exact(strike: float) -> Decimal:
    return Decimal(int(strike)) if strike.is_integer() else Decimal(repr(strike))


def read_universe(path: str, canonical: Symbol, day: date, rules: FuturesExpiry) -> UniverseFile | None:
    """Reads a universe file, None when there is none.

    Raises:
        CorruptDataError: a line does not name a contract.
    """
    try:
        with open(path, "rb") as stream:  # noqa: PTH123 - a year reads five thousand of them, and pathlib takes as long again
            content = stream.read()
    except FileNotFoundError:
        return None
    is_chain_of_options = is_option(canonical.security_type)
    columns = OPTION_COLUMNS if is_chain_of_options else FUTURE_COLUMNS
    written = ((number, line) for number, line in enumerate(content.splitlines(), 1) if line and not line.isspace())
    numbered = [(number, line) for number, line in written if not line.startswith(b"#")]
    underlying = None
    if numbered and not numbered[0][1].lstrip()[:1].isdigit():
        underlying = _underlying(path, *numbered.pop(0))
    lines = [line for _, line in numbered]
    if not _is_table(lines, _OPTION_LINES if is_chain_of_options else _FUTURE_LINES, len(columns)):
        lines = [_repaired(path, number, line.strip(), columns) for number, line in numbered]
    return UniverseFile(canonical, day, underlying, lines, columns[: lines[0].count(b",") + 1] if lines else columns, rules)


def _is_table(lines: list[bytes], pattern: re.Pattern[bytes], most: int) -> bool:
    """Whether all lines name a contract and have equally many cells, with nothing else in them than figures."""
    if not lines:
        return True
    count = lines[0].count(b",")
    return count < most and pattern.fullmatch(b"\n".join(lines)) is not None and all(line.count(b",") == count for line in lines)


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
    is_key = len(keys) == named and keys[0].isdigit() and (named == 1 or (_is_number(keys[1]) and keys[2] in {b"C", b"P"}))
    if not is_key or len(cells) > len(columns):
        raise CorruptDataError(Path(path), f"'{line[:120].decode(errors='replace')}' is not '{','.join(columns)}'", line=number)
    padding = [b"0"] * (len(columns) - len(cells))
    return b",".join([*keys, *(cell if _is_number(cell) else b"0" for cell in cells[named:]), *padding])


def _is_number(cell: bytes) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return not cell.translate(None, _NUMERIC)
