"""Bars of other lengths made from a subscription's (LEAN's IDataConsolidator and its children)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from simulator.common.bars import Bar, BaseData, QuoteBar, TradeBar
from simulator.common.time_zone import DAY, HOUR, local_microseconds, naive_datetime, to_local_microseconds, to_utc
from simulator.data.security_exchange_hours import SecurityExchangeHours
from simulator.engine.event import Event, Handler
from simulator.engine.rolling_window import RollingWindow

Calendar = Callable[[int], tuple[int, int]]
"""Start and length of the bar a local time belongs to, in microseconds."""

_NEVER: Final = -(1 << 62)
_BEGINNING: Final = 62_135_596_800_000_000
"""Microseconds from .NET's first instant, from which it counts periods, to 1970."""


class DataConsolidator:
    """Base: takes points, emits consolidated ones to its handlers.

    Attributes:
        consolidated: the last point emitted; while handlers run, the one before it.
        window: the last points emitted, newest first, two unless its size is set.
    """

    def __init__(self) -> None:
        self.consolidated: BaseData | None = None
        self.window: RollingWindow[BaseData] = RollingWindow(2)
        self._handlers: list[Handler] = []

    @property
    def current(self) -> BaseData | None:
        """The last point emitted, also while handlers run."""
        return self.window[0]

    @property
    def previous(self) -> BaseData | None:
        """The point emitted before that."""
        return self.window[1] if self.window.count > 1 else None

    def __getitem__(self, index: int) -> BaseData | None:
        return self.window[index]

    @property
    def data_consolidated(self) -> Event:
        """`consolidator.data_consolidated += handler(sender, bar)`."""
        return Event(self._handlers)

    @data_consolidated.setter
    def data_consolidated(self, event: Event) -> None:
        """`+=` assigns the event back."""

    @property
    def working_data(self) -> Any:
        """The bar in the making."""
        return None

    def update(self, data: BaseData) -> None:
        """Take a point."""
        raise NotImplementedError

    def _scan(self, local: int) -> None:
        """Emit what is complete at a local time."""

    def _emit(self, data: BaseData) -> None:
        self.window.add(data)
        for handler in list(self._handlers):
            handler(self, data)
        self.consolidated = data


class IdentityDataConsolidator(DataConsolidator):
    """Passes points on, each end time once."""

    def __init__(self) -> None:
        super().__init__()
        self._last_end = -1

    def update(self, data: BaseData) -> None:
        """Pass a point on."""
        if data._end_utc != self._last_end:
            self._emit(data)
            self._last_end = data._end_utc


class PeriodConsolidator(DataConsolidator):
    """Bars of a period, of a number of points, or of a calendar (PeriodCountConsolidatorBase).

    Args:
        period: length, number of points, or a function from a local time to the start and length of its bar.
        start_time: time of the day at which periods begin; midnight unless given.
    """

    def __init__(self, period: "timedelta | int | Callable[[datetime], Any]", start_time: timedelta | None = None) -> None:
        super().__init__()
        self._count = period if isinstance(period, int) else None
        self._calendar = _calendar_of(period, start_time)
        self._period: int | None = None if self._count is not None else _microseconds(period) if isinstance(period, timedelta) else 1
        self._bar: Any = None
        self._start = 0
        self._seen = 0
        self._last_emit: int | None = None

    @property
    def working_data(self) -> Any:
        """The bar in the making."""
        return None if self._bar is None else self._bar.clone()

    def update(self, data: BaseData) -> None:
        """Take a bar: one of a new period completes the bar in the making."""
        if not isinstance(data, TradeBar | QuoteBar):
            return
        start = to_local_microseconds(data._start_utc, data._zone)
        if self._last_emit is None:
            self._last_emit = _NEVER if self._count is None else start
        if self._count is not None:
            self._update_count(data, start)
        elif self._is_due(data, start):
            self._complete()
        if self._count is None and start >= self._last_emit:
            self._aggregate(data)

    def _update_count(self, data: TradeBar | QuoteBar, start: int) -> None:
        self._seen += 1
        if self._last_emit is not None and start >= self._last_emit:
            self._aggregate(data)
            self._bar._set_span(self._bar._start_utc, data._end_utc, data._zone)
        if self._count is not None and self._seen >= self._count:
            self._seen = 0
            self._last_emit = start
            self._send()

    def _is_due(self, data: BaseData, start: int) -> bool:
        if self._bar is None or self._period is None or self._last_emit is None:
            return False
        return start - self._start >= self._period and self._rounded_start(data) > self._last_emit

    def _scan(self, local: int) -> None:
        if self._bar is None or not self._period or self._last_emit is None:
            return
        if local - self._start >= self._period and self._rounded(local) > self._last_emit:
            self._complete()

    def _complete(self) -> None:
        self._last_emit = to_local_microseconds(self._bar._end_utc, self._bar._zone)
        self._send()

    def _send(self) -> None:
        bar = self._bar
        self._emit(bar)
        self._bar = None

    def _rounded(self, local: int) -> int:
        if self._calendar is None:
            return local
        start, period = self._calendar(local)
        if self._bar is None:
            self._period = period
        return start

    def _rounded_start(self, data: BaseData) -> int:
        begin, end = (to_local_microseconds(utc, data._zone) for utc in (data._start_utc, data._end_utc))
        start = self._rounded(begin)
        if self._period is not None and start + self._period < end:
            # Hour bars of US shares begin at nine, before the exchange opens: they belong to the session they end in.
            is_early_hour = end - begin == HOUR and start // DAY < begin // DAY
            return self._rounded(end) if is_early_hour else begin
        return start

    def _aggregate(self, data: "TradeBar | QuoteBar") -> None:
        if self._bar is None:
            self._start = self._rounded_start(data)
            length = data._end_utc - data._start_utc if self._period is None else self._period
            self._bar = self._opened(data)
            self._bar._set_span(_utc(self._start, data._zone), _utc(self._start + length, data._zone), data._zone)
        elif isinstance(data, TradeBar):
            bar = self._bar
            bar._high, bar._low, bar._value = max(bar._high, data._high), min(bar._low, data._low), data._value
            bar._volume += data._volume
        if isinstance(data, QuoteBar):
            self._take_quote(data)

    def _opened(self, data: "TradeBar | QuoteBar") -> "TradeBar | QuoteBar":
        span = (data._start_utc, data._end_utc)
        if isinstance(data, TradeBar):
            return TradeBar._make(data.symbol, span, data._zone, (data._open, data._high, data._low, data._value), data._volume)
        bar = QuoteBar._make(data.symbol, span, data._zone, (None, None), (Decimal(0), Decimal(0)))
        if isinstance(self.consolidated, QuoteBar):
            last = self.consolidated
            bar.bid, bar.ask = _flat(last.bid), _flat(last.ask)
            bar._last_bid_size, bar._last_ask_size = last._last_bid_size, last._last_ask_size
        return bar

    def _take_quote(self, data: QuoteBar) -> None:
        bar = self._bar
        if data.bid is not None:
            bar.bid, bar._last_bid_size = _merged(bar.bid, data.bid), data._last_bid_size
        if data.ask is not None:
            bar.ask, bar._last_ask_size = _merged(bar.ask, data.ask), data._last_ask_size
        bar._value = data._value


class TradeBarConsolidator(PeriodConsolidator):
    """Trade bars of a period, or of a number of bars."""

    input_type = TradeBar

    def update(self, data: BaseData) -> None:
        """Take a trade bar."""
        if isinstance(data, TradeBar):
            super().update(data)


class QuoteBarConsolidator(PeriodConsolidator):
    """Quote bars of a period, or of a number of bars."""

    input_type = QuoteBar

    def update(self, data: BaseData) -> None:
        """Take a quote bar."""
        if isinstance(data, QuoteBar):
            super().update(data)


class SessionConsolidator(DataConsolidator):
    """Daily bars of the exchange's sessions (LEAN's MarketHourAwareConsolidator, which cannot be made by hand here).

    Args:
        hours: the exchange's hours.
        strict: whether bars last from open to close; else from midnight to midnight.
    """

    def __init__(self, hours: SecurityExchangeHours, *, strict: bool) -> None:
        super().__init__()
        self._hours = hours
        self._inner = PeriodConsolidator(timedelta(days=1))
        if strict and not hours.is_market_always_open:
            self._inner._calendar = self._session
            self._inner._period = 1
        self._inner.data_consolidated += lambda _sender, bar: self._emit(bar)

    @property
    def working_data(self) -> Any:
        """The bar in the making."""
        return self._inner.working_data

    def update(self, data: BaseData) -> None:
        """Take a bar of the regular session."""
        hours = self._hours
        is_long = data._end_utc - data._start_utc >= HOUR
        if hours._is_open_utc(data._start_utc, False) or (is_long and hours._is_open_during_utc(data._start_utc, data._end_utc, False)):
            self._inner.update(data)

    def _scan(self, local: int) -> None:
        self._inner._scan(local)

    def _session(self, local: int) -> tuple[int, int]:
        zone = self._hours.time_zone
        opens, closes = self._hours._daily_session_utc(_utc(local, zone))
        start = to_local_microseconds(opens, zone)
        return start, to_local_microseconds(closes, zone) - start


def _utc(local: int, zone: str) -> int:
    return to_utc(naive_datetime(local), zone)


def _microseconds(period: timedelta) -> int:
    return period // timedelta(microseconds=1)


def _calendar_of(period: Any, start_time: timedelta | None) -> Calendar | None:
    if isinstance(period, int):
        return None
    if callable(period):
        return lambda local: _bar_of(period(naive_datetime(local)))
    length = _microseconds(period)
    if start_time is not None:
        return lambda local: (_start_from(local, length, _microseconds(start_time)), length)
    if length > DAY or not length:
        return lambda local: (local, length)
    return lambda local: (local - (local + _BEGINNING) % length, length)


def _bar_of(info: Any) -> tuple[int, int]:
    """Start and length of what a calendar function of the algorithm answers: CalendarInfo(start, period)."""
    return local_microseconds(info.start), _microseconds(info.period)


def _start_from(local: int, length: int, start_time: int) -> int:
    reference = local - local % DAY + start_time
    if length >= 7 * DAY:
        day = naive_datetime(local)
        reference = local_microseconds(datetime(day.year, day.month, 1)) + start_time  # noqa: DTZ001 - exchange time
    return reference + (local - reference) // length * length


def _flat(side: Bar | None) -> Bar | None:
    return None if side is None or not side._close else Bar(side._close, side._close, side._close, side._close)


def _merged(side: Bar | None, other: Bar) -> Bar:
    if side is None:
        return Bar(other._open, other._high, other._low, other._close)
    return Bar(side._open, max(side._high, other._high), min(side._low, other._low), other._close)
