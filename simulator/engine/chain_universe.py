"""Universes of option and futures chains (LEAN's OptionChainUniverse, FuturesChainUniverse)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from simulator.common.enums import DataNormalizationMode, Resolution
from simulator.common.symbol import Symbol
from simulator.common.time_zone import to_local
from simulator.engine.future_filter_universe import FutureFilterUniverse
from simulator.engine.option_filter_universe import OptionFilterUniverse
from simulator.engine.subscription_data_config import SubscriptionDataConfig
from simulator.engine.universe import Universe, UniverseSettings

if TYPE_CHECKING:
    from simulator.engine.data_manager import DataManager
    from simulator.securities.security import Security


class ChainUniverse(Universe):
    """Base: fed by one file a day; the canonical security holds the filter."""

    def __init__(self, security: "Security", settings: UniverseSettings) -> None:
        super().__init__(security.symbol, Resolution.DAILY, settings)
        self.security: Any = security


class OptionChainUniverse(ChainUniverse):
    """The underlying and the contracts that the canonical option's filter keeps."""

    def __init__(self, security: "Security", settings: UniverseSettings) -> None:
        super().__init__(security, settings)
        self._filter = OptionFilterUniverse(self.security)

    def _select(self, utc: int, rows: Sequence[Any]) -> list[Symbol]:
        self._filter._refresh(rows, to_local(utc, self.security.exchange.time_zone))
        chosen = self._filter._apply(self.security._contract_filter)
        return [self.symbol.underlying, *chosen]  # type: ignore[list-item, union-attr]  # a canonical option has an underlying

    def _configs_of(self, security: "Security", manager: "DataManager") -> list[SubscriptionDataConfig]:
        if security.symbol == self.symbol.underlying:  # type: ignore[union-attr]  # as above
            security.set_data_normalization_mode(DataNormalizationMode.RAW)
        return super()._configs_of(security, manager)


class FuturesChainUniverse(ChainUniverse):
    """The contracts that the continuous future's filter keeps; none without a filter."""

    def _select(self, utc: int, rows: Sequence[Any]) -> list[Symbol]:
        if self.security._contract_filter is None:
            return []
        universe = FutureFilterUniverse(rows, to_local(utc, self.security.exchange.time_zone))
        return universe._apply(self.security._contract_filter)
