"""Where LEAN asks for a symbol an algorithm may give a ticker, a security or a contract; engine internals do not clash with its own names."""

from simulator.algorithm.qc_algorithm import QCAlgorithm

CHAIN = """
def initialize(self):
    self.set_start_date(2015, 12, 24)
    self.set_end_date(2015, 12, 24)
    self.goog = self.add_equity("GOOG", Resolution.MINUTE, data_normalization_mode=DataNormalizationMode.RAW)
    self._spy = self._slice = self._request = self._benchmark = "my own"
    self.contract = next(iter(self.option_chain(self.goog)))
    self.option = self.add_option_contract(self.contract, Resolution.MINUTE)
    self.schedule.on(self.date_rules.every_day(self.goog), self.time_rules.after_market_open(self.goog, 30), self.look)
"""


def look(run_algorithm, body):
    return run_algorithm(CHAIN + "\ndef look(self):\n" + "".join(f"    {line}\n" for line in body.strip().splitlines())).seen


def test_contracts_securities_and_tickers_stand_for_symbols(run_algorithm):
    body = """
self.seen.append(self.option.symbol == self.contract.symbol)
self.seen.append(self.contract in self.securities and self.portfolio[self.contract] is self.portfolio[self.option])
self.seen.append("GOOG" in self.current_slice and self.goog in self.current_slice.bars)
self.seen.append(self.get_last_known_price("GOOG").symbol == self.goog.symbol)
self.seen.append(Leg.create("GOOG", 1).symbol == self.goog.symbol)
self.seen.append(self.remove_security("GOOG"))
"""
    assert look(run_algorithm, body) == [True] * 6


def test_private_names_of_an_algorithm_are_its_own(run_algorithm):
    body = """
self.seen.append((self._spy, self._slice, self._request, self._benchmark))
self.seen.append(self.market_order("GOOG", 1).status.name)
"""
    assert look(run_algorithm, body) == [("my own",) * 4, "FILLED"]


def test_engine_internals_carry_a_prefix():
    names = {name for base in QCAlgorithm.__mro__ if base is not object for name in vars(base)}
    assert {name for name in names if name.startswith("_") and not name.startswith(("__", "_engine_"))} <= {"_abc_impl"}


def test_futures_are_named(run_algorithm):
    assert look(run_algorithm, "self.seen.append((Futures.Indices.SP_500_E_MINI, Futures.Energy.CRUDE_OIL_WTI))") == [("ES", "CL")]
