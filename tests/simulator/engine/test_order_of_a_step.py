"""What happens in which order within one step and between steps (lean_engine.md §1.3, §1.4)."""

import pytest

GOOG = """
def initialize(self):
    self.set_start_date(2015, 12, 24)
    self.set_end_date(2015, 12, 24)
    self.set_cash(100000)
    self.goog = self.add_equity("GOOG", Resolution.MINUTE, data_normalization_mode=DataNormalizationMode.RAW).symbol
    self.prepare()

def prepare(self):
    pass

def note(self, what):
    self.seen.append(f"{self.time:%H:%M} {what}")
"""


def test_fills_come_before_events_and_events_before_on_data(run_algorithm):
    run = run_algorithm(
        GOOG
        + """
def prepare(self):
    self.schedule.on(self.date_rules.every_day(), self.time_rules.at(10, 1), lambda: self.note("event"))
    self.schedule.on(self.date_rules.every_day(), self.time_rules.at(10, 0), lambda: self.limit_order(self.goog, 1, 10000))

def on_order_event(self, event):
    self.note(str(event.status))

def on_data(self, data):
    if self.time.hour == 10 and self.time.minute <= 1:
        self.note("data")
"""
    )
    assert run.seen == ["10:00 SUBMITTED", "10:00 data", "10:01 FILLED", "10:01 event", "10:01 data"]


def test_an_event_between_steps_sees_the_step_before_and_its_own_time(run_algorithm):
    run = run_algorithm(
        GOOG
        + """
def prepare(self):
    for second in (0, 30):
        self.schedule.on(self.date_rules.every_day(), self.time_rules.at(10, 0, second), self.look)
    self.schedule.on(self.date_rules.every_day(), self.time_rules.at(9, 0), self.look)

def look(self):
    last = self.securities[self.goog].get_last_data()
    self.seen.append(f"{self.time:%H:%M:%S} {last.end_time:%H:%M}" if last else f"{self.time:%H:%M:%S} none")
"""
    )
    assert run.seen == ["09:00:00 none", "10:00:00 10:00", "10:00:30 10:00"]


def test_what_is_added_during_a_step_takes_effect_one_tick_later(run_algorithm):
    run = run_algorithm(
        GOOG
        + """
def prepare(self):
    self.schedule.on(self.date_rules.every_day(), self.time_rules.at(10, 0), self.subscribe)

def subscribe(self):
    self.put = Symbol.create_option(self.goog, Market.USA, OptionStyle.AMERICAN, OptionRight.PUT, 725, datetime(2016, 1, 15))
    self.add_option_contract(self.put, Resolution.MINUTE)
    self.note(f"price {self.securities[self.put].price}")

def on_securities_changed(self, changes):
    self.note("added " + ",".join(str(s.symbol) for s in changes.added_securities))

def on_data(self, data):
    if hasattr(self, "put") and data.quote_bars.get(self.put) and len(self.seen) < 5:
        self.note("quote")
"""
    )
    assert run.seen[0] == "00:00 added GOOG"
    assert run.seen[1:3] == ["10:00 price 0.0", "10:00 added GOOG  160115P00725000"]
    assert run.seen[3] == "10:01 quote"


def test_user_events_at_midnight_run_before_the_daily_sample(run_algorithm):
    run = run_algorithm(
        GOOG
        + """
def prepare(self):
    self.set_end_date(2015, 12, 28)
    self.schedule.on(self.date_rules.on(2015, 12, 28), self.time_rules.midnight, lambda: self.portfolio.set_cash(101000))
"""
    )
    points = run.result.charts["Strategy Equity"].series["Equity"]._points
    assert [float(point._close) for point in points][-1] == 101000


def test_callbacks_of_an_algorithm_in_order(run_algorithm):
    run = run_algorithm(
        GOOG
        + """
def prepare(self):
    self.note("initialize")

def on_warmup_finished(self):
    self.note("warm")

def on_end_of_day(self, symbol):
    self.note(f"day {symbol}")

def on_end_of_algorithm(self):
    self.note("end")
"""
    )
    assert run.seen == ["00:00 initialize", "00:00 warm", "12:50 day GOOG", "13:00 end"]


