"""Margin of option strategies by name (Option/OptionStrategyPositionGroupBuyingPowerModel.cs).

Spreads count strike differences times the contract's unit of trade, which is 1 for futures options: LEAN leaves out their multiplier.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from simulator.common.enums import OptionRight
from simulator.common.security_identifier import is_option
from simulator.common.system_exceptions import NotSupportedException
from simulator.orders.decimals import ONE, ZERO
from simulator.securities.margin_model import RequiredMargin
from simulator.securities.position_group import Position, PositionGroup

if TYPE_CHECKING:
    from simulator.securities.option import Option
    from simulator.securities.security import Security
    from simulator.securities.security_manager import SecurityManager

_TENTH: Final = Decimal("0.1")
_QUARTER: Final = Decimal("0.25")
_FOUR_FIFTHS: Final = Decimal("0.8")
_COMMISSION: Final = Decimal("0.65")
_BOX_COST_FACTOR: Final = Decimal("1.02")


class _Legs:
    """The legs of a group with their securities."""

    def __init__(self, securities: "SecurityManager", group: PositionGroup) -> None:
        self.securities = securities
        self.group = group
        self.options = group.options

    def security(self, position: Position) -> "Security":
        return self.securities[position.symbol]

    def option(self, position: Position) -> "Option":
        return self.securities[position.symbol]._as_option()

    @property
    def underlying(self) -> Position:
        return next(position for position in self.group.positions if not is_option(position.symbol.security_type))

    def of_right(self, right: OptionRight) -> list[Position]:
        return [position for position in self.options if position.symbol.id._right is right]

    def single(self, right: OptionRight, *, long: bool | None = None) -> Position:
        return next(p for p in self.options if p.symbol.id._right is right and (long is None or (p.quantity > 0) == long))

    def short(self) -> Position:
        return next(position for position in self.options if position.quantity < 0)

    def maintenance(self, position: Position) -> Decimal:
        """Maintenance margin of one leg at its current price."""
        security = self.security(position)
        return security.buying_power_model._maintenance_at_current_price(security, position.quantity)

    def initial(self, position: Position) -> RequiredMargin:
        """Initial margin of one leg."""
        security = self.security(position)
        return security.buying_power_model._initial_margin(security, position.quantity)


Rule = Callable[[_Legs], Decimal]


def _nothing(_: _Legs) -> Decimal:
    return ZERO


def _protective(legs: _Legs) -> Decimal:
    position, stock = legs.options[0], legs.underlying
    option, quantity = legs.option(position), abs(position.quantity)
    out = option._out_of_the_money_amount(legs.security(stock)._price) * option._contract_unit_of_trade * quantity
    return min(_TENTH * option._strike * option._contract_unit_of_trade * quantity + out, abs(legs.maintenance(stock)))


def _covered_call(legs: _Legs) -> Decimal:
    position, stock = legs.options[0], legs.underlying
    option, shares = legs.option(position), legs.security(stock)
    in_the_money = option._intrinsic_value(shares._price) * option._contract_unit_of_trade * abs(position.quantity)
    value = shares.holdings._quantity_value(stock.quantity)
    option_value = option.holdings._quantity_value(position.quantity)
    capped = shares.holdings._quantity_value(stock.quantity, min(shares._price, option._scaled_strike))
    model = shares.buying_power_model
    at_cap = model._maintenance_margin(shares, stock.quantity, ZERO, capped)
    now = model._maintenance_margin(shares, stock.quantity, ZERO, value)
    return max(in_the_money + at_cap, min(value, max(option_value, now)))


def _stock_and_in_the_money(right: OptionRight) -> Rule:
    def margin(legs: _Legs) -> Decimal:
        position, stock = legs.single(right), legs.underlying
        option = legs.option(position)
        in_the_money = option._intrinsic_value(legs.security(stock)._price) * option._contract_unit_of_trade * abs(position.quantity)
        return abs(legs.initial(stock).value) + in_the_money

    return margin


def _collar(legs: _Legs) -> Decimal:
    put_position, call_position = legs.single(OptionRight.PUT), legs.single(OptionRight.CALL)
    put, call = legs.option(put_position), legs.option(call_position)
    put_margin = _TENTH * put._strike + put._out_of_the_money_amount(legs.security(legs.underlying)._price)
    return min(put_margin, _QUARTER * call._strike) * abs(put_position.quantity) * put._contract_unit_of_trade


def _conversion(right: OptionRight) -> Rule:
    def margin(legs: _Legs) -> Decimal:
        position = legs.single(right)
        option = legs.option(position)
        per_unit = _TENTH * option._strike + option._intrinsic_value(legs.security(legs.underlying)._price)
        return per_unit * abs(position.quantity) * option._contract_unit_of_trade

    return margin


def _strike_difference(right: OptionRight) -> Rule:
    def margin(legs: _Legs) -> Decimal:
        return _spread(legs, legs.of_right(right), right)

    return margin


def _spread(legs: _Legs, positions: list[Position], right: OptionRight) -> Decimal:
    """What a vertical spread can lose at expiry, never negative."""
    long = next(position for position in positions if position.quantity > 0)
    short = next(position for position in positions if position.quantity < 0)
    difference = long.symbol.id._strike - short.symbol.id._strike
    if right is OptionRight.PUT:
        difference = -difference
    return max(difference * legs.option(long)._contract_unit_of_trade * abs(legs.group.quantity), ZERO)


def _short_leg(legs: _Legs) -> Decimal:
    return abs(legs.maintenance(legs.short()))


def _initial_short_leg(legs: _Legs) -> Decimal:
    return abs(legs.initial(legs.short()).value)


def _short_straddle(margin_of: Callable[[_Legs, Position], Decimal]) -> Rule:
    def margin(legs: _Legs) -> Decimal:
        call, put = legs.single(OptionRight.CALL), legs.single(OptionRight.PUT)
        call_margin, put_margin = abs(margin_of(legs, call)), abs(margin_of(legs, put))
        larger, other = (put_margin, call) if put_margin > call_margin else (call_margin, put)
        option = legs.option(other)
        return larger + option._price * option._contract_unit_of_trade * abs(other.quantity)

    return margin


def _short_butterfly(legs: _Legs) -> Decimal:
    low, middle = sorted(legs.options, key=lambda position: position.symbol.id._strike)[:2]
    difference = middle.symbol.id._strike - low.symbol.id._strike
    return max(difference * legs.option(low)._contract_unit_of_trade * abs(legs.group.quantity), ZERO)


def _short_box(legs: _Legs) -> Decimal:
    long_call, short_call = legs.single(OptionRight.CALL, long=True), legs.single(OptionRight.CALL, long=False)
    long_put, short_put = legs.single(OptionRight.PUT, long=True), legs.single(OptionRight.PUT, long=False)
    quantity = abs(long_call.quantity)
    commission = max(quantity * _COMMISSION, ONE) * 4
    cost = legs.option(short_call)._ask_price - legs.option(long_call)._bid_price
    cost = cost + legs.option(short_put)._ask_price - legs.option(long_put)._bid_price
    multiplier = quantity * legs.option(long_call)._contract_unit_of_trade
    difference = long_call.symbol.id._strike - short_call.symbol.id._strike
    return max(_BOX_COST_FACTOR * (commission + cost * multiplier), difference * multiplier)


def _jelly_roll(legs: _Legs) -> Decimal:
    latest = max(position.symbol.id._date for position in legs.options)
    position = next(p for p in legs.options if p.quantity < 0 and p.symbol.id._date == latest)
    return abs(legs.maintenance(position))


def _ladder(right: OptionRight, *, credit: bool) -> Rule:
    """Ladders that start with a short leg count as the spread of their first two legs, the others as their outermost short leg."""

    def margin(legs: _Legs) -> Decimal:
        from_start = sorted(legs.options, key=lambda p: p.symbol.id._strike, reverse=right is OptionRight.PUT)
        if credit:
            return _spread(legs, from_start[:2], right)
        return abs(legs.initial(from_start[-1]).value)

    return margin


def _maintenance_of(legs: _Legs, position: Position) -> Decimal:
    return legs.maintenance(position)


def _initial_of(legs: _Legs, position: Position) -> Decimal:
    return legs.initial(position).value


def _naked(legs: _Legs) -> Decimal:
    return legs.maintenance(legs.group.positions[0])


def _initial_stock(legs: _Legs) -> Decimal:
    return abs(legs.initial(legs.underlying).value)


def _initial_covered_call(legs: _Legs) -> Decimal:
    position = legs.options[0]
    value = abs(legs.option(position).holdings._quantity_value(position.quantity))
    return value * _FOUR_FIFTHS + legs.initial(legs.underlying).value


_CALLS: Final = _strike_difference(OptionRight.CALL)
_PUTS: Final = _strike_difference(OptionRight.PUT)

_MAINTENANCE: Final[dict[str, Rule]] = {
    "Protective Put": _protective,
    "Protective Call": _protective,
    "Covered Call": _covered_call,
    "Covered Put": _stock_and_in_the_money(OptionRight.PUT),
    "Protective Collar": _collar,
    "Conversion": _conversion(OptionRight.CALL),
    "Reverse Conversion": _conversion(OptionRight.PUT),
    "Naked Call": _naked,
    "Naked Put": _naked,
    "Bear Call Spread": _CALLS,
    "Bull Call Spread": _CALLS,
    "Bear Put Spread": _PUTS,
    "Bull Put Spread": _PUTS,
    "Call Calendar Spread": _nothing,
    "Put Calendar Spread": _nothing,
    "Short Call Calendar Spread": _short_leg,
    "Short Put Calendar Spread": _short_leg,
    "Straddle": _nothing,
    "Strangle": _nothing,
    "Short Straddle": _short_straddle(_maintenance_of),
    "Short Strangle": _short_straddle(_maintenance_of),
    "Butterfly Call": _nothing,
    "Butterfly Put": _nothing,
    "Short Butterfly Call": _short_butterfly,
    "Short Butterfly Put": _short_butterfly,
    "Iron Condor": _PUTS,
    "Iron Butterfly": _PUTS,
    "Short Iron Condor": _PUTS,
    "Short Iron Butterfly": _PUTS,
    "Box Spread": _nothing,
    "Short Box Spread": _short_box,
    "Jelly Roll": _jelly_roll,
    "Short Jelly Roll": _jelly_roll,
    "Bear Call Ladder": _ladder(OptionRight.CALL, credit=True),
    "Bull Call Ladder": _ladder(OptionRight.CALL, credit=False),
    "Bear Put Ladder": _ladder(OptionRight.PUT, credit=False),
    "Bull Put Ladder": _ladder(OptionRight.PUT, credit=True),
}

_INITIAL: Final[dict[str, Rule]] = {
    **_MAINTENANCE,
    "Protective Put": _initial_stock,
    "Protective Call": _initial_stock,
    "Covered Call": _initial_covered_call,
    "Protective Collar": _stock_and_in_the_money(OptionRight.CALL),
    "Conversion": _stock_and_in_the_money(OptionRight.CALL),
    "Reverse Conversion": _stock_and_in_the_money(OptionRight.PUT),
    "Short Call Calendar Spread": _initial_short_leg,
    "Short Put Calendar Spread": _initial_short_leg,
    "Short Straddle": _short_straddle(_initial_of),
    "Short Strangle": _short_straddle(_initial_of),
}


_SINGLE: Final = frozenset({"Naked Call", "Naked Put"})
_FIXED: Final = frozenset({_nothing, _CALLS, _PUTS, _short_butterfly})
"""Rules that look at strikes alone: what they find for a group stays."""


def _margin(rules: dict[str, Rule], securities: "SecurityManager", group: PositionGroup) -> Decimal:
    rule = rules.get(group.strategy or "")
    if rule is None:
        raise NotSupportedException(f"Option strategy {group.strategy} margin modeling has yet to be implemented")
    if rule not in _FIXED:
        return rule(_Legs(securities, group))
    known = group.fixed_margins
    if rule not in known:
        known[rule] = rule(_Legs(securities, group))
    return known[rule]


def strategy_maintenance_margin(securities: "SecurityManager", group: PositionGroup) -> Decimal:
    """Dollars to keep the group."""
    if not group.quantity or group.strategy is None:
        return ZERO
    return _margin(_MAINTENANCE, securities, group)


def strategy_initial_margin(securities: "SecurityManager", group: PositionGroup) -> RequiredMargin:
    """Dollars to open the group, and the current value of its options. Naked futures options keep their sign: short ones are negative, as in LEAN."""
    if not group.quantity or group.strategy is None:
        return RequiredMargin(ZERO, ZERO)
    if group.strategy in _SINGLE:
        margin = _Legs(securities, group).initial(group.positions[0])
        return margin if margin.premium is None else RequiredMargin(abs(margin.without_premium), margin.premium)
    premium = ZERO
    for position in group.options:
        premium += securities[position.symbol].holdings._quantity_value(position.quantity)
    return RequiredMargin(_margin(_INITIAL, securities, group), premium)
