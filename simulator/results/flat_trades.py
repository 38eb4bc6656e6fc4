"""Trades of several fills (TradeBuilder.ProcessFillUsingFlatToFlat and …FlatToReduced); excursions stay zero, as in LEAN."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from simulator.common.enums import TradeDirection
from simulator.orders.decimals import ZERO, sign
from simulator.orders.order_event import OrderEvent
from simulator.results.fill_to_fill import CloseTrade
from simulator.results.net_number import round_decimal
from simulator.results.trade import Trade


@dataclass
class _Part:
    """What is left of a fill."""

    order_id: int
    utc: int
    price: Decimal
    quantity: Decimal


@dataclass
class _Position:
    parts: list[_Part] = field(default_factory=list)
    total_fees: Decimal = ZERO

    @property
    def quantity(self) -> Decimal:
        return sum((part.quantity for part in self.parts), ZERO)


class FlatToFlat:
    """One trade from the first fill of a position until nothing of it is left."""

    def __init__(self, close: CloseTrade, *, newest_first: bool) -> None:
        self._close_trade = close
        self._next = -1 if newest_first else 0
        self._positions: dict[Any, _Position] = {}

    @property
    def open_symbols(self) -> list[Any]:
        """None: prices between fills do not matter."""
        return []

    def has_open_position(self, symbol: Any) -> bool:
        """Whether fills of the symbol wait for their closing fill."""
        return symbol in self._positions and bool(self._positions[symbol].parts)

    def set_market_price(self, symbol: Any, price: Decimal) -> None:
        """Prices between fills do not matter."""

    def apply_split(self, symbol: Any, factor: Decimal) -> None:
        """Restates an open position (raw prices) after a split of the factor (0.5 = two for one)."""
        for part in self._positions[symbol].parts if symbol in self._positions else ():
            part.quantity /= factor
            part.price *= factor

    def process(self, fill: OrderEvent, fee: Decimal, value_per_point: Decimal) -> None:
        """Opens, extends, reduces or reverses the position of the fill's symbol."""
        position = self._positions.setdefault(fill.symbol, _Position())
        part = _Part(fill.order_id, fill._utc, fill._fill_price, fill._fill_quantity)
        if not position.parts or self._is_same_side(position, part):
            position.parts.append(part)
            position.total_fees += fee
        else:
            self._reduce(position, part, fee, fill, value_per_point)

    def _is_same_side(self, position: _Position, part: _Part) -> bool:
        return sign(position.parts[0].quantity) == sign(part.quantity)

    def _reduce(self, position: _Position, part: _Part, fee: Decimal, fill: OrderEvent, value_per_point: Decimal) -> None:
        held = position.quantity
        position.parts.append(part)
        position.total_fees += fee
        if abs(part.quantity) < abs(held):
            return
        entered = position.parts[0].utc
        parts = position.parts[::-1] if self._next else position.parts
        entry, entered_quantity = _average(each for each in parts if sign(each.quantity) != sign(part.quantity))
        exit_price, _ = _average(each for each in parts if sign(each.quantity) == sign(part.quantity))
        gain = (exit_price - entry) * abs(entered_quantity) * sign(entered_quantity)
        trade = _trade(fill, entered, entry, entered_quantity, position.total_fees, [each.order_id for each in parts])
        trade._exit_price = exit_price
        trade._profit_loss = round_decimal(gain * value_per_point, 2)
        self._close_trade(trade, fill)
        left = held + part.quantity
        if left:
            part.quantity = left
            self._positions[fill.symbol] = _Position([part])
        else:
            del self._positions[fill.symbol]


class FlatToReduced(FlatToFlat):
    """One trade for every fill that makes a position smaller."""

    def _is_same_side(self, position: _Position, part: _Part) -> bool:
        return sign(position.parts[self._next].quantity) == sign(part.quantity)

    def _reduce(self, position: _Position, part: _Part, fee: Decimal, fill: OrderEvent, value_per_point: Decimal) -> None:
        position.total_fees += fee
        entered = position.parts[self._next].utc
        executed = entry = ZERO
        orders = [part.order_id]
        while position.parts and abs(executed) < abs(part.quantity):
            current = position.parts[self._next]
            open_quantity = abs(part.quantity) - abs(executed)
            taken = min(open_quantity, abs(current.quantity)) * sign(part.quantity)
            executed += taken
            entry += (current.price - entry) * taken / executed
            if open_quantity >= abs(current.quantity):
                position.parts.pop(self._next)
                entered = current.utc if self._next else entered
            else:
                current.quantity += taken
            orders.append(current.order_id)
        trade = _trade(fill, entered, entry, -executed, position.total_fees, orders)
        gain = (fill._fill_price - entry) * abs(executed) * sign(-executed)
        trade._profit_loss = round_decimal(gain * value_per_point, 2)
        self._close_trade(trade, fill)
        position.total_fees = ZERO
        if abs(executed) < abs(part.quantity):
            part.quantity -= executed
            position.parts = [part]
        elif not position.parts:
            del self._positions[fill.symbol]


def _average(parts: Iterable[_Part]) -> tuple[Decimal, Decimal]:
    """Price and quantity of parts, in LEAN's order of operations."""
    price = quantity = ZERO
    for part in parts:
        quantity += part.quantity
        price += (part.price - price) * part.quantity / quantity
    return price, quantity


def _trade(fill: OrderEvent, entered: int, entry: Decimal, quantity: Decimal, fees: Decimal, orders: Iterable[int]) -> Trade:
    direction = TradeDirection.LONG if fill._fill_quantity < 0 else TradeDirection.SHORT
    trade = Trade(fill.symbol, direction, abs(quantity), entered, entry, fees, list(dict.fromkeys(orders)))
    trade._exit_time_utc = fill._utc
    trade._exit_price = fill._fill_price
    return trade