@pytest.mark.parametrize("naive", [False, True])
def test_warm_up_runs_on_past_data_and_refuses_orders(run_algorithm, naive):
    run = run_algorithm(
        """
def initialize(self):
    self.set_start_date(2020, 11, 30)
    self.set_end_date(2020, 12, 1)
    self.spy = self.add_equity("SPY", Resolution.DAILY, data_normalization_mode=DataNormalizationMode.RAW).symbol
    self.average = self.sma(self.spy, 2, Resolution.DAILY)
    self.set_warm_up(timedelta(days=7))

def on_warmup_finished(self):
    self.seen.append(f"{self.time:%m-%d} {self.average.is_ready} {self.portfolio.cash:.0f}")

def on_data(self, data):
    ticket = self.market_order(self.spy, 1)
    self.seen.append(f"{self.time:%m-%d %H:%M} {self.is_warming_up} {ticket.submit_request.response.error_code}")
""",
        naive=naive,
    )
    assert run.seen == [
        "11-23 16:00 True ALGORITHM_WARMING_UP",
        "11-24 16:00 True ALGORITHM_WARMING_UP",
        "11-25 16:00 True ALGORITHM_WARMING_UP",
        "11-27 13:00 True ALGORITHM_WARMING_UP",
        "11-30 True 100000",
        "11-30 16:00 False NONE",
        "12-01 16:00 False NONE",
    ]


def test_an_expired_option_is_gone_between_its_close_and_midnight(run_algorithm):
    run = run_algorithm(
        GOOG
        + """
def prepare(self):
    self.set_end_date(2015, 12, 28)
    self.put = Symbol.create_option(self.goog, Market.USA, OptionStyle.AMERICAN, OptionRight.PUT, 752.5, datetime(2015, 12, 24))
    self.add_option_contract(self.put, Resolution.MINUTE)
    for hour in (12, 14):
        self.schedule.on(self.date_rules.on(2015, 12, 24), self.time_rules.at(hour, 0), self.look)

def look(self):
    active = self.put in [s.symbol for s in self.securities.values()]
    self.note(f"{active} {self.put in self.securities} {self.securities[self.put].is_tradable}")

def on_delistings(self, delistings):
    for symbol, delisting in delistings.items():
        self.seen.append(f"{self.time:%d %H:%M} {delisting.type}")
"""
    )
    assert run.seen == ["24 00:00 WARNING", "12:00 True True True", "14:00 False True False", "25 00:00 DELISTED"]


def test_dividends_are_paid_before_on_data_of_their_midnight(run_algorithm):
    run = run_algorithm(
        """
def initialize(self):
    self.set_start_date(2020, 3, 2)
    self.set_end_date(2020, 3, 31)
    self.spy = self.add_equity("SPY", Resolution.DAILY, data_normalization_mode=DataNormalizationMode.RAW).symbol
    self.schedule.on(self.date_rules.on(2020, 3, 3), self.time_rules.at(10, 0), lambda: self.market_order(self.spy, 100))

def on_data(self, data):
    for symbol, dividend in data.dividends.items():
        self.seen.append((f"{self.time:%m-%d %H:%M}", dividend.distribution, self.portfolio[self.spy].total_dividends))
"""
    )
    assert run.seen == [("03-20 00:00", 1.41, 141.0)]


def test_points_of_a_type_and_of_a_symbol_in_it(run_algorithm):
    run = run_algorithm(
        """
def initialize(self):
    self.set_start_date(2013, 10, 7)
    self.set_end_date(2013, 10, 7)
    self.spy = self.add_equity("SPY", Resolution.MINUTE).symbol

def on_data(self, data):
    if self.seen:
        return
    self.seen += [data.get(QuoteBar, self.spy) == data.quote_bars[self.spy], data.get(TradeBar).count, data.get(self.spy) == data.bars[self.spy]]
    self.seen += [data.get("AAPL"), data.get("AAPL", 3), data.get(Split).count]
    try:
        data.get(QuoteBar, Symbol.create("AAPL", SecurityType.EQUITY, Market.USA))
    except Exception as error:
        self.seen.append(type(error).__name__)
"""
    )
    assert run.seen == [True, 1, True, None, 3, 0, "KeyNotFoundException"]
