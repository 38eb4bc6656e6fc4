"""Where a number of daily bars begins (LEAN's Time.GetStartTimeForTradeBars)."""

from simulator.common.time_zone import date_microseconds, local_date, midnight_utc, naive_datetime, to_local, to_local_microseconds, to_utc
from simulator.data.security_exchange_hours import SecurityExchangeHours


def start_of_days(hours: SecurityExchangeHours, data_zone: str, now: int, periods: int, *, precise: bool = True) -> int:
    """Counting starts at the data zone's midnight; where bars end with the session, today counts once it is over."""
    current = midnight_utc(local_date(now, data_zone), data_zone)
    if precise:
        local = to_local(now, hours.time_zone)
        today = naive_datetime(date_microseconds(local.date()))
        if hours.is_date_open(local) and to_utc(hours.get_next_market_close(today, False), hours.time_zone) <= now:
            current = now
    current_local = naive_datetime(hours._days_back(to_local_microseconds(current, hours.time_zone), periods))
    return to_utc(current_local, hours.time_zone)
