import json
from datetime import date, datetime

import pytest
from small_folder import write_databases

from simulator.common.enums import OptionRight, SecurityType
from simulator.common.symbol import Symbol
from simulator.data.data_folder import DataFolder
from simulator.errors import CorruptDataError, DataFolderError, LeanApiMissing


@pytest.fixture(scope="module")
def sample(sample_data):
    return DataFolder(sample_data, None)


@pytest.fixture
def weekly(sample):
    sample.activate()
    return Symbol.create_canonical_option(Symbol.create("SPX", SecurityType.INDEX, "usa"), "SPXW", "usa", "?SPXW")


def test_an_index_options_universe(sample, weekly):
    file = sample.universe(weekly, date(2023, 6, 23))
    assert (file.underlying.open, file.underlying.close) == (4350.18, 4348.23)
    assert file.symbol(0).value == "SPXW  230630C04440000"
    assert (file.close[0], file.volume[0], file.open_interest[0]) == (1.7, 893, 1209)
    assert (file.implied_volatility[0], file.delta[0], file.theta[0], file.rho[0]) == (0.0956202, 0.0675138, -0.579011, 0.0559743)
    assert all(symbol.canonical == weekly for symbol in file.symbols())


def test_an_equity_options_universe_names_contracts_as_lean_does(sample):
    sample.activate()
    canonical = Symbol.create_canonical_option(Symbol.create("GOOG", SecurityType.EQUITY, "usa"))
    file = sample.universe(canonical, date(2015, 12, 23))
    assert len(file) == 2192
    wanted = [symbol for symbol in file.symbols() if symbol.value == "GOOG  151224P00800000"]
    assert [str(symbol.id) for symbol in wanted] == ["GOOCV 305RBQ20WLZZA|GOOCV VP83T1ZUHROL"]
    assert set(file.right.tolist()) == {int(OptionRight.CALL), int(OptionRight.PUT)}


def test_a_futures_options_universe_has_no_greeks(sample):
    future = Symbol.create_future("ES", "cme", datetime(2020, 3, 20))
    file = sample.universe(Symbol.create_canonical_option(future), date(2020, 1, 3))
    assert len(file) == 104
    assert file.symbol(0).value == "ES20H20  200320C03000000"
    assert (file.close[0], file.delta.any(), file.open_interest[0]) == (251.875, False, 0)
    assert file.underlying.close == 3223.75


def test_a_futures_universe_lists_contract_months(sample):
    es = Symbol.create("ES", SecurityType.FUTURE, "cme")
    file = sample.universe(es, date(2013, 7, 10))
    assert file.underlying is None
    assert (file.symbol(0).value, file.symbol(0).id.date) == ("ES20Z13", datetime(2013, 12, 20, 13, 30))
    assert (file.close[0], file.open_interest[0]) == (1664.5, 22316)


def test_the_newest_file_of_the_last_three_trading_days_is_used(sample, weekly):
    assert sample.latest_universe(weekly, date(2021, 1, 4)).day == date(2020, 12, 31)
    assert sample.latest_universe(weekly, date(2021, 1, 6)).day == date(2020, 12, 31)
    assert sample.latest_universe(weekly, date(2021, 1, 7)) is None
    assert sample.latest_universe(weekly, date(2020, 12, 31)) is None


def test_a_missing_universe_is_a_failed_request(sample, weekly):
    asked = []
    sample.on_request = lambda path, found: asked.append((path, found))
    assert sample.universe(weekly, date(1999, 1, 4)) is None
    assert asked == [("indexoption/usa/universes/spxw/19990104.csv", False)]


@pytest.fixture
def small(tmp_path):
    root = write_databases(tmp_path / "data")
    folder = root / "option" / "usa" / "universes" / "xyz"
    folder.mkdir(parents=True)

    def write(*lines):
        (folder / "20240108.csv").write_text("#expiry,strike,right,open,high,low,close,volume,open_interest\n" + "\n".join(lines))
        data = DataFolder(root, None)
        canonical = Symbol.create_canonical_option(Symbol.create("XYZ", SecurityType.EQUITY, "usa"))
        return data.universe(canonical, date(2024, 1, 8))

    return write


