"""`python -m simulator backtest`: one run of a project, its results in the LEAN CLI's layout."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from simulator.cli import fail, location
from simulator.data.data_folder import DataFolder
from simulator.engine.engine import Engine
from simulator.errors import SimulatorError
from simulator.market.manifest import outdated
from simulator.project import Project
from simulator.results.backtest_result import BacktestResult
from simulator.results.object_store import ObjectStore
from simulator.results.result_files import JOURNAL, OutputFolder, new_algorithm_id, write_logs, write_result

_DAY: Final = click.DateTime(["%Y-%m-%d", "%Y%m%d"])
_SHOWN: Final = (
    "Total Orders",
    "Start Equity",
    "End Equity",
    "Net Profit",
    "Compounding Annual Return",
    "Drawdown",
    "Sharpe Ratio",
    "Win Rate",
    "Total Fees",
)


@click.command()
@click.argument("project", type=click.Path(path_type=Path), default=".")
@click.option(
    "--data",
    "--data-folder",
    "data",
    type=click.Path(path_type=Path),
    help="LEAN data folder. [default: data-folder of lean.json, else ./data]",
)
@click.option("--start", type=_DAY, help="First day; the algorithm gets it as parameter start-date.")
@click.option("--end", type=_DAY, help="Last day; the algorithm gets it as parameter end-date.")
@click.option("--cash", type=float, help="Starting cash; the algorithm gets it as parameter cash.")
@click.option(
    "--parameter",
    "parameters",
    type=(str, str),
    multiple=True,
    metavar="NAME VALUE",
    help="Parameter of the algorithm, repeatable. Merged over config.json's parameters (`lean backtest` replaces them all).",
)
@click.option("--output", type=click.Path(path_type=Path), help="Folder of the results. [default: PROJECT/backtests/TIMESTAMP]")
@click.option("--backtest-name", default="", help="Name of the backtest.")
@click.option("--storage", type=click.Path(path_type=Path), help="Root of the object store. [default: storage/ in the output folder]")
@click.option("--naive", is_flag=True, help="Visit every minute (slow; same results).")
@click.option("--verbose", is_flag=True, help="Print the algorithm's log when done.")
def backtest(
    project: Path,
    data: Path | None,
    start: datetime | None,
    end: datetime | None,
    cash: float | None,
    parameters: tuple[tuple[str, str], ...],
    output: Path | None,
    backtest_name: str,
    storage: Path | None,
    naive: bool,
    verbose: bool,
) -> None:
    """Runs the algorithm of PROJECT (a folder with main.py, or a Python file)."""
    given = {**dict(parameters), **_dated_parameters(start, end, cash, dict(parameters))}
    opened = Project.open(project, given)
    target = output or opened.folder / "backtests" / f"{datetime.now():%Y-%m-%d_%H-%M-%S}"  # noqa: DTZ005 - the LEAN CLI names folders by local time
    _run(opened, data or _default_data(opened.folder), target, storage, backtest_name, naive=naive, verbose=verbose)


def _dated_parameters(start: datetime | None, end: datetime | None, cash: float | None, given: dict[str, str]) -> dict[str, str]:
    if start and end and end < start:
        raise click.BadParameter(f"--end {end:%Y-%m-%d} lies before --start {start:%Y-%m-%d}.", param_hint="--end")
    if cash is not None and not cash > 0:
        raise click.BadParameter(f"{cash:g} is not a positive amount.", param_hint="--cash")
    options = {
        "start-date": f"{start:%Y-%m-%d}" if start else None,
        "end-date": f"{end:%Y-%m-%d}" if end else None,
        "cash": f"{cash:.15g}" if cash is not None else None,
    }
    chosen = {name: value for name, value in options.items() if value is not None}
    twice = [name for name in chosen if name in given]
    if twice:
        raise click.UsageError(f"{', '.join(twice)}: given as an option and as --parameter; use one of them.")
    return chosen


def _default_data(folder: Path) -> Path:
    for parent in (folder, *folder.parents):
        configuration = parent / "lean.json"
        if configuration.is_file():
            return parent / _data_folder(configuration)
    return Path("data")


def _data_folder(configuration: Path) -> str:
    try:
        content = json.loads(configuration.read_text(encoding="utf-8"))
        return str(content["data-folder"])
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise SimulatorError(
            f'{configuration}: no readable "data-folder" ({problem}). Correct the file, or name the folder with --data.'
        ) from problem


def _run(project: Project, data: Path, target: Path, storage: Path | None, name: str, *, naive: bool, verbose: bool) -> None:
    if (old := outdated(data)) is not None:
        click.echo(f"Warning: {old}", err=True)
    folder = DataFolder(data)
    output = OutputFolder(target)
    store = ObjectStore(storage or output.storage)
    try:
        with _progress() as progress:
            engine = Engine(project, folder, project.parameters, store, algorithm_id=new_algorithm_id(), naive=naive, progress=progress)
            result = engine.run()
        store.dispose()
        if not result.is_complete:
            write_logs(result, output.folder)
            fail(f"{result.runtime_error}\nThe log of the failed run is in {output.fail()}")
        write_result(result, output.folder, project, store, name)
        _show(result, store, output.complete(), verbose=verbose)
    except SimulatorError:
        output.discard()
        raise
    except Exception as problem:  # noqa: BLE001 - whatever the algorithm raises becomes one message with its place
        output.discard()
        fail(f"{location(problem, project.folder)}{type(problem).__name__}: {problem}")


@contextmanager
def _progress() -> Iterator[Callable[[date, float], None] | None]:
    """A bar with the simulated date; nothing when the output is no terminal."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    columns: Any = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("loading", total=1.0)

        def update(day: date, fraction: float) -> None:
            bar.update(task, description=f"{day:%Y-%m-%d}", completed=fraction)

        yield update


def _show(result: BacktestResult, store: ObjectStore, folder: Path, *, verbose: bool) -> None:
    console = Console()
    if verbose:
        for line in result.log_lines:
            console.print(line, markup=False, highlight=False)
    table = Table("Statistic", "Value", title=f"{result.configuration.get('name', '')} {result.algorithm_id}")
    for key in _SHOWN:
        table.add_row(key, result.statistics.get(key, ""))
    journal = store.read(JOURNAL).count("\n") if store.contains_key(JOURNAL) else 0
    table.add_row("Journal events", str(journal))
    console.print(table)
    if journal:
        _show_strategies(console, folder / JOURNAL)
    console.print(f"Results: {folder}", soft_wrap=True, highlight=False)


def _show_strategies(console: Console, journal: Path) -> None:
    """What the journal says about each strategy."""
    from tools.run_tables import strategy_report  # noqa: PLC0415 - needed after a run only

    report = strategy_report(journal)
    if report:
        console.print(report, markup=False, highlight=False, soft_wrap=True)
