"""How a run ends early: quit, errors of the algorithm, no money left."""

import pytest

from simulator.errors import AlgorithmError, LeanApiMissing

START = """
def initialize(self):
    self.set_start_date(2015, 12, 24)
    self.set_end_date(2015, 12, 24)
    self.goog = self.add_equity("GOOG", Resolution.MINUTE, data_normalization_mode=DataNormalizationMode.RAW).symbol
    self.schedule.on(self.date_rules.every_day(), self.time_rules.at(10, 0), self.act)
    self.schedule.on(self.date_rules.every_day(), self.time_rules.at(11, 0), lambda: self.seen.append("later"))

def on_end_of_algorithm(self):
    self.seen.append(f"end {self.time:%H:%M}")
"""


def test_quit_ends_the_run_in_order(run_algorithm):
    run = run_algorithm(START + "\ndef act(self):\n    self.quit('enough')\n")
    assert run.seen == ["end 10:00"]
    assert run.result.runtime_error == ""


def test_an_error_in_an_event_names_file_line_and_source(run_algorithm):
    run = run_algorithm(START + "\ndef act(self):\n    return 1 / 0\n")
    assert run.seen == []
    assert not run.result.is_complete
    assert "ZeroDivisionError: division by zero" in run.result.runtime_error
    assert "at act in small_algorithm.py: line 17: return 1 / 0" in run.result.runtime_error


def test_an_error_in_on_order_event_lets_the_step_finish(run_algorithm):
    run = run_algorithm(
        START
        + """
def act(self):
    ticket = self.market_order(self.goog, 1)
    self.seen.append(str(ticket.status))

def on_order_event(self, event):
    raise ValueError("bad handler")
"""
    )
    assert run.seen == ["FILLED"]
    assert "ValueError: bad handler" in run.result.runtime_error


def test_an_error_in_initialize_gives_no_result(run_algorithm):
    with pytest.raises(AlgorithmError, match=r"KeyError: 'x', at initialize in small_algorithm.py: line 6: \{\}\['x'\]"):
        run_algorithm("def initialize(self):\n    {}['x']\n")


def test_what_the_engine_lacks_says_so(run_algorithm):
    with pytest.raises(LeanApiMissing, match=r"QCAlgorithm\.add_crypto"):
        run_algorithm("def initialize(self):\n    self.add_crypto('BTCUSD')\n")


def test_a_name_that_lean_lacks_too_is_an_attribute_error(run_algorithm):
    with pytest.raises(AlgorithmError, match="AttributeError: 'Test' object has no attribute 'nope'"):
        run_algorithm("def initialize(self):\n    self.nope()\n")


def test_a_class_the_engine_lacks_is_refused_when_it_is_used(run_algorithm):
    with pytest.raises(LeanApiMissing, match="EqualWeightingPortfolioConstructionModel"):
        run_algorithm("def initialize(self):\n    EqualWeightingPortfolioConstructionModel()\n")


def test_an_end_before_the_start_is_refused(run_algorithm):
    with pytest.raises(AlgorithmError, match="end date greater than start date"):
        run_algorithm("def initialize(self):\n    self.set_start_date(2020, 1, 2)\n    self.set_end_date(2020, 1, 1)\n")


def test_a_run_without_data_ends_at_its_start(run_algorithm):
    run = run_algorithm(
        """
def initialize(self):
    self.set_start_date(2024, 8, 1)
    self.set_end_date(2024, 8, 2)
    self.set_benchmark(lambda time: 0)

def on_end_of_algorithm(self):
    self.seen.append(f"{self.time:%m-%d %H:%M}")
"""
    )
    assert run.seen == ["08-01 00:00"]


def test_ticks_are_refused_by_name(run_algorithm):
    with pytest.raises(LeanApiMissing, match=r"Resolution\.TICK"):
        run_algorithm(
            """
            def initialize(self):
                self.set_start_date(2013, 10, 7)
                self.set_end_date(2013, 10, 7)
                self.add_equity("SPY", Resolution.TICK)
            """
        )


def test_the_algorithm_cannot_limit_its_orders(run_algorithm):
    """BacktestingSetupHandler sets the job's limit, none, after `initialize`; a locked algorithm's call does nothing."""
    run = run_algorithm(
        START.replace("    self.schedule", "    self.set_maximum_orders(1)\n    self.schedule", 1)
        + """
def act(self):
    self.set_maximum_orders(1)
    self.seen += [str(self.market_order(self.goog, 1).status) for _ in range(3)]
"""
    )
    assert run.seen == ["FILLED", "FILLED", "FILLED", "later", "end 13:00"]
