"""`lean backtest .` through LEAN's real command line accepts this repository: what its container would get is what LEAN needs."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DRIVER = Path(__file__).with_name("lean_driver.py")
IGNORED = shutil.ignore_patterns(".*", "__pycache__", "backtests", "data", "storage", "*.pyc")
LOCAL_DATA = {
    "id": "Local",
    "display-id": "Local",
    "type": ["data-downloader"],
    "platform": ["cli"],
    "configurations": [{"id": "data-provider", "type": "info", "value": "QuantConnect.Lean.Engine.DataFeeds.DefaultDataProvider"}],
}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        importlib.util.find_spec("lean") is None or not (ROOT / "main.py").is_file() or not (ROOT / "config.json").is_file(),
        reason="the lean package (requirements-dev.txt), main.py and config.json are needed",
    ),
]


@pytest.fixture(scope="module")
def lean_package(tmp_path_factory):
    """A copy of the installed CLI with its list of data modules beside it, which it would download at import."""
    source = Path(importlib.util.find_spec("lean").origin).parent
    site = tmp_path_factory.mktemp("site")
    shutil.copytree(source, site / "lean", ignore=shutil.ignore_patterns("__pycache__"))
    name = next(
        line.split('"')[1]
        for line in (source / "models" / "__init__.py").read_text(encoding="utf-8").splitlines()
        if line.startswith("file_name")
    )
    (site / "lean" / name).write_text(json.dumps({"modules": [LOCAL_DATA]}), encoding="utf-8")
    return site


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    """A copy of this repository with an empty data folder."""
    copy = tmp_path_factory.mktemp("work") / "repository"
    shutil.copytree(ROOT, copy, ignore=IGNORED)
    (copy / "data").mkdir()
    return copy


@pytest.fixture(scope="module")
def run(lean_package, repository, tmp_path_factory):
    """Calls `lean` in the repository's copy with a home of its own and returns what the container would get."""
    home = tmp_path_factory.mktemp("home")

    def call(*arguments):
        report = home / "report.json"
        environment = {**os.environ, "HOME": str(home), "USERPROFILE": str(home)}
        command = [sys.executable, str(DRIVER), str(lean_package), str(report), *arguments]
        done = subprocess.run(  # noqa: S603 - our own driver
            command, cwd=repository, env=environment, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(report.read_text(encoding="utf-8"))

    return call


@pytest.fixture(scope="module")
def container(run):
    return run("backtest", ".")


def test_project_data_results_and_storage_are_mounted(container, repository):
    volumes = {options["bind"]: Path(source).resolve() for source, options in container["volumes"].items()}
    assert volumes["/LeanCLI"] == repository.resolve()
    assert volumes["/Lean/Data"] == (repository / "data").resolve()
    assert volumes["/Storage"] == (repository / "storage").resolve()
    assert volumes["/Results"].parent == (repository / "backtests").resolve()


def test_algorithm_file_is_main(container):
    assert container["config"]["algorithm-location"] == "/LeanCLI/main.py"
    assert container["config"]["algorithm-type-name"] == "main"
    assert container["config"]["algorithm-language"] == "Python"
    assert container["config"]["environment"] == "backtesting"


def test_parameters_are_those_of_the_project_file(container):
    declared = json.loads((ROOT / "config.json").read_text(encoding="utf-8"))["parameters"]
    assert container["config"]["parameters"] == declared
    assert all(isinstance(value, str) for value in declared.values())


def test_engine_configuration_is_complete(container):
    handlers = container["config"]["environments"]["backtesting"]
    assert handlers["result-handler"] == "QuantConnect.Lean.Engine.Results.BacktestingResultHandler"
    assert handlers["transaction-handler"].endswith("BacktestingTransactionHandler")
    for key in ("map-file-provider", "factor-file-provider", "object-store", "data-aggregator", "job-queue-handler", "messaging-handler"):
        assert container["config"][key], key


def test_code_beside_the_results_holds_the_algorithm(container, repository):
    results = next(Path(source) for source, options in container["volumes"].items() if options["bind"] == "/Results")
    assert (results / "code" / "main.py").read_bytes() == (repository / "main.py").read_bytes()


def test_container_compiles_and_installs_only_what_the_image_lacks(container):
    assert any("compileall" in command for command in container["commands"])
    wanted = [
        line for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines() if line.strip() and not line.startswith("#")
    ]
    assert container.get("requirements", "").split() == [part for line in wanted for part in line.split()]


def test_parameters_of_the_command_line_replace_those_of_the_file(run):
    assert run("backtest", ".", "--parameter", "start-date", "2024-01-02")["config"]["parameters"] == {"start-date": "2024-01-02"}


def test_workspace_file_is_sorted_and_holds_no_credentials():
    text = (ROOT / "lean.json").read_text(encoding="utf-8")
    content = json.loads(text)
    assert list(content) == sorted(content)
    assert content["organization-id"] == ""
    secret = (
        "password",
        "secret",
        "token",
        "api-key",
        "app-key",
        "private-key-hex",
        "account-id",
        "account-number",
        "user-name",
        "username",
    )
    assert {key: value for key, value in content.items() if key.endswith(secret) and value} == {}
