"""`python -m simulator backtest` as a user calls it: one process per run."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
ALGORITHM = """from AlgorithmImports import *


class Buyer(QCAlgorithm):
    def initialize(self):
        first = datetime.strptime(self.get_parameter("start-date", "2015-12-23"), "%Y-%m-%d")
        last = datetime.strptime(self.get_parameter("end-date", "2015-12-24"), "%Y-%m-%d")
        self.set_start_date(first.year, first.month, first.day)
        self.set_end_date(last.year, last.month, last.day)
        self.set_cash(self.get_parameter("cash", 50000))
        self.goog = self.add_equity("GOOG", Resolution.MINUTE).symbol
        self.schedule.on(self.date_rules.on(2015, 12, 24), self.time_rules.at(10, 0), self.buy)
        if self.get_parameter("fail") == "initialize":
            raise ValueError("cannot start")

    def buy(self):
        self.market_order(self.goog, self.get_parameter("quantity", 10))
        self.object_store.save("journal.jsonl", '{"event": "bought"}\\n')
        self.log("bought")
        if self.get_parameter("fail") == "event":
            raise ValueError("no more")

    def on_data(self, data):
        if self.get_parameter("fail") == "data":
            self.no_such_call()
"""


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "main.py").write_text(ALGORITHM, encoding="utf-8")
    (folder / "config.json").write_text(json.dumps({"algorithm-language": "Python", "parameters": {"quantity": "20"}}), encoding="utf-8")
    return folder


def simulate(*arguments):
    command = [sys.executable, "-m", "simulator", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)  # noqa: S603 - our own command


@pytest.fixture
def run(project, sample_data, tmp_path):
    def call(*arguments):
        return simulate("backtest", project, "--data", sample_data, "--output", tmp_path / "out", *arguments)

    return call


def test_run_leaves_a_result_and_says_where(run, tmp_path):
    done = run("--start", "2015-12-23", "--end", "2015-12-24", "--cash", "40000", "--parameter", "extra", "1", "--backtest-name", "mine")
    assert done.returncode == 0, done.stderr
    out = tmp_path / "out"
    assert str(out) in done.stdout
    assert "Journal events" in done.stdout
    config = json.loads((out / "config").read_text(encoding="utf-8"))
    document = json.loads((out / f"{config['id']}.json").read_text(encoding="utf-8"))
    assert config["backtest-name"] == "mine"
    assert document["algorithmConfiguration"]["parameters"] == {
        "quantity": "20",
        "extra": "1",
        "start-date": "2015-12-23",
        "end-date": "2015-12-24",
        "cash": "40000",
    }
    assert document["statistics"]["Start Equity"] == "40000"
    assert document["statistics"]["Total Orders"] == "1"
    assert document["orders"]["1"]["quantity"] == 20
    events = json.loads((out / f"{config['id']}-order-events.json").read_text(encoding="utf-8"))
    assert [event["status"] for event in events] == ["submitted", "filled"]
    assert (out / "journal.jsonl").read_text(encoding="utf-8") == '{"event": "bought"}\n'
    assert "2015-12-24 10:00:00 bought" in (out / f"{config['id']}-log.txt").read_text(encoding="utf-8")
    assert "STATISTICS:: OrderListHash" in (out / "log.txt").read_text(encoding="utf-8")
    assert (out / "code" / "main.py").is_file()
    requested = next(out.glob("succeeded-data-requests-*.txt")).read_text(encoding="utf-8")
    assert "equity/usa/minute/goog/20151224_trade.zip" in requested


@pytest.mark.parametrize(("where", "message"), [("initialize", "ValueError: cannot start"), ("event", "no more"), ("data", "no_such_call")])
def test_error_of_the_algorithm_names_its_line_and_leaves_no_result(run, tmp_path, where, message):
    done = run("--parameter", "fail", where)
    assert done.returncode == 1
    assert message in done.stderr
    line = next(
        number
        for number, text in enumerate(ALGORITHM.splitlines(), start=1)
        if message.split(": ")[-1] in text and ("raise" in text or "no_such" in text)
    )
    assert f"in main.py: line {line}" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_folder_of_an_older_generator_is_pointed_out(project, sample_data, tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    for part in sample_data.iterdir():
        (folder / part.name).symlink_to(part)
    manifest = {"generator": "simulator.market", "version": "1", "parameters": {}}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    days = ("--start", "2015-12-23", "--end", "2015-12-24")
    done = simulate("backtest", project, "--data", folder, "--output", tmp_path / "out", *days)
    assert done.returncode == 0, done.stderr
    assert "written by version 1 of the generator" in done.stderr
    assert "--force" in done.stderr


def test_missing_data_folder_is_one_message(project, tmp_path):
    done = simulate("backtest", project, "--data", tmp_path / "nowhere", "--output", tmp_path / "out")
    assert done.returncode == 1
    assert "is no folder; expected a LEAN data folder" in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--start", "2015-12-24", "--end", "2015-12-23"), "--end 2015-12-23 lies before --start 2015-12-24"),
        (("--cash", "-5"), "-5 is not a positive amount"),
        (("--cash", "nan"), "nan is not a positive amount"),
        (("--start", "yesterday"), "yesterday"),
        (("--cash", "5", "--parameter", "cash", "6"), "cash: given as an option and as --parameter"),
        (("--no-such-option",), "No such option"),
    ],
)
def test_wrong_usage_ends_with_two(project, tmp_path, arguments, message):
    done = simulate("backtest", project, "--data", tmp_path, *arguments)
    assert done.returncode == 2
    assert message in done.stderr


def test_output_that_holds_something_else_is_kept(run, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("mine", encoding="utf-8")
    done = run()
    assert done.returncode == 1
    assert "is not the folder of an earlier backtest" in done.stderr
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["thesis.txt"]


def test_folder_without_algorithm_is_named(tmp_path):
    done = simulate("backtest", tmp_path, "--data", tmp_path)
    assert done.returncode == 1
    assert "Expected a folder with main.py" in done.stderr


def test_help_lists_the_commands():
    done = simulate("--help")
    assert done.returncode == 0
    assert "backtest" in done.stdout
    assert "conformance" in done.stdout
