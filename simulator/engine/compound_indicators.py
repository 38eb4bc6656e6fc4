"""Indicators made of others or of a window of values (Indicators/*.cs)."""

from decimal import Decimal
from typing import Any

from simulator.common.bars import exact
from simulator.common.system_exceptions import ArgumentException
from simulator.engine.indicator import ZERO, IndicatorBase, StandardDeviation, _named, moving_average

_EXPONENTIAL = 1


class Identity(IndicatorBase):
    """The value itself."""

    def __init__(self, name: str) -> None:
        super().__init__(name, 1)

    def _next(self, bar: Any, value: Decimal) -> Decimal:
        del bar
        return value


class _Change(IndicatorBase):
    """Looks at the value of some values ago; before there is one, at the first."""

    def __init__(self, kind: str, name: str | int, period: int | None) -> None:
        name, period = _named(name, period, kind)
        super().__init__(name, period + 1)
        self._period = period
        self._values: list[Decimal] = []

    def _next(self, bar: Any, value: Decimal) -> Decimal:
        del bar
        self._values.append(value)
        if len(self._values) > self._period + 1:
            del self._values[0]
        return self._change(value, self._values[0])

    def _change(self, value: Decimal, before: Decimal) -> Decimal:
        raise NotImplementedError

    def reset(self) -> None:
        """Forget everything."""
        super().reset()
        self._values.clear()


class Momentum(_Change):
    """Difference to the value of `period` values ago."""

    def __init__(self, name: str | int, period: int | None = None) -> None:
        super().__init__("MOM", name, period)

    def _change(self, value: Decimal, before: Decimal) -> Decimal:
        return value - before


class RateOfChange(_Change):
    """Relative difference to the value of `period` values ago."""

    def __init__(self, name: str | int, period: int | None = None) -> None:
        super().__init__("ROC", name, period)

    def _change(self, value: Decimal, before: Decimal) -> Decimal:
        return (value - before) / before if before else ZERO


class RateOfChangePercent(_Change):
    """Difference to the value of `period` values ago in percent."""

    def __init__(self, name: str | int, period: int | None = None) -> None:
        super().__init__("ROCP", name, period)

    def _change(self, value: Decimal, before: Decimal) -> Decimal:
        return 100 * ((value - before) / before) if before else ZERO


class MomentumPercent(RateOfChangePercent):
    """Another name of RateOfChangePercent."""

    def __init__(self, name: str | int, period: int | None = None) -> None:
        name, period = _named(name, period, "MOMP")
        super().__init__(name, period)


class MovingAverageConvergenceDivergence(IndicatorBase):
    """Fast less slow average, its average (signal), and their difference (histogram).

    Raises:
        ArgumentException: the fast period is not the shorter one.
    """

    def __init__(self, *arguments: Any, type: Any = _EXPONENTIAL) -> None:
        name, rest = (arguments[0], arguments[1:]) if isinstance(arguments[0], str) else (None, arguments)
        fast, slow, signal, *kind = rest
        kind = kind[0] if kind else type
        if fast >= slow:
            raise ArgumentException(
                "MovingAverageConvergenceDivergence: fastPeriod must be less than slowPeriod (Parameter 'fastPeriod, slowPeriod')"
            )
        super().__init__(name or f"MACD({fast},{slow},{signal})", slow + signal - 1)
        self.fast = moving_average(kind, fast, f"{self.name}_Fast")
        self.slow = moving_average(kind, slow, f"{self.name}_Slow")
        self.signal = moving_average(kind, signal, f"{self.name}_Signal")
        self.histogram = Identity(f"{self.name}_Histogram")

    @property
    def is_ready(self) -> bool:
        """Whether the signal is."""
        return self.signal.is_ready

    def _next(self, bar: Any, value: Decimal) -> Decimal:
        time = None if bar is None else bar.end_time
        ready = (self.fast.update(time, value), self.slow.update(time, value))
        difference = self.fast.current._value - self.slow.current._value
        if all(ready) and self.signal.update(time, difference):
            self.histogram.update(time, difference - self.signal.current._value)
        return difference

    def reset(self) -> None:
        """Forget everything."""
        for part in (self.fast, self.slow, self.signal, self.histogram):
            part.reset()
        super().reset()


class BollingerBands(IndicatorBase):
    """A moving average and bands of some standard deviations around it."""

    def __init__(self, *arguments: Any, moving_average_type: Any = None) -> None:
        name, rest = (arguments[0], arguments[1:]) if isinstance(arguments[0], str) else (None, arguments)
        period, k, *kind = rest
        super().__init__(name or f"BB({period},{k})", period)
        self._k = exact(k)
        self.standard_deviation = StandardDeviation(f"{self.name}_StandardDeviation", period)
        self.middle_band = moving_average(kind[0] if kind else moving_average_type, period, f"{self.name}_MiddleBand")
        self.lower_band = Identity(f"{self.name}_LowerBand")
        self.upper_band = Identity(f"{self.name}_UpperBand")
        self.band_width = Identity(f"{self.name}_BandWidth")
        self.percent_b = Identity(f"{self.name}_%B")
        self.price = Identity(f"{self.name}_Close")

    @property
    def is_ready(self) -> bool:
        """Whether the average is."""
        return self.middle_band.is_ready

    def _next(self, bar: Any, value: Decimal) -> Decimal:
        time = None if bar is None else bar.end_time
        for part in (self.standard_deviation, self.middle_band, self.price):
            part.update(time, value)
        middle, spread = self.middle_band.current._value, self.standard_deviation.current._value * self._k
        lower, upper = middle - spread, middle + spread
        self.lower_band.update(time, lower)
        self.upper_band.update(time, upper)
        if middle:
            self.band_width.update(time, (upper - lower) / middle * 100)
        if upper != lower:
            self.percent_b.update(time, (value - lower) / (upper - lower))
        return value

    def reset(self) -> None:
        """Forget everything."""
        parts = (self.standard_deviation, self.middle_band, self.lower_band, self.upper_band, self.band_width, self.percent_b, self.price)
        for part in parts:
            part.reset()
        super().reset()
