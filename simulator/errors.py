"""Errors the offline engine raises; every message says what was found, what was expected, where, and what to do."""

from pathlib import Path


class SimulatorError(Exception):
    """Base of everything the offline engine raises on purpose."""


class DataFolderError(SimulatorError):
    """The data folder is absent or lacks a file without which nothing can run."""


class CorruptDataError(SimulatorError):
    """A data file exists but cannot be read.

    Attributes:
        path: the file on disk.
        entry: the file inside the zip, or "".
        line: the one-based line number, or 0 when the whole file is unreadable.
    """

    def __init__(self, path: Path | str, problem: str, *, entry: str = "", line: int = 0) -> None:
        self.path = Path(path)
        self.entry = entry
        self.line = line
        where = f"{self.path}{'#' + entry if entry else ''}{f', line {line}' if line else ''}"
        super().__init__(f"{where}: {problem}. Delete the file and download or generate it again.")


class SymbolError(SimulatorError, ValueError):
    """A symbol, ticker or security identifier that LEAN could not represent either."""


class ProjectError(SimulatorError):
    """The project (main.py, config.json) cannot be loaded."""


class ParameterError(SimulatorError):
    """A parameter is unknown or cannot be read as the type that is asked for."""


class AlgorithmError(SimulatorError):
    """The algorithm raised, or asked for something LEAN refuses."""


class LeanApiMissing(SimulatorError, NotImplementedError):  # noqa: N818 - LEAN has the member, this engine does not: no error of the data or the algorithm
    """The algorithm used a LEAN name this engine does not implement.

    Attributes:
        name: LEAN's name in snake_case, e.g. "QCAlgorithm.add_forex".
    """

    def __init__(self, name: str, where: str = "simulator") -> None:
        self.name = name
        super().__init__(f"The offline engine does not implement {name}. Run on LEAN (`lean backtest .`), or add it in {where}.")
