"""A closed round trip (Common/Statistics/Trade.cs)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from simulator.common.enums import TradeDirection
from simulator.common.time_zone import utc_datetime

_ZERO = Decimal(0)


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
