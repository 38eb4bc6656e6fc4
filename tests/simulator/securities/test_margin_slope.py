"""How fast margin moves with prices: the bound that the engine skips margin scans by (`simulator/engine/margin_outlook.py`)."""

from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings, target
from hypothesis import strategies as st

from simulator.common.time_zone import DAY, local_date
from simulator.engine.margin_outlook import most_margin_move, most_margin_on_a_future

EXPIRIES = (date(2024, 1, 19), date(2024, 2, 16))
LEG = st.tuples(st.sampled_from("CP"), st.sampled_from((80, 90, 95, 100, 105, 110, 130)), st.sampled_from(EXPIRIES))
BOOK = st.dictionaries(LEG, st.integers(-3, 3).filter(bool), min_size=1, max_size=5)
PRICE = st.floats(0.05, 40.0).map(lambda price: round(price, 2))
SPOT = st.tuples(st.floats(75.0, 135.0), st.one_of(st.floats(-6.0, 6.0), st.floats(-40.0, 40.0))).map(
    lambda pair: (round(pair[0], 2), round(pair[0] + pair[1], 2))
)


def moved_and_allowed(desk, book, shares, spots, prices):
    """Dollars by which the margin of a book moves from the first prices to the second, and the bound's."""
    stock = desk.equity(price=spots[0])
    options = {leg: desk.option(stock, *leg, mid=prices[leg][0], spread=0.04) for leg in book}
    for leg, quantity in book.items():
        desk.hold(options[leg], quantity)
    if shares:
        desk.hold(stock, shares)
    before = desk.portfolio.total_margin_used
    desk.step()
    desk.trade(stock, spots[1])
    for leg, option in options.items():
        desk.quote(option, round(prices[leg][1] - 0.02, 2), round(prices[leg][1] + 0.02, 2))
    desk.portfolio.invalidate_total_portfolio_value()
    under = Decimal(str(abs(spots[1] - spots[0])))
    allowed = abs(shares) * most_margin_move(under, Decimal(0), Decimal(0))
    for leg, quantity in book.items():
        first, second = (Decimal(str(price)) for price in prices[leg])
        allowed += abs(quantity) * 100 * most_margin_move(abs(second - first), under, first)
    return abs(desk.portfolio.total_margin_used - before), float(allowed)


@pytest.mark.slow
@settings(max_examples=600, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(book=BOOK, shares=st.sampled_from((-200, -100, 0, 0, 100, 200)), spots=SPOT, data=st.data())
def test_margin_moves_no_faster_than_the_bound(make_desk, book, shares, spots, data):
    prices = {leg: data.draw(st.one_of(PRICE.map(lambda price: (price, price)), st.tuples(PRICE, PRICE))) for leg in book}
    moved, allowed = moved_and_allowed(make_desk(), book, shares, spots, prices)
    target(moved / max(allowed, 1.0))  # looks for the steepest book
    assert moved <= allowed + 0.01


def test_a_straddles_margin_jumps_where_the_other_side_becomes_the_larger(desk):
    put, call = ("P", 80, EXPIRIES[0]), ("C", 80, EXPIRIES[0])
    moved, allowed = moved_and_allowed(desk, {put: -1, call: -1}, 0, (84.0, 84.0), {put: (6.0, 6.0), call: (1.0, 2.0)})
    assert moved == 500.0, "a dollar of the call moves it by five"
    assert moved <= allowed


FUTURE_LEG = st.tuples(st.sampled_from("CP"), st.sampled_from((4300, 4600, 4700, 4750, 4800, 4900, 5200)), st.sampled_from(EXPIRIES))
FUTURE_BOOK = st.dictionaries(FUTURE_LEG, st.integers(-3, 3).filter(bool), min_size=1, max_size=4)
FUTURE_PRICE = st.integers(12_000, 24_000).map(lambda ticks: ticks / 4)


def moved_and_allowed_on_a_future(desk, book, futures, prices):
    """As above for options on one future, whose requirement doubles with the day of its next price."""
    es = desk.future(price=futures[0])
    options = {leg: desk.option(es, *leg, mid=prices[leg][0], spread=0.5) for leg in book}
    for leg, quantity in book.items():
        desk.hold(options[leg], quantity)
    before, requirement = desk.portfolio.total_margin_used, es._margin_requirements
    tomorrow = local_date(desk._utc, es._time_zone) + timedelta(days=1)
    desk.margins["DOUBLED"] = tuple(2 * dollars for dollars in desk.margins["ES"])
    doubled = SimpleNamespace(id=SimpleNamespace(symbol="DOUBLED"))
    es._margin_requirements = lambda symbol, day: requirement(doubled if day >= tomorrow else symbol, day)
    until = desk._utc + DAY
    moves = {leg: abs(Decimal(str(prices[leg][1])) - options[leg]._price) for leg in book}
    allowed = sum(most_margin_on_a_future(option, moves[leg], until) for leg, option in options.items())
    desk.step(minutes=24 * 60)
    desk.quote(es, futures[1] - 0.25, futures[1] + 0.25)
    for leg, option in options.items():
        desk.quote(option, prices[leg][1] - 0.25, prices[leg][1] + 0.25)
    desk.portfolio.invalidate_total_portfolio_value()
    return desk.portfolio.total_margin_used - before, float(allowed)


@pytest.mark.slow
@settings(max_examples=300, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(book=FUTURE_BOOK, futures=st.tuples(FUTURE_PRICE, FUTURE_PRICE), data=st.data())
def test_options_on_a_future_never_need_more_than_the_bound(make_desk, book, futures, data):
    ticks = st.integers(2, 800).map(lambda count: count / 4)
    prices = {leg: data.draw(st.tuples(ticks, ticks)) for leg in book}
    moved, allowed = moved_and_allowed_on_a_future(make_desk(), book, futures, prices)
    target(moved / max(allowed, 1.0))
    assert moved <= allowed + 0.01


def test_a_requirement_that_rises_overnight_is_within_the_bound(desk):
    moved, allowed = moved_and_allowed_on_a_future(
        desk, {("C", 4300, EXPIRIES[0]): -1}, (3000.0, 6000.0), {("C", 4300, EXPIRIES[0]): (0.5, 0.5)}
    )
    assert moved > 6300, "no bound without tomorrow's requirement holds"
    assert moved <= allowed
