"""Portfolio values at the steps the loop skips while something is held: only prices of held securities change there.

LEAN updates the equity candle and the excursions of open trades at every step. The loop visits few of them; this replays the prices in
between for held securities alone, bar by bar, exactly.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, Final, NamedTuple

from simulator.common.enums import SecurityType, TickType
from simulator.data.bar_array import BarArray, decimal_of

_ZERO: Final = Decimal(0)
_MAX_PATHS: Final = 512


class PricePath(NamedTuple):
    """Real bars of one file of a stream: instants, prices, and closes of bid and ask (trades have none); 0 is absent."""

    ends: list[int]
    prices: list[Decimal]
    bids: list[Decimal]
    asks: list[Decimal]


_Change = tuple[int, int, int, PricePath, int]
"""Instant, rank of the stream, place of the security, and where its prices are: in this order they are replayed."""


class SkippedSteps:
    """Replays price changes of held securities.

    Args:
        algorithm: whose portfolio, streams and trade builder are used.
    """

    def __init__(self, algorithm: Any) -> None:
        self._algorithm = algorithm
        self._paths: dict[int, tuple[Any, PricePath]] = {}
        self._streams: list[Any] = []
        self._streams_of: dict[int, list[Any]] = {}

    def values(self, after_utc: int, before_utc: int, first_step_utc: int) -> list[Decimal]:
        """Portfolio values at the skipped steps, those without a change left out.

        Args:
            after_utc: the last visited step.
            before_utc: the step to be visited next.
            first_step_utc: the first step skipped between the two.

        Returns:
            The value at the first skipped step, then every value that differs in time.
        """
        total: Decimal = self._algorithm.portfolio._total_portfolio_value
        held = self._held()
        changes = sorted(self._changes(held, after_utc, before_utc)) if held else []
        if not changes:
            return [total]
        result = [total] if changes[0][0] > first_step_utc else []
        marks: dict[int, _Mark] = {}
        tell = self._algorithm.trade_builder.set_market_price
        last = len(changes) - 1
        for index, (utc, _, place, path, row) in enumerate(changes):
            mark = marks.get(place)
            if mark is None:
                mark = marks[place] = _Mark(held[place])
            total += mark.move(path.prices[row], path.bids[row], path.asks[row])
            tell(mark.symbol, mark.price)
            if index == last or changes[index + 1][0] != utc:
                result.append(total)
        return result

    def _held(self) -> Sequence[Any]:
        held: Sequence[Any] = self._algorithm.securities._invested()
        return held

    def _changes(self, held: Sequence[Any], after_utc: int, before_utc: int) -> list[_Change]:
        self._refresh_streams()
        changes: list[_Change] = []
        for place, security in enumerate(held):
            for rank, stream in enumerate(self._streams_of.get(id(security), ())):
                if stream.next_real >= before_utc:
                    continue
                for path in self._paths_of(stream, before_utc):
                    ends = path.ends
                    rows = range(bisect_right(ends, after_utc), bisect_left(ends, before_utc))
                    changes += [(ends[row], rank, place, path, row) for row in rows]
        return changes

    def _refresh_streams(self) -> None:
        streams = self._algorithm._engine_data_manager.streams()
        if streams is self._streams:
            return
        self._streams = streams
        self._streams_of = {}
        for stream in streams:
            if stream.security is not None and stream.config.tick_type is not TickType.OPEN_INTEREST:
                self._streams_of.setdefault(id(stream.security), []).append(stream)

    def _paths_of(self, stream: Any, before_utc: int) -> Iterator[PricePath]:
        stream._load_until(before_utc)
        for chunk in stream._pending:
            known = self._paths.get(id(chunk))
            if known is None or known[0] is not chunk:
                if len(self._paths) >= _MAX_PATHS:
                    self._paths.clear()
                known = self._paths[id(chunk)] = (chunk, _path(chunk, stream.security.type))
            yield known[1]


class _Mark:
    """Last price of a security, its touch, and the price its position is valued at."""

    __slots__ = ("_ask", "_bid", "_dollars_per_point", "_is_future", "_is_long", "_value", "price", "symbol")

    def __init__(self, security: Any) -> None:
        quantity: Decimal = security.holdings._quantity
        self.symbol = security.symbol
        self.price: Decimal = security._price
        self._bid: Decimal = security.cache._bid_price
        self._ask: Decimal = security.cache._ask_price
        self._is_future = security.type is SecurityType.FUTURE
        self._is_long = quantity > 0
        self._dollars_per_point: Decimal = quantity * security.symbol_properties._contract_multiplier * security._conversion_rate
        self._value = self._valued()

    def _valued(self) -> Decimal:
        if not self._is_future:
            return self.price
        return (self._bid if self._is_long else self._ask) or self.price

    def move(self, price: Decimal, bid: Decimal, ask: Decimal) -> Decimal:
        """Go on to the next bar, whose zeros say nothing; the dollars the position gains."""
        self.price, self._bid, self._ask = price or self.price, bid or self._bid, ask or self._ask
        before, self._value = self._value, self._valued()
        return (self._value - before) * self._dollars_per_point


def _path(chunk: Any, security_type: SecurityType) -> PricePath:
    bars: BarArray = chunk.bars
    factor = chunk.factor
    ends = chunk.instants
    if bars.tick_type is TickType.TRADE:
        prices = _decimals(bars.close.tolist(), bars.decimals, factor)
        absent = [_ZERO] * len(ends)
        return PricePath(ends, prices, absent, absent)
    bids = _decimals(bars.bid_close.tolist(), bars.decimals, factor)
    asks = _decimals(bars.ask_close.tolist(), bars.decimals, factor)
    if security_type is SecurityType.EQUITY:
        return PricePath(ends, [_ZERO] * len(ends), bids, asks)
    mids = [(bid + ask) / 2 if bid and ask else bid or ask for bid, ask in zip(bids, asks, strict=True)]
    return PricePath(ends, mids, bids, asks)


def _decimals(mantissas: list[int], places: int, factor: Decimal | None) -> list[Decimal]:
    prices = [decimal_of(mantissa, places) for mantissa in mantissas]
    return prices if factor is None else [price * factor for price in prices]
