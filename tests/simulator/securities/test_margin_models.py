"""Margin models an algorithm may set (BuyingPowerModel.cs, SecurityMarginModel.cs, PatternDayTradingMarginModel.cs)."""

import pytest

from simulator.common.enums import BrokerageName, OrderDirection, OrderStatus
from simulator.common.system_exceptions import ArgumentException
from simulator.orders.order import MarketOrder
from simulator.orders.time_in_force import TimeInForce
from simulator.securities.margin_call_model import DefaultMarginCallModel
from simulator.securities.margin_model import BuyingPowerModel, PatternDayTradingMarginModel, SecurityMarginModel
from simulator.securities.margin_parameters import (
    BuyingPowerParameters,
    GetMaximumOrderQuantityForDeltaBuyingPowerParameters,
    GetMaximumOrderQuantityForTargetBuyingPowerParameters,
    GetMaximumOrderQuantityResult,
    HasSufficientBuyingPowerForOrderResult,
    InitialMarginParameters,
    InitialMarginRequiredForOrderParameters,
    MaintenanceMargin,
    MaintenanceMarginParameters,
    ReservedBuyingPowerForPositionParameters,
)
from simulator.securities.margin_questions import BuyingPowerModelExtensions
from simulator.securities.position_views import SecurityPositionGroupModel


@pytest.fixture
def spy(make_desk):
    desk = make_desk(BrokerageName.DEFAULT)
    return desk, desk.equity(price=100)


def test_opening_and_keeping_may_need_different_shares(spy):
    """Regulation T's half to open, a quarter to keep; the leverage is that of opening."""
    desk, stock = spy
    stock.set_buying_power_model(SecurityMarginModel(0.5, 0.25, 0))
    desk.market_order(stock.symbol, 1500)
    assert (desk.portfolio.total_margin_used, stock.leverage) == (37_500, 2)
    assert desk.market_order(stock.symbol, 1300).submit_request.response.error_message.endswith(
        "Reason: Id: 2, Initial Margin: 65006.5, Free Margin: 62492.5."
    )


def test_requirements_may_be_named(spy):
    _, stock = spy
    stock.set_buying_power_model(SecurityMarginModel(leverage=4, required_free_buying_power_percent=0.1))
    assert stock.leverage == 4


@pytest.mark.parametrize("given", [(1.5, 0.2, 0), (0.5, 2, 0), (0.5, 0.2, 3), (0.5,), (2, -1)])
def test_impossible_requirements_are_refused(given):
    with pytest.raises(ArgumentException):
        SecurityMarginModel(*given)


def test_day_traders_have_more_leverage_while_the_exchange_is_open(spy):
    """PatternDayTradingMarginModel: four times, twice when the exchange is closed or about to close; set_leverage does nothing."""
    desk, stock = spy
    stock.set_buying_power_model(PatternDayTradingMarginModel())
    stock.set_leverage(1)
    desk.hold(stock, 100)
    assert (desk.portfolio.total_margin_used, stock.leverage) == (2_500, 4)
    desk.set_time("2024-01-09 15:55")
    assert (desk.portfolio.total_margin_used, stock.leverage) == (5_000, 2)


def test_every_security_may_be_margined_on_its_own(make_desk):
    """SecurityPositionGroupModel.Null: the long put of a spread no longer covers the short one."""
    desk = make_desk(BrokerageName.DEFAULT)
    stock = desk.equity(price=100)
    desk.hold(desk.option(stock, "P", 100, mid=2), -1)
    desk.hold(desk.option(stock, "P", 95, mid=1), 1)
    assert desk.portfolio.total_margin_used == 500
    desk.portfolio.set_positions(SecurityPositionGroupModel.NULL)
    assert desk.portfolio.total_margin_used == 2_200
    call = desk.option(stock, "C", 100, mid=2)
    desk.portfolio.set_cash(1_000)
    assert desk.market_order(call.symbol, -1).submit_request.response.error_message.endswith(
        "Reason: Id: 1, Initial Margin: -2201, Free Margin: 0."
    )


