"""The contracts of one day's file, narrowed down by the algorithm's filter (LEAN's OptionFilterUniverse, ContractSecurityFilterUniverse)."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from simulator.common.enums import OptionRight
from simulator.common.symbol import Symbol
from simulator.engine.option_strategy_filters import OptionStrategyFilters
from simulator.engine.universe_rows import UniverseRow, rows_of
from simulator.errors import LeanApiMissing

if TYPE_CHECKING:
    from simulator.data.universe_reader import UniverseFile

Mask = NDArray[np.bool_]

_DEFAULT_DAYS = 35


def _days(value: int | timedelta) -> int:
    return value.days if isinstance(value, timedelta) else int(value)


class OptionFilterUniverse(OptionStrategyFilters):
    """What `option.set_filter(lambda universe: …)` works on; every method narrows the universe and returns it."""

    def __init__(self, option: Any) -> None:
        self._option = option
        self._file: UniverseFile | None = None
        self._mask: Mask = np.zeros(0, dtype=np.bool_)
        self._chosen: list[Symbol] | None = None
        self._local = datetime(1998, 1, 1)  # noqa: DTZ001 - exchange time
        self._strikes: NDArray[np.float64] = np.zeros(0)
        self._strikes_date: date | None = None

    def _refresh(self, rows: Sequence[Any], local_time: datetime) -> None:
        """Start over with the rows of a file."""
        self._file = rows.file if hasattr(rows, "file") else None
        self._mask = np.ones(len(rows), dtype=np.bool_)
        self._chosen = None
        self._local = local_time
        if self._strikes_date != local_time.date() and self._file is not None:
            self._strikes_date = local_time.date()
            self._strikes = np.unique(self._file.strike)

    def _apply(self, chosen_filter: Callable[["OptionFilterUniverse"], Any] | None) -> list[Symbol]:
        """The symbols a filter keeps; LEAN's default filter is one strike around the money within 35 days."""
        result = self.strikes(-1, 1).expiration(0, _DEFAULT_DAYS) if chosen_filter is None else chosen_filter(self)
        if result is None or isinstance(result, OptionFilterUniverse):
            return (result or self)._symbols()
        return [item if isinstance(item, Symbol) else item.symbol for item in result]

    def _symbols(self) -> list[Symbol]:
        if self._chosen is not None:
            return self._chosen
        return [] if self._file is None else [self._file.symbol(int(index)) for index in np.flatnonzero(self._mask)]

    def _column(self, name: str) -> NDArray[Any]:
        return np.zeros(self._mask.size) if self._file is None else getattr(self._file, name)

    def _keep(self, mask: Mask) -> "OptionFilterUniverse":
        if self._chosen is not None:
            kept = set(self._chosen)
            self._mask = np.array([row.symbol in kept for row in rows_of(self._file)], dtype=np.bool_)
            self._chosen = None
        self._mask = self._mask & mask
        return self

    def __iter__(self) -> Iterator[UniverseRow]:
        rows = rows_of(self._file)
        if self._chosen is not None:
            kept = set(self._chosen)
            return iter([row for row in rows if row.symbol in kept])
        return iter([rows[int(index)] for index in np.flatnonzero(self._mask)])

    def __len__(self) -> int:
        return len(self._symbols())

    @property
    def underlying(self) -> Any:
        """The underlying's row."""
        return None if self._file is None else self._file.underlying

    @property
    def local_time(self) -> datetime:
        """Time of the selection, exchange time."""
        return self._local

    def expiration(self, min_expiry: int | timedelta, max_expiry: int | timedelta) -> "OptionFilterUniverse":
        """Contracts that expire within so many days of the selection's trading date."""
        reference = self._local.date()
        hours = self._option.exchange.hours
        if not hours.is_date_open(reference):
            reference = hours.get_next_trading_day(reference)
        first, last = (reference + timedelta(days=min(_days(limit), 400_000)) for limit in (min_expiry, max_expiry))
        expiry = self._column("expiry")
        return self._keep((expiry >= int(f"{first:%Y%m%d}")) & (expiry <= int(f"{last:%Y%m%d}")))

    def strikes(self, min_strike: int, max_strike: int) -> "OptionFilterUniverse":
        """Contracts whose strike is so many listed strikes away from the underlying's close."""
        if self._file is None or self._file.underlying is None or self._strikes.size == 0:
            return self._keep(np.zeros(self._mask.size, dtype=np.bool_))
        multiplier = getattr(self._option.symbol_properties, "strike_multiplier", 1.0)
        price = self._file.underlying.close / multiplier
        if price <= 0:
            return self._keep(np.zeros(self._mask.size, dtype=np.bool_))
        index = int(np.searchsorted(self._strikes, price))
        exact = index < self._strikes.size and float(self._strikes[index]) == price
        low, high = index + min_strike, index + max_strike
        if not exact:
            if min_strike < 0 < max_strike:
                high -= 1
            elif min_strike > 0:
                low, high = low - 1, high - 1
        low, high = max(low, 0), min(high, self._strikes.size - 1)
        if low > self._strikes.size - 1 or high < 0:
            return self._keep(np.zeros(self._mask.size, dtype=np.bool_))
        strike = self._column("strike")
        return self._keep((strike >= self._strikes[low]) & (strike <= self._strikes[high]))

    def calls_only(self) -> "OptionFilterUniverse":
        """Calls."""
        return self._keep(self._column("right") == int(OptionRight.CALL))

    def puts_only(self) -> "OptionFilterUniverse":
        """Puts."""
        return self._keep(self._column("right") == int(OptionRight.PUT))

    def include_weeklys(self) -> "OptionFilterUniverse":
        """Weeklies are included anyway."""
        return self

    def weeklys_only(self) -> "OptionFilterUniverse":
        """Contracts that do not expire on a third Friday."""
        return self._keep(~self._standard())

    def standards_only(self) -> "OptionFilterUniverse":
        """Contracts that expire on a third Friday (or the Saturday after)."""
        return self._keep(self._standard())

    def _standard(self) -> Mask:
        standard = {int(day): _is_third_friday(int(day)) for day in np.unique(self._column("expiry"))}
        return np.array([standard[int(day)] for day in self._column("expiry")], dtype=np.bool_)

    def front_month(self) -> "OptionFilterUniverse":
        """The nearest expiry."""
        expiry = self._column("expiry")
        usable = expiry[self._mask]
        return self._keep(expiry == usable.min()) if usable.size else self

    def back_months(self) -> "OptionFilterUniverse":
        """All but the nearest expiry."""
        expiry = self._column("expiry")
        usable = expiry[self._mask]
        return self._keep(expiry > usable.min()) if usable.size else self

    def back_month(self) -> "OptionFilterUniverse":
        """The expiry after the nearest."""
        return self.back_months().front_month()

    def _range(self, column: str, low: float, high: float) -> "OptionFilterUniverse":
        values = self._column(column)
        return self._keep((values >= low) & (values <= high))

    def delta(self, min: float, max: float) -> "OptionFilterUniverse":
        """Contracts within a range of the file's delta."""
        return self._range("delta", min, max)

    def gamma(self, min: float, max: float) -> "OptionFilterUniverse":
        """Contracts within a range of the file's gamma."""
        return self._range("gamma", min, max)

    def vega(self, min: float, max: float) -> "OptionFilterUniverse":
        """Contracts within a range of the file's vega."""
        return self._range("vega", min, max)

    def theta(self, min: float, max: float) -> "OptionFilterUniverse":
        """Contracts within a range of theta per year."""
        return self._range("theta", min / 365, max / 365)

    def rho(self, min: float, max: float) -> "OptionFilterUniverse":
        """Contracts within a range of the file's rho."""
        return self._range("rho", min, max)

    def implied_volatility(self, min: float, max: float) -> "OptionFilterUniverse":
        """Contracts within a range of the file's volatility."""
        return self._range("implied_volatility", min, max)

    def open_interest(self, min: int, max: int) -> "OptionFilterUniverse":
        """Contracts within a range of open interest."""
        return self._range("open_interest", min, max)

    d, g, t, v, r, iv, oi = delta, gamma, theta, vega, rho, implied_volatility, open_interest

    def contracts(self, contracts: Iterable[Symbol] | Callable[[Any], Iterable[Any]]) -> "OptionFilterUniverse":
        """The given contracts, or those a function picks from the rows."""
        picked = contracts(list(self)) if callable(contracts) else contracts
        self._chosen = [item if isinstance(item, Symbol) else item.symbol for item in picked]
        return self

    def only_apply_filter_at_market_open(self) -> "OptionFilterUniverse":
        """Without effect, as in LEAN."""
        return self

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        raise LeanApiMissing(f"OptionFilterUniverse.{name}", "simulator/engine/option_filter_universe.py")


def _is_third_friday(expiry: int) -> bool:
    day = date(expiry // 10_000, expiry // 100 % 100, expiry % 100)
    if day.weekday() == 5:
        day -= timedelta(days=1)
    return day.weekday() == 4 and 15 <= day.day <= 21
