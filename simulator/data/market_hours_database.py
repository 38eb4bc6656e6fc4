"""Exchange hours and data time zones per security (LEAN's MarketHoursDatabase and its JSON reader)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from simulator.common.contract_month import future_root
from simulator.common.enums import DayOfWeek, MarketHoursState, SecurityType
from simulator.common.security_identifier import is_option
from simulator.common.symbol import Symbol
from simulator.common.time_zone import DAY, HOUR, MINUTE, SECOND
from simulator.data.local_market_hours import LocalMarketHours, MarketHoursSegment
from simulator.data.security_exchange_hours import SecurityExchangeHours
from simulator.errors import CorruptDataError, DataFolderError

__all__ = ["MarketHoursDatabase", "MarketHoursEntry", "SecurityExchangeHours", "database_symbol_key", "index_of_option_root"]

Key = tuple[SecurityType, str, str]

_WILDCARD: Final = "[*]"
_INDEX_OF_ROOT: Final = {"RUTW": "RUT", "SPXW": "SPX", "VIXW": "VIX", "NDXP": "NDX", "NQX": "NDX"}
_UNDERLYING_TYPE: Final = {
    SecurityType.OPTION: SecurityType.EQUITY,
    SecurityType.INDEX_OPTION: SecurityType.INDEX,
    SecurityType.FUTURE_OPTION: SecurityType.FUTURE,
}
_STATES: Final = {"closed": MarketHoursState.CLOSED, "premarket": MarketHoursState.PRE_MARKET, "market": MarketHoursState.MARKET,
                  "postmarket": MarketHoursState.POST_MARKET}  # fmt: skip

_NO_CLOSES: Final = SecurityExchangeHours.always_open("UTC")


def index_of_option_root(root: str) -> str:
    """The index under an index option root, e.g. SPXW → SPX (IndexOptionSymbol.MapToUnderlying)."""
    return _INDEX_OF_ROOT.get(root.upper(), root.upper())


def database_symbol_key(symbol: Symbol) -> str:
    """The ticker a security is listed under in LEAN's databases (BaseSecurityDatabase.GetDatabaseSymbolKey)."""
    match symbol.security_type:
        case SecurityType.OPTION:
            return symbol.underlying.value if symbol.underlying is not None else ""
        case SecurityType.INDEX_OPTION | SecurityType.FUTURE_OPTION | SecurityType.FUTURE | SecurityType.BASE:
            return symbol.id.symbol
        case _:
            return symbol.value


@dataclass(frozen=True, slots=True)
class MarketHoursEntry:
    """Hours of an exchange and the zone its data files are written in."""

    data_time_zone: str
    exchange_hours: SecurityExchangeHours


