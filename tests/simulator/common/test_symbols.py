from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.common.contract_month import contract_month, future_root, option_root
from simulator.common.enums import OptionRight, OptionStyle, SecurityType
from simulator.common.identifier_encoding import encode_base36
from simulator.common.market import Market
from simulator.common.security_identifier import SecurityIdentifier
from simulator.common.symbol import Symbol, SymbolCache
from simulator.errors import SymbolError


@pytest.fixture(autouse=True)
def _clean_cache():
    SecurityIdentifier._use_map_files(None)
    SymbolCache.clear()
    yield
    SymbolCache.clear()


@pytest.fixture
def spx():
    return Symbol.create("SPX", SecurityType.INDEX, Market.USA)


GOLDEN = [
    ("SPY R735QTJ8XC9X", SecurityType.EQUITY, date(1998, 1, 2), OptionRight.CALL, OptionStyle.AMERICAN, "0", "SPY"),
    (
        "SPXW 32E5A4I6XMLAM|SPX 31",
        SecurityType.INDEX_OPTION,
        date(2024, 1, 10),
        OptionRight.PUT,
        OptionStyle.EUROPEAN,
        "4750",
        "SPXW  240110P04750000",
    ),
    (
        "SPXW XKX6S2GMDZSE|SPX 31",
        SecurityType.INDEX_OPTION,
        date(2021, 1, 4),
        OptionRight.CALL,
        OptionStyle.EUROPEAN,
        "3800",
        "SPXW  210104C03800000",
    ),
    (
        "GOOCV 305RBQ20WLZZA|GOOCV VP83T1ZUHROL",
        SecurityType.OPTION,
        date(2015, 12, 24),
        OptionRight.PUT,
        OptionStyle.AMERICAN,
        "800",
        "GOOCV 151224P00800000",
    ),
    ("ES XCZJLC9NOB29", SecurityType.FUTURE, date(2020, 3, 20), OptionRight.CALL, OptionStyle.AMERICAN, "0", "ES20H20"),
    (
        "ES 31C3JQS9DCF1G|ES XCZJLC9NOB29",
        SecurityType.FUTURE_OPTION,
        date(2020, 3, 20),
        OptionRight.PUT,
        OptionStyle.AMERICAN,
        "3000",
        "ES20H20  200320P03000000",
    ),
]


@pytest.mark.parametrize(("text", "kind", "day", "right", "style", "strike", "value"), GOLDEN)
def test_identifiers_recorded_on_lean_decode_and_encode(text, kind, day, right, style, strike, value):
    sid = SecurityIdentifier.parse(text)
    assert sid.security_type is kind
    assert sid.date.date() == day
    assert sid._strike == Decimal(strike)
    assert (sid._right, sid._style) == (right, style)
    underlying = sid.underlying if sid.has_underlying else None
    assert str(SecurityIdentifier._generate(sid.date, sid.symbol, kind, sid.market, sid._strike, right, style, underlying)) == text
    assert Symbol(sid, sid.symbol).value == value


strikes = st.builds(
    lambda digits, scale, sign: sign * Decimal(digits).scaleb(scale),
    st.integers(min_value=1, max_value=475_710),
    st.integers(min_value=-6, max_value=4),
    st.sampled_from([1, -1]),
)


@given(
    st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.", min_size=1, max_size=8),
    st.dates(min_value=date(1990, 1, 1), max_value=date(2100, 1, 1)),
    strikes,
    st.sampled_from(OptionRight),
    st.sampled_from(OptionStyle),
    st.sampled_from([Market.USA, Market.CME, Market.EUREX]),
)
def test_every_option_identifier_survives_its_text(root, expiry, strike, right, style, market):
    underlying = SecurityIdentifier.generate_index("SPX", market)
    sid = SecurityIdentifier.generate_option(expiry, underlying, root, market, strike, right, style)
    read = SecurityIdentifier.parse(str(sid))
    assert read == sid
    assert hash(read) == hash(sid)
    assert (read.symbol, read.date.date(), read._strike, read.option_right, read.option_style) == (root, expiry, strike, right, style)
    assert (read.market, read.underlying, read.security_type) == (market, underlying, SecurityType.INDEX_OPTION)


@given(st.integers(min_value=0, max_value=2**64 - 1))
def test_base36_is_python_s(number):
    assert int(encode_base36(number), 36) == number


@pytest.mark.parametrize("text", ["SPY", "SPY R735qtj8", "A B C", "SPY R735QTJ8XC9X|"])
def test_text_that_is_no_identifier_is_refused(text):
    with pytest.raises(SymbolError, match="is no security identifier"):
        SecurityIdentifier.parse(text)


def test_a_strike_lean_cannot_hold_is_refused():
    with pytest.raises(SymbolError, match="475711"):
        SecurityIdentifier._generate(date(2024, 1, 2), "A", SecurityType.OPTION, Market.USA, Decimal("4757.12"))


