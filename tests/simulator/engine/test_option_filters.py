"""What an option filter keeps of one day's file (LEAN's OptionFilterUniverse)."""

from datetime import date, datetime, timedelta
from types import SimpleNamespace

import pytest

from simulator.common.enums import DayOfWeek, MarketHoursState, SecurityType
from simulator.common.symbol import Symbol
from simulator.common.system_exceptions import ArgumentException, InvalidOperationException
from simulator.common.time_zone import HOUR
from simulator.data.contract_names import ChainNames
from simulator.data.local_market_hours import LocalMarketHours, MarketHoursSegment
from simulator.data.security_exchange_hours import SecurityExchangeHours
from simulator.data.universe_reader import read_universe
from simulator.engine.future_filter_universe import FutureFilterUniverse
from simulator.engine.option_filter_universe import OptionFilterUniverse
from simulator.engine.universe_rows import UniverseRows
from simulator.errors import LeanApiMissing
from simulator.securities.option import _FILTER_NAMES, filter_values

DAY = date(2024, 1, 9)
UNDERLYING = ",,,100,101,99,{price},1000\n"
MARTIN_LUTHER_KING = date(2024, 1, 15)
WEEKLY, MONTHLY_EVE, MONTHLY = 20240112, 20240118, 20240119


def new_york_hours():
    session = [MarketHoursSegment(MarketHoursState.MARKET, 9 * HOUR, 16 * HOUR)]
    days = {day: LocalMarketHours(day, session) for day in DayOfWeek if day not in {DayOfWeek.SATURDAY, DayOfWeek.SUNDAY}}
    return SecurityExchangeHours("America/New_York", frozenset({MARTIN_LUTHER_KING}), days, {}, {})


class Canonical:
    """What a filter asks of the chain's security."""

    def __init__(self, symbol):
        self.symbol = symbol
        self.exchange = SimpleNamespace(hours=new_york_hours())
        self.symbol_properties = SimpleNamespace(strike_multiplier=1.0)


@pytest.fixture
def universe_of(tmp_path):
    """`universe_of(contracts, price)`: a filter universe of (expiry, strike, right, delta) on 2024-01-10."""

    def make(contracts, price=100, *, kind=SecurityType.OPTION, local=datetime(2024, 1, 10), root="SPY"):
        lines = [f"{expiry},{strike},{right},1,1,1,1,5,7,0.2,{delta},0,0,-0.01,0\n" for expiry, strike, right, delta in contracts]
        file = tmp_path / "universe.csv"
        file.write_text("#header\n" + ("" if price is None else UNDERLYING.format(price=price)) + "".join(lines))
        underlying = Symbol.create(root, SecurityType.EQUITY if kind is SecurityType.OPTION else SecurityType.INDEX, "usa")
        canonical = Symbol.create_canonical_option(underlying, None, "usa")
        universe = OptionFilterUniverse(Canonical(canonical))
        universe._refresh(UniverseRows(read_universe(file, canonical, DAY, ChainNames(canonical, rules=None))), local)
        return universe

    return make


def strikes_of(universe):
    return [symbol.id.strike_price for symbol in universe._symbols()]


def grid(expiry, strikes, right="P"):
    return [(expiry, strike, right, 0.1) for strike in strikes]


FINE_AND_COARSE = [*grid(WEEKLY, range(95, 106)), *grid(MONTHLY, range(90, 111, 5))]


def test_strikes_are_counted_among_what_earlier_filters_left(universe_of):
    universe = universe_of(FINE_AND_COARSE)
    assert strikes_of(universe.expiration(9, 30).strikes(-1, 1)) == [95, 100, 105]


def test_strikes_are_counted_before_later_filters(universe_of):
    universe = universe_of(FINE_AND_COARSE)
    assert strikes_of(universe.strikes(-1, 1).expiration(9, 30)) == [100]


def test_strikes_are_counted_once_a_day(universe_of):
    universe = universe_of(FINE_AND_COARSE)
    universe.expiration(9, 30).strikes(-1, 1)
    universe._refresh(UniverseRows(universe._file), datetime(2024, 1, 10))
    assert strikes_of(universe.strikes(-1, 1).expiration(0, 5)) == [95, 96, 97, 98, 99, 100, 101, 102, 103, 104, 105]
    universe._refresh(UniverseRows(universe._file), datetime(2024, 1, 11))
    assert strikes_of(universe.strikes(-1, 1).expiration(0, 5)) == [99, 100, 101]


def test_nothing_is_left_when_the_market_is_above_all_strikes(universe_of):
    assert strikes_of(universe_of(grid(WEEKLY, [90, 95]), 100).strikes(-1, 1)) == []


def test_a_market_without_price_lies_below_all_strikes(universe_of):
    assert strikes_of(universe_of(grid(WEEKLY, [90, 95, 100]), 0).strikes(-1, 2)) == [90, 95]


def test_a_file_without_underlying_is_not_narrowed(universe_of):
    assert strikes_of(universe_of(grid(WEEKLY, [90, 95, 100]), None).strikes(-1, 1)) == [90, 95, 100]


def test_the_thursday_before_the_third_friday_is_standard(universe_of):
    contracts = [*grid(WEEKLY, [1]), *grid(MONTHLY_EVE, [2]), *grid(MONTHLY, [3]), *grid(20240122, [4])]
    assert strikes_of(universe_of(contracts).standards_only()._apply_types()) == [2, 3]
    assert strikes_of(universe_of(contracts).weeklys_only()._apply_types()) == [1, 4]


