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


class _Change(NamedTuple):
    utc: int
    rank: int
    security: Any
    price: Decimal
    bid: Decimal
    ask: Decimal


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
        portfolio = self._algorithm.portfolio
        total: Decimal = portfolio._total_portfolio_value
        if not self._held():
            return [total]
        changes = sorted(self._changes(after_utc, before_utc), key=lambda change: change[:2])
        result = [total] if not changes or changes[0].utc > first_step_utc else []
        marks = {id(security): _mark(security) for security in self._held()}
        for index, change in enumerate(changes):
            key = id(change.security)
            mark = _new_mark(change, marks[key])
            total += _value(change.security, mark.value - marks[key].value)
            marks[key] = mark
            self._algorithm.trade_builder.set_market_price(change.security.symbol, mark.price)
            if index + 1 == len(changes) or changes[index + 1].utc != change.utc:
                result.append(total)
        return result

    def _held(self) -> Sequence[Any]:
        held: Sequence[Any] = self._algorithm.securities._invested()
        return held

    def _changes(self, after_utc: int, before_utc: int) -> Iterator[_Change]:
        self._refresh_streams()
        for security in self._held():
            for rank, stream in enumerate(self._streams_of.get(id(security), ())):
                for path in self._paths_of(stream, before_utc):
                    first, last = bisect_right(path.ends, after_utc), bisect_left(path.ends, before_utc)
                    for row in range(first, last):
                        yield _Change(path.ends[row], rank, security, path.prices[row], path.bids[row], path.asks[row])

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


class _Mark(NamedTuple):
    """Last price of a security, its touch, and the price its position is valued at."""

    price: Decimal
    bid: Decimal
    ask: Decimal
    value: Decimal


def _marked(security: Any, price: Decimal, bid: Decimal, ask: Decimal) -> _Mark:
    value = price
    if security.type is SecurityType.FUTURE:
        value = (bid if security.holdings._quantity > 0 else ask) or price
    return _Mark(price, bid, ask, value)


def _mark(security: Any) -> _Mark:
    return _marked(security, security._price, security.cache._bid_price, security.cache._ask_price)


def _new_mark(change: _Change, before: _Mark) -> _Mark:
    return _marked(change.security, change.price or before.price, change.bid or before.bid, change.ask or before.ask)


def _value(security: Any, points: Decimal) -> Decimal:
    multiplier: Decimal = security.symbol_properties._contract_multiplier
    rate: Decimal = security._conversion_rate
    quantity: Decimal = security.holdings._quantity
    return points * quantity * multiplier * rate


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
