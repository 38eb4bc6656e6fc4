"""Fees of orders (Common/Orders/Fees/*FeeModel.cs). They depend on the order, the quote and the holding, not on the fill."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from simulator.common.enums import OrderDirection, OrderType, SecurityType
from simulator.common.market import Currencies, Market
from simulator.common.system_exceptions import ArgumentException, KeyNotFoundException
from simulator.orders.decimals import ONE, ZERO, to_price
from simulator.orders.future_fees import FUTURE_FEES, FUTURE_OPTION_FEES
from simulator.orders.order import Order
from simulator.orders.order_fee import OrderFee

if TYPE_CHECKING:
    from simulator.securities.security import Security

_D = Decimal


class OrderFeeParameters:
    """Mirrors OrderFeeParameters: what a fee model is asked about."""

    def __init__(self, security: "Security", order: Order) -> None:
        self.security = security
        self.order = order


class FeeModel:
    """Mirrors FeeModel: no fee; the base of an algorithm's own model."""

    def get_order_fee(self, parameters: OrderFeeParameters) -> OrderFee:
        """Fee of the whole order."""
        del parameters
        return OrderFee._of(ZERO)


class ConstantFeeModel(FeeModel):
    """Mirrors ConstantFeeModel: the same for every order."""

    def __init__(self, fee: Any, currency: str = Currencies.USD) -> None:
        self._fee = OrderFee._of(abs(to_price(fee)), currency)

    def get_order_fee(self, parameters: OrderFeeParameters) -> OrderFee:
        """Fee of the whole order."""
        del parameters
        return self._fee


class TastytradeFeeModel(FeeModel):
    """Mirrors TastytradeFeeModel: options pay when they open, futures each way, shares nothing."""

    _OPENING_FEES: Final = {SecurityType.OPTION: ONE, SecurityType.INDEX_OPTION: ONE, SecurityType.FUTURE_OPTION: _D("2.5")}
    _FUTURE_FEE: Final = _D("1.25")

    def get_order_fee(self, parameters: OrderFeeParameters) -> OrderFee:
        """Fee of the whole order."""
        order, security = parameters.order, parameters.security
        rate = ZERO
        if security.type is SecurityType.FUTURE:
            rate = self._FUTURE_FEE
        elif security.type in self._OPENING_FEES and _opens(order.direction, security.holdings._quantity):
            rate = self._OPENING_FEES[security.type]
        return OrderFee._of(abs(order._quantity) * rate)


def _opens(direction: OrderDirection, held: Decimal) -> bool:
    """BrokerageExtensions.GetOrderPosition: whether an order of that side adds to the position; crossing zero counts as closing."""
    if direction is OrderDirection.BUY:
        return held >= 0
    if direction is OrderDirection.SELL:
        return held <= 0
    raise ArgumentException(f"Invalid order direction: {direction}")


class InteractiveBrokersFeeModel(FeeModel):
    """Mirrors InteractiveBrokersFeeModel.

    Args:
        monthly_forex_trade_amount_in_us_dollars: not used, currencies are not traded here.
        monthly_options_trade_amount_in_contracts: more contracts a month make each of them cheaper.
    """

    def __init__(self, monthly_forex_trade_amount_in_us_dollars: Any = ZERO, monthly_options_trade_amount_in_contracts: Any = ZERO) -> None:
        del monthly_forex_trade_amount_in_us_dollars
        volume = to_price(monthly_options_trade_amount_in_contracts)
        self._option_rates = next((rates for most, rates in _OPTION_SCHEDULES if volume <= most), _LARGEST_TRADER)

    _FUTURE_MARKETS: Final = frozenset(
        {Market.GLOBEX, Market.NYMEX, Market.CBOT, Market.ICE, Market.CFE, Market.COMEX, Market.CME, Market.NYSELIFFE, Market.USA}
    )

    def get_order_fee(self, parameters: OrderFeeParameters) -> OrderFee:
        """Fee of the whole order.

        Raises:
            ArgumentException: the security's type is not traded.
        """
        order, security = parameters.order, parameters.security
        if order.type is OrderType.OPTION_EXERCISE and order.symbol.security_type is SecurityType.OPTION:
            return OrderFee.ZERO
        match security.type:
            case SecurityType.OPTION | SecurityType.INDEX_OPTION:
                return OrderFee._of(self._option_fee(abs(order._quantity), potential_order_price(order, security)))
            case SecurityType.FUTURE | SecurityType.FUTURE_OPTION:
                return OrderFee._of(abs(order._quantity) * self._future_fee(security))
            case SecurityType.EQUITY:
                return OrderFee._of(_share_fee(abs(order._quantity), abs(order._get_value(security))))
            case _:
                raise ArgumentException(f"Unsupported security type: {security.type}")

    def _option_fee(self, contracts: Decimal, premium: Decimal) -> Decimal:
        rate = next(rate for least, rate in self._option_rates if least is None or premium >= least)
        return max(contracts * rate, ONE)

    def _future_fee(self, security: "Security") -> Decimal:
        symbol = security.symbol
        if symbol.id.market not in self._FUTURE_MARKETS:
            raise KeyNotFoundException(f"InteractiveBrokersFeeModel(): unexpected future Market {symbol.id.market}")
        table = FUTURE_FEES
        if security.type is SecurityType.FUTURE_OPTION and symbol.underlying is not None:
            table, symbol = FUTURE_OPTION_FEES, symbol.underlying
        return table.get(symbol.id.symbol, _OTHER_FUTURE) + _REGULATORY_FEE


_OTHER_FUTURE: Final = _D("0.85") + _D("1.60")
_REGULATORY_FEE: Final = _D("0.02")
_PER_SHARE: Final = _D("0.005")
_LARGEST_SHARE_OF_VALUE: Final = _D("0.005")
_Rates = tuple[tuple[Decimal | None, Decimal], ...]
"""(least premium, dollars per contract); the last one is for any premium."""

_LARGEST_TRADER: Final[_Rates] = ((None, _D("0.15")),)
_OPTION_SCHEDULES: Final[tuple[tuple[int, _Rates], ...]] = (
    (10_000, ((_D("0.1"), _D("0.65")), (_D("0.05"), _D("0.5")), (None, _D("0.25")))),
    (50_000, ((_D("0.05"), _D("0.5")), (None, _D("0.25")))),
    (100_000, ((None, _D("0.25")),)),
)
"""(contracts a month at most, rates)."""


def _share_fee(shares: Decimal, value: Decimal) -> Decimal:
    fee = _PER_SHARE * shares
    if fee < ONE:
        return ONE
    return min(fee, _LARGEST_SHARE_OF_VALUE * value)


_AT_MARKET: Final = frozenset({OrderType.MARKET, OrderType.COMBO_MARKET, OrderType.MARKET_ON_OPEN, OrderType.MARKET_ON_CLOSE})


def potential_order_price(order: Order, security: "Security") -> Decimal:
    """GetPotentialOrderPrice: purchases at the market count with the bid, sales with the ask; combos with the limit of the whole."""
    if order.type in _AT_MARKET:
        return security._bid_price if order.direction is OrderDirection.BUY else security._ask_price
    if order.type is OrderType.COMBO_LIMIT and order.group_order_manager is not None:
        return order.group_order_manager._limit_price
    price: Decimal | None = getattr(order, "_limit_price", None)
    if price is None:
        price = getattr(order, "_stop_price", None)
    return ZERO if price is None else price
