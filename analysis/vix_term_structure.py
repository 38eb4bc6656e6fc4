"""What the VIX family says: regime, term structure, the stop of entries in backwardation, an intraday spike, and how rich implied volatility is.

Rulebook 3.3. Everything is decided on values passed in; an index nobody knows is None and makes its answer None (or `Regime.UNKNOWN`), never a default.

Example: VIX 37.3 and VIX3M 28.1 at the close of 2018-02-05 are crisis and backwardation; entries of strangles and LT112 stop until two closes in a row with
VIX / VIX3M below 0.97.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from enum import StrEnum
from itertools import pairwise

import numpy as np

from domain.parameters import parameter
from domain.views import VolatilityIndices


class Regime(StrEnum):
    """The rulebook's bands of the VIX, lower bound included."""

    UNKNOWN = "unknown"
    COMPLACENT = "complacent"
    NORMAL = "normal"
    ELEVATED = "elevated"
    STRESSED = "stressed"
    CRISIS = "crisis"


class Shape(StrEnum):
    """Term structure between one and three months."""

    UNKNOWN = "unknown"
    CONTANGO = "contango"
    BACKWARDATION = "backwardation"


class VixFeed(StrEnum):
    """Where the family comes from in a run."""

    INDEX = "index"
    """LEAN's index data"""
    CBOE = "cboe"
    """the CBOE data set, as custom data"""
    NONE = "none"


@dataclass(frozen=True, slots=True)
class VixParameters:
    """Boundaries of rulebook 3.3 and of the IV rank (2.3)."""

    normal_from: float = parameter(
        13.0, "VIX from which the market is normal, not complacent", unit="points", low=5.0, high=100.0, source="3.3"
    )
    elevated_from: float = parameter(18.0, "VIX from which it is elevated", unit="points", low=5.0, high=100.0, source="3.3")
    stressed_from: float = parameter(25.0, "VIX from which it is stressed", unit="points", low=5.0, high=100.0, source="3.3")
    crisis_from: float = parameter(30.0, "VIX from which it is a crisis", unit="points", low=5.0, high=150.0, source="3.3")
    backwardation_from: float = parameter(
        1.0, "VIX / VIX3M at a close from which strangle and LT112 entries stop", unit="ratio", low=0.8, high=1.5, source="3.3 (P)"
    )
    release_below: float = parameter(
        0.97, "VIX / VIX3M a close must be below to count towards release", unit="ratio", low=0.5, high=1.5, source="3.3 (P)"
    )
    release_closes: int = parameter(2, "closes in a row below it that release", unit="closes", low=1, high=20, source="3.3 (P)")
    spike_share: float = parameter(
        0.5, "rise of the VIX over its last close that stops all entries for the session", unit="share", low=0.05, high=5.0, source="3.3"
    )
    rank_sessions: int = parameter(252, "window of the IV rank", unit="sessions", low=20, high=1260, source="2.3")
    rank_minimum: int = parameter(20, "sessions without which there is no IV rank", unit="sessions", low=2, high=252, source="2.3")

    def problems(self) -> list[str]:
        """Contradictions between the boundaries, one line each."""
        found = []
        bounds = (self.normal_from, self.elevated_from, self.stressed_from, self.crisis_from)
        if not all(low < high for low, high in pairwise(bounds)):
            found.append(f"normal-from … crisis-from are {bounds}, expected to ascend")
        if self.release_below > self.backwardation_from:
            found.append(f"release-below is {self.release_below}, expected at most backwardation-from ({self.backwardation_from})")
        if self.rank_minimum > self.rank_sessions:
            found.append(f"rank-minimum is {self.rank_minimum}, expected at most rank-sessions ({self.rank_sessions})")
        return found


def choose_feed(*, has_index_data: bool, has_cboe_class: bool) -> VixFeed:
    """LEAN's index data, else the CBOE data set where the environment has its class, else none: the regime is then unknown and nothing is opened."""
    if has_index_data:
        return VixFeed.INDEX
    return VixFeed.CBOE if has_cboe_class else VixFeed.NONE


def known_closes(closes: Mapping[date, VolatilityIndices], now: datetime, session_end: time = time(16, 15)) -> list[VolatilityIndices]:
    """Closes a decision at `now` (naive, New York) may see, oldest first: a session's close exists once the session has ended, never before."""
    return [closes[day] for day in sorted(closes) if datetime.combine(day, session_end) <= now]


def indices_now(live: VolatilityIndices, last_close: VolatilityIndices | None) -> VolatilityIndices:
    """Live values, and the last close where only daily data exist; each index on its own, what neither has stays None."""
    if last_close is None:
        return live
    filled = {name: getattr(last_close, name) for name in ("vix9d", "vix", "vix3m", "vix6m") if getattr(live, name) is None}
    previous = live.vix_previous_close if live.vix_previous_close is not None else last_close.vix
    return replace(live, **filled, vix_previous_close=previous)


