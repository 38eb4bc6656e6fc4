"""Closing positions and sizing them as shares of the portfolio (QCAlgorithm.Liquidate, SetHoldings, CalculateOrderQuantity, PortfolioTarget)."""

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from simulator.common.enums import OrderType
from simulator.common.symbol import Symbol
from simulator.orders.decimals import ZERO, to_price, to_quantity
from simulator.orders.order_ticket import OrderTicket
from simulator.orders.time_in_force import OrderProperties
from simulator.securities.order_sizing import zero_price_message

if TYPE_CHECKING:
    from simulator.orders.transaction_manager import SecurityTransactionManager
    from simulator.securities.portfolio import SecurityPortfolioManager
    from simulator.securities.security_manager import SecurityManager


Properties = OrderProperties | None


class PortfolioTarget:
    """Mirrors PortfolioTarget: a share of the portfolio (or a quantity) for a symbol."""

    def __init__(self, symbol: Symbol, quantity: Any, tag: str = "") -> None:
        self.symbol = symbol
        self._quantity = to_price(quantity)
        self.tag = tag

    @property
    def quantity(self) -> float:
        """The target."""
        return float(self._quantity)


class HoldingsMixin:
    """The part of QCAlgorithm that sizes positions."""

    if TYPE_CHECKING:
        securities: SecurityManager
        portfolio: SecurityPortfolioManager
        transactions: SecurityTransactionManager
        settings: Any
        error: Any
        debug: Any
        _engine_tell_once: Any
        market_order: Any
        market_on_open_order: Any
        _engine_symbol_for_order: Any

    def liquidate(
        self, symbol: Any = None, asynchronous: bool = False, tag: str | None = None, order_properties: Properties = None
    ) -> list[OrderTicket]:
        """Cancel the orders and close the position of a symbol, of a list of symbols, or of everything in order of ticker."""
        if not self.settings.liquidate_enabled:
            self.debug("Liquidate() is currently disabled by settings. To re-enable please set 'Settings.LiquidateEnabled' to true")
            return []
        tickets: list[OrderTicket] = []
        for one in self._engine_to_liquidate(symbol):
            ticket = self._engine_liquidate_one(one, asynchronous, "Liquidated" if tag is None else tag, order_properties)
            if ticket is not None:
                tickets.append(ticket)
        return tickets

    def _engine_to_liquidate(self, symbol: Any) -> list[Symbol]:
        if symbol is None:
            return sorted(self.securities.keys(), key=lambda key: key.value)
        return (
            [self._engine_symbol_for_order(one) for one in symbol]
            if isinstance(symbol, list | tuple)
            else [self._engine_symbol_for_order(symbol)]
        )

    def _engine_liquidate_one(self, symbol: Symbol, asynchronous: bool, tag: str, order_properties: Properties) -> OrderTicket | None:
        security = self.securities._try_get(symbol)
        if security is None:
            warning = f"Warning: liquidate ignored symbol '{symbol}' because it has not been added to the algorithm."
            self._engine_tell_once("liquidate", f"{warning} Add the security before liquidating it.")
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
        closing: OrderTicket = self.market_order(symbol, -held - at_market, asynchronous, tag, order_properties)
        return closing

    def set_holdings(
        self,
        symbol: Any,
        percentage: Any = None,
        liquidate_existing_holdings: bool = False,
        asynchronous: bool = False,
        tag: str | None = None,
        order_properties: Any = None,
    ) -> list[OrderTicket]:
        """Trade a symbol to a share of the portfolio, or a list of targets; `liquidate_existing_holdings` closes everything else first."""
        if isinstance(symbol, list | tuple):
            liquidate = liquidate_existing_holdings if percentage is None else bool(percentage)
            return self._engine_set_targets(symbol, liquidate, asynchronous, tag, order_properties)
        wanted = self._engine_symbol_for_order(symbol)
        quantity = self._engine_order_quantity(wanted, to_price(percentage))
        closed = self._engine_liquidate_others([wanted], tag, order_properties) if liquidate_existing_holdings else []
        return closed + self._engine_trade_to(wanted, quantity, asynchronous, tag or "", order_properties)

    def _engine_set_targets(
        self, targets: Sequence[PortfolioTarget], liquidate: bool, asynchronous: bool, tag: str | None, order_properties: Any
    ) -> list[OrderTicket]:
        tickets = self._engine_liquidate_others([target.symbol for target in targets], tag, order_properties) if liquidate else []
        sized = [(target.symbol, self._engine_order_quantity(target.symbol, target._quantity)) for target in targets]
        for symbol, quantity in self._engine_by_margin_impact(sized):
            tickets += self._engine_trade_to(symbol, quantity, asynchronous, tag or "", order_properties)
        return tickets

    def _engine_by_margin_impact(self, sized: Sequence[tuple[Symbol, Decimal]]) -> list[tuple[Symbol, Decimal]]:
        """OrderTargetsByMarginImpact: without what is too small or cannot be traded; what reduces a position first, then the largest."""
        ranked: list[tuple[tuple[bool, Decimal], Symbol, Decimal]] = []
        for symbol, quantity in sized:
            security = self.securities[symbol]
            if not (security.has_data and security.is_tradable and abs(quantity) >= security.symbol_properties._lot_size):
                continue
            held = self.transactions.get_projected_holdings(security)._projected
            reduces = bool(held) and abs(quantity + held) < abs(held)
            ranked.append(((not reduces, -abs(quantity * security._price)), symbol, quantity))
        return [(symbol, quantity) for _, symbol, quantity in sorted(ranked, key=lambda item: item[0])]

    def _engine_liquidate_others(self, kept: Sequence[Symbol], tag: str | None, order_properties: Any) -> list[OrderTicket]:
        others = sorted((symbol for symbol in self.portfolio.keys() if symbol not in kept), key=lambda symbol: symbol.value)  # noqa: SIM118 - iterating yields pairs
        tickets: list[OrderTicket] = self.liquidate(others, tag=tag, order_properties=order_properties)
        return tickets

    def _engine_trade_to(self, symbol: Symbol, quantity: Decimal, asynchronous: bool, tag: str, order_properties: Any) -> list[OrderTicket]:
        kinds = {OrderType.MARKET, OrderType.MARKET_ON_OPEN}
        pending = (t for t in self.transactions.get_open_order_tickets(symbol) if t.order_type in kinds)
        quantity -= sum((ticket._quantity - ticket._quantity_filled for ticket in pending), ZERO)
        if not quantity:
            return []
        security = self.securities._try_get(symbol)
        if security is None:
            self.error(f"{symbol} not found in portfolio. Request this data when initializing the algorithm.")
            return []
        send = self.market_order if security.exchange.exchange_open else self.market_on_open_order
        return [send(symbol, quantity, asynchronous, tag, order_properties)]

    def calculate_order_quantity(self, symbol: Any, target: Any) -> float:
        """Quantity to order so that a symbol becomes a share of the portfolio."""
        return float(self._engine_order_quantity(self._engine_symbol_for_order(symbol), to_quantity(target)))

    def _engine_order_quantity(self, symbol: Symbol, percent: Decimal) -> Decimal:
        """PortfolioTarget.Percent: the target leaves the free buffer alone and is a share in margin."""
        security = self.securities._try_get(symbol)
        if security is None:
            self.error(f"{symbol} not found in portfolio. Request this data when initializing the algorithm.")
            return ZERO
        if not security._price:
            self.error(zero_price_message(security))
            return ZERO
        value = self.portfolio._total_portfolio_value
        if not value:
            return ZERO
        usable = percent * self.portfolio._total_portfolio_value_less_free_buffer / value
        margin_share = usable / security.buying_power_model._get_leverage(security)
        minimum = to_price(self.settings.minimum_order_margin_portfolio_percentage)
        result = security.buying_power_model._quantity_for_target(self.portfolio, security, margin_share, minimum)
        if result.is_error:
            self.error(f"Unable to compute order quantity of {symbol}. Reason: {result.reason} Returning null.")
            return ZERO
        if result.is_below_minimum:
            self._engine_tell_once("minimum-margin", _BELOW_MINIMUM_WARNING)
        return result.quantity


_BELOW_MINIMUM_WARNING: Final = (
    "Warning: Portfolio rebalance result ignored as it resulted in a single share trade recommendation which can generate high fees."
    " To disable minimum order size checks please set self.settings.minimum_order_margin_portfolio_percentage = 0."
)
