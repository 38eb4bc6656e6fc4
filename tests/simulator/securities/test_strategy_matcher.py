"""The matcher against a slow reference that tries every assignment of positions to legs."""

from datetime import datetime
from decimal import Decimal
from itertools import permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.common.enums import OptionRight
from simulator.securities.group_margin import group_maintenance_margin
from simulator.securities.option_strategy_definitions import ALL_DEFINITIONS, OptionPosition
from simulator.securities.option_strategy_matcher import match_strategies, option_book

EXPIRIES = (datetime(2024, 1, 19), datetime(2024, 2, 16))

contracts = st.tuples(st.sampled_from(OptionRight), st.sampled_from([80, 90, 95, 100, 105, 110, 130]), st.sampled_from(EXPIRIES))
books = st.tuples(st.dictionaries(contracts, st.integers(-3, 3).filter(bool), min_size=1, max_size=5), st.integers(-2, 2))


def make_book(contents):
    positions, lots = contents
    made = [
        OptionPosition((right, strike, expiry), quantity, right, Decimal(strike), expiry)
        for (right, strike, expiry), quantity in positions.items()
    ]
    return option_book(made, lots)


# The reference: positions as a plain dictionary of symbol to (position, quantity left)


def fits(definition, chosen):
    for index, (leg, position) in enumerate(zip(definition.legs, chosen, strict=True)):
        if position.right is not leg.right or position.quantity * leg.quantity <= 0 or abs(position.quantity) < abs(leg.quantity):
            return False
        if not all(predicate(chosen[:index], position) for predicate in leg.predicates):
            return False
    return True


