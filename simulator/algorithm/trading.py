"""Orders of an algorithm (QCAlgorithm.Trading.cs)."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from simulator.algorithm.combo_trading import ComboTradingMixin
from simulator.algorithm.order_checks import is_within_close_buffer
from simulator.algorithm.order_submission import Properties
from simulator.common.enums import OrderDirection, OrderType, Resolution, SecurityType
from simulator.common.security_identifier import is_option
from simulator.common.system_exceptions import InvalidCastException
from simulator.orders.decimals import ZERO, to_price, to_quantity
from simulator.orders.order import pascal_case
from simulator.orders.order_ticket import OrderTicket
from simulator.orders.priced_orders import trailing_stop_price
from simulator.orders.time_in_force import GoodTilDateTimeInForce, TimeInForce
from simulator.securities.option_strategy import OptionStrategy

if TYPE_CHECKING:
    from simulator.securities.security import Security

_FUTURES = frozenset({SecurityType.FUTURE, SecurityType.FUTURE_OPTION})


class TradingMixin(ComboTradingMixin):
    """The trading part of QCAlgorithm: orders are checked here, then go to the transaction handler before the call returns."""

    # Orders of one security

    def market_order(
        self, symbol: Any, quantity: Any, asynchronous: bool = False, tag: str = "", order_properties: Properties = None
    ) -> OrderTicket:
        """At the market; on a closed exchange at its next open, on daily data at the close. Futures and their options are sent as they are."""
        security = self._engine_security_for_order(symbol)
        arguments = (security.symbol, quantity, asynchronous, tag, order_properties)
        if security.type not in _FUTURES:
            if not security.exchange.exchange_open:
                return self._engine_converted(self.market_on_open_order(*arguments), _MARKET_ON_OPEN_WARNING)
            if not security.exchange.hours.is_market_always_open and _is_daily_only(security):
                late = is_within_close_buffer(security)
                ticket = self.market_on_open_order(*arguments) if late else self.market_on_close_order(*arguments)
                return self._engine_converted(ticket, _DAILY_WARNING)
        return self._engine_submit(self._engine_request(OrderType.MARKET, security, quantity, tag, order_properties, asynchronous))

    def _engine_converted(self, ticket: OrderTicket, warning: str) -> OrderTicket:
        if ticket.submit_request.response.is_success:
            self._engine_tell_once(warning, warning)
        return ticket

    def order(self, symbol: Any, quantity: Any, asynchronous: bool = False, tag: str = "", order_properties: Properties = None) -> Any:
        """Same as `market_order`; the legs of an option strategy are sent as a combo market order, for a list of tickets."""
        if isinstance(symbol, OptionStrategy):
            return self._engine_submit_combo(symbol._legs, quantity, ZERO, asynchronous, tag, order_properties)
        return self.market_order(symbol, quantity, asynchronous, tag, order_properties)

    def buy(self, symbol: Any, quantity: Any, asynchronous: bool = False, tag: str = "", order_properties: Properties = None) -> Any:
        """A market order that buys a symbol or an option strategy."""
        return self.order(symbol, abs(to_quantity(quantity)), asynchronous, tag, order_properties)

    def sell(self, symbol: Any, quantity: Any, asynchronous: bool = False, tag: str = "", order_properties: Properties = None) -> Any:
        """A market order that sells a symbol or an option strategy."""
        return self.order(symbol, -abs(to_quantity(quantity)), asynchronous, tag, order_properties)

    def market_on_open_order(
        self, symbol: Any, quantity: Any, asynchronous: bool = False, tag: str = "", order_properties: Properties = None
    ) -> OrderTicket:
        """At the next open."""
        return self._engine_at_session_end(OrderType.MARKET_ON_OPEN, symbol, quantity, asynchronous, tag, order_properties)

    def market_on_close_order(
        self, symbol: Any, quantity: Any, asynchronous: bool = False, tag: str = "", order_properties: Properties = None
    ) -> OrderTicket:
        """At the next close; not in the last 15.5 minutes before it."""
        return self._engine_at_session_end(OrderType.MARKET_ON_CLOSE, symbol, quantity, asynchronous, tag, order_properties)

    def _engine_at_session_end(
        self, kind: OrderType, symbol: Any, quantity: Any, asynchronous: bool, tag: str, order_properties: Properties
    ) -> OrderTicket:
        properties = order_properties or self.default_order_properties.clone()
        if isinstance(properties.time_in_force, GoodTilDateTimeInForce):
            properties.time_in_force = TimeInForce.GOOD_TIL_CANCELED
            self._engine_tell_once("good-til-date", _GOOD_TIL_DATE_WARNING)
        return self._engine_submit(
            self._engine_request(kind, self._engine_security_for_order(symbol), quantity, tag, properties, asynchronous)
        )

    def limit_order(
        self, symbol: Any, quantity: Any, limit_price: Any, asynchronous: bool = False, tag: str = "", order_properties: Properties = None
    ) -> OrderTicket:
        """At the limit or better."""
        security = self._engine_security_for_order(symbol)
        return self._engine_submit(
            self._engine_request(OrderType.LIMIT, security, quantity, tag, order_properties, asynchronous, limit_price=limit_price)
        )

    def stop_market_order(
        self, symbol: Any, quantity: Any, stop_price: Any, asynchronous: bool = False, tag: str = "", order_properties: Properties = None
    ) -> OrderTicket:
        """At the market once the stop is reached."""
        security = self._engine_security_for_order(symbol)
        return self._engine_submit(
            self._engine_request(OrderType.STOP_MARKET, security, quantity, tag, order_properties, asynchronous, stop_price=stop_price)
        )

    def stop_limit_order(
        self,
        symbol: Any,
        quantity: Any,
        stop_price: Any,
        limit_price: Any,
        asynchronous: bool = False,
        tag: str = "",
        order_properties: Properties = None,
    ) -> OrderTicket:
        """At the limit or better once the stop is reached."""
        security = self._engine_security_for_order(symbol)
        prices = {"stop_price": stop_price, "limit_price": limit_price}
        return self._engine_submit(
            self._engine_request(OrderType.STOP_LIMIT, security, quantity, tag, order_properties, asynchronous, **prices)
        )

    def limit_if_touched_order(
        self,
        symbol: Any,
        quantity: Any,
        trigger_price: Any,
        limit_price: Any,
        asynchronous: bool = False,
        tag: str = "",
        order_properties: Properties = None,
    ) -> OrderTicket:
        """At the limit or better once the trigger is touched."""
        security = self._engine_security_for_order(symbol)
        prices = {"trigger_price": trigger_price, "limit_price": limit_price}
        return self._engine_submit(
            self._engine_request(OrderType.LIMIT_IF_TOUCHED, security, quantity, tag, order_properties, asynchronous, **prices)
        )

    def trailing_stop_order(
        self,
        symbol: Any,
        quantity: Any,
        *arguments: Any,
        **named: Any,
    ) -> OrderTicket:
        """A stop that follows the market: `[stop_price, ]trailing_amount, trailing_as_percentage[, asynchronous, tag, order_properties]`.

        Without a stop price it starts from the security's present price.
        """
        has_stop = "stop_price" in named or (len(arguments) + ("trailing_amount" in named) > 1 and not _is_flag(arguments, named))
        names = ("trailing_amount", "trailing_as_percentage", "asynchronous", "tag", "order_properties")
        given = dict(zip(("stop_price", *names) if has_stop else names, arguments, strict=False)) | named
        security = self._engine_security_for_order(symbol)
        trailing_amount, trailing_as_percentage = given["trailing_amount"], given["trailing_as_percentage"]
        asynchronous, tag, order_properties = given.get("asynchronous", False), given.get("tag", ""), given.get("order_properties")
        direction = OrderDirection.BUY if to_quantity(quantity) > 0 else OrderDirection.SELL
        stop = given.get("stop_price")
        if stop is None:
            stop = trailing_stop_price(security._price, to_price(trailing_amount), trailing_as_percentage, direction)
        terms = {"stop_price": stop, "trailing_amount": trailing_amount, "trailing_as_percentage": trailing_as_percentage}
        return self._engine_submit(
            self._engine_request(OrderType.TRAILING_STOP, security, quantity, tag, order_properties, asynchronous, **terms)
        )

    def exercise_option(
        self, option_symbol: Any, quantity: int, asynchronous: bool = False, tag: str = "", order_properties: Properties = None
    ) -> OrderTicket:
        """Exercise so many long contracts now.

        Raises:
            InvalidCastException: the symbol is none of an option.
        """
        security = self._engine_security_for_order(option_symbol)
        if not is_option(security.type):
            kind = pascal_case(security.type.name)
            raise InvalidCastException(
                f"Unable to cast object of type 'QuantConnect.Securities.{kind}.{kind}' to type 'QuantConnect.Securities.Option.Option'."
            )
        return self._engine_submit(
            self._engine_request(OrderType.OPTION_EXERCISE, security, -abs(quantity), tag, order_properties, asynchronous)
        )


def _is_flag(arguments: Sequence[Any], named: Mapping[str, Any]) -> bool:
    """Whether the second of a trailing stop's arguments is the percentage flag, so that none of them is a stop price."""
    return "trailing_amount" not in named and len(arguments) > 1 and isinstance(arguments[1], bool)


def _is_daily_only(security: "Security") -> bool:
    own = [subscription for subscription in security._subscriptions if not subscription.is_internal]
    return bool(own) and all(subscription.resolution is Resolution.DAILY for subscription in own)


_MARKET_ON_OPEN_WARNING = "Warning: market orders submitted while the market is closed are automatically converted into MarketOnOpen orders to fill at the next market open."
_DAILY_WARNING = (
    "Warning: market orders on daily resolution data sent during market hours are automatically converted into MarketOnClose orders"
    " (or MarketOnOpen near the close) to avoid filling at the stale previous close. Note: in live trading this conversion is not applied,"
    " as the order fills at the current market price."
)
_GOOD_TIL_DATE_WARNING = "Warning: Good-Til-Date Time-In-Force is not supported for MOO and MOC orders. The time-in-force will be reset to Good-Til-Canceled (GTC)."
