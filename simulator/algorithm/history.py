"""The history part of QCAlgorithm: `history(...)` as frames, `history[Type](...)` as bars, last known prices."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from simulator.algorithm.algorithm_base import AlgorithmBase
from simulator.algorithm.history_frame import history_frame
from simulator.algorithm.symbol_argument import symbol_of
from simulator.common.bars import BaseData
from simulator.common.enums import Resolution
from simulator.common.symbol import Symbol
from simulator.common.symbol_cache import SymbolCache
from simulator.common.system_exceptions import ArgumentException
from simulator.common.time_zone import to_utc
from simulator.engine.data_dictionary import DataDictionary
from simulator.engine.history_provider import HistoryProvider, HistoryRequest
from simulator.engine.slice import Slice
from simulator.errors import LeanApiMissing

_MODES = ("data_mapping_mode", "data_normalization_mode", "contract_depth_offset")


class _Arguments:
    """`periods | span | start, end [, resolution, fill_forward, extended_market_hours]` in any of LEAN's spellings."""

    def __init__(self, positional: tuple[Any, ...], named: dict[str, Any]) -> None:
        rest = list(positional)
        self.periods: int | None = named.pop("periods", None)
        self.span: timedelta | None = named.pop("span", None)
        self.start: date | None = named.pop("start", None)
        self.end: date | None = named.pop("end", None)
        if self.periods is None and self.span is None and self.start is None and rest:
            self._take_length(rest)
        if self.start is not None and self.end is None and rest and isinstance(rest[0], date):
            self.end = rest.pop(0)
        names = ("resolution", "fill_forward", "extended_market_hours")
        given = dict(zip(names, rest, strict=False))
        self.resolution: Resolution | None = named.pop("resolution", given.get("resolution"))
        self.fill_forward: bool | None = named.pop("fill_forward", given.get("fill_forward"))
        self.extended: bool | None = named.pop("extended_market_hours", given.get("extended_market_hours"))
        self.modes = {name: value for name in _MODES if (value := named.pop(name, None)) is not None}
        if named.pop("flatten", False):
            raise LeanApiMissing("history(flatten=True)", "simulator/algorithm/history.py")
        if named or (self.periods is None and self.span is None and self.start is None):
            raise TypeError(f"No method matches given arguments for history: {positional} {named}")

    def _take_length(self, rest: list[Any]) -> None:
        first = rest.pop(0)
        if isinstance(first, timedelta):
            self.span = first
        elif isinstance(first, date):
            self.start = first
        else:
            self.periods = int(first)


class HistoryRequester:
    """`algorithm.history`: callable, and subscriptable with a type."""

    def __init__(self, algorithm: Any, kind: type | None = None) -> None:
        self._algorithm = algorithm
        self._kind = kind

    def __getitem__(self, kind: type) -> "HistoryRequester":
        return HistoryRequester(self._algorithm, kind)

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """See `HistoryMixin.history`."""
        if self._kind is None:
            return self._untyped(arguments, named)
        return self._typed(self._kind, arguments, named)

    def _symbols(self, given: Any) -> list[Symbol]:
        items = given if isinstance(given, Iterable) and not isinstance(given, (str, Symbol)) else [given]
        return [item if isinstance(item, Symbol) else self._symbol(item) for item in items]

    def _symbol(self, item: Any) -> Symbol:
        if hasattr(item, "symbol"):
            found: Symbol = item.symbol
            return found
        symbol = SymbolCache._try_get_symbol(str(item))
        if symbol is None:
            raise ArgumentException(
                "Cannot create history for the given ticker. Either explicitly use a symbol object to make the history request "
                "or ensure the symbol has been added using the AddSecurity() method before making the history request."
            )
        return symbol

    def _requests(self, symbols: list[Symbol], kind: type | None, asked: _Arguments) -> list[HistoryRequest]:
        algorithm = self._algorithm
        provider: HistoryProvider = algorithm._engine_history_provider
        options: dict[str, Any] = {"fill_forward": asked.fill_forward, "extended": asked.extended, "modes": asked.modes}
        if asked.periods is not None:
            return provider.bar_count_requests(symbols, kind, asked.periods, asked.resolution, **options)
        zone = algorithm.time_zone
        if asked.span is not None:
            start, end = algorithm._utc - asked.span // timedelta(microseconds=1), algorithm._utc
        else:
            assert asked.start is not None  # noqa: S101 - one of the three is given
            start = to_utc(_midnight(asked.start), zone)
            end = algorithm._utc if asked.end is None else to_utc(_midnight(asked.end), zone)
        return provider.range_requests(symbols, kind, start, end, asked.resolution, **options)

    def _untyped(self, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
        provider = self._algorithm._engine_history_provider
        first = arguments[0] if arguments else named.pop("symbols", named.pop("tickers", named.pop("symbol", None)))
        rest = arguments[1:]
        kind: type | None = None
        if isinstance(first, type):
            kind, first, rest = first, rest[0], rest[1:]
        if isinstance(first, (int, timedelta)) and not isinstance(first, bool):
            symbols = [symbol for symbol, _ in self._algorithm.securities.items() if not symbol.is_canonical()]
            return provider.slices(self._requests(symbols, None, _Arguments((first, *rest), named)))
        requests = self._requests(self._symbols(first), kind, _Arguments(rest, named))
        return history_frame([(request.config, provider.points(request)) for request in requests])

    def _typed(self, kind: type, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
        provider = self._algorithm._engine_history_provider
        given = arguments[0] if arguments else named.pop("symbol", named.pop("symbols", None))
        if kind.__name__ in {"OptionUniverse", "FutureUniverse"}:
            return self._algorithm._engine_universe_history(given, _Arguments(arguments[1:], named).periods or 1)
        asked = _Arguments(arguments[1:], named)
        if isinstance(given, (Symbol, str)) or hasattr(given, "symbol"):
            requests = self._requests(self._symbols(given), kind, asked)
            return [point for request in requests for point in provider.points(request) if isinstance(point, kind)]
        slices = provider.slices(self._requests(self._symbols(given), kind, asked))
        dictionaries = [_points_of(data, kind) for data in slices]
        return [dictionary for dictionary in dictionaries if len(dictionary)]


def _points_of(data: Slice, kind: type) -> DataDictionary[Any]:
    return DataDictionary({point.symbol: point for point in data._all if isinstance(point, kind)})


def _midnight(when: date) -> datetime:
    return when if isinstance(when, datetime) else datetime(when.year, when.month, when.day)  # noqa: DTZ001 - algorithm time


class HistoryMixin(AlgorithmBase):
    """The history part of QCAlgorithm."""

    @property
    def history(self) -> HistoryRequester:
        """Past bars: `history(symbols, periods | span | start, end, resolution)` → DataFrame; `history[TradeBar](symbol, …)` → bars.

        Bars of a count end at or before now; days without data count as bars. A list of symbols with a type gives dictionaries.
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