def test_an_equity_is_named_after_its_first_ticker_and_date():
    SecurityIdentifier._use_map_files(
        lambda ticker, market: ("GOOCV", datetime(2014, 3, 27)) if (ticker, market) == ("GOOG", "usa") else None
    )
    goog = Symbol.create("GOOG", SecurityType.EQUITY, Market.USA)
    assert str(goog.id) == "GOOCV VP83T1ZUHROL"
    assert goog.value == "GOOG"
    option = Symbol.create_option(goog, Market.USA, OptionStyle.AMERICAN, OptionRight.PUT, 740, datetime(2015, 12, 24))
    assert option.value == "GOOG  151224P00740000"
    assert str(Symbol.create("XYZ", SecurityType.EQUITY, Market.USA).id) == "XYZ 2T"


def test_option_creation_takes_a_target_root_or_not(spx):
    weekly = Symbol.create_option(spx, "SPXW", Market.USA, OptionStyle.EUROPEAN, OptionRight.PUT, 4750.0, datetime(2024, 1, 10))
    monthly = Symbol.create_option(spx, Market.USA, OptionStyle.EUROPEAN, OptionRight.PUT, 4750.0, datetime(2024, 1, 19))
    assert weekly.value == "SPXW  240110P04750000"
    assert monthly.value == "SPX   240119P04750000"
    assert weekly.id.strike_price == 4750.0
    assert weekly.underlying == spx


def test_canonical_symbols(spx):
    weekly = Symbol.create_option(spx, "SPXW", Market.USA, OptionStyle.EUROPEAN, OptionRight.PUT, 4750, datetime(2024, 1, 10))
    assert weekly.canonical == Symbol.create_canonical_option(spx, "SPXW", Market.USA, "?SPXW")
    assert weekly.canonical.value == "?SPXW"
    assert weekly.canonical.is_canonical()
    assert weekly.has_canonical()
    assert Symbol.create_canonical_option(spx).value == "?SPX"
    es = Symbol.create("ES", SecurityType.FUTURE, Market.CME)
    assert (es.value, es.is_canonical()) == ("/ES", True)
    assert Symbol.create_future("ES", Market.CME, datetime(2020, 3, 20)).canonical == es
    assert not spx.is_canonical()
    with pytest.raises(SymbolError, match="no canonical"):
        _ = spx.canonical


def test_futures_options_take_their_root_and_value_from_the_future():
    gold = Symbol.create_future("GC", Market.COMEX, datetime(2018, 12, 27))
    option = Symbol.create_option(gold, Market.COMEX, OptionStyle.AMERICAN, OptionRight.CALL, 1200, datetime(2018, 11, 27))
    assert option.id.symbol == "OG"
    assert option.value == "OG    181127C01200000"
    assert option.canonical.value == "?OG"


def test_contract_months_are_not_always_the_expiry_s():
    assert Symbol.create_future("CL", Market.NYMEX, datetime(2023, 12, 19)).value == "CL19F24"
    assert contract_month("CL", date(2023, 12, 19)) == datetime(2024, 1, 1)
    assert contract_month("B", date(2023, 11, 30)) == datetime(2024, 1, 1)
    assert (option_root("CL"), future_root("OZN"), option_root("ES")) == ("LO", "ZN", "ES")


def test_a_contract_made_from_its_expiry_rule_keeps_the_time_of_day():
    future = Symbol.create_future("ES", Market.CME, datetime(2013, 12, 20, 13, 30))
    assert future.id.date == datetime(2013, 12, 20, 13, 30)
    assert SecurityIdentifier.parse(str(future.id)).date == datetime(2013, 12, 20)
    assert SecurityIdentifier.parse(str(future.id)) == future.id


def test_a_continuous_future_maps_to_its_contract():
    es = Symbol.create("ES", SecurityType.FUTURE, Market.CME)
    mapped = es.update_mapped_symbol("ES XCZJLC9NOB29")
    assert mapped == es
    assert mapped.value == "ES20H20"
    assert mapped.underlying == Symbol.create_future("ES", Market.CME, datetime(2020, 3, 20))


def test_symbols_compare_with_text_only_through_the_cache(spx):
    assert spx != "SPX"
    SymbolCache.set("SPX", spx)
    assert spx == "SPX"
    assert spx == "spx"
    assert spx == str(spx.id)
    assert "SPX" not in {spx: 1}


def test_symbols_print_as_the_ticker_they_were_added_under(spx):
    assert str(spx) == "SPX 31"
    SymbolCache.set(spx.value, spx)
    assert f"{spx}" == "SPX"
    with pytest.raises(TypeError):
        f"{spx:>9}"
    with pytest.raises(TypeError):
        "x" + spx


def test_the_cache_names_an_unknown_ticker():
    with pytest.raises(SymbolError, match="locate the ticker 'QQQ'"):
        SymbolCache.get_symbol("QQQ")


def test_symbols_sort_by_value(spx):
    vix = Symbol.create("VIX", SecurityType.INDEX, Market.USA)
    aapl = Symbol.create("AAPL", SecurityType.EQUITY, Market.USA)
    assert sorted([vix, spx, aapl]) == [aapl, spx, vix]
    assert spx < "vix"
