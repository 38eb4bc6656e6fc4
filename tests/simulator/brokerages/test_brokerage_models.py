"""What each brokerage allows and lends."""

from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest

from simulator.brokerages.brokerage_factory import brokerage_model_of
from simulator.brokerages.brokerage_message import BrokerageMessageEvent
from simulator.brokerages.brokerage_model import DefaultBrokerageModel
from simulator.brokerages.security_initializer import (
    BrokerageModelSecurityInitializer,
    FuncSecurityInitializer,
    FuncSecuritySeeder,
    SecuritySeeder,
)
from simulator.common.bars import TradeBar
from simulator.common.enums import AccountType, BrokerageMessageType, BrokerageName, OrderField, OrderStatus, OrderType, SecurityType
from simulator.common.symbol import Symbol
from simulator.common.time_zone import MINUTE
from simulator.data.data_folder import DataFolder
from simulator.errors import LeanApiMissing
from simulator.orders.combo_order import ComboLegLimitOrder, ComboLimitOrder, ComboMarketOrder
from simulator.orders.equity_fill_model import EquityFillModel
from simulator.orders.future_fill_model import FutureFillModel, FutureOptionFillModel
from simulator.orders.group_order import GroupOrderManager
from simulator.orders.order import MarketOnCloseOrder, MarketOnOpenOrder, MarketOrder, OptionExerciseOrder
from simulator.orders.price_variation import AdjustedPriceVariationModel, EquityPriceVariationModel
from simulator.orders.priced_orders import LimitOrder, StopLimitOrder, StopMarketOrder
from simulator.securities.future_margin_model import FutureMarginModel, FuturesOptionsMarginModel
from simulator.securities.option_margin_model import OptionMarginModel
from simulator.securities.security_service import SecurityService
from simulator.securities.settlement import FutureSettlementModel, ImmediateSettlementModel

TASTYTRADE = BrokerageName.TASTYTRADE
DEFAULT = BrokerageName.DEFAULT
INTERACTIVE_BROKERS = BrokerageName.INTERACTIVE_BROKERS_BROKERAGE


def order_of(kind, security, quantity=1, legs=2):
    symbol = security.symbol
    group = GroupOrderManager(legs, Decimal(1))
    return {
        OrderType.MARKET: lambda: MarketOrder(symbol, quantity),
        OrderType.LIMIT: lambda: LimitOrder(symbol, quantity, 1),
        OrderType.STOP_MARKET: lambda: StopMarketOrder(symbol, quantity, 1),
        OrderType.STOP_LIMIT: lambda: StopLimitOrder(symbol, quantity, 1, 1),
        OrderType.MARKET_ON_OPEN: lambda: MarketOnOpenOrder(symbol, quantity),
        OrderType.MARKET_ON_CLOSE: lambda: MarketOnCloseOrder(symbol, quantity),
        OrderType.OPTION_EXERCISE: lambda: OptionExerciseOrder(symbol, quantity),
        OrderType.COMBO_MARKET: lambda: ComboMarketOrder(symbol, quantity, 0, group),
        OrderType.COMBO_LIMIT: lambda: ComboLimitOrder(symbol, quantity, 1, 0, group),
        OrderType.COMBO_LEG_LIMIT: lambda: ComboLegLimitOrder(symbol, quantity, 1, 0, group),
    }[kind]()


ALL = [kind for kind in OrderType if kind not in {OrderType.LIMIT_IF_TOUCHED, OrderType.TRAILING_STOP}]
TASTYTRADE_TAKES = {OrderType.MARKET, OrderType.LIMIT, OrderType.STOP_MARKET, OrderType.STOP_LIMIT, OrderType.COMBO_LIMIT}


def takes(brokerage, security, kinds=ALL, **terms):
    model = brokerage_model_of(brokerage)
    return {kind for kind in kinds if model._refusal(security, order_of(kind, security, **terms)) is None}


def test_order_types_of_options(desk):
    option = desk.option(desk.equity(price=100), "P", 95, mid=2)
    assert takes(TASTYTRADE, option) == TASTYTRADE_TAKES
    assert takes(DEFAULT, option) == set(ALL)
    desk.set_time("2024-01-09 16:30")
    assert takes(INTERACTIVE_BROKERS, option) == set(ALL) - {OrderType.MARKET_ON_CLOSE}
    assert takes(INTERACTIVE_BROKERS, option, [OrderType.COMBO_LEG_LIMIT], legs=4) == set()


def test_order_types_of_futures(desk):
    es = desk.future(price=4750)
    assert takes(TASTYTRADE, es) == TASTYTRADE_TAKES
    assert takes(DEFAULT, es) == set(ALL) - {OrderType.MARKET_ON_OPEN}
    assert takes(INTERACTIVE_BROKERS, es) == set(ALL) - {OrderType.MARKET_ON_OPEN}


def test_index_options_are_not_exercised_at_interactive_brokers(desk):
    option = desk.option(desk.index(price=4750), "P", 4700, mid=10)
    assert takes(INTERACTIVE_BROKERS, option, [OrderType.OPTION_EXERCISE]) == set()


