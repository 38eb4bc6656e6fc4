"""LEAN's Symbol: a security identifier with today's ticker (Common/Symbol.cs, SymbolRepresentation.cs)."""

from datetime import date
from decimal import Decimal
from functools import cache, total_ordering
from typing import ClassVar, overload

from simulator.common.contract_month import future_ticker
from simulator.common.enums import OptionRight, OptionStyle, SecurityType
from simulator.common.printable import Printable
from simulator.common.security_identifier import DEFAULT_DATE, SecurityIdentifier, is_option, option_type_of
from simulator.common.symbol_cache import SymbolCache
from simulator.errors import SymbolError

__all__ = ["SecurityIdentifier", "Symbol", "SymbolCache", "option_ticker"]


def option_ticker(root: str, right: OptionRight, strike: Decimal, expiry: date) -> str:
    """OSI name of an option, e.g. "SPXW  240110P04750000"; roots longer than five letters are followed by a blank.

    LEAN adds that blank twice when it names a symbol (`Symbol.get_alias`): "ES15H24  240112P04700000".
    """
    if len(root) > 5:
        root += " "
    return f"{root:<6}{_short_date(expiry)}{right._name_[0]}{_mills(strike)}"


@cache
def _short_date(day: date) -> str:
    return f"{day:%y%m%d}"


@cache
def _mills(strike: Decimal) -> str:
    mills = int((strike * 1000).quantize(Decimal(1), rounding="ROUND_HALF_UP"))
    return f"{'-' if mills < 0 else ''}{abs(mills):08}"


def default_option_style(option_type: SecurityType) -> OptionStyle:
    """European for index options, American for all others."""
    return OptionStyle.EUROPEAN if option_type is SecurityType.INDEX_OPTION else OptionStyle.AMERICAN


def _decimal(number: float | Decimal | str) -> Decimal:
    return number if isinstance(number, Decimal) else Decimal(str(number))


