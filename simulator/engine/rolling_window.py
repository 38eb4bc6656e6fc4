"""The last values of a series, newest first (Common/Indicators/RollingWindow.cs)."""

from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import Any, Generic, TypeVar

from simulator.common.system_exceptions import ArgumentException, ArgumentOutOfRangeException, InvalidOperationException

T = TypeVar("T")


class RollingWindow(Generic[T]):
    """Mirrors RollingWindow: `window[0]` is the newest value; an index beyond the size makes room for as many, and finds nothing yet.

    Raises:
        ArgumentException: a negative size.
    """

    def __init__(self, size: int) -> None:
        if size < 0:
            raise ArgumentException("RollingWindow must have size of at least 0. (Parameter 'size')")
        self._size = size
        self._items: deque[T] = deque()
        self._removed: T | None = None
        self.samples = 0

    @property
    def size(self) -> int:
        """How many values are kept."""
        return self._size

    @size.setter
    def size(self, size: int) -> None:
        self._size = size
        while len(self._items) > size:
            self._items.pop()

    @property
    def count(self) -> int:
        """How many values there are."""
        return len(self._items)

    @property
    def is_ready(self) -> bool:
        """Whether as many values came as are kept."""
        return self.samples >= self._size

    @property
    def most_recently_removed(self) -> T | None:
        """The value that left last.

        Raises:
            InvalidOperationException: none left yet.
        """
        if self.samples <= self._size:
            raise InvalidOperationException("No items have been removed yet!")
        return self._removed

    def add(self, item: T) -> None:
        """Take a value; the oldest leaves a full window."""
        self.samples += 1
        self._items.appendleft(item)
        if len(self._items) > self._size:
            self._removed = self._items.pop()

    def reset(self) -> None:
        """Forget everything."""
        self._items.clear()
        self._removed = None
        self.samples = 0

    def _place(self, index: int, length: int) -> int:
        if index >= 0:
            return index
        if self._size + index < 0:
            raise ArgumentOutOfRangeException(f"Index must be within -{self._size} and the window's size, got {index}. (Parameter 'i')")
        return length + index

    def __getitem__(self, index: int) -> T | None:
        place = self._place(index, len(self._items))
        if place >= self._size:
            self._size = place + 1
        return self._items[place] if 0 <= place < len(self._items) else None

    def __setitem__(self, index: int, value: T) -> None:
        place = self._place(index, self._size)
        self._size = max(self._size, place + 1)
        missing: Any = None
        while len(self._items) <= place:
            self.add(missing)
        self._items[place] = value

    def __iter__(self) -> Iterator[T]:
        return islice(list(self._items), None)

    def __len__(self) -> int:
        return len(self._items)
