"""Puts a subscription together: reader, session filter, adjustment, fill-forward, corporate events (LEAN's subscription enumerator factories)."""

from datetime import date
from typing import TYPE_CHECKING

from simulator.common.bars import BaseData, Delisting
from simulator.common.enums import DataNormalizationMode, DelistingType, Resolution, SecurityType, TickType
from simulator.common.security_identifier import is_option
from simulator.common.symbol import Symbol
from simulator.common.system_exceptions import InvalidOperationException
from simulator.common.time_zone import HOUR, local_date
from simulator.data.security_exchange_hours import SecurityExchangeHours
from simulator.engine.bar_source import BarSource, PriceFactor
from simulator.engine.continuous_future import ContinuousFuture
from simulator.engine.corporate_events import delisting_date, delisting_events, equity_events
from simulator.engine.daily_history import READ_AFTER, READ_BEFORE, DailyBarsKept
from simulator.engine.fill_forward import FillForwardGrid
from simulator.engine.mapped_files import MappedSymbol, is_empty
from simulator.engine.subscription import NEVER, Subscription
from simulator.engine.subscription_data_config import SubscriptionDataConfig, tick_types
from simulator.engine.trading_days import start_of_days
from simulator.engine.warm_up import WarmUp, WarmUpGrid, WarmUpSource
from simulator.errors import LeanApiMissing

if TYPE_CHECKING:
    from simulator.algorithm.settings import AlgorithmSettings
    from simulator.data.data_folder import DataFolder
    from simulator.data.map_file import MapFile
    from simulator.securities.security import Security

_DAILY, _TRADE = Resolution.DAILY, TickType.TRADE  # members of an enumeration are slow to look up


