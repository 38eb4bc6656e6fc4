"""LEAN's data folder as one object: everything the engine reads comes through it."""

from collections import OrderedDict
from datetime import date, datetime
from pathlib import Path
from typing import Final, Self

from simulator.common.auxiliary_data import Dividend, Split
from simulator.common.contract_month import add_months
from simulator.common.enums import DataMappingMode, Resolution, SecurityType, TickType
from simulator.common.security_identifier import SecurityIdentifier
from simulator.common.symbol import Symbol
from simulator.data.bar_array import BarArray
from simulator.data.bar_cache import BarCache, default_cache_folder
from simulator.data.bar_reader import BarReader, RequestListener
from simulator.data.contract_names import ChainNames
from simulator.data.dividend_yield_provider import DividendYieldProvider
from simulator.data.factor_file import CorporateFactors, MappingContractFactors, read_corporate_factors, read_mapping_factors
from simulator.data.futures_expiry import FuturesExpiry
from simulator.data.interest_rate import InterestRateProvider
from simulator.data.lean_data import lower_name, universe_directory
from simulator.data.map_file import MapFile, MapFiles, first_ticker_and_date, map_file_folder
from simulator.data.margin_file import MarginFile, MarginRequirementsEntry
from simulator.data.market_hours_database import MarketHoursDatabase
from simulator.data.symbol_properties_database import SymbolPropertiesDatabase
from simulator.data.universe_reader import UniverseFile, read_universe
from simulator.errors import DataFolderError

_HOURS: Final = Path("market-hours", "market-hours-database.json")
_PROPERTIES: Final = Path("symbol-properties", "symbol-properties-database.csv")
_KEPT_UNIVERSES: Final = 256
_DEFAULT_CACHE: Final = Path("\0default")


