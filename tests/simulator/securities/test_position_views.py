"""What an algorithm sees of the groups its positions are margined in (Common/Securities/Positions)."""

from datetime import date

import pytest

from simulator.common.system_exceptions import KeyNotFoundException
from simulator.securities.position_views import (
    OptionStrategyPositionGroupBuyingPowerModel,
    PositionGroupExtensions,
    PositionGroupInitialMarginParameters,
    PositionGroupMaintenanceMarginParameters,
    ReservedBuyingPowerForPositionGroupParameters,
    SecurityPositionGroupBuyingPowerModel,
)

EXPIRY = date(2024, 1, 19)


@pytest.fixture
def spread(desk):
    """Two put spreads and ten shares of something else."""
    stock = desk.equity(price=100)
    short, long = desk.option(stock, "P", 100, EXPIRY, mid=2), desk.option(stock, "P", 95, EXPIRY, mid=1)
    desk.hold(short, -2)
    desk.hold(long, 2)
    desk.hold(desk.equity("GOOG", price=50), 10)
    return desk, short, long


def test_strategies_come_first_and_are_named_by_their_margin_rule(spread):
    desk, short, long = spread
    strategy, alone = desk.portfolio.positions.groups
    assert isinstance(strategy.buying_power_model, OptionStrategyPositionGroupBuyingPowerModel)
    assert (str(strategy.buying_power_model), strategy.quantity, strategy.count) == ("Bull Put Spread", 2, 2)
    assert [(leg.symbol, leg.quantity, leg.unit_quantity) for leg in strategy] == [(short.symbol, -2, 1), (long.symbol, 2, 1)]
    assert isinstance(alone.buying_power_model, SecurityPositionGroupBuyingPowerModel)
    assert (str(alone), alone.quantity, len(alone)) == ("GOOG:1: 10", 10, 1)
    assert str(strategy) == f"{long.symbol}:1|{short.symbol}:1: 2"
    assert not desk.portfolio.positions.is_only_default_groups
    assert desk.portfolio.positions.count == 2


def test_legs_are_found_by_symbol(spread):
    desk, short, _ = spread
    strategy, alone = desk.portfolio.positions.groups
    assert str(PositionGroupExtensions.get_position(strategy, short.symbol)) == f"{short.symbol}: -2"
    assert alone.try_get_position(short.symbol) == (False, None)
    with pytest.raises(KeyNotFoundException, match="exists in the group: GOOG:1: 10"):
        PositionGroupExtensions.get_position(alone, short.symbol)


def test_margin_of_a_group(spread):
    """OptionStrategyPositionGroupBuyingPowerModel: the difference of the strikes; nothing more to open it, as its premium is received."""
    desk, _, _ = spread
    strategy, alone = desk.portfolio.positions.groups
    model = strategy.buying_power_model
    assert model.get_maintenance_margin(PositionGroupMaintenanceMarginParameters(desk.portfolio, strategy)).value == 1_000
    assert model.get_initial_margin_requirement(PositionGroupInitialMarginParameters(desk.portfolio, strategy)).value == 1_000
    taken = alone.buying_power_model.get_reserved_buying_power_for_position_group(
        ReservedBuyingPowerForPositionGroupParameters(desk.portfolio, alone)
    )
    assert taken.absolute_used_buying_power == 250


def test_the_group_of_a_security_alone_is_empty_when_it_is_in_a_strategy(spread):
    desk, short, _ = spread
    assert desk.portfolio.positions.get_or_create_default_group(short).quantity == 0
    assert desk.portfolio.positions.get_or_create_default_group(desk.securities["GOOG"]).quantity == 10
