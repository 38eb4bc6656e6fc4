import json
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from simulator.common.enums import OptionRight, OptionStyle, SecurityType
from simulator.common.symbol import Symbol
from simulator.data.market_hours_database import MarketHoursDatabase
from simulator.data.symbol_properties_database import SymbolPropertiesDatabase
from simulator.errors import CorruptDataError, DataFolderError

WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday")


def entry(zone="America/Chicago", data_zone=None, **more):
    session = [{"start": "08:30:00", "end": "15:15:00", "state": "market"}]
    return {"dataTimeZone": data_zone or zone, "exchangeTimeZone": zone, **dict.fromkeys(WEEK, session), **more}


def hours_file(folder, **entries):
    path = folder / "market-hours-database.json"
    path.write_text(json.dumps({"entries": {name.replace("_", "-").replace("ANY", "[*]"): value for name, value in entries.items()}}))
    return MarketHoursDatabase(path)


def test_an_option_takes_its_underlying_s_closes_and_the_market_s(tmp_path):
    database = hours_file(
        tmp_path,
        Index_usa_SPX=entry(holidays=["1/1/2024"], earlyCloses={"7/3/2024": "12:00:00"}),
        Index_usa_ANY=entry(holidays=["12/25/2024"]),
        IndexOption_usa_SPXW=entry(data_zone="America/New_York"),
        IndexOption_usa_ANY=entry(holidays=["9/2/2024"]),
    )
    weekly = database.get_entry("usa", "SPXW", SecurityType.INDEX_OPTION)
    assert weekly.data_time_zone == "America/New_York"
    assert weekly.exchange_hours.holidays == {date(2024, 1, 1), date(2024, 12, 25), date(2024, 9, 2)}
    assert weekly.exchange_hours.early_closes == {date(2024, 7, 3): timedelta(hours=12)}


def test_own_early_closes_win_over_the_market_s(tmp_path):
    database = hours_file(
        tmp_path,
        Equity_usa_ANY=entry(earlyCloses={"7/3/2024": "13:00:00", "11/29/2024": "13:00:00"}),
        Equity_usa_SPY=entry(earlyCloses={"7/3/2024": "12:30:00"}),
    )
    closes = database.get_exchange_hours("usa", "spy", SecurityType.EQUITY).early_closes
    assert closes == {date(2024, 7, 3): timedelta(hours=12, minutes=30), date(2024, 11, 29): timedelta(hours=13)}


def test_lookups_fall_back_to_the_market_and_options_on_futures_to_the_future(tmp_path):
    database = hours_file(tmp_path, Future_nymex_CL=entry("America/New_York", "UTC"), Equity_usa_ANY=entry("America/New_York"))
    assert database.get_entry("usa", "QQQ", SecurityType.EQUITY).exchange_hours.time_zone == "America/New_York"
    assert database.get_entry("nymex", "LO", SecurityType.FUTURE_OPTION).data_time_zone == "UTC"
    with pytest.raises(DataFolderError, match="no hours for FUTURE ES on market 'cme'"):
        database.get_entry("cme", "ES", SecurityType.FUTURE)


def test_equal_hours_are_worked_out_once(tmp_path):
    database = hours_file(
        tmp_path,
        Equity_usa_SPY=entry(holidays=["1/1/2024"]),
        Equity_usa_QQQ=entry(holidays=["1/1/2024"]),
        Equity_usa_GLD=entry(holidays=["1/1/2024"], earlyCloses={"7/3/2024": "12:00:00"}),
    )
    spy, qqq, gld = (database.get_exchange_hours("usa", ticker, SecurityType.EQUITY) for ticker in ("SPY", "QQQ", "GLD"))
    assert spy is qqq
    assert gld is not spy


