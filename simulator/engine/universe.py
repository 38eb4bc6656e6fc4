"""Who is subscribed (LEAN's Universe, UserDefinedUniverse, OptionContractUniverse)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from simulator.common.enums import DataMappingMode, DataNormalizationMode, Resolution, SecurityType, TickType
from simulator.common.symbol import Symbol
from simulator.common.time_zone import DAY, HOUR, MINUTE, SECOND
from simulator.engine.subscription_data_config import SubscriptionDataConfig

if TYPE_CHECKING:
    from simulator.engine.data_manager import DataManager
    from simulator.securities.security import Security

_FUTURE_MODES: Final = frozenset(
    {
        DataNormalizationMode.RAW,
        DataNormalizationMode.BACKWARDS_RATIO,
        DataNormalizationMode.BACKWARDS_PANAMA_CANAL,
        DataNormalizationMode.FORWARD_PANAMA_CANAL,
    }
)

_WITHOUT_INTEREST: Final = frozenset({"hkfe", "eurex", "ice"})

UNCHANGED: Final[list[Symbol]] = []


@dataclass
class UniverseSettings:
    """`algorithm.universe_settings`: how securities that universes select are subscribed."""

    resolution: Resolution = Resolution.MINUTE
    leverage: float = 0.0
    fill_forward: bool = True
    extended_market_hours: bool = False
    minimum_time_in_universe: timedelta = timedelta(days=1)
    data_normalization_mode: DataNormalizationMode = DataNormalizationMode.ADJUSTED
    data_mapping_mode: DataMappingMode = DataMappingMode.OPEN_INTEREST
    contract_depth_offset: int = 0
    asynchronous: bool | None = None
    _tick_types: list[TickType] | None = field(default=None, repr=False)

    def _normalization_of(self, security_type: SecurityType) -> DataNormalizationMode:
        """How prices are adjusted by default: a future's backwards by ratio when the settings name no mode of futures."""
        mode = self.data_normalization_mode
        if security_type is SecurityType.FUTURE and mode not in _FUTURE_MODES:
            return DataNormalizationMode.BACKWARDS_RATIO
        return mode

    def _mapping_of(self, market: str) -> DataMappingMode:
        """What makes a future of a market roll by default: its last trading day where no open interest is known."""
        mode = self.data_mapping_mode
        by_interest = mode in {DataMappingMode.OPEN_INTEREST, DataMappingMode.OPEN_INTEREST_ANNUAL}
        return DataMappingMode.LAST_TRADING_DAY if by_interest and market in _WITHOUT_INTEREST else mode

    def _copy(self, **changes: Any) -> "UniverseSettings":
        return replace(self, **changes)


@dataclass(frozen=True)
class Member:
    """A security of a universe and since when it is one."""

    added_utc: int
    security: "Security"
    is_internal: bool


