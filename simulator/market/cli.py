"""`python -m simulator generate`: writes the generated market as a LEAN data folder."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Self

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from simulator.errors import SimulatorError
from simulator.market.generation import DEFAULT_SEED, MarketParameters, generate_folder
from simulator.market.instruments import SYMBOLS


def _date(value: dt.datetime) -> dt.date:
    return value.date()


class _Bar:
    """A progress bar that appears with the first session; where nothing is generated, nothing is shown."""

    def __init__(self) -> None:
        self._progress = Progress(
            TextColumn("generating market"), BarColumn(), MofNCompleteColumn(), TextColumn("sessions"), TimeRemainingColumn()
        )
        self._task = self._progress.add_task("sessions", total=None)
        self._is_shown = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_shown:
            self._progress.stop()

    def show(self, done: int, total: int) -> None:
        """Tell how many sessions are done."""
        if not self._is_shown:
            self._progress.start()
            self._is_shown = True
        self._progress.update(self._task, completed=done, total=total)


@click.command()
@click.option("--start", type=click.DateTime(["%Y-%m-%d"]), default="2024-01-01", show_default=True, help="First day of minute data.")
@click.option("--end", type=click.DateTime(["%Y-%m-%d"]), default="2025-01-01", show_default=True, help="Last day of minute data.")
@click.option("--seed", type=click.IntRange(min=0), default=DEFAULT_SEED, show_default=True, help="Seed of all random numbers.")
@click.option("--symbols", default=",".join(SYMBOLS), help="Comma-separated indices, funds, futures and SPXW; options come with them.")
@click.option(
    "--quote-minutes", type=click.IntRange(1, 30), default=5, show_default=True, help="Minutes between option quotes (0DTE: always one)."
)
@click.option(
    "--listing", type=click.Choice(["default", "full"]), default="default", show_default=True, help="How densely strikes are listed."
)
@click.option(
    "--output", type=click.Path(path_type=Path, file_okay=False), default=Path("data"), show_default=True, help="The folder to write."
)
@click.option("--force", is_flag=True, help="Replace a folder generated with other parameters.")
def generate(
    start: dt.datetime, end: dt.datetime, seed: int, symbols: str, quote_minutes: int, listing: str, output: Path, force: bool
) -> None:
    """Generate a synthetic market: a complete LEAN data folder, the same bytes for the same seed."""
    try:
        wanted = tuple(name for name in SYMBOLS if name in {part.strip().upper() for part in symbols.split(",")})
        unknown = {part.strip().upper() for part in symbols.split(",") if part.strip()} - set(SYMBOLS)
        parameters = MarketParameters(_date(start), _date(end), seed, (*wanted, *sorted(unknown)), quote_minutes, listing)
        with _Bar() as bar:
            written = generate_folder(parameters, output, force=force, progress=bar.show)
    except SimulatorError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{output}: generated." if written else f"{output}: already complete with these parameters, nothing done.")


if __name__ == "__main__":
    generate()
