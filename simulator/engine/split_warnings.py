"""Splits: applied to holdings and orders; options are closed before one (LEAN's HandleSplits, ProcessSplitSymbols)."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from simulator.common.bars import Split
from simulator.common.enums import DataNormalizationMode, OrderType, SplitType
from simulator.common.symbol import Symbol
from simulator.common.time_zone import naive_datetime, to_local_microseconds, to_utc
from simulator.orders.order_request import SubmitOrderRequest

if TYPE_CHECKING:
    from simulator.algorithm.qc_algorithm import QCAlgorithm
    from simulator.securities.security import Security

_BUFFER: Final = timedelta(minutes=15, seconds=30)


class SplitWarnings:
    """Split warnings of underlyings that wait for the last moment at which options can be closed at the market's close."""

    def __init__(self, algorithm: "QCAlgorithm") -> None:
        self._algorithm = algorithm
        self._warnings: list[Split] = []

    @property
    def waiting(self) -> bool:
        """Whether every step has to be looked at."""
        return bool(self._warnings)

    def note(self, splits: Iterable[Split]) -> None:
        """Remember warnings."""
        for split in splits:
            if split.type == SplitType.WARNING and all(known.symbol != split.symbol for known in self._warnings):
                self._warnings.append(split)

    def apply(self, splits: Iterable[Split], mode_of: Callable[[Symbol], Any]) -> None:
        """Turn holdings, trades and open orders into those after the split."""
        algorithm = self._algorithm
        for split in splits:
            if split.type != SplitType.SPLIT_OCCURRED:
                continue
            mode = mode_of(split.symbol)
            algorithm.portfolio._apply_split(split, mode)
            if mode == DataNormalizationMode.RAW:
                algorithm.trade_builder._apply_split(split.symbol, split._split_factor)
                algorithm.brokerage_model._apply_split(algorithm.transactions.get_open_order_tickets(split.symbol), split)

    def process(self) -> None:
        """Close the options on an underlying that is about to split."""
        algorithm = self._algorithm
        for split in reversed(self._warnings.copy()):
            security = algorithm.securities[split.symbol]
            if not security.is_tradable and split.symbol not in algorithm.universe_manager._active():
                self._warnings.remove(split)
            elif algorithm._utc >= self._last_moment(security):
                self._warnings.remove(split)
                if not algorithm.is_warming_up:
                    self._close_options(split)

    def _last_moment(self, security: "Security") -> int:
        """The last step at which an order for the close is still taken."""
        configs = self._algorithm._engine_data_manager.configs_of(security.symbol)
        step = min(config._increment for config in configs)
        close = security.exchange.hours.get_next_market_close(security.local_time, False)
        zone = configs[0].data_time_zone
        latest = to_local_microseconds(to_utc(close - _BUFFER, security.exchange.time_zone), zone)
        return to_utc(naive_datetime(latest - latest % step), zone)

    def _close_options(self, split: Split) -> None:
        algorithm = self._algorithm
        tag = "Liquidated due to impending split. Option splits are not currently supported."
        for option in algorithm.securities.values():
            if option.symbol.underlying != split.symbol or option.symbol.is_canonical():
                continue
            if not option.invested or option.symbol.id.date.date() == option.local_time.date():
                continue
            algorithm.transactions.cancel_open_orders(
                option.symbol, "Canceled due to impending split. Separate MarketOnClose order submitted to liquidate position."
            )
            quantity = -option.holdings._quantity
            request = SubmitOrderRequest(OrderType.MARKET_ON_CLOSE, option.type, option.symbol, quantity, 0, 0, algorithm._utc, tag)
            algorithm.transactions.add_order(request)
            option.is_tradable = False
            algorithm.debug(
                f"MarketOnClose order submitted for option contract '{option.symbol}' due to impending {split.symbol.value} split event. "
                "Option splits are not currently supported."
            )
