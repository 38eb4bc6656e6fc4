"""Reading declared parameters: every problem in one message, nothing guessed."""

from dataclasses import dataclass
from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.parameters import ParameterError, effective, entries, fingerprint, key_of, parameter, read, text_of


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample section."""

    profit_target: float = parameter(0.5, "profit taken", unit="share of credit", low=0.05, high=1.0)
    entry_time: time = parameter(time(10, 30), "entry")
    stop_hits: int = parameter(2, "hits", low=1, high=10)
    is_enabled: bool = parameter(True, "on")
    thresholds: tuple[float, ...] = parameter((1.0, 2.0), "levels", low=0.0)
    side: str = parameter("put", "side", choices=("put", "call"))
    first: date = parameter(date(2024, 1, 1), "first day")
    last: date = parameter(date(2024, 12, 31), "last day")

    def problems(self) -> list[str]:
        return [f"last is {self.last}, expected {self.first} (first) or later"] if self.last < self.first else []


SECTIONS = {"sample": Sample}


def test_without_texts_the_defaults_hold():
    assert read(SECTIONS, {})["sample"] == Sample()


def test_texts_are_read_by_the_declared_type():
    given_texts = {
        "sample-profit-target": "0.25",
        "sample-entry-time": "09:45",
        "sample-stop-hits": "3.0",
        "sample-is-enabled": "False",
        "sample-thresholds": "1, 2.5 ,3",
        "sample-side": "call",
        "sample-first": "2023-05-01",
    }
    expected = Sample(0.25, time(9, 45), 3, False, (1.0, 2.5, 3.0), "call", date(2023, 5, 1))
    assert read(SECTIONS, given_texts)["sample"] == expected


def test_every_problem_is_listed_with_key_value_and_bounds():
    texts = {
        "sample-profit-traget": "0.5",
        "sample-profit-target": "1.5",
        "sample-stop-hits": "2.5",
        "sample-entry-time": "late",
        "sample-side": "both",
        "sample-thresholds": "1,-2",
        "sample-first": "2025-01-01",
    }
    with pytest.raises(ParameterError) as caught:
        read(SECTIONS, texts)
    assert caught.value.problems == (
        "sample-profit-traget is not a parameter; did you mean sample-profit-target?",
        "sample-profit-target is 1.5, expected 0.05 to 1 share of credit",
        "sample-stop-hits is '2.5', expected a whole number",
        "sample-entry-time is 'late', expected a time of day like 10:30",
        "sample-side is both, expected one of put, call",
        "sample-thresholds is -2, expected 0 to …",
        "sample-last is 2024-12-31, expected 2025-01-01 (first) or later",
    )


@pytest.mark.parametrize("text", ["nan", "inf", "", "half"])
def test_what_is_no_number_is_refused(text):
    with pytest.raises(ParameterError, match="sample-profit-target"):
        read(SECTIONS, {"sample-profit-target": text})


def test_the_unnamed_section_has_bare_keys():
    assert key_of("", "start_date") == "start-date"
    assert key_of("friday-0dte", "profit_target") == "friday-0dte-profit-target"


def test_an_undeclared_field_is_refused():
    @dataclass(frozen=True)
    class Bare:
        hidden: float = 3.0

    with pytest.raises(TypeError, match=r"Bare\.hidden is not declared"):
        entries("bare", Bare)


@given(
    st.builds(
        Sample,
        profit_target=st.floats(0.05, 1.0).map(lambda x: float(f"{x:.9g}")),
        entry_time=st.times().map(lambda t: time(t.hour, t.minute)),
        stop_hits=st.integers(1, 10),
        is_enabled=st.booleans(),
        thresholds=st.lists(st.integers(0, 10**6).map(float), min_size=1, max_size=5).map(tuple),
        side=st.sampled_from(["put", "call"]),
    )
)
def test_the_text_of_every_value_reads_back_as_the_value(sample):
    assert read(SECTIONS, effective({"sample": sample}))["sample"] == sample


def test_the_fingerprint_follows_every_value():
    plain = fingerprint({"sample": Sample()})
    assert plain == fingerprint({"sample": Sample()})
    assert plain != fingerprint({"sample": Sample(stop_hits=3)})


def test_texts_are_short_and_plain():
    assert [text_of(value) for value in (True, 0.1, 75_000.0, time(9, 5), date(2024, 1, 2), (1, 2), "x")] == [
        "true", "0.1", "75000", "09:05", "2024-01-02", "1,2", "x",
    ]  # fmt: skip
