"""Reads single entries out of large zips without listing them: only the asked name is looked for in the zip's directory."""

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from simulator.errors import CorruptDataError

_END: Final = struct.Struct("<4s4H2LH")
_HEADER: Final = struct.Struct("<4s6H3L5H2L")
_END_MAGIC: Final = b"PK\x05\x06"
_HEADER_MAGIC: Final = b"PK\x01\x02"
_LOCAL_MAGIC: Final = b"PK\x03\x04"
_LOCAL_SIZE: Final = 30
_IN_EXTRA: Final = 0xFFFFFFFF
_ZIP64: Final = 1
_STORED: Final = 0
_DEFLATED: Final = 8


class ZipDirectory:
    """The directory of one zip file, kept as bytes."""

    def __init__(self, path: Path) -> None:
        """Reads the directory.

        Raises:
            FileNotFoundError: there is no such file.
            CorruptDataError: the file is no complete zip.
        """
        self.path = path
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(size - 65_557, 0))
            tail = file.read()
            at = tail.rfind(_END_MAGIC)
            if at < 0 or len(tail) - at < _END.size:
                raise CorruptDataError(path, f"not a complete zip file ({size} bytes without an end record)")
            _, _, _, _, self.count, length, offset, _ = _END.unpack_from(tail, at)
            if offset + length > size:
                raise CorruptDataError(path, "the zip's directory lies outside the file; it is cut off or larger than 4 GB")
            file.seek(offset)
            self._directory = file.read(length)

    def names(self) -> list[str]:
        """Names of all entries, in file order."""
        names = []
        at = 0
        while self._directory[at : at + 4] == _HEADER_MAGIC:
            fields = _HEADER.unpack_from(self._directory, at)
            name_length, extra, comment = fields[10:13]
            start = at + _HEADER.size
            names.append(self._directory[start : start + name_length].decode("utf-8", "replace"))
            at = start + name_length + extra + comment
        return names

    def read(self, name: str) -> bytes | None:
        """Content of an entry, None when the zip has no entry of that name.

        Raises:
            CorruptDataError: the entry is damaged.
        """
        wanted = name.encode()
        at = self._directory.find(wanted)
        while at >= 0:
            start = at - _HEADER.size
            if (
                start >= 0
                and self._directory[start : start + 4] == _HEADER_MAGIC
                and _HEADER.unpack_from(self._directory, start)[10] == len(wanted)
            ):
                return self._content(start, name)
            at = self._directory.find(wanted, at + 1)
        return None

    def read_first(self) -> bytes | None:
        """Content of the first entry; LEAN reads equities and indices without looking at the entry's name."""
        return self._content(0, "first entry") if self.count else None

    def _content(self, start: int, name: str) -> bytes:
        try:
            method, crc, packed_size, offset = self._place(start)
            with self.path.open("rb") as file:
                file.seek(offset)
                local = file.read(_LOCAL_SIZE)
                name_length, extra = struct.unpack_from("<2H", local, 26)
                file.seek(name_length + extra, 1)
                packed = file.read(packed_size)
            content = _unpack(packed, method)
        except (struct.error, zlib.error, NotImplementedError) as error:
            raise CorruptDataError(self.path, f"the entry cannot be unpacked ({error})", entry=name) from error
        if local[:4] != _LOCAL_MAGIC or zlib.crc32(content) != crc:
            raise CorruptDataError(self.path, "the entry's checksum is wrong", entry=name)
        return content

    def _place(self, start: int) -> tuple[int, int, int, int]:
        """Method, checksum, packed size and offset of an entry; numbers that need 64 bits stand in an extra field."""
        fields = _HEADER.unpack_from(self._directory, start)
        method, crc, packed_size, size, name_length, extra_length, offset = *fields[4:5], *fields[7:10], *fields[10:12], fields[16]
        if _IN_EXTRA in {packed_size, size, offset}:
            at = start + _HEADER.size + name_length
            wide = _wide_numbers(self._directory[at : at + extra_length])
            size = next(wide) if size == _IN_EXTRA else size
            packed_size = next(wide) if packed_size == _IN_EXTRA else packed_size
            offset = next(wide) if offset == _IN_EXTRA else offset
        return method, crc, packed_size, offset


def _wide_numbers(extra: bytes) -> Iterator[int]:
    """The numbers of the zip64 extra field: size, packed size, offset, as far as the entry needs them."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        if kind == _ZIP64:
            for position in range(at + 4, at + 4 + length - 7, 8):
                yield struct.unpack_from("<Q", extra, position)[0]
            break
        at += 4 + length
    raise struct.error("64 bit numbers announced, none there")


def _unpack(packed: bytes, method: int) -> bytes:
    if method == _DEFLATED:
        return zlib.decompress(packed, wbits=-15)
    if method == _STORED:
        return packed
    raise NotImplementedError(f"compression method {method}")
