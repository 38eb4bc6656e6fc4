"""Cash, holdings, value, settlement, dividends and splits."""

from datetime import date, datetime

import pytest

from simulator.common.bars import Dividend, Split, TradeBar
from simulator.common.enums import AccountType, BrokerageName, DataNormalizationMode
from simulator.common.system_exceptions import KeyNotFoundException
from simulator.securities.settlement import DelayedSettlementModel


def test_bought_option_costs_its_premium_and_fee(desk):
    option = desk.option(desk.equity(price=100), "P", 95, mid=2)
    desk.market_order(option.symbol, 2)
    holding = desk.portfolio[option.symbol]
    assert (holding.quantity, holding.average_price, holding.total_fees) == (2, 2.1, 2)
    assert desk.portfolio.cash == 100_000 - 420 - 2
    assert desk.portfolio.total_portfolio_value == 100_000 - 20 - 2
    assert holding.unrealized_profit == pytest.approx((1.9 - 2.1) * 200)


def test_average_price_and_turning_around(desk):
    spy = desk.equity(price=100)
    desk.market_order(spy.symbol, 10)
    desk.trade(spy, 110)
    desk.market_order(spy.symbol, 10)
    assert spy.holdings.average_price == 105
    desk.trade(spy, 120)
    desk.market_order(spy.symbol, -5)
    assert (spy.holdings.average_price, spy.holdings.profit) == (105, 75)
    desk.market_order(spy.symbol, -20)
    assert (spy.holdings.quantity, spy.holdings.average_price, spy.holdings.profit) == (-5, 120, 300)
    desk.market_order(spy.symbol, 5)
    assert (spy.holdings.quantity, spy.holdings.average_price) == (0, 0)
    assert desk.portfolio.total_profit == 300


def test_transaction_records_subtract_the_closing_fee_twice(make_desk):
    desk = make_desk(BrokerageName.INTERACTIVE_BROKERS_BROKERAGE)
    option = desk.option(desk.equity(price=100), "P", 95, mid=2)
    desk.market_order(option.symbol, 4)
    desk.quote(option, 3, 3.2)
    desk.market_order(option.symbol, -2)
    desk.market_order(option.symbol, -2)
    records = sorted(desk.transactions._records.items())
    assert [float(record.profit_loss) for _, record in records] == [180 - 2.6, 180 - 2.6]
    assert records[1][0] - records[0][0] == 1000
    assert (desk.transactions.win_count, desk.transactions.loss_count) == (2, 0)
    assert list(desk.transactions.winning_transactions.values()) == pytest.approx([177.4, 177.4])
    assert desk.transactions.losing_transactions == {}


def test_value_is_kept_until_something_invalidates_it(desk):
    option = desk.option(desk.equity(price=100), "P", 95, mid=2)
    desk.hold(option, 1)
    assert desk.portfolio.total_portfolio_value == 100_200
    desk.securities._remove(option.symbol)
    assert (desk.portfolio.total_portfolio_value, desk.portfolio.total_margin_used, desk.portfolio.invested) == (100_200, 0, False)
    desk.portfolio.invalidate_total_portfolio_value()
    assert desk.portfolio.total_portfolio_value == 100_000


def test_securities_are_found_by_symbol_ticker_or_security(desk):
    spy = desk.equity(price=100)
    assert desk.securities["SPY"] is desk.securities[spy.symbol] is desk.securities[spy] is spy
    assert "SPY" in desk.securities
    assert "QQQ" not in desk.portfolio
    desk.securities._remove(spy.symbol)
    assert spy.symbol in desk.securities
    assert [pair.key for pair in desk.securities] == []
    with pytest.raises(KeyNotFoundException, match="The ticker QQQ was not found in the SymbolCache"):
        desk.portfolio["QQQ"]


