"""The trade journal, an append-only stream of events joined by ids, and what it says about each strategy.

proposal → verdicts → order → fills → marks → exit → next of the campaign. One event is one JSON object on a line:
`{"n": 12, "at": "2015-12-24T10:30:00", "kind": "proposal", "id": …, "campaign": …, …}`; times are New York. Every report is derived from
it; a figure that no event supports is None, not zero.
"""

import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date, datetime
from enum import Enum, StrEnum
from math import sqrt
from typing import Any

from domain.contract import Contract, Leg
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


_LINE = json.JSONEncoder(separators=(",", ":"), allow_nan=False)


class Journal:
    """Collects events in order and hands each line to a sink as it happens."""

    def __init__(self, sink: Callable[[Kind, str], None] | None = None) -> None:
        """Start empty; `sink` gets each event's kind and line at once (the algorithm's log tells some of them)."""
        self._lines: list[str] = []
        self._sink = sink
        self.errors = 0

    def record(self, kind: Kind, at: datetime, **facts: Any) -> None:
        """Append one event. Facts are plain values, enums, dates, contracts, legs, holdings, mappings and sequences of them; what is None is left out."""
        event = {"n": len(self._lines) + 1, "at": _moment(at), "kind": kind.value}
        event.update({name: _plain(value) for name, value in facts.items() if value is not None})
        line = _LINE.encode(event)
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
    """Events of these kinds, in order; a line of another program's making has no kind and is passed over."""
    return [event for event in events if event.get("kind") in kinds]


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="seconds")[:19]


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 6) if math.isfinite(value) else None
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, bool | int | str) or value is None:
        return value
    if isinstance(value, datetime):
        return _moment(value)
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


Events = Sequence[Mapping[str, Any]]
_NORMAL_95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class CampaignResult:
    """One finished campaign.

    Attributes:
        campaign: its id.
        strategy: whose.
        opened_at: time of the first position event, as text.
        closed_at: time of the last.
        reason: of the last exit.
        result_dollars: net of fees.
        fees_dollars: paid over its life.
        units: whole structures.
        lowest_mark_dollars: worst profit at any daily mark; None when it never saw one.
    """

    campaign: str
    strategy: str
    opened_at: str
    closed_at: str
    reason: str
    result_dollars: float
    fees_dollars: float
    units: int
    lowest_mark_dollars: float | None


@dataclass(frozen=True, slots=True)
class StrategyRecord:
    """What one strategy did in a run.

    Attributes:
        strategy: its name.
        entries: campaigns opened.
        closed: campaigns finished.
        exits: finished campaigns by reason.
        wins: finished with a profit after fees.
        average_win_dollars: of the winners; None without one.
        average_loss_dollars: of the others, <= 0; None without one.
        total_dollars: sum of results.
        fees_dollars: sum of fees.
        refusals: refused or reduced proposals by code.
        skips: entry days without a proposal by code.
    """

    strategy: str
    entries: int
    closed: int
    exits: Mapping[str, int]
    wins: int
    average_win_dollars: float | None
    average_loss_dollars: float | None
    total_dollars: float
    fees_dollars: float
    refusals: Mapping[str, int] = field(default_factory=dict)
    skips: Mapping[str, int] = field(default_factory=dict)

    @property
    def win_rate(self) -> float | None:
        """Share of winners; None before the first finished campaign."""
        return self.wins / self.closed if self.closed else None

    @property
    def win_rate_interval(self) -> tuple[float, float] | None:
        """95 % interval of the win rate."""
        return wilson_interval(self.wins, self.closed)


def wilson_interval(successes: int, trials: int) -> tuple[float, float] | None:
    """Wilson's 95 % score interval of a rate (Wilson 1927); None without a trial."""
    if trials < 1:
        return None
    z2 = _NORMAL_95**2
    rate = successes / trials
    centre = (rate + z2 / (2 * trials)) / (1 + z2 / trials)
    half = _NORMAL_95 / (1 + z2 / trials) * sqrt(rate * (1 - rate) / trials + z2 / (4 * trials**2))
    return max(0.0, centre - half), min(1.0, centre + half)


def campaign_results(events: Events) -> list[CampaignResult]:
    """Finished campaigns in order of closing."""
    opened: dict[str, str] = {}
    lowest: dict[str, float] = {}
    results = []
    for event in of_kind(events, Kind.POSITION, Kind.MARK):
        campaign = event["campaign"]
        if event["kind"] == Kind.MARK:
            if event.get("profit") is not None:
                lowest[campaign] = min(lowest.get(campaign, event["profit"]), event["profit"])
            continue
        opened.setdefault(campaign, event["at"])
        if event["status"] != "closed":
            continue
        results.append(
            CampaignResult(
                campaign,
                event["strategy"],
                opened[campaign],
                event["at"],
                event.get("reason", "unknown"),
                event["result"],
                event["fees"],
                event["units"],
                lowest.get(campaign),
            )
        )
    return results


def strategy_records(events: Events) -> list[StrategyRecord]:
    """One record per strategy that planned, skipped, proposed or held anything, by name."""
    results = campaign_results(events)
    entries = _first_campaigns(events)
    names = {event["strategy"] for event in events if "strategy" in event}
    return [_record(name, [one for one in results if one.strategy == name], entries, events) for name in sorted(names)]


def _first_campaigns(events: Events) -> dict[str, str]:
    return {event["campaign"]: event["strategy"] for event in of_kind(events, Kind.POSITION)}


def _record(name: str, results: Sequence[CampaignResult], entries: Mapping[str, str], events: Events) -> StrategyRecord:
    wins = [one.result_dollars for one in results if one.result_dollars > 0]
    losses = [one.result_dollars for one in results if one.result_dollars <= 0]
    mine = [event for event in events if event.get("strategy") == name]
    return StrategyRecord(
        strategy=name,
        entries=sum(strategy == name for strategy in entries.values()),
        closed=len(results),
        exits=dict(Counter(one.reason for one in results)),
        wins=len(wins),
        average_win_dollars=_mean(wins),
        average_loss_dollars=_mean(losses),
        total_dollars=sum(one.result_dollars for one in results),
        fees_dollars=sum(one.fees_dollars for one in results),
        refusals=dict(Counter(code for event in of_kind(mine, Kind.VERDICT) for code in event["codes"])),
        skips=dict(Counter(event["code"] for event in of_kind(mine, Kind.SKIP) if _ends_a_day(event))),
    )


def _ends_a_day(event: Mapping[str, Any]) -> bool:
    """Whether a skip is the day's last word: said at the end of the window, or before anything was tried."""
    return bool(event.get("is_final")) or event["code"] not in ("not_filled", "no_quote")


def _mean(values: Iterable[float]) -> float | None:
    found = list(values)
    return sum(found) / len(found) if found else None
