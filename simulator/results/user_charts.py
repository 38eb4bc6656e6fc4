"""Copies what the algorithm plotted into the run's charts, within LEAN's limits (BacktestingResultHandler.SampleRange)."""

from collections.abc import Iterable
from typing import Any, Final

from simulator.common.enums import SeriesType
from simulator.results.charts import BaseSeries, Chart, ChartPoint

_MAX_SERIES: Final = 30
_MAX_POINTS: Final = 1_000_000


class UserCharts:
    """Adds new points to the run's charts and says once what was left out."""

    def __init__(self, charts: dict[str, Chart]) -> None:
        self._charts = charts
        self._names: set[str] = set()
        self._full: set[str] = set()
        self._too_many_series = False

    def take(self, updates: Iterable[tuple[Chart, list[tuple[BaseSeries, list[Any]]]]]) -> list[str]:
        """Adds the points of every series since the last call; returns warnings."""
        warnings: list[str] = []
        for source, series_updates in updates:
            chart = self._charts.setdefault(source.name, Chart(source.name))
            for series, points in series_updates:
                if self._is_within_limit(series.name, warnings) and points:
                    self._extend(chart, series, points, warnings)
        return warnings

    def _is_within_limit(self, name: str, warnings: list[str]) -> bool:
        if name in self._names or len(self._names) < _MAX_SERIES:
            self._names.add(name)
            return True
        if not self._too_many_series:
            self._too_many_series = True
            warnings.append(
                "Exceeded maximum chart series count for organization tier, new series will be ignored. "
                f"Limit is currently set at {_MAX_SERIES}. https://qnt.co/docs-charting-quotas"
            )
        return False

    def _extend(self, chart: Chart, series: BaseSeries, points: list[Any], warnings: list[str]) -> None:
        if series.name not in chart.series:
            chart.series[series.name] = series._empty_copy()
        target = chart.series[series.name]._points
        if series.series_type == SeriesType.PIE:
            target.append(ChartPoint(points[-1]._time, sum(point._y or 0 for point in points)))
        elif len(target) + len(points) <= _MAX_POINTS:
            target.extend(points)
        elif chart.name + series.name not in self._full:
            self._full.add(chart.name + series.name)
            warnings.append(
                "Exceeded maximum data points per series for organization tier, chart update skipped. "  # noqa: S608 - LEAN's text, no SQL
                f"Chart Name {chart.name}. Series name {series.name}. https://qnt.co/docs-charting-quotas"
                f"Limit is currently set at {_MAX_POINTS}"
            )
