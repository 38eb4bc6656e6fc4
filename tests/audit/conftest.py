"""The auditor's own slow run: two generated weeks traded by main.py."""

import datetime as dt
import subprocess
import sys
from pathlib import Path

import pytest

from reporting.performance_tracker import read_events
from simulator.market.generation import MarketParameters, generate_folder

ROOT = Path(__file__).resolve().parents[2]
FIRST, LAST = dt.date(2024, 1, 2), dt.date(2024, 1, 16)


@pytest.fixture(scope="session")
def two_weeks(tmp_path_factory):
    """(events, data folder)"""
    folder = tmp_path_factory.mktemp("audited")
    assert generate_folder(MarketParameters(FIRST, LAST), folder / "data")
    command = [sys.executable, "-m", "simulator", "backtest", str(ROOT), "--data", str(folder / "data"), "--output", str(folder / "run")]
    done = subprocess.run([*command, "--start", str(FIRST), "--end", str(LAST)], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603  our own command line
    assert done.returncode == 0, done.stderr + done.stdout
    return read_events((folder / "run" / "journal.jsonl").read_text()), folder / "data"
