"""Factor files: price adjustments, dividends and splits (Common/Data/Auxiliary/*Factor*.cs)."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from pathlib import Path
from typing import Final

from simulator.common.bars import Dividend, Split
from simulator.common.enums import DataMappingMode, DataNormalizationMode
from simulator.common.symbol import Symbol
from simulator.data.security_exchange_hours import SecurityExchangeHours
from simulator.errors import CorruptDataError

ZERO: Final = Decimal(0)
ONE: Final = Decimal(1)

_PANAMA: Final = frozenset({DataNormalizationMode.BACKWARDS_PANAMA_CANAL, DataNormalizationMode.FORWARD_PANAMA_CANAL})
_SPLIT_ONLY: Final = frozenset({DataNormalizationMode.SPLIT_ADJUSTED, DataNormalizationMode.TOTAL_RETURN})
_SCALE_OF: Final = {
    DataNormalizationMode.BACKWARDS_RATIO: "BackwardsRatioScale",
    DataNormalizationMode.BACKWARDS_PANAMA_CANAL: "BackwardsPanamaCanalScale",
    DataNormalizationMode.FORWARD_PANAMA_CANAL: "ForwardPanamaCanalScale",
}


@dataclass(frozen=True, slots=True)
class CorporateFactorRow:
    """Factors of all prices up to and including a date; the reference price is that date's close."""

    date: date
    price_factor: Decimal
    split_factor: Decimal
    reference_price: Decimal = ZERO

    @property
    def price_scale_factor(self) -> Decimal:
        """Factor of fully adjusted prices."""
        return self.price_factor * self.split_factor


def distribution(close: Decimal, ratio: Decimal, decimal_places: int = 2) -> Decimal:
    """Dollars per share that lower prices by a ratio (Dividend.ComputeDistribution)."""
    return (close - close * ratio).quantize(ONE.scaleb(-decimal_places), rounding=ROUND_HALF_EVEN)


class CorporateFactors:
    """The factor file of an equity (CorporateFactorProvider)."""

    def __init__(self, rows: Iterable[CorporateFactorRow]) -> None:
        self.rows = sorted(rows, key=lambda row: row.date)
        self._index = {row.date: index for index, row in enumerate(self.rows)}

    @property
    def minimum_date(self) -> date | None:
        """Data of earlier dates cannot be adjusted; None without rows."""
        return self.rows[0].date - timedelta(days=1) if self.rows else None

    def get_scaling_factors(self, search_date: date) -> CorporateFactorRow:
        """The row in force on a date, factors of one after the last."""
        found = next((row for row in self.rows if row.date >= search_date), None)
        return CorporateFactorRow(search_date, ONE, ONE) if found is None else found

    def get_price_factor(self, search_date: date, mode: DataNormalizationMode) -> Decimal:
        """What a date's prices are multiplied with; raw prices are not, and LEAN says 0 for them."""
        if mode is DataNormalizationMode.RAW:
            return ZERO
        row = self.get_scaling_factors(search_date)
        return row.split_factor if mode in _SPLIT_ONLY else row.price_scale_factor

    def dividend_on_next_trading_day(self, day: date) -> tuple[Decimal, Decimal] | None:
        """(price factor ratio, reference price) when the next trading day is ex dividend."""
        pair = self._change(day)
        if pair is None or pair[0].price_factor == pair[1].price_factor:
            return None
        return pair[0].price_factor / pair[1].price_factor, pair[0].reference_price

    def split_on_next_trading_day(self, day: date) -> tuple[Decimal, Decimal] | None:
        """(split factor, reference price) when the next trading day trades split."""
        pair = self._change(day)
        if pair is None or pair[0].split_factor == pair[1].split_factor:
            return None
        return pair[0].split_factor / pair[1].split_factor, pair[0].reference_price

    def _change(self, day: date) -> tuple[CorporateFactorRow, CorporateFactorRow] | None:
        index = self._index.get(day)
        return None if index is None or index + 1 >= len(self.rows) else (self.rows[index], self.rows[index + 1])

    def get_splits_and_dividends(self, symbol: Symbol, hours: SecurityExchangeHours, decimal_places: int = 2) -> list[Dividend | Split]:
        """All events the factors stand for, in time order; their time is midnight of the ex date."""
        events: list[Dividend | Split] = []
        for row, following in zip(self.rows, self.rows[1:], strict=False):
            when = datetime.combine(hours.get_next_trading_day(row.date), time())
            paid = distribution(row.reference_price, row.price_factor / following.price_factor, decimal_places)
            if paid:
                events.append(Dividend(symbol, when, paid, row.reference_price))
            factor = row.split_factor / following.split_factor
            if factor != ONE:
                events.append(Split(symbol, when, row.reference_price, factor))
        return events


