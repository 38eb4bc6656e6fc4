"""Minute, hour and daily files of indices and funds, and Cboe's daily history of the volatility indices."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simulator.market.archive import write_text, write_zip
from simulator.market.csv_lines import plain, scaled
from simulator.market.instruments import FUNDS, INDICES, VOLATILITY_INDICES
from simulator.market.model import MarketModel
from simulator.market.price_bars import Bars, cash_bars, generator, quote_sizes
from simulator.market.trading_calendar import OPEN_MINUTE

_MINUTE_MS = 60_000
_CHICAGO = -60  # minutes from New York
_CENT = 10_000
_CBOE_HEADER = "DATE,OPEN,HIGH,LOW,CLOSE"  # the files of Cboe, which LEAN's CBOE class reads as they are
_WIDER = {"GLD": 1, "XOP": 2}  # cents of spread beyond one


def data_zone_shift(ticker: str) -> int:
    """Minutes from New York to the time zone an instrument's files are written in (LEAN's market-hours database)."""
    return _CHICAGO if ticker in {"SPX", "VIX"} else 0


def _stamps(bars: Bars, shift: int) -> list[int]:
    return [(OPEN_MINUTE + shift + end - 1) * _MINUTE_MS for end in bars.ends.tolist()]


def _rows(bars: Bars, *, index: bool) -> list[str]:
    text = plain if index else scaled
    columns = (bars.open.tolist(), bars.high.tolist(), bars.low.tolist(), bars.close.tolist(), bars.volume.tolist())
    return [
        f"{text(opened)},{text(high)},{text(low)},{text(close)},{volume}" for opened, high, low, close, volume in zip(*columns, strict=True)
    ]


def trade_lines(bars: Bars, shift: int, *, index: bool) -> bytes:
    """Minute trade lines: milliseconds, prices, volume."""
    return "\n".join(f"{stamp},{row}" for stamp, row in zip(_stamps(bars, shift), _rows(bars, index=index), strict=True)).encode()


def _quote_lines(bars: Bars, spread: int, rng: np.random.Generator) -> bytes:
    """Minute quote lines of a fund: the trade prices less half the spread, and plus."""
    below = spread // 2 // _CENT * _CENT
    lines = []
    sizes = quote_sizes(rng, len(bars.ends), 1.6, 0.6) * 100
    columns = (bars.open, bars.high, bars.low, bars.close)
    bid = [[scaled(price - below) for price in column.tolist()] for column in columns]
    ask = [[scaled(price - below + spread) for price in column.tolist()] for column in columns]
    for position, stamp in enumerate(_stamps(bars, 0)):
        sides = [
            ",".join([*(column[position] for column in side), str(size[position])])
            for side, size in zip((bid, ask), sizes.tolist(), strict=True)
        ]
        lines.append(f"{stamp},{sides[0]},{sides[1]}")
    return "\n".join(lines).encode()


def write_minutes(data: Path, model: MarketModel, seed: int, tickers: frozenset[str], day: dt.date) -> None:
    """Writes the minute files of a session."""
    for ticker in INDICES:
        if ticker in tickers:
            lines = trade_lines(cash_bars(model, seed, ticker, day), data_zone_shift(ticker), index=True)
            name = f"{day:%Y%m%d}_{ticker.lower()}_minute_trade.csv"
            write_zip(data / "index/usa/minute" / ticker.lower() / f"{day:%Y%m%d}_trade.zip", [(name, lines)])
    for fund in FUNDS:
        if fund.ticker not in tickers:
            continue
        bars = cash_bars(model, seed, fund.ticker, day)
        folder, stem = data / "equity/usa/minute" / fund.ticker.lower(), f"{day:%Y%m%d}_{fund.ticker.lower()}_minute"
        spread = _CENT * (1 + _WIDER.get(fund.ticker, 0))
        write_zip(folder / f"{day:%Y%m%d}_trade.zip", [(f"{stem}_trade.csv", trade_lines(bars, 0, index=False))])
        quotes = _quote_lines(bars, spread, generator(seed, day, f"{fund.ticker} quotes"))
        write_zip(folder / f"{day:%Y%m%d}_quote.zip", [(f"{stem}_quote.csv", quotes)])


def hour_groups(bars: Bars, shift: int) -> NDArray[np.int64]:
    """Wall-clock hour (in the data time zone) in which each bar starts."""
    return np.asarray((OPEN_MINUTE + shift + bars.ends - 1) // 60)


def write_history(data: Path, model: MarketModel, seed: int, tickers: frozenset[str], days: list[dt.date]) -> None:
    """Writes daily and hourly files over all given sessions, and `alternative/cboe`."""
    funds = [fund.ticker for fund in FUNDS]
    for ticker in (*INDICES, *funds):
        if ticker not in tickers:
            continue
        index, shift = ticker in INDICES, data_zone_shift(ticker)
        lines: dict[str, list[str]] = defaultdict(list)
        for day in days:
            bars = cash_bars(model, seed, ticker, day)
            groups = hour_groups(bars, shift)
            whole = _rows(bars.merged(np.zeros_like(groups)), index=index)[0]
            lines["daily"].append(f"{day:%Y%m%d} 00:00,{whole}")
            hours = zip(np.unique(groups).tolist(), _rows(bars.merged(groups), index=index), strict=True)
            lines["hour"].extend(f"{day:%Y%m%d} {hour:02d}:00,{row}" for hour, row in hours)
            lines["cboe"].append(f"{day:%m/%d/%Y},{whole.rsplit(',', 1)[0]}")
        for resolution in ("daily", "hour"):
            path = data / ("index" if index else "equity") / "usa" / resolution / f"{ticker.lower()}.zip"
            write_zip(path, [(f"{ticker.lower()}.csv", "\n".join(lines[resolution]).encode())])
        if ticker in VOLATILITY_INDICES:
            write_text(data / "alternative/cboe" / f"{ticker.lower()}.csv", "\n".join([_CBOE_HEADER, *lines["cboe"]]) + "\n")
