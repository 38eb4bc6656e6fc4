"""A stretch of a run told as a timeline: `python -m tools.timeline JOURNAL [--from DAY] [--to DAY]`.

One line a day with VIX, value and margin; under it every change of state, every refusal (by code), every decision to close and every campaign
that ended. Without dates: the 30 sessions around the highest VIX the journal tells of.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from reporting.performance_tracker import Events, Kind, of_kind
from tools import run_tables

SHOCK_SESSIONS = 30


@dataclass(frozen=True, slots=True)
class Span:
    """Some days of a run.

    Attributes:
        first: first day, as the journal writes it.
        last: last day.
        sessions: how many sessions it has.
        highest: highest VIX told in it.
    """

    first: str
    last: str
    sessions: int
    highest: float

    def holds(self, event: Mapping[str, Any]) -> bool:
        """Whether an event is of these days."""
        return self.first <= str(event["at"])[:10] <= self.last


def vix_by_day(events: Events) -> dict[str, float]:
    """Highest VIX any event of a day tells."""
    found: dict[str, float] = {}
    for event in events:
        for vix in _vix_of(event):
            day = event["at"][:10]
            found[day] = max(vix, found.get(day, 0.0))
    return found


def _vix_of(event: Mapping[str, Any]) -> Iterator[float]:
    figures = [event, event.get("numbers") or {}, *(one["numbers"] for one in event.get("verdicts", ()))]
    yield from (float(numbers["vix"]) for numbers in figures if numbers.get("vix") is not None)


def shock_span(events: Events, sessions: int = SHOCK_SESSIONS) -> Span:
    """The sessions around the highest VIX, a third of them before it.

    Raises:
        ValueError: if no event tells a VIX.
    """
    vix = vix_by_day(events)
    if not vix:
        raise ValueError("the journal tells no VIX; give the days with --from and --to")
    days = [day for day, _ in run_tables.closes(events)]
    peak = max(vix, key=lambda day: vix[day])
    at = next((number for number, day in enumerate(days) if day >= peak), len(days) - 1)
    first = max(0, min(at - sessions // 3, len(days) - sessions))
    chosen = days[first : first + sessions]
    return Span(chosen[0], chosen[-1], len(chosen), vix[peak])


def span_between(events: Events, first: str, last: str) -> Span:
    """The sessions from one day to another."""
    days = [day for day, _ in run_tables.closes(events) if first <= day <= last]
    vix = [level for day, level in vix_by_day(events).items() if first <= day <= last]
    return Span(first, last, len(days), max(vix, default=0.0))


def tell(events: Events, span: Span) -> list[str]:
    """The timeline's lines."""
    vix, value = vix_by_day(events), dict(run_tables.closes(events))
    chosen = [event for event in events if span.holds(event)]
    lines = [f"{span.first} to {span.last}, {span.sessions} sessions, highest VIX {span.highest:.1f}"]
    before = next((amount for day, amount in reversed(value.items()) if day < span.first), None)
    for day in sorted({event["at"][:10] for event in chosen}):
        today = [event for event in chosen if event["at"][:10] == day]
        told = list(_day(today))
        if day in value:
            lines += ["", _head(day, vix.get(day), value[day], before, today)]
            before = value[day]
        lines += [f"  {line}" for line in told]
    return [*lines, "", *_summary(chosen)]


def _head(day: str, vix: float | None, value: float, before: float | None, today: Events) -> str:
    accounts = of_kind(today, Kind.ACCOUNT)
    change = "" if before is None else f" ({value / before - 1.0:+.2%})"
    level = "-" if vix is None else f"{vix:.1f}"
    last = accounts[-1]
    return (
        f"{day}  VIX {level}  value {value:,.0f}{change}  margin {last['margin_used']:,.0f}  positions {last['positions']}  {last['state']}"
    )


