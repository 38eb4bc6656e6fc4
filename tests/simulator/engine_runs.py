"""Runs small algorithms on LEAN's sample data and hands over the algorithm after its last step."""

import textwrap

import pytest

from simulator.algorithm.qc_algorithm import QCAlgorithm
from simulator.data.data_folder import DataFolder
from simulator.engine.engine import Engine
from simulator.project import Project
from simulator.results.object_store import ObjectStore

HEAD = "from AlgorithmImports import *\n\n\n"


class Run:
    """A finished run: its result, and what the algorithm noted in `self.seen`."""

    def __init__(self, result, algorithm):
        self.result = result
        self.algorithm = algorithm

    @property
    def seen(self):
        return getattr(self.algorithm, "seen", [])


@pytest.fixture
def run_algorithm(sample_data, tmp_path, monkeypatch):
    """Runs the body of a class `Test(QCAlgorithm)`: `run_algorithm(source, naive=False)`."""
    made = []
    original = QCAlgorithm._engine_prepare

    def prepare(self, folder, store):
        original(self, folder, store)
        self.seen = []
        made.append(self)

    monkeypatch.setattr(QCAlgorithm, "_engine_prepare", prepare)

    def run(body, *, naive=False, parameters=None):
        file = tmp_path / "small_algorithm.py"
        file.write_text(HEAD + "class Test(QCAlgorithm):\n" + textwrap.indent(textwrap.dedent(body), "    "))
        engine = Engine(
            Project.open(file), DataFolder(sample_data, cache=None), parameters or {}, ObjectStore(tmp_path / "store"), naive=naive
        )
        result = engine.run()
        return Run(result, made[-1])

    return run
