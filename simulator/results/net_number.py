"""How .NET rounds, converts and prints numbers where Python differs.

LEAN's statistics and result files show the scale of .NET decimals ("1.10%", "530000.00", "0%"), so equal text needs equal scale: these
functions keep it as `System.Decimal` does. `NetDecimal` values are plain `decimal.Decimal`.
"""

import math
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, localcontext

_MAX_SCALE = 28
_DECIMAL_MAX = Decimal(79228162514264337593543950335)
_ROUNDING_LIMIT = 1e16
_LOW_64_BITS = (1 << 64) - 1


def scale_of(value: Decimal) -> int:
    """Number of digits after the point, zeros included."""
    exponent = value.as_tuple().exponent
    return -exponent if isinstance(exponent, int) and exponent < 0 else 0


def round_decimal(value: Decimal, digits: int = 0) -> Decimal:
    """`Math.Round(decimal, digits)`: half to even; a smaller scale is kept, not padded."""
    if scale_of(value) <= digits:
        return value
    with localcontext(prec=60):
        return value.quantize(Decimal((0, (1,), -digits)), rounding=ROUND_HALF_EVEN)


def round_away_from_zero(value: Decimal) -> Decimal:
    """`Math.Round(decimal, MidpointRounding.AwayFromZero)`."""
    if scale_of(value) == 0:
        return value
    with localcontext(prec=60):
        return value.quantize(Decimal(1), rounding=ROUND_HALF_UP)


def normalize(value: Decimal) -> Decimal:
    """The value without trailing zeros after the point (`Extensions.Normalize`); integers keep scale 0."""
    if not value:
        return Decimal(0)
    stripped = value.normalize()
    exponent = stripped.as_tuple().exponent
    return Decimal(int(stripped)) if isinstance(exponent, int) and exponent > 0 else stripped


def from_double(value: float) -> Decimal:
    """`(decimal)double`: 15 significant digits, no trailing zeros.

    Raises:
        ValueError: the value is not finite (.NET throws as well).
    """
    if not math.isfinite(value):
        raise ValueError(f"a decimal number must be finite, got {value}")
    return normalize(round_decimal(Decimal(f"{value:.14e}"), _MAX_SCALE))


def safe_from_double(value: float) -> Decimal:
    """`Extensions.SafeDecimalCast`: as `from_double`, clamped to what a decimal can hold."""
    if math.isfinite(value) and abs(value) >= float(_DECIMAL_MAX):
        return _DECIMAL_MAX.copy_sign(Decimal(-1 if value < 0 else 1))
    return from_double(value)


def to_double(value: Decimal) -> float:
    """`(double)decimal`: the 96-bit mantissa as a double divided by a power of ten, so it can differ from Python's in the last bit."""
    mantissa = int(value.scaleb(scale_of(value)))
    magnitude = abs(mantissa)
    result = (float(magnitude & _LOW_64_BITS) + float(magnitude >> 64) * 2.0**64) / 10.0 ** scale_of(value)
    return -result if mantissa < 0 else result


def round_double(value: float, digits: int) -> float:
    """`Math.Round(double, digits)`: scales, rounds half to even, scales back, which can move the last digit of a large value."""
    if not math.isfinite(value) or abs(value) >= _ROUNDING_LIMIT:
        return value
    power = 10.0**digits
    return math.copysign(float(round(value * power)), value) / power


def round_to_significant_digits(value: Decimal, digits: int) -> Decimal:
    """`Extensions.RoundToSignificantDigits`; the scale of the product stays visible (530000.00)."""
    if not value:
        return Decimal(0)
    scale = from_double(10.0 ** (math.floor(math.log10(to_double(abs(value)))) + 1))
    return scale * round_decimal(value / scale, digits)


def smart_rounding(value: Decimal) -> Decimal:
    """`Extensions.SmartRounding`: above 1000 four decimals, else seven significant digits; no trailing zeros."""
    value = normalize(value)
    if value > 1000:
        return round_decimal(value, 4)
    return normalize(round_to_significant_digits(value, 7))


def product(left: Decimal, right: Decimal) -> Decimal:
    """`left * right`; a zero product keeps its scale only when both mantissas fit 64 bits (DecCalc.VarDecMul)."""
    found = left * right
    wide = any(abs(int(factor.scaleb(scale_of(factor)))) > _LOW_64_BITS for factor in (left, right))
    return Decimal(0) if wide and not found else found


def fits_a_decimal(value: Decimal) -> bool:
    """Whether .NET can hold the value, rounded to a whole number if need be, in its 96 bits."""
    return -_DECIMAL_MAX <= round_decimal(value) <= _DECIMAL_MAX


def safe_division(numerator: Decimal, denominator: Decimal) -> Decimal:
    """`Extensions.SafeDivision`: 0 when the denominator is 0 or the quotient does not fit."""
    if not denominator:
        return Decimal(0)
    quotient = divide(numerator, denominator)
    return quotient if fits_a_decimal(quotient) else Decimal(0)


def divide(numerator: Decimal, denominator: Decimal) -> Decimal:
    """`numerator / denominator` with the 29 digits .NET keeps where they fit into 96 bits, else with 28."""
    with localcontext(prec=29):
        quotient = numerator / denominator
    return quotient if abs(int(quotient.scaleb(scale_of(quotient)))) <= _DECIMAL_MAX else numerator / denominator


def discretely_round_by(value: Decimal, quantum: Decimal) -> Decimal:
    """`Extensions.DiscretelyRoundBy`: the nearest multiple of the quantum, half away from zero."""
    return quantum * round_away_from_zero(value / quantum)


def safe_multiply_100(value: Decimal) -> Decimal:
    """`Extensions.SafeMultiply100`."""
    return _DECIMAL_MAX if value >= _DECIMAL_MAX / 100 else value * 100


def decimal_text(value: Decimal) -> str:
    """`decimal.ToString(InvariantCulture)`: scale kept, no exponent, no minus sign on zero."""
    if not value:
        value = abs(value)
    text = f"{value:f}"
    return "0" if value == 0 and scale_of(value) == 0 else text


def double_text(value: float) -> str:
    """`double.ToString(InvariantCulture)`: shortest text that reads back, with an exponent from 1e17 on; "-0" for the negative zero."""
    if value == 0:
        return "-0" if math.copysign(1.0, value) < 0 else "0"
    if abs(value) >= 1e17 or abs(value) < 1e-4:
        mantissa, exponent = f"{Decimal(repr(value)).normalize():E}".split("E")
        return f"{mantissa}E{exponent[0]}{exponent[1:].rjust(2, '0')}"
    text = f"{Decimal(repr(value)):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def json_decimal(value: Decimal) -> str:
    """Newtonsoft's number text of a decimal: as `decimal_text`, with ".0" for whole numbers."""
    text = decimal_text(value)
    return text if "." in text else text + ".0"


def currency_text(value: Decimal) -> str:
    """Format "N2": two decimals (half away from zero, as .NET formats), thousands separated."""
    with localcontext(prec=60):
        return f"{value.quantize(Decimal('0.01'), rounding=ROUND_HALF_UP):,}"


def percent_text(value: Decimal) -> str:
    """Format "P" of the invariant culture: "1.44 %", "-4.33 %"."""
    return f"{currency_text(value * 100)} %"
