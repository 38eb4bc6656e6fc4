"""Margin models written in an algorithm (Common/Python/BuyingPowerModelPythonWrapper.cs): the engine asks the algorithm where it has an answer."""

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, cast

from simulator.common.enums import OrderDirection
from simulator.orders.decimals import to_price
from simulator.orders.order import Order
from simulator.securities.margin_model import BuyingPowerCheck, BuyingPowerModel, RequiredMargin
from simulator.securities.margin_parameters import (
    BuyingPowerParameters,
    GetMaximumOrderQuantityForDeltaBuyingPowerParameters,
    GetMaximumOrderQuantityForTargetBuyingPowerParameters,
    HasSufficientBuyingPowerForOrderParameters,
    InitialMarginParameters,
    InitialMarginRequiredForOrderParameters,
    MaintenanceMarginParameters,
    ReservedBuyingPowerForPositionParameters,
)
from simulator.securities.order_sizing import OrderQuantity

if TYPE_CHECKING:
    from simulator.securities.portfolio import SecurityPortfolioManager
    from simulator.securities.security import Security

_QUESTIONS: Final = (
    "get_leverage",
    "set_leverage",
    "get_initial_margin_requirement",
    "get_initial_margin_required_for_order",
    "get_maintenance_margin",
    "get_reserved_buying_power_for_position",
    "get_buying_power",
    "has_sufficient_buying_power_for_order",
    "get_maximum_order_quantity_for_target_buying_power",
    "get_maximum_order_quantity_for_delta_buying_power",
)


def engine_side(model: Any) -> BuyingPowerModel:
    """The model itself when it keeps to the engine's rules, else one that asks it."""
    if isinstance(model, AlgorithmMarginModel) or (
        isinstance(model, BuyingPowerModel) and not any(_own(model, name) for name in _QUESTIONS)
    ):
        return cast("BuyingPowerModel", model)
    return cast("BuyingPowerModel", AlgorithmMarginModel(model))


def _own(model: Any, name: str) -> Callable[..., Any] | None:
    """The algorithm's answer to a question, None where it has none."""
    if getattr(type(model), name, None) is getattr(BuyingPowerModel, name):
        return None
    return cast("Callable[..., Any] | None", getattr(model, name, None))


def _number(answer: Any) -> Decimal:
    """A number, or an InitialMargin, MaintenanceMargin or BuyingPower."""
    return to_price(getattr(answer, "value", answer))


class AlgorithmMarginModel:
    """Mirrors BuyingPowerModelPythonWrapper. LEAN's own rules, where they are asked, do not know of the algorithm's answers."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._answers = {name: _own(model, name) for name in _QUESTIONS}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def _get_leverage(self, security: "Security") -> Decimal:
        own = self._answers["get_leverage"]
        return self._model._get_leverage(security) if own is None else to_price(own(security))

    def _initial_margin(self, security: "Security", quantity: Decimal) -> RequiredMargin:
        own = self._answers["get_initial_margin_requirement"]
        if own is None:
            return cast("RequiredMargin", self._model._initial_margin(security, quantity))
        return RequiredMargin(_number(own(InitialMarginParameters(security, float(quantity)))))

    def _initial_margin_for_order(self, security: "Security", order: Order) -> Decimal:
        own = self._answers["get_initial_margin_required_for_order"]
        if own is None:
            return cast("Decimal", self._model._initial_margin_for_order(security, order))
        return _number(own(InitialMarginRequiredForOrderParameters(None, security, order)))

    def _maintenance_margin(self, security: "Security", quantity: Decimal, cost: Decimal, value: Decimal) -> Decimal:
        own = self._answers["get_maintenance_margin"]
        if own is None:
            return cast("Decimal", self._model._maintenance_margin(security, quantity, cost, value))
        return _number(own(MaintenanceMarginParameters(security, quantity, cost, value)))

    def _maintenance_at_current_price(self, security: "Security", quantity: Decimal) -> Decimal:
        value = security.holdings._quantity_value(quantity)
        return self._maintenance_margin(security, quantity, value, value)

    def _maintenance_of_holdings(self, security: "Security") -> Decimal:
        own = self._answers["get_reserved_buying_power_for_position"]
        if own is None:
            return cast("Decimal", self._model._maintenance_of_holdings(security))
        return to_price(own(ReservedBuyingPowerForPositionParameters(security)).absolute_used_buying_power)

    def _buying_power(self, portfolio: "SecurityPortfolioManager", security: "Security", direction: OrderDirection) -> Decimal:
        own = self._answers["get_buying_power"]
        if own is None:
            return cast("Decimal", self._model._buying_power(portfolio, security, direction))
        return _number(own(BuyingPowerParameters(portfolio, security, direction)))

    def _has_sufficient_buying_power(self, portfolio: "SecurityPortfolioManager", security: "Security", order: Order) -> BuyingPowerCheck:
        own = self._answers["has_sufficient_buying_power_for_order"]
        if own is None:
            return cast("BuyingPowerCheck", self._model._has_sufficient_buying_power(portfolio, security, order))
        answer = own(HasSufficientBuyingPowerForOrderParameters(portfolio, security, order))
        return BuyingPowerCheck(answer.is_sufficient, answer.reason or "")

    def _quantity_for_target(
        self, portfolio: "SecurityPortfolioManager", security: "Security", target: Decimal, minimum_share: Decimal
    ) -> OrderQuantity:
        own = self._answers["get_maximum_order_quantity_for_target_buying_power"]
        if own is None:
            return cast("OrderQuantity", self._model._quantity_for_target(portfolio, security, target, minimum_share))
        return _quantity(own(GetMaximumOrderQuantityForTargetBuyingPowerParameters(portfolio, security, target, minimum_share)))

    def _quantity_for_delta(
        self, portfolio: "SecurityPortfolioManager", security: "Security", delta: Decimal, minimum_share: Decimal
    ) -> OrderQuantity:
        own = self._answers["get_maximum_order_quantity_for_delta_buying_power"]
        if own is None:
            return cast("OrderQuantity", self._model._quantity_for_delta(portfolio, security, delta, minimum_share))
        return _quantity(own(GetMaximumOrderQuantityForDeltaBuyingPowerParameters(portfolio, security, delta, minimum_share)))


def _quantity(answer: Any) -> OrderQuantity:
    return OrderQuantity(to_price(answer.quantity), answer.reason, answer.is_error)
