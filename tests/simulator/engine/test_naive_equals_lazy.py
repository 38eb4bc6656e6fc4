"""Visiting only the steps where something can happen gives what visiting all of them gives."""

import pytest

from simulator.engine.algorithm_manager import AlgorithmManager

BUSY = """
def initialize(self):
    self.set_start_date(2015, 12, 23)
    self.set_end_date(2015, 12, 28)
    self.set_cash(200000)
    self.set_brokerage_model(BrokerageName.TASTYTRADE, AccountType.MARGIN)
    self.set_security_initializer(BrokerageModelSecurityInitializer(self.brokerage_model, FuncSecuritySeeder(self.get_last_known_prices)))
    self.goog = self.add_equity("GOOG", Resolution.MINUTE, data_normalization_mode=DataNormalizationMode.RAW).symbol
    self.schedule.on(self.date_rules.every_day(self.goog), self.time_rules.at(10, 0), self.trade)
    self.schedule.on(self.date_rules.every_day(), self.time_rules.every(timedelta(minutes=47)), self.look)

def trade(self):
    for right, strike, day in ((OptionRight.PUT, 720, 24), (OptionRight.PUT, 725, 31), (OptionRight.CALL, 780, 31)):
        symbol = Symbol.create_option(self.goog, Market.USA, OptionStyle.AMERICAN, right, strike, datetime(2015, 12, day))
        if symbol.id.date.date() >= self.time.date():
            self.add_option_contract(symbol, Resolution.MINUTE)
            self.market_order(symbol, -1)
            self.limit_order(symbol, 1, round(self.securities[symbol].bid_price * 0.6, 2))

def look(self):
    p = self.portfolio
    self.seen.append((str(self.time), p.total_portfolio_value, p.total_margin_used, p.margin_remaining))

def on_order_event(self, event):
    self.seen.append(str(event))
"""


@pytest.mark.slow
def test_a_busy_run_of_options(run_algorithm):
    lazy, naive = run_algorithm(BUSY), run_algorithm(BUSY, naive=True)
    assert len(lazy.seen) > 100
    assert lazy.seen == naive.seen
    assert lazy.result.statistics == naive.result.statistics
    charts = [run.result.charts["Strategy Equity"].series["Equity"]._points for run in (lazy, naive)]
    assert [(p._time, p._open, p._high, p._low, p._close) for p in charts[0]] == [
        (p._time, p._open, p._high, p._low, p._close) for p in charts[1]
    ]


def test_files_are_not_read_for_bars_that_others_have_anyway(run_algorithm):
    run = run_algorithm(
        """
def initialize(self):
    self.set_start_date(2015, 12, 23)
    self.set_end_date(2015, 12, 24)
    self.goog = self.add_equity("GOOG", Resolution.MINUTE, data_normalization_mode=DataNormalizationMode.RAW).symbol
    self._engine_folder.on_request = lambda path, found: self.seen.append(path)
    self.schedule.on(self.date_rules.every_day(self.goog), self.time_rules.at(10, 0), self.add)

def add(self):
    symbol = Symbol.create_option(self.goog, Market.USA, OptionStyle.AMERICAN, OptionRight.PUT, 720, datetime(2015, 12, 31))
    self.add_option_contract(symbol, Resolution.MINUTE)
"""
    )
    assert any("equity/usa/minute/goog" in path for path in run.seen)
    assert not any("20151224_trade_american" in path for path in run.seen), "nobody looked at the option, whose bars add no step"


LEAVING = """
def initialize(self):
    self.set_start_date(2021, 1, 4)
    self.set_end_date(2021, 1, 5)
    self.spx = self.add_index("SPX", Resolution.MINUTE)
    self.schedule.on(self.date_rules.on(2021, 1, 4), self.time_rules.at(11, 0), lambda: self.remove_security(self.spx.symbol))
    self.schedule.on(self.date_rules.on(2021, 1, 5), self.time_rules.at(11, 0), self.look)

def look(self):
    self.seen.append((self.spx.holdings.price, self.spx.price, self.spx.has_data, self.spx.holdings.price))
"""


def test_what_left_keeps_the_price_its_holding_had_then_whenever_somebody_looks(run_algorithm):
    lazy, naive = run_algorithm(LEAVING), run_algorithm(LEAVING, naive=True)
    assert lazy.seen == naive.seen
    price = lazy.seen[0][0]
    assert price > 0
    assert lazy.seen == [(price, 0.0, False, price)]


def test_few_steps_are_visited_when_nothing_is_held(run_algorithm, monkeypatch):
    visits = []
    original = AlgorithmManager._visit
    monkeypatch.setattr(AlgorithmManager, "_visit", lambda manager, step: visits.append(step) or original(manager, step))
    run_algorithm(
        """
def initialize(self):
    self.set_start_date(2021, 1, 4)
    self.set_end_date(2021, 1, 5)
    self.add_index("SPX", Resolution.MINUTE)
"""
    )
    assert len(visits) < 300
