"""What the real VIX family did in 2011-2025: share of days per regime and of stopped entries, spikes, and how a volatility shock falls off with tenor."""

from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np

from analysis.vix_term_structure import BackwardationStop, Regime, Shape, TermStructure, VixParameters, has_spiked, regime_of
from benchmarks._lean_sample import read_index_closes, sample_folder
from domain.views import VolatilityIndices

_RISE_OF_A_SHOCK = 1.6


def read_family(folder: Path) -> dict[date, VolatilityIndices]:
    """Daily closes by day, ascending; an index without a value that day is None."""
    family = {name: read_index_closes(folder / "index" / "usa" / "daily" / f"{name}.zip") for name in ("vix9d", "vix", "vix3m", "vix6m")}
    return {
        day: VolatilityIndices(
            vix9d=family["vix9d"].get(day), vix=family["vix"][day], vix3m=family["vix3m"].get(day), vix6m=family["vix6m"].get(day)
        )
        for day in sorted(family["vix"])
    }


def tenor_power(family: dict[date, VolatilityIndices], days: float, name: str, sessions: int = 20) -> float:
    """Median power p with (rise at `days` - 1) = (rise of the VIX - 1) * (30 / days)^p, over windows in which the VIX rose by 60 % or more."""
    rows = [(row.vix, getattr(row, name)) for row in family.values() if row.vix and getattr(row, name)]
    levels = np.array(rows, dtype=np.float64)
    rise = levels[sessions:] / levels[:-sessions]
    shocks = rise[rise[:, 0] > _RISE_OF_A_SHOCK]
    share = (shocks[:, 1] - 1.0) / (shocks[:, 0] - 1.0)
    return float(np.median(np.log(share[share > 0.0]) / np.log(30.0 / days)))


def figures() -> dict[str, float]:
    """Shares in percent of sessions; nothing without LEAN's sample data."""
    folder = sample_folder()
    if folder is None:
        return {}
    parameters = VixParameters()
    family = read_family(folder)
    closes = list(family.values())
    regimes = [regime_of(row.vix, parameters) for row in closes]
    shapes = [TermStructure.of(row).shape(parameters) for row in closes]
    stop, stopped, longest, run = BackwardationStop(), 0, 0, 0
    for row in closes:
        stop = stop.after_close(row, parameters)
        run = run + 1 if stop.is_active else 0
        stopped, longest = stopped + stop.is_active, max(longest, run)
    spikes = sum(has_spiked(now.vix, before.vix, parameters) is True for before, now in pairwise(closes))
    share = 100.0 / len(closes)
    return {
        "vix_sessions": len(closes),
        **{f"vix_regime_{regime.value}_percent": share * regimes.count(regime) for regime in Regime},
        **{f"vix_shape_{shape.value}_percent": share * shapes.count(shape) for shape in Shape},
        "vix_entries_stopped_percent": share * stopped,
        "vix_longest_stop_sessions": longest,
        "vix_spikes_by_close": spikes,
        "vix3m_tenor_power": tenor_power(family, 93.0, "vix3m"),
        "vix6m_tenor_power": tenor_power(family, 184.0, "vix6m"),
    }
