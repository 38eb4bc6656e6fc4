"""All parameters of a run, together: generated pages are fresh, config.json holds the code's defaults, none is ignored by the adapter."""

import json
from datetime import date
from pathlib import Path

import pytest

import simulator.algorithm_imports

simulator.algorithm_imports.install()
from domain.parameters import ParameterError, entries, text_of  # noqa: E402  LEAN's names must be there before execution is imported
from execution.settings import SECTIONS, read_settings  # noqa: E402
from tools.docs import stale  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
ALL = {entry.key: entry for section, declared in SECTIONS.items() for entry in entries(section, declared)}


def test_generated_pages_are_fresh():
    assert stale() == []


def test_the_project_file_holds_exactly_the_tunables_at_the_codes_defaults():
    listed = json.loads((ROOT / "config.json").read_text())["parameters"]
    assert listed == {key: text_of(entry.default) for key, entry in ALL.items() if entry.declaration.is_tunable}
    assert read_settings(listed).effective() == read_settings({}).effective()


def test_every_parameter_has_a_meaning_and_a_source_and_its_default_is_within_its_bounds():
    for key, entry in ALL.items():
        assert entry.declaration.meaning, key
        assert entry.declaration.source, key
    read_settings({key: text_of(entry.default) for key, entry in ALL.items() if text_of(entry.default)})


def test_an_end_before_the_start_is_one_clear_message():
    with pytest.raises(ParameterError, match=r"end-date is 2023-12-31, expected 2024-01-01 \(start-date\) or later"):
        read_settings({"end-date": "2023-12-31"})


def test_the_nearest_known_name_is_offered():
    with pytest.raises(ParameterError, match="did you mean friday-0dte-profit-target"):
        read_settings({"friday-0dte-proft-target": "0.5"})


def test_the_fingerprint_tells_runs_apart():
    assert read_settings({}).fingerprint() != read_settings({"friday-0dte-profit-target": "0.4"}).fingerprint()


def test_run_parameters_are_typed():
    run = read_settings({"start-date": "2015-12-23", "end-date": "2015-12-28", "cash": "50000", "strategies": "friday_0dte"}).run
    assert (run.start_date, run.end_date, run.cash, run.strategies) == (date(2015, 12, 23), date(2015, 12, 28), 50_000.0, ("friday_0dte",))
