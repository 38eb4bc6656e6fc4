"""The command's own judgement: what it calls equal, different, admitted."""

import json
from types import SimpleNamespace

import pytest

from simulator import conformance
from simulator.errors import SimulatorError


@pytest.fixture
def folder(tmp_path):
    for name in ("scenarios", "expected"):
        (tmp_path / name).mkdir()
    (tmp_path / "scenarios" / "two_words.py").write_text("", encoding="utf-8")
    (tmp_path / "expected" / "two_words.trace").write_text("a\nb\n", encoding="utf-8")
    (tmp_path / "expected" / "two_words.statistics").write_text("Total Orders=1\nEstimated Strategy Capacity=$5.00\n", encoding="utf-8")
    (tmp_path / "data.txt").write_text("../data\n", encoding="utf-8")
    return tmp_path


def test_scenarios_are_those_with_a_trace(folder):
    (found,) = conformance.scenarios(folder)
    assert (found.name, found.class_name) == ("two_words", "TwoWords")
    assert conformance.data_folder(folder) == folder.parent / "data"


def test_unknown_name_lists_the_known(folder):
    with pytest.raises(SimulatorError, match=r"other: not among the scenarios .* Known: two_words"):
        conformance.scenarios(folder, ["other"])


def test_other_folder_is_refused(tmp_path):
    with pytest.raises(SimulatorError, match="no recorded scenarios"):
        conformance.scenarios(tmp_path)


@pytest.mark.parametrize(
    ("got", "line"),
    [
        ("a\nb\n", None),
        ("a\nc\n", "trace line 2\n    expected: b\n    got:      c"),
        ("a\n", "trace line 2\n    expected: b\n    got:      (nothing)"),
    ],
)
def test_first_differing_line_is_shown(got, line):
    assert conformance._trace_difference("a\nb\n", got) == ([line] if line else [])


def test_admitted_statistics_are_listed_and_others_fail(folder):
    (scenario,) = conformance.scenarios(folder)
    outcome = conformance.Outcome("two_words")
    result = SimpleNamespace(statistics={"Total Orders": "2", "Estimated Strategy Capacity": "$6.00"}, order_list_hash="")
    conformance._compare_statistics(scenario, result, outcome)
    assert outcome.admitted == [("Estimated Strategy Capacity", "$5.00", "$6.00")]
    assert outcome.differences == ["statistic Total Orders\n    expected: 1\n    got:      2"]


def test_missing_and_superfluous_statistics_fail(folder):
    (scenario,) = conformance.scenarios(folder)
    outcome = conformance.Outcome("two_words")
    result = SimpleNamespace(statistics={"Estimated Strategy Capacity": "$5.00", "Mine": "1"}, order_list_hash="")
    conformance._compare_statistics(scenario, result, outcome)
    assert [difference.splitlines()[0] for difference in outcome.differences] == ["statistic Mine", "statistic Total Orders"]


@pytest.mark.parametrize(
    ("expected", "got", "paths"),
    [
        ({"a": 1}, {"a": 1.0, "b": 2}, []),
        ({"a": {"b": 1}}, {"a": {}}, ["/a/b"]),
        ([1, 2], [1, 2, 3], ["[2]"]),
        ({"a": [{"x": 1}]}, {"a": [{"x": 2}]}, ["/a[0]/x"]),
    ],
)
def test_results_are_compared_as_a_subset(expected, got, paths):
    assert [path for path, _, _ in conformance._missing(expected, got, "")] == paths


def test_random_trade_ids_are_admitted_once():
    outcome = conformance.Outcome("any")
    recorded = json.loads('{"closedTrades": [{"id": "x", "mae": 1}, {"id": "y", "mae": 2}]}')
    conformance._compare_results(recorded, {"closedTrades": [{"id": "1", "mae": 1}, {"id": "2", "mae": 2}]}, outcome)
    assert outcome.differences == []
    assert outcome.admitted == [("Closed trade id", "x", "1")]


def test_at_most_five_kinds_are_admitted():
    assert len(conformance.ADMITTED) <= 5
    assert all(reason for reason in conformance.ADMITTED.values())
