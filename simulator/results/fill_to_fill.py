"""Trades of single fills (TradeBuilder.ProcessFillUsingFillToFill): every opening fill waits for the fills that close it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from simulator.common.enums import TradeDirection
from simulator.orders.order_event import OrderEvent
from simulator.results.net_number import round_decimal
from simulator.results.trade import Trade

_ZERO = Decimal(0)
_LONG = TradeDirection.LONG

CloseTrade = Callable[[Trade, OrderEvent], None]
"""Takes a trade and the fill that closed it."""


@dataclass(eq=False)
class _OpenTrade:
    trade: Trade
    max_profit: Decimal = _ZERO
    max_drawdown: Decimal = _ZERO

    def update(self, price: Decimal) -> None:
        trade = self.trade
        profit = price - trade._entry_price if trade.direction is _LONG else trade._entry_price - price
        if profit < self.max_profit:
            self.max_drawdown = max(self.max_drawdown, self.max_profit - profit)
        else:
            self.max_profit = profit


@dataclass(eq=False)
class _Position:
    min_price: Decimal
    max_price: Decimal
    open_trades: list[_OpenTrade] = field(default_factory=list)


class FillToFill:
    """Open trades by symbol; the oldest or the newest is closed first."""

    def __init__(self, close: CloseTrade, *, newest_first: bool) -> None:
        self._close_trade = close
        self._next = -1 if newest_first else 0
        self._positions: dict[Any, _Position] = {}

    @property
    def open_symbols(self) -> list[Any]:
        """Symbols whose prices matter."""
        return list(self._positions)

    def has_open_position(self, symbol: Any) -> bool:
        """Whether fills of the symbol wait for their closing fill."""
        return symbol in self._positions and bool(self._positions[symbol].open_trades)

    def set_market_price(self, symbol: Any, price: Decimal) -> None:
        """Extends the price range seen since the position was opened."""
        position = self._positions.get(symbol)
        if position is None:
            return
        if price > position.max_price:
            position.max_price = price
        elif price < position.min_price:
            position.min_price = price
        for open_trade in position.open_trades:
            open_trade.update(price)

    def apply_split(self, symbol: Any, factor: Decimal) -> None:
        """Restates an open position (raw prices) after a split of the factor (0.5 = two for one)."""
        position = self._positions.get(symbol)
        if position is None:
            return
        position.min_price *= factor
        position.max_price *= factor
        for open_trade in position.open_trades:
            open_trade.trade._quantity /= factor
            open_trade.trade._entry_price *= factor
            open_trade.max_profit *= factor
            open_trade.max_drawdown *= factor

    def process(self, fill: OrderEvent, fee: Decimal, value_per_point: Decimal) -> None:
        """Opens, extends, reduces or reverses the position of the fill's symbol."""
        position = self._positions.get(fill.symbol)
        if position is None or not position.open_trades:
            opened = _OpenTrade(_opened_by(fill, fill._fill_quantity, fee))
            self._positions[fill.symbol] = _Position(fill._fill_price, fill._fill_price, [opened])
            return
        self.set_market_price(fill.symbol, fill._fill_price)
        if (fill._fill_quantity > 0) == (position.open_trades[self._next].trade._sign > 0):
            position.open_trades.append(_OpenTrade(_opened_by(fill, fill._fill_quantity, fee)))
        else:
            self._reduce(position, fill, fee, value_per_point)

    def _reduce(self, position: _Position, fill: OrderEvent, fee: Decimal, value_per_point: Decimal) -> None:
        left = abs(fill._fill_quantity)
        while position.open_trades and left > 0:
            open_trade = position.open_trades[self._next]
            trade = open_trade.trade
            if left >= trade._quantity:
                position.open_trades.pop(self._next)
                trade.order_ids.append(fill.order_id)
                trade._total_fees += fee
                closed = trade
            else:
                closed = _part_of(trade, left, fill.order_id, fee)
                trade._quantity -= left
                trade._total_fees = _ZERO
            left -= closed._quantity
            fee = _ZERO
            self._close(closed, open_trade, position, fill, value_per_point)
        if left > 0:
            quantity = left if fill._fill_quantity > 0 else -left
            position.open_trades = [_OpenTrade(_opened_by(fill, quantity, _ZERO))]
            position.min_price = position.max_price = fill._fill_price
        elif not position.open_trades:
            del self._positions[fill.symbol]

    def _close(self, trade: Trade, open_trade: _OpenTrade, position: _Position, fill: OrderEvent, value_per_point: Decimal) -> None:
        trade._exit_time_utc = fill._utc
        trade._exit_price = fill._fill_price
        gain = trade._exit_price - trade._entry_price
        best = position.max_price - trade._entry_price
        worst = position.min_price - trade._entry_price
        if trade._sign < 0:
            best, worst = -worst, -best
        trade._profit_loss = round_decimal(gain * trade._quantity * trade._sign * value_per_point, 2)
        trade._mae = round_decimal(worst * trade._quantity * value_per_point, 2)
        trade._mfe = round_decimal(best * trade._quantity * value_per_point, 2)
        trade._end_trade_drawdown = round_decimal(open_trade.max_drawdown * trade._quantity * value_per_point, 2)
        self._close_trade(trade, fill)


def _opened_by(fill: OrderEvent, quantity: Decimal, fee: Decimal) -> Trade:
    direction = TradeDirection.LONG if quantity > 0 else TradeDirection.SHORT
    return Trade(fill.symbol, direction, abs(quantity), fill._utc, fill._fill_price, fee, [fill.order_id])


def _part_of(trade: Trade, quantity: Decimal, order_id: int, fee: Decimal) -> Trade:
    orders = [*trade.order_ids, order_id]
    return Trade(trade.symbol, trade.direction, quantity, trade._entry_time_utc, trade._entry_price, trade._total_fees + fee, orders)
