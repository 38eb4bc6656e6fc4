"""How fast margin moves with prices: the bound that the engine skips margin scans by (`simulator/engine/margin_outlook.py`)."""

from datetime import date

from hypothesis import HealthCheck, given, settings, target
from hypothesis import strategies as st

from simulator.engine.margin_outlook import _SLOPE

EXPIRIES = (date(2024, 1, 19), date(2024, 2, 16))
LEG = st.tuples(st.sampled_from("CP"), st.sampled_from((80, 90, 95, 100, 105, 110, 130)), st.sampled_from(EXPIRIES))
BOOK = st.dictionaries(LEG, st.integers(-3, 3).filter(bool), min_size=1, max_size=5)
PRICE = st.floats(0.05, 40.0).map(lambda price: round(price, 2))
SPOT = st.tuples(st.floats(75.0, 135.0), st.one_of(st.floats(-6.0, 6.0), st.floats(-40.0, 40.0))).map(
    lambda pair: (round(pair[0], 2), round(pair[0] + pair[1], 2))
)


@settings(max_examples=600, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(book=BOOK, shares=st.sampled_from((-200, -100, 0, 0, 100, 200)), spots=SPOT, data=st.data())
def test_margin_moves_no_faster_than_the_bound(make_desk, book, shares, spots, data):
    desk = make_desk()
    stock = desk.equity(price=spots[0])
    prices = {leg: data.draw(st.one_of(PRICE.map(lambda price: (price, price)), st.tuples(PRICE, PRICE))) for leg in book}
    options = {leg: desk.option(stock, leg[0], leg[1], leg[2], mid=prices[leg][0], spread=0.04) for leg in book}
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
    under = abs(spots[1] - spots[0])
    allowed = (
        sum(abs(quantity) * 100 * (abs(prices[leg][1] - prices[leg][0]) + under) for leg, quantity in book.items()) + abs(shares) * under
    )
    moved = abs(desk.portfolio.total_margin_used - before)
    target(moved / max(allowed, 1.0))  # looks for the steepest book; a naked call has 1.2
    assert moved <= float(_SLOPE) * allowed + 0.01
