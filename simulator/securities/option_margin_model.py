"""Margin of options on equities and indices (Common/Securities/Option/OptionMarginModel.cs)."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from simulator.common.enums import OptionRight, SecurityType
from simulator.common.system_exceptions import InvalidOperationException
from simulator.orders.decimals import ONE, ZERO, sign
from simulator.orders.order import Order
from simulator.securities.margin_model import RequiredMargin, SecurityMarginModel

if TYPE_CHECKING:
    from simulator.securities.security import Security

_NAKED: Final = Decimal("0.1")
_EQUITY_NAKED: Final = Decimal("0.2")
_INDEX_NAKED: Final = Decimal("0.15")
_CALL: Final = OptionRight.CALL
_EQUITY_OPTION: Final = SecurityType.OPTION


class OptionMarginModel(SecurityMarginModel):
    """Mirrors OptionMarginModel: long options cost their premium, short ones the premium and the greater of two parts of the underlying.

    A short option needs its current value plus the larger of 20 % (index options 15 %) of the underlying less what it is out of the money,
    and 10 % of the underlying (calls) or of the strike (puts).
    """

    def __init__(self, required_free_buying_power_percent: Any = ZERO) -> None:
        super().__init__(ONE, required_free_buying_power_percent)

    def _set_leverage(self, leverage: Decimal) -> None:
        if leverage != ONE:
            raise InvalidOperationException("Options are leveraged products and different leverage cannot be set by user")
        super()._set_leverage(leverage)

    def _initial_margin(self, security: "Security", quantity: Decimal) -> RequiredMargin:
        value = security._conversion_rate * security.symbol_properties._contract_multiplier * security._price * quantity
        return RequiredMargin(ZERO if quantity >= 0 else value * margin_requirement(security, quantity, value), value)

    def _maintenance_margin(self, security: "Security", quantity: Decimal, cost: Decimal, value: Decimal) -> Decimal:
        del value
        return ZERO if quantity >= 0 else abs(cost) * margin_requirement(security, quantity, cost)

    def _initial_margin_for_order(self, security: "Security", order: Order) -> Decimal:
        value = order._get_value(security)
        margin = value * margin_requirement(security, order._quantity, value)
        return margin + sign(margin) * security._fee_of(order)


def margin_requirement(security: "Security", quantity: Decimal, value: Decimal) -> Decimal:
    """GetMarginRequirement: margin as a multiple of the position's value, in LEAN's order of operations.

    Args:
        security: the option.
        quantity: signed contracts.
        value: their signed value; positive ones (long) need just that value.
    """
    option = security._as_option()
    underlying, strike = option._underlying, option._strike
    if not value or underlying is None or not strike or not option._close or not (price := underlying._close):
        return ZERO
    if value > 0:
        return ONE
    properties, unit = option.symbol_properties, option._contract_unit_of_trade
    per_unit = -value / unit
    scale = underlying.symbol_properties._contract_multiplier / properties._contract_multiplier * unit
    underlying_ratio = scale * ((price / properties._strike_multiplier) / per_unit)
    out_of_the_money = scale * (option._out_of_the_money_amount(price) / per_unit)
    naked = _NAKED * (underlying_ratio if option.symbol.id._right is _CALL else scale * (strike / per_unit))
    share = _EQUITY_NAKED if security.type is _EQUITY_OPTION else _INDEX_NAKED
    return ONE + abs(quantity) * max(naked, share * underlying_ratio - out_of_the_money)
