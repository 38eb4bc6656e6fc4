"""Turns selections into subscriptions and securities (LEAN's UniverseSelection, PendingRemovalsManager, SecurityChanges)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from simulator.common.bars import Delisting
from simulator.common.security_identifier import is_option
from simulator.common.symbol import Symbol
from simulator.engine.universe import UNCHANGED, Member, Universe
from simulator.securities.security_service import seed_securities

if TYPE_CHECKING:
    from simulator.algorithm.qc_algorithm import QCAlgorithm
    from simulator.engine.data_manager import DataManager
    from simulator.securities.security import Security


class SecurityChanges:
    """Securities that came and went in one step, without the internal ones unless asked for."""

    def __init__(self) -> None:
        self._added: list[tuple[Security, bool]] = []
        self._removed: list[tuple[Security, bool]] = []
        self._filter_internal = False

    @property
    def added_securities(self) -> list["Security"]:
        """Securities added, sorted by symbol."""
        return self._listed(self._added)

    @property
    def removed_securities(self) -> list["Security"]:
        """Securities removed, sorted by symbol."""
        return self._listed(self._removed)

    @property
    def count(self) -> int:
        """Number of changes, internal ones included as in LEAN."""
        return sum(len({(security.symbol, internal) for security, internal in changes}) for changes in (self._added, self._removed))

    def _listed(self, changes: list[tuple["Security", bool]]) -> list["Security"]:
        found = {security.symbol: security for security, internal in changes if not (internal and self._filter_internal)}
        return sorted(found.values(), key=lambda security: security.symbol.value)

    def _plus(self, later: "SecurityChanges") -> "SecurityChanges":
        """Both together; what one of them removes and one of them adds is not removed (SecurityChanges' operator +)."""
        if not self or not later:
            return self or later
        both = SecurityChanges()
        both._added = self._added + later._added
        added = {security.symbol for security, _ in both._added}
        both._removed = [change for change in self._removed + later._removed if change[0].symbol not in added]
        return both

    def _for_user(self) -> "SecurityChanges":
        other = SecurityChanges()
        other._added, other._removed = self._added, self._removed
        other._filter_internal = True
        return other

    def __bool__(self) -> bool:
        return bool(self._added or self._removed)

    def __str__(self) -> str:
        if not self:
            return "SecurityChanges: None"
        parts = (("Added", self.added_securities), ("Removed", self.removed_securities))
        listed = (f" {name}: {','.join(str(security.symbol.id) for security in found)}" for name, found in parts if found)
        return f"SecurityChanges: {''.join(listed)}"


class UniverseSelection:
    """Applies selections; keeps what leaves but is still held or has open orders."""

    def __init__(self, algorithm: "QCAlgorithm", manager: "DataManager") -> None:
        self._algorithm = algorithm
        self._manager = manager
        self._pending: dict[Universe, list[Member]] = {}
        self._changes = SecurityChanges()
        self._created: dict[Symbol, Security] = {}
        self._created_utc = -1

    def flush(self) -> SecurityChanges:
        """The changes since the last call."""
        changes, self._changes = self._changes, SecurityChanges()
        return changes

    def apply(self, universe: Universe, utc: int, rows: Sequence[Any]) -> bool:
        """Let a universe select and subscribe what is new; whether anything changed."""
        if utc > self._manager.end_utc:
            return False
        selection = universe._perform_selection(utc, rows)
        if selection is not UNCHANGED:
            universe._selected = dict.fromkeys(selection)
        self._remove_pending(universe, utc)
        if selection is UNCHANGED:
            return False
        changes = SecurityChanges()
        self._remove_unselected(universe, utc, changes)
        self._add_selected(universe, utc, changes)
        if self._algorithm.settings.seed_initial_prices:
            seed_securities(self._algorithm, changes.added_securities)
        self._changes = self._changes._plus(changes)
        return bool(changes)

    def _remove_unselected(self, universe: Universe, utc: int, changes: SecurityChanges) -> None:
        members = [member for symbol, member in universe._members.items() if symbol not in universe._selected]
        for member in sorted(members, key=lambda member: (member.security.type, member.security.symbol.id)):
            security = member.security
            if not universe._can_remove(utc, security):
                continue
            if not security.is_delisted and not self._is_pending(member):
                changes._removed.append((security, member.is_internal))
            if self._is_safe_to_remove(member, universe):
                self._remove(universe, member, utc)
            elif member not in self._pending.setdefault(universe, []):
                self._pending[universe].append(member)

    def _add_selected(self, universe: Universe, utc: int, changes: SecurityChanges) -> None:
        for symbol in list(universe._selected):
            if symbol in universe._members:
                continue
            security = self._get_or_create(symbol, universe, utc)
            configs = universe._configs_of(security, self._manager)
            new = [
                self._manager.subscribe(config, security, universe, utc)
                for config in configs
                if self._manager.has_tradable_days(config, utc)
            ]
            if not new:
                continue
            internal = all(config.is_internal for config in configs)
            if universe._add_member(utc, security, internal) and new[-1]:
                changes._added.append((security, internal))

    def _get_or_create(self, symbol: Symbol, universe: Universe, utc: int) -> "Security":
        """One security per symbol, also when several universes select it at the same instant before the algorithm knows it."""
        if utc != self._created_utc:
            self._created, self._created_utc = {}, utc
        found = self._created.get(symbol)
        if found is None:
            underlying = None
            if symbol.underlying is not None and is_option(symbol.security_type):
                underlying = self._get_or_create(symbol.underlying, universe, utc)
            found = self._algorithm._engine_get_or_create_security(symbol, universe.universe_settings, underlying)
            self._created[symbol] = found
        return found

    # Removal

    def _is_safe_to_remove(self, member: Member, universe: Universe) -> bool:
        security = member.security
        if security.invested or self._algorithm.transactions.get_open_orders(security.symbol):
            return False
        dependants = (other for symbol, other in universe._members.items() if symbol.underlying == security.symbol)
        return all(self._is_safe_to_remove(other, universe) for other in dependants)

    def _is_pending(self, member: Member) -> bool:
        return self._is_pending_security(member.security, member.is_internal)

    def _is_pending_security(self, security: "Security", internal: bool) -> bool:
        return any(
            waiting.is_internal == internal and waiting.security.symbol == security.symbol
            for members in self._pending.values()
            for waiting in members
        )

    def _remove_pending(self, current: Universe, utc: int) -> None:
        for universe, members in list(self._pending.items()):
            for member in list(members):
                safe = self._is_safe_to_remove(member, universe)
                if safe or (universe is current and member.security.symbol in current._selected):
                    members.remove(member)
                    if safe:
                        self._remove(universe, member, utc)
            if not members:
                del self._pending[universe]

    def _remove(self, universe: Universe, member: Member, utc: int) -> None:
        security = member.security
        universe._remove_member(utc, security)
        active = any(security.symbol in other._members for other in self._algorithm.universe_manager.values())
        ended = [self._manager.unsubscribe(config, universe) for config in universe._configs_of(security, self._manager)]
        if True in ended and not active:
            security._reset()
            security._reset_cache()
            self._algorithm.securities._remove(security.symbol)

    def handle_delisting(self, delisting: Delisting, internal: bool) -> None:
        """A delisted security can no longer be traded and is no longer active, before anything else of that instant happens."""
        security = self._algorithm.securities._try_get(delisting.symbol)
        if security is None:
            return
        security.is_delisted = True
        security._reset()
        self._algorithm.securities._remove(delisting.symbol)
        if not self._is_pending_security(security, internal):
            changes = SecurityChanges()
            changes._removed.append((security, internal))
            self._changes = self._changes._plus(changes)
