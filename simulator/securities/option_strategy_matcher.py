"""Groups option positions on one underlying into strategies (Option/StrategyMatcher/OptionStrategyMatcher.cs and its objective function).

Where several positions fit the same leg LEAN takes them in the order of a hash that changes from process to process; here by expiry, strike
and right.
"""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from simulator.common.enums import OptionRight
from simulator.securities.option_strategy_definitions import ALL_DEFINITIONS, LegDefinition, OptionPosition, StrategyDefinition


class OptionBook(NamedTuple):
    """Option positions on one underlying, and whole lots of the underlying itself (OptionPositionCollection)."""

    positions: tuple[OptionPosition, ...]
    underlying_lots: int = 0

    @property
    def size(self) -> int:
        """Number of positions, the underlying counts as one."""
        return len(self.positions) + (self.underlying_lots != 0)

    def without(self, legs: Iterable[OptionPosition], underlying_lots: int = 0) -> "OptionBook":
        """What is left after taking positions out."""
        left = {position.symbol: position for position in self.positions}
        for leg in legs:
            remaining = left[leg.symbol].quantity - leg.quantity
            if remaining:
                left[leg.symbol] = left[leg.symbol]._replace(quantity=remaining)
            else:
                del left[leg.symbol]
        return OptionBook(tuple(left.values()), self.underlying_lots - underlying_lots)


def option_book(positions: Iterable[OptionPosition], underlying_lots: int = 0) -> OptionBook:
    """Positions with equal symbols added up, empty ones dropped, sorted."""
    total: dict[object, OptionPosition] = {}
    for position in positions:
        known = total.get(position.symbol)
        total[position.symbol] = position if known is None else known._replace(quantity=known.quantity + position.quantity)
    held = (position for position in total.values() if position.quantity)
    return OptionBook(tuple(sorted(held, key=lambda p: (p.expiry, p.strike, p.right))), underlying_lots)


class MatchedStrategy(NamedTuple):
    """Mirrors OptionStrategy as matched: its name, option legs with total quantities, and lots of the underlying."""

    name: str
    legs: tuple[OptionPosition, ...]
    underlying_lots: int = 0


_BY_LEG_COUNT: Final = tuple(sorted(ALL_DEFINITIONS, key=lambda definition: -definition.leg_count))


def _has_uncovered_short(definition: StrategyDefinition) -> bool:
    calls = sum(leg.quantity for leg in definition.legs if leg.right is OptionRight.CALL)
    puts = sum(leg.quantity for leg in definition.legs if leg.right is OptionRight.PUT)
    return -calls > max(0, definition.underlying_lots) or -puts > max(0, -definition.underlying_lots)


_COVERED_FIRST: Final = tuple(sorted(_BY_LEG_COUNT, key=_has_uncovered_short))


def match_strategies(book: OptionBook) -> list[MatchedStrategy]:
    """OptionStrategyMatcher.MatchOnce: the most legs first; a second try with covered strategies first counts when fewer shorts stay uncovered."""
    best, unmatched = _match(_BY_LEG_COUNT, book)
    uncovered = _uncovered(best, unmatched)
    if uncovered <= 0 or uncovered <= _least_uncovered(book):
        return best
    candidate, unmatched = _match(_COVERED_FIRST, book)
    return candidate if _uncovered(candidate, unmatched) < uncovered else best


def _match(definitions: Sequence[StrategyDefinition], book: OptionBook) -> tuple[list[MatchedStrategy], OptionBook]:
    strategies: list[MatchedStrategy] = []
    for definition in definitions:
        while True:
            match = _match_definition(definition, book)
            if match is None:
                break
            strategies.append(match)
            book = book.without(match.legs, match.underlying_lots)
        if not book.size:
            break
    return strategies, book


def _match_definition(definition: StrategyDefinition, book: OptionBook) -> MatchedStrategy | None:
    """OptionStrategyDefinition.TryMatchOnce: the first choice of positions that fits all legs, as often as it fits."""
    if book.size < definition.leg_count:
        return None
    multiplier = 1 << 31
    if definition.underlying_lots:
        if book.underlying_lots * definition.underlying_lots <= 0:
            return None
        multiplier = book.underlying_lots // definition.underlying_lots
    for legs, fits in _choices(definition.legs, (), book, multiplier):
        units = (leg._replace(quantity=part.quantity * fits) for leg, part in zip(legs, definition.legs, strict=True))
        return MatchedStrategy(definition.name, tuple(units), definition.underlying_lots * fits)
    return None


def _choices(
    definitions: tuple[LegDefinition, ...], legs: tuple[OptionPosition, ...], book: OptionBook, multiplier: int
) -> Iterator[tuple[tuple[OptionPosition, ...], int]]:
    if len(legs) == len(definitions):
        yield legs, multiplier
        return
    definition = definitions[len(legs)]
    for position in book.positions:
        if position.right is not definition.right or (position.quantity < 0) != (definition.quantity < 0):
            continue
        fits = abs(position.quantity) // abs(definition.quantity)
        if not fits or not all(predicate(legs, position) for predicate in definition.predicates):
            continue
        leg = position._replace(quantity=fits * definition.quantity)
        yield from _choices(definitions, (*legs, leg), book.without([leg]), min(multiplier, fits))


def _least_uncovered(book: OptionBook) -> int:
    """GetMinimumUncoveredQuantity: shorts that no matching can cover."""
    calls = sum(p.quantity for p in book.positions if p.right is OptionRight.CALL)
    puts = sum(p.quantity for p in book.positions if p.right is OptionRight.PUT)
    return max(0, -calls - max(0, book.underlying_lots)) + max(0, -puts - max(0, -book.underlying_lots))


def _uncovered(strategies: Iterable[MatchedStrategy], unmatched: OptionBook) -> int:
    """UncoveredShortQuantityOptionStrategyMatchObjectiveFunction, its score negated."""
    total = 0
    for strategy in strategies:
        total += _uncovered_of(strategy.legs, OptionRight.CALL, max(0, strategy.underlying_lots))
        total += _uncovered_of(strategy.legs, OptionRight.PUT, max(0, -strategy.underlying_lots))
    return total - sum(position.quantity for position in unmatched.positions if position.quantity < 0)


def _uncovered_of(legs: Sequence[OptionPosition], right: OptionRight, cover: int) -> int:
    """GetUncoveredQuantity: shorts left when each takes the first longs that cover it, then lots of the underlying."""
    order = 1 if right is OptionRight.CALL else -1
    shorts = sorted((leg for leg in legs if leg.right is right and leg.quantity < 0), key=lambda leg: order * leg.strike)
    longs = [leg for leg in legs if leg.right is right and leg.quantity > 0]
    free = [leg.quantity for leg in longs]
    uncovered = 0
    for short in shorts:
        remaining = -short.quantity
        for index, long in enumerate(longs):
            if free[index] and _covers(order, short, long):
                used = min(remaining, free[index])
                remaining -= used
                free[index] -= used
        lots = min(remaining, cover)
        cover -= lots
        uncovered += remaining - lots
    return uncovered


_WIDEST_CREDIT_COVER: Final = Decimal("0.1")


def _covers(order: int, short: OptionPosition, long: OptionPosition) -> bool:
    return long.expiry >= short.expiry and order * (long.strike - short.strike) <= _WIDEST_CREDIT_COVER * short.strike
