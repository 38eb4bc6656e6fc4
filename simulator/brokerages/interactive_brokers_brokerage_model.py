"""Interactive Brokers (Common/Brokerages/InteractiveBrokersBrokerageModel.cs)."""

from datetime import timedelta
from typing import ClassVar, Final

from simulator.brokerages.brokerage_message import BrokerageMessageEvent, not_supported
from simulator.brokerages.brokerage_model import BrokerageModel, Refusal
from simulator.common.enums import BrokerageMessageType, BrokerageName, MarketHoursState, OrderType, SecurityType, SettlementType
from simulator.orders.fee_models import FeeModel, InteractiveBrokersFeeModel
from simulator.orders.order import Order, pascal_case
from simulator.securities.option import Option
from simulator.securities.security import Security

_SECURITIES: Final = frozenset(
    {
        SecurityType.EQUITY,
        SecurityType.OPTION,
        SecurityType.FUTURE,
        SecurityType.FUTURE_OPTION,
        SecurityType.INDEX,
        SecurityType.INDEX_OPTION,
    }
)
_MARKET_ON_CLOSE: Final = frozenset({SecurityType.FUTURE, SecurityType.EQUITY})
_MARKET_ON_OPEN: Final = frozenset({SecurityType.EQUITY, SecurityType.OPTION, SecurityType.FUTURE_OPTION, SecurityType.INDEX_OPTION})
_BEFORE_OPEN: Final = timedelta(minutes=2)


class InteractiveBrokersBrokerageModel(BrokerageModel):
    """Mirrors InteractiveBrokersBrokerageModel."""

    _name: ClassVar = BrokerageName.INTERACTIVE_BROKERS_BROKERAGE
    _class_name: ClassVar = "InteractiveBrokersBrokerageModel"

    def get_fee_model(self, security: Security) -> FeeModel:
        """Interactive Brokers' fees."""
        del security
        return InteractiveBrokersFeeModel()

    def _get_benchmark_ticker(self) -> str | None:
        """None: the benchmark is constant zero."""
        return None

    def _refusal(self, security: Security, order: Order) -> Refusal:
        if order.type is OrderType.MARKET_ON_CLOSE and security.type not in _MARKET_ON_CLOSE:
            return BrokerageMessageEvent(
                BrokerageMessageType.WARNING,
                f"Unsupported order type for {pascal_case(security.type.name)} security type",
                "InteractiveBrokers does not support Market-on-Close orders for other security types different than Future and Equity.",
            )
        if order.type is OrderType.MARKET_ON_OPEN:
            refusal = _market_on_open_refusal(security)
            if refusal is not None:
                return refusal
        group = order.group_order_manager
        if order.type is OrderType.COMBO_LEG_LIMIT and group is not None and group.count >= 4:
            return not_supported(
                f"The {self._class_name} does not support four-leg ComboLegLimit orders."
                " Use ComboLimit orders for four-leg combinations or more."
            )
        if security.type not in _SECURITIES:
            return self._unsupported_security(security)
        if order.type is OrderType.OPTION_EXERCISE and _is_settled_in_cash(security):
            return not_supported(f"The {self._class_name} does not support OptionExercise exercises for index and cash-settled options.")
        return None


def _is_settled_in_cash(security: Security) -> bool:
    return isinstance(security, Option) and security.exercise_settlement is SettlementType.CASH


def _market_on_open_refusal(security: Security) -> Refusal:
    """ValidateMarketOnOpenOrder: from the regular close to two minutes before the open, over midnight."""
    if security.type not in _MARKET_ON_OPEN:
        message = f"The broker does not support Market-on-Open orders for security type {pascal_case(security.type.name)}"
        return BrokerageMessageEvent(BrokerageMessageType.WARNING, "UnsupportedSecurityType", message)
    now = security.local_time
    segments = security.exchange.hours.get_market_hours(now).segments
    session = next((segment for segment in segments if segment.state is MarketHoursState.MARKET), None)
    if session is None:
        return None
    time_of_day = timedelta(hours=now.hour, minutes=now.minute, seconds=now.second, microseconds=now.microsecond)
    start, end = session.end, session.start - _BEFORE_OPEN
    inside = start <= time_of_day < end if start <= end else time_of_day >= start or time_of_day < end
    return (
        None
        if inside
        else not_supported(
            f"MarketOnOpen submission time is invalid. Valid local times are {_twelve_hours(start)}\u2013{_twelve_hours(end)}."
            " Consider setting daily_precise_end_time = false or using self.schedule.on."
        )
    )


def _twelve_hours(time_of_day: timedelta) -> str:
    """LEAN's format " hh:mm", which does not tell morning from afternoon."""
    hours, minutes = divmod(int(time_of_day.total_seconds()) // 60, 60)
    return f" {hours % 12 or 12:02}:{minutes:02}"