def reference_pass(definitions, book):
    left, lots, found = list(book.positions), book.underlying_lots, []
    for definition in definitions:
        while True:
            if definition.underlying_lots and definition.underlying_lots * lots <= 0:
                break
            match = next((chosen for chosen in permutations(left, len(definition.legs)) if fits(definition, chosen)), None)
            if match is None:
                break
            times = min(abs(p.quantity) // abs(leg.quantity) for p, leg in zip(match, definition.legs, strict=True))
            if definition.underlying_lots:
                times = min(times, abs(lots))
                lots -= definition.underlying_lots * times
            taken = {p.symbol: leg.quantity * times for p, leg in zip(match, definition.legs, strict=True)}
            found.append((definition.name, taken, definition.underlying_lots * times))
            left = [p._replace(quantity=p.quantity - taken.get(p.symbol, 0)) for p in left]
            left = [p for p in left if p.quantity]
    return found


def uncovered(found, book):
    """Short contracts that neither a near or nearer long contract nor the underlying stands for; longs serve the first short in line."""
    known = {p.symbol: p for p in book.positions}
    total = 0
    for _, taken, lots in found:
        for right, order in ((OptionRight.CALL, 1), (OptionRight.PUT, -1)):
            cover = max(0, order * lots)
            longs = {s: q for s, q in taken.items() if known[s].right is right and q > 0}
            shorts = sorted((s for s, q in taken.items() if known[s].right is right and q < 0), key=lambda s: order * known[s].strike)
            for short in shorts:
                need = -taken[short]
                for long, free in longs.items():
                    near = order * (known[long].strike - known[short].strike) <= Decimal("0.1") * known[short].strike
                    if near and known[long].expiry >= known[short].expiry:
                        used = min(need, free)
                        longs[long] -= used
                        need -= used
                used = min(need, cover)
                cover -= used
                total += need - used
    return total


def has_net_short(definition):
    net = {right: sum(leg.quantity for leg in definition.legs if leg.right is right) for right in OptionRight}
    calls = net[OptionRight.CALL] + max(0, definition.underlying_lots)
    puts = net[OptionRight.PUT] + max(0, -definition.underlying_lots)
    return calls < 0 or puts < 0


def reference(book):
    by_legs = sorted(ALL_DEFINITIONS, key=lambda definition: definition.leg_count, reverse=True)
    first = reference_pass(by_legs, book)
    second = reference_pass([d for d in by_legs if not has_net_short(d)] + [d for d in by_legs if has_net_short(d)], book)
    return second if uncovered(second, book) < uncovered(first, book) else first


@settings(max_examples=200)
@given(books)
def test_matcher_equals_the_reference(contents):
    book = make_book(contents)
    matched = [(s.name, {leg.symbol: leg.quantity for leg in s.legs}, s.underlying_lots) for s in match_strategies(book)]
    assert matched == reference(book)


@given(books)
def test_every_contract_is_in_a_strategy(contents):
    book = make_book(contents)
    total = {}
    for strategy in match_strategies(book):
        for leg in strategy.legs:
            total[leg.symbol] = total.get(leg.symbol, 0) + leg.quantity
    assert total == {position.symbol: position.quantity for position in book.positions}


@given(books)
def test_shares_are_never_used_beyond_what_is_held(contents):
    book = make_book(contents)
    used = sum(strategy.underlying_lots for strategy in match_strategies(book))
    assert abs(used) <= abs(book.underlying_lots)
    assert used * book.underlying_lots >= 0


def test_there_are_lean_s_forty_four_definitions():
    assert len(ALL_DEFINITIONS) == 44
    assert [definition.name for definition in ALL_DEFINITIONS][8:12] == ["Naked Call", "Naked Call", "Naked Put", "Naked Put"]
    assert ALL_DEFINITIONS[5].underlying_lots == -1


DEFINED_RISK = {
    "Bull Put Spread",
    "Bear Put Spread",
    "Bull Call Spread",
    "Bear Call Spread",
    "Butterfly Call",
    "Butterfly Put",
    "Short Butterfly Call",
    "Short Butterfly Put",
    "Straddle",
    "Strangle",
    "Box Spread",
}


def worst_result(desk, group):
    """Dollars lost at expiry at the worst of all prices of the underlying, by trying them."""
    options = [(desk.securities[position.symbol], position.quantity) for position in group.positions]
    prices = [Decimal(price) for price in range(0, 301, 5)]
    return -min(sum(quantity * 100 * option._intrinsic_value(price) for option, quantity in options) for price in prices)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    contents=st.dictionaries(
        st.tuples(st.sampled_from(["C", "P"]), st.sampled_from([90, 95, 100, 105, 110])), st.integers(-2, 2).filter(bool), max_size=5
    )
)
def test_margin_of_defined_risk_is_the_worst_result_at_expiry(make_desk, contents):
    desk = make_desk()
    stock = desk.equity(price=100)
    for (right, strike), quantity in contents.items():
        desk.hold(desk.option(stock, right, strike, mid=5), quantity)
    for group in desk.portfolio._position_groups.groups.values():
        if group.strategy in DEFINED_RISK:
            assert group_maintenance_margin(desk.securities, group) == max(0, worst_result(desk, group)), group.strategy


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    contents=st.dictionaries(
        st.tuples(st.sampled_from(["C", "P"]), st.sampled_from([90, 95, 100, 105, 110])), st.integers(-2, 2).filter(bool), max_size=5
    )
)
def test_account_margin_is_the_sum_over_the_groups_of_the_reference(make_desk, contents):
    """The whole way from holdings to dollars, with the reference's grouping margined group by group on a desk of its own."""
    desk = make_desk()
    stock = desk.equity(price=100)
    options = {}
    for (right, strike), quantity in contents.items():
        options[right, strike] = desk.option(stock, right, strike, mid=5)
        desk.hold(options[right, strike], quantity)
    side = {"C": OptionRight.CALL, "P": OptionRight.PUT}
    book = make_book(({(side[right], strike, EXPIRIES[0]): quantity for (right, strike), quantity in contents.items()}, 0))
    letter = {OptionRight.CALL: "C", OptionRight.PUT: "P"}
    total = 0
    for _, taken, _ in reference(book):
        alone = make_desk()
        other = alone.equity(price=100)
        for (right, strike, _), quantity in taken.items():
            alone.hold(alone.option(other, letter[right], strike, mid=5), quantity)
        total += alone.portfolio.total_margin_used
    assert desk.portfolio.total_margin_used == pytest.approx(total)
