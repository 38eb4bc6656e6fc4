"""Strategies are bought and sold as combo market orders; filters pick their contracts from a chain."""

HEAD = """
def initialize(self):
    self.set_start_date(2015, 12, 24)
    self.set_end_date(2015, 12, 24)
    self.set_cash(1000000)
    option = self.add_option("GOOG")
    self.chain = option.symbol
    option.set_filter(lambda universe: {filter})
"""


def test_a_strategy_fills_all_legs_at_once(run_algorithm):
    source = (
        HEAD.format(filter="universe.expiration(0, 10).strikes(-5, 5)")
        + """
def on_data(self, data):
    chain = data.option_chains.get(self.chain)
    if chain is None or self.portfolio.invested:
        return
    calls = sorted({contract.strike for contract in chain if contract.right == OptionRight.CALL})
    spread = OptionStrategies.bull_call_spread(self.chain, calls[0], calls[1], datetime(2015, 12, 24))
    self.seen.append([ticket.order_type.name for ticket in self.buy(spread, 2)])
    self.seen.append([holding.quantity for holding in self.portfolio.values() if holding.invested])
    self.sell(spread, 2)
    self.seen.append(self.portfolio.invested)
    self.quit()
"""
    )
    assert run_algorithm(source).seen == [["COMBO_MARKET", "COMBO_MARKET"], [2.0, -2.0], False]


def kept(run_algorithm, chosen):
    source = (
        HEAD.format(filter=chosen)
        + """
def on_securities_changed(self, changes):
    found = [security.symbol for security in changes.added_securities if security.symbol.underlying is not None]
    self.seen += sorted((str(symbol.id.option_right), symbol.id.strike_price) for symbol in found if symbol.id.strike_price)
"""
    )
    return run_algorithm(source).seen


def test_filters_pick_the_contracts_of_a_strategy(run_algorithm):
    """The file's underlying is at 748.54 and strikes are 2.5 apart: 752.5 is the strike nearest to 753.54, 742.5 that nearest to 743.54."""
    assert kept(run_algorithm, "universe.iron_condor(0, 5, 10)") == [("CALL", 752.5), ("CALL", 757.5), ("PUT", 737.5), ("PUT", 742.5)]
    assert kept(run_algorithm, "universe.strangle(0, 5, -5)") == [("CALL", 752.5), ("PUT", 742.5)]
    assert kept(run_algorithm, "universe.put_spread(0, 5)") == [("PUT", 742.5), ("PUT", 752.5)]
    assert kept(run_algorithm, "universe.call_butterfly(0, 5)") == [("CALL", 742.5), ("CALL", 747.5), ("CALL", 752.5)]


def test_shortcuts_stand_for_greeks(run_algorithm):
    both = [kept(run_algorithm, f"universe.expiration(0, 0).{name}(0.4, 0.6)") for name in ("delta", "d")]
    assert both[0] == both[1]


def test_contracts_of_a_future_expire_on_their_whole_day(run_algorithm):
    """The ES contract of June 2014 expires on 2014-06-20 at 13:30, 182 days after 2013-12-20: LEAN compares dates."""
    source = """
def initialize(self):
    self.set_start_date(2013, 12, 20)
    self.set_end_date(2013, 12, 20)
    self.add_future("ES", Resolution.MINUTE).set_filter(0, 182)

def on_securities_changed(self, changes):
    self.seen += [security.symbol.value for security in changes.added_securities if not security.symbol.is_canonical()]
"""
    assert run_algorithm(source).seen == ["ES20M14", "ES21H14"]
