"""Lists of targets and the smallest order of `set_holdings` (QCAlgorithm.SetHoldings, OrderTargetsByMarginImpact, PortfolioTarget.Percent)."""

import pytest

from simulator.algorithm.holdings import PortfolioTarget
from simulator.common.enums import BrokerageName


@pytest.fixture
def shares(make_desk):
    """A desk with two shares at 100 dollars."""
    desk = make_desk(BrokerageName.DEFAULT, cash=100_000)
    return desk, desk.equity("AAA", price=100), desk.equity("BBB", price=100)


def _sent(desk):
    return [(e.symbol.value, e.quantity) for e in desk.events if str(e.status) == "SUBMITTED"]


def test_what_makes_a_position_smaller_goes_first(shares):
    """AAA shrinks by 100 shares, BBB grows by 400: LEAN sells first, whatever the value."""
    desk, first, second = shares
    desk.hold(first, 300)
    desk.portfolio.set_cash(70_000)
    desk.set_holdings([PortfolioTarget(second.symbol, 0.4), PortfolioTarget(first.symbol, 0.2)])
    assert _sent(desk) == [("AAA", -101.0), ("BBB", 398.0)]


def test_a_position_that_turns_around_does_not_count_as_smaller(shares):
    """From 10 long to 99 short is no reduction, so the larger purchase goes first."""
    desk, first, second = shares
    desk.hold(first, 10)
    desk.portfolio.set_cash(99_000)
    desk.set_holdings([PortfolioTarget(first.symbol, -0.1), PortfolioTarget(second.symbol, 0.4)])
    assert [name for name, _ in _sent(desk)] == ["BBB", "AAA"]


def test_open_orders_count_as_held(shares):
    """100 shares are held and a limit order buys 200 more; a target of 200 shares less than these 300 is a reduction."""
    desk, first, second = shares
    desk.hold(first, 100)
    desk.limit_order(first.symbol, 200, 90)
    desk.portfolio.set_cash(90_000)
    desk.set_holdings([PortfolioTarget(second.symbol, 0.4), PortfolioTarget(first.symbol, -0.05)])
    assert [name for name, _ in _sent(desk)[1:]] == ["AAA", "BBB"]


def test_a_target_already_reached_is_left_out(shares):
    """A market order on the way would be taken back otherwise: targets without a quantity to trade never reach SetHoldingsImpl."""
    desk, first, second = shares
    desk.set_time("2024-01-09 17:00")
    desk.market_order(first.symbol, 100)
    desk.set_holdings([PortfolioTarget(first.symbol, 0), PortfolioTarget(second.symbol, 0.1)])
    assert _sent(desk) == [("AAA", 100.0), ("BBB", 99.0)]


def test_orders_below_the_minimum_are_told_once(shares):
    """BuyingPowerModel.GetMaximumOrderQuantityForTargetBuyingPower marks it, PortfolioTarget.Percent tells it, once per run."""
    desk, first, _ = shares
    desk.set_holdings(first.symbol, 0.5)
    desk.set_holdings(first.symbol, 0.5005)
    desk.set_holdings(first.symbol, 0.5)
    assert desk.messages == [
        "Warning: Portfolio rebalance result ignored as it resulted in a single share trade recommendation which can generate high fees."
        " To disable minimum order size checks please set self.settings.minimum_order_margin_portfolio_percentage = 0."
    ]
