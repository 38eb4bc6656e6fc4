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

    def keep_last(self, utc: int) -> bool:
        """Forgets all bars in memory but the last one up to an instant, if that tells all; whether it does."""


_NEVER = 1 << 62
_AUXILIARY = MarketDataType.AUXILIARY
_TRADE, _QUOTE, _EQUITY = TickType.TRADE, TickType.QUOTE, SecurityType.EQUITY  # members of an enumeration are slow to look up
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
        self._ended: list[tuple[PriceStream, int]] = []
        self._resets_cache = False
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
        self._streams = sorted([*self._streams, stream], key=_order_of)
        self._look_again()

    def _detach(self, stream: PriceStream) -> None:
        """Ends a subscription; what it has delivered stays and is read when somebody looks."""
        utc = self._frontier.utc
        if stream.next_real <= utc:
            if stream.keep_last(utc):
                self._ended.append((stream, utc))
            else:
                self._catch_up()
        self._streams.remove(stream)
        self._look_again()

    def _reset_cache(self) -> None:
        """Security.Cache.Reset: what ended subscriptions have delivered counts for the holding alone."""
        self._resets_cache = bool(self._ended) and not self._streams
        if not self._resets_cache:
            self.cache._reset()

    def _look_again(self) -> None:
        """Which bars its subscriptions have delivered or deliver from now on has changed."""
        self._next_update = -1 if self._ended else min((stream.next_real for stream in self._streams), default=_NEVER)
        self._price_streams, self._peeked_utc = self._streams_of_price(), -1

    def _streams_of_price(self) -> tuple[PriceStream, ...]:
        """The streams whose closes set the price, the weightier first; none where a kind of data has several or an ended one has a say."""
        if self._ended:
            return ()
        trades = [stream for stream in self._streams if stream.config.tick_type is _TRADE]
        quotes = [] if self.type is _EQUITY else [stream for stream in self._streams if stream.config.tick_type is _QUOTE]
        return () if len(trades) > 1 or len(quotes) > 1 else (*quotes, *trades)

    def _peek_price(self) -> Decimal | None:
        """The price that what has been delivered and not been looked at makes; None where there is none of it or a bar has to be taken to know."""
        utc = self._frontier.utc
        if self._next_update > utc:
            return None
        if self._peeked_utc == utc:
            return self._peeked
        best: Any = None
        best_row, best_end = 0, -1
        for stream in self._price_streams:
            place = stream.peek(utc) if stream.next_real <= utc else None
            if place is not None:
                chunk, row = place
                ended = chunk.instants[row]
                if ended > best_end:
                    best, best_row, best_end = chunk, row, ended
        self._peeked_utc = utc
        self._peeked = price = None if best is None else best.close(best_row) or None
        return price

    def _catch_up(self, then: Callable[[Symbol, Decimal], object] | None = None) -> None:
        """Takes what subscriptions have delivered and nobody has looked at yet, in LEAN's order; `then` is told the price after each."""
        utc = self._frontier.utc
        if self._next_update > utc:
            return
        points = self._taken(utc)
        if len(points) > 1:
            points.sort(key=_end_of)
        cache, holdings = self._cache, self.holdings
        for point in points:
            cache._add_point(point)
            if point._value and point.data_type is not _AUXILIARY and type(point) is not OpenInterest:
                holdings._last_price = cache._price
            if then is not None and point._end_utc > self._told_until:
                then(self.symbol, cache._price)
        if then is not None:
            self._told_until = utc
        if self._resets_cache:
            self._resets_cache = False
            cache._reset()

    def _taken(self, utc: int) -> list[BaseData]:
        """What subscriptions have delivered and has not been taken, stream by stream."""
        points: list[BaseData] = []
        if self._ended:
            sources = sorted([*self._ended, *((stream, utc) for stream in self._streams)], key=lambda item: item[0].order)
            for stream, until in sources:
                points += stream.take(until)
            self._ended = []
            self._look_again()
            return points
        following = _NEVER
        for stream in self._streams:
            if stream.next_real <= utc:
                points += stream.take(utc)
            if stream.next_real < following:  # noqa: PLR1730 - quicker than min()
                following = stream.next_real
        self._next_update = following
        return points

    def _margin_changed(self) -> None:
        if self.holdings._on_quantity_changed is not None:
            self.holdings._on_quantity_changed()

    def _tell_price(self, then: Callable[[Symbol, Decimal], object]) -> None:
        """Tells the price after what has been delivered since it was last told; bars are taken only where several, or a part of one, make it."""
        utc = self._frontier.utc
        if self._next_update > utc:
            return
        due: PriceStream | None = None
        for stream in self._streams:
            if stream.next_real <= utc:
                if due is not None:
                    self._catch_up(then)
                    return
                due = stream
        if due is not None and due in self._price_streams:
            place = due.peek(utc)
            if place is not None:
                chunk, row = place
                if chunk.is_whole(row):
                    ended = chunk.instants[row]
                    if ended > self._told_until:
                        then(self.symbol, chunk.close(row))
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
        if self._next_update > self._frontier.utc:
            return self._cache._close or self._cache._price
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
        if self._next_update > self._frontier.utc:
            return float(self._cache._price)
        return float(self._peek_price() or self.cache._price)

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


def _order_of(stream: PriceStream) -> Any:
    return stream.order


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
