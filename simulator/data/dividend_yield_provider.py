"""Trailing dividend yield of a share. Mirrors DividendYieldProvider."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import ClassVar

from simulator.common.auxiliary_data import Dividend, Split
from simulator.common.symbol import Symbol
from simulator.errors import SimulatorError

_ALMOST_A_YEAR = timedelta(days=350)
_DECIMAL_PLACES = 3

CorporateEvents = Callable[[Symbol, int], list[Dividend | Split]]


class DividendYieldProvider:
    """The distributions of the 350 days up to the last dividend, over a price; 0 for a share that never paid one."""

    _sources: ClassVar[list[CorporateEvents]] = []
    _events: ClassVar[dict[Symbol, list[tuple[datetime, Dividend | Split]]]] = {}

    def __init__(self, symbol: Symbol) -> None:
        """Keeps the share.

        Raises:
            SimulatorError: no data folder is open, so that there are no factor files to read.
        """
        if not self._sources:
            raise SimulatorError("DividendYieldProvider needs an open data folder; create simulator.data.data_folder.DataFolder first")
        self._symbol = symbol
        self._source, self._known = self._sources[0], self._events

    @classmethod
    def _use(cls, events: CorporateEvents) -> None:
        cls._sources[:] = [events]
        cls._events = {}

    def get_dividend_yield(self, date: datetime | date, security_price: float | None = None) -> float:
        """The yield known on a day as a decimal; at the price before the last dividend where none is given.

        Raises:
            ValueError: the price is zero.
        """
        day = date.date() if isinstance(date, datetime) else date
        known = [(ends, event) for ends, event in self._all_events() if ends.date() <= day]
        last = next(((ends, event) for ends, event in reversed(known) if isinstance(event, Dividend)), None)
        if last is None:
            return 0.0
        price = Decimal(str(security_price)) if security_price is not None else last[1]._reference_price
        if price == 0:
            raise ValueError("Security price cannot be zero.")
        first, split_factor, yearly = last[0] - _ALMOST_A_YEAR, Decimal(1), Decimal(0)
        for ends, event in reversed(known):
            if ends < first:
                break
            if isinstance(event, Dividend):
                yearly += event._distribution * split_factor
            else:
                split_factor *= event._split_factor
        return float(yearly / price)

    def _all_events(self) -> list[tuple[datetime, Dividend | Split]]:
        """The share's events with their times, in time order; made once for all that ask about it."""
        found = self._known.get(self._symbol)
        if found is None:
            found = self._known[self._symbol] = [(event.end_time, event) for event in self._source(self._symbol, _DECIMAL_PLACES)]
        return found
