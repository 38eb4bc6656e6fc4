"""Margin per future contract over time (LEAN's MarginRequirementsEntry and the reader in FutureMarginModel)."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final

from simulator.errors import CorruptDataError

_INTRADAY_SHARE: Final = Decimal("0.4")


@dataclass(frozen=True, slots=True)
class MarginRequirementsEntry:
    """Dollars per contract from a date on; the intraday columns default to 40 % of the overnight ones."""

    date: date
    initial_overnight: Decimal
    maintenance_overnight: Decimal
    initial_intraday: Decimal
    maintenance_intraday: Decimal


class MarginFile:
    """The rows of one future in time order; no file means no margin, as in LEAN."""

    def __init__(self, path: Path) -> None:
        self.entries = sorted(_read(path), key=lambda entry: entry.date)
        self._dates = [entry.date for entry in self.entries]

    def entry_of(self, day: date) -> MarginRequirementsEntry:
        """The last row that is not after a date; the first one before all rows."""
        if not self.entries:
            zero = Decimal(0)
            return MarginRequirementsEntry(date.min, zero, zero, zero, zero)
        return self.entries[max(bisect_right(self._dates, day) - 1, 0)]


def _read(path: Path) -> list[MarginRequirementsEntry]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return []
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip() and not line.startswith("#")]
    entries = []
    for number, line in lines[1:]:
        cells = line.split(",")
        try:
            day = datetime.strptime(cells[0].strip(), "%Y%m%d").date()  # noqa: DTZ007 - a date without zone
            amounts = [Decimal(cell) for cell in cells[1:]]
            initial, maintenance = amounts[:2]
        except (ValueError, InvalidOperation) as error:
            raise CorruptDataError(
                path, f"'{line}' is not 'yyyyMMdd,initial,maintenance[,initial intraday[,maintenance intraday]]'", line=number
            ) from error
        intraday = amounts[2:] + [initial * _INTRADAY_SHARE, maintenance * _INTRADAY_SHARE][len(amounts) - 2 :]
        entries.append(MarginRequirementsEntry(day, initial, maintenance, intraday[0], intraday[1]))
    return entries
