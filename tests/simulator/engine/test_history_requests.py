"""History in its forms: counts, spans, dates; bars, frames, dictionaries; seeds."""

import pytest

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
    names = ["expiry", "strike", "type", "symbol", "time"]
    assert look(run_algorithm, body) == [(names, (3700.0, "Put"), True, False, 2), (names, (3700.0, "Put"), True, True, 2)]


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
