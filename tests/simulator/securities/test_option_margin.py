"""Margin of single securities and of strategies, against numbers of the real engine and hand calculations."""

from datetime import date

import pytest

from simulator.common.enums import OrderDirection

JANUARY = date(2024, 1, 19)
FEBRUARY = date(2024, 2, 16)


def used(desk):
    return desk.portfolio.total_margin_used


def test_short_index_put_recorded_on_lean(desk):
    spx = desk.index(price=4752.5)
    desk.hold(desk.option(spx, "P", 4750, mid=10.4), -1)
    assert used(desk) == 72077.5


def test_short_share_put_recorded_on_lean(desk):
    goog = desk.equity("GOOG", price=746.89)
    desk.hold(desk.option(goog, "P", 752.5, mid=4.75, spread=2.5), -2)
    assert used(desk) == pytest.approx(30825.6)


@pytest.mark.parametrize(
    ("right", "strike", "expected"),
    [
        ("C", 100, 200 + 2000),
        ("C", 105, 200 + 1500),
        ("C", 150, 200 + 1000),
        ("P", 100, 200 + 2000),
        ("P", 95, 200 + 1500),
        ("P", 60, 200 + 600),
    ],
)
def test_naked_short_counts_the_larger_of_two_parts(desk, right, strike, expected):
    stock = desk.equity(price=100)
    desk.hold(desk.option(stock, right, strike, mid=2), -1)
    assert used(desk) == pytest.approx(expected)


def test_long_option_needs_no_margin(desk):
    desk.hold(desk.option(desk.equity(price=100), "C", 100, mid=2), 3)
    assert used(desk) == 0


def test_shares_need_half_their_value_in_a_margin_account(desk):
    desk.hold(desk.equity(price=748.4), 200)
    assert used(desk) == 74840


def test_price_of_zero_means_no_margin(desk):
    stock = desk.equity()
    desk.hold(desk.option(stock, "P", 100, mid=2), -1)
    assert used(desk) == 0


def legs(desk, stock, *positions):
    for right, strike, quantity, mid, *expiry in positions:
        desk.hold(desk.option(stock, right, strike, *(expiry or [JANUARY]), mid=mid), quantity)
    return sorted(group.strategy for group in desk.portfolio._position_groups.groups.values())


@pytest.mark.parametrize(
    ("positions", "names", "expected"),
    [
        ([("P", 95, -1, 2), ("P", 90, 1, 1)], ["Bull Put Spread"], 500),
        ([("P", 95, 1, 2), ("P", 90, -1, 1)], ["Bear Put Spread"], 0),
        ([("C", 105, -1, 2), ("C", 110, 1, 1)], ["Bear Call Spread"], 500),
        ([("C", 105, 2, 2), ("C", 110, -2, 1)], ["Bull Call Spread"], 0),
        ([("P", 90, 2, 1), ("P", 95, -2, 2), ("C", 105, -2, 2), ("C", 115, 2, 1)], ["Iron Condor"], 1000),
        ([("P", 100, -1, 3), ("P", 95, 1, 2), ("C", 100, -1, 3), ("C", 105, 1, 2)], ["Iron Butterfly"], 500),
        ([("C", 100, 1, 3), ("P", 100, 1, 3)], ["Straddle"], 0),
        ([("C", 105, 1, 3), ("P", 95, 1, 3)], ["Strangle"], 0),
        ([("C", 100, -1, 3), ("P", 100, -1, 4)], ["Short Straddle"], 2400 + 300),
        ([("C", 105, -1, 3), ("P", 95, -1, 4)], ["Short Strangle"], 1900 + 300),
        ([("C", 95, 1, 6), ("C", 100, -2, 3), ("C", 105, 1, 1)], ["Butterfly Call"], 0),
        ([("P", 95, -1, 1), ("P", 100, 2, 3), ("P", 105, -1, 6)], ["Short Butterfly Put"], 500),
        ([("C", 100, -1, 3), ("C", 100, 1, 5, FEBRUARY)], ["Call Calendar Spread"], 0),
        ([("P", 100, 1, 3), ("P", 100, -1, 5, FEBRUARY)], ["Short Put Calendar Spread"], 2500),
        ([("P", 105, 1, 6), ("P", 95, -1, 1), ("C", 95, 1, 6), ("C", 105, -1, 1)], ["Box Spread"], 0),
        ([("C", 100, -1, 3), ("C", 105, 1, 2), ("C", 110, 1, 1)], ["Bear Call Ladder"], 500),
        ([("P", 100, 1, 3), ("P", 95, -1, 2), ("P", 90, -1, 1)], ["Bear Put Ladder"], 100 + 1000),
        ([("C", 100, -1, 3)], ["Naked Call"], 2300),
    ],
)
def test_strategies_of_one_expiry(desk, positions, names, expected):
    stock = desk.equity(price=100)
    assert legs(desk, stock, *positions) == names
    assert used(desk) == pytest.approx(expected)


def test_short_box_counts_what_closing_costs(desk):
    stock = desk.equity(price=100)
    assert legs(desk, stock, ("P", 105, -1, 6), ("P", 95, 1, 1), ("C", 95, -1, 6), ("C", 105, 1, 1)) == ["Short Box Spread"]
    cost = (6.1 - 0.9) * 2 * 100 + 4
    assert used(desk) == pytest.approx(1.02 * cost)


