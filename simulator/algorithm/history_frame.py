"""History as pandas DataFrames with LEAN's index and columns (Common/Python/PandasConverter.cs, PandasData.cs, PandasMapper.py)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from simulator.common.auxiliary_data import Delisting, Dividend, Split, SymbolChangedEvent
from simulator.common.bars import BaseData, OpenInterest, QuoteBar, TradeBar
from simulator.common.enums import SecurityType
from simulator.common.lazy_module import lazy_module
from simulator.common.security_identifier import is_option
from simulator.common.symbol import Symbol
from simulator.engine.frames import kept_columns, stacked, symbol_frame
from simulator.engine.universe_rows import OptionUniverse, UniverseRows

if TYPE_CHECKING:
    import pandas as pd
else:
    pd = lazy_module("pandas")

_SHARED = frozenset({"open", "high", "low", "close"})


def history_frame(series: Sequence[tuple[Symbol, Sequence[BaseData]]]) -> "pd.DataFrame":
    """Rows per symbol and end time (exchange time); trades and quotes of one end share a row. Empty without data.

    Symbols come in order of their first point, then as they were asked for; a column that is zero throughout is missing for its symbol.
    """
    rows: dict[Symbol, dict[int, dict[str, Any]]] = {}
    for symbol, points in sorted(series, key=lambda item: item[1][0]._end_utc if item[1] else 0):
        for point in points:
            row = rows.setdefault(symbol, {}).setdefault(point._end_utc, {"time": point.end_time})
            row.update(
                {
                    name: value
                    for name, value in _values(point).items()
                    if not (isinstance(point, QuoteBar) and name in row and name in _SHARED)
                }
            )
    names = max((_levels(symbol) for symbol in rows), key=len, default=())
    records, index = [], []
    for symbol, by_time in rows.items():
        kept = [name for name in kept_columns(by_time.values()) if name != "time"]
        for utc in sorted(by_time):
            row = {name: by_time[utc][name] for name in kept if name in by_time[utc]}
            if row:
                index.append(_key(symbol, names, by_time[utc]["time"]))
                records.append(row)
    if not records:
        return pd.DataFrame()
    frame = pd.DataFrame(records, index=_multi_index(index, names))
    return frame[sorted(frame.columns)]


def universe_frame(days: Sequence[UniverseRows]) -> "pd.DataFrame":
    """The rows of several universe files, flattened: index (time, symbol), with several chains (canonical, time, symbol)."""
    ordered = [day for chain in dict.fromkeys(day.symbol for day in days) for day in days if day.symbol == chain]
    frames = [symbol_frame([row.symbol for row in day], [_universe_values(row) for row in day]) for day in ordered]
    if len({day.symbol for day in ordered}) > 1:
        return stacked(frames, [(day.symbol, day.end_time) for day in ordered], ["canonical", "time"], sort=True)
    return stacked(frames, [day.end_time for day in ordered], ["time"], sort=True)


def universe_series(days: Sequence[UniverseRows]) -> Any:
    """The rows of several universe files as lists, one entry per chain and time; an empty frame without files."""
    if not days:
        return pd.DataFrame()
    names = max((_levels(day.symbol) for day in days), key=len)
    index = _multi_index([_key(day.symbol, names, day.end_time) for day in days], names)
    return pd.Series([list(day) for day in days], index=index, name="data")


def _multi_index(keys: Sequence[tuple[Any, ...]], names: tuple[str, ...]) -> "pd.MultiIndex":
    """Keys by level; option rights stay what they are instead of becoming numbers."""
    levels = [
        pd.Index(list(level), dtype=object) if name == "type" else list(level)
        for name, level in zip(names, zip(*keys, strict=True), strict=True)
    ]
    return pd.MultiIndex.from_arrays(levels, names=names)


def _universe_values(row: Any) -> dict[str, float]:
    found = {name: float(getattr(row, name)) for name in ("open", "high", "low", "close", "volume", "value")}
    found["openinterest"] = float(row.open_interest)
    if isinstance(row, OptionUniverse):
        greeks = row.greeks
        found |= {name: float(getattr(greeks, name)) for name in ("delta", "gamma", "vega", "theta", "rho")}
        found["impliedvolatility"] = float(row.implied_volatility)
    return found


def _values(point: BaseData) -> dict[str, Any]:
    if isinstance(point, TradeBar):
        return {"open": point.open, "high": point.high, "low": point.low, "close": point.close, "volume": point.volume}
    if isinstance(point, QuoteBar):
        return _quote_values(point)
    if isinstance(point, OpenInterest):
        return {"openinterest": point.value}
    return _event_values(point) | {"value": point.value}


def _event_values(point: BaseData) -> dict[str, Any]:
    if isinstance(point, Dividend):
        return {"distribution": point.distribution, "referenceprice": point.reference_price}
    if isinstance(point, Split):
        return {"type": point.type, "splitfactor": point.split_factor, "referenceprice": point.reference_price}
    if isinstance(point, Delisting):
        return {"type": point.type}
    return {"oldsymbol": point.old_symbol, "newsymbol": point.new_symbol} if isinstance(point, SymbolChangedEvent) else {}


def _quote_values(bar: QuoteBar) -> dict[str, float]:
    found = {"open": bar.open, "high": bar.high, "low": bar.low, "close": bar.close}
    for name, side, size in (("bid", bar.bid, bar.last_bid_size), ("ask", bar.ask, bar.last_ask_size)):
        found[f"{name}size"] = size
        if side is not None:
            prices = {"open": side.open, "high": side.high, "low": side.low, "close": side.close}
            found |= {f"{name}{part}": value for part, value in prices.items()}
    return found


def _levels(symbol: Symbol) -> tuple[str, ...]:
    if is_option(symbol.security_type):
        return ("expiry", "strike", "type", "symbol", "time")
    if symbol.security_type == SecurityType.FUTURE:
        return ("expiry", "symbol", "time")
    return ("symbol", "time")


def _key(symbol: Symbol, names: tuple[str, ...], time: Any) -> tuple[Any, ...]:
    own = _levels(symbol)
    values = {"symbol": symbol, "time": time}
    if "expiry" in own:
        values["expiry"] = symbol.id.date
    if "strike" in own:
        values |= {"strike": symbol.id.strike_price, "type": symbol.id.option_right}
    return tuple(values.get(name, "") for name in names)
