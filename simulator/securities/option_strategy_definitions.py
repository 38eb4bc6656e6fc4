"""LEAN's option strategies as lists of legs, in LEAN's order (Option/StrategyMatcher/OptionStrategyDefinitions.cs)."""

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final, NamedTuple

from simulator.common.enums import OptionRight
from simulator.common.symbol import Symbol

CALL: Final = OptionRight.CALL
PUT: Final = OptionRight.PUT


class OptionPosition(NamedTuple):
    """Mirrors OptionPosition: so many contracts of an option."""

    symbol: Symbol
    quantity: int
    right: OptionRight
    strike: Decimal
    expiry: datetime


LegPredicate = Callable[[Sequence[OptionPosition], OptionPosition], bool]
"""Whether a position fits as the next leg after those chosen before."""


class LegDefinition(NamedTuple):
    """Mirrors OptionStrategyLegDefinition: right, signed quantity per unit, and how it relates to earlier legs."""

    right: OptionRight
    quantity: int
    predicates: tuple[LegPredicate, ...] = ()


class StrategyDefinition(NamedTuple):
    """Mirrors OptionStrategyDefinition: lots of the underlying and option legs per unit."""

    name: str
    underlying_lots: int
    legs: tuple[LegDefinition, ...]

    @property
    def leg_count(self) -> int:
        """Number of legs, the underlying counts as one."""
        return len(self.legs) + (self.underlying_lots != 0)

    def inverted(self) -> "StrategyDefinition":
        """The same strategy sold; LEAN keeps its name."""
        legs = tuple(leg._replace(quantity=-leg.quantity) for leg in self.legs)
        return self._replace(underlying_lots=-self.underlying_lots, legs=legs)


def _same_expiry(index: int) -> LegPredicate:
    return lambda legs, p: p.expiry == legs[index].expiry


def _later_expiry(index: int) -> LegPredicate:
    return lambda legs, p: p.expiry > legs[index].expiry


def _strike_below(index: int) -> LegPredicate:
    return lambda legs, p: p.strike < legs[index].strike


def _strike_above(index: int) -> LegPredicate:
    return lambda legs, p: p.strike > legs[index].strike


def _strike_at_least(index: int) -> LegPredicate:
    return lambda legs, p: p.strike >= legs[index].strike


def _same_strike(index: int) -> LegPredicate:
    return lambda legs, p: p.strike == legs[index].strike


def _equal_wings(legs: Sequence[OptionPosition], p: OptionPosition) -> bool:
    return p.strike - legs[1].strike == legs[1].strike - legs[0].strike


def _mirrored_wing(legs: Sequence[OptionPosition], p: OptionPosition) -> bool:
    return p.strike == legs[0].strike * 2 - legs[1].strike


def _strategy(name: str, *legs: LegDefinition, lots: int = 0) -> StrategyDefinition:
    return StrategyDefinition(name, lots, legs)


def _leg(right: OptionRight, quantity: int, *predicates: LegPredicate) -> LegDefinition:
    return LegDefinition(right, quantity, predicates)


def _butterfly(name: str, right: OptionRight, side: int) -> StrategyDefinition:
    middle = _leg(right, -2 * side, _strike_at_least(0), _same_expiry(0))
    return _strategy(name, _leg(right, side), middle, _leg(right, side, _strike_at_least(1), _same_expiry(0), _equal_wings))


def _calendar(name: str, right: OptionRight, near: int) -> StrategyDefinition:
    return _strategy(name, _leg(right, near), _leg(right, -near, _same_strike(0), _later_expiry(0)))


def _iron_butterfly(name: str, side: int) -> StrategyDefinition:
    return _strategy(
        name,
        _leg(PUT, -side),
        _leg(PUT, side, _strike_below(0), _same_expiry(0)),
        _leg(CALL, -side, _same_strike(0), _same_expiry(0)),
        _leg(CALL, side, _mirrored_wing, _same_expiry(0)),
    )


def _iron_condor(name: str, side: int) -> StrategyDefinition:
    return _strategy(
        name,
        _leg(PUT, side),
        _leg(PUT, -side, _strike_above(0), _same_expiry(0)),
        _leg(CALL, -side, _strike_above(1), _same_expiry(0)),
        _leg(CALL, side, _strike_above(2), _same_expiry(0)),
    )


def _box(name: str, side: int) -> StrategyDefinition:
    return _strategy(
        name,
        _leg(PUT, side),
        _leg(PUT, -side, _strike_below(0), _same_expiry(0)),
        _leg(CALL, side, _same_strike(1), _same_expiry(0)),
        _leg(CALL, -side, _same_strike(0), _same_expiry(0)),
    )


