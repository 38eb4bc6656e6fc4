"""Map files: which ticker an equity had, which contract a continuous future stood for (Common/Data/Auxiliary/MapFile*.cs)."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Final

from simulator.common.enums import DataMappingMode, SecurityType
from simulator.common.security_identifier import DEFAULT_DATE
from simulator.common.symbol import Symbol
from simulator.data.lean_data import lower_name
from simulator.errors import CorruptDataError

BEGINNING_OF_TIME: Final = date(1998, 1, 1)
END_OF_TIME: Final = date(2050, 12, 31)


@dataclass(frozen=True, slots=True)
class MapFileRow:
    """A ticker or contract that holds up to and including a date; the mode tells by what rule a future rolls."""

    date: date
    mapped_symbol: str
    primary_exchange: str = ""
    data_mapping_mode: DataMappingMode | None = None


class MapFile:
    """The rows of one security in time order; without rows it maps nothing and always has data."""

    def __init__(self, permtick: str, rows: Iterable[MapFileRow]) -> None:
        self.permtick = permtick.upper()
        self.rows = sorted(dict.fromkeys(rows), key=lambda row: row.date)
        self.first_date = self.rows[0].date if self.rows else BEGINNING_OF_TIME
        self.delisting_date = self.rows[-1].date if self.rows else END_OF_TIME
        self.first_ticker = _without_number(self.get_mapped_symbol(self.first_date, self.permtick))

    def get_mapped_symbol(self, search_date: date, default: str = "", mode: DataMappingMode | None = None) -> str:
        """The ticker, or the identifier of the contract, in force on a date."""
        day = search_date.date() if isinstance(search_date, datetime) else search_date
        for row in self.rows:
            if row.date >= day and row.data_mapping_mode in {None, mode}:
                return row.mapped_symbol
        return default

    def has_data(self, day: date) -> bool:
        """Whether the security traded on a date."""
        return not self.rows or self.first_date <= day <= self.delisting_date


def _without_number(ticker: str) -> str:
    """A ticker without the ".1" that tells two companies of one ticker apart."""
    stem, dot, number = ticker.rpartition(".")
    return stem if dot and stem and number.isdigit() else ticker


class MapFiles:
    """All map files of one market and type, read when first asked for (MapFileResolver)."""

    def __init__(self, folder: Path) -> None:
        self._by_permtick: dict[str, MapFile] = {}
        self._by_ticker: dict[str, list[tuple[date, str]]] = {}
        paths = sorted(folder.glob("*.csv")) if folder.is_dir() else []
        for path in paths:
            mapped = MapFile(path.stem, _read(path))
            self._by_permtick[mapped.permtick] = mapped
            for row in mapped.rows:
                self._by_ticker.setdefault(row.mapped_symbol, []).append((row.date, mapped.permtick))
        for entries in self._by_ticker.values():
            entries.sort()

    def resolve(self, ticker: str, day: date) -> MapFile:
        """The file of the security that had a ticker on a date, one without rows when none had."""
        ticker = permtick = ticker.upper()
        entries = self._by_ticker.get(ticker)
        if entries:
            index = bisect_left(entries, (day, ""))
            permtick = entries[min(index, len(entries) - 1)][1]
        found = self._by_permtick.get(permtick)
        if found is None or (found.first_date > day and day != DEFAULT_DATE.date()):
            return MapFile(permtick, ())
        return found

    def of(self, symbol: Symbol) -> MapFile:
        """The file of a symbol, of its underlying for a derivative."""
        sid = symbol.underlying.id if symbol.underlying is not None else symbol.id
        return self.resolve(sid.symbol, sid.date.date())


def map_file_folder(root: Path, market: str, security_type: SecurityType) -> Path:
    """Folder of a market's map files."""
    return root / lower_name(security_type) / market / "map_files"


def first_ticker_and_date(files: MapFiles, ticker: str) -> tuple[str, datetime] | None:
    """First ticker and first date of the equity that has a ticker now, None without map file (SecurityIdentifier.GetFirstTickerAndDate)."""
    mapped = files.resolve(ticker, END_OF_TIME)
    return (mapped.first_ticker, datetime.combine(mapped.first_date, time())) if mapped.rows else None


def _read(path: Path) -> list[MapFileRow]:
    rows = []
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), 1):
        if not line.strip():
            continue
        cells = line.strip().split(",")
        try:
            day = datetime.strptime(cells[0], "%Y%m%d").date()  # noqa: DTZ007 - a date without zone
            mode = int(cells[3]) if len(cells) > 3 and cells[3] else None
            ticker = cells[1].upper()
        except (ValueError, IndexError) as error:
            raise CorruptDataError(path, f"'{line}' is not 'yyyyMMdd,ticker[,exchange[,mapping mode]]'", line=number) from error
        if mode is None or mode in set(DataMappingMode):
            rows.append(MapFileRow(day, ticker, cells[2] if len(cells) > 2 else "", None if mode is None else DataMappingMode(mode)))
    return rows
