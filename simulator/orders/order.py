"""The order and its kinds without a price of their own (Common/Orders/*Order.cs); the others are in priced_orders.py and combo_order.py."""

import copy
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self

from simulator.common.enums import DataNormalizationMode, OrderDirection, OrderStatus, OrderType, SecurityType
from simulator.common.market import Currencies
from simulator.common.printable import Printable
from simulator.common.symbol import Symbol
from simulator.common.system_exceptions import ArgumentException
from simulator.common.time_zone import from_utc_datetime, utc_datetime
from simulator.orders.decimals import ZERO, to_quantity
from simulator.orders.group_order import GroupOrderManager
from simulator.orders.time_in_force import OrderProperties, TimeInForce
from simulator.results.net_number import decimal_text, normalize, smart_rounding

if TYPE_CHECKING:
    from simulator.orders.order_request import UpdateOrderRequest
    from simulator.securities.security import Security


class OrderSubmissionData(NamedTuple):
    """Mirrors OrderSubmissionData: the quote at submission."""

    bid_price: Decimal
    ask_price: Decimal
    last_price: Decimal


def to_instant(time: "datetime | int") -> int:
    """UTC microseconds of a time an algorithm or the engine gives."""
    return time if isinstance(time, int) else from_utc_datetime(time)


def _optional_time(utc: int | None) -> datetime | None:
    return None if utc is None else utc_datetime(utc)


