"""`algorithm.subscription_manager`: where consolidators are attached (Common/Data/SubscriptionManager.cs)."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from simulator.algorithm.symbol_argument import symbol_of
from simulator.engine.consolidator import DataConsolidator

if TYPE_CHECKING:
    from simulator.engine.subscription_data_config import SubscriptionDataConfig


class SubscriptionManager:
    """Mirrors SubscriptionManager for what algorithms use of it.

    Args:
        algorithm: whose subscriptions these are.
    """

    def __init__(self, algorithm: Any) -> None:
        self._algorithm = algorithm

    @property
    def subscriptions(self) -> "Iterable[SubscriptionDataConfig]":
        """What the algorithm is subscribed to."""
        symbols = list(self._algorithm.securities.keys())
        return [config for symbol in symbols for config in self._algorithm._engine_data_manager.configs_of(symbol)]

    def add_consolidator(self, symbol: Any, consolidator: DataConsolidator, tick_type: Any = None) -> None:
        """Feed a consolidator with a symbol's bars, of the kind it takes."""
        del tick_type
        self._algorithm._engine_add_consolidator(symbol_of(symbol), consolidator)

    def remove_consolidator(self, symbol: Any, consolidator: DataConsolidator) -> None:
        """Feed it no longer."""
        for config in self._algorithm._engine_data_manager.configs_of(symbol_of(symbol)):
            if consolidator in config.consolidators:
                config.consolidators.remove(consolidator)
        self._algorithm._engine_data_manager.consolidators_changed()
