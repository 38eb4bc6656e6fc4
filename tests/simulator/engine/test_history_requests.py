"""History in its forms: counts, spans, dates; bars, frames, dictionaries; seeds."""

import pytest

from simulator.common.enums import OptionRight

SPX = """
def initialize(self):
    self.set_start_date(2021, 1, 4)
    self.set_end_date(2021, 1, 5)
    self.spx = self.add_index("SPX", Resolution.MINUTE).symbol
    self.put = Symbol.create_option(self.spx, "SPXW", Market.USA, OptionStyle.EUROPEAN, OptionRight.PUT, 3700, datetime(2021, 1, 8))
    self.schedule.on(self.date_rules.every_day(self.spx), self.time_rules.at(9, 40), self.look)
"""


def look(run_algorithm, body):
    return run_algorithm(SPX + "\ndef look(self):\n" + "".join(f"    {line}\n" for line in body.strip().splitlines())).seen


def test_a_count_covers_session_minutes_and_never_the_future(run_algorithm):
    seen = look(run_algorithm, "self.seen.append([f'{b.end_time:%H:%M}' for b in self.history[TradeBar](self.spx, 3, Resolution.MINUTE)])")
    assert seen == [["08:38", "08:39", "08:40"], []]


def test_the_end_of_a_request_is_cut_at_now(run_algorithm):
    body = (
        "self.seen.append(len(self.history[TradeBar](self.spx, datetime(2021, 1, 4, 9, 30), datetime(2021, 1, 4, 12), Resolution.MINUTE)))"
    )
    assert look(run_algorithm, body)[0] == 10


def test_types_select_quotes_or_trades_of_an_unsubscribed_option(run_algorithm):
    body = """
quotes = self.history[QuoteBar](self.put, 2, Resolution.MINUTE)
trades = self.history[TradeBar](self.put, 2, Resolution.MINUTE)
self.seen.append(([q.bid.close for q in quotes], [t.close for t in trades]))
"""
    first, second = look(run_algorithm, body)
    assert (len(first[0]), first[1]) == (2, [])
    assert (len(second[0]), len(second[1])) == (2, 2)


def test_a_frame_has_symbol_and_exchange_time(run_algorithm):
    body = """
frame = self.history([self.spx], timedelta(minutes=3), Resolution.MINUTE)
self.seen.append((list(frame.index.names), frame.shape[0], list(frame.columns), str(frame.loc[self.spx].index[-1])))
"""
    assert look(run_algorithm, body)[0] == (["symbol", "time"], 3, ["close", "high", "low", "open", "volume"], "2021-01-04 08:40:00")


def test_an_options_frame_has_its_terms_and_joins_quotes_and_trades(run_algorithm):
    body = """
frame = self.history(self.put, 2, Resolution.MINUTE)
self.seen.append((list(frame.index.names), frame.index[0][1:3], "askclose" in frame, "volume" in frame, len(frame)))
"""
    names, terms = ["expiry", "strike", "type", "symbol", "time"], (3700.0, OptionRight.PUT)
    assert look(run_algorithm, body) == [(names, terms, True, False, 2), (names, terms, True, False, 2)]


def test_no_data_is_an_empty_frame(run_algorithm):
    body = "self.seen.append(self.history([self.spx], datetime(2019, 1, 1), datetime(2019, 1, 2), Resolution.MINUTE).empty)"
    assert look(run_algorithm, body) == [True, True]


def test_several_symbols_with_a_type_give_dictionaries(run_algorithm):
    body = """
found = self.history[QuoteBar]([self.put, self.spx], 2, Resolution.MINUTE)
self.seen.append([(len(d), self.put in d) for d in found])
"""
    assert look(run_algorithm, body)[0] == [(1, True), (1, True)]


def test_unknown_tickers_and_arguments_are_refused(run_algorithm):
    body = """
try:
    self.history(["NOPE"], 2)
except Exception as error:
    self.seen.append(type(error).__name__)
try:
    self.history[TradeBar](self.spx)
except TypeError as error:
    self.seen.append("TypeError")
"""
    assert look(run_algorithm, body)[:2] == ["ArgumentException", "TypeError"]


