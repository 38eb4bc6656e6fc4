"""What an algorithm may give where LEAN asks for a Symbol (the implicit conversions of Symbol, Security, BaseContract and BaseData rows)."""

from typing import Any

from simulator.common.enums import SecurityType
from simulator.common.market import Market
from simulator.common.symbol import Symbol
from simulator.common.symbol_cache import SymbolCache
from simulator.common.system_exceptions import ArgumentException


def symbol_of(given: Any) -> Symbol:
    """The symbol itself, that of a security, contract or universe row, or the one a ticker or identifier text stands for.

    Raises:
        ArgumentException: nothing of the kind; a ticker must have been added before.
    """
    if isinstance(given, Symbol):
        return given
    if isinstance(given, str):
        known = SymbolCache._try_get_symbol(given)
        if known is not None:
            return known
    found = getattr(given, "symbol", None)
    if isinstance(found, Symbol):
        return found
    raise ArgumentException(f"Expected a symbol, or the ticker of a security that was added, got {given!r}.")


def equity_or_known(given: Any) -> Symbol:
    """Like `symbol_of`; a ticker that was not added is a US equity."""
    if isinstance(given, str) and SymbolCache._try_get_symbol(given) is None:
        return Symbol.create(given, SecurityType.EQUITY, Market.USA)
    return symbol_of(given)
