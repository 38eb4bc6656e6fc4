"""Fills and stops are held against quotes in LEAN's files: a folder of one contract a side, written here."""

import datetime as dt
import zipfile

import pytest
from journal_samples import CONDOR, Sample, numbered, reverse
from rulebook_auditor import audit
from rulebook_auditor.quotes import Quotes
from rulebook_auditor.records import Option

DAY = dt.date(2024, 1, 5)
NUMBERS = {
    "spot": 4700.0,
    "session_open": 4705.0,
    "atr": 40.0,
    "vix": 14.0,
    "put_delta": 0.2,
    "call_delta": 0.2,
    "put_credit": 3.0,
    "call_credit": 3.0,
}
PRICES = {"P4680": 4.0, "P4650": 1.0, "C4720": 4.0, "C4750": 1.0}


def written(folder, quotes):
    """A quote file: contract (P4680) to {minute's start: (bid, ask)}."""
    target = folder / "indexoption" / "usa" / "minute" / "spxw"
    target.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target / "20240105_quote_european.zip", "w") as archive:
        for name, rows in quotes.items():
            right = "call" if name[0] == "C" else "put"
            lines = [f"{_milliseconds(clock)},{_side(bid)},{_side(ask)}" for clock, (bid, ask) in rows.items()]
            archive.writestr(f"20240105_spxw_minute_quote_european_{right}_{int(name[1:]) * 10000}_20240105.csv", "\n".join(lines))
    return folder


def _milliseconds(clock):
    hour, minute = map(int, clock.split(":"))
    return (60 * hour + minute) * 60_000


def _side(price):
    return ",,,,0" if price is None else ",".join([str(round(price * 10_000))] * 4 + ["10"])


def minutes(first, last):
    start = dt.datetime.fromisoformat(f"2024-01-05T{first}")
    count = int((dt.datetime.fromisoformat(f"2024-01-05T{last}") - start).total_seconds() // 60)
    return [f"{start + dt.timedelta(minutes=n):%H:%M}" for n in range(count + 1)]


def steady(**changed):
    """Every contract at its entry price all day, but for those named: {minute: (bid, ask)} laid over it."""
    return {name: dict.fromkeys(minutes("10:00", "15:10"), (price, price)) | changed.get(name, {}) for name, price in PRICES.items()}


def condor_day(exit_prices=(4.0, 1.0, 4.0, 1.0), exit_at="15:00"):
    sample = Sample()
    sample.say("2024-01-05T09:30:00", "state", event="phase", after=3, numbers={})
    sample.account("2024-01-05T09:30:00")
    campaign = sample.enter(
        "2024-01-05T10:30:00", "friday_0dte", "SPX", CONDOR, (4.0, 1.0, 4.0, 1.0), NUMBERS, tags={"direction": "condor"}
    )
    sample.rest("2024-01-05T10:32:00", campaign, reverse(CONDOR), -3.0, "2024-01-05T11:59:00")
    sample.leave(f"2024-01-05T{exit_at}:00", campaign, reverse(CONDOR), exit_prices, "time")
    sample.account("2024-01-05T16:00:00")
    return numbered(sample.events)


def rules(events, folder):
    return {violation.rule for violation in audit(events, folder)}


def test_fills_at_the_quotes_pass(tmp_path):
    assert audit(condor_day(), written(tmp_path, steady())) == []


def test_a_fill_better_than_the_quote_is_found_out(tmp_path):
    assert rules(condor_day((3.9, 1.0, 4.0, 1.0)), written(tmp_path, steady())) == {"price"}


def test_a_fill_on_an_old_quote_is_found_out(tmp_path):
    quotes = steady()
    quotes["C4750"] = {clock: price for clock, price in quotes["C4750"].items() if clock < "14:30"}
    assert rules(condor_day(), written(tmp_path, quotes)) == {"price"}


def test_a_missing_side_is_the_one_before_it(tmp_path):
    folder = written(tmp_path, {"P4680": {"10:00": (4.0, 4.1), "10:01": (None, 4.2)}})
    last = Quotes(folder).last(Option("SPXW", DAY, "P", 4680.0), dt.datetime(2024, 1, 5, 10, 5))  # noqa: DTZ001  journal times are naive
    assert last == (dt.datetime(2024, 1, 5, 10, 2), 4.0, 4.2)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("at", "is_stopped", "why"),
    [
        (("12:00", "12:01"), True, "two minutes in a row"),
        (("12:00",), False, "one noisy minute"),
        (("12:00", "12:02"), False, "a minute between them"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_breached_stop_that_nobody_acts_on_is_found_out(tmp_path, at, is_stopped, why):
    quotes = steady(C4720=dict.fromkeys(at, (10.0, 10.1)))
    assert ("stop" in rules(condor_day(), written(tmp_path, quotes))) is is_stopped, why


def test_a_stop_acted_on_passes(tmp_path):
    quotes = steady(C4720={"12:00": (10.0, 10.1), "12:01": (10.0, 10.1), "12:02": (10.0, 10.1), "12:03": (10.0, 10.1)})
    assert rules(condor_day((4.0, 1.0, 10.1, 1.0), "12:02"), written(tmp_path, quotes)) == set()


def test_minutes_without_a_fresh_quote_of_the_losing_short_do_not_count(tmp_path):
    quotes = steady(C4720={"12:00": (10.0, 10.1)})
    for clock in minutes("12:01", "12:05"):
        del quotes["C4720"][clock]
    assert "stop" not in rules(condor_day(), written(tmp_path, quotes))
