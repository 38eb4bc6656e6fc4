"""All securities of an algorithm (Common/Securities/SecurityManager.cs)."""

from collections.abc import Callable
from typing import Any

from simulator.common.lean_dictionary import LeanDictionary
from simulator.common.symbol import Symbol
from simulator.common.symbol_cache import SymbolCache
from simulator.securities.future import Future
from simulator.securities.security import Security


class SecurityManager(LeanDictionary[Symbol, Security]):
    """Mirrors SecurityManager: active securities are enumerated, all that ever were can be looked up by symbol or ticker."""

    def __init__(self) -> None:
        self._members: dict[Symbol, Security] = {}
        self._slots: dict[Symbol, int] = {}
        self._free_slots: list[int] = []
        self._is_shuffled = False
        self._complete: dict[Symbol, Security] = {}
        self._invested_cache: list[Security] | None = None
        self._listeners: list[Callable[[], None]] = []

    def _enumerated(self) -> dict[Symbol, Security]:
        return self._active

    @property
    def _active(self) -> dict[Symbol, Security]:
        """Active securities in the order a .NET dictionary enumerates them: what is added takes the place that was freed last."""
        if self._is_shuffled:
            self._members = dict(sorted(self._members.items(), key=lambda item: self._slots[item[0]]))
            self._is_shuffled = False
        return self._members

    def _find(self, key: Any) -> Security | None:
        if type(key) is not Symbol:
            key = SymbolCache._resolve(key)
        return self._complete.get(key)

    def __getitem__(self, key: Any) -> Security:
        found = self._complete.get(key) if type(key) is Symbol else None
        return super().__getitem__(key) if found is None else found

    def contains_key(self, key: Any) -> bool:
        """Whether the security was ever added."""
        return key in self._complete if type(key) is Symbol else key in self

    def _missing(self, key: object) -> str:
        if isinstance(key, str) and SymbolCache._try_get_symbol(key) is None:
            return (
                f"The ticker {key} was not found in the SymbolCache. Use the Symbol object as key instead."
                " Accessing the securities collection/slice object by string ticker is only available for securities added with the"
                " AddSecurity-family methods. For more details, please check out the documentation."
            )
        return f"This asset symbol ({key}) was not found in your security list. Please add this security or check it exists before using it with 'Securities.ContainsKey(\"{key}\")'"

    def _try_get(self, symbol: Any) -> Security | None:
        return self._find(symbol)

    @property
    def total(self) -> list[Security]:
        """All securities that were ever added."""
        return list(self._complete.values())

    def add(self, security: Security) -> None:
        """Makes a security active."""
        self._add(security)

    def _add(self, security: Security) -> None:
        if security.symbol in self._members:
            return
        self._is_shuffled = self._is_shuffled or bool(self._free_slots)
        self._slots[security.symbol] = self._free_slots.pop() if self._free_slots else len(self._members)
        self._members[security.symbol] = security
        self._complete[security.symbol] = security
        security.holdings._on_quantity_changed = self._changed
        if isinstance(security, Future):
            security._start_settlement()
        if security.invested:
            self._changed()

    def _remove(self, symbol: Symbol) -> bool:
        """Makes a security inactive; it can still be looked up."""
        security = self._members.pop(symbol, None)
        if security is None:
            return False
        self._free_slots.append(self._slots.pop(symbol))
        security.holdings._on_quantity_changed = None
        if security.invested:
            self._changed()
        return True

    def remove(self, symbol: Symbol) -> bool:
        """Makes a security inactive."""
        return self._remove(symbol)

    def _changed(self) -> None:
        self._invested_cache = None
        for listener in self._listeners:
            listener()

    def _invested(self) -> list[Security]:
        """Active securities with a position."""
        if self._invested_cache is None:
            self._invested_cache = [security for security in self._active.values() if security.holdings._invested]
        return self._invested_cache
