import csv
import datetime as dt
import json
import zipfile
from collections import Counter
from pathlib import Path

import pytest
from market_samples import TWO_WEEKS

from simulator.common.enums import DataMappingMode, Resolution, SecurityType, TickType
from simulator.common.symbol import Symbol
from simulator.data.data_folder import DataFolder
from simulator.market.contract_months import ExpiryRules
from simulator.market.instruments import FUNDS, FUTURES, INDICES
from simulator.market.manifest import MANIFEST
from simulator.market.trading_calendar import trading_calendar

SESSIONS = TWO_WEEKS.sessions()
DAY = dt.date(2024, 1, 5)
INDEX_TYPES = dict.fromkeys(INDICES, SecurityType.INDEX) | {fund.ticker: SecurityType.EQUITY for fund in FUNDS}


@pytest.fixture(scope="module")
def folder(two_weeks):
    with DataFolder(two_weeks, cache=None) as opened:
        yield opened


def chains():
    """Canonical options of every root, by name; of futures options one per contract month in the folder."""
    spx = Symbol.create("SPX", SecurityType.INDEX, "usa")
    found = {"SPXW": Symbol.create_canonical_option(spx, "SPXW", "usa", "?SPXW")}
    found |= {fund.ticker: Symbol.create_canonical_option(Symbol.create(fund.ticker, SecurityType.EQUITY, "usa")) for fund in FUNDS}
    rules = ExpiryRules(trading_calendar())
    for product in FUTURES:
        for contract in {each.underlying for each in rules.options(product, DAY, DAY + dt.timedelta(days=100))}:
            future = Symbol.create_future(product.ticker, product.market, contract.expiry)
            found[f"{product.ticker} {contract.month:%Y%m}"] = Symbol.create_canonical_option(future)
    return found


@pytest.mark.parametrize("ticker", INDEX_TYPES)
def test_minutes_hours_and_days_of_cash_instruments_agree(folder, ticker):
    symbol = Symbol.create(ticker, INDEX_TYPES[ticker], "usa")
    daily = folder.bars(symbol, Resolution.DAILY, TickType.TRADE, DAY)
    hourly = folder.bars(symbol, Resolution.HOUR, TickType.TRADE, DAY)
    minutes = folder.bars(symbol, Resolution.MINUTE, TickType.TRADE, DAY)
    position = trading_calendar().index[DAY]

    assert len(daily.end_utc) == trading_calendar().index[SESSIONS[-1]] + 1
    assert len(minutes.end_utc) == 390
    assert minutes.high.max() == daily.high[position]
    assert minutes.low.min() == daily.low[position]
    assert minutes.open[0] == daily.open[position]
    assert minutes.close[-1] == daily.close[position]
    assert hourly.high.max() == daily.high.max()
    assert (minutes.high >= minutes.low).all()
    if INDEX_TYPES[ticker] is SecurityType.EQUITY:
        quotes = folder.bars(symbol, Resolution.MINUTE, TickType.QUOTE, DAY)
        assert (quotes.ask_close > quotes.bid_close).all()


@pytest.mark.parametrize("product", FUTURES, ids=lambda product: product.ticker)
def test_futures_have_contracts_rolls_factors_and_margins(folder, product):
    canonical = Symbol.create(product.ticker, SecurityType.FUTURE, product.market)
    universe = folder.universe(canonical, DAY)
    assert len(universe) == product.listed_contracts
    for contract in universe.symbols():
        quotes = folder.bars(contract, Resolution.MINUTE, TickType.QUOTE, DAY)
        assert (quotes.ask_close > quotes.bid_close).all()
        assert len(folder.bars(contract, Resolution.MINUTE, TickType.TRADE, DAY).end_utc) == len(quotes.end_utc)
        assert len(folder.bars(contract, Resolution.DAILY, TickType.TRADE, DAY).end_utc) > 5
    assert folder.margin_requirements(universe.symbols()[0], DAY).initial_overnight == product.initial
    for mode in (0, 1, 2, 3):
        assert folder.mapped_contract(canonical, DAY, DataMappingMode(mode)) in universe.symbols()
    assert folder.mapping_factors(canonical) is not None


@pytest.mark.parametrize(("mode", "last"), [(0, "20240314"), (1, "20240229"), (2, "20240312"), (3, "20240312")])
def test_the_continuous_future_rolls_when_lean_does(two_weeks, mode, last):
    """LEAN's own rows of es.csv: the day before the last trading day, the eve of the expiry's month, three sessions before the expiry."""
    rows = [line.split(",") for line in (two_weeks / "future/cme/map_files/es.csv").read_text().splitlines()[1:]]
    march = str(Symbol.create_future("ES", "cme", dt.datetime(2024, 3, 15, 13, 30)).id).lower()
    (row,) = [row for row in rows if row[1] == march and row[3] == str(mode)]
    assert row == [last, march, "CME", str(mode)]


def test_contract_months_and_expiries_are_those_the_engine_derives(folder):
    for product in FUTURES:
        canonical = Symbol.create(product.ticker, SecurityType.FUTURE, product.market)
        rules = ExpiryRules(trading_calendar())
        listed = [contract.expiry for contract, _ in zip(rules.futures(product, DAY), range(product.listed_contracts), strict=False)]
        assert sorted(symbol.id.date.date() for symbol in folder.universe(canonical, DAY).symbols()) == listed