@dataclass(frozen=True, slots=True)
class MappingFactorRow:
    """Adjustments of a continuous future's prices up to and including a date, per contract depth."""

    date: date
    mode: DataMappingMode | None
    scales: dict[str, list[Decimal]]


class MappingContractFactors:
    """The factor file of a continuous future (MappingContractFactorProvider)."""

    def __init__(self, rows: Iterable[MappingFactorRow]) -> None:
        self.rows = sorted(rows, key=lambda row: row.date)

    @property
    def minimum_date(self) -> date | None:
        """Data of earlier dates cannot be adjusted; None without rows."""
        return self.rows[0].date - timedelta(days=1) if self.rows else None

    def get_price_factor(
        self, search_date: date, mode: DataNormalizationMode, mapping_mode: DataMappingMode, contract_offset: int = 0
    ) -> Decimal:
        """What a date's prices are multiplied with (ratio) or what is added to them (Panama canal); LEAN says 0 for raw prices."""
        if mode is DataNormalizationMode.RAW:
            return ZERO
        name = _SCALE_OF[mode]
        for row in self.rows:
            if row.date >= search_date and row.mode is mapping_mode and len(row.scales[name]) > contract_offset:
                return row.scales[name][contract_offset]
        return ZERO if mode in _PANAMA else ONE


def read_corporate_factors(path: Path) -> CorporateFactors:
    """The factor file of an equity; factors of one when there is no file."""
    rows = []
    for number, line in _lines(path):
        if "inf" in line or "e+" in line:
            continue
        cells = line.split(",")
        try:
            day = datetime.strptime(cells[0], "%Y%m%d").date()  # noqa: DTZ007 - a date without zone
            row = CorporateFactorRow(day, Decimal(cells[1]), Decimal(cells[2]), Decimal(cells[3]) if len(cells) > 3 else ZERO)
        except (ValueError, IndexError, InvalidOperation) as error:
            raise CorruptDataError(path, f"'{line}' is not 'yyyyMMdd,price factor,split factor[,reference price]'", line=number) from error
        if row.price_scale_factor > 0:
            rows.append(row)
    return CorporateFactors(rows)


def read_mapping_factors(path: Path) -> MappingContractFactors:
    """The factor file of a continuous future; factors of one when there is no file."""
    rows = []
    for number, line in _lines(path):
        try:
            raw = json.loads(line, parse_float=Decimal, parse_int=Decimal)
            mode = raw.get("DataMappingMode")
            scales = {name: [Decimal(value) for value in raw.get(name) or ()] for name in _SCALE_OF.values()}
            day = datetime.fromisoformat(raw["Date"]).date()
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise CorruptDataError(path, "not a JSON object with Date, scales and DataMappingMode", line=number) from error
        if mode is None or int(mode) in set(DataMappingMode):
            rows.append(MappingFactorRow(day, None if mode is None else DataMappingMode(int(mode)), scales))
    return MappingContractFactors(rows)


def _lines(path: Path) -> list[tuple[int, str]]:
    """Distinct lines with their numbers, none without file."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return []
    numbered = {line.strip(): number for number, line in reversed(list(enumerate(text.splitlines(), 1))) if line.strip()}
    return sorted((number, line) for line, number in numbered.items())
