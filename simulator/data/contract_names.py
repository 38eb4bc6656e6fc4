"""What the contracts of universe files are called: the first cells of their lines, and the symbols made of them, shared by the files of a chain."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

from simulator.common.enums import OptionRight, SecurityType
from simulator.common.security_identifier import is_option
from simulator.common.symbol import Symbol, default_option_style
from simulator.data.futures_expiry import FuturesExpiry

NAMING: Final = ("expiry", "strike", "right")
"""Columns that name a contract; of a future the first."""

_KEPT_SYMBOLS: Final = 100_000
_OPTION_NAMES: Final = re.compile(rb"(?:[0-9]{8},[0-9]+(?:\.[0-9]+)?,[CPcp],)*")
_FUTURE_NAMES: Final = re.compile(rb"(?:[0-9]{6},)*")


def _right(cell: bytes) -> int:
    return 0 if cell in b"Cc" else 1


def number(cell: bytes) -> float:
    """The number of a cell; what is none is zero, as LEAN reads it."""
    try:
        return float(cell) if cell else 0.0
    except ValueError:
        return 0.0


WHOLE: Final[Mapping[str, Callable[[bytes], int]]] = {"expiry": int, "right": _right}


def _exact(strike: float) -> Decimal:
    return Decimal(int(strike)) if strike.is_integer() else Decimal(repr(strike))


class NamedContract(NamedTuple):
    """What the first cells of a line say.

    Attributes:
        rank: the symbol's value, by which LEAN enumerates.
        symbol: the contract.
        expiry: its expiry in exchange time.
        strike: of an option; 0 for a future.
    """

    rank: str
    symbol: Symbol
    expiry: datetime
    strike: float


class ContractNames:
    """The contracts of a file in order of its lines: what their first cells say. Files of a chain that list the same share it.

    Args:
        canonical: the chain.
        prefixes: the first cells of each line with the comma after them: expiry, strike and right, or a future's month.
        known: contracts of the chain by prefix.
        rules: tell when a future of a contract month expires.
    """

    def __init__(self, canonical: Symbol, prefixes: list[bytes], known: dict[bytes, NamedContract], rules: FuturesExpiry) -> None:
        self.prefixes = prefixes
        self._canonical = canonical
        self._known = known
        self._rules = rules
        self._symbols: list[Symbol] | None = None
        self._values: dict[str, list[Any]] = {}
        self._in_order: list[tuple[NamedContract, int]] | None = None

    def symbol(self, index: int) -> Symbol:
        """The contract of a line."""
        return self._symbols[index] if self._symbols is not None else self._named(self.prefixes[index]).symbol

    def symbols(self) -> list[Symbol]:
        """The contracts of all lines, made once."""
        if self._symbols is None:
            self._symbols = [self._named(prefix).symbol for prefix in self.prefixes]
        return self._symbols

    def in_order(self) -> list[tuple[NamedContract, int]]:
        """The contracts and their lines, as LEAN enumerates them; made once."""
        if self._in_order is None:
            named = [(self._named(prefix), line) for line, prefix in enumerate(self.prefixes)]
            self._in_order = sorted(named, key=_rank)
        return self._in_order

    def values(self, column: str) -> list[Any]:
        """One of the naming cells as numbers, made once."""
        found = self._values.get(column)
        if found is None:
            place, read = NAMING.index(column), WHOLE.get(column, number)
            found = self._values[column] = [read(prefix.split(b",", place + 1)[place]) for prefix in self.prefixes]
        return found

    def _named(self, prefix: bytes) -> NamedContract:
        named = self._known.get(prefix)
        if named is None:
            symbol = self._make_symbol(prefix)
            strike = symbol.id.strike_price if is_option(symbol.security_type) else 0.0
            named = self._known[prefix] = NamedContract(symbol.value.upper(), symbol, symbol.id.date, strike)
        return named

    def _make_symbol(self, prefix: bytes) -> Symbol:
        sid, cells = self._canonical.id, prefix.split(b",")
        expiry = int(cells[0])
        if self._canonical.security_type is SecurityType.FUTURE:
            month = date(expiry // 100, expiry % 100, 1)
            return Symbol.create_future(sid.symbol, sid.market, self._rules.future_expiry(sid.symbol, sid.market, month))
        target = sid.symbol if self._canonical.security_type is SecurityType.INDEX_OPTION else None
        style = default_option_style(self._canonical.security_type)
        day = datetime(expiry // 10_000, expiry // 100 % 100, expiry % 100)  # noqa: DTZ001 - LEAN's expiry dates carry no zone
        underlying = self._canonical.underlying or Symbol.EMPTY
        return Symbol._option(underlying, target, sid.market, style, OptionRight(_right(cells[2])), _exact(float(cells[1])), day)


def _rank(named: tuple[NamedContract, int]) -> str:
    return named[0].rank


class ChainNames:
    """What files of a chain share: the contracts made so far, and the names in the file read last.

    Args:
        canonical: the chain.
        rules: tell when a future of a contract month expires.
    """

    def __init__(self, canonical: Symbol, rules: FuturesExpiry) -> None:
        self._canonical = canonical
        self._rules = rules
        self._pattern, self._cells = (_OPTION_NAMES, 3) if is_option(canonical.security_type) else (_FUTURE_NAMES, 1)
        self._known: dict[bytes, NamedContract] = {}
        self._last: ContractNames | None = None

    def names_of(self, lines: list[bytes]) -> ContractNames | None:
        """What lines name, None where that is no contract."""
        last = self._last
        if last is not None and len(last.prefixes) == len(lines) and all(map(bytes.startswith, lines, last.prefixes)):
            return last
        prefixes = self._prefixes(lines)
        return None if self._pattern.fullmatch(b"".join(prefixes)) is None else self._keep(prefixes)

    def names_of_repaired(self, lines: list[bytes]) -> ContractNames:
        """What lines name that have been put right."""
        return self._keep(self._prefixes(lines))

    def _prefixes(self, lines: list[bytes]) -> list[bytes]:
        cells = self._cells
        return [line[: len(line) - len(line.split(b",", cells)[cells])] for line in lines]

    def _keep(self, prefixes: list[bytes]) -> ContractNames:
        if len(self._known) >= _KEPT_SYMBOLS:
            self._known.clear()
        self._last = ContractNames(self._canonical, prefixes, self._known, self._rules)
        return self._last
