"""Positions that are margined together (Common/Securities/Positions)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from math import gcd
from typing import TYPE_CHECKING, Final, NamedTuple

from simulator.common.enums import SecurityType
from simulator.common.security_identifier import is_option
from simulator.common.symbol import Symbol
from simulator.orders.decimals import sign
from simulator.orders.order import Order
from simulator.securities.option_strategy_definitions import OptionPosition
from simulator.securities.option_strategy_matcher import MatchedStrategy, OptionBook, match_strategies, option_book

if TYPE_CHECKING:
    from simulator.securities.security import Security
    from simulator.securities.security_manager import SecurityManager

_WITH_OPTIONS: Final = frozenset({SecurityType.EQUITY, SecurityType.INDEX, SecurityType.FUTURE})
_HUNDRED: Final = Decimal(100)
_REMEMBERED: Final = 512


class Position(NamedTuple):
    """Mirrors Position: a quantity of a symbol, and the quantity of it in one unit of its group."""

    symbol: Symbol
    quantity: Decimal
    unit_quantity: Decimal


class GroupKey(NamedTuple):
    """Mirrors PositionGroupKey: default groups and strategy groups are told apart, strategies only by their legs."""

    is_default: bool
    units: tuple[tuple[Symbol, Decimal], ...]


@dataclass(frozen=True)
class PositionGroup:
    """Mirrors PositionGroup: a single security, or the legs of an option strategy (`strategy` is its name)."""

    positions: tuple[Position, ...]
    quantity: Decimal
    strategy: str | None = None

    @cached_property
    def options(self) -> list[Position]:
        """The positions that are options."""
        return [position for position in self.positions if is_option(position.symbol.security_type)]

    @cached_property
    def fixed_margins(self) -> dict[Callable[..., Decimal], Decimal]:
        """Margins that no price moves, by the rule that found them."""
        return {}

    @cached_property
    def key(self) -> GroupKey:
        """What makes two groups the same."""
        units = tuple(sorted((position.symbol, position.unit_quantity) for position in self.positions))
        return GroupKey(self.strategy is None, units)

    def with_quantity(self, quantity: Decimal) -> "PositionGroup":
        """The group so many times, legs keep their side (PositionExtensions.WithLots)."""
        positions = tuple(p._replace(quantity=quantity * p.unit_quantity * (-1 if p.quantity < 0 else 1)) for p in self.positions)
        return replace(self, positions=positions, quantity=quantity)

    def is_inverted_of(self, other: "PositionGroup") -> bool:
        """Whether both hold the same symbols on opposite sides."""
        theirs = {position.symbol: position for position in other.positions}
        return len(self.positions) == len(theirs) and all(
            p.symbol in theirs and sign(p.quantity) == -sign(theirs[p.symbol].quantity) for p in self.positions
        )


Groups = dict[GroupKey, PositionGroup]


@dataclass(frozen=True, eq=False)
class OrderPlan:
    """What orders would make of the groups; prices do not matter to it.

    Attributes:
        is_by_strategy: whether the orders are judged by strategy margin.
        before: the groups they touch.
        after: the groups these become.
        own: the groups of what the orders add, taken alone.
    """

    is_by_strategy: bool
    before: tuple[PositionGroup, ...] = ()
    after: tuple[PositionGroup, ...] = ()
    own: tuple[PositionGroup, ...] = ()


class PositionGroups:
    """What SecurityPositionGroupModel and its resolvers do: groups of everything invested, matched anew after a holding changed.

    Args:
        securities: the algorithm's.
        matches_strategies: whether options and their underlying are grouped (not by NullSecurityPositionGroupModel).
    """

    def __init__(self, securities: "SecurityManager", *, matches_strategies: bool = True) -> None:
        self._securities = securities
        self._matches_strategies = matches_strategies
        self._groups: Groups | None = None
        self._resolved: dict[tuple[Position, ...], Groups] = {}
        self._plans: dict[tuple[tuple[Symbol, Decimal], ...], OrderPlan] = {}

    def _invalidate(self) -> None:
        self._groups = None
        self._plans.clear()

    @property
    def groups(self) -> Groups:
        """The current groups."""
        if self._groups is None:
            self._groups = self.resolve(self._position(security) for security in self._securities._invested())
        return self._groups

    @property
    def is_only_default_groups(self) -> bool:
        """Whether no option strategy is held."""
        return all(key.is_default for key in self.groups)

    @staticmethod
    def _position(security: "Security") -> Position:
        return Position(security.symbol, security.holdings._quantity, security.symbol_properties._lot_size)

    def default_group(self, security: "Security") -> PositionGroup:
        """GetOrCreateDefaultGroup: the group of the security alone, empty when it is not held alone."""
        lot = security.symbol_properties._lot_size
        known = self.groups.get(GroupKey(True, ((security.symbol, lot),)))
        return PositionGroup((Position(security.symbol, Decimal(0), lot),), Decimal(0)) if known is None else known

    def order_positions(self, orders: Sequence[Order]) -> list[Position]:
        """What the orders would add."""
        return [Position(o.symbol, o._quantity, self._securities[o.symbol].symbol_properties._lot_size) for o in orders]

    def plan(self, orders: Sequence[Order]) -> OrderPlan:
        """What the orders would make of the groups, kept until a holding changes."""
        key = tuple((order.symbol, order._quantity) for order in orders)
        plan = self._plans.get(key)
        if plan is None:
            plan = self._plans[key] = self._plan(self.order_positions(orders))
        return plan

    def _plan(self, positions: list[Position]) -> OrderPlan:
        """GetReservedBuyingPowerImpact's groups."""
        if not self.has_strategy_group(positions):
            return OrderPlan(False)
        before = self.impacted_groups(positions)
        after = {position.symbol: position for position in positions}
        for group in before:
            for position in group.positions:
                after[position.symbol] = _combined(after.get(position.symbol), position)
        return OrderPlan(True, tuple(before), tuple(self.resolve(after.values()).values()), tuple(self.resolve(positions).values()))

    def has_strategy_group(self, positions: Sequence[Position]) -> bool:
        """OptionStrategyPositionGroupResolver.TryGroup: whether the orders are judged by strategy margin.

        A single order into an empty account, orders that touch no option or its underlying, and orders after which only the underlying is left,
        are not.
        """
        if not self._matches_strategies:
            return False
        considered = list(positions)
        if self.groups:
            considered += [position for group in self._related_groups(positions) for position in group.positions]
        elif len(positions) == 1:
            return False
        books = (_book(part, self._unit_of_trade(option)) for option, part in self._by_underlying(considered))
        return any(book.positions or not book.underlying_lots for book in books)

    def impacted_groups(self, positions: Sequence[Position]) -> list[PositionGroup]:
        """GetImpactedGroups: groups with the same underlying, and groups that hold one of the symbols."""
        found = {group.key: group for group in self._related_groups(positions)}
        symbols = {position.symbol for position in positions}
        for key, group in self.groups.items():
            if any(position.symbol in symbols for position in group.positions):
                found.setdefault(key, group)
        return list(found.values())

    def _related_groups(self, positions: Sequence[Position]) -> list[PositionGroup]:
        symbols: set[Symbol] = set()
        for position in positions:
            if is_option(position.symbol.security_type) or position.symbol.security_type in _WITH_OPTIONS:
                symbols.add(position.symbol)
                if position.symbol.underlying is not None:
                    symbols.add(position.symbol.underlying)
        if not symbols:
            return []

        def touches(position: Position) -> bool:
            symbol = position.symbol
            return symbol in symbols or (is_option(symbol.security_type) and symbol.underlying in symbols)

        return [group for group in self.groups.values() if group.quantity and any(map(touches, group.positions))]

    @staticmethod
    def _by_underlying(positions: Iterable[Position]) -> Iterable[tuple[Position, list[Position]]]:
        """Positions per underlying that has options among them, with one of these options."""
        parts: dict[Symbol, list[Position]] = {}
        for position in positions:
            symbol = position.symbol
            if is_option(symbol.security_type) or symbol.security_type in _WITH_OPTIONS:
                key = symbol if symbol.underlying is None or not is_option(symbol.security_type) else symbol.underlying
                parts.setdefault(key, []).append(position)
        for part in parts.values():
            option = next((position for position in part if is_option(position.symbol.security_type)), None)
            if option is not None:
                yield option, part

    def resolve(self, positions: Iterable[Position]) -> Groups:
        """CompositePositionGroupResolver.Resolve: option strategies first, what is left one by one; equal positions are matched once."""
        given = tuple(positions)
        groups = self._resolved.get(given)
        if groups is None:
            if len(self._resolved) > _REMEMBERED:
                self._resolved.clear()
            groups = self._resolved[given] = self._resolve(given)
        return groups

    def _resolve(self, positions: Sequence[Position]) -> Groups:
        left = {position.symbol: position for position in positions}
        groups: Groups = {}
        for option, part in self._by_underlying(positions) if self._matches_strategies else ():
            unit = self._unit_of_trade(option)
            book = _book(part, unit)
            if not book.size:
                break
            for strategy in match_strategies(book):
                group = _strategy_group(strategy, unit)
                groups[group.key] = group
        for group in groups.values():
            _deduct(left, group)
        for position in left.values():
            group = PositionGroup((position,), position.quantity / position.unit_quantity)
            groups[group.key] = group
        return groups

    def _unit_of_trade(self, option: Position) -> Decimal:
        security = self._securities._find(option.symbol)
        return _HUNDRED if security is None else security._as_option()._contract_unit_of_trade