@pytest.mark.parametrize("name", chains())
def test_universe_rows_are_the_contracts_quoted_and_every_quote_is_readable(folder, name):
    canonical, checked = chains()[name], 0
    for day in SESSIONS:
        universe = folder.universe(canonical, day)
        quoted = folder.bar_entries(canonical, Resolution.MINUTE, TickType.QUOTE, day)
        if universe is None:
            assert not quoted
            continue
        symbols = universe.symbols()
        assert len(set(symbols)) == len(symbols) == len(quoted)
        for symbol in symbols[:: 1 if day == DAY else 25]:
            bars = folder.bars(symbol, Resolution.MINUTE, TickType.QUOTE, day)
            assert len(bars.end_utc) > 20
            assert (bars.ask_close > bars.bid_close).all()
            assert bars.ask_size.min() > 0
            checked += 1
        if day == DAY:
            assert (universe.close > 0).all()
            assert (universe.high >= universe.low).all()
            assert universe.underlying is not None
    assert checked > 10


def test_universes_carry_greeks_of_the_options(folder):
    universe = folder.universe(chains()["SPY"], DAY)
    calls = universe.right == 0
    alive = universe.expiry > int(f"{DAY:%Y%m%d}")
    assert (universe.implied_volatility[alive] > 0.05).all()
    assert (universe.implied_volatility[alive] < 1.0).all()
    assert (universe.delta[calls] >= 0).all()
    assert (universe.delta[~calls] <= 0).all()
    assert (universe.theta <= 0.2).all()
    money = abs(universe.strike - universe.underlying.close)[alive].argmin()
    assert abs(abs(universe.delta[alive][money]) - 0.5) < 0.15
    assert universe.open_interest.min() >= 0


def test_zero_dte_is_quoted_every_minute_and_others_at_whole_five_minutes(folder):
    spxw = chains()["SPXW"]
    friday = folder.universe(spxw, DAY).symbols()[0]
    ends = folder.bars(friday, Resolution.MINUTE, TickType.QUOTE, DAY).end_utc
    assert len(ends) == 390
    spy = next(symbol for symbol in folder.universe(chains()["SPY"], DAY).symbols() if symbol.id.date.date() > DAY)
    ends = folder.bars(spy, Resolution.MINUTE, TickType.QUOTE, DAY).end_utc // 60_000_000
    assert all(end % 5 == 0 for end in ends[1:])
    assert ends[1] - ends[0] == 4


def test_the_first_day_finds_yesterdays_universe(folder):
    for name, canonical in chains().items():
        if name != "SPXW":
            assert folder.latest_universe(canonical, dt.date(2024, 1, 2)) is not None, name
    assert folder.latest_universe(chains()["SPXW"], dt.date(2024, 1, 5)) is not None


def test_dividends_are_in_the_factor_files(folder):
    spy = Symbol.create("SPY", SecurityType.EQUITY, "usa")
    events = folder.corporate_events(spy, 4)
    assert [round(float(event.distribution), 2) for event in events] == pytest.approx([1.67] * 4, abs=0.02)
    assert str(spy.id) == "SPY R735QTJ8XC9X"


def test_hours_have_the_holidays_and_half_days(folder):
    hours = folder.market_hours.get_exchange_hours("usa", Symbol.create("SPY", SecurityType.EQUITY, "usa"), SecurityType.EQUITY)
    assert not hours.is_date_open(dt.date(2024, 3, 29))
    assert hours.is_date_open(dt.date(2024, 7, 3))
    close = hours.get_next_market_close(dt.datetime(2024, 7, 3, 10), False)
    assert close.hour == 13


def test_every_zip_entry_has_a_name_lean_would_give_it(two_weeks):
    kinds = Counter()
    for path in sorted(two_weeks.rglob("*.zip")):
        security, _, resolution = path.relative_to(two_weeks).parts[:3]
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            assert len(names) == len(set(names)) > 0
            assert all(info.date_time == (1980, 1, 1, 0, 0, 0) for info in archive.infolist())
        for name in names:
            parts = Path(name).stem.split("_")
            expected = {"option": 8, "indexoption": 8, "futureoption": 8, "future": 5, "equity": 4, "index": 4}[security]
            if resolution == "minute":
                assert len(parts) == expected
                assert parts[0] == path.name[:8]
            kinds[security, resolution] += 1
    assert set(kinds) >= {(kind, "minute") for kind in ("option", "indexoption", "futureoption", "future", "equity", "index")}


def test_the_folder_says_that_it_is_synthetic(two_weeks):
    manifest = json.loads((two_weeks / MANIFEST).read_text())
    assert manifest["synthetic"] is True
    assert "ynthetic" in (two_weeks / "SYNTHETIC.md").read_text()
    files = {path.relative_to(two_weeks).as_posix() for path in two_weeks.rglob("*") if path.is_file()} - {MANIFEST}
    assert set(manifest["files"]) == files


@pytest.mark.parametrize("name", ["VIX", "VIX9D", "VIX3M", "VIX6M"])
def test_cboes_history_is_the_daily_index(two_weeks, name):
    """As Cboe publishes it and LEAN's CBOE class reads it: .NET's DateTime.Parse knows no 20240105."""
    with (two_weeks / f"alternative/cboe/{name.lower()}.csv").open() as file:
        header, *rows = csv.reader(file)
    assert header == ["DATE", "OPEN", "HIGH", "LOW", "CLOSE"]
    assert rows[-1][0] == f"{SESSIONS[-1]:%m/%d/%Y}"
    with zipfile.ZipFile(two_weeks / f"index/usa/daily/{name.lower()}.zip") as archive:
        daily = [line.split(",") for line in archive.read(f"{name.lower()}.csv").decode().splitlines()]
    assert [row[1:] for row in rows] == [line[1:5] for line in daily]
    assert all(float(low) <= float(close) <= float(high) for _, _, high, low, close in rows)
