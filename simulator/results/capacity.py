"""How much capital a strategy could carry: LEAN's `CapacityEstimate` and `SymbolCapacity`."""

from datetime import timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from simulator.common.enums import OrderStatus, Resolution
from simulator.common.time_zone import DAY, HOUR, MINUTE, to_utc
from simulator.results.market_bars import MarketBar, MarketBars
from simulator.results.net_number import discretely_round_by, from_double, to_double

_ZERO: Final = Decimal(0)
_EFFECT_PERIOD: Final = 30 * DAY
_DOLLAR_VOLUME_SCALE: Final = Decimal(6_000_000)
_LONGEST_WATCH: Final = 120  # minutes
_SCALE: Final = {Resolution.DAILY: Decimal("0.02"), Resolution.HOUR: Decimal("0.05"), Resolution.MINUTE: Decimal("0.20")}


def _resolution_of(period: int) -> Resolution:
    if period < HOUR:
        return Resolution.MINUTE
    return Resolution.HOUR if period < DAY else Resolution.DAILY


@lru_cache(maxsize=1024)
def _minutes(span: int) -> Decimal:
    return from_double(span / MINUTE)


class SymbolCapacity:
    """Traded and tradable volume of one symbol since the last snapshot."""

    def __init__(self, algorithm: Any, symbol: Any) -> None:
        self._algorithm = algorithm
        self.security = algorithm.securities[symbol]
        self.bars = MarketBars(algorithm, symbol)
        self.sale_volume = _ZERO
        self.trades = 0
        self.last_fill_utc = 0
        self._market_volume = _ZERO
        self._scale = _ZERO
        self._discount = _ZERO
        self._average_dollar_volume = _ZERO
        self._previous_volume = _ZERO
        self._previous_time: int | None = None
        self._restart = False

    @property
    def market_capacity(self) -> Decimal:
        """Dollar volume the market could have taken from us."""
        return self._market_volume * self._scale

    def on_fill(self, fill: Any) -> None:
        """Counts a fill and restarts watching the market."""
        multiplier = self.security.symbol_properties._contract_multiplier
        self.sale_volume += self.security._conversion_rate * fill._fill_price * abs(fill._fill_quantity) * multiplier
        minutes = from_double((fill._utc - self.last_fill_utc if self.last_fill_utc else DAY) / MINUTE)
        self._discount = min(Decimal(1), max(Decimal("0.20"), 2 * (minutes / 390)))
        if self._restart:
            self._market_volume = _ZERO
            self.trades = 0
            self._restart = False
        self.trades += 1
        self.last_fill_utc = fill._utc

    def update(self, bar: MarketBar) -> bool:
        """Adds the volume of a step's bar; whether watching is over."""
        volume = bar.volume
        if not volume:
            return False
        utc = bar.utc
        rate = self.security._conversion_rate
        minutes = _minutes(utc - self._previous_time) if self._previous_time is not None else _ZERO
        if minutes == 0:
            self._average_dollar_volume = rate * bar.close * volume
        else:
            self._average_dollar_volume = ((bar.close * rate) * (volume + self._previous_volume)) / minutes
        self._previous_time, self._previous_volume = utc, volume
        resolution = _resolution_of(bar.period)
        if not self._counts(resolution, utc):
            return True
        self._scale = _SCALE[resolution]
        multiplier = self.security.symbol_properties._contract_multiplier
        self._market_volume += bar.close * self._discount * volume * rate * multiplier
        return False

    def _counts(self, resolution: Resolution, utc: int) -> bool:
        if resolution is Resolution.HOUR:
            return bool(utc == -(-self.last_fill_utc // HOUR) * HOUR)
        if resolution is Resolution.DAILY:
            return bool(utc == self.last_fill_utc or utc // DAY * DAY == -(-self.last_fill_utc // DAY) * DAY)
        k = _DOLLAR_VOLUME_SCALE / self._average_dollar_volume if self._average_dollar_volume else Decimal(10)
        watched = _LONGEST_WATCH if k > _LONGEST_WATCH else int(max(1.0, to_double(k)))
        return bool(utc <= self.last_fill_utc + watched * MINUTE)

    def reset(self) -> None:
        """A new period begins; the market volume restarts with the next fill."""
        self._restart = True
        self.sale_volume = _ZERO

    def is_obsolete(self, utc: int) -> bool:
        """Neither held nor traded for thirty days."""
        return not self.security.invested and utc >= self.last_fill_utc + _EFFECT_PERIOD


class CapacityEstimate:
    """Capacity of the strategy by its scarcest asset, renewed every few days."""

    def __init__(self, algorithm: Any) -> None:
        self._algorithm = algorithm
        self._capacities: dict[Any, SymbolCapacity] = {}
        self._watched: list[SymbolCapacity] = []
        self._fed: list[SymbolCapacity] = []
        self._streams: Any = None
        start, end = algorithm.start_date, algorithm.end_date
        days = (end - start) / timedelta(days=1)
        self._period = round(max(min(days - 1, 7), 1) * DAY)
        self._next_snapshot = to_utc(start, "UTC") + self._period  # LEAN compares the local start with UTC dates
        self._capacity = _ZERO
        self.lowest_capacity_asset: Any = None

    @property
    def capacity(self) -> Decimal:
        """Account currency, in thousands."""
        return discretely_round_by(self._capacity, Decimal("1000.00"))

    @property
    def next_snapshot_utc(self) -> int | None:
        """First instant at which a step takes a snapshot, None while nothing was traded."""
        return self._next_snapshot if self._capacities else None

    def on_order_event(self, event: Any) -> None:
        """Counts fills."""
        if event.status not in {OrderStatus.FILLED, OrderStatus.PARTIALLY_FILLED}:
            return
        item = self._capacities.get(event.symbol)
        if item is None:
            item = self._capacities[event.symbol] = SymbolCapacity(self._algorithm, event.symbol)
        item.on_fill(event)
        if item not in self._watched:
            self._watched.append(item)
            self._streams = None

    def _with_data(self) -> list[SymbolCapacity]:
        """The watched symbols that have a subscription."""
        if not self._watched:
            return []
        streams = self._algorithm._engine_data_manager.streams()
        if streams is not self._streams:
            self._streams = streams
            self._fed = [item for item in self._watched if item.bars.has_streams]
        return self._fed

    def _forget(self, item: SymbolCapacity) -> None:
        self._watched = [other for other in self._watched if other is not item]
        self._streams = None

    def update_market_capacity(self, force: bool) -> None:
        """Adds the present bars of watched symbols; takes a snapshot when one is due or forced."""
        for item in self._with_data():
            bar = item.bars.at(self._algorithm._utc)
            if bar is not None and item.update(bar):
                self._forget(item)
        utc_date = self._algorithm._utc // DAY * DAY
        if self._capacities and (force or utc_date >= self._next_snapshot):
            self._take_snapshot(utc_date)

    def replay(self, after_utc: int, before_utc: int) -> None:
        """Adds the bars of watched symbols at steps that the loop leaves out."""
        for item in self._with_data():
            if any(item.update(bar) for bar in item.bars.between(after_utc, before_utc)):
                self._forget(item)

    def _take_snapshot(self, utc_date: int) -> None:
        portfolio_value = self._algorithm.portfolio._total_portfolio_value
        if portfolio_value == 0:
            return
        smallest = min(self._capacities.values(), key=lambda item: item.market_capacity)
        self.lowest_capacity_asset = smallest.security.symbol
        total_sales = sum((item.sale_volume for item in self._capacities.values()), _ZERO)
        share_of_sales = smallest.sale_volume / total_sales if total_sales else _ZERO
        share = max(share_of_sales, self._used_buying_power(smallest.security) / portfolio_value)
        capacity = smallest.market_capacity / smallest.trades / share if share else self._capacity
        if self._capacity:
            capacity = Decimal("0.33") * capacity + self._capacity * Decimal("0.66")
        self._capacity = capacity
        utc = self._algorithm._utc
        for symbol, item in list(self._capacities.items()):
            if not item.is_obsolete(utc):
                item.reset()
                continue
            del self._capacities[symbol]
            self._forget(item)
        self._next_snapshot = utc_date + self._period

    def _used_buying_power(self, security: Any) -> Decimal:
        reserved: Decimal = security.buying_power_model._maintenance_of_holdings(security)
        return reserved * Decimal(str(security.leverage))
