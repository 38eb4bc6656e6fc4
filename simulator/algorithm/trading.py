"""Orders of an algorithm (QCAlgorithm.Trading.cs)."""

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from simulator.algorithm.order_checks import OrderChecks, is_within_close_buffer
from simulator.common.enums import OrderDirection, OrderType, Resolution, SecurityType
from simulator.common.market import Market
from simulator.common.security_identifier import is_option
from simulator.common.symbol import Symbol
from simulator.common.symbol_cache import SymbolCache
from simulator.common.system_exceptions import ArgumentException, InvalidOperationException
from simulator.orders.decimals import ZERO, to_price, to_quantity
from simulator.orders.group_order import GroupOrderManager, Leg, greatest_common_divisor
from simulator.orders.order_request import SubmitOrderRequest
from simulator.orders.order_ticket import OrderTicket
from simulator.orders.priced_orders import trailing_stop_price
from simulator.orders.time_in_force import GoodTilDateTimeInForce, OrderProperties, TimeInForce
from simulator.securities.option_expiry import is_contract_expired

if TYPE_CHECKING:
    from simulator.orders.transaction_manager import SecurityTransactionManager
    from simulator.securities.portfolio import SecurityPortfolioManager
    from simulator.securities.security import Security
    from simulator.securities.security_manager import SecurityManager

Properties = OrderProperties | None

_FUTURES = frozenset({SecurityType.FUTURE, SecurityType.FUTURE_OPTION})


