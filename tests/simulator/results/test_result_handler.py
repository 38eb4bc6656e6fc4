"""The handler over a hand-written algorithm: when it samples, what it samples, what comes out."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest

from simulator.algorithm.parameters import ParametersMixin
from simulator.algorithm.plotting import PlottingMixin
from simulator.common.enums import AccountType, SecurityType
from simulator.common.time_zone import DAY, MINUTE, from_utc_datetime, to_local
from simulator.project import Project
from simulator.results.object_store import ObjectStore
from simulator.results.result_files import OutputFolder, new_algorithm_id, write_result
from simulator.results.result_handler import BacktestingResultHandler
from simulator.results.trade_builder import TradeBuilder

START = from_utc_datetime(datetime(2024, 1, 2, 5, tzinfo=UTC))  # midnight in New York


class Portfolio:
    invested = False
    _total_unrealized_profit = Decimal(0)
    _total_fees = Decimal("12.5")
    _total_net_profit = Decimal(40)
    _total_holdings_value = Decimal(0)
    _total_sale_volume = Decimal(0)

    def __init__(self):
        self._total_portfolio_value = Decimal(1000)
        self.groups = []

    def _margin_by_group(self):
        return self.groups


class Algorithm(PlottingMixin, ParametersMixin):
    time_zone = "America/New_York"
    start_date = datetime(2024, 1, 2)
    end_date = datetime(2024, 1, 5) - timedelta(microseconds=1)
    is_warming_up = False
    current_slice = None
    benchmark = SimpleNamespace(_evaluate=lambda utc: Decimal(100) + utc // DAY % 7)
    risk_free_interest_rate_model = SimpleNamespace(_rate=lambda _: Decimal("0.05"))
    settings = SimpleNamespace(trading_days_per_year=252)
    brokerage_model = SimpleNamespace(_name=36, account_type=AccountType.MARGIN)

    def __init__(self):
        self._utc = START
        self.portfolio = Portfolio()
        self.securities = {}
        self.trade_builder = TradeBuilder()
        self.transactions = SimpleNamespace(_records={}, _handler=SimpleNamespace(_orders={}, _order_events=[]))

    @property
    def time(self):
        return to_local(self._utc, self.time_zone)


@pytest.fixture
def algorithm():
    return Algorithm()


@pytest.fixture
def handler(algorithm):
    result = BacktestingResultHandler("Scenario")
    result.set_algorithm(algorithm, Decimal(1000))
    return result


def step(handler, algorithm, minutes, value):
    algorithm._utc = START + minutes * MINUTE
    algorithm.portfolio._total_portfolio_value = Decimal(str(value))
    handler.process_synchronous_events(algorithm._utc)


def test_a_period_of_whole_minutes_is_over_in_time(algorithm):
    """The end date lies a tick before midnight and TimeSpan.FromMinutes cuts, so 25 days are sampled every nine minutes, not every ten."""
    algorithm.end_date = datetime(2024, 1, 27) - timedelta(microseconds=1)
    handler = BacktestingResultHandler("Scenario")
    handler.set_algorithm(algorithm, Decimal(1000))
    for minute in range(1, 21):
        step(handler, algorithm, minute, 1000)
    assert [candle[0] for candle in candles(handler)] == [1, 10, 19]


def candles(handler):
    points = handler.charts["Strategy Equity"].series["Equity"].values
    return [((point._time - START) // MINUTE, point.open, point.high, point.low, point.close) for point in points]


def test_first_step_is_sampled_and_then_the_first_after_four_minutes(handler, algorithm):
    for minute in range(1, 12):
        step(handler, algorithm, minute, 1000 + minute)
    assert candles(handler) == [(1, 1001, 1001, 1001, 1001), (6, 1002, 1006, 1002, 1006), (11, 1007, 1011, 1007, 1011)]
    assert handler.next_sample_utc == START + 15 * MINUTE + 1


def test_long_runs_are_sampled_more_rarely(algorithm):
    algorithm.end_date = algorithm.start_date + timedelta(minutes=40_000)
    handler = BacktestingResultHandler("Long")
    handler.set_algorithm(algorithm, Decimal(1000))
    step(handler, algorithm, 1, 1000)
    assert handler.next_sample_utc == START + 11 * MINUTE + 1


def test_candle_keeps_extremes_between_samples(handler, algorithm):
    for minute, value in ((1, 1000), (2, 990.00009), (3, 1020), (6, 1000)):
        step(handler, algorithm, minute, value)
    assert candles(handler)[-1] == (6, 990.0001, 1020, 990.0001, 1000)


def test_daily_sample_has_return_drawdown_turnover_and_benchmark(handler, algorithm):
    handler.sample(START)
    algorithm.portfolio._total_portfolio_value = Decimal(900)
    algorithm.portfolio._total_sale_volume = Decimal(450)
    algorithm._utc = START + DAY
    handler.sample(algorithm._utc)
    charts = handler.charts
    assert [point.y for point in charts["Strategy Equity"].series["Return"].values] == [0, -10]
    assert [point.y for point in charts["Drawdown"].series["Equity Drawdown"].values] == [0, -10]
    assert [point.y for point in charts["Portfolio Turnover"].series["Portfolio Turnover"].values] == [0.5]
    assert len(charts["Benchmark"].series["Benchmark"].values) == 2


def test_last_sample_at_the_time_of_a_daily_one_replaces_its_turnover(handler, algorithm):
    for volume in (300, 600):
        algorithm.portfolio._total_sale_volume = Decimal(volume)
        algorithm._utc = START + DAY
        handler.sample(algorithm._utc)
    assert [point.y for point in handler.charts["Portfolio Turnover"].series["Portfolio Turnover"].values] == [0.6]


def test_nothing_is_sampled_while_warming_up(handler, algorithm):
    algorithm.is_warming_up = True
    step(handler, algorithm, 1, 1000)
    handler.sample(START)
    assert candles(handler) == []


def test_value_at_the_end_of_warm_up_is_the_starting_value(handler, algorithm):
    algorithm.portfolio._total_portfolio_value = Decimal(1100)
    handler.on_warmup_finished()
    handler.sample(START)
    assert handler.charts["Strategy Equity"].series["Return"].values[0].y == 0


def test_exposure_and_margin_are_shares_of_the_portfolio(handler, algorithm):
    holding = SimpleNamespace(
        symbol=SimpleNamespace(security_type=SecurityType.INDEX_OPTION, value="SPXW"),
        _holdings_value=Decimal(-50),
        _total_sale_volume=Decimal(70),
    )
    algorithm.securities = {"SPXW": SimpleNamespace(holdings=holding)}
    algorithm.portfolio.groups = [("SPXW, SPXW2", Decimal("123.456"))]
    handler.sample(START)
    algorithm.portfolio.groups = []
    handler.sample(START + DAY)
    charts = handler.charts
    assert charts["Exposure"].series["IndexOption - Short Ratio"].values[0].y == -0.05
    assert charts["Exposure"].series["IndexOption - Long Ratio"].values[0].y == 0
    assert charts["Assets Sales Volume"].series["SPXW"].values[0].y == 70
    assert [point.y for point in charts["Portfolio Margin"].series["SPXW, SPXW2"].values] == [12.35]


def test_finished_run_has_statistics_and_files(handler, algorithm, tmp_path):
    source = tmp_path / "project"
    source.mkdir()
    (source / "main.py").write_text("x = 1\n", encoding="utf-8")
    (source / ".venv").mkdir()
    (source / ".venv" / "hidden.py").write_text("", encoding="utf-8")
    for day, value in enumerate((1000, 1010, 1005, 1020, 1040)):
        algorithm._utc = START + day * DAY
        algorithm.portfolio._total_portfolio_value = Decimal(value)
        handler.sample(algorithm._utc)
        handler.process_synchronous_events(algorithm._utc)
    algorithm.set_summary_statistic("Mine", 1)
    algorithm.log("last words")
    result = handler.exit()
    assert result.is_complete
    assert result.statistics["Net Profit"] == "4.00%"
    assert result.statistics["Mine"] == "1"
    assert result.runtime_statistics["Fees"] == "-$12.50"
    assert result.order_list_hash == "d41d8cd98f00b204e9800998ecf8427e"
    assert "STATISTICS:: Total Orders 0" in result.trace

    output = OutputFolder(tmp_path / "out")
    store = ObjectStore(output.storage)
    store.save("journal.jsonl", '{"event": 1}\n')
    write_result(result, output.folder, Project.open(source), store, "first")
    assert not (tmp_path / "out").exists()
    folder = output.complete()
    names = {path.name for path in folder.iterdir()}
    assert {"Scenario.json", "Scenario-summary.json", "Scenario-log.txt", "log.txt", "config", "code", "journal.jsonl"} <= names
    assert "Scenario-order-events.json" not in names
    assert [path.name for path in (folder / "code").rglob("*.py")] == ["main.py"]
    document = json.loads((folder / "Scenario.json").read_text(encoding="utf-8"))
    assert document["state"]["Status"] == "Completed"
    assert document["statistics"]["End Equity"] == "1040"
    assert document["charts"]["Strategy Equity"]["series"]["Return"]["values"][1] == [(START + DAY) // 1_000_000, 1.0]
    assert json.loads((folder / "config").read_text(encoding="utf-8"))["backtest-name"] == "first"
    assert "last words\n" in (folder / "Scenario-log.txt").read_text(encoding="utf-8")


def test_statistics_beyond_a_decimal_are_missing_altogether(handler, algorithm):
    """BaseResultsHandler.GenerateStatisticsResults logs the error and goes on with an empty packet, without the algorithm's own entries."""
    algorithm.benchmark = SimpleNamespace(_evaluate=lambda utc: Decimal(100) - utc // DAY % 2)
    for day, value in enumerate((1000, 1000, 1700, 2900, 4900)):
        algorithm._utc = START + day * DAY
        algorithm.portfolio._total_portfolio_value = Decimal(value)
        handler.sample(algorithm._utc)
    algorithm.set_summary_statistic("Mine", 1)
    result = handler.exit()
    assert result.statistics == {}
    assert result.runtime_statistics["Probabilistic Sharpe Ratio"] == "0%"
    assert any("Error generating statistics packet: alpha" in line for line in result.trace)


def test_error_is_kept_in_the_state(handler):
    handler.sample(START)
    handler.runtime_error("boom")
    handler.runtime_error("later")
    result = handler.exit()
    assert not result.is_complete
    assert (result.state["Status"], result.state["RuntimeError"]) == ("RuntimeError", "boom")


def test_output_replaces_an_earlier_result_but_nothing_else(tmp_path):
    target = tmp_path / "out"
    first = OutputFolder(target)
    for name in ("config", "log.txt", "old"):
        (first.folder / name).write_text("", encoding="utf-8")
    first.complete()
    second = OutputFolder(target)
    (second.folder / "config").write_text("", encoding="utf-8")
    second.complete()
    assert [path.name for path in target.iterdir()] == ["config"]
    with pytest.raises(Exception, match="is not the folder of an earlier backtest"):
        OutputFolder(target)


def test_failed_run_leaves_no_folder_of_that_name(tmp_path):
    output = OutputFolder(tmp_path / "out")
    assert output.fail() == tmp_path / "out.failed"
    assert not (tmp_path / "out").exists()


def test_backtest_ids_look_like_the_cli_s():
    assert len(new_algorithm_id()) == 10
    assert new_algorithm_id().startswith("1")
