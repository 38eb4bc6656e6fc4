"""A security with its prices, holding and models (Common/Securities/Security.cs, Equity/Equity.cs, Index/Index.cs)."""

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol

from simulator.common.bars import BaseData, OpenInterest
from simulator.common.enums import DataNormalizationMode, MarketDataType, Resolution, SecurityType, TickType
from simulator.common.printable import Printable
from simulator.common.symbol import Symbol
from simulator.common.system_exceptions import InvalidOperationException
from simulator.common.time_zone import to_local
from simulator.data.security_exchange_hours import SecurityExchangeHours
from simulator.data.symbol_properties_database import SymbolProperties
from simulator.orders.decimals import to_price
from simulator.orders.equity_fill_model import EquityFillModel
from simulator.orders.fee_models import OrderFeeParameters
from simulator.orders.order import MarketOrder, Order
from simulator.orders.price_variation import AdjustedPriceVariationModel, EquityPriceVariationModel
from simulator.securities.cash_book import Cash
from simulator.securities.holding import SecurityHolding
from simulator.securities.margin_model import BuyingPowerModel
from simulator.securities.security_cache import SecurityCache
from simulator.securities.security_exchange import SecurityExchange
from simulator.securities.security_models import SecurityModels

if TYPE_CHECKING:
    from simulator.securities.future import Future
    from simulator.securities.option import Option
    from simulator.securities.trading_algorithm import Clock


class Frontier:
    """The instant up to which subscriptions have delivered.

    Attributes:
        utc: microseconds; -1 before anything was delivered.
    """

    __slots__ = ("utc",)

    def __init__(self) -> None:
        self.utc = -1


class PriceStream(Protocol):
    """A subscription of the security.

    Attributes:
        order: place among the security's subscriptions.
        next_real: no bar ends before this instant that has not been taken.
        config: what is subscribed.
    """

    order: Any
    next_real: int
    config: Any

    def take(self, utc: int) -> list[BaseData]:
        """Bars up to an instant that have not been taken."""

    def peek(self, utc: int) -> "tuple[Any, int] | None":
        """Where the last bar up to an instant is that has not been taken; nothing is taken."""


_NEVER = 1 << 62
_AUXILIARY = MarketDataType.AUXILIARY
_NOTHING_DELIVERED = Frontier()