@pytest.mark.parametrize(
    ("time", "taken"), [("15:59", False), ("16:00", True), ("23:00", True), ("09:27", True), ("09:28", False), ("12:00", False)]
)
def test_market_on_open_window_of_interactive_brokers(desk, time, taken):
    spy = desk.equity(price=100)
    desk.set_time(f"2024-01-09 {time}")
    assert bool(takes(INTERACTIVE_BROKERS, spy, [OrderType.MARKET_ON_OPEN])) == taken


def test_indices_are_refused_by_tastytrade_only(desk):
    spx = desk.index(price=4750)
    assert takes(TASTYTRADE, spx) == set()
    assert str(brokerage_model_of(TASTYTRADE)._refusal(spx, MarketOrder(spx.symbol, 1))) == (
        "Warning - Code: NotSupported - The TastytradeBrokerageModel does not support Index security type."
    )


@pytest.mark.parametrize(("held", "quantity", "taken"), [(1, -1, True), (1, -2, False), (-1, 2, False), (0, 2, True), (-1, -2, True)])
def test_combos_may_not_turn_a_position_around_at_tastytrade(desk, held, quantity, taken):
    option = desk.option(desk.equity(price=100), "P", 95, mid=2)
    desk.hold(option, held)
    assert bool(takes(TASTYTRADE, option, [OrderType.COMBO_LIMIT], quantity=quantity)) == taken
    assert takes(TASTYTRADE, option, [OrderType.LIMIT], quantity=quantity)


def test_models_of_securities(make_desk):
    desk = make_desk(DEFAULT)
    stock, es = desk.equity(price=100), desk.future(price=4750)
    fop, option = desk.option(es, "P", 4700, mid=10), desk.option(stock, "P", 95, mid=2)
    assert isinstance(stock.fill_model, EquityFillModel)
    assert (type(es.fill_model), type(es.settlement_model), type(es.buying_power_model)) == (
        FutureFillModel,
        FutureSettlementModel,
        FutureMarginModel,
    )
    assert (type(fop.fill_model), type(fop.buying_power_model)) == (FutureOptionFillModel, FuturesOptionsMarginModel)
    assert (type(option.buying_power_model), type(option.settlement_model)) == (OptionMarginModel, ImmediateSettlementModel)
    assert (stock.leverage, es.leverage, option.leverage) == (2, 1, 1)
    option.set_leverage(5)
    stock.set_leverage(4)
    assert (stock.leverage, option.leverage) == (4, 1)


def test_leverage_of_accounts(desk):
    stock = desk.equity(price=100)
    assert brokerage_model_of(DEFAULT, AccountType.CASH).get_leverage(stock) == 1
    assert brokerage_model_of(DEFAULT).get_leverage(stock) == 2


def test_default_benchmarks():
    assert [brokerage_model_of(name)._get_benchmark_ticker() for name in (DEFAULT, TASTYTRADE, INTERACTIVE_BROKERS)] == ["SPY", "SPY", None]


def test_brokerage_that_is_not_there_is_named():
    with pytest.raises(LeanApiMissing, match=r"BrokerageName\.TRADIER_BROKERAGE"):
        brokerage_model_of(BrokerageName.TRADIER_BROKERAGE)


# Seeding and the service


def last_bar(desk, security, close):
    bar = TradeBar(None, security.symbol, close, close, close, close, 1)
    return bar._set_span(desk._utc - 2 * MINUTE, desk._utc - MINUTE, "America/New_York")


@pytest.mark.parametrize("shape", [lambda bar: bar, lambda bar: [bar], lambda bar: iter([bar])])
def test_seeded_price_can_be_traded(desk, shape):
    spy = desk.equity()
    seeder = FuncSecuritySeeder(lambda security: shape(last_bar(desk, security, 99)))
    BrokerageModelSecurityInitializer(desk.brokerage_model, seeder).initialize(spy)
    assert spy.price == 99
    assert desk.market_order(spy.symbol, 1).status == OrderStatus.FILLED


def test_canonical_securities_are_not_seeded():
    asked = []
    canonical = SimpleNamespace(symbol=Symbol.create("SPY", SecurityType.OPTION, "usa"))
    assert FuncSecuritySeeder(asked.append).seed_security(canonical)
    assert asked == []
    assert SecuritySeeder.NULL.seed_security(canonical)


def test_initializer_may_be_a_function(desk):
    spy = desk.equity(price=100)
    FuncSecurityInitializer(lambda security: security.set_leverage(3)).initialize(spy)
    assert spy.leverage == 3


def config(symbol, *, internal=False, mode="RAW"):
    from simulator.common.enums import DataNormalizationMode, Resolution, TickType  # noqa: PLC0415 - one use

    return SimpleNamespace(
        symbol=symbol,
        tick_type=TickType.TRADE,
        resolution=Resolution.MINUTE,
        is_internal=internal,
        extended_hours=False,
        data_normalization_mode=DataNormalizationMode[mode],
    )


