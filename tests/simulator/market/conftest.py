"""One generated folder of two weeks for all tests of the market, and the model behind it."""

import pytest
from market_samples import TWO_WEEKS, model_of

from simulator.market.generation import generate_folder


@pytest.fixture(scope="session")
def two_weeks(tmp_path_factory):
    folder = tmp_path_factory.mktemp("market") / "data"
    assert generate_folder(TWO_WEEKS, folder)
    return folder


@pytest.fixture(scope="session")
def model():
    return model_of(TWO_WEEKS.seed)
