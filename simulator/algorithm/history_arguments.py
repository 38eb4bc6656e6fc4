"""Arguments of `algorithm.history` in any of LEAN's spellings (the overloads of QCAlgorithm.History)."""

from datetime import date, timedelta
from typing import Any, Final

from simulator.common.enums import Resolution

_NAMES: Final = (
    "resolution",
    "fill_forward",
    "extended_market_hours",
    "data_mapping_mode",
    "data_normalization_mode",
    "contract_depth_offset",
    "flatten",
)
_MODES: Final = ("data_mapping_mode", "data_normalization_mode", "contract_depth_offset")


class HistoryArguments:
    """`periods | span | start, end [, resolution, fill_forward, extended_market_hours, …, flatten]`, by place or by name.

    Attributes:
        periods: number of bars, None when a time is given.
        span: how far back, None unless given.
        start: first moment, None unless given.
        end: last moment; now when it is None.
        modes: mapping, normalization and depth of a continuous future that differ from the subscription's.
        flatten: whether a universe's rows become rows of the frame.

    Raises:
        TypeError: no length, or an argument LEAN does not know.
    """

    def __init__(self, positional: list[Any], named: dict[str, Any]) -> None:
        given_names, rest = dict(named), list(positional)
        self.periods: int | None = named.pop("periods", None)
        self.span: timedelta | None = named.pop("span", None)
        self.start: date | None = named.pop("start", None)
        self.end: date | None = named.pop("end", None)
        if self.periods is None and self.span is None and self.start is None and rest:
            self._take_length(rest)
        if self.start is not None and self.end is None and rest and isinstance(rest[0], date):
            self.end = rest.pop(0)
        options = dict(zip(_NAMES, rest, strict=False))
        options.update((name, named.pop(name)) for name in _NAMES if name in named)
        self.resolution: Resolution | None = options.get("resolution")
        self.fill_forward: bool | None = options.get("fill_forward")
        self.extended: bool | None = options.get("extended_market_hours")
        self.modes = {name: options[name] for name in _MODES if options.get(name) is not None}
        if "contract_depth_offset" in self.modes:
            self.modes["contract_depth_offset"] = abs(self.modes["contract_depth_offset"])
        self.flatten = bool(options.get("flatten"))
        if named or len(rest) > len(_NAMES) or (self.periods is None and self.span is None and self.start is None):
            raise TypeError(f"No method matches given arguments for history: {tuple(positional)} {given_names}")

    def _take_length(self, rest: list[Any]) -> None:
        first = rest.pop(0)
        if isinstance(first, timedelta):
            self.span = first
        elif isinstance(first, date):
            self.start = first
        else:
            self.periods = int(first)
