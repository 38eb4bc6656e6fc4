"""QCAlgorithm as an algorithm sees it: spellings, locks, settings, indicators, removal."""

import pytest

ONCE = """
def initialize(self):
    self.set_start_date(2015, 12, 24)
    self.set_end_date(2015, 12, 24)
    self.goog = self.add_equity("GOOG", Resolution.MINUTE, data_normalization_mode=DataNormalizationMode.RAW).symbol
    self.schedule.on(self.date_rules.every_day(), self.time_rules.at(10, 0), self.look)
"""


def look(run_algorithm, body):
    return run_algorithm(ONCE + "\ndef look(self):\n" + "".join(f"    {line}\n" for line in body.strip().splitlines())).seen


def test_pascal_case_still_works(run_algorithm):
    assert look(run_algorithm, "self.seen.append((self.Portfolio is self.portfolio, self.Time == self.time, self.GetParameter('x')))") == [
        (True, True, None)
    ]


def test_handlers_and_data_may_be_spelled_leans_way(run_algorithm):
    run = run_algorithm(
        """
def Initialize(self):
    self.SetStartDate(2013, 10, 7)
    self.SetEndDate(2013, 10, 7)
    self.spy = self.AddEquity("SPY", Resolution.Minute).Symbol

def OnData(self, data):
    if not self.seen:
        bar, security = data.Bars[self.spy], self.Securities[self.spy]
        self.seen += [bar.Close == bar.close, bar.EndTime.hour, security.Price == bar.Close, self.Portfolio.TotalPortfolioValue]
        self.seen += [self.spy.Value, str(self.spy.ID.Market), data.ContainsKey(self.spy), security.Holdings.Quantity]
        self.seen.append(self.Time.day)
"""
    )
    assert run.seen == [True, 9, True, 100000.0, "SPY", "usa", True, 0.0, 7]


def test_a_missing_member_of_a_security_names_the_call(run_algorithm):
    run = run_algorithm(
        """
def initialize(self):
    self.set_start_date(2013, 10, 7)
    self.set_end_date(2013, 10, 7)
    security = self.add_equity("SPY", Resolution.MINUTE)
    for name in ("fundamentals", "no_such_thing"):
        try:
            getattr(security, name)
        except Exception as error:
            self.seen.append(type(error).__name__)
"""
    )
    assert run.seen == ["LeanApiMissing", "AttributeError"]


def test_own_attributes_are_kept(run_algorithm):
    body = """
self.my_value = 5
self.securities[self.goog].note = "kept"
self.seen.append((self.my_value, self.securities["GOOG"].note))
"""
    assert look(run_algorithm, body) == [(5, "kept")]


@pytest.mark.parametrize(
    "call",
    [
        "self.set_cash(1)",
        "self.set_start_date(2015, 1, 1)",
        "self.set_warm_up(3)",
        "self.set_security_initializer(lambda security: None)",
        "self.set_time_zone(TimeZones.CHICAGO)",
    ],
)
def test_settings_are_locked_after_initialize(run_algorithm, call):
    body = f"""
try:
    {call}
except Exception as error:
    self.seen.append(type(error).__name__)
"""
    assert look(run_algorithm, body) == ["InvalidOperationException"]


def test_cash_may_be_named(run_algorithm):
    body = """
def initialize(self):
    self.set_start_date(2015, 12, 24)
    self.set_end_date(2015, 12, 24)
    self.set_cash(starting_cash=25_000)
    self.set_cash("EUR", starting_cash=100, conversion_rate=1.1)
    self.seen.append(self.portfolio.cash)
"""
    assert run_algorithm(body).seen == [25_110.0]


def test_clocks(run_algorithm):
    body = """
self.seen.append((str(self.time), self.utc_time.isoformat(), str(self.end_date), self.is_market_open(self.goog)))
"""
    assert look(run_algorithm, body) == [("2015-12-24 10:00:00", "2015-12-24T15:00:00+00:00", "2015-12-24 23:59:59.999999", True)]


def test_a_year_that_has_not_ended_ends_yesterday(run_algorithm):
    run = run_algorithm(
        """
def initialize(self):
    self.set_start_date(2015, 12, 24)
    self.set_end_date(2999, 1, 1)
    self.seen.append(self.end_date.year < 2999)
    self.set_end_date(2015, 12, 24)
"""
    )
    assert run.seen == [True]


