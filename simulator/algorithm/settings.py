"""Switches of an algorithm (LEAN's AlgorithmSettings)."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from simulator.common.enums import Resolution


@dataclass
class AlgorithmSettings:
    """`algorithm.settings`, with LEAN's defaults."""

    free_portfolio_value: float | None = None
    free_portfolio_value_percentage: float = 0.0025
    minimum_order_margin_portfolio_percentage: float = 0.001
    max_absolute_portfolio_target_percentage: float = 1_000_000_000
    min_absolute_portfolio_target_percentage: float = 0.0000000001
    stale_price_time_span: timedelta = field(default_factory=lambda: timedelta(hours=1))
    daily_precise_end_time: bool = True
    liquidate_enabled: bool = True
    seed_initial_prices: bool = False
    automatic_indicator_warm_up: bool = False
    warmup_resolution: Resolution | None = None
    warm_up_resolution: Resolution | None = None
    trading_days_per_year: int | None = None
    data_subscription_limit: int = 2**31 - 1
    performance_sample_period: timedelta = field(default_factory=timedelta)
    ignore_unknown_asset_holdings: bool = True
    rebalance_portfolio_on_insight_changes: bool | None = None
    rebalance_portfolio_on_security_changes: bool | None = None
    databases_refresh_period: timedelta = field(default_factory=lambda: timedelta(days=1))
    _extra: dict[str, Any] = field(default_factory=dict, repr=False)
