"""Reads what figures and tests of `analysis` need of LEAN's sample data, with nothing but the standard library and numpy."""

import csv
import io
import os
import re
import zipfile
from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
_LAST_RUNG = "option/usa/universes"


def sample_folder() -> Path | None:
    """LEAN's sample data: $LEAN_SAMPLE_DATA, else ../shared/lean-data, else ./data; None when there is none."""
    root = Path(__file__).resolve().parents[1]
    named = os.environ.get("LEAN_SAMPLE_DATA")
    candidates = [Path(named)] if named else [root.parent / "shared" / "lean-data", root / "data"]
    return next((folder for folder in candidates if (folder / _LAST_RUNG).is_dir()), None)


class Universe(NamedTuple):
    """One universe file: the underlying's close (None when the file has no such row) and one array per column; NaN where the file is empty."""

    spot: float | None
    expiry: list[date]
    strike: Array
    is_call: NDArray[np.bool_]
    close: Array
    implied_volatility: Array
    delta: Array
    gamma: Array
    vega: Array
    theta: Array
    rho: Array


def _day(text: str) -> date:
    return date(int(text[:4]), int(text[4:6]), int(text[6:8]))


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:  # some files of the sample hold torn numbers
        return float("nan")


def read_universe(path: Path) -> Universe:
    """Contents of an option universe file."""
    rows = list(csv.reader(path.read_text().splitlines()))[1:]
    spot = None if rows[0][0] else float(rows[0][6])
    rows = [row for row in rows if row[0] and len(row) >= 15]
    columns = [np.array([_number(row[i]) for row in rows]) for i in (1, 6, 9, 10, 11, 12, 13, 14)]
    return Universe(spot, [_day(row[0]) for row in rows], columns[0], np.array([row[2] == "C" for row in rows]), *columns[1:])


def read_index_closes(path: Path) -> dict[date, float]:
    """Daily closes of an index, unscaled."""
    with zipfile.ZipFile(path) as archive:
        text = archive.read(archive.namelist()[0]).decode()
    return {_day(row[0]): float(row[4]) for row in csv.reader(io.StringIO(text))}


def read_quotes_at(path: Path, millisecond: int) -> list[tuple[date, float, bool, float, float]]:
    """(expiry, strike, is_call, bid, ask) of every contract of a minute quote zip with a two-sided quote in the last bar up to a time of day."""
    found = []
    name = re.compile(r"_(call|put)_(\d+)_(\d{8})\.csv$")
    with zipfile.ZipFile(path) as archive:
        for entry in archive.namelist():
            match = name.search(entry)
            if match is None:
                continue
            right, strike, expiry = match.groups()
            last: list[str] | None = None
            for row in csv.reader(io.TextIOWrapper(archive.open(entry))):
                if int(row[0]) > millisecond:
                    break
                last = row
            if last and last[4] and last[9] and float(last[4]) > 0 and float(last[9]) > 0:
                found.append((_day(expiry), int(strike) / 1e4, right == "call", float(last[4]) / 1e4, float(last[9]) / 1e4))
    return found


def read_rates(folder: Path) -> dict[date, float]:
    """Days on which LEAN's interest rate changes, decimal."""
    rows = list(csv.reader((folder / "alternative/interest-rate/usa/interest-rate.csv").read_text().splitlines()))[1:]
    return {date.fromisoformat(row[0]): float(row[1]) / 100 for row in rows if row and row[1]}


def rate_on(rates: dict[date, float], day: date) -> float:
    """The rate in force on a day."""
    return rates[max(changed for changed in rates if changed <= day)]
