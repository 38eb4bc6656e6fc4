"""LEAN's SecurityIdentifier: the text "SPXW 31K54PVWC0HRI|SPX 31" that names a security for good (Common/SecurityIdentifier.cs)."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar, Final, Self
from zlib import crc32

from simulator.common.contract_month import option_root
from simulator.common.enums import OptionRight, OptionStyle, SecurityType
from simulator.common.identifier_encoding import DEFAULT_DATE, DIGITS, encode_base36, pack, unpack
from simulator.common.market import Market
from simulator.common.printable import Printable
from simulator.errors import SymbolError

_OPTION_TYPES: Final = frozenset({SecurityType.OPTION, SecurityType.INDEX_OPTION, SecurityType.FUTURE_OPTION})
_DATED_TYPES: Final = _OPTION_TYPES | {
    SecurityType.BASE,
    SecurityType.EQUITY,
    SecurityType.FUTURE,
    SecurityType.INDEX,
    SecurityType.CRYPTO_FUTURE,
}
_OPTION_OF: Final = {
    SecurityType.EQUITY: SecurityType.OPTION,
    SecurityType.INDEX: SecurityType.INDEX_OPTION,
    SecurityType.FUTURE: SecurityType.FUTURE_OPTION,
}

__all__ = ["DEFAULT_DATE", "FirstTicker", "SecurityIdentifier", "is_option", "option_type_of"]

FirstTicker = Callable[[str, str], tuple[str, datetime] | None]
"""(ticker, market) → the first ticker and first date of that equity, None without map file."""


def is_option(security_type: SecurityType) -> bool:
    """Whether a type is one of LEAN's three option types."""
    return security_type in _OPTION_TYPES


def option_type_of(underlying_type: SecurityType) -> SecurityType:
    """The option type on an underlying's type (Symbol.GetOptionTypeFromUnderlying)."""
    option_type = _OPTION_OF.get(underlying_type)
    if option_type is None:
        raise SymbolError(f"There are no options on {underlying_type}; expected EQUITY, INDEX or FUTURE.")
    return option_type


