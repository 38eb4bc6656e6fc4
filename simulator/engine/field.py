"""Prices of bars that indicators may be fed with instead of the close (LEAN's Common/Field.cs)."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, ClassVar

from simulator.common.bars import BaseData, QuoteBar, TradeBar

_TWO, _THREE, _FOUR, _SEVEN = Decimal(2), Decimal(3), Decimal(4), Decimal(7)


class Selector:
    """A function from a bar to a number; a point that lacks what it takes gives its value.

    Attributes:
        data_type: the kind of bars it needs, None when it takes any.
    """

    def __init__(self, take: Callable[[Any], Decimal], kinds: tuple[type[BaseData], ...], data_type: type[BaseData] | None = None) -> None:
        self._take = take
        self._kinds = kinds
        self.data_type = data_type

    def __call__(self, bar: BaseData) -> Decimal:
        """The number of a bar."""
        return self._take(bar) if isinstance(bar, self._kinds) else bar._value


def _of_bar(take: Callable[[Any], Decimal]) -> Selector:
    return Selector(take, (TradeBar, QuoteBar))


def _of_quote(take: Callable[[Any], Decimal]) -> Selector:
    return Selector(take, (QuoteBar,), QuoteBar)


class Field:
    """Selectors by name, e.g. `self.sma(symbol, 10, Resolution.DAILY, Field.OPEN)`."""

    OPEN: ClassVar[Selector] = _of_bar(lambda bar: bar._open)
    HIGH: ClassVar[Selector] = _of_bar(lambda bar: bar._high)
    LOW: ClassVar[Selector] = _of_bar(lambda bar: bar._low)
    CLOSE: ClassVar[Selector] = _of_bar(lambda bar: bar._value)
    VOLUME: ClassVar[Selector] = Selector(lambda bar: bar._volume, (TradeBar,), TradeBar)
    AVERAGE: ClassVar[Selector] = _of_bar(lambda bar: (bar._open + bar._high + bar._low + bar._close) / _FOUR)
    MEDIAN: ClassVar[Selector] = _of_bar(lambda bar: (bar._high + bar._low) / _TWO)
    TYPICAL: ClassVar[Selector] = _of_bar(lambda bar: (bar._high + bar._low + bar._close) / _THREE)
    WEIGHTED: ClassVar[Selector] = _of_bar(lambda bar: (bar._high + bar._low + 2 * bar._close) / _FOUR)
    SEVEN_BAR: ClassVar[Selector] = _of_bar(lambda bar: (2 * bar._open + bar._high + bar._low + 3 * bar._close) / _SEVEN)
    BID_OPEN: ClassVar[Selector] = _of_quote(lambda bar: bar.bid._open)
    BID_HIGH: ClassVar[Selector] = _of_quote(lambda bar: bar.bid._high)
    BID_LOW: ClassVar[Selector] = _of_quote(lambda bar: bar.bid._low)
    BID_CLOSE: ClassVar[Selector] = _of_quote(lambda bar: bar.bid._close)
    BID_PRICE: ClassVar[Selector] = _of_quote(lambda bar: bar.bid._close)
    ASK_OPEN: ClassVar[Selector] = _of_quote(lambda bar: bar.ask._open)
    ASK_HIGH: ClassVar[Selector] = _of_quote(lambda bar: bar.ask._high)
    ASK_LOW: ClassVar[Selector] = _of_quote(lambda bar: bar.ask._low)
    ASK_CLOSE: ClassVar[Selector] = _of_quote(lambda bar: bar.ask._close)
    ASK_PRICE: ClassVar[Selector] = _of_quote(lambda bar: bar.ask._close)