def test_every_contract_of_the_index_itself_is_standard(universe_of):
    contracts = [*grid(WEEKLY, [1]), *grid(MONTHLY, [3])]
    assert strikes_of(universe_of(contracts, kind=SecurityType.INDEX_OPTION, root="SPX").standards_only()._apply_types()) == [1, 3]


def test_types_are_applied_by_the_month_filters_or_at_the_end(universe_of):
    contracts = [*grid(WEEKLY, [99, 100, 101]), *grid(MONTHLY, [95, 100, 105])]
    assert strikes_of(universe_of(contracts).standards_only().strikes(-1, 1)) == [99, 100, 101, 100]
    universe = universe_of(contracts).standards_only().front_month()
    assert strikes_of(universe) == [95, 100, 105]
    with pytest.raises(InvalidOperationException, match="StandardsOnly"):
        universe.standards_only()
    assert universe_of(contracts)._apply(lambda u: u.standards_only().include_weeklys()) == universe_of(contracts)._symbols()


def test_months_come_in_order_of_expiry(universe_of):
    universe = universe_of([*grid(20240216, [3]), *grid(MONTHLY, [2]), *grid(WEEKLY, [1])])
    assert strikes_of(universe.back_months()) == [2, 3]
    assert strikes_of(universe.front_month()) == [2]


def test_expiration_takes_spans_with_hours(universe_of):
    contracts = [*grid(20240110, [1]), *grid(20240111, [2]), *grid(WEEKLY, [3])]
    assert strikes_of(universe_of(contracts).expiration(timedelta(hours=12), timedelta(days=1, hours=12))) == [2]


def test_a_selection_on_a_closed_date_counts_from_the_next_session(universe_of):
    contracts = [*grid(20240116, [1]), *grid(20240117, [2])]
    assert strikes_of(universe_of(contracts, local=datetime(2024, 1, 13)).expiration(0, 0)) == [1]


def test_contracts_keep_their_order_and_may_be_unknown(universe_of):
    universe = universe_of(grid(WEEKLY, [95, 100, 105]))
    first, _, last = universe._symbols()
    other = Symbol.create_option(first.underlying, "usa", first.id.option_style, first.id.option_right, 500, datetime(2024, 1, 12))
    universe.contracts([other, last, first])
    assert strikes_of(universe) == [500, 105, 95]
    assert [row.symbol.id.strike_price for row in universe] == [500, 105, 95]
    assert strikes_of(universe.puts_only().delta(0.1, 0.1)) == [105, 95]


def test_a_list_only_narrows(universe_of):
    universe = universe_of(grid(WEEKLY, [95, 100, 105]))
    first, _, last = universe._symbols()
    other = Symbol.create_option(first.underlying, "usa", first.id.option_style, first.id.option_right, 500, datetime(2024, 1, 12))
    assert universe._apply(lambda _: [last, other, first]) == [first, last]


def test_an_answer_that_is_no_selection_is_refused(universe_of):
    with pytest.raises(ArgumentException, match="is not a valid argument"):
        universe_of(grid(WEEKLY, [95]))._apply(lambda _: 3)


def test_figures_are_bounds_of_both_sides(universe_of):
    contracts = [(WEEKLY, 90, "P", -0.1), (WEEKLY, 95, "P", -0.25), (WEEKLY, 100, "P", -0.5)]
    assert strikes_of(universe_of(contracts).delta(-0.25, -0.1)) == [90, 95]
    assert strikes_of(universe_of(contracts).theta(-3.65, -3.65)) == [90, 95, 100]
    assert strikes_of(universe_of(contracts).open_interest(8, 10)) == []


def test_what_is_missing_says_so(universe_of):
    with pytest.raises(LeanApiMissing, match="zero_dte"):
        universe_of(grid(WEEKLY, [95])).zero_dte()


def test_bounds_may_be_named():
    assert filter_values({"max_strike": 2, "min_strike": -1}, _FILTER_NAMES) == [-1, 2]
    assert filter_values({"max_expiry_days": 30, "min_expiry_days": 0}, _FILTER_NAMES) == [0, 30]
    with pytest.raises(TypeError, match="min_delta"):
        filter_values({"min_delta": 0}, _FILTER_NAMES)


def test_a_future_filter_answers_with_its_universe():
    rows = [SimpleNamespace(symbol=Symbol.create_future("ES", "cme", date(2024, month, 15))) for month in (6, 3)]
    universe = FutureFilterUniverse(rows, datetime(2024, 1, 10))
    assert [symbol.id.date.month for symbol in universe._apply(lambda u: u.expiration(0, 90))] == [3]
    for answer in (None, [rows[0].symbol]):
        with pytest.raises(ArgumentException, match="must return the universe"):
            universe._apply(lambda _, answer=answer: answer)


def test_contracts_of_a_universe_file_are_no_weeklies():
    rows = [SimpleNamespace(symbol=Symbol.create_future("ES", "cme", date(2024, 3, 15)))]
    assert FutureFilterUniverse(rows, datetime(2024, 1, 10))._apply(lambda u: u.weeklys_only()) == []
    with pytest.raises(InvalidOperationException, match="StandardsOnly"):
        FutureFilterUniverse(rows, datetime(2024, 1, 10)).front_month().standards_only()