def _is_level(value: float | None) -> bool:
    return value is not None and math.isfinite(value) and value > 0.0


def _ratio(near: float | None, far: float | None) -> float | None:
    return near / far if near is not None and far is not None and _is_level(near) and _is_level(far) else None


@dataclass(frozen=True, slots=True)
class TermStructure:
    """Ratios of neighbouring maturities; above 1 the near one is dearer. None where an index is unknown."""

    vix9d_to_vix: float | None
    vix_to_vix3m: float | None
    vix3m_to_vix6m: float | None

    @classmethod
    def of(cls, indices: VolatilityIndices) -> TermStructure:
        """Ratios of these levels."""
        return cls(_ratio(indices.vix9d, indices.vix), _ratio(indices.vix, indices.vix3m), _ratio(indices.vix3m, indices.vix6m))

    def shape(self, parameters: VixParameters) -> Shape:
        """Backwardation when VIX / VIX3M reaches its boundary."""
        if self.vix_to_vix3m is None:
            return Shape.UNKNOWN
        return Shape.BACKWARDATION if self.vix_to_vix3m >= parameters.backwardation_from else Shape.CONTANGO


def regime_of(vix: float | None, parameters: VixParameters) -> Regime:
    """The band the VIX is in, by VIX alone."""
    if vix is None or not _is_level(vix):
        return Regime.UNKNOWN
    bands = (
        (parameters.crisis_from, Regime.CRISIS),
        (parameters.stressed_from, Regime.STRESSED),
        (parameters.elevated_from, Regime.ELEVATED),
        (parameters.normal_from, Regime.NORMAL),
    )
    return next((regime for bound, regime in bands if vix >= bound), Regime.COMPLACENT)


@dataclass(frozen=True, slots=True)
class BackwardationStop:
    """Whether a close in backwardation has stopped entries, and how far its release has come.

    Attributes:
        is_active: entries of short strangles and LT112 are stopped.
        closes_below: closes in a row below the release boundary while active.
    """

    is_active: bool = False
    closes_below: int = 0

    def after_close(self, close: VolatilityIndices, parameters: VixParameters) -> BackwardationStop:
        """State after one more session's close. A close without both indices is unknown and changes nothing; one between the boundaries starts the count anew."""
        ratio = TermStructure.of(close).vix_to_vix3m
        if ratio is None:
            return self
        if ratio >= parameters.backwardation_from:
            return BackwardationStop(is_active=True)
        if not self.is_active:
            return self
        if ratio >= parameters.release_below:
            return BackwardationStop(is_active=True)
        below = self.closes_below + 1
        return BackwardationStop() if below >= parameters.release_closes else BackwardationStop(is_active=True, closes_below=below)


def backwardation_stop(closes: Iterable[VolatilityIndices], parameters: VixParameters) -> BackwardationStop:
    """State after these closes, oldest first, starting inactive. Some sixty closes cover every stop of 2011-2025."""
    state = BackwardationStop()
    for close in closes:
        state = state.after_close(close, parameters)
    return state


def has_spiked(highest_today: float | None, previous_close: float | None, parameters: VixParameters) -> bool | None:
    """Whether the VIX has risen by the spike's share over its last close; given the highest value of the session the answer holds to its end."""
    ratio = _ratio(highest_today, previous_close)
    return None if ratio is None else ratio - 1.0 >= parameters.spike_share


def _window(history: Sequence[float | None], parameters: VixParameters) -> np.ndarray[tuple[int], np.dtype[np.float64]] | None:
    recent = [value for value in history[-parameters.rank_sessions :] if value is not None and _is_level(value)]
    return np.array(recent) if len(recent) >= parameters.rank_minimum else None


def iv_rank(history: Sequence[float | None], current: float | None, parameters: VixParameters) -> float | None:
    """Where the current volatility lies between the lowest and highest of the window, in percent (below 0 or above 100 outside it).

    Args:
        history: one value per completed session, oldest first; None for sessions without one.
        current: the value to rank, same unit.
        parameters: window and minimum.

    Returns:
        None with fewer than the minimum of known values, an unknown current value, or a window without range.
    """
    window = _window(history, parameters)
    if window is None or current is None or not _is_level(current):
        return None
    low, high = float(window.min()), float(window.max())
    return 100.0 * (current - low) / (high - low) if high > low else None


def iv_percentile(history: Sequence[float | None], current: float | None, parameters: VixParameters) -> float | None:
    """Share of the window's sessions with a lower volatility, in percent; None as for the rank."""
    window = _window(history, parameters)
    if window is None or current is None or not _is_level(current):
        return None
    return 100.0 * float(np.mean(window < current))
