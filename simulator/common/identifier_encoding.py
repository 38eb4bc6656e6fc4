"""How LEAN packs a contract into one number: {right:1}{days:5}{style:1}{strike:6}{strike scale:2}{market:3}{type:2} decimal digits."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Final, NamedTuple

from simulator.common.enums import OptionRight, OptionStyle, SecurityType
from simulator.errors import SymbolError

DEFAULT_DATE: Final = datetime(1899, 12, 30)  # noqa: DTZ001 - LEAN's dates carry no zone
"""LEAN's "no date": canonical symbols carry it."""

DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

_DEFAULT_ORDINAL: Final = DEFAULT_DATE.toordinal()
_MARKET: Final = 100
_STRIKE_SCALE: Final = _MARKET * 1000
_STRIKE: Final = _STRIKE_SCALE * 100
_STYLE: Final = _STRIKE * 1_000_000
_DAYS: Final = _STYLE * 10
_RIGHT: Final = _DAYS * 100_000
_DEFAULT_STRIKE_SCALE: Final = 6
_NEGATIVE_STRIKE: Final = 1 << 19
_STRIKE_LIMIT: Final = 475_712
_PAIRS: Final = [first + second for first in DIGITS for second in DIGITS]
_TYPES: Final = tuple(SecurityType)
_RIGHTS: Final = tuple(OptionRight)
_STYLES: Final = tuple(OptionStyle)


class Contract(NamedTuple):
    """What an identifier's number holds."""

    security_type: SecurityType
    market_code: int
    day: datetime
    strike: Decimal
    right: OptionRight
    style: OptionStyle


def pack(security_type: SecurityType, market_code: int, day: date, strike: Decimal, right: OptionRight, style: OptionStyle) -> int:
    """The number of a contract; the time of day of a date is lost.

    Raises:
        SymbolError: the strike has too many digits.
    """
    digits, scale = _encode_strike(strike)
    days = day.toordinal() - _DEFAULT_ORDINAL
    strike_part = scale * _STRIKE_SCALE + digits * _STRIKE
    return int(security_type) + market_code * _MARKET + strike_part + int(style) * _STYLE + days * _DAYS + int(right) * _RIGHT


def unpack(number: int) -> Contract:
    """The contract of a number.

    Raises:
        SymbolError: the number holds a type, right or style that LEAN does not have.
    """
    try:
        return Contract(
            _TYPES[number % 100],
            number // _MARKET % 1000,
            _decode_date(number // _DAYS % 100_000),
            _decode_strike(number // _STRIKE % 1_000_000, number // _STRIKE_SCALE % 100),
            _RIGHTS[number // _RIGHT % 10],
            _STYLES[number // _STYLE % 10],
        )
    except IndexError as error:
        raise SymbolError(f"Identifier number {encode_base36(number)} holds a security type, right or style LEAN does not have.") from error


def encode_base36(number: int) -> str:
    """Upper-case base 36 text of a number, "0" for zero."""
    text = ""
    while number:
        number, pair = divmod(number, 1296)
        text = _PAIRS[pair] + text
    return text.lstrip("0") or "0"


@cache
def _encode_strike(strike: Decimal) -> tuple[int, int]:
    """Significant digits and scale of a strike; value = digits · 10^(scale-6), negative strikes set bit 19."""
    if not strike:
        return 0, 0
    scaled = strike * 10**_DEFAULT_STRIKE_SCALE
    scale = 0
    while scaled % 10 == 0:
        scaled /= 10
        scale += 1
    if abs(scaled) >= _STRIKE_LIMIT:
        raise SymbolError(f"Strike {strike} needs more than LEAN's {_STRIKE_LIMIT - 1} in significant digits.")
    digits = int(abs(scaled))
    return (digits | _NEGATIVE_STRIKE if strike < 0 else digits), scale


@cache
def _decode_strike(digits: int, scale: int) -> Decimal:
    power = Decimal(10) ** (scale - _DEFAULT_STRIKE_SCALE)
    if digits & _NEGATIVE_STRIKE:
        return -(digits ^ _NEGATIVE_STRIKE) * power
    return digits * power


@cache
def _decode_date(days: int) -> datetime:
    return DEFAULT_DATE + timedelta(days=days)
