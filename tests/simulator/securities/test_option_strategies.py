"""Named option strategies: their legs in order of sending, their orders, and what is refused."""

from datetime import datetime

import pytest

from simulator.common.enums import SecurityType
from simulator.common.symbol import Symbol
from simulator.common.system_exceptions import ArgumentException
from simulator.securities.option_strategies import OptionStrategies

NEAR, FAR = datetime(2015, 12, 24), datetime(2016, 1, 15)


@pytest.fixture
def chain():
    return Symbol.create("GOOG", SecurityType.OPTION, "usa")


def legs(strategy):
    return [
        (leg.quantity, "share" if leg.symbol.underlying is None else f"{leg.symbol.id.option_right}{leg.symbol.id.strike_price:g}")
        for leg in strategy._legs
    ]


@pytest.mark.parametrize(
    ("name", "strikes", "expected"),
    [
        ("covered_call", (750,), [(100, "share"), (-1, "CALL750")]),
        ("protective_put", (750,), [(100, "share"), (1, "PUT750")]),
        ("protective_collar", (760, 740), [(100, "share"), (-1, "CALL760"), (1, "PUT740")]),
        ("reverse_conversion", (750,), [(-100, "share"), (1, "CALL750"), (-1, "PUT750")]),
        ("bull_put_spread", (750, 740), [(-1, "PUT750"), (1, "PUT740")]),
        ("short_strangle", (760, 740), [(-1, "CALL760"), (-1, "PUT740")]),
        ("call_butterfly", (760, 750, 740), [(1, "CALL760"), (-2, "CALL750"), (1, "CALL740")]),
        ("iron_condor", (730, 740, 760, 770), [(1, "PUT730"), (-1, "PUT740"), (-1, "CALL760"), (1, "CALL770")]),
        ("short_iron_butterfly", (740, 750, 760), [(-1, "PUT740"), (1, "PUT750"), (1, "CALL750"), (-1, "CALL760")]),
        ("bear_put_ladder", (760, 750, 740), [(1, "PUT760"), (-1, "PUT750"), (-1, "PUT740")]),
        ("put_backspread", (760, 740), [(-1, "PUT760"), (2, "PUT740")]),
        ("box_spread", (760, 740), [(1, "PUT760"), (-1, "PUT740"), (1, "CALL740"), (-1, "CALL760")]),
    ],
)
def test_legs(chain, name, strikes, expected):
    assert legs(getattr(OptionStrategies, name)(chain, *strikes, NEAR)) == expected


def test_calendars_have_two_expiries(chain):
    made = OptionStrategies.jelly_roll(chain, 750, NEAR, FAR)
    assert [(leg.quantity, leg.expiration) for leg in made.option_legs] == [(-1, NEAR), (1, FAR), (1, NEAR), (-1, FAR)]
    assert made.name == "Jelly Roll"


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("bull_call_spread", (750, 750, NEAR)),
        ("iron_condor", (730, 760, 740, 770, NEAR)),
        ("call_butterfly", (770, 750, 740, NEAR)),
        ("put_calendar_spread", (750, FAR, NEAR)),
    ],
)
def test_strikes_and_dates_must_be_in_order(chain, name, arguments):
    with pytest.raises(ArgumentException, match="got"):
        getattr(OptionStrategies, name)(chain, *arguments)


def test_a_contract_is_no_chain(chain):
    contract = OptionStrategies.naked_put(chain, 750, NEAR).option_legs[0].symbol
    with pytest.raises(ArgumentException, match="canonical"):
        OptionStrategies.naked_put(contract, 750, NEAR)
