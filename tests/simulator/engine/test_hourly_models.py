"""What LEAN asks of every security once an hour: interest on margin, and the settlement of funds (AlgorithmManager.Run)."""

START = """
def initialize(self):
    self.set_start_date(2015, 12, 24)
    self.set_end_date(2015, 12, 28)
    self.set_brokerage_model(BrokerageName.DEFAULT, AccountType.CASH)
    self.goog = self.add_equity("GOOG", Resolution.MINUTE, data_normalization_mode=DataNormalizationMode.RAW)
    self.schedule.on(self.date_rules.on(2015, 12, 24), self.time_rules.at(10, 0), self.act)
"""


def test_funds_arrive_in_the_first_step_after_their_time(run_algorithm):
    """DelayedSettlementModel: at six in the morning, so before an event between two steps of that day, with nothing held."""
    run = run_algorithm(
        START
        + """
    self.schedule.on(self.date_rules.on(2015, 12, 28), self.time_rules.at(9, 35, 30), self.look)

def act(self):
    self.market_order(self.goog.symbol, 10)
    self.market_order(self.goog.symbol, -10)
    self.look()

def look(self):
    pending = self.goog.settlement_model.get_unsettled_cash()
    self.seen.append((round(self.portfolio.unsettled_cash), round(pending.amount), pending.currency))
"""
    )
    assert run.seen == [(7467, 7467, "USD"), (0, 0, None)]


def test_an_algorithm_s_own_settlement_model(run_algorithm):
    """Any object with apply_funds, scan and get_unsettled_cash."""
    run = run_algorithm(
        START
        + """
    self.goog.set_settlement_model(self.Half(self.seen))

def act(self):
    self.market_order(self.goog.symbol, 10)
    self.seen.append(round(self.portfolio.cash))


class Half:
    def __init__(self, seen):
        self.seen = seen
        self.scans = 0

    def apply_funds(self, parameters):
        half = parameters.cash_amount.amount / 2
        parameters.portfolio.cash_book[parameters.cash_amount.currency].add_amount(half)
        self.seen.append((parameters.security.symbol.value, round(half), parameters.fill.fill_quantity, parameters.utc_time.hour))

    def scan(self, parameters):
        self.scans += 1
        if self.scans == 1:
            self.seen.append(parameters.utc_time.minute)

    def get_unsettled_cash(self):
        return None
"""
    )
    assert run.seen[1:] == [("GOOG", -3738, 10, 15), 96261]


def test_an_algorithm_s_own_interest_on_margin(run_algorithm):
    run = run_algorithm(
        START
        + """
    self.goog.set_margin_interest_rate_model(self.Interest(self.seen))

def act(self):
    self.market_order(self.goog.symbol, 10)


class Interest:
    def __init__(self, seen):
        self.seen = seen

    def apply_margin_interest_rate(self, parameters):
        value = parameters.security.holdings.get_quantity_value(parameters.security.holdings.quantity)
        if value.amount > 0 and not self.seen:
            value.cash.add_amount(-1)
            self.seen.append((parameters.time.hour, parameters.time.minute, round(value.in_account_currency, -2)))
"""
    )
    assert run.seen == [(16, 0, 7500)]
