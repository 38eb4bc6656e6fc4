"""What structures pay and what they trade at."""

import pytest
from contracts import option, quote
from hypothesis import given
from hypothesis import strategies as st

from domain.contract import Leg, Role, is_defined_risk, max_loss_points, payoff_points
from domain.quote import net_price

P, C = (lambda k, e="2024-01-05": option("P", k, e)), (lambda k, e="2024-01-05": option("C", k, e))
CONDOR = (
    Leg(P(4650), 1, Role.LONG_PUT),
    Leg(P(4680), -1, Role.SHORT_PUT),
    Leg(C(4720), -1, Role.SHORT_CALL),
    Leg(C(4750), 1, Role.LONG_CALL),
)
LT112 = (Leg(P(4400), 1, Role.HEDGE_LONG), Leg(P(4350), -1, Role.HEDGE_SHORT), Leg(P(3800), -2, Role.NAKED_PUT))
STRANGLE = (Leg(P(4300), -1, Role.NAKED_PUT), Leg(C(5000), -1, Role.NAKED_CALL))
CALENDAR = (Leg(P(4700, "2024-04-19"), 1, Role.LONG_PUT), Leg(P(4700), -1, Role.SHORT_PUT))
INVERTED = (Leg(P(4700, "2024-04-19"), -1, Role.SHORT_PUT), Leg(P(4700), 1, Role.LONG_PUT))


@pytest.mark.parametrize(
    ("legs", "credit", "loss", "is_defined"),
    [
        (CONDOR, 8.0, 22.0, True),  # 30 wide less the credit
        (CONDOR[:2], 4.0, 26.0, True),
        (LT112, 12.0, 7538.0, False),  # 2 x 3800 - 50 of the spread - 12 of credit: uncovered puts end at zero
        (STRANGLE, 20.0, None, False),  # a call sold alone has no bound
        (CALENDAR, -30.0, None, True),  # two expiries: no payoff at one date, but the long leg outlives the short one
        (INVERTED, 30.0, None, False),  # the short leg outlives its cover
    ],
)
def test_largest_loss_and_cover(legs, credit, loss, is_defined):
    assert max_loss_points(legs, credit) == loss
    assert is_defined_risk(legs) is is_defined


def test_net_price_counts_money_to_us_as_positive():
    quotes = {CONDOR[0].contract.key: quote(1.0, 1.2), CONDOR[1].contract.key: quote(3.0, 3.4)}
    price = net_price(CONDOR[:2], quotes)
    assert price is not None
    assert price.natural == pytest.approx(3.0 - 1.2)
    assert price.mid == pytest.approx(3.2 - 1.1)


@pytest.mark.parametrize(
    "bad",
    [None, quote(3.5, 3.0), quote(3.0, None), quote(None, None)],
    ids=["no quote", "crossed", "nobody sells it", "empty"],
)
def test_a_leg_that_cannot_be_priced_leaves_the_structure_unpriced(bad):
    quotes = {CONDOR[0].contract.key: bad, CONDOR[1].contract.key: quote(3.0, 3.4)}
    assert net_price(CONDOR[:2], {key: one for key, one in quotes.items() if one is not None}) is None


def test_a_long_option_without_a_bid_is_worthless_and_a_short_one_without_an_ask_is_unknown():
    assert quote(None, 0.05).closing_price(1) == 0.0
    assert quote(0.05, None).closing_price(-1) is None


def test_a_crossed_quote_closes_at_its_worse_side_and_opens_nothing():
    """An engine carries the bid of 0.10 of an option nobody bids for any more; its ask has fallen to 0.05."""
    carried = quote(0.10, 0.05)
    assert (carried.closing_price(1), carried.closing_price(-1)) == (0.05, 0.10)
    assert carried.mid is None
    quotes = {CONDOR[0].contract.key: carried, CONDOR[1].contract.key: quote(3.0, 3.4)}
    assert net_price(CONDOR[:2], quotes) is None
    closing = net_price(CONDOR[:2], quotes, is_closing=True)
    sign = 1 if CONDOR[0].ratio > 0 else -1
    first = -CONDOR[0].ratio * (0.10 if sign > 0 else 0.05)
    second = -CONDOR[1].ratio * (3.4 if CONDOR[1].ratio > 0 else 3.0)
    assert closing.natural == pytest.approx(first + second)


@given(st.floats(3000, 6000), st.floats(0.5, 25.0))
def test_a_structure_never_loses_more_than_its_largest_loss(spot, credit):
    worst = max_loss_points(CONDOR, credit)
    assert worst is not None
    assert payoff_points(CONDOR, spot) + credit >= -worst - 1e-9


@given(st.floats(0.0, 50.0), st.floats(0.0, 50.0), st.floats(0.01, 5.0))
def test_the_natural_price_is_never_better_than_the_middle(bid_a, bid_b, width):
    quotes = {CONDOR[0].contract.key: quote(bid_a, bid_a + width), CONDOR[1].contract.key: quote(bid_b, bid_b + width)}
    price = net_price(CONDOR[:2], quotes)
    assert price is None or price.natural <= price.mid + 1e-9
