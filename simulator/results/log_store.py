"""The log of a run: what `<id>-log.txt` shows (lines of the algorithm and of the engine, in LEAN's order) and the engine's own log."""

from datetime import datetime
from typing import Any


class LogStore:
    """Collects lines; messages of one flush are grouped debug, error, log, as LEAN does."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.trace: list[str] = []

    def add(self, local_time: datetime, message: str) -> None:
        """A message of the engine, stamped with the algorithm's time."""
        self._add("Debug", f"{local_time:%Y-%m-%d %H:%M:%S} {message}")

    def flush(self, emitted: Any) -> None:
        """Takes the algorithm's waiting messages."""
        for kind, waiting in (("Debug", emitted.debug), ("Error", emitted.error), ("Log", emitted.log)):
            for line in waiting:
                self._add(kind, line)
            waiting.clear()

    def _add(self, kind: str, line: str) -> None:
        self.lines.append(line)
        self.trace.append(f"{kind}: {line}")
