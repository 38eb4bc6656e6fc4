"""The base class of every algorithm (LEAN's QCAlgorithm), composed of the parts LEAN keeps in partial classes."""

from typing import TYPE_CHECKING, Any, ClassVar

from simulator.algorithm.chain_lookup import ChainLookupMixin
from simulator.algorithm.chained_options import ChainedOptionsMixin
from simulator.algorithm.configuration import ConfigurationMixin
from simulator.algorithm.history import HistoryMixin
from simulator.algorithm.holdings import HoldingsMixin
from simulator.algorithm.indicators import IndicatorMixin
from simulator.algorithm.lean_names import answer_to_lean_names, snake_case
from simulator.algorithm.parameters import ParametersMixin
from simulator.algorithm.plotting import PlottingMixin
from simulator.algorithm.scheduling import SchedulingMixin
from simulator.algorithm.settings import AlgorithmSettings
from simulator.algorithm.subscription_manager import SubscriptionManager
from simulator.algorithm.trading import TradingMixin
from simulator.brokerages.brokerage_factory import brokerage_model_of
from simulator.brokerages.security_initializer import BrokerageModelSecurityInitializer, SecuritySeeder
from simulator.common.enums import (
    AlgorithmMode,
    AlgorithmStatus,
    BrokerageName,
    DeploymentTarget,
    Resolution,
    SecurityType,
)
from simulator.common.market import Market
from simulator.common.symbol import Symbol
from simulator.common.symbol_cache import SymbolCache
from simulator.common.system_exceptions import ArgumentException
from simulator.data.security_exchange_hours import SecurityExchangeHours
from simulator.engine.data_manager import DataManager
from simulator.engine.history_provider import HistoryProvider
from simulator.engine.slice import Slice
from simulator.engine.subscription_data_config import SubscriptionDataConfig
from simulator.engine.universe import UniverseSettings, UserDefinedUniverse
from simulator.engine.universe_feed import UniverseFeed
from simulator.engine.universe_selection import SecurityChanges, UniverseSelection
from simulator.engine.warm_up import WarmUp
from simulator.errors import SimulatorError
from simulator.orders.transaction_manager import SecurityTransactionManager
from simulator.results.benchmark import FuncBenchmark, SecurityBenchmark
from simulator.results.trade_builder import TradeBuilder
from simulator.securities.portfolio import SecurityPortfolioManager
from simulator.securities.security_manager import SecurityManager
from simulator.securities.security_service import SecurityService

if TYPE_CHECKING:
    from simulator.data.data_folder import DataFolder
    from simulator.results.object_store import ObjectStore
    from simulator.securities.security import Security


