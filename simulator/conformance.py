"""`python -m simulator conformance`: runs scenarios recorded on LEAN and compares line by line."""

import json
import multiprocessing
import re
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final

import click

from simulator.cli import location
from simulator.data.data_folder import DataFolder
from simulator.engine.engine import Engine
from simulator.errors import SimulatorError
from simulator.project import Project
from simulator.results.backtest_result import BacktestResult
from simulator.results.json_text import encode
from simulator.results.object_store import ObjectStore
from simulator.results.result_json import result_json

_TRADE_ID_KIND: Final = "Closed trade id"
_TRADE_ID: Final = re.compile(r"/closedTrades\[\d+\]/id")
ADMITTED: Final[Mapping[str, str]] = {
    _TRADE_ID_KIND: "LEAN draws a random GUID for each closed trade (the first of a scenario is shown)",
    "OrderListHash": "a digest over the scale of every decimal: one quote written without its trailing zeros changes it",
    "Estimated Strategy Capacity": "an estimate from the volume after each fill, on which no trade depends; equal in all scenarios recorded so far",
}
"""Figures that may differ, with the reason; a difference is listed, never silent."""

_NOTHING: Final = "(nothing)"


@dataclass(frozen=True)
class Scenario:
    """One recorded scenario.

    Attributes:
        name: file name without suffix.
        folder: the conformance folder.
    """

    name: str
    folder: Path

    @property
    def class_name(self) -> str:
        """The algorithm's class, and its id in results."""
        return "".join(word.capitalize() for word in self.name.split("_"))

    def expected(self, kind: str) -> str | None:
        """Text of `expected/NAME.kind`, None when it was not recorded."""
        path = self.folder / "expected" / f"{self.name}.{kind}"
        return path.read_text(encoding="utf-8") if path.is_file() else None


@dataclass
class Outcome:
    """What came of a scenario: `differences` fail it, `admitted` (statistic, expected, got) are listed."""

    name: str
    seconds: float = 0.0
    differences: list[str] = field(default_factory=list)
    admitted: list[tuple[str, str, str]] = field(default_factory=list)


def scenarios(folder: Path, only: Sequence[str] = ()) -> list[Scenario]:
    """The scenarios of a folder, those named or all.

    Raises:
        SimulatorError: the folder is none of its kind, or a name is unknown.
    """
    recorded = sorted(path.name.removesuffix(".trace") for path in (folder / "expected").glob("*.trace"))
    if not recorded or not (folder / "scenarios").is_dir():
        raise SimulatorError(f"{folder}: no recorded scenarios. Expected the folders scenarios/ and expected/ with NAME.trace files.")
    unknown = sorted(set(only) - set(recorded))
    if unknown:
        raise SimulatorError(f"{', '.join(unknown)}: not among the scenarios of {folder}. Known: {', '.join(recorded)}.")
    return [Scenario(name, folder) for name in recorded if not only or name in only]


def data_folder(folder: Path) -> Path:
    """The data folder that `data.txt` names, relative to the conformance folder.

    Raises:
        SimulatorError: there is no data.txt.
    """
    named = folder / "data.txt"
    if not named.is_file():
        raise SimulatorError(f"{named}: missing. It names the LEAN data folder, relative to {folder}.")
    return (folder / named.read_text(encoding="utf-8").strip()).resolve()


def check(scenario: Scenario) -> Outcome:
    """Runs a scenario in this process and compares it."""
    begun = time.perf_counter()
    outcome = Outcome(scenario.name)
    try:
        with tempfile.TemporaryDirectory() as storage:
            store = ObjectStore(storage)
            result = _run(scenario, store)
            trace = store.read("trace") if store.contains_key("trace") else ""
        outcome.differences += _trace_difference(scenario.expected("trace") or "", trace)
        if result.runtime_error:
            outcome.differences.append(f"runtime error: {result.runtime_error}")
        _compare_statistics(scenario, result, outcome)
        recorded = scenario.expected("results.json")
        if recorded is not None:
            _compare_results(json.loads(recorded), _projection(result), outcome)
    except Exception as problem:  # noqa: BLE001 - an engine error fails its scenario, not the others
        outcome.differences.append(f"{location(problem)}{type(problem).__name__}: {problem}")
    outcome.seconds = time.perf_counter() - begun
    return outcome


def _run(scenario: Scenario, store: ObjectStore) -> BacktestResult:
    parameters = json.loads(scenario.expected("parameters.json") or "{}")
    project = Project.open(scenario.folder / "scenarios" / f"{scenario.name}.py", parameters)
    data = DataFolder(data_folder(scenario.folder))
    return Engine(project, data, project.parameters, store, algorithm_id=scenario.class_name).run()


