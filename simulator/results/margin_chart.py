"""The "Portfolio Margin" chart (Common/Securities/Positions/PortfolioMarginChart.cs)."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from simulator.common.enums import SeriesType
from simulator.results.charts import Chart, ChartPoint, Color, Series
from simulator.results.net_number import round_to_significant_digits

_MAX_SERIES: Final = 40
_OTHERS: Final = "OTHERS"


def add_margin_sample(chart: Chart, utc: int, groups: Sequence[tuple[str, Decimal]], portfolio_value: Decimal) -> None:
    """Adds a point per position group.

    Args:
        chart: the chart; its legend is off.
        utc: time of the sample.
        groups: name of the group's symbols and margin it uses, account currency.
        portfolio_value: total portfolio value, not 0.
    """
    if not groups:
        return
    shares = [(name, round_to_significant_digits(used / portfolio_value, 4)) for name, used in groups]
    ranked = dict.fromkeys(name for name, _ in sorted(shares, key=lambda item: item[1], reverse=True))
    top = set(list(ranked)[:_MAX_SERIES])
    others = Decimal(0)
    for name, share in shares:
        if name in top:
            _series(chart, name)._add(ChartPoint(utc, share * 100))
        else:
            others += share * 100
            _series(chart, _OTHERS)._add(ChartPoint(utc, others))
    for series in chart.series.values():
        last = series._points[-1] if series._points else None
        if last is None or (last._time != utc and last._y is not None):
            series._add(ChartPoint(utc, None))


def _series(chart: Chart, name: str) -> Series:
    found = chart.series.get(name)
    if isinstance(found, Series):
        return found
    created = Series(name, SeriesType.BAR, 0, "%")
    created.color = Color.GRAY if name == _OTHERS else Color.EMPTY
    created.tooltip = "{SERIES_NAME}: {VALUE}%"
    created.index_name = "Margin Used (%)"
    chart.series[name] = created
    return created
