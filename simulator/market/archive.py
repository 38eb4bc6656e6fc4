"""Zip files whose bytes depend on their content only."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from pathlib import Path

_EPOCH = (1980, 1, 1, 0, 0, 0)
_LEVEL = 7
_UNIX = 3


def write_zip(path: Path, entries: Iterable[tuple[str, bytes]]) -> None:
    """Writes a zip of (name, content) in the given order, with a fixed time stamp and compression."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in entries:
            info = zipfile.ZipInfo(name, _EPOCH)
            info.create_system, info.external_attr = _UNIX, 0o644 << 16
            archive.writestr(info, content, zipfile.ZIP_DEFLATED, _LEVEL)


def write_text(path: Path, text: str) -> None:
    """Writes a text file with Unix line ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