@total_ordering
class Symbol(Printable):
    """A security. Compares and hashes by identifier, sorts by value, prints as the ticker it was added under (else as identifier)."""

    __slots__ = ("_canonical", "_hash", "id", "security_type", "underlying", "value")

    EMPTY: ClassVar["Symbol"]
    NONE: ClassVar["Symbol"]

    def __init__(self, sid: SecurityIdentifier, value: str, underlying: "Symbol | None" = None) -> None:
        self.id = sid
        self.security_type = sid.security_type
        self._hash = hash(sid)
        self._canonical: Symbol | None = None
        if underlying is None:
            if sid.has_underlying:
                underlying = Symbol(sid.underlying, sid.underlying.symbol)
            value = Symbol.get_alias(sid, underlying) or value
        self.underlying: Symbol | None = underlying
        self.value = value.upper()

    @staticmethod
    def create(ticker: str, security_type: SecurityType, market: str, alias: str | None = None) -> "Symbol":
        """Symbol of an equity, index or continuous future; the canonical symbol for the option types.

        Raises:
            SymbolError: the type needs more than a ticker, or this engine does not have it.
        """
        match security_type:
            case SecurityType.EQUITY:
                sid = SecurityIdentifier.generate_equity(ticker, market)
            case SecurityType.INDEX:
                sid = SecurityIdentifier.generate_index(ticker, market)
            case SecurityType.FUTURE:
                sid = SecurityIdentifier.generate_future(DEFAULT_DATE, ticker, market)
            case SecurityType.OPTION:
                return Symbol.create_canonical_option(Symbol.create(ticker, SecurityType.EQUITY, market), None, market, alias)
            case SecurityType.INDEX_OPTION:
                return Symbol.create_canonical_option(Symbol.create(ticker, SecurityType.INDEX, market), None, market, alias)
            case SecurityType.BASE | SecurityType.FOREX | SecurityType.CRYPTO | SecurityType.CFD:
                sid = SecurityIdentifier._generate(DEFAULT_DATE, ticker, security_type, market)
            case _:
                raise SymbolError(
                    f"A ticker and a market do not make a symbol of type {security_type}; use create_option or create_future."
                )
        return Symbol(sid, alias or ticker)

    @overload
    @staticmethod
    def create_option(
        underlying: "Symbol | str",
        market: str,
        style: OptionStyle,
        right: OptionRight,
        strike: float,
        expiry: date,
        alias: str | None = None,
        /,
    ) -> "Symbol": ...

    @overload
    @staticmethod
    def create_option(
        underlying: "Symbol",
        target_option: str | None,
        market: str,
        style: OptionStyle,
        right: OptionRight,
        strike: float,
        expiry: date,
        alias: str | None = None,
        /,
    ) -> "Symbol": ...

    @staticmethod
    def create_option(underlying: "Symbol | str", *arguments: object) -> "Symbol":
        """Symbol of an option contract: `(underlying[, target_option], market, style, right, strike, expiry[, alias])`."""
        if len(arguments) > 1 and not isinstance(arguments[1], OptionStyle):
            target, market, style, right, strike, expiry, *rest = arguments
        else:
            target = None
            market, style, right, strike, expiry, *rest = arguments
        if isinstance(underlying, str):
            underlying = Symbol.create(underlying, SecurityType.EQUITY, str(market))
        alias = rest[0] if rest else None
        return Symbol._option(underlying, target, market, style, right, _decimal(strike), expiry, alias)  # type: ignore[arg-type]  # told apart by position

    @staticmethod
    def _option(
        underlying: "Symbol",
        target: str | None,
        market: str,
        style: OptionStyle,
        right: OptionRight,
        strike: Decimal,
        expiry: date,
        alias: str | None = None,
    ) -> "Symbol":
        sid = SecurityIdentifier.generate_option(expiry, underlying.id, target, market, strike, right, style)
        return Symbol(sid, alias or Symbol.get_alias(sid, underlying) or "", underlying)

    @staticmethod
    def create_canonical_option(
        underlying_symbol: "Symbol", target_option: str | None = None, market: str | None = None, alias: str | None = None
    ) -> "Symbol":
        """Symbol that stands for all options on an underlying, e.g. "?SPXW"."""
        style = default_option_style(option_type_of(underlying_symbol.security_type))
        market = market or underlying_symbol.id.market
        return Symbol._option(underlying_symbol, target_option, market, style, OptionRight.CALL, Decimal(0), DEFAULT_DATE, alias)

    @staticmethod
    def create_future(ticker: str, market: str, expiry: date, alias: str | None = None) -> "Symbol":
        """Symbol of a future contract."""
        return Symbol(SecurityIdentifier.generate_future(expiry, ticker, market), alias or "")

    @staticmethod
    def get_alias(security_identifier: SecurityIdentifier, underlying: "Symbol | None" = None) -> str | None:
        """The value LEAN builds for derivatives: OSI name, future ticker, "?ROOT" or "/ROOT"; None for the other types."""
        if is_option(security_identifier.security_type) and underlying is not None:
            root = security_identifier.symbol if security_identifier.symbol != underlying.id.symbol else underlying.value
            if security_identifier.date == DEFAULT_DATE:
                return f"?{root.upper()}"
            return option_ticker(
                f"{root} " if len(root) > 5 else root,
                security_identifier.option_right,
                security_identifier._strike,
                security_identifier.date,
            )
        if security_identifier.security_type is SecurityType.FUTURE:
            return (
                f"/{security_identifier.symbol}"
                if security_identifier.date == DEFAULT_DATE
                else future_ticker(security_identifier.symbol, security_identifier.date)
            )
        return None

    def is_canonical(self) -> bool:
        """Whether the symbol stands for a whole chain."""
        return (self.security_type is SecurityType.FUTURE or self.underlying is not None) and self.id._date == DEFAULT_DATE

    @property
    def canonical(self) -> "Symbol":
        """The symbol of the chain this contract belongs to."""
        if self._canonical is None:
            self._canonical = self if self.is_canonical() else self._make_canonical()
        return self._canonical

    def _make_canonical(self) -> "Symbol":
        if is_option(self.security_type) and self.underlying is not None:
            return Symbol.create_canonical_option(self.underlying, self.id.symbol, self.id.market)
        if self.security_type is SecurityType.FUTURE:
            return Symbol.create(self.id.symbol, SecurityType.FUTURE, self.id.market)
        raise SymbolError(f"{self.value} of type {self.security_type} has no canonical symbol; options and futures have.")

    def has_canonical(self) -> bool:
        """Whether the symbol is a contract of a chain."""
        return not self.is_canonical() and (is_option(self.security_type) or self.security_type is SecurityType.FUTURE)

    @property
    def has_underlying(self) -> bool:
        """Whether the symbol is a derivative with a known underlying."""
        return self.underlying is not None

    def update_mapped_symbol(self, mapped_symbol: str, contract_depth_offset: int = 0) -> "Symbol":
        """The same security under another ticker: a continuous future gets its current contract as underlying, an equity its ticker of the day."""
        del contract_depth_offset
        if self.security_type is SecurityType.FUTURE:
            if mapped_symbol == self.value:
                return self
            contract = Symbol(SecurityIdentifier.parse(mapped_symbol), mapped_symbol)
            return Symbol(self.id, contract.value, contract)
        if self.security_type is SecurityType.OPTION and self.underlying is not None:
            value = self.value if self.is_canonical() else option_ticker(mapped_symbol, self.id.option_right, self.id._strike, self.id.date)
            return Symbol(self.id, value, self.underlying.update_mapped_symbol(mapped_symbol))
        return Symbol(self.id, mapped_symbol) if self.security_type is SecurityType.EQUITY else self

    def __str__(self) -> str:
        return SymbolCache.get_ticker(self)

    def __repr__(self) -> str:
        return f"<Symbol {self.value}: {self.id}>"

    def __format__(self, spec: str) -> str:
        if spec:
            raise TypeError("unsupported format string passed to Symbol.__format__")
        return str(self)

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if isinstance(other, Symbol):
            return self._hash == other._hash and self.id == other.id
        if isinstance(other, str):
            named = SymbolCache._try_get_symbol(other)
            return named is not None and self.id == named.id
        if isinstance(other, SecurityIdentifier):
            return self.id == other
        return NotImplemented

    def __hash__(self) -> int:
        return self._hash

    def __lt__(self, other: "Symbol | str") -> bool:
        return self.value < (other if isinstance(other, str) else other.value).upper()


Symbol.EMPTY = Symbol(SecurityIdentifier.EMPTY, "")
Symbol.NONE = Symbol(SecurityIdentifier.NONE, "NONE")
