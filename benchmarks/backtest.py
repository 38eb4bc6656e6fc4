"""What a backtest of the whole machine costs: the reference year, its memory, its start-up, and what skipping idle minutes gains.

The data folder is $REFERENCE_DATA, else ./data (`python -m simulator generate`). Where it holds less than 2024, the figures are named after the
sessions there are. Every run is a process of its own; seconds are of the wall clock, so the machine should be idle;
the gain over visiting every minute is a ratio of processor time.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any, Final

from simulator.data.data_folder import DataFolder
from simulator.engine.engine import Engine
from simulator.project import Project
from simulator.results.object_store import ObjectStore

_PROJECT: Final = Path(__file__).parents[1]
_SESSIONS: Final = Path("equity", "usa", "minute", "spy")
_YEAR: Final = (date(2024, 1, 3), date(2024, 12, 30))
_COMPARED_SESSIONS: Final = 5


def data_folder() -> Path:
    """The folder that is measured."""
    named = os.environ.get("REFERENCE_DATA")
    return Path(named) if named else _PROJECT / "data"


def sessions(folder: Path) -> list[date]:
    """Dates from 2024 on with minute trades of SPY, ascending."""
    days = (date.fromisoformat(path.name[:8]) for path in (folder / _SESSIONS).glob("????????_trade.zip"))
    return sorted(day for day in days if day.year >= _YEAR[0].year)


def _measured(folder: Path, days: list[date], cache: Path, *, naive: bool = False) -> dict[str, float]:
    """Start-up, seconds, processor seconds and peak megabytes of one run in a process of its own."""
    spawned = time.time()
    arguments = [str(folder), f"{days[0]}", f"{days[-1]}", str(spawned), "naive" if naive else ""]
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # a user's Python keeps its bytecode
    command = [sys.executable, "-m", "benchmarks.backtest", *arguments]
    with subprocess.Popen(command, cwd=_PROJECT, env=environment, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - ourselves
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        answer = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"the backtest of {folder} failed with code {process.returncode}")
    seconds = time.time() - spawned
    found: dict[str, Any] = json.loads(answer.splitlines()[-1])
    return {**found, "seconds": seconds, "processor": usage.ru_utime + usage.ru_stime, "peak_mb": usage.ru_maxrss / 1024}


def figures() -> dict[str, float]:
    """Budgets on two idle cores: 20 s and 1024 MB for the year, 1.5 s of start-up. Empty without a data folder."""
    folder = data_folder()
    days = sessions(folder)
    if not days:
        print(f"no sessions in {folder}: make it with `python -m simulator generate`, or name another in $REFERENCE_DATA", file=sys.stderr)
        return {}
    is_year = days[0] <= _YEAR[0] and days[-1] >= _YEAR[1]
    name = "backtest_year" if is_year else "backtest_sessions"
    with tempfile.TemporaryDirectory() as cache:
        cold = _measured(folder, days, Path(cache))
        warm = _measured(folder, days, Path(cache))
        few = days[:_COMPARED_SESSIONS]
        lazy, naive = (_measured(folder, few, Path(cache), naive=naive) for naive in (False, True))
    return {
        **({} if is_year else {"backtest_sessions": len(days)}),
        f"{name}_seconds": warm["seconds"],
        f"{name}_first_time_seconds": cold["seconds"],
        f"{name}_processor_seconds": warm["processor"],
        f"{name}_peak_mb": max(cold["peak_mb"], warm["peak_mb"]),
        "startup_seconds": min(warm["startup"], lazy["startup"]),
        "speedup_vs_naive": naive["loop"] / lazy["loop"],
    }


def _run(folder: str, start: str, end: str, spawned: str, naive: str) -> dict[str, float]:
    """One backtest: seconds from the process' start to the first step, processor seconds from there on."""
    first: list[tuple[float, float]] = []
    parameters = {"start-date": start, "end-date": end}
    with tempfile.TemporaryDirectory() as store:
        project = Project.open(_PROJECT, parameters)
        engine = Engine(
            project,
            DataFolder(Path(folder)),
            project.parameters,
            ObjectStore(Path(store)),
            naive=bool(naive),
            progress=lambda _day, _share: first.append((time.time(), time.process_time())) if not first else None,
        )
        result = engine.run()
    if not result.is_complete:
        raise RuntimeError(result.runtime_error)
    return {"startup": first[0][0] - float(spawned), "loop": time.process_time() - first[0][1]}


if __name__ == "__main__":
    print(json.dumps(_run(*sys.argv[1:])))
