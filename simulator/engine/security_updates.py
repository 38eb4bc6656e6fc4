"""Brings securities up to date with the real bars of all subscriptions (the update part of a LEAN time slice)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from simulator.common.bars import BaseData
from simulator.common.time_zone import to_utc

if TYPE_CHECKING:
    from simulator.algorithm.qc_algorithm import QCAlgorithm
    from simulator.engine.universe import Universe
    from simulator.securities.security import Security


class SecurityUpdates:
    """Applies the last real bar of each subscription, in the order LEAN would have applied them all."""

    def __init__(self, algorithm: "QCAlgorithm") -> None:
        self._algorithm = algorithm

    def apply(self, utc: int) -> None:
        """Update every security with what its subscriptions delivered up to an instant."""
        points: list[tuple[int, int, Security, BaseData]] = []
        for rank, stream in enumerate(self._algorithm._engine_data_manager.streams()):
            if utc < stream.next_real:
                continue
            point = stream.advance(utc)
            if point is not None and stream.security is not None:
                points.append((point._end_utc, rank, stream.security, point))
        if not points:
            return
        points.sort(key=_by_time)
        builder = self._algorithm.trade_builder
        for _, _, security, point in points:
            security._update([point])
            builder.set_market_price(security.symbol, security._price)

    def store_open_interest(self, universe: "Universe", rows: Sequence[Any], utc: int) -> None:
        """Open interest of a chain's file for the contracts that are subscribed."""
        wanted = {symbol: security for symbol, security in universe.members.items() if symbol != universe.symbol}
        if not wanted or not hasattr(rows, "file"):
            return
        file = rows.file
        end_utc = min(to_utc(rows[0].end_time, next(iter(wanted.values())).exchange.time_zone), utc)
        for index in range(len(file)):
            security = wanted.get(file.symbol(index))
            if security is not None:
                security.cache._update_open_interest(int(file.open_interest[index]), end_utc)


def _by_time(item: "tuple[int, int, Security, BaseData]") -> tuple[int, int]:
    return item[0], item[1]
