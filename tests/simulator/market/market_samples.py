"""Models and folders the market tests share."""

import datetime as dt
from functools import lru_cache

from simulator.market.generation import MarketParameters
from simulator.market.model import MarketModel

TWO_WEEKS = MarketParameters(dt.date(2024, 1, 2), dt.date(2024, 1, 12))


@lru_cache(maxsize=10)
def model_of(seed):
    return MarketModel.from_seed(seed, 2024)
