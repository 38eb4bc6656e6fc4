"""Every check of the auditor can fail: one spoilt journal each, and an unspoilt one that passes."""

import datetime as dt

import pytest
from journal_samples import CONDOR, ONE_ONE_TWO, STRANGLE, Sample, good_sample, numbered, reverse
from rulebook_auditor import CHECKS, audit, conduct, rulebook, sessions
from rulebook_auditor.records import Option
from rulebook_auditor.replay import Replay
from rulebook_auditor.shapes import uncovered

ZERO, LT, CAL, RUNG, STR = (
    "friday_0dte/SPX/2024-01-05T10:30",
    "lt112/SPY/2024-02-07T10:00",
    "ipmcc/QQQ/2024-02-09T09:45",
    "leap_put_ladder/SPY/2024-02-12T09:45",
    "futures_strangle/GLD/2024-02-13T09:45",
)


@pytest.fixture(scope="module")
def good():
    return good_sample().events


def spoilt(events, change):
    copied = numbered(events)
    change(copied)
    return audit(numbered(copied))


def rules(violations):
    return {violation.rule for violation in violations}


def find(events, kind, campaign, nth=0):
    return [event for event in events if event["kind"] == kind and event.get("campaign") == campaign][nth]


def shift(campaign, day, clock):
    """Move everything of a campaign that happens at its entry to another day and time."""

    def change(events):
        first = find(events, "proposal", campaign)["at"]
        for event in events:
            if event.get("campaign") == campaign and event["at"][:10] == first[:10]:
                late = dt.datetime.fromisoformat(event["at"]) - dt.datetime.fromisoformat(first)
                event["at"] = (dt.datetime.fromisoformat(f"{day}T{clock}") + late).isoformat()

    return change


def number(campaign, name, value):
    return lambda events: find(events, "proposal", campaign)["numbers"].update({name: value})


def proposal(campaign, /, **facts):
    return lambda events: find(events, "proposal", campaign).update(facts)


def renamed(campaign, old, new):
    """Replace a text in everything of a campaign: a contract by another."""

    def change(events):
        for event in events:
            if event.get("campaign") == campaign:
                for name in ("legs", "holdings"):
                    if name in event:
                        event[name] = [text.replace(old, new) for text in event[name]]
                if "contract" in event:
                    event["contract"] = event["contract"].replace(old, new)

    return change


def without(kind, campaign, nth=None, after=""):
    def change(events):
        found = [event for event in events if event["kind"] == kind and event.get("campaign") == campaign and event["at"] >= after]
        for event in found if nth is None else [found[nth]]:
            events.remove(event)

    return change


def every(*changes):
    def change(events):
        for one in changes:
            one(events)

    return change


def without_exit(campaign, day):
    """The campaign stays as it is from this day on."""

    def change(events):
        kinds = ("exit", "order", "order_end", "fill", "position")
        events[:] = [e for e in events if not (e.get("campaign") == campaign and e["kind"] in kinds and e["at"] >= day)]

    return change


def value(kind, campaign, nth, /, **facts):
    return lambda events: find(events, kind, campaign, nth).update(facts)


def add(*new):
    return lambda events: events.extend({"n": 0, **event} for event in new)


def account(at, equity):
    facts = {"margin_used": 0.0, "margin_remaining": equity, "state": "active", "positions": 0}
    return {"at": at, "kind": "account", "equity": equity, "cash": equity, "holdings": 0.0, **facts}


def mark(at, campaign, profit):
    return {"at": at, "kind": "mark", "campaign": campaign, "strategy": campaign.split("/")[0], "profit": profit, "profit_at_mid": profit}


def all_accounts(**facts):
    return lambda events: [event.update(facts) for event in events if event["kind"] == "account"]


def figure(campaign, rule, name, value, nth=0):
    """Change one figure a rule told, or take it away (None)."""

    def change(events):
        said = next(one for one in find(events, "verdict", campaign, nth)["verdicts"] if one["rule"] == rule)
        said["numbers"] = {**said["numbers"], name: value}

    return change


