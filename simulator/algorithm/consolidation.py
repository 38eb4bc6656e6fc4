"""Consolidated bars of QCAlgorithm (the Consolidate part of QCAlgorithm.Indicators.cs and QCAlgorithm.Python.cs)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from simulator.algorithm.algorithm_base import AlgorithmBase
from simulator.algorithm.symbol_argument import symbol_of
from simulator.common.bars import BaseData, QuoteBar, TradeBar
from simulator.common.enums import Resolution, TickType
from simulator.common.period import to_time_span
from simulator.common.symbol import Symbol
from simulator.common.system_exceptions import ArgumentException
from simulator.engine.consolidator import (
    DataConsolidator,
    IdentityDataConsolidator,
    QuoteBarConsolidator,
    SessionConsolidator,
    TradeBarConsolidator,
)
from simulator.engine.subscription_data_config import TYPE_OF_TICK, SubscriptionDataConfig
from simulator.errors import LeanApiMissing

_NAMES: Final = ("symbol", "period", "tick_type", "handler")

Period = Resolution | timedelta | Callable[[Any], Any] | None


class ConsolidationMixin(AlgorithmBase):
    """The part of QCAlgorithm that makes longer bars."""

    def resolve_consolidator(
        self, symbol: Symbol, resolution: "Resolution | timedelta | None", data_type: type[BaseData] | None = None
    ) -> DataConsolidator:
        """The consolidator that makes bars of a resolution or period from a symbol's subscription, of trades where it has any."""
        symbol = symbol_of(symbol)
        return self._engine_make_consolidator(symbol, self._engine_consolidated_config(symbol, data_type), resolution)

    def _engine_make_consolidator(self, symbol: Symbol, config: SubscriptionDataConfig, asked: Period) -> DataConsolidator:
        maker = TradeBarConsolidator if config.type is TradeBar else QuoteBarConsolidator
        if asked is not None and not isinstance(asked, Resolution | timedelta):
            return maker(asked)
        own = to_time_span(config.resolution)
        period = own if asked is None else asked if isinstance(asked, timedelta) else to_time_span(asked)
        if period < own:
            raise ArgumentException(
                f"Unable to create {symbol} consolidator because {symbol} is registered for {config.resolution} data. "
                "Consolidators require higher resolution data to produce lower resolution data."
            )
        if period == own:
            return IdentityDataConsolidator()
        if asked is Resolution.DAILY:
            hours = self._engine_data_manager.hours_of(symbol)
            return SessionConsolidator(hours, strict=self.settings.daily_precise_end_time)
        return maker(period)

    def consolidate(self, *arguments: Any, **named: Any) -> DataConsolidator:
        """Call a function with longer bars: `(symbol, period[, tick_type], handler)` or `(bar type, symbol, bars per bar, tick_type, handler)`.

        The period is a resolution, a timedelta, or a function from a time to its CalendarInfo (`Calendar.WEEKLY`).

        Raises:
            ArgumentException: the symbol is not subscribed, or its bars are longer already.
        """
        if arguments and isinstance(arguments[0], type):
            return self._engine_consolidate_count(*arguments, **named)
        names = _NAMES if len(arguments) + len(named) == len(_NAMES) else ("symbol", "period", "handler")
        given = dict(zip(names, arguments, strict=False)) | named
        if "calendar" in given:
            given["period"] = given.pop("calendar")
        if given.keys() - set(_NAMES) or not {"symbol", "period", "handler"} <= given.keys():
            raise TypeError(f"No method matches given arguments for consolidate: {arguments} {named}")
        symbol, tick_type = symbol_of(given["symbol"]), given.get("tick_type")
        config = self._engine_consolidated_config(symbol, None if tick_type is None else _type_of(tick_type))
        consolidator = self._engine_make_consolidator(symbol, config, given["period"])
        return self._engine_consolidate_into(consolidator, config, given["handler"])

    def _engine_consolidate_count(
        self, kind: type, symbol: Any, size: float, tick_type: TickType | None = None, handler: Any = None
    ) -> DataConsolidator:
        makers: dict[type, Any] = {TradeBar: TradeBarConsolidator, QuoteBar: QuoteBarConsolidator}
        if kind not in makers:
            raise LeanApiMissing(f"consolidate({kind.__name__}, ...)", "simulator/algorithm/consolidation.py")
        config = self._engine_consolidated_config(symbol_of(symbol), kind if tick_type is None else _type_of(tick_type))
        return self._engine_consolidate_into(makers[kind](int(size)), config, handler)

    def _engine_consolidate_into(self, consolidator: DataConsolidator, config: SubscriptionDataConfig, handler: Any) -> DataConsolidator:
        if handler is not None:
            consolidator.data_consolidated += lambda _sender, bar: handler(bar)
            self._engine_attach(consolidator, config)
        return consolidator

    def _engine_consolidated_config(self, symbol: Symbol, kind: type[BaseData] | None = None) -> SubscriptionDataConfig:
        """The subscription bars are made from: trades before quotes. A security that is not subscribed is added."""
        configs = self._engine_data_manager.configs_of(symbol)
        if not configs and self._engine_can_auto_add(symbol):
            self.add_security(symbol)
            configs = self._engine_data_manager.configs_of(symbol)
        if kind is not None:
            configs = [config for config in configs if config.type is kind]
        ordered = [config for config in configs if config.type is TradeBar] or [config for config in configs if config.type is QuoteBar]
        if not ordered:
            raise ArgumentException(f"Please register to receive data for symbol '{symbol}' using the AddSecurity() function.")
        return ordered[0]

    def _engine_add_consolidator(self, symbol: Symbol, consolidator: DataConsolidator) -> None:
        self._engine_attach(consolidator, self._engine_consolidated_config(symbol, getattr(consolidator, "input_type", None)))

    def _engine_attach(self, consolidator: DataConsolidator, config: SubscriptionDataConfig) -> None:
        config.consolidators.append(consolidator)
        self._engine_data_manager.consolidators_changed()


def _type_of(tick_type: TickType) -> type[BaseData]:
    kind = TYPE_OF_TICK[tick_type]
    if kind not in {TradeBar, QuoteBar}:
        raise LeanApiMissing(f"consolidate(tick_type={tick_type})", "simulator/algorithm/consolidation.py")
    return kind
