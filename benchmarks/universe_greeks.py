"""Greeks and implied volatilities against those in LEAN's real universe files, with the rows that cannot agree told apart.

LEAN writes for both rights of a strike the volatility of the out-of-the-money side, found by Brent's method with a tolerance of 0.01 % of the price (a cent
hundredth at least), and prices American options on a 200-step "forward" tree whose nodes have no drift. Rates are LEAN's (`interest-rate.csv`); SPY pays 1.42 %, GOOG
and the index options nothing. Time to expiry in these files is calendar days to the expiry date, less the day that the data themselves span.
"""

from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analysis.chain_tools import forward_from_parity
from analysis.greeks_calculator import implied_volatility, option_greeks
from benchmarks._lean_sample import Array, Universe, rate_on, read_rates, read_universe, sample_folder


class UniverseGroup(NamedTuple):
    """Files of one underlying, and what their Greeks were computed with."""

    name: str
    folder: str
    days: tuple[date, ...]
    american: bool
    dividend_yield: float
    days_lost: float


GROUPS = (
    UniverseGroup("goog_20151223", "option/usa/universes/goog", (date(2015, 12, 23),), True, 0.0, 1.0),
    UniverseGroup("goog_20151224", "option/usa/universes/goog", (date(2015, 12, 24),), True, 0.0, 1.0),
    UniverseGroup("spx_20151223", "indexoption/usa/universes/spx", (date(2015, 12, 23),), False, 0.0, 1.0),
    UniverseGroup("spxw_20230623", "indexoption/usa/universes/spxw", (date(2023, 6, 23),), False, 0.0, 0.0),
    UniverseGroup(
        "spy_202312_202401",
        "option/usa/universes/spy",
        (date(2023, 12, 28), date(2023, 12, 29), *(date(2024, 1, d) for d in (2, 3, 4, 5, 8, 9))),
        True,
        0.0142,
        1.0,
    ),
)


class Comparison(NamedTuple):
    """A group's rows by what can be compared, and the differences.

    Attributes:
        rows: in its files.
        no_volatility: LEAN's solver found none: IV 0 or its lower bound 1e-7, delta 0 or 1.
        foreign: the file's IV does not reproduce the close beside it (5 % or 10 cents), so that its Greeks belong to another price.
        matching: IV and close belong together.
        delta_given_iv: median |difference| of delta from the file's own IV, rows with an IV.
        delta_given_iv_p90: its 90th percentile.
        delta_driftless_p90: the same with the forward at the spot, as in LEAN's tree.
        delta_from_close: median |difference| of delta with the IV solved from the close, matching rows.
        iv_from_close: median |difference| of that IV, matching rows.
        delta_from_close_all: as `delta_from_close`, over all rows with an IV in both.
    """

    rows: int
    no_volatility: int
    foreign: int
    matching: int
    delta_given_iv: float
    delta_given_iv_p90: float
    delta_driftless_p90: float
    delta_from_close: float
    iv_from_close: float
    delta_from_close_all: float


def compare(folder: Path, group: UniverseGroup) -> Comparison:
    """Compare the files of one group."""
    parts = [_differences(folder, group, day) for day in group.days]
    has_iv, matching, given, driftless, solved, volatility = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Comparison(
        has_iv.size,
        int((~has_iv).sum()),
        int((has_iv & ~matching).sum()),
        int(matching.sum()),
        _quantile(given[has_iv], 0.5),
        _quantile(given[has_iv], 0.9),
        _quantile(driftless[has_iv], 0.9),
        _quantile(solved[matching], 0.5),
        _quantile(volatility[matching], 0.5),
        _quantile(solved[has_iv], 0.5),
    )


def _differences(folder: Path, group: UniverseGroup, day: date) -> tuple[NDArray[np.bool_], NDArray[np.bool_], Array, Array, Array, Array]:
    universe = read_universe(folder / group.folder / f"{day:%Y%m%d}.csv")
    rate = rate_on(read_rates(folder), day)
    years = np.maximum(np.array([(expiry - day).days for expiry in universe.expiry]) - group.days_lost, 1e-3) / 365
    spot = np.full(universe.strike.size, universe.spot) if universe.spot else _spots_from_parity(universe, years, rate)
    at = (spot, universe.strike, years)
    dividend_yield, american = group.dividend_yield, group.american

    given = option_greeks(universe.is_call, *at, universe.implied_volatility, rate, dividend_yield, american=american)
    driftless = option_greeks(universe.is_call, *at, universe.implied_volatility, rate, rate, american=american)
    own = implied_volatility(universe.is_call, universe.close, *at, rate, dividend_yield, american=american).volatility
    mirror = _mirror_rows(universe)
    use_mirror = np.where(universe.is_call, universe.strike < spot, universe.strike > spot) & (mirror >= 0)
    solved = np.where(use_mirror & np.isfinite(own[mirror]), own[mirror], own)
    ours = option_greeks(universe.is_call, *at, solved, rate, dividend_yield, american=american)

    has_iv = universe.implied_volatility > 1e-6
    reproduced = np.abs(given.price - universe.close) <= np.maximum(0.05 * universe.close, 0.10)
    matching = has_iv & np.where(use_mirror, reproduced[mirror], reproduced) & np.isfinite(ours.delta)
    return (
        has_iv,
        matching,
        np.abs(given.delta - universe.delta),
        np.abs(driftless.delta - universe.delta),
        np.abs(ours.delta - universe.delta),
        np.abs(solved - universe.implied_volatility),
    )


def _quantile(values: Array, share: float) -> float:
    known = values[np.isfinite(values)]
    return float(np.quantile(known, share)) if known.size else float("nan")


def _mirror_rows(universe: Universe) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    keys = list(zip(universe.expiry, universe.strike.tolist(), universe.is_call.tolist(), strict=True))
    index = {key: i for i, key in enumerate(keys)}
    return np.array([index.get((expiry, strike, not is_call), -1) for expiry, strike, is_call in keys], dtype=np.intp)


def _spots_from_parity(universe: Universe, years: Array, rate: float) -> Array:
    # the file has no row of the underlying: its forward per expiry, discounted without a yield
    spots = np.full(universe.strike.size, np.nan)
    mirror = _mirror_rows(universe)
    for expiry in set(universe.expiry):
        rows = np.array([i for i, day in enumerate(universe.expiry) if day == expiry])
        calls = rows[universe.is_call[rows] & (mirror[rows] >= 0)]
        if calls.size:
            discount = float(np.exp(-rate * years[calls[0]]))
            forward = forward_from_parity(universe.strike[calls], universe.close[calls], universe.close[mirror[calls]], discount)
            spots[rows] = np.nan if forward is None else forward * discount
    return spots


def figures() -> dict[str, float]:
    """Rows by kind and median differences per file; nothing without LEAN's sample data."""
    folder = sample_folder()
    if folder is None:
        return {}
    return {f"{group.name}_{name}": value for group in GROUPS for name, value in compare(folder, group)._asdict().items()}
