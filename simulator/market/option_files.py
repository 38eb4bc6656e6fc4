"""Quote, trade and universe files of one option root on one day."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simulator.market.archive import write_zip
from simulator.market.csv_lines import flat_quotes, plain, scaled
from simulator.market.factors import FACTORS, INDEX
from simulator.market.listings import Series
from simulator.market.model import MarketModel
from simulator.market.option_roots import OptionRoot
from simulator.market.quotes import Quotes, quote_series
from simulator.market.trading_calendar import OPEN_MINUTE
from simulator.market.valuation import Valuation, value_series

Integers = NDArray[np.int64]

_MINUTE_MS = 60_000
_OWN_STRESS = 0.6  # weight of the underlying's own variance in its spreads, the rest is the equity market's


def quote_minutes(session: int, every: int) -> Integers:
    """Minutes after the open at which quoted bars end: the first, then every whole interval to the close."""
    return np.asarray(np.unique(np.concatenate([[1], np.arange(every, session + 1, every), [session]])), dtype=np.int64)


def _stress(model: MarketModel, underlying: str, day: dt.date) -> float:
    """Instantaneous variance at midday over its usual value."""
    usual = (FACTORS[INDEX[model.factor_of(underlying)]].implied * model.scale_of(underlying)) ** 2
    return float(model.variance(underlying, day, np.array([model.calendar.minutes(day) // 2])).fast[0]) / usual


@dataclass(frozen=True)
class QuotedSeries:
    """One series with its quotes of a day; `minutes` are the ends of the quoted bars."""

    series: Series
    minutes: Integers
    valuation: Valuation
    quotes: Quotes


@dataclass(frozen=True)
class Trades:
    """Trades of one contract: positions among the series' quoted minutes, prices in millionths and sizes."""

    contract: int
    moments: Integers
    prices: Integers
    sizes: Integers


def quote_root(
    model: MarketModel, root: OptionRoot, listed: list[Series], day: dt.date, every: int, rng: np.random.Generator
) -> list[QuotedSeries]:
    """Values and quotes all series of a root on a day."""
    found = []
    session = model.calendar.minutes(day)
    volatility = _stress(model, root.underlying, day) ** _OWN_STRESS * _stress(model, "SPX", day) ** (1.0 - _OWN_STRESS)
    for series in listed:
        last = min(session, series.last_minute - OPEN_MINUTE) if series.expiry == day else session
        minutes = quote_minutes(last, 1 if root.minute_quotes_on_expiry and series.expiry == day else every)
        valuation = value_series(model, root, series, day, minutes)
        found.append(QuotedSeries(series, minutes, valuation, quote_series(root, valuation, minutes, volatility, rng)))
    return found


def _entry(root: OptionRoot, day: dt.date, kind: str, series: Series, contract: int) -> str:
    style = "american" if root.american else "european"
    right = "call" if series.signs[contract] > 0 else "put"
    strike = round(float(series.strikes[contract]) * 10_000)
    return f"{day:%Y%m%d}_{root.root.lower()}_minute_{kind}_{style}_{right}_{strike}_{series.expiry:%Y%m%d}.csv"


def root_folder(root: OptionRoot, data: Path, part: str, series: Series) -> Path:
    """Folder of a root's files: options on futures have one per underlying contract month."""
    folder = data / root.kind / root.market / part / root.root.lower()
    return folder / f"{series.underlying.month:%Y%m}" if series.underlying else folder


def write_trades(data: Path, root: OptionRoot, traded: list[tuple[QuotedSeries, list[Trades]]], day: dt.date, utc_shift: int) -> None:
    """Writes the day's trade zips beside the quotes."""
    texts, shift = (plain, utc_shift) if root.kind == "futureoption" else (scaled, 0)
    style = "american" if root.american else "european"
    files: dict[Path, list[tuple[str, bytes]]] = defaultdict(list)
    for each, trades in traded:
        path = root_folder(root, data, "minute", each.series) / f"{day:%Y%m%d}_trade_{style}.zip"
        for one in trades:
            stamps = ((OPEN_MINUTE + shift + each.minutes[one.moments] - 1) * _MINUTE_MS).tolist()
            rows = zip(stamps, map(texts, one.prices.tolist()), one.sizes.tolist(), strict=True)
            lines = "\n".join(f"{stamp},{price},{price},{price},{price},{size}" for stamp, price, size in rows)
            files[path].append((_entry(root, day, "trade", each.series, one.contract), lines.encode()))
    for path, entries in files.items():
        write_zip(path, entries)


def write_quotes(data: Path, root: OptionRoot, quoted: list[QuotedSeries], day: dt.date, utc_shift: int) -> None:
    """Writes the day's quote zips: one per root, for futures options one per underlying contract."""
    texts, shift = (plain, utc_shift) if root.kind == "futureoption" else (scaled, 0)
    style = "american" if root.american else "european"
    files: dict[Path, list[tuple[str, bytes]]] = defaultdict(list)
    for each in quoted:
        path = root_folder(root, data, "minute", each.series) / f"{day:%Y%m%d}_quote_{style}.zip"
        ends = each.minutes
        stamps = np.array([str((OPEN_MINUTE + shift + int(end) - 1) * _MINUTE_MS) for end in ends], dtype=object)
        quotes = each.quotes
        for contract in range(len(each.series.strikes)):
            name = _entry(root, day, "quote", each.series, contract)
            shown = quotes.present[contract]
            sides = (part[contract, shown] for part in (quotes.bid, quotes.ask, quotes.bid_size, quotes.ask_size))
            content = flat_quotes(texts, stamps[shown], *sides)
            files[path].append((name, content))
    for path, entries in files.items():
        write_zip(path, entries)
