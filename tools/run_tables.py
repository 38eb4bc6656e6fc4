"""Tables of a run, derived from its journal: what each strategy did, why entries were refused or skipped, what became of the account.

`strategy_report(path)` is the text the command line prints at the end of a run.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from reporting.performance_tracker import Events, Kind, StrategyRecord, of_kind, read_events, strategy_records

STATED_WIN_RATES: Mapping[str, str] = {
    "friday_0dte": "88 % (rulebook 2.1); 85-92 % (PDF p8, 13, 25)",
    "lt112": "73 % (PDF p8); over 90 % (EPK)",
    "futures_strangle": "71 % (PDF p8); 94 % of 33 (TK-STR)",
    "ipmcc": "83 % (PDF p8)",
    "leap_put_ladder": "82 % (PDF p8); 97 % (TK-LEAP)",
}
"""Win rates the sources state, none of them verified: shown beside what a run made, never used."""


@dataclass(frozen=True, slots=True)
class Table:
    """A head and rows of text; the first column is left-aligned, the others right."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def markdown(self) -> str:
        """As GitHub shows it."""
        rule = "|---|" + "---:|" * (len(self.head) - 1)
        return "\n".join([f"| {' | '.join(self.head)} |", rule, *(f"| {' | '.join(row)} |" for row in self.rows)])

    def text(self) -> str:
        """As a terminal shows it."""
        lines = (self.head, *self.rows)
        widths = [max(len(line[column]) for line in lines) for column in range(len(self.head))]
        shown = [
            "  ".join(
                cell.ljust(width) if column == 0 else cell.rjust(width)
                for column, (cell, width) in enumerate(zip(line, widths, strict=True))
            )
            for line in lines
        ]
        return "\n".join([shown[0], "-" * len(shown[0]), *shown[1:]])


@dataclass(frozen=True, slots=True)
class AccountSummary:
    """The account over a run, from the value at each session's close.

    Attributes:
        start: first value, dollars.
        end: last value, dollars.
        drawdown: deepest fall from a high as a share of it.
        drawdown_from: day of that high.
        drawdown_to: day of that low.
        worst_day: lowest change from one close to the next, as a share.
        worst_day_on: its day.
        best_day: highest change.
        margin_most: largest margin in use at a close, dollars.
        margin_mean: mean margin in use at the closes, dollars.
    """

    start: float
    end: float
    drawdown: float
    drawdown_from: str
    drawdown_to: str
    worst_day: float
    worst_day_on: str
    best_day: float
    margin_most: float
    margin_mean: float

    @property
    def total_return(self) -> float:
        """Change from start to end as a share."""
        return self.end / self.start - 1.0


def load(journal: Path) -> list[dict[str, Any]]:
    """The events of a journal file.

    Raises:
        FileNotFoundError: if there is none.
        ValueError: if it is torn.
    """
    return read_events(journal.read_text(encoding="utf-8"))


def closes(events: Events) -> list[tuple[str, float]]:
    """(day, value) at each session's close: the last account event of each day of a session."""
    by_day = {event["at"][:10]: float(event["equity"]) for event in of_kind(events, Kind.ACCOUNT) if event["at"][11:] > "09:30:00"}
    return sorted(by_day.items())


def account_summary(events: Events) -> AccountSummary | None:
    """What became of the account; None for a journal without two closes."""
    values = closes(events)
    if len(values) < 2:
        return None
    accounts = of_kind(events, Kind.ACCOUNT)
    high, high_on, depth = values[0][1], values[0][0], (0.0, values[0][0], values[0][0])
    for day, value in values:
        if value > high:
            high, high_on = value, day
        depth = max(depth, (1.0 - value / high, high_on, day), key=lambda one: one[0])
    changes = [(after / before - 1.0, day) for (_, before), (day, after) in pairwise(values)]
    margins = [float(event["margin_used"]) for event in accounts]
    return AccountSummary(
        float(accounts[0]["equity"]), values[-1][1], *depth, *min(changes), max(changes)[0], max(margins), sum(margins) / len(margins)
    )


def margins(events: Events) -> dict[str, tuple[float, float]]:
    """(largest, mean) margin in use at the account events by strategy, dollars: the estimate per unit of the verdict that let each campaign in."""
    per_unit = {event["campaign"]: _estimate(event) for event in reversed(of_kind(events, Kind.VERDICT)) if event["units"] > 0}
    held: dict[str, tuple[str, float]] = {}
    samples: dict[str, list[float]] = {}
    count = 0
    for event in of_kind(events, Kind.POSITION, Kind.ACCOUNT):
        if event["kind"] == Kind.POSITION:
            held.pop(event["campaign"], None)
            if event["status"] != "closed":
                held[event["campaign"]] = event["strategy"], per_unit.get(event["campaign"], 0.0) * event["units"]
            continue
        count += 1
        now: dict[str, float] = {}
        for strategy, dollars in held.values():
            now[strategy] = now.get(strategy, 0.0) + dollars
        for strategy, dollars in now.items():
            samples.setdefault(strategy, []).append(dollars)
    return {strategy: (max(found), sum(found) / count) for strategy, found in samples.items()}