class SubscriptionFactory:
    """Creates subscriptions and history readers; grids are shared by all that agree on hours and step.

    Args:
        folder: where bars are.
        settings: the algorithm's switches.

    Attributes:
        run_ends_utc: no history is asked for that ends later; 0 as long as that is not known.
    """

    def __init__(self, folder: "DataFolder", settings: "AlgorithmSettings") -> None:
        self._folder = folder
        self._settings = settings
        self._grids: dict[tuple[int, bool, int, bool, bool], FillForwardGrid] = {}
        self._daily: dict[tuple[object, ...], DailyBarsKept] = {}
        self.run_ends_utc = 0
        self._empty_chains: dict[tuple[object, ...], bool] = {}
        self._warm_up_grids: dict[tuple[int, int, int], WarmUpGrid] = {}
        self._always_open: dict[str, SecurityExchangeHours] = {}
        self._last_dates: dict[Symbol, date | None] = {}
        self._delisting_of: tuple[object, ...] = ()
        self._delisting_events: list[BaseData] = []

    def create(
        self,
        config: SubscriptionDataConfig,
        security: "Security",
        start_utc: int,
        end_utc: int,
        fill_step: int,
        warm_up: WarmUp | None = None,
    ) -> Subscription:
        """A stream of a security from an instant on; before the end of a warm-up with bars of the warm-up's length.

        Raises:
            InvalidOperationException: prices scaled to the end of a request, which a stream does not have.
        """
        if config.data_normalization_mode == DataNormalizationMode.SCALED_RAW:
            raise InvalidOperationException("ScaledRaw normalization mode only intended for history requests.")
        hours = self._folder.market_hours.hours_of(config.symbol)
        step = fill_step if config.fill_forward else 0
        delistings = self._delistings(config, hours, start_utc, end_utc)
        events = self._events(config, hours, start_utc, end_utc, delistings)
        fill_until = max((event._end_utc for event in delistings if _ends(event)), default=NEVER)
        if warm_up is not None and start_utc < warm_up.until_utc and warm_up.resolution != config.resolution:
            parts = self._warming(config, hours, start_utc, end_utc, step, warm_up)
            return Subscription(config, security, *parts, end_utc, events, fill_until, warm_up)
        return Subscription(
            config,
            security,
            self._source(config, hours, start_utc, end_utc, fills=step > 0),
            self._grid(config, hours, step),
            end_utc,
            events,
            fill_until,
        )

    def _warming(
        self, config: SubscriptionDataConfig, hours: SecurityExchangeHours, start_utc: int, end_utc: int, step: int, warm_up: WarmUp
    ) -> tuple[WarmUpSource, WarmUpGrid | None]:
        """Source and grid of a stream that warms up; the last trading day before its end is read in both lengths."""
        until = warm_up.until_utc
        other = config._with_resolution(warm_up.resolution)
        exists = config.tick_type in tick_types(config.security_type, warm_up.resolution)
        pivot = (
            max(start_of_days(hours, config.data_time_zone, until, 1, precise=self._settings.daily_precise_end_time), start_utc)
            if exists
            else until
        )
        before = self._source(other, hours, start_utc, until, fills=step > 0) if exists else None
        after = self._source(config, hours, pivot, end_utc, fills=step > 0)
        source = WarmUpSource(before, after, start_utc, until)
        late = self._grid(config, hours, step)
        if late is None:
            return source, None
        early = self._grid(other, hours, other._increment) if exists else None
        key = (id(early), id(late), until)
        return source, self._warm_up_grids.setdefault(key, WarmUpGrid(early, late, until))

    def past(self, config: SubscriptionDataConfig, start_utc: int, end_utc: int, fill_step: int) -> list[BaseData]:
        """Every bar that ends after the one instant and not after the other, real and repeated; a fill step of 0 leaves gaps."""
        hours = self._folder.market_hours.hours_of(config.symbol)
        known = self._kept_days(config, hours, start_utc, end_utc, fill_step)
        found = None if known is None else known.points(start_utc, end_utc)
        if found is not None:
            return found
        fills = fill_step > 0
        source = (
            self._source(config, hours, start_utc, end_utc, fills=fills)
            if known is None
            else BarSource(config, hours, self._folder, start_utc, end_utc, fills=fills, known=known.chunks)
        )
        reader = Subscription(config, None, source, self._grid(config, hours, fill_step), end_utc)
        return [point for point in reader.points() if start_utc < point._end_utc <= end_utc]

    def _kept_days(
        self, config: SubscriptionDataConfig, hours: SecurityExchangeHours, start_utc: int, end_utc: int, fill_step: int
    ) -> DailyBarsKept | None:
        """Daily bars of a longer span, to the end of the run, that is read once and asked for again every day, for what has one daily file."""
        if config.resolution is not _DAILY or config.tick_type is not _TRADE or is_option(config.security_type):
            return None
        mode = config.data_normalization_mode
        if mode == DataNormalizationMode.SCALED_RAW:
            return None
        key = (config._key, mode, config.data_mapping_mode, fill_step, self._settings.daily_precise_end_time)
        known = self._daily.get(key)
        if known is None or not known.covers(start_utc, end_utc):
            first = start_utc - READ_BEFORE
            last = self.run_ends_utc if self.run_ends_utc > end_utc else end_utc + READ_AFTER
            chunks = list(self._source(config, hours, first, last, fills=fill_step > 0).chunks())
            known = self._daily[key] = DailyBarsKept(first, last, chunks, self._grid(config, hours, fill_step))
        return known

    def has_no_files(self, config: SubscriptionDataConfig) -> bool:
        """Whether there is nothing at all to read for a configuration, see `MappedFiles.is_empty`."""
        symbol = config.symbol
        if not is_option(symbol.security_type) or symbol.underlying is None:
            return is_empty(config, self._folder, is_renamed=False)
        sid, underlying = symbol.id, symbol.underlying
        chain = (sid.symbol, sid.market, underlying, underlying.value, sid.option_style, config.resolution, config.tick_type)
        found = self._empty_chains.get(chain)
        if found is None:
            found = self._empty_chains[chain] = is_empty(config, self._folder, is_renamed=self._folder.renames(symbol) is not None)
        return found

    def create_source(self, config: SubscriptionDataConfig, start_utc: int, end_utc: int) -> BarSource:
        """The real bars of the past alone."""
        return self._source(config, self._folder.market_hours.hours_of(config.symbol), start_utc, end_utc, fills=False)

    def _source(
        self,
        config: SubscriptionDataConfig,
        hours: SecurityExchangeHours,
        start_utc: int,
        end_utc: int,
        *,
        fills: bool,
    ) -> BarSource:
        if config.tick_type is TickType.OPEN_INTEREST:
            zone = hours.time_zone
            if zone not in self._always_open:
                self._always_open[zone] = SecurityExchangeHours.always_open(zone)
            hours = self._always_open[zone]
            start_utc = hours._midnight_utc(local_date(start_utc, hours.time_zone))
        return BarSource(
            config,
            hours,
            self._folder,
            start_utc,
            end_utc,
            last_date=self._last_date(config.symbol),
            price_factor=self._price_factor(config, end_utc),
            mapped=self._mapped(config),
            fills=fills,
            precise=self._settings.daily_precise_end_time,
        )

    def _delistings(self, config: SubscriptionDataConfig, hours: SecurityExchangeHours, start_utc: int, end_utc: int) -> list[BaseData]:
        """Of a security; its quotes and trades, which start together, share them."""
        key = (config.symbol, config.extended_hours, start_utc, end_utc)
        if self._delisting_of != key:
            self._delisting_of = key
            self._delisting_events = delisting_events(config.symbol, hours, start_utc, end_utc, config.extended_hours)
        return self._delisting_events

    def _last_date(self, symbol: Symbol) -> date | None:
        if symbol not in self._last_dates:
            self._last_dates[symbol] = delisting_date(symbol, self._folder.market_hours.hours_of(symbol))
        return self._last_dates[symbol]

    def _grid(self, config: SubscriptionDataConfig, hours: SecurityExchangeHours, step: int) -> FillForwardGrid | None:
        if step == 0 or config.resolution == Resolution.TICK:
            return None
        step = min(step, config._increment)
        daily = config.resolution == Resolution.DAILY
        extended = config.extended_hours and step <= HOUR
        precise = self._settings.daily_precise_end_time
        key = (id(hours), extended, step, daily, precise)
        grid = self._grids.get(key)
        if grid is None:
            grid = self._grids[key] = FillForwardGrid(hours, extended, step, daily, precise=precise)
        return grid

    def events(self, config: SubscriptionDataConfig, start_utc: int, end_utc: int) -> list[BaseData]:
        """Corporate events of a security between two instants, in time order."""
        hours = self._folder.market_hours.hours_of(config.symbol)
        delistings = delisting_events(config.symbol, hours, start_utc, end_utc, config.extended_hours)
        return self._events(config, hours, start_utc, end_utc, delistings)

    def _events(
        self, config: SubscriptionDataConfig, hours: SecurityExchangeHours, start_utc: int, end_utc: int, delistings: list[BaseData]
    ) -> list[BaseData]:
        """Corporate events come with the trades."""
        if config.tick_type != TickType.TRADE:
            return []
        if config.security_type is SecurityType.EQUITY:
            return equity_events(self._folder, config.symbol, hours, start_utc, end_utc)
        if config.security_type is SecurityType.FUTURE and config.symbol.is_canonical():
            return ContinuousFuture(self._folder, config).events(hours, start_utc, end_utc)
        return delistings

    def _price_factor(self, config: SubscriptionDataConfig, end_utc: int) -> PriceFactor | None:
        """The factor of a date's prices: of an equity that is not raw, of a continuous future that is not raw.

        Raises:
            LeanApiMissing: prices that contain dividends paid.
        """
        mode = config.data_normalization_mode
        if mode is DataNormalizationMode.RAW:
            return None
        if config.security_type is SecurityType.EQUITY:
            if mode == DataNormalizationMode.TOTAL_RETURN:
                raise LeanApiMissing("DataNormalizationMode.TOTAL_RETURN", "simulator/engine/subscription_factory.py")
            factors = self._folder.factor_file(config.symbol)
            if factors is None:
                return None
            if mode == DataNormalizationMode.SCALED_RAW:
                last = factors.get_price_factor(local_date(end_utc, config.exchange_time_zone), mode)
                return lambda day: factors.get_price_factor(day, mode) / last
            return lambda day: factors.get_price_factor(day, mode)
        if config.security_type is SecurityType.FUTURE and config.symbol.is_canonical():
            return ContinuousFuture(self._folder, config).price_factor
        return None

    def _mapped(self, config: SubscriptionDataConfig) -> MappedSymbol | None:
        if config.security_type is SecurityType.FUTURE and config.symbol.is_canonical():
            return ContinuousFuture(self._folder, config).mapped
        if config.security_type is SecurityType.EQUITY:
            return _by_ticker(config.symbol, self._folder.map_file(config.symbol))
        if config.security_type is SecurityType.OPTION:
            return _by_ticker(config.symbol, self._folder.renames(config.symbol))
        return None


def _ends(event: BaseData) -> bool:
    return isinstance(event, Delisting) and event.type == DelistingType.DELISTED


def _by_ticker(symbol: Symbol, file: "MapFile | None") -> MappedSymbol | None:
    """A security under its ticker of a date, an option under that of its underlying."""
    if file is None:
        return None
    symbols: dict[str, Symbol] = {}

    def mapped(day: date) -> Symbol | None:
        ticker = file.get_mapped_symbol(day) if file.has_data(day) else ""
        if ticker and ticker not in symbols:
            symbols[ticker] = symbol.update_mapped_symbol(ticker)
        return symbols.get(ticker)

    return mapped
