"""The indicators of LEAN that are cheap to have (Indicators/*.cs). Values are decimals inside, as LEAN's."""

import math
from collections import deque
from datetime import datetime
from decimal import Decimal
from typing import Any

from simulator.common.bars import BaseData, exact
from simulator.engine.event import Event, Handler
from simulator.engine.rolling_window import RollingWindow
from simulator.results.net_number import from_double

ZERO = Decimal(0)


class IndicatorDataPoint:
    """A value and its time."""

    def __init__(self, time: datetime | None = None, value: Decimal = ZERO) -> None:
        self.time = time
        self.end_time = time
        self._value = value

    @property
    def value(self) -> float:
        """The value."""
        return float(self._value)

    def __float__(self) -> float:
        return float(self._value)


class IndicatorBase:
    """Base: takes values or bars, keeps the current and the previous value.

    Attributes:
        name: LEAN's short name, e.g. "SMA(10)".
        warm_up_period: values it needs before it is ready.
    """

    def __init__(self, name: str, warm_up_period: int) -> None:
        self.name = name
        self.window: RollingWindow[IndicatorDataPoint] = RollingWindow(2)
        self.warm_up_period = warm_up_period
        self.samples = 0
        self._detached = False
        self._handlers: list[Handler] = []
        self._start_over()

    def _start_over(self) -> None:
        self.samples = 0
        self.current = IndicatorDataPoint()
        self.previous = IndicatorDataPoint()
        self.window.reset()

    @property
    def updated(self) -> Event:
        """`indicator.updated += handler(sender, point)`."""
        return Event(self._handlers)

    @updated.setter
    def updated(self, event: Event) -> None:
        """`+=` assigns the event back."""

    @property
    def is_ready(self) -> bool:
        """Whether enough values came."""
        return self.samples >= self.warm_up_period

    def update(self, input: Any, value: Any = None) -> bool:
        """Take a bar, or `(time, value)`; whether the indicator is ready."""
        time = input.end_time if isinstance(input, BaseData) else input
        self.samples += 1
        number = self._next(input if value is None else None, exact(value) if value is not None else input._value)
        self.previous, self.current = self.current, IndicatorDataPoint(time, number)
        self.window.add(self.current)
        for handler in list(self._handlers):
            handler(self, self.current)
        return self.is_ready

    def reset(self) -> None:
        """Forget everything."""
        self._start_over()

    def __getitem__(self, index: int) -> IndicatorDataPoint | None:
        return self.window[index]

    def __float__(self) -> float:
        return self.current.value

    def __lt__(self, other: Any) -> bool:
        return self.current._value < _decimal_of(other)

    def __le__(self, other: Any) -> bool:
        return self.current._value <= _decimal_of(other)

    def __gt__(self, other: Any) -> bool:
        return self.current._value > _decimal_of(other)

    def __ge__(self, other: Any) -> bool:
        return self.current._value >= _decimal_of(other)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, IndicatorBase) or not isinstance(other, int | float | Decimal):
            return self is other
        return self.current._value == _decimal_of(other)

    def __hash__(self) -> int:
        return id(self)

    def __str__(self) -> str:
        places = Decimal("0.00001")
        return f"{self.current._value.quantize(places).normalize():f}" if self.current._value % 1 else f"{self.current._value:.1f}"

    def _next(self, bar: Any, value: Decimal) -> Decimal:
        raise NotImplementedError


def _decimal_of(other: Any) -> Decimal:
    return other.current._value if isinstance(other, IndicatorBase) else exact(other)


def _named(name: str | int, period: int | None, kind: str) -> tuple[str, int]:
    """LEAN's indicators are made from a period, or from a name and a period."""
    if isinstance(name, str):
        if period is None:
            raise TypeError(f"No method matches given arguments for {kind}: a name needs a period after it, got {name!r} alone.")
        return name, period
    return f"{kind}({name})", int(name)


class _WindowIndicator(IndicatorBase):
    def __init__(self, kind: str, name: str | int, period: int | None) -> None:
        name, period = _named(name, period, kind)
        super().__init__(name, period)
        self._period = period
        self._window: deque[Decimal] = deque(maxlen=period)

    def reset(self) -> None:
        """Forget everything."""
        super().reset()
        self._window.clear()


class SimpleMovingAverage(_WindowIndicator):
    """Mean of the last values."""

    def __init__(self, name: str | int, period: int | None = None) -> None:
        super().__init__("SMA", name, period)
        self._sum = ZERO

    def _next(self, bar: Any, value: Decimal) -> Decimal:
        del bar
        if len(self._window) == self._period:
            self._sum -= self._window[0]
        self._window.append(value)
        self._sum += value
        return self._sum / len(self._window)

    def reset(self) -> None:
        """Forget everything."""
        super().reset()
        self._sum = ZERO


class Maximum(_WindowIndicator):
    """Highest of the last values."""

    def __init__(self, name: str | int, period: int | None = None) -> None:
        super().__init__("MAX", name, period)

    def _next(self, bar: Any, value: Decimal) -> Decimal:
        self._window.append(value if bar is None else getattr(bar, "_high", value))
        return max(self._window)