def test_removing_a_security_cancels_and_closes(run_algorithm):
    body = """
self.market_order(self.goog, 3)
self.limit_order(self.goog, 1, 1)
self.seen.append(self.remove_security(self.goog))
self.seen.append((len(self.transactions.get_open_orders()), self.portfolio[self.goog].quantity, self.securities[self.goog].is_tradable))
self.seen.append(self.remove_security(Symbol.create("NOPE", SecurityType.EQUITY, Market.USA)))
"""
    assert look(run_algorithm, body) == [True, (0, 0.0, False), False]


def test_strings_work_as_keys_only_for_known_tickers(run_algorithm):
    body = """
self.seen.append(("GOOG" in self.securities, self.current_slice.bars["GOOG"].close == self.current_slice["GOOG"].close))
try:
    self.securities["NOPE"]
except Exception as error:
    self.seen.append("was not found in the SymbolCache" in str(error))
try:
    self.current_slice["NOPE"]
except Exception as error:
    self.seen.append(type(error).__name__)
self.seen.append(self.current_slice.get("NOPE"))
"""
    assert look(run_algorithm, body) == [(True, True), True, "KeyNotFoundException", None]


def test_chain_of_the_day_before(run_algorithm):
    body = """
chain = self.option_chain(self.goog)
frame = self.option_chain(self.goog, flatten=True).data_frame
first = next(iter(chain))
self.seen.append((len(chain) == len(frame), first.bid_price == first.ask_price == first.last_price, chain.underlying.price))
self.seen.append(sorted(set(frame.columns) & {"delta", "strike", "right", "underlyinglastprice"}))
self.seen.append(len(self.option_chain(Symbol.create("SPX", SecurityType.INDEX, Market.USA))) >= 0)
"""
    assert look(run_algorithm, body) == [(True, True, 0.0), ["delta", "right", "strike", "underlyinglastprice"], True]


def test_equity_with_options_becomes_raw_with_one_warning(run_algorithm):
    run = run_algorithm(
        """
def initialize(self):
    self.set_start_date(2015, 12, 24)
    self.set_end_date(2015, 12, 24)
    goog = self.add_equity("GOOG", Resolution.MINUTE)
    put = Symbol.create_option(goog.symbol, Market.USA, OptionStyle.AMERICAN, OptionRight.PUT, 725, datetime(2016, 1, 15))
    self.add_option_contract(put, Resolution.MINUTE)
    self.seen.append(str(goog.subscriptions[0].data_normalization_mode))
"""
    )
    assert run.seen == ["RAW"]


def test_adjusted_equities_refuse_options_while_running(run_algorithm):
    run = run_algorithm(
        """
def initialize(self):
    self.set_start_date(2015, 12, 24)
    self.set_end_date(2015, 12, 24)
    self.goog = self.add_equity("GOOG", Resolution.MINUTE).symbol
    self.schedule.on(self.date_rules.every_day(), self.time_rules.at(10, 0), self.look)

def look(self):
    put = Symbol.create_option(self.goog, Market.USA, OptionStyle.AMERICAN, OptionRight.PUT, 725, datetime(2016, 1, 15))
    try:
        self.add_option_contract(put, Resolution.MINUTE)
    except Exception as error:
        self.seen.append("please change this to DataNormalizationMode.Raw" in str(error))
"""
    )
    assert run.seen == [True]


def test_consolidated_bars(run_algorithm):
    run = run_algorithm(
        ONCE
        + """
def look(self):
    self.consolidate(self.goog, timedelta(minutes=15), lambda bar: self.seen.append((f"{bar.time:%H:%M}-{bar.end_time:%H:%M}", bar.high >= bar.close)))
"""
    )
    assert run.seen[:2] == [("09:45-10:00", True), ("10:00-10:15", True)]


def test_indicators_follow_their_subscription(run_algorithm):
    run = run_algorithm(
        ONCE
        + """
def look(self):
    self.fast, self.slow = self.sma(self.goog, 2, Resolution.MINUTE), self.ema(self.goog, 3, Resolution.MINUTE)
    self.range = self.atr(self.goog, 2, resolution=Resolution.MINUTE)
    self.closes = []

def on_data(self, data):
    if hasattr(self, "closes") and self.goog in data.bars and len(self.closes) < 3:
        self.closes.append(data.bars[self.goog].close)
        if len(self.closes) == 3:
            average = sum(self.closes[1:]) / 2
            self.seen.append((abs(self.fast.current.value - average) < 1e-9, self.slow.is_ready, self.range.current.value > 0))
"""
    )
    assert run.seen == [(True, True, True)]
