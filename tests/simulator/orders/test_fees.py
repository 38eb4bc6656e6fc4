"""Fees per brokerage, with the amounts recorded on the real engine."""

import pytest

from simulator.common.enums import BrokerageName
from simulator.orders.fee_models import ConstantFeeModel, FeeModel, InteractiveBrokersFeeModel, OrderFeeParameters
from simulator.orders.order import MarketOrder
from simulator.orders.order_fee import CashAmount, OrderFee
from simulator.orders.priced_orders import LimitOrder

INTERACTIVE_BROKERS = BrokerageName.INTERACTIVE_BROKERS_BROKERAGE
DEFAULT = BrokerageName.DEFAULT
TASTYTRADE = BrokerageName.TASTYTRADE


def fee(security, quantity):
    return security.fee_model.get_order_fee(OrderFeeParameters(security, MarketOrder(security.symbol, quantity))).value.amount


@pytest.mark.parametrize(
    ("quantity", "price", "expected"), [(10, 750, 1), (-150, 750, 1), (300, 750, 1.5), (1000, 0.5, 2.5), (100, 0.1, 1), (1000, 750, 5)]
)
@pytest.mark.parametrize("brokerage", [DEFAULT, INTERACTIVE_BROKERS])
def test_shares_at_interactive_brokers(make_desk, brokerage, quantity, price, expected):
    assert fee(make_desk(brokerage).equity(price=price), quantity) == expected


@pytest.mark.parametrize(
    ("quantity", "bid", "ask", "expected"),
    [(1, 0.42, 0.44, 1), (-2, 0.42, 0.44, 1.3), (10, 0.04, 0.5, 2.5), (-10, 0.04, 0.5, 6.5), (10, 0.05, 0.1, 5), (3, 0.2, 0.3, 1.95)],
)
def test_share_options_at_interactive_brokers_are_tiered_by_the_other_side(make_desk, quantity, bid, ask, expected):
    desk = make_desk(INTERACTIVE_BROKERS)
    option = desk.option(desk.equity(price=100), "P", 95)
    desk.quote(option, bid, ask)
    assert fee(option, quantity) == expected


def test_limit_orders_are_tiered_by_their_limit(make_desk):
    desk = make_desk(INTERACTIVE_BROKERS)
    option = desk.option(desk.equity(price=100), "P", 95, mid=2)
    order = LimitOrder(option.symbol, 10, 0.03)
    assert option.fee_model.get_order_fee(OrderFeeParameters(option, order)).value.amount == 2.5


@pytest.mark.parametrize(("brokerage", "expected"), [(DEFAULT, 0), (INTERACTIVE_BROKERS, 1.95), (TASTYTRADE, 3)])
def test_index_options(make_desk, brokerage, expected):
    desk = make_desk(brokerage)
    assert fee(desk.option(desk.index(price=4750), "P", 4700, mid=10), 3) == expected


@pytest.mark.parametrize(
    ("ticker", "expected"),
    [("ES", 2.15), ("MES", 0.57), ("CL", 2.47), ("M6E", 0.41), ("BTC", 11.02)],
)
def test_futures_at_interactive_brokers(make_desk, ticker, expected):
    assert fee(make_desk(DEFAULT).future(ticker, price=100), -2) == pytest.approx(2 * expected)


@pytest.mark.parametrize(("ticker", "expected"), [("ES", 1.42), ("MES", 0.47), ("CL", 2.47)])
def test_futures_options_at_interactive_brokers(make_desk, ticker, expected):
    desk = make_desk(INTERACTIVE_BROKERS)
    assert fee(desk.option(desk.future(ticker, price=100), "P", 95, mid=2), 1) == pytest.approx(expected)


@pytest.mark.parametrize(("held", "quantity", "expected"), [(0, -2, 2), (0, 2, 2), (-2, 1, 0), (2, -1, 0), (-2, -1, 1), (1, -3, 0)])
def test_options_at_tastytrade_pay_when_they_open(desk, held, quantity, expected):
    option = desk.option(desk.equity(price=100), "P", 95, mid=2)
    desk.hold(option, held)
    assert fee(option, quantity) == expected


def test_other_securities_at_tastytrade(desk):
    es = desk.future(price=4750)
    option = desk.option(es, "P", 4700, mid=10)
    assert fee(desk.equity(price=100), 100) == 0
    assert fee(es, -2) == 2.5
    assert fee(option, -2) == 5
    desk.hold(option, -2)
    assert fee(option, 2) == 0


def test_own_fee_model(desk):
    class PerOrder(FeeModel):
        def get_order_fee(self, parameters):
            return OrderFee(CashAmount(abs(parameters.order.quantity) * 0.1, "USD"))

    spy = desk.equity(price=100)
    spy.set_fee_model(PerOrder())
    desk.market_order(spy.symbol, 30)
    assert desk.portfolio.total_fees == 3
    spy.set_fee_model(ConstantFeeModel(2))
    assert fee(spy, 1) == 2


def test_fee_prints_as_on_lean():
    assert (str(OrderFee.ZERO), str(OrderFee(CashAmount(1.0, "USD")))) == ("0 QCC", "1 USD")


@pytest.mark.parametrize(
    ("contracts_a_month", "premium", "expected"),
    [(10_000, 0.4, 6.5), (10_001, 0.4, 5), (50_000, 0.04, 2.5), (100_000, 0.4, 2.5), (100_001, 0.4, 1.5)],
)
def test_large_traders_pay_less_for_options_at_interactive_brokers(make_desk, contracts_a_month, premium, expected):
    """InteractiveBrokersFeeModel.ProcessOptionsRateSchedule, for ten contracts."""
    desk = make_desk(INTERACTIVE_BROKERS)
    option = desk.option(desk.equity(price=100), "P", 95)
    desk.quote(option, premium, premium + 0.01)
    option.set_fee_model(InteractiveBrokersFeeModel(0, contracts_a_month))
    assert fee(option, 10) == expected
