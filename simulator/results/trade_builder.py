"""Round trips from fills: LEAN's `TradeBuilder` with its default grouping (FillToFill) and matching (FIFO), and `Trade`."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from simulator.common.enums import TradeDirection
from simulator.common.time_zone import utc_datetime
from simulator.orders.order_event import OrderEvent
from simulator.results.net_number import round_decimal
from simulator.securities.portfolio_model import is_win

_ZERO = Decimal(0)
_LONG = TradeDirection.LONG


@dataclass(eq=False)
class Trade:
    """A closed round trip (LEAN's `Trade`); public members are what an algorithm reads, the rest is exact."""

    symbol: Any
    direction: TradeDirection
    _quantity: Decimal
    _entry_time_utc: int
    _entry_price: Decimal
    _total_fees: Decimal
    order_ids: list[int]
    _exit_time_utc: int = 0
    _exit_price: Decimal = _ZERO
    _profit_loss: Decimal = _ZERO
    _mae: Decimal = _ZERO
    _mfe: Decimal = _ZERO
    _end_trade_drawdown: Decimal = _ZERO
    is_win: bool = False
    id: str = ""

    @property
    def symbols(self) -> list[Any]:
        """The traded symbols (one with FillToFill)."""
        return [self.symbol]

    @property
    def quantity(self) -> float:
        """Closed quantity, positive."""
        return float(self._quantity)

    @property
    def entry_time(self) -> datetime:
        """UTC."""
        return utc_datetime(self._entry_time_utc)

    @property
    def exit_time(self) -> datetime:
        """UTC."""
        return utc_datetime(self._exit_time_utc)

    @property
    def duration(self) -> timedelta:
        """Time in the trade."""
        return timedelta(microseconds=self._duration)

    @property
    def _duration(self) -> int:
        return self._exit_time_utc - self._entry_time_utc

    @property
    def entry_price(self) -> float:
        """Price of the opening fill."""
        return float(self._entry_price)

    @property
    def exit_price(self) -> float:
        """Price of the closing fill."""
        return float(self._exit_price)

    @property
    def profit_loss(self) -> float:
        """Gross profit in account currency, rounded to cents."""
        return float(self._profit_loss)

    @property
    def total_fees(self) -> float:
        """Fees of the opening and closing orders, each order's fee counted once."""
        return float(self._total_fees)

    @property
    def mae(self) -> float:
        """Worst unrealized loss since the position was opened (<= 0)."""
        return float(self._mae)

    @property
    def mfe(self) -> float:
        """Best unrealized profit since the position was opened."""
        return float(self._mfe)

    @property
    def end_trade_drawdown(self) -> float:
        """Largest fall of the unrealized profit from its peak."""
        return float(self._end_trade_drawdown)

    @property
    def _sign(self) -> int:
        return 1 if self.direction is TradeDirection.LONG else -1


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


class TradeBuilder:
    """Builds `Trade`s from fills, FillToFill and FIFO."""

    def __init__(self) -> None:
        self._securities: Any = None
        self._closed: list[Trade] = []
        self._positions: dict[Any, _Position] = {}
        self._orders_with_fee: set[int] = set()

    def set_security_manager(self, securities: Any) -> None:
        """Lets exercised options count as won or lost as LEAN counts them."""
        self._securities = securities

    @property
    def closed_trades(self) -> list[Trade]:
        """Closed trades in the order they were closed."""
        return list(self._closed)

    @property
    def _open_symbols(self) -> list[Any]:
        """Symbols with an open position."""
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

    def _apply_split(self, symbol: Any, factor: Decimal) -> None:
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
        position = self._positions.get(fill.symbol)
        if position is None or not position.open_trades:
            opened = _OpenTrade(_opened_by(fill, fill._fill_quantity, fee))
            self._positions[fill.symbol] = _Position(fill._fill_price, fill._fill_price, [opened])
            return
        self.set_market_price(fill.symbol, fill._fill_price)
        if (fill._fill_quantity > 0) == (position.open_trades[0].trade._sign > 0):
            position.open_trades.append(_OpenTrade(_opened_by(fill, fill._fill_quantity, fee)))
        else:
            self._reduce(position, fill, fee, security_conversion_rate * multiplier)

    def _reduce(self, position: _Position, fill: OrderEvent, fee: Decimal, value_per_point: Decimal) -> None:
        left = abs(fill._fill_quantity)
        while position.open_trades and left > 0:
            open_trade = position.open_trades[0]
            trade = open_trade.trade
            if left >= trade._quantity:
                position.open_trades.pop(0)
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
        security = None if self._securities is None else self._securities.get(fill.symbol)
        trade.is_win = trade._profit_loss > 0 if security is None else is_win(fill, security, trade._profit_loss)
        trade.id = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{trade.order_ids}/{len(self._closed)}"))
        self._closed.append(trade)


def _opened_by(fill: OrderEvent, quantity: Decimal, fee: Decimal) -> Trade:
    direction = TradeDirection.LONG if quantity > 0 else TradeDirection.SHORT
    return Trade(fill.symbol, direction, abs(quantity), fill._utc, fill._fill_price, fee, [fill.order_id])


def _part_of(trade: Trade, quantity: Decimal, order_id: int, fee: Decimal) -> Trade:
    orders = [*trade.order_ids, order_id]
    return Trade(trade.symbol, trade.direction, quantity, trade._entry_time_utc, trade._entry_price, trade._total_fees + fee, orders)
