"""The JSON documents of a result: `<id>.json`, its summary, order events."""

from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal
from typing import Any, Final

from simulator.common.enums import SeriesType
from simulator.results.backtest_result import BacktestResult
from simulator.results.charts import BaseSeries, Candlestick, Chart, ChartPoint, Series, sampled_candles
from simulator.results.json_text import Inline, iso_time, tick_span, time_span
from simulator.results.net_number import decimal_text, round_decimal
from simulator.results.order_json import order_event_json, order_json, symbol_json
from simulator.results.portfolio_statistics import PortfolioStatistics
from simulator.results.statistics_builder import AlgorithmPerformance
from simulator.results.trade import Trade
from simulator.results.trade_statistics import TradeStatistics

_DIGITS: Final = 4
_ACRONYMS: Final = {"Mae": "MAE", "Mfe": "MFE"}
_TEXT_NUMBERS: Final = {"drawdown_recovery"}  # an integer that LEAN prints through its rounding converter, so as text
_SPANS: Final = ("duration",)
_TIMES: Final = ("date_time",)


def result_json(result: BacktestResult) -> dict[str, Any]:
    """`<id>.json`."""
    return {
        "rollingWindow": {key: performance_json(value, with_trades=False) for key, value in result.rolling_performances.items()},
        "charts": {name: chart_json(chart) for name, chart in result.charts.items()},
        "orders": {order_id: order_json(order) for order_id, order in sorted(result.orders.items())},
        "profitLoss": {iso_time(utc): value for utc, value in result.profit_loss.items()},
        **_common(result),
        "totalPerformance": performance_json(result.total_performance, with_trades=True),
        "analysis": [],
    }


def summary_json(result: BacktestResult) -> dict[str, Any]:
    """`<id>-summary.json`: the same without orders and trades, the equity curve thinned out."""
    equity = result.charts["Strategy Equity"].series["Equity"] if "Strategy Equity" in result.charts else None
    charts = (
        {"Strategy Equity": {"name": "Strategy Equity", "chartType": 0, "series": {"Equity": _thinned(equity)}}}
        if equity is not None
        else {}
    )
    return {
        "rollingWindow": {},
        "charts": charts,
        **_common(result),
        "totalPerformance": performance_json(result.total_performance, with_trades=False),
    }


def _common(result: BacktestResult) -> dict[str, Any]:
    return {
        "statistics": result.statistics,
        "runtimeStatistics": result.runtime_statistics,
        "state": result.state,
        "serverStatistics": result.server_statistics,
        "algorithmConfiguration": result.configuration,
    }


def order_events_json(result: BacktestResult) -> list[dict[str, Any]]:
    """`<id>-order-events.json`."""
    return [order_event_json(event, result.algorithm_id) for event in result.order_events]


def performance_json(performance: AlgorithmPerformance, *, with_trades: bool) -> dict[str, Any]:
    """Statistics of a period; decimals as texts of four digits, as LEAN writes them."""
    return {
        "tradeStatistics": _figures(performance.trade_statistics),
        "portfolioStatistics": _figures(performance.portfolio_statistics),
        "closedTrades": [trade_json(trade) for trade in performance.closed_trades] if with_trades else [],
    }


def _figures(statistics: TradeStatistics | PortfolioStatistics) -> dict[str, Any]:
    return {_camel_case(item.name): _figure(item.name, getattr(statistics, item.name)) for item in fields(statistics)}


def _figure(name: str, value: Any) -> Any:
    if isinstance(value, Decimal):
        return decimal_text(round_decimal(value, _DIGITS))
    if name in _TEXT_NUMBERS:
        return str(value)
    if name.endswith(_SPANS):
        return tick_span(value)
    if name.endswith(_TIMES):
        return None if value is None else iso_time(value)
    return value


def _camel_case(name: str) -> str:
    first, *rest = name.split("_")
    words = [word.capitalize() for word in rest]
    return first + "".join(_ACRONYMS.get(word, word) for word in words)


def trade_json(trade: Trade) -> dict[str, Any]:
    """One closed trade."""
    return Inline(
        id=trade.id,
        symbols=[symbol_json(symbol) for symbol in trade.symbols],
        entryTime=iso_time(trade._entry_time_utc),
        entryPrice=trade._entry_price,
        direction=trade.direction,
        quantity=trade._quantity,
        exitTime=iso_time(trade._exit_time_utc),
        exitPrice=trade._exit_price,
        profitLoss=trade._profit_loss,
        totalFees=trade._total_fees,
        mae=trade._mae,
        mfe=trade._mfe,
        duration=time_span(trade._duration),
        endTradeDrawdown=trade._end_trade_drawdown,
        isWin=trade.is_win,
        orderIds=trade.order_ids,
    )


def chart_json(chart: Chart) -> dict[str, Any]:
    """One chart with all its points."""
    result: dict[str, Any] = {
        "name": chart.name,
        "chartType": chart.chart_type,
        "series": {name: series_json(series) for name, series in chart.series.items()},
    }
    if chart.legend_disabled:
        result["legendDisabled"] = True
    return result


def series_json(series: BaseSeries) -> Mapping[str, Any]:
    """One series; points are `[seconds, value]` or `[seconds, open, high, low, close]`."""
    result = Inline(name=series.name, unit=series.unit, index=series.index, seriesType=series.series_type)
    for key, value in (("zIndex", series.z_index), ("indexName", series.index_name), ("tooltip", series.tooltip)):
        if value is not None:
            result[key] = value
    result["values"] = [_point(point) for point in series._points]
    if isinstance(series, Series):
        result["color"] = str(series.color)
        result["scatterMarkerSymbol"] = series.scatter_marker_symbol.name.lower().replace("_", "-")
    return result


def _point(point: Candlestick | ChartPoint) -> list[Any]:
    if isinstance(point, Candlestick):
        return [point.long_time, point._open, point._high, point._low, point._close]
    return [point.x, point._y]


def _thinned(series: BaseSeries) -> Mapping[str, Any]:
    days = min(7, len(series._points) // 100)
    if series.series_type != SeriesType.CANDLE or days <= 1:
        return series_json(series)
    copy = series._empty_copy()
    copy._points = sampled_candles(series._points, days)
    return series_json(copy)
