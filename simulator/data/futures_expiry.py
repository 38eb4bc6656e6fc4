"""Expiries of futures and of the options on them from the contract month (FuturesExpiryFunctions, FuturesOptionsExpiryFunctions)."""

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Final

from simulator.common.contract_month import add_months
from simulator.common.enums import SecurityType
from simulator.data.business_days import (
    Holidays,
    add_business_days,
    business_day_at_or_before,
    is_business_day,
    last_weekday,
    nth_last_business_day,
    nth_weekday,
)
from simulator.data.market_hours_database import MarketHoursDatabase
from simulator.errors import LeanApiMissing

Rule = Callable[[date, Holidays], date]

_WEDNESDAY: Final = 2
_FRIDAY: Final = 4
_QUARTERLY: Final = frozenset({3, 6, 9, 12})
_EVEN: Final = frozenset({2, 4, 6, 8, 10, 12})


def _in_cycle(cycle: frozenset[int], rule: Rule) -> Rule:
    """Moves a month forward to the next one that contracts exist for."""

    def moved(month: date, holidays: Holidays) -> date:
        while month.month not in cycle:
            month = add_months(month, 1).date()
        return rule(month, holidays)

    return moved


def _third_friday(month: date, holidays: Holidays) -> date:
    return business_day_at_or_before(nth_weekday(month, 3, _FRIDAY), holidays)


def _before_third_wednesday(count: int) -> Rule:
    return lambda month, holidays: add_business_days(nth_weekday(month, 3, _WEDNESDAY), -count, holidays)


def _from_month_end(count: int) -> Rule:
    return lambda month, holidays: nth_last_business_day(month, count, holidays)


def _seven_before_last(month: date, holidays: Holidays) -> date:
    return add_business_days(nth_last_business_day(month, 1, holidays), -7, holidays)


def _last_of_month_before(month: date, holidays: Holidays) -> date:
    return nth_last_business_day(add_months(month, -1), 1, holidays)


def _before_the_25th(count: int) -> Rule:
    """Crude oil: business days before the 25th of the month before, one more when the 25th is none."""

    def rule(month: date, holidays: Holidays) -> date:
        previous = add_months(month, -1)
        day = date(previous.year, previous.month, 25)
        return add_business_days(day, -count if is_business_day(day, holidays) else -count - 1, holidays)

    return rule


def _before_the_15th(month: date, holidays: Holidays) -> date:
    return add_business_days(date(month.year, month.month, 15), -1, holidays)


def _tenth_business_day(month: date, holidays: Holidays) -> date:
    return add_business_days(date.fromordinal(date(month.year, month.month, 1).toordinal() - 1), 10, holidays)


def _vix(month: date, holidays: Holidays) -> date:
    """Thirty days before the third Friday of the next month, a day earlier when one of the two is a holiday."""
    settles = nth_weekday(add_months(month, 1), 3, _FRIDAY)
    day = date.fromordinal(settles.toordinal() - 30)
    return date.fromordinal(day.toordinal() - 1) if day in holidays or settles in holidays else day


def _last_friday(month: date, holidays: Holidays) -> date:
    return business_day_at_or_before(last_weekday(month, _FRIDAY), holidays)


_INDEX: Final = (_in_cycle(_QUARTERLY, _third_friday), time(13, 30))
_CURRENCY: Final = (_before_third_wednesday(2), time(14, 16))
_QUARTERLY_CURRENCY: Final = (_in_cycle(_QUARTERLY, _before_third_wednesday(2)), time(14, 16))
_LONG_BOND: Final = (_in_cycle(_QUARTERLY, _seven_before_last), time(12, 1))
_SHORT_NOTE: Final = (_in_cycle(_QUARTERLY, _from_month_end(1)), time(12, 1))
_METAL: Final = (_from_month_end(3), time())
_PRODUCT: Final = (_last_of_month_before, time())
_HARVEST: Final = frozenset({3, 5, 7, 9, 12})
_SOYBEANS: Final = frozenset({1, 3, 5, 7, 8, 9, 11})
_SOYBEAN_PRODUCTS: Final = frozenset({1, 3, 5, 7, 8, 9, 10, 12})
_HOGS: Final = frozenset({2, 4, 5, 6, 7, 8, 10, 12})
_GRAIN: Final = (_in_cycle(_HARVEST, _before_the_15th), time())
_BITCOIN: Final = (_last_friday, time(15))

