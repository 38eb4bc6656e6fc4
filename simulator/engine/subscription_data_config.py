"""What is subscribed for a security: data type, resolution, hours, adjustment (LEAN's SubscriptionDataConfig and SubscriptionManager's look-ups)."""

from copy import copy
from typing import TYPE_CHECKING, Any

from simulator.common.bars import BaseData, OpenInterest, QuoteBar, TradeBar
from simulator.common.enums import DataMappingMode, DataNormalizationMode, Resolution, SecurityType, TickType
from simulator.common.period import to_microseconds
from simulator.common.symbol import Symbol

if TYPE_CHECKING:
    from simulator.engine.consolidator import DataConsolidator

TYPE_OF_TICK: dict[TickType, type[BaseData]] = {TickType.TRADE: TradeBar, TickType.QUOTE: QuoteBar, TickType.OPEN_INTEREST: OpenInterest}

_OPTION_LIKE = [TickType.QUOTE, TickType.TRADE, TickType.OPEN_INTEREST]
AVAILABLE_TICK_TYPES: dict[SecurityType, list[TickType]] = {
    SecurityType.BASE: [TickType.TRADE],
    SecurityType.INDEX: [TickType.TRADE],
    SecurityType.EQUITY: [TickType.TRADE, TickType.QUOTE],
    SecurityType.OPTION: _OPTION_LIKE,
    SecurityType.FUTURE_OPTION: _OPTION_LIKE,
    SecurityType.INDEX_OPTION: _OPTION_LIKE,
    SecurityType.FUTURE: _OPTION_LIKE,
}


def tick_types(security_type: SecurityType, resolution: Resolution) -> list[TickType]:
    """The kinds of data a security of the type has at a resolution, in LEAN's order: equities have quotes below an hour only."""
    low = resolution >= Resolution.HOUR
    return [
        tick
        for tick in AVAILABLE_TICK_TYPES[security_type]
        if not (security_type == SecurityType.EQUITY and low and tick == TickType.QUOTE)
    ]


def tick_type_order(security_type: SecurityType, tick_type: TickType) -> int:
    """Rank of a kind of data within its security type."""
    return AVAILABLE_TICK_TYPES[security_type].index(tick_type)


class SubscriptionDataConfig:
    """One subscription of one security.

    Attributes:
        symbol: the security, canonical for a continuous future.
        type: class of the points.
        tick_type: trades, quotes or open interest.
        resolution: length of the bars.
        fill_forward: whether missing bars are repeated.
        extended_hours: whether bars outside the regular session are kept.
        is_internal: whether the data stays out of slices (open interest, the benchmark, mapped contracts).
        data_normalization_mode: how prices are adjusted.
        data_mapping_mode: what makes a continuous future roll.
        contract_depth_offset: which contract a continuous future follows, 0 the front.
    """

    def __init__(
        self,
        symbol: Symbol,
        tick_type: TickType,
        resolution: Resolution,
        zones: tuple[str, str],
        *,
        fill_forward: bool = True,
        extended_hours: bool = False,
        is_internal: bool = False,
        data_normalization_mode: DataNormalizationMode = DataNormalizationMode.ADJUSTED,
        data_mapping_mode: DataMappingMode = DataMappingMode.OPEN_INTEREST,
        contract_depth_offset: int = 0,
    ) -> None:
        self.symbol = symbol
        self.tick_type = tick_type
        self.type: type[BaseData] = TYPE_OF_TICK[tick_type]
        self.resolution = resolution
        self.data_time_zone, self.exchange_time_zone = zones
        self.fill_forward = fill_forward
        self.extended_hours = extended_hours
        self.is_internal = is_internal
        self.data_normalization_mode = data_normalization_mode
        self.data_mapping_mode = data_mapping_mode
        self.contract_depth_offset = contract_depth_offset
        self.consolidators: list[DataConsolidator] = []
        self._price_factor: Any = None

    def _with_resolution(self, resolution: Resolution) -> "SubscriptionDataConfig":
        """The same subscription with bars of another length; consolidators stay behind."""
        other = copy(self)
        other.resolution = resolution
        other.consolidators = []
        return other

    @property
    def security_type(self) -> SecurityType:
        """Type of the security."""
        return self.symbol.security_type

    @property
    def fill_data_forward(self) -> bool:
        """LEAN's name of `fill_forward`."""
        return self.fill_forward

    @property
    def extended_market_hours(self) -> bool:
        """LEAN's name of `extended_hours`."""
        return self.extended_hours

    @property
    def is_internal_feed(self) -> bool:
        """LEAN's name of `is_internal`."""
        return self.is_internal

    @property
    def _increment(self) -> int:
        return to_microseconds(self.resolution)

    @property
    def _key(self) -> tuple[object, ...]:
        """What makes two configurations the same subscription."""
        return (
            self.symbol,
            self.tick_type,
            self.resolution,
            self.fill_forward,
            self.extended_hours,
            self.is_internal,
            self.contract_depth_offset,
        )

    @property
    def _order(self) -> tuple[int, int, str]:
        """Rank among subscriptions: underlyings before derivatives, trades before quotes, then by symbol."""
        return (int(self.symbol.security_type), int(self.tick_type), self.symbol.value)

    def __str__(self) -> str:
        return f"{self.symbol},{self.tick_type},{self.resolution}"