def test_a_universe_of_the_underlying_alone_has_no_contracts(small):
    file = small(",,,1,2,0.5,1.5,100,")
    assert (len(file), file.underlying.close) == (0, 1.5)


def test_fractional_strikes_and_small_letters(small):
    file = small(",,,1,2,0.5,1.5,100,", "20240112,402.5,p,1E-3,2,0.5,1.5,,7")
    assert file.symbol(0).value == "XYZ   240112P00402500"
    assert (file.open[0], file.volume[0], file.open_interest[0]) == (0.001, 0, 7)


@pytest.mark.parametrize(
    "line", ["20240112,402,X,1,2,0.5,1.5,,7", "20240112", "2024-01-12,402,C,1,2,1,1,1,1", "20240112,one,C,1,2,1,1,1,1"]
)
def test_a_universe_line_without_a_contract_is_named(small, line):
    with pytest.raises(CorruptDataError, match=r"20240108\.csv, line 4"):
        small(",,,1,2,0.5,1.5,100,", "20240112,402,C,1,2,0.5,1.5,,7", line)


def test_values_that_are_no_numbers_are_zero_as_in_lean(small):
    file = small("20240112,402,C,1,2,0.5,1.5,8,7", "20240112,403,p,1.2.3,x,0.5,1.5,,", "20240112,404,P,1")
    assert file.open.tolist() == [1, 0, 1]
    assert file.high.tolist() == [2, 0, 0]
    assert [symbol.value[-9:] for symbol in file.symbols()] == ["C00402000", "P00403000", "P00404000"]
    assert file.underlying is None


def test_values_are_the_same_one_by_one_and_by_column(small):
    lines = ("20240112,402,C,1,2,0.5,1.5,8,7", "20240112,403,P,1.2.3,,0.5,1.5,,", "20240119,402,c,1,2,3,4,5,6")
    file = small(",,,1,2,0.5,1.5,100,", *lines)
    one_by_one = [[file.value(index, column) for index in range(3)] for column in ("open", "high", "open_interest", "delta")]
    assert one_by_one == [[1, 0, 1], [2, 0, 2], [7, 0, 6], [0, 0, 0]]
    assert [file.values(column) for column in ("open", "high", "open_interest", "delta")] == one_by_one
    assert [file.value(index, "expiry") for index in range(3)] == file.expiry.tolist()
    assert [file.symbol(index) for index in range(3)] == file.symbols()


def test_blanks_around_lines_do_not_matter(small):
    file = small("  ", " 20240112,402,C,1,2,0.5,1.5,8,7 ", "", "20240112,403,P,1,2,0.5,1.5,8,7\r")
    assert [symbol.value[-9:] for symbol in file.symbols()] == ["C00402000", "P00403000"]


def test_files_of_a_chain_share_contracts_not_figures(tmp_path):
    root = write_databases(tmp_path / "data")
    folder = root / "option" / "usa" / "universes" / "xyz"
    folder.mkdir(parents=True)
    for day, (first, second) in {8: ("402,C,1", "403,P,1"), 9: ("402,C,3", "403,P,4"), 10: ("402,C,5", "404,P,6")}.items():
        lines = (f"20240112,{cells},2,0.5,1.5,8,7\n" for cells in (first, second))
        (folder / f"202401{day:02}.csv").write_text(",,,1,2,0.5,1.5,100,\n" + "".join(lines))
    data = DataFolder(root, None)
    canonical = Symbol.create_canonical_option(Symbol.create("XYZ", SecurityType.EQUITY, "usa"))
    first, second, third = (data.universe(canonical, date(2024, 1, day)) for day in (8, 9, 10))
    assert first.names is second.names
    assert third.symbol(0) is first.symbol(0)
    assert [file.open.tolist() for file in (first, second, third)] == [[1, 1], [3, 4], [5, 6]]
    assert [file.symbol(1).value[-9:] for file in (first, second, third)] == ["P00403000", "P00403000", "P00404000"]


