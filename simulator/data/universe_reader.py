"""Daily universe files: every contract of a chain with its prices, interest and Greeks of one day (LEAN's OptionUniverse, FutureUniverse)."""

import warnings
from dataclasses import dataclass, field
from datetime import date, datetime
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

Floats = NDArray[np.float64]

OPTION_COLUMNS: Final = (
    "expiry", "strike", "right", "open", "high", "low", "close", "volume", "open_interest",
    "implied_volatility", "delta", "gamma", "vega", "theta", "rho",
)  # fmt: skip
FUTURE_COLUMNS: Final = ("expiry", "open", "high", "low", "close", "volume", "open_interest")

_KEPT_SYMBOLS: Final = 100_000
_NUMERIC: Final = b"0123456789.,-+eE"
_Key = tuple[int, float, int]
_symbols: dict[Symbol, dict[_Key, Symbol]] = {}


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


@dataclass(slots=True)
class UniverseFile:
    """One universe file, a value per contract and column; columns a file lacks are zeros.

    Attributes:
        canonical: the chain.
        day: the file's date: a trading day; LEAN shows it from the next midnight of the exchange on.
        underlying: prices of the underlying, None for futures.
        expiry: dates as yyyyMMdd, contract months as yyyyMM for futures.
        right: 0 call, 1 put.
        theta: as in the file, per day.
    """

    canonical: Symbol
    day: date
    underlying: UnderlyingRow | None
    expiry: NDArray[np.int64]
    strike: Floats
    right: NDArray[np.int64]
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    open_interest: Floats
    implied_volatility: Floats
    delta: Floats
    gamma: Floats
    vega: Floats
    theta: Floats
    rho: Floats
    _rules: FuturesExpiry
    _symbols: list[Symbol] | None = None
    _lists: dict[str, list[Any]] = field(default_factory=dict)

    def values(self, column: str) -> list[Any]:
        """A column as Python's own numbers, made once."""
        found = self._lists.get(column)
        if found is None:
            found = self._lists[column] = getattr(self, column).tolist()
        return found

    def __len__(self) -> int:
        return int(self.expiry.size)

    def symbol(self, index: int) -> Symbol:
        """The contract of a row."""
        if self._symbols is not None:
            return self._symbols[index]
        key = (self.values("expiry")[index], self.values("strike")[index], self.values("right")[index])
        return self._known_symbol(self._symbols_of_chain(), key)

    def symbols(self) -> list[Symbol]:
        """The contracts of all rows, made once; files of a chain share those they have in common."""
        if self._symbols is None:
            known = self._symbols_of_chain()
            keys = zip(self.values("expiry"), self.values("strike"), self.values("right"), strict=True)
            self._symbols = [known.get(key) or self._known_symbol(known, key) for key in keys]
        return self._symbols

    def _symbols_of_chain(self) -> dict[_Key, Symbol]:
        known = _symbols.setdefault(self.canonical, {})
        if len(known) >= _KEPT_SYMBOLS:
            known.clear()
        return known

    def _known_symbol(self, known: dict[_Key, Symbol], key: _Key) -> Symbol:
        symbol = known.get(key)
        if symbol is None:
            symbol = known[key] = self._make_symbol(*key)
        return symbol

    def _make_symbol(self, expiry: int, strike: float, right: int) -> Symbol:
        sid = self.canonical.id
        if self.canonical.security_type is SecurityType.FUTURE:
            month = date(expiry // 100, expiry % 100, 1)
            return Symbol.create_future(sid.symbol, sid.market, self._rules.future_expiry(sid.symbol, sid.market, month))
        target = sid.symbol if self.canonical.security_type is SecurityType.INDEX_OPTION else None
        style = default_option_style(self.canonical.security_type)
        day = datetime(expiry // 10_000, expiry // 100 % 100, expiry % 100)  # noqa: DTZ001 - LEAN's expiry dates carry no zone
        underlying = self.canonical.underlying or Symbol.EMPTY
        return Symbol._option(underlying, target, sid.market, style, OptionRight(right), _exact(strike), day)


def _exact(strike: float) -> Decimal:
    return Decimal(int(strike)) if strike.is_integer() else Decimal(repr(strike))


def read_universe(path: Path, canonical: Symbol, day: date, rules: FuturesExpiry) -> UniverseFile | None:
    """Reads a universe file, None when there is none.

    Raises:
        CorruptDataError: a line does not name a contract.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    columns = OPTION_COLUMNS if is_option(canonical.security_type) else FUTURE_COLUMNS
    numbered = [(number, line.strip()) for number, line in enumerate(content.split(b"\n"), 1) if line.strip() and not line.startswith(b"#")]
    underlying = None
    if numbered and not numbered[0][1][:1].isdigit():
        underlying = _underlying(path, *numbered.pop(0))
    lines = [line for _, line in numbered]
    table = _table(lines, len(columns))
    if table is None:
        table = _table([_repaired(path, number, line, columns) for number, line in numbered], len(columns))
    if table is None:
        raise CorruptDataError(path, f"not a table of '{','.join(columns)}'")
    values = dict(zip(columns, table.T, strict=False))
    zeros = np.zeros(len(numbered))
    prices = {name: values.get(name, zeros) for name in OPTION_COLUMNS if name not in {"expiry", "right"}}
    right = values.get("right", zeros).astype(np.int64)
    return UniverseFile(canonical, day, underlying, values.get("expiry", zeros).astype(np.int64), right=right, _rules=rules, **prices)


def _table(lines: list[bytes], most: int) -> Floats | None:
    """The numbers of all lines, C as 0 and P as 1; None when they are no table."""
    if not lines:
        return np.zeros((0, most))
    count = lines[0].count(b",") + 1
    if count > most or any(line.count(b",") != count - 1 for line in lines):
        return None
    text = b"\n".join(lines).upper().replace(b",C,", b",0,").replace(b",P,", b",1,")
    while b",," in text:
        text = text.replace(b",,", b",0,")
    text = text.replace(b",\n", b",0\n") + (b"0" if text.endswith(b",") else b"")
    text = text.replace(b"\n", b",")
    if text.translate(None, _NUMERIC):
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("error", DeprecationWarning)
        try:
            numbers = np.fromstring(text, dtype=np.float64, sep=",")
        except (ValueError, DeprecationWarning):
            return None
    return numbers.reshape(len(lines), count) if numbers.size == len(lines) * count else None


def _underlying(path: Path, number: int, line: bytes) -> UnderlyingRow:
    try:
        return UnderlyingRow(*(float(cell or 0) for cell in line.split(b",")[3:8]))
    except (ValueError, TypeError) as error:
        raise CorruptDataError(path, f"'{line.decode(errors='replace')}' is not ',,,open,high,low,close,volume,…'", line=number) from error


def _repaired(path: Path, number: int, line: bytes, columns: tuple[str, ...]) -> bytes:
    """A line with zeros for values that are no numbers, as LEAN reads them; what names the contract must be right."""
    cells = line.split(b",")
    named = columns.index("open")
    keys = line.upper().split(b",")[:named]
    is_key = len(keys) == named and keys[0].isdigit() and (named == 1 or (_is_number(keys[1]) and keys[2] in {b"C", b"P"}))
    if not is_key or len(cells) > len(columns):
        raise CorruptDataError(path, f"'{line[:120].decode(errors='replace')}' is not '{','.join(columns)}'", line=number)
    padding = [b"0"] * (len(columns) - len(cells))
    return b",".join([*keys, *(cell if _is_number(cell) else b"0" for cell in cells[named:]), *padding])


def _is_number(cell: bytes) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return not cell.translate(None, _NUMERIC)
