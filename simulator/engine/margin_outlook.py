"""How long a margin scan can find nothing, so that the loop need not stop for each of them (LEAN scans every five minutes, AlgorithmManager.Run).

What prices will do is read ahead from the files, for this bound alone: the margin of any position or strategy moves by no more than its options'
premiums and a small multiple of the moves of their prices and their underlying, per contract; an option on a future never needs more than a share of the
future's own margin, and its premium. While margin at its highest and the portfolio at its lowest stay clear
of a warning, the scans in between are only counted.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from simulator.common.enums import SecurityType, TickType
from simulator.common.time_zone import DAY
from simulator.data.bar_array import decimal_of
from simulator.securities.future_margin_model import FuturesOptionsMarginModel
from simulator.securities.margin_model import SecurityMarginModel
from simulator.securities.option_margin_model import OptionMarginModel

_NEVER_SAFE: Final = -1
_MODELS: Final = frozenset({SecurityMarginModel, OptionMarginModel})
_SLOPE: Final = 3
"""More than the dollars of margin per dollar of price move in any formula of option_strategy_margin: a covered call has 1.5, a box 2.04."""
_CLEAR_OF_WARNING: Final = Decimal("0.95")


class MarginOutlook:
    """Answers whether the margin scans up to an instant can be skipped; the answer holds until positions, margin rules, cash or data change."""

    def __init__(self, algorithm: Any) -> None:
        self._algorithm = algorithm
        self._portfolio = algorithm.portfolio
        self._safe_until = _NEVER_SAFE
        self._tried_until = _NEVER_SAFE
        self._cash: tuple[Decimal, Decimal] | None = None
        self._streams: list[Any] = []
        self._extremes: dict[Any, list[Decimal]] = {}
        self._read_until = _NEVER_SAFE
        algorithm.securities._listeners.append(self._forget)

    def _forget(self) -> None:
        self._safe_until = self._tried_until = _NEVER_SAFE

    def is_safe(self, utc: int, now_utc: int) -> bool:
        """Whether a scan at an instant finds neither a margin call nor a warning.

        Args:
            utc: when the scan would be.
            now_utc: the last step; prices are those of that step.
        """
        portfolio = self._portfolio
        cash, streams = (portfolio.cash_book._total, portfolio.unsettled_cash_book._total), self._algorithm._engine_data_manager.streams()
        if cash != self._cash or streams is not self._streams:
            self._cash, self._streams = cash, streams
            self._forget()
        if utc > self._tried_until:
            self._tried_until = utc - utc % DAY + DAY - 1
            if self._tried_until != self._read_until:
                self._read_until, self._extremes = self._tried_until, {}
            if self._is_clear(now_utc, self._tried_until):
                self._safe_until = self._tried_until
        return utc <= self._safe_until

    def _is_clear(self, after_utc: int, until_utc: int) -> bool:
        portfolio = self._portfolio
        margin, value = portfolio._total_margin_used, portfolio._total_portfolio_value
        for security in self._algorithm.securities._invested():
            move = self._largest_move(security, after_utc, until_utc)
            more = None if move is None else self._most_more(security, move, after_utc, until_utc)
            if move is None or more is None:
                return False
            margin += more
            value -= _size(security) * move
        return bool(margin < value * _CLEAR_OF_WARNING - portfolio.unsettled_cash_book._total)

    def _most_more(self, security: Any, move: Decimal, after_utc: int, until_utc: int) -> Decimal | None:
        """The most that what is held of a security adds to the margin while its price moves so far; None where that is not known."""
        model = security.buying_power_model
        if security.type is SecurityType.FUTURE_OPTION:
            return most_margin_on_a_future(security, move, until_utc) if model.__class__ is FuturesOptionsMarginModel else None
        underlying = getattr(security, "underlying", None)
        beneath = Decimal(0) if underlying is None else self._largest_move(underlying, after_utc, until_utc)
        if beneath is None or model.__class__ not in _MODELS:
            return None
        price: Decimal = security._price
        return most_margin_move(move, beneath, price) * _size(security)

    def _largest_move(self, security: Any, after_utc: int, until_utc: int) -> Decimal | None:
        """The most the price moves from what it is now between two instants, or did so far that day; None when there is no price yet."""
        price: Decimal = security._price
        if not price:
            return None
        largest = Decimal(0)
        for stream in security._streams:
            known = self._extremes.get(stream)
            if known is None:
                known = self._extremes[stream] = list(_extremes(stream, after_utc, until_utc))
            for other in known:
                largest = max(largest, abs(other - price))
        return largest


def _size(security: Any) -> Decimal:
    """Dollars that what is held moves by per point of its price."""
    size: Decimal = abs(security.holdings._quantity) * security.symbol_properties._contract_multiplier * security._conversion_rate
    return size


def most_margin_on_a_future(option: Any, move: Decimal, until_utc: int) -> Decimal:
    """The most that an option held on a future adds to the margin of any group until an instant, while its price moves so far."""
    most: Decimal = option.buying_power_model._most_until(until_utc, option.holdings._quantity)
    premium: Decimal = (option._price + move) * _size(option)
    return most + premium


def most_margin_move(price_move: Decimal, underlying_move: Decimal, price: Decimal) -> Decimal:
    """The most the margin of a unit held changes while its price and its underlying's move so far from what they are.

    The premium comes on top: a short strangle's margin jumps by the difference of its premiums where the other side becomes the larger.
    """
    return _SLOPE * (price_move + underlying_move) + price + price_move


def _extremes(stream: Any, after_utc: int, until_utc: int) -> Iterator[Decimal]:
    """Lowest and highest closes of a stream's bars between two instants, bids and asks apart; absent ones are left out."""
    if stream.config.tick_type is TickType.OPEN_INTEREST:
        return
    for chunk in stream.chunks_between(after_utc, until_utc):
        bars = chunk.bars.between(after_utc, until_utc)
        for closes in (bars.close,) if bars.tick_type is TickType.TRADE else (bars.bid_close, bars.ask_close):
            present = closes[closes != 0]
            if present.size:
                for mantissa in (present.min(), present.max()):
                    found = decimal_of(int(mantissa), bars.decimals)
                    yield found if chunk.factor is None else found * chunk.factor