class Universe:
    """Base: members, and the selection of the last time.

    Attributes:
        symbol: names the universe; a canonical symbol for chains.
        resolution: of the universe's own data; finer ones select first.
        universe_settings: how members are subscribed.
        selection_changed: told every new selection.
        dispose_requested: whether the universe is on its way out: it selects nothing once more.
    """

    user_defined = False

    def __init__(self, symbol: Symbol | str, resolution: Resolution, settings: UniverseSettings) -> None:
        self.symbol = symbol
        self.resolution = resolution
        self.universe_settings = settings
        self.dispose_requested = False
        self._members: dict[Symbol, Member] = {}
        self._selected: dict[Symbol, None] = {}
        self._previous: set[Symbol] = set()
        self.selection_changed: list[Callable[[Sequence[Symbol]], None]] = []

    @property
    def members(self) -> dict[Symbol, "Security"]:
        """The securities by symbol."""
        return {symbol: member.security for symbol, member in self._members.items()}

    @property
    def selected(self) -> list[Symbol]:
        """What was selected last."""
        return list(self._selected)

    def dispose(self) -> None:
        """Ask for the universe's removal."""
        self.dispose_requested = True

    def _select(self, utc: int, rows: Sequence[Any]) -> list[Symbol]:
        raise NotImplementedError

    def _perform_selection(self, utc: int, rows: Sequence[Any]) -> list[Symbol]:
        """The selection, UNCHANGED when it is the set it was."""
        if self.dispose_requested:
            return self._told([])
        selection = self._select(utc, rows)
        if selection is UNCHANGED:
            return UNCHANGED
        unique = set(selection)
        if unique == self._previous:
            return UNCHANGED
        self._previous = unique
        return self._told(selection)

    def _told(self, selection: list[Symbol]) -> list[Symbol]:
        for listener in self.selection_changed:
            listener(selection)
        return selection

    def _can_remove(self, utc: int, security: "Security") -> bool:
        if self.dispose_requested or security.is_delisted:
            return True
        member = self._members.get(security.symbol)
        if member is None:
            return False
        minimum = self.universe_settings.minimum_time_in_universe // timedelta(microseconds=1)
        unit = next((unit for unit in (DAY, HOUR, MINUTE, SECOND) if minimum >= unit), 0)
        present = utc - member.added_utc
        return (_round(present, unit) if unit else present) >= minimum

    def _add_member(self, utc: int, security: "Security", is_internal: bool) -> bool:
        if self.dispose_requested or security.is_delisted or security.symbol in self._members:
            return False
        self._members[security.symbol] = Member(utc, security, is_internal)
        return True

    def _remove_member(self, utc: int, security: "Security") -> None:
        if self._can_remove(utc, security):
            self._members.pop(security.symbol, None)

    def _configs_of(self, security: "Security", manager: "DataManager") -> list[SubscriptionDataConfig]:
        """What to subscribe for a member."""
        settings = self.universe_settings
        return manager.add_configs(
            security.symbol,
            settings.resolution,
            fill_forward=settings.fill_forward,
            extended_hours=settings.extended_market_hours,
            data_normalization_mode=settings.data_normalization_mode,
        )


def _round(span: int, unit: int) -> int:
    """To the nearest multiple, halves up (TimeSpan.Round)."""
    return (span + unit // 2) // unit * unit


class UserDefinedUniverse(Universe):
    """Securities added by `add_equity` and its kin, one universe per security type and market."""

    user_defined = True

    def __init__(self, symbol: str, resolution: Resolution, settings: UniverseSettings) -> None:
        super().__init__(symbol, resolution, settings)
        self._configs: dict[Symbol, dict[tuple[object, ...], SubscriptionDataConfig]] = {}
        self._pending_removed: dict[Symbol, list[SubscriptionDataConfig]] = {}

    def _add_config(self, config: SubscriptionDataConfig) -> bool:
        known = self._configs.setdefault(config.symbol, {})
        if config._key in known:
            return False
        known[config._key] = config
        return True

    def _remove_symbol(self, symbol: Symbol) -> bool:
        removed = self._configs.pop(symbol, {})
        if removed:
            self._pending_removed.setdefault(symbol, []).extend(removed.values())
        return bool(removed)

    def _select(self, utc: int, rows: Sequence[Any]) -> list[Symbol]:
        del utc, rows
        return list(self._configs)

    def _remove_member(self, utc: int, security: "Security") -> None:
        if self._can_remove(utc, security):
            super()._remove_member(utc, security)
            self._remove_symbol(security.symbol)

    def _configs_of(self, security: "Security", manager: "DataManager") -> list[SubscriptionDataConfig]:
        del manager
        known = self._configs.get(security.symbol)
        return list(known.values()) if known else self._pending_removed.pop(security.symbol, [])


class OptionContractUniverse(UserDefinedUniverse):
    """Contracts added by `add_option_contract`, with their underlyings."""

    def _remove_symbol(self, symbol: Symbol) -> bool:
        if not super()._remove_symbol(symbol):
            return False
        underlying = symbol.underlying
        if underlying is not None and not any(other.underlying == underlying for other in self._configs):
            super()._remove_symbol(underlying)
        return True