def test_service_takes_terms_and_hours_from_the_data_folder(desk, sample_data):
    with DataFolder(sample_data, cache=None) as folder:
        service = SecurityService(desk, folder)
        es = service.create_security(Symbol.create_future("ES", "cme", date(2020, 3, 20)))
        spx = service.create_security(Symbol.create("SPX", SecurityType.INDEX, "usa"))
        option = service.create_security(Symbol.create_canonical_option(spx.symbol, "SPXW"), underlying=spx)
        goog = Symbol.create("GOOG", SecurityType.EQUITY, "usa")
        adjusted = service.create_security(goog, [config(goog, mode="ADJUSTED")])
        raw = service.create_benchmark_security(goog)
    assert (es.symbol_properties.contract_multiplier, es.symbol_properties.minimum_price_variation) == (50, 0.25)
    assert (spx.exchange.time_zone, spx.is_tradable, option.underlying is spx) == ("America/Chicago", False, True)
    assert isinstance(adjusted.price_variation_model, AdjustedPriceVariationModel)
    assert raw.leverage == 1
    assert desk.securities._try_get(goog) is None


def test_known_security_is_reused_and_tradable_again(desk, sample_data):
    with DataFolder(sample_data, cache=None) as folder:
        service = SecurityService(desk, folder)
        goog = Symbol.create("GOOG", SecurityType.EQUITY, "usa")
        first = service.create_security(goog, [config(goog, internal=True)])
        assert not first.is_tradable
        assert isinstance(first.price_variation_model, EquityPriceVariationModel)
        desk.securities._add(first)
        again = service.create_security(goog, [config(goog)])
    assert again is first
    assert again.is_tradable
    assert len(again.subscriptions) == 2
    assert desk.settings.stale_price_time_span == timedelta(hours=1)


class Picky(DefaultBrokerageModel):
    """A model of the algorithm that does not call its base's constructor, as LEAN's CustomBrokerageModel example."""

    def __init__(self, answer):
        self.answer = answer

    def can_submit_order(self, _security, order, _message):
        return self.answer if order.tag == "no" else (True, None)

    def can_update_order(self, _security, _order, _request, _message):
        return self.answer


@pytest.mark.parametrize(
    ("answer", "refused", "not_updated"),
    [
        ((False, BrokerageMessageEvent(BrokerageMessageType.INFORMATION, "", "Not this")), *2 * ["Information - Code:  - Not this"]),
        (False, "Warning - Code: InvalidOrder - ", "Warning - Code: InvalidRequest - BrokerageModel declared unable to update order: 1"),
    ],
)
def test_a_model_of_the_algorithm_may_refuse_orders_and_updates(desk, answer, refused, not_updated):
    """BrokerageModelPythonWrapper: a bool, or a bool with the message."""
    desk.brokerage_model = Picky(answer)
    stock = desk.equity(price=470)
    ticket = desk.limit_order(stock.symbol, 1, 400)
    assert desk.limit_order(stock.symbol, 1, 400, tag="no").submit_request.response.error_message == (
        f"BrokerageModel declared unable to submit order: [2] {refused}"
    )
    ticket.update_limit_price(401)
    desk.scan()
    assert ticket.update_requests[0].response.error_message == f"OrderID: 1 {not_updated}"
    assert (desk.brokerage_model.account_type, ticket.get(OrderField.LIMIT_PRICE)) == (AccountType.MARGIN, 400)


def _refusal_text(brokerage, security, kind, legs=2):
    return str(brokerage_model_of(brokerage)._refusal(security, order_of(kind, security, legs=legs)))


def test_texts_of_interactive_brokers_refusals(make_desk):
    """Messages.InteractiveBrokersBrokerageModel, and DefaultBrokerageModel.UnsupportedMarketOnOpenOrderTime with its twelve-hour times."""
    desk = make_desk(INTERACTIVE_BROKERS, now="2024-01-09 09:29")
    put = desk.option(desk.index(price=4752.5), "P", 4700, date(2024, 1, 12), mid=10.4)
    name = "Warning - Code: NotSupported - The InteractiveBrokersBrokerageModel does not support"
    assert _refusal_text(INTERACTIVE_BROKERS, put, OrderType.OPTION_EXERCISE) == (
        f"{name} OptionExercise exercises for index and cash-settled options."
    )
    assert _refusal_text(INTERACTIVE_BROKERS, put, OrderType.COMBO_LEG_LIMIT, legs=4) == (
        f"{name} four-leg ComboLegLimit orders. Use ComboLimit orders for four-leg combinations or more."
    )
    assert _refusal_text(INTERACTIVE_BROKERS, desk.equity(price=470), OrderType.MARKET_ON_OPEN) == (
        "Warning - Code: NotSupported - MarketOnOpen submission time is invalid. Valid local times are  04:00\u2013 09:28."
        " Consider setting daily_precise_end_time = false or using self.schedule.on."
    )
