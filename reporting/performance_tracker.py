"""What a run's journal says about each strategy: entries, exits by reason, win rate with its interval, wins and losses, margin, refusals.

Everything is derived from the events; a figure that no event supports is None, not zero.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt
from typing import Any

from reporting.journal import Kind, of_kind

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