def _trace_difference(expected: str, got: str) -> list[str]:
    pairs = zip_longest(expected.splitlines(), got.splitlines(), fillvalue=_NOTHING)
    for number, (wanted, found) in enumerate(pairs, start=1):
        if wanted != found:
            return [f"trace line {number}\n    expected: {wanted}\n    got:      {found}"]
    return []


def _compare_statistics(scenario: Scenario, result: BacktestResult, outcome: Outcome) -> None:
    lines = (scenario.expected("statistics") or "").splitlines()
    wanted = dict(line.split("=", 1) for line in lines)
    found = dict(result.statistics)
    if "OrderListHash" in wanted:
        found["OrderListHash"] = result.order_list_hash
    for name in sorted({*wanted, *found}) if wanted else ():
        pair = (wanted.get(name, _NOTHING), found.get(name, _NOTHING))
        if pair[0] == pair[1]:
            continue
        if name in ADMITTED:
            outcome.admitted.append((name, *pair))
        else:
            outcome.differences.append(f"statistic {name}\n    expected: {pair[0]}\n    got:      {pair[1]}")


def _projection(result: BacktestResult) -> dict[str, Any]:
    document = json.loads(encode(result_json(result)))
    performance = document["totalPerformance"]
    return {
        "charts": document["charts"],
        "closedTrades": performance["closedTrades"],
        "equity": document["charts"]["Strategy Equity"]["series"]["Equity"]["values"],
        "parameters": document["algorithmConfiguration"]["parameters"],
        "portfolioStatistics": performance["portfolioStatistics"],
        "profitLoss": document["profitLoss"],
        "runtimeStatistics": document["runtimeStatistics"],
        "tradeStatistics": performance["tradeStatistics"],
    }


def _compare_results(expected: Any, got: Any, outcome: Outcome) -> None:
    for path, wanted, found in _missing(expected, got, ""):
        if _TRADE_ID.fullmatch(path):
            if _TRADE_ID_KIND not in {kind for kind, _, _ in outcome.admitted}:
                outcome.admitted.append((_TRADE_ID_KIND, str(wanted), str(found)))
            continue
        outcome.differences.append(f"results {path}\n    expected: {wanted}\n    got:      {found}")
        return


def _missing(expected: Any, got: Any, path: str) -> Iterator[tuple[str, Any, Any]]:
    """Where the second value lacks something of the first."""
    if isinstance(expected, dict) and isinstance(got, dict):
        for key, value in expected.items():
            if key in got:
                yield from _missing(value, got[key], f"{path}/{key}")
            else:
                yield f"{path}/{key}", value, _NOTHING
    elif isinstance(expected, list) and isinstance(got, list):
        for index, (wanted, found) in enumerate(zip_longest(expected, got, fillvalue=_NOTHING)):
            yield from _missing(wanted, found, f"{path}[{index}]")
    elif expected != got:
        yield path, expected, got


def run_all(chosen: Sequence[Scenario], jobs: int) -> Iterator[Outcome]:
    """Runs each scenario in a process of its own, several at a time; outcomes as they come."""
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    with context.Pool(min(jobs, len(chosen)), maxtasksperchild=1) as pool:
        yield from pool.imap(check, chosen, chunksize=1)


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--only", multiple=True, metavar="NAME", help="Run this scenario only; repeatable.")
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--jobs", type=click.IntRange(1), default=2, show_default=True, help="Processes at a time.")
def conformance(folder: Path, only: tuple[str, ...], names: tuple[str, ...], jobs: int) -> None:
    """Runs the scenarios of DIR and compares traces, statistics and results with what LEAN did.

    Ends with `conformance: N passed, M failed`; the exit code is 1 when any failed.
    """
    chosen = scenarios(folder.resolve(), (*only, *names))
    DataFolder(data_folder(folder.resolve()))
    outcomes = []
    for outcome in run_all(chosen, jobs):
        outcomes.append(outcome)
        click.echo(f"{'FAIL' if outcome.differences else 'pass'} {outcome.name} ({outcome.seconds:.1f} s)")
        for difference in outcome.differences:
            click.echo(f"  {difference}")
    _print_admitted(outcomes)
    failed = sum(bool(outcome.differences) for outcome in outcomes)
    click.echo(f"conformance: {len(outcomes) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


def _print_admitted(outcomes: Sequence[Outcome]) -> None:
    click.echo("Admitted kinds of difference:")
    for kind, reason in ADMITTED.items():
        found = [(outcome.name, wanted, got) for outcome in outcomes for name, wanted, got in outcome.admitted if name == kind]
        click.echo(f"  {kind}: {reason}; {len(found)} found")
        for name, wanted, got in found:
            click.echo(f"    {name}: expected {wanted}, got {got}")
