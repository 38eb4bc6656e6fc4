"""LEAN's SymbolCache: tickers the algorithm has used so far and the symbols they stand for. One per process, as in LEAN; a run clears it."""

from typing import TYPE_CHECKING

from simulator.errors import SymbolError

if TYPE_CHECKING:
    from simulator.common.symbol import Symbol


class SymbolCache:
    """Finds symbols by ticker without regard to case, and the ticker of a symbol."""

    _symbols: "dict[str, Symbol]" = {}  # noqa: RUF012 - process-wide on purpose, as LEAN's
    _tickers: "dict[Symbol, str]" = {}  # noqa: RUF012 - as above

    @classmethod
    def set(cls, ticker: str, symbol: "Symbol") -> None:
        """Remembers a ticker for a symbol; the last one given wins."""
        cls._symbols[ticker.upper()] = symbol
        cls._tickers[symbol] = ticker

    @classmethod
    def get_symbol(cls, ticker: str) -> "Symbol":
        """The symbol of a ticker.

        Raises:
            SymbolError: the ticker is unknown.
        """
        symbol = cls._try_get_symbol(ticker)
        if symbol is None:
            raise SymbolError(f"We were unable to locate the ticker '{ticker}'.")
        return symbol

    @classmethod
    def _try_get_symbol(cls, ticker: str) -> "Symbol | None":
        """The symbol of a ticker or of an identifier's text, None when unknown."""
        found = cls._symbols.get(ticker.upper())
        return found if found is not None else _symbol_of_identifier(ticker)

    @classmethod
    def _resolve(cls, key: object) -> object:
        """What a dictionary of symbols is asked for: the symbol of a ticker, or of a security or contract; any other key as it is."""
        if isinstance(key, str):
            return cls._try_get_symbol(key)
        return getattr(key, "symbol", key)

    @classmethod
    def get_ticker(cls, symbol: "Symbol") -> str:
        """The ticker a symbol was remembered under, else the text of its identifier."""
        ticker = cls._tickers.get(symbol)
        return str(symbol.id) if ticker is None else ticker

    @classmethod
    def clear(cls) -> None:
        """Forgets everything; a run starts with it."""
        cls._symbols.clear()
        cls._tickers.clear()


def _symbol_of_identifier(text: str) -> "Symbol | None":
    from simulator.common.security_identifier import SecurityIdentifier  # noqa: PLC0415 - Symbol needs the cache to print itself
    from simulator.common.symbol import Symbol  # noqa: PLC0415 - as above

    if " " not in text.strip():
        return None
    try:
        identifier = SecurityIdentifier.parse(text)
    except SymbolError:
        return None
    return Symbol(identifier, identifier.symbol)