class SecurityIdentifier(Printable):
    """A ticker with one number that holds type, market, date, strike, right and style, and the identifier of the underlying."""

    __slots__ = (
        "_date",
        "_hash",
        "_properties",
        "_right",
        "_strike",
        "_style",
        "_text",
        "_underlying",
        "market",
        "security_type",
        "symbol",
    )

    _parsed: ClassVar[dict[str, "SecurityIdentifier"]] = {}
    _first_ticker: ClassVar[FirstTicker | None] = None

    DEFAULT_DATE: ClassVar[datetime] = DEFAULT_DATE
    EMPTY: ClassVar["SecurityIdentifier"]
    NONE: ClassVar["SecurityIdentifier"]

    def __init__(self, symbol: str, properties: int, underlying: "SecurityIdentifier | None" = None) -> None:
        if " " in symbol or "|" in symbol:
            raise SymbolError(f"Ticker '{symbol}' contains a blank or '|', which LEAN's identifiers cannot hold.")
        contract = unpack(properties)
        self.symbol = symbol
        self._properties = properties
        self._underlying = underlying
        self.security_type = contract.security_type
        self.market = Market.decode(contract.market_code) or str(contract.market_code)
        self._date = contract.day
        self._strike = contract.strike
        self._right = contract.right
        self._style = contract.style
        self._text: str | None = None
        # without the text's own hash, which differs from process to process: sets of symbols keep one order over all runs
        self._hash = hash((crc32(symbol.encode()), properties, hash(underlying)))

    @classmethod
    def _use_map_files(cls, first_ticker: FirstTicker | None) -> None:
        """Sets where equities get their first ticker and date from; None returns to tickers as given and no date."""
        cls._first_ticker = first_ticker

    @classmethod
    def parse(cls, value: str) -> "SecurityIdentifier":
        """Reads an identifier's text.

        Raises:
            SymbolError: the text is no identifier.
        """
        known = cls._parsed.get(value)
        if known is None:
            known = cls._parsed[value] = cls._parse(value)
        return known

    @classmethod
    def _parse(cls, text: str) -> "SecurityIdentifier":
        if not text.strip() or text == " 0":
            return cls.EMPTY
        identifier: SecurityIdentifier | None = None
        for part in reversed(text.split("|")):
            words = part.split()
            if len(words) != 2 or not set(words[1]) <= set(DIGITS):
                raise SymbolError(f"'{text}' is no security identifier; expected e.g. 'SPY R735QTJ8XC9X' or 'SPXW 31K54PVWC0HRI|SPX 31'.")
            identifier = cls(words[0], int(words[1], 36), identifier)
            Market._code(identifier.market)
        if identifier is None:
            raise SymbolError(f"'{text}' is no security identifier.")
        return identifier

    @classmethod
    def _generate(
        cls,
        day: date,
        symbol: str,
        security_type: SecurityType,
        market: str,
        strike: Decimal = Decimal(0),
        right: OptionRight = OptionRight.CALL,
        style: OptionStyle = OptionStyle.AMERICAN,
        underlying: "SecurityIdentifier | None" = None,
    ) -> "SecurityIdentifier":
        """Packs the parts of an identifier; upper-cases the ticker. The text has no room for a time of day, `date` keeps it as LEAN's does."""
        properties = pack(security_type, Market._code(market), day, strike, right, style)
        identifier = cls(symbol.upper(), properties, underlying)
        if isinstance(day, datetime):
            identifier._date = day
        return identifier

    @classmethod
    def generate_equity(cls, symbol: str, market: str, map_symbol: bool = True) -> "SecurityIdentifier":
        """Identifier of an equity; first ticker and date come from its map file when there is one."""
        resolve = cls._first_ticker
        first = resolve(symbol, market) if map_symbol and resolve is not None else None
        ticker, day = first if first is not None else (symbol, DEFAULT_DATE)
        return cls._generate(day, ticker, SecurityType.EQUITY, market)

    @classmethod
    def generate_index(cls, symbol: str, market: str) -> "SecurityIdentifier":
        """Identifier of an index."""
        return cls._generate(DEFAULT_DATE, symbol, SecurityType.INDEX, market)

    @classmethod
    def generate_future(cls, expiry: date, symbol: str, market: str) -> "SecurityIdentifier":
        """Identifier of a future contract, of the continuous future with DEFAULT_DATE."""
        return cls._generate(expiry, symbol, SecurityType.FUTURE, market)

    @classmethod
    def generate_option(
        cls,
        expiry: date,
        underlying: "SecurityIdentifier",
        target_option: str | None,
        market: str,
        strike: Decimal,
        option_right: OptionRight,
        option_style: OptionStyle,
    ) -> "SecurityIdentifier":
        """Identifier of an option; without a target ticker the underlying's own, or the future's option root, is used."""
        option_type = option_type_of(underlying.security_type)
        if not target_option:
            target_option = option_root(underlying.symbol) if option_type is SecurityType.FUTURE_OPTION else underlying.symbol
        return cls._generate(expiry, target_option, option_type, market, strike, option_right, option_style, underlying)

    @property
    def date(self) -> datetime:
        """Expiry of a derivative, first trading date of an equity; midnight, but for a contract made from its expiry rule."""
        if self.security_type not in _DATED_TYPES:
            raise SymbolError(f"Identifiers of {self.security_type} carry no date.")
        return self._date

    @property
    def underlying(self) -> "SecurityIdentifier":
        """Identifier of the underlying."""
        if self._underlying is None:
            raise SymbolError(f"Identifier '{self}' has no underlying; check has_underlying first.")
        return self._underlying

    @property
    def has_underlying(self) -> bool:
        """Whether the identifier is a derivative's."""
        return self._underlying is not None

    @property
    def strike_price(self) -> float:
        """Strike of an option."""
        return float(self._option_part()._strike)

    @property
    def option_right(self) -> OptionRight:
        """Right of an option."""
        return self._option_part()._right

    @property
    def option_style(self) -> OptionStyle:
        """Style of an option."""
        return self._option_part()._style

    def _option_part(self) -> Self:
        if self.security_type not in _OPTION_TYPES:
            raise SymbolError(f"Identifier '{self}' is of type {self.security_type}; strike, right and style exist for options only.")
        return self

    def __str__(self) -> str:
        if self._text is None:
            own = f"{self.symbol} {encode_base36(self._properties)}"
            self._text = own if self._underlying is None else f"{own}|{self._underlying}"
        return self._text

    def __repr__(self) -> str:
        return f"SecurityIdentifier.parse({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        if isinstance(other, SecurityIdentifier):
            same = self._properties == other._properties and self.symbol == other.symbol
            return self is other or (same and self._underlying == other._underlying)
        if isinstance(other, str):
            return str(self) == other
        return NotImplemented

    def __hash__(self) -> int:
        return self._hash

    def __lt__(self, other: "SecurityIdentifier") -> bool:
        return str(self) < str(other)


SecurityIdentifier.EMPTY = SecurityIdentifier("", 0)
SecurityIdentifier.NONE = SecurityIdentifier("NONE", 0)
