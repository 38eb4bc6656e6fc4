"""What a brokerage allows, charges and lends (Common/Brokerages/DefaultBrokerageModel.cs): the base of the others."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, ClassVar, Final

from simulator.brokerages.brokerage_message import BrokerageMessageEvent, not_supported
from simulator.common.bars import Split
from simulator.common.enums import AccountType, BrokerageMessageType, BrokerageName, OrderField, OrderType, SecurityType
from simulator.orders.decimals import ONE, to_price
from simulator.orders.equity_fill_model import EquityFillModel
from simulator.orders.fee_models import ConstantFeeModel, FeeModel, InteractiveBrokersFeeModel
from simulator.orders.fill_model import FillModel, ImmediateFillModel
from simulator.orders.future_fill_model import FutureFillModel, FutureOptionFillModel
from simulator.orders.order import Order, pascal_case
from simulator.orders.order_extensions import OrderExtensions
from simulator.orders.order_request import UpdateOrderRequest
from simulator.orders.order_ticket import OrderTicket
from simulator.orders.slippage_models import NullSlippageModel
from simulator.securities.future_margin_model import FutureMarginModel, FuturesOptionsMarginModel
from simulator.securities.margin_model import BuyingPowerModel, SecurityMarginModel
from simulator.securities.option import FutureOption
from simulator.securities.option_margin_model import OptionMarginModel
from simulator.securities.security import Security
from simulator.securities.settlement import DelayedSettlementModel, FutureSettlementModel, ImmediateSettlementModel

_TWO: Final = Decimal(2)
_FUTURES: Final = frozenset({SecurityType.FUTURE, SecurityType.FUTURE_OPTION})
_FEES_OF_INTERACTIVE_BROKERS: Final = frozenset({SecurityType.EQUITY, SecurityType.OPTION, SecurityType.FUTURE, SecurityType.FUTURE_OPTION})
_DELAYED: Final = frozenset({SecurityType.EQUITY, SecurityType.OPTION})

Refusal = BrokerageMessageEvent | None
"""Why an order is refused; None allows it."""


class BrokerageModel:
    """Mirrors IBrokerageModel and DefaultBrokerageModel: LEAN's default account."""

    _name: ClassVar[BrokerageName] = BrokerageName.DEFAULT
    _class_name: ClassVar[str] = "DefaultBrokerageModel"

    account_type = AccountType.MARGIN

    def __init__(self, account_type: AccountType = AccountType.MARGIN) -> None:
        self.account_type = account_type

    # What is allowed

    def _refusal(self, security: Security, order: Order) -> Refusal:
        """CanSubmitOrder: None when the order may be sent."""
        if security.type in _FUTURES and order.type is OrderType.MARKET_ON_OPEN:
            return not_supported("MarketOnOpen orders are not supported for futures and future options.")
        return None

    def _update_refusal(self, security: Security, order: Order, request: UpdateOrderRequest) -> Refusal:
        """CanUpdateOrder: None when the order may be changed."""
        del security, order, request
        return None

    def can_submit_order(self, security: Security, order: Order, message: Refusal = None) -> tuple[bool, Refusal]:
        """Whether the order may be sent, and why not; a model of the algorithm may override this."""
        del message
        refusal = self._refusal(security, order)
        return refusal is None, refusal

    def can_update_order(
        self, security: Security, order: Order, request: UpdateOrderRequest, message: Refusal = None
    ) -> tuple[bool, Refusal]:
        """Whether the order may be changed, and why not; a model of the algorithm may override this."""
        del message
        refusal = self._update_refusal(security, order, request)
        return refusal is None, refusal

    def _why_not_submitted(self, security: Security, order: Order) -> Refusal:
        """BrokerageModelPythonWrapper.CanSubmitOrder: an answer without a reason gets LEAN's own."""
        unexplained = BrokerageMessageEvent(BrokerageMessageType.WARNING, "InvalidOrder", "")
        return _refusal_of(self.can_submit_order(security, order, None), unexplained)

    def _why_not_updated(self, security: Security, order: Order, request: UpdateOrderRequest) -> Refusal:
        """The same for CanUpdateOrder."""
        text = f"BrokerageModel declared unable to update order: {order.id}"
        unexplained = BrokerageMessageEvent(BrokerageMessageType.WARNING, "InvalidRequest", text)
        return _refusal_of(self.can_update_order(security, order, request, None), unexplained)

    def can_execute_order(self, security: Security, order: Order) -> bool:
        """Whether the order may fill now."""
        del security, order
        return True

    def _apply_split(self, tickets: Sequence[OrderTicket], split: Split) -> None:
        """Open orders keep their notional value: quantities are divided by the factor (to whole units), prices multiplied."""
        factor = split._split_factor
        for ticket in tickets:
            terms = {name: ticket.get(field) for name, field in _SPLIT_PRICES if _has_price(ticket, field)}
            ticket._update(quantity=int(ticket._quantity / factor), **{name: to_price(price) * factor for name, price in terms.items()})

    def _unsupported_security(self, security: Security) -> BrokerageMessageEvent:
        return not_supported(f"The {self._class_name} does not support {pascal_case(security.type.name)} security type.")

    def _unsupported_order(self, order: Order, supported: tuple[OrderType, ...]) -> BrokerageMessageEvent:
        names = ",".join(pascal_case(kind.name) for kind in supported)
        return not_supported(f"The {self._class_name} does not support {pascal_case(order.type.name)} order type. Only supports [{names}]")

    # The models of a security

    def get_leverage(self, security: Security) -> Decimal:
        """Leverage: 2 for shares in a margin account, else 1."""
        return _TWO if self.account_type is AccountType.MARGIN and security.type is SecurityType.EQUITY else ONE

    def _get_benchmark_ticker(self) -> str | None:
        """Ticker of the default benchmark; None compares with nothing."""
        return "SPY"

    def get_fill_model(self, security: Security) -> FillModel:
        """How orders fill."""
        match security.type:
            case SecurityType.EQUITY:
                return EquityFillModel()
            case SecurityType.FUTURE:
                return FutureFillModel()
            case SecurityType.FUTURE_OPTION:
                return FutureOptionFillModel()
            case _:
                return ImmediateFillModel()

    def get_fee_model(self, security: Security) -> FeeModel:
        """What fills cost; index options are free."""
        return InteractiveBrokersFeeModel() if security.type in _FEES_OF_INTERACTIVE_BROKERS else ConstantFeeModel(0)

    def get_slippage_model(self, security: Security) -> NullSlippageModel:
        """None."""
        del security
        return NullSlippageModel()

    def get_settlement_model(self, security: Security) -> ImmediateSettlementModel:
        """When proceeds arrive."""
        if self.account_type is AccountType.CASH and security.type in _DELAYED:
            return DelayedSettlementModel(1, timedelta(hours=6))
        return FutureSettlementModel() if security.type is SecurityType.FUTURE else ImmediateSettlementModel()

    def get_buying_power_model(self, security: Security) -> BuyingPowerModel:
        """The margin rule."""
        if security.type is SecurityType.FUTURE:
            return FutureMarginModel(security)
        if isinstance(security, FutureOption):
            return FuturesOptionsMarginModel(security)
        if security.type in {SecurityType.OPTION, SecurityType.INDEX_OPTION}:
            return OptionMarginModel()
        return SecurityMarginModel(self.get_leverage(security))


