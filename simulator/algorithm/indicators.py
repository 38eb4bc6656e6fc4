"""Indicators of QCAlgorithm: moving averages and average true range, fed automatically (QCAlgorithm.Indicators.cs)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from simulator.algorithm.algorithm_base import AlgorithmBase
from simulator.algorithm.symbol_argument import symbol_of
from simulator.common.bars import BaseData, QuoteBar, TradeBar
from simulator.common.enums import MovingAverageType, Resolution
from simulator.common.period import to_time_span
from simulator.common.symbol import Symbol
from simulator.common.system_exceptions import ArgumentException
from simulator.engine.compound_indicators import (
    BollingerBands,
    Identity,
    Momentum,
    MomentumPercent,
    MovingAverageConvergenceDivergence,
    RateOfChange,
    RateOfChangePercent,
)
from simulator.engine.consolidator import (
    DataConsolidator,
    IdentityDataConsolidator,
    MarketHourAwareConsolidator,
    QuoteBarConsolidator,
    TradeBarConsolidator,
)
from simulator.engine.indicator import (
    AverageTrueRange,
    ExponentialMovingAverage,
    IndicatorBase,
    Maximum,
    Minimum,
    RelativeStrengthIndex,
    SimpleMovingAverage,
    StandardDeviation,
)

Selector = Callable[[Any], Any]

_UNITS = {Resolution.TICK: "tick", Resolution.SECOND: "sec", Resolution.MINUTE: "min", Resolution.HOUR: "hr", Resolution.DAILY: "day"}


class IndicatorMixin(AlgorithmBase):
    """The indicator part of QCAlgorithm."""

    def _engine_registered(self, indicator: IndicatorBase, symbol: Any, resolution: Any, selector: Selector | None) -> Any:
        symbol = symbol_of(symbol)
        indicator.name = self.create_indicator_name(symbol, indicator.name, resolution)
        self.register_indicator(symbol, indicator, resolution, selector)
        if self.settings.automatic_indicator_warm_up:
            self.warm_up_indicator(symbol, indicator, resolution, selector)
        return indicator

    def sma(
        self, symbol: Symbol, period: int, resolution: Resolution | None = None, selector: Selector | None = None
    ) -> SimpleMovingAverage:
        """Simple moving average."""
        return self._engine_registered(SimpleMovingAverage(period), symbol, resolution, selector)  # type: ignore[no-any-return]

    def ema(
        self, symbol: Symbol, period: int, resolution: Resolution | None = None, selector: Selector | None = None
    ) -> ExponentialMovingAverage:
        """Exponential moving average."""
        return self._engine_registered(ExponentialMovingAverage(period), symbol, resolution, selector)  # type: ignore[no-any-return]

    def std(self, symbol: Symbol, period: int, resolution: Resolution | None = None, selector: Selector | None = None) -> StandardDeviation:
        """Standard deviation of the population."""
        return self._engine_registered(StandardDeviation(period), symbol, resolution, selector)  # type: ignore[no-any-return]

    def max(self, symbol: Symbol, period: int, resolution: Resolution | None = None, selector: Selector | None = None) -> Maximum:
        """Highest value."""
        return self._engine_registered(Maximum(period), symbol, resolution, selector)  # type: ignore[no-any-return]

    def min(self, symbol: Symbol, period: int, resolution: Resolution | None = None, selector: Selector | None = None) -> Minimum:
        """Lowest value."""
        return self._engine_registered(Minimum(period), symbol, resolution, selector)  # type: ignore[no-any-return]

    def atr(
        self,
        symbol: Symbol,
        period: int,
        type: Any = None,
        resolution: Resolution | None = None,
        selector: Selector | None = None,
    ) -> AverageTrueRange:
        """Average true range; `type` is MovingAverageType.SIMPLE (default) or WILDERS."""
        return self._engine_registered(AverageTrueRange(period, type), symbol, resolution, selector)  # type: ignore[no-any-return]

    def rsi(
        self,
        symbol: Symbol,
        period: int,
        moving_average_type: Any = None,
        resolution: Resolution | None = None,
        selector: Selector | None = None,
    ) -> RelativeStrengthIndex:
        """Relative strength index."""
        return self._engine_registered(RelativeStrengthIndex(period, moving_average_type), symbol, resolution, selector)  # type: ignore[no-any-return]

    def macd(
        self,
        symbol: Symbol,
        fast_period: int,
        slow_period: int,
        signal_period: int,
        type: Any = MovingAverageType.EXPONENTIAL,
        resolution: Resolution | None = None,
        selector: Selector | None = None,
    ) -> MovingAverageConvergenceDivergence:
        """Moving average convergence divergence."""
        made = MovingAverageConvergenceDivergence(fast_period, slow_period, signal_period, type)
        return self._engine_registered(made, symbol, resolution, selector)  # type: ignore[no-any-return]

    def bb(
        self,
        symbol: Symbol,
        period: int,
        k: float,
        moving_average_type: Any = MovingAverageType.SIMPLE,
        resolution: Resolution | None = None,
        selector: Selector | None = None,
    ) -> BollingerBands:
        """Bollinger bands."""
        return self._engine_registered(BollingerBands(period, k, moving_average_type), symbol, resolution, selector)  # type: ignore[no-any-return]

    def mom(self, symbol: Symbol, period: int, resolution: Resolution | None = None, selector: Selector | None = None) -> Momentum:
        """Momentum."""
        return self._engine_registered(Momentum(period), symbol, resolution, selector)  # type: ignore[no-any-return]

    def momp(self, symbol: Symbol, period: int, resolution: Resolution | None = None, selector: Selector | None = None) -> MomentumPercent:
        """Momentum in percent."""
        return self._engine_registered(MomentumPercent(period), symbol, resolution, selector)  # type: ignore[no-any-return]

    def roc(self, symbol: Symbol, period: int, resolution: Resolution | None = None, selector: Selector | None = None) -> RateOfChange:
        """Rate of change."""
        return self._engine_registered(RateOfChange(period), symbol, resolution, selector)  # type: ignore[no-any-return]

    def rocp(
        self, symbol: Symbol, period: int, resolution: Resolution | None = None, selector: Selector | None = None
    ) -> RateOfChangePercent:
        """Rate of change in percent."""
        return self._engine_registered(RateOfChangePercent(period), symbol, resolution, selector)  # type: ignore[no-any-return]

    def identity(self, symbol: Symbol, resolution: Any = None, selector: Selector | None = None, field_name: str | None = None) -> Identity:
        """The close, or what the selector takes."""
        if callable(resolution):
            resolution, selector, field_name = None, resolution, selector if isinstance(selector, str) else field_name
        return self._engine_registered(Identity(field_name or "close"), symbol, resolution, selector)  # type: ignore[no-any-return]

    def create_indicator_name(self, symbol: Symbol, type: str, resolution: Resolution | None = None) -> str:
        """LEAN's name of an indicator that belongs to a symbol, e.g. "SMA(10,SPY_day)"."""
        if resolution is None:
            resolution = self._engine_consolidated_config(symbol).resolution
        unit = _UNITS.get(resolution, "") if isinstance(resolution, Resolution) else ""
        return f"{type}({symbol}_{unit})".replace(")(", ",")

    def register_indicator(
        self,
        symbol: Symbol,
        indicator: IndicatorBase,
        resolution: "Resolution | timedelta | DataConsolidator | None" = None,
        selector: Selector | None = None,
    ) -> None:
        """Feed an indicator with a symbol's bars of a resolution, a period, or from a consolidator."""
        symbol = symbol_of(symbol)
        consolidator = resolution if isinstance(resolution, DataConsolidator) else self.resolve_consolidator(symbol, resolution)
        consolidator.data_consolidated += lambda _sender, bar: _feed(indicator, bar, selector)
        self._engine_add_consolidator(symbol, consolidator)

    def unregister_indicator(self, indicator: IndicatorBase) -> None:
        """Stop all automatic updates of an indicator."""
        indicator._detached = True

    def resolve_consolidator(self, symbol: Symbol, resolution: "Resolution | timedelta | None") -> DataConsolidator:
        """The consolidator that makes bars of a resolution or period from a symbol's subscription."""
        symbol = symbol_of(symbol)
        config = self._engine_consolidated_config(symbol)
        own = to_time_span(config.resolution)
        period = own if resolution is None else resolution if isinstance(resolution, timedelta) else to_time_span(resolution)
        if period < own:
            raise ArgumentException(
                f"Unable to create {symbol} consolidator because {symbol} is registered for {config.resolution} data. "
                "Consolidators require higher resolution data to produce lower resolution data."
            )
        if period == own:
            return IdentityDataConsolidator()
        if resolution is Resolution.DAILY:
            hours = self._engine_data_manager.hours_of(symbol)
            return MarketHourAwareConsolidator(hours, strict=self.settings.daily_precise_end_time)
        return TradeBarConsolidator(period) if config.type is TradeBar else QuoteBarConsolidator(period)

    def consolidate(self, symbol: Symbol, period: "Resolution | timedelta", handler: Callable[[Any], None]) -> DataConsolidator:
        """Call a function with bars of a resolution or period."""
        symbol = symbol_of(symbol)
        consolidator = self.resolve_consolidator(symbol, period)
        consolidator.data_consolidated += lambda _sender, bar: handler(bar)
        self._engine_add_consolidator(symbol, consolidator)
        return consolidator

    def _engine_consolidated_config(self, symbol: Symbol, kind: type[BaseData] | None = None) -> Any:
        configs = self._engine_data_manager.configs_of(symbol)
        if kind is not None:
            configs = [config for config in configs if config.type is kind]
        trades = [config for config in configs if config.type is TradeBar] or [config for config in configs if config.type is QuoteBar]
        if not trades:
            raise ArgumentException(f"Please register to receive data for symbol '{symbol}' using the AddSecurity() function.")
        return trades[0]

    def _engine_add_consolidator(self, symbol: Symbol, consolidator: DataConsolidator) -> None:
        self._engine_consolidated_config(symbol, getattr(consolidator, "input_type", None)).consolidators.append(consolidator)
        self._engine_data_manager.consolidators_changed()

    def warm_up_indicator(
        self, symbol: Symbol, indicator: IndicatorBase, resolution: Resolution | None = None, selector: Selector | None = None
    ) -> None:
        """Feed an indicator with as many past bars as it needs."""
        requests = self._engine_history_provider.bar_count_requests([symbol_of(symbol)], TradeBar, indicator.warm_up_period, resolution)
        for bar in (bar for request in requests for bar in self._engine_history_provider.points(request)):
            _feed(indicator, bar, selector)


def _feed(indicator: IndicatorBase, bar: Any, selector: Selector | None) -> None:
    if indicator._detached:
        return
    if selector is not None:
        indicator.update(bar.end_time, selector(bar))
    else:
        indicator.update(bar)