def _estimate(verdict: Mapping[str, Any]) -> float:
    figures = [one["numbers"] for one in verdict["verdicts"] if one["rule"] == "buying_power"]
    return float(figures[0].get("margin_estimated_per_unit") or 0.0) if figures else 0.0


def strategy_table(events: Events) -> Table:
    """Entries, win rate with its 95 % interval beside the stated one, wins, losses, fees and margin by strategy."""
    used = margins(events)
    rows = []
    for record in strategy_records(events):
        most, mean = used.get(record.strategy, (0.0, 0.0))
        rows.append(
            (
                record.strategy,
                str(record.entries),
                str(record.closed),
                _rate(record),
                STATED_WIN_RATES.get(record.strategy, "-"),
                _dollars(record.average_win_dollars),
                _dollars(record.average_loss_dollars),
                _dollars(record.total_dollars),
                _dollars(record.fees_dollars),
                _dollars(most),
                _dollars(mean),
            )
        )
    head = (
        "strategy",
        "entries",
        "closed",
        "win rate (95 %)",
        "stated",
        "average win",
        "average loss",
        "result",
        "fees",
        "margin most",
        "mean",
    )
    return Table(head, tuple(rows))


def exits_table(events: Events) -> Table:
    """Finished campaigns by strategy and reason of their last exit."""
    records = strategy_records(events)
    reasons = sorted({reason for record in records for reason in record.exits})
    rows = tuple((record.strategy, *(str(record.exits.get(reason, 0) or "-") for reason in reasons)) for record in records)
    return Table(("strategy", *reasons), rows)


def refusals_table(events: Events) -> Table:
    """How often each code took units away from a strategy's proposals."""
    return _code_table([(record.strategy, record.refusals) for record in strategy_records(events)])


def skips_table(events: Events) -> Table:
    """How often a strategy proposed nothing on its day, by code."""
    return _code_table([(record.strategy, record.skips) for record in strategy_records(events)])


def _code_table(counts: Sequence[tuple[str, Mapping[str, int]]]) -> Table:
    total: Counter[str] = Counter()
    for _, found in counts:
        total.update(found)
    rows = tuple((code, *(str(found.get(code, 0) or "-") for _, found in counts), str(count)) for code, count in total.most_common())
    return Table(("code", *(name for name, _ in counts), "all"), rows)


def account_table(events: Events) -> Table:
    """The account's figures, one a row."""
    summary = account_summary(events)
    if summary is None:
        return Table(("account", "value"), ())
    rows = (
        ("start", _dollars(summary.start)),
        ("end", _dollars(summary.end)),
        ("return", f"{summary.total_return:+.2%}"),
        ("deepest drawdown", f"{summary.drawdown:.2%} ({summary.drawdown_from} to {summary.drawdown_to})"),
        ("worst day", f"{summary.worst_day:+.2%} ({summary.worst_day_on})"),
        ("best day", f"{summary.best_day:+.2%}"),
        ("margin in use, most", _dollars(summary.margin_most)),
        ("margin in use, mean", _dollars(summary.margin_mean)),
    )
    return Table(("account", "value"), rows)


def months_table(events: Events) -> Table:
    """Value at the end of each month and the change over it."""
    ends = {day[:7]: value for day, value in closes(events)}
    before, rows = closes(events)[0][1] if ends else 0.0, []
    for month, value in ends.items():
        rows.append((month, _dollars(value), f"{value / before - 1.0:+.2%}"))
        before = value
    return Table(("month", "value at its end", "change"), tuple(rows))


def strategy_report(journal: Path) -> str:
    """The strategies of a run as text, for the end of a command's output; empty for a journal without strategies."""
    events = load(journal)
    table = strategy_table(events)
    return "\n\n".join([table.text(), exits_table(events).text()]) if table.rows else ""


def _rate(record: StrategyRecord) -> str:
    rate, interval = record.win_rate, record.win_rate_interval
    return "-" if rate is None or interval is None else f"{rate:.0%} ({interval[0]:.0%}-{interval[1]:.0%})"


def _dollars(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f}"