def without_resting(events):
    events[:] = [e for e in events if not (e.get("is_resting") or (e["kind"] == "order_end" and e["end"] == "canceled"))]


ROLLED = {
    "at": "2024-03-01T10:00:00",
    "kind": "proposal",
    "id": "x",
    "campaign": LT,
    "strategy": "lt112",
    "intent": "open",
    "underlying": "SPY",
    "legs": ["-1 SPY 2024-06-21 P400 naked_put"],
    "units": 1,
    "credit": 1.0,
    "multiplier": 100.0,
    "numbers": {},
    "tags": {"adjustment": "roll_in"},
}
SPOILT = {
    "an error": ("errors", add({"at": "2024-01-05T11:00:00", "kind": "error", "what": "manage", "subject": "x", "error": "y"})),
    "a fill nobody ordered": ("ids", without("order", ZERO, 0)),
    "a fill of an unknown campaign": ("ids", value("fill", ZERO, 5, campaign="friday_0dte/SPX/1999-01-01T10:30")),
    "an order without a proposal": ("ids", without("proposal", STR)),
    "an order without a verdict": ("ids", without("verdict", STR)),
    "a verdict on nothing": ("ids", value("verdict", STR, 0, proposal="futures_strangle/XX")),
    "a fill for another proposal": ("ids", value("fill", ZERO, 0, proposal="friday_0dte/XX")),
    "more units than allowed": ("verdict", value("order", STR, 0, units=2)),
    "a rule that did not speak": ("verdict", lambda events: find(events, "verdict", STR)["verdicts"].pop()),
    "a verdict that adds units": ("verdict", value("verdict", LT, 0, units=3)),
    "units taken away without a code": ("verdict", value("verdict", ZERO, 0, codes=[])),
    "a position that is not its fills": ("book", value("position", LT, 0, premium=1.0)),
    "fees that are not its fills'": ("book", value("position", LT, 0, fees=1.0)),
    "holdings that are not its fills'": ("book", value("position", LT, 0, holdings=["-2 SPY 2024-06-07 P400 @1.3 naked_put"])),
    "a closed position with holdings": ("book", value("position", LT, 0, status="closed", result=0.0)),
    "a wrong result": ("book", value("position", ZERO, 1, result=9.0)),
    "equity beside cash and holdings": ("equity", lambda events: next(e for e in events if e["kind"] == "account").update(equity=75_001.0)),
    "cash from nowhere": (
        "ledger",
        lambda events: next(e for e in events if e["kind"] == "account" and e["at"] > "2024-03").update(cash=80_000.0, equity=80_000.0),
    ),
    "a leg that did not fill": ("half-filled", without("fill", STR, 1)),
    "a cancelled order with one leg filled": (
        "half-filled",
        every(value("order_end", STR, 0, end="canceled"), without("fill", STR, 1)),
    ),
    "an uncovered call in a condor": (
        "naked",
        every(without("fill", ZERO, 3), lambda events: find(events, "order", ZERO)["legs"].pop(3)),
    ),
    "a 0DTE over night": ("overnight", without_exit(ZERO, "2024-01-05T14:00:00")),
    "an expired option held": ("overnight", without_exit(CAL, "2024-02-16T09:00:00")),
    "naked puts without their hedge": (
        "half-open",
        lambda events: [
            value("order", LT, 0, legs=[ONE_ONE_TWO[2]])(events),
            without("fill", LT, 0)(events),
            without("fill", LT, 0)(events),
        ],
    ),
    "0DTE on a Thursday": ("entry-day", shift(ZERO, "2024-01-11", "10:30:00")),
    "0DTE before its hour": ("entry-time", shift(ZERO, "2024-01-05", "10:00:00")),
    "0DTE filled long after its window": (
        "entry-late",
        lambda events: [
            e.update(at="2024-01-05T11:30:00")
            for e in events
            if e.get("campaign") == ZERO and e["kind"] == "fill" and e["at"] < "2024-01-05T12"
        ],
    ),
    "LT112 on the second Wednesday in phase 3": ("entry-day", shift(LT, "2024-02-14", "10:00:00")),
    "a strangle on the third Tuesday": ("entry-day", shift(STR, "2024-02-20", "09:45:00")),
    "a rung on a Wednesday": ("entry-day", shift(RUNG, "2024-02-14", "09:45:00")),
    "a calendar on a Monday": ("entry-day", shift(CAL, "2024-02-12", "09:45:00")),
    "an LT112 of 61 days": ("dte", renamed(LT, "2024-06-07", "2024-04-05")),
    "a strangle of two expiries": ("dte", renamed(STR, "2024-05-17 C210", "2024-05-10 C210")),
    "a rung of half a year": ("dte", renamed(RUNG, "2025-01-17", "2024-08-16")),
    "a monthly short leg": ("dte", renamed(CAL, "2024-02-16", "2024-03-15")),
    "a condor after a large move": ("structure", number(ZERO, "spot", 4750.0)),
    "a condor strike off its mark": ("strike", every(number(ZERO, "atr", 200.0), number(ZERO, "put_delta", 0.16))),
    "a narrow wing": ("strike", renamed(ZERO, "P4650", "P4670")),
    "a 40-delta condor": ("delta", number(ZERO, "put_delta", 0.40)),
    "0DTE at VIX 40": ("vix", number(ZERO, "vix", 40.0)),
    "a condor side below 8 % of its wing": ("credit", number(ZERO, "call_credit", 2.0)),
    "a condor filled below its floor": (
        "credit",
        lambda events: [e.update(cash=-380.0, price=3.8) for e in events if e.get("contract", "").endswith("P4650") and e["quantity"] == 1],
    ),
    "an LT112 with one naked put": ("structure", proposal(LT, legs=[*ONE_ONE_TWO[:2], "-1 SPY 2024-06-07 P400 naked_put"])),
    "an LT112 long delta of 40": ("delta", number(LT, "long_delta", 0.40)),
    "an LT112 naked delta of 10": ("delta", number(LT, "naked_delta", 0.10)),
    "an LT112 below its credit": ("credit", proposal(LT, credit=1.0)),
    "an LT112 spread too dear": ("credit", number(LT, "spread_debit", 2.0)),
    "an LT112 spread too wide": ("strike", renamed(LT, "P450", "P420")),
    "an LT112 at VIX 35": ("vix", number(LT, "vix", 35.0)),
    "an LT112 near the high": ("filter", lambda events: [number(LT, "vix", 14.0)(events), number(LT, "high_52_weeks", 481.0)(events)]),
    "an LT112 on ES in phase 2": ("phase", every(proposal(LT, underlying="ES"), lambda events: events[0].update(after=2))),
    "a strangle's put delta of 12": ("delta", number(STR, "put_delta", 0.12)),
    "a strangle at IV rank 20": ("filter", number(STR, "iv_rank", 20.0)),
    "a strangle at VIX 12": ("vix", number(STR, "vix", 12.0)),
    "a strangle of a later phase": ("phase", proposal(STR, underlying="SI")),
    "a calendar of two strikes": ("strike", renamed(CAL, "2024-06-21 P440", "2024-06-21 P445")),
    "a calendar out of the money": ("strike", number(CAL, "spot", 446.0)),
    "a calendar below its average": ("filter", number(CAL, "trend_average", 440.0)),
    "a rung of 20 delta": ("delta", number(RUNG, "delta", 0.20)),
    "a rung at VIX 14": ("vix", number(RUNG, "vix", 14.0)),
    "two rungs at VIX 16": ("limits", proposal(RUNG, units=2)),
    "the contract sold again": ("roll", renamed(CAL, "2024-02-23", "2024-02-16")),
    "a short leg sold on a Thursday": (
        "entry-day",
        lambda events: [
            find(events, "proposal", CAL, 1)["numbers"].update(spot=445.0),
            *[e.update(at=e["at"].replace("02-16T1", "02-15T1")) for e in events if e.get("campaign") == CAL and "02-16T1" in e["at"]],
        ],
    ),
    "a change without a known reason": ("roll", lambda events: find(events, "proposal", CAL, 1).update(tags={})),
    "a phase too high": ("phase", lambda events: events[0].update(after=4)),
    "too many positions": ("limits", lambda events: events[0].update(after=0)),
    "too many units": (
        "limits",
        every(value("order", STR, 0, units=5), value("verdict", STR, 0, units=5)),
    ),
    "an underlying in no group": ("group", proposal(STR, underlying="ABC")),
    "a planned loss above 2 %": ("size", proposal(LT, loss_at_stop_dollars=2_000.0)),
    "no planned loss": ("size", proposal(LT, loss_at_stop_dollars=None)),
    "an entry while reducing": (
        "state",
        add({"at": "2024-02-01T10:00:00", "kind": "state", "event": "state_changed", "subject": "reducing"}),
    ),
    "an entry in a deep drawdown": ("state", add(account("2024-02-06T12:00:00", 120_000.0), account("2024-02-07T09:59:00", 75_000.0))),
    "a book that outlives a 20 % drawdown": ("state", add(account("2024-03-01T12:00:00", 120_000.0))),
    "an entry while paused": (
        "state",
        add(
            *(
                {
                    "at": f"2024-02-0{day}T12:00:00",
                    "kind": "position",
                    "campaign": f"lt112/{day}",
                    "strategy": "lt112",
                    "status": "closed",
                    "result": -1.0,
                    "holdings": [],
                    "units": 1,
                }
                for day in (1, 2, 5)
            )
        ),
    ),
    "a usable margin of another VIX": ("margin", figure(LT, "buying_power", "usable_dollars", 45_000.0)),
    "more margin than is usable": ("margin", figure(LT, "buying_power", "used_estimated_dollars", 38_000.0)),
    "two thirds of the margin in one strategy": ("margin", figure(LT, "buying_power", "strategy_used_dollars", 25_000.0)),
    "a rule that tells no figures": ("figures", figure(LT, "portfolio_limits", "stress_loss_with_one_unit_dollars", None)),
    "40 % lost in the worst scenario": ("stress", figure(LT, "portfolio_limits", "stress_loss_with_one_unit_dollars", 30_000.0)),
    "a book that leans on one side": ("stress", figure(LT, "portfolio_limits", "unit_beta_delta_dollars", 30_000.0)),
    "two condors of 2,400 at worst": ("size", every(value("order", ZERO, 0, units=2), value("verdict", ZERO, 0, units=2))),
    "a full size 13 % below the mark": ("state", add(account("2024-02-06T12:00:00", 86_500.0))),
    "a 1-1-2 at VIX 31": ("crisis", figure(LT, "buying_power", "vix", 31.0)),
    "a strangle on the second best product": ("preference", number(STR, "iv_rank_TLT", 60.0)),
    "three strangles at VIX 16": ("limits", proposal(STR, units=3)),
    "a 0DTE without its resting target": ("target", without_resting),
    "a 0DTE whose target rests at a third": (
        "target",
        lambda events: next(e for e in events if e.get("is_resting")).update(credit=-4.0),
    ),
    "a calendar whose sale does not pay": ("credit", number(CAL, "short_extrinsic", 0.5)),
    "a calendar bare over a weekend": (
        "income",
        lambda events: events.__setitem__(
            slice(None), [e for e in events if not (e.get("campaign") == CAL and "2024-02-16T10:2" < e["at"] < "2024-02-17")]
        ),
    ),
    "a rolled 1-1-2": ("roll", add(ROLLED)),
    "margin above the account": ("margin", all_accounts(margin_used=90_000.0)),
    "a decision never carried out": (
        "exit",
        lambda events: [
            without_exit(STR, "2024-04-26")(events),
            add(
                {
                    "at": "2024-04-20T10:00:00",
                    "kind": "exit",
                    "campaign": STR,
                    "proposal": "x",
                    "strategy": "futures_strangle",
                    "reason": "stop",
                    "urgency": "walk",
                    "legs": reverse(STRANGLE),
                    "units": 1,
                }
            )(events),
        ],
    ),
    "a decision without an order": (
        "exit",
        add(
            {
                "at": "2024-04-23T10:00:00",
                "kind": "exit",
                "campaign": STR,
                "proposal": "x",
                "strategy": "futures_strangle",
                "reason": "stop",
                "urgency": "walk",
                "legs": reverse(STRANGLE),
                "units": 1,
            }
        ),
    ),
    "a 0DTE closed at 15:20": (
        "time",
        lambda events: [e.update(at=e["at"].replace("T15:0", "T15:2")) for e in events if e.get("campaign") == ZERO and "T15:0" in e["at"]],
    ),
    "a 0DTE walked after 15:45": (
        "time",
        lambda events: [
            e.update(at="2024-01-05T15:55:00")
            for e in events
            if e.get("campaign") == ZERO and e["at"] > "2024-01-05T15:00:00" and e["kind"] in ("order_end", "fill", "position")
        ],
    ),
    "a strangle kept at 20 days": ("dte-exit", without_exit(STR, "2024-04-26")),
    "naked puts kept at 29 days": ("dte-exit", without_exit(LT, "2024-05-08")),
    "a short leg kept to its last minute": ("time", without_exit(CAL, "2024-02-16T09:00:00")),
    "a strangle past its stop": ("stop", add(mark("2024-03-01T16:00:00", STR, -400.0), mark("2024-03-04T16:00:00", STR, -410.0))),
    "a rung past its target": ("target", add(mark("2024-03-01T16:00:00", RUNG, 200.0), mark("2024-03-04T16:00:00", RUNG, 210.0))),
    "a calendar past its stop": ("stop", add(mark("2024-02-12T16:00:00", CAL, -700.0), mark("2024-02-13T16:00:00", CAL, -700.0))),
    "an LT112 past its stop": ("stop", add(mark("2024-03-01T16:00:00", LT, -1600.0), mark("2024-03-04T16:00:00", LT, -1650.0))),
    "a strangle that outlives a crisis": (
        "crisis",
        add(
            {
                "at": "2024-03-01T10:00:00",
                "kind": "exit",
                "campaign": "futures_strangle/TLT",
                "proposal": "x",
                "strategy": "futures_strangle",
                "reason": "crisis",
                "urgency": "walk",
                "legs": [],
                "units": 1,
            }
        ),
    ),
}


