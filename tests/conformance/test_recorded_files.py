"""Result files equal LEAN's: every chart, statistic and event, and the text of every order to the last zero (OrderListHash is its digest)."""

import json
import re

import pytest

from simulator.conformance import data_folder, scenarios
from simulator.data.data_folder import DataFolder
from simulator.engine.engine import Engine
from simulator.project import Project
from simulator.results.json_text import encode
from simulator.results.object_store import ObjectStore
from simulator.results.order_json import order_json
from simulator.results.result_json import order_events_json, result_json, summary_json

NAME = "statistics_of_option_trades"
BLANKS = re.compile(r'\s+(?=(?:[^"]*"[^"]*")*[^"]*$)')

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def recorded(conformance_scenarios):
    folder = conformance_scenarios.parent / "lean-results" / NAME
    if not folder.is_dir():
        pytest.skip(f"LEAN's complete results of the scenario {NAME} are not beside the scenarios")
    return folder


@pytest.fixture(scope="module")
def result(conformance_scenarios, tmp_path_factory):
    (scenario,) = scenarios(conformance_scenarios, [NAME])
    project = Project.open(scenario.folder / "scenarios" / f"{NAME}.py")
    store = ObjectStore(tmp_path_factory.mktemp("store"))
    return Engine(project, DataFolder(data_folder(scenario.folder)), {}, store, algorithm_id=scenario.class_name).run()


def test_order_texts_are_leans(recorded, result):
    text = (recorded / "StatisticsOfOptionTrades.json").read_text(encoding="utf-8")
    orders = BLANKS.sub("", text[text.index('"orders": {') : text.index('"profitLoss"')])
    mine = [encode(order_json(order)) for _, order in sorted(result.orders.items())]
    assert mine == re.findall(r'"\d+":(\{.*?"priceAdjustmentMode":\d+\})', orders)


def test_order_events_are_leans(recorded, result):
    wanted = json.loads((recorded / "StatisticsOfOptionTrades-order-events.json").read_text(encoding="utf-8"))
    assert json.loads(encode(order_events_json(result))) == wanted


MACHINE = {"state", "serverStatistics", "analysis"}


@pytest.mark.parametrize(
    ("file", "document"), [("StatisticsOfOptionTrades", result_json), ("StatisticsOfOptionTrades-summary", summary_json)]
)
def test_whole_files_are_leans_but_for_the_machine_and_its_advice(recorded, result, file, document):
    wanted = json.loads((recorded / f"{file}.json").read_text(encoding="utf-8"))
    got = json.loads(encode(document(result)))
    assert set(got) >= set(wanted) - {"analysis"}
    for part in set(wanted) - MACHINE:
        for trade in (*wanted[part].get("closedTrades", ()), *got[part].get("closedTrades", ())):
            del trade["id"]
        assert got[part] == wanted[part], part