def test_a_day_s_end_may_be_written_either_way(tmp_path):
    for end in ("1.00:00:00", "1:00:00:00"):
        session = [{"start": "18:00:00", "end": end, "state": "market"}]
        database = hours_file(tmp_path, Future_cme_ES={**entry(), "monday": session})
        hours = database.get_exchange_hours("cme", "ES", SecurityType.FUTURE)
        assert hours.get_market_hours(date(2024, 1, 8)).segments[0].end == timedelta(days=1)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"entries": 1}'])
def test_a_file_that_is_no_database_is_named(tmp_path, text):
    path = tmp_path / "market-hours-database.json"
    path.write_text(text)
    with pytest.raises((CorruptDataError, DataFolderError), match=r"market-hours-database\.json"):
        MarketHoursDatabase(path)


def test_a_damaged_entry_is_named_when_it_is_needed(tmp_path):
    database = hours_file(tmp_path, Equity_usa_SPY=entry(holidays=["2024-01-01"]), Equity_usa_QQQ=entry())
    assert database.get_entry("usa", "QQQ", SecurityType.EQUITY)
    with pytest.raises(CorruptDataError, match="EQUITY-usa-SPY"):
        database.get_entry("usa", "SPY", SecurityType.EQUITY)


def test_the_real_database_closes_spxw_where_cboe_does(sample_data):
    database = MarketHoursDatabase(sample_data / "market-hours" / "market-hours-database.json")
    spxw = database.get_entry("usa", "SPXW", SecurityType.INDEX_OPTION)
    assert (spxw.data_time_zone, spxw.exchange_hours.time_zone) == ("America/New_York", "America/Chicago")
    assert spxw.exchange_hours.get_next_market_close(datetime(2024, 7, 3, 9), False) == datetime(2024, 7, 3, 12)
    assert not spxw.exchange_hours.is_date_open(date(2024, 1, 1))


@pytest.fixture(scope="module")
def properties(sample_data):
    return SymbolPropertiesDatabase(sample_data / "symbol-properties" / "symbol-properties-database.csv")


def test_contract_terms(properties):
    es = properties.get_symbol_properties("cme", "ES", SecurityType.FUTURE)
    assert (es.contract_multiplier, es.minimum_price_variation, es.lot_size, es.quote_currency) == (50.0, 0.25, 1.0, "USD")
    assert str(es._contract_multiplier) == "50.0"
    assert properties.get_symbol_properties("usa", "SPY", SecurityType.EQUITY)._minimum_price_variation == Decimal("0.01")
    assert properties.get_symbol_properties("usa", "SPXW", SecurityType.INDEX_OPTION).contract_multiplier == 100.0
    assert properties.get_symbol_properties("mars", "XYZ", SecurityType.EQUITY).quote_currency == "USD"


def test_a_futures_option_takes_its_own_terms_or_its_future_s(properties):
    def option(root, market):
        future = Symbol.create_future(root, market, datetime(2024, 3, 15))
        return Symbol.create_option(future, market, OptionStyle.AMERICAN, OptionRight.PUT, 100, datetime(2024, 2, 16))

    assert properties.properties_of(option("ES", "cme")).contract_multiplier == 50.0
    assert properties.properties_of(option("ZB", "cbot")).minimum_price_variation == 0.015625


def test_the_market_of_a_future_is_known_by_its_ticker(properties):
    assert [properties.try_get_market(root, SecurityType.FUTURE) for root in ("ES", "CL", "GC", "ZB", "??")] == [
        "cme",
        "nymex",
        "comex",
        "cbot",
        None,
    ]
    assert properties.contains_key("cme", "es", SecurityType.FUTURE)


def test_a_line_without_numbers_is_named(tmp_path):
    path = tmp_path / "symbol-properties-database.csv"
    path.write_text("market,symbol\n#\ncme,ES,future,E-mini,USD,fifty,0.25,1.0\n")
    with pytest.raises(CorruptDataError, match="line 3"):
        SymbolPropertiesDatabase(path)
    with pytest.raises(DataFolderError, match="lean init"):
        SymbolPropertiesDatabase(tmp_path / "absent.csv")
