"""The offline engine does what LEAN did, scenario by scenario."""

import os
from pathlib import Path

import pytest

from simulator.conformance import data_folder, run_all, scenarios


def _folder():
    candidates = [Path(os.environ["LEAN_CONFORMANCE"])] if "LEAN_CONFORMANCE" in os.environ else []
    candidates.append(Path(__file__).resolve().parents[3] / "shared" / "conformance")
    return next((path for path in candidates if path.is_dir()), None)


FOLDER = _folder()
NAMES = [scenario.name for scenario in scenarios(FOLDER)] if FOLDER else []

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def outcomes(conformance_scenarios):
    if not data_folder(conformance_scenarios).is_dir():
        pytest.skip("the data folder of the recorded scenarios is not there")
    return {outcome.name: outcome for outcome in run_all(scenarios(conformance_scenarios), jobs=2)}


@pytest.mark.skipif(not NAMES, reason="recorded LEAN scenarios not found; set LEAN_CONFORMANCE to their folder")
@pytest.mark.parametrize("name", NAMES)
def test_scenario_equals_lean(outcomes, name):
    assert outcomes[name].differences == []
