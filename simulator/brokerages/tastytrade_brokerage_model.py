"""Tastytrade (Common/Brokerages/TastytradeBrokerageModel.cs)."""

from typing import ClassVar, Final

from simulator.brokerages.brokerage_message import not_supported
from simulator.brokerages.brokerage_model import BrokerageModel, Refusal
from simulator.common.enums import BrokerageName, OrderType, SecurityType
from simulator.orders.fee_models import FeeModel, TastytradeFeeModel
from simulator.orders.order import Order
from simulator.securities.security import Security

_SECURITIES: Final = frozenset(
    {SecurityType.EQUITY, SecurityType.OPTION, SecurityType.INDEX_OPTION, SecurityType.FUTURE, SecurityType.FUTURE_OPTION}
)
_ORDERS: Final = (OrderType.MARKET, OrderType.LIMIT, OrderType.STOP_MARKET, OrderType.STOP_LIMIT, OrderType.COMBO_LIMIT)


class TastytradeBrokerageModel(BrokerageModel):
    """Mirrors TastytradeBrokerageModel: of the combos only limit orders, and these may not turn a position around."""

    _name: ClassVar = BrokerageName.TASTYTRADE
    _class_name: ClassVar = "TastytradeBrokerageModel"

    def get_fee_model(self, security: Security) -> FeeModel:
        """Tastytrade's fees."""
        del security
        return TastytradeFeeModel()

    def _refusal(self, security: Security, order: Order) -> Refusal:
        if security.type not in _SECURITIES:
            return self._unsupported_security(security)
        if order.type not in _ORDERS:
            return self._unsupported_order(order, _ORDERS)
        held = security.holdings._quantity
        if order.type is OrderType.COMBO_LIMIT and held * (held + order._quantity) < 0:
            return not_supported(
                "Order type 'ComboLimit' is not supported for orders that cross the zero holdings threshold in the TastytradeBrokerageModel."
                " This means you cannot change a position from positive to negative or vice versa using this order type."
                " Please close the existing position first."
            )
        return super()._refusal(security, order)
