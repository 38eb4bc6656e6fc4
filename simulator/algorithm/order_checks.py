"""What is checked before a request becomes an order (QCAlgorithm.PreOrderChecksImpl); a refusal has no order id and no event."""

from typing import TYPE_CHECKING, Any, Final

from simulator.common.enums import AlgorithmStatus, OptionStyle, OrderResponseErrorCode, OrderType, Resolution, SecurityType
from simulator.common.security_identifier import is_option
from simulator.common.symbol import Symbol
from simulator.common.system_exceptions import ArgumentException, InvalidOperationException
from simulator.common.time_zone import local_date, midnight_utc, to_utc
from simulator.data.security_exchange_hours import SecurityExchangeHours
from simulator.orders.order import MarketOnCloseOrder, pascal_case
from simulator.orders.order_request import SubmitOrderRequest
from simulator.orders.order_response import OrderResponse
from simulator.results.net_number import decimal_text
from simulator.securities.order_sizing import zero_price_message

if TYPE_CHECKING:
    from simulator.securities.option import Option
    from simulator.securities.security import Security

_FUTURES = frozenset({SecurityType.FUTURE, SecurityType.FUTURE_OPTION})

Refusal = tuple[OrderResponseErrorCode, str]

UNLIMITED_ORDERS: Final = 2**31 - 1
"""Controls.BacktestingMaxOrders: what a backtest's algorithm may send, whatever it asked for."""


def is_within_close_buffer(security: "Security") -> bool:
    """Whether it is too late for a market-on-close order of this session."""
    hours = security.exchange.hours
    if hours.is_market_always_open:
        return False
    latest = hours.get_next_market_close(security.local_time, False) - MarketOnCloseOrder.submission_time_buffer
    return security._utc > to_utc(latest, security._time_zone)


