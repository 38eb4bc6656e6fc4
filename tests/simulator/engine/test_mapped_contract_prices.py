"""Prices of a continuous future's contract while the slice has other contracts; LEAN's results are those its regression algorithms expect."""

import pytest

SETUP = """
def initialize(self):
    self.set_start_date(2013, 10, 6)
    self.set_end_date(2013, 10, 10)
    self.es = self.add_future(
        "ES", data_mapping_mode=DataMappingMode.LAST_TRADING_DAY, data_normalization_mode=DataNormalizationMode.BACKWARDS_RATIO,
        contract_depth_offset=0, extended_market_hours=True,
    )
    self.far = self.add_future_contract(list(self.futures_chain(self.es.symbol))[0].symbol, extended_market_hours=True)
"""

MARKET = (
    SETUP
    + """
def on_data(self, data):
    if self.time.hour > 18 and not self.portfolio.invested:
        self.market_order(self.far.symbol, 1)
        self.market_order(self.es.mapped, 1)
"""
)

LIMIT = (
    SETUP
    + """
def on_data(self, data):
    if self.time.hour > 17 and not self.portfolio.invested:
        self.limit_order(self.far.symbol, 1, self.far.price * 2)
        self.limit_order(self.es.mapped, 1, self.es.price * 2)
"""
)

CHANGING = """
def initialize(self):
    self.set_start_date(2013, 10, 7)
    self.set_end_date(2013, 10, 8)
    self.es = self.add_future("ES", data_mapping_mode=DataMappingMode.LAST_TRADING_DAY, contract_depth_offset=0)
    day = self.date_rules.on(2013, 10, 7)
    self.schedule.on(day, self.time_rules.at(9, 32, 30), lambda: self.add_future_contract(self.near()))
    self.schedule.on(day, self.time_rules.at(14, 0, 30), lambda: self.remove_security(self.near()))
    for time in ((9, 32), (9, 34), (10, 30), (14, 0), (14, 30)):
        self.schedule.on(day, self.time_rules.at(*time), self.look)

def near(self):
    return next(c for c in self.future_chain_provider.get_future_contract_list(self.es.symbol, self.time) if c.id.date.month == 6)

def look(self):
    mapped = self.securities[self.es.mapped]
    last = mapped.get_last_data()
    self.seen.append((type(last).__name__, f"{last.end_time:%H:%M}"))
"""


@pytest.mark.slow
@pytest.mark.parametrize("naive", [False, True])
@pytest.mark.parametrize(
    ("body", "equity", "drawdown", "orders"),
    [
        (MARKET, "99991.4", "2.400%", "523d76e17b23ee0c94ded9f826cb8c22"),
        (LIMIT, "99866.4", "2.500%", "5a14a3f8b50e3117d87c69d6b11102fc"),
    ],
    ids=["market", "limit"],
)
def test_bars_of_the_mapped_contract_are_dropped_where_another_contract_comes_first(run_algorithm, body, equity, drawdown, orders, naive):
    result = run_algorithm(body, naive=naive).result
    assert result.statistics["End Equity"] == equity
    assert result.statistics["Drawdown"] == drawdown
    assert result.statistics["Sharpe Ratio"] == "1.959"
    assert result.order_list_hash == orders


@pytest.mark.parametrize("naive", [False, True])
def test_they_are_dropped_only_while_the_other_contract_is_there(run_algorithm, naive):
    run = run_algorithm(CHANGING, naive=naive)
    assert run.result.runtime_error == ""
    assert run.seen == [
        ("QuoteBar", "09:32"),
        ("TradeBar", "09:34"),  # trades come before quotes, and the other contract has none yet
        ("TradeBar", "09:35"),
        ("TradeBar", "09:35"),
        ("QuoteBar", "14:30"),
    ]
