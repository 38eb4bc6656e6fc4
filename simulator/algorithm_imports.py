"""Builds the module `AlgorithmImports` and puts it where `from AlgorithmImports import *` finds it, before any type stubs of that name."""

import datetime as datetime_module
import importlib
import inspect
import json
import math
import pkgutil
import sys
import typing
from collections.abc import Iterator
from enum import Enum
from types import ModuleType
from typing import Any, Final, NoReturn

import numpy as np

import simulator.common
from simulator.algorithm.extensions import Extensions, Time, TimeZones
from simulator.algorithm.lean_names import answer_to_lean_names, lean_classes
from simulator.common.lazy_module import lazy_module
from simulator.errors import LeanApiMissing

_MODULES: Final = (
    "simulator.orders.order",
    "simulator.orders.priced_orders",
    "simulator.orders.combo_order",
    "simulator.orders.group_order",
    "simulator.orders.order_event",
    "simulator.orders.order_extensions",
    "simulator.orders.order_fee",
    "simulator.orders.order_request",
    "simulator.orders.order_ticket",
    "simulator.orders.fee_models",
    "simulator.orders.fill_model",
    "simulator.orders.fill_parameters",
    "simulator.orders.future_fill_model",
    "simulator.orders.equity_fill_model",
    "simulator.orders.slippage_models",
    "simulator.orders.time_in_force",
    "simulator.orders.price_variation",
    "simulator.securities.security",
    "simulator.securities.option",
    "simulator.securities.option_strategy",
    "simulator.securities.option_strategies",
    "simulator.securities.future",
    "simulator.securities.holding",
    "simulator.securities.portfolio",
    "simulator.securities.portfolio_model",
    "simulator.securities.security_manager",
    "simulator.securities.cash_book",
    "simulator.securities.margin_model",
    "simulator.securities.margin_parameters",
    "simulator.securities.margin_questions",
    "simulator.securities.option_margin_model",
    "simulator.securities.future_margin_model",
    "simulator.securities.margin_call_model",
    "simulator.securities.position_views",
    "simulator.securities.settlement",
    "simulator.securities.assignment_model",
    "simulator.securities.exercise_model",
    "simulator.securities.security_exchange",
    "simulator.data.security_exchange_hours",
    "simulator.data.dividend_yield_provider",
    "simulator.brokerages.brokerage_model",
    "simulator.brokerages.interactive_brokers_brokerage_model",
    "simulator.brokerages.tastytrade_brokerage_model",
    "simulator.brokerages.security_initializer",
    "simulator.brokerages.brokerage_message",
    "simulator.results.charts",
    "simulator.results.benchmark",
    "simulator.results.trade_builder",
    "simulator.results.object_store",
    "simulator.algorithm.holdings",
    "simulator.algorithm.settings",
    "simulator.engine.universe",
    "simulator.engine.universe_selection",
    "simulator.engine.universe_rows",
    "simulator.engine.option_filter_universe",
    "simulator.engine.future_filter_universe",
    "simulator.engine.slice",
    "simulator.engine.data_dictionary",
    "simulator.engine.chains",
    "simulator.engine.calendar",
    "simulator.engine.field",
    "simulator.engine.consolidator",
    "simulator.engine.indicator",
    "simulator.engine.compound_indicators",
    "simulator.engine.rolling_window",
    "simulator.engine.schedule",
    "simulator.engine.date_rules",
    "simulator.engine.time_rules",
    "simulator.engine.subscription_data_config",
)


_INTERNAL: Final = frozenset(
    {
        "BrokerageModel",
        "Fill",
        "IndicatorBase",
        "OptionContractUniverse",
        "Prices",
        "SecurityInitializer",
        "SecuritySeeder",
        "SubscriptionDataConfig",
        "Universe",
        "UnsettledCashAmount",
        "UserDefinedUniverse",
        "AdjustedPriceVariationModel",
        "EquityPriceVariationModel",
        "IndexOptionPriceVariationModel",
        "SecurityPriceVariationModel",
    }
)
"""Classes LEAN has as well but whose members differ here; an algorithm has no use for them."""

_OF_SYSTEM: Final = frozenset(
    {
        "ArgumentException",
        "ArgumentOutOfRangeException",
        "Color",
        "DayOfWeek",
        "InvalidCastException",
        "InvalidOperationException",
        "NotSupportedException",
        "SystemException",
    }
)
"""What LEAN takes from System and System.Drawing."""


class _Missing:
    """Stands for a class of LEAN that is not here; any use of it says so."""

    def __init__(self, name: str) -> None:
        self._name = name

    def _refuse(self) -> NoReturn:
        raise LeanApiMissing(self._name, "simulator and its list in simulator/algorithm_imports.py")

    def __call__(self, *_: Any, **__: Any) -> Any:
        self._refuse()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise LeanApiMissing(f"{self._name}.{name}", "simulator and its list in simulator/algorithm_imports.py")

    def __mro_entries__(self, _bases: tuple[Any, ...]) -> tuple[type, ...]:
        self._refuse()

    def __getitem__(self, _: Any) -> Any:
        self._refuse()


def _own_names() -> Iterator[tuple[str, Any]]:
    offered = (lean_classes() | _OF_SYSTEM) - _INTERNAL
    vocabulary = [f"simulator.common.{module.name}" for module in pkgutil.iter_modules(simulator.common.__path__)]
    for path in (*vocabulary, *_MODULES):
        module = importlib.import_module(path)
        for name, value in vars(module).items():
            if name in offered and inspect.isclass(value) and value.__module__.startswith("simulator."):
                yield name, value


def _names() -> dict[str, Any]:
    from simulator.algorithm.qc_algorithm import QCAlgorithm  # noqa: PLC0415 - the engine imports this module
    from simulator.common.symbol import Symbol  # noqa: PLC0415 - as above

    names: dict[str, Any] = {name: _Missing(name) for name in lean_classes()}
    names |= {name: value for name, value in vars(typing).items() if name in typing.__all__}
    names |= dict(_own_names())
    names |= {"QCAlgorithm": QCAlgorithm, "QCAlgorithmFramework": QCAlgorithm, "QCAlgorithmFrameworkBridge": QCAlgorithm}
    names |= {"Extensions": Extensions, "TimeZones": TimeZones, "Time": Time, "Symbol": Symbol}
    names |= {name: getattr(datetime_module, name) for name in ("date", "time", "datetime", "timedelta")}
    names |= {"np": np, "pd": lazy_module("pandas"), "math": math, "json": json, "Exception": Exception}
    for name in ("LeanEnum", "SimulatorError", "KeyValuePair"):
        names.pop(name, None)
    return names


def install() -> ModuleType:
    """Make `AlgorithmImports` importable, once per process, and return it."""
    known = sys.modules.get("AlgorithmImports")
    if known is not None and getattr(known, "_is_offline_engine", False):
        return known
    module = ModuleType("AlgorithmImports", __doc__)
    vars(module).update(_names())
    vars(module)["__all__"] = [name for name in vars(module) if not name.startswith("_")]
    vars(module)["_is_offline_engine"] = True
    for value in vars(module).values():
        # not isinstance: it would import the lazy pandas
        if issubclass(type(value), type) and value.__module__.startswith("simulator.") and not _answers_already(value):
            answer_to_lean_names(value)
    sys.modules["AlgorithmImports"] = module
    return module


def _answers_already(cls: type) -> bool:
    """Enums, errors, and what has an answer of its own."""
    return issubclass(cls, Enum | BaseException) or "__getattr__" in vars(cls)
