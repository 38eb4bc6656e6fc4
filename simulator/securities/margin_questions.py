"""What an algorithm may ask a margin model (IBuyingPowerModel.cs), answered by the model's own rules."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from simulator.orders.decimals import to_price
from simulator.securities.margin_parameters import (
    BuyingPower,
    BuyingPowerParameters,
    GetMaximumOrderQuantityForDeltaBuyingPowerParameters,
    GetMaximumOrderQuantityForTargetBuyingPowerParameters,
    GetMaximumOrderQuantityResult,
    HasSufficientBuyingPowerForOrderParameters,
    HasSufficientBuyingPowerForOrderResult,
    InitialMargin,
    InitialMarginParameters,
    InitialMarginRequiredForOrderParameters,
    MaintenanceMargin,
    MaintenanceMarginParameters,
    ReservedBuyingPowerForPosition,
    ReservedBuyingPowerForPositionParameters,
)
from simulator.securities.order_sizing import OrderQuantity, quantity_for_delta, quantity_for_target

if TYPE_CHECKING:
    from simulator.securities.portfolio import SecurityPortfolioManager
    from simulator.securities.security import Security


class MarginQuestions:
    """The public side of BuyingPowerModel; a model of an algorithm may give answers of its own to any of them."""

    if TYPE_CHECKING:
        _get_leverage: Any
        _set_leverage: Any
        _initial_margin: Any
        _initial_margin_for_order: Any
        _maintenance_margin: Any
        _maintenance_of_holdings: Any
        _has_sufficient_buying_power: Any
        _buying_power: Any

    def get_leverage(self, security: "Security") -> float:
        """The leverage."""
        return float(self._get_leverage(security))

    def set_leverage(self, security: "Security", leverage: Any) -> None:
        """Sets the leverage."""
        self._set_leverage(to_price(leverage))
        security._margin_changed()

    def get_initial_margin_requirement(self, parameters: InitialMarginParameters) -> InitialMargin:
        """Dollars to open so many units, negative for sales; premiums to pay included."""
        return InitialMargin(self._initial_margin(parameters.security, to_price(parameters.quantity)).value)

    def get_initial_margin_required_for_order(self, parameters: InitialMarginRequiredForOrderParameters) -> InitialMargin:
        """Dollars to send an order, its fee included."""
        return InitialMargin(self._initial_margin_for_order(parameters.security, parameters.order))

    def get_maintenance_margin(self, parameters: MaintenanceMarginParameters) -> MaintenanceMargin:
        """Dollars to keep a position."""
        return MaintenanceMargin(self._maintenance_margin(parameters.security, parameters._quantity, parameters._cost, parameters._value))

    def get_reserved_buying_power_for_position(
        self, parameters: ReservedBuyingPowerForPositionParameters
    ) -> ReservedBuyingPowerForPosition:
        """Dollars the present position takes."""
        return ReservedBuyingPowerForPosition(float(self._maintenance_of_holdings(parameters.security)))

    def get_buying_power(self, parameters: BuyingPowerParameters) -> BuyingPower:
        """Dollars an order of that side could use."""
        return BuyingPower(float(self._buying_power(parameters.portfolio, parameters.security, parameters.direction)))

    def has_sufficient_buying_power_for_order(
        self, parameters: HasSufficientBuyingPowerForOrderParameters
    ) -> HasSufficientBuyingPowerForOrderResult:
        """Whether an order fits, and why not."""
        check = self._has_sufficient_buying_power(parameters.portfolio, parameters.security, parameters.order)
        return HasSufficientBuyingPowerForOrderResult(check.is_sufficient, check.reason or None)

    def get_maximum_order_quantity_for_target_buying_power(
        self, parameters: GetMaximumOrderQuantityForTargetBuyingPowerParameters
    ) -> GetMaximumOrderQuantityResult:
        """Units to order so that the position takes a share of the portfolio."""
        return _result(self._quantity_for_target(parameters.portfolio, parameters.security, parameters._target, parameters._minimum))

    def get_maximum_order_quantity_for_delta_buying_power(
        self, parameters: GetMaximumOrderQuantityForDeltaBuyingPowerParameters
    ) -> GetMaximumOrderQuantityResult:
        """Units to order so that the position takes so many dollars more."""
        return _result(self._quantity_for_delta(parameters.portfolio, parameters.security, parameters._delta, parameters._minimum))

    def _quantity_for_target(
        self, portfolio: "SecurityPortfolioManager", security: "Security", target: Decimal, minimum_share: Decimal
    ) -> OrderQuantity:
        return quantity_for_target(self, portfolio, security, target, minimum_share)  # type: ignore[arg-type]  # every model derives from this

    def _quantity_for_delta(
        self, portfolio: "SecurityPortfolioManager", security: "Security", delta: Decimal, minimum_share: Decimal
    ) -> OrderQuantity:
        return quantity_for_delta(self, portfolio, security, delta, minimum_share)  # type: ignore[arg-type]  # as above


class BuyingPowerModelExtensions:
    """Mirrors BuyingPowerModelExtensions: the questions with short forms, answered by a model or the algorithm's own."""

    @staticmethod
    def get_reserved_buying_power_for_position(model: Any, security: "Security") -> float:
        """Dollars the present position takes."""
        return float(
            model.get_reserved_buying_power_for_position(ReservedBuyingPowerForPositionParameters(security)).absolute_used_buying_power
        )

    @staticmethod
    def has_sufficient_buying_power_for_order(
        model: Any, portfolio: "SecurityPortfolioManager", security: "Security", order: Any
    ) -> HasSufficientBuyingPowerForOrderResult:
        """Whether an order fits."""
        parameters = HasSufficientBuyingPowerForOrderParameters(portfolio, security, order)
        answer: HasSufficientBuyingPowerForOrderResult = model.has_sufficient_buying_power_for_order(parameters)
        return answer

    @staticmethod
    def get_buying_power(model: Any, portfolio: "SecurityPortfolioManager", security: "Security", direction: Any) -> float:
        """Dollars an order of that side could use."""
        return float(model.get_buying_power(BuyingPowerParameters(portfolio, security, direction)).value)

    @staticmethod
    def get_maintenance_margin(model: Any, security: "Security") -> float:
        """Dollars to keep the present position."""
        return float(model.get_maintenance_margin(MaintenanceMarginParameters.for_current_holdings(security)).value)

    @staticmethod
    def get_initial_margin_requirement(model: Any, security: "Security", quantity: Any) -> float:
        """Dollars to open so many units."""
        return float(model.get_initial_margin_requirement(InitialMarginParameters(security, quantity)).value)


def _result(found: OrderQuantity) -> GetMaximumOrderQuantityResult:
    return GetMaximumOrderQuantityResult(found.quantity, found.reason, found.is_error)
