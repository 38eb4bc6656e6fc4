"""Reads what the analysis tests need of LEAN's sample data with nothing but the standard library and numpy."""

import csv
import io
import re
import zipfile
from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np


class Universe(NamedTuple):
    """One universe file: the underlying's close and one array per column; NaN where the file is empty."""

    spot: float
    expiry: np.ndarray
    strike: np.ndarray
    is_call: np.ndarray
    close: np.ndarray
    implied_volatility: np.ndarray
    delta: np.ndarray
    gamma: np.ndarray
    vega: np.ndarray
    theta: np.ndarray
    rho: np.ndarray


def read_universe(path: Path) -> Universe:
    rows = list(csv.reader(path.read_text().splitlines()))[1:]
    spot = float(rows[0][6])
    rows = [row for row in rows if row[0] and len(row) >= 15]

    def column(i):
        return np.array([float(row[i]) if row[i] else np.nan for row in rows])

    expiry = np.array([date(int(row[0][:4]), int(row[0][4:6]), int(row[0][6:])) for row in rows])
    return Universe(spot, expiry, column(1), np.array([row[2] == "C" for row in rows]), column(6), *(column(i) for i in range(9, 15)))


def read_index_closes(path: Path) -> dict[date, float]:
    """Daily closes of an index, unscaled."""
    with zipfile.ZipFile(path) as archive:
        text = archive.read(archive.namelist()[0]).decode()
    closes = {}
    for row in csv.reader(io.StringIO(text)):
        day = row[0][:8]
        closes[date(int(day[:4]), int(day[4:6]), int(day[6:]))] = float(row[4])
    return closes


def read_quotes_at(path: Path, millisecond: int) -> list[tuple[date, float, bool, float, float]]:
    """(expiry, strike, is_call, bid, ask) of every contract of a minute quote zip with a two-sided quote in the last bar up to a time of day."""
    found = []
    name = re.compile(r"_(call|put)_(\d+)_(\d{8})\.csv$")
    with zipfile.ZipFile(path) as archive:
        for entry in archive.namelist():
            right, strike, expiry = name.search(entry).groups()
            last = None
            for row in csv.reader(io.TextIOWrapper(archive.open(entry))):
                if int(row[0]) > millisecond:
                    break
                last = row
            if last and last[4] and last[9] and float(last[4]) > 0 and float(last[9]) > 0:
                day = date(int(expiry[:4]), int(expiry[4:6]), int(expiry[6:]))
                found.append((day, int(strike) / 1e4, right == "call", float(last[4]) / 1e4, float(last[9]) / 1e4))
    return found


def read_rates(folder: Path) -> dict[date, float]:
    """Days on which LEAN's interest rate changes, decimal."""
    rows = list(csv.reader((folder / "alternative/interest-rate/usa/interest-rate.csv").read_text().splitlines()))[1:]
    return {date.fromisoformat(row[0]): float(row[1]) / 100 for row in rows if row and row[1]}


def rate_on(rates: dict[date, float], day: date) -> float:
    return rates[max(changed for changed in rates if changed <= day)]
