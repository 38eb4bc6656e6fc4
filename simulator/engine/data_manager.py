"""Subscriptions of the algorithm: what is configured, what streams (LEAN's DataManager, SubscriptionCollection, FileSystemDataFeed)."""

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from simulator.common.bars import BaseData
from simulator.common.enums import DataMappingMode, DataNormalizationMode, Resolution, SecurityType, TickType
from simulator.common.symbol import Symbol
from simulator.common.time_zone import MINUTE, to_local_microseconds
from simulator.data.security_exchange_hours import SecurityExchangeHours
from simulator.engine.consolidator_scans import ConsolidatorScans
from simulator.engine.corporate_events import tradable_dates
from simulator.engine.fill_forward import Times
from simulator.engine.hidden_bars import HiddenBars
from simulator.engine.slice import Slice
from simulator.engine.step_clock import StepClock
from simulator.engine.subscription import NEVER, Subscription
from simulator.engine.subscription_data_config import SubscriptionDataConfig, tick_types
from simulator.engine.subscription_factory import SubscriptionFactory
from simulator.engine.warm_up import WarmUp
from simulator.errors import LeanApiMissing
from simulator.securities.security import Frontier

if TYPE_CHECKING:
    from simulator.algorithm.settings import AlgorithmSettings
    from simulator.data.data_folder import DataFolder
    from simulator.engine.universe import Universe
    from simulator.securities.security import Security

_ALWAYS_RAW = frozenset({SecurityType.OPTION, SecurityType.FUTURE_OPTION, SecurityType.INDEX_OPTION, SecurityType.INDEX})


