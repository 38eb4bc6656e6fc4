"""Bars of other lengths made from a subscription's (LEAN's IDataConsolidator and its children)."""

from datetime import timedelta
from typing import Any

from simulator.common.bars import Bar, BaseData, QuoteBar, TradeBar
from simulator.common.time_zone import DAY
from simulator.engine.event import Event, Handler


class DataConsolidator:
    """Base: takes points, emits consolidated ones to its handlers.

    Attributes:
        consolidated: the last point emitted.
    """

    def __init__(self) -> None:
        self.consolidated: BaseData | None = None
        self._handlers: list[Handler] = []

    @property
    def data_consolidated(self) -> Event:
        """`consolidator.data_consolidated += handler(sender, bar)`."""
        return Event(self._handlers)

    @data_consolidated.setter
    def data_consolidated(self, event: Event) -> None:
        """`+=` assigns the event back."""

    def update(self, data: BaseData) -> None:
        """Take a point."""
        raise NotImplementedError

    def _scan(self, utc: int) -> None:
        """Emit what is complete at an instant."""

    def _emit(self, data: BaseData) -> None:
        self.consolidated = data
        for handler in list(self._handlers):
            handler(self, data)


class IdentityDataConsolidator(DataConsolidator):
    """Passes points on, each start time once."""

    def __init__(self) -> None:
        super().__init__()
        self._last_end = -1

    def update(self, data: BaseData) -> None:
        """Pass a point on."""
        if data._end_utc != self._last_end:
            self._last_end = data._end_utc
            self._emit(data)


class PeriodConsolidator(DataConsolidator):
    """Bars of a fixed period, aligned to midnight of the exchange for periods below a day (LEAN's PeriodCountConsolidatorBase)."""

    def __init__(self, period: timedelta) -> None:
        super().__init__()
        self.period = period
        self._period = period // timedelta(microseconds=1)
        self._bar: Any = None
        self._start = 0

    @property
    def working_data(self) -> Any:
        """The bar in the making."""
        return self._bar

    def update(self, data: BaseData) -> None:
        """Take a bar: one of a new period completes the bar in the making."""
        if data.is_fill_forward and self._bar is None:
            return
        if self._bar is not None and data._start_utc >= self._start + self._period:
            self._complete()
        if self._bar is None:
            self._start = _rounded_down(data, self._period)
            self._bar = data.clone()._set_span(self._start, data._end_utc, data._zone)
        else:
            self._aggregate(data)
        if data._end_utc >= self._start + self._period:
            self._complete()

    def _scan(self, utc: int) -> None:
        if self._bar is not None and utc >= self._start + self._period:
            self._complete()

    def _complete(self) -> None:
        bar, self._bar = self._bar, None
        bar._set_span(self._start, self._start + self._period, bar._zone)
        self._emit(bar)

    def _aggregate(self, data: BaseData) -> None:
        bar = self._bar
        if isinstance(bar, TradeBar) and isinstance(data, TradeBar):
            bar._high, bar._low, bar._value = max(bar._high, data._high), min(bar._low, data._low), data._value
            bar._volume += data._volume if not data.is_fill_forward else 0
        elif isinstance(bar, QuoteBar) and isinstance(data, QuoteBar):
            bar.bid, bar.ask = _merged(bar.bid, data.bid), _merged(bar.ask, data.ask)
            bar._last_bid_size, bar._last_ask_size = data._last_bid_size, data._last_ask_size
            bar._value = bar._close
        bar._end_utc = data._end_utc


def _merged(side: Bar | None, other: Bar | None) -> Bar | None:
    if side is None or other is None:
        return side or other
    return Bar(side._open, max(side._high, other._high), min(side._low, other._low), other._close)


def _rounded_down(data: BaseData, period: int) -> int:
    from simulator.common.time_zone import local_microseconds, naive_datetime, to_utc  # noqa: PLC0415 - one use

    local = local_microseconds(data.time)
    return to_utc(naive_datetime(local - local % min(period, DAY)), data._zone)


class TradeBarConsolidator(PeriodConsolidator):
    """Trade bars of a period."""


class QuoteBarConsolidator(PeriodConsolidator):
    """Quote bars of a period."""
