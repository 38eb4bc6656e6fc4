import pytest

from simulator.common.enums import (
    BrokerageName,
    DayOfWeek,
    OptionRight,
    OrderDirection,
    OrderStatus,
    OrderType,
    Resolution,
    SecurityType,
    SeriesType,
)


def test_members_print_as_upper_case_names_everywhere():
    assert str(OrderStatus.CANCEL_PENDING) == "CANCEL_PENDING"
    assert f"{OrderStatus.FILLED}" == "FILLED"


def test_members_equal_their_number_and_both_spellings_of_their_name():
    assert OptionRight.PUT == 1
    assert OptionRight.PUT == "PUT"
    assert OptionRight.PUT == "Put"
    assert OptionRight.PUT != "put"
    assert OptionRight.PUT != OptionRight.CALL
    assert OrderStatus.PARTIALLY_FILLED == "PartiallyFilled"


def test_a_member_is_found_under_its_number_in_a_dictionary():
    assert {OrderStatus.FILLED: "done"}[3] == "done"


def test_pascal_case_names_of_lean_work():
    assert Resolution.Daily is Resolution.DAILY
    assert OrderStatus.UpdateSubmitted is OrderStatus.UPDATE_SUBMITTED
    with pytest.raises(AttributeError, match="has no attribute 'Weekly'"):
        _ = Resolution.Weekly


@pytest.mark.parametrize(
    ("member", "number"),
    [
        (OrderStatus.CANCELED, 5),
        (OrderStatus.UPDATE_SUBMITTED, 9),
        (OrderType.TRAILING_STOP, 11),
        (OrderDirection.HOLD, 2),
        (SecurityType.FUTURE_OPTION, 8),
        (SecurityType.INDEX_OPTION, 10),
        (SeriesType.HEATMAP, 9),
        (BrokerageName.GDAX, 12),
        (BrokerageName.QUANT_CONNECT_BROKERAGE, 0),
        (DayOfWeek.SUNDAY, 0),
    ],
)
def test_numbers_are_lean_s(member, number):
    assert int(member) == number


def test_members_order_by_number():
    assert Resolution.MINUTE < Resolution.DAILY
