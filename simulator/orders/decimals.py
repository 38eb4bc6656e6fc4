"""How numbers an algorithm passes in become decimals: what pythonnet does on the way to a .NET decimal."""

import math
from decimal import Decimal
from typing import Any, Final

from simulator.common.system_exceptions import ArgumentException
from simulator.results.net_number import from_double, normalize

ZERO: Final = Decimal(0)
ONE: Final = Decimal(1)


def to_price(value: Any) -> Decimal:
    """A decimal parameter: the shortest text of a float, scale included (-8.0 keeps one digit)."""
    if isinstance(value, Decimal):
        return value
    if isinstance(value, int):
        return Decimal(int(value))
    number = float(value)
    if not math.isfinite(number):
        raise ArgumentException(
            f"It is not possible to cast a non-finite floating-point value ({number}) as decimal. Please review the input."
        )
    return Decimal(repr(number)) if abs(number) < 1e15 else Decimal(int(number))


def to_quantity(value: Any) -> Decimal:
    """A double parameter that LEAN casts to decimal: 15 significant digits, no trailing zeros."""
    if isinstance(value, Decimal):
        return normalize(value)
    if isinstance(value, int):
        return Decimal(int(value))
    number = float(value)
    if not math.isfinite(number):
        raise ArgumentException(
            f"It is not possible to cast a non-finite floating-point value ({number}) as decimal. Please review the input."
        )
    return from_double(number)


def sign(value: Decimal) -> int:
    """Math.Sign."""
    if not value:
        return 0
    return -1 if value < 0 else 1
