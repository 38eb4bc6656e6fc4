"""What the parts of QCAlgorithm know of each other."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulator.algorithm.settings import AlgorithmSettings
    from simulator.data.data_folder import DataFolder
    from simulator.engine.data_manager import DataManager
    from simulator.engine.history_provider import HistoryProvider
    from simulator.engine.subscription_data_config import SubscriptionDataConfig
    from simulator.engine.universe import UniverseSettings
    from simulator.engine.universe_feed import UniverseFeed
    from simulator.orders.transaction_manager import SecurityTransactionManager
    from simulator.securities.portfolio import SecurityPortfolioManager
    from simulator.securities.security import Security
    from simulator.securities.security_manager import SecurityManager


class AlgorithmBase:
    """State that `QCAlgorithm._engine_prepare` sets and several parts use."""

    if TYPE_CHECKING:
        _utc: int
        _engine_locked: bool
        _engine_folder: DataFolder
        _engine_data_manager: DataManager
        _engine_feed: UniverseFeed
        _engine_history_provider: HistoryProvider
        is_warming_up: bool
        settings: AlgorithmSettings
        securities: SecurityManager
        portfolio: SecurityPortfolioManager
        transactions: SecurityTransactionManager
        universe_settings: UniverseSettings
        brokerage_model: Any
        security_initializer: Any
        debug: Any
        error: Any
        liquidate: Any
        add_security: Any
        _engine_can_auto_add: Any
        _engine_exchange_hours: Any

        @property
        def time_zone(self) -> str:
            """See ConfigurationMixin."""

        def _engine_create_security(
            self,
            symbol: Any,
            configs: list[SubscriptionDataConfig],
            leverage: float,
            underlying: Security | None = None,
        ) -> Security:
            """See QCAlgorithm."""

        def _engine_create_benchmark_security(self, symbol: Any) -> Security:
            """See QCAlgorithm."""
