"""Round trips from fills: LEAN's `TradeBuilder`, by default fill to fill and oldest first."""

import uuid
from decimal import Decimal
from typing import Any, Final

from simulator.common.enums import FillGroupingMethod, FillMatchingMethod
from simulator.orders.order_event import OrderEvent
from simulator.results.fill_to_fill import FillToFill
from simulator.results.flat_trades import FlatToFlat, FlatToReduced
from simulator.results.trade import Trade
from simulator.securities.portfolio_model import is_win

_ZERO: Final = Decimal(0)
_GROUPINGS: Final[dict[FillGroupingMethod, type[FillToFill | FlatToFlat]]] = {
    FillGroupingMethod.FILL_TO_FILL: FillToFill,
    FillGroupingMethod.FLAT_TO_FLAT: FlatToFlat,
    FillGroupingMethod.FLAT_TO_REDUCED: FlatToReduced,
}


class TradeBuilder:
    """Builds `Trade`s from fills.

    Args:
        grouping_method: which fills make one trade.
        matching_method: whether a closing fill closes the oldest or the newest fill first.
    """

    def __init__(
        self,
        grouping_method: FillGroupingMethod = FillGroupingMethod.FILL_TO_FILL,
        matching_method: FillMatchingMethod = FillMatchingMethod.FIFO,
    ) -> None:
        self._securities: Any = None
        self._closed: list[Trade] = []
        self._orders_with_fee: set[int] = set()
        newest_first = FillMatchingMethod(matching_method) is FillMatchingMethod.LIFO
        self._groups = _GROUPINGS[FillGroupingMethod(grouping_method)](self._close, newest_first=newest_first)

    def set_security_manager(self, securities: Any) -> None:
        """Lets exercised options count as won or lost as LEAN counts them."""
        self._securities = securities

    @property
    def closed_trades(self) -> list[Trade]:
        """Closed trades in the order they were closed."""
        return list(self._closed)

    @property
    def _open_symbols(self) -> list[Any]:
        """Symbols whose prices matter to trades still open."""
        return self._groups.open_symbols

    def has_open_position(self, symbol: Any) -> bool:
        """Whether fills of the symbol wait for their closing fill."""
        return self._groups.has_open_position(symbol)

    def set_market_price(self, symbol: Any, price: Decimal) -> None:
        """Extends the price range seen since the position was opened."""
        self._groups.set_market_price(symbol, price)

    def _apply_split(self, symbol: Any, factor: Decimal) -> None:
        """Restates an open position (raw prices) after a split of the factor (0.5 = two for one)."""
        self._groups.apply_split(symbol, factor)

    def process_fill(
        self, fill: OrderEvent, security_conversion_rate: Decimal, fee_in_account_currency: Decimal, multiplier: Decimal = Decimal(1)
    ) -> None:
        """Opens, extends, reduces or reverses the position of the fill's symbol.

        Args:
            fill: event with a fill.
            security_conversion_rate: quote currency to account currency.
            fee_in_account_currency: the order's fee; counted with the order's first fill only.
            multiplier: contract multiplier.
        """
        fee = _ZERO if fill.order_id in self._orders_with_fee else fee_in_account_currency
        self._orders_with_fee.add(fill.order_id)
        self._groups.process(fill, fee, security_conversion_rate * multiplier)

    def _close(self, trade: Trade, fill: OrderEvent) -> None:
        security = None if self._securities is None else self._securities.get(fill.symbol)
        trade.is_win = trade._profit_loss > 0 if security is None else is_win(fill, security, trade._profit_loss)
        trade.id = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{trade.order_ids}/{len(self._closed)}"))
        self._closed.append(trade)
