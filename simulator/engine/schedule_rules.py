"""What date and time rules share: a name and a function (LEAN's FuncDateRule, FuncTimeRule, BaseScheduleRules)."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from simulator.common.enums import SecurityType
from simulator.common.market import Market
from simulator.common.symbol import Symbol
from simulator.common.symbol_cache import SymbolCache
from simulator.data.market_hours_database import SecurityExchangeHours


class DateRule:
    """Dates of a rule between two dates, lazily.

    Attributes:
        name: LEAN's name of the rule, part of the default name of an event.
    """

    def __init__(self, name: str, dates: Callable[[datetime, datetime], Iterable[datetime]]) -> None:
        self.name = name
        self._dates = dates

    def get_dates(self, start: datetime, end: datetime) -> Iterator[datetime]:
        """The midnights of the rule's dates from start to end, both included."""
        return iter(self._dates(start, end))


class TimeRule:
    """Instants of a rule on given dates, lazily."""

    def __init__(self, name: str, apply: Callable[[Iterable[datetime]], Iterator[int]]) -> None:
        self.name = name
        self._apply = apply

    def create_utc_event_times(self, dates: Iterable[datetime]) -> Iterator[int]:
        """UTC microseconds of the rule for each date."""
        return self._apply(dates)


class ScheduleRules:
    """Base of DateRules and TimeRules: resolves symbols to exchange hours."""

    def __init__(self, algorithm: Any) -> None:
        self._algorithm = algorithm
        self._warned = False

    def _symbol(self, symbol: Symbol | str) -> Symbol:
        if isinstance(symbol, Symbol):
            return symbol
        known = SymbolCache._resolve(symbol)
        if isinstance(known, Symbol):
            return known
        if not self._warned:
            self._warned = True
            self._algorithm.debug(f"Warning: no existing symbol found for ticker {symbol}, it will be created with Equity type.")
        created = Symbol.create(symbol, SecurityType.EQUITY, Market.USA)
        SymbolCache.set(symbol, created)
        return created

    def _hours(self, symbol: Symbol) -> SecurityExchangeHours:
        hours: SecurityExchangeHours = self._algorithm._engine_exchange_hours(symbol)
        return hours

    def _hours_of_market(self) -> list[SecurityExchangeHours]:
        """Hours that rules without a symbol look at: US equities and every other subscribed market that ever closes."""
        spy = Symbol.create("SPY", SecurityType.EQUITY, Market.USA)
        found = [self._algorithm._engine_folder.market_hours.hours_of(spy)]
        for security in self._algorithm.securities.values():
            hours = security.exchange.hours
            if security.type != SecurityType.EQUITY and not hours.is_market_always_open and hours not in found:
                found.append(hours)
        return found
