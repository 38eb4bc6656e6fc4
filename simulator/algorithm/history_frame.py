"""Bars as a pandas DataFrame with LEAN's index and columns (Common/Python/PandasConverter.cs, PandasMapper.py)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from simulator.common.bars import BaseData, OpenInterest, QuoteBar, TradeBar
from simulator.common.enums import SecurityType
from simulator.common.lazy_module import lazy_module
from simulator.common.security_identifier import is_option
from simulator.common.symbol import Symbol
from simulator.engine.subscription_data_config import SubscriptionDataConfig

if TYPE_CHECKING:
    import pandas as pd
else:
    pd = lazy_module("pandas")


def history_frame(series: Sequence[tuple[SubscriptionDataConfig, Sequence[BaseData]]]) -> "pd.DataFrame":
    """Rows per symbol and end time (exchange time); trades and quotes of one end share a row. Empty without data."""
    rows: dict[Symbol, dict[int, dict[str, Any]]] = {}
    zones: dict[Symbol, str] = {}
    for config, points in series:
        for point in points:
            zones[config.symbol] = config.exchange_time_zone
            row = rows.setdefault(config.symbol, {}).setdefault(point._end_utc, {"time": point.end_time})
            row.update(
                {
                    name: value
                    for name, value in _values(point).items()
                    if not (isinstance(point, QuoteBar) and name in row and name in _SHARED)
                }
            )
    if not rows:
        return pd.DataFrame()
    symbols = sorted(rows, key=lambda symbol: symbol.value)
    kinds = {_levels(symbol) for symbol in symbols}
    names = max(kinds, key=len)
    records, index = [], []
    for symbol in symbols:
        for utc in sorted(rows[symbol]):
            row = dict(rows[symbol][utc])
            index.append(_key(symbol, names, row.pop("time")))
            records.append(row)
    frame = pd.DataFrame(records, index=pd.MultiIndex.from_tuples(index, names=names))
    return frame[sorted(frame.columns)]


_SHARED = frozenset({"open", "high", "low", "close"})


def _values(point: BaseData) -> dict[str, float]:
    if isinstance(point, TradeBar):
        return {"open": point.open, "high": point.high, "low": point.low, "close": point.close, "volume": point.volume}
    if isinstance(point, QuoteBar):
        return _quote_values(point)
    return {"openinterest": point.value} if isinstance(point, OpenInterest) else {"value": point.value}


def _quote_values(bar: QuoteBar) -> dict[str, float]:
    found = {"open": bar.open, "high": bar.high, "low": bar.low, "close": bar.close}
    for name, side, size in (("bid", bar.bid, bar.last_bid_size), ("ask", bar.ask, bar.last_ask_size)):
        if side is not None:
            prices = {"open": side.open, "high": side.high, "low": side.low, "close": side.close, "size": size}
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
        values |= {"strike": symbol.id.strike_price, "type": symbol.id.option_right.name.capitalize()}
    return tuple(values.get(name, "") for name in names)
