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
