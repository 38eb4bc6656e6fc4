"""The machine on real quotes: GOOG on 2015-12-24, a half day whose week's options expire that day (make real-day)."""

import json

import pytest

from reporting.performance_tracker import Kind, of_kind, read_events
from tools.real_day import DAYS, run
from tools.trade_lines import outside

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def output(sample_data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("real-day") / "run"
    run(next(day for day in DAYS if day.strategy == "friday_0dte"), sample_data, folder)
    return folder


@pytest.fixture(scope="module")
def events(output):
    return read_events((output / "journal.jsonl").read_text())


def test_a_structure_of_two_or_four_legs_is_filled_at_real_quotes(events):
    fills = [fill for fill in of_kind(events, Kind.FILL) if fill["proposal"].endswith("/open")]
    assert len(fills) in (2, 4)
    assert len({fill["at"] for fill in fills}) == 1
    assert all(fill["contract"].startswith("GOOG 2015-12-24") for fill in fills)


def test_fees_are_tastytrades_a_dollar_to_open_and_nothing_to_close(events):
    for fill in of_kind(events, Kind.FILL):
        expected = abs(fill["quantity"]) if fill["proposal"].endswith("/open") else 0
        assert fill["fee"] == expected


def test_proposal_verdicts_order_fills_and_exit_join_by_ids(events):
    proposals = {event["id"]: event for event in of_kind(events, Kind.PROPOSAL)}
    verdicts = {event["proposal"]: event for event in of_kind(events, Kind.VERDICT)}
    orders = {event["proposal"]: event for event in of_kind(events, Kind.ORDER)}
    exits = {event["campaign"] for event in of_kind(events, Kind.EXIT)}
    for fill in of_kind(events, Kind.FILL):
        assert fill["campaign"] in {proposal["campaign"] for proposal in proposals.values()}
        if fill["proposal"] in proposals:
            assert verdicts[fill["proposal"]]["units"] >= 1
            assert set(fill["orders"]) == set(orders[fill["proposal"]]["orders"])
    closed = [event for event in of_kind(events, Kind.POSITION) if event["status"] == "closed"]
    assert closed
    assert all(event["campaign"] in exits for event in closed)


def test_every_rule_judged_the_proposal(events):
    rules = [verdict["rule"] for verdict in of_kind(events, Kind.VERDICT)[0]["verdicts"]]
    assert rules[0] == "trading_state"
    assert {"phase", "correlation", "defensive", "buying_power", "portfolio_limits", "kelly"} <= set(rules)


def test_nothing_is_held_overnight_and_exits_keep_to_the_half_day(events):
    last = of_kind(events, Kind.ACCOUNT)[-1]
    assert last["positions"] == 0
    assert max(event["at"] for event in of_kind(events, Kind.EXIT)) <= "2015-12-24T12:45:00"


def test_equity_is_cash_and_positions_at_every_sample(events, output):
    for account in of_kind(events, Kind.ACCOUNT):
        assert account["equity"] == pytest.approx(account["cash"] + account["holdings"])
    result = json.loads(next(path for path in output.glob("*.json") if path.stem.isdigit() or path.stem.startswith("L")).read_text())
    booked = sum(event["result"] for event in of_kind(events, Kind.POSITION) if event["status"] == "closed")
    assert float(result["statistics"]["End Equity"]) == pytest.approx(75_000 + booked)


def test_a_second_run_tells_the_same_story(events, sample_data, tmp_path):
    again = run(next(day for day in DAYS if day.strategy == "friday_0dte"), sample_data, tmp_path / "again")
    assert again == events


@pytest.mark.parametrize("day", DAYS[1:], ids=lambda day: f"{day.strategy} {day.needs[:6]} {len(day.parameters)}")
def test_every_strategy_opens_its_structure_at_real_bids_and_asks(day, sample_data, tmp_path):
    events = run(day, sample_data, tmp_path / "run")
    opened = [event for event in of_kind(events, Kind.POSITION) if event["strategy"] == day.strategy]
    assert opened
    legs = {"leap_put_ladder": 1, "ipmcc": 2, "futures_strangle": 2, "lt112": 3}[day.strategy]
    assert len(opened[0]["holdings"]) == legs
    assert outside(events, day.bands) == []
    assert of_kind(events, Kind.ERROR) == []


def test_nothing_failed_on_the_way(events):
    assert of_kind(events, Kind.ERROR) == []