def test_contracts_expire_by_the_holidays_of_their_own_folder(tmp_path):
    expiries = []
    for name, holidays in (("plain", []), ("closed", ["3/15/2024"])):
        root = write_databases(tmp_path / name)
        database = root / "market-hours" / "market-hours-database.json"
        hours = json.loads(database.read_text())
        hours["entries"]["Future-cme-[*]"]["holidays"] = holidays
        database.write_text(json.dumps(hours))
        folder = root / "future" / "cme" / "universes" / "es"
        folder.mkdir(parents=True)
        (folder / "20240108.csv").write_text("#expiry,open,high,low,close,volume,open_interest\n202403,1,2,1,1,8,7\n")
        file = DataFolder(root, None).universe(Symbol.create("ES", SecurityType.FUTURE, "cme"), date(2024, 1, 8))
        expiries.append(file.symbol(0).id.date.date())
    assert expiries == [date(2024, 3, 15), date(2024, 3, 14)]


def test_contracts_are_enumerated_by_their_values(small):
    file = small("20240119,402,C,1,2,1,1,8,7", "20240112,403,P,1,2,1,1,8,7", "20240112,403,C,1,2,1,1,8,7")
    assert [line for _, line in file.names.in_order()] == [2, 1, 0]


def test_a_folder_that_is_none_says_so_in_one_message(tmp_path):
    with pytest.raises(DataFolderError, match=r"is no folder.*simulator generate.*lean init"):
        DataFolder(tmp_path / "absent")
    with pytest.raises(DataFolderError, match=r"lacks market-hours.*symbol-properties"):
        DataFolder(tmp_path)


MONTHS = [
    ("ES", "cme", date(2024, 2, 1), datetime(2024, 3, 15, 13, 30)),
    ("ES", "cme", date(2020, 3, 1), datetime(2020, 3, 20, 13, 30)),
    ("CL", "nymex", date(2024, 3, 1), datetime(2024, 2, 20)),
    ("CL", "nymex", date(2020, 5, 1), datetime(2020, 4, 21)),
    ("MCL", "nymex", date(2024, 3, 1), datetime(2024, 2, 16)),
    ("GC", "comex", date(2018, 12, 1), datetime(2018, 12, 27)),
    ("ZB", "cbot", date(2024, 3, 1), datetime(2024, 3, 19, 12, 1)),
    ("ZF", "cbot", date(2024, 3, 1), datetime(2024, 3, 28, 12, 1)),
    ("6E", "cme", date(2024, 3, 1), datetime(2024, 3, 18, 14, 16)),
    ("VX", "cfe", date(2024, 1, 1), datetime(2024, 1, 17, 13)),
    ("NG", "nymex", date(2024, 3, 1), datetime(2024, 2, 27)),
    ("ZC", "cbot", date(2024, 3, 1), datetime(2024, 3, 14)),
    ("ZS", "cbot", date(2024, 2, 1), datetime(2024, 3, 14)),
    ("HE", "cme", date(2024, 4, 1), datetime(2024, 4, 12, 12)),
    ("LE", "cme", date(2024, 2, 1), datetime(2024, 2, 29, 12)),
]


@pytest.mark.parametrize(("root", "market", "month", "expiry"), MONTHS)
def test_futures_expire_by_their_specification(sample, root, market, month, expiry):
    assert sample.futures_expiry.future_expiry(root, market, month) == expiry


@pytest.mark.parametrize(
    ("root", "market", "month", "expiry"),
    [
        ("ES", "cme", date(2024, 1, 1), datetime(2024, 1, 19)),
        ("CL", "nymex", date(2024, 3, 1), datetime(2024, 2, 14)),
        ("GC", "comex", date(2024, 3, 1), datetime(2024, 2, 26, 12, 30)),
        ("ZB", "cbot", date(2024, 3, 1), datetime(2024, 2, 23)),
        ("6E", "cme", date(2024, 3, 1), datetime(2024, 3, 8, 9)),
        ("VX", "cfe", date(2024, 1, 1), datetime(2024, 1, 17, 13)),
    ],
)
def test_options_on_futures_expire_by_their_specification(sample, root, market, month, expiry):
    assert sample.futures_expiry.future_option_expiry(root, market, month) == expiry


def test_a_future_without_a_rule_is_named(sample):
    with pytest.raises(LeanApiMissing, match=r"expiry rule of ZZ futures"):
        sample.futures_expiry.future_expiry("ZZ", "cme", date(2024, 3, 1))
