"""Figures of the generated market beside those of real data: what `docs/market.md` shows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtr

from simulator.market.instruments import VOLATILITY_INDICES
from simulator.market.listings import ListingHistory
from simulator.market.model import MarketModel
from simulator.market.option_files import QuotedSeries, quote_root
from simulator.market.option_roots import OPTION_ROOTS, OptionRoot
from simulator.market.price_bars import generator

Array = NDArray[np.float64]

YEAR = 2024
_DAYS_A_YEAR = 252.0


@dataclass(frozen=True)
class IndexYear:
    """One year of a stock index and its volatility index: daily log returns, closes of VIX (None where unknown) and true ranges."""

    returns: Array
    vix: Array | None
    true_range: Array


def generated_year(model: MarketModel, year: int = YEAR) -> IndexYear:
    """A generated year."""
    days = [day for day in model.paths.days if day.year == year]
    prices = np.array([model.spot("SPX", day) for day in days])
    before = np.concatenate([[model.spot("SPX", model.calendar.sessions[model.calendar.index[days[0]] - 1])[-1]], prices[:-1, -1]])
    span = np.maximum(prices.max(axis=1), before) - np.minimum(prices.min(axis=1), before)
    vix = np.array([model.volatility_index("VIX", day)[-1] for day in days])
    return IndexYear(np.log(prices[:, -1] / before), vix, span / prices[:, -1])


def real_years() -> dict[int, IndexYear]:
    """S&P 500 by calendar year from `arch`'s bundled data, with VIX where that data has it (2014 to 2018)."""
    from arch.data import sp500, vix  # noqa: PLC0415 - development only; the generator itself does not need it

    prices, volatility = sp500.load(), vix.load()["vix"]
    before = prices["Close"].shift()
    span = (np.maximum(prices["High"], before) - np.minimum(prices["Low"], before)) / prices["Close"]
    returns = pd.Series(np.log(prices["Close"] / before))
    found = {}
    for year in range(2000, 2019):
        rows = pd.DatetimeIndex(prices.index).year == year
        level = pd.Series(volatility.reindex(prices.index[rows]))
        known = None if level.isna().any() else level.to_numpy(dtype=np.float64)
        found[year] = IndexYear(returns[rows].to_numpy(dtype=np.float64), known, span[rows].to_numpy(dtype=np.float64))
    return found


def _autocorrelation(values: Array, lag: int) -> float:
    centred = values - values.mean()
    return float(np.dot(centred[:-lag], centred[lag:]) / np.dot(centred, centred))


def index_figures(year: IndexYear) -> dict[str, float]:
    """Named figures of one year."""
    returns, deviation = year.returns, float(year.returns.std())
    centred = returns - returns.mean()
    figures = {
        "return of the year, %": 100.0 * float(np.expm1(returns.sum())),
        "volatility, % a year": 100.0 * deviation * float(np.sqrt(_DAYS_A_YEAR)),
        "kurtosis of daily returns": float(np.mean(centred**4)) / deviation**4,
        "skewness of daily returns": float(np.mean(centred**3)) / deviation**3,
        "worst day, %": 100.0 * float(np.expm1(returns.min())),
        "autocorrelation of returns, lag 1": _autocorrelation(returns, 1),
        "autocorrelation of |returns|, lag 1": _autocorrelation(np.abs(returns), 1),
        "autocorrelation of |returns|, lag 5": _autocorrelation(np.abs(returns), 5),
        "autocorrelation of |returns|, lag 20": _autocorrelation(np.abs(returns), 20),
    }
    if year.vix is None:
        return figures
    vix = year.vix
    return figures | {
        "correlation of returns with changes of VIX": float(np.corrcoef(returns[1:], np.diff(vix))[0, 1]),
        "deviation of daily changes of log VIX": float(np.diff(np.log(vix)).std()),
        "autocorrelation of VIX, lag 20": _autocorrelation(vix, 20),
        "VIX over the volatility of the year": float(vix.mean()) / (100.0 * deviation * float(np.sqrt(_DAYS_A_YEAR))),
        "true range over VIX's daily deviation": float(np.median(year.true_range / (vix / 100.0 / np.sqrt(_DAYS_A_YEAR)))),
        "VIX, lowest": float(vix.min()),
        "VIX, 10th percentile": float(np.percentile(vix, 10)),
        "VIX, median": float(np.median(vix)),
        "VIX, 90th percentile": float(np.percentile(vix, 90)),
        "VIX, highest": float(vix.max()),
    }


