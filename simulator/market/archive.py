"""Zip files whose bytes depend on their content only."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from pathlib import Path

_EPOCH = (1980, 1, 1, 0, 0, 0)
_LEVEL, _FAST_LEVEL = 9, 6
_LARGE = 50_000  # bytes


def write_zip(path: Path, entries: Iterable[tuple[str, bytes]]) -> None:
    """Writes a zip of (name, content) in the given order, with a fixed time stamp; large contents are compressed less hard."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in entries:
            info = zipfile.ZipInfo(name, _EPOCH)
            info.external_attr = 0o644 << 16
            archive.writestr(info, content, zipfile.ZIP_DEFLATED, _LEVEL if len(content) < _LARGE else _FAST_LEVEL)


def write_text(path: Path, text: str) -> None:
    """Writes a text file with Unix line ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
