"""Interest rates of the generated market: the Federal Reserve's primary credit rate, which LEAN's own interest-rate file holds too."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right

PRIMARY_CREDIT = (
    (dt.date(2022, 12, 15), 4.50),
    (dt.date(2023, 2, 2), 4.75),
    (dt.date(2023, 3, 23), 5.00),
    (dt.date(2023, 5, 4), 5.25),
    (dt.date(2023, 7, 27), 5.50),
    (dt.date(2024, 9, 19), 5.00),
    (dt.date(2024, 11, 8), 4.75),
    (dt.date(2024, 12, 19), 4.50),
    (dt.date(2025, 9, 18), 4.25),
    (dt.date(2025, 10, 30), 4.00),
)


def interest_rate(day: dt.date) -> float:
    """Rate of the day, a fraction, continuously compounded."""
    position = bisect_right([since for since, _ in PRIMARY_CREDIT], day) - 1
    return PRIMARY_CREDIT[max(position, 0)][1] / 100.0
