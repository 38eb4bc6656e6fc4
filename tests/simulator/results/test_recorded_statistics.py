"""LEAN's own samples of a run give LEAN's own statistics of it."""

import bisect
import json
from datetime import datetime
from decimal import Decimal

import pytest

from simulator.common.enums import TradeDirection
from simulator.common.time_zone import utc_datetime
from simulator.results.json_text import encode
from simulator.results.result_json import performance_json
from simulator.results.statistics_builder import RunRecord, generate
from simulator.results.trade import Trade


@pytest.fixture(scope="module")
def recorded(conformance_scenarios):
    path = conformance_scenarios.parent / "lean-results" / "statistics_of_option_trades" / "StatisticsOfOptionTrades.json"
    if not path.is_file():
        pytest.skip("LEAN's complete results of the scenario statistics_of_option_trades are not beside the scenarios")
    return json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)


def micros(text):
    return int(datetime.fromisoformat(text).timestamp()) * 1_000_000


def series(recorded, chart, name):
    values = recorded["charts"][chart]["series"][name]["values"]
    return {point[0] * 1_000_000: Decimal(point[-1]) for point in values}


def trade(entry):
    return Trade(
        symbol=entry["symbols"][0]["value"],
        direction=TradeDirection(entry["direction"]),
        _quantity=entry["quantity"],
        _entry_time_utc=micros(entry["entryTime"]),
        _entry_price=entry["entryPrice"],
        _total_fees=entry["totalFees"],
        order_ids=entry["orderIds"],
        _exit_time_utc=micros(entry["exitTime"]),
        _exit_price=entry["exitPrice"],
        _profit_loss=entry["profitLoss"],
        _mae=entry["mae"],
        _mfe=entry["mfe"],
        _end_trade_drawdown=entry["endTradeDrawdown"],
        is_win=entry["isWin"],
    )


@pytest.fixture(scope="module")
def results(recorded, sample_data):
    lines = (sample_data / "alternative" / "interest-rate" / "usa" / "interest-rate.csv").read_text(encoding="utf-8").splitlines()
    rates = sorted(line.split(",")[:2] for line in lines if line[:1].isdigit())

    def rate(utc):
        index = bisect.bisect_right([row[0] for row in rates], f"{utc_datetime(utc):%Y-%m-%d}")
        return Decimal(rates[max(index - 1, 0)][1]) / 100

    profits = {micros(time): Decimal(value) for time, value in recorded["profitLoss"].items()}
    record = RunRecord(
        trades=[trade(entry) for entry in recorded["totalPerformance"]["closedTrades"]],
        profit_loss=profits,
        wins=[time for time, value in profits.items() if value > 0],
        losses=[time for time, value in profits.items() if value <= 0],
        equity={**series(recorded, "Strategy Equity", "Equity"), micros("2021-01-11T21:15:00+00:00"): Decimal(202884)},
        performance=series(recorded, "Strategy Equity", "Return"),
        benchmark=series(recorded, "Benchmark", "Benchmark"),
        turnover=series(recorded, "Portfolio Turnover", "Portfolio Turnover"),
        starting_capital=Decimal(200000),
        total_fees=Decimal(6),
        total_orders=11,
        capacity=Decimal(533000),
        lowest_capacity_asset="SPXW 31K54PVWHYTTA|SPX 31",
    )
    return generate(record, rate, 252)


def test_summary_is_printed_as_lean_prints_it(recorded, results):
    assert results.summary == recorded["statistics"]


def test_portfolio_and_trade_statistics_equal(recorded, results):
    mine = json.loads(encode(performance_json(results.total_performance, with_trades=False)))
    wanted = recorded["totalPerformance"]
    assert mine["portfolioStatistics"] == wanted["portfolioStatistics"]
    expected_trades = {**wanted["tradeStatistics"], "totalFees": "6.0"}  # the recorded fees are read back with one decimal
    assert mine["tradeStatistics"] == expected_trades


def test_rolling_windows_have_leans_keys(recorded, results):
    assert list(results.rolling_performances) == list(recorded["rollingWindow"])