def test_futures_pay_nothing_until_settlement_or_close(desk):
    es = desk.future(price=4750)
    desk.market_order(es.symbol, 2)
    assert desk.portfolio.cash == 100_000 - 2.5
    assert desk.portfolio.total_portfolio_value == 100_000 - 2.5 - 50 - 2.5
    desk.quote(es, 4760, 4760.5)
    desk.portfolio.invalidate_total_portfolio_value()
    assert desk.portfolio.total_portfolio_value == 100_000 - 2.5 + (4760 - 4750.25) * 100 - 2.5
    desk.market_order(es.symbol, -2)
    assert desk.portfolio.cash == 100_000 - 5 + 975


def settle(desk, security):
    security.settlement_model._scan(desk.portfolio, security)


def test_futures_settle_once_a_day_at_the_price_then_pay_the_rest_on_closing(desk):
    es = desk.future(price=4750)
    desk.market_order(es.symbol, 3)
    settle(desk, es)
    cash = desk.portfolio.cash
    desk.set_time("2024-01-10 00:00")
    desk.quote(es, 4760, 4760.5)
    desk.portfolio.invalidate_total_portfolio_value()
    value = desk.portfolio.total_portfolio_value
    settle(desk, es)
    settle(desk, es)
    assert desk.portfolio.cash == pytest.approx(cash + (4760.25 - 4750.25) * 150)
    assert es.holdings.settled_profit == pytest.approx(1500)
    assert desk.portfolio.total_portfolio_value == pytest.approx(value)
    desk.set_time("2024-01-10 10:00")
    desk.quote(es, 4760, 4760.5)
    desk.market_order(es.symbol, -1)
    assert es.holdings.settled_profit == pytest.approx(1000)
    assert desk.portfolio.cash == pytest.approx(cash + 1500 - 1.25 + 487.5 - 500)


def test_cash_account_waits_for_proceeds_of_sales(desk):
    option = desk.option(desk.equity(price=100), "P", 95, mid=2)
    model = DelayedSettlementModel(1, datetime(2024, 1, 1, 6) - datetime(2024, 1, 1))
    option.set_settlement_model(model)
    desk.hold(option, 1)
    desk.market_order(option.symbol, -1)
    assert (desk.portfolio.cash, desk.portfolio.unsettled_cash, model.get_unsettled_cash().amount) == (100_000, 190, 190)
    assert desk.portfolio.margin_remaining == 100_000
    desk.set_time("2024-01-10 05:59")
    settle(desk, option)
    assert desk.portfolio.unsettled_cash == 190
    desk.set_time("2024-01-10 06:00")
    settle(desk, option)
    assert (desk.portfolio.cash, desk.portfolio.unsettled_cash) == (100_190, 0)


def test_cash_account_has_no_leverage(make_desk):
    desk = make_desk()
    desk.brokerage_model.account_type = AccountType.CASH
    spy = desk.equity(price=100)
    assert spy.leverage == 1
    assert isinstance(spy.settlement_model, DelayedSettlementModel)


@pytest.mark.parametrize(("mode", "paid"), [(DataNormalizationMode.RAW, 150), (DataNormalizationMode.ADJUSTED, 0)])
def test_dividends_are_paid_on_raw_prices(desk, mode, paid):
    spy = desk.equity(price=100)
    desk.hold(spy, 100)
    desk.portfolio._apply_dividend(Dividend(spy.symbol, datetime(2024, 1, 9), 1.5, 100), mode)
    assert desk.portfolio.cash == 100_000 + paid
    assert (spy.holdings.total_dividends, spy.holdings.profit) == (paid, paid)


def test_split_keeps_whole_shares_and_pays_the_rest(desk):
    spy = desk.equity(price=120)
    desk.hold(spy, 101, 90)
    desk.portfolio._apply_split(Split(spy.symbol, datetime(2024, 1, 9), 120, 1.5), DataNormalizationMode.RAW)
    assert (spy.holdings.quantity, spy.holdings.average_price) == (67, 135)
    assert desk.portfolio.cash == pytest.approx(100_000 + (101 / 1.5 - 67) * 180)
    assert (spy.price, spy.holdings.price) == (180, 180)
    assert spy.cache.get_data(TradeBar).close == 180


