"""What LEAN's dictionary-like objects (Securities, Portfolio, Slice's collections) offer to Python."""

from collections.abc import Iterator
from typing import Generic, NamedTuple, TypeVar

from simulator.common.system_exceptions import KeyNotFoundException

K = TypeVar("K")
V = TypeVar("V")


class KeyValuePair(NamedTuple, Generic[K, V]):
    """System.Collections.Generic.KeyValuePair: what iterating a LEAN dictionary yields."""

    key: K
    value: V


class LeanDictionary(Generic[K, V]):
    """Mirrors ExtendedDictionary: iteration yields pairs, `len`, `in`, `keys`, `values`, `items`, `get`; a missing key raises KeyNotFoundException.

    A subclass provides `_enumerated`, what is enumerated, and overrides `_find` when look-ups see more or other keys than that.
    """

    def _enumerated(self) -> dict[K, V]:
        raise NotImplementedError

    def _find(self, key: object) -> V | None:
        return self._enumerated().get(key)  # type: ignore[arg-type]  # any object may be asked for

    def _missing(self, key: object) -> str:
        return f"'{key}' wasn't found in the {type(self).__name__} object, likely because there was no data at this moment in time."

    def __getitem__(self, key: object) -> V:
        found = self._find(key)
        if found is None:
            raise KeyNotFoundException(self._missing(key))
        return found

    def __contains__(self, key: object) -> bool:
        return self._find(key) is not None

    def __iter__(self) -> Iterator[KeyValuePair[K, V]]:
        return iter([KeyValuePair(key, value) for key, value in self._enumerated().items()])

    def __len__(self) -> int:
        return len(self._enumerated())

    @property
    def count(self) -> int:
        """Number of entries."""
        return len(self)

    def contains_key(self, key: object) -> bool:
        """Whether the key is known."""
        return key in self

    def keys(self) -> list[K]:
        """The keys in order of enumeration."""
        return list(self._enumerated())

    def values(self) -> list[V]:
        """The values in order of enumeration."""
        return list(self._enumerated().values())

    def items(self) -> list[tuple[K, V]]:
        """Key and value pairs in order of enumeration."""
        return list(self._enumerated().items())

    def get(self, key: object, default: V | None = None) -> V | None:
        """The value of the key, or the default."""
        found = self._find(key)
        return default if found is None else found
