"""Visiting every minute gives the very same result as visiting those where something can happen: charts, trades, orders, statistics."""

import json

import pytest

from simulator.conformance import data_folder, scenarios
from simulator.data.data_folder import DataFolder
from simulator.engine.engine import Engine
from simulator.project import Project
from simulator.results.json_text import encode
from simulator.results.object_store import ObjectStore
from simulator.results.result_json import order_events_json, result_json

NAMES = (
    "early_assignment_of_deep_put",
    "es_future_minute_position",
    "es_strangle_margin",
    "goog_poor_mans_covered_call",
    "limit_order_lifecycle",
    "margin_call_of_futures",
    "spxw_naked_options_to_expiry",
    "statistics_of_option_trades",
    "warm_up_of_daily_bars",
)

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", NAMES)
def test_results_are_the_same(conformance_scenarios, tmp_path, name):
    (scenario,) = scenarios(conformance_scenarios, [name])
    documents = []
    for naive in (False, True):
        store = ObjectStore(tmp_path / str(naive))
        project = Project.open(scenario.folder / "scenarios" / f"{name}.py")
        result = Engine(project, DataFolder(data_folder(scenario.folder)), {}, store, algorithm_id=name, naive=naive).run()
        document = json.loads(encode({**result_json(result), "events": order_events_json(result), "trace": store.read("trace")}))
        del document["state"]
        documents.append(document)
    assert documents[0] == documents[1]