def _combined(known: Position | None, other: Position) -> Position:
    if known is None:
        return other
    return Position(known.symbol, known.quantity + other.quantity, min(known.unit_quantity, other.unit_quantity))


def _book(positions: Iterable[Position], unit: Decimal) -> OptionBook:
    options, lots = [], 0
    for position in positions:
        symbol = position.symbol
        if is_option(symbol.security_type):
            sid = symbol.id
            options.append(OptionPosition(symbol, int(position.quantity), sid._right, sid._strike, sid._date))
        else:
            lots += int(Decimal(int(position.quantity)) / unit)
    return option_book(options, lots)


def _strategy_group(strategy: MatchedStrategy, unit: Decimal) -> PositionGroup:
    quantities = [leg.quantity for leg in strategy.legs]
    if strategy.underlying_lots:
        quantities.append(strategy.underlying_lots)
    times = gcd(*quantities)
    positions = [Position(leg.symbol, Decimal(leg.quantity), Decimal(abs(leg.quantity)) / times) for leg in strategy.legs]
    underlying = strategy.legs[0].symbol.underlying
    if strategy.underlying_lots and underlying is not None:
        positions.append(Position(underlying, strategy.underlying_lots * unit, abs(strategy.underlying_lots) * unit / times))
    return PositionGroup(tuple(positions), Decimal(times), strategy.name)


def _deduct(left: dict[Symbol, Position], group: PositionGroup) -> None:
    for position in group.positions:
        remaining = left[position.symbol].quantity - position.quantity
        if remaining:
            left[position.symbol] = left[position.symbol]._replace(quantity=remaining)
        else:
            del left[position.symbol]