def spread_of(figures: Sequence[Mapping[str, float]]) -> dict[str, tuple[float, float, float]]:
    """Lowest, median and highest of each figure over several years; figures some years lack are taken over the others."""
    names = max(figures, key=len)
    known = {name: [each[name] for each in figures if name in each] for name in names}
    return {name: (min(values), float(np.median(values)), max(values)) for name, values in known.items()}


def term_structure(model: MarketModel, day: dt.date) -> dict[str, float]:
    """Closing values of the volatility indices."""
    return {name: float(model.volatility_index(name, day)[-1]) for name in VOLATILITY_INDICES}


def quoted_at(model: MarketModel, root: OptionRoot, day: dt.date, seed: int) -> list[QuotedSeries]:
    """All series of a root as the generated folder quotes them."""
    listed = ListingHistory(model).series(root, [day])[day]
    return quote_root(model, root, listed, day, 5, generator(seed, day, f"{root.root} options"))


def deltas(quoted: QuotedSeries, moment: int) -> Array:
    """Signed forward deltas of a series' contracts."""
    valuation, series = quoted.valuation, quoted.series
    deviation = valuation.deviation[:, moment]
    distance = np.log(valuation.forward[moment] / series.strikes) / deviation + 0.5 * deviation
    return np.asarray(series.signs * ndtr(series.signs * distance))


SPREAD_BUCKETS = ((0.03, 0.08), (0.08, 0.20), (0.20, 0.40), (0.40, 0.60))


def quoted_spreads(model: MarketModel, day: dt.date, seed: int, moment: int = 20) -> dict[str, list[float]]:
    """Median bid-ask spread over the middle price, by root and absolute delta bucket, of all expiries within 5 to 150 days (0DTE for SPXW)."""
    found: dict[str, list[float]] = {}
    for root in OPTION_ROOTS:
        buckets: list[list[float]] = [[] for _ in SPREAD_BUCKETS]
        for each in quoted_at(model, root, day, seed):
            days = (each.series.expiry - day).days
            if not (days <= 1 if root.root == "SPXW" else 5 <= days <= 150):
                continue
            delta = np.abs(deltas(each, moment))
            bid, ask = each.quotes.bid[:, moment], each.quotes.ask[:, moment]
            relative = (ask - bid) / np.maximum((ask + bid) / 2.0, 1.0)
            for bucket, (low, high) in zip(buckets, SPREAD_BUCKETS, strict=True):
                bucket.extend(relative[(delta >= low) & (delta < high) & (bid > 0)].tolist())
        found[root.root] = [float(np.median(bucket)) if bucket else float("nan") for bucket in buckets]
    return found


def zero_bid_share(model: MarketModel, day: dt.date, seed: int, moment: int = 20) -> float:
    """Share of the listed contracts nobody bids for."""
    quotes = [each.quotes.bid[:, moment] for root in OPTION_ROOTS for each in quoted_at(model, root, day, seed)]
    return float(np.mean(np.concatenate(quotes) == 0))


def listed_contracts(model: MarketModel) -> dict[str, tuple[float, int]]:
    """Mean and highest number of listed contracts a session, by root."""
    days = [day for day in model.paths.days if day.year == YEAR]
    history, found = ListingHistory(model), {}
    for root in OPTION_ROOTS:
        series = history.series(root, days)
        counts = [sum(len(each.strikes) for each in series[day]) for day in days]
        found[root.root] = float(np.mean(counts)), max(counts)
    return found


def skew_of_es(model: MarketModel) -> list[tuple[dt.date, int, float, float, float]]:
    """(day, days to expiry, VIX, share out of the money of the 25-delta put, of the 5-delta put) on each month's first Wednesday."""
    root, rows = next(each for each in OPTION_ROOTS if each.root == "ES"), []
    for month in range(1, 13):
        day = next(each for each in model.paths.days if (each.year, each.month) == (YEAR, month) and each.weekday() == 2)
        quoted = min(quoted_at(model, root, day, 0), key=lambda each: abs((each.series.expiry - day).days - 120))
        puts = quoted.series.signs < 0
        delta, strikes = -deltas(quoted, 6)[puts], quoted.series.strikes[puts]
        order = np.argsort(delta)
        out = 1.0 - strikes / quoted.valuation.forward[6]
        quarter, tail = (float(np.interp(target, delta[order], out[order])) for target in (0.25, 0.05))
        rows.append((day, (quoted.series.expiry - day).days, float(model.volatility_index("VIX", day)[30]), quarter, tail))
    return rows
