"""Contract months of futures and the tickers built from them (FuturesExpiryUtilityFunctions, SymbolRepresentation, FuturesOptionsSymbolMappings)."""

from datetime import date, datetime
from typing import Final

MONTH_CODES: Final = "FGHJKMNQUVXZ"
"""Letter of each calendar month, January first."""

_EXPIRES_MONTHS_BEFORE: Final = {
    "AE5": 1, "A9N": 1, "B": 2, "BZ": 2, "CL": 1, "MCL": 1, "RB": 1, "HO": 1, "AYV": 1, "NG": 1, "HH": 1, "HP": 1, "HTT": 1, "HCL": 1, "SB": 1, "YO": 1,
}  # fmt: skip

_OPTION_ROOTS: Final = {
    "EH": "OEH", "KE": "OKE", "TN": "OTN", "UB": "OUB", "YM": "OYM", "ZB": "OZB", "ZC": "OZC", "ZF": "OZF", "ZL": "OZL", "ZM": "OZM", "ZN": "OZN",
    "ZO": "OZO", "ZS": "OZS", "ZT": "OZT", "ZW": "OZW", "RTY": "RTO", "GC": "OG", "HG": "HXE", "SI": "SO", "CL": "LO", "HCL": "HCO", "HO": "OH",
    "NG": "ON", "PA": "PAO", "PL": "PO", "RB": "OB", "YG": "OYG", "ZG": "OZG", "ZI": "OZI", "6A": "ADU", "6B": "GBU", "6C": "CAU", "6E": "EUU",
    "6J": "JPU", "6S": "CHU",
}  # fmt: skip
_FUTURE_ROOTS: Final = {option: future for future, option in _OPTION_ROOTS.items()}


def months_after_expiry(future_ticker: str) -> int:
    """Whole months from the month a contract expires in to the contract month it is named after."""
    return _EXPIRES_MONTHS_BEFORE.get(future_ticker.upper(), 0)


def add_months(month: date, count: int) -> datetime:
    """The first day of the month that many months later."""
    index = month.year * 12 + month.month - 1 + count
    return datetime(index // 12, index % 12 + 1, 1)  # noqa: DTZ001 - LEAN's expiry dates carry no zone


def contract_month(future_ticker: str, expiry: date) -> datetime:
    """First day of the contract month of a future that expires on a date, e.g. CL expiring 2024-01-22 is the February contract."""
    return add_months(expiry, months_after_expiry(future_ticker))


def future_ticker(root: str, expiry: date) -> str:
    """LEAN's name of a future contract: root, day of expiry, letter of the contract month, year, e.g. "ES20H20"."""
    month = contract_month(root, expiry)
    return f"{root}{expiry.day:02}{MONTH_CODES[month.month - 1]}{month.year % 100}"


def option_root(future_root: str) -> str:
    """Root of the options on a future, e.g. CL → LO; the future's own root when LEAN knows no other."""
    return _OPTION_ROOTS.get(future_root.upper(), future_root.upper())


def future_root(option_ticker: str) -> str:
    """Root of the future under a futures option, e.g. OZN → ZN."""
    return _FUTURE_ROOTS.get(option_ticker.upper(), option_ticker.upper())