class MarketHoursDatabase:
    """All entries of `market-hours-database.json`; an entry is built when it is first asked for."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            entries = dict(json.loads(path.read_text(encoding="utf-8-sig"))["entries"])
        except FileNotFoundError as error:
            raise DataFolderError(
                f"{path} not found; every LEAN data folder has it (`python -m simulator generate` or `lean init`)."
            ) from error
        except (ValueError, KeyError, TypeError) as error:
            raise CorruptDataError(path, f"not a market hours database ({error})") from error
        self._raw: dict[Key, dict[str, Any]] = {}
        for name, entry in entries.items():
            key = _parse_key(name)
            if key is not None:
                self._raw[key] = entry
        self._entries: dict[Key, MarketHoursEntry] = {}
        self._hours: dict[tuple[object, ...], SecurityExchangeHours] = {}
        self._of_symbol: dict[tuple[Symbol, str], MarketHoursEntry] = {}

    def get_entry(self, market: str, symbol: Symbol | str, security_type: SecurityType) -> MarketHoursEntry:
        """The entry of a security: its own, else its market's, for a futures option else its future's.

        Raises:
            DataFolderError: the database has none.
        """
        entry = self.try_get_entry(market, symbol, security_type)
        if entry is None:
            ticker = symbol if isinstance(symbol, str) else database_symbol_key(symbol)
            raise DataFolderError(
                f"{self.path} has no hours for {security_type.name} {ticker} on market '{market}'; add an entry for it or its market."
            )
        return entry

    def try_get_entry(self, market: str, symbol: Symbol | str, security_type: SecurityType) -> MarketHoursEntry | None:
        """Like `get_entry`, None when there is no entry."""
        ticker = symbol if isinstance(symbol, str) else database_symbol_key(symbol)
        key = (security_type, market.lower(), ticker.upper())
        found = self._entry(key) or self._entry(_common(key))
        if found is None and security_type is SecurityType.FUTURE_OPTION:
            return self.try_get_entry(market, future_root(ticker), SecurityType.FUTURE)
        return found

    def get_exchange_hours(self, market: str, symbol: Symbol | str, security_type: SecurityType) -> SecurityExchangeHours:
        """Hours of a security."""
        return self.get_entry(market, symbol, security_type).exchange_hours

    def get_data_time_zone(self, market: str, symbol: Symbol | str, security_type: SecurityType) -> str:
        """Zone of a security's data files."""
        return self.get_entry(market, symbol, security_type).data_time_zone

    def entry_of(self, symbol: Symbol) -> MarketHoursEntry:
        """The entry of a symbol."""
        key = (symbol, symbol.value)  # shares are listed under the ticker of the day
        entry = self._of_symbol.get(key)
        if entry is None:
            entry = self._of_symbol[key] = self.get_entry(symbol.id.market, symbol, symbol.security_type)
        return entry

    def hours_of(self, symbol: Symbol) -> SecurityExchangeHours:
        """Hours of a symbol."""
        return self.entry_of(symbol).exchange_hours

    def _entry(self, key: Key) -> MarketHoursEntry | None:
        entry = self._entries.get(key)
        if entry is None and key in self._raw:
            entry = self._entries[key] = self._build(key)
        return entry

    def _build(self, key: Key) -> MarketHoursEntry:
        try:
            return self._merge(key)
        except (ValueError, KeyError, TypeError) as error:
            raise CorruptDataError(self.path, f"entry {key[0].name}-{key[1]}-{key[2]} cannot be read ({error!r})") from error

    def _merge(self, key: Key) -> MarketHoursEntry:
        """An option without closes of its own takes its underlying's; then the market's closes are added, its own winning."""
        raw = self._raw[key]
        underlying = self._underlying(key)
        market = self._entry(_common(key)) if key[2] != _WILDCARD else None
        lower = _NO_CLOSES if underlying is None else underlying.exchange_hours
        upper = _NO_CLOSES if market is None else market.exchange_hours
        hours = SecurityExchangeHours(
            raw["exchangeTimeZone"],
            _merged_dates(_dates(raw.get("holidays")), lower.holidays, upper.holidays),
            {day: LocalMarketHours(day, _segments(raw.get(day.name.lower()))) for day in DayOfWeek},
            _merged_times(_times(raw.get("earlyCloses")), lower._early_closes, upper._early_closes),
            _merged_times(_times(raw.get("lateOpens")), lower._late_opens, upper._late_opens),
            _merged_dates(_dates(raw.get("bankHolidays")), lower.bank_holidays, upper.bank_holidays),
        )
        # equal hours are one object, so that what is worked out of them is worked out once
        return MarketHoursEntry(raw["dataTimeZone"], self._hours.setdefault(hours._content, hours))

    def _underlying(self, key: Key) -> MarketHoursEntry | None:
        security_type, market, ticker = key
        if not is_option(security_type):
            return None
        underlying = _UNDERLYING_TYPE[security_type]
        if security_type is SecurityType.INDEX_OPTION:
            ticker = index_of_option_root(ticker)
        elif security_type is SecurityType.FUTURE_OPTION:
            ticker = future_root(ticker)
        return self._entry((underlying, market, ticker)) or self._entry((underlying, market, _WILDCARD))


def _common(key: Key) -> Key:
    return key[0], key[1], _WILDCARD


def _parse_key(name: str) -> Key | None:
    parts = name.split("-")
    types = {member.name.replace("_", ""): member for member in SecurityType}
    security_type = types.get(parts[0].upper())
    if len(parts) != 3 or security_type is None:
        return None
    return security_type, parts[1].lower(), parts[2].upper()


def _dates(texts: list[str] | None) -> frozenset[date]:
    return frozenset(_date(text) for text in texts or ())


def _times(texts: Mapping[str, str] | None) -> dict[date, int]:
    return {_date(day): _time_of_day(time) for day, time in (texts or {}).items()}


def _date(text: str) -> date:
    month, day, year = text.split("/")
    return date(int(year), int(month), int(day))


def _time_of_day(text: str) -> int:
    """Microseconds of a .NET TimeSpan "[d.|d:]hh:mm:ss"."""
    hours, minutes, seconds = text.rsplit(":", 2)
    days, _, rest = hours.replace(".", ":").rpartition(":")
    return int(days or 0) * DAY + int(rest) * HOUR + int(minutes) * MINUTE + int(seconds) * SECOND


def _segments(raw: list[dict[str, str]] | None) -> list[MarketHoursSegment]:
    return [
        MarketHoursSegment(_STATES[part["state"].lower()], _time_of_day(part["start"]), _time_of_day(part["end"])) for part in raw or ()
    ]


def _merged_dates(own: frozenset[date], underlying: frozenset[date], market: frozenset[date]) -> frozenset[date]:
    return (own or underlying) | market


def _merged_times(own: dict[date, int], underlying: Mapping[date, int], market: Mapping[date, int]) -> dict[date, int]:
    return {**market, **(own or underlying)}