class Minimum(_WindowIndicator):
    """Lowest of the last values."""

    def __init__(self, name: str | int, period: int | None = None) -> None:
        super().__init__("MIN", name, period)

    def _next(self, bar: Any, value: Decimal) -> Decimal:
        self._window.append(value if bar is None else getattr(bar, "_low", value))
        return min(self._window)


class StandardDeviation(_WindowIndicator):
    """Standard deviation of the last values, as a population."""

    def __init__(self, name: str | int, period: int | None = None) -> None:
        super().__init__("STD", name, period)

    def _next(self, bar: Any, value: Decimal) -> Decimal:
        del bar
        self._window.append(value)
        mean = sum(self._window, ZERO) / len(self._window)
        variance = sum(((item - mean) ** 2 for item in self._window), ZERO) / len(self._window)
        return from_double(math.sqrt(float(variance)))


class ExponentialMovingAverage(IndicatorBase):
    """Exponential average, started with the simple average of the first values; 0 before that."""

    def __init__(self, name: str | int, period: float | None = None, smoothing: float | None = None) -> None:
        if not isinstance(name, str) and period is not None:
            name, period, smoothing = int(name), None, period
        name, count = _named(name, None if period is None else int(period), "EMA")
        super().__init__(name, count)
        period = count
        self._period = period
        self._factor = Decimal(2) / (1 + period) if smoothing is None else exact(smoothing)
        self._start = SimpleMovingAverage(period)

    def _next(self, bar: Any, value: Decimal) -> Decimal:
        del bar
        if not self._start.is_ready:
            self._start.update(None, value)
            return self._start.current._value if self.is_ready else ZERO
        return value * self._factor + self.current._value * (1 - self._factor)

    def reset(self) -> None:
        """Forget everything."""
        super().reset()
        self._start.reset()


class WilderMovingAverage(ExponentialMovingAverage):
    """Exponential average with a factor of 1 / period; the simple average before it is ready."""

    def __init__(self, name: str | int, period: int | None = None) -> None:
        name, period = _named(name, period, "WWMA")
        super().__init__(name, period)
        self._factor = Decimal(1) / period

    def _next(self, bar: Any, value: Decimal) -> Decimal:
        del bar
        if not self.is_ready:
            self._start.update(None, value)
            return self._start.current._value
        return value * self._factor + self.current._value * (1 - self._factor)


_WILDERS = 2


def moving_average(kind: Any, period: int, name: str | None = None) -> IndicatorBase:
    """The average a MovingAverageType stands for: simple 0, exponential 1, Wilders 2."""
    named: tuple[Any, ...] = (period,) if name is None else (name, period)
    if kind is None or int(kind) == 0:
        return SimpleMovingAverage(*named)
    return WilderMovingAverage(*named) if int(kind) == _WILDERS else ExponentialMovingAverage(*named)


def _named_with_kind(name: str | int, period: Any, kind: Any, label: str) -> tuple[str, int, Any]:
    """`(period[, kind])` or `(name, period[, kind])`."""
    if isinstance(name, str):
        return name, int(period), kind
    return f"{label}({name})", int(name), period if kind is None else kind


class AverageTrueRange(IndicatorBase):
    """Average of the true ranges of bars; Wilder's average by default."""

    def __init__(self, name: str | int, period: Any = None, kind: Any = None) -> None:
        name, period, kind = _named_with_kind(name, period, kind, "ATR")
        super().__init__(name, period)
        self._period = period
        self._average = moving_average(_WILDERS if kind is None else kind, period)
        self._last_close: Decimal | None = None

    def _next(self, bar: Any, value: Decimal) -> Decimal:
        del value
        last = self._last_close
        span = bar._high - bar._low
        if last is not None:
            span = max(span, abs(bar._high - last), abs(bar._low - last))
        self._last_close = bar._value
        self._average.update(None, span)
        return self._average.current._value

    def reset(self) -> None:
        """Forget everything."""
        super().reset()
        self._average.reset()
        self._last_close = None


class RelativeStrengthIndex(IndicatorBase):
    """Share of gains in all changes, 0 to 100; Wilder's averages by default."""

    def __init__(self, name: str | int, period: Any = None, kind: Any = None) -> None:
        name, period, kind = _named_with_kind(name, period, kind, "RSI")
        super().__init__(name, period + 1)
        self._gain = moving_average(_WILDERS if kind is None else kind, period)
        self._loss = moving_average(_WILDERS if kind is None else kind, period)
        self._last: Decimal | None = None

    def _next(self, bar: Any, value: Decimal) -> Decimal:
        del bar
        last, self._last = self._last, value
        if last is not None:
            self._gain.update(None, max(value - last, ZERO))
            self._loss.update(None, max(last - value, ZERO))
        gain, loss = self._gain.current._value, self._loss.current._value
        if round(loss, 10) == 0:
            return Decimal(100)
        return 100 - 100 / (1 + gain / loss)

    def reset(self) -> None:
        """Forget everything."""
        super().reset()
        self._gain.reset()
        self._loss.reset()
        self._last = None
