"""Filters that keep the contracts of one option strategy (the strategy methods of LEAN's OptionFilterUniverse)."""

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, Self

from simulator.common.enums import OptionRight
from simulator.common.symbol import Symbol
from simulator.common.system_exceptions import ArgumentException
from simulator.orders.decimals import to_price

_NO_STRIKE: Final = Decimal(2**96 - 1)


def _require(holds: bool, what: str) -> None:
    if not holds:
        raise ArgumentException(what)


def _of_right(contracts: Iterable[Symbol], right: OptionRight) -> list[Symbol]:
    return [contract for contract in contracts if contract.id.option_right is right]


class OptionStrategyFilters:
    """The part of OptionFilterUniverse that knows strategies; what does not fit leaves nothing."""

    if TYPE_CHECKING:
        _local: datetime
        underlying: Any

        def _symbols(self) -> list[Symbol]: ...

        def contracts(self, contracts: Any) -> Self:
            """See OptionFilterUniverse."""

    @property
    def _spot(self) -> Decimal:
        return Decimal(0) if self.underlying is None else to_price(self.underlying.close)

    def _of_expiry(self, contracts: Iterable[Symbol], days: int) -> list[Symbol]:
        """Contracts of the first expiry so many days ahead, in order of identifier."""
        first = datetime.combine(self._local.date(), time()) + timedelta(days=days)
        usable = [contract for contract in contracts if contract.id.date >= first]
        nearest: datetime | None = min((contract.id.date for contract in usable), default=None)
        return sorted((contract for contract in usable if contract.id.date == nearest), key=lambda contract: contract.id)

    def _strike(self, contracts: Iterable[Symbol], offset: float) -> Decimal:
        """The strike nearest to the underlying's price plus the offset."""
        wanted = self._spot + to_price(offset)
        return min((contract.id._strike for contract in contracts), key=lambda strike: abs(wanted - strike), default=_NO_STRIKE)

    def _above(self, contracts: Iterable[Symbol], strike: Decimal) -> list[Symbol]:
        return [contract for contract in contracts if contract.id._strike > strike]

    def _below(self, contracts: Iterable[Symbol], strike: Decimal) -> list[Symbol]:
        return [contract for contract in contracts if contract.id._strike < strike]

    def _one(self, contracts: Iterable[Symbol], strike: Decimal) -> Symbol:
        return next(contract for contract in contracts if contract.id._strike == strike)

    def _all_or_none(self, count: int, chosen: Sequence[Symbol]) -> Self:
        return self.contracts(chosen if len(chosen) == count else [])

    def _at(self, expiry: datetime, *terms: tuple[OptionRight, Decimal]) -> list[Symbol]:
        return [symbol for symbol in self._symbols() if symbol.id.date == expiry and (symbol.id.option_right, symbol.id._strike) in terms]

    def naked_call(self, min_days_till_expiry: int = 30, strike_from_atm: float = 0) -> Self:
        """One call."""
        return self._single(OptionRight.CALL, min_days_till_expiry, strike_from_atm)

    def naked_put(self, min_days_till_expiry: int = 30, strike_from_atm: float = 0) -> Self:
        """One put."""
        return self._single(OptionRight.PUT, min_days_till_expiry, strike_from_atm)

    def _single(self, right: OptionRight, days: int, offset: float) -> Self:
        listed = _of_right(self._of_expiry(self._symbols(), days), right)
        return self.contracts([self._one(listed, self._strike(listed, offset))] if listed else [])

    def call_spread(
        self, min_days_till_expiry: int = 30, higher_strike_from_atm: float = 5, lower_strike_from_atm: float | None = None
    ) -> Self:
        """Two calls of one expiry."""
        return self._spread(OptionRight.CALL, min_days_till_expiry, higher_strike_from_atm, lower_strike_from_atm)

    def put_spread(
        self, min_days_till_expiry: int = 30, higher_strike_from_atm: float = 5, lower_strike_from_atm: float | None = None
    ) -> Self:
        """Two puts of one expiry."""
        return self._spread(OptionRight.PUT, min_days_till_expiry, higher_strike_from_atm, lower_strike_from_atm)

    def _spread(self, right: OptionRight, days: int, higher: float, lower: float | None) -> Self:
        lower = -higher if lower is None else lower
        _require(higher > lower, f"Spread(): strike price arguments must be in descending order, got {higher}, {lower}")
        listed = _of_right(self._of_expiry(self._symbols(), days), right)
        if not listed:
            return self.contracts([])
        low = self._strike(listed, lower)
        above = self._above(listed, low)
        return self.contracts([self._one(listed, low), self._one(above, self._strike(above, higher))] if above else [])

    def call_calendar_spread(
        self, strike_from_atm: float = 0, min_near_days_till_expiry: int = 30, min_far_days_till_expiry: int = 60
    ) -> Self:
        """Calls of one strike and two expiries."""
        return self._calendar(OptionRight.CALL, strike_from_atm, min_near_days_till_expiry, min_far_days_till_expiry)

    def put_calendar_spread(
        self, strike_from_atm: float = 0, min_near_days_till_expiry: int = 30, min_far_days_till_expiry: int = 60
    ) -> Self:
        """Puts of one strike and two expiries."""
        return self._calendar(OptionRight.PUT, strike_from_atm, min_near_days_till_expiry, min_far_days_till_expiry)

    def _calendar(self, right: OptionRight, offset: float, near: int, far: int) -> Self:
        return self.contracts(self._near_and_far("CalendarSpread", self._strike(self._symbols(), offset), right, near, far))

    def _near_and_far(self, name: str, strike: Decimal, right: OptionRight, near: int, far: int) -> list[Symbol]:
        _require(far > near, f"{name}(): expiry arguments must be in ascending order, got {near}, {far}")
        _require(near >= 0, f"{name}(): near expiry argument must be positive.")
        listed = [symbol for symbol in _of_right(self._symbols(), right) if symbol.id._strike == strike]
        first = self._of_expiry(listed, near)
        second = self._of_expiry([symbol for symbol in listed if first and symbol.id.date > first[0].id.date], far)
        return [first[0], second[0]] if second else []

    def strangle(self, min_days_till_expiry: int = 30, call_strike_from_atm: float = 5, put_strike_from_atm: float = -5) -> Self:
        """A call above the market and a put below it."""
        _require(call_strike_from_atm > 0, "Strangle(): callStrikeFromAtm must be positive")
        _require(put_strike_from_atm < 0, "Strangle(): putStrikeFromAtm must be negative")
        return self._call_and_put(min_days_till_expiry, call_strike_from_atm, put_strike_from_atm, out_of_the_money=True)

    def straddle(self, min_days_till_expiry: int = 30) -> Self:
        """A call and a put at the money."""
        return self._call_and_put(min_days_till_expiry, 0, 0)

    def protective_collar(self, min_days_till_expiry: int = 30, call_strike_from_atm: float = 5, put_strike_from_atm: float = -5) -> Self:
        """A call and a put below it."""
        offsets = (call_strike_from_atm, put_strike_from_atm)
        _require(offsets[0] > offsets[1], f"ProtectiveCollar(): strike price arguments must be in descending order, got {offsets}")
        kept = self._call_and_put(min_days_till_expiry, *offsets)._symbols()
        return self.contracts(kept if kept and kept[0].id._strike > kept[1].id._strike else [])

    def conversion(self, min_days_till_expiry: int = 30, strike_from_atm: float = 5) -> Self:
        """A call and a put of one strike."""
        return self._call_and_put(min_days_till_expiry, strike_from_atm, strike_from_atm)

    def _call_and_put(self, days: int, call_offset: float, put_offset: float, *, out_of_the_money: bool = False) -> Self:
        listed = self._of_expiry(self._symbols(), days)
        calls, puts = _of_right(listed, OptionRight.CALL), _of_right(listed, OptionRight.PUT)
        if out_of_the_money:
            calls, puts = self._above(calls, self._spot), self._below(puts, self._spot)
        if not calls or not puts:
            return self.contracts([])
        return self.contracts([self._one(calls, self._strike(calls, call_offset)), self._one(puts, self._strike(puts, put_offset))])

    def call_butterfly(self, min_days_till_expiry: int = 30, strike_spread: float = 5) -> Self:
        """Three calls at even distances."""
        return self._butterfly(OptionRight.CALL, min_days_till_expiry, strike_spread)

    def put_butterfly(self, min_days_till_expiry: int = 30, strike_spread: float = 5) -> Self:
        """Three puts at even distances."""
        return self._butterfly(OptionRight.PUT, min_days_till_expiry, strike_spread)

    def _butterfly(self, right: OptionRight, days: int, spread: float) -> Self:
        _require(spread > 0, "ProtectiveCollar(): strikeSpread arguments must be positive")
        listed = _of_right(self._of_expiry(self._symbols(), days), right)
        if not listed:
            return self.contracts([])
        middle = self._strike(listed, 0)
        lower = self._strike(self._below(listed, min(middle, self._spot)), -spread)
        upper = middle * 2 - lower
        return self._all_or_none(3, self._at(listed[0].id.date, (right, middle), (right, lower), (right, upper)))

    def iron_butterfly(self, min_days_till_expiry: int = 30, strike_spread: float = 5) -> Self:
        """A straddle with a call above and a put below it."""
        _require(strike_spread > 0, "IronButterfly(): strikeSpread arguments must be positive")
        listed = self._of_expiry(self._symbols(), min_days_till_expiry)
        calls = self._above(_of_right(listed, OptionRight.CALL), self._spot)
        if not calls or not self._below(_of_right(listed, OptionRight.PUT), self._spot):
            return self.contracts([])
        middle = self._strike(listed, 0)
        upper = self._strike(self._above(calls, middle), strike_spread)
        terms = ((OptionRight.CALL, middle), (OptionRight.PUT, middle), (OptionRight.CALL, upper), (OptionRight.PUT, middle * 2 - upper))
        return self._all_or_none(4, self._at(listed[0].id.date, *terms))

    def iron_condor(self, min_days_till_expiry: int = 30, near_strike_spread: float = 5, far_strike_spread: float = 10) -> Self:
        """A put spread below and a call spread above the market, of one width."""
        near, far = near_strike_spread, far_strike_spread
        _require(near > 0 and far > 0, f"IronCondor(): strike arguments must be positive, got {near}, {far}")
        _require(near < far, f"IronCondor(): strike arguments must be in ascending orders, got {near}, {far}")
        listed = self._of_expiry(self._symbols(), min_days_till_expiry)
        calls = self._above(_of_right(listed, OptionRight.CALL), self._spot)
        puts = self._below(_of_right(listed, OptionRight.PUT), self._spot)
        if not calls or not puts:
            return self.contracts([])
        near_call, near_put = self._strike(calls, near), self._strike(puts, -near)
        far_call = self._strike(self._above(calls, near_call), far)
        terms = [(OptionRight.CALL, near_call), (OptionRight.PUT, near_put)]
        terms += [(OptionRight.CALL, far_call), (OptionRight.PUT, near_put - far_call + near_call)]
        return self._all_or_none(4, self._at(listed[0].id.date, *terms))

    def box_spread(self, min_days_till_expiry: int = 30, strike_spread: float = 5) -> Self:
        """Calls and puts of two strikes."""
        _require(strike_spread > 0, "BoxSpread(): strike arguments must be positive, strikeSpread")
        listed = self._of_expiry(self._symbols(), min_days_till_expiry)
        if not listed:
            return self.contracts([])
        higher = self._strike(self._above(listed, self._spot), strike_spread)
        lower = self._strike(self._below(listed, min(higher, self._spot)), -strike_spread)
        terms = [(right, strike) for right in (OptionRight.CALL, OptionRight.PUT) for strike in (higher, lower)]
        return self._all_or_none(4, self._at(listed[0].id.date, *terms))

    def jelly_roll(self, strike_from_atm: float = 0, min_near_days_till_expiry: int = 30, min_far_days_till_expiry: int = 60) -> Self:
        """Calls and puts of one strike and two expiries."""
        strike = self._strike(self._symbols(), strike_from_atm)
        pair = self._near_and_far("JellyRoll", strike, OptionRight.CALL, min_near_days_till_expiry, min_far_days_till_expiry)
        dates = {contract.id.date for contract in pair}
        return self._all_or_none(4, [symbol for symbol in self._symbols() if symbol.id._strike == strike and symbol.id.date in dates])

    def call_ladder(
        self, min_days_till_expiry: int, higher_strike_from_atm: float, middle_strike_from_atm: float, lower_strike_from_atm: float
    ) -> Self:
        """Three calls of one expiry."""
        return self._ladder(OptionRight.CALL, min_days_till_expiry, lower_strike_from_atm, middle_strike_from_atm, higher_strike_from_atm)

    def put_ladder(
        self, min_days_till_expiry: int, higher_strike_from_atm: float, middle_strike_from_atm: float, lower_strike_from_atm: float
    ) -> Self:
        """Three puts of one expiry."""
        return self._ladder(OptionRight.PUT, min_days_till_expiry, lower_strike_from_atm, middle_strike_from_atm, higher_strike_from_atm)

    def _ladder(self, right: OptionRight, days: int, *offsets: float) -> Self:
        _require(offsets[0] < offsets[1] < offsets[2], f"Ladder(): strike price arguments must be in descending order, got {offsets[::-1]}")
        listed = self._of_expiry(_of_right(self._symbols(), right), days)
        chosen: list[Symbol] = []
        for offset in offsets:
            if not listed:
                return self.contracts([])
            chosen.append(self._one(listed, self._strike(listed, offset)))
            listed = self._above(listed, chosen[-1].id._strike)
        return self.contracts([symbol for symbol in self._symbols() if symbol in chosen])
