"""Dates, cash, brokerage, benchmark and warm-up of an algorithm (the set_… part of QCAlgorithm)."""

from datetime import date, datetime, timedelta
from typing import Any, Final

from simulator.algorithm.algorithm_base import AlgorithmBase
from simulator.brokerages.brokerage_factory import brokerage_model_of
from simulator.brokerages.security_initializer import (
    BrokerageModelSecurityInitializer,
    CompositeSecurityInitializer,
    FuncSecurityInitializer,
    SecuritySeeder,
)
from simulator.common.enums import AccountType, BrokerageName, Resolution, SecurityType
from simulator.common.market import Market
from simulator.common.symbol import Symbol
from simulator.common.symbol_cache import SymbolCache
from simulator.common.system_exceptions import ArgumentException, ArgumentOutOfRangeException, InvalidOperationException
from simulator.common.time_zone import to_local, to_utc, utc_datetime
from simulator.engine.universe import UniverseSettings
from simulator.orders.decimals import to_quantity
from simulator.results.benchmark import FuncBenchmark, SecurityBenchmark

_TICK = 1000
"""Microseconds below a millisecond are the engine's stand-in for LEAN's 100 ns ticks; the algorithm never sees them."""

_EARLIEST = datetime(1900, 1, 1)  # noqa: DTZ001 - local dates are naive


_CASH_ARGUMENTS: Final = ("symbol", "starting_cash", "conversion_rate")


