"""JSON as Newtonsoft writes it for LEAN: decimals with their scale, ISO times with Z, enums as numbers."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from simulator.common.time_zone import utc_datetime
from simulator.results.net_number import double_text, json_decimal


class Inline(dict[str, Any]):
    """An object written on one line also in indented text."""


def encode(value: Any, indent: int | None = None) -> str:
    """JSON text; with `indent` spaces objects go over lines, lists and `Inline` objects stay on one.

    Raises:
        TypeError: a value JSON has no form for.
    """
    return _encode(value, indent, 0)


def _encode(value: Any, indent: int | None, depth: int) -> str:
    if isinstance(value, Mapping):
        return _object(value, None if isinstance(value, Inline) else indent, depth)
    if isinstance(value, list | tuple):
        return f"[{','.join(_encode(item, None, 0) for item in value)}]"
    return _scalar(value)


def _object(value: Mapping[Any, Any], indent: int | None, depth: int) -> str:
    if not value:
        return "{}"
    if indent is None:
        return "{" + ",".join(f"{_string(str(key))}:{_encode(item, None, 0)}" for key, item in value.items()) + "}"
    pad = " " * indent * (depth + 1)
    lines = [f"{pad}{_string(str(key))}: {_encode(item, indent, depth + 1)}" for key, item in value.items()]
    return "{\n" + ",\n".join(lines) + "\n" + " " * indent * depth + "}"


def _scalar(value: Any) -> str:
    if value is None or isinstance(value, bool | str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Decimal):
        return json_decimal(value)
    if isinstance(value, int):
        return str(int(value))  # an enum's number, not its name
    if isinstance(value, float):
        text = double_text(value)
        return text if "." in text or "E" in text else text + ".0"
    raise TypeError(f"{type(value).__name__} has no JSON form here: {value!r}")


def _string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def iso_time(utc: int) -> str:
    """A UTC time as Newtonsoft prints it: the fraction only when there is one, without trailing zeros."""
    moment = utc_datetime(utc)
    fraction = f".{moment.microsecond:06d}".rstrip("0") if moment.microsecond else ""
    return f"{moment:%Y-%m-%dT%H:%M:%S}{fraction}Z"


def time_span(microseconds: int) -> str:
    """A .NET TimeSpan of so many microseconds, see `tick_span`."""
    return tick_span(microseconds * 10)


def tick_span(ticks: int) -> str:
    """A .NET TimeSpan of so many ticks of 100 ns: "19:20:00", "1.04:40:00", "-00:00:01.5000000"."""
    sign = "-" if ticks < 0 else ""
    seconds, fraction = divmod(abs(ticks), 10_000_000)
    days, seconds = divmod(seconds, 86_400)
    text = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return sign + (f"{days}." if days else "") + text + (f".{fraction:07}" if fraction else "")
