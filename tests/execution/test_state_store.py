"""The state outlives the process, whole or not at all."""

import json

import pytest
from contracts import at, option
from hypothesis import given
from hypothesis import strategies as st

from domain.contract import Role
from domain.position import Holding, Position
from domain.state import ExitReason
from domain.views import ClosedTrade
from execution.state_store import KEY, PREVIOUS_KEY, Snapshot, StateError, differences, load, save


class MemoryStore:
    """An object store in memory that counts its writes."""

    def __init__(self):
        self.texts = {}
        self.writes = 0

    def contains_key(self, path):
        return path in self.texts

    def read(self, path):
        return self.texts[path]

    def save(self, path, text):
        self.texts[path] = text
        self.writes += 1
        return True


def position(quantity: int = -2, campaign: str = "c1") -> Position:
    return Position(
        campaign_id=campaign, strategy="lt112", underlying="SPX", units=2, holdings=(Holding(option("P", 4000, "2024-04-19"), quantity, 3.2, Role.NAKED_PUT),),
        opened_at=at("2024-01-03 10:05"), premium_dollars=640.0, fees_dollars=4.0, entry_credit_dollars=640.0, exit_reason=ExitReason.ROLL,
        numbers={"delta": 0.05}, tags={"variant": "standard"},
    )  # fmt: skip


SNAPSHOT = Snapshot(
    (position(),), (ClosedTrade("c0", "lt112", at("2024-01-02 15:00"), -12.5, None),), {"trading_state": "active"}, {"phase": 3.0}
)


def test_what_is_saved_is_loaded():
    store = MemoryStore()
    save(store, SNAPSHOT)
    assert load(store) == SNAPSHOT


@given(
    st.integers(-50, 50).filter(bool), st.floats(-1e6, 1e6), st.dictionaries(st.text(max_size=8), st.floats(allow_nan=False), max_size=3)
)
def test_any_position_reads_back_as_it_was(quantity, premium, numbers):
    store = MemoryStore()
    snapshot = Snapshot((position(quantity).changed(premium_dollars=premium, numbers=numbers),))
    save(store, snapshot)
    assert load(store) == snapshot


def test_nothing_saved_is_no_state():
    assert load(MemoryStore()) is None


def test_an_unchanged_state_is_not_written_again():
    store = MemoryStore()
    save(store, SNAPSHOT)
    save(store, SNAPSHOT)
    assert store.writes == 1


@pytest.mark.parametrize(
    "torn", ["", "{", json.dumps({"version": 1, "checksum": "0", "body": "{}"}), json.dumps({"version": 99, "checksum": "", "body": ""})]
)
def test_a_torn_copy_falls_back_to_the_previous_one(torn):
    store = MemoryStore()
    save(store, SNAPSHOT)
    save(store, Snapshot())
    store.texts[KEY] = torn
    assert load(store) == SNAPSHOT


def test_two_torn_copies_are_an_error_that_says_what_to_do():
    store = MemoryStore()
    store.texts = {KEY: "torn", PREVIOUS_KEY: "torn too"}
    with pytest.raises(StateError, match="check the account by hand"):
        load(store)


def test_reconciliation_names_what_differs_and_what_nobody_booked():
    key = position().holdings[0].contract.key
    assert differences((position(),), {key: -2}) == {}
    assert differences((position(),), {key: -1, "SPY": 100}) == {key: (-2, -1), "SPY": (0, 100)}
