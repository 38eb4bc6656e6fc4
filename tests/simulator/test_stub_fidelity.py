"""What the engine offers exists in LEAN's type stubs with a compatible signature, and the list of it is fresh."""

from pathlib import Path

import pytest

from simulator.stub_check import check, document, problems
from simulator.stub_index import StubIndex

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def index():
    return StubIndex()


@pytest.mark.slow
def test_every_public_name_exists_on_lean():
    assert check() == []


@pytest.mark.slow
def test_list_of_what_is_offered_is_fresh():
    path = ROOT / "docs" / "offline_engine.md"
    assert path.read_text(encoding="utf-8") == document(), "run `python -m simulator docs`"


def test_stub_classes_know_what_they_inherit(index):
    option = index.find("Option")
    assert option.name == "QuantConnect.Securities.Option.Option"
    assert {"strike_price", "bid_price", "set_fill_model"} <= option.members


class Wrong:
    nonsense = 2

    def update(self, wrong):
        pass

    def cancel(self, tag=""):
        pass


def test_deviations_are_found(index):
    Wrong.__module__ = "simulator.example"
    found = problems("OrderTicket", Wrong, index.find("OrderTicket"))
    assert [line.split(":")[0] for line in found] == ["OrderTicket.nonsense", "OrderTicket.update"]
    assert problems("Nonsense", Wrong, None) == ["Nonsense: LEAN's stubs have no class of this name"]
