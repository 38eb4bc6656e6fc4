"""Where LEAN keeps what: folders, zip files and zip entries (Common/Util/LeanData.cs). Paths are relative to the data folder."""

from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final

from simulator.common.contract_month import contract_month
from simulator.common.enums import OptionStyle, Resolution, SecurityType, TickType
from simulator.common.security_identifier import DEFAULT_DATE, is_option
from simulator.common.symbol import Symbol
from simulator.errors import SymbolError


@lru_cache(maxsize=None, typed=True)  # members of different enumerations may be equal
def lower_name(member: SecurityType | Resolution | TickType | OptionStyle) -> str:
    """LEAN's lower-case word for an enum member in paths, e.g. "futureoption"."""
    return member.name.replace("_", "").lower()


def is_scaled(security_type: SecurityType) -> bool:
    """Whether files hold prices times 10 000: equities, their options and index options."""
    return security_type in {SecurityType.EQUITY, SecurityType.OPTION, SecurityType.INDEX_OPTION}


def future_contract_month(symbol: Symbol) -> str:
    """Contract month "yyyyMM" of a future contract, or of the future under a futures option."""
    future = symbol.underlying if symbol.security_type is SecurityType.FUTURE_OPTION else symbol
    if future is None:
        raise SymbolError(f"{symbol!r} has no future underneath.")
    return contract_month(future.id.symbol, future.id.date).strftime("%Y%m")


def _ticker(symbol: Symbol) -> str:
    """The ticker in file names: the option's root, for equity options the underlying's ticker of the day."""
    if symbol.security_type is SecurityType.OPTION and symbol.underlying is not None:
        return symbol.underlying.value.lower()
    if is_option(symbol.security_type) or symbol.security_type is SecurityType.FUTURE:
        return symbol.id.symbol.lower()
    return symbol.value.lower()


_HOUR: Final = Resolution.HOUR
_ANY_DAY: Final = date(2000, 1, 1)


@lru_cache(maxsize=4096)
def _stamp(day: date) -> str:
    return f"{day:%Y%m%d}"


def _is_long(resolution: Resolution) -> bool:
    return resolution >= _HOUR


def zip_directory(symbol: Symbol, resolution: Resolution) -> str:
    """Folder of a security's bar files."""
    kind = symbol.security_type
    if kind is SecurityType.FUTURE_OPTION:
        return _directory(kind, symbol.id.market, resolution, _ticker(symbol), future_contract_month(symbol))
    return _directory(kind, symbol.id.market, resolution, *(() if _is_long(resolution) else (_ticker(symbol),)))


@lru_cache(maxsize=4096)
def _directory(kind: SecurityType, market: str, resolution: Resolution, *rest: str) -> str:
    return "/".join((lower_name(kind), market, lower_name(resolution), *rest))


def zip_file_ending(symbol: Symbol, resolution: Resolution, tick_type: TickType) -> str:
    """How the names of all files end that hold such bars of a security or of its chain."""
    if not _is_long(resolution) or is_option(symbol.security_type):
        style = f"_{lower_name(symbol.id.option_style)}" if is_option(symbol.security_type) else ""
        return f"_{lower_name(tick_type)}{style}.zip"
    return f"{_ticker(symbol)}_{lower_name(tick_type)}.zip" if symbol.security_type is SecurityType.FUTURE else f"{_ticker(symbol)}.zip"


def zip_file_name(symbol: Symbol, day: date, resolution: Resolution, tick_type: TickType) -> str:
    """File that holds a security's bars of a date; hour and daily files hold a year (options) or everything."""
    ending = zip_file_ending(symbol, resolution, tick_type)
    if not _is_long(resolution):
        return f"{_stamp(day)}{ending}"
    return f"{_ticker(symbol)}_{day.year}{ending}" if is_option(symbol.security_type) else ending


def scaled_strike(strike: Decimal) -> str:
    """A strike in entry names: times 10 000, without trailing zeros after the point."""
    scaled = strike * 10_000
    return str(int(scaled)) if scaled == int(scaled) else format(scaled.normalize(), "f")


def zip_entry_name(symbol: Symbol, day: date, resolution: Resolution, tick_type: TickType) -> str:
    """Name of a security's CSV inside its zip."""
    parts = [] if _is_long(resolution) else [_stamp(day)]
    parts.append(_ticker(symbol))
    if not _is_long(resolution):
        parts.append(lower_name(resolution))
    if not _is_long(resolution) or symbol.has_underlying or symbol.security_type is SecurityType.FUTURE:
        parts.append(lower_name(tick_type))
    if is_option(symbol.security_type):
        sid = symbol.id
        parts += [sid.option_style.name.lower(), sid.option_right.name.lower(), scaled_strike(sid._strike), _stamp(sid.date)]
    elif symbol.security_type is SecurityType.FUTURE:
        contract = symbol.underlying or symbol
        parts.append("perp" if contract.id.date == DEFAULT_DATE else future_contract_month(contract))
    return "_".join(parts) + ".csv"


class BarLocation:
    """Where the bars of one security, resolution and kind are, for any date; its parts are put together once."""

    __slots__ = ("_entry", "_is_by_day", "_kind", "_year", "directory", "ending")

    def __init__(self, symbol: Symbol, resolution: Resolution, tick_type: TickType) -> None:
        self.directory = zip_directory(symbol, resolution)
        self.ending = zip_file_ending(symbol, resolution, tick_type)
        self._is_by_day = not _is_long(resolution)
        self._year = None if self._is_by_day or not is_option(symbol.security_type) else f"{_ticker(symbol)}_"
        self._kind = (symbol, resolution, tick_type)
        self._entry: str | None = None

    def span(self, day: date) -> date | int | None:
        """What the file of a date holds: the date, its year (of options), or everything."""
        return day if self._is_by_day else None if self._year is None else day.year

    def file_name(self, day: date) -> str:
        """See `zip_file_name`."""
        if self._is_by_day:
            return _stamp(day) + self.ending
        return self.ending if self._year is None else f"{self._year}{day.year}{self.ending}"

    def entry_name(self, day: date) -> str:
        """See `zip_entry_name`."""
        entry = self._entry
        if entry is None:
            symbol, resolution, tick_type = self._kind
            name = zip_entry_name(symbol, _ANY_DAY, resolution, tick_type)
            entry = self._entry = name.removeprefix(_stamp(_ANY_DAY)) if self._is_by_day else name
        return _stamp(day) + entry if self._is_by_day else entry


def universe_directory(symbol: Symbol) -> str:
    """Folder of a chain's daily universe files."""
    folder = f"{lower_name(symbol.security_type)}/{symbol.id.market}/universes/{_ticker(symbol)}"
    return f"{folder}/{future_contract_month(symbol)}" if symbol.security_type is SecurityType.FUTURE_OPTION else folder
