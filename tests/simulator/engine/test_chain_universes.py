"""Chains by filters: what is selected from which file, and what leaves again."""

GOOG = """
def initialize(self):
    self.set_start_date(2015, 12, 24)
    self.set_end_date(2015, 12, 28)
    self.set_cash(100000)
    option = self.add_option("GOOG", Resolution.MINUTE)
    self.canonical = option.symbol
    self.configure(option)

def on_securities_changed(self, changes):
    added = sorted(str(s.symbol) for s in changes.added_securities)
    removed = sorted(str(s.symbol) for s in changes.removed_securities)
    self.seen.append((f"{self.time:%d %H:%M}", len(added), len(removed)))
"""


def test_the_first_selection_uses_the_file_of_the_day_before(run_algorithm):
    run = run_algorithm(
        GOOG + "\ndef configure(self, option):\n    option.set_filter(lambda u: u.strikes(-2, 2).expiration(0, 30).puts_only())\n"
    )
    assert run.seen[0][0] == "24 00:00"
    assert run.seen[0][1] > 4
    assert all(moment.endswith("00:00") for moment, *_ in run.seen)


def test_contracts_come_in_the_slice_with_their_underlying(run_algorithm):
    run = run_algorithm(
        GOOG
        + """
def configure(self, option):
    option.set_filter(-1, 1, timedelta(days=0), timedelta(days=30))

def on_data(self, data):
    chain = data.option_chains.get(self.canonical)
    if chain is not None and self.time.hour == 10 and self.time.minute == 0 and self.time.day == 24:
        quoted = [c for c in chain if c.bid_price > 0]
        self.seen.append(("chain", len(chain.contracts) > 2, len(quoted) > 2, chain.underlying.close == data.quote_bars["GOOG"].close))
"""
    )
    assert ("chain", True, True, True) in run.seen


def test_a_list_of_symbols_is_a_filter_result(run_algorithm):
    run = run_algorithm(
        GOOG
        + """
def configure(self, option):
    option.set_filter(lambda universe: universe.contracts(lambda rows: [r.symbol for r in rows if r.symbol.id.strike_price == 750][:2]))

def on_end_of_algorithm(self):
    self.seen.append(sorted(s.symbol.id.strike_price for s in self.securities.values() if s.type == SecurityType.OPTION and not s.symbol.is_canonical()))
"""
    )
    assert run.seen[0] == ("24 00:00", 3, 0)


def test_a_held_contract_stays_when_it_is_no_longer_selected(run_algorithm):
    run = run_algorithm(
        GOOG
        + """
def configure(self, option):
    option.set_filter(lambda universe: universe.contracts(self.pick))
    self.schedule.on(self.date_rules.on(2015, 12, 24), self.time_rules.at(10, 0), self.buy)

def pick(self, rows):
    wanted = 750 if self.time.day == 24 else 760
    return [r.symbol for r in rows if r.symbol.id.strike_price == wanted and r.symbol.id.option_right == OptionRight.PUT and r.symbol.id.date.day == 15][:1]

def buy(self):
    self.put = [s.symbol for s in self.securities.values() if s.symbol.underlying and not s.symbol.is_canonical()][0]
    self.market_order(self.put, 1)

def on_end_of_algorithm(self):
    security = self.securities[self.put]
    self.seen.append((security.is_tradable, self.portfolio[self.put].quantity, self.put in [s.symbol for s in self.securities.values()]))
"""
    )
    assert run.seen[-1] == (True, 1.0, True)


def test_a_contract_equals_its_symbol(run_algorithm):
    body = """
def initialize(self):
    self.set_start_date(2015, 12, 24)
    self.set_end_date(2015, 12, 24)
    first, second, *_ = self.option_chain(self.add_equity("GOOG", Resolution.MINUTE).symbol)
    self.seen += [first == first.symbol, first.symbol == first, first == second, first.symbol != second]
"""
    assert run_algorithm(body).seen == [True, True, False, True]


def test_contracts_are_enumerated_in_order_of_their_symbols(run_algorithm):
    run = run_algorithm(
        """
def initialize(self):
    self.set_start_date(2013, 10, 7)
    self.set_end_date(2013, 10, 7)
    future = self.add_future("ES", Resolution.MINUTE)
    future.set_filter(0, 182)
    self.canonical = future.symbol
    self.seen.append([c.symbol.value for c in self.futures_chain(self.canonical)])

def on_data(self, data):
    chain = data.futures_chains.get(self.canonical)
    if chain is not None and len(self.seen) == 1:
        self.seen.append([c.symbol.value for c in chain])
        self.seen.append([s.value for s in data.keys()])
"""
    )
    listed, quoted, points = run.seen
    assert len(listed) == 5
    assert (listed, quoted, points) == (sorted(listed), sorted(quoted), sorted(points))


def test_selecting_a_chain_makes_prices_of_the_underlying_raw(run_algorithm):
    """OptionChainUniverse.GetSubscriptionRequests sets the underlying's mode, and with it its price step; RoundOrderPrices sees it."""
    run = run_algorithm(
        """
def initialize(self):
    self.set_start_date(2015, 12, 24)
    self.set_end_date(2015, 12, 24)
    self.stock = self.add_equity("GOOG", Resolution.MINUTE)
    self.add_option("GOOG", Resolution.MINUTE).set_filter(-1, 1)
    self.schedule.on(self.date_rules.on(2015, 12, 24), self.time_rules.at(10, 0), self.trade)

def trade(self):
    self.seen.append(self.limit_order("GOOG", 1, 700.123456).get(OrderField.LIMIT_PRICE))
    put = min(s.symbol for s in self.securities.values() if s.type == SecurityType.OPTION and not s.symbol.is_canonical())
    ticket = self.combo_limit_order([Leg.create(put, -1), Leg.create("GOOG", 100)], 1, 700.12346)[1]
    self.seen.append(ticket.get(OrderField.LIMIT_PRICE))
"""
    )
    assert run.seen == [700.12, 700.1235]


def test_a_contract_removed_after_hours_is_sold_at_the_next_open(run_algorithm):
    """RemoveSecurity resets the security, yet the data manager knows its subscriptions until the order is filled (PendingRemovalsManager)."""
    run = run_algorithm(
        """
def initialize(self):
    self.set_start_date(2021, 1, 4)
    self.set_end_date(2021, 1, 5)
    self.set_cash(1000000)
    spx = self.add_index("SPX", Resolution.MINUTE).symbol
    self.put = Symbol.create_option(spx, "SPXW", Market.USA, OptionStyle.EUROPEAN, OptionRight.PUT, 3700, datetime(2021, 1, 8))
    self.add_index_option_contract(self.put, Resolution.MINUTE)
    self.schedule.on(self.date_rules.on(2021, 1, 4), self.time_rules.at(10, 0), lambda: self.market_order(self.put, 1))
    self.schedule.on(self.date_rules.on(2021, 1, 4), self.time_rules.at(17, 30), lambda: self.remove_option_contract(self.put))

def on_order_event(self, event):
    if event.status == OrderStatus.FILLED:
        self.seen.append((f"{self.time:%d %H:%M}", event.fill_quantity))

def on_end_of_algorithm(self):
    self.seen.append(self.put in [s.symbol for s in self.securities.values()])
"""
    )
    assert run.seen == [("04 10:00", 1), ("05 09:31", -1), False]
    assert not any("Order Error" in line for line in run.result.log_lines)
