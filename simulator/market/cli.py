"""`python -m simulator generate`: writes the generated market as a LEAN data folder."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from simulator.errors import SimulatorError
from simulator.market.generation import DEFAULT_SEED, MarketParameters, generate_folder
from simulator.market.instruments import SYMBOLS


def _date(value: dt.datetime) -> dt.date:
    return value.date()


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
        with Progress(
            TextColumn("generating market"), BarColumn(), MofNCompleteColumn(), TextColumn("sessions"), TimeRemainingColumn()
        ) as bar:
            task = bar.add_task("sessions", total=None)
            written = generate_folder(
                parameters, output, force=force, progress=lambda done, total: bar.update(task, completed=done, total=total)
            )
    except SimulatorError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{output}: generated." if written else f"{output}: already complete with these parameters, nothing done.")


if __name__ == "__main__":
    generate()
