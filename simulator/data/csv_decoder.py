"""LEAN's bar CSV as integer arrays: every price a mantissa at one common number of decimals, with the digits it was written with.

.NET decimals remember trailing zeros and LEAN prints them (order submission data), so the digits written are part of the value.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from simulator.common.enums import TickType
from simulator.common.time_zone import DAY, HOUR, MINUTE
from simulator.errors import CorruptDataError

COLUMNS: Final = {TickType.TRADE: 5, TickType.QUOTE: 10, TickType.OPEN_INTEREST: 1}
"""Values per line, the time not counted."""

PRICE_ROWS: Final = {TickType.TRADE: [0, 1, 2, 3], TickType.QUOTE: [0, 1, 2, 3, 5, 6, 7, 8], TickType.OPEN_INTEREST: list[int]()}
"""Values that are prices; the others are sizes."""

_COMMA: Final = 44
_DOT: Final = 46
_MILLISECOND: Final = 1000
_LONG_TIME: Final = 14


@dataclass(frozen=True, slots=True)
class DecodedCsv:
    """A CSV as numbers.

    Attributes:
        time: microseconds, since midnight (minute files) or since 1970-01-01 (hour and daily files), in the data time zone.
        values: one row per CSV column after the time: mantissas, prices at `decimals`, sizes at `size_decimals`.
        decimals: decimals of prices.
        size_decimals: decimals of volumes and sizes.
        digits: decimals each value was written with, or None when all prices were written with `decimals`.
        is_ascending: whether no time is before the one above it.
        is_whole: whether no value is 0.
    """

    time: NDArray[np.int64]
    values: NDArray[np.int64]
    decimals: int
    size_decimals: int
    digits: NDArray[np.int8] | None
    is_ascending: bool
    is_whole: bool


def decode(content: bytes, tick_type: TickType, *, long_time: bool, path: Path, entry: str) -> DecodedCsv:
    """Decodes a CSV without header; empty cells become 0.

    Args:
        content: the CSV.
        tick_type: what the lines hold.
        long_time: whether the time is "yyyyMMdd HH:mm" instead of milliseconds since midnight.
        path: file, for messages.
        entry: zip entry, for messages.

    Raises:
        CorruptDataError: a line has more or fewer cells than its kind, or a cell is no number; the line is named.
    """
    columns = COLUMNS[tick_type] + 1
    text = content.replace(b"\r", b"").strip(b"\n")
    if not text:
        return _decoded(np.zeros(0, np.int64), np.zeros((columns - 1, 0), np.int64), 0, 0, None)
    lines = text.count(b"\n") + 1
    if text.count(b",") != lines * (columns - 1):
        raise _malformed(text, columns, long_time, path, entry)
    if long_time:
        text = text.replace(b" ", b"").replace(b":", b"")
    while b",," in text:
        text = text.replace(b",,", b",0,")
    text = text.replace(b",\n", b",0\n").replace(b"\n", b",") + (b"0" if text.endswith(b",") else b"")
    has_points = b"." in text
    digits = _digits(text) if has_points else None
    numbers = _integers(text.replace(b".", b""), lines * columns)
    if numbers is None or (has_points and digits is None):
        raise _malformed(content.replace(b"\r", b"").strip(b"\n"), columns, long_time, path, entry)
    table = numbers.reshape(lines, columns).T
    time = _long_times(table[0]) if long_time else table[0] * _MILLISECOND
    values = np.ascontiguousarray(table[1:])
    if digits is None:
        return _decoded(time, values, 0, 0, None)
    return _aligned(time, values, np.ascontiguousarray(digits.reshape(lines, columns).T[1:]), PRICE_ROWS[tick_type])


def _decoded(
    time: NDArray[np.int64], values: NDArray[np.int64], decimals: int, size_decimals: int, digits: NDArray[np.int8] | None
) -> DecodedCsv:
    return DecodedCsv(time, values, decimals, size_decimals, digits, bool((time[1:] >= time[:-1]).all()), bool(values.all()))


def _aligned(time: NDArray[np.int64], values: NDArray[np.int64], digits: NDArray[np.int8], price_rows: list[int]) -> DecodedCsv:
    """Brings all prices to the most decimals of a price, all sizes to the most of a size."""
    is_price = np.zeros(values.shape[0], dtype=np.bool_)
    is_price[price_rows] = True
    decimals = int(digits[is_price].max(initial=0))
    size_decimals = int(digits[~is_price].max(initial=0))
    common = np.where(is_price, decimals, size_decimals)[:, None]
    uniform = bool(((digits == common) | (values == 0))[is_price].all())
    aligned = values * 10 ** (common - digits.astype(np.int64))
    return _decoded(time, aligned, decimals, size_decimals, None if uniform else digits)


def _integers(text: bytes, count: int) -> NDArray[np.int64] | None:
    """All numbers of a comma separated text, None when one of them is none."""
    signs = text.count(b"-")
    is_clean = not text.translate(None, b"0123456789,-") and b",," not in text and not text.startswith(b",")
    if not is_clean or (signs and (signs != text.count(b",-") + text.startswith(b"-") or b"-," in text)):
        return None
    numbers = np.fromstring(text, dtype=np.int64, sep=",", count=-1)
    return numbers if numbers.size == count else None


def _digits(text: bytes) -> NDArray[np.int8] | None:
    """Digits after the point of every cell, None when a cell has two points."""
    raw = np.frombuffer(text, dtype=np.uint8)
    ends = np.append(np.flatnonzero(raw == _COMMA), raw.size)
    dots = np.flatnonzero(raw == _DOT)
    cells = np.searchsorted(ends, dots)
    if bool((np.diff(cells) == 0).any()):
        return None
    digits = np.zeros(ends.size, dtype=np.int8)
    digits[cells] = ends[cells] - dots - 1
    return digits


def _long_times(stamps: NDArray[np.int64]) -> NDArray[np.int64]:
    """Microseconds since 1970 of numbers yyyyMMddHHmm."""
    minutes = stamps % 100
    hours = stamps // 100 % 100
    days = stamps // 10_000
    unique, inverse = np.unique(days, return_inverse=True)
    texts = [f"{day:08d}" for day in unique.tolist()]
    dates = np.array([f"{text[:4]}-{text[4:6]}-{text[6:]}" for text in texts], dtype="datetime64[D]").astype(np.int64)
    result: NDArray[np.int64] = dates[inverse] * DAY + hours * HOUR + minutes * MINUTE
    return result


def _malformed(text: bytes, columns: int, long_time: bool, path: Path, entry: str) -> CorruptDataError:
    """The error for the first line that cannot be read."""
    for number, line in enumerate(text.split(b"\n"), 1):
        cells = line.split(b",")
        if len(cells) != columns or not _is_time(cells[0], long_time) or not all(map(_is_number, cells[1:])):
            shown = line[:120].decode("utf-8", "replace")
            return CorruptDataError(path, f"'{shown}' is not a line of {columns} numbers", entry=entry, line=number)
    return CorruptDataError(path, f"not a table of {columns} numbers per line", entry=entry)


def _is_time(cell: bytes, long_time: bool) -> bool:
    return len(cell) == _LONG_TIME and cell.replace(b" ", b"").replace(b":", b"").isdigit() if long_time else cell.isdigit()


def _is_number(cell: bytes) -> bool:
    digits = cell.removeprefix(b"-").replace(b".", b"", 1)
    return not cell or digits.isdigit()
