"""A run's figures come from its journal and nowhere else."""

import json

import pytest
from contracts import at

from domain.state import ExitReason
from reporting.performance_tracker import Journal, Kind, campaign_results, of_kind, read_events, strategy_records, wilson_interval


def journal() -> Journal:
    book = Journal()
    for number, (result, reason) in enumerate([(200.0, ExitReason.PROFIT_TARGET), (150.0, ExitReason.TIME), (-400.0, ExitReason.STOP)]):
        day = f"2024-01-{5 + 7 * number:02d}"
        facts = {"campaign": f"c{number}", "strategy": "friday_0dte", "units": 1, "fees": 4.0}
        book.record(Kind.POSITION, at(f"{day} 10:31"), **facts, status="open")
        book.record(Kind.MARK, at(f"{day} 16:00"), campaign=f"c{number}", strategy="friday_0dte", profit=-50.0 * number)
        book.record(Kind.POSITION, at(f"{day} 15:00"), **facts, status="closed", reason=reason, result=result)
    book.record(Kind.SKIP, at("2024-01-26 10:45"), strategy="friday_0dte", code="credit_below_floor", is_final=True)
    book.record(Kind.VERDICT, at("2024-01-26 10:30"), strategy="friday_0dte", codes=("LOSS_AT_STOP",), units=0)
    return book


def test_a_journal_reads_back_event_by_event():
    events = read_events(journal().text())
    assert [event["n"] for event in events] == list(range(1, 12))
    assert events[0]["at"] == "2024-01-05T10:31:00"


def test_results_by_strategy():
    (record,) = strategy_records(read_events(journal().text()))
    assert (record.entries, record.closed, record.wins) == (3, 3, 2)
    assert record.exits == {"profit_target": 1, "time": 1, "stop": 1}
    assert (record.average_win_dollars, record.average_loss_dollars, record.total_dollars) == (175.0, -400.0, -50.0)
    assert record.refusals == {"LOSS_AT_STOP": 1}
    assert record.skips == {"credit_below_floor": 1}


def test_the_worst_mark_stays_with_its_campaign():
    assert [one.lowest_mark_dollars for one in campaign_results(read_events(journal().text()))] == [0.0, -50.0, -100.0]


def test_without_a_closed_campaign_there_is_no_rate():
    (record,) = strategy_records(of_kind(read_events(journal().text()), Kind.SKIP))
    assert record.win_rate is None
    assert record.win_rate_interval is None
    assert record.average_win_dollars is None


@pytest.mark.parametrize(("wins", "trials", "low", "high"), [(8, 10, 0.490, 0.943), (0, 5, 0.0, 0.434), (5, 5, 0.566, 1.0)])
def test_wilson_interval_against_published_values(wins, trials, low, high):
    assert wilson_interval(wins, trials) == pytest.approx((low, high), abs=5e-4)


def test_what_is_no_number_never_enters_the_journal():
    book = Journal()
    book.record(Kind.MARK, at("2024-01-05 16:00"), profit=float("nan"), delta=float("inf"))
    assert json.loads(book.text()) == {"n": 1, "at": "2024-01-05T16:00:00", "kind": "mark", "profit": None, "delta": None}


def test_a_torn_line_is_named():
    with pytest.raises(ValueError, match="journal line 2 is not JSON"):
        read_events('{"n":1}\n{"n":')
