"""Pictures of the generated market for `docs/market.md`; the same bytes for the same model."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from simulator.market.factors import EQUITY, FACTORS
from simulator.market.market_statistics import YEAR, IndexYear, generated_year
from simulator.market.model import MarketModel
from simulator.market.variance_clock import calendar_years

_STYLE: Any = {"svg.hashsalt": "market", "svg.fonttype": "none", "font.size": 8.0, "axes.grid": True, "grid.alpha": 0.3}
_MOST_LAGS = 40
_HORIZONS = {"VIX9D": 9, "VIX": 30, "VIX3M": 93, "VIX6M": 184}


def _save(figure: Figure, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.tight_layout()
    figure.savefig(path, format="svg", metadata={"Date": None})


def _paths(model: MarketModel, path: Path) -> None:
    days = [day for day in model.paths.days if day.year == YEAR]
    figure = Figure(figsize=(8.0, 6.0))
    top, middle, bottom = figure.subplots(3, 1, sharex=True)
    for name in ("SPX", "QQQ", "IWM", "TLT", "GLD", "CL", "ZC"):
        closes = np.array([model.spot(name, day)[-1] for day in days])
        top.plot(days, closes / closes[0], label=name, linewidth=1.0)
    top.set_title("closes over the first of the year")
    top.legend(ncols=7, fontsize=7)
    for name in _HORIZONS:
        middle.plot(days, [model.volatility_index(name, day)[-1] for day in days], label=name, linewidth=1.0)
    middle.set_title("volatility indices at the close")
    middle.legend(ncols=4, fontsize=7)
    spx = generated_year(model)
    bottom.bar(days, 100.0 * spx.returns, width=1.0)
    bottom.set_title("daily return of SPX, %")
    _save(figure, path)


def _smiles(model: MarketModel, days: dict[str, dt.date], path: Path) -> None:
    figure = Figure(figsize=(8.0, 3.2))
    at_noon = np.array([150])
    moneyness = np.linspace(-0.30, 0.15, 120)
    for axis, (label, day) in zip(figure.subplots(1, len(days), sharey=False), days.items(), strict=True):
        for wanted in (7, 30, 120, 365):
            expiry = model.calendar.on_or_before(day + dt.timedelta(days=wanted))
            years = model.clock_years(day, at_noon, expiry, 960)
            theta = model.variance("SPX", day, at_noon).atm_total_variance(years)
            variance = FACTORS[EQUITY].smile.total_variance(moneyness, np.full_like(moneyness, theta[0]))
            shown = np.abs(moneyness) < 5.0 * np.sqrt(theta[0])
            volatility = 100.0 * np.sqrt(variance / calendar_years(day, 720.0, expiry, 960))
            axis.plot(100.0 * np.expm1(moneyness[shown]), volatility[shown], label=f"{wanted} days", linewidth=1.0)
        axis.set_title(f"SPX smile, {label} ({day})")
        axis.set_xlabel("strike, % from the forward")
        axis.set_ylabel("implied volatility, %")
        axis.legend(fontsize=7)
    _save(figure, path)


def _term_structures(model: MarketModel, days: dict[str, dt.date], path: Path) -> None:
    figure = Figure(figsize=(8.0, 2.8))
    axis = figure.subplots()
    for label, day in days.items():
        axis.plot(
            list(_HORIZONS.values()), [model.volatility_index(name, day)[-1] for name in _HORIZONS], marker="o", label=f"{label} ({day})"
        )
    axis.set_xlabel("days")
    axis.set_ylabel("points")
    axis.set_title("VIX9D, VIX, VIX3M, VIX6M")
    axis.legend(fontsize=7)
    _save(figure, path)


def _clustering(generated: Iterable[IndexYear], real: Iterable[IndexYear], path: Path) -> None:
    figure = Figure(figsize=(8.0, 2.8))
    axis = figure.subplots()
    lags = np.arange(1, _MOST_LAGS + 1)
    for label, years in (("generated years", generated), ("S&P 500, years 2000 to 2018", real)):
        curves = []
        for year in years:
            centred = np.abs(year.returns) - np.abs(year.returns).mean()
            curves.append([np.dot(centred[:-lag], centred[lag:]) / np.dot(centred, centred) for lag in lags])
        low, middle, high = np.percentile(np.array(curves), [10, 50, 90], axis=0)
        (line,) = axis.plot(lags, middle, label=label)
        axis.fill_between(lags, low, high, alpha=0.2, color=line.get_color())
    axis.set_xlabel("lag, sessions")
    axis.set_title("autocorrelation of |daily return| by lag (median, 10 to 90 % of years)")
    axis.legend(fontsize=7)
    _save(figure, path)


def write_plots(
    model: MarketModel, days: dict[str, dt.date], generated: list[IndexYear], real: list[IndexYear], folder: Path
) -> dict[str, Path]:
    """Writes all pictures; returns them by title."""
    pictures = {
        "The year": folder / "paths.svg",
        "Term structure": folder / "term_structure.svg",
        "Smiles": folder / "smiles.svg",
        "Clustering": folder / "clustering.svg",
    }
    with mpl.rc_context(_STYLE):
        _paths(model, pictures["The year"])
        _term_structures(model, days, pictures["Term structure"])
        _smiles(model, days, pictures["Smiles"])
        _clustering(generated, real, pictures["Clustering"])
    return pictures
