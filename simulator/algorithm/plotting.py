"""Charts, log lines and statistics an algorithm emits (QCAlgorithm.Plotting, Debug, Log, Error, Quit)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from simulator.common.enums import AlgorithmStatus, SeriesType
from simulator.common.system_exceptions import ArgumentException
from simulator.results.charts import BaseSeries, CandlestickSeries, Chart, Series
from simulator.results.net_number import double_text

_RESERVED: Final[dict[str, tuple[str, ...]]] = {
    "Strategy Equity": ("Equity", "Return"),
    "Capacity": ("Strategy Capacity",),
    "Drawdown": ("Equity Drawdown",),
    "Benchmark": ("Benchmark",),
    "Assets Sales Volume": (),
    "Exposure": (),
    "Portfolio Margin": (),
    "Portfolio Turnover": ("Portfolio Turnover",),
}


@dataclass
class _Emitted:
    """What waits for the result handler; messages carry their time already."""

    charts: dict[str, Chart] = field(default_factory=dict)
    debug: list[str] = field(default_factory=list)
    error: list[str] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    previous_debug: str = ""
    previous_error: str = ""
    runtime_statistics: dict[str, str] = field(default_factory=dict)
    summary_statistics: dict[str, str] = field(default_factory=dict)


class PlottingMixin:
    """The emitting part of QCAlgorithm."""

    if TYPE_CHECKING:
        _utc: int

        @property
        def time(self) -> datetime:
            """See ConfigurationMixin."""

        status: AlgorithmStatus

    @property
    def _engine_emitted(self) -> _Emitted:
        found: _Emitted | None = self.__dict__.get("_engine_emitted_state")
        if found is None:
            found = self.__dict__["_engine_emitted_state"] = _Emitted()
        return found

    def _engine_stamped(self, message: str) -> str:
        return f"{self.time:%Y-%m-%d %H:%M:%S} {message}"

    def debug(self, message: Any) -> None:
        """Shows a message; an empty one, or the previous one again, is dropped."""
        text = str(message)
        if text and text != self._engine_emitted.previous_debug:
            self._engine_emitted.debug.append(self._engine_stamped(text))
            self._engine_emitted.previous_debug = text

    def log(self, message: Any) -> None:
        """Writes a line to the log; an empty one is dropped."""
        text = str(message)
        if text:
            self._engine_emitted.log.append(self._engine_stamped(text))

    def error(self, message: Any) -> None:
        """Reports an error that does not stop the algorithm; an empty one, or the previous one again, is dropped."""
        text = str(message)
        if text and text != self._engine_emitted.previous_error:
            self._engine_emitted.error.append(self._engine_stamped(text))
            self._engine_emitted.previous_error = text

    def quit(self, message: Any = "") -> None:
        """Ends the algorithm at the next step; on_end_of_algorithm is called."""
        self.debug(f"Quit(): {message}")
        self.status = AlgorithmStatus.STOPPED

    @property
    def runtime_statistics(self) -> dict[str, str]:
        """What `set_runtime_statistic` collected."""
        return self._engine_emitted.runtime_statistics

    def set_runtime_statistic(self, name: str, value: Any) -> None:
        """Shows a figure in the banner of the results."""
        self._engine_emitted.runtime_statistics[name] = _text(value)

    def set_summary_statistic(self, name: str, value: Any) -> None:
        """Adds an entry to the statistics; LEAN's own entries cannot be replaced.

        Raises:
            ArgumentException: the name is a number from 0 to 100.
        """
        if name.strip().isdigit() and int(name) <= 100:
            raise ArgumentException(f"'{name}' is a reserved statistic name.")
        self._engine_emitted.summary_statistics[name] = _text(value)

    def add_chart(self, chart: Chart) -> None:
        """Registers a chart; a known name is kept as it is."""
        self._engine_emitted.charts.setdefault(chart.name, chart)

    def add_series(self, chart: str, series: str, series_type: SeriesType, unit: str = "$") -> None:
        """Adds or replaces an empty series of a chart."""
        created: BaseSeries = CandlestickSeries(series, 0, unit) if series_type == SeriesType.CANDLE else Series(series, series_type, unit)
        self._engine_emitted.charts.setdefault(chart, Chart(chart)).series[series] = created

    def plot(self, *arguments: Any) -> None:
        """Adds a point: `plot([chart,] series, value)`, `plot([chart,] series, open, high, low, close)`, `plot([chart,] series, bar)`,
        `plot(chart, *indicators)`. Without a chart the point goes to "Strategy Equity".

        Raises:
            ArgumentException: chart or series belong to LEAN.
        """  # noqa: D205 - the summary lists LEAN's overloads
        names = [argument for argument in arguments[:2] if isinstance(argument, str)]
        values = arguments[len(names) :]
        if len(names) == 1 and values and all(hasattr(value, "is_ready") for value in values):
            for indicator in values:
                self._engine_plot(names[0], indicator.name, indicator.current.value)
            return
        chart, series = ("Strategy Equity", names[0]) if len(names) == 1 else (names[0], names[1])
        self._engine_plot(chart, series, *values)

    def record(self, series: str, value: Any) -> None:
        """The same as `plot(series, value)`."""
        self.plot(series, value)

    def _engine_plot(self, chart: str, series: str, *values: Any) -> None:
        is_candle = len(values) == 4 or hasattr(values[0], "high")
        found = self._engine_series(chart, series, CandlestickSeries if is_candle else Series)
        if len(values) == 4 or not is_candle:
            found.add_point(self._utc, *values)
        else:
            bar = values[0]
            found.add_point(self._utc, bar.open, bar.high, bar.low, bar.close)

    def _engine_series(self, chart: str, series: str, kind: type[Series | CandlestickSeries]) -> Any:
        reserved = _RESERVED.get(chart)
        if reserved == ():
            raise ArgumentException(f"'{chart}' is a reserved chart name.")
        if reserved and series in reserved:
            raise ArgumentException(f"'{series}' is a reserved series name for chart '{chart}'.")
        found = self._engine_emitted.charts.setdefault(chart, Chart(chart))
        if series not in found.series:
            found.add_series(kind(series))
        return found.series[series]

    def _engine_chart_updates(self) -> Iterable[tuple[Chart, list[tuple[BaseSeries, list[Any]]]]]:
        """New points of every series since the last call."""
        for chart in self._engine_emitted.charts.values():
            yield chart, [(series, series._take_updates()) for series in chart.series.values()]


def _text(value: Any) -> str:
    return double_text(value) if isinstance(value, float) else str(value)