_FUTURES: Final[dict[str, tuple[Rule, time]]] = {
    **dict.fromkeys(("ES", "NQ", "YM", "RTY", "MES", "MNQ", "M2K", "MYM"), _INDEX),
    "EMD": (_in_cycle(_QUARTERLY, lambda month, _: nth_weekday(month, 3, _FRIDAY)), time(13, 30)),
    "VX": (_vix, time(13)),
    **dict.fromkeys(("6A", "6B", "6E", "6J", "6M"), _CURRENCY),
    **dict.fromkeys(("6N", "6S", "M6B", "M6E", "MJY", "MSF"), _QUARTERLY_CURRENCY),
    "M6A": (_QUARTERLY_CURRENCY[0], time()),
    "6C": (_before_third_wednesday(1), time(14, 16)),
    **dict.fromkeys(("ZB", "ZN"), _LONG_BOND),
    **dict.fromkeys(("ZF", "ZT"), _SHORT_NOTE),
    "UB": (_in_cycle(_QUARTERLY, _from_month_end(8)), time(12, 1)),
    "TN": (_in_cycle(_QUARTERLY, _from_month_end(8)), time()),
    **dict.fromkeys(("10Y", "2YY"), (_from_month_end(1), time())),
    **dict.fromkeys(("GC", "SI", "SIL", "PL", "PA"), _METAL),
    "HG": (_from_month_end(3), time(17)),
    "MGC": (_in_cycle(_EVEN, _from_month_end(3)), time()),
    "CL": (_before_the_25th(3), time()),
    "MCL": (_before_the_25th(4), time()),
    **dict.fromkeys(("HO", "RB"), _PRODUCT),
    "NG": (lambda month, holidays: add_business_days(date(month.year, month.month, 1), -3, holidays), time()),
    **dict.fromkeys(("KE", "ZC", "ZO", "ZW"), _GRAIN),
    "ZS": (_in_cycle(_SOYBEANS, _before_the_15th), time()),
    **dict.fromkeys(("ZL", "ZM"), (_in_cycle(_SOYBEAN_PRODUCTS, _before_the_15th), time())),
    "LE": (_in_cycle(_EVEN, _from_month_end(1)), time(12)),
    "HE": (_in_cycle(_HOGS, _tenth_business_day), time(12)),
    **dict.fromkeys(("BTC", "MBT"), _BITCOIN),
}


def _friday_before_two_last_days(month: date, holidays: Holidays) -> date:
    """The Friday before the second last business day of the month before."""
    day = date.fromordinal(nth_last_business_day(add_months(month, -1), 2, holidays).toordinal() - 1)
    while day.weekday() != _FRIDAY:
        day = add_business_days(day, -1, holidays)
    return day


def _fourth_last_of_month_before(month: date, holidays: Holidays) -> date:
    return nth_last_business_day(add_months(month, -1), 4, holidays)


def _metal_option(month: date, holidays: Holidays) -> date:
    """The fourth last business day of the month before, moved back off Fridays and eves of holidays."""
    day = _fourth_last_of_month_before(month, holidays)
    while day.weekday() == _FRIDAY or date.fromordinal(day.toordinal() + 1) in holidays:
        day = add_business_days(day, -1, holidays)
    return day


def _crude_option(month: date, holidays: Holidays) -> date:
    previous = add_months(month, -1)
    return add_business_days(date(previous.year, previous.month, 26), -7, holidays)


def _currency_option(month: date, holidays: Holidays) -> date:
    """The second Friday before the third Wednesday."""
    return business_day_at_or_before(date.fromordinal(nth_weekday(month, 3, _WEDNESDAY).toordinal() - 12), holidays)


_TREASURY_OPTION: Final = (_friday_before_two_last_days, time())

_OPTIONS: Final[dict[str, tuple[Rule, time]]] = {
    **dict.fromkeys(("ES", "EMD", "YM", "NQ"), (_third_friday, time())),
    "CL": (_crude_option, time()),
    "NG": (_fourth_last_of_month_before, time()),
    "HG": (_metal_option, time(12)),
    "GC": (_metal_option, time(12, 30)),
    "SI": (_metal_option, time(12, 25)),
    **dict.fromkeys(("ZB", "ZC", "ZN", "TN", "UB", "ZO", "KE", "ZF", "ZS", "ZT", "ZW", "ZL", "ZM"), _TREASURY_OPTION),
    **dict.fromkeys(("6A", "6B", "6C", "6E", "6J", "6S"), (_currency_option, time(9))),
}


class FuturesExpiry:
    """Expiry rules with the holidays of a market hours database."""

    def __init__(self, hours: MarketHoursDatabase) -> None:
        self._hours = hours
        self._known: dict[tuple[bool, str, str, int], datetime] = {}

    def future_expiry(self, root: str, market: str, month: date) -> datetime:
        """Last trading time of a future's contract month; LEAN's contracts carry it in `id.date` with its time of day.

        Raises:
            LeanApiMissing: LEAN may know the root, this engine has no rule for it.
        """
        return self._expiry(root, market, month, option=False)

    def future_option_expiry(self, future_root: str, market: str, month: date) -> datetime:
        """Last trading time of the standard options on a future's contract month; the future's own without a rule for options."""
        return self._expiry(future_root, market, month, option=future_root.upper() in _OPTIONS)

    def _expiry(self, root: str, market: str, month: date, *, option: bool) -> datetime:
        key = (option, root.upper(), market, month.year * 12 + month.month)
        expiry = self._known.get(key)
        if expiry is None:
            rules = _OPTIONS if option else _FUTURES
            if root.upper() not in rules:
                raise LeanApiMissing(f"the expiry rule of {root} futures", "simulator/data/futures_expiry.py")
            rule, time_of_day = rules[root.upper()]
            day = rule(date(month.year, month.month, 1), self._holidays(root, market))
            expiry = self._known[key] = datetime.combine(day, time_of_day)
        return expiry

    def _holidays(self, root: str, market: str) -> frozenset[date]:
        hours = self._hours.get_exchange_hours(market, root, SecurityType.FUTURE)
        return hours.holidays | hours.bank_holidays
