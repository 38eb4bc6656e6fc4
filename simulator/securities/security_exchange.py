"""When a security trades (Common/Securities/SecurityExchange.cs)."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from simulator.data.market_hours_database import SecurityExchangeHours

if TYPE_CHECKING:
    from simulator.securities.security import Security


class SecurityExchange:
    """Mirrors SecurityExchange: the exchange's hours seen from its local now."""

    def __init__(self, hours: SecurityExchangeHours, security: "Security") -> None:
        self.hours = hours
        self._security = security

    @property
    def time_zone(self) -> str:
        """Name of the exchange's time zone."""
        return self.hours.time_zone

    @property
    def local_time(self) -> datetime:
        """Now, in the exchange's time zone."""
        return self._security.local_time

    @property
    def exchange_open(self) -> bool:
        """Whether the regular session is open now."""
        return self.hours.is_open(self.local_time, False)

    @property
    def closing_soon(self) -> bool:
        """Whether the regular session will be closed in ten minutes."""
        return self.is_closing_soon(10)

    def is_closing_soon(self, minutes_to_close: int) -> bool:
        """Whether the regular session will be closed in so many minutes."""
        return not self.hours.is_open(self.local_time + timedelta(minutes=minutes_to_close), False)

    def date_is_open(self, date_to_check: datetime, extended_market_hours: bool = False) -> bool:
        """Whether the exchange opens on the date."""
        return self.hours.is_date_open(date_to_check, extended_market_hours)

    def date_time_is_open(self, date_time: datetime) -> bool:
        """Whether the regular session is open at the local time."""
        return self.hours.is_open(date_time, False)

    def is_open_during_bar(self, bar_start_time: datetime, bar_end_time: datetime, is_extended_market_hours: bool) -> bool:
        """Whether a bar overlaps the session."""
        return self.hours.is_open(bar_start_time, bar_end_time, is_extended_market_hours)
