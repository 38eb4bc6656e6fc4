"""Bars of a security from LEAN's zips, in exchange time, decoded once."""

from collections import OrderedDict
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from simulator.common.enums import Resolution, SecurityType, TickType
from simulator.common.period import to_microseconds
from simulator.common.security_identifier import is_option
from simulator.common.symbol import Symbol
from simulator.common.time_zone import DAY, array_to_local, array_to_utc, day_to_utc
from simulator.data.bar_array import BarArray
from simulator.data.bar_cache import BarCache
from simulator.data.csv_decoder import DecodedCsv, decode
from simulator.data.lean_data import BarLocation, is_scaled, zip_directory, zip_file_ending
from simulator.data.market_hours_database import MarketHoursDatabase
from simulator.data.zip_directory import ZipDirectory
from simulator.errors import CorruptDataError

RequestListener = Callable[[str, bool], None]
"""Called with the path inside the data folder and whether the file exists."""

_ArrayKey = tuple[BarLocation, date | int | None]

_BY_NAME: Final = frozenset(kind for kind in SecurityType if is_option(kind) or kind is SecurityType.FUTURE)
_SCALE_DECIMALS: Final = 4
_OPEN_FILES: Final = 320
_LONG: Final = frozenset({Resolution.HOUR, Resolution.DAILY})
_KEPT_ARRAYS: Final = 4096
_KEPT_LOCATIONS: Final = 16_384
_FIRST_ENTRY: Final = ""


class _BarFile:
    """One zip: its directory, read when needed, and the entries decoded so far."""

    def __init__(self, path: str, cache: BarCache) -> None:
        self.path = path
        self._cache = cache
        self._cache_file = cache.file_of(path)
        self._entries = cache.load(self._cache_file)
        self._stored = len(self._entries)
        self._directory: ZipDirectory | None = None

    def entry(self, name: str, tick_type: TickType, long_time: bool) -> DecodedCsv | None:
        try:
            return self._entries[name]
        except KeyError:
            content = self._read(name)
            decoded = None if content is None else decode(content, tick_type, long_time=long_time, path=Path(self.path), entry=name)
            self._entries[name] = decoded
            return decoded

    def _read(self, name: str) -> bytes | None:
        if self._directory is None:
            self._directory = ZipDirectory(Path(self.path))
        return self._directory.read_first() if name == _FIRST_ENTRY else self._directory.read(name)

    def names(self) -> list[str]:
        if self._directory is None:
            self._directory = ZipDirectory(Path(self.path))
        return self._directory.names()

    def save(self) -> None:
        if len(self._entries) > self._stored:
            self._cache.store(self._cache_file, self._entries)
            self._stored = len(self._entries)


