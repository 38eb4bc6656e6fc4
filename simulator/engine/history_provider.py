"""Bars of the past (LEAN's HistoryRequestFactory, SubscriptionDataReaderHistoryProvider and QCAlgorithm's request logic)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from simulator.common.bars import BaseData, OpenInterest
from simulator.common.enums import Resolution, SecurityType, TickType
from simulator.common.period import to_microseconds
from simulator.common.symbol import Symbol
from simulator.common.time_zone import (
    DAY,
    HOUR,
    MINUTE,
    local_date,
    midnight_utc,
)
from simulator.data.security_exchange_hours import SecurityExchangeHours
from simulator.engine.fill_forward import FillForwardGrid
from simulator.engine.slice import Slice
from simulator.engine.subscription import Subscription
from simulator.engine.subscription_data_config import AVAILABLE_TICK_TYPES, SubscriptionDataConfig, tick_type_order, tick_types
from simulator.engine.subscription_factory import SubscriptionFactory
from simulator.engine.trading_days import start_of_days

if TYPE_CHECKING:
    from simulator.algorithm.qc_algorithm import QCAlgorithm

_SEED_PERIODS: Final = 5
_SEED_RETRIES: Final = {Resolution.DAILY: 10, Resolution.HOUR: 24}
_SEED_RETRY_MINUTES: Final = 24 * 60
_SEED_LAST_DAYS: Final = 50
_EARLIEST: Final = 0
_EQUITY, _FUTURE, _QUOTE = SecurityType.EQUITY, SecurityType.FUTURE, TickType.QUOTE  # members of an enumeration are slow to look up
_DAILY = Resolution.DAILY
_ORDER: Final = {(kind, tick): place for kind, ticks in AVAILABLE_TICK_TYPES.items() for place, tick in enumerate(ticks)}
_LONG: Final = frozenset({Resolution.DAILY, Resolution.HOUR})
_ONE_DAY: Final = timedelta(days=1)


class HistoryRequest(NamedTuple):
    """Bars of one configuration that end after the start and not after the end."""

    config: SubscriptionDataConfig
    start_utc: int
    end_utc: int
    fill_forward: bool


class HistoryProvider:
    """Reads requests; never anything that ends after the algorithm's time."""

    def __init__(self, algorithm: "QCAlgorithm", factory: SubscriptionFactory) -> None:
        self._algorithm = algorithm
        self._factory = factory
        self._grids: dict[tuple[int, int, bool], FillForwardGrid] = {}
        self._starts_of = -1
        self._starts: dict[tuple[int, str, Resolution, bool, int], int] = {}

    # Requests

    def bar_count_requests(
        self,
        symbols: Iterable[Symbol],
        kind: type | None,
        periods: int,
        resolution: Resolution | None,
        *,
        fill_forward: bool | None = None,
        extended: bool | None = None,
        all_kinds: bool = False,
        modes: Mapping[str, Any] | None = None,
    ) -> list[HistoryRequest]:
        """Requests for the last so many bars of the session; days without data count."""
        return [
            self._request(config, self._start_of_bars(config, periods), self._algorithm._utc, fill_forward)
            for symbol in symbols
            for config in self._asked(symbol, kind, resolution, extended, modes, all_kinds=all_kinds)
        ]

    def _asked(
        self,
        symbol: Symbol,
        kind: type | None,
        resolution: Resolution | None,
        extended: bool | None = None,
        modes: Mapping[str, Any] | None = None,
        *,
        all_kinds: bool,
    ) -> list[SubscriptionDataConfig]:
        """What is subscribed of a symbol, as a request would have it."""
        asked = []
        for config in self._matching(symbol, kind, resolution, all_kinds=all_kinds):
            length = resolution if resolution is not None else config.resolution
            asked.append(config if _is_same(config, length, extended, modes) else self._with(config, length, extended, modes))
        return asked

    def range_requests(
        self,
        symbols: Iterable[Symbol],
        kind: type | None,
        start_utc: int,
        end_utc: int,
        resolution: Resolution | None,
        *,
        fill_forward: bool | None = None,
        extended: bool | None = None,
        modes: Mapping[str, Any] | None = None,
    ) -> list[HistoryRequest]:
        """Requests for a span of time; `modes` are the mapping and normalization that differ from the subscription's."""
        return [
            self._request(
                self._with(config, resolution if resolution is not None else config.resolution, extended, modes),
                start_utc,
                end_utc,
                fill_forward,
            )
            for symbol in symbols
            for config in self._matching(symbol, kind, resolution)
        ]

    def _request(self, config: SubscriptionDataConfig, start: int, end: int, fill_forward: bool | None) -> HistoryRequest:
        return HistoryRequest(config, start, min(end, self._algorithm._utc), config.fill_forward if fill_forward is None else fill_forward)

    @staticmethod
    def _with(
        config: SubscriptionDataConfig, resolution: Resolution, extended: bool | None, modes: Mapping[str, Any] | None
    ) -> SubscriptionDataConfig:
        own = {
            "data_normalization_mode": config.data_normalization_mode,
            "data_mapping_mode": config.data_mapping_mode,
            "contract_depth_offset": config.contract_depth_offset,
        }
        return SubscriptionDataConfig(
            config.symbol,
            config.tick_type,
            resolution,
            (config.data_time_zone, config.exchange_time_zone),
            fill_forward=config.fill_forward,
            extended_hours=config.extended_hours if extended is None else extended,
            **{**own, **(modes or {})},
        )

    def _matching(
        self, symbol: Symbol, kind: type | None, resolution: Resolution | None, all_kinds: bool = False
    ) -> list[SubscriptionDataConfig]:
        """Subscriptions of the symbol that have the kind of data, else new ones; open interest only when asked for."""
        manager = self._algorithm._engine_data_manager
        known = [config for config in manager.configs_of(symbol, include_internal=True) if _is_kind(config, kind, all_kinds)]
        if len(known) > 1:
            known.sort(key=_rank)
        internal = [config for config in known if config.is_internal]
        chosen = [config for config in known if not config.is_internal]
        if internal and (all_kinds or not chosen):
            chosen += internal
        if not chosen:
            return self._new_configs(symbol, kind, resolution, all_kinds)
        if resolution is not None and symbol.security_type is _EQUITY:
            return self._equity_configs(chosen, kind, resolution)
        return chosen

    def _equity_configs(
        self, chosen: list[SubscriptionDataConfig], kind: type | None, resolution: Resolution
    ) -> list[SubscriptionDataConfig]:
        """Shares have no quotes of an hour or a day; where the subscription has none, shorter bars get some."""
        if resolution in _LONG:
            return [config for config in chosen if config.tick_type is not _QUOTE]
        if kind is not None or any(config.tick_type is _QUOTE for config in chosen):
            return chosen
        first = chosen[0]
        zones = (first.data_time_zone, first.exchange_time_zone)
        quotes = SubscriptionDataConfig(
            first.symbol, TickType.QUOTE, resolution, zones, fill_forward=first.fill_forward, extended_hours=first.extended_hours
        )
        return [quotes, *chosen]

    def _new_configs(
        self, symbol: Symbol, kind: type | None, resolution: Resolution | None, all_kinds: bool
    ) -> list[SubscriptionDataConfig]:
        settings = self._algorithm.universe_settings
        own = next(iter(self._algorithm._engine_data_manager.configs_of(symbol)), None)
        length = resolution if resolution is not None else self._resolution_of(symbol)
        entry = self._algorithm._engine_folder.market_hours.entry_of(symbol)
        created = [
            SubscriptionDataConfig(
                symbol,
                tick,
                length,
                (entry.data_time_zone, entry.exchange_hours.time_zone),
                fill_forward=settings.fill_forward,
                extended_hours=settings.extended_market_hours if own is None else own.extended_hours,
                data_normalization_mode=self._algorithm._engine_normalization_of(symbol),
                data_mapping_mode=settings.data_mapping_mode if own is None else own.data_mapping_mode,
                contract_depth_offset=abs(settings.contract_depth_offset) if own is None else own.contract_depth_offset,
            )
            for tick in tick_types(symbol.security_type, length)
        ]
        found = [config for config in created if _is_kind(config, kind, all_kinds)]
        return sorted(found, key=lambda config: -tick_type_order(config.security_type, config.tick_type))

    def _resolution_of(self, symbol: Symbol) -> Resolution:
        configs = self._algorithm._engine_data_manager.configs_of(symbol, include_internal=True)
        finest = min((config.resolution for config in configs), default=None)
        return self._algorithm.universe_settings.resolution if finest is None else finest

    def start_of_bars(self, symbols: Iterable[Symbol], periods: int, resolution: Resolution | None) -> int:
        """Where the last so many bars of all symbols begin; a chain's own bars are days (QCAlgorithm.TryGetWarmupHistoryStartTime)."""
        symbols = list(symbols)
        chains = [symbol for symbol in symbols if symbol.is_canonical() and symbol.security_type != SecurityType.FUTURE]
        others = [symbol for symbol in symbols if symbol not in chains]
        starts = [request.start_utc for request in self.bar_count_requests(others, None, periods, resolution)]
        length = Resolution.DAILY if resolution is None else resolution
        for chain in chains:
            hours = self._algorithm._engine_data_manager.hours_of(chain)
            config = SubscriptionDataConfig(chain, TickType.QUOTE, length, (hours.time_zone, hours.time_zone))
            starts.append(
                self._start_of_days_listed(hours, periods) if length == Resolution.DAILY else self._start_of_bars(config, periods)
            )
        if starts:
            return min(starts)
        length = self._algorithm.universe_settings.resolution if resolution is None else resolution
        return self._algorithm._utc - periods * to_microseconds(length)

    def _start_of_days_listed(self, hours: SecurityExchangeHours, periods: int) -> int:
        """Midnight of the exchange that starts the first of so many trading days before today."""
        day = local_date(self._algorithm._utc, hours.time_zone)
        for _ in range(periods):
            day = hours.get_previous_trading_day(day)
        return midnight_utc(day, hours.time_zone)

    def _start_of_bars(self, config: SubscriptionDataConfig, periods: int) -> int:
        """Where the last so many bars of the session begin (Time.GetStartTimeForTradeBars)."""
        hours = self._algorithm._engine_data_manager.hours_of(config.symbol)
        now = self._algorithm._utc
        if now != self._starts_of:
            self._starts_of, self._starts = now, {}
        key = (id(hours), config.data_time_zone, config.resolution, config.extended_hours, periods)
        if key not in self._starts:
            self._starts[key] = self._find_start(config, hours, now, periods)
        return self._starts[key]

    def _find_start(self, config: SubscriptionDataConfig, hours: SecurityExchangeHours, now: int, periods: int) -> int:
        if config.resolution is _DAILY:
            precise = self._algorithm.settings.daily_precise_end_time
            return start_of_days(hours, config.data_time_zone, now, periods, precise=precise)
        step = max(to_microseconds(config.resolution), MINUTE // 60)
        extended = config.extended_hours and step < HOUR
        key = (id(hours), step, extended)
        grid = self._grids.setdefault(key, FillForwardGrid(hours, extended, step, daily=False))
        current = now - now % step
        left = periods
        day = current - current % DAY
        while left > 0 and day > _EARLIEST:
            times = grid.window(day)
            usable = times[times <= current]
            if usable.size >= left:
                return int(usable[-left]) - step
            left -= usable.size
            day -= DAY
        return current if left == periods else day

    def start_of_day_before(self, symbol: Symbol, utc: int) -> int:
        """Where the last whole trading day before an instant begins."""
        entry = self._algorithm._engine_folder.market_hours.entry_of(symbol)
        precise = self._algorithm.settings.daily_precise_end_time
        return start_of_days(entry.exchange_hours, entry.data_time_zone, utc, 1, precise=precise)

    # Events

    def event_request(
        self, symbol: Symbol, periods: int | None, span: tuple[int, int] | None, resolution: Resolution | None
    ) -> HistoryRequest:
        """What to read the events of: a number of bars, or a span of time."""
        length = resolution if resolution is not None else self._resolution_of(symbol)
        entry = self._algorithm._engine_folder.market_hours.entry_of(symbol)
        config = SubscriptionDataConfig(symbol, TickType.TRADE, length, (entry.data_time_zone, entry.exchange_hours.time_zone))
        start, end = (self._start_of_bars(config, periods or 0), self._algorithm._utc) if span is None else span
        return self._request(config, start, end, fill_forward=False)

    def events(self, request: HistoryRequest, kind: type, modes: Mapping[str, Any]) -> list[BaseData]:
        """Dividends, splits, delistings or rolls within a request."""
        config = self._with(request.config, request.config.resolution, None, modes)
        found = self._factory.events(config, request.start_utc, request.end_utc)
        return [point for point in found if isinstance(point, kind) and request.start_utc < point._end_utc <= request.end_utc]

    # Reading

    def points(self, request: HistoryRequest) -> list[BaseData]:
        """The bars of a request, gaps filled when it says so."""
        if request.start_utc >= request.end_utc:
            return []
        step = request.config._increment if request.fill_forward else 0
        return self._factory.past(request.config, request.start_utc, request.end_utc, step)

    def slices(self, requests: Sequence[HistoryRequest]) -> list[Slice]:
        """The bars of all requests by the instant they end at."""
        by_time: dict[int, list[tuple[Subscription, BaseData]]] = {}
        for request in requests:
            reader = Subscription.__new__(Subscription)
            reader.config, reader.security = request.config, self._algorithm.securities._try_get(request.config.symbol)
            for point in self.points(request):
                by_time.setdefault(point._end_utc, []).append((reader, point))
        result = []
        for utc in sorted(by_time):
            data = Slice(utc, self._algorithm.time_zone)
            for reader, point in by_time[utc]:
                data._add(point, reader, None)
            result.append(data)
        return result

    # Seeding

    def last_known_prices(self, symbols: Iterable[Symbol]) -> dict[Symbol, list[BaseData]]:
        """The last point of each kind per symbol, as LEAN seeds new securities.

        The last 5 bars of the subscribed resolution; what has none is asked for the last 1440 minutes (24 hours, 10 days); if any kind is still
        missing, 50 daily bars of every kind replace what was found (QCAlgorithm.GetLastKnownPricesImpl).
        """
        found: dict[tuple[Symbol, TickType], BaseData] = {}
        for symbol in symbols:
            if symbol.security_type is _FUTURE or not symbol.is_canonical():
                found.update(((symbol, kind), point) for kind, point in self._seeds(symbol).items())
        return self._ordered(found)

    def _seeds(self, symbol: Symbol) -> dict[TickType, BaseData]:
        found: dict[TickType, BaseData] = {}
        periods, asked = _SEED_PERIODS, self._first_asked(symbol)
        for attempt in range(3):
            for config in asked:
                point = self._last_point(config, periods)
                if point is not None:
                    found[config.tick_type] = point
            missing = [config for config in asked if config.tick_type not in found]
            if not missing:
                break
            if attempt == 0:
                kinds, resolution = [config.tick_type for config in missing], missing[0].resolution
                periods = _SEED_RETRIES.get(resolution, _SEED_RETRY_MINUTES)
                asked = [config for config in self._asked(symbol, None, resolution, all_kinds=True) if config.tick_type in kinds]
            else:
                periods, asked = _SEED_LAST_DAYS, self._asked(symbol, None, _DAILY, all_kinds=True)
        return found

    def _first_asked(self, symbol: Symbol) -> list[SubscriptionDataConfig]:
        """What is subscribed of a symbol; open interest by days, whatever its resolution."""
        asked: list[SubscriptionDataConfig] = []
        for config in self._asked(symbol, None, None, all_kinds=True):
            if config.type is OpenInterest and config.resolution is not _DAILY:
                asked += self._asked(symbol, OpenInterest, _DAILY, all_kinds=True)
            else:
                asked.append(config)
        return asked

    def _last_point(self, config: SubscriptionDataConfig, periods: int) -> BaseData | None:
        """The last of so many bars, none of them repeated."""
        if self._factory.has_no_files(config):
            return None
        start, end = self._start_of_bars(config, periods), self._algorithm._utc
        if start >= end:
            return None
        for chunk in self._factory.create_source(config, start, end).last_chunks():
            row = int(chunk.ends.searchsorted(end, side="right")) - 1
            if row >= 0:
                return chunk.point(row) if int(chunk.ends[row]) > start else None
        return None

    @staticmethod
    def _ordered(found: dict[tuple[Symbol, TickType], BaseData]) -> dict[Symbol, list[BaseData]]:
        result: dict[Symbol, list[BaseData]] = {}
        ranked = sorted(found.items(), key=lambda item: (item[1]._start_utc, tick_type_order(item[0][0].security_type, item[0][1])))
        for (symbol, _), point in ranked:
            result.setdefault(symbol, []).append(point)
        return result


def _rank(config: SubscriptionDataConfig) -> tuple[int, int]:
    """Longer bars first; of equally long ones the later kind of data."""
    return -config.resolution, -_ORDER[config.symbol.security_type, config.tick_type]


def _is_same(config: SubscriptionDataConfig, resolution: Resolution, extended: bool | None, modes: Mapping[str, Any] | None) -> bool:
    """Whether a request asks for just what is subscribed."""
    return not modes and extended in (None, config.extended_hours) and resolution is config.resolution


def _is_kind(config: SubscriptionDataConfig, kind: type | None, all_kinds: bool) -> bool:
    if kind is None or kind is BaseData:
        return all_kinds or config.type is not OpenInterest
    return issubclass(config.type, kind)
