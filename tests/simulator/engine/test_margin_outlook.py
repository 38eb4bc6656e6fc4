"""Margin scans that are skipped: warnings come at the very steps at which a run that scans every five minutes has them."""

import pytest

pytestmark = pytest.mark.slow

SHORT_STRADDLE = """
def initialize(self):
    self.set_start_date(2015, 6, 1)  # equity is sampled every 75 minutes then: scans are what stops the loop
    self.set_end_date(2015, 12, 24)
    self.set_cash(int(self.get_parameter("cash")))
    self.goog = self.add_equity("GOOG", Resolution.MINUTE).symbol
    expiry = datetime(2016, 1, 15)
    self.legs = [
        self.add_option_contract(Symbol.create_option(self.goog, Market.USA, OptionStyle.AMERICAN, right, strike, expiry)).symbol
        for right, strike in ((OptionRight.PUT, 750), (OptionRight.CALL, 750))
    ]
    self.schedule.on(self.date_rules.on(2015, 12, 24), self.time_rules.at(9, 45), self.sell)
    self.schedule.on(self.date_rules.on(2015, 12, 24), self.time_rules.at(12, 30), self.buy_back)

def sell(self):
    for leg in self.legs:
        self.market_order(leg, -1)
    self.seen.append(("held", self.portfolio.total_margin_used, self.portfolio.total_portfolio_value))

def buy_back(self):
    self.liquidate()

def on_margin_call_warning(self):
    self.seen.append((self.time, self.portfolio.margin_remaining))
"""


@pytest.mark.parametrize(
    ("cash", "first", "last"),
    [
        (17_200, "09:46", "12:16"),  # at once
        (17_400, "10:01", "10:16"),  # clear when the position was opened, close a quarter of an hour later
        (17_600, None, None),
        (19_000, None, None),
    ],
)
def test_warnings_are_those_of_a_run_that_scans_each_time(run_algorithm, cash, first, last):
    lazy, naive = (run_algorithm(SHORT_STRADDLE, naive=naive, parameters={"cash": str(cash)}).seen for naive in (False, True))
    warned = [f"{entry[0]:%H:%M}" for entry in naive if entry[0] != "held"]
    assert (warned[:1], warned[-1:]) == (([first], [last]) if first else ([], []))
    assert lazy == naive


LEVERAGE_TAKEN_AWAY = """
def initialize(self):
    self.set_start_date(2013, 10, 7)
    self.set_end_date(2013, 10, 31)
    self.set_cash(100000)
    self.spy = self.add_equity("SPY", Resolution.MINUTE, leverage=2).symbol
    day = self.date_rules.on(2013, 10, 7)
    self.schedule.on(day, self.time_rules.at(9, 35), lambda: self.set_holdings(self.spy, 0.97))
    self.schedule.on(day, self.time_rules.at(12, 0), self.take_away)

def take_away(self):
    before = self.portfolio.total_margin_used
    self.securities[self.spy].set_leverage(1)
    self.seen.append(self.portfolio.total_margin_used / before)

def on_margin_call_warning(self):
    self.seen.append(str(self.time))
"""


def test_another_margin_rule_is_noticed_at_once(run_algorithm):
    lazy, naive = (run_algorithm(LEVERAGE_TAKEN_AWAY, naive=naive).seen for naive in (False, True))
    assert naive[0] == pytest.approx(2.0)
    assert naive[1] == "2013-10-07 12:01:00"
    assert lazy == naive


MARGIN_CALL_OF_A_STRANGLE = """
def initialize(self):
    self.set_start_date(2015, 12, 24)
    self.set_end_date(2015, 12, 24)
    self.set_cash(200000)
    self.goog = self.add_equity("GOOG", Resolution.MINUTE, data_normalization_mode=DataNormalizationMode.RAW).symbol
    day = self.date_rules.on(2015, 12, 24)
    self.schedule.on(day, self.time_rules.at(10, 0), self.trade)
    self.schedule.on(day, self.time_rules.at(10, 20), lambda: self.portfolio.set_cash(20000))
    self.schedule.on(day, self.time_rules.at(10, 50), self.last)

def trade(self):
    self.legs = []
    for right, strike in ((OptionRight.PUT, 740), (OptionRight.CALL, 760)):
        symbol = Symbol.create_option(self.goog, Market.USA, OptionStyle.AMERICAN, right, strike, datetime(2015, 12, 31))
        self.add_option_contract(symbol, Resolution.MINUTE)
        self.legs.append(Leg.create(symbol, -1))
    self.schedule.on(self.date_rules.today, self.time_rules.at(10, 5), lambda: self.combo_market_order(self.legs, 2))

def last(self):
    self.combo_market_order([Leg.create(leg.symbol, 1) for leg in self.legs], 1)
    self.quit()

def on_margin_call(self, requests):
    self.seen.append(str(self.time))
    return requests
"""


def test_looking_for_a_margin_call_leaves_no_trace(run_algorithm):
    lazy, naive = (run_algorithm(MARGIN_CALL_OF_A_STRANGLE, naive=naive) for naive in (False, True))
    assert naive.seen
    assert lazy.seen == naive.seen
    assert lazy.result.order_list_hash == naive.result.order_list_hash
