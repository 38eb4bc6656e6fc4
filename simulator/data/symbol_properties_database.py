"""Contract terms per security: currency, multiplier, price step, lot size (LEAN's SymbolPropertiesDatabase)."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final

from simulator.common.enums import SecurityType
from simulator.common.symbol import Symbol
from simulator.data.market_hours_database import database_symbol_key
from simulator.errors import CorruptDataError, DataFolderError

Key = tuple[SecurityType, str, str]

_WILDCARD: Final = "[*]"
_ONE: Final = Decimal(1)
_TYPES: Final = {member.name.replace("_", ""): member for member in SecurityType}


@dataclass(frozen=True, slots=True)
class SymbolProperties:
    """Contract terms of a security; the numbers keep the digits of the file, since LEAN's products of prices do."""

    description: str
    quote_currency: str
    _contract_multiplier: Decimal
    _minimum_price_variation: Decimal
    _lot_size: Decimal
    market_ticker: str = ""
    _minimum_order_size: Decimal | None = None
    _price_magnifier: Decimal = _ONE
    _strike_multiplier: Decimal = _ONE

    @classmethod
    def get_default(cls, quote_currency: str) -> "SymbolProperties":
        """Terms of a security the database does not list."""
        return cls("", quote_currency, _ONE, Decimal("0.01"), _ONE)

    @property
    def contract_multiplier(self) -> float:
        """Dollars per point and contract."""
        return float(self._contract_multiplier)

    @property
    def minimum_price_variation(self) -> float:
        """Price step."""
        return float(self._minimum_price_variation)

    @property
    def lot_size(self) -> float:
        """Quantity step."""
        return float(self._lot_size)

    @property
    def minimum_order_size(self) -> float | None:
        """Least quantity of an order, None without one."""
        return None if self._minimum_order_size is None else float(self._minimum_order_size)

    @property
    def price_magnifier(self) -> float:
        """Quoted prices are this many times dollars."""
        return float(self._price_magnifier)

    @property
    def strike_multiplier(self) -> float:
        """Underlying points per strike point."""
        return float(self._strike_multiplier)


class SymbolPropertiesDatabase:
    """All lines of `symbol-properties-database.csv`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            text = path.read_text(encoding="utf-8-sig")
        except FileNotFoundError as error:
            raise DataFolderError(
                f"{path} not found; every LEAN data folder has it (`python -m simulator generate` or `lean init`)."
            ) from error
        except (OSError, UnicodeDecodeError) as error:
            raise CorruptDataError(path, f"cannot be read ({error})") from error
        self._entries: dict[Key, SymbolProperties] = {}
        self._markets: dict[tuple[SecurityType, str], str] = {}
        self._read(text)

    def _read(self, text: str) -> None:
        lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip() and not line.startswith("#")]
        for number, line in lines[1:]:
            cells = line.split(",")
            security_type = _TYPES.get(cells[2].upper()) if len(cells) >= 8 else None
            if security_type is None:
                continue
            try:
                properties = _properties(cells)
            except InvalidOperation as error:
                raise CorruptDataError(self.path, f"'{line}' does not hold the numbers of a contract", line=number) from error
            self._entries[security_type, cells[0].lower(), cells[1].upper()] = properties
            self._markets.setdefault((security_type, cells[1].upper()), cells[0].lower())

    def try_get_market(self, ticker: str, security_type: SecurityType) -> str | None:
        """The market a ticker is first listed on, e.g. CL → nymex."""
        return self._markets.get((security_type, ticker.upper()))

    def contains_key(self, market: str, symbol: Symbol | str, security_type: SecurityType) -> bool:
        """Whether the security has a line of its own."""
        ticker = symbol if isinstance(symbol, str) else database_symbol_key(symbol)
        return (security_type, market.lower(), ticker.upper()) in self._entries

    def get_symbol_properties(
        self, market: str, symbol: Symbol | str, security_type: SecurityType, default_quote_currency: str = "USD"
    ) -> SymbolProperties:
        """Terms of a security: its own line, for a futures option else its future's, else its market's, else LEAN's defaults."""
        market = market.lower()
        ticker = symbol if isinstance(symbol, str) else database_symbol_key(symbol)
        found = self._entries.get((security_type, market, ticker.upper()))
        if found is None and security_type is SecurityType.FUTURE_OPTION and isinstance(symbol, Symbol) and symbol.underlying is not None:
            found = self._entries.get((SecurityType.FUTURE, market, database_symbol_key(symbol.underlying).upper()))
        if found is None:
            found = self._entries.get((security_type, market, _WILDCARD))
        return SymbolProperties.get_default(default_quote_currency) if found is None else found

    def properties_of(self, symbol: Symbol) -> SymbolProperties:
        """Terms of a symbol."""
        return self.get_symbol_properties(symbol.id.market, symbol, symbol.security_type)


def _properties(cells: list[str]) -> SymbolProperties:
    cells = cells + [""] * (12 - len(cells))
    return SymbolProperties(
        cells[3],
        cells[4],
        Decimal(cells[5]),
        Decimal(cells[6]),
        Decimal(cells[7]),
        cells[8],
        Decimal(cells[9]) if cells[9] else None,
        Decimal(cells[10]) if cells[10] else _ONE,
        Decimal(cells[11]) if cells[11] else _ONE,
    )