def test_split_of_adjusted_prices_changes_nothing(desk):
    spy = desk.equity(price=120)
    desk.hold(spy, 100)
    desk.portfolio._apply_split(Split(spy.symbol, datetime(2024, 1, 9), 120, 0.5), DataNormalizationMode.ADJUSTED)
    assert spy.holdings.quantity == 100


def test_totals(desk):
    spy = desk.equity(price=100)
    es = desk.future(price=4750)
    desk.hold(spy, -100)
    desk.hold(es, 1)
    portfolio = desk.portfolio
    assert portfolio.total_holdings_value == 10_000 + 4750 * 50
    assert portfolio.total_absolute_holdings_cost == 10_000 + 4750 * 50
    assert portfolio.total_unlevered_absolute_holdings_cost == 5_000 + 4750 * 50
    assert portfolio.total_unrealized_profit == -12.5 - 1.25
    assert portfolio.total_portfolio_value_less_free_buffer == portfolio.total_portfolio_value * 0.9975
    assert [pair.key.value for pair in portfolio] == ["SPY", "ES15H24"]


# The cache


def test_equity_price_is_the_last_trade_and_quotes_only_set_the_sides(desk):
    spy = desk.equity(price=100)
    desk.quote(spy, 99, 99.5)
    assert (spy.price, spy.bid_price, spy.ask_price, spy.holdings.price) == (100, 99, 99.5, 100)


def test_option_price_is_the_mid_and_a_later_trade_replaces_it(desk):
    option = desk.option(desk.equity(price=100), "P", 95)
    assert (option.bid_price, option.price, option.has_data) == (0, 0, False)
    desk.quote(option, 1.8, 2.2)
    desk.trade(option, 2.5)
    assert option.price == 2
    desk.step()
    desk.trade(option, 2.5)
    assert (option.price, option.bid_price) == (2.5, 1.8)


def test_share_sides_fall_back_to_the_price(desk):
    spy = desk.equity(price=100)
    assert (spy.bid_price, spy.ask_price) == (100, 100)


def test_fill_forward_points_change_nothing(desk):
    option = desk.option(desk.equity(price=100), "P", 95, mid=2)
    point = option.get_last_data().clone(fill_forward=True)
    point._value *= 2
    option._update([point])
    assert option.price == 2


def test_reset_security_can_be_looked_up_but_not_traded(desk):
    option = desk.option(desk.equity(price=100), "P", 95, date(2024, 1, 12), mid=2)
    option._reset()
    assert (option.is_tradable, option.subscriptions) == (False, [])
    option["note"] = 5
    assert (option["note"], option.get("note")) == (5, 5)


def test_an_algorithm_may_correct_the_cash_of_a_currency(desk):
    cash = desk.portfolio.cash_book["USD"]
    before = desk.portfolio.total_portfolio_value
    cash.set_amount(1234.5)
    assert cash.add_amount(-34.5) == 1200
    assert desk.portfolio.total_portfolio_value == 1200 != before


def test_added_securities_take_the_places_of_removed_ones(desk):
    """SecurityManager keeps a .NET Dictionary: an entry reuses the slot that was freed last, new slots come at the end."""
    for ticker in ("A", "B", "C", "D"):
        desk.equity(ticker, price=10)
    for ticker in ("B", "D"):
        desk.securities.remove(desk.securities[ticker].symbol)
    for ticker in ("E", "F", "G"):
        desk.equity(ticker, price=10)
    assert [security.symbol.value for security in desk.securities.values()] == ["A", "F", "C", "E", "G"]
    for security in desk.securities.values():
        desk.hold(security, 1)
    assert [security.symbol.value for security in desk.securities._invested()] == ["A", "F", "C", "E", "G"]
