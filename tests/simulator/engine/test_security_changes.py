"""What came and went in one step (LEAN's SecurityChanges), and the first price of what universes add (SeedAddedSecurities)."""

from types import SimpleNamespace

from simulator.common.enums import SecurityType
from simulator.common.symbol import Symbol
from simulator.engine.universe_selection import SecurityChanges

SPY, AAPL = (SimpleNamespace(symbol=Symbol.create(name, SecurityType.EQUITY, "usa")) for name in ("SPY", "AAPL"))


def changes(added=(), removed=()):
    made = SecurityChanges()
    made._added += [(security, internal) for security, internal in added]
    made._removed += [(security, internal) for security, internal in removed]
    return made


def test_what_another_universe_adds_is_not_removed():
    both = changes(removed=[(SPY, False), (AAPL, False)])._plus(changes(added=[(SPY, True)]))
    assert both.removed_securities == [AAPL]
    assert both.added_securities == [SPY]


def test_one_universe_alone_is_taken_as_it_is():
    alone = SecurityChanges()._plus(changes(added=[(SPY, True)], removed=[(SPY, False)]))
    assert (alone.added_securities, alone.removed_securities) == ([SPY], [SPY])


def test_internal_changes_count_but_are_not_listed():
    seen = changes(added=[(SPY, True), (AAPL, False)])._for_user()
    assert (seen.count, seen.added_securities) == (2, [AAPL])
    assert str(changes()) == "SecurityChanges: None"
    assert "Added: AAPL " in str(seen)


def test_chain_members_are_seeded_at_the_resolution_of_the_chain(run_algorithm):
    run = run_algorithm(
        """
def initialize(self):
    self.set_start_date(2015, 12, 24)
    self.set_end_date(2015, 12, 24)
    self.settings.seed_initial_prices = True
    self.add_option("GOOG", Resolution.MINUTE).set_filter(lambda u: u.strikes(-1, 1).expiration(0, 30))

def on_securities_changed(self, changes):
    self.seen.append([bool(security.price) for security in changes.added_securities])
"""
    )
    assert run.seen
    assert any(all(prices) and prices for prices in run.seen)
