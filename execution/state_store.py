"""What a restart needs, written to the Object Store when it changes: versioned, checksummed, the previous copy kept (design 4).

Live only: LEAN's paper brokerage restores nothing by itself (lean_engine 16.2), and a backtest must not inherit another run's state.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date, datetime
from typing import Any, Protocol

from domain.contract import Contract, Right, Settlement, Style
from domain.contract import Role
from domain.position import Holding, Position, PositionStatus
from domain.state import ExitReason
from domain.views import ClosedTrade

VERSION = 1
KEY = "tom-king/state.json"
PREVIOUS_KEY = "tom-king/state.previous.json"


class StateError(ValueError):
    """Raised when neither copy of the state is whole, or it is of another version. The machine starts REDUCING and tells a person."""


class Store(Protocol):
    """The part of LEAN's object store that is used."""

    def contains_key(self, path: str) -> bool:
        """Whether there is something under the key."""
        ...

    def read(self, path: str) -> str:
        """The text under the key."""
        ...

    def save(self, path: str, text: str) -> bool:
        """Write the text under the key."""
        ...


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything that outlives the process.

    Attributes:
        positions: live campaigns.
        closed_trades: results so far.
        breakers: `BreakerState.to_facts()`.
        phase: `PhaseState.to_facts()`, empty before the first session.
        volatilities: at-the-money volatilities by underlying, oldest first.
    """

    positions: tuple[Position, ...] = ()
    closed_trades: tuple[ClosedTrade, ...] = ()
    breakers: Mapping[str, str | float] | None = None
    phase: Mapping[str, float] | None = None
    volatilities: Mapping[str, tuple[float, ...]] = field(default_factory=dict)


def save(store: Store, snapshot: Snapshot) -> None:
    """Write the snapshot, keeping what was there as the previous copy. A snapshot equal to the stored one writes nothing."""
    text = _encode(snapshot)
    old = store.read(KEY) if store.contains_key(KEY) else None
    if text == old:
        return
    if old is not None:
        store.save(PREVIOUS_KEY, old)
    store.save(KEY, text)


def load(store: Store) -> Snapshot | None:
    """The newest whole snapshot; None when nothing was ever saved.

    Raises:
        StateError: if something was saved and neither copy can be trusted.
    """
    problems = []
    for key in (KEY, PREVIOUS_KEY):
        if not store.contains_key(key):
            continue
        try:
            return _decode(store.read(key))
        except (ValueError, KeyError, TypeError) as problem:
            problems.append(f"{key}: {problem}")
    if problems:
        raise StateError(
            f"no whole copy of the state ({'; '.join(problems)}); check the account by hand, then delete both keys to start anew"
        )
    return None


def differences(positions: tuple[Position, ...], held: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    """Contracts whose quantity in the book differs from the account's: key to (book, account). Holdings unknown to the book are among them."""
    booked: dict[str, int] = {}
    for position in positions:
        for holding in position.holdings:
            booked[holding.contract.key] = booked.get(holding.contract.key, 0) + holding.quantity
    return {
        key: (booked.get(key, 0), held.get(key, 0)) for key in sorted(booked.keys() | held.keys()) if booked.get(key, 0) != held.get(key, 0)
    }


def _encode(snapshot: Snapshot) -> str:
    body = json.dumps(asdict(snapshot), default=_text, sort_keys=True, separators=(",", ":"))
    return json.dumps({"version": VERSION, "checksum": hashlib.sha256(body.encode()).hexdigest(), "body": body})


def _text(value: Any) -> str:
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(f"a {type(value).__name__} cannot be kept in the state: {value!r}")


def _decode(text: str) -> Snapshot:
    outer = json.loads(text)
    if outer["version"] != VERSION:
        raise ValueError(f"version {outer['version']}, expected {VERSION}")
    if hashlib.sha256(outer["body"].encode()).hexdigest() != outer["checksum"]:
        raise ValueError("the checksum does not fit: the text is torn or was edited")
    body = json.loads(outer["body"])
    return Snapshot(
        positions=tuple(_position(item) for item in body["positions"]),
        closed_trades=tuple(
            ClosedTrade(**{**item, "closed_at": datetime.fromisoformat(item["closed_at"])}) for item in body["closed_trades"]
        ),
        breakers=body["breakers"],
        phase=body["phase"],
        volatilities={name: tuple(values) for name, values in body["volatilities"].items()},
    )


def _position(item: Mapping[str, Any]) -> Position:
    plain = {one.name: item[one.name] for one in fields(Position)}
    plain["holdings"] = tuple(_holding(holding) for holding in item["holdings"])
    plain["opened_at"] = datetime.fromisoformat(item["opened_at"])
    plain["status"] = PositionStatus(item["status"])
    plain["exit_reason"] = ExitReason(item["exit_reason"]) if item["exit_reason"] else None
    return Position(**plain)


def _holding(item: Mapping[str, Any]) -> Holding:
    contract = item["contract"]
    return Holding(
        Contract(
            **{
                **contract,
                "right": Right(contract["right"]),
                "expiry": date.fromisoformat(contract["expiry"]),
                "ends_at": datetime.fromisoformat(contract["ends_at"]),
                "style": Style(contract["style"]),
                "settlement": Settlement(contract["settlement"]),
            }
        ),
        item["quantity"],
        item["average_price"],
        Role(item["role"]),
    )