class DataFolder:
    """A folder in LEAN's format; from its creation on, symbols of equities get their first ticker and date from its map files.

    Attributes:
        on_request: told of every bar and universe file that is asked for.
    """

    def __init__(self, path: Path | str, cache: Path | None = _DEFAULT_CACHE) -> None:
        """Opens a folder.

        Args:
            path: the folder.
            cache: where decoded bars are kept between runs; None keeps none. [default: $XDG_CACHE_HOME/tom-king-simulator or ~/.cache/…]

        Raises:
            DataFolderError: the folder, or a file without which nothing can run, is missing.
        """
        self.path = Path(path)
        _check(self.path)
        self.on_request: RequestListener = _ignore
        self.market_hours = MarketHoursDatabase(self.path / _HOURS)
        self.symbol_properties = SymbolPropertiesDatabase(self.path / _PROPERTIES)
        self.futures_expiry = FuturesExpiry(self.market_hours)
        self.interest_rate = InterestRateProvider(self.path / "alternative" / "interest-rate" / "usa" / "interest-rate.csv")
        self._bars = BarReader(
            self.path, self.market_hours, BarCache(default_cache_folder() if cache is _DEFAULT_CACHE else cache), self._requested
        )
        self._map_files: dict[tuple[str, SecurityType], MapFiles] = {}
        self._map_file_of: dict[Symbol, MapFile | None] = {}
        self._factor_file_of: dict[Symbol, CorporateFactors | None] = {}
        self._factors: dict[Path, CorporateFactors] = {}
        self._mapping_factors: dict[Path, MappingContractFactors] = {}
        self._margins: dict[tuple[SecurityType, str, str], MarginFile] = {}
        self._mapped_contracts: dict[tuple[Symbol, date, DataMappingMode, int], Symbol | None] = {}
        self._renames: dict[Symbol, MapFile | None] = {}
        self._chain_names: dict[Symbol, ChainNames] = {}
        self._universes: OrderedDict[tuple[Symbol, date], UniverseFile | None] = OrderedDict()
        self.activate()

    def activate(self) -> None:
        """Makes this folder the one that new symbols are mapped with."""
        DividendYieldProvider._use(self.corporate_events)
        SecurityIdentifier._use_map_files(lambda ticker, market: first_ticker_and_date(self._maps(market, SecurityType.EQUITY), ticker))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Writes what was decoded to the cache."""
        self._bars.flush()

    def bars(self, symbol: Symbol, resolution: Resolution, tick_type: TickType, day: date) -> BarArray | None:
        """All bars of the file a date belongs to, see `BarReader.bars`."""
        return self._bars.bars(symbol, resolution, tick_type, day)

    def has_files(self, symbol: Symbol, resolution: Resolution, tick_type: TickType) -> bool:
        """Whether there is any file with such bars of a security or of its chain."""
        return self._bars.has_files(symbol, resolution, tick_type)

    def bar_entries(self, symbol: Symbol, resolution: Resolution, tick_type: TickType, day: date) -> list[str]:
        """Names of the contracts' files in the zip a date belongs to, empty without the zip."""
        return self._bars.entry_names(symbol, resolution, tick_type, day)

    def universe(self, canonical: Symbol, day: date) -> UniverseFile | None:
        """The universe file of a chain and a date, None when there is none."""
        key = (canonical, day)
        if key not in self._universes:
            path = f"{universe_directory(self._named_on(canonical, day))}/{day:%Y%m%d}.csv"
            found = read_universe(f"{self.path}/{path}", canonical, day, self._names_of(canonical))
            self._requested(path, found is not None)
            self._universes[key] = found
            if len(self._universes) > _KEPT_UNIVERSES:
                self._universes.popitem(last=False)
        return self._universes[key]

    def _names_of(self, canonical: Symbol) -> ChainNames:
        names = self._chain_names.get(canonical)
        if names is None:
            names = self._chain_names[canonical] = ChainNames(canonical, self.futures_expiry)
        return names

    def latest_universe(self, canonical: Symbol, exchange_date: date, trading_days: int = 3) -> UniverseFile | None:
        """The newest universe file visible on a date of the exchange: of one of the trading days before it (QCAlgorithm.GetChainsData)."""
        hours = self.market_hours.hours_of(canonical)
        day = exchange_date
        for _ in range(trading_days):
            day = hours.get_previous_trading_day(day)
            found = self.universe(canonical, day)
            if found is not None and len(found):
                return found
        return None

    def map_file(self, symbol: Symbol) -> MapFile | None:
        """The map file of an equity, of an equity option's underlying or of a continuous future, None without rows."""
        if symbol not in self._map_file_of:
            self._map_file_of[symbol] = self._find_map_file(symbol)
        return self._map_file_of[symbol]

    def _find_map_file(self, symbol: Symbol) -> MapFile | None:
        security_type = SecurityType.FUTURE if symbol.security_type is SecurityType.FUTURE else SecurityType.EQUITY
        files = self._maps(symbol.id.market, security_type)
        found = files.resolve(symbol.id.symbol, symbol.id.date.date()) if security_type is SecurityType.FUTURE else files.of(symbol)
        return found if found.rows else None

    def renames(self, option: Symbol) -> MapFile | None:
        """The map file of an equity option's underlying when it has had several tickers: files lie under that of their date."""
        if option.security_type is not SecurityType.OPTION or option.underlying is None:
            return None
        underlying = option.underlying
        if underlying not in self._renames:
            file = self.map_file(underlying)
            self._renames[underlying] = file if file is not None and len({row.mapped_symbol for row in file.rows}) > 1 else None
        return self._renames[underlying]

    def _named_on(self, canonical: Symbol, day: date) -> Symbol:
        file = self.renames(canonical)
        return canonical if file is None else canonical.update_mapped_symbol(file.get_mapped_symbol(day, file.permtick))

    def mapped_contract(self, canonical: Symbol, day: date, mode: DataMappingMode, depth: int = 0) -> Symbol | None:
        """The contract a continuous future stands for on a date, or one so many contracts behind it; None when its map file does not say."""
        key = (canonical, day, mode, depth)
        if key not in self._mapped_contracts:
            file = self.map_file(canonical)
            mapped = "" if file is None else file.get_mapped_symbol(day, "", mode)
            contract = canonical.update_mapped_symbol(mapped).underlying if " " in mapped else None
            self._mapped_contracts[key] = contract if contract is None else self._behind(contract, depth)
        return self._mapped_contracts[key]

    def _behind(self, contract: Symbol, depth: int) -> Symbol:
        """The contract so many expiries later (Extensions.AdjustSymbolByOffset)."""
        sid, expiry = contract.id, contract.id.date
        for _ in range(depth):
            following, months = expiry, 0
            while following <= expiry:
                months += 1
                following = self.futures_expiry.future_expiry(sid.symbol, sid.market, add_months(expiry.date(), months).date())
                following = datetime(following.year, following.month, following.day)  # noqa: DTZ001 - LEAN's expiry dates carry no zone
            contract, expiry = Symbol.create_future(sid.symbol, sid.market, following), following
        return contract

    def factor_file(self, symbol: Symbol) -> CorporateFactors | None:
        """Price and split factors of an equity, None without rows."""
        if symbol not in self._factor_file_of:
            self._factor_file_of[symbol] = self._find_factor_file(symbol)
        return self._factor_file_of[symbol]

    def _find_factor_file(self, symbol: Symbol) -> CorporateFactors | None:
        mapped = self.map_file(symbol)
        permtick = symbol.id.symbol if mapped is None else mapped.permtick
        path = self.path / lower_name(SecurityType.EQUITY) / symbol.id.market / "factor_files" / f"{permtick.lower()}.csv"
        if path not in self._factors:
            self._factors[path] = read_corporate_factors(path)
        return self._factors[path] if self._factors[path].rows else None

    def corporate_events(self, symbol: Symbol, decimal_places: int) -> list[Dividend | Split]:
        """Dividends and splits of an equity that its factor file stands for, in time order; none without a file."""
        factors = self.factor_file(symbol)
        hours = self.market_hours.get_exchange_hours(symbol.id.market, symbol, symbol.id.security_type)
        return [] if factors is None else factors.get_splits_and_dividends(symbol, hours, decimal_places)

    def mapping_factors(self, canonical: Symbol) -> MappingContractFactors | None:
        """Price factors of a continuous future, None without rows."""
        path = self.path / lower_name(SecurityType.FUTURE) / canonical.id.market / "factor_files" / f"{canonical.id.symbol.lower()}.csv"
        if path not in self._mapping_factors:
            self._mapping_factors[path] = read_mapping_factors(path)
        return self._mapping_factors[path] if self._mapping_factors[path].rows else None

    def margin_requirements(self, symbol: Symbol, day: date) -> MarginRequirementsEntry | None:
        """Margin per contract of a future on a date, None without a margin file."""
        key = symbol.security_type, symbol.id.market, symbol.id.symbol
        file = self._margins.get(key)
        if file is None:
            folder = self.path / lower_name(symbol.security_type) / symbol.id.market / "margins"
            file = self._margins[key] = MarginFile(folder / f"{symbol.id.symbol}.csv")
        return file.entry_of(day) if file.entries else None

    def _maps(self, market: str, security_type: SecurityType) -> MapFiles:
        key = (market, security_type)
        if key not in self._map_files:
            self._map_files[key] = MapFiles(map_file_folder(self.path, market, security_type))
        return self._map_files[key]

    def _requested(self, path: str, found: bool) -> None:
        self.on_request(path, found)


def _ignore(path: str, found: bool) -> None:
    """Nobody listens."""


def _check(path: Path) -> None:
    if not path.is_dir():
        problem = f"{path} is no folder"
    else:
        missing = [str(file) for file in (_HOURS, _PROPERTIES) if not (path / file).is_file()]
        if not missing:
            return
        problem = f"{path} lacks {' and '.join(missing)}"
    raise DataFolderError(
        f"{problem}; expected a LEAN data folder. Make one with `python -m simulator generate` or `lean init`, or name yours with --data."
    )
