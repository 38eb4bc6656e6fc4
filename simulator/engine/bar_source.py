"""Real bars of a subscription in time order, one file's worth at a time (LEAN's SubscriptionDataReader and the enumerators around it)."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

import numpy as np

from simulator.common.bars import BaseData, QuoteBar, TradeBar
from simulator.common.enums import Resolution, SecurityType, TickType
from simulator.common.security_identifier import is_option
from simulator.common.symbol import Symbol
from simulator.common.time_zone import local_date, midnight_utc
from simulator.data.bar_array import BarArray, concatenate
from simulator.data.security_exchange_hours import SecurityExchangeHours
from simulator.engine.fill_forward import NO_TIMES, Times
from simulator.engine.mapped_files import BarReader, MappedFiles, MappedSymbol
from simulator.engine.subscription_data_config import SubscriptionDataConfig

_ONE_DAY: Final = timedelta(days=1)
_NEVER: Final = 1 << 62
_ONE: Final = Decimal(1)
_OPEN_INTEREST, _DAILY = TickType.OPEN_INTEREST, Resolution.DAILY  # members of an enumeration are slow to look up
_LONG: Final = frozenset({Resolution.HOUR, Resolution.DAILY})
_SIDES: Final = (slice(0, 4), slice(5, 9))

PriceFactor = Callable[[date], Decimal]


class Addend(Decimal):
    """A factor of prices that is added to them instead of multiplied with (the Panama canal of continuous futures)."""


@dataclass(slots=True)
class BarChunk:
    """Bars of one file that belong to the subscription.

    Attributes:
        ends: instants at which the bars are delivered, ascending.
        until_utc: every bar that ends before this instant is in this or an earlier chunk.
        outside: the file's bars outside the session: never delivered, yet what fill-forward repeats once the session begins.
        instants: `ends` as Python's own numbers, made when a stream takes the chunk over.
    """

    ends: Times
    until_utc: int
    bars: BarArray | None
    symbol: Symbol
    factor: Decimal | None = None
    outside: "tuple[BarChunk, ...]" = ()
    instants: list[int] = field(init=False, repr=False, compare=False)

    def point(self, row: int) -> BaseData:
        """The bar of a row, adjusted."""
        assert self.bars is not None  # noqa: S101 - rows exist only where bars do
        bar = self.bars.bar(row, self.symbol)
        return bar if self.factor is None else _scaled(bar, self.factor, self)

    def close(self, row: int) -> Decimal:
        """The close of a row, of a quote its middle, without making its bar. Adjusted as the bar would be; 0 where it has none."""
        assert self.bars is not None  # noqa: S101 - rows exist only where bars do
        if self.factor is None:
            return self.bars.close_price(row)
        return self.point(row)._value

    def is_whole(self, row: int) -> bool:
        """Whether the bar of a row has something in every column."""
        assert self.bars is not None  # noqa: S101 - rows exist only where bars do
        return self.bars.is_whole or 0 not in self.bars.values[:, row].tolist()

    def scaled_size(self, size: Decimal) -> Decimal:
        """A volume or quoted size in the units of adjusted prices; those of a continuous future stay (Extensions.Normalize)."""
        if self.factor is None or self.symbol.security_type is not SecurityType.EQUITY:
            return size
        return (size * (1 / self.factor)).quantize(_ONE)


def _scaled(bar: BaseData, factor: Decimal, chunk: BarChunk) -> BaseData:
    scale: Callable[[Decimal], Decimal] = factor.__add__ if isinstance(factor, Addend) else factor.__mul__
    if isinstance(bar, TradeBar):
        prices = (scale(bar._open), scale(bar._high), scale(bar._low), scale(bar._value))
        return TradeBar._make(bar.symbol, (bar._start_utc, bar._end_utc), bar._zone, prices, chunk.scaled_size(bar._volume))
    if isinstance(bar, QuoteBar):
        for side in (bar.bid, bar.ask):
            if side is not None:
                side._open, side._high, side._low, side._close = (
                    scale(side._open),
                    scale(side._high),
                    scale(side._low),
                    scale(side._close),
                )
        bar._value = bar._close
        bar._last_bid_size, bar._last_ask_size = chunk.scaled_size(bar._last_bid_size), chunk.scaled_size(bar._last_ask_size)
    return bar


class BarSource:
    """Reads what a configuration asks for: only bars inside the session, from the start on, daily ones with the exchange's times.

    Args:
        config: what is subscribed.
        hours: the exchange's hours; always open for open interest.
        reader: where files come from.
        start_utc: bars that end earlier are left out.
        end_utc: bars that start later are left out.
        last_date: data after this local date are not read (a delisting).
        price_factor: factor of a local date's prices, None for raw prices.
        mapped: the contract of a date that a continuous future reads from.
        fills: whether bars are repeated: then a quote without a bid or an ask takes the side of the bar before, and bars outside the
            session are handed over too (LEAN fills forward before it drops them).
        known: the bars of a longer span that another source has made of the same files, to take these bars from.
        precise: whether daily bars get the exchange's times; else they last from midnight to midnight as in the file.
    """

    def __init__(
        self,
        config: SubscriptionDataConfig,
        hours: SecurityExchangeHours,
        reader: BarReader,
        start_utc: int,
        end_utc: int,
        *,
        last_date: date | None = None,
        price_factor: PriceFactor | None = None,
        mapped: MappedSymbol | None = None,
        fills: bool = False,
        known: Sequence[BarChunk] | None = None,
        precise: bool = True,
    ) -> None:
        self.start_utc = start_utc
        self._config = config
        self._hours = hours
        self._end_utc = end_utc
        self._last_date = last_date
        self._price_factor = price_factor
        self._files = MappedFiles(config, hours, reader, mapped)
        self._fills = fills
        self._carries = fills and config.tick_type is TickType.QUOTE
        self._known = known
        self._precise = precise
        self._before: BarArray | None = None
        self._last_end = -1

    def chunks(self) -> Iterator[BarChunk]:
        """The bars file by file."""
        if self._files.is_empty:
            return
        if self._config.resolution in _LONG:
            yield from self._long_chunks()
            return
        zone = self._config.data_time_zone
        day, last = local_date(self.start_utc, zone), local_date(self._end_utc, zone)
        while day <= last:
            following = day + _ONE_DAY
            until = self._hours._open_from_utc(midnight_utc(following, zone), self._config.extended_hours)
            yield self._chunk(self._file(day), day, until)
            day = max(following, local_date(until, zone))

    def last_chunks(self) -> Iterator[BarChunk]:
        """The bars file by file, the last file first; each file's on its own, those without bars left out. For what has files at all."""
        if self._config.resolution in _LONG:
            yield from reversed(list(self._long_chunks()))
            return
        zone = self._config.data_time_zone
        first, day = local_date(self.start_utc, zone), local_date(self._end_utc, zone)
        while day >= first:
            self._last_end = -1
            bars = self._file(day)
            if bars is not None:
                yield self._chunk(bars, day, midnight_utc(day + _ONE_DAY, zone))
            day -= _ONE_DAY

    def _file(self, day: date) -> BarArray | None:
        zone = self._config.data_time_zone
        start, end = midnight_utc(day, zone), midnight_utc(day + _ONE_DAY, zone)
        if self._last_date is not None and local_date(start, self._hours.time_zone) > self._last_date:
            return None
        if not self._hours._is_open_during_utc(start, end, self._config.extended_hours):
            return None
        return self._files.day_file(day)

    def _long_chunks(self) -> Iterator[BarChunk]:
        """Hour and daily files hold everything, those of options a year; adjusted prices change factor within a file."""
        if self._known is not None:
            yield from self._parts_of(self._known)
            return
        zone = self._config.data_time_zone
        first, last = local_date(self.start_utc, zone), local_date(self._end_utc, zone)
        years = range(first.year, last.year + 1) if is_option(self._config.security_type) else range(last.year, last.year + 1)
        parts: list[BarChunk] = []
        for year in years:
            day = last if year == last.year else date(year, 12, 31)
            parts += self._by_factor(self._files.long_file(day, self.start_utc, self._end_utc))
        for index, part in enumerate(parts):
            part.until_utc = int(parts[index + 1].ends[0]) if index + 1 < len(parts) else _NEVER
            yield part

    def _parts_of(self, known: Sequence[BarChunk]) -> Iterator[BarChunk]:
        for chunk in known:
            assert chunk.bars is not None  # noqa: S101 - chunks of long files have bars
            first = int(np.searchsorted(chunk.ends, self.start_utc))
            last = int(np.searchsorted(chunk.bars.start_utc, self._end_utc, side="right"))
            if first < last:
                yield replace(chunk, ends=chunk.ends[first:last], bars=chunk.bars.part(first, last), outside=())

    def _by_factor(self, bars: BarArray | None) -> Iterator[BarChunk]:
        whole = self._chunk(bars, None, _NEVER)
        outside = tuple(part for chunk in whole.outside for part in self._parts_by_factor(chunk))
        for part in self._parts_by_factor(whole):
            yield replace(part, outside=outside)
            outside = ()

    def _parts_by_factor(self, whole: BarChunk) -> Iterator[BarChunk]:
        if whole.bars is None or not whole.ends.size:
            return
        if self._price_factor is None:
            yield whole
            return
        zone = self._hours.time_zone
        factors = [self._price_factor(local_date(int(start), zone)) for start in whole.bars.start_utc]
        first = 0
        for row in range(1, len(factors) + 1):
            if row == len(factors) or factors[row] != factors[first]:
                yield replace(whole, ends=whole.ends[first:row], bars=whole.bars.part(first, row), factor=factors[first])
                first = row

    def _chunk(self, bars: BarArray | None, day: date | None, until: int) -> BarChunk:
        empty = BarChunk(NO_TIMES, until, None, self._config.symbol)
        if bars is None or not len(bars):
            return empty
        are_sessions = self._precise and self._config.resolution is _DAILY and not self._hours.is_market_always_open
        if are_sessions:
            bars = self._precise_daily(bars)
        bars = self._within(bars)
        if not len(bars):
            return empty
        self._last_end = bars.end_utc.item(-1)
        if self._carries:
            bars = self._carry_sides(bars)
        factor = None if self._price_factor is None or day is None else self._price_factor(day)
        if are_sessions:
            return BarChunk(bars.end_utc, until, bars, self._config.symbol, factor)
        return self._split(bars, until, factor)

    def _within(self, bars: BarArray) -> BarArray:
        """Those that end at or after the start and after the last one handed over, and start at or before the end."""
        size = len(bars)
        if not size:
            return bars
        earliest = max(self.start_utc, self._last_end + 1)
        first = 0 if bars.end_utc.item(0) >= earliest else int(bars.end_utc.searchsorted(earliest))
        last = size if bars.start_utc.item(-1) <= self._end_utc else int(bars.start_utc.searchsorted(self._end_utc, side="right"))
        return bars if last - first == size else bars.part(first, max(first, last))

    def _split(self, bars: BarArray, until: int, factor: Decimal | None) -> BarChunk:
        """The bars of the session, beside them those that are only repeated."""
        symbol = self._config.symbol
        if self._config.tick_type is _OPEN_INTEREST:
            return BarChunk(bars.end_utc, until, bars, symbol, factor)
        if self._hours._is_one_session(bars.start_utc.item(0), bars.end_utc.item(-1), self._config.extended_hours):
            return BarChunk(bars.end_utc, until, bars, symbol, factor)
        inside = self._hours._open_mask(bars.start_utc, bars.end_utc, self._config.extended_hours)
        if inside.all():
            return BarChunk(bars.end_utc, until, bars, symbol, factor)
        kept = bars.where(inside)
        chunk = BarChunk(kept.end_utc, until, kept, symbol, factor)
        if self._fills:
            rest = bars.where(~inside)
            chunk.outside = (BarChunk(rest.end_utc, until, rest, symbol, factor),)
        return chunk

    def _precise_daily(self, bars: BarArray) -> BarArray:
        """Daily bars get the open and close of their date; those of dates without a regular session are dropped (LeanData.SetStrictEndTimes)."""
        slack = 4 * 86_400_000_000
        bars = bars.where((bars.end_utc >= self.start_utc - slack) & (bars.start_utc <= self._end_utc + slack))
        spans: list[tuple[int, int]] = []
        for start, end in zip(bars.start_utc.tolist(), bars.end_utc.tolist(), strict=True):
            opening, closing = self._hours._daily_session_utc(end)
            spans.append((opening, closing if closing >= start else -1))
        if not spans:
            return bars
        starts, ends = np.array(spans, dtype=np.int64).T
        return bars.with_times(starts, ends).where(ends >= 0)

    def _carry_sides(self, bars: BarArray) -> BarArray:
        """A quote without a bid or an ask takes the side of the bar before (QuoteBarFillForwardEnumerator)."""
        before, self._before = self._before, bars
        if bars.is_whole:
            return bars
        if before is not None:
            bars = concatenate([before.part(len(before) - 1, len(before)), bars]) or bars
        absent = [~bars.values[rows].any(axis=0) for rows in _SIDES]
        if any(bool(missing.any()) for missing in absent):
            values = bars.values.copy()
            digits = None if bars.digits is None else bars.digits.copy()
            for rows, missing in zip(_SIDES, absent, strict=True):
                index = np.maximum.accumulate(np.where(missing, 0, np.arange(missing.size)))
                values[rows] = values[rows][:, index]
                if digits is not None:
                    digits[rows] = digits[rows][:, index]
            bars = replace(bars, values=values, digits=digits)
        self._before = bars
        return bars if before is None else bars.part(1, len(bars))