def _jelly_roll(name: str, side: int) -> StrategyDefinition:
    return _strategy(
        name,
        _leg(CALL, -side),
        _leg(CALL, side, _same_strike(0), _later_expiry(0)),
        _leg(PUT, side, _same_strike(0), _same_expiry(0)),
        _leg(PUT, -side, _same_strike(0), _same_expiry(1)),
    )


def _ladder(name: str, right: OptionRight, side: int) -> StrategyDefinition:
    beyond = _strike_above if right is CALL else _strike_below
    return _strategy(
        name, _leg(right, side), _leg(right, -side, beyond(0), _same_expiry(0)), _leg(right, -side, beyond(1), _same_expiry(0))
    )


def _backspread(name: str, right: OptionRight, side: int) -> StrategyDefinition:
    beyond = _strike_above if right is CALL else _strike_below
    return _strategy(name, _leg(right, -side), _leg(right, 2 * side, beyond(0), _same_expiry(0)))


_COLLAR: Final = _strategy("Protective Collar", _leg(CALL, -1), _leg(PUT, 1, _strike_below(0), _same_expiry(0)), lots=1)
_NAKED_CALL: Final = _strategy("Naked Call", _leg(CALL, -1))
_NAKED_PUT: Final = _strategy("Naked Put", _leg(PUT, -1))

ALL_DEFINITIONS: Final[tuple[StrategyDefinition, ...]] = (
    _strategy("Covered Call", _leg(CALL, -1), lots=1),
    _strategy("Protective Call", _leg(CALL, 1), lots=-1),
    _strategy("Covered Put", _leg(PUT, -1), lots=-1),
    _strategy("Protective Put", _leg(PUT, 1), lots=1),
    _COLLAR,
    _COLLAR.inverted(),
    _strategy("Conversion", _leg(CALL, -1), _leg(PUT, 1, _same_strike(0), _same_expiry(0)), lots=1),
    _strategy("Reverse Conversion", _leg(CALL, 1), _leg(PUT, -1, _same_strike(0), _same_expiry(0)), lots=-1),
    _NAKED_CALL,
    _NAKED_CALL.inverted(),
    _NAKED_PUT,
    _NAKED_PUT.inverted(),
    _strategy("Bear Call Spread", _leg(CALL, -1), _leg(CALL, 1, _strike_above(0), _same_expiry(0))),
    _strategy("Bear Put Spread", _leg(PUT, 1), _leg(PUT, -1, _strike_below(0), _same_expiry(0))),
    _strategy("Bull Call Spread", _leg(CALL, 1), _leg(CALL, -1, _strike_above(0), _same_expiry(0))),
    _strategy("Bull Put Spread", _leg(PUT, -1), _leg(PUT, 1, _strike_below(0), _same_expiry(0))),
    _strategy("Straddle", _leg(CALL, 1), _leg(PUT, 1, _same_strike(0), _same_expiry(0))),
    _strategy("Short Straddle", _leg(CALL, -1), _leg(PUT, -1, _same_strike(0), _same_expiry(0))),
    _strategy("Strangle", _leg(CALL, 1), _leg(PUT, 1, _strike_below(0), _same_expiry(0))),
    _strategy("Short Strangle", _leg(CALL, -1), _leg(PUT, -1, _strike_below(0), _same_expiry(0))),
    _butterfly("Butterfly Call", CALL, 1),
    _butterfly("Short Butterfly Call", CALL, -1),
    _butterfly("Butterfly Put", PUT, 1),
    _butterfly("Short Butterfly Put", PUT, -1),
    _calendar("Call Calendar Spread", CALL, -1),
    _calendar("Short Call Calendar Spread", CALL, 1),
    _calendar("Put Calendar Spread", PUT, -1),
    _calendar("Short Put Calendar Spread", PUT, 1),
    _iron_butterfly("Iron Butterfly", 1),
    _iron_butterfly("Short Iron Butterfly", -1),
    _iron_condor("Iron Condor", 1),
    _iron_condor("Short Iron Condor", -1),
    _box("Box Spread", 1),
    _box("Short Box Spread", -1),
    _jelly_roll("Jelly Roll", 1),
    _jelly_roll("Short Jelly Roll", -1),
    _ladder("Bear Call Ladder", CALL, -1),
    _ladder("Bear Put Ladder", PUT, 1),
    _ladder("Bull Call Ladder", CALL, 1),
    _ladder("Bull Put Ladder", PUT, -1),
    _backspread("Call Backspread", CALL, 1),
    _backspread("Put Backspread", PUT, 1),
    _backspread("Short Call Backspread", CALL, -1),
    _backspread("Short Put Backspread", PUT, -1),
)
