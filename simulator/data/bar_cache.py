"""Decoded bar files on disk, so that a second run does not unpack and parse again.

Paths are strings: a year opens ten thousand files, and pathlib takes as long as reading them.
One cache file per zip holds the entries decoded so far. It is named after the zip's path, size and modification time and the version of this
format, written beside its final name and renamed, and read only when its length and checksum are right: whatever else lies there is ignored.
"""

import hashlib
import json
import os
import tempfile
import zlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from simulator.data.csv_decoder import DecodedCsv

VERSION: Final = 3
ENVIRONMENT: Final = "XDG_CACHE_HOME"

_INT32_MAX: Final = 2**31 - 1
_MAGIC: Final = b"TKSBARS\n"
_PREFIX: Final = len(_MAGIC) + 16


def default_cache_folder() -> Path:
    """$XDG_CACHE_HOME/tom-king-simulator, else ~/.cache/tom-king-simulator."""
    named = os.environ.get(ENVIRONMENT)
    return (Path(named) if named else Path.home() / ".cache") / "tom-king-simulator"


@cache
def _real(folder: str) -> str:
    return str(Path(folder).resolve())


class BarCache:
    """Reads and writes cache files in one folder; with folder None it does neither."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder

    def file_of(self, source: str) -> str | None:
        """Cache file of a zip as it is now, None without a folder or without the zip."""
        if self.folder is None:
            return None
        folder, _, name = source.rpartition("/")
        try:
            status = os.stat(source)  # noqa: PTH116 - a string by design
        except OSError:
            return None
        identity = f"{VERSION}|{_real(folder)}/{name}|{status.st_size}|{status.st_mtime_ns}"
        code = hashlib.sha256(identity.encode()).hexdigest()[:32]
        return f"{self.folder}/{code[:2]}/{code}.bars"

    def load(self, file: str | None) -> dict[str, DecodedCsv | None]:
        """Entries of a cache file, empty when it is absent or torn. An entry known to be missing from the zip is None."""
        if file is None:
            return {}
        try:
            with open(file, "rb", buffering=0) as stream:  # noqa: PTH123 - likewise
                return _unpack(stream.read())
        except OSError:
            return {}

    def store(self, file: str | None, entries: Mapping[str, DecodedCsv | None]) -> None:
        """Writes a cache file; a folder that cannot be written to is no error, only slower."""
        if file is None:
            return
        try:
            final = Path(file)
            final.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=final.parent, suffix=".part")
            with os.fdopen(handle, "wb") as stream:
                stream.write(_pack(entries))
            Path(temporary).replace(final)
        except OSError:
            return


def _pack(entries: Mapping[str, DecodedCsv | None]) -> bytes:
    described: dict[str, list[int] | None] = {}
    arrays: list[bytes] = []
    at = 0
    for name in entries:
        decoded = entries[name]
        if decoded is None:
            described[name] = None
            continue
        narrow = not decoded.values.size or int(np.abs(decoded.values).max()) <= _INT32_MAX
        described[name] = [
            at,
            decoded.time.size,
            len(decoded.values),
            decoded.decimals,
            decoded.size_decimals,
            decoded.digits is not None,
            narrow,
            decoded.is_ascending,
            decoded.is_whole,
        ]
        added = [
            decoded.time.tobytes(),
            _padded(decoded.values.astype(np.int32 if narrow else np.int64).tobytes()),
            b"" if decoded.digits is None else _padded(decoded.digits.tobytes()),
        ]
        arrays += added
        at += sum(map(len, added))
    header = _padded(json.dumps(described).encode(), b" ")
    body = header + b"".join(arrays)
    return _MAGIC + len(header).to_bytes(8, "little") + zlib.crc32(body).to_bytes(8, "little") + body


def _padded(content: bytes, filler: bytes = b"\0") -> bytes:
    return content + filler * (-len(content) % 8)


def _unpack(content: bytes) -> dict[str, DecodedCsv | None]:
    body = memoryview(content)[_PREFIX:]
    if (
        len(content) < _PREFIX
        or content[: len(_MAGIC)] != _MAGIC
        or zlib.crc32(body) != int.from_bytes(content[len(_MAGIC) + 8 : _PREFIX], "little")
    ):
        return {}
    length = int.from_bytes(content[len(_MAGIC) : len(_MAGIC) + 8], "little")
    return _Entries(json.loads(bytes(body[:length])), body[length:])


class _Entries(dict[str, DecodedCsv | None]):
    """Entries of a cache file, each made when it is asked for by name; till then its place and shape stand for it."""

    def __init__(self, described: dict[str, Any], arrays: memoryview) -> None:
        super().__init__(described)
        self._arrays = arrays

    def __getitem__(self, name: str) -> DecodedCsv | None:
        found: Any = super().__getitem__(name)
        if type(found) is list:
            found = self[name] = self._made(found)
        entry: DecodedCsv | None = found
        return entry

    def _made(self, shape: list[int]) -> DecodedCsv:
        at, rows, columns, decimals, size_decimals, has_digits, narrow, is_ascending, is_whole = shape
        cells = rows * columns
        time = np.frombuffer(self._arrays, np.int64, rows, at)
        at += 8 * rows
        values = np.frombuffer(self._arrays, np.int32 if narrow else np.int64, cells, at).reshape(columns, rows).astype(np.int64)
        at += (cells * (4 if narrow else 8) + 7) // 8 * 8
        digits = np.frombuffer(self._arrays, np.int8, cells, at).reshape(columns, rows) if has_digits else None
        return DecodedCsv(time, values, decimals, size_decimals, digits, bool(is_ascending), bool(is_whole))
