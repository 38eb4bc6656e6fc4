"""`make real-day`: the algorithm on LEAN's real sample quotes, and what its journal tells about each trade."""

import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from reporting.performance_tracker import Kind, of_kind, read_events

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class RealDay:
    """One run on sample quotes.

    Attributes:
        strategy: the strategy that trades.
        start: first day.
        end: last day.
        needs: a file below the data folder without which the run is impossible.
        parameters: what differs from the defaults, and has to, for this sample.
    """

    strategy: str
    start: str
    end: str
    needs: str
    parameters: Mapping[str, str] = field(default_factory=dict)


_GOOG = "option/usa/minute/goog/20151224_quote_american.zip"
_ES = "futureoption/cme/minute/es/202003/20200106_quote_american.zip"
_NO_RANK = {"futures-strangle-iv-rank-least": "2", "futures-strangle-iv-rank-above": "-1"}
_ONLY_FIRST = {f"futures-strangle-phase-{phase}-products": "" for phase in (2, 3, 4)}
_LARGE = {"cash": "1000000"}

DAYS = (
    RealDay(
        "friday_0dte",
        "2015-12-23",
        "2015-12-28",
        _GOOG,
        {"friday-0dte-underlying": "GOOG", "friday-0dte-minimum-credit": "0.04"},
    ),
    RealDay(
        "leap_put_ladder",
        "2015-12-23",
        "2015-12-24",
        _GOOG,
        {"leap-put-ladder-underlying": "GOOG", "leap-put-ladder-weekday": "3", **_LARGE},
    ),
    RealDay(
        "ipmcc",
        "2015-12-23",
        "2015-12-28",
        _GOOG,
        {"ipmcc-underlyings": "GOOG", "ipmcc-put-dte": "176", "ipmcc-put-dte-high": "180", **_LARGE},
    ),
    RealDay(
        "ipmcc",
        "2015-12-23",
        "2015-12-28",
        _GOOG,
        {
            "ipmcc-underlyings": "GOOG",
            "ipmcc-structure": "call_diagonal",
            "ipmcc-call-extrinsic": "0.07",
            "ipmcc-high-distance": "0",
            **_LARGE,
        },
    ),
    RealDay(
        "futures_strangle",
        "2015-12-22",
        "2015-12-24",
        _GOOG,
        {
            "futures-strangle-phase-1-products": "GOOG",
            "futures-strangle-weekday": "3",
            "futures-strangle-weeks": "4",
            **_ONLY_FIRST,
            **_NO_RANK,
            **_LARGE,
        },
    ),
    RealDay(
        "lt112",
        "2015-12-23",
        "2015-12-24",
        _GOOG,
        {
            "lt112-future": "",
            "lt112-share": "GOOG",
            "lt112-weekday": "3",
            "lt112-weeks": "4",
            "lt112-dte": "85",
            "lt112-dte-low": "80",
            "lt112-high-vix": "10",
            **_LARGE,
        },
    ),
    RealDay(
        "lt112",
        "2020-01-05",
        "2020-01-06",
        _ES,
        {
            "lt112-weekday": "0",
            "lt112-weeks": "1",
            "lt112-dte": "165",
            "lt112-dte-high": "170",
            "lt112-high-vix": "5",
            "lt112-naked-delta": "0.15",
            "lt112-naked-delta-high": "0.20",
            **_LARGE,
        },
    ),
    RealDay(
        "futures_strangle",
        "2020-01-05",
        "2020-01-06",
        _ES,
        {
            "futures-strangle-phase-1-products": "ES",
            "futures-strangle-weekday": "0",
            "futures-strangle-weeks": "1",
            "futures-strangle-put-delta": "0.19",
            "futures-strangle-put-delta-high": "0.25",
            **_ONLY_FIRST,
            **_NO_RANK,
            **_LARGE,
        },
    ),
)


def missing_data_message(data: Path, needs: str) -> str:
    """What to do when the sample is not there."""
    return (
        f"{data / needs} not found. This run needs LEAN's sample data: make a LEAN folder with `lean init`, "
        "then set LEAN_SAMPLE_DATA to its data folder (or pass --data)."
    )


def run(day: RealDay, data: Path, output: Path) -> list[dict[str, Any]]:
    """Run one day through the command line; the journal's events.

    Raises:
        click.ClickException: when the data are missing or the run fails.
    """
    if not (data / day.needs).exists():
        raise click.ClickException(missing_data_message(data, day.needs))
    command = [sys.executable, "-m", "simulator", "backtest", str(ROOT), "--data", str(data), "--start", day.start, "--end", day.end]
    command += ["--output", str(output), "--parameter", "strategies", day.strategy]
    for name, value in day.parameters.items():
        command += ["--parameter", name, value]
    done = subprocess.run(command, cwd=ROOT, check=False)  # noqa: S603  our own command line
    if done.returncode != 0:
        raise click.ClickException(f"the run of {day.strategy} ended with code {done.returncode}")
    return read_events((output / "journal.jsonl").read_text())


def tell(events: list[dict[str, Any]]) -> list[str]:
    """The trades of a journal in a few lines each."""
    lines = []
    for event in of_kind(events, Kind.SKIP, Kind.PROPOSAL, Kind.VERDICT, Kind.FILL, Kind.EXIT, Kind.POSITION, Kind.ERROR):
        kind = event["kind"]
        facts = {name: value for name, value in event.items() if name not in ("n", "at", "kind", "verdicts", "orders")}
        lines.append(f"{event['at']}  {kind:<9} " + "  ".join(f"{name}={value}" for name, value in facts.items()))
    return lines


@click.command()
@click.option("--data", type=click.Path(path_type=Path), required=True, help="LEAN data folder with the sample quotes.")
@click.option("--only", multiple=True, help="Names of strategies to run; all by default.")
def main(data: Path, only: tuple[str, ...]) -> None:
    """Run every strategy on the real sample quotes and tell what it traded."""
    idle = []
    for day in DAYS:
        if only and day.strategy not in only:
            continue
        click.echo(
            f"== {day.strategy}: {day.start} to {day.end}, " + ", ".join(f"{name} {value}" for name, value in day.parameters.items())
        )
        with tempfile.TemporaryDirectory() as folder:
            events = run(day, data, Path(folder) / "run")
        click.echo("\n".join(tell(events)))
        if not of_kind(events, Kind.FILL):
            idle.append(day.strategy)
    if idle:
        raise click.ClickException(f"no fill for {', '.join(idle)}")


if __name__ == "__main__":
    main()
