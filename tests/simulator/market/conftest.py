"""One generated folder of two weeks for all tests of the market, and the model behind it."""

from pathlib import Path

import pytest
from market_samples import TWO_WEEKS, model_of

from simulator.market.generation import generate_folder

FOLDER = Path(__file__).resolve().parent


@pytest.fixture(scope="session")
def two_weeks(tmp_path_factory):
    folder = tmp_path_factory.mktemp("market") / "data"
    assert generate_folder(TWO_WEEKS, folder)
    return folder


@pytest.fixture(scope="session")
def model():
    return model_of(TWO_WEEKS.seed)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here needs a generated market, which takes more than a moment to make."""
    for item in items:
        if FOLDER in item.path.parents:
            item.add_marker(pytest.mark.slow)