@pytest.mark.parametrize(
    ("shares", "positions", "name", "expected"),
    [
        (100, [("C", 105, -1, 2)], "Covered Call", 5000),
        (100, [("C", 95, -1, 7)], "Covered Call", 500 + 4750),
        (100, [("P", 95, 1, 2)], "Protective Put", 950 + 500),
        (-100, [("P", 95, -1, 2)], "Covered Put", 5000),
        (-100, [("C", 105, 1, 2)], "Protective Call", 1050 + 500),
        (100, [("C", 110, -1, 2), ("P", 95, 1, 2)], "Protective Collar", 950 + 500),
        (100, [("C", 95, -1, 7), ("P", 95, 1, 2)], "Conversion", 950 + 500),
    ],
)
def test_strategies_with_shares(desk, shares, positions, name, expected):
    stock = desk.equity(price=100)
    desk.hold(stock, shares)
    assert legs(desk, stock, *positions) == [name]
    assert used(desk) == pytest.approx(expected)


def test_shares_beyond_whole_lots_are_margined_alone(desk):
    stock = desk.equity(price=100)
    desk.hold(stock, 150)
    desk.hold(desk.option(stock, "C", 105, mid=2), -1)
    groups = {group.strategy: group.positions[-1].quantity for group in desk.portfolio._position_groups.groups.values()}
    assert groups == {"Covered Call": 100, None: 50}
    assert used(desk) == 5000 + 2500


def test_two_put_spreads_that_share_a_strike_are_regrouped_as_on_lean(desk):
    spx = desk.index(price=4752.5)
    names = legs(desk, spx, ("P", 4750, -2, 10.4), ("P", 4700, 2, 3), ("P", 4650, -1, 1))
    assert names == ["Naked Put", "Short Butterfly Put"]
    assert used(desk) == 77077.5


def test_diagonal_is_no_strategy(desk):
    stock = desk.equity(price=100)
    assert legs(desk, stock, ("C", 80, 1, 21, FEBRUARY), ("C", 105, -1, 1)) == ["Naked Call", "Naked Call"]
    assert used(desk) == pytest.approx(100 + 1500)


def test_covered_strategies_come_first_when_fewer_shorts_stay_uncovered(desk):
    """Legs first would make a short strangle and leave the second call short alone; spreads first cover everything."""
    stock = desk.equity(price=100)
    names = legs(desk, stock, ("C", 105, -1, 2), ("C", 110, 1, 1), ("P", 95, -1, 2), ("P", 80, 1, 1))
    assert names == ["Iron Condor"]


def test_options_of_different_underlyings_do_not_mix(desk):
    first, second = desk.equity("AAA", price=100), desk.equity("BBB", price=100)
    desk.hold(desk.option(first, "P", 95, mid=2), -1)
    desk.hold(desk.option(second, "P", 90, mid=1), 1)
    assert {group.strategy for group in desk.portfolio._position_groups.groups.values()} == {"Naked Put"}
    assert used(desk) == pytest.approx(200 + 1500)


def test_margin_remaining_and_buying_power(desk):
    stock = desk.equity(price=100)
    desk.hold(stock, 100)
    portfolio = desk.portfolio
    assert portfolio.margin_remaining == 110_000 - 5000
    assert portfolio.get_buying_power(stock.symbol, OrderDirection.BUY) == 105_000
    assert portfolio.get_margin_remaining(stock.symbol, OrderDirection.SELL) == 105_000 + 5000 + 5000


def test_future_margin_comes_from_the_margin_file(desk):
    es = desk.future(price=4751)
    desk.hold(es, -3)
    assert used(desk) == 3 * 6300
    assert es.buying_power_model.initial_overnight_margin_requirement == 6930


def test_future_without_margin_file_needs_none(desk):
    desk.hold(desk.future("ZZ", price=100), 2)
    assert used(desk) == 0


def test_intraday_margins_only_when_enabled_and_not_near_the_close(desk):
    es = desk.future(price=4751)
    desk.hold(es, 1)
    es.buying_power_model.enable_intraday_margins = True
    assert used(desk) == 2520
    desk.set_time("2024-01-09 16:55")
    assert used(desk) == 6300


def test_futures_option_curve_recorded_on_lean(desk):
    desk.margins["ES"] = (11880, 10800)
    es = desk.future(price=4750.75)
    model = desk.option(es, "P", 4700, date(2024, 1, 12), mid=5).buying_power_model
    assert (model.initial_overnight_margin_requirement, model.maintenance_overnight_margin_requirement) == (5654, 5140)


def test_futures_option_spread_leaves_out_the_multiplier(desk):
    es = desk.future(price=4751)
    desk.hold(desk.option(es, "P", 4700, mid=9), -3)
    desk.hold(desk.option(es, "P", 4600, mid=4), 3)
    assert used(desk) == 300


def test_long_futures_options_need_margin_too(desk):
    es = desk.future(price=4751)
    desk.hold(desk.option(es, "C", 4751, mid=40), 1)
    assert used(desk) == int(6300 * 1.2 / 2)


def test_groups_are_matched_only_after_a_holding_changed(desk):
    stock = desk.equity(price=100)
    desk.hold(desk.option(stock, "P", 95, mid=2), -1)
    first = desk.portfolio._position_groups.groups
    assert desk.portfolio._position_groups.groups is first
    desk.hold(stock, 100)
    assert desk.portfolio._position_groups.groups is not first
