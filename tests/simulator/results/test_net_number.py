from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.results import net_number as net


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        ("1.005", 2, "1.00"),
        ("1.015", 2, "1.02"),
        ("-2.5", 0, "-2"),
        ("0.0100", 3, "0.010"),
        ("7", 3, "7"),
        ("0.00", 3, "0.00"),
        ("123456789012345678.5", 0, "123456789012345678"),
    ],
)
def test_rounding_keeps_scale_and_rounds_half_to_even(value, digits, text):
    assert net.decimal_text(net.round_decimal(Decimal(value), digits)) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1 + 0.2, "0.3"),
        (1 / 3, "0.333333333333333"),
        (200000.0, "200000"),
        (1e-30, "0"),
        (123456789.123456789, "123456789.123457"),
        (-0.0, "0"),
    ],
)
def test_double_becomes_decimal_of_fifteen_digits(value, text):
    assert net.decimal_text(net.from_double(value)) == text


def test_not_a_number_is_refused():
    with pytest.raises(ValueError, match="finite"):
        net.from_double(float("nan"))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (11.0521, "11.052"),
        (-0.0001, "-0"),
        (0.0, "0"),
        (0.0025, "0.002"),
        (-2.5144, "-2.514"),
        (1e15, "1000000000000000"),
        (0.00001234, "0"),
    ],
)
def test_printed_ratio_of_three_digits(value, text):
    assert net.double_text(net.round_double(value, 3)) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1535787524789540.0, "1535787524789540"),
        (1.1835996770264e16, "11835996770264000"),
        (1e17, "1E+17"),
        (0.0001, "0.0001"),
        (0.00005, "5E-05"),
    ],
)
def test_doubles_of_all_sizes(value, text):
    """The first two are printed in the statistics of LEAN's EquityMarginCallAlgorithm, on .NET 10."""
    assert net.double_text(net.round_double(value, 3) if value >= 1 else value) == text


def test_a_quotient_keeps_the_29_digits_that_fit():
    """The information ratio of LEAN's EquityMarginCallAlgorithm: as a double it is whole with 29 digits, not with 28."""
    ratio = net.divide(Decimal(11835996770264000), Decimal("7.71955772829988"))
    assert (str(ratio), net.to_double(ratio)) == ("1533248041772297.9656734711948", 1533248041772298.0)
    assert len(str(net.divide(Decimal(8), Decimal(9)))) == 30


@pytest.mark.parametrize(
    ("value", "text"), [("532999.5", "530000.00"), ("0", "0"), ("17345", "17000.00"), ("999", "1000.00"), ("12", "12.00")]
)
def test_capacity_of_two_significant_digits(value, text):
    assert net.decimal_text(net.round_to_significant_digits(Decimal(value), 2)) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0.0390299123", "0.03902991"),
        ("372.659700", "372.6597"),
        ("20166.123456", "20166.1235"),
        ("-20166.123456", "-20166.12"),
        ("0.00", "0"),
    ],
)
def test_chart_values_are_smart_rounded(value, text):
    assert net.decimal_text(net.smart_rounding(Decimal(value))) == text


@pytest.mark.parametrize(("value", "text"), [("202884", "202,884.00"), ("-1234567.005", "-1,234,567.01"), ("0", "0.00")])
def test_currency_format(value, text):
    assert net.currency_text(Decimal(value)) == text


def test_percent_format():
    assert net.percent_text(Decimal("0.01442")) == "1.44 %"
    assert net.percent_text(Decimal("-0.0433")) == "-4.33 %"


@pytest.mark.parametrize(("value", "text"), [("-2", "-2.0"), ("12.0", "12.0"), ("4747.90", "4747.90"), ("0.3", "0.3")])
def test_json_number_of_a_decimal(value, text):
    assert net.json_decimal(Decimal(value)) == text


def test_capacity_steps_round_half_away_from_zero():
    assert net.discretely_round_by(Decimal(2500), Decimal("1000.00")) == 3000


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=6))
def test_normalize_keeps_the_value_and_drops_zeros(value):
    normalized = net.normalize(value)
    assert normalized == value
    assert "." not in net.decimal_text(normalized) or not net.decimal_text(normalized).endswith("0")


@given(st.floats(min_value=-1e12, max_value=1e12, allow_nan=False).filter(lambda x: abs(x) > 1e-6))
def test_double_and_back_keeps_fifteen_digits(value):
    assert net.to_double(net.from_double(value)) == pytest.approx(value, rel=1e-14)


@pytest.mark.parametrize(
    ("left", "right", "text"),
    [
        ("0", "0.5", "0.0"),
        ("0", "0.9219858156028368794326241135", "0"),
        ("0.00", "1.50", "0.0000"),
        ("0.5", "0.50", "0.250"),
    ],
)
def test_zero_products_keep_their_scale_within_64_bits(left, right, text):
    """A win rate of 0 times a ratio of 28 digits is a plain 0, so that an expectancy of -1 prints as "-1"."""
    assert str(net.product(Decimal(left), Decimal(right))) == text