@pytest.mark.parametrize(
    ("strike", "expected"),
    [(725, [("QuoteBar", "24 10:00"), ("TradeBar", "24 09:48")]), (600, [("QuoteBar", "23 16:00")])],
    ids=["traded today", "no trade for days: the daily quote replaces the fresher one"],
)
def test_seeds_of_new_options(run_algorithm, strike, expected):
    run = run_algorithm(
        f"""
def initialize(self):
    self.set_start_date(2015, 12, 24)
    self.set_end_date(2015, 12, 24)
    self.goog = self.add_equity("GOOG", Resolution.MINUTE, data_normalization_mode=DataNormalizationMode.RAW).symbol
    self.put = Symbol.create_option(self.goog, Market.USA, OptionStyle.AMERICAN, OptionRight.PUT, {strike}, datetime(2016, 1, 15))
    self.schedule.on(self.date_rules.every_day(), self.time_rules.at(10, 0), self.look)

def look(self):
    for point in self.get_last_known_prices(self.put):
        if not isinstance(point, OpenInterest):
            self.seen.append((type(point).__name__, f"{{point.end_time:%d %H:%M}}"))
"""
    )
    assert sorted(run.seen) == sorted(expected)


def test_a_column_of_zeros_is_left_out(run_algorithm):
    body = """
frame = self.history([self.put], 2, Resolution.MINUTE)
self.seen.append(("volume" in frame, "open" in frame))
"""
    assert look(run_algorithm, body)[1] == (False, True), "a repeated trade bar has no volume"


def test_symbols_come_in_the_order_they_were_asked_for(run_algorithm):
    body = """
spy, aapl = (Symbol.create(name, SecurityType.EQUITY, Market.USA) for name in ("SPY", "AAPL"))
for symbols in ([spy, aapl], [aapl, spy]):
    frame = self.history(symbols, 3, Resolution.DAILY)
    self.seen.append([s.value for s in dict.fromkeys(frame.index.get_level_values("symbol"))])
"""
    assert look(run_algorithm, body)[:2] == [["SPY", "AAPL"], ["AAPL", "SPY"]]


def test_a_type_the_symbol_does_not_have_is_refused(run_algorithm):
    body = """
try:
    self.history[QuoteBar](self.spx, 2, Resolution.MINUTE)
except ArgumentException as error:
    self.seen.append(str(error)[:40])
self.seen.append(self.history[QuoteBar]([self.spx], 2, Resolution.MINUTE))
"""
    assert look(run_algorithm, body)[:2] == ["No history data could be fetched. This c", []]


def test_a_type_without_symbols_means_all_securities(run_algorithm):
    body = """
self.seen.append(len(self.history(TradeBar, 2, Resolution.MINUTE)))
self.seen.append([len(d) for d in self.history[TradeBar](timedelta(minutes=2), Resolution.MINUTE)])
self.seen.append([len(s) for s in self.history(2, Resolution.MINUTE)])
"""
    assert look(run_algorithm, body)[:3] == [2, [1, 1], [1, 1]]


def test_minute_history_of_a_daily_share_has_quotes(run_algorithm):
    run = run_algorithm(
        """
def initialize(self):
    self.set_start_date(2013, 10, 8)
    self.set_end_date(2013, 10, 8)
    spy = self.add_equity("SPY", Resolution.DAILY).symbol
    self.seen.append("bidclose" in self.history(spy, timedelta(days=1), Resolution.MINUTE))
    self.seen.append("bidclose" in self.history(TradeBar, spy, timedelta(days=1), Resolution.MINUTE))
    self.seen.append("bidclose" in self.history(spy, 3, Resolution.DAILY))
"""
    )
    assert run.seen == [True, False, False]


