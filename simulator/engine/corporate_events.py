"""Delistings, dividends, splits and rolls of a subscription (LEAN's DelistingEventProvider, DividendEventProvider, SplitEventProvider, MappingEventProvider)."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from simulator.common.bars import BaseData, Delisting, Dividend, Split
from simulator.common.enums import DelistingType, SecurityType, SplitType
from simulator.common.security_identifier import is_option
from simulator.common.symbol import Symbol
from simulator.common.time_zone import local_date, midnight_utc, to_utc
from simulator.data.factor_file import distribution
from simulator.data.security_exchange_hours import SecurityExchangeHours

if TYPE_CHECKING:
    from simulator.data.data_folder import DataFolder

_MIDNIGHT: Final = time()
_ONE_DAY: Final = timedelta(days=1)


def delisting_date(symbol: Symbol, hours: SecurityExchangeHours) -> date | None:
    """The last trading date of a derivative, None for what does not expire; an equity option's expiry on a closed date moves back."""
    if symbol.is_canonical() or not (is_option(symbol.security_type) or symbol.security_type == SecurityType.FUTURE):
        return None
    day: date = symbol.id.date.date()
    while symbol.security_type == SecurityType.OPTION and not hours.is_date_open(day):
        day -= _ONE_DAY
    return day


def tradable_dates(hours: SecurityExchangeHours, start_utc: int, end_utc: int, extended: bool) -> Iterator[date]:
    """Dates with a session between two instants, both dates included."""
    day, last = local_date(start_utc, hours.time_zone), local_date(end_utc, hours.time_zone)
    while day <= last:
        if hours.is_date_open(day, extended):
            yield day
        day += _ONE_DAY


def delisting_events(symbol: Symbol, hours: SecurityExchangeHours, start_utc: int, end_utc: int, extended: bool) -> list[BaseData]:
    """The warning at the midnight that starts the last date, and the delisting a day after the expiry if a later date is tradable.

    A future whose identifier tells the time of day of its expiry is delisted at that time, anything else at midnight.
    """
    last = delisting_date(symbol, hours)
    at = symbol.id.date.time() if symbol.security_type == SecurityType.FUTURE and last is not None else _MIDNIGHT
    return [] if last is None else _delistings_on(symbol, last, hours, start_utc, end_utc, extended, at)


def _delistings_on(
    symbol: Symbol, last: date, hours: SecurityExchangeHours, start_utc: int, end_utc: int, extended: bool, at: time = _MIDNIGHT
) -> list[BaseData]:
    if local_date(start_utc, hours.time_zone) > last:
        return []
    search_until = min(end_utc, midnight_utc(last + timedelta(days=15), hours.time_zone))
    from_last = max(start_utc, midnight_utc(last, hours.time_zone))
    days = list(tradable_dates(hours, from_last, search_until, extended))
    events: list[BaseData] = []
    if days:
        events.append(_delisting(symbol, last, DelistingType.WARNING, hours.time_zone))
    if any(day > last for day in days):
        events.append(_delisting(symbol, last + _ONE_DAY, DelistingType.DELISTED, hours.time_zone, at))
    return events


def equity_events(folder: "DataFolder", symbol: Symbol, hours: SecurityExchangeHours, start_utc: int, end_utc: int) -> list[BaseData]:
    """Dividends and splits at the midnight of their date, split warnings a trading day earlier, a delisting; in time order."""
    zone = hours.time_zone
    first, last = local_date(start_utc, zone), local_date(end_utc, zone)
    events: list[BaseData] = []
    factors = folder.factor_file(symbol)
    for row in [] if factors is None else factors.rows:
        if not first <= row.date < last or not hours.is_date_open(row.date):
            continue
        following = hours.get_next_trading_day(row.date)
        dividend = factors.dividend_on_next_trading_day(row.date) if factors is not None else None
        split = factors.split_on_next_trading_day(row.date) if factors is not None else None
        if split is not None:
            events.append(_at(Split(symbol, None, split[1], split[0], SplitType.WARNING), row.date, zone))
        if following > last:
            continue
        if split is not None:
            events.append(_at(Split(symbol, None, split[1], split[0], SplitType.SPLIT_OCCURRED), following, zone))
        if dividend is not None:
            events.append(_at(Dividend(symbol, None, distribution(dividend[1], dividend[0]), dividend[1]), following, zone))
    file = folder.map_file(symbol)
    if file is not None:
        events += _delistings_on(symbol, file.delisting_date, hours, start_utc, end_utc, extended=False)
    return sorted(events, key=lambda event: event._end_utc)


def _at(event: BaseData, day: date, zone: str) -> BaseData:
    utc = midnight_utc(day, zone)
    return event._set_span(utc, utc, zone)


def _delisting(symbol: Symbol, day: date, kind: DelistingType, zone: str, at: time = _MIDNIGHT) -> Delisting:
    moment = datetime.combine(day, at)
    event = Delisting(symbol, moment, 0, kind)
    utc = to_utc(moment, zone)
    event._set_span(utc, utc, zone)
    return event
