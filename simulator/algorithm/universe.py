"""Adding and removing securities and universes (the Add…/Remove… part of QCAlgorithm and QCAlgorithm.Universe)."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from simulator.algorithm.algorithm_base import AlgorithmBase
from simulator.algorithm.symbol_argument import equity_or_known, symbol_of
from simulator.common.enums import DataMappingMode, DataNormalizationMode, Resolution, SecurityType
from simulator.common.market import Market
from simulator.common.security_identifier import is_option, option_type_of
from simulator.common.symbol import Symbol
from simulator.common.symbol_cache import SymbolCache
from simulator.common.system_exceptions import ArgumentException, ArgumentOutOfRangeException
from simulator.common.time_zone import to_local
from simulator.data.market_hours_database import index_of_option_root
from simulator.engine.chain_universe import FuturesChainUniverse, OptionChainUniverse
from simulator.engine.continuous_future import ContinuousContractUniverse
from simulator.engine.subscription_data_config import SubscriptionDataConfig
from simulator.engine.universe import OptionContractUniverse, Universe, UserDefinedUniverse

if TYPE_CHECKING:
    from simulator.securities.security import Security

_SECURITY_NAMES: Final = (
    "leverage",
    "extended_market_hours",
    "data_mapping_mode",
    "data_normalization_mode",
    "contract_depth_offset",
)
_DEEPEST_OFFSET: Final = 2
_KIND_OF_ARGUMENT: Final[dict[type, str]] = {
    Resolution: "resolution",
    str: "market",
    DataMappingMode: "data_mapping_mode",
    DataNormalizationMode: "data_normalization_mode",
}


@dataclass(frozen=True)
class _Change:
    """A security that waits to enter or leave a user-defined universe at the end of the step."""

    universe: UserDefinedUniverse
    security: "Security"
    configs: list[SubscriptionDataConfig] | None

    @property
    def is_addition(self) -> bool:
        return self.configs is not None


class UniverseManager(dict[Any, Universe]):
    """`algorithm.universe_manager`: universes by symbol."""

    def _active(self) -> dict[Symbol, "Security"]:
        return {symbol: security for universe in self.values() for symbol, security in universe.members.items()}

    @property
    def active_securities(self) -> dict[Symbol, "Security"]:
        """Every security that is a member of a universe."""
        return self._active()


class UniverseMixin(AlgorithmBase):
    """The part of QCAlgorithm that adds and removes data."""

    def _engine_initialize_universes(self) -> None:
        self.universe_manager = UniverseManager()
        self._engine_pending_changes: list[_Change] = []
        self._engine_pending_universes: list[tuple[Universe, bool]] = []
        self._engine_raw_warnings: dict[Symbol, None] | None = {}
        self._engine_warned_of_index_root = False

    @property
    def active_securities(self) -> dict[Symbol, "Security"]:
        """Every security that is a member of a universe."""
        return self.universe_manager._active()

    # Equities and indices

    def add_equity(
        self,
        ticker: str,
        resolution: Resolution | None = None,
        market: str | None = None,
        fill_forward: bool = True,
        leverage: float = 0,
        extended_market_hours: bool = False,
        data_normalization_mode: DataNormalizationMode | None = None,
    ) -> Any:
        """Add a stock or fund."""
        mode = self.universe_settings.data_normalization_mode if data_normalization_mode is None else data_normalization_mode
        symbol = self._engine_symbol_for(ticker, SecurityType.EQUITY, market or Market.USA)
        return self._engine_add_plain(symbol, resolution, fill_forward, leverage, extended_market_hours, mode)

    def add_index(self, ticker: str, resolution: Resolution | None = None, market: str | None = None, fill_forward: bool = True) -> Any:
        """Add an index, which cannot be traded."""
        symbol = self._engine_symbol_for(ticker, SecurityType.INDEX, market or Market.USA)
        return self._engine_add_plain(symbol, resolution, fill_forward, 1, False, DataNormalizationMode.RAW)

    def _engine_symbol_for(self, ticker: str, security_type: SecurityType, market: str) -> Symbol:
        known = SymbolCache._try_get_symbol(ticker)
        if known is not None and known.id.market == market and known.security_type == security_type:
            return known
        return Symbol.create(ticker, security_type, market)

    def _engine_add_plain(
        self,
        symbol: Symbol,
        resolution: Resolution | None,
        fill_forward: bool,
        leverage: float,
        extended: bool,
        mode: DataNormalizationMode,
    ) -> Any:
        configs = self._engine_data_manager.add_configs(
            symbol, self._engine_resolution(resolution), fill_forward=fill_forward, extended_hours=extended, data_normalization_mode=mode
        )
        security = self._engine_create_security(symbol, configs, leverage)
        return self._engine_add_to_user_defined_universe(security, configs)

    def _engine_resolution(self, resolution: Resolution | None) -> Resolution:
        return self.universe_settings.resolution if resolution is None else resolution

    def add_security(
        self,
        symbol: Symbol | SecurityType,
        resolution: Any = None,
        fill_forward: Any = None,
        *rest: Any,
        **named: Any,
    ) -> Any:
        """Add a security by symbol, or by type and ticker (`add_security(SecurityType.EQUITY, "SPY", Resolution.MINUTE)`).

        `(symbol, resolution, fill_forward, leverage, extended_market_hours, data_mapping_mode, data_normalization_mode,
        contract_depth_offset)`, or `(type, ticker, resolution[, market], fill_forward[, leverage], extended_market_hours, …)`.
        """
        if isinstance(symbol, SecurityType):
            ticker = named.pop("ticker", None)
            given = [value for value in (resolution, fill_forward) if value is not None] + list(rest)
            return self._engine_add_by_type(symbol, given.pop(0) if ticker is None else ticker, given, named)
        options = dict(zip(_SECURITY_NAMES, rest, strict=False)) | named
        if unknown := options.keys() - set(_SECURITY_NAMES):
            raise TypeError(f"No method matches given arguments for add_security: {', '.join(sorted(unknown))}")
        return self._engine_add_symbol(symbol_of(symbol), resolution, fill_forward, options)

    def _engine_add_symbol(self, symbol: Symbol, resolution: Resolution | None, fill_forward: bool | None, options: dict[str, Any]) -> Any:
        settings = self.universe_settings
        fill = settings.fill_forward if fill_forward is None else fill_forward
        extended = options.get("extended_market_hours")
        extended = settings.extended_market_hours if extended is None else extended
        leverage, mode = options.get("leverage", 0), options.get("data_normalization_mode")
        if symbol.is_canonical():
            modes = (options.get("data_mapping_mode"), mode, options.get("contract_depth_offset", 0))
            return self._engine_add_canonical(symbol, resolution, fill, leverage, extended, modes)
        if is_option(symbol.security_type):
            return self.add_option_contract(symbol, resolution, fill, leverage, extended)
        return self._engine_add_plain(
            symbol, resolution, fill, leverage, extended, DataNormalizationMode.ADJUSTED if mode is None else mode
        )

    def _engine_add_by_type(self, security_type: SecurityType, ticker: str, given: list[Any], named: dict[str, Any]) -> Any:
        """Arguments after the ticker are told apart by what they are: a market is text, a leverage a number that is not true or false."""
        options = dict(named)
        flags = [name for name in ("fill_forward", "extended_market_hours") if name not in options]
        for value in given:
            if isinstance(value, bool) and flags:
                options[flags.pop(0)] = value
            else:
                options[_KIND_OF_ARGUMENT.get(type(value), "leverage")] = value
        resolution, fill, market = (options.pop(name, None) for name in ("resolution", "fill_forward", "market"))
        if security_type == SecurityType.OPTION:
            return self.add_option(ticker, resolution, market=market, fill_forward=fill, leverage=options.get("leverage", 0))
        if security_type == SecurityType.FUTURE:
            return self.add_future(ticker, resolution, market, fill, **options)
        if security_type == SecurityType.INDEX_OPTION:
            return self.add_index_option(ticker, resolution, market=market, fill_forward=True if fill is None else fill)
        if security_type not in {SecurityType.EQUITY, SecurityType.INDEX}:
            raise ArgumentException(f"add_security cannot add a {security_type} by ticker here; use its symbol.")
        return self._engine_add_symbol(self._engine_symbol_for(ticker, security_type, market or Market.USA), resolution, fill, options)

    # Options

    def add_option(
        self,
        underlying: Symbol | str,
        target_option: str | Resolution | None = None,
        resolution: Resolution | None = None,
        market: str | None = None,
        fill_forward: bool | None = None,
        leverage: float = 0,
    ) -> Any:
        """Add an option chain; `set_filter` of the result chooses contracts."""
        if isinstance(target_option, Resolution):
            target_option, resolution = None, target_option
        if isinstance(underlying, str):
            underlying = self._engine_symbol_for(underlying, SecurityType.EQUITY, market or Market.USA)
        canonical = self._engine_canonical(symbol_of(underlying), target_option, market)
        return self.add_security(canonical, resolution, fill_forward, leverage)

    def _engine_canonical(self, underlying: Symbol, target: str | None, market: str | None) -> Symbol:
        alias = f"?{target or underlying.value}"
        known = SymbolCache._try_get_symbol(alias)
        if known is not None and known.security_type == option_type_of(underlying.security_type):
            return known
        return Symbol.create_canonical_option(underlying, target or None, market or underlying.id.market, alias)

    def add_index_option(
        self,
        underlying: Symbol | str,
        target_option: str | Resolution | None = None,
        resolution: Resolution | None = None,
        market: str | None = None,
        fill_forward: bool = True,
    ) -> Any:
        """Add the option chain of an index, of one of its roots (`target_option="SPXW"`) if named."""
        if isinstance(target_option, Resolution):
            target_option, resolution = None, target_option
        if isinstance(underlying, str):
            index = underlying if target_option is not None else index_of_option_root(underlying)
            if index.upper() != underlying.upper():
                self._engine_warn_of_index_root(underlying, index)
                target_option = underlying
            underlying = self._engine_symbol_for(index, SecurityType.INDEX, market or Market.USA)
        underlying = symbol_of(underlying)
        if underlying.security_type != SecurityType.INDEX:
            raise ArgumentException("Symbol provided must be of type SecurityType.Index")
        return self.add_security(self._engine_canonical(underlying, target_option, market), resolution, fill_forward)

    def _engine_warn_of_index_root(self, root: str, index: str) -> None:
        if not self._engine_warned_of_index_root:
            self._engine_warned_of_index_root = True
            self.debug(
                f"Warning: '{root}' is an index option ticker, using index '{index}' as the underlying and '{root}' as the target option."
            )

    def add_index_option_contract(self, symbol: Symbol, resolution: Resolution | None = None, fill_forward: bool = True) -> Any:
        """Add one index option."""
        symbol = symbol_of(symbol)
        if symbol.security_type != SecurityType.INDEX_OPTION or symbol.is_canonical():
            raise ArgumentException("Symbol provided must be non-canonical and of type SecurityType.IndexOption")
        return self.add_option_contract(symbol, resolution, fill_forward)

    def add_future_option_contract(
        self,
        symbol: Symbol,
        resolution: Resolution | None = None,
        fill_forward: bool = True,
        leverage: float = 0,
        extended_market_hours: bool = False,
    ) -> Any:
        """Add one option on a future contract."""
        symbol = symbol_of(symbol)
        if symbol.is_canonical():
            raise ArgumentException("Expected non-canonical Symbol (i.e. a Symbol representing a specific Future contract")
        return self.add_option_contract(symbol, resolution, fill_forward, leverage, extended_market_hours)

    def add_option_contract(
        self,
        symbol: Symbol,
        resolution: Resolution | None = None,
        fill_forward: bool = True,
        leverage: float = 0,
        extended_market_hours: bool = False,
    ) -> Any:
        """Add one option, and its underlying when it is missing.

        Raises:
            ArgumentException: no option; or after `initialize`, the underlying equity is not raw or is delisted.
        """
        symbol = symbol_of(symbol)
        if not is_option(getattr(symbol, "security_type", SecurityType.BASE)) or symbol.underlying is None:
            raise ArgumentException(
                f"Unexpected option symbol {symbol}. Please provide a valid option contract with it's underlying symbol set."
            )
        resolution = self._engine_resolution(resolution)
        underlying = self._engine_underlying_of(symbol, resolution, fill_forward, leverage, extended_market_hours)
        underlying_configs = self._engine_data_manager.configs_of(symbol.underlying)
        configs = self._engine_data_manager.add_configs(
            symbol,
            resolution,
            fill_forward=fill_forward,
            extended_hours=extended_market_hours,
            data_normalization_mode=DataNormalizationMode.RAW,
        )
        option = self._engine_create_security(symbol, configs, leverage, underlying=underlying)
        for config in underlying_configs:
            config.data_normalization_mode = DataNormalizationMode.RAW
        self.securities._add(option)
        universe = self._engine_option_contract_universe(symbol, underlying_configs, extended_market_hours)
        self._engine_pending_changes.append(_Change(universe, option, [*configs, *underlying_configs]))
        return option

    def _engine_underlying_of(
        self, symbol: Symbol, resolution: Resolution, fill_forward: bool, leverage: float, extended: bool
    ) -> "Security":
        wanted = symbol.underlying
        assert wanted is not None  # noqa: S101 - the caller has checked
        known: Security | None = self.securities._try_get(wanted)
        configs = self._engine_data_manager.configs_of(wanted)
        if known is None or (not known.is_tradable and not configs):
            added: Security = self.add_security(wanted, resolution, fill_forward, leverage, extended)
            return added
        if known.is_delisted:
            raise ArgumentException(
                f"The underlying {wanted.security_type} asset ({wanted.value}) is delisted (current time is {to_local(self._utc, self.time_zone)})"
            )
        mode = max((config.data_normalization_mode for config in configs), default=DataNormalizationMode.RAW)
        if symbol.security_type == SecurityType.OPTION and mode != DataNormalizationMode.RAW and self._engine_locked:
            raise ArgumentException(
                f"The underlying {wanted.security_type} asset ({wanted.value}) is set to {mode}, please change this to "
                "DataNormalizationMode.Raw with the SetDataNormalization() method"
            )
        return known

    def _engine_option_contract_universe(
        self, symbol: Symbol, underlying_configs: list[SubscriptionDataConfig], extended: bool
    ) -> UserDefinedUniverse:
        assert symbol.underlying is not None  # noqa: S101 - an option has one
        key = f"qc-universe-optioncontract-{symbol.underlying.security_type.name.lower()}-{symbol.id.market}"
        known = self.universe_manager.get(key)
        if isinstance(known, UserDefinedUniverse):
            return known
        finest = min((config.resolution for config in underlying_configs), default=self.universe_settings.resolution)
        settings = self.universe_settings._copy(
            data_normalization_mode=DataNormalizationMode.RAW, resolution=finest, extended_market_hours=extended
        )
        universe = OptionContractUniverse(key, finest, settings)
        self._engine_add_universe(universe)
        return universe

    # Futures

    def add_future(
        self,
        ticker: str,
        resolution: Resolution | None = None,
        market: str | None = None,
        fill_forward: bool | None = None,
        leverage: float = 0,
        extended_market_hours: bool | None = None,
        data_mapping_mode: DataMappingMode | None = None,
        data_normalization_mode: DataNormalizationMode | None = None,
        contract_depth_offset: int = 0,
    ) -> Any:
        """Add a continuous future; `set_filter` of the result also subscribes its contracts."""
        market = market or self._engine_folder_market(ticker)
        alias = f"/{ticker}"
        known = SymbolCache._try_get_symbol(alias)
        if known is None or known.security_type != SecurityType.FUTURE or known.id.market != market:
            known = Symbol.create(ticker, SecurityType.FUTURE, market, alias)
        return self.add_security(
            known,
            resolution,
            fill_forward,
            leverage=leverage,
            extended_market_hours=extended_market_hours,
            data_mapping_mode=data_mapping_mode,
            data_normalization_mode=data_normalization_mode,
            contract_depth_offset=contract_depth_offset,
        )

    def _engine_folder_market(self, ticker: str) -> str:
        return self._engine_folder.symbol_properties.try_get_market(ticker, SecurityType.FUTURE) or Market.CME

    def add_future_contract(
        self,
        symbol: Symbol,
        resolution: Resolution | None = None,
        fill_forward: bool = True,
        leverage: float = 0,
        extended_market_hours: bool = False,
    ) -> Any:
        """Add one future contract."""
        symbol = symbol_of(symbol)
        return self._engine_add_plain(symbol, resolution, fill_forward, leverage, extended_market_hours, DataNormalizationMode.ADJUSTED)

    def _engine_add_canonical(
        self,
        symbol: Symbol,
        resolution: Resolution | None,
        fill_forward: bool,
        leverage: float,
        extended: bool,
        modes: tuple[Any, Any, int],
    ) -> Any:
        """The security that stands for a chain, and the universes that fill it."""
        security = self._engine_create_security(symbol, [], leverage)
        security.is_tradable = False
        self.securities._add(security)
        if symbol in self.universe_manager:
            return security
        settings = self.universe_settings._copy(
            resolution=self._engine_resolution(resolution), leverage=leverage, fill_forward=fill_forward, extended_market_hours=extended
        )
        if is_option(symbol.security_type):
            self._engine_add_universe(OptionChainUniverse(security, settings._copy(data_normalization_mode=DataNormalizationMode.RAW)))
            return security
        mapping, normalization, offset = modes
        if abs(offset) > _DEEPEST_OFFSET:
            raise ArgumentOutOfRangeException(
                f"'contractDepthOffset' current maximum value is {_DEEPEST_OFFSET}. Front month (0) and only {_DEEPEST_OFFSET} back month "
                "contracts are currently supported. (Parameter 'contractDepthOffset')"
            )
        continuous = settings._copy(
            data_mapping_mode=settings._mapping_of(symbol.id.market) if mapping is None else mapping,
            data_normalization_mode=settings._normalization_of(symbol.security_type) if normalization is None else normalization,
            contract_depth_offset=abs(offset),
        )
        universe = ContinuousContractUniverse(self, security, continuous)
        universe._configs_of(security, self._engine_data_manager)
        self._engine_add_universe(universe)
        contracts = settings._copy(data_normalization_mode=DataNormalizationMode.RAW)
        self._engine_add_universe(FuturesChainUniverse(security, contracts))
        return security

    # Universes

    def _engine_add_universe(self, universe: Universe) -> None:
        if universe.symbol not in self.universe_manager:
            self.universe_manager[universe.symbol] = universe
            self._engine_pending_universes.append((universe, True))

    def _engine_add_to_user_defined_universe(self, security: "Security", configs: list[SubscriptionDataConfig]) -> "Security":
        known = self.securities._try_get(security.symbol)
        if known is None:
            self.securities._add(security)
        elif all(config.is_internal for config in known._subscriptions) and not configs[0].is_internal:
            self.securities._remove(security.symbol)
            self.securities._add(security)
        key = f"qc-universe-userdefined-{security.symbol.id.market}-{security.type.name.lower()}"
        universe = self.universe_manager.get(key)
        if not isinstance(universe, UserDefinedUniverse):
            settings = self.universe_settings._copy(resolution=configs[0].resolution, minimum_time_in_universe=timedelta())
            universe = UserDefinedUniverse(key, configs[0].resolution, settings)
            self._engine_add_universe(universe)
        self._engine_pending_changes.append(_Change(universe, security, configs))
        return security

    def _engine_on_end_of_time_step(self) -> None:
        """Let what was added or removed in this step take effect: universes select again, at once or one tick later."""
        if not self._engine_pending_changes and not self._engine_pending_universes:
            return
        self._engine_link_underlyings()
        for change in self._engine_pending_changes:
            universe = change.universe
            if change.configs is not None:
                added = [universe._add_config(config) for config in change.configs]
                changed = any(added)
            else:
                changed = universe._remove_symbol(change.security.symbol)
            if (
                changed
                and universe.symbol in self.universe_manager
                and all(universe is not other for other, _ in self._engine_pending_universes)
            ):
                self._engine_pending_universes.append((universe, change.is_addition))
        pending, self._engine_pending_universes = self._engine_pending_universes, []
        self._engine_pending_changes.clear()
        for waiting, is_addition in pending:
            self._engine_feed.start_universe(waiting, is_addition=is_addition)
        self._engine_warn_about_raw_prices()

    def _engine_link_underlyings(self) -> None:
        changed = [change.security for change in self._engine_pending_changes if change.is_addition]
        known = self.securities.values()
        with_options = {security.symbol.underlying for security in known if security.symbol.underlying is not None}
        for security in [*known, *(security for security in changed if security not in known)]:
            if security.type == SecurityType.EQUITY and security.symbol in with_options:
                self._engine_configure_underlying(security)
            underlying_symbol = security.symbol.underlying
            if underlying_symbol is None or not is_option(security.type):
                continue
            underlying = self.securities._try_get(underlying_symbol) or self._engine_add_underlying(security)
            if underlying.type == SecurityType.EQUITY:
                self._engine_configure_underlying(underlying)
            setattr(security, "underlying", underlying)  # noqa: B010 - only options have one

    def _engine_add_underlying(self, option: "Security") -> "Security":
        universe = self.universe_manager.get(option.symbol)
        configs = self._engine_data_manager.configs_of(option.symbol)
        resolution = min((config.resolution for config in configs), default=self.universe_settings.resolution)
        fill_forward = all(config.fill_forward for config in configs)
        if universe is not None:
            resolution, fill_forward = universe.universe_settings.resolution, universe.universe_settings.fill_forward
        assert option.symbol.underlying is not None  # noqa: S101 - the caller has checked
        added: Security = self._engine_add_plain(option.symbol.underlying, resolution, fill_forward, 0, False, DataNormalizationMode.RAW)
        return added

    def _engine_configure_underlying(self, security: "Security") -> None:
        configs = self._engine_data_manager.configs_of(security.symbol)
        if any(config.data_normalization_mode != DataNormalizationMode.RAW for config in configs):
            if self._engine_raw_warnings is not None:
                self._engine_raw_warnings[security.symbol] = None
            for config in configs:
                config.data_normalization_mode = DataNormalizationMode.RAW

    def _engine_warn_about_raw_prices(self) -> None:
        if self._engine_raw_warnings:
            names = ", ".join(symbol.value for symbol in list(self._engine_raw_warnings)[:10])
            self.debug(f"Warning: The following securities were set to raw price normalization mode to work with options: {names}...")
            self._engine_raw_warnings = None

    # Removal

    def remove_security(self, symbol: Symbol, tag: str | None = None) -> bool:
        """Cancel its orders, close its holding, stop its data; whether the symbol was known."""
        symbol = equity_or_known(symbol)
        security = self.securities._try_get(symbol)
        if security is None:
            return False
        tag = "Removed" if tag is None else tag
        if not self.is_warming_up:
            self.transactions.cancel_open_orders(security.symbol, tag)
        if security.invested:
            self.liquidate(security.symbol, tag=tag)
        security._reset()
        if symbol.is_canonical():
            self._engine_remove_chain(symbol, tag)
            return True
        self._engine_pending_changes = [change for change in self._engine_pending_changes if change.security.symbol != symbol]
        for universe in self.universe_manager.values():
            if isinstance(universe, UserDefinedUniverse) and symbol in universe._members:
                self._engine_pending_changes.append(_Change(universe, security, None))
        return True

    def remove_option_contract(self, symbol: Symbol, tag: str | None = None) -> bool:
        """Same as `remove_security`."""
        return self.remove_security(symbol, tag)

    def _engine_remove_chain(self, symbol: Symbol, tag: str) -> None:
        keys = [key for key in self.universe_manager if key == symbol or key == ContinuousContractUniverse.key_of(symbol)]
        for key in keys:
            universe = self.universe_manager[key]
            others = [other for other in self.universe_manager.values() if other is not universe]
            members = sorted(universe.members.values(), key=lambda security: security.symbol)
            for child in members:
                if not child.symbol.is_canonical() and not any(child.symbol in other._members for other in others):
                    self.remove_security(child.symbol, tag)
            del self.universe_manager[key]
            universe.dispose()
            self._engine_feed.dispose_universe(universe)