GOOG = """
def initialize(self):
    self.set_start_date(2015, 12, 25)
    self.set_end_date(2015, 12, 25)
    option = self.add_option("GOOG").symbol
"""


def test_chains_of_the_past_are_days_of_rows(run_algorithm):
    body = """
    for days in (self.history[OptionUniverse](option, 2), self.history[OptionUniverse](option, timedelta(days=2))):
        self.seen.append([(f"{day.end_time:%d}", day.symbol == option, len(day), day.underlying.close > 0, day.data[0].close) for day in days])
"""
    by_count, by_span = run_algorithm(GOOG + body).seen
    assert [day[0] for day in by_count] == ["24", "25"]
    assert by_count == by_span
    assert all(day[1] and day[2] > 100 and day[3] for day in by_count)


def test_flattened_chains_are_rows_by_time_and_symbol(run_algorithm):
    body = """
    flat = self.history(option, 3, flatten=True)
    self.seen.append((list(flat.index.names), flat.index.levshape[0], list(flat.columns)))
    for day in flat.index.levels[0]:
        self.seen.append(list(flat.loc[day].index) == list(self.option_chain_provider.get_option_contract_list(option, day)))
    self.seen.append(self.history(option, 3).empty)
    self.seen.append([len(rows) > 100 for rows in self.history(OptionUniverse, option, 2)])
"""
    seen = run_algorithm(GOOG + body).seen
    names, days, columns = seen[0]
    assert (names, days) == (["time", "symbol"], 3)
    assert {"close", "delta", "impliedvolatility", "openinterest", "theta", "value"} <= set(columns)
    assert columns == sorted(columns)
    assert seen[1:] == [True, True, True, True, [True, True]]


def test_events_of_the_past(run_algorithm):
    run = run_algorithm(
        """
def initialize(self):
    self.set_start_date(2021, 1, 1)
    self.set_end_date(2021, 1, 5)
    aapl = self.add_equity("AAPL", Resolution.DAILY).symbol
    spy = Symbol.create("SPY", SecurityType.EQUITY, Market.USA)
    self.seen.append(len(self.history(Dividend, [aapl, spy], 360, Resolution.DAILY)))
    dividends = self.history(Dividend, aapl, 360)
    self.seen.append((len(dividends), all(dividends.distribution > 0)))
    self.seen.append((len(self.history(Split, aapl, 360)), [str(split.type) for split in self.history[Split](aapl, 360)]))
    es = Symbol.create(Futures.Indices.SP_500_E_MINI, SecurityType.FUTURE, Market.CME)
    for mode in (DataMappingMode.OPEN_INTEREST, DataMappingMode.LAST_TRADING_DAY):
        rolls = self.history(SymbolChangedEvent, es, datetime(2007, 1, 1), datetime(2012, 1, 1), data_mapping_mode=mode)
        self.seen.append(len(rolls))
"""
    )
    assert run.seen == [12, (6, True), (2, ["WARNING", "SPLIT_OCCURRED"]), 9, 9], "LEAN's HistoryAuxiliaryDataRegressionAlgorithm"


def test_daily_bars_may_last_from_midnight_to_midnight(run_algorithm):
    run = run_algorithm(
        """
def initialize(self):
    self.set_start_date(2013, 10, 8)
    self.set_end_date(2013, 10, 10)
    self.settings.daily_precise_end_time = False
    self.spy = self.add_equity("SPY", Resolution.DAILY).symbol
    self.seen.append([f"{bar.time:%d %H:%M}-{bar.end_time:%d %H:%M}" for bar in self.history[TradeBar](self.spy, 2, Resolution.DAILY)])

def on_data(self, data):
    self.seen.append((f"{self.time:%d %H:%M}", data.bars[self.spy].is_fill_forward))
"""
    )
    assert run.seen[0] == ["04 00:00-05 00:00", "07 00:00-08 00:00"]
    assert run.seen[1:4] == [("08 00:00", False), ("09 00:00", False), ("10 00:00", False)]
