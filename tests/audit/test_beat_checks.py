"""Stops of campaigns that live for weeks are held against quotes at every quarter of an hour, entries against the term structure."""

import zipfile

import pytest
from journal_samples import STRANGLE, Sample, numbered, reverse
from rulebook_auditor import audit

NUMBERS = {"put_delta": 0.06, "call_delta": 0.055, "iv_rank": 45.0, "vix": 16.0}
BEATS = [f"{hour:02d}:{minute:02d}" for hour in range(9, 16) for minute in range(0, 60, 5) if f"{hour:02d}:{minute:02d}" >= "09:45"]


def written(folder, put_asks):
    """Quotes of both legs on 14 February at their entry prices, the put's ask as named from a minute on."""
    target = folder / "option" / "usa" / "minute" / "gld"
    target.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target / "20240214_quote_american.zip", "w") as archive:
        for name, price in (("put_1700000", 0.8), ("call_2100000", 0.7)):
            lines, ask = [], price
            for clock in BEATS:
                ask = put_asks.get(clock, ask) if name.startswith("put") else price
                if ask is None:
                    continue
                hour, minute = map(int, clock.split(":"))
                bid = ",".join([str(round(ask * 10_000))] * 4)
                lines.append(f"{(60 * hour + minute - 1) * 60_000},{bid},10,{bid},10")
            archive.writestr(f"20240214_gld_minute_quote_american_{name}_20240517.csv", "\n".join(lines))
    return folder


def strangle(exit_at=None):
    """Sold for 150 on 13 February, so that 300 of loss stop it."""
    sample = Sample()
    sample.say("2024-02-13T09:30:00", "state", event="phase", after=3, numbers={})
    sample.account("2024-02-13T09:30:00")
    campaign = sample.enter("2024-02-13T09:45:00", "futures_strangle", "GLD", STRANGLE, (0.8, 0.7), NUMBERS, wanted=1)
    sample.account("2024-02-13T16:00:00")
    sample.account("2024-02-14T09:30:00")
    if exit_at:
        sample.leave(f"2024-02-14T{exit_at}:00", campaign, reverse(STRANGLE), (3.9, 0.7), "stop")
    sample.account("2024-02-14T16:00:00")
    return numbered(sample.events)


def rules(events, folder):
    return {violation.rule for violation in audit(events, folder)} - {"price"}


# ask of the put from a minute on, exit decided at, violation, comment
STOPS = [
    ({}, None, False, "nothing happens"),
    ({"12:00": 3.7}, None, False, "down 290 of 300"),
    ({"12:00": 3.9}, None, True, "down 310 from noon on, and nobody acts"),
    ({"12:00": 3.9, "12:15": 0.8}, None, False, "one beat only"),
    ({"12:00": 3.9}, "12:15", False, "acted on at the next beat"),
    ({"12:00": 3.9}, "13:00", True, "an hour late"),
    ({"12:00": 3.9, "12:05": None}, None, False, "the put has no quote of the second beat"),
]


@pytest.mark.parametrize("row", STOPS, ids=lambda row: row[-1])
def test_a_stop_is_honoured_within_a_beat(tmp_path, row):
    asks, exit_at, is_violation, why = row
    assert ("stop" in rules(strangle(exit_at), written(tmp_path, asks))) is is_violation, why


# closes of VIX / VIX3M from 6 February on, violation on the 13th, comment
TERM_STRUCTURES = [
    ((0.90, 0.90, 0.90, 0.90), False, "contango"),
    ((0.90, 0.90, 0.90, 1.00), True, "inverted at last night's close"),
    ((1.01, 0.98, 0.96, 0.98), True, "one close below 0.97 is not enough"),
    ((1.01, 0.98, 0.96, 0.95), False, "two in a row are"),
    ((1.01, 0.96, 0.98, 0.96), True, "not two in a row"),
]


@pytest.mark.parametrize("row", TERM_STRUCTURES, ids=lambda row: row[-1])
def test_no_strangle_while_the_term_structure_is_inverted(tmp_path, row):
    ratios, is_violation, why = row
    folder = tmp_path / "alternative" / "cboe"
    folder.mkdir(parents=True)
    for name, levels in (("vix", [20.0 * ratio for ratio in ratios]), ("vix3m", [20.0] * len(ratios))):
        lines = [f"2024020{6 + n},0,0,0,{level}" for n, level in enumerate(levels)]
        (folder / f"{name}.csv").write_text("\n".join(lines))
    assert ("backwardation" in rules(strangle(), tmp_path)) is is_violation, why
