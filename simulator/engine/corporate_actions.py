"""What dividends, splits, delistings and changes of contracts do in a step (LEAN's AlgorithmManager.HandleDividends, HandleSplits and around them)."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from simulator.common.bars import BaseData, Delisting, SymbolChangedEvent
from simulator.common.enums import DataNormalizationMode, DelistingType
from simulator.common.symbol import Symbol
from simulator.engine.algorithm_calls import AlgorithmCalls
from simulator.engine.slice import Slice
from simulator.engine.split_warnings import SplitWarnings
from simulator.engine.subscription import Subscription

if TYPE_CHECKING:
    from simulator.algorithm.qc_algorithm import QCAlgorithm

Events = list[tuple[Subscription, list[BaseData]]]
"""The corporate events of a step, by the subscription that brings them."""


class CorporateActions:
    """Applies the corporate events of a step and tells the algorithm.

    Args:
        algorithm: whose holdings and orders change.
        splits: split warnings wait there.
        calls: run the algorithm's handlers.
    """

    def __init__(self, algorithm: "QCAlgorithm", splits: SplitWarnings, calls: AlgorithmCalls) -> None:
        self._algorithm = algorithm
        self._splits = splits
        self._calls = calls

    def handle_symbol_changes(self, events: Events) -> None:
        """Tell the algorithm that continuous futures stand for other contracts, and cancel the orders on what they stood for.

        Raises:
            StopRun: the algorithm raised.
        """
        if not events:
            return
        changed = dict.fromkeys(
            point.symbol for stream, point in _points(events) if isinstance(point, SymbolChangedEvent) and not stream.config.is_internal
        )
        if not changed:
            return
        algorithm = self._algorithm
        self._calls.call("OnSymbolChangedEvents", lambda: algorithm.on_symbol_changed_events(algorithm.current_slice.symbol_changed_events))
        for symbol in changed:
            for ticket in algorithm.transactions.get_open_order_tickets(symbol):
                ticket.cancel("Open order cancelled on symbol changed event")

    def slice_of(self, events: Events, step: int) -> Slice | None:
        """A slice of the events alone, None without any."""
        if not events:
            return None
        data = Slice(step, self._algorithm.time_zone)
        for stream, point in _points(events):
            data._add(point, stream, None)
        return data

    def apply(self, data: Slice) -> None:
        """Pay dividends and restate what splits change."""
        if self._algorithm.is_warming_up:
            return
        for dividend in data.dividends.values():
            self._algorithm.portfolio._apply_dividend(dividend, self._mode_of(dividend.symbol))
        self._splits.apply(data.splits.values(), self._mode_of)

    def _mode_of(self, symbol: Symbol) -> Any:
        configs = self._algorithm._engine_data_manager.configs_of(symbol)
        return max((config.data_normalization_mode for config in configs), default=DataNormalizationMode.RAW)

    def tell(self, data: Slice) -> None:
        """Call the algorithm's handlers, splits first.

        Raises:
            StopRun: the algorithm raised.
        """
        algorithm = self._algorithm
        if data.splits:
            self._calls.call("OnSplits", lambda: algorithm.on_splits(data.splits))
        if data.dividends:
            self._calls.call("OnDividends", lambda: algorithm.on_dividends(data.dividends))
        if data.delistings:
            self._calls.call("OnDelistings", lambda: algorithm.on_delistings(data.delistings))
        self._splits.note(data.splits.values())


def delisted(events: Events) -> list[Symbol]:
    """Symbols that are delisted in this step."""
    if not events:
        return []
    return [point.symbol for _, point in _points(events) if isinstance(point, Delisting) and point.type == DelistingType.DELISTED]


def _points(events: Events) -> Iterator[tuple[Subscription, BaseData]]:
    return ((stream, point) for stream, points in events for point in points)