class OrderChecks:
    """The checks in LEAN's order.

    Attributes:
        maximum_orders: more orders stop the algorithm.
    """

    def __init__(self, algorithm: Any) -> None:
        self._algorithm = algorithm
        self.maximum_orders = UNLIMITED_ORDERS

    def check(self, request: SubmitOrderRequest) -> OrderResponse:
        """The refusal, told to the algorithm's log, or success."""
        response = self._response(request)
        if response.is_error:
            self._algorithm.error(response.error_message)
        return response

    def hours_of(self, symbol: Symbol) -> SecurityExchangeHours | None:
        """Hours of a symbol that is not subscribed, None when the algorithm has no data folder."""
        folder = getattr(self._algorithm, "_engine_folder", None)
        return None if folder is None else folder.market_hours.hours_of(symbol)

    def _response(self, request: SubmitOrderRequest) -> OrderResponse:
        if self._algorithm.is_warming_up:
            return OrderResponse.warming_up(request)
        security = self._algorithm.securities._try_get(request.symbol)
        if security is None:
            return OrderResponse.missing_security(request)
        if not request._quantity:
            return OrderResponse.zero_quantity(request)
        for check in (
            self._security_refusal,
            self._price_refusal,
            self._count_refusal,
            self._exercise_refusal,
            self._session_refusal,
            self._split_refusal,
        ):
            refusal = check(request, security)
            if refusal is not None:
                return OrderResponse.error(request, *refusal)
        return OrderResponse.success(request)

    def _security_refusal(self, request: SubmitOrderRequest, security: "Security") -> Refusal | None:
        lot, quantity = security.symbol_properties._lot_size, abs(request._quantity)
        kind = pascal_case(request.order_type.name)
        if quantity < lot:
            text = f"quantity ({decimal_text(quantity)}) is less than lot size ({decimal_text(lot)})"
            return (
                OrderResponseErrorCode.ORDER_QUANTITY_LESS_THAN_LOT_SIZE,
                f"Unable to submit order with id {request.order_id} which {text}.",
            )
        if not security.is_tradable:
            return OrderResponseErrorCode.NON_TRADABLE_SECURITY, f"The security with symbol '{request.symbol}' is marked as non-tradable."
        if request.order_type is OrderType.OPTION_EXERCISE and not security.exchange.exchange_open:
            return OrderResponseErrorCode.EXCHANGE_NOT_OPEN, f"{kind} order and exchange not open."
        if security.type in _FUTURES and request.order_type is OrderType.MARKET_ON_OPEN:
            self._algorithm._engine_tell_once("futures-on-open", _FUTURES_ON_OPEN_WARNING)
            return OrderResponseErrorCode.EXCHANGE_NOT_OPEN, f"{kind} orders not supported for {pascal_case(security.type.name)}."
        return None

    @staticmethod
    def _price_refusal(request: SubmitOrderRequest, security: "Security") -> Refusal | None:
        del request
        if not security._price:
            return OrderResponseErrorCode.SECURITY_PRICE_ZERO, zero_price_message(security)
        if not security.has_data:
            return OrderResponseErrorCode.SECURITY_HAS_NO_DATA, _NO_DATA
        return None

    def _count_refusal(self, request: SubmitOrderRequest, security: "Security") -> Refusal | None:
        del request, security
        if self._algorithm.transactions.orders_count <= self.maximum_orders:
            return None
        self._algorithm.status = AlgorithmStatus.STOPPED
        text = f"You have exceeded maximum number of orders ({self.maximum_orders}), for unlimited orders upgrade your account."
        return OrderResponseErrorCode.EXCEEDED_MAXIMUM_ORDERS, text

    def _exercise_refusal(self, request: SubmitOrderRequest, security: "Security") -> Refusal | None:
        if request.order_type is not OrderType.OPTION_EXERCISE:
            return None
        name = f"'{request.symbol}'"
        if not is_option(security.type):
            return OrderResponseErrorCode.NON_EXERCISABLE_SECURITY, f"The security with symbol {name} is not exercisable."
        if self._is_european_before_expiry(security._as_option()):
            text = f"Cannot exercise European style option with symbol {name} before its expiration date."
            return OrderResponseErrorCode.EUROPEAN_OPTION_NOT_EXPIRED_ON_EXERCISE, text
        held = security.holdings._quantity
        if held < 0:
            text = f"The security with symbol {name} has a short option position. Only long option positions are exercisable."
            return OrderResponseErrorCode.UNSUPPORTED_REQUEST_TYPE, text
        if abs(request._quantity) > held:
            text = f"Cannot exercise more contracts of {name} than is currently available in the portfolio. "
            return OrderResponseErrorCode.UNSUPPORTED_REQUEST_TYPE, text
        return None

    @staticmethod
    def _is_european_before_expiry(option: "Option") -> bool:
        if option.style is not OptionStyle.EUROPEAN:
            return False
        expiry = local_date(midnight_utc(option.expiry.date(), option._time_zone), "UTC")
        return local_date(option._utc, "UTC") < expiry

    def _session_refusal(self, request: SubmitOrderRequest, security: "Security") -> Refusal | None:
        kind = request.order_type
        if kind is OrderType.COMBO_MARKET and request._limit_price:
            raise ArgumentException("Can not set a limit price using market combo orders")
        if kind not in {OrderType.MARKET_ON_OPEN, OrderType.MARKET_ON_CLOSE}:
            return None
        name = pascal_case(kind.name)
        if security.exchange.hours.is_market_always_open:
            raise InvalidOperationException(f"Market never closes for this symbol {security.symbol}, can no submit a {name} order.")
        if kind is OrderType.MARKET_ON_OPEN:
            own = [subscription for subscription in security._subscriptions if not subscription.is_internal]
            daily = bool(own) and all(subscription.resolution is Resolution.DAILY for subscription in own)
            if security.exchange.exchange_open and not daily:
                text = f"Cannot submit a {name} order while the market is open."
                return OrderResponseErrorCode.MARKET_ON_OPEN_NOT_ALLOWED_DURING_REGULAR_HOURS, text
            return None
        return (OrderResponseErrorCode.MARKET_ON_CLOSE_ORDER_TOO_LATE, _TOO_LATE) if is_within_close_buffer(security) else None

    def _split_refusal(self, request: SubmitOrderRequest, security: "Security") -> Refusal | None:
        del security
        if not is_option(request.security_type) or not self._algorithm._engine_slice_events:
            return None
        if request.symbol.underlying not in self._algorithm.current_slice.splits:
            return None
        self._algorithm._engine_tell_once("option-on-split", f"Warning: {_SPLIT}")
        return OrderResponseErrorCode.OPTION_ORDER_ON_STOCK_SPLIT, _SPLIT


_FUTURES_ON_OPEN_WARNING = "Warning: Market-On-Open orders are not allowed for futures and future options. Consider using limit orders during extended market hours."
_NO_DATA = "There is no data for this symbol yet, please check the security.HasData flag to ensure there is at least one data point."
_TOO_LATE = (
    "MarketOnClose orders must be placed within 00:15:30 before market close. Override this TimeSpan buffer by setting"
    " Orders.MarketOnCloseOrder.SubmissionTimeBuffer in QCAlgorithm.Initialize()."
)
_SPLIT = "Options orders are not allowed when a split occurred for its underlying stock"
