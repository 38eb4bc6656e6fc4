"""The probe algorithm's trace on the offline engine equals what the files say, read without the engine."""

import csv
import datetime as dt
import io
import json
import zipfile
from pathlib import Path

import pytest

from simulator.data.data_folder import DataFolder
from simulator.engine.engine import Engine
from simulator.market.instruments import FUNDS, FUTURES, INDICES
from simulator.project import Project
from simulator.results.object_store import ObjectStore

PROBE = Path(__file__).parent / "probe" / "main.py"
EVE, DAY = "20240104", "20240105"
HALF_PAST_TEN = 10 * 60 + 30
UTC, CHICAGO = 300, -60
MARKETS = {"ES": ("cme", "es"), "CL": ("nymex", "lo"), "GC": ("comex", "og"), "ZB": ("cbot", "ozb"), "ZC": ("cbot", "ozc")}


def probed(two_weeks, storage, *, naive):
    store = ObjectStore(storage)
    with DataFolder(two_weeks, cache=None) as folder:
        result = Engine(Project.open(PROBE), folder, {}, store, naive=naive).run()
    assert not result.runtime_error
    return json.loads(store.read("market-probe.json"))


@pytest.fixture(scope="module")
def trace(two_weeks, tmp_path_factory):
    return probed(two_weeks, tmp_path_factory.mktemp("storage"), naive=False)


def test_a_run_that_visits_every_step_leaves_the_same_trace(two_weeks, tmp_path, trace):
    assert probed(two_weeks, tmp_path, naive=True) == trace


def lines(path, entry):
    with zipfile.ZipFile(path) as archive:
        return list(csv.reader(io.StringIO(archive.read(entry).decode())))


def at(rows, minute):
    """The last line that has ended by a minute of the day in the file's time zone."""
    return [row for row in rows if int(row[0]) // 60_000 + 1 <= minute][-1]


def number(text):
    return float(text) if text else 0.0


def chosen_row(folder):
    """Length of a chain and its middle put in the order of the probe."""
    with (folder / f"{EVE}.csv").open() as file:
        rows = [row for row in csv.reader(file) if row[0][:1].isdigit() and row[0] >= DAY]
    puts = sorted((row for row in rows if row[2] == "P"), key=lambda row: (row[0], float(row[1])))
    return len(rows), puts[len(puts) // 2]


def chains(two_weeks, trace):
    """(name, universe folder, quote zip, root, style, price scale, shift) of every chain."""
    found = [("SPXW", two_weeks / "indexoption/usa", "spxw", "european", 1e4, 0)]
    found += [(fund.ticker, two_weeks / "option/usa", fund.ticker.lower(), "american", 1e4, 0) for fund in FUNDS]
    for future in FUTURES:
        market, root = MARKETS[future.ticker]
        month = next(
            folder
            for folder in sorted((two_weeks / "futureoption" / market / "universes" / root).iterdir())
            if is_chain(folder, trace, future.ticker)
        )
        found.append((future.ticker, two_weeks / "futureoption" / market, f"{root}/{month.name}", "american", 1.0, UTC))
    return found


def is_chain(folder, trace, name):
    """Whether a contract month's universe is the one the continuous contract pointed to."""
    return (folder / f"{EVE}.csv").is_file() and chosen_row(folder)[0] == trace[f"{name} chain"][0]


def test_every_chain_is_seen_as_its_universe_says(two_weeks, trace):
    for name, base, root, *_ in chains(two_weeks, trace):
        count, row = chosen_row(base / "universes" / root)
        seen = trace[f"{name} chain"]
        assert seen[0] == count
        assert seen[2] == f"{dt.datetime.strptime(row[0], '%Y%m%d'):%Y-%m-%d}"
        assert seen[3] == float(row[1])
        assert seen[4] == pytest.approx(float(row[6]))
        assert seen[5] == int(row[8])
        if len(row) > 9:
            assert seen[6:] == pytest.approx([float(row[9]), float(row[10])], abs=2e-6)


def test_every_quote_is_seen_as_its_file_says(two_weeks, trace):
    for name, base, root, style, scale, shift in chains(two_weeks, trace):
        _, row = chosen_row(base / "universes" / root)
        entry = f"{DAY}_{root.split('/')[0]}_minute_quote_{style}_put_{round(float(row[1]) * 1e4)}_{row[0]}.csv"
        line = at(lines(base / "minute" / root / f"{DAY}_quote_{style}.zip", entry), HALF_PAST_TEN + shift)
        expected = [number(line[4]) / scale, number(line[9]) / scale, int(line[5]), int(line[10])]
        assert trace[f"{name} quote"] == pytest.approx(expected)


def test_every_underlying_is_seen_as_its_file_says(two_weeks, trace):
    for ticker in (*INDICES, *(fund.ticker for fund in FUNDS)):
        index = ticker in INDICES
        low, shift = ticker.lower(), CHICAGO if ticker in {"SPX", "VIX"} else 0
        path = two_weeks / ("index" if index else "equity") / "usa/minute" / low / f"{DAY}_trade.zip"
        line = at(lines(path, f"{DAY}_{low}_minute_trade.csv"), HALF_PAST_TEN + shift)
        assert trace[ticker] == pytest.approx([float(line[4]) / (1.0 if index else 1e4)])
    for future in FUTURES:
        low = future.ticker.lower()
        path = two_weeks / "future" / future.market / "minute" / low / f"{DAY}_quote.zip"
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
        sides = [(float(line[4]), float(line[9])) for name in names for line in [at(lines(path, name), HALF_PAST_TEN + UTC)]]
        assert tuple(trace[f"{future.ticker} future"][1:]) in sides
