"""Option chains of the futures that a universe selects."""

FUTURE = """
def initialize(self):
    self.set_start_date(2020, 1, 5)
    self.set_end_date(2020, 1, 6)
    self.future = self.add_future("ES", Resolution.MINUTE)
    self.configure()
    self.add_future_option(self.future.symbol, lambda universe: universe.strikes(-1, 1))

def on_securities_changed(self, changes):
    for security in changes.added_securities:
        if security.type == SecurityType.FUTURE_OPTION and not security.symbol.is_canonical():
            self.seen.append((f"{self.time:%d %H:%M}", f"{security.symbol.underlying.id.date:%Y-%m}", security.strike_price))

def on_data(self, data):
    for chain in data.option_chains.values():
        self.chains = getattr(self, "chains", set()) | {f"{chain.symbol.underlying.id.date:%Y-%m}"}
    if self.future.mapped in data.option_chains:
        self.found = data.option_chains[self.future.mapped].symbol.underlying == self.future.mapped
"""


def test_a_continuous_future_brings_the_options_of_its_contract(run_algorithm):
    run = run_algorithm(FUTURE + "\ndef configure(self):\n    pass\n")
    assert {month for _, month, _ in run.seen} == {"2020-03"}
    assert run.algorithm.chains == {"2020-03"}
    assert run.algorithm.found


def test_a_filter_brings_the_options_of_every_contract_it_keeps(run_algorithm):
    run = run_algorithm(FUTURE + "\ndef configure(self):\n    self.future.set_filter(0, 182)\n")
    assert {month for _, month, _ in run.seen} == {"2020-03", "2020-06"}
    assert run.algorithm.chains == {"2020-03", "2020-06"}


def test_one_contract_is_no_chain(run_algorithm):
    run = run_algorithm(
        """
def initialize(self):
    self.set_start_date(2020, 1, 6)
    self.set_end_date(2020, 1, 6)
    contract = Symbol.create_future("ES", Market.CME, datetime(2020, 3, 20))
    try:
        self.add_future_option(contract)
    except ArgumentException as problem:
        self.seen.append(str(problem))
"""
    )
    assert run.seen[0].startswith("Symbol provided must be canonical")