class BarReader:
    """Finds, decodes and remembers bars; a missing file or contract is None and told to the listener."""

    def __init__(self, folder: Path, hours: MarketHoursDatabase, cache: BarCache, listener: RequestListener) -> None:
        self._folder = folder
        self._hours = hours
        self._cache = cache
        self._listener = listener
        self._files: OrderedDict[str, _BarFile] = OrderedDict()
        self._arrays: OrderedDict[_ArrayKey, BarArray | None] = OrderedDict()
        self._names: dict[str, frozenset[str]] = {}
        self._has_files: dict[tuple[str, str], bool] = {}
        self._locations: dict[tuple[Symbol, str, Resolution, TickType], BarLocation] = {}

    def has_files(self, symbol: Symbol, resolution: Resolution, tick_type: TickType) -> bool:
        """Whether there is any file with such bars of a security or of its chain."""
        directory, ending = key = zip_directory(symbol, resolution), zip_file_ending(symbol, resolution, tick_type)
        found = self._has_files.get(key)
        if found is None:
            found = self._has_files[key] = any(name.endswith(ending) for name in self._names_in(directory))
        return found

    def _location(self, symbol: Symbol, resolution: Resolution, tick_type: TickType) -> BarLocation:
        key = (symbol, symbol.value, resolution, tick_type)
        found = self._locations.get(key)
        if found is None:
            if len(self._locations) >= _KEPT_LOCATIONS:
                self._locations.clear()
            found = self._locations[key] = BarLocation(symbol, resolution, tick_type)
        return found

    def _names_in(self, directory: str) -> frozenset[str]:
        """Names in a directory as it was when it was first asked for."""
        names = self._names.get(directory)
        if names is None:
            folder = self._folder / directory
            names = self._names[directory] = frozenset(path.name for path in folder.iterdir()) if folder.is_dir() else frozenset()
        return names

    def bars(self, symbol: Symbol, resolution: Resolution, tick_type: TickType, day: date) -> BarArray | None:
        """All bars of the file a date (of the data time zone) belongs to: one date for minutes, one year or everything for hours and days.

        None when there is no such file, or nothing of the security in it.

        Raises:
            CorruptDataError: the file cannot be read.
        """
        at = self._location(symbol, resolution, tick_type)
        key = (at, at.span(day))
        if key in self._arrays:
            self._arrays.move_to_end(key)
            return self._arrays[key]
        by_name = symbol.security_type in _BY_NAME
        file = self._file(at.directory, at.file_name(day))
        array = (
            None if file is None else self._read(symbol, resolution, tick_type, day, file, at.entry_name(day) if by_name else _FIRST_ENTRY)
        )
        self._arrays[key] = array
        if len(self._arrays) > _KEPT_ARRAYS:
            self._arrays.popitem(last=False)
        return array

    def entry_names(self, symbol: Symbol, resolution: Resolution, tick_type: TickType, day: date) -> list[str]:
        """Names of the contracts' entries in a day's zip, empty without the zip."""
        at = self._location(symbol, resolution, tick_type)
        file = self._file(at.directory, at.file_name(day))
        return [] if file is None else file.names()

    def flush(self) -> None:
        """Writes what was decoded since the last time to the cache."""
        for file in self._files.values():
            file.save()

    def _file(self, directory: str, name: str) -> _BarFile | None:
        """A zip, told to the listener; None when there is none."""
        path = f"{directory}/{name}"
        exists = name in self._names_in(directory)
        self._listener(path, exists)
        if not exists:
            return None
        file = self._files.get(path)
        if file is None:
            file = self._files[path] = _BarFile(f"{self._folder}/{path}", self._cache)
            if len(self._files) > _OPEN_FILES:
                self._files.popitem(last=False)[1].save()
        self._files.move_to_end(path)
        return file

    def _read(self, symbol: Symbol, resolution: Resolution, tick_type: TickType, day: date, file: _BarFile, name: str) -> BarArray | None:
        long_time = resolution in _LONG
        decoded = file.entry(name, tick_type, long_time)
        if decoded is None or decoded.time.size == 0:
            return None
        entry = self._hours.entry_of(symbol)
        length = 0 if tick_type is TickType.OPEN_INTEREST else to_microseconds(resolution)
        if long_time:
            start, end = _spans(decoded.time, entry.data_time_zone, entry.exchange_hours.time_zone, length)
        else:
            start = day_to_utc(decoded.time, day, entry.data_time_zone)
            end = start + length
        is_shifted = start.item(-1) - start.item(0) == decoded.time.item(-1) - decoded.time.item(0)
        if not ((decoded.is_ascending and is_shifted) or (start[1:] >= start[:-1]).all()):
            at = int(np.argmax(np.diff(start) < 0)) + 2
            raise CorruptDataError(Path(file.path), "times go backwards; expected ascending times", entry=name, line=at)
        scale = _SCALE_DECIMALS if is_scaled(symbol.security_type) else 0
        digits = None if decoded.digits is None else decoded.digits + np.int8(scale)
        zone = entry.exchange_hours.time_zone
        bars = BarArray(tick_type, zone, start, end, decoded.values, decoded.decimals + scale, decoded.size_decimals, digits)
        bars._is_whole = decoded.is_whole
        return bars


def _spans(local: NDArray[np.int64], data_zone: str, exchange_zone: str, length: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Start and end of bars in UTC; a day's bar ends at the same local time of the exchange on the next day."""
    start = array_to_utc(local, data_zone)
    if length < DAY:
        return start, start + length
    return start, array_to_utc(array_to_local(start, exchange_zone) + length, exchange_zone)