def test_the_sample_is_without_violation(good):
    assert audit(numbered(good)) == []


@pytest.mark.parametrize("name", SPOILT)
def test_a_spoilt_journal_is_found_out(good, name):
    rule, change = SPOILT[name]
    assert rule in rules(spoilt(good, change)), name


def test_missing_lines_are_found_out(good):
    events = numbered(good)
    del events[10]
    assert "numbering" in rules(audit(events))


def two_entries(second):
    """A condor and, beside it, whatever `second` enters: both on a Friday morning in phase 3."""
    sample = Sample()
    sample.say("2024-01-05T09:30:00", "state", event="phase", after=3, numbers={})
    sample.account("2024-01-05T09:30:00")
    second(sample)
    return audit(numbered(sample.events))


def test_a_fourth_equity_calendar_finds_its_group_full():
    def enter(sample):
        for underlying, strike in (("SPY", 480), ("QQQ", 440), ("IWM", 200), ("DIA", 380)):
            legs = (f"+1 {underlying} 2024-05-17 P{strike} long_put", f"-1 {underlying} 2024-01-12 P{strike} short_put")
            numbers = {"spot": strike / 1.02, "trend_average": 1.0, "vix": 14.0}
            sample.enter("2024-01-05T09:45:00", "ipmcc", underlying, legs, (10.0, 5.0), numbers, wanted=1)

    assert {"group", "limits"} <= rules(two_entries(enter))


