"""Where a number of daily bars begins (LEAN's Time.GetStartTimeForTradeBars for days with precise ends)."""

from simulator.common.time_zone import date_microseconds, local_date, midnight_utc, naive_datetime, to_local, to_local_microseconds, to_utc
from simulator.data.security_exchange_hours import SecurityExchangeHours


def start_of_days(hours: SecurityExchangeHours, data_zone: str, now: int, periods: int) -> int:
    """Today counts once its session is over; before, counting starts at the data zone's midnight."""
    local = to_local(now, hours.time_zone)
    today = naive_datetime(date_microseconds(local.date()))
    current = now
    if not hours.is_date_open(local) or to_utc(hours.get_next_market_close(today, False), hours.time_zone) > now:
        current = midnight_utc(local_date(now, data_zone), data_zone)
    current_local = naive_datetime(hours._days_back(to_local_microseconds(current, hours.time_zone), periods))
    return to_utc(current_local, hours.time_zone)
