from datetime import date, datetime
from decimal import Decimal

import numpy as np
import pytest
from small_folder import write_databases, write_zip

from simulator.common.bars import OpenInterest, QuoteBar, TradeBar
from simulator.common.enums import OptionRight, OptionStyle, Resolution, SecurityType, TickType
from simulator.common.symbol import Symbol
from simulator.common.time_zone import to_utc
from simulator.data.bar_array import concatenate
from simulator.data.data_folder import DataFolder
from simulator.errors import CorruptDataError

MINUTE, HOUR, DAILY = Resolution.MINUTE, Resolution.HOUR, Resolution.DAILY
TRADE, QUOTE, INTEREST = TickType.TRADE, TickType.QUOTE, TickType.OPEN_INTEREST


@pytest.fixture
def root(tmp_path):
    return write_databases(tmp_path / "data")


@pytest.fixture
def spy(root):
    DataFolder(root, None)
    return Symbol.create("SPY", SecurityType.EQUITY, "usa")


@pytest.fixture(scope="module")
def sample(sample_data):
    return DataFolder(sample_data, None)


@pytest.fixture
def spx(sample):
    sample.activate()
    return Symbol.create("SPX", SecurityType.INDEX, "usa")


@pytest.fixture
def es(sample):
    sample.activate()
    return Symbol.create_future("ES", "cme", datetime(2020, 3, 20))


def spxw(spx, right, strike, day):
    return Symbol.create_option(spx, "SPXW", "usa", OptionStyle.EUROPEAN, right, strike, day)


def test_index_bars_are_unscaled_and_in_chicago(sample, spx):
    bars = sample.bars(spx, MINUTE, TRADE, date(2021, 1, 4))
    bar = bars.bar(0, spx)
    assert isinstance(bar, TradeBar)
    assert (bar.open, bar.high, bar.low, bar.close, bar.volume) == (3764.61, 3769.99, 3764.61, 3766.63, 59.0)
    assert (bar.time, bar.end_time) == (datetime(2021, 1, 4, 8, 30), datetime(2021, 1, 4, 8, 31))


def test_digits_of_unscaled_prices_are_those_of_the_file(sample, spx):
    bars = sample.bars(spx, MINUTE, TRADE, date(2023, 7, 3))
    assert str(bars.bar(1, spx)._high) == "4444.3"
    assert str(bars.bar(1, spx)._open) == "4443.51"


def test_index_option_quotes_are_scaled_and_their_files_in_new_york(sample, spx):
    contract = spxw(spx, OptionRight.CALL, 3700, datetime(2021, 1, 4))
    bar = sample.bars(contract, MINUTE, QUOTE, date(2021, 1, 4)).bar(0, contract)
    assert isinstance(bar, QuoteBar)
    assert (bar.bid.open, bar.bid.high, bar.bid.low, bar.bid.close, bar.last_bid_size) == (65.1, 67.1, 63.5, 64.9, 48.0)
    assert (bar.ask.close, bar.last_ask_size) == (67.9, 15.0)
    assert str(bar._close) == "66.4000"
    assert bar.time == datetime(2021, 1, 4, 8, 30)


def test_a_file_lean_does_not_see_is_not_seen_here(sample, spx):
    asked = []
    sample.on_request = lambda path, found: asked.append((path, found))
    contract = spxw(spx, OptionRight.CALL, 3700, datetime(2021, 1, 4))
    assert sample.bars(contract, MINUTE, TRADE, date(2021, 1, 4)) is None
    assert asked == [("indexoption/usa/minute/spxw/20210104_trade_european.zip", False)]


def test_future_bars_are_in_utc_files_and_new_york_time(sample, es):
    bar = sample.bars(es, MINUTE, QUOTE, date(2020, 1, 6)).bar(0, es)
    assert bar.time == datetime(2020, 1, 5, 19, 0)
    assert (bar.bid.open, bar.ask.close) == (3223.5, 3223.25)
    daily = sample.bars(es, DAILY, TRADE, date(2020, 1, 6))
    first = daily.bar(0, es)
    assert (first.time.hour, (first.end_time - first.time).days) == (19, 1)


