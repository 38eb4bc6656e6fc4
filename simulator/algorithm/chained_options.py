"""Option chains for every future that another universe selects (QCAlgorithm.AddFutureOption, LEAN's OptionChainedUniverseSelectionModel)."""

from collections.abc import Callable, Sequence
from typing import Any

from simulator.algorithm.symbol_argument import symbol_of
from simulator.algorithm.universe import UniverseMixin
from simulator.common.symbol import Symbol
from simulator.common.system_exceptions import ArgumentException, InvalidOperationException
from simulator.engine.chain_universe import OptionChainUniverse
from simulator.engine.chains import canonical_option
from simulator.engine.continuous_future import ContinuousContractUniverse
from simulator.engine.universe import Universe

Filter = Callable[[Any], Any]


class _ChainedSelection:
    """What a universe selected last, and whether that is news."""

    def __init__(self, universe: "Universe", option_filter: Filter) -> None:
        self.filter = option_filter
        self.futures: list[Symbol] = []
        self.is_due = False
        universe.selection_changed.append(self._take)

    def _take(self, selection: Sequence[Symbol]) -> None:
        self.futures = [symbol for symbol in dict.fromkeys(selection) if not symbol.is_canonical()]
        self.is_due = True


class ChainedOptionsMixin(UniverseMixin):
    """The part of QCAlgorithm that follows the contracts of a future with their option chains."""

    def _engine_initialize_chained_options(self) -> None:
        self._engine_chained: list[_ChainedSelection] = []
        self._engine_chained_symbols: dict[Symbol, None] = {}

    def add_future_option(self, symbol: Symbol, option_filter: Filter | None = None) -> None:
        """Add the option chain of every contract that the future's filter selects, and of the contract a continuous future stands for.

        Args:
            symbol: of what `add_future` returned.
            option_filter: function of an OptionFilterUniverse, as for `set_filter`; every contract without one.

        Raises:
            ArgumentException: the symbol is one contract.
        """
        symbol = symbol_of(symbol)
        if not symbol.is_canonical():
            raise ArgumentException(
                "Symbol provided must be canonical (i.e. the Symbol returned from AddFuture(), not AddFutureContract()."
            )
        if symbol not in self.universe_manager:
            self.add_security(symbol)
        chosen: Filter = option_filter or (lambda universe: universe)
        for key in (symbol, ContinuousContractUniverse.key_of(symbol)):
            if key in self.universe_manager:
                self._engine_chained.append(_ChainedSelection(self.universe_manager[key], chosen))

    def add_universe_options(self, universe: Any, option_filter: Filter | None = None) -> None:
        """Add the option chain of everything a universe selects: a universe, or the symbol of one (a continuous future).

        Raises:
            InvalidOperationException: the symbol is no universe.
        """
        if not isinstance(universe, Universe):
            symbol = symbol_of(universe)
            if symbol not in self.universe_manager:
                symbol = self.add_security(symbol).symbol
            if symbol not in self.universe_manager:
                raise InvalidOperationException(f"Universe not found for underlying Symbol: {symbol}.")
            universe = self.universe_manager[symbol]
        self._engine_chained.append(_ChainedSelection(universe, option_filter or (lambda chain: chain)))

    def _engine_refresh_chained_options(self) -> None:
        """Once a selection has changed: chains of what is new, an end to those of what is gone (QCAlgorithm.OnFrameworkData)."""
        if not any(selection.is_due for selection in self._engine_chained):
            return
        gone = dict(self._engine_chained_symbols)
        for selection in self._engine_chained:
            selection.is_due = False
            for future in selection.futures:
                canonical = canonical_option(future)
                self._engine_chained_symbols[canonical] = None
                gone.pop(canonical, None)
                self._engine_add_chained(canonical).set_filter(selection.filter)
        for canonical in gone:
            del self._engine_chained_symbols[canonical]
            universe = self.universe_manager.pop(canonical)
            universe.dispose()
            self._engine_feed.dispose_universe(universe)

    def _engine_add_chained(self, canonical: Symbol) -> Any:
        universe = self.universe_manager.get(canonical)
        if isinstance(universe, OptionChainUniverse):
            return universe.security
        settings = self.universe_settings
        return self.add_security(canonical, settings.resolution, settings.fill_forward, settings.leverage, settings.extended_market_hours)
