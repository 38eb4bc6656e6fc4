"""What `make real-day` says about a run: one line for each thing that happened, and what left its band."""

from tools.real_day import DAYS
from tools.trade_lines import outside, tell

BANDS = {"delta": (0.12, 0.16)}
RUNG = "leap_put_ladder/GOOG/2015-12-24T09:45"


def event(kind, clock, **facts):
    return {"n": 1, "at": f"2015-12-24T{clock}:00", "kind": kind, "campaign": RUNG, **facts}


def proposed(**numbers):
    return event(
        "proposal",
        "09:45",
        id=f"{RUNG}/open",
        legs=["-1 GOOG 2017-01-20 P555 naked_put"],
        units=1,
        credit=20.0,
        natural_credit=19.3,
        numbers=numbers,
    )


def filled(contract, quantity, cash):
    return event("fill", "09:54", proposal=f"{RUNG}/open", contract=contract, quantity=quantity, price=19.3, fee=1.0, cash=cash)


def test_a_trade_is_told_in_a_line_for_each_thing_that_happened():
    events = [
        event("skip", "09:40", code="no_quote", detail="put"),
        proposed(delta=0.136, vix=15.6),
        event("verdict", "09:45", units=1, wanted=2, codes=["TAIL_LOSS"]),
        filled("GOOG 2017-01-20 P555", -1, 1930.0),
        filled("GOOG 2017-01-20 P560", 1, -2000.0),
        event("position", "09:54", status="open"),
        event("exit", "11:00", reason="stop", numbers={"profit_dollars": -150.0}),
        event("position", "11:05", status="closed", result=-152.0),
        event("error", "12:00", what="manage", subject=RUNG, error="ValueError: x"),
    ]
    assert tell(events, BANDS) == [
        "  12-24 09:40  no trade: no_quote put",
        "  12-24 09:45  proposed: 1 x (-1 GOOG 2017-01-20 P555); +20.00 at the middle, +19.30 at bids and asks a unit; delta 0.136 in 0.12 to 0.16",
        "  12-24 09:45  allowed:  1 of 2 (TAIL_LOSS)",
        "  12-24 09:54  filled:   -1 GOOG 2017-01-20 P555 at 19.3, +1 GOOG 2017-01-20 P560 at 19.3; cash -70.00, fees 2.00",
        "  12-24 11:00  exit:     stop (profit_dollars -150)",
        "  12-24 11:05  closed:   result -152.00",
        f"  12-24 12:00  ERROR:    manage {RUNG}: ValueError: x",
    ]


def test_a_figure_outside_its_band_or_missing_is_named():
    assert outside([proposed(delta=0.136)], BANDS) == []
    assert outside([proposed(delta=0.17)], BANDS) == [f"{RUNG}/open: delta is 0.17, expected 0.12 to 0.16"]
    assert outside([proposed()], BANDS) == [f"{RUNG}/open: delta is None, expected 0.12 to 0.16"]


def test_changes_of_a_campaign_have_no_bands():
    assert outside([{**proposed(delta=0.5), "campaign": "another"}], BANDS) == []


def test_every_strategy_has_a_day_and_every_day_its_reason_and_bands():
    assert {day.strategy for day in DAYS} == {"friday_0dte", "lt112", "futures_strangle", "ipmcc", "leap_put_ladder"}
    assert all(day.why and day.bands for day in DAYS)
