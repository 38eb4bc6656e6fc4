"""What the tools tell about a run: tables, ablation rows, the timeline."""

import datetime as dt

import pytest

from reporting.performance_tracker import Journal, Kind, read_events
from tools import reference_run, risk_ablation, run_tables, timeline


def session(journal, day, value, vix=None, state="active"):
    for clock in ("09:30", "16:00"):
        journal.record(
            Kind.ACCOUNT, moment(day, clock), equity=value, cash=value, holdings=0.0, margin_used=0.1 * value, margin_remaining=value,
            state=state, positions=1, vix=vix,
        )  # fmt: skip


def moment(day, clock):
    return dt.datetime.fromisoformat(f"{day}T{clock}:00")


def verdict(journal, day, strategy, wanted, units, codes, campaign="c"):
    numbers = {"rule": "buying_power", "units": units, "numbers": {"margin_estimated_per_unit": 1_000.0, "vix": 14.0}}
    journal.record(
        Kind.VERDICT, moment(day, "10:30"), proposal=f"{campaign}/open", campaign=campaign, strategy=strategy, wanted=wanted, units=units,
        codes=codes, verdicts=[numbers],
    )  # fmt: skip


def position(journal, day, clock, status, campaign="c", **facts):
    journal.record(
        Kind.POSITION, moment(day, clock), campaign=campaign, strategy="friday_0dte", status=status, units=2, holdings=[], premium=1.0, fees=4.0,
        **facts,
    )  # fmt: skip


@pytest.fixture(scope="module")
def events():
    journal = Journal()
    journal.record(Kind.RUN, moment("2024-01-02", "00:00"), fingerprint="abc", parameters={"cash": "75000"})
    session(journal, "2024-01-02", 75_000.0)
    verdict(journal, "2024-01-05", "friday_0dte", 4, 2, ["PHASE_UNITS"])
    position(journal, "2024-01-05", "10:31", "open")
    session(journal, "2024-01-05", 76_000.0, vix=20.0)
    position(journal, "2024-01-05", "16:01", "closed", reason="time", result=120.0)
    journal.record(Kind.STATE, moment("2024-01-08", "10:00"), event="state_changed", subject="reducing", numbers={"drawdown": 0.1})
    journal.record(
        Kind.EXIT, moment("2024-01-08", "10:01"), proposal="x", campaign="d", strategy="lt112", reason="breaker", urgency="natural", legs=[],
        units=1, numbers={},
    )  # fmt: skip
    for _ in range(3):
        verdict(journal, "2024-01-08", "lt112", 1, 0, ["NOT_ACTIVE"], "d")
    session(journal, "2024-01-08", 68_400.0, vix=45.0, state="reducing")
    session(journal, "2024-01-09", 69_000.0, vix=30.0)
    return read_events(journal.text())


def test_the_account_is_summed_up_from_its_closes(events):
    summary = run_tables.account_summary(events)
    assert summary.total_return == pytest.approx(-0.08)
    assert summary.drawdown == pytest.approx(0.1)
    assert (summary.drawdown_from, summary.drawdown_to, summary.worst_day_on) == ("2024-01-05", "2024-01-08", "2024-01-08")
    assert summary.margin_most == pytest.approx(7_600.0)


def test_a_journal_without_closes_has_no_summary():
    assert run_tables.account_summary([]) is None
    assert run_tables.account_table([]).rows == ()


def test_margin_is_the_estimate_of_what_is_held(events):
    most, mean = run_tables.margins(events)["friday_0dte"]
    assert most == 2_000.0
    assert mean == pytest.approx(2 * 2_000.0 / 8), "held at two of eight looks"


def test_a_win_rate_stands_beside_the_stated_one(events):
    (row,) = [row for row in run_tables.strategy_table(events).rows if row[0] == "friday_0dte"]
    assert row[1:4] == ("1", "1", "100% (21%-100%)")
    assert "88 %" in row[4]
    assert row[5:8] == ("120", "-", "120")


def test_exits_and_codes_are_counted(events):
    assert run_tables.exits_table(events).rows[0] == ("friday_0dte", "1")
    assert ("NOT_ACTIVE", "-", "3", "3") in run_tables.refusals_table(events).rows


def test_tables_are_shown_for_pages_and_for_terminals():
    table = run_tables.Table(("name", "n"), (("a", "1"), ("long", "22")))
    assert table.markdown() == "| name | n |\n|---|---:|\n| a | 1 |\n| long | 22 |"
    assert table.text() == "name   n\n--------\na      1\nlong  22"


def test_the_report_of_a_journal_file(tmp_path):
    path = tmp_path / "journal.jsonl"
    journal = Journal()
    journal.record(Kind.RUN, moment("2024-01-02", "00:00"), fingerprint="abc", parameters={})
    path.write_text(journal.text())
    assert run_tables.strategy_report(path) == "", "a run without strategies tells nothing"


def test_the_page_is_labelled_synthetic_and_lists_violations(events):
    text = reference_run.page(events, [f"line {n}: [dte] x" for n in range(25)], "2024")
    assert "synthetic" in text.splitlines()[0]
    assert "**25 violation(s)**" in text
    assert "- line 19: [dte] x\n- and 5 more" in text
    assert "**no violation**" in reference_run.page(events, [], "2024")


def test_the_shock_is_found_around_the_highest_vix(events):
    span = timeline.shock_span(events, 2)
    assert (span.first, span.last, span.highest) == ("2024-01-08", "2024-01-09", 45.0)
    assert timeline.shock_span(events, 30).sessions == 4
    with pytest.raises(ValueError, match="tells no VIX"):
        timeline.shock_span([])


def test_the_timeline_tells_states_refusals_and_closings(events):
    text = "\n".join(timeline.tell(events, timeline.span_between(events, "2024-01-08", "2024-01-09")))
    assert "2024-01-08  VIX 45.0  value 68,400 (-10.00%)" in text
    assert "10:00  STATE state_changed reducing (drawdown 0.1)" in text
    assert "10:01  close d: breaker, natural" in text
    assert "10:30  d/open: 1 wanted, 0 allowed: NOT_ACTIVE" in text
    assert "lt112: refused 3 times that day" in text
    assert "refusals and reductions by code: NOT_ACTIVE 3" in text
    assert "c/open" not in text, "the days before are not told"


def test_an_ablation_row_tells_what_a_rule_did(events):
    row = dict(zip(risk_ablation.HEAD, risk_ablation.outcome_row("phase", events), strict=True))
    assert (row["return"], row["drawdown"], row["worst day"]) == ("-8.00%", "10.00%", "-10.00%")
    assert (row["refused"], row["reduced"], row["state changes"]) == ("3", "1", "1")
    shock = timeline.Span("2024-01-08", "2024-01-09", 2, 45.0)
    outcome = risk_ablation.Outcome("phase", events)
    assert risk_ablation.codes_table([outcome], shock).rows == (("NOT_ACTIVE", "3"),)
    assert risk_ablation.codes_table([outcome]).rows == (("NOT_ACTIVE", "3"), ("PHASE_UNITS", "1"))
    assert "synthetic" in risk_ablation.page([outcome], shock).splitlines()[0]
