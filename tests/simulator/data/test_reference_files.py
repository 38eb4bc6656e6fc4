from datetime import date, datetime
from decimal import Decimal

import pytest

from simulator.common.bars import Dividend, Split
from simulator.common.enums import DataMappingMode, DataNormalizationMode, SecurityType
from simulator.common.symbol import Symbol
from simulator.data.data_folder import DataFolder
from simulator.data.factor_file import distribution, read_corporate_factors, read_mapping_factors
from simulator.data.interest_rate import InterestRateProvider
from simulator.data.map_file import MapFile, MapFileRow, MapFiles
from simulator.data.margin_file import MarginFile
from simulator.errors import CorruptDataError

ADJUSTED, RAW = DataNormalizationMode.ADJUSTED, DataNormalizationMode.RAW


@pytest.fixture(scope="module")
def sample(sample_data):
    return DataFolder(sample_data, None)


@pytest.fixture
def aapl(sample):
    sample.activate()
    return Symbol.create("AAPL", SecurityType.EQUITY, "usa")


@pytest.fixture
def es():
    return Symbol.create("ES", SecurityType.FUTURE, "cme")


def test_goog_was_goocv_first(sample):
    sample.activate()
    goog = Symbol.create("GOOG", SecurityType.EQUITY, "usa")
    file = sample.map_file(goog)
    assert (file.permtick, file.first_ticker, file.first_date) == ("GOOG", "GOOCV", date(2014, 3, 27))
    assert [file.get_mapped_symbol(day) for day in (date(2014, 4, 2), date(2014, 4, 3))] == ["GOOCV", "GOOG"]
    assert file.has_data(date(2015, 1, 2))
    assert not file.has_data(date(2014, 3, 26))


def test_a_ticker_of_two_companies_belongs_to_the_one_of_the_date(tmp_path):
    (tmp_path / "foo.csv").write_text("20000103,foo\n20101231,foo\n")
    (tmp_path / "bar.csv").write_text("19990104,bar\n20120101,bar\n20501231,foo\n")
    (tmp_path / "foo.1.csv").write_text("19900102,foo.1\n19991231,foo\n")
    files = MapFiles(tmp_path)
    assert files.resolve("FOO", date(2005, 1, 1)).permtick == "FOO"
    assert files.resolve("foo", date(2015, 1, 1)).permtick == "BAR"
    assert files.resolve("FOO", date(1995, 1, 1)).first_ticker == "FOO"
    assert files.resolve("QQQ", date(2005, 1, 1)).rows == []


def test_without_rows_a_map_file_maps_nothing():
    file = MapFile("spy", ())
    assert file.get_mapped_symbol(date(2024, 1, 2), "SPY") == "SPY"
    assert file.has_data(date(1970, 1, 1))


def test_rolls_are_told_apart_by_mapping_mode():
    rows = [
        MapFileRow(date(2024, 3, 1), "A", "", DataMappingMode.FIRST_DAY_MONTH),
        MapFileRow(date(2024, 3, 10), "B", "", DataMappingMode.OPEN_INTEREST),
    ]
    file = MapFile("es", rows)
    assert file.get_mapped_symbol(date(2024, 3, 1), "", DataMappingMode.OPEN_INTEREST) == "B"
    assert file.get_mapped_symbol(date(2024, 3, 1), "", DataMappingMode.FIRST_DAY_MONTH) == "A"
    assert file.get_mapped_symbol(date(2024, 3, 11), "", DataMappingMode.OPEN_INTEREST) == ""


def test_the_continuous_future_stands_for_a_contract(sample, es):
    contract = sample.mapped_contract(es, date(2020, 1, 6), DataMappingMode.OPEN_INTEREST)
    assert (contract.value, str(contract.id)) == ("ES20H20", "ES XCZJLC9NOB29")
    factors = sample.mapping_factors(es)
    ratio = factors.get_price_factor(date(2020, 1, 6), DataNormalizationMode.BACKWARDS_RATIO, DataMappingMode.OPEN_INTEREST)
    assert ratio == Decimal("0.975864428218931634097868755")
    assert (
        factors.get_price_factor(date(2009, 11, 30), DataNormalizationMode.BACKWARDS_PANAMA_CANAL, DataMappingMode.FIRST_DAY_MONTH, 1)
        == -241
    )
    assert factors.get_price_factor(date(2049, 1, 1), DataNormalizationMode.BACKWARDS_RATIO, DataMappingMode.OPEN_INTEREST) == 1
    assert factors.get_price_factor(date(2049, 1, 1), DataNormalizationMode.BACKWARDS_PANAMA_CANAL, DataMappingMode.OPEN_INTEREST) == 0
    assert factors.minimum_date == date(2009, 11, 29)


