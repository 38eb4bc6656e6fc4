"""When money from fills arrives (ImmediateSettlementModel.cs, DelayedSettlementModel.cs, Future/FutureSettlementModel.cs)."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from simulator.common.time_zone import local_date, to_utc, utc_datetime
from simulator.orders.decimals import ZERO, sign
from simulator.orders.order_event import OrderEvent
from simulator.orders.order_fee import CashAmount

if TYPE_CHECKING:
    from simulator.securities.portfolio import SecurityPortfolioManager
    from simulator.securities.security import Security


@dataclass
class ApplyFundsSettlementModelParameters:
    """Mirrors ApplyFundsSettlementModelParameters: money of a fill, negative paid."""

    portfolio: "SecurityPortfolioManager"
    security: "Security"
    utc_time: datetime
    cash_amount: CashAmount
    fill: Any


@dataclass
class ScanSettlementModelParameters:
    """Mirrors ScanSettlementModelParameters: the hourly look of a security at what is due."""

    portfolio: "SecurityPortfolioManager"
    security: "Security"
    utc_time: datetime


@dataclass(frozen=True)
class MarginInterestRateParameters:
    """Mirrors MarginInterestRateParameters: the hourly look of a security at interest."""

    security: "Security"
    time: datetime


NO_CASH: Final = CashAmount(0, None)


class ImmediateSettlementModel:
    """Mirrors ImmediateSettlementModel: money arrives with the fill."""

    def _apply_funds(self, portfolio: "SecurityPortfolioManager", security: "Security", amount: Decimal, fill: OrderEvent) -> None:
        del fill
        portfolio.cash_book[security.quote_currency.symbol]._add_amount(amount)

    def _scan(self, portfolio: "SecurityPortfolioManager", security: "Security") -> None:
        """Runs once an hour for every security."""

    def apply_funds(self, apply_funds_parameters: ApplyFundsSettlementModelParameters) -> None:
        """Books money of a fill."""
        given = apply_funds_parameters
        self._apply_funds(given.portfolio, given.security, given.cash_amount._amount, given.fill)

    def scan(self, settlement_parameters: ScanSettlementModelParameters) -> None:
        """Books what is due."""
        self._scan(settlement_parameters.portfolio, settlement_parameters.security)

    def get_unsettled_cash(self) -> CashAmount:
        """Money that has not arrived yet, without a currency when there is none."""
        return NO_CASH


@dataclass(frozen=True)
class UnsettledCashAmount:
    """Proceeds of a sale and when they arrive, UTC microseconds."""

    _settlement_utc: int
    currency: str
    amount: Decimal


class DelayedSettlementModel(ImmediateSettlementModel):
    """Mirrors DelayedSettlementModel: proceeds of sales arrive some trading days later at a time of day, as in cash accounts."""

    def __init__(self, number_of_days: int, time_of_day: timedelta) -> None:
        self._days = number_of_days
        self._time_of_day = time_of_day
        self._unsettled: list[UnsettledCashAmount] = []

    def _apply_funds(self, portfolio: "SecurityPortfolioManager", security: "Security", amount: Decimal, fill: OrderEvent) -> None:
        if amount <= 0:
            super()._apply_funds(portfolio, security, amount, fill)
            return
        currency = security.quote_currency.symbol
        portfolio.unsettled_cash_book[currency]._add_amount(amount)
        day = local_date(fill._utc, security._time_zone)
        for _ in range(self._days):
            day = security.exchange.hours.get_next_trading_day(day)
        settles = to_utc(datetime.combine(day, time()) + self._time_of_day, security._time_zone)
        self._unsettled.append(UnsettledCashAmount(settles, currency, amount))

    def _scan(self, portfolio: "SecurityPortfolioManager", security: "Security") -> None:
        now = security._utc
        for item in [item for item in self._unsettled if item._settlement_utc <= now]:
            self._unsettled.remove(item)
            portfolio.unsettled_cash_book[item.currency]._add_amount(-item.amount)
            portfolio.cash_book[item.currency]._add_amount(item.amount)

    def get_unsettled_cash(self) -> CashAmount:
        """Money that has not arrived yet, without a currency when there is none."""
        if not self._unsettled:
            return NO_CASH
        return CashAmount(sum((item.amount for item in self._unsettled), ZERO), self._unsettled[0].currency)


class FutureSettlementModel(ImmediateSettlementModel):
    """Mirrors FutureSettlementModel: at the first scan of a new local date the profit so far, at the current price, moves to cash."""

    def __init__(self) -> None:
        self._last_date: date | None = None
        self._settled_quantity = ZERO

    def _apply_funds(self, portfolio: "SecurityPortfolioManager", security: "Security", amount: Decimal, fill: OrderEvent) -> None:
        """Pays the whole profit of what is closed less the part of it that was settled before."""
        if self._settled_quantity:
            holding = security._as_future().holdings
            closed = min(abs(fill._fill_quantity), abs(holding._quantity), abs(self._settled_quantity))
            closed_settled = -sign(fill._fill_quantity) * closed
            removed = closed_settled / self._settled_quantity * holding._settled_profit
            self._settled_quantity -= closed_settled
            holding._settled_profit -= removed
            amount -= removed
        super()._apply_funds(portfolio, security, amount, fill)

    def _scan(self, portfolio: "SecurityPortfolioManager", security: "Security") -> None:
        today = local_date(security._utc, security._time_zone)
        if self._last_date is not None and self._last_date >= today:
            return
        if self._last_date is not None and security.invested:
            holding = security._as_future().holdings
            self._settled_quantity = holding._quantity
            profit = holding._total_close_profit(include_fees=False, exit_price=security._price) - holding._settled_profit
            if profit:
                holding._settled_profit += profit
                portfolio.cash_book[security.quote_currency.symbol]._add_amount(profit)
        self._last_date = today

    def _set_local_date(self, day: date) -> None:
        self._last_date = day


class AlgorithmSettlementModel(ImmediateSettlementModel):
    """Mirrors SettlementModelPythonWrapper: asks an object of the algorithm."""

    def __init__(self, model: Any) -> None:
        self._model = model

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def _apply_funds(self, portfolio: "SecurityPortfolioManager", security: "Security", amount: Decimal, fill: OrderEvent) -> None:
        cash = CashAmount(amount, security.quote_currency.symbol)
        self._model.apply_funds(ApplyFundsSettlementModelParameters(portfolio, security, fill.utc_time, cash, fill))

    def _scan(self, portfolio: "SecurityPortfolioManager", security: "Security") -> None:
        self._model.scan(ScanSettlementModelParameters(portfolio, security, utc_datetime(security._utc)))

    def apply_funds(self, apply_funds_parameters: ApplyFundsSettlementModelParameters) -> None:
        """As the algorithm's model."""
        self._model.apply_funds(apply_funds_parameters)

    def scan(self, settlement_parameters: ScanSettlementModelParameters) -> None:
        """As the algorithm's model."""
        self._model.scan(settlement_parameters)

    def get_unsettled_cash(self) -> Any:
        """As the algorithm's model."""
        return self._model.get_unsettled_cash()
