"""main.py on a generated market keeps the rulebook: the auditor finds nothing."""

import pytest
from rulebook_auditor import audit


@pytest.mark.slow
def test_two_generated_weeks_are_traded_by_the_book(two_weeks):
    events, data = two_weeks
    assert {event["kind"] for event in events} >= {"proposal", "verdict", "order", "fill", "position", "mark", "end"}
    assert [str(violation) for violation in audit(events, data)] == []