def test_a_futures_option_s_missing_bid_is_none(sample, es):
    call = Symbol.create_option(es, "cme", OptionStyle.AMERICAN, OptionRight.CALL, 3000, datetime(2020, 3, 20))
    bars = sample.bars(call, MINUTE, QUOTE, date(2020, 1, 5))
    first, second = bars.bar(0, call), bars.bar(1, call)
    assert (first.bid, first.last_bid_size, first.close) == (None, 0.0, 264.75)
    assert (second.bid.close, second.ask.close) == (238.5, 260.25)


def test_equity_hour_and_daily_files_hold_everything(sample):
    sample.activate()
    spy = Symbol.create("SPY", SecurityType.EQUITY, "usa")
    daily = sample.bars(spy, DAILY, TRADE, date(2020, 1, 6))
    first = daily.bar(0, spy)
    assert (first.time, first.close, str(first._close)) == (datetime(1998, 1, 2), 97.36, "97.3600")
    assert sample.bars(spy, HOUR, TRADE, date(2020, 1, 6)).bar(0, spy).time == datetime(1998, 1, 2, 9)


def test_option_files_of_days_hold_a_year(sample):
    sample.activate()
    goog = Symbol.create("GOOG", SecurityType.EQUITY, "usa")
    call = Symbol.create_option(goog, "usa", OptionStyle.AMERICAN, OptionRight.CALL, 500, datetime(2016, 1, 15))
    bars = sample.bars(call, DAILY, QUOTE, date(2015, 12, 24))
    assert [bars.bar(row, call).time.day for row in range(len(bars))] == [23, 24]
    assert bars.bar(0, call).bid.open == 253.1
    assert sample.bars(call, DAILY, QUOTE, date(2016, 1, 4)) is None


def test_open_interest_is_a_point(sample):
    sample.activate()
    goog = Symbol.create("GOOG", SecurityType.EQUITY, "usa")
    call = Symbol.create_option(goog, "usa", OptionStyle.AMERICAN, OptionRight.CALL, 1000, datetime(2015, 12, 24))
    point = sample.bars(call, MINUTE, INTEREST, date(2015, 12, 24)).bar(0, call)
    assert isinstance(point, OpenInterest)
    assert point.time == point.end_time == datetime(2015, 12, 24, 6, 31)


@pytest.mark.parametrize("day", [date(2024, 3, 8), date(2024, 3, 11), date(2024, 7, 8), date(2024, 11, 4)])
def test_bars_end_at_the_right_instant_over_daylight_saving(root, spy, day):
    write_zip(root, f"equity/usa/minute/spy/{day:%Y%m%d}_trade.zip", any="34200000,1,1,1,1,1\n")
    bars = DataFolder(root, None).bars(spy, MINUTE, TRADE, day)
    assert bars.end_utc[0] == to_utc(datetime(day.year, day.month, day.day, 9, 31), "America/New_York")