def test_margin_calls_may_come_without_a_buffer(make_desk):
    """DefaultMarginCallModel(portfolio, default order properties, buffer)."""
    desk = make_desk(BrokerageName.DEFAULT, cash=0)
    stock = desk.equity(price=100)
    desk.hold(stock, 1_000)
    desk.portfolio.set_cash(-51_000)
    assert desk.portfolio.margin_call_model.get_margin_call_orders() == ([], False)
    properties = desk.default_order_properties
    properties.time_in_force = TimeInForce.DAY
    desk.portfolio.set_margin_call_model(DefaultMarginCallModel(desk.portfolio, properties, 0))
    (request,), is_warning = desk.portfolio.margin_call_model.get_margin_call_orders()
    assert (request.quantity, request.order_properties.time_in_force, is_warning) == (-21, TimeInForce.DAY, True)


def test_an_algorithm_may_ask_for_the_margin_of_a_short_put(make_desk):
    """OptionMarginModel: 10 % of the strike or 20 % of the price less what it is out of the money, and the premium."""
    desk = make_desk(BrokerageName.DEFAULT)
    stock = desk.equity(price=100)
    put = desk.option(stock, "P", 95, mid=2)
    model = put.buying_power_model
    assert model.get_initial_margin_requirement(InitialMarginParameters(put, -1)).value == -1_700
    assert model.get_initial_margin_requirement(InitialMarginParameters(put, 1)).value == 200
    order = MarketOrder(put.symbol, -1)
    assert model.get_initial_margin_required_for_order(InitialMarginRequiredForOrderParameters(None, put, order)).value == -1_701
    assert model.get_maintenance_margin(MaintenanceMarginParameters.for_quantity_at_current_price(put, -2)).value == 3_400
    desk.hold(put, -1)
    assert model.get_reserved_buying_power_for_position(ReservedBuyingPowerForPositionParameters(put)).absolute_used_buying_power == 1_700
    assert BuyingPowerModelExtensions.get_maintenance_margin(model, put) == 1_700
    assert BuyingPowerModelExtensions.get_initial_margin_requirement(model, put, -1) == -1_700
    free = model.get_buying_power(BuyingPowerParameters(desk.portfolio, put, OrderDirection.SELL)).value
    assert free == desk.portfolio.margin_remaining == 100_000 - 200 - 1_700


def test_an_algorithm_may_ask_for_sizes(spy):
    desk, stock = spy
    model = stock.buying_power_model
    by_share = GetMaximumOrderQuantityForTargetBuyingPowerParameters(desk.portfolio, stock, 0.25, 0)
    assert model.get_maximum_order_quantity_for_target_buying_power(by_share).quantity == 499
    by_dollars = GetMaximumOrderQuantityForDeltaBuyingPowerParameters(desk.portfolio, stock, 5_000, 0)
    assert model.get_maximum_order_quantity_for_delta_buying_power(by_dollars).quantity == 99


def test_orders_may_be_tried_before_they_are_sent(spy):
    """SecurityPortfolioManager.HasSufficientBuyingPowerForOrder needs the ticket of the order."""
    desk, stock = spy
    desk.limit_order(stock.symbol, 100, 90)
    order = desk.transactions.get_order_by_id(1)
    assert desk.portfolio.has_sufficient_buying_power_for_order([order]).is_sufficient
    stranger = MarketOrder(stock.symbol, 1)
    assert desk.portfolio.has_sufficient_buying_power_for_order([stranger]).reason == "Null order ticket for id: 0"


class _Generous(BuyingPowerModel):
    """Half of the answers are its own."""

    def get_maximum_order_quantity_for_target_buying_power(self, parameters):
        standard = super().get_maximum_order_quantity_for_target_buying_power(parameters)
        return GetMaximumOrderQuantityResult(standard.quantity // 100 * 100)

    def has_sufficient_buying_power_for_order(self, parameters):
        return HasSufficientBuyingPowerForOrderResult(parameters.order.quantity < 5_000, "Too many.")

    def get_maintenance_margin(self, parameters):
        return MaintenanceMargin(parameters.absolute_quantity)


def test_an_algorithm_s_own_margin_model_answers_where_it_can(spy):
    """BuyingPowerModelPythonWrapper: the rest follows LEAN's rules."""
    desk, stock = spy
    stock.set_buying_power_model(_Generous())
    assert desk.calculate_order_quantity(stock.symbol, 0.777) == 700
    assert desk.market_order(stock.symbol, 4_000).status == OrderStatus.FILLED
    assert desk.portfolio.total_margin_used == 4_000
    refused = desk.market_order(stock.symbol, 5_000)
    assert refused.submit_request.response.error_message.endswith("Reason: Too many..")
    assert stock.leverage == 1
