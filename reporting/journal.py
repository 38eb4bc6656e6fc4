"""The trade journal: an append-only stream of events joined by ids, from which every report is derived.

proposal → verdicts → order → fills → marks → exit → next of the campaign. One event is one JSON object on a line:
`{"n": 12, "at": "2015-12-24T10:30:00", "kind": "proposal", "id": …, "campaign": …, …}`; times are New York.
"""

import json
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum, StrEnum
from typing import Any

from domain.contract import Contract
from domain.leg import Leg
from domain.position import Holding


class Kind(StrEnum):
    """What an event tells."""

    RUN = "run"
    PLAN = "plan"
    SKIP = "skip"
    CANDIDATES = "candidates"
    PROPOSAL = "proposal"
    VERDICT = "verdict"
    ORDER = "order"
    FILL = "fill"
    ORDER_END = "order_end"
    POSITION = "position"
    EXIT = "exit"
    MARK = "mark"
    ACCOUNT = "account"
    STATE = "state"
    EXPIRY = "expiry"
    ERROR = "error"
    END = "end"


class Journal:
    """Collects events in order and hands each line to a sink as it happens."""

    def __init__(self, sink: Callable[[Kind, str], None] | None = None) -> None:
        """Start empty; `sink` gets each event's kind and line at once (the algorithm's log tells some of them)."""
        self._lines: list[str] = []
        self._sink = sink
        self.errors = 0

    def record(self, kind: Kind, at: datetime, **facts: Any) -> None:
        """Append one event. Facts are plain values, enums, dates, contracts, legs, holdings, mappings and sequences of them; what is None is left out."""
        event = {"n": len(self._lines) + 1, "at": at.strftime("%Y-%m-%dT%H:%M:%S"), "kind": kind.value}
        event.update({name: _plain(value) for name, value in facts.items() if value is not None})
        line = json.dumps(event, separators=(",", ":"), allow_nan=False)
        self._lines.append(line)
        self.errors += kind is Kind.ERROR
        if self._sink is not None:
            self._sink(kind, line)

    def __len__(self) -> int:
        """Number of events."""
        return len(self._lines)

    def text(self) -> str:
        """The whole journal as JSON lines."""
        return "".join(f"{line}\n" for line in self._lines)


def read_events(text: str) -> list[dict[str, Any]]:
    """Events of a journal.

    Raises:
        ValueError: for a line that is no JSON object, naming its number.
    """
    events = []
    for number, line in enumerate(text.splitlines(), 1):
        try:
            event = json.loads(line)
        except json.JSONDecodeError as error:
            raise ValueError(f"journal line {number} is not JSON ({error.msg}); the file is torn or was edited") from error
        if not isinstance(event, dict):
            raise TypeError(f"journal line {number} is no event, was {line[:40]!r}")
        events.append(event)
    return events


def of_kind(events: Iterable[Mapping[str, Any]], *kinds: Kind) -> list[Mapping[str, Any]]:
    """Events of these kinds, in order."""
    return [event for event in events if event["kind"] in kinds]


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, bool | int | str) or value is None:
        return value
    if isinstance(value, float):
        return round(value, 6) if math.isfinite(value) else None
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    return _composed(value)


def _composed(value: Any) -> Any:
    if isinstance(value, Contract):
        return str(value)
    if isinstance(value, Leg):
        return f"{value.ratio:+d} {value.contract} {value.role}"
    if isinstance(value, Holding):
        return f"{value.quantity:+d} {value.contract} @{value.average_price:g} {value.role}"
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if is_dataclass(value):
        return {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
    return [_plain(item) for item in value]
