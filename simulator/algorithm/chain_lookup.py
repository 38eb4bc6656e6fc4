"""Chains of the day before (QCAlgorithm.OptionChain, OptionChains, FuturesChain, FuturesChains)."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, Final

from simulator.algorithm.algorithm_base import AlgorithmBase
from simulator.algorithm.symbol_argument import symbol_of
from simulator.common.enums import SecurityType
from simulator.common.security_identifier import is_option
from simulator.common.symbol import Symbol
from simulator.common.system_exceptions import ArgumentException, NotSupportedException
from simulator.common.time_zone import DAY, midnight_utc, to_local
from simulator.data.universe_reader import UniverseFile
from simulator.engine.chains import (
    _WITH_OPTIONS,
    FuturesChain,
    FuturesChains,
    FuturesContract,
    OptionChain,
    OptionChains,
    canonical_option,
)
from simulator.engine.corporate_events import tradable_dates
from simulator.engine.universe_rows import ListedOption, UniverseRows

_ONE_DAY: Final = timedelta(days=1)


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
        end_time = file.end_time
        live = [(named, line) for named, line in file.names.in_order() if named.expiry >= today]
        chain._fill_in_order({named.symbol: ListedOption(named, end_time, file, line) for named, line in live})
        return chain

    def option_chains(self, symbols: Iterable[Symbol], flatten: bool = False) -> OptionChains:
        """Several chains by canonical symbol."""
        chains = OptionChains(flatten)
        for symbol in symbols:
            chain = self.option_chain(symbol, flatten)
            chains._set(chain.symbol, chain)
        return chains

    def futures_chain(self, symbol: Symbol, flatten: bool = False) -> FuturesChain:
        """The contracts of a future from the file of the trading day before."""
        symbol = symbol_of(symbol)
        if symbol.security_type == SecurityType.FUTURE_OPTION and symbol.underlying is not None:
            symbol = symbol.underlying
        if symbol.security_type != SecurityType.FUTURE:
            raise ArgumentException(f"The symbol {symbol} is neither a future nor a future option symbol.")
        canonical = symbol.canonical
        today = self._engine_exchange_date(canonical)
        chain = FuturesChain(canonical, today, flatten)
        file = self._engine_universe_file(canonical)
        for row in [] if file is None else UniverseRows(file):
            if row.symbol.id.date.date() >= today.date():
                chain._add(FuturesContract(row.symbol, row.end_time, row))
        return chain

    def futures_chains(self, symbols: Iterable[Symbol], flatten: bool = False) -> FuturesChains:
        """Several futures chains by canonical symbol."""
        chains = FuturesChains(flatten)
        for symbol in symbols:
            chain = self.futures_chain(symbol, flatten)
            chains._set(chain.symbol, chain)
        return chains

    def future_chain(self, symbol: Symbol, flatten: bool = False) -> FuturesChain:
        """Same as `futures_chain`."""
        return self.futures_chain(symbol, flatten)

    def future_chains(self, symbols: Iterable[Symbol], flatten: bool = False) -> FuturesChains:
        """Same as `futures_chains`."""
        return self.futures_chains(symbols, flatten)

    @property
    def option_chain_provider(self) -> "OptionChainProvider":
        """Contracts of an option chain on a date, without prices."""
        return OptionChainProvider(self)

    @property
    def future_chain_provider(self) -> "FutureChainProvider":
        """Contracts of a futures chain on a date, without prices."""
        return FutureChainProvider(self)

    def _engine_universe_days(self, symbol: Symbol, periods: int | None, span: tuple[int, int] | None) -> list[UniverseRows]:
        """Files of a chain by date: of the last trading days, or those that become visible after the start of a span up to its end."""
        canonical = self._engine_canonical_of(symbol)
        hours = self._engine_data_manager.hours_of(canonical)
        if span is None:
            days = []
            day = self._engine_exchange_date(canonical).date()
            for _ in range(periods or 0):
                day = hours.get_previous_trading_day(day)
                days.append(day)
            days.reverse()
        else:
            start, end = span[0], min(span[1], self._utc)
            days = [
                day
                for day in tradable_dates(hours, start - 2 * DAY, end, extended=False)
                if start < midnight_utc(day + _ONE_DAY, hours.time_zone) <= end
            ]
        files = [self._engine_folder.universe(canonical, day) for day in days]
        return [UniverseRows(file) for file in files if file is not None]

    @staticmethod
    def _engine_canonical_of(symbol: Symbol) -> Symbol:
        """The chain's own symbol, or that of the chain a contract or an underlying belongs to."""
        return symbol.canonical if symbol.security_type == SecurityType.FUTURE else canonical_option(symbol)

    def _engine_contracts_on(self, canonical: Symbol, day: date) -> list[Symbol]:
        """What the newest of the three files before a date lists and has not expired before it (BacktestingChainProvider.GetSymbols)."""
        file = self._engine_folder.latest_universe(canonical, day)
        symbols = [] if file is None else file.symbols()
        return [symbol for symbol in symbols if symbol.id.date.date() >= day]


class OptionChainProvider:
    """`algorithm.option_chain_provider`."""

    def __init__(self, algorithm: ChainLookupMixin) -> None:
        self._algorithm = algorithm

    def get_option_contract_list(self, symbol: Any, date: date) -> list[Symbol]:
        """Symbols of the options on an underlying, or of an option's chain, that were listed before a date of the exchange.

        Raises:
            NotSupportedException: neither an option nor something that has options.
        """
        symbol = symbol_of(symbol)
        if not is_option(symbol.security_type) and symbol.security_type not in _WITH_OPTIONS:
            raise NotSupportedException(
                f"BacktestingOptionChainProvider.GetOptionContractList(): Equity, Future, or Index is expected but was {symbol.security_type}"
            )
        return self._algorithm._engine_contracts_on(canonical_option(symbol), _day_of(date))


class FutureChainProvider:
    """`algorithm.future_chain_provider`."""

    def __init__(self, algorithm: ChainLookupMixin) -> None:
        self._algorithm = algorithm

    def get_future_contract_list(self, symbol: Any, date: date) -> list[Symbol]:
        """Symbols of the contracts of a future, or of the future under an option, that were listed before a date of the exchange.

        Raises:
            NotSupportedException: neither a future nor an option on one.
        """
        symbol = symbol_of(symbol)
        if symbol.security_type == SecurityType.FUTURE_OPTION and symbol.underlying is not None:
            symbol = symbol.underlying
        if symbol.security_type != SecurityType.FUTURE:
            raise NotSupportedException(
                f"BacktestingFutureChainProvider.GetFutureContractList(): Future or FutureOption is expected but was {symbol.security_type}"
            )
        return self._algorithm._engine_contracts_on(symbol.canonical, _day_of(date))


def _day_of(moment: date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment
