"""How a fill changes cash and holding (SecurityPortfolioModel.cs, Option/OptionPortfolioModel.cs)."""

from decimal import Decimal
from typing import TYPE_CHECKING

from simulator.common.enums import OrderDirection, OrderType, SecurityType, SettlementType
from simulator.orders.decimals import ZERO, sign
from simulator.orders.order_event import OrderEvent
from simulator.results.net_number import decimal_text

if TYPE_CHECKING:
    from simulator.securities.portfolio import SecurityPortfolioManager
    from simulator.securities.security import Security


class SecurityPortfolioModel:
    """Mirrors SecurityPortfolioModel."""

    def process_fill(self, portfolio: "SecurityPortfolioManager", security: "Security", fill: OrderEvent) -> None:
        """Books sale volume, fee, cash, realized profit and the new position."""
        holding = security.holdings
        was_long, was_short = holding._quantity > 0, holding._quantity < 0
        holding._total_sale_volume += holding._quantity_value(abs(fill._fill_quantity), fill._fill_price)
        fee = self._book_fee(portfolio, security, fill)
        if security.type is not SecurityType.FUTURE:
            amount = -fill._fill_quantity * fill._fill_price * security.symbol_properties._contract_multiplier
            security.settlement_model._apply_funds(portfolio, security, amount, fill)
        closing = (was_long and fill.direction is OrderDirection.SELL) or (was_short and fill.direction is OrderDirection.BUY)
        if closing:
            profit = self._close_trade_profit(portfolio, security, fill)
            holding._own_profit += profit
            holding._last_trade_profit = profit
            net = profit - 2 * fee
            portfolio.transactions._add_transaction_record(security._utc, net, is_win(fill, security, net))
        holding._set_holdings(*_new_position(holding._quantity, holding._average_price, fill, closing=closing))

    def _book_fee(self, portfolio: "SecurityPortfolioManager", security: "Security", fill: OrderEvent) -> Decimal:
        amount = fill.order_fee.value
        if not amount._amount:
            return ZERO
        fee = portfolio.cash_book._in_account_currency(amount)
        security.holdings._total_fees += fee
        fill.order_fee._apply_to_portfolio(portfolio)
        return fee

    def _close_trade_profit(self, portfolio: "SecurityPortfolioManager", security: "Security", fill: OrderEvent) -> Decimal:
        """ProcessCloseTradeProfit: what the closed part gained, in account currency; for futures it moves to cash here."""
        holding = security.holdings
        closed = -sign(fill._fill_quantity) * min(abs(fill._fill_quantity), abs(holding._quantity))
        profit = holding._quantity_value(closed, fill._fill_price) - holding._quantity_value(closed, holding._average_price)
        if security.type is SecurityType.FUTURE:
            security.settlement_model._apply_funds(portfolio, security, profit, fill)
        return profit


def _new_position(quantity: Decimal, average: Decimal, fill: OrderEvent, *, closing: bool) -> tuple[Decimal, Decimal]:
    """Average price and quantity after the fill; a position that turns around starts at the fill price."""
    total = quantity + fill._fill_quantity
    if not quantity:
        return fill._fill_price, fill._fill_quantity
    if not closing:
        return (average * quantity + fill._fill_quantity * fill._fill_price) / total, total
    if not total:
        return ZERO, total
    return (fill._fill_price if (total < 0) != (quantity < 0) else average), total


class OptionPortfolioModel(SecurityPortfolioModel):
    """Mirrors OptionPortfolioModel: exercises report their profit in the event, cash-settled ones pay it."""

    def process_fill(self, portfolio: "SecurityPortfolioManager", security: "Security", fill: OrderEvent) -> None:
        """Books the fill; the message of an exercise ends with its profit."""
        super().process_fill(portfolio, security, fill)
        if _is_exercise(fill):
            profit = security.holdings._last_trade_profit
            fill.message += f". Profit: +{decimal_text(profit)}" if profit >= 0 else f". Loss: {decimal_text(profit)}"

    def _close_trade_profit(self, portfolio: "SecurityPortfolioManager", security: "Security", fill: OrderEvent) -> Decimal:
        profit = super()._close_trade_profit(portfolio, security, fill)
        option = security._as_option()
        if not _is_exercise(fill) or option.exercise_settlement is not SettlementType.CASH or fill.ticket is None:
            return profit
        cash = -option._intrinsic_value(option.underlying._close) * option._contract_unit_of_trade * fill.ticket._quantity
        if not cash:
            return profit
        security.settlement_model._apply_funds(portfolio, security, cash, fill)
        return (cash + profit) * security._conversion_rate


def _is_exercise(fill: OrderEvent) -> bool:
    return fill.ticket is not None and fill.ticket.order_type is OrderType.OPTION_EXERCISE


def is_win(fill: OrderEvent, security: "Security", profit_loss: Decimal) -> bool:
    """Extensions.IsWin: a positive result; an exercise is judged against what the option was worth at expiry."""
    if fill.symbol.underlying is None or not _is_exercise(fill):
        return profit_loss > 0
    option = security._as_option()
    in_the_money = option.holdings._quantity_value(abs(fill._fill_quantity), option._pay_off(option.underlying._price))
    if fill.direction is OrderDirection.SELL:
        return fill.is_in_the_money and abs(profit_loss) < in_the_money
    return not fill.is_in_the_money or abs(profit_loss) > in_the_money
