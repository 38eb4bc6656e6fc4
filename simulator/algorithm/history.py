"""The history part of QCAlgorithm: `history(...)` as frames, `history[Type](...)` as bars, last known prices."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, Final

from simulator.algorithm.algorithm_base import AlgorithmBase
from simulator.algorithm.history_arguments import HistoryArguments
from simulator.algorithm.history_frame import history_frame, universe_frame, universe_series
from simulator.algorithm.symbol_argument import symbol_of
from simulator.common.auxiliary_data import Delisting, Dividend, Split, SymbolChangedEvent
from simulator.common.bars import BaseData
from simulator.common.security_identifier import is_option
from simulator.common.symbol import Symbol
from simulator.common.symbol_cache import SymbolCache
from simulator.common.system_exceptions import ArgumentException
from simulator.common.time_zone import to_utc
from simulator.engine.data_dictionary import DataDictionary
from simulator.engine.history_provider import HistoryProvider, HistoryRequest
from simulator.engine.slice import Slice
from simulator.engine.universe import Universe
from simulator.engine.universe_rows import UniverseRow, UniverseRows
from simulator.errors import LeanApiMissing

_EVENTS: Final = (Dividend, Split, Delisting, SymbolChangedEvent)
_SYMBOL_NAMES: Final = ("symbols", "tickers", "symbol", "universe")


def _is_chain(symbol: Symbol) -> bool:
    return symbol.is_canonical() and is_option(symbol.security_type)


def _is_length(value: Any) -> bool:
    return isinstance(value, (int, timedelta, date)) and not isinstance(value, bool)


class HistoryRequester:
    """`algorithm.history`: callable, and subscriptable with a type."""

    def __init__(self, algorithm: Any, kind: type | None = None) -> None:
        self._algorithm = algorithm
        self._provider: HistoryProvider = algorithm._engine_history_provider
        self._kind = kind

    def __getitem__(self, kind: type) -> "HistoryRequester":
        return HistoryRequester(self._algorithm, kind)

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """See `HistoryMixin.history`."""
        rest = list(arguments)
        if self._kind is None:
            return self._untyped(rest, named)
        return self._typed(self._kind, rest, named)

    # Symbols

    def _take_symbols(self, rest: list[Any], named: dict[str, Any]) -> tuple[list[Symbol], bool]:
        """The symbols asked for, all active securities when none are named; and whether it is a single one."""
        given = next((named.pop(name) for name in _SYMBOL_NAMES if name in named), None)
        if given is None and (not rest or _is_length(rest[0])):
            return [symbol for symbol, _ in self._algorithm.securities.items()], False
        given = rest.pop(0) if given is None else given
        if isinstance(given, Universe):
            return [symbol_of(given.symbol)], False
        single = isinstance(given, (str, Symbol)) or not isinstance(given, Iterable)
        return [self._symbol(item) for item in ([given] if single else given)], single

    @staticmethod
    def _symbol(item: Any) -> Symbol:
        if isinstance(item, Symbol):
            return item
        if hasattr(item, "symbol"):
            return symbol_of(item)
        symbol = SymbolCache._try_get_symbol(str(item))
        if symbol is None:
            raise ArgumentException(
                "Cannot create history for the given ticker. Either explicitly use a symbol object to make the history request "
                "or ensure the symbol has been added using the AddSecurity() method before making the history request."
            )
        return symbol

    # What is asked of the provider

    def _span(self, asked: HistoryArguments) -> tuple[int, int]:
        """Start and end of a request by time."""
        algorithm = self._algorithm
        if asked.span is not None:
            return algorithm._utc - asked.span // timedelta(microseconds=1), algorithm._utc
        assert asked.start is not None  # noqa: S101 - one of the three is given
        zone = algorithm.time_zone
        end: int = algorithm._utc if asked.end is None else to_utc(_midnight(asked.end), zone)
        if end > algorithm._utc:
            algorithm.debug("Request for future history modified to end now.")
        return to_utc(_midnight(asked.start), zone), end

    def _requests(self, symbols: list[Symbol], kind: type | None, asked: HistoryArguments) -> list[HistoryRequest]:
        options: dict[str, Any] = {"fill_forward": asked.fill_forward, "extended": asked.extended, "modes": asked.modes}
        if asked.periods is not None:
            return self._provider.bar_count_requests(symbols, kind, asked.periods, asked.resolution, **options)
        return self._provider.range_requests(symbols, kind, *self._span(asked), asked.resolution, **options)

    def _events(self, symbols: list[Symbol], kind: type, asked: HistoryArguments) -> list[tuple[Symbol, list[BaseData]]]:
        requests = [
            self._provider.event_request(symbol, asked.periods, None if asked.periods is not None else self._span(asked), asked.resolution)
            for symbol in symbols
        ]
        return [(request.config.symbol, self._provider.events(request, kind, asked.modes)) for request in requests]

    def _days(self, symbols: list[Symbol], asked: HistoryArguments) -> list[UniverseRows]:
        span = None if asked.periods is not None else self._span(asked)
        return [day for symbol in symbols for day in self._algorithm._engine_universe_days(symbol, asked.periods, span)]

    # Frames

    def _untyped(self, rest: list[Any], named: dict[str, Any]) -> Any:
        kind: type | None = named.pop("type", None)
        if kind is None and rest and isinstance(rest[0], type):
            kind = rest.pop(0)
        everything = kind is None and not any(name in named for name in _SYMBOL_NAMES) and (not rest or _is_length(rest[0]))
        symbols, _ = self._take_symbols(rest, named)
        asked = HistoryArguments(rest, named)
        if everything:
            return self._provider.slices(self._requests([symbol for symbol in symbols if not _is_chain(symbol)], None, asked))
        if kind is not None and issubclass(kind, UniverseRow):
            days = self._days(symbols, asked)
            return universe_frame(days) if asked.flatten else universe_series(days)
        if kind is not None and issubclass(kind, _EVENTS):
            return history_frame(self._events(symbols, kind, asked))
        return self._bar_frame(symbols, kind, asked)

    def _bar_frame(self, symbols: list[Symbol], kind: type | None, asked: HistoryArguments) -> Any:
        """Bars of securities; of option chains what their files list, when it is to be flattened (else LEAN shows nothing of them)."""
        chains = [symbol for symbol in symbols if _is_chain(symbol)]
        others = [symbol for symbol in symbols if not _is_chain(symbol)]
        if chains and asked.flatten:
            if others:
                raise LeanApiMissing("history of option chains and securities together, flattened", "simulator/algorithm/history.py")
            return universe_frame(self._days(chains, asked))
        requests = self._requests(others, kind, asked)
        return history_frame([(request.config.symbol, self._provider.points(request)) for request in requests])

    # Objects

    def _typed(self, kind: type, rest: list[Any], named: dict[str, Any]) -> Any:
        symbols, single = self._take_symbols(rest, named)
        asked = HistoryArguments(rest, named)
        if issubclass(kind, UniverseRow):
            days = self._days(symbols, asked)
            return days if single else _by_time([(day.end_time, day.symbol, day) for day in days])
        if issubclass(kind, _EVENTS):
            events = [point for _, points in self._events(symbols, kind, asked) for point in points]
            return events if single else _by_time([(point._end_utc, point.symbol, point) for point in events])
        requests = self._requests(symbols, kind, asked)
        if single:
            return self._points_of_one(symbols[0], kind, requests)
        dictionaries = [_points_of(data, kind) for data in self._provider.slices(requests)]
        return [dictionary for dictionary in dictionaries if len(dictionary)]

    def _points_of_one(self, symbol: Symbol, kind: type, requests: list[HistoryRequest]) -> list[BaseData]:
        """The points of one symbol; of two that end together the shorter one.

        Raises:
            ArgumentException: the symbol has no data of the type.
        """
        if not requests:
            raise ArgumentException(
                "No history data could be fetched. This could be due to the specified security not being of the requested type. "
                f"Symbol: {symbol} Requested Type: {kind.__name__}"
            )
        found: dict[int, BaseData] = {}
        for request in requests:
            for point in self._provider.points(request):
                known = found.get(point._end_utc)
                if isinstance(point, kind) and (known is None or known._start_utc < point._start_utc):
                    found[point._end_utc] = point
        return [found[utc] for utc in sorted(found)]


def _by_time(points: list[tuple[Any, Symbol, Any]]) -> list[DataDictionary[Any]]:
    found: dict[Any, dict[Symbol, Any]] = {}
    for time, symbol, point in points:
        found.setdefault(time, {})[symbol] = point
    return [DataDictionary(found[time]) for time in sorted(found)]


def _points_of(data: Slice, kind: type) -> DataDictionary[Any]:
    return DataDictionary({point.symbol: point for point in data._all if isinstance(point, kind)})


def _midnight(when: date) -> datetime:
    return when if isinstance(when, datetime) else datetime(when.year, when.month, when.day)  # noqa: DTZ001 - algorithm time


class HistoryMixin(AlgorithmBase):
    """The history part of QCAlgorithm."""

    @property
    def history(self) -> HistoryRequester:
        """Past bars: `history(symbols, periods | span | start, end, resolution)` → DataFrame; `history[TradeBar](symbol, …)` → bars.

        Bars of a count end at or before now; days without data count as bars. A list of symbols with a type gives dictionaries. Without
        symbols all active securities are meant, and the answer is slices. `OptionUniverse` and `FutureUniverse` give the files of
        chains, `Dividend`, `Split`, `Delisting` and `SymbolChangedEvent` the events of a security.
        """
        return HistoryRequester(self)

    def get_last_known_prices(self, symbol: Any) -> Any:
        """The last point of each kind of data of a symbol; a dictionary for a list of symbols or securities."""
        if isinstance(symbol, (list, tuple)):
            symbols = [symbol_of(item) for item in symbol]
            return DataDictionary(self._engine_history_provider.last_known_prices(symbols))
        wanted = symbol_of(symbol)
        return self._engine_history_provider.last_known_prices([wanted]).get(wanted, [])

    def get_last_known_price(self, symbol: Any) -> BaseData | None:
        """The last point of the most important kind."""
        points = self.get_last_known_prices(symbol)
        return points[-1] if points else None