def test_vix_30_takes_a_slot_away():
    def enter(vix):
        def both(sample):
            for underlying, strike in (("SPY", 480), ("QQQ", 440), ("IWM", 200)):
                legs = (f"+1 {underlying} 2024-05-17 P{strike} long_put", f"-1 {underlying} 2024-01-12 P{strike} short_put")
                numbers = {"spot": strike / 1.02, "trend_average": 1.0, "vix": vix}
                sample.enter("2024-01-05T09:45:00", "ipmcc", underlying, legs, (10.0, 5.0), numbers, wanted=1)

        return both

    assert "group" not in rules(two_entries(enter(29.0)))
    assert "group" in rules(two_entries(enter(30.0)))


def test_a_day_trade_leans_no_further_than_the_rest(good):
    assert "stress" in {found.rule for found in spoilt(good, figure(ZERO, "portfolio_limits", "unit_beta_delta_dollars", 80_000.0))}


A_CONDOR = {"direction": "condor"}
CONDOR_NUMBERS = {
    "spot": 4700.0, "session_open": 4705.0, "atr": 40.0, "vix": 14.0, "put_delta": 0.2, "call_delta": 0.2, "put_credit": 3.0, "call_credit": 3.0,
}  # fmt: skip


def test_a_second_entry_on_the_same_day_is_one_too_many():
    def enter(*clocks):
        def all_of_them(sample):
            for clock in clocks:
                sample.enter(f"2024-01-05T{clock}:00", "friday_0dte", "SPX", CONDOR, (4.0, 1.0, 4.0, 1.0), CONDOR_NUMBERS, tags=A_CONDOR)

        return all_of_them

    assert any("entered twice" in violation.message for violation in two_entries(enter("10:30", "10:40")))
    assert not any("entered twice" in violation.message for violation in two_entries(enter("10:30")))


