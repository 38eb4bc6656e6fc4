"""Helpers that algorithms call by LEAN's class names: Extensions, TimeZones, Time, OptionSymbol-like look-ups."""

from datetime import datetime, timedelta
from typing import ClassVar

from simulator.common.enums import OrderDirection, SecurityType
from simulator.common.security_identifier import is_option
from simulator.common.time_zone import from_utc_datetime, to_local, to_utc, utc_datetime
from simulator.orders.decimals import to_price
from simulator.results.net_number import round_to_significant_digits


class TimeZones:
    """Names of time zones."""

    UTC: ClassVar[str] = "UTC"
    NEW_YORK: ClassVar[str] = "America/New_York"
    EASTERN_STANDARD: ClassVar[str] = "UTC-05"
    CHICAGO: ClassVar[str] = "America/Chicago"
    LOS_ANGELES: ClassVar[str] = "America/Los_Angeles"
    LONDON: ClassVar[str] = "Europe/London"
    PARIS: ClassVar[str] = "Europe/Paris"
    BERLIN: ClassVar[str] = "Europe/Berlin"
    ZURICH: ClassVar[str] = "Europe/Zurich"
    TOKYO: ClassVar[str] = "Asia/Tokyo"
    HONG_KONG: ClassVar[str] = "Asia/Hong_Kong"
    SYDNEY: ClassVar[str] = "Australia/Sydney"


class Time:
    """Spans of time."""

    ONE_YEAR: ClassVar[timedelta] = timedelta(days=365)
    ONE_DAY: ClassVar[timedelta] = timedelta(days=1)
    ONE_HOUR: ClassVar[timedelta] = timedelta(hours=1)
    ONE_MINUTE: ClassVar[timedelta] = timedelta(minutes=1)
    ONE_SECOND: ClassVar[timedelta] = timedelta(seconds=1)
    END_OF_TIME: ClassVar[datetime] = datetime(2050, 12, 31)  # noqa: DTZ001 - as LEAN's


class Extensions:
    """LEAN's extension methods that algorithms call as functions."""

    @staticmethod
    def is_option(security_type: SecurityType) -> bool:
        """Whether securities of a type are options on shares, indices or futures."""
        return is_option(security_type)

    @staticmethod
    def round_to_significant_digits(d: float, digits: int) -> float:
        """The number with so many significant digits, half to even."""
        return float(round_to_significant_digits(to_price(d), digits))

    @staticmethod
    def get_order_direction(quantity: float) -> OrderDirection:
        """The side of an order by the sign of its quantity."""
        if quantity > 0:
            return OrderDirection.BUY
        return OrderDirection.SELL if quantity < 0 else OrderDirection.HOLD

    @staticmethod
    def convert_to_utc(time: datetime, _from: str, strict: bool = False) -> datetime:
        """The instant of a local time, aware."""
        del strict
        return utc_datetime(to_utc(time, _from))

    @staticmethod
    def convert_from_utc(time: datetime, to: str, strict: bool = False) -> datetime:
        """The local time of an instant, naive."""
        del strict
        return to_local(from_utc_datetime(time), to)

    @staticmethod
    def convert_to(time: datetime, from_zone: str, to_zone: str, strict: bool = False) -> datetime:
        """A local time in another zone, naive."""
        del strict
        return to_local(to_utc(time, from_zone), to_zone)
