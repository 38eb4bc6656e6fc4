"""Continuous futures: which contract they stand for, their price factors, their rolls (LEAN's ContinuousContractUniverse, MappingEventProvider)."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from simulator.common.bars import BaseData, SymbolChangedEvent
from simulator.common.enums import DataNormalizationMode, Resolution
from simulator.common.symbol import Symbol
from simulator.common.time_zone import local_date, midnight_utc
from simulator.data.factor_file import MappingContractFactors
from simulator.data.security_exchange_hours import SecurityExchangeHours
from simulator.engine.bar_source import Addend
from simulator.engine.corporate_events import tradable_dates
from simulator.engine.subscription_data_config import SubscriptionDataConfig
from simulator.engine.universe import Universe, UniverseSettings

if TYPE_CHECKING:
    from simulator.data.data_folder import DataFolder
    from simulator.engine.data_manager import DataManager
    from simulator.securities.security import Security

_ONE_DAY: Final = timedelta(days=1)
_PANAMA: Final = frozenset({DataNormalizationMode.FORWARD_PANAMA_CANAL, DataNormalizationMode.BACKWARDS_PANAMA_CANAL})


class ContinuousFuture:
    """The roll rules of one configuration of a continuous future."""

    def __init__(self, folder: "DataFolder", config: SubscriptionDataConfig) -> None:
        self._folder = folder
        self._config = config

    def mapped(self, day: date) -> Symbol | None:
        """The contract of a date."""
        config = self._config
        return self._folder.mapped_contract(config.symbol, day, config.data_mapping_mode, config.contract_depth_offset)

    def price_factor(self, day: date) -> Decimal:
        """What a date's prices are multiplied with, or what is added to them."""
        config, mode = self._config, self._config.data_normalization_mode
        factors = self._folder.mapping_factors(config.symbol) or MappingContractFactors(())
        factor = factors.get_price_factor(day, mode, config.data_mapping_mode, config.contract_depth_offset)
        return Addend(factor) if mode in _PANAMA else factor

    def events(self, hours: SecurityExchangeHours, start_utc: int, end_utc: int) -> list[BaseData]:
        """A change of contract, told at the midnight of the first date of the new one."""
        found: list[BaseData] = []
        previous: Symbol | None = None
        for day in tradable_dates(hours, start_utc, end_utc, self._config.extended_hours):
            current = self.mapped(day)
            if previous is not None and current is not None and current != previous:
                midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - exchange time
                event = SymbolChangedEvent(self._config.symbol, midnight, str(previous.id), str(current.id))
                utc = midnight_utc(day, hours.time_zone)
                event._set_span(utc, utc, hours.time_zone)
                found.append(event)
            previous = current or previous
        return found


class ContinuousContractUniverse(Universe):
    """Selects the canonical security and, as an internal subscription, the contract it stands for."""

    def __init__(self, algorithm: Any, security: "Security", settings: UniverseSettings) -> None:
        super().__init__(self.key_of(security.symbol), Resolution.DAILY, settings)
        self._algorithm = algorithm
        self.security: Any = security
        self._current: Symbol | None = None

    @staticmethod
    def key_of(symbol: Symbol) -> str:
        """Name of the universe of a continuous future."""
        return f"qc-universe-continuous-{symbol.id.market}-future-{symbol.id.symbol}".lower()

    def trigger_times(self, start_utc: int, end_utc: int) -> list[int]:
        """Midnights of the dates with a session, from the start on."""
        hours = self.security.exchange.hours
        days = tradable_dates(hours, start_utc, end_utc, self.universe_settings.extended_market_hours)
        return [utc for utc in (midnight_utc(day, hours.time_zone) for day in days) if utc >= start_utc]

    def _select(self, utc: int, rows: Sequence[Any]) -> list[Symbol]:
        del rows
        canonical = self.security.symbol
        selection = [canonical]
        day = local_date(utc, self.security.exchange.time_zone)
        settings = self.universe_settings
        mapped = self._algorithm._engine_folder.mapped_contract(
            canonical, day, settings.data_mapping_mode, abs(settings.contract_depth_offset)
        )
        if mapped is not None and mapped != self._current:
            if self._current is not None:
                selection.append(self._current)
            self._current = mapped
        if self._current is not None:
            self.security.mapped = self._current
            selection.append(self._current)
        return selection

    def _configs_of(self, security: "Security", manager: "DataManager") -> list[SubscriptionDataConfig]:
        settings = self.universe_settings
        return manager.add_configs(
            security.symbol,
            settings.resolution,
            fill_forward=settings.fill_forward,
            extended_hours=settings.extended_market_hours,
            is_internal=not security.symbol.is_canonical(),
            data_normalization_mode=settings.data_normalization_mode,
            data_mapping_mode=settings.data_mapping_mode,
            contract_depth_offset=settings.contract_depth_offset,
        )
