"""Charts and their series (Common/Chart.cs, Series.cs, CandlestickSeries.cs, ChartPoint.cs, Candlestick.cs)."""

from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, ClassVar

from simulator.common.enums import ChartType, ScatterMarkerSymbol, SeriesType
from simulator.common.system_exceptions import ArgumentException
from simulator.common.time_zone import from_utc_datetime, utc_datetime
from simulator.results.net_number import from_double, smart_rounding


class Color:
    """A colour of a series (System.Drawing.Color)."""

    EMPTY: ClassVar["Color"]
    RED: ClassVar["Color"]
    GREEN: ClassVar["Color"]
    BLUE: ClassVar["Color"]
    ORANGE: ClassVar["Color"]
    GRAY: ClassVar["Color"]
    BLACK: ClassVar["Color"]

    def __init__(self, code: str) -> None:
        self._code = code

    @staticmethod
    def from_argb(red: int, green: int, blue: int) -> "Color":
        """The opaque colour of three components, 0 to 255."""
        return Color(f"#{red:02X}{green:02X}{blue:02X}")

    def __str__(self) -> str:
        return self._code


Color.EMPTY = Color("")
Color.RED = Color("#FF0000")
Color.GREEN = Color("#008000")
Color.BLUE = Color("#0000FF")
Color.ORANGE = Color("#FFA500")
Color.GRAY = Color("#808080")
Color.BLACK = Color("#000000")


def _number(value: Any) -> Decimal | None:
    if value is None:
        return None
    return smart_rounding(value if isinstance(value, Decimal) else from_double(float(value)))


def _instant(moment: Any) -> int:
    if isinstance(moment, int):
        return moment
    if isinstance(moment, date) and not isinstance(moment, datetime):
        moment = datetime.combine(moment, time())
    return from_utc_datetime(moment)


class SeriesPoint:
    """A moment of a series; inside, times are microseconds UTC."""

    __slots__ = ("_time",)

    def __init__(self, moment: Any) -> None:
        self._time = _instant(moment)

    @property
    def time(self) -> datetime:
        """UTC."""
        return utc_datetime(self._time)


class ChartPoint(SeriesPoint):
    """One value of a series, smart-rounded; None is a gap."""

    __slots__ = ("_y",)

    def __init__(self, time: Any, value: Any) -> None:
        super().__init__(time)
        self._y = _number(value)

    @property
    def x(self) -> int:
        """Seconds since 1970, UTC."""
        return round(self._time / 1_000_000)

    @property
    def y(self) -> float | None:
        """The value."""
        return None if self._y is None else float(self._y)


class Candlestick(SeriesPoint):
    """Open, high, low and close of a series, smart-rounded."""

    __slots__ = ("_close", "_high", "_low", "_open")

    def __init__(self, time: Any, open: Any = None, high: Any = None, low: Any = None, close: Any = None) -> None:
        super().__init__(time)
        self._open, self._high, self._low, self._close = _number(open), _number(high), _number(low), _number(close)

    @property
    def long_time(self) -> int:
        """Seconds since 1970, UTC."""
        return self._time // 1_000_000

    @property
    def open(self) -> float | None:
        """First value."""
        return None if self._open is None else float(self._open)

    @property
    def high(self) -> float | None:
        """Highest value."""
        return None if self._high is None else float(self._high)

    @property
    def low(self) -> float | None:
        """Lowest value."""
        return None if self._low is None else float(self._low)

    @property
    def close(self) -> float | None:
        """Last value."""
        return None if self._close is None else float(self._close)


