"""What is held of a security (Common/Securities/SecurityHolding.cs, Future/FutureHolding.cs)."""

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from simulator.common.enums import SecurityType
from simulator.common.printable import Printable
from simulator.common.symbol import Symbol
from simulator.orders.decimals import ZERO, to_price, to_quantity
from simulator.orders.order import MarketOrder
from simulator.securities.cash_book import ConvertibleCashAmount

if TYPE_CHECKING:
    from simulator.securities.security import Security


class SecurityHolding(Printable):
    """Mirrors SecurityHolding; `_`-names hold decimals."""

    def __init__(self, security: "Security") -> None:
        self._security = security
        self._quantity = ZERO
        self._average_price = ZERO
        self._last_price = ZERO
        self._total_sale_volume = ZERO
        self._own_profit = ZERO
        self._last_trade_profit = ZERO
        self._total_fees = ZERO
        self._total_dividends = ZERO
        self._invested = False
        self._on_quantity_changed: Callable[[], None] | None = None

    @property
    def symbol(self) -> Symbol:
        """What is held."""
        return self._security.symbol

    @property
    def type(self) -> SecurityType:
        """Kind of what is held."""
        return self._security.type

    @property
    def quantity(self) -> float:
        """Signed quantity."""
        return float(self._quantity)

    @property
    def absolute_quantity(self) -> float:
        """Quantity without sign."""
        return abs(float(self._quantity))

    @property
    def average_price(self) -> float:
        """Quantity-weighted price of the fills that opened the position."""
        return float(self._average_price)

    @property
    def price(self) -> float:
        """Price the holding is valued at."""
        return float(self._price)

    @property
    def invested(self) -> bool:
        """Whether at least one lot is held."""
        return self._invested

    hold_stock = invested

    @property
    def is_long(self) -> bool:
        """Whether the quantity is positive."""
        return self._quantity > 0

    @property
    def is_short(self) -> bool:
        """Whether the quantity is negative."""
        return self._quantity < 0

    @property
    def leverage(self) -> float:
        """Leverage of the buying power model."""
        return float(self._security.buying_power_model._get_leverage(self._security))

    @property
    def _price(self) -> Decimal:
        security = self._security
        if security._next_update > security._frontier.utc:
            return self._last_price
        price = security._peek_price()
        if price is not None:
            return price
        security._catch_up()
        return self._last_price

    @_price.setter
    def _price(self, price: Decimal) -> None:
        self._last_price = price

    def _quantity_value(self, quantity: Decimal, price: Decimal | None = None) -> Decimal:
        security = self._security
        amount = (self._price if price is None else price) * quantity * security.symbol_properties._contract_multiplier
        return amount * security.quote_currency._conversion_rate

    def get_quantity_value(self, quantity: Any, price: Any = None) -> ConvertibleCashAmount:
        """Value of a quantity at a price, the current one by default."""
        security = self._security
        value = self._quantity_value(to_quantity(quantity), None if price is None else to_price(price))
        return ConvertibleCashAmount(value / security._conversion_rate if value else ZERO, security.quote_currency)

    @property
    def _holdings_cost(self) -> Decimal:
        return self._quantity_value(self._quantity, self._average_price) if self._quantity else ZERO

    @property
    def _holdings_value(self) -> Decimal:
        return self._quantity_value(self._quantity) if self._quantity else ZERO

    @property
    def holdings_cost(self) -> float:
        """Signed value at the average price."""
        return float(self._holdings_cost)

    @property
    def absolute_holdings_cost(self) -> float:
        """Cost without sign."""
        return abs(float(self._holdings_cost))

    @property
    def unlevered_holdings_cost(self) -> float:
        """Cost divided by the leverage."""
        return self.holdings_cost / self.leverage

    @property
    def unlevered_absolute_holdings_cost(self) -> float:
        """Cost divided by the leverage, without sign."""
        return abs(self.unlevered_holdings_cost)

    @property
    def holdings_value(self) -> float:
        """Signed value at the current price."""
        return float(self._holdings_value)

    @property
    def absolute_holdings_value(self) -> float:
        """Value without sign."""
        return abs(float(self._holdings_value))

    @property
    def total_sale_volume(self) -> float:
        """Value of everything bought and sold."""
        return float(self._total_sale_volume)

    @property
    def total_fees(self) -> float:
        """Fees paid."""
        return float(self._total_fees)

    @property
    def total_dividends(self) -> float:
        """Dividends received."""
        return float(self._total_dividends)

    @property
    def last_trade_profit(self) -> float:
        """Profit of the latest closing fill, before fees."""
        return float(self._last_trade_profit)

    @property
    def _profit(self) -> Decimal:
        return self._own_profit + self._total_dividends

    @property
    def profit(self) -> float:
        """Realized profit and dividends, before fees."""
        return float(self._profit)

    @property
    def net_profit(self) -> float:
        """Realized profit and dividends after fees."""
        return float(self._profit - self._total_fees)

    @property
    def unrealized_profit(self) -> float:
        """What closing now at the touch would bring, after its fee."""
        return float(self._total_close_profit())

    @property
    def unrealized_profit_percent(self) -> float:
        """Unrealized profit as a fraction of the cost."""
        cost = abs(self._holdings_cost)
        return float(self._total_close_profit() / cost) if cost else 0.0

    def _total_close_profit(self, include_fees: bool = True, exit_price: Decimal | None = None, quantity: Decimal | None = None) -> Decimal:
        """SecurityHolding.TotalCloseProfit: long positions leave at the bid, short ones at the ask."""
        if quantity is None:
            if not self._invested:
                return ZERO
            quantity = self._quantity
        security = self._security
        fee = security._market_order_fee(-quantity) if include_fees else ZERO
        if exit_price is None:
            exit_price = (security._bid_price if self._quantity > 0 else security._ask_price) or security._price
        return self._quantity_value(quantity, exit_price) - self._quantity_value(quantity, self._average_price) - fee

    def total_close_profit(self, include_fees: bool = True) -> float:
        """What closing now at the touch would bring."""
        return float(self._total_close_profit(include_fees))

    def set_holdings(self, average_price: Any, quantity: Any) -> None:
        """Sets the position by hand; cash stays as it is."""
        self._set_holdings(to_price(average_price), to_quantity(quantity))

    def _set_holdings(self, average_price: Decimal, quantity: Decimal) -> None:
        self._invested = abs(quantity) >= self._security.symbol_properties._lot_size
        self._quantity = quantity
        self._average_price = average_price
        if self._on_quantity_changed is not None:
            self._on_quantity_changed()

    def __str__(self) -> str:
        return f"{self.symbol.value}: {self._quantity} @ ${self._average_price} - Market: ${self._price}"


class OptionHolding(SecurityHolding):
    """Mirrors OptionHolding."""


class FutureHolding(SecurityHolding):
    """Mirrors FutureHolding: profit moves to cash once a day."""

    def __init__(self, security: "Security") -> None:
        super().__init__(security)
        self._settled_profit = ZERO

    @property
    def settled_profit(self) -> float:
        """Unrealized profit that daily settlement has already paid in cash."""
        return float(self._settled_profit)

    @property
    def _unsettled_profit(self) -> Decimal:
        return self._total_close_profit() - self._settled_profit

    @property
    def unsettled_profit(self) -> float:
        """Unrealized profit that is not cash yet."""
        return float(self._unsettled_profit)


def market_order_fee(security: "Security", quantity: Decimal, utc: int) -> Decimal:
    """Extensions.GetMarketOrderFees in account currency."""
    return security._fee_of(MarketOrder(security.symbol, quantity, utc))
