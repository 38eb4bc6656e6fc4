"""What margin models are asked and what they answer (Common/Securities/…Parameters.cs and …Result.cs around IBuyingPowerModel.cs)."""

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from simulator.common.enums import OrderDirection
from simulator.orders.decimals import to_price
from simulator.orders.order import Order

if TYPE_CHECKING:
    from simulator.securities.portfolio import SecurityPortfolioManager
    from simulator.securities.security import Security


@dataclass(frozen=True)
class InitialMarginParameters:
    """Mirrors InitialMarginParameters: so many units of a security, negative sold."""

    security: "Security"
    quantity: float


@dataclass(frozen=True)
class InitialMarginRequiredForOrderParameters:
    """Mirrors InitialMarginRequiredForOrderParameters."""

    currency_converter: Any
    security: "Security"
    order: Order


class MaintenanceMarginParameters:
    """Mirrors MaintenanceMarginParameters: a position, what it cost and what it is worth, in account currency."""

    def __init__(self, security: "Security", quantity: Any, holdings_cost: Any, holdings_value: Any) -> None:
        self.security = security
        self._quantity = to_price(quantity)
        self._cost = to_price(holdings_cost)
        self._value = to_price(holdings_value)

    @staticmethod
    def for_current_holdings(security: "Security") -> "MaintenanceMarginParameters":
        """The position as it is."""
        holding = security.holdings
        return MaintenanceMarginParameters(security, holding._quantity, holding._holdings_cost, holding._holdings_value)

    @staticmethod
    def for_quantity_at_current_price(security: "Security", quantity: Any) -> "MaintenanceMarginParameters":
        """So many units, as if they were bought now."""
        units = to_price(quantity)
        value = security.holdings._quantity_value(units)
        return MaintenanceMarginParameters(security, units, value, value)

    @property
    def quantity(self) -> float:
        """Units, negative sold."""
        return float(self._quantity)

    @property
    def absolute_quantity(self) -> float:
        """Units without sign."""
        return abs(self.quantity)

    @property
    def holdings_cost(self) -> float:
        """What was paid, negative for short positions."""
        return float(self._cost)

    @property
    def absolute_holdings_cost(self) -> float:
        """What was paid, without sign."""
        return abs(self.holdings_cost)

    @property
    def holdings_value(self) -> float:
        """What it is worth, negative for short positions."""
        return float(self._value)

    @property
    def absolute_holdings_value(self) -> float:
        """What it is worth, without sign."""
        return abs(self.holdings_value)


class InitialMargin:
    """Mirrors InitialMargin: dollars to open a position, negative for sales."""

    ZERO: ClassVar["InitialMargin"]

    def __init__(self, value: Any) -> None:
        self._value = to_price(value)

    @property
    def value(self) -> float:
        """Dollars."""
        return float(self._value)


class MaintenanceMargin:
    """Mirrors MaintenanceMargin: dollars to keep a position."""

    ZERO: ClassVar["MaintenanceMargin"]

    def __init__(self, value: Any) -> None:
        self._value = to_price(value)

    @property
    def value(self) -> float:
        """Dollars."""
        return float(self._value)


InitialMargin.ZERO = InitialMargin(0)
MaintenanceMargin.ZERO = MaintenanceMargin(0)


@dataclass(frozen=True)
class BuyingPower:
    """Mirrors BuyingPower: dollars an order could use."""

    value: float


@dataclass(frozen=True)
class BuyingPowerParameters:
    """Mirrors BuyingPowerParameters: what can be used for a side of a security."""

    portfolio: "SecurityPortfolioManager"
    security: "Security"
    direction: OrderDirection

    def result_in_account_currency(self, buying_power: float) -> BuyingPower:
        """The answer."""
        return BuyingPower(buying_power)


@dataclass(frozen=True)
class ReservedBuyingPowerForPosition:
    """Mirrors ReservedBuyingPowerForPosition: dollars a position takes."""

    absolute_used_buying_power: float