class Security(SecurityModels, Printable):
    """Mirrors Security; `_`-names hold decimals and UTC microseconds."""

    holdings: SecurityHolding

    def __init__(
        self, symbol: Symbol, hours: SecurityExchangeHours, quote_currency: Cash, properties: SymbolProperties, clock: "Clock"
    ) -> None:
        self.symbol = symbol
        self.symbol_properties = properties
        self.quote_currency = quote_currency
        self._clock = clock
        self._time_zone = hours.time_zone
        self.exchange = SecurityExchange(hours, self)
        self._cache = SecurityCache(quotes_are_default=symbol.security_type is not SecurityType.EQUITY)
        self._streams: list[PriceStream] = []
        self._price_streams: tuple[PriceStream, ...] = ()
        self._told_until = -1
        self._peeked_utc = -1
        self._peeked: Decimal | None = None
        self._frontier = _NOTHING_DELIVERED
        self._next_update = _NEVER
        self.is_delisted = False
        self._tradable = symbol.security_type is not SecurityType.INDEX
        self._is_initialized = False
        self._subscriptions: list[Any] = []
        self._former_subscriptions: list[Any] = []
        self._set_default_models()
        self.holdings = SecurityHolding(self)

    @property
    def type(self) -> SecurityType:
        """Kind of the security."""
        return self.symbol.security_type

    @property
    def cache(self) -> SecurityCache:
        """Last prices."""
        if self._next_update <= self._frontier.utc:
            self._catch_up()
        return self._cache

    def _attach(self, stream: PriceStream, frontier: Frontier) -> None:
        """Has prices follow a subscription, as far as it has delivered whenever they are looked at."""
        self._catch_up()
        self._frontier = frontier
        self._streams = sorted([*self._streams, stream], key=lambda item: item.order)
        self._next_update = min(self._next_update, stream.next_real)
        self._price_streams, self._peeked_utc = self._streams_of_price(), -1

    def _detach(self, stream: PriceStream) -> None:
        """Ends a subscription; what it has delivered stays."""
        self._catch_up()
        self._streams.remove(stream)
        self._next_update = min((other.next_real for other in self._streams), default=_NEVER)
        self._price_streams, self._peeked_utc = self._streams_of_price(), -1

    def _look_again(self) -> None:
        """Which bars its subscriptions deliver from now on has changed."""
        self._next_update = min((stream.next_real for stream in self._streams), default=_NEVER)
        self._peeked_utc = -1

    def _streams_of_price(self) -> tuple[PriceStream, ...]:
        """The streams whose closes set the price, the weightier first; none where a kind of data has several."""
        kinds = (TickType.TRADE,) if self.type is SecurityType.EQUITY else (TickType.QUOTE, TickType.TRADE)
        found = [[stream for stream in self._streams if stream.config.tick_type is kind] for kind in kinds]
        return () if any(len(streams) > 1 for streams in found) else tuple(stream for streams in found for stream in streams)

    def _peek_price(self) -> Decimal | None:
        """The price that what has been delivered and not been looked at makes; None where there is none of it or a bar has to be taken to know."""
        utc = self._frontier.utc
        if self._next_update > utc:
            return None
        if self._peeked_utc != utc:
            self._peeked_utc, self._peeked = utc, self._peek(utc)
        return self._peeked

    def _peek(self, utc: int) -> Decimal | None:
        best: tuple[Any, int] | None = None
        for stream in self._price_streams:
            place = stream.peek(utc)
            if place is not None and (best is None or place[0].instants[place[1]] > best[0].instants[best[1]]):
                best = place
        return None if best is None else best[0].close(best[1]) or None

    def _catch_up(self, then: Callable[[Symbol, Decimal], object] | None = None) -> None:
        """Takes what subscriptions have delivered and nobody has looked at yet, in LEAN's order; `then` is told the price after each."""
        utc = self._frontier.utc
        if self._next_update > utc:
            return
        points: list[BaseData] = []
        for stream in self._streams:
            if stream.next_real <= utc:
                points += stream.take(utc)
        self._next_update = min(stream.next_real for stream in self._streams)
        if len(points) > 1:
            points.sort(key=_end_of)
        for point in points:
            self._take_over(point)
            if then is not None and point._end_utc > self._told_until:
                then(self.symbol, self._cache._price)
        if then is not None:
            self._told_until = utc

    def _margin_changed(self) -> None:
        if self.holdings._on_quantity_changed is not None:
            self.holdings._on_quantity_changed()

    def _tell_price(self, then: Callable[[Symbol, Decimal], object]) -> None:
        """Tells the price after what has been delivered since it was last told; bars are taken only where several, or a part of one, make it."""
        utc = self._frontier.utc
        if self._next_update > utc:
            return
        due = [stream for stream in self._streams if stream.next_real <= utc]
        if len(due) == 1 and due[0] in self._price_streams:
            place = due[0].peek(utc)
            if place is not None and place[0].is_whole(place[1]):
                ended = place[0].instants[place[1]]
                if ended > self._told_until:
                    then(self.symbol, place[0].close(place[1]))
                    self._told_until = ended
                return
        self._catch_up(then)

    @property
    def is_tradable(self) -> bool:
        """Whether orders are taken."""
        return self._tradable

    @is_tradable.setter
    def is_tradable(self, value: bool) -> None:
        self._tradable = value

    @property
    def _utc(self) -> int:
        return self._clock._utc

    @property
    def local_time(self) -> datetime:
        """Now, naive in the exchange's time zone."""
        return to_local(self._clock._utc, self._time_zone)

    @property
    def _conversion_rate(self) -> Decimal:
        return self.quote_currency._conversion_rate

    @property
    def has_data(self) -> bool:
        """Whether a real point that sets the price has come."""
        return self.cache._last_data is not None

    def get_last_data(self) -> BaseData | None:
        """The last real point that set the price."""
        return self.cache._last_data

    @property
    def _price(self) -> Decimal:
        if self._next_update > self._frontier.utc:
            return self._cache._price
        return self._peek_price() or self.cache._price

    @property
    def _open(self) -> Decimal:
        return self.cache._open or self.cache._price

    @property
    def _high(self) -> Decimal:
        return self.cache._high or self.cache._price

    @property
    def _low(self) -> Decimal:
        return self.cache._low or self.cache._price

    @property
    def _close(self) -> Decimal:
        return self._peek_price() or self.cache._close or self._cache._price

    @property
    def _bid_price(self) -> Decimal:
        return self.cache._bid_price or self.cache._price

    @property
    def _ask_price(self) -> Decimal:
        return self.cache._ask_price or self.cache._price

    @property
    def price(self) -> float:
        """Last trade of an equity; last mid, or last trade if newer, of everything else."""
        return float(self._price)

    @property
    def open(self) -> float:
        """Open of the last real bar."""
        return float(self._open)

    @property
    def high(self) -> float:
        """High of the last real bar."""
        return float(self._high)

    @property
    def low(self) -> float:
        """Low of the last real bar."""
        return float(self._low)

    @property
    def close(self) -> float:
        """Close of the last real bar."""
        return float(self._close)

    @property
    def bid_price(self) -> float:
        """Last bid; the price when there was none."""
        return float(self._bid_price)

    @property
    def ask_price(self) -> float:
        """Last ask; the price when there was none."""
        return float(self._ask_price)

    @property
    def bid_size(self) -> float:
        """Size of the last bid."""
        return float(self.cache._bid_size)

    @property
    def ask_size(self) -> float:
        """Size of the last ask."""
        return float(self.cache._ask_size)

    @property
    def volume(self) -> float:
        """Volume of the last trade bar."""
        return float(self.cache._volume)

    @property
    def open_interest(self) -> int:
        """Last known open interest."""
        return self.cache._open_interest

    @property
    def invested(self) -> bool:
        """Whether at least one lot is held."""
        return self.holdings._invested

    hold_stock = invested

    @property
    def leverage(self) -> float:
        """Leverage of the buying power model."""
        return float(self.buying_power_model._get_leverage(self))

    @property
    def margin_model(self) -> BuyingPowerModel:
        """The buying power model."""
        return self.buying_power_model

    @property
    def subscriptions(self) -> list[Any]:
        """The data subscriptions."""
        return list(self._subscriptions)

    @property
    def _fill_subscriptions(self) -> list[Any]:
        """What fill models go by: LEAN's data manager still knows the subscriptions of what was just removed or delisted."""
        return self._subscriptions or self._former_subscriptions

    @property
    def resolution(self) -> Resolution:
        """Finest resolution subscribed."""
        return min((s.resolution for s in self._subscriptions), default=Resolution.DAILY)

    @property
    def is_extended_market_hours(self) -> bool:
        """Whether any subscription includes extended hours."""
        return any(s.extended_hours for s in self._subscriptions)

    def _is_market_open(self, extended_market_hours: bool = False) -> bool:
        """Whether the exchange is open now."""
        return self.exchange.hours._is_open_utc(self._utc, extended_market_hours)

    def set_market_price(self, data: BaseData | None) -> None:
        """Takes a point over as if it had just arrived; seeding does this."""
        if data is not None:
            self._update([data])

    def _update(self, points: Sequence[BaseData]) -> None:
        """Security.Update: the cache takes real points, the holding is revalued by the last one; fill-forward points change nothing."""
        self.cache._add(points)
        for point in reversed(points):
            if point.data_type is not MarketDataType.AUXILIARY:
                if point._value and not isinstance(point, OpenInterest):
                    self.holdings._price = self._price
                return

    def _take_over(self, point: BaseData) -> None:
        self._cache._add_point(point)
        if point._value and point.data_type is not _AUXILIARY and type(point) is not OpenInterest:
            self.holdings._last_price = self._cache._price

    def _reset(self) -> None:
        """Security.Reset: what leaves the universe is no longer tradable and has no subscriptions."""
        self._is_initialized = False
        self._tradable = False
        self._former_subscriptions = self._fill_subscriptions
        self._subscriptions = []

    def _make_tradable(self) -> None:
        if self.type is not SecurityType.INDEX:
            self._tradable = True

    def _fee_of(self, order: Order) -> Decimal:
        """Fee of an order in account currency."""
        fee = self.fee_model.get_order_fee(OrderFeeParameters(self, order)).value
        return fee._amount * self._conversion_rate if fee.currency == self.quote_currency.symbol else fee._amount

    def _market_order_fee(self, quantity: Decimal) -> Decimal:
        return self._fee_of(MarketOrder(self.symbol, quantity, self._utc))

    def _as_option(self) -> "Option":
        raise InvalidOperationException(f"{self.symbol.value} is a security of type {self.type}, not an option.")

    def _as_future(self) -> "Future":
        raise InvalidOperationException(f"{self.symbol.value} is a security of type {self.type}, not a future.")

    def set_leverage(self, leverage: Any) -> None:
        """Sets the leverage of the buying power model; without effect for futures and options."""
        if self.type not in _FIXED_LEVERAGE:
            self.buying_power_model._set_leverage(to_price(leverage))
            self._margin_changed()

    def set_data_normalization_mode(self, mode: DataNormalizationMode) -> None:
        """Sets how the prices of all subscriptions are adjusted."""
        for subscription in self._subscriptions:
            subscription.data_normalization_mode = mode

    def get(self, key: str) -> Any:
        """A property the algorithm has set."""
        return self.cache.properties[key]

    def __getitem__(self, key: str) -> Any:
        return self.cache.properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.cache.properties[key] = value

    def __str__(self) -> str:
        return str(self.symbol)


def _end_of(point: BaseData) -> int:
    return point._end_utc


_FIXED_LEVERAGE = frozenset({SecurityType.FUTURE, SecurityType.OPTION, SecurityType.INDEX_OPTION, SecurityType.FUTURE_OPTION})


class Equity(Security):
    """Mirrors Equity: a price step of its own once the service knows that prices are raw, else none."""

    def __init__(
        self, symbol: Symbol, hours: SecurityExchangeHours, quote_currency: Cash, properties: SymbolProperties, clock: "Clock"
    ) -> None:
        super().__init__(symbol, hours, quote_currency, properties, clock)
        self.fill_model = EquityFillModel()
        self.price_variation_model = AdjustedPriceVariationModel()

    def set_data_normalization_mode(self, mode: DataNormalizationMode) -> None:
        """Sets how the prices of all subscriptions are adjusted; adjusted prices have no step."""
        super().set_data_normalization_mode(mode)
        adjusted = mode is DataNormalizationMode.ADJUSTED
        self.price_variation_model = AdjustedPriceVariationModel() if adjusted else EquityPriceVariationModel()


class Index(Security):
    """Mirrors Index: a price that cannot be traded."""