class QCAlgorithm(
    ConfigurationMixin,
    ChainedOptionsMixin,
    HistoryMixin,
    ChainLookupMixin,
    SchedulingMixin,
    IndicatorMixin,
    TradingMixin,
    HoldingsMixin,
    PlottingMixin,
    ParametersMixin,
):
    """What an algorithm inherits from; the engine sets the folder and object store before it makes one."""

    _engine_environment: ClassVar["tuple[DataFolder, ObjectStore] | None"] = None

    def __init_subclass__(cls, **named: Any) -> None:
        """Handlers may be spelled LEAN's way (`OnData`)."""
        super().__init_subclass__(**named)
        for name, value in list(vars(cls).items()):
            spelled = snake_case(name)
            if name[:1].isupper() and spelled not in vars(cls) and (hasattr(QCAlgorithm, spelled) or spelled == "on_end_of_day"):
                setattr(cls, spelled, value)

    def __new__(cls, *arguments: Any, **named: Any) -> "QCAlgorithm":
        """Everything is in place before an algorithm's own `__init__`, which need not call this one."""
        del arguments, named
        algorithm = super().__new__(cls)
        if cls._engine_environment is None:
            raise SimulatorError("An algorithm is made by the engine: run it with `python -m simulator backtest`.")
        algorithm._engine_prepare(*cls._engine_environment)
        return algorithm

    def __init__(self) -> None:
        """Nothing is left to do."""

    def _engine_prepare(self, folder: "DataFolder", store: "ObjectStore") -> None:
        self._engine_folder = folder
        self.object_store = store
        self._engine_locked = False
        self.is_warming_up = True
        self.status = AlgorithmStatus.RUNNING
        self._engine_runtime_error: tuple[BaseException, str] | None = None
        self.live_mode = False
        self.algorithm_mode = AlgorithmMode.BACKTESTING
        self.deployment_target = DeploymentTarget.LOCAL_PLATFORM
        self.algorithm_id = ""
        self.project_id = 0
        self.settings = AlgorithmSettings()
        self._engine_initialize_configuration()
        self.securities = SecurityManager()
        self.subscription_manager = SubscriptionManager(self)
        self.transactions = SecurityTransactionManager(self)
        self.portfolio = SecurityPortfolioManager(self)
        self.set_trade_builder(TradeBuilder())
        self.brokerage_model: Any = brokerage_model_of(BrokerageName.DEFAULT)
        self.security_initializer: Any = BrokerageModelSecurityInitializer(self.brokerage_model, SecuritySeeder.NULL)
        self.risk_free_interest_rate_model: Any = folder.interest_rate
        self._engine_security_service = SecurityService(self, folder)
        self._engine_data_manager = DataManager(folder, self.settings)
        self._engine_history_provider = HistoryProvider(self, self._engine_data_manager._factory)
        self._engine_feed = UniverseFeed(self, folder)
        self._engine_universe_selection = UniverseSelection(self, self._engine_data_manager)
        self._engine_slice: Slice | None = None
        self._engine_slice_utc = self._utc
        self._engine_slice_events: list[Any] = []
        self._engine_initialize_universes()
        self._engine_initialize_chained_options()
        self._engine_initialize_scheduling()
        self._engine_initialize_trading()
        self._engine_benchmark_config: SubscriptionDataConfig | None = None

    # What the engine asks

    @property
    def _engine_handles_data(self) -> bool:
        return type(self).on_data is not QCAlgorithm.on_data

    @property
    def current_slice(self) -> Slice:
        """All data of the present step; its bars are put together when they are looked at."""
        data = self._engine_slice
        if data is None or data._utc != self._engine_slice_utc or data._events is not self._engine_slice_events:
            data = self._engine_slice = self._engine_data_manager.slice_at(
                self._engine_slice_utc, self.time_zone, self._engine_slice_events, self._engine_evaluate_price_model
            )
        return data

    def _engine_evaluate_price_model(self, option: Any, contract: Any) -> Any:
        from simulator.engine.option_price_model import evaluate  # noqa: PLC0415 - the model is imported when Greeks are asked for

        return evaluate(self, option, contract)

    def _engine_create_security(
        self, symbol: Symbol, configs: list[SubscriptionDataConfig], leverage: float, underlying: "Security | None" = None
    ) -> "Security":
        return self._engine_security_service.create_security(symbol, configs, leverage, underlying=underlying)

    def _engine_get_or_create_security(self, symbol: Symbol, settings: UniverseSettings, underlying: "Security | None") -> "Security":
        return self._engine_security_service.create_security(symbol, [], settings.leverage, underlying=underlying, seed_security=False)

    def _engine_create_benchmark_security(self, symbol: Symbol) -> "Security":
        return self._engine_security_service.create_benchmark_security(symbol)

    def _engine_exchange_hours(self, symbol: Symbol) -> SecurityExchangeHours:
        security = self.securities._try_get(symbol)
        return self._engine_data_manager.hours_of(symbol) if security is None else security.exchange.hours

    def symbol(self, ticker: str) -> Symbol:
        """The symbol that was added under a ticker, or that an identifier names."""
        return SymbolCache.get_symbol(ticker)

    def _engine_normalization_of(self, symbol: Symbol) -> Any:
        configs = self._engine_data_manager.configs_of(symbol)
        return configs[0].data_normalization_mode if configs else self.universe_settings._normalization_of(symbol.security_type)

    def _engine_post_initialize(self) -> None:
        """What follows `initialize`: the default benchmark, the warm-up's start, the universes.

        Raises:
            ArgumentException: the end lies before the start.
        """
        if self._engine_end_date < self._engine_start_date:
            raise ArgumentException("Please select an algorithm end date greater than start date.")
        self.settings.trading_days_per_year = self.settings.trading_days_per_year or 252
        if self._engine_benchmark is None:
            ticker = self.brokerage_model._get_benchmark_ticker()
            self._engine_benchmark = (
                FuncBenchmark(lambda _time: 0.0)
                if ticker is None
                else SecurityBenchmark(self._engine_create_benchmark_security(self._engine_spy(ticker)))
            )
        from simulator.common.time_zone import to_utc  # noqa: PLC0415 - one use

        self._engine_data_manager.start(to_utc(self._engine_end_date, self.time_zone))
        self._engine_begin_warm_up()
        self._engine_on_end_of_time_step()

    @staticmethod
    def _engine_spy(ticker: str) -> Symbol:
        return Symbol.create(ticker, SecurityType.EQUITY, Market.USA)

    def _engine_begin_warm_up(self) -> None:
        start = self._engine_warm_up_start()
        if start is None:
            self.is_warming_up = False
            return
        resolution = self.settings.warmup_resolution
        if resolution is not None:
            self._engine_data_manager.warm_up = WarmUp(resolution, self._engine_start_utc)
        self._engine_set_date_time(start)

    def _engine_warm_up_start(self) -> int | None:
        from datetime import timedelta  # noqa: PLC0415 - one use

        if self._engine_warmup_span is not None:
            return self._utc - self._engine_warmup_span // timedelta(microseconds=1)
        if self._engine_warmup_bars is None:
            return None
        return self._engine_history_provider.start_of_bars(
            [symbol for symbol, _ in self.securities.items()], self._engine_warmup_bars, self.settings.warmup_resolution
        )

    def _engine_subscribe_benchmark(self, utc: int) -> None:
        """The benchmark's hourly bars, from the trading day before on so that it has a price at once."""
        if not isinstance(self._engine_benchmark, SecurityBenchmark):
            return
        security = self._engine_benchmark.security
        from simulator.common.enums import TickType  # noqa: PLC0415 - one use

        config = self._engine_data_manager.add_configs(
            security.symbol, Resolution.HOUR, fill_forward=False, is_internal=True, kinds=[TickType.TRADE]
        )[0]
        start = self._engine_history_provider.start_of_day_before(security.symbol, utc)
        self._engine_data_manager.subscribe(config, security, None, start)

    def _engine_update_end_of_day_events(self, changes: SecurityChanges) -> None:
        """Events that call `on_end_of_day(symbol)` come and go with the securities."""
        from simulator.algorithm.end_of_day import update_end_of_day_events  # noqa: PLC0415 - only for algorithms that have the handler

        if "on_end_of_day" in vars(type(self)) or any(
            "on_end_of_day" in vars(base) for base in type(self).__mro__ if base is not QCAlgorithm
        ):
            update_end_of_day_events(self, changes)

    def _engine_remove_delisted(self, symbol: Symbol) -> None:
        security = self.securities._try_get(symbol)
        for universe in self.universe_manager.values():
            if security is None or symbol not in universe._members:
                continue
            if isinstance(universe, UserDefinedUniverse):
                if universe._remove_symbol(symbol):
                    self._engine_feed.start_universe(universe, is_addition=False)
            else:
                universe._remove_member(self._utc, security)

    def _engine_set_runtime_error(self, error: BaseException, context: str = "") -> None:
        """Stop the algorithm at the next check of the loop; the first error stays."""
        if self._engine_runtime_error is None:
            self._engine_runtime_error = (error, context)
            self.status = AlgorithmStatus.RUNTIME_ERROR

    def _engine_on_margin_call(self, requests: list[Any]) -> list[Any]:
        """The algorithm's answer to a margin call.

        Raises:
            SimulatorError: it is no list of requests.
        """
        answer = self.on_margin_call(requests)
        if answer is None:
            raise SimulatorError("on_margin_call must return the requests to execute, got None.")
        return list(answer)

    # What an algorithm overrides

    def initialize(self) -> None:
        """Set dates, cash, data and schedules."""

    def on_data(self, slice: Slice) -> None:
        """New data; only called when overridden."""

    def on_warmup_finished(self) -> None:
        """The warm-up is over, or there was none."""

    def on_securities_changed(self, changes: SecurityChanges) -> None:
        """Securities came or went."""

    def on_splits(self, splits: Any) -> None:
        """Splits or warnings of them."""

    def on_dividends(self, dividends: Any) -> None:
        """Dividends."""

    def on_delistings(self, delistings: Any) -> None:
        """Delistings or warnings of them."""

    def on_symbol_changed_events(self, symbols_changed: Any) -> None:
        """Continuous futures rolled."""

    def on_order_event(self, order_event: Any) -> None:
        """Something happened to an order."""

    def on_assignment_order_event(self, assignment_event: Any) -> None:
        """A short option was assigned."""

    def on_margin_call(self, requests: list[Any]) -> list[Any]:
        """A margin call is about to be executed; return the requests to send."""
        return requests

    def on_margin_call_warning(self) -> None:
        """Little margin is left."""

    def on_end_of_algorithm(self) -> None:
        """The run is over."""

    def on_brokerage_message(self, message_event: Any) -> None:
        """The brokerage says something; never in a backtest."""

    def on_brokerage_disconnect(self) -> None:
        """The brokerage is gone; never in a backtest."""

    def on_brokerage_reconnect(self) -> None:
        """The brokerage is back; never in a backtest."""

    def on_command(self, data: Any) -> bool | None:
        """A command arrived; never in a backtest."""

    def set_live_mode(self, live: bool) -> None:
        """Without effect: this engine has no live mode."""

    def set_trade_builder(self, trade_builder: TradeBuilder) -> None:
        """Sets how fills become the closed trades of the result, before the first fill."""
        self.trade_builder = trade_builder
        trade_builder.set_security_manager(self.securities)

    def set_name(self, name: str) -> None:
        """Name of the algorithm in its results."""
        self.name = name


answer_to_lean_names(QCAlgorithm)
