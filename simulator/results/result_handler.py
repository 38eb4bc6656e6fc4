"""Watches a run and turns it into a result (Engine/Results/BacktestingResultHandler.cs)."""

import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from simulator.common.time_zone import utc_datetime
from simulator.results.backtest_result import BacktestResult
from simulator.results.capacity import CapacityEstimate
from simulator.results.data_monitor import DataMonitor
from simulator.results.log_store import LogStore
from simulator.results.net_number import currency_text, percent_text
from simulator.results.order_json import order_list_hash
from simulator.results.sampler import ChartSampler
from simulator.results.skipped_steps import SkippedSteps
from simulator.results.statistics_builder import MisalignedSeriesError, RunRecord, StatisticsResults, generate
from simulator.results.user_charts import UserCharts

_SAMPLES: Final = 4000
_SHORTEST_PERIOD: Final = 4  # minutes between equity samples
_ENGINE: Final = "the offline engine (semantics of LEAN Engine v2.5.0.0)"


class BacktestingResultHandler:
    """Samples equity and charts, collects logs, and builds the result.

    The loop calls `process_synchronous_events` after every step it visits, `sample` at every local midnight and at the end. Between
    `next_sample_utc` and the step before `observe_skipped_steps` is enough.
    """

    def __init__(self, algorithm_id: str, data_monitor: DataMonitor | None = None) -> None:
        self.algorithm_id = algorithm_id
        self.logs = LogStore()
        self.runtime_error_message = ""
        self._stack_trace = ""
        self._data_monitor = data_monitor or DataMonitor()
        self._started = time.time()
        self._runtime_statistics: dict[str, str] = {}
        self._next_sample = -1

    def set_algorithm(self, algorithm: Any, starting_portfolio_value: Decimal) -> None:
        """Begins watching; called when `initialize` is done."""
        self._algorithm = algorithm
        self._starting_value = starting_portfolio_value
        self._sampler = ChartSampler(algorithm, starting_portfolio_value)
        self._skipped_steps = SkippedSteps(algorithm)
        self._user_charts = UserCharts(self._sampler.charts)
        self.capacity_estimate = CapacityEstimate(algorithm)
        minutes = (algorithm.end_date - algorithm.start_date) / timedelta(minutes=1)
        period = _SHORTEST_PERIOD if minutes < _SHORTEST_PERIOD * _SAMPLES else minutes / _SAMPLES
        self._resample_period = int(period * 60_000_000)
        self.debug_message(f"Launching analysis for {self.algorithm_id} with {_ENGINE}")

    @property
    def next_sample_utc(self) -> int:
        """First instant (microseconds UTC) at which a step is sampled or the capacity estimated."""
        snapshot = self.capacity_estimate.next_snapshot_utc
        due = self._next_sample + 1
        return due if snapshot is None else min(due, snapshot)

    @property
    def charts(self) -> dict[str, Any]:
        """All charts so far."""
        return self._sampler.charts

    def on_warmup_finished(self) -> None:
        """Takes the portfolio value at the end of warm-up as the starting value."""
        value = self._algorithm.portfolio._total_portfolio_value
        self._sampler.restart(value)
        if self._starting_value != value:
            self._starting_value = value

    def order_event(self, event: Any) -> None:
        """Tells the capacity estimate about a fill."""
        self.capacity_estimate.on_order_event(event)

    def debug_message(self, message: str) -> None:
        """Adds a message of the engine to the log."""
        self.logs.add(self._algorithm.time, message)

    def runtime_error(self, message: str, stack_trace: str = "") -> None:
        """Notes why the run stops; the first reason stays."""
        if self.runtime_error_message:
            return
        self.runtime_error_message = message
        self._stack_trace = stack_trace
        self.logs.trace.append(f"ERROR: {message}{chr(10) if stack_trace else ''}{stack_trace}")

    def observe_skipped_steps(self, after_utc: int, before_utc: int, first_step_utc: int) -> None:
        """Takes what changes at steps the loop leaves out: portfolio values (see `SkippedSteps.values`) and traded volumes."""
        self.capacity_estimate.replay(after_utc, before_utc)
        self._sampler.observe(self._skipped_steps.values(after_utc, before_utc, first_step_utc))

    def update_portfolio_value(self) -> None:
        """Reads the portfolio value, as LEAN does at the end of every step; it stays valid until prices change."""
        self._sampler.update_equity()

    def process_synchronous_events(self, utc: int | None = None, force: bool = False) -> None:
        """End of a step: portfolio value into the candle; samples, plots and logs when due."""
        now = self._algorithm._utc if utc is None else utc
        self._sampler.update_equity()
        self.capacity_estimate.update_market_capacity(force)
        if now > self._next_sample or force:
            self._next_sample = now + self._resample_period
            self._sampler.sample_equity(now)
            for warning in self._user_charts.take(self._algorithm._engine_chart_updates()):
                self.debug_message(warning)
            self.logs.flush(self._algorithm._engine_emitted)
            self._runtime_statistics.update(self._algorithm.runtime_statistics)

    def sample(self, utc: int) -> None:
        """The daily sample; LEAN takes one at every local midnight and one at the end."""
        self._sampler.sample_day(utc, self._algorithm.benchmark._evaluate(utc), self.capacity_estimate.capacity)

    def exit(self) -> BacktestResult:
        """Takes the last messages and builds the result."""
        self.process_synchronous_events(force=True)
        if not self.runtime_error_message:
            self.debug_message(f"Algorithm Id:({self.algorithm_id}) completed.")
        statistics = self._statistics()
        orders = dict(self._algorithm.transactions._handler._orders)
        summary = statistics.summary
        runtime = self._final_runtime_statistics(summary)
        hash_text = order_list_hash(orders.values())
        self.logs.trace += [f"STATISTICS:: {name} {value}" for name, value in (*summary.items(), ("OrderListHash", hash_text))]
        return BacktestResult(
            algorithm_id=self.algorithm_id,
            statistics=summary,
            order_list_hash=hash_text,
            runtime_statistics=runtime,
            charts=self._sampler.charts,
            orders=orders,
            order_events=list(self._algorithm.transactions._handler._order_events),
            profit_loss=self._profit_loss(),
            total_performance=statistics.total_performance,
            rolling_performances=statistics.rolling_performances,
            server_statistics={"LEAN Version": _ENGINE},
            state=self._state(len(orders)),
            configuration=self._configuration(),
            log_lines=self.logs.lines,
            trace=self.logs.trace,
            runtime_error=self.runtime_error_message,
            data_monitor=self._data_monitor,
        )

    def _profit_loss(self) -> dict[int, Decimal]:
        return {utc: record.profit_loss for utc, record in sorted(self._algorithm.transactions._records.items())}

    def _statistics(self) -> StatisticsResults:
        """GenerateStatisticsResults: statistics that do not fit .NET's numbers are missing altogether, the algorithm's own included."""
        try:
            results = self._generated_statistics()
        except (ArithmeticError, ValueError, MisalignedSeriesError) as error:
            self.logs.trace.append(f"ERROR: Error generating statistics packet: {error}")
            return StatisticsResults()
        for name, value in self._algorithm._engine_emitted.summary_statistics.items():
            results.summary.setdefault(name, value)
        return results

    def _generated_statistics(self) -> StatisticsResults:
        charts = self._sampler.charts
        equity = charts["Strategy Equity"].series["Equity"]._points
        if not equity or "Benchmark" not in charts:
            return StatisticsResults()
        algorithm = self._algorithm
        turnover = charts["Portfolio Turnover"].series["Portfolio Turnover"]._points if "Portfolio Turnover" in charts else []
        records = sorted(algorithm.transactions._records.items())
        lowest = self.capacity_estimate.lowest_capacity_asset
        record = RunRecord(
            trades=algorithm.trade_builder.closed_trades,
            profit_loss=self._profit_loss(),
            wins=[utc for utc, item in records if item.is_win],
            losses=[utc for utc, item in records if not item.is_win],
            equity={point._time: point._close for point in equity},
            performance={point._time: point._y for point in charts["Strategy Equity"].series["Return"]._points},
            benchmark={point._time: point._y for point in charts["Benchmark"].series["Benchmark"]._points},
            turnover={point._time: point._y for point in turnover},
            starting_capital=self._starting_value,
            total_fees=algorithm.portfolio._total_fees,
            total_orders=len(algorithm.transactions._handler._orders),
            capacity=self.capacity_estimate.capacity,
            lowest_capacity_asset="" if lowest is None else str(lowest.id),
        )
        rates = algorithm.risk_free_interest_rate_model
        return generate(record, lambda utc: rates._rate(utc_datetime(utc).date()), algorithm.settings.trading_days_per_year)

    def _final_runtime_statistics(self, summary: dict[str, str]) -> dict[str, str]:
        portfolio = self._algorithm.portfolio
        value = self._sampler.portfolio_value
        net_return = (value - self._starting_value) / self._starting_value if self._starting_value > 0 else Decimal(0)
        own = {
            "Probabilistic Sharpe Ratio": summary.get("Probabilistic Sharpe Ratio", "0%"),
            "Unrealized": f"${currency_text(portfolio._total_unrealized_profit)}",
            "Fees": f"-${currency_text(portfolio._total_fees)}",
            "Net Profit": f"${currency_text(portfolio._total_net_profit)}",
            "Return": percent_text(net_return),
            "Equity": f"${currency_text(value)}",
            "Holdings": f"${currency_text(portfolio._total_holdings_value)}",
            "Volume": f"${currency_text(portfolio._total_sale_volume)}",
        }
        return dict(sorted({**self._runtime_statistics, **own}.items()))

    def _state(self, orders: int) -> dict[str, str]:
        return {
            "StartTime": _iso(self._started),
            "EndTime": _iso(time.time()),
            "RuntimeError": self.runtime_error_message,
            "StackTrace": self._stack_trace,
            "LogCount": str(len(self.logs.lines)),
            "OrderCount": str(orders),
            "InsightCount": "0",
            "Name": getattr(self._algorithm, "name", "") or "local",
            "Hostname": "",
            "Status": "RuntimeError" if self.runtime_error_message else "Completed",
        }

    def _configuration(self) -> dict[str, Any]:
        algorithm = self._algorithm
        return {
            "name": getattr(algorithm, "name", "") or "local",
            "tags": [],
            "accountCurrency": "USD",
            "brokerage": algorithm.brokerage_model._name,
            "accountType": algorithm.brokerage_model.account_type,
            "parameters": algorithm.get_parameters(),
            "outOfSampleMaxEndDate": None,
            "outOfSampleDays": 0,
            "startDate": f"{algorithm.start_date:%Y-%m-%dT%H:%M:%S}Z",
            "endDate": f"{algorithm.end_date:%Y-%m-%dT%H:%M:%S}Z",
            "tradingDaysPerYear": algorithm.settings.trading_days_per_year,
        }


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