@dataclass(frozen=True)
class ReservedBuyingPowerForPositionParameters:
    """Mirrors ReservedBuyingPowerForPositionParameters."""

    security: "Security"

    def result_in_account_currency(self, reserved_buying_power: float) -> ReservedBuyingPowerForPosition:
        """The answer."""
        return ReservedBuyingPowerForPosition(reserved_buying_power)


@dataclass(frozen=True)
class HasSufficientBuyingPowerForOrderResult:
    """Mirrors HasSufficientBuyingPowerForOrderResult."""

    is_sufficient: bool
    reason: str | None = None


@dataclass(frozen=True)
class HasSufficientBuyingPowerForOrderParameters:
    """Mirrors HasSufficientBuyingPowerForOrderParameters."""

    portfolio: "SecurityPortfolioManager"
    security: "Security"
    order: Order

    def sufficient(self) -> HasSufficientBuyingPowerForOrderResult:
        """The order fits."""
        return HasSufficientBuyingPowerForOrderResult(True)

    def insufficient(self, reason: str) -> HasSufficientBuyingPowerForOrderResult:
        """The order does not fit."""
        return HasSufficientBuyingPowerForOrderResult(False, reason)


class _SizingParameters:
    """What all sizing questions share."""

    def __init__(
        self,
        portfolio: "SecurityPortfolioManager",
        security: "Security",
        minimum_order_margin_portfolio_percentage: Any,
        silence_non_error_reasons: bool,
    ) -> None:
        self.portfolio = portfolio
        self.security = security
        self._minimum = to_price(minimum_order_margin_portfolio_percentage)
        self.silence_non_error_reasons = silence_non_error_reasons

    @property
    def minimum_order_margin_portfolio_percentage(self) -> float:
        """Changes smaller than this share of the portfolio are not made."""
        return float(self._minimum)


class GetMaximumOrderQuantityForTargetBuyingPowerParameters(_SizingParameters):
    """Mirrors GetMaximumOrderQuantityForTargetBuyingPowerParameters: a position of this share of the portfolio, in margin."""

    def __init__(
        self,
        portfolio: "SecurityPortfolioManager",
        security: "Security",
        target_buying_power: Any,
        minimum_order_margin_portfolio_percentage: Any,
        silence_non_error_reasons: bool = False,
    ) -> None:
        super().__init__(portfolio, security, minimum_order_margin_portfolio_percentage, silence_non_error_reasons)
        self._target = to_price(target_buying_power)

    @property
    def target_buying_power(self) -> float:
        """Signed share of the portfolio."""
        return float(self._target)


class GetMaximumOrderQuantityForDeltaBuyingPowerParameters(_SizingParameters):
    """Mirrors GetMaximumOrderQuantityForDeltaBuyingPowerParameters: so many dollars of margin more or less."""

    def __init__(
        self,
        portfolio: "SecurityPortfolioManager",
        security: "Security",
        delta_buying_power: Any,
        minimum_order_margin_portfolio_percentage: Any,
        silence_non_error_reasons: bool = False,
    ) -> None:
        super().__init__(portfolio, security, minimum_order_margin_portfolio_percentage, silence_non_error_reasons)
        self._delta = to_price(delta_buying_power)

    @property
    def delta_buying_power(self) -> float:
        """Dollars."""
        return float(self._delta)


class GetMaximumOrderQuantityResult:
    """Mirrors GetMaximumOrderQuantityResult: without being told, a reason makes it an error."""

    def __init__(self, quantity: Any, reason: str | None = None, is_error: bool | None = None) -> None:
        self._quantity: Decimal = to_price(quantity)
        self.reason = reason or ""
        self.is_error = bool(self.reason) if is_error is None else is_error

    @property
    def quantity(self) -> float:
        """Signed units to order."""
        return float(self._quantity)