def _refusal_of(answer: Any, unexplained: BrokerageMessageEvent) -> Refusal:
    """Why an answer of `can_submit_order` or `can_update_order` says no: a bool, or a bool with a message."""
    allowed, message = answer if isinstance(answer, tuple) else (answer, None)
    return None if allowed else message or unexplained


_SPLIT_PRICES: Final = (
    ("limit_price", OrderField.LIMIT_PRICE),
    ("stop_price", OrderField.STOP_PRICE),
    ("trigger_price", OrderField.TRIGGER_PRICE),
    ("trailing_amount", OrderField.TRAILING_AMOUNT),
)


def _has_price(ticket: OrderTicket, field: OrderField) -> bool:
    kind = ticket.order_type
    match field:
        case OrderField.LIMIT_PRICE:
            return OrderExtensions.is_limit_order(kind)
        case OrderField.STOP_PRICE:
            return OrderExtensions.is_stop_order(kind)
        case OrderField.TRIGGER_PRICE:
            return kind is OrderType.LIMIT_IF_TOUCHED
        case _:
            return kind is OrderType.TRAILING_STOP and not ticket.get(OrderField.TRAILING_AS_PERCENTAGE)


class DefaultBrokerageModel(BrokerageModel):
    """Mirrors DefaultBrokerageModel."""
