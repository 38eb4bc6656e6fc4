"""Writes a result in the LEAN CLI's layout, in one step: a folder with the given name holds a complete result or does not exist."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from simulator.errors import SimulatorError
from simulator.project import Project
from simulator.results.backtest_result import BacktestResult
from simulator.results.json_text import encode
from simulator.results.object_store import ObjectStore
from simulator.results.result_json import order_events_json, result_json, summary_json

JOURNAL: Final = "journal.jsonl"
_CODE_SUFFIXES: Final = {".py", ".cs", ".ipynb", ".css", ".html"}
_SKIPPED_FOLDERS: Final = {"bin", "obj", "__pycache__", "backtests", "live", "optimizations", "storage", "report", "node_modules"}
_MARKS_OF_A_RESULT: Final = ("config", "log.txt")


class OutputFolder:
    """A hidden folder beside the final one; `complete` renames it, `fail` keeps what there is under another name.

    Args:
        target: the final folder. An earlier result there is replaced; anything else is refused.

    Raises:
        SimulatorError: the target is a file, or a folder that holds something else than a result.
    """

    def __init__(self, target: Path) -> None:
        self.target = target.resolve()
        if self.target.exists() and not _is_replaceable(self.target):
            raise SimulatorError(f"{target}: exists and is not the folder of an earlier backtest. Choose another --output, or empty it.")
        self.target.parent.mkdir(parents=True, exist_ok=True)
        self.folder = Path(tempfile.mkdtemp(prefix=f".{self.target.name}.partial-", dir=self.target.parent))
        self.folder.chmod(0o755)

    @property
    def storage(self) -> Path:
        """Root of the object store when none is given."""
        return self.folder / "storage"

    def complete(self) -> Path:
        """Gives the folder its final name."""
        return self._rename(self.target)

    def fail(self) -> Path:
        """Gives the folder the final name with ".failed" appended."""
        return self._rename(self.target.with_name(self.target.name + ".failed"))

    def discard(self) -> None:
        """Removes the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _rename(self, target: Path) -> Path:
        if target.exists():
            shutil.rmtree(target)
        self.folder.rename(target)
        return target


def _is_replaceable(folder: Path) -> bool:
    if not folder.is_dir():
        return False
    return not any(folder.iterdir()) or _is_result(folder)


def _is_result(folder: Path) -> bool:
    return all((folder / name).is_file() for name in _MARKS_OF_A_RESULT)


def new_algorithm_id() -> str:
    """Ten digits beginning with 1, as the LEAN CLI gives to backtests."""
    return str(1_000_000_000 + (time.time_ns() // 1_000_000 + os.getpid()) % 1_000_000_000)


def write_result(result: BacktestResult, folder: Path, project: Project, store: ObjectStore, name: str = "") -> None:
    """All files of a result.

    Args:
        result: what to write.
        folder: existing folder.
        project: its sources are copied to `code/`.
        store: its journal, if any, is copied.
        name: the backtest's name.
    """
    identifier = result.algorithm_id
    _write(folder / f"{identifier}.json", encode(result_json(result), 2))
    _write(folder / f"{identifier}-summary.json", encode(summary_json(result), 2))
    if result.order_events:
        _write(folder / f"{identifier}-order-events.json", encode(order_events_json(result)))
    write_logs(result, folder)
    _write_data_monitor(result, folder)
    copy_code(project.folder, folder / "code")
    if store.contains_key(JOURNAL):
        (folder / JOURNAL).write_bytes(store.read_bytes(JOURNAL))
    config = {
        "id": int(identifier) if identifier.isdigit() else identifier,
        "container": "offline-engine",
        "backtest-name": name or project.name,
    }
    _write(folder / "config", encode(config, 4))


def write_logs(result: BacktestResult, folder: Path) -> None:
    """The algorithm's and the engine's log."""
    _write(folder / f"{result.algorithm_id}-log.txt", _lines(result.log_lines))
    _write(folder / "log.txt", _lines(result.trace))


def _write_data_monitor(result: BacktestResult, folder: Path) -> None:
    stamp = f"{datetime.now(UTC):%Y%m%d%H%M%S%f}"[:17]
    monitor = result.data_monitor
    _write(folder / f"data-monitor-report-{stamp}.json", encode(monitor.report(), 2))
    _write(folder / f"succeeded-data-requests-{stamp}.txt", _lines(sorted(monitor.succeeded)))
    _write(folder / f"failed-data-requests-{stamp}.txt", _lines(sorted(monitor.failed)))


def copy_code(source: Path, target: Path) -> None:
    """Copies the sources of a project, without virtual environments, outputs and hidden folders."""
    for path in _sources(source, top=True):
        copy = target / path.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)


def _sources(folder: Path, *, top: bool = False) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.is_file() and path.suffix in _CODE_SUFFIXES:
            yield path
        elif path.is_dir() and not _is_skipped(path) and not (top and path.name == "data"):
            yield from _sources(path)


def _is_skipped(folder: Path) -> bool:
    named = folder.name.startswith(".") or folder.name in _SKIPPED_FOLDERS
    return named or (folder / "pyvenv.cfg").exists() or (folder / "conda-meta").exists() or _is_result(folder)


def _lines(lines: Any) -> str:
    return "".join(f"{line}\n" for line in lines)


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
