"""All data of one instant (LEAN's Slice and TimeSliceFactory)."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from simulator.common.bars import BaseData, Delisting, Dividend, OpenInterest, QuoteBar, Split, SymbolChangedEvent, TradeBar
from simulator.common.enums import MarketDataType, SecurityType
from simulator.common.lean_dictionary import KeyValuePair
from simulator.common.security_identifier import is_option
from simulator.common.symbol import Symbol
from simulator.common.symbol_cache import SymbolCache
from simulator.common.system_exceptions import KeyNotFoundException
from simulator.common.time_zone import to_local, utc_datetime
from simulator.engine.chains import FuturesChain, FuturesChains, FuturesContract, OptionChain, OptionChains, OptionContract
from simulator.engine.data_dictionary import (
    DataDictionary,
    Delistings,
    Dividends,
    QuoteBars,
    Splits,
    SymbolChangedEvents,
    Ticks,
    TradeBars,
    in_order,
    keep_shorter,
)
from simulator.engine.subscription import Subscription

if TYPE_CHECKING:
    from simulator.securities.option import Option

Model = Callable[["Option", OptionContract], Any]


class Slice:
    """`data` of on_data and `algorithm.current_slice`.

    Args:
        utc: the instant.
        zone: the algorithm's time zone.
        fill: puts the bars in, once, when they are looked for.
    """

    def __init__(self, utc: int, zone: str, fill: Callable[["Slice"], None] | None = None) -> None:
        self._utc = utc
        self._zone = zone
        self._fill = fill
        self._points: list[BaseData] = []
        self._events: list[Any] | None = None
        self._bars = TradeBars()
        self._quote_bars = QuoteBars()
        self._ticks = Ticks()
        self._option_chains = OptionChains()
        self._futures_chains = FuturesChains()
        self.splits = Splits()
        self.dividends = Dividends()
        self.delistings = Delistings()
        self.symbol_changed_events = SymbolChangedEvents()

    def _filled(self) -> "Slice":
        """Bars are put in when somebody looks for them."""
        fill, self._fill = self._fill, None
        if fill is not None:
            fill(self)
        return self

    @property
    def _all(self) -> list[BaseData]:
        return self._filled()._points

    @property
    def bars(self) -> TradeBars:
        """Trade bars by symbol."""
        return self._filled()._bars

    @property
    def quote_bars(self) -> QuoteBars:
        """Quote bars by symbol."""
        return self._filled()._quote_bars

    @property
    def ticks(self) -> Ticks:
        """Ticks by symbol."""
        return self._filled()._ticks

    @property
    def option_chains(self) -> OptionChains:
        """Option chains by canonical symbol."""
        return self._filled()._option_chains

    @property
    def futures_chains(self) -> FuturesChains:
        """Futures chains by canonical symbol."""
        return self._filled()._futures_chains

    @property
    def time(self) -> datetime:
        """The instant in the algorithm's time zone."""
        return to_local(self._utc - self._utc % 1000, self._zone)

    @property
    def utc_time(self) -> datetime:
        """The instant, aware."""
        return utc_datetime(self._utc - self._utc % 1000)

    @property
    def future_chains(self) -> FuturesChains:
        """Same as `futures_chains`."""
        return self.futures_chains

    @property
    def all_data(self) -> list[BaseData]:
        """Every point in order of arrival."""
        return list(self._all)

    @property
    def has_data(self) -> bool:
        """Whether any point of a subscription of the algorithm is in."""
        return bool(self._all)

    def _by_symbol(self) -> dict[Symbol, Any]:
        found: dict[Symbol, Any] = {}
        for point in self._all:
            known = found.get(point.symbol)
            if point.data_type is MarketDataType.AUXILIARY and known is not None:
                continue
            if known is None or isinstance(point, TradeBar) or known.data_type is MarketDataType.AUXILIARY:
                found[point.symbol] = point
        return {symbol: found[symbol] for symbol in in_order(found)}

    @property
    def count(self) -> int:
        """Number of symbols with data."""
        return len(self._by_symbol())

    def __len__(self) -> int:
        return self.count

    def __bool__(self) -> bool:
        return self.count > 0

    def keys(self) -> list[Symbol]:
        """Symbols with data."""
        return list(self._by_symbol())

    def values(self) -> list[Any]:
        """The point of each symbol."""
        return list(self._by_symbol().values())

    def items(self) -> list[tuple[Symbol, Any]]:
        """Symbol and point pairs."""
        return list(self._by_symbol().items())

    def __iter__(self) -> Iterator[KeyValuePair[Symbol, Any]]:
        return iter([KeyValuePair(symbol, point) for symbol, point in self._by_symbol().items()])

    def contains_key(self, symbol: Symbol | str) -> bool:
        """Whether the symbol has data."""
        return symbol in self

    def __contains__(self, symbol: object) -> bool:
        key = SymbolCache._resolve(symbol)
        return key in self._by_symbol()

    def __getitem__(self, symbol: Symbol | str) -> Any:
        key: Any = SymbolCache._resolve(symbol)
        found = self._by_symbol().get(key)
        if found is None:
            raise KeyNotFoundException(
                f"'{symbol}' wasn't found in the Slice object, likely because there was no-data at this moment in time and it wasn't "
                "possible to fillforward historical data. Please check the data exists before accessing it with data.ContainsKey"
            )
        return found

    def get(self, key: Any, symbol: Any = None) -> Any:
        """The point of a symbol (the second argument without one), all points of a type as a dictionary, or that of one symbol in it.

        Raises:
            KeyNotFoundException: a type was asked for whose dictionary lacks the symbol.
        """
        if isinstance(key, type):
            points = self._of_type(key)
            return points if symbol is None else points[symbol]
        known: Any = SymbolCache._resolve(key)
        return self._by_symbol().get(known, symbol)

    def _of_type(self, kind: type) -> DataDictionary[Any]:
        names = {
            TradeBar: "bars",
            QuoteBar: "quote_bars",
            Delisting: "delistings",
            Split: "splits",
            Dividend: "dividends",
            SymbolChangedEvent: "symbol_changed_events",
            OptionChain: "option_chains",
            FuturesChain: "futures_chains",
        }
        if kind in names:
            found: DataDictionary[Any] = getattr(self, names[kind])
            return found
        return DataDictionary({point.symbol: point for point in self._all if isinstance(point, kind)})

    # Construction

    def _add(self, point: BaseData, subscription: Subscription, model: Model | None) -> None:
        """Take a point in; internal subscriptions only contribute delistings and open interest of chains that exist."""
        internal = subscription.config.is_internal
        if not internal:
            self._points.append(point)
        if point.data_type is MarketDataType.AUXILIARY:
            self._add_auxiliary(point, internal)
            return
        if not internal:
            self._add_bar(point)
        symbol = point.symbol
        if is_option(symbol.security_type):
            self._add_to_option_chain(point, subscription, model)
        elif symbol.security_type == SecurityType.FUTURE and not symbol.is_canonical():
            self._add_to_futures_chain(point, internal)

    def _add_bar(self, point: BaseData) -> None:
        if isinstance(point, TradeBar):
            keep_shorter(self._bars, point)
        elif isinstance(point, QuoteBar):
            keep_shorter(self._quote_bars, point)
        elif isinstance(point, OpenInterest):
            self._ticks._points.setdefault(point.symbol, []).append(point)

    def _add_auxiliary(self, point: BaseData, internal: bool) -> None:
        if isinstance(point, Delisting):
            self.delistings._set(point.symbol, point)
        elif internal:
            return
        elif isinstance(point, Dividend):
            self.dividends._set(point.symbol, point)
        elif isinstance(point, Split):
            self.splits._set(point.symbol, point)
        elif isinstance(point, SymbolChangedEvent):
            self.symbol_changed_events._set(point.symbol, point)

    def _add_to_option_chain(self, point: BaseData, subscription: Subscription, model: Model | None) -> None:
        internal = subscription.config.is_internal
        if internal and not self._option_chains:
            return
        canonical = point.symbol.canonical
        chain: OptionChain | None = self._option_chains._points.get(canonical)
        if chain is None:
            chain = OptionChain(canonical, self.time)
            self._option_chains._set(canonical, chain)
        underlying = self._underlying_point(subscription)
        if underlying is None:
            return
        chain.underlying = underlying
        contract = chain._contracts.get(point.symbol)
        if contract is None:
            option: Any = subscription.security
            evaluate = None if model is None else (lambda asked: model(option, asked))
            contract = OptionContract(point.symbol, point.end_time, underlying=underlying, model=evaluate)
            chain._add(contract)
        chain._add_point(contract, point)

    def _underlying_point(self, subscription: Subscription) -> BaseData | None:
        security: Any = subscription.security
        symbol = subscription.config.symbol.underlying
        for points in (self._quote_bars._points, self._bars._points):  # quotes arrive after trades and take their place
            if symbol in points:
                return points[symbol]  # type: ignore[index]  # bars of either kind
        return None if security is None or security.underlying is None else security.underlying.get_last_data()

    def _add_to_futures_chain(self, point: BaseData, internal: bool) -> None:
        canonical = point.symbol.canonical
        chain: FuturesChain | None = self._futures_chains._points.get(canonical)
        contract = None if chain is None else chain._contracts.get(point.symbol)
        if internal and contract is None:
            return
        if chain is None:
            chain = FuturesChain(canonical, self.time)
            self._futures_chains._set(canonical, chain)
        if contract is None:
            contract = FuturesContract(point.symbol, datetime.min)  # noqa: DTZ901 - LEAN gives it no time
            chain._add(contract)
        chain._add_point(contract, point)
