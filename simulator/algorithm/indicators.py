"""Indicators of QCAlgorithm: moving averages and average true range, fed automatically (QCAlgorithm.Indicators.cs)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from simulator.algorithm.consolidation import ConsolidationMixin
from simulator.algorithm.symbol_argument import symbol_of
from simulator.common.enums import MovingAverageType, Resolution
from simulator.common.period import to_time_span
from simulator.common.symbol import Symbol
from simulator.common.time_zone import to_local_microseconds
from simulator.engine.compound_indicators import (
    BollingerBands,
    Identity,
    Momentum,
    MomentumPercent,
    MovingAverageConvergenceDivergence,
    RateOfChange,
    RateOfChangePercent,
)
from simulator.engine.consolidator import DataConsolidator, QuoteBarConsolidator, TradeBarConsolidator
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
from simulator.engine.slice import Slice

Selector = Callable[[Any], Any]

_UNITS = {Resolution.TICK: "tick", Resolution.SECOND: "sec", Resolution.MINUTE: "min", Resolution.HOUR: "hr", Resolution.DAILY: "day"}


class IndicatorMixin(ConsolidationMixin):
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
        known: Any = self._engine_consolidated_config(symbol).resolution if resolution is None else resolution
        unit = _UNITS.get(known, "") if isinstance(known, Resolution) else ""
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
        kind = getattr(selector, "data_type", None)
        consolidator = resolution if isinstance(resolution, DataConsolidator) else self.resolve_consolidator(symbol, resolution, kind)
        consolidator.data_consolidated += lambda _sender, bar: _feed(indicator, bar, selector)
        self._engine_add_consolidator(symbol, consolidator)

    def unregister_indicator(self, indicator: IndicatorBase) -> None:
        """Stop all automatic updates of an indicator."""
        indicator._detached = True

    deregister_indicator = unregister_indicator

    def warm_up_indicator(
        self,
        symbol: Any,
        indicator: IndicatorBase,
        resolution: "Resolution | timedelta | None" = None,
        selector: Selector | None = None,
    ) -> None:
        """Start an indicator over with as many past bars of a symbol, or of several, as it needs; of a share or index its trades.

        A period that is no resolution is made from the bars of the resolution below it.
        """
        symbols = [symbol_of(item) for item in (symbol if isinstance(symbol, list | tuple) else [symbol])]
        if isinstance(resolution, timedelta):
            self._engine_warm_up_by_period(symbols, indicator, resolution, selector)
            return
        indicator.reset()
        for data in self._engine_past_slices(symbols, indicator.warm_up_period, resolution):
            for bar in data.values():
                _feed(indicator, bar, selector)

    def _engine_past_slices(self, symbols: list[Symbol], periods: int, resolution: Resolution | None) -> list[Slice]:
        provider = self._engine_history_provider
        slices: list[Slice] = provider.slices(provider.bar_count_requests(symbols, None, periods, resolution))
        return slices

    def _engine_warm_up_by_period(
        self, symbols: list[Symbol], indicator: IndicatorBase, period: timedelta, selector: Selector | None
    ) -> None:
        resolution = _resolution_below(period)
        periods = indicator.warm_up_period * (period // to_time_span(resolution))
        consolidators = {symbol: self._engine_consolidator_of(symbol, period) for symbol in symbols}
        for consolidator in consolidators.values():
            consolidator.data_consolidated += lambda _sender, bar: _feed(indicator, bar, selector)
        for data in self._engine_past_slices(symbols, periods, resolution):
            for symbol, consolidator in consolidators.items():
                bar = (data.quote_bars if isinstance(consolidator, QuoteBarConsolidator) else data.bars).get(symbol)
                if bar is not None:
                    consolidator.update(bar)
        for symbol, consolidator in consolidators.items():
            consolidator._scan(to_local_microseconds(self._utc, self._engine_exchange_hours(symbol).time_zone))

    def _engine_consolidator_of(self, symbol: Symbol, period: timedelta) -> DataConsolidator:
        """A consolidator of a period, also for a symbol that is not subscribed."""
        if self._engine_data_manager.configs_of(symbol):
            return self.resolve_consolidator(symbol, period)
        return TradeBarConsolidator(period)


def _resolution_below(period: timedelta) -> Resolution:
    """The longest resolution that is not longer than a period (Extensions.ToHigherResolutionEquivalent)."""
    fitting = [resolution for resolution in (Resolution.SECOND, Resolution.MINUTE, Resolution.HOUR) if to_time_span(resolution) <= period]
    return Resolution.DAILY if period >= timedelta(days=1) else max(fitting, default=Resolution.TICK)


def _feed(indicator: IndicatorBase, bar: Any, selector: Selector | None) -> None:
    if indicator._detached:
        return
    if selector is not None:
        indicator.update(bar.end_time, selector(bar))
    else:
        indicator.update(bar)
