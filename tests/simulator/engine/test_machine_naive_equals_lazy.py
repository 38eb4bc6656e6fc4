"""The whole machine over generated markets: skipping steps and leaving securities alone until they are looked at changes nothing."""

import datetime as dt
import json
from pathlib import Path

import pytest

from simulator.data.data_folder import DataFolder
from simulator.engine.engine import Engine
from simulator.market.generation import MarketParameters, generate_folder
from simulator.project import Project
from simulator.results.json_text import encode
from simulator.results.object_store import ObjectStore
from simulator.results.result_json import order_events_json, result_json

ROOT = Path(__file__).resolve().parents[3]
FIRST, LAST = dt.date(2024, 1, 2), dt.date(2024, 1, 9)

pytestmark = pytest.mark.slow


def _document(folder, store_folder, naive):
    project = Project.open(ROOT, {"start-date": str(FIRST), "end-date": str(LAST)})
    store = ObjectStore(store_folder)
    result = Engine(project, DataFolder(folder), project.parameters, store, algorithm_id="machine", naive=naive).run()
    assert result.is_complete, result.runtime_error
    document = json.loads(encode({**result_json(result), "events": order_events_json(result), "journal": store.read("journal.jsonl")}))
    del document["state"]
    return document


@pytest.mark.parametrize("seed", [11, 12, 2024])
def test_results_are_the_same(tmp_path, seed):
    folder = tmp_path / "data"
    generate_folder(MarketParameters(FIRST, LAST, seed), folder)
    lazy, naive = (_document(folder, tmp_path / str(naive), naive) for naive in (False, True))
    assert "fill" in lazy["journal"]
    for part in lazy:
        assert lazy[part] == naive[part], part
