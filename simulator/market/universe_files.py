"""Daily universes of options: what was listed, what it closed at, its open interest and, except for futures options, its Greeks."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from simulator.market.archive import write_text
from simulator.market.csv_lines import plain
from simulator.market.option_activity import Activity
from simulator.market.option_files import QuotedSeries, root_folder
from simulator.market.option_roots import OptionRoot
from simulator.market.price_bars import Bars

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

_HEADER = "#expiry,strike,right,open,high,low,close,volume,open_interest"
_GREEKS_HEADER = ",implied_volatility,delta,gamma,vega,theta,rho"


def closing_greeks(quoted: QuotedSeries) -> Array:
    """Implied volatility, delta, gamma, vega, theta a day and rho at the session's last quote: rows are contracts.

    European formulas in LEAN's units (vega and rho per percent, theta per day), as LEAN's universe generator writes them.
    """
    valuation = quoted.valuation
    spot, years = valuation.spot[-1], max(float(valuation.years[-1]), 1.0 / 525_600.0)
    strike, sign = quoted.series.strikes, quoted.series.signs
    volatility = valuation.deviation[:, -1] / np.sqrt(years)
    rate, yielded = valuation.rate, valuation.rate - float(valuation.carry[-1])
    deviation = np.maximum(volatility * np.sqrt(years), 1e-9)
    d1 = np.log(valuation.forward[-1] / strike) / deviation + 0.5 * deviation
    d2 = d1 - deviation
    density = np.exp(-0.5 * d1**2) / np.sqrt(2.0 * np.pi)
    grown, discount = np.exp(-yielded * years), np.exp(-rate * years)
    decay = -spot * volatility * density * grown / (2.0 * np.sqrt(years))
    theta = (decay + sign * (yielded * spot * ndtr(sign * d1) * grown - rate * strike * discount * ndtr(sign * d2))) / 365.0
    return np.array([
        volatility,
        sign * grown * ndtr(sign * d1),
        density * grown / (spot * deviation),
        spot * np.sqrt(years) * density * grown / 100.0,
        theta,
        sign * strike * years * discount * ndtr(sign * d2) / 100.0,
    ]).T  # fmt: skip


def daily_bars(quoted: QuotedSeries) -> Integers:
    """Open, high, low and close of the quotes' middle (the offer where nobody bids), in millionths: rows are contracts."""
    bid, ask = quoted.quotes.bid, quoted.quotes.ask
    middle = np.where(bid > 0, (bid + ask) // 2, ask)
    return np.stack([middle[:, 0], middle.max(axis=1), middle.min(axis=1), middle[:, -1]], axis=1)


def _rows(quoted: QuotedSeries, root: OptionRoot, activity: Activity) -> list[str]:
    series, greeks_wanted = quoted.series, root.kind != "futureoption"
    bars, greeks = daily_bars(quoted), closing_greeks(quoted) if greeks_wanted else None
    rows = []
    for contract in np.lexsort((series.signs, series.strikes)).tolist():
        right = "C" if series.signs[contract] > 0 else "P"
        prices = ",".join(plain(value) for value in bars[contract].tolist())
        row = f"{series.expiry:%Y%m%d},{series.strikes[contract]:g},{right},{prices},{activity.volume[contract]},{activity.open_interest[contract]}"
        if greeks is not None:
            row += "".join(f",{value:.6f}" for value in greeks[contract].tolist())
        rows.append(row)
    return rows


def write_universes(
    data: Path, root: OptionRoot, quoted: list[QuotedSeries], traded: list[Activity], underlying: dict[str, Bars], day: dt.date
) -> None:
    """Writes the day's universe of a root, for futures options one per underlying contract.

    Args:
        data: the data folder.
        root: the option root.
        quoted: its series.
        traded: volume and open interest of each.
        underlying: the underlying's bar of the day, by contract month ("" for cash underlyings).
        day: the session.
    """
    files: dict[Path, list[str]] = defaultdict(list)
    with_greeks = root.kind != "futureoption"
    for each, activity in sorted(zip(quoted, traded, strict=True), key=lambda pair: pair[0].series.expiry):
        path = root_folder(root, data, "universes", each.series) / f"{day:%Y%m%d}.csv"
        if path not in files:
            month = f"{each.series.underlying.month:%Y%m}" if each.series.underlying else ""
            bar = underlying[month]
            prices = ",".join(plain(int(part[0])) for part in (bar.open, bar.high, bar.low, bar.close))
            files[path] = [
                _HEADER + (_GREEKS_HEADER if with_greeks else ""),
                f",,,{prices},{bar.volume[0]}," + ("," * 6 if with_greeks else ""),
            ]
        files[path].extend(_rows(each, root, activity))
    for path, rows in files.items():
        write_text(path, "\n".join(rows) + "\n")