class DataManager:
    """Keeps configurations by symbol and streams by configuration; restarts streams when the fill-forward resolution changes.

    Attributes:
        end_utc: the algorithm's end; nothing later is subscribed.
        frontier: the instant up to which the streams have delivered.
        warm_up: the length of bars before the algorithm's start, None when it is the subscriptions' own.
    """

    def __init__(self, folder: "DataFolder", settings: "AlgorithmSettings") -> None:
        self._folder = folder
        self._factory = SubscriptionFactory(folder, settings)
        self._configs: dict[Symbol, dict[tuple[object, ...], SubscriptionDataConfig]] = {}
        self._streams: dict[tuple[object, ...], Subscription] = {}
        self._requests: dict[tuple[object, ...], list[Any]] = {}
        self._sorted: list[Subscription] | None = None
        self._by_symbol: dict[Symbol, list[Subscription]] = {}
        self._fed_streams: list[Subscription] | None = None
        self._contracts: list[Subscription] = []
        self._has_mapped = False
        self._knows_contracts = True
        self._next_event: int | None = None
        self._scans = ConsolidatorScans()
        self._fill_step = MINUTE
        self._chain_resolutions: list[Resolution] = []
        self.end_utc = 0
        self.now_utc = 0
        self.warm_up: WarmUp | None = None
        self.clock = StepClock(self.streams, 0)
        self.frontier = Frontier()

    def start(self, end_utc: int) -> None:
        """Set the end, and a clock that stops there: the last repeated bar may end one bar after it."""
        self.end_utc = self._factory.run_ends_utc = end_utc
        self.clock = StepClock(self.streams, end_utc + MINUTE * 60 * 24)

    # Configurations

    def hours_of(self, symbol: Symbol) -> SecurityExchangeHours:
        """Hours of a symbol's exchange."""
        return self._folder.market_hours.hours_of(symbol)

    def add_configs(
        self,
        symbol: Symbol,
        resolution: Resolution,
        *,
        fill_forward: bool = True,
        extended_hours: bool = False,
        is_internal: bool = False,
        kinds: Iterable[TickType] | None = None,
        data_normalization_mode: DataNormalizationMode = DataNormalizationMode.ADJUSTED,
        data_mapping_mode: DataMappingMode = DataMappingMode.OPEN_INTEREST,
        contract_depth_offset: int = 0,
    ) -> list[SubscriptionDataConfig]:
        """Configurations of a symbol's data types; those that exist already are returned as they are.

        Raises:
            LeanApiMissing: ticks.
        """
        if resolution is Resolution.TICK:
            raise LeanApiMissing("Resolution.TICK", "simulator/engine/data_manager.py")
        entry = self._folder.market_hours.entry_of(symbol)
        if symbol.security_type in _ALWAYS_RAW:
            data_normalization_mode = DataNormalizationMode.RAW
        wanted = [
            SubscriptionDataConfig(
                symbol,
                kind,
                resolution,
                (entry.data_time_zone, entry.exchange_hours.time_zone),
                fill_forward=fill_forward,
                extended_hours=extended_hours,
                is_internal=is_internal or (kinds is None and kind == TickType.OPEN_INTEREST),
                data_normalization_mode=data_normalization_mode,
                data_mapping_mode=data_mapping_mode,
                contract_depth_offset=contract_depth_offset,
            )
            for kind in (tick_types(symbol.security_type, resolution) if kinds is None else kinds)
        ]
        known = self._configs.setdefault(symbol, {})
        return [known.setdefault(config._key, config) for config in wanted]

    def configs_of(self, symbol: Symbol, include_internal: bool = False) -> list[SubscriptionDataConfig]:
        """Configurations of a symbol."""
        return [config for config in self._configs.get(symbol, {}).values() if include_internal or not config.is_internal]

    def has_tradable_days(self, config: SubscriptionDataConfig, utc: int) -> bool:
        """Whether any session lies between an instant and the end."""
        days = tradable_dates(self.hours_of(config.symbol), utc, self.end_utc, config.extended_hours)
        return next(days, None) is not None

    # Streams

    def streams(self) -> list[Subscription]:
        """All streams, underlyings before derivatives, trades before quotes."""
        if self._sorted is None:
            self._sorted = sorted(self._streams.values(), key=lambda stream: stream.order)
        return self._sorted

    def subscribe(self, config: SubscriptionDataConfig, security: "Security", universe: "Universe | None", utc: int) -> bool:
        """Start a stream, or note one more request for it; whether the algorithm sees something new."""
        key = config._key
        self._configs.setdefault(config.symbol, {}).setdefault(key, config)
        if universe is not None and security.symbol == config.symbol and config not in security._subscriptions:
            security._subscriptions.append(config)
        if key in self._streams:
            if universe not in self._requests[key]:
                self._requests[key].append(universe)
            return config.is_internal
        self._update_fill_step(config, utc)
        self._start(key, config, security, utc)
        self._requests[key] = [universe]
        self._changed()
        return True

    def unsubscribe(self, config: SubscriptionDataConfig, universe: "Universe | None" = None) -> bool:
        """Withdraw a request; the stream ends with its last one. Whether it ended."""
        key = config._key
        if key not in self._streams:
            self._configs.get(config.symbol, {}).pop(key, None)
            return universe is not None
        requests = self._requests[key]
        self._requests[key] = [] if universe is None else [other for other in requests if other is not universe]
        if self._requests[key]:
            return False
        self._end(key)
        self._configs.get(config.symbol, {}).pop(key, None)
        self._changed()
        self._lower_fill_step(config)
        return True

    def _start(self, key: tuple[object, ...], config: SubscriptionDataConfig, security: "Security", utc: int) -> None:
        stream = self._streams[key] = self._factory.create(config, security, utc, self.end_utc, self._fill_step, self.warm_up)
        is_contract = _is_priced_contract(config)
        self._knows_contracts &= not is_contract
        if is_contract and config.is_internal:
            self._has_mapped = True
            stream.hide(HiddenBars(lambda day: self._contract_windows(stream, day)))
        security._attach(stream, self.frontier)

    def _end(self, key: tuple[object, ...]) -> None:
        stream = self._streams.pop(key)
        self._knows_contracts &= not _is_priced_contract(stream.config)
        del self._requests[key]
        _detach(stream)

    @property
    def next_event(self) -> int:
        """The next corporate event of any stream, NEVER without one."""
        if self._next_event is None:
            self._next_event = min((stream.next_event for stream in self.streams()), default=NEVER)
        return self._next_event

    def take_events(self, utc: int) -> list[tuple[Subscription, list[BaseData]]]:
        """The corporate events up to an instant that have not been taken yet, by stream."""
        if self.next_event > utc:
            return []
        due = [stream for stream in self.streams() if stream.next_event <= utc]
        self._next_event = None
        return [(stream, stream.take_events(utc)) for stream in due]

    def end_streams_of(self, symbol: Symbol) -> None:
        """The streams of a delisted symbol are over; its universes let go of it later."""
        for config in self._configs.get(symbol, {}).values():
            if config._key in self._streams:
                self._end(config._key)
        self._changed()

    def _changed(self) -> None:
        self._sorted = None
        self._fed_streams = None
        self._by_symbol.clear()
        self._next_event = None
        self.clock.invalidate()
        self._choose_bars_of_mapped()

    # Contracts behind continuous futures: LEAN drops their bars where its slice has other contracts before them

    def _contract_windows(self, mapped: Subscription, day: int) -> Iterator[Times]:
        return (stream.window(day) for stream in self._contracts if stream.order < mapped.order)

    def _choose_bars_of_mapped(self) -> None:
        if not self._has_mapped or self._knows_contracts:
            return
        self._knows_contracts = True
        priced = [stream for stream in self._streams.values() if _is_priced_contract(stream.config)]
        contracts = [stream for stream in priced if not stream.config.is_internal]
        if contracts == self._contracts:
            return
        mapped = [(stream, stream.security) for stream in priced if stream.config.is_internal and stream.security is not None]
        for _, security in mapped:
            security._catch_up()
        self._contracts = contracts
        for stream, security in mapped:
            stream.choose_again(self.frontier.utc)
            security._look_again()

    # Fill-forward resolution: the finest of all subscriptions the algorithm sees

    def add_chain(self, resolution: Resolution) -> None:
        """A chain's own data count for the fill-forward resolution."""
        self._chain_resolutions.append(resolution)

    def _update_fill_step(self, config: SubscriptionDataConfig, utc: int) -> None:
        if config.is_internal or config._increment == self._fill_step:
            return
        self._set_fill_step(self._finest([config]), utc)

    def _lower_fill_step(self, removed: SubscriptionDataConfig) -> None:
        if removed.is_internal or removed._increment != self._fill_step:
            return
        for stream in self._streams.values():
            if not stream.config.is_internal and stream.config._increment == self._fill_step:
                return
        self._set_fill_step(self._finest([]), self.now_utc)

    def _finest(self, extra: list[SubscriptionDataConfig]) -> int:
        steps = [stream.config._increment for stream in self._streams.values() if not stream.config.is_internal]
        steps += [config._increment for config in extra]
        return min(steps, default=MINUTE)

    def _set_fill_step(self, step: int, utc: int) -> None:
        if step == self._fill_step:
            return
        self._fill_step = step
        for key, stream in list(self._streams.items()):
            if stream.config.fill_forward and stream.security is not None:
                _detach(stream)
                self._start(key, stream.config, stream.security, utc + 1)
        self._changed()

    # Consolidators

    @property
    def has_consolidators(self) -> bool:
        """Whether any subscription feeds a consolidator."""
        return bool(self._fed())

    def consolidators_changed(self) -> None:
        """One was attached or detached."""
        self._fed_streams = None

    def _fed(self) -> list[Subscription]:
        """The streams that feed consolidators."""
        if self._fed_streams is None:
            self._fed_streams = [stream for stream in self.streams() if stream.config.consolidators]
        return self._fed_streams

    def scan_consolidators(self, now_utc: int, utc: int, set_date_time: Callable[[int], None]) -> None:
        """Emit bars that are complete before the step, each at its own time."""
        fed = self._fed()
        if fed or self._scans.has_any:
            self._scans.scan_past([stream.config for stream in fed], now_utc, utc, set_date_time)

    def update_consolidators(self, utc: int) -> None:
        """Give consolidators the points of the step."""
        for stream in list(self._fed()):
            point = stream.point_at(utc)
            for consolidator in list(stream.config.consolidators):
                if point is not None:
                    consolidator.update(point)
                    consolidator._scan(to_local_microseconds(utc, stream.config.exchange_time_zone))

    # Slices

    def bar_in_slice(self, symbol: Symbol, utc: int) -> BaseData | None:
        """The real bar behind a symbol's trade bar of a step's slice, else behind its quote bar."""
        for stream in self.streams_of(symbol):
            if not stream.config.is_internal and stream.config.tick_type != TickType.OPEN_INTEREST and stream.delivers_at(utc):
                return stream.last_real
        return None

    def streams_of(self, symbol: Symbol) -> list[Subscription]:
        """The streams of a symbol, in the order of `streams`."""
        if not self._by_symbol:
            for stream in self.streams():
                self._by_symbol.setdefault(stream.config.symbol, []).append(stream)
        return self._by_symbol.get(symbol, [])

    def slice_at(self, utc: int, zone: str, events: list[tuple[Subscription, list[Any]]], model: Any) -> Slice:
        """The slice of a step; its bars are put in when they are looked for."""

        def fill(data: Slice) -> None:
            for stream in self.streams():
                point = stream.point_at(utc)
                if point is not None:
                    data._add(point, stream, model)

        data = Slice(utc, zone, fill)
        data._events = events
        for stream, points in events:
            for point in points:
                data._add(point, stream, model)
        return data


def _detach(stream: Subscription) -> None:
    """What it has delivered is taken when somebody looks; where other streams say what that is, before they change."""
    if stream.security is not None:
        if stream.hides:
            stream.security._catch_up()
        stream.security._detach(stream)


def _is_priced_contract(config: SubscriptionDataConfig) -> bool:
    """Whether a subscription is of a future's trades or quotes, not the continuous one's."""
    is_future = config.security_type is SecurityType.FUTURE
    return is_future and config.tick_type is not TickType.OPEN_INTEREST and not config.symbol.is_canonical()
