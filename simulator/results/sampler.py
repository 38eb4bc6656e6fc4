"""The charts LEAN keeps of every run and when it adds to them (BaseResultsHandler's Sample… methods)."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final

from simulator.common.enums import SecurityType, SeriesType
from simulator.common.time_zone import to_utc
from simulator.orders.order import pascal_case
from simulator.results.charts import BaseSeries, Candlestick, CandlestickSeries, Chart, ChartPoint, Series
from simulator.results.margin_chart import add_margin_sample
from simulator.results.net_number import round_decimal, smart_rounding

_ZERO: Final = Decimal(0)
_SALES_SERIES: Final = 30
_TURNOVER: Final = "Portfolio Turnover"
MARGIN: Final = "Portfolio Margin"


class EquityBar:
    """Open, high, low and close of the portfolio value since the last sample; zero values are skipped, as in LEAN's `Bar`."""

    __slots__ = ("close", "high", "low", "open")

    def __init__(self) -> None:
        self.open = self.high = self.low = self.close = _ZERO

    def update(self, value: Decimal) -> None:
        """Takes a portfolio value."""
        if not value:
            return
        if not self.open:
            self.open = self.high = self.low = self.close = value
            return
        self.high = max(self.high, value)
        self.low = min(self.low, value)
        self.close = value


class ChartSampler:
    """Builds Strategy Equity, Benchmark, Drawdown, Exposure, Capacity, Sales Volume, Turnover and Margin."""

    def __init__(self, algorithm: Any, starting_portfolio_value: Decimal) -> None:
        self._algorithm = algorithm
        self.charts: dict[str, Chart] = {}
        equity = self.charts["Strategy Equity"] = Chart("Strategy Equity")
        equity.add_series(CandlestickSeries("Equity", 0, "$"))
        equity.add_series(Series("Return", SeriesType.BAR, 1, "%"))
        self._bar: EquityBar | None = None
        self._last_value: Decimal | None = None
        self.portfolio_value = starting_portfolio_value
        self._daily_value = self._peak_value = starting_portfolio_value
        self._sales_volumes = (_ZERO, _ZERO)
        self._last_turnover_utc = -1

    def restart(self, portfolio_value: Decimal) -> None:
        """Takes the portfolio value at the end of warm-up as the start; unchanged values keep their decimal scale."""
        self.portfolio_value = portfolio_value
        if self._peak_value != portfolio_value:
            self._peak_value = portfolio_value
        if self._daily_value != portfolio_value:
            self._daily_value = portfolio_value
        self._bar = None

    def update_equity(self) -> Decimal:
        """Reads the portfolio value into the running candle."""
        self.portfolio_value = self._algorithm.portfolio._total_portfolio_value
        self.observe((self.portfolio_value,))
        return self.portfolio_value

    def observe(self, values: Iterable[Decimal]) -> None:
        """Takes portfolio values into the running candle."""
        bar = self._bar
        if bar is None:
            bar, self._last_value = EquityBar(), None
            self._bar = bar
        for value in values:
            if value != self._last_value:
                self._last_value = value
                bar.update(round_decimal(value, 4))

    def sample_equity(self, utc: int) -> None:
        """Closes the running candle."""
        bar, self._bar = self._bar, None
        if bar is not None and not self._algorithm.is_warming_up:
            self._append("Strategy Equity", "Equity", SeriesType.CANDLE, 0, "$", Candlestick(utc, bar.open, bar.high, bar.low, bar.close))

    def sample_day(self, utc: int, benchmark: Decimal, capacity: Decimal) -> None:
        """The daily sample of every chart."""
        value = self.update_equity()
        change = (value - self._daily_value) * 100 / self._daily_value if self._daily_value else _ZERO
        performance = round_decimal(change, 10)
        self._peak_value = max(value, self._peak_value)
        self.sample_equity(utc)
        if not self._algorithm.is_warming_up:
            self._point("Benchmark", "Benchmark", utc, smart_rounding(benchmark))
            self._point("Strategy Equity", "Return", utc, performance, SeriesType.BAR, 1, "%")
            if self._peak_value:
                drawdown = round_decimal((value / self._peak_value - 1) * 100, 2)
                self._point("Drawdown", "Equity Drawdown", utc, drawdown, unit="%")
            self._sample_sales(utc)
            self._sample_exposure(utc, value)
            self._point("Capacity", "Strategy Capacity", utc, capacity)
        self._sample_turnover(utc, value)
        self._sample_margin(utc, value)
        self._daily_value = value

    def _sample_sales(self, utc: int) -> None:
        holdings = [holding for holding in self._holdings() if holding._total_sale_volume]
        for holding in sorted(holdings, key=lambda item: item._total_sale_volume, reverse=True)[:_SALES_SERIES]:
            self._point("Assets Sales Volume", holding.symbol.value, utc, holding._total_sale_volume, SeriesType.TREEMAP)

    def _sample_exposure(self, utc: int, portfolio_value: Decimal) -> None:
        if not portfolio_value:
            return
        sums: dict[SecurityType, list[Decimal]] = {}
        for holding in self._holdings():
            sides = sums.setdefault(holding.symbol.security_type, [_ZERO, _ZERO])
            value = holding._holdings_value
            if value:
                sides[value < 0] += value
        for side, label in enumerate(("Long", "Short")):
            for kind, sides in sums.items():
                ratio = round_decimal(sides[side] / portfolio_value, 4)
                self._point("Exposure", f"{pascal_case(kind.name)} - {label} Ratio", utc, ratio, unit="")

    def _sample_turnover(self, utc: int, portfolio_value: Decimal) -> None:
        algorithm = self._algorithm
        if not portfolio_value or utc == to_utc(algorithm.start_date, algorithm.time_zone):
            return
        volume = algorithm.portfolio._total_sale_volume
        before = self._sales_volumes[0 if self._last_turnover_utc == utc else 1]
        self._sales_volumes = (self._sales_volumes[1], volume)
        self._last_turnover_utc = utc
        if not algorithm.is_warming_up:
            self._point(_TURNOVER, _TURNOVER, utc, (volume - before) / portfolio_value, unit="%")

    def _sample_margin(self, utc: int, portfolio_value: Decimal) -> None:
        if MARGIN not in self.charts:
            self.charts[MARGIN] = Chart(MARGIN)
            self.charts[MARGIN].legend_disabled = True
        if portfolio_value:
            add_margin_sample(self.charts[MARGIN], utc, self._algorithm.portfolio._margin_by_group(), portfolio_value)

    def _holdings(self) -> list[Any]:
        return [security.holdings for security in self._algorithm.securities.values()]

    def _point(
        self, chart: str, series: str, utc: int, value: Decimal, kind: SeriesType = SeriesType.LINE, index: int = 0, unit: str = "$"
    ) -> None:
        self._append(chart, series, kind, index, unit, ChartPoint(utc, value))

    def _append(self, chart: str, name: str, kind: SeriesType, index: int, unit: str, point: Any) -> None:
        found = self.charts.setdefault(chart, Chart(chart))
        series: BaseSeries | None = found.series.get(name)
        if series is None:
            series = found.series[name] = Series(name, kind, index, unit)
        if not series._points or point._time > series._points[-1]._time or chart == _TURNOVER:
            series._add(point)