class ConfigurationMixin(AlgorithmBase):
    """The part of QCAlgorithm that `initialize` calls."""

    # Time

    _engine_local_of = -1
    _engine_local_time = _EARLIEST

    @property
    def time_zone(self) -> str:
        """The algorithm's time zone."""
        return self._engine_time_zone

    @property
    def time(self) -> datetime:
        """Now, naive in the algorithm's time zone."""
        utc: int = self._utc
        if utc != self._engine_local_of:
            self._engine_local_of, self._engine_local_time = utc, to_local(utc - utc % _TICK, self._engine_time_zone)
        return self._engine_local_time

    @property
    def utc_time(self) -> datetime:
        """Now, aware."""
        return utc_datetime(self._utc - self._utc % _TICK)

    @property
    def start_date(self) -> datetime:
        """First day of the backtest."""
        return self._engine_start_date

    @property
    def end_date(self) -> datetime:
        """Last moment of the backtest's last day."""
        return self._engine_end_date

    def _engine_set_date_time(self, utc: int) -> None:
        self._utc = utc
        if self._engine_locked and self.is_warming_up and utc >= self._engine_start_utc:
            self.is_warming_up = False

    @property
    def _engine_start_utc(self) -> int:
        return to_utc(self._engine_start_date, self._engine_time_zone)

    def _engine_initialize_configuration(self) -> None:
        self._engine_time_zone = "America/New_York"
        self._engine_start_date = datetime(1998, 1, 1)  # noqa: DTZ001 - algorithm time
        self._engine_end_date = self._engine_yesterday() + timedelta(days=1) - timedelta(microseconds=1)
        self._engine_benchmark: Any = None
        self._engine_warmup_span: timedelta | None = None
        self._engine_warmup_bars: int | None = None
        self._engine_own_initializer = False
        self.name = ""
        self.tags: set[str] = set()
        self.universe_settings = UniverseSettings()
        self._utc = to_utc(self._engine_start_date, self._engine_time_zone)

    def _engine_yesterday(self) -> datetime:
        today = datetime.now()  # noqa: DTZ005 - LEAN caps the end date by the real calendar; only the date counts
        return datetime(today.year, today.month, today.day) - timedelta(days=1)  # noqa: DTZ001 - as above

    def set_time_zone(self, time_zone: str) -> None:
        """Set the algorithm's time zone; only in `initialize`."""
        self._engine_refuse_when_locked("SetTimeZone")
        self._engine_time_zone = time_zone
        self._engine_local_of = -1
        self._engine_set_date_time(self._engine_start_utc)

    def set_start_date(self, *when: int | date, **named: Any) -> None:
        """First day: year, month, day or a date.

        Raises:
            ArgumentOutOfRangeException: before 1900 or in the future.
            InvalidOperationException: after `initialize`.
        """
        start = _midnight(_date_parts(when, named))
        if start < _EARLIEST:
            raise ArgumentOutOfRangeException("Please select a start date after January 1st, 1900. (Parameter 'start')")
        if start > self._engine_yesterday() + timedelta(days=1):
            raise ArgumentOutOfRangeException("Please select start date less than today (Parameter 'start')")
        self._engine_refuse_when_locked("SetStartDate")
        self._engine_start_date = start
        self._engine_set_date_time(self._engine_start_utc)

    def set_end_date(self, *when: int | date, **named: Any) -> None:
        """Last day: year, month, day or a date, at most yesterday.

        Raises:
            InvalidOperationException: after `initialize`.
        """
        self._engine_refuse_when_locked("SetEndDate")
        day = min(_midnight(_date_parts(when, named)), self._engine_yesterday())
        self._engine_end_date = day + timedelta(days=1) - timedelta(microseconds=1)

    def _engine_refuse_when_locked(self, name: str) -> None:
        if self._engine_locked:
            raise InvalidOperationException(f"Algorithm.{name}(): Cannot change {name[3:].lower()} after algorithm initialized.")

    # Money and brokerage

    def set_cash(self, *arguments: Any, **named: Any) -> None:
        """Starting cash in account currency, or a currency and its amount: `set_cash([symbol,] starting_cash[, conversion_rate])`."""
        self._engine_refuse_when_locked("SetCash")
        if unknown := named.keys() - set(_CASH_ARGUMENTS):
            raise TypeError(f"No method matches given arguments for set_cash: {', '.join(sorted(unknown))}")
        arguments += tuple(named[name] for name in _CASH_ARGUMENTS if name in named)
        if len(arguments) == 1 and isinstance(arguments[0], float):
            arguments = (to_quantity(arguments[0]),)  # SetCash(double)
        self.portfolio.set_cash(*arguments)

    @property
    def account_currency(self) -> str:
        """Currency everything is valued in."""
        return "USD"

    def set_account_currency(self, account_currency: str, starting_cash: float | None = None) -> None:
        """Set the account currency; only USD exists here."""
        if account_currency.upper() != "USD":
            raise ArgumentException(f"The offline engine keeps accounts in USD only, got {account_currency}.")
        if starting_cash is not None:
            self.set_cash(starting_cash)

    @property
    def brokerage_name(self) -> BrokerageName:
        """Name of the brokerage model."""
        name: BrokerageName = self.brokerage_model._name
        return name

    def set_brokerage_model(self, brokerage: Any, account_type: AccountType = AccountType.MARGIN) -> None:
        """Set the brokerage model by name or object; securities that exist get its models."""
        self.brokerage_model = brokerage_model_of(brokerage, account_type) if isinstance(brokerage, (BrokerageName, int)) else brokerage
        if self._engine_own_initializer:
            return
        self.security_initializer = BrokerageModelSecurityInitializer(self.brokerage_model, SecuritySeeder.NULL)
        for security in self.securities.values():
            leverage = security.leverage
            self.security_initializer.initialize(security)
            security.set_leverage(leverage)

    def set_security_initializer(self, security_initializer: Any) -> None:
        """What sets the models of every new security: an object with `initialize`, or a function of the security.

        Raises:
            InvalidOperationException: after `initialize`.
        """
        if self._engine_locked:
            raise InvalidOperationException(
                "SetSecurityInitializer() cannot be called after algorithm initialization. "
                "When you use the SetSecurityInitializer() method it will apply to all universes and manually added securities."
            )
        self._engine_own_initializer = True
        own = hasattr(security_initializer, "initialize")
        self.security_initializer = security_initializer if own else FuncSecurityInitializer(security_initializer)

    def add_security_initializer(self, security_initializer: Any) -> None:
        """An initializer that runs after the present one for every new security.

        Raises:
            InvalidOperationException: after `initialize`.
        """
        present = self.security_initializer
        own = security_initializer if hasattr(security_initializer, "initialize") else FuncSecurityInitializer(security_initializer)
        self.set_security_initializer(CompositeSecurityInitializer(present, own))

    def set_risk_free_interest_rate_model(self, model: Any) -> None:
        """Set the model of the risk-free rate."""
        self.risk_free_interest_rate_model = model

    # Benchmark

    @property
    def benchmark(self) -> Any:
        """What the portfolio is compared with."""
        return self._engine_benchmark

    def set_benchmark(self, *benchmark: Any) -> None:
        """Set the benchmark: a symbol, a ticker, or a function of the time."""
        self._engine_refuse_when_locked("SetBenchmark")
        given = benchmark[-1]
        if callable(given) and not isinstance(given, Symbol):
            self._engine_benchmark = FuncBenchmark(given)
            return
        symbol = given if isinstance(given, Symbol) else symbol_of_ticker(given)
        self._engine_benchmark = SecurityBenchmark(self._engine_create_benchmark_security(symbol))

    # Warm-up

    def set_warm_up(self, time_span: int | timedelta, resolution: Resolution | None = None) -> None:
        """Run on data before the start: a number of bars, or a span of time.

        Raises:
            InvalidOperationException: after `initialize`.
        """
        if self._engine_locked:
            raise InvalidOperationException("QCAlgorithm.SetWarmup(): This method cannot be used after algorithm initialized")
        self._engine_warmup_bars = None if isinstance(time_span, timedelta) else int(time_span)
        self._engine_warmup_span = time_span if isinstance(time_span, timedelta) else None
        self.settings.warmup_resolution = resolution
        self.settings.warm_up_resolution = resolution

    set_warmup = set_warm_up


def symbol_of_ticker(ticker: str) -> Symbol:
    """The symbol a ticker was used for, else a US equity."""
    return SymbolCache._try_get_symbol(ticker) or Symbol.create(ticker, SecurityType.EQUITY, Market.USA)


def _date_parts(when: tuple[int | date, ...], named: dict[str, Any]) -> tuple[int | date, ...]:
    """Year, month and day (or `start` or `end`), however they were named."""
    whole = tuple(named.pop(name) for name in ("start", "end") if name in named)
    return (*when, *whole, *(named[name] for name in ("year", "month", "day") if name in named))


def _midnight(when: tuple[int | date, ...]) -> datetime:
    if len(when) == 3:
        year, month, day = (int(part) for part in when)  # type: ignore[arg-type]
        return datetime(year, month, day)  # noqa: DTZ001 - algorithm time
    given = when[0]
    if not isinstance(given, date):
        raise TypeError(f"No method matches given arguments: expected year, month, day or a date, got {when}")
    return datetime(given.year, given.month, given.day)  # noqa: DTZ001 - as above
