"""What a run hands back: LEAN's `BacktestResult` and what its files need besides."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from simulator.results.charts import Chart
from simulator.results.data_monitor import DataMonitor
from simulator.results.statistics_builder import AlgorithmPerformance


@dataclass
class BacktestResult:
    """Everything about one run.

    Attributes:
        algorithm_id: names the files.
        statistics: the printed STATISTICS block, custom entries included.
        order_list_hash: LEAN prints it after the statistics, in the log only.
        runtime_statistics: banner figures by name, sorted.
        charts: LEAN's and the algorithm's charts.
        orders: all orders by id.
        order_events: all events in order.
        profit_loss: transaction records by time (microseconds UTC).
        total_performance: statistics of the whole run.
        rolling_performances: statistics of rolling months.
        state: status, times, counts; "Status" is "Completed" or "RuntimeError".
        server_statistics: which engine ran.
        configuration: name, dates, parameters, brokerage.
        log_lines: the algorithm's log.
        trace: the engine's log.
        runtime_error: why the run stopped, or "".
        data_monitor: data files asked for.
    """

    algorithm_id: str
    statistics: dict[str, str] = field(default_factory=dict)
    order_list_hash: str = ""
    runtime_statistics: dict[str, str] = field(default_factory=dict)
    charts: dict[str, Chart] = field(default_factory=dict)
    orders: dict[int, Any] = field(default_factory=dict)
    order_events: list[Any] = field(default_factory=list)
    profit_loss: dict[int, Decimal] = field(default_factory=dict)
    total_performance: AlgorithmPerformance = field(default_factory=AlgorithmPerformance)
    rolling_performances: dict[str, AlgorithmPerformance] = field(default_factory=dict)
    state: dict[str, str] = field(default_factory=dict)
    server_statistics: dict[str, str] = field(default_factory=dict)
    configuration: dict[str, Any] = field(default_factory=dict)
    log_lines: list[str] = field(default_factory=list)
    trace: list[str] = field(default_factory=list)
    runtime_error: str = ""
    data_monitor: DataMonitor = field(default_factory=DataMonitor)

    @property
    def is_complete(self) -> bool:
        """Whether the run reached its end without an error."""
        return not self.runtime_error
