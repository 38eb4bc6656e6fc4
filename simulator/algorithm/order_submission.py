"""How the trading calls of an algorithm become requests (GetSecurityForOrder, CreateSubmitOrderRequest and SubmitOrderRequest of QCAlgorithm)."""

from typing import TYPE_CHECKING, Any

from simulator.algorithm.order_checks import OrderChecks
from simulator.algorithm.symbol_argument import equity_or_known
from simulator.common.enums import OrderType, SecurityType
from simulator.common.security_identifier import is_option
from simulator.common.symbol import Symbol
from simulator.common.system_exceptions import InvalidOperationException
from simulator.orders.decimals import ZERO
from simulator.orders.group_order import GroupOrderManager
from simulator.orders.order_request import SubmitOrderRequest
from simulator.orders.order_ticket import OrderTicket
from simulator.orders.time_in_force import OrderProperties
from simulator.securities.option_expiry import is_contract_expired

if TYPE_CHECKING:
    from simulator.orders.transaction_manager import SecurityTransactionManager
    from simulator.securities.portfolio import SecurityPortfolioManager
    from simulator.securities.security import Security
    from simulator.securities.security_manager import SecurityManager

Properties = OrderProperties | None


class OrderSubmissionMixin:
    """What all trading calls share."""

    if TYPE_CHECKING:
        _utc: int
        _engine_locked: bool
        securities: SecurityManager
        portfolio: SecurityPortfolioManager
        transactions: SecurityTransactionManager
        settings: Any
        debug: Any
        error: Any
        add_security: Any
        get_last_known_prices: Any

    def _engine_initialize_trading(self) -> None:
        self.default_order_properties = OrderProperties()
        self._engine_order_checks = OrderChecks(self)
        self._engine_told: set[str] = set()

    def _engine_tell_once(self, key: str, message: str) -> None:
        if key not in self._engine_told:
            self._engine_told.add(key)
            self.debug(message)

    def set_maximum_orders(self, max: int) -> None:
        """Limits the number of orders until `initialize` is done: a backtest then has no limit, and later calls are ignored, as in LEAN."""
        if not self._engine_locked:
            self._engine_order_checks.maximum_orders = max

    def _engine_symbol_for_order(self, symbol: Any) -> Symbol:
        return equity_or_known(symbol)

    def _engine_security_for_order(self, given: Any) -> "Security":
        """GetSecurityForOrder: a symbol that is not subscribed is added, with its last known price.

        Raises:
            InvalidOperationException: an index, a chain, or what has expired.
        """
        symbol = self._engine_symbol_for_order(given)
        security = self.securities._try_get(symbol)
        if security is not None and (symbol.is_canonical() or security.is_tradable or security.is_delisted):
            return security
        if self._engine_can_auto_add(symbol) and symbol.security_type is not SecurityType.INDEX:
            added: Security = self.add_security(symbol)
            if not self.settings.seed_initial_prices:
                for point in self.get_last_known_prices(added):
                    added.set_market_price(point)
            return added
        raise InvalidOperationException(
            f"The symbol {symbol} is not found in the algorithm's securities collection"
            " and cannot be re-added due to it being delisted or no longer tradable."
        )

    def _engine_can_auto_add(self, symbol: Symbol) -> bool:
        if symbol.is_canonical():
            return False
        if is_option(symbol.security_type) or symbol.security_type is SecurityType.FUTURE:
            hours = self._engine_order_checks.hours_of(symbol)
            return hours is None or not is_contract_expired(symbol, self._utc, hours)
        return True

    def _engine_request(
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
        return self._engine_submit(request)

    def _engine_submit(self, request: SubmitOrderRequest) -> OrderTicket:
        response = self._engine_order_checks.check(request)
        if response.is_error:
            return OrderTicket._invalid_submit_request(self.transactions, request, response)
        return self.transactions.add_order(request)

    def is_market_open(self, symbol: Any) -> bool:
        """Whether the regular session of the security is open now."""
        return self.securities[symbol]._is_market_open(False)