@pytest.mark.parametrize(("losses", "is_refused"), [(3, False), (12, True)])
def test_a_strategy_without_an_edge_may_not_bet(losses, is_refused):
    """3 losses leave f = 0.03 of the prior's 0.15; a dozen leave none."""

    def enter(sample):
        for n in range(losses + 1):
            at = f"2024-01-05T10:{30 + n}:00"
            campaign = sample.enter(at, "friday_0dte", "SPX", CONDOR, (4.0, 1.0, 4.0, 1.0), CONDOR_NUMBERS, tags=A_CONDOR)
            sample.leave(f"2024-01-05T10:{30 + n}:20", campaign, reverse(CONDOR), (6.0, 1.0, 5.0, 1.0), "stop")

    assert ("kelly" in rules(two_entries(enter))) is is_refused


def test_a_short_option_of_two_weeks_is_found_out(good):
    events = numbered(good)
    without_exit(STR, "2024-04-26")(events)
    found = list(conduct.short_premium(Replay(numbered(events))))
    assert [str(one).split("is short ")[1] for one in found][:1] == ["GLD 2024-05-17 P170 at 14 days"]


def test_two_lt112_may_not_share_an_expiry():
    def enter(sample):
        numbers = {"price": 480.0, "long_delta": 0.25, "naked_delta": 0.05, "spread_debit": 0.9, "vix": 16.0}
        for at in ("2024-02-07T10:00:00", "2024-02-07T10:05:00"):
            sample.enter(at, "lt112", "SPY", ONE_ONE_TWO, (8.0, 7.1, 1.3), numbers)

    assert "expiry" in rules(two_entries(enter))