def test_a_day_s_bar_ends_at_the_next_local_midnight_when_the_clock_changes(root, spy):
    write_zip(root, "equity/usa/daily/spy.zip", spy="20240308 00:00,1,1,1,1,1\n20240310 00:00,1,1,1,1,1\n20241103 00:00,1,1,1,1,1\n")
    bars = DataFolder(root, None).bars(spy, DAILY, TRADE, date(2024, 3, 8))
    assert ((bars.end_utc - bars.start_utc) // 3_600_000_000).tolist() == [24, 23, 25]


def test_a_malformed_line_names_file_entry_and_line(root, spy):
    write_zip(root, "equity/usa/minute/spy/20240108_trade.zip", a="34200000,1,1,1,1,1\n34260000,1,1,1,1\n")
    with pytest.raises(CorruptDataError, match=r"20240108_trade\.zip.*line 2"):
        DataFolder(root, None).bars(spy, MINUTE, TRADE, date(2024, 1, 8))


def test_times_that_go_backwards_are_refused(root, spy):
    write_zip(root, "equity/usa/minute/spy/20240108_trade.zip", a="34260000,1,1,1,1,1\n34200000,1,1,1,1,1\n")
    with pytest.raises(CorruptDataError, match=r"line 2: times go backwards"):
        DataFolder(root, None).bars(spy, MINUTE, TRADE, date(2024, 1, 8))


def test_missing_days_and_contracts_are_none(root, spy):
    folder = DataFolder(root, None)
    assert folder.bars(spy, MINUTE, TRADE, date(2024, 1, 8)) is None
    put = Symbol.create_option(spy, "usa", OptionStyle.AMERICAN, OptionRight.PUT, 470, datetime(2024, 1, 12))
    write_zip(root, "option/usa/minute/spy/20240108_quote_american.zip", other="1,1,1,1,1,1,1,1,1,1,1\n")
    folder = DataFolder(root, None)
    assert folder.bars(put, MINUTE, QUOTE, date(2024, 1, 8)) is None
    assert folder.bar_entries(put, MINUTE, QUOTE, date(2024, 1, 8)) == ["other.csv"]
    assert folder.bar_entries(put, MINUTE, QUOTE, date(2024, 1, 9)) == []


def test_the_second_run_reads_the_cache_and_a_changed_zip_does_not(root, spy, tmp_path):
    path = "equity/usa/minute/spy/20240108_trade.zip"
    write_zip(root, path, a="34200000,10000,10000,10000,10000,1\n")
    with DataFolder(root, tmp_path / "cache") as folder:
        assert folder.bars(spy, MINUTE, TRADE, date(2024, 1, 8)).bar(0, spy).close == 1.0
    (cached,) = (tmp_path / "cache").rglob("*.bars")
    with DataFolder(root, tmp_path / "cache") as folder:
        assert folder.bars(spy, MINUTE, TRADE, date(2024, 1, 8)).bar(0, spy).close == 1.0
    write_zip(root, path, a="34200000,20000,20000,20000,20000,1\n34260000,20000,20000,20000,20000,1\n")
    cached.write_bytes(cached.read_bytes()[:-4])
    with DataFolder(root, tmp_path / "cache") as folder:
        assert folder.bars(spy, MINUTE, TRADE, date(2024, 1, 8)).bar(1, spy).close == 2.0


def test_a_cache_that_is_used_decodes_nothing(root, spy, tmp_path, monkeypatch):
    write_zip(root, "equity/usa/minute/spy/20240108_trade.zip", a="34200000,10000,10000,10000,10000,1\n")
    with DataFolder(root, tmp_path / "cache") as folder:
        folder.bars(spy, MINUTE, TRADE, date(2024, 1, 8))
    monkeypatch.setattr("simulator.data.bar_reader.decode", None)
    with DataFolder(root, tmp_path / "cache") as folder:
        assert len(folder.bars(spy, MINUTE, TRADE, date(2024, 1, 8))) == 1


def test_files_join_at_the_most_decimals(sample, spx):
    parts = [sample.bars(spx, MINUTE, TRADE, day) for day in (date(2023, 6, 26), date(2023, 7, 3))]
    joined = concatenate(parts)
    assert len(joined) == sum(map(len, parts))
    row = len(parts[0]) + 1
    assert str(joined.bar(row, spx)._high) == "4444.3"
    assert concatenate([]) is None
    assert concatenate(parts[:1]) is parts[0]


def test_joining_rescales_prices_but_not_sizes(root):
    for day, close in (("08", "1"), ("09", "1.5")):
        write_zip(root, f"index/usa/minute/spx/202401{day}_trade.zip", a=f"30600000,{close},{close},{close},{close},7\n")
    folder = DataFolder(root, None)
    index = Symbol.create("SPX", SecurityType.INDEX, "usa")
    joined = concatenate([folder.bars(index, MINUTE, TRADE, date(2024, 1, day)) for day in (8, 9)])
    assert [joined.bar(row, index)._close for row in (0, 1)] == [Decimal(1), Decimal("1.5")]
    assert [str(joined.bar(row, index)._close) for row in (0, 1)] == ["1", "1.5"]
    assert joined.volume.tolist() == [7, 7]
    assert joined.close.tolist() == [10, 15]


def test_parts_of_an_array(sample, spx):
    bars = sample.bars(spx, MINUTE, TRADE, date(2021, 1, 4))
    ends = bars.end_utc
    assert bars.between(int(ends[2]), int(ends[5])).end_utc.tolist() == ends[3:6].tolist()
    mask = np.zeros(len(bars), dtype=bool)
    mask[7] = True
    assert bars.where(mask).bar(0, spx).close == bars.bar(7, spx).close
    assert bars.part(1, 3).open.tolist() == bars.open[1:3].tolist()
    moved = bars.part(0, 1).with_times(ends[:1], ends[1:2])
    assert moved.bar(0, spx)._end_utc == int(ends[1])
