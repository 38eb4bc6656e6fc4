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
from tools.trade_lines import outside, tell

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
        why: the reason for it, for the reader.
        bands: figures of the opening proposal and the closed range they have to be in: the rulebook's, or what the parameters make of it.
    """

    strategy: str
    start: str
    end: str
    needs: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    why: str = ""
    bands: Mapping[str, tuple[float, float]] = field(default_factory=dict)


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
        {"friday-0dte-underlying": "GOOG", "friday-0dte-minimum-credit": "0.04", "friday-0dte-widest-spread": "1"},
        "a share's strikes are 5 dollars wide and its quotes 0.10 to 0.40: half of the floor, twice the spread",
        {"put_delta": (0.15, 0.30), "call_delta": (0.15, 0.30)},
    ),
    RealDay(
        "leap_put_ladder",
        "2015-12-23",
        "2015-12-24",
        _GOOG,
        {"leap-put-ladder-underlying": "GOOG", "leap-put-ladder-weekday": "3", **_LARGE},
        "the sample has a Thursday only; a share of 750 dollars needs a larger account than the reference",
        {"delta": (0.12, 0.16), "dte_days": (300, 430)},
    ),
    RealDay(
        "ipmcc",
        "2015-12-23",
        "2015-12-28",
        _GOOG,
        {"ipmcc-underlyings": "GOOG", "ipmcc-put-dte": "176", "ipmcc-put-dte-high": "180", **_LARGE},
        "the sample's nearest long expiry has 176 days",
        {"long_dte_days": (90, 180), "long_delta": (0.40, 0.70)},
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
        "an 80-delta call of a volatile share carries 6 % of extrinsic value, and the share stands near its high",
        {"long_delta": (0.75, 0.85), "long_dte_days": (300, 500)},
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
        "one product, the fourth Thursday, no history for an IV rank",
        {"put_delta": (0.05, 0.08), "call_delta": (0.04, 0.07), "dte_days": (60, 110)},
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
        "the fourth Thursday, the sample's nearest expiry has 85 days, the share stands near its high",
        {"long_delta": (0.22, 0.28), "naked_delta": (0.04, 0.08), "dte_days": (80, 150)},
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
        "a Monday; the sample's strikes end at 2,900, where the put has 19 deltas",
        {"long_delta": (0.22, 0.28), "naked_delta": (0.04, 0.20), "dte_days": (90, 170)},
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
        "a Monday; the sample's strikes end where the put has 19 deltas; no history for an IV rank",
        {"put_delta": (0.05, 0.25), "call_delta": (0.04, 0.07), "dte_days": (60, 110)},
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
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)  # noqa: S603  our own command line
    if done.returncode != 0:
        raise click.ClickException(f"the run of {day.strategy} ended with code {done.returncode}\n{done.stdout}{done.stderr}")
    return read_events((output / "journal.jsonl").read_text())


@click.command()
@click.option("--data", type=click.Path(path_type=Path), required=True, help="LEAN data folder with the sample quotes.")
@click.option("--only", multiple=True, help="Names of strategies to run; all by default.")
def main(data: Path, only: tuple[str, ...]) -> None:
    """Run every strategy on the real sample quotes, tell what it traded, and fail where one did not or left its bands."""
    problems = []
    for day in DAYS:
        if only and day.strategy not in only:
            continue
        click.echo(f"{day.strategy}, {day.start} to {day.end}, real quotes")
        click.echo(f"  set for this sample: {', '.join(f'{name}={value}' for name, value in day.parameters.items())}")
        click.echo(f"  because {day.why}")
        with tempfile.TemporaryDirectory() as folder:
            events = run(day, data, Path(folder) / "run")
        click.echo("\n".join([*tell(events, day.bands), ""]))
        problems += outside(events, day.bands)
        problems += [] if of_kind(events, Kind.FILL) else [f"no fill for {day.strategy}"]
    if problems:
        raise click.ClickException("; ".join(problems))


if __name__ == "__main__":
    main()