def test_a_fourth_undefined_risk_structure_in_a_month_is_one_too_many():
    def enter(sample):
        for underlying, clock in (("GLD", "09:45"), ("TLT", "09:50"), ("SLV", "09:55"), ("XOP", "10:00")):
            legs = [leg.replace("GLD", underlying) for leg in STRANGLE]
            numbers = {"put_delta": 0.06, "call_delta": 0.055, "iv_rank": 45.0, "vix": 16.0}
            sample.enter(f"2024-02-13T{clock}:00", "futures_strangle", underlying, legs, (0.8, 0.7), numbers, wanted=1)

    assert "expiry" in rules(two_entries(enter))


def test_delivered_shares_must_go_the_next_session():
    sample = good_sample()
    events = [e for e in sample.events if not (e.get("campaign") == CAL and e["at"] >= "2024-02-16T09:45:00")]
    contract = {"campaign": CAL, "contract": "QQQ 2024-02-16 P440"}
    expiry = {"at": "2024-02-17T01:00:00", "kind": "expiry", **contract, "underlying_price": 430.0, "is_in_the_money": True}
    assert "shares" in rules(audit(numbered([*events, {**expiry, "is_assignment": True, "shares": 100}])))


@pytest.mark.parametrize(
    ("value", "before", "phase"),
    [
        (29_999, None, 0),
        (30_000, None, 1),
        (75_000, None, 3),
        (59_000, 3, 3),
        (58_799, 3, 2),
        (100_000, 3, 4),
        (39_500, 4, 2),
        (29_500, 4, 1),
    ],
)
def test_phases_are_left_two_percent_below_their_threshold(value, before, phase):
    assert rulebook.phase_of(value, before) == phase


