"""What `algorithm.portfolio` is (Common/Securities/SecurityPortfolioManager.cs)."""

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from simulator.common.bars import Dividend, Split
from simulator.common.enums import DataNormalizationMode, OrderDirection, SecurityType
from simulator.common.lean_dictionary import LeanDictionary
from simulator.common.symbol import Symbol
from simulator.orders.decimals import ONE, ZERO, to_price
from simulator.orders.order import Order
from simulator.orders.order_event import OrderEvent
from simulator.securities.cash_book import CashBook
from simulator.securities.group_margin import check_orders, group_initial_margin, group_maintenance_margin, margin_delta
from simulator.securities.holding import FutureHolding, SecurityHolding
from simulator.securities.margin_call_model import DefaultMarginCallModel
from simulator.securities.margin_model import BuyingPowerCheck
from simulator.securities.margin_parameters import HasSufficientBuyingPowerForOrderResult
from simulator.securities.position_group import OrderPlan, PositionGroups
from simulator.securities.position_views import SecurityPositionGroupModel
from simulator.securities.security import Security

if TYPE_CHECKING:
    from simulator.securities.trading_algorithm import TradingAlgorithm

_STARTING_CASH: Final = Decimal(100_000)


class SecurityPortfolioManager(LeanDictionary[Symbol, SecurityHolding]):
    """Mirrors SecurityPortfolioManager: holdings by symbol, cash, value and margin.

    The portfolio value is kept until a step, a fill or a cash movement invalidates it, as in LEAN: a holding that leaves the active securities
    between two steps still counts until then.
    """

    def __init__(self, algorithm: "TradingAlgorithm") -> None:
        self._algorithm = algorithm
        self.securities = algorithm.securities
        self.transactions = algorithm.transactions
        self._position_groups = PositionGroups(self.securities)
        self.securities._listeners.append(lambda: self._position_groups._invalidate())
        self._value = ZERO
        self._value_is_valid = False
        self._traded: dict[Symbol, None] = {}
        self._margin_used: tuple[int, Decimal] | None = None
        self._deltas: dict[tuple[int, OrderPlan], Decimal] = {}
        self.securities._listeners.append(self._forget_margin_used)
        self.cash_book = CashBook(self.invalidate_total_portfolio_value, _STARTING_CASH)
        self.unsettled_cash_book = CashBook(self.invalidate_total_portfolio_value)
        self.margin_call_model: Any = DefaultMarginCallModel(self)

    def _enumerated(self) -> dict[Symbol, SecurityHolding]:
        return {symbol: security.holdings for symbol, security in self.securities._active.items()}

    def _find(self, key: object) -> SecurityHolding | None:
        security = self.securities._find(key)
        return None if security is None else security.holdings

    def _missing(self, key: object) -> str:
        return self.securities._missing(key)

    def __len__(self) -> int:
        return len(self.securities)

    # Cash

    @property
    def cash(self) -> float:
        """All settled cash in account currency."""
        return float(self.cash_book._total)

    @property
    def unsettled_cash(self) -> float:
        """Cash that has not arrived yet, in account currency."""
        return float(self.unsettled_cash_book._total)

    def set_cash(self, *arguments: Any) -> None:
        """Sets the cash of the account currency, or `set_cash(currency, amount, conversion_rate)`."""
        if len(arguments) == 1:
            self.cash_book[self.cash_book.account_currency]._set_amount(to_price(arguments[0]))
            return
        currency, amount, *rate = arguments
        self.cash_book._add(str(currency).upper(), to_price(amount), to_price(rate[0]) if rate else ONE)

    # Value

    def invalidate_total_portfolio_value(self) -> None:
        """Makes the next look at the portfolio value compute it anew; every step does this after prices changed."""
        self._value_is_valid = False
        self._forget_margin_used()

    @property
    def _total_portfolio_value(self) -> Decimal:
        if not self._value_is_valid:
            self._value = self.cash_book._total + self.unsettled_cash_book._total + self._value_of_holdings()
            self._value_is_valid = True
        return self._value

    def _value_of_holdings(self) -> Decimal:
        securities = futures = ZERO
        for security in self.securities._invested():
            holding = security.holdings
            if isinstance(holding, FutureHolding):
                futures += holding._unsettled_profit
            else:
                securities += holding._quantity_value(holding._quantity)
        return securities + futures

    @property
    def total_portfolio_value(self) -> float:
        """Cash, holdings at their price, and what futures have gained since their last settlement."""
        return float(self._total_portfolio_value)

    @property
    def _total_portfolio_value_less_free_buffer(self) -> Decimal:
        settings = self._algorithm.settings
        if settings.free_portfolio_value is not None:
            return self._total_portfolio_value - to_price(settings.free_portfolio_value)
        return self._total_portfolio_value - self._total_portfolio_value * to_price(settings.free_portfolio_value_percentage)

    @property
    def total_portfolio_value_less_free_buffer(self) -> float:
        """Portfolio value less what `set_holdings` leaves free."""
        return float(self._total_portfolio_value_less_free_buffer)

    @property
    def invested(self) -> bool:
        """Whether anything is held."""
        return bool(self.securities._invested())

    hold_stock = invested

    @property
    def _total_holdings_value(self) -> Decimal:
        return sum((abs(security.holdings._holdings_value) for security in self.securities._active.values()), ZERO)

    @property
    def total_holdings_value(self) -> float:
        """Absolute values of all holdings, futures with their notional."""
        return float(self._total_holdings_value)

    @property
    def total_absolute_holdings_cost(self) -> float:
        """Absolute costs of all holdings."""
        return float(sum((abs(security.holdings._holdings_cost) for security in self.securities._active.values()), ZERO))

    @property
    def total_unlevered_absolute_holdings_cost(self) -> float:
        """Absolute costs of all holdings divided by their leverage."""
        return sum(security.holdings.unlevered_absolute_holdings_cost for security in self.securities._active.values())

    @property
    def _total_unrealized_profit(self) -> Decimal:
        return sum((security.holdings._total_close_profit() for security in self.securities._invested()), ZERO)

    @property
    def total_unrealized_profit(self) -> float:
        """What closing everything at the touch would bring, after fees."""
        return float(self._total_unrealized_profit)

    total_unrealised_profit = total_unrealized_profit

    @property
    def _total_fees(self) -> Decimal:
        return sum((security.holdings._total_fees for security in self.securities._complete.values()), ZERO)

    @property
    def total_fees(self) -> float:
        """All fees paid."""
        return float(self._total_fees)

    @property
    def total_profit(self) -> float:
        """Realized profit and dividends before fees."""
        return float(sum((security.holdings._profit for security in self.securities._complete.values()), ZERO))

    @property
    def _total_net_profit(self) -> Decimal:
        holdings = (security.holdings for security in self.securities._complete.values())
        return sum((holding._profit - holding._total_fees for holding in holdings), ZERO)

    @property
    def total_net_profit(self) -> float:
        """Realized profit and dividends after fees."""
        return float(self._total_net_profit)

    @property
    def _total_sale_volume(self) -> Decimal:
        complete = self.securities._complete
        return sum((complete[symbol].holdings._total_sale_volume for symbol in self._traded), ZERO)

    @property
    def total_sale_volume(self) -> float:
        """Value of everything bought and sold."""
        return float(self._total_sale_volume)

    # Margin

    def _forget_margin_used(self) -> None:
        self._margin_used = None
        self._deltas.clear()

    def _margin_delta_of(self, plan: OrderPlan) -> Decimal:
        """What a plan adds to the margin; kept as long as the margin used is, since resting orders are tried twice a step."""
        key = (self._algorithm._utc, plan)
        if key not in self._deltas:
            self._deltas[key] = margin_delta(self.securities, plan)
        return self._deltas[key]

    @property
    def _total_margin_used(self) -> Decimal:
        """Kept until prices, positions or the time change."""
        now = self._algorithm._utc
        if self._margin_used is None or self._margin_used[0] != now:
            total = ZERO
            for group in self._position_groups.groups.values():
                total += group_maintenance_margin(self.securities, group)
            self._margin_used = (now, total)
        return self._margin_used[1]

    @property
    def total_margin_used(self) -> float:
        """Maintenance margin of all position groups at current prices."""
        return float(self._total_margin_used)

    def _margin_remaining_of(self, total_portfolio_value: Decimal) -> Decimal:
        return total_portfolio_value - self.unsettled_cash_book._total - self._total_margin_used

    @property
    def _margin_remaining(self) -> Decimal:
        return self._margin_remaining_of(self._total_portfolio_value)

    @property
    def margin_remaining(self) -> float:
        """Portfolio value less unsettled cash and margin used."""
        return float(self._margin_remaining)

    def get_margin_remaining(self, symbol: Any, direction: OrderDirection = OrderDirection.BUY) -> float:
        """Margin an order of that side could use: what remains, and what closing the security's own group would free."""
        security = self.securities[symbol]
        group = self._position_groups.default_group(security)
        if security.holdings._quantity < 0:
            direction = OrderDirection.SELL if direction is OrderDirection.BUY else OrderDirection.BUY
        remaining = self._margin_remaining
        if group.quantity and direction is OrderDirection.SELL:
            remaining += group_maintenance_margin(self.securities, group) + abs(group_initial_margin(self.securities, group).value)
        return float(remaining)

    def get_buying_power(self, symbol: Any, direction: OrderDirection = OrderDirection.BUY) -> float:
        """Same as `get_margin_remaining`."""
        return self.get_margin_remaining(symbol, direction)

    def _margin_by_group(self) -> list[tuple[str, Decimal]]:
        """Symbols and margin of each group."""
        groups = self._position_groups.groups.values()
        return [(", ".join(p.symbol.value for p in group.positions), group_maintenance_margin(self.securities, group)) for group in groups]

    def _check_orders(self, orders: Sequence[Order]) -> BuyingPowerCheck:
        return check_orders(self, orders)

    @property
    def positions(self) -> SecurityPositionGroupModel:
        """Everything held, in the groups it is margined by."""
        return SecurityPositionGroupModel(self._position_groups)

    def has_sufficient_buying_power_for_order(self, orders: Sequence[Order]) -> HasSufficientBuyingPowerForOrderResult:
        """Whether orders that fill together fit, and why not."""
        check = self._check_orders(orders)
        return HasSufficientBuyingPowerForOrderResult(check.is_sufficient, check.reason or None)

    def set_positions(self, position_group_model: SecurityPositionGroupModel) -> None:
        """Sets what is margined together: `SecurityPositionGroupModel.NULL` leaves every security alone."""
        self._position_groups = PositionGroups(
            self.securities, matches_strategies=position_group_model is not SecurityPositionGroupModel.NULL
        )
        self.invalidate_total_portfolio_value()

    def set_margin_call_model(self, margin_call_model: Any) -> None:
        """Sets what happens when the margin is used up."""
        self.margin_call_model = margin_call_model

    # Events

    def _process_fills(self, fills: Sequence[OrderEvent]) -> None:
        for fill in fills:
            security = self.securities[fill.symbol]
            self._traded[security.symbol] = None
            security.portfolio_model.process_fill(self, security, fill)
        self.invalidate_total_portfolio_value()

    def _apply_dividend(self, dividend: Dividend, mode: DataNormalizationMode) -> None:
        """Pays a dividend in cash where prices are not adjusted for it."""
        if mode not in {DataNormalizationMode.RAW, DataNormalizationMode.SPLIT_ADJUSTED}:
            return
        security = self.securities[dividend.symbol]
        total = security.holdings._quantity * dividend._distribution * security._conversion_rate
        self.cash_book[self.cash_book.account_currency]._add_amount(total)
        security.holdings._total_dividends += total

    def _apply_split(self, split: Split, mode: DataNormalizationMode) -> None:
        """Turns a holding of raw-priced shares into whole new shares and cash for the fraction."""
        security = self.securities[split.symbol]
        if security.type is not SecurityType.EQUITY or mode is not DataNormalizationMode.RAW:
            return
        factor = split._split_factor
        quantity = security.holdings._quantity / factor
        whole = Decimal(int(quantity))
        security.holdings._set_holdings(security.holdings._average_price * factor, whole)
        self.cash_book[self.cash_book.account_currency]._add_amount((quantity - whole) * self._price_after_split(security, split))
        self.invalidate_total_portfolio_value()

    @staticmethod
    def _price_after_split(security: Security, split: Split) -> Decimal:
        last = security.get_last_data()
        if last is None:
            return split._value * split._split_factor
        security.cache._apply_split(split._split_factor)
        security.holdings._price = security._price
        return last._value * split._split_factor
