"""When a contract has stopped trading (Option/OptionSymbol.cs, FuturesExpiryUtilityFunctions.IsFutureContractExpired)."""

from datetime import datetime, timedelta

from simulator.common.security_identifier import is_option
from simulator.common.symbol import Symbol
from simulator.common.time_zone import to_local
from simulator.data.security_exchange_hours import SecurityExchangeHours


def expiration_time(symbol: Symbol, hours: SecurityExchangeHours) -> datetime:
    """The last regular close at or before the expiry date, at most the midnight after it, in exchange time."""
    expiry = symbol.id.date
    day = expiry if hours.is_date_open(expiry) else hours.get_previous_trading_day(expiry)
    midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - exchange time
    return min(hours.get_last_daily_market_close(midnight, False), expiry + timedelta(days=1))


def is_contract_expired(symbol: Symbol, utc: int, hours: SecurityExchangeHours) -> bool:
    """Whether an option has passed its last close, or a future its expiry."""
    now = to_local(utc, hours.time_zone)
    return now >= (expiration_time(symbol, hours) if is_option(symbol.security_type) else symbol.id.date)
