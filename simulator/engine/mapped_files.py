"""Which file bars are read from: a continuous future's contract of the date, an equity's ticker of the date (SubscriptionDataReader's source changes)."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Final, Protocol

import numpy as np

from simulator.common.enums import Resolution, SecurityType, TickType
from simulator.common.symbol import Symbol
from simulator.common.time_zone import local_date, midnight_utc
from simulator.data.bar_array import BarArray, concatenate
from simulator.data.security_exchange_hours import SecurityExchangeHours
from simulator.engine.subscription_data_config import SubscriptionDataConfig

_ONE_DAY: Final = timedelta(days=1)
_SLACK: Final = timedelta(days=4)
_NEVER: Final = 1 << 62

MappedSymbol = Callable[[date], Symbol | None]


class BarReader(Protocol):
    """What reads bars: DataFolder."""

    def bars(self, symbol: Symbol, resolution: Resolution, tick_type: TickType, day: date) -> BarArray | None:
        """Bars of the file that holds a date."""
        ...

    def has_files(self, symbol: Symbol, resolution: Resolution, tick_type: TickType) -> bool:
        """Whether there is any file with such bars of a security or of its chain."""
        ...


class MappedFiles:
    """Files of a configuration.

    Args:
        config: what is subscribed.
        hours: the exchange's hours; mappings change at its midnight.
        reader: where files come from.
        mapped: what a date is read from; None when it is always the symbol itself.
    """

    def __init__(
        self, config: SubscriptionDataConfig, hours: SecurityExchangeHours, reader: BarReader, mapped: MappedSymbol | None
    ) -> None:
        self._config = config
        self._zone = hours.time_zone
        self._reader = reader
        self._mapped = mapped

    @property
    def is_empty(self) -> bool:
        """Whether there is no file at all to read from."""
        return is_empty(self._config, self._reader, is_renamed=self._mapped is not None)

    def day_file(self, day: date) -> BarArray | None:
        """Bars of a date of the data time zone; it begins before the exchange's date where that lies behind."""
        if self._mapped is None:
            return self._bars(self._config.symbol, day)
        start = midnight_utc(day, self._config.data_time_zone)
        symbol, before = self._mapped(day), self._mapped(local_date(start, self._zone))
        bars = None if symbol is None else self._bars(symbol, day)
        if before is None or _is_same_file(symbol, before):
            return bars
        midnight = midnight_utc(day, self._zone)
        parts = (_between(self._bars(before, day), start, midnight), _between(bars, midnight, _NEVER))
        return concatenate([part for part in parts if part is not None])

    def long_file(self, day: date, start_utc: int, end_utc: int) -> BarArray | None:
        """Hour or daily bars of the file of a date; of each contract or ticker those of the dates it stands for."""
        if self._mapped is None:
            return self._bars(self._config.symbol, day)
        # Daily bars belong to the file's date, hour bars to the exchange's.
        zone = self._config.data_time_zone if self._config.resolution == Resolution.DAILY else self._zone
        spans = self._spans(local_date(start_utc, zone) - _SLACK, local_date(end_utc, zone))
        if len(spans) == 1:
            return self._bars(spans[0][0], day)
        parts = (
            _between(self._bars(symbol, day), midnight_utc(first, zone), midnight_utc(last + _ONE_DAY, zone))
            for symbol, first, last in spans
        )
        return concatenate([part for part in parts if part is not None])

    def _spans(self, day: date, last: date) -> list[tuple[Symbol, date, date]]:
        """Symbols, each with the first and last date it is read for."""
        spans: list[tuple[Symbol, date, date]] = []
        while day <= last:
            symbol = None if self._mapped is None else self._mapped(day)
            if symbol is not None:
                known = spans.pop() if spans and _is_same_file(symbol, spans[-1][0]) else (symbol, day, day)
                spans.append((known[0], known[1], day))
            day += _ONE_DAY
        return spans

    def _bars(self, symbol: Symbol, day: date) -> BarArray | None:
        return self._reader.bars(symbol, self._config.resolution, self._config.tick_type, day)


def is_empty(config: SubscriptionDataConfig, reader: BarReader, *, is_renamed: bool) -> bool:
    """Whether there is no file at all to read a configuration from; an equity's and a renamed option's may lie under other tickers."""
    if config.security_type is SecurityType.EQUITY or (config.security_type is SecurityType.OPTION and is_renamed):
        return False
    return not reader.has_files(config.symbol, config.resolution, config.tick_type)


def _between(bars: BarArray | None, start_utc: int, end_utc: int) -> BarArray | None:
    """Bars that start in a span."""
    return None if bars is None else bars.part(*np.searchsorted(bars.start_utc, (start_utc, end_utc)).tolist())


def _is_same_file(symbol: Symbol | None, other: Symbol) -> bool:
    """Whether two mapped symbols are read from the same file; those of an equity differ by ticker alone."""
    return symbol is not None and symbol == other and symbol.value == other.value
