"""A .NET event as Python sees it: `source.event += handler`."""

from collections.abc import Callable
from typing import Any, Self

Handler = Callable[[Any, Any], None]
"""Called with the sender and what happened."""


class Event:
    """`+=` adds a handler, `-=` removes it.

    Args:
        handlers: where the source keeps its handlers.
    """

    def __init__(self, handlers: list[Handler]) -> None:
        self._handlers = handlers

    def __iadd__(self, handler: Handler) -> Self:
        self._handlers.append(handler)
        return self

    def __isub__(self, handler: Handler) -> Self:
        self._handlers.remove(handler)
        return self