def test_adjusted_prices_use_the_row_that_ends_a_date(sample, aapl):
    factors = sample.factor_file(aapl)
    assert factors.get_price_factor(date(2020, 8, 28), ADJUSTED) == Decimal("0.9967882") * Decimal("0.25")
    assert factors.get_price_factor(date(2020, 8, 31), ADJUSTED) == Decimal("0.9967882")
    assert factors.get_price_factor(date(2020, 8, 28), DataNormalizationMode.SPLIT_ADJUSTED) == Decimal("0.25")
    assert factors.get_price_factor(date(2020, 8, 28), RAW) == 0


def test_dividends_and_splits_follow_from_factors(sample, aapl):
    factors = sample.factor_file(aapl)
    assert factors.split_on_next_trading_day(date(2020, 8, 28)) == (Decimal("0.25"), Decimal("499.23"))
    assert factors.dividend_on_next_trading_day(date(2020, 8, 28)) is None
    ratio, reference = factors.dividend_on_next_trading_day(date(2020, 11, 5))
    assert distribution(reference, ratio) == Decimal("0.21")
    assert factors.split_on_next_trading_day(date(2020, 8, 27)) is None
    events = factors.get_splits_and_dividends(aapl, sample.market_hours.hours_of(aapl))
    assert [type(event) for event in events[-3:]] == [Split, Dividend, Dividend]
    assert [event.time for event in events[-3:]] == [datetime(2020, 8, 31), datetime(2020, 11, 6), datetime(2021, 2, 5)]
    assert events[-2].distribution == 0.21


def test_without_a_factor_file_there_are_no_factors(tmp_path, sample):
    assert read_corporate_factors(tmp_path / "absent.csv").rows == []
    assert read_mapping_factors(tmp_path / "absent.csv").rows == []
    assert sample.factor_file(Symbol.create("XYZ", SecurityType.EQUITY, "usa")) is None
    assert sample.map_file(Symbol.create("XYZ", SecurityType.EQUITY, "usa")) is None


def test_rows_with_broken_factors_are_skipped_as_in_lean(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("20100101,1,inf,5\n20110101,1,1.6e+6,5\n20120101,0,1,5\n20130101,0.9,1,5\n20501231,1,1,0\n")
    assert [row.date.year for row in read_corporate_factors(path).rows] == [2013, 2050]


def test_the_rate_holds_until_the_next_row(sample, tmp_path):
    rates = sample.interest_rate
    assert rates.get_interest_rate(date(2024, 1, 9)) == 0.055
    assert rates.get_interest_rate(datetime(2003, 6, 25, 23)) == 0.0225
    assert rates.get_interest_rate(date(2003, 6, 26)) == 0.02
    assert rates.get_interest_rate(date(1990, 1, 1)) == 0.0225
    assert rates.get_average_risk_free_rate([date(2003, 6, 25), date(2003, 6, 26), date(2003, 6, 26)]) == pytest.approx(0.0208333333)
    assert rates.get_average_risk_free_rate([]) == 0.0
    assert InterestRateProvider(tmp_path / "absent.csv").get_interest_rate(date(2024, 1, 9)) == 0.01


def test_margins_are_the_last_row_s(sample, es, tmp_path):
    entry = sample.margin_requirements(es, date(2020, 1, 6))
    assert (entry.initial_overnight, entry.maintenance_overnight, entry.initial_intraday) == (6930, 6300, Decimal("2772.0"))
    assert sample.margin_requirements(es, date(1990, 1, 1)).initial_overnight == 4375
    assert sample.margin_requirements(Symbol.create("??", SecurityType.FUTURE, "cme"), date(2020, 1, 6)) is None
    path = tmp_path / "X.csv"
    path.write_text("date,initial,maintenance\n# note\n20200101,100,90,50\n20210101,100,90,50,40\n")
    rows = MarginFile(path).entries
    assert [(row.initial_intraday, row.maintenance_intraday) for row in rows] == [(50, 36), (50, 40)]


@pytest.mark.parametrize(
    ("reader", "text"),
    [
        (read_corporate_factors, "20100101,one,1\n"),
        (read_mapping_factors, '{"Date": 5}\n'),
        (InterestRateProvider, "DATE,PCREDIT8\n2003/01/09,2.25\n"),
        (MarginFile, "date,initial,maintenance\n20200101,100\n"),
        (lambda path: MapFiles(path.parent), "2020,SPY\n"),
    ],
)
def test_a_malformed_line_is_named(tmp_path, reader, text):
    path = tmp_path / "x.csv"
    path.write_text(text)
    with pytest.raises(CorruptDataError, match=rf"x\.csv, line {text.count(chr(10))}"):
        reader(path)
