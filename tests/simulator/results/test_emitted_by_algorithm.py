from datetime import datetime
from decimal import Decimal

import pytest

from simulator.algorithm.parameters import ParametersMixin
from simulator.algorithm.plotting import PlottingMixin
from simulator.common.enums import AlgorithmStatus, SeriesType
from simulator.common.system_exceptions import ArgumentException
from simulator.results.charts import Chart, Color, Series
from simulator.results.log_store import LogStore
from simulator.results.user_charts import UserCharts

SECOND = 1_000_000


class Algorithm(PlottingMixin, ParametersMixin):
    def __init__(self):
        self.time = datetime(2024, 1, 12, 9, 40)
        self._utc = 0
        self.status = AlgorithmStatus.RUNNING


@pytest.fixture
def algorithm():
    return Algorithm()


@pytest.mark.parametrize(
    ("text", "default", "value"),
    [
        ("100", 50, 100),
        ("100.0", 50, 50),
        ("0.25", 0.3, 0.25),
        ("7", 0.3, 7.0),
        ("1e3", 0.3, 1000.0),
        ("x", 0.3, 0.3),
        ("condor", "none", "condor"),
        ("1_0", 5, 5),
        ("0.5", Decimal("0.1"), 0.5),
    ],
)
def test_parameter_takes_the_type_of_its_default(algorithm, text, default, value):
    algorithm.set_parameters({"name": text})
    found = algorithm.get_parameter("name", default)
    assert found == value
    assert type(found) is type(value)


def test_absent_parameter_is_its_default(algorithm):
    assert algorithm.get_parameter("absent") is None
    assert algorithm.get_parameter("absent", 7) == 7


def test_messages_carry_the_time_and_repeat_only_in_the_log(algorithm):
    for emit in (algorithm.debug, algorithm.log, algorithm.error):
        emit("same")
        emit("same")
        emit("")
    logs = LogStore()
    logs.flush(algorithm._engine_emitted)
    assert logs.trace == [
        "Debug: 2024-01-12 09:40:00 same",
        "Error: 2024-01-12 09:40:00 same",
        "Log: 2024-01-12 09:40:00 same",
        "Log: 2024-01-12 09:40:00 same",
    ]
    logs.flush(algorithm._engine_emitted)
    assert len(logs.lines) == 4


def test_quit_leaves_a_message(algorithm):
    algorithm.quit("enough")
    assert algorithm.status is AlgorithmStatus.STOPPED
    assert algorithm._engine_emitted.debug == ["2024-01-12 09:40:00 Quit(): enough"]


def test_points_reach_the_runs_charts_once(algorithm):
    charts = {}
    taker = UserCharts(charts)
    algorithm.plot("Income", "trades", 1)
    taker.take(algorithm._engine_chart_updates())
    algorithm._utc = SECOND
    algorithm.plot("Income", "trades", 2)
    algorithm.plot("Income", "trades", 3)
    taker.take(algorithm._engine_chart_updates())
    taker.take(algorithm._engine_chart_updates())
    assert [(point.x, point.y) for point in charts["Income"].series["trades"].values] == [(0, 1.0), (1, 3.0)]


def test_one_name_plots_to_the_equity_chart(algorithm):
    algorithm.plot("mine", 5)
    algorithm.plot("candle", 1, 3, 0.5, 2)
    chart = algorithm._engine_emitted.charts["Strategy Equity"]
    assert list(chart.series) == ["mine", "candle"]
    assert chart.series["candle"].series_type == SeriesType.CANDLE


@pytest.mark.parametrize("names", [("Strategy Equity", "Equity"), ("Exposure", "any"), ("Equity",)])
def test_charts_of_the_engine_are_refused(algorithm, names):
    with pytest.raises(ArgumentException, match="reserved"):
        algorithm.plot(*names, 1)


def test_declared_series_keeps_its_look(algorithm):
    chart = Chart("Risk")
    series = Series("beta", SeriesType.SCATTER, "%", Color.RED)
    chart.add_series(series)
    algorithm.add_chart(chart)
    algorithm.plot("Risk", "beta", 1.23456789)
    charts = {}
    UserCharts(charts).take(algorithm._engine_chart_updates())
    copy = charts["Risk"].series["beta"]
    assert (copy.unit, copy.series_type, str(copy.color), copy.values[0].y) == ("%", SeriesType.SCATTER, "#FF0000", 1.234568)


def test_series_beyond_the_limit_are_left_out_with_one_warning(algorithm):
    charts = {}
    for number in range(32):
        algorithm.plot("Many", f"s{number}", 1)
    warnings = UserCharts(charts).take(algorithm._engine_chart_updates())
    assert len(charts["Many"].series) == 30
    assert len(warnings) == 1
    assert "Limit is currently set at 30" in warnings[0]


def test_statistics_of_the_algorithm_are_texts(algorithm):
    algorithm.set_runtime_statistic("Trades", 3)
    algorithm.set_summary_statistic("Ratio", 0.5)
    assert algorithm.runtime_statistics == {"Trades": "3"}
    assert algorithm._engine_emitted.summary_statistics == {"Ratio": "0.5"}
    with pytest.raises(ArgumentException, match="reserved statistic name"):
        algorithm.set_summary_statistic("42", 1)
