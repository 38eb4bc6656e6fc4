"""Brings securities up to date with the real bars of all subscriptions (the update part of a LEAN time slice)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from simulator.common.time_zone import DAY, to_utc

if TYPE_CHECKING:
    from simulator.algorithm.qc_algorithm import QCAlgorithm
    from simulator.engine.universe import Universe


class SecurityUpdates:
    """Lets time pass for securities: each takes what its subscriptions have delivered when somebody looks at it.

    Args:
        algorithm: whose securities.
        eager: whether all take it at once; slow, with the same results.
    """

    def __init__(self, algorithm: "QCAlgorithm", *, eager: bool) -> None:
        self._algorithm = algorithm
        self._eager = eager
        self._manager = algorithm._engine_data_manager
        self._day = -1

    def apply(self, utc: int) -> None:
        """Show securities what their subscriptions delivered up to an instant; open trades follow every price."""
        self._manager.frontier.utc = utc
        builder = self._algorithm.trade_builder
        for symbol in builder._open_symbols:
            security = self._algorithm.securities._find(symbol)
            if security is not None and security._next_update <= utc:
                security._tell_price(builder.set_market_price)
        if self._eager or utc // DAY != self._day:
            self._day = utc // DAY
            self._catch_up_all()

    def _catch_up_all(self) -> None:
        """Once a day, so that past days do not stay in memory; what nobody looks at is neither read nor taken for it."""
        utc = self._manager.frontier.utc
        for stream in self._manager.streams():
            if stream.security is not None and (self._eager or not stream.let_go(utc)):
                stream.security._catch_up()

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
