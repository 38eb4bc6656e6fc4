from datetime import date, datetime
from decimal import Decimal

import pytest

from simulator.common.enums import OptionRight, OptionStyle, Resolution, SecurityType, TickType
from simulator.common.security_identifier import SecurityIdentifier
from simulator.common.symbol import Symbol
from simulator.data.lean_data import BarLocation, scaled_strike, universe_directory, zip_directory, zip_entry_name, zip_file_name

DAY = date(2024, 1, 9)
MINUTE, DAILY = Resolution.MINUTE, Resolution.DAILY
TRADE, QUOTE = TickType.TRADE, TickType.QUOTE


def symbols():
    SecurityIdentifier._use_map_files(None)
    spy = Symbol.create("SPY", SecurityType.EQUITY, "usa")
    spx = Symbol.create("SPX", SecurityType.INDEX, "usa")
    crude = Symbol.create_future("CL", "nymex", datetime(2024, 1, 22))
    return {
        "equity": spy,
        "index": spx,
        "option": Symbol.create_option(spy, "usa", OptionStyle.AMERICAN, OptionRight.PUT, 402.5, datetime(2024, 1, 12)),
        "index option": Symbol.create_option(spx, "SPXW", "usa", OptionStyle.EUROPEAN, OptionRight.PUT, 4700, datetime(2024, 1, 10)),
        "future": crude,
        "futures option": Symbol.create_option(crude, "nymex", OptionStyle.AMERICAN, OptionRight.CALL, 72, datetime(2024, 1, 17)),
    }


@pytest.mark.parametrize(
    ("kind", "resolution", "tick", "path", "entry"),
    [
        ("equity", MINUTE, TRADE, "equity/usa/minute/spy/20240109_trade.zip", "20240109_spy_minute_trade.csv"),
        ("equity", DAILY, TRADE, "equity/usa/daily/spy.zip", "spy.csv"),
        ("index", MINUTE, TRADE, "index/usa/minute/spx/20240109_trade.zip", "20240109_spx_minute_trade.csv"),
        (
            "option",
            MINUTE,
            QUOTE,
            "option/usa/minute/spy/20240109_quote_american.zip",
            "20240109_spy_minute_quote_american_put_4025000_20240112.csv",
        ),
        ("option", DAILY, TRADE, "option/usa/daily/spy_2024_trade_american.zip", "spy_trade_american_put_4025000_20240112.csv"),
        (
            "index option",
            MINUTE,
            QUOTE,
            "indexoption/usa/minute/spxw/20240109_quote_european.zip",
            "20240109_spxw_minute_quote_european_put_47000000_20240110.csv",
        ),
        ("future", MINUTE, TRADE, "future/nymex/minute/cl/20240109_trade.zip", "20240109_cl_minute_trade_202402.csv"),
        ("future", DAILY, QUOTE, "future/nymex/daily/cl_quote.zip", "cl_quote_202402.csv"),
        (
            "futures option",
            MINUTE,
            QUOTE,
            "futureoption/nymex/minute/lo/202402/20240109_quote_american.zip",
            "20240109_lo_minute_quote_american_call_720000_20240117.csv",
        ),
        (
            "futures option",
            DAILY,
            TickType.OPEN_INTEREST,
            "futureoption/nymex/daily/lo/202402/lo_2024_openinterest_american.zip",
            "lo_openinterest_american_call_720000_20240117.csv",
        ),
    ],
)
def test_files_and_entries_are_where_lean_looks(kind, resolution, tick, path, entry):
    symbol = symbols()[kind]
    assert f"{zip_directory(symbol, resolution)}/{zip_file_name(symbol, DAY, resolution, tick)}" == path
    assert zip_entry_name(symbol, DAY, resolution, tick) == entry
    location = BarLocation(symbol, resolution, tick)
    assert f"{location.directory}/{location.file_name(DAY)}" == path
    assert location.entry_name(DAY) == entry


@pytest.mark.parametrize("resolution", [MINUTE, Resolution.HOUR, DAILY])
@pytest.mark.parametrize("kind", symbols())
def test_a_location_serves_every_date(kind, resolution):
    symbol = symbols()[kind]
    for tick in (TRADE, QUOTE):
        location = BarLocation(symbol, resolution, tick)
        for day in (date(1999, 12, 31), date(2000, 1, 1), date(2024, 2, 29)):
            assert location.file_name(day) == zip_file_name(symbol, day, resolution, tick)
            assert location.entry_name(day) == zip_entry_name(symbol, day, resolution, tick)


@pytest.mark.parametrize(
    ("kind", "folder"),
    [
        ("option", "option/usa/universes/spy"),
        ("index option", "indexoption/usa/universes/spxw"),
        ("future", "future/nymex/universes/cl"),
        ("futures option", "futureoption/nymex/universes/lo/202402"),
    ],
)
def test_universes_are_where_lean_looks(kind, folder):
    assert str(universe_directory(symbols()[kind].canonical if "futures" not in kind else symbols()[kind])) == folder


@pytest.mark.parametrize(("strike", "text"), [("4700", "47000000"), ("402.5", "4025000"), ("0.00005", "0.5"), ("-10", "-100000")])
def test_strikes_in_names(strike, text):
    assert scaled_strike(Decimal(strike)) == text
