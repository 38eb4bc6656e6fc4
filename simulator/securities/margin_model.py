"""Margin of a single security (Common/Securities/BuyingPowerModel.cs, SecurityMarginModel.cs): the base of all margin models."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple

from simulator.common.enums import OrderDirection, OrderType
from simulator.common.system_exceptions import ArgumentException
from simulator.orders.decimals import ONE, ZERO, sign, to_price
from simulator.orders.order import Order
from simulator.orders.priced_orders import LimitOrder
from simulator.results.net_number import decimal_text, normalize
from simulator.securities.margin_questions import MarginQuestions

if TYPE_CHECKING:
    from simulator.securities.portfolio import SecurityPortfolioManager
    from simulator.securities.security import Security


class RequiredMargin(NamedTuple):
    """Mirrors InitialMargin and OptionInitialMargin.

    Attributes:
        without_premium: what is set aside.
        premium: current value of the options, negative for short ones; None when the model knows no premium.
    """

    without_premium: Decimal
    premium: Decimal | None = None

    @property
    def premium_to_pay(self) -> Decimal:
        """The premium when it is paid, 0 when it is received."""
        return ZERO if self.premium is None else max(self.premium, ZERO)

    @property
    def value(self) -> Decimal:
        """What is set aside and the premium to pay."""
        return self.without_premium + self.premium_to_pay


class BuyingPowerCheck(NamedTuple):
    """Mirrors HasSufficientBuyingPowerForOrderResult."""

    is_sufficient: bool
    reason: str = ""


_LEVERAGED: Final = ("leverage", "required_free_buying_power_percent")
_SHARES: Final = ("initial_margin_requirement", "maintenance_margin_requirement", "required_free_buying_power_percent")


def _check_share(name: str, value: Decimal) -> None:
    if not ZERO <= value <= ONE:
        raise ArgumentException(f"{name} requirement must be between 0 and 1")


SUFFICIENT = BuyingPowerCheck(True)


class BuyingPowerModel(MarginQuestions):
    """Mirrors BuyingPowerModel: a fraction of the value, the inverse of the leverage.

    `BuyingPowerModel([leverage, required_free_buying_power_percent])`, or with shares of the value of their own for opening and for keeping
    `BuyingPowerModel(initial_margin_requirement, maintenance_margin_requirement, required_free_buying_power_percent)`.
    """

    NULL: ClassVar["BuyingPowerModel"]

    def __init__(self, *requirements: Any, **named: Any) -> None:
        has_shares = len(requirements) > len(_LEVERAGED) or "initial_margin_requirement" in named
        given = {
            name: to_price(value)
            for name, value in (dict(zip(_SHARES if has_shares else _LEVERAGED, requirements, strict=False)) | named).items()
        }
        self._required_free = given.get("required_free_buying_power_percent", ZERO)
        if has_shares:
            self._initial, self._maintenance = given["initial_margin_requirement"], given["maintenance_margin_requirement"]
            _check_share("Initial margin", self._initial)
            _check_share("Maintenance margin", self._maintenance)
        else:
            self._set_leverage(given.get("leverage", ONE))
        _check_share("Free Buying Power Percent", self._required_free)

    def _get_leverage(self, security: "Security") -> Decimal:
        del security
        return ONE / self._initial

    def _set_leverage(self, leverage: Decimal) -> None:
        if leverage < ONE:
            raise ArgumentException("Leverage must be greater than or equal to 1.")
        self._initial = self._maintenance = ONE / leverage

    # What a quantity needs

    def _initial_margin(self, security: "Security", quantity: Decimal) -> RequiredMargin:
        value = security._conversion_rate * security.symbol_properties._contract_multiplier * security._price * quantity
        return RequiredMargin(value * self._initial)

    def _maintenance_margin(self, security: "Security", quantity: Decimal, cost: Decimal, value: Decimal) -> Decimal:
        del security, quantity, cost
        return abs(value) * self._maintenance

    def _initial_margin_for_order(self, security: "Security", order: Order) -> Decimal:
        margin = self._initial_margin(security, order._quantity).value
        return margin + sign(margin) * security._fee_of(order)

    def _maintenance_at_current_price(self, security: "Security", quantity: Decimal) -> Decimal:
        value = security.holdings._quantity_value(quantity)
        return self._maintenance_margin(security, quantity, value, value)

    def _maintenance_of_holdings(self, security: "Security") -> Decimal:
        holding = security.holdings
        return self._maintenance_margin(security, holding._quantity, holding._holdings_cost, holding._holdings_value)

    # What the account has left

    def _buying_power(self, portfolio: "SecurityPortfolioManager", security: "Security", direction: OrderDirection) -> Decimal:
        """GetMarginRemaining: what is left, and twice what closing the position frees when the order reduces it; never negative."""
        total = portfolio._total_portfolio_value
        result = portfolio._margin_remaining_of(total)
        held = security.holdings._quantity
        if (held > 0 and direction is OrderDirection.SELL) or (held < 0 and direction is OrderDirection.BUY):
            result += self._maintenance_of_holdings(security) + self._initial_margin(security, abs(held)).value
        result -= total * self._required_free
        return max(ZERO, result)

    def _has_sufficient_buying_power(self, portfolio: "SecurityPortfolioManager", security: "Security", order: Order) -> BuyingPowerCheck:
        if not order._quantity:
            return SUFFICIENT
        ticket = portfolio.transactions.get_order_ticket(order.id)
        if ticket is None:
            return BuyingPowerCheck(False, f"Null order ticket for id: {order.id}")
        if order.type is OrderType.OPTION_EXERCISE:
            return self._can_exercise(portfolio, security, order, ticket._quantity_filled)
        return self._fits(portfolio, security, order, ticket._quantity_filled)

    def _can_exercise(self, portfolio: "SecurityPortfolioManager", security: "Security", order: Order, filled: Decimal) -> BuyingPowerCheck:
        """An exercise in the money needs margin for the shares it moves, helped by what the option itself frees."""
        option = security._as_option()
        underlying = option.underlying
        if not option._is_auto_exercised(underlying._close) or not underlying.is_tradable:
            return SUFFICIENT
        delivery = LimitOrder(underlying.symbol, option._exercise_quantity(order._quantity), option._strike, order._time)
        delivery._set_id(order.id)
        model = underlying.buying_power_model
        free = model._buying_power(portfolio, underlying, delivery.direction) + self._maintenance_at_current_price(option, -order._quantity)
        needed = model._initial_margin_for_order(underlying, delivery)
        return self._fits(portfolio, underlying, delivery, filled, free, needed)

    def _fits(
        self,
        portfolio: "SecurityPortfolioManager",
        security: "Security",
        order: Order,
        filled: Decimal,
        free: Decimal | None = None,
        needed: Decimal | None = None,
    ) -> BuyingPowerCheck:
        held, quantity = security.holdings._quantity, order._quantity
        if held * quantity < 0 and abs(held) >= abs(quantity):
            return SUFFICIENT
        if free is None:
            free = self._buying_power(portfolio, security, order.direction)
        if needed is None:
            needed = self._initial_margin_for_order(security, order)
        remaining = (abs(quantity) - abs(filled)) / abs(quantity) * needed
        if abs(remaining) > free:
            texts = decimal_text(normalize(remaining)), decimal_text(normalize(free))
            return BuyingPowerCheck(False, f"Id: {order.id}, Initial Margin: {texts[0]}, Free Margin: {texts[1]}")
        return SUFFICIENT


class SecurityMarginModel(BuyingPowerModel):
    """Mirrors SecurityMarginModel: equities and indices."""


class PatternDayTradingMarginModel(SecurityMarginModel):
    """Mirrors PatternDayTradingMarginModel: one leverage while the exchange is open and not about to close, another otherwise."""

    def __init__(self, closed_market_leverage: Any = 2, open_market_leverage: Any = 4) -> None:
        super().__init__(open_market_leverage)
        self._closed_factor = to_price(open_market_leverage) / to_price(closed_market_leverage)

    def _factor(self, security: "Security") -> Decimal:
        return ONE if security.exchange.exchange_open and not security.exchange.closing_soon else self._closed_factor

    def _get_leverage(self, security: "Security") -> Decimal:
        return super()._get_leverage(security) * (ONE / self._factor(security))

    def _set_leverage(self, leverage: Decimal) -> None:
        """Only its own construction sets it."""
        if not hasattr(self, "_closed_factor"):
            super()._set_leverage(leverage)

    def _initial_margin(self, security: "Security", quantity: Decimal) -> RequiredMargin:
        return RequiredMargin(super()._initial_margin(security, quantity).value * self._factor(security))

    def _maintenance_margin(self, security: "Security", quantity: Decimal, cost: Decimal, value: Decimal) -> Decimal:
        return super()._maintenance_margin(security, quantity, cost, value) * self._factor(security)


class NullBuyingPowerModel(BuyingPowerModel):
    """Mirrors NullBuyingPowerModel: everything fits, nothing is set aside."""

    def _initial_margin(self, security: "Security", quantity: Decimal) -> RequiredMargin:
        del security, quantity
        return RequiredMargin(ZERO)

    def _maintenance_margin(self, security: "Security", quantity: Decimal, cost: Decimal, value: Decimal) -> Decimal:
        del security, quantity, cost, value
        return ZERO

    def _has_sufficient_buying_power(self, portfolio: "SecurityPortfolioManager", security: "Security", order: Order) -> BuyingPowerCheck:
        del portfolio, security, order
        return SUFFICIENT


class ConstantBuyingPowerModel(BuyingPowerModel):
    """Mirrors ConstantBuyingPowerModel: so much per unit, up or down."""

    def __init__(self, margin_requirement_per_unit_in_account_currency: Any) -> None:
        super().__init__()
        self._per_unit = to_price(margin_requirement_per_unit_in_account_currency)

    def _initial_margin(self, security: "Security", quantity: Decimal) -> RequiredMargin:
        del security
        return RequiredMargin(quantity * self._per_unit)

    def _maintenance_margin(self, security: "Security", quantity: Decimal, cost: Decimal, value: Decimal) -> Decimal:
        del security, cost, value
        return abs(quantity) * self._per_unit


BuyingPowerModel.NULL = NullBuyingPowerModel()
