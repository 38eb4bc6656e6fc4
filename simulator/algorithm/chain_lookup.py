"""Chains of the day before (QCAlgorithm.OptionChain, OptionChains, FuturesChain, FuturesChains)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from simulator.algorithm.algorithm_base import AlgorithmBase
from simulator.algorithm.symbol_argument import symbol_of
from simulator.common.enums import SecurityType
from simulator.common.symbol import Symbol
from simulator.common.time_zone import to_local
from simulator.data.universe_reader import UniverseFile
from simulator.engine.chains import (
    FuturesChain,
    FuturesChains,
    FuturesContract,
    OptionChain,
    OptionChains,
    OptionContract,
    canonical_option,
)
from simulator.engine.data_dictionary import DataDictionary
from simulator.engine.universe_rows import OptionUniverse, UniverseRows


class ChainLookupMixin(AlgorithmBase):
    """Chains as the newest universe file shows them, three trading days back at most."""

    def _engine_exchange_date(self, symbol: Symbol) -> datetime:
        zone = self._engine_data_manager.hours_of(symbol).time_zone
        local = to_local(self._utc, zone)
        return datetime(local.year, local.month, local.day)  # noqa: DTZ001 - exchange time

    def _engine_universe_file(self, canonical: Symbol) -> UniverseFile | None:
        return self._engine_folder.latest_universe(canonical, self._engine_exchange_date(canonical).date())

    def option_chain(self, symbol: Symbol, flatten: bool = False) -> OptionChain:
        """The options on an underlying (or of a canonical symbol) from the file of the trading day before; expired ones are left out.

        Bid, ask and last of a contract are the file's close; `chain.underlying` is empty.
        """
        canonical = canonical_option(symbol_of(symbol))
        today = self._engine_exchange_date(canonical)
        chain = OptionChain(canonical, today, flatten)
        file = self._engine_universe_file(canonical)
        if file is None:
            return chain
        first = int(f"{today:%Y%m%d}")
        end_time = OptionUniverse(file, 0).end_time
        contracts = chain._contracts
        for index, (expiry, contract) in enumerate(zip(file.values("expiry"), file.symbols(), strict=True)):
            if expiry >= first:
                contracts[contract] = OptionContract(contract, end_time, OptionUniverse(file, index))
        return chain

    def option_chains(self, symbols: Iterable[Symbol], flatten: bool = False) -> OptionChains:
        """Several chains by canonical symbol."""
        chains = OptionChains()
        for symbol in symbols:
            chain = self.option_chain(symbol, flatten)
            chains._set(chain.symbol, chain)
        return chains

    def futures_chain(self, symbol: Symbol, flatten: bool = False) -> FuturesChain:
        """The contracts of a future from the file of the trading day before."""
        symbol = symbol_of(symbol)
        canonical = symbol.canonical if symbol.security_type == SecurityType.FUTURE else symbol
        today = self._engine_exchange_date(canonical)
        chain = FuturesChain(canonical, today, flatten)
        file = self._engine_universe_file(canonical)
        for row in [] if file is None else UniverseRows(file):
            if row.symbol.id.date.date() >= today.date():
                chain._add(FuturesContract(row.symbol, row.end_time, row))
        return chain

    def futures_chains(self, symbols: Iterable[Symbol], flatten: bool = False) -> FuturesChains:
        """Several futures chains by canonical symbol."""
        chains = FuturesChains()
        for symbol in symbols:
            chain = self.futures_chain(symbol, flatten)
            chains._set(chain.symbol, chain)
        return chains

    def _engine_universe_history(self, symbols: Any, periods: int) -> list[Any]:
        """`history[OptionUniverse](canonical, n)`: the rows of the last n trading days' files."""
        several = isinstance(symbols, (list, tuple))
        found: list[Any] = []
        for symbol in symbols if several else [symbols]:
            hours = self._engine_data_manager.hours_of(symbol)
            day: Any = self._engine_exchange_date(symbol).date()
            files = []
            for _ in range(periods):
                day = hours.get_previous_trading_day(day)
                files.append(self._engine_folder.universe(symbol, day))
            rows = [list(UniverseRows(file)) for file in reversed(files) if file is not None]
            found += [DataDictionary({symbol: day_rows}) for day_rows in rows] if several else rows
        return found
