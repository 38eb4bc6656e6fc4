"""The bars of one symbol that LEAN's slices would hold, read from its streams without building slices."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final, NamedTuple

from simulator.common.enums import TickType
from simulator.common.time_zone import DAY
from simulator.data.bar_array import BarArray, decimal_of

_ZERO: Final = Decimal(0)


class MarketBar(NamedTuple):
    """A bar by the instant of its step (microseconds UTC), its close, its volume (half the quoted sizes of a quote) and its length."""

    utc: int
    close: Decimal
    volume: Decimal
    period: int


class MarketBars:
    """Trade bars of a symbol, else its quote bars; repeated trade bars have no volume, repeated quotes keep their sizes.

    Args:
        algorithm: whose streams are read.
        symbol: the symbol. If only internal subscriptions carry it now (a mapped contract), their real trade bars count.
    """

    def __init__(self, algorithm: Any, symbol: Any) -> None:
        self._manager = algorithm._engine_data_manager
        self._symbol = symbol
        self._known: Any = None
        self._trades: list[Any] = []
        self._quotes: list[Any] = []
        self._is_internal = not self._manager.configs_of(symbol)

    @property
    def has_streams(self) -> bool:
        """Whether there is a subscription to read from."""
        self._refresh()
        return bool(self._trades or self._quotes)

    def at(self, utc: int) -> MarketBar | None:
        """The bar of the present step, whose points the streams have delivered."""
        self._refresh()
        for stream in self._trades:
            bar = stream.point_at(utc) if not self._is_internal else stream.last_real
            if bar is not None and (not self._is_internal or bar._end_utc == utc):
                return MarketBar(utc, bar._close, _ZERO if bar.is_fill_forward else bar._volume, bar._end_utc - bar._start_utc)
        for stream in () if self._is_internal else self._quotes:
            bar = stream.point_at(utc)
            if bar is not None:
                return MarketBar(utc, bar._close, (bar._last_bid_size + bar._last_ask_size) / 2, bar._end_utc - bar._start_utc)
        return None

    def between(self, after_utc: int, before_utc: int) -> Iterator[MarketBar]:
        """Bars with a volume of the steps between two instants, whose points the streams have not delivered yet."""
        self._refresh()
        quotes_end = before_utc
        trades: list[MarketBar] = []
        for stream in self._trades:
            rows = list(_rows(stream, after_utc, before_utc))
            trades += [_trade(chunk, row) for chunk, row in rows]
            started = after_utc if stream.last_real is not None else int(rows[0][0].ends[rows[0][1]]) if rows else before_utc
            quotes_end = min(quotes_end, started)
        if not self._is_internal:
            yield from self._quotes_between(after_utc, quotes_end)
        yield from trades

    def _quotes_between(self, after_utc: int, before_utc: int) -> Iterator[MarketBar]:
        if before_utc - after_utc <= 1:
            return
        for stream in self._quotes[:1]:
            rows = [(int(chunk.ends[row]), chunk, row) for chunk, row in _rows(stream, after_utc, before_utc)]
            ends = [end for end, _, _ in rows]
            for utc in _deliveries(stream, after_utc, before_utc):
                place = bisect_right(ends, utc) - 1
                if place >= 0:
                    yield _quote(rows[place][1], rows[place][2], utc)
                elif (last := stream._repeated(stream.last_real, utc)) is not None:
                    yield MarketBar(utc, last._close, (last._last_bid_size + last._last_ask_size) / 2, last._end_utc - last._start_utc)

    def _refresh(self) -> None:
        streams = self._manager.streams()
        if streams is self._known:
            return
        self._known = streams
        own = self._manager.streams_of(self._symbol)
        seen = [stream for stream in own if self._is_internal or not stream.config.is_internal]
        self._trades = [stream for stream in seen if stream.config.tick_type is TickType.TRADE]
        self._quotes = [stream for stream in seen if stream.config.tick_type is TickType.QUOTE]


def _rows(stream: Any, after_utc: int, before_utc: int) -> Iterator[tuple[Any, int]]:
    stream._load_until(before_utc)
    for chunk in stream._pending:
        ends = chunk.ends
        first = int(ends.searchsorted(after_utc, side="right"))
        last = int(ends.searchsorted(before_utc, side="left"))
        yield from ((chunk, row) for row in range(first, last))


def _deliveries(stream: Any, after_utc: int, before_utc: int) -> list[int]:
    result: list[int] = []
    for day in range(after_utc - after_utc % DAY, before_utc, DAY):
        times = stream.window(day).tolist()
        result += times[bisect_right(times, after_utc) : bisect_left(times, before_utc)]
    return result


def _trade(chunk: Any, row: int) -> MarketBar:
    bars: BarArray = chunk.bars
    close = _price(chunk, bars.close[row].item())
    volume = chunk.scaled_size(decimal_of(bars.volume[row].item(), bars.size_decimals))
    return MarketBar(int(chunk.ends[row]), close, volume, _period(chunk, row))


def _quote(chunk: Any, row: int, utc: int) -> MarketBar:
    bars: BarArray = chunk.bars
    bid, ask = _price(chunk, bars.bid_close[row].item()), _price(chunk, bars.ask_close[row].item())
    close = (bid + ask) / 2 if bid and ask else bid or ask
    sizes = sum(chunk.scaled_size(decimal_of(column[row].item(), bars.size_decimals)) for column in (bars.bid_size, bars.ask_size))
    return MarketBar(utc, close, sizes / 2, _period(chunk, row))


def _price(chunk: Any, mantissa: int) -> Decimal:
    price = decimal_of(mantissa, chunk.bars.decimals)
    return price if chunk.factor is None else price * chunk.factor


def _period(chunk: Any, row: int) -> int:
    return int(chunk.bars.end_utc[row] - chunk.bars.start_utc[row])
