"""What the machine sees of the market through the offline engine, on LEAN's sample data."""

import sys
import textwrap

import pytest

from simulator.data.data_folder import DataFolder
from simulator.engine.engine import Engine
from simulator.project import Project
from simulator.results.object_store import ObjectStore

LOOKS = """
from AlgorithmImports import *
from datetime import timedelta
from execution.fill_model import NaturalPriceFillModel
from execution.instruments import Instruments
from execution.market_view import LeanMarketView

SEEN = []


class Looks(QCAlgorithm):
    def initialize(self):
        self.set_start_date(2013, 10, 7)
        self.set_end_date(2013, 10, 7)
        instruments = Instruments(self, NaturalPriceFillModel(timedelta(minutes=5)))
        instruments.subscribe_underlyings(["ES"])
        self.view = LeanMarketView(self, instruments)
        day = self.date_rules.on(2013, 10, 7)
        self.schedule.on(day, self.time_rules.at(9, 32, 30), self.add_another)
        for hour in (10, 14):
            self.schedule.on(day, self.time_rules.at(hour, 30), self.look)

    def add_another(self):
        chain = self.future_chain_provider.get_future_contract_list(self.view._instruments.underlying("ES"), self.time)
        self.add_future_contract(next(contract for contract in chain if contract.id.date.month == 6))

    def look(self):
        future = self.view._instruments.underlying_security("ES")
        SEEN.append((self.view.spot("ES"), self.securities[future.mapped].price))
"""


@pytest.fixture
def looks(sample_data, tmp_path):
    file = tmp_path / "looks.py"
    file.write_text(textwrap.dedent(LOOKS))
    result = Engine(Project.open(file), DataFolder(sample_data, cache=None), {}, ObjectStore(tmp_path / "store")).run()
    assert result.runtime_error == ""
    return sys.modules["looks"].SEEN


def test_a_future_s_spot_goes_on_where_lean_drops_bars_of_its_contract(looks):
    (early, dropped), (late, still_dropped) = looks
    assert dropped == still_dropped, "LEAN drops the bars while another contract comes first"
    assert early != late
    assert early == pytest.approx(late, rel=0.01)
