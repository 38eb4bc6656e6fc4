"""Risk-free rates (LEAN's InterestRateProvider): the FED's primary credit rate, held until the next row."""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final

from simulator.errors import CorruptDataError

DEFAULT_RISK_FREE_RATE: Final = Decimal("0.01")


class InterestRateProvider:
    """Rates of `alternative/interest-rate/usa/interest-rate.csv`; one percent without the file, the first rate before its first row."""

    def __init__(self, path: Path) -> None:
        rows = sorted(_read(path).items())
        self._dates = [day for day, _ in rows]
        self._rates = [rate for _, rate in rows]

    def _rate(self, day: date) -> Decimal:
        if not self._rates:
            return DEFAULT_RISK_FREE_RATE
        if isinstance(day, datetime):
            day = day.date()
        return self._rates[max(bisect_right(self._dates, day) - 1, 0)]

    def get_interest_rate(self, day: date) -> float:
        """Yearly rate on a date, 0.055 for 5.5 %."""
        return float(self._rate(day))

    def get_average_risk_free_rate(self, dates: Iterable[date]) -> float:
        """Mean rate over dates, 0 without any; a date that comes twice counts twice."""
        rates = [self._rate(day) for day in dates]
        return float(sum(rates) / len(rates)) if rates else 0.0


def _read(path: Path) -> dict[date, Decimal]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        return {}
    rates = {}
    for number, line in enumerate(lines[1:], 2):
        if not line.strip():
            continue
        cells = line.split(",")
        try:
            rates[date.fromisoformat(cells[0].strip())] = Decimal(cells[1]) / 100
        except (ValueError, IndexError, InvalidOperation) as error:
            raise CorruptDataError(path, f"'{line}' is not 'yyyy-MM-dd,percent'", line=number) from error
    return rates
