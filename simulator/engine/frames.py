"""What pandas frames of LEAN have in common: columns without any value are left out (Common/Python/PandasData.cs)."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from simulator.common.lazy_module import lazy_module
from simulator.common.symbol import Symbol

if TYPE_CHECKING:
    import pandas as pd
else:
    pd = lazy_module("pandas")

Row = Mapping[str, Any]


def _is_value(value: Any) -> bool:
    """Whether a value keeps its column: no zero or NaN among decimals, no blank, nothing false; a whole number always does."""
    if isinstance(value, float):
        return bool(value) and not math.isnan(value)
    if isinstance(value, str):
        return bool(value.strip())
    if isinstance(value, bool) or value is None:
        return bool(value)
    return len(value) > 0 if isinstance(value, list) else True


def kept_columns(rows: Iterable[Row]) -> list[str]:
    """The columns with at least one value, by name."""
    return sorted({name for row in rows for name, value in row.items() if _is_value(value)})


def symbol_frame(symbols: Sequence[Symbol], rows: Sequence[Row]) -> "pd.DataFrame":
    """One row per symbol; the index is named "symbol". Empty without rows."""
    if not rows:
        return pd.DataFrame()
    index = pd.Index(list(symbols), name="symbol")
    return pd.DataFrame({name: [row.get(name) for row in rows] for name in kept_columns(rows)}, index=index)


def stacked(frames: Sequence["pd.DataFrame"], keys: Sequence[Any] | None, names: Sequence[str] | None, *, sort: bool) -> "pd.DataFrame":
    """Frames below each other, each under its key if there are keys; columns that are empty throughout are left out."""
    if not frames:
        return pd.DataFrame()
    whole = pd.concat(frames, sort=sort) if keys is None else pd.concat(frames, keys=list(keys), names=list(names or ()), sort=sort)
    return whole.dropna(axis=1, how="all")
