"""Key-value files of an algorithm: LEAN's `ObjectStore` over its `LocalObjectStore`."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from simulator.common.lean_dictionary import KeyValuePair
from simulator.common.system_exceptions import ArgumentException, KeyNotFoundException

_KEY: Final = re.compile(r"^\.?[a-zA-Z0-9\\/_#\-$= ]+\.?[a-zA-Z0-9]*$")
_MAX_DEPTH: Final = 100
_LIMIT: Final = 9_999_999  # megabytes and files, as the LEAN CLI sets them


class ObjectStore:
    """Keys "a/b.txt" become files below the root, without a project prefix, as LEAN does locally.

    Values are kept in memory and written by `dispose`, `get_file_path` and `clear`; a file is replaced in one step, so a killed run never
    leaves half a value.

    Args:
        root: folder of the store; created when first written.
        write_through: write every save at once (for runs that may be killed and restarted).
    """

    def __init__(self, root: Path | str, *, write_through: bool = False) -> None:
        self._root = Path(root).resolve()
        self._write_through = write_through
        self._values: dict[str, bytes] = {}
        self._unwritten: set[str] = set()

    @property
    def max_size(self) -> int:
        """Largest total size in bytes."""
        return _LIMIT * 1024 * 1024

    @property
    def max_files(self) -> int:
        """Largest number of files."""
        return _LIMIT

    @property
    def keys(self) -> list[str]:
        """All keys, those only on disk included."""
        on_disk = [path.relative_to(self._root).as_posix() for path in sorted(self._root.rglob("*")) if path.is_file()]
        return list(dict.fromkeys([*self._values, *on_disk]))

    def __iter__(self) -> Iterator[KeyValuePair[str, bytes]]:
        return iter([KeyValuePair(key, self.read_bytes(key)) for key in self.keys])

    def contains_key(self, path: str) -> bool:
        """Whether the store has the key, in memory or on disk."""
        key = _normalized(path)
        return key in self._values or self._file(key).is_file()

    def read_bytes(self, path: str) -> bytes:
        """The value of the key.

        Raises:
            KeyNotFoundException: the store has no such key.
        """
        key = _normalized(path)
        if key not in self._values:
            if not self._file(key).is_file():
                raise KeyNotFoundException(
                    f"Object with path '{path}' was not found in the current project. "
                    "Please use ObjectStore.ContainsKey(key) to check if an object exists before attempting to read."
                )
            self._values[key] = self._file(key).read_bytes()
        return self._values[key]

    def read(self, path: str, encoding: Any = None) -> str:
        """The value of the key as text (UTF-8)."""
        return self.read_bytes(path).decode(encoding or "utf-8")

    def read_string(self, path: str, encoding: Any = None) -> str:
        """The same as `read`."""
        return self.read(path, encoding)

    def save_bytes(self, path: str, contents: bytes) -> bool:
        """Sets the value of the key.

        Raises:
            ArgumentException: LEAN does not accept the key.
        """
        if not _KEY.match(path) or path.count("/") > _MAX_DEPTH or path.count("\\") > _MAX_DEPTH:
            raise ArgumentException(f"LocalObjectStore: path is not supported: '{path}'")
        key = _normalized(path)
        self._values[key] = bytes(contents)
        self._unwritten.add(key)
        if self._write_through:
            self._persist()
        return True

    def save(self, path: str, text: str | None = None, encoding: Any = None) -> bool:
        """Sets the value of the key to a text (UTF-8), or, without text, to what stands in the key's file."""
        if text is None:
            file = self._file(_normalized(path))
            if not file.is_file():
                raise ArgumentException(f"There is no file associated with path {path} in '{file}'")
            return self.save_bytes(path, file.read_bytes())
        return self.save_bytes(path, text.encode(encoding or "utf-8"))

    def save_string(self, path: str, text: str, encoding: Any = None) -> bool:
        """The same as `save` with a text."""
        return self.save(path, text, encoding)

    def delete(self, path: str) -> bool:
        """Removes the key; whether there was one."""
        key = _normalized(path)
        known = self._values.pop(key, None) is not None
        self._unwritten.discard(key)
        if self._file(key).is_file():
            self._file(key).unlink()
            return True
        return known

    def get_file_path(self, path: str) -> str:
        """The file of the key, written out if there is a value; its folder exists."""
        file = self._file(_normalized(path))
        file.parent.mkdir(parents=True, exist_ok=True)
        self._persist()
        return str(file)

    def clear(self) -> None:
        """Writes what is pending and forgets the values in memory."""
        self._persist()
        self._values.clear()

    def dispose(self) -> None:
        """Writes what is pending."""
        self._persist()

    def _file(self, key: str) -> Path:
        return self._root / key

    def _persist(self) -> None:
        for key in sorted(self._unwritten):
            file = self._file(key)
            file.parent.mkdir(parents=True, exist_ok=True)
            partial = file.with_name(f".{file.name}.partial")
            partial.write_bytes(self._values[key])
            partial.replace(file)
        self._unwritten.clear()


def _normalized(path: str) -> str:
    return path.lstrip(".").lstrip("/\\").replace("\\", "/")