def _day(today: Events) -> Iterator[str]:
    refused: Counter[tuple[str, str]] = Counter()
    for event in today:
        if event["kind"] == Kind.VERDICT and event["units"] < event["wanted"]:
            refused[event["strategy"], "refused" if event["units"] < 1 else "reduced"] += 1
            codes = " ".join(event["codes"])
            if refused[event["strategy"], "refused" if event["units"] < 1 else "reduced"] == 1:
                yield f"{_clock(event)}  {event['proposal']}: {event['wanted']} wanted, {event['units']} allowed: {codes}"
        elif event["kind"] in _LINES:
            line = _LINES[event["kind"]](event)
            if line:
                yield f"{_clock(event)}  {line}"
    for (strategy, what), count in refused.items():
        if count > 1:
            yield f"         {strategy}: {what} {count} times that day"


def _state(event: Mapping[str, Any]) -> str:
    numbers = ", ".join(f"{name} {amount:,.4g}" for name, amount in (event.get("numbers") or {}).items())
    change = " ".join(str(event[name]) for name in ("subject", "before", "after") if event.get(name) is not None)
    return f"STATE {event['event']} {change} {f'({numbers})' if numbers else ''}".rstrip()


def _exit(event: Mapping[str, Any]) -> str:
    return f"close {event['campaign']}: {event['reason']}, {event['urgency']}"


def _order(event: Mapping[str, Any]) -> str:
    return f"enter {event['campaign']}: {event['units']} units" if event.get("intent") == "open" else ""


def _position(event: Mapping[str, Any]) -> str:
    return f"ended {event['campaign']}: {event.get('reason')}, result {event['result']:+,.0f}" if event["status"] == "closed" else ""


def _expiry(event: Mapping[str, Any]) -> str:
    return f"expired {event['contract']} of {event['campaign']}" + (" (assigned)" if event["is_assignment"] else "")


def _error(event: Mapping[str, Any]) -> str:
    return f"ERROR {event.get('what')} {event.get('subject')}: {event.get('error')}"


_LINES = {
    Kind.STATE: _state,
    Kind.EXIT: _exit,
    Kind.ORDER: _order,
    Kind.POSITION: _position,
    Kind.EXPIRY: _expiry,
    Kind.ERROR: _error,
}


def _clock(event: Mapping[str, Any]) -> str:
    return str(event["at"][11:16])


def _summary(chosen: Events) -> list[str]:
    codes = Counter(code for event in of_kind(chosen, Kind.VERDICT) for code in event["codes"])
    states = Counter(event["event"] for event in of_kind(chosen, Kind.STATE))
    reasons = Counter(event["reason"] for event in of_kind(chosen, Kind.EXIT))
    results = [event["result"] for event in of_kind(chosen, Kind.POSITION) if event["status"] == "closed"]
    return [
        f"refusals and reductions by code: {_counts(codes)}",
        f"changes of state: {_counts(states)}",
        f"decisions to close by reason: {_counts(reasons)}",
        f"campaigns ended: {len(results)}, result {sum(results):+,.0f}",
    ]


def _counts(counted: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counted.most_common()) or "none"


@click.command()
@click.argument("journal", type=click.Path(path_type=Path, exists=True))
@click.option("--from", "first", type=click.DateTime(["%Y-%m-%d"]), help="First day.")
@click.option("--to", "last", type=click.DateTime(["%Y-%m-%d"]), help="Last day.")
@click.option("--sessions", default=SHOCK_SESSIONS, show_default=True, help="Sessions around the highest VIX, where no days are given.")
def main(journal: Path, first: datetime | None, last: datetime | None, sessions: int) -> None:
    """Tell a stretch of a run as a timeline."""
    events = run_tables.load(journal)
    if (first is None) != (last is None):
        raise click.UsageError("--from and --to belong together")
    span = shock_span(events, sessions) if first is None or last is None else span_between(events, f"{first:%Y-%m-%d}", f"{last:%Y-%m-%d}")
    click.echo("\n".join(tell(events, span)))


if __name__ == "__main__":
    main()