class Order(Printable):
    """Mirrors Order: identity, quantity and state; `_`-names hold decimals and UTC microseconds."""

    type: ClassVar[OrderType]

    def __init__(
        self, symbol: Symbol, quantity: Any, time: "datetime | int" = 0, tag: str | None = "", properties: OrderProperties | None = None
    ) -> None:
        self._id = 0
        self.contingent_id = 0
        self.broker_id: list[str] = []
        self.symbol = symbol
        self._price = ZERO
        self.price_currency = ""
        self._time = to_instant(time)
        self._last_fill_time: int | None = None
        self._last_update_time: int | None = None
        self._canceled_time: int | None = None
        self._own_quantity = ZERO
        self.group_order_manager: GroupOrderManager | None = None
        self.status = OrderStatus.NONE
        self.tag = tag
        self.properties = properties if properties is not None else OrderProperties()
        self.order_submission_data: OrderSubmissionData | None = None
        self.price_adjustment_mode = DataNormalizationMode.RAW
        self._events = 0
        self._set_quantity(to_quantity(quantity))

    @property
    def id(self) -> int:
        """Number of the order, counted from 1 in order of submission."""
        return self._id

    def _set_id(self, order_id: int) -> None:
        self._id = order_id
        if order_id and self.group_order_manager is not None:
            self.group_order_manager._add(order_id)

    @property
    def _quantity(self) -> Decimal:
        return self._own_quantity

    def _set_quantity(self, quantity: Decimal) -> None:
        self._own_quantity = normalize(quantity)

    @property
    def quantity(self) -> float:
        """Signed quantity, negative sells."""
        return float(self._quantity)

    @property
    def absolute_quantity(self) -> float:
        """Quantity without sign."""
        return abs(float(self._quantity))

    @property
    def direction(self) -> OrderDirection:
        """Side of the order, by the sign of its quantity."""
        quantity = self._quantity
        if quantity > 0:
            return OrderDirection.BUY
        return OrderDirection.SELL if quantity < 0 else OrderDirection.HOLD

    @property
    def price(self) -> float:
        """Average fill price; the strike for an exercised option."""
        return float(self._price)

    def _set_price(self, price: Decimal) -> None:
        self._price = normalize(price)

    @property
    def _value(self) -> Decimal:
        return self._quantity * self._price

    @property
    def value(self) -> float:
        """Quantity times price."""
        return float(self._value)

    @property
    def time(self) -> datetime:
        """When the order was submitted, UTC."""
        return utc_datetime(self._time)

    @property
    def created_time(self) -> datetime:
        """The same as `time`."""
        return self.time

    @property
    def last_fill_time(self) -> datetime | None:
        """When it was last filled, UTC."""
        return _optional_time(self._last_fill_time)

    @property
    def last_update_time(self) -> datetime | None:
        """When an update was last accepted, UTC."""
        return _optional_time(self._last_update_time)

    @property
    def canceled_time(self) -> datetime | None:
        """When it was cancelled, UTC."""
        return _optional_time(self._canceled_time)

    @property
    def security_type(self) -> SecurityType:
        """Kind of the security."""
        return self.symbol.security_type

    @property
    def time_in_force(self) -> TimeInForce:
        """How long the order lives."""
        return self.properties.time_in_force

    @property
    def is_marketable(self) -> bool:
        """Whether the order could fill at the quote it was submitted at."""
        return self.type is OrderType.MARKET or self.type is OrderType.COMBO_MARKET

    def get_value(self, security: "Security") -> float:
        """Value of the order in account currency; limit orders use the worse of limit and price."""
        return float(self._get_value(security))

    def _get_value(self, security: "Security") -> Decimal:
        return self._unit_value(security) * security._conversion_rate * security.symbol_properties._contract_multiplier

    def _unit_value(self, security: "Security") -> Decimal:
        return self._quantity * security._price

    def _default_tag(self) -> str:
        return ""

    def _next_event_id(self) -> int:
        self._events += 1
        return self._events

    def _apply_update(self, request: "UpdateOrderRequest") -> None:
        if request.order_id != self.id:
            raise ArgumentException("Attempted to apply updates to the incorrect order!")
        if request._quantity is not None:
            self._set_quantity(request._quantity)
        if request.tag is not None:
            self.tag = request.tag

    def clone(self) -> Self:
        """A copy that later changes of the order do not reach."""
        twin = copy.copy(self)
        twin.broker_id = list(self.broker_id)
        twin.properties = self.properties.clone()
        return twin

    def __str__(self) -> str:
        tag = f": {self.tag}" if self.tag else ""
        unit = "unit" if self._quantity == 1 else "units"
        return (
            f"OrderId: {self.id} (BrokerId: {','.join(self.broker_id)}) {pascal_case(self.status.name)} {pascal_case(self.type.name)} order"
            f" for {normalize(self._quantity):f} {unit} of {self.symbol}{tag}{self._price_text()}"
        )

    def _price_text(self) -> str:
        return ""

    def _money(self, price: Decimal) -> str:
        return f"{Currencies.get_currency_symbol(self.price_currency)}{decimal_text(smart_rounding(price))}"


def pascal_case(name: str) -> str:
    """LEAN's own spelling of an enum member: PARTIALLY_FILLED becomes PartiallyFilled."""
    return "".join(part.capitalize() for part in name.split("_"))


class MarketOrder(Order):
    """Fill at once at the market."""

    type = OrderType.MARKET


class MarketOnOpenOrder(Order):
    """Fill at the next open."""

    type = OrderType.MARKET_ON_OPEN


class MarketOnCloseOrder(Order):
    """Fill at the next close.

    Attributes:
        submission_time_buffer: how long before the close the last order is taken; an algorithm may change it.
    """

    type = OrderType.MARKET_ON_CLOSE
    DEFAULT_SUBMISSION_TIME_BUFFER: ClassVar[timedelta] = timedelta(minutes=15, seconds=30)
    submission_time_buffer: ClassVar[timedelta] = DEFAULT_SUBMISSION_TIME_BUFFER


class OptionExerciseOrder(Order):
    """Exercise, assignment or expiry of an option; the quantity is what is taken out of the position."""

    type = OrderType.OPTION_EXERCISE

    def _unit_value(self, security: "Security") -> Decimal:
        exercised: Decimal = security._exercise_quantity(self._quantity)  # type: ignore[attr-defined]  # exercise orders are for options
        return exercised * self._price / security.symbol_properties._contract_multiplier
