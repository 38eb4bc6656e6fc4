"""How long an order stays alive (Common/Orders/TimeInForce*.cs) and the properties that carry it."""

import copy
from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING, ClassVar

from simulator.common.time_zone import to_local

if TYPE_CHECKING:
    from simulator.orders.order import Order
    from simulator.orders.order_event import OrderEvent
    from simulator.securities.security import Security


class TimeInForce:
    """Base of the lifetimes; the shared instances are `TimeInForce.GOOD_TIL_CANCELED` and `TimeInForce.DAY`."""

    GOOD_TIL_CANCELED: ClassVar["TimeInForce"]
    DAY: ClassVar["TimeInForce"]
    GOOD_TIL_DATE: ClassVar[Callable[[date], "TimeInForce"]]

    def is_order_expired(self, security: "Security", order: "Order") -> bool:
        """Whether the order is to be cancelled now."""
        raise NotImplementedError

    def is_fill_valid(self, security: "Security", order: "Order", fill: "OrderEvent") -> bool:
        """Whether the fill may be applied; LEAN's own lifetimes never refuse one."""
        del security, order, fill
        return True


class GoodTilCanceledTimeInForce(TimeInForce):
    """Alive until filled or cancelled."""

    def is_order_expired(self, security: "Security", order: "Order") -> bool:
        """Never."""
        del security, order
        return False


class DayTimeInForce(TimeInForce):
    """Alive until the last regular close of the day of the order."""

    def is_order_expired(self, security: "Security", order: "Order") -> bool:
        """From that close on."""
        hours = security.exchange.hours
        ordered = to_local(order._time, security._time_zone)
        return bool(security.local_time >= hours.get_last_daily_market_close(ordered, False))


class GoodTilDateTimeInForce(TimeInForce):
    """Alive until the last regular close of a date."""

    def __init__(self, expiry: date) -> None:
        self.expiry = expiry if isinstance(expiry, datetime) else datetime(expiry.year, expiry.month, expiry.day)  # noqa: DTZ001 - local dates are naive

    def is_order_expired(self, security: "Security", order: "Order") -> bool:
        """From that close on."""
        del order
        midnight = self.expiry.replace(hour=0, minute=0, second=0, microsecond=0)
        return bool(security.local_time >= security.exchange.hours.get_last_daily_market_close(midnight, False))


TimeInForce.GOOD_TIL_CANCELED = GoodTilCanceledTimeInForce()
TimeInForce.DAY = DayTimeInForce()
TimeInForce.GOOD_TIL_DATE = GoodTilDateTimeInForce


class OrderProperties:
    """Settings of an order beyond price and quantity; only the time in force has an effect in a backtest."""

    def __init__(self) -> None:
        self.time_in_force: TimeInForce = TimeInForce.GOOD_TIL_CANCELED
        self.exchange: object = None

    def clone(self) -> "OrderProperties":
        """A copy."""
        return copy.copy(self)


class TastytradeOrderProperties(OrderProperties):
    """Tastytrade has no further properties."""


class InteractiveBrokersOrderProperties(OrderProperties):
    """Properties Interactive Brokers knows; without effect in a backtest."""

    def __init__(self) -> None:
        super().__init__()
        self.account = ""
        self.fa_group = ""
        self.fa_method = ""
        self.fa_percentage = 0
        self.fa_profile = ""
        self.outside_regular_trading_hours = False
