"""A whole run against a brokerage that misbehaves, on LEAN's sample data."""

from datetime import UTC, datetime, timedelta

import pytest

from simulator.brokerages.faults import Assignment, FaultPlan, Message
from simulator.common.enums import BrokerageMessageType
from simulator.data.data_folder import DataFolder
from simulator.engine.engine import Engine
from simulator.project import Project
from simulator.results.object_store import ObjectStore

ALGORITHM = """
from AlgorithmImports import *


class Trader(QCAlgorithm):
    def initialize(self):
        self.set_start_date(2015, 12, 24)
        self.set_end_date(2015, 12, 24)
        self.set_cash(200000)
        self.set_brokerage_model(BrokerageName.TASTYTRADE, AccountType.MARGIN)
        self.goog = self.add_equity("GOOG", Resolution.MINUTE, data_normalization_mode=DataNormalizationMode.RAW).symbol
        contract = lambda strike: Symbol.create_option(self.goog, Market.USA, OptionStyle.AMERICAN, OptionRight.PUT, strike, datetime(2016, 1, 15))
        self.legs = [self.add_option_contract(contract(strike), Resolution.MINUTE).symbol for strike in (755, 765)]
        self.told = []
        for hour in (10, 11, 12):
            self.schedule.on(self.date_rules.on(2015, 12, 24), self.time_rules.at(hour, 0), self.trade)

    def trade(self):
        self.combo_limit_order([Leg.create(self.legs[0], 1), Leg.create(self.legs[1], -1)], 4, 5)

    def on_order_event(self, event):
        self.told.append(f"{event.order_id} {event.status} {event.fill_quantity:.0f}")

    def on_brokerage_message(self, message):
        self.told.append(message.message)

    def on_brokerage_disconnect(self):
        self.told.append("disconnected")

    def on_assignment_order_event(self, event):
        self.told.append(f"assigned {event.fill_quantity:.0f}")

    def on_end_of_algorithm(self):
        self.object_store.save("told", "\\n".join(self.told))
"""


@pytest.fixture
def run(tmp_path, sample_data):
    """Runs the algorithm with a plan and gives what it was told."""
    (tmp_path / "main.py").write_text(ALGORITHM, encoding="utf-8")

    def start(plan):
        store = ObjectStore(tmp_path / "store")
        with DataFolder(sample_data, cache=None) as folder:
            result = Engine(Project.open(tmp_path / "main.py"), folder, {}, store, faults=plan).run()
        assert result.runtime_error == ""
        return store.read("told").splitlines(), result

    return start


@pytest.mark.slow
def test_refused_partial_and_slow_orders(run):
    plan = FaultPlan(refused=frozenset({1}), partial_fills={2: 0.5}, fill_delays={4: timedelta(minutes=30), 5: timedelta(minutes=30)})
    told, result = run(plan)
    assert told[:2] == ["1 INVALID 0", "2 INVALID 0"]
    assert "3 PARTIALLY_FILLED 2" in told
    assert "3 FILLED 2" in told
    assert {order.status.name for order in result.orders.values()} >= {"INVALID", "FILLED"}
    late = [event for event in result.order_events if event.order_id == 5 and event.fill_quantity]
    assert late[0].utc_time >= datetime(2015, 12, 24, 17, 30, tzinfo=UTC)


@pytest.mark.slow
def test_lost_connection_and_assignment_at_will(run):
    at = datetime(2015, 12, 24, 17, 0, tzinfo=UTC)
    plan = FaultPlan(
        messages=(Message(at, BrokerageMessageType.DISCONNECT, "1100", "connection lost"),),
        assignments=(Assignment(at, "GOOG  160115P00765000"),),
    )
    told, result = run(plan)
    assert told.count("disconnected") == told.count("connection lost") == 1
    assert "assigned 8" in told
    shares = [event.fill_quantity for event in result.order_events if event.symbol.value == "GOOG"]
    assert shares == [800]
