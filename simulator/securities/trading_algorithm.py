"""What securities, orders and brokerage ask of the algorithm they belong to."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from simulator.brokerages.brokerage_model import BrokerageModel
    from simulator.orders.order_event import OrderEvent
    from simulator.orders.transaction_manager import SecurityTransactionManager
    from simulator.securities.portfolio import SecurityPortfolioManager
    from simulator.securities.security_manager import SecurityManager


class TradingSettings(Protocol):
    """The part of AlgorithmSettings that trading reads."""

    stale_price_time_span: timedelta
    liquidate_enabled: bool
    seed_initial_prices: bool
    free_portfolio_value: float | None
    free_portfolio_value_percentage: float
    minimum_order_margin_portfolio_percentage: float
    max_absolute_portfolio_target_percentage: float
    min_absolute_portfolio_target_percentage: float


class Clock(Protocol):
    """Something that knows the time."""

    _utc: int


class TradingAlgorithm(Clock, Protocol):
    """The part of QCAlgorithm that trading reads and calls."""

    is_warming_up: bool
    securities: "SecurityManager"
    portfolio: "SecurityPortfolioManager"
    transactions: "SecurityTransactionManager"
    brokerage_model: "BrokerageModel"
    settings: Any

    security_initializer: Any
    trade_builder: Any
    _engine_slice_events: list[Any]

    @property
    def current_slice(self) -> Any:
        """All data of the present step."""

    def get_last_known_prices(self, symbol: Any) -> Any:
        """The last points of a security before now."""

    def _engine_set_runtime_error(self, error: Exception, context: str) -> None:
        """Stops the algorithm at the next check."""

    def debug(self, message: Any) -> None:
        """Writes a debug message."""

    def error(self, message: Any) -> None:
        """Writes an error message."""

    def on_order_event(self, order_event: "OrderEvent") -> None:
        """Tells the algorithm what happened to an order."""

    def on_assignment_order_event(self, assignment_event: "OrderEvent") -> None:
        """Tells the algorithm that a short option was assigned."""