class TradingMixin:
    """The trading part of QCAlgorithm: orders are checked here, then go to the transaction handler before the call returns."""

    if TYPE_CHECKING:
        _utc: int
        securities: SecurityManager
        portfolio: SecurityPortfolioManager
        transactions: SecurityTransactionManager
        settings: Any
        debug: Any
        error: Any
        add_security: Any
        get_last_known_prices: Any

    def _initialize_trading(self) -> None:
        self.default_order_properties = OrderProperties()
        self._order_checks = OrderChecks(self)
        self._told: set[str] = set()

    def _tell_once(self, key: str, message: str) -> None:
        if key not in self._told:
            self._told.add(key)
            self.debug(message)

    def set_maximum_orders(self, max: int) -> None:
        """Limits the number of orders."""
        self._order_checks.maximum_orders = max

    # Orders of one security

    def market_order(
        self, symbol: Any, quantity: Any, asynchronous: bool = False, tag: str = "", order_properties: Properties = None
    ) -> OrderTicket:
        """At the market; on a closed exchange at its next open, on daily data at the close. Futures and their options are sent as they are."""
        security = self._security_for_order(symbol)
        arguments = (security.symbol, quantity, asynchronous, tag, order_properties)
        if security.type not in _FUTURES:
            if not security.exchange.exchange_open:
                return self._converted(self.market_on_open_order(*arguments), _MARKET_ON_OPEN_WARNING)
            if not security.exchange.hours.is_market_always_open and _is_daily_only(security):
                late = is_within_close_buffer(security)
                ticket = self.market_on_open_order(*arguments) if late else self.market_on_close_order(*arguments)
                return self._converted(ticket, _DAILY_WARNING)
        return self._submit(self._request(OrderType.MARKET, security, quantity, tag, order_properties, asynchronous))

    def _converted(self, ticket: OrderTicket, warning: str) -> OrderTicket:
        if ticket.submit_request.response.is_success:
            self._tell_once(warning, warning)
        return ticket

    def order(
        self, symbol: Any, quantity: Any, asynchronous: bool = False, tag: str = "", order_properties: Properties = None
    ) -> OrderTicket:
        """Same as `market_order`."""
        return self.market_order(symbol, quantity, asynchronous, tag, order_properties)

    def buy(self, symbol: Any, quantity: Any) -> OrderTicket:
        """A market order that buys."""
        return self.market_order(symbol, abs(to_quantity(quantity)))

    def sell(self, symbol: Any, quantity: Any) -> OrderTicket:
        """A market order that sells."""
        return self.market_order(symbol, -abs(to_quantity(quantity)))

    def market_on_open_order(
        self, symbol: Any, quantity: Any, asynchronous: bool = False, tag: str = "", order_properties: Properties = None
    ) -> OrderTicket:
        """At the next open."""
        return self._at_session_end(OrderType.MARKET_ON_OPEN, symbol, quantity, asynchronous, tag, order_properties)

    def market_on_close_order(
        self, symbol: Any, quantity: Any, asynchronous: bool = False, tag: str = "", order_properties: Properties = None
    ) -> OrderTicket:
        """At the next close; not in the last 15.5 minutes before it."""
        return self._at_session_end(OrderType.MARKET_ON_CLOSE, symbol, quantity, asynchronous, tag, order_properties)

    def _at_session_end(
        self, kind: OrderType, symbol: Any, quantity: Any, asynchronous: bool, tag: str, order_properties: Properties
    ) -> OrderTicket:
        properties = order_properties or self.default_order_properties.clone()
        if isinstance(properties.time_in_force, GoodTilDateTimeInForce):
            properties.time_in_force = TimeInForce.GOOD_TIL_CANCELED
            self._tell_once("good-til-date", _GOOD_TIL_DATE_WARNING)
        return self._submit(self._request(kind, self._security_for_order(symbol), quantity, tag, properties, asynchronous))

    def limit_order(
        self, symbol: Any, quantity: Any, limit_price: Any, asynchronous: bool = False, tag: str = "", order_properties: Properties = None
    ) -> OrderTicket:
        """At the limit or better."""
        security = self._security_for_order(symbol)
        return self._submit(
            self._request(OrderType.LIMIT, security, quantity, tag, order_properties, asynchronous, limit_price=limit_price)
        )

    def stop_market_order(
        self, symbol: Any, quantity: Any, stop_price: Any, asynchronous: bool = False, tag: str = "", order_properties: Properties = None
    ) -> OrderTicket:
        """At the market once the stop is reached."""
        security = self._security_for_order(symbol)
        return self._submit(
            self._request(OrderType.STOP_MARKET, security, quantity, tag, order_properties, asynchronous, stop_price=stop_price)
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
        security = self._security_for_order(symbol)
        prices = {"stop_price": stop_price, "limit_price": limit_price}
        return self._submit(self._request(OrderType.STOP_LIMIT, security, quantity, tag, order_properties, asynchronous, **prices))

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
        security = self._security_for_order(symbol)
        prices = {"trigger_price": trigger_price, "limit_price": limit_price}
        return self._submit(self._request(OrderType.LIMIT_IF_TOUCHED, security, quantity, tag, order_properties, asynchronous, **prices))

    def trailing_stop_order(
        self,
        symbol: Any,
        quantity: Any,
        trailing_amount: Any,
        trailing_as_percentage: bool,
        asynchronous: bool = False,
        tag: str = "",
        order_properties: Properties = None,
    ) -> OrderTicket:
        """A stop that follows the market, from its present price on."""
        security = self._security_for_order(symbol)
        direction = OrderDirection.BUY if to_quantity(quantity) > 0 else OrderDirection.SELL
        stop = trailing_stop_price(security._price, to_price(trailing_amount), trailing_as_percentage, direction)
        terms = {"stop_price": stop, "trailing_amount": trailing_amount, "trailing_as_percentage": trailing_as_percentage}
        return self._submit(self._request(OrderType.TRAILING_STOP, security, quantity, tag, order_properties, asynchronous, **terms))

    def exercise_option(
        self, option_symbol: Any, quantity: int, asynchronous: bool = False, tag: str = "", order_properties: Properties = None
    ) -> OrderTicket:
        """Exercise so many long contracts now."""
        security = self._security_for_order(option_symbol)
        return self._submit(self._request(OrderType.OPTION_EXERCISE, security, -abs(quantity), tag, order_properties, asynchronous))

    # Combos

    def combo_market_order(
        self, legs: Sequence[Leg], quantity: int, asynchronous: bool = False, tag: str = "", order_properties: Properties = None
    ) -> list[OrderTicket]:
        """All legs at the market at once, or none."""
        return self._submit_combo(legs, quantity, ZERO, asynchronous, tag, order_properties)

    def combo_limit_order(
        self,
        legs: Sequence[Leg],
        quantity: int,
        limit_price: Any,
        asynchronous: bool = False,
        tag: str = "",
        order_properties: Properties = None,
    ) -> list[OrderTicket]:
        """All legs when their prices together beat the limit.

        Raises:
            ArgumentException: no limit, or a leg has one of its own.
        """
        limit = to_price(limit_price)
        if not limit:
            raise ArgumentException("ComboLimitOrder requires a limit price")
        if any(leg.order_price for leg in legs):
            raise ArgumentException("ComboLimitOrder does not support limit prices for individual legs")
        return self._submit_combo(legs, quantity, limit, asynchronous, tag, order_properties)

    def combo_leg_limit_order(
        self, legs: Sequence[Leg], quantity: int, asynchronous: bool = False, tag: str = "", order_properties: Properties = None
    ) -> list[OrderTicket]:
        """All legs at their own limits at once, or none.

        Raises:
            ArgumentException: a leg has no limit.
        """
        if any(not leg.order_price for leg in legs):
            raise ArgumentException("ComboLegLimitOrder requires a limit price for each leg")
        return self._submit_combo(legs, quantity, ZERO, asynchronous, tag, order_properties)

    def _submit_combo(
        self, legs: Sequence[Leg], quantity: int, limit: Decimal, asynchronous: bool, tag: str, order_properties: Properties
    ) -> list[OrderTicket]:
        _check_ratios(legs, quantity)
        total = to_quantity(quantity)
        group = GroupOrderManager(len(legs), total, limit, self.transactions._next_group_id())
        kind = OrderType.COMBO_LIMIT if limit else OrderType.COMBO_MARKET
        requests = []
        for leg in legs:
            security = self._security_for_order(leg.symbol)
            price = limit
            if leg.order_price is not None:
                kind, price = OrderType.COMBO_LEG_LIMIT, leg.order_price
            request = self._request(
                kind, security, leg.quantity * total, tag, order_properties, asynchronous, limit_price=price, group=group
            )
            response = self._order_checks.check(request)
            if response.is_error:
                return [OrderTicket._invalid_submit_request(self.transactions, request, response)]
            requests.append(request)
        return [self.transactions.add_order(request) for request in requests]

    # Positions

    def liquidate(
        self, symbol: Any = None, asynchronous: bool = False, tag: str | None = None, order_properties: Properties = None
    ) -> list[OrderTicket]:
        """Cancel the orders and close the position of a symbol, of a list of symbols, or of everything in order of ticker."""
        if not self.settings.liquidate_enabled:
            self.debug("Liquidate() is currently disabled by settings. To re-enable please set 'Settings.LiquidateEnabled' to true")
            return []
        tickets: list[OrderTicket] = []
        for one in self._to_liquidate(symbol):
            ticket = self._liquidate_one(one, asynchronous, "Liquidated" if tag is None else tag, order_properties)
            if ticket is not None:
                tickets.append(ticket)
        return tickets

    def _to_liquidate(self, symbol: Any) -> list[Symbol]:
        if symbol is None:
            return sorted(self.securities.keys(), key=lambda key: key.value)
        return [self._symbol_for_order(one) for one in symbol] if isinstance(symbol, list | tuple) else [self._symbol_for_order(symbol)]

    def _liquidate_one(self, symbol: Symbol, asynchronous: bool, tag: str, order_properties: Properties) -> OrderTicket | None:
        security = self.securities._try_get(symbol)
        if security is None:
            warning = f"Warning: liquidate ignored symbol '{symbol}' because it has not been added to the algorithm."
            self._tell_once("liquidate", f"{warning} Add the security before liquidating it.")
            return None
        orders = self.transactions.get_open_orders(symbol)
        held = security.holdings._quantity if security.invested else ZERO
        if len(orders) == 1 and held and orders[0]._quantity == -held and orders[0].type is OrderType.MARKET:
            return None
        at_market = ZERO
        for order in orders:
            if order.type is OrderType.MARKET:
                ticket = self.transactions.get_order_ticket(order.id)
                at_market += ZERO if ticket is None else ticket._quantity - ticket._quantity_filled
            else:
                self.transactions.cancel_order(order.id, tag)
        if not held:
            return None
        return self.market_order(symbol, -held - at_market, asynchronous, tag, order_properties)

    # Pieces

    def _symbol_for_order(self, symbol: Any) -> Symbol:
        if isinstance(symbol, str):
            return SymbolCache._try_get_symbol(symbol) or Symbol.create(symbol, SecurityType.EQUITY, Market.USA)
        found: Symbol = getattr(symbol, "symbol", symbol)
        return found

    def _security_for_order(self, given: Any) -> "Security":
        """GetSecurityForOrder: a symbol that is not subscribed is added, with its last known price.

        Raises:
            InvalidOperationException: an index, a chain, or what has expired.
        """
        symbol = self._symbol_for_order(given)
        security = self.securities._try_get(symbol)
        if security is not None and (symbol.is_canonical() or security.is_tradable or security.is_delisted):
            return security
        if self._can_auto_add(symbol) and symbol.security_type is not SecurityType.INDEX:
            added: Security = self.add_security(symbol)
            if not self.settings.seed_initial_prices:
                for point in self.get_last_known_prices(added):
                    added.set_market_price(point)
            return added
        raise InvalidOperationException(
            f"The symbol {symbol} is not found in the algorithm's securities collection"
            " and cannot be re-added due to it being delisted or no longer tradable."
        )

    def _can_auto_add(self, symbol: Symbol) -> bool:
        if symbol.is_canonical():
            return False
        if is_option(symbol.security_type) or symbol.security_type is SecurityType.FUTURE:
            hours = self._order_checks.hours_of(symbol)
            return hours is None or not is_contract_expired(symbol, self._utc, hours)
        return True

    def _request(
        self,
        kind: OrderType,
        security: "Security",
        quantity: Any,
        tag: str,
        order_properties: Properties,
        asynchronous: bool,
        *,
        stop_price: Any = ZERO,
        limit_price: Any = ZERO,
        group: GroupOrderManager | None = None,
        **terms: Any,
    ) -> SubmitOrderRequest:
        properties = order_properties or self.default_order_properties.clone()
        return SubmitOrderRequest(
            kind,
            security.type,
            security.symbol,
            quantity,
            stop_price,
            limit_price,
            self._utc,
            tag,
            properties,
            group,
            asynchronous,
            **terms,
        )

    def submit_order_request(self, request: SubmitOrderRequest) -> OrderTicket:
        """Checks and submits a request."""
        return self._submit(request)

    def _submit(self, request: SubmitOrderRequest) -> OrderTicket:
        response = self._order_checks.check(request)
        if response.is_error:
            return OrderTicket._invalid_submit_request(self.transactions, request, response)
        return self.transactions.add_order(request)

    def is_market_open(self, symbol: Any) -> bool:
        """Whether the regular session of the security is open now."""
        return self.securities[symbol]._is_market_open(False)


def _is_daily_only(security: "Security") -> bool:
    own = [subscription for subscription in security._subscriptions if not subscription.is_internal]
    return bool(own) and all(subscription.resolution is Resolution.DAILY for subscription in own)


def _check_ratios(legs: Sequence[Leg], quantity: int) -> None:
    divisor = greatest_common_divisor(leg.quantity for leg in legs)
    if divisor == 1:
        return
    given = ", ".join(f"{leg.quantity} {leg.symbol}" for leg in legs)
    reduced = ", ".join(f"{leg.quantity // divisor} {leg.symbol}" for leg in legs) if divisor else given
    raise ArgumentException(
        "The global combo quantity should be used to increase or reduce the size of the order, while the leg quantities should be used"
        " to specify the ratio of the order. The combo order quantities should be reduced"
        f" from {quantity}x({given}) to {quantity * divisor}x({reduced})."
    )


_MARKET_ON_OPEN_WARNING = "Warning: market orders submitted while the market is closed are automatically converted into MarketOnOpen orders to fill at the next market open."
_DAILY_WARNING = (
    "Warning: market orders on daily resolution data sent during market hours are automatically converted into MarketOnClose orders"
    " (or MarketOnOpen near the close) to avoid filling at the stale previous close. Note: in live trading this conversion is not applied,"
    " as the order fills at the current market price."
)
_GOOD_TIL_DATE_WARNING = "Warning: Good-Til-Date Time-In-Force is not supported for MOO and MOC orders. The time-in-force will be reset to Good-Til-Canceled (GTC)."