@pytest.mark.parametrize(
    ("day", "is_last"),
    [(dt.date(2024, 3, 28), True), (dt.date(2024, 3, 29), False), (dt.date(2024, 4, 4), False), (dt.date(2024, 4, 5), True)],
)
def test_the_day_before_good_friday_ends_its_week(day, is_last):
    assert sessions.is_last_of_week(day) is is_last


def test_monday_holidays_move_the_rung_to_tuesday():
    assert sessions.is_weekly(dt.date(2024, 1, 16), 0)
    assert not sessions.is_weekly(dt.date(2024, 1, 17), 0)


def test_a_closed_nominal_day_is_served_by_the_next_session():
    assert sessions.monthly_weeks(dt.date(2025, 1, 2), 2) == [1]
    assert sessions.monthly_weeks(dt.date(2024, 2, 7), 2) == [1]


def test_early_closes_pull_exits_forward():
    assert sessions.shortened(dt.date(2024, 7, 3), dt.time(15, 0), 15) == dt.datetime(2024, 7, 3, 12, 45)  # noqa: DTZ001  journal times are naive New York times


def test_a_short_option_is_covered_by_a_later_one_only():
    near, far = (Option("SPY", dt.date(2024, month, 16), "P", 400.0) for month in (2, 5))
    assert uncovered({far: 1, near: -1}) == 0
    assert uncovered({near: 1, far: -1}) == 1


def test_every_check_finds_something_in_a_spoilt_journal(good):
    """What no journal above trips is tripped by the tests below them: named here, so that a new check needs a journal that fails it."""
    silent = set(CHECKS)
    for _, change in SPOILT.values():
        events = numbered(good)
        change(events)
        replay = Replay(numbered(events))
        silent -= {check for check in silent if next(iter(check(replay)), None) is not None}
    elsewhere = {"numbering", "groups", "crowded_expiries", "shares", "kelly", "frequency"}
    assert {check.__name__ for check in silent} <= elsewhere


def test_every_check_has_a_name_of_its_own():
    assert len({check.__name__ for check in CHECKS}) == len(CHECKS)
    assert CONDOR
