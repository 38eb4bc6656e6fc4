"""An option order fills at prices everybody could have had, or not at all."""

from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from AlgorithmImports import QuoteBar

from execution.fill_model import NaturalPriceFillModel

NOW = datetime(2024, 1, 5, 10, 30)  # noqa: DTZ001  LEAN speaks in the exchange's local time
MODEL = NaturalPriceFillModel(timedelta(minutes=10))


def security(bid, ask, age=0):
    """A security whose last quote ended `age` minutes ago, on an exchange in UTC."""
    ended = NOW - timedelta(minutes=age)
    bar = SimpleNamespace(
        bid=None if bid is None else SimpleNamespace(close=bid), ask=None if ask is None else SimpleNamespace(close=ask), end_time=ended
    )
    cache = SimpleNamespace(get_data=lambda kind: bar if kind is QuoteBar else None)
    return SimpleNamespace(cache=cache, local_time=NOW, exchange=SimpleNamespace(time_zone="UTC"))


def order(quantity, sent=3):
    """An order sent `sent` minutes ago."""
    return SimpleNamespace(quantity=quantity, time=NOW - timedelta(minutes=sent))


@pytest.mark.parametrize(
    ("quantity", "bid", "ask", "age", "price", "why"),
    [
        (1, 1.0, 1.2, 0, 1.2, "bought at the ask"),
        (-1, 1.0, 1.2, 0, 1.0, "sold at the bid"),
        (1, None, 0.05, 0, 0.05, "a worthless option without a bid can be bought back"),
        (-1, None, 0.05, 0, None, "and cannot be sold"),
        (1, 1.0, None, 0, None, "nobody sells"),
        (-1, 1.0, None, 0, 1.0, "somebody bids"),
        (1, 0.10, 0.05, 0, 0.10, "crossed by a bid of long ago: bought at the worse side, or it could never be closed"),
        (-1, 0.10, 0.05, 0, None, "and not sold: nobody bids"),
        (1, 1.0, 1.2, 3, 1.2, "as old as the order"),
        (1, 1.0, 1.2, 4, None, "older than the order: nobody has seen the order yet"),
    ],
)  # fmt: skip
def test_what_an_order_can_trade_at(quantity, bid, ask, age, price, why):
    assert MODEL._touch(security(bid, ask, age), order(quantity)) == price, why


def test_a_stale_quote_does_not_fill_an_old_order():
    old = order(1, sent=60)
    assert MODEL._touch(security(1.0, 1.2, 10), old) == 1.2
    assert MODEL._touch(security(1.0, 1.2, 11), old) is None


def test_a_combo_that_was_refused_is_priced_again_only_where_its_limit_or_the_time_has_changed():
    looks = []
    group = SimpleNamespace(id=7, limit_price=1.0, quantity=1)
    leg = SimpleNamespace(quantity=1, time=NOW - timedelta(minutes=3), group_order_manager=group)
    quoted = security(1.0, 1.2)
    read = quoted.cache.get_data
    quoted.cache.get_data = lambda kind: looks.append(kind) or read(kind)
    parameters = SimpleNamespace(security=quoted, securities_for_orders=[SimpleNamespace(key=leg, value=quoted)])
    model = NaturalPriceFillModel(timedelta(minutes=10))
    assert model.combo_limit_fill(leg, parameters) == model.combo_limit_fill(leg, parameters) == []
    assert len(looks) == 1
    group.limit_price = 1.1
    assert model.combo_limit_fill(leg, parameters) == []
    quoted.local_time = NOW + timedelta(minutes=1)
    assert model.combo_limit_fill(leg, parameters) == []
    assert len(looks) == 3