class BaseSeries:
    """Name, axis and points of a series; `_points` in order of time."""

    def __init__(self, name: str = "", series_type: SeriesType = SeriesType.LINE, index: int = 0, unit: str = "$") -> None:
        self.name = name
        self.series_type = series_type
        self.index = index
        self.unit = unit
        self.index_name: str | None = None
        self.z_index: int | None = None
        self.tooltip: str | None = None
        self._points: list[Any] = []
        self._sent = 0

    @property
    def values(self) -> list[Any]:
        """The points."""
        return self._points

    def _add(self, point: SeriesPoint) -> None:
        if self._points and self._points[-1]._time == point._time:
            self._points[-1] = point
        else:
            self._points.append(point)

    def _take_updates(self) -> list[Any]:
        """Points added since the last call; a point overwritten after it was taken stays as it was."""
        fresh = self._points[self._sent :]
        self._sent = len(self._points)
        return fresh

    def _empty_copy(self) -> "BaseSeries":
        copy = type(self)(self.name)
        copy.__dict__.update({**self.__dict__, "_points": [], "_sent": 0})
        return copy


class Series(BaseSeries):
    """A line, bar, scatter … series: `Series(name, type, index, unit)`, `Series(name, type, unit[, color[, symbol]])`."""

    def __init__(self, name: str = "", type: SeriesType = SeriesType.LINE, *arguments: Any, unit: str = "$", index: int = 0) -> None:
        self.color = Color.EMPTY
        self.scatter_marker_symbol = ScatterMarkerSymbol.NONE
        if arguments and isinstance(arguments[0], int):
            index, *rest = arguments
            unit = rest[0] if rest else unit
        elif arguments:
            unit, *rest = arguments
            self.color = rest[0] if rest else self.color
            self.scatter_marker_symbol = rest[1] if len(rest) > 1 else self.scatter_marker_symbol
        super().__init__(name, type, index, unit)

    def add_point(self, time: Any, value: Any = None) -> None:
        """Adds a value at a UTC time (or a `ChartPoint`); the same time overwrites."""
        self._add(time if isinstance(time, ChartPoint) else ChartPoint(time, value))


class CandlestickSeries(BaseSeries):
    """A series of candles."""

    def __init__(self, name: str = "", index: int = 0, unit: str = "$") -> None:
        super().__init__(name, SeriesType.CANDLE, index, unit)

    def add_point(self, time: Any, open: Any = None, high: Any = None, low: Any = None, close: Any = None) -> None:
        """Adds a candle at a UTC time (or a `Candlestick`, or a bar at its end)."""
        if isinstance(time, Candlestick):
            self._add(time)
        elif open is None and hasattr(time, "end_time"):
            self._add(Candlestick(time.end_time, time.open, time.high, time.low, time.close))
        else:
            self._add(Candlestick(time, open, high, low, close))


class Chart:
    """Series under one name."""

    def __init__(self, name: str = "", symbol: Any = None) -> None:
        self.name = name
        self.symbol = symbol
        self.chart_type = ChartType.OVERLAY
        self.legend_disabled = False
        self.series: dict[str, BaseSeries] = {}

    def add_series(self, series: BaseSeries) -> None:
        """Adds a series of a new name.

        Raises:
            ArgumentException: the chart has a series of this name.
        """
        if series.name in self.series:
            raise ArgumentException(f"Chart.AddSeries(): Chart series name already exists: {series.name}")
        self.series[series.name] = series


def sampled_candles(candles: Sequence[Candlestick], days: int) -> list[Candlestick]:
    """Every so many days one candle, truncated to whole units, for the summary (the last one ends the series)."""
    step = days * 86_400_000_000
    result: list[Candlestick] = []
    pending: list[Candlestick] = []
    due = candles[0]._time
    for candle in candles:
        pending.append(candle)
        if candle._time >= due:
            result.append(_merged(pending, due))
            pending = []
            while due <= candle._time:
                due += step
    return result


def _merged(candles: Sequence[Candlestick], moment: int) -> Candlestick:
    highs = [value for candle in candles for value in (candle._open, candle._high, candle._low, candle._close) if value is not None]
    first, last = candles[0]._open or Decimal(0), candles[-1]._close or Decimal(0)
    return Candlestick(moment, *(Decimal(int(value)) for value in (first, max(highs), min(highs), last)))
