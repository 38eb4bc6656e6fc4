"""The contracts of one day's file, narrowed down by the algorithm's filter (LEAN's OptionFilterUniverse, ContractSecurityFilterUniverse)."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from simulator.algorithm.symbol_argument import symbol_of
from simulator.common.contract_types import is_standard_option
from simulator.common.enums import OptionRight, SecurityType
from simulator.common.symbol import Symbol
from simulator.common.system_exceptions import ArgumentException, InvalidOperationException
from simulator.engine.option_strategy_filters import OptionStrategyFilters
from simulator.engine.universe_rows import UniverseRow, UnlistedRow, rows_of
from simulator.errors import LeanApiMissing

if TYPE_CHECKING:
    from simulator.data.universe_reader import UniverseFile

Mask = NDArray[np.bool_]
Places = NDArray[np.int64]

_DAYS_PER_YEAR: Final = 365
_PLACES: Final = 12
_FARTHEST_DAYS: Final = 400_000
_STANDARD, _WEEKLY, _ALL = 1, 2, 3


class OptionFilterUniverse(OptionStrategyFilters):
    """What `option.set_filter(lambda universe: …)` works on; every method narrows the universe and returns it.

    A contract is a place in the file, or a negative place for a symbol the algorithm named that the file does not have.
    """

    def __init__(self, option: Any) -> None:
        self._option = option
        self._file: UniverseFile | None = None
        self._places: Places = np.zeros(0, dtype=np.int64)
        self._unlisted: list[UnlistedRow] = []
        self._local = datetime(1998, 1, 1)  # noqa: DTZ001 - exchange time
        self._strikes: NDArray[np.float64] | None = None
        self._strikes_date: date | None = None
        self._types = _ALL
        self._typed = False

    def _refresh(self, rows: Sequence[Any], local_time: datetime) -> None:
        """Start over with the rows of a file; strikes are counted anew when the exchange's date has changed."""
        self._file = rows.file if hasattr(rows, "file") else None
        self._places = np.arange(len(rows), dtype=np.int64)
        self._unlisted = []
        if self._strikes_date != local_time.date():
            self._strikes, self._strikes_date = None, local_time.date()
        self._local = local_time
        self._types, self._typed = _ALL, False

    def _apply(self, chosen_filter: Callable[["OptionFilterUniverse"], Any]) -> list[Symbol]:
        """The symbols a filter keeps.

        Raises:
            ArgumentException: the filter's answer is no universe, no list of symbols and not None.
        """
        result = chosen_filter(self)
        universe = result if isinstance(result, OptionFilterUniverse) else self
        if result is not None and universe is not result:
            if not isinstance(result, Iterable) or isinstance(result, str):
                raise ArgumentException(
                    f"QCAlgorithm.SetFilter: result type {type(result)} from filter function is not a valid argument, "
                    "please return either a OptionFilterUniverse or a list of symbols"
                )
            wanted = {symbol_of(item) for item in result}
            universe._keep(np.array([symbol in wanted for symbol in universe._symbols()], dtype=np.bool_))
        return universe._apply_types()._symbols()

    # Contracts

    def _row(self, place: int) -> Any:
        return self._unlisted[-1 - place] if place < 0 else rows_of(self._file)[place]

    def _symbols(self) -> list[Symbol]:
        file = self._file
        return [self._unlisted[-1 - place].symbol if place < 0 or file is None else file.symbol(place) for place in self._places.tolist()]

    def _column(self, name: str) -> NDArray[Any]:
        """A column of the contracts that are left."""
        values: NDArray[Any] = np.zeros(self._places.size) if self._file is None else getattr(self._file, name)[self._places]
        if self._unlisted:
            values = values.copy()
            for index in np.flatnonzero(self._places < 0).tolist():
                values[index] = self._unlisted[-1 - int(self._places[index])]._value_of(name)
        return values

    def _keep(self, mask: Mask) -> "OptionFilterUniverse":
        self._places = self._places[mask]
        return self

    def _empty(self) -> "OptionFilterUniverse":
        self._places = self._places[:0]
        return self

    def __iter__(self) -> Iterator[UniverseRow]:
        return iter([self._row(place) for place in self._places.tolist()])

    def __len__(self) -> int:
        return int(self._places.size)

    @property
    def count(self) -> int:
        """Number of contracts left."""
        return len(self)

    @property
    def underlying(self) -> Any:
        """The underlying's row."""
        return None if self._file is None else self._file.underlying

    @property
    def local_time(self) -> datetime:
        """Time of the selection, exchange time."""
        return self._local

    # Filters

    def expiration(self, min_expiry: int | timedelta, max_expiry: int | timedelta) -> "OptionFilterUniverse":
        """Contracts that expire within so many days of the selection's date, of the next trading day if it is none."""
        reference = self._local.replace(hour=0, minute=0, second=0, microsecond=0)
        hours = self._option.exchange.hours
        if not hours.is_date_open(reference.date()):
            following = hours.get_next_trading_day(reference.date())
            reference = datetime(following.year, following.month, following.day)  # noqa: DTZ001 - exchange time
        least, most = reference + _span(min_expiry), reference + _span(max_expiry)
        first = least.date() if least == datetime(least.year, least.month, least.day) else least.date() + timedelta(days=1)  # noqa: DTZ001 - as above
        expiry = self._column("expiry")
        return self._keep((expiry >= int(f"{first:%Y%m%d}")) & (expiry <= int(f"{most:%Y%m%d}")))

    def strikes(self, min_strike: int, max_strike: int) -> "OptionFilterUniverse":
        """Contracts whose strike is so many strikes away from the underlying's close; what earlier filters left is counted, once a day."""
        underlying = self.underlying
        if underlying is None:
            return self
        if self._strikes is None:
            self._strikes = np.unique(self._column("strike"))
        strikes = self._strikes
        price = underlying.close / getattr(self._option.symbol_properties, "strike_multiplier", 1.0)
        index = int(np.searchsorted(strikes, price))
        if index == strikes.size:
            return self._empty()
        low, high = index + min_strike, index + max_strike
        if float(strikes[index]) != price:
            if min_strike < 0 < max_strike:
                high -= 1
            elif min_strike > 0:
                low, high = low - 1, high - 1
        if low >= strikes.size or high < 0:
            return self._empty()
        strike = self._column("strike")
        return self._keep((strike >= strikes[max(low, 0)]) & (strike <= strikes[min(high, strikes.size - 1)]))

    def calls_only(self) -> "OptionFilterUniverse":
        """Calls."""
        return self._keep(self._column("right") == int(OptionRight.CALL))

    def puts_only(self) -> "OptionFilterUniverse":
        """Puts."""
        return self._keep(self._column("right") == int(OptionRight.PUT))

    # Types of contracts: noted, applied by the month filters or at the end

    def include_weeklys(self) -> "OptionFilterUniverse":
        """Weeklies as well, which is the default.

        Raises:
            InvalidOperationException: a month filter came before.
        """
        self._refuse_late_types("IncludeWeeklys")
        self._types |= _WEEKLY
        return self

    def standards_only(self) -> "OptionFilterUniverse":
        """Monthly contracts: those of the week of the third Friday, of an index every contract but the third-party weeklies.

        Raises:
            InvalidOperationException: a month filter came before.
        """
        self._refuse_late_types("StandardsOnly")
        self._types = _STANDARD
        return self

    def weeklys_only(self) -> "OptionFilterUniverse":
        """What is not monthly."""
        self._types = _WEEKLY
        return self

    def _refuse_late_types(self, name: str) -> None:
        if self._typed:
            raise InvalidOperationException(
                f"Type filters have already been applied, please call {name}() before applying other filters such as FrontMonth() or BackMonths()"
            )

    def _apply_types(self) -> "OptionFilterUniverse":
        if self._typed:
            return self
        self._typed = True
        if self._types == _ALL:
            return self
        expiry, sid = self._column("expiry"), self._option.symbol.id
        standard = {int(day): is_standard_option(sid, _date_of(int(day))) for day in np.unique(expiry)}
        wanted = self._types == _STANDARD
        return self._keep(np.array([standard[int(day)] == wanted for day in expiry], dtype=np.bool_))

    def front_month(self) -> "OptionFilterUniverse":
        """The nearest expiry."""
        self._apply_types()
        expiry = self._column("expiry")
        return self._keep(expiry == expiry.min()) if expiry.size else self

    def back_months(self) -> "OptionFilterUniverse":
        """All but the nearest expiry, by expiry."""
        self._apply_types()
        expiry = self._column("expiry")
        if expiry.size:
            order = np.argsort(expiry, kind="stable")
            self._places = self._places[order][expiry[order] > expiry.min()]
        return self

    def back_month(self) -> "OptionFilterUniverse":
        """The expiry after the nearest."""
        return self.back_months().front_month()

    # Figures of the file

    def _range(self, name: str, column: str, low: float, high: float, factor: float = 1.0) -> "OptionFilterUniverse":
        if self._option.symbol.security_type is SecurityType.FUTURE_OPTION:
            raise InvalidOperationException(f"{name} filter is not supported for future options.")
        values = np.round(self._column(column) * factor, _PLACES)
        return self._keep((values >= low) & (values <= high))

    def delta(self, min: float, max: float) -> "OptionFilterUniverse":
        """Contracts within a range of the file's delta."""
        return self._range("Delta", "delta", min, max)

    def gamma(self, min: float, max: float) -> "OptionFilterUniverse":
        """Contracts within a range of the file's gamma."""
        return self._range("Gamma", "gamma", min, max)

    def vega(self, min: float, max: float) -> "OptionFilterUniverse":
        """Contracts within a range of the file's vega."""
        return self._range("Vega", "vega", min, max)

    def theta(self, min: float, max: float) -> "OptionFilterUniverse":
        """Contracts within a range of theta per year."""
        return self._range("Theta", "theta", min, max, _DAYS_PER_YEAR)

    def rho(self, min: float, max: float) -> "OptionFilterUniverse":
        """Contracts within a range of the file's rho."""
        return self._range("Rho", "rho", min, max)

    def implied_volatility(self, min: float, max: float) -> "OptionFilterUniverse":
        """Contracts within a range of the file's volatility."""
        return self._range("ImpliedVolatility", "implied_volatility", min, max)

    def open_interest(self, min: int, max: int) -> "OptionFilterUniverse":
        """Contracts within a range of open interest."""
        return self._range("OpenInterest", "open_interest", min, max)

    d, g, t, v, r, iv, oi = delta, gamma, theta, vega, rho, implied_volatility, open_interest

    def contracts(self, contracts: Iterable[Any] | Callable[[Any], Iterable[Any]]) -> "OptionFilterUniverse":
        """The given contracts in their order, also those the universe does not have, or what a function picks from the rows that are left."""
        picked = contracts(list(self)) if callable(contracts) else contracts
        known = dict(zip(self._symbols(), self._places.tolist(), strict=True))
        places = []
        for symbol in [symbol_of(item) for item in picked]:
            if symbol not in known:
                self._unlisted.append(UnlistedRow(symbol, self._local))
                known[symbol] = -len(self._unlisted)
            places.append(known[symbol])
        self._places = np.array(places, dtype=np.int64)
        return self

    def only_apply_filter_at_market_open(self) -> "OptionFilterUniverse":
        """Without effect, as in LEAN."""
        return self

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        raise LeanApiMissing(f"OptionFilterUniverse.{name}", "simulator/engine/option_filter_universe.py")


def _span(value: int | timedelta) -> timedelta:
    return value if isinstance(value, timedelta) else timedelta(days=min(int(value), _FARTHEST_DAYS))


def _date_of(expiry: int) -> date:
    return date(expiry // 10_000, expiry // 100 % 100, expiry % 100)
