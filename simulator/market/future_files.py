"""Futures: minute, hour and daily files, universes, and the map, factor and margin files of the continuous contracts."""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from itertools import islice
from pathlib import Path

import numpy as np

from simulator.common.security_identifier import SecurityIdentifier
from simulator.market.archive import write_text, write_zip
from simulator.market.cash_files import hour_groups, trade_lines
from simulator.market.contract_months import FutureContract
from simulator.market.csv_lines import plain
from simulator.market.instruments import FUTURES, Future
from simulator.market.model import MarketModel
from simulator.market.price_bars import Bars, future_bars, generator, quote_sizes
from simulator.market.trading_calendar import OPEN_MINUTE

_MINUTE_MS = 60_000
_ROLL_DAYS = 15  # before the front contract expires the next one, too, has data every minute
_SPARSE = 5  # minutes between the bars of the others
_TIGHT_CONTRACTS = 2  # contracts quoted one tick wide
_FOREVER = dt.date(2050, 12, 31)
_DEPTHS = 3
_LAST_TRADING_DAY, _FIRST_DAY_MONTH, _OPEN_INTEREST, _OPEN_INTEREST_ANNUAL = range(4)  # LEAN's DataMappingMode


def listed(model: MarketModel, product: Future, day: dt.date) -> list[FutureContract]:
    """Contracts with data on a day, nearest first."""
    return list(islice(model.rules.futures(product, day), product.listed_contracts))


def _quote_lines(bars: Bars, product: Future, shift: int, place: int, rng: np.random.Generator) -> bytes:
    tick = round(product.tick * 1e6)
    width = tick * (1 if place < _TIGHT_CONTRACTS else 2)
    sizes = quote_sizes(rng, len(bars.ends), 3.0 - 0.6 * place, 0.5)
    columns = (bars.open, bars.high, bars.low, bars.close)
    bid = [[plain(price - width // 2 // tick * tick) for price in column.tolist()] for column in columns]
    ask = [[plain(price - width // 2 // tick * tick + width) for price in column.tolist()] for column in columns]
    stamps = [(OPEN_MINUTE + shift + end - 1) * _MINUTE_MS for end in bars.ends.tolist()]
    lines = []
    for position, stamp in enumerate(stamps):
        sides = [
            ",".join([*(column[position] for column in side), str(size[position])])
            for side, size in zip((bid, ask), sizes.tolist(), strict=True)
        ]
        lines.append(f"{stamp},{sides[0]},{sides[1]}")
    return "\n".join(lines).encode()


def _open_interest(product: Future, contract: FutureContract, day: dt.date, place: int) -> int:
    fading = min(1.0, (contract.expiry - day).days / 12.0 + 0.05)
    return int(product.volume * 1.4 * 0.3**place * fading)


def write_session(data: Path, model: MarketModel, seed: int, tickers: frozenset[str], day: dt.date, utc_shift: int) -> None:
    """Writes a session's minute trades and quotes and its universe, for every product."""
    for product in FUTURES:
        if product.ticker not in tickers:
            continue
        low = product.ticker.lower()
        trades, quotes, rows = [], [], ["#expiry,open,high,low,close,volume,open_interest"]
        nearest = listed(model, product, day)
        for place, contract in enumerate(nearest):
            bars = future_bars(model, seed, product, contract, day, place)
            whole = bars.merged(np.zeros_like(bars.ends))
            prices = ",".join(plain(int(part[0])) for part in (whole.open, whole.high, whole.low, whole.close))
            rows.append(f"{contract.month:%Y%m},{prices},{whole.volume[0]},{_open_interest(product, contract, day, place)}")
            dense = place == 0 or (place == 1 and (nearest[0].expiry - day).days <= _ROLL_DAYS)
            shown = bars if dense else bars.every(_SPARSE)
            stem = f"{day:%Y%m%d}_{low}_minute"
            trades.append((f"{stem}_trade_{contract.month:%Y%m}.csv", trade_lines(shown, utc_shift, index=True)))
            rng = generator(seed, day, f"{low}{contract.month:%Y%m} quotes")
            quotes.append((f"{stem}_quote_{contract.month:%Y%m}.csv", _quote_lines(shown, product, utc_shift, place, rng)))
        folder = data / "future" / product.market
        write_zip(folder / "minute" / low / f"{day:%Y%m%d}_trade.zip", trades)
        write_zip(folder / "minute" / low / f"{day:%Y%m%d}_quote.zip", quotes)
        write_text(folder / "universes" / low / f"{day:%Y%m%d}.csv", "\n".join(rows) + "\n")


def write_history(
    data: Path, model: MarketModel, seed: int, tickers: frozenset[str], days: list[dt.date], shifts: dict[dt.date, int]
) -> None:
    """Writes daily and hourly trades of every contract, map, factor and margin files."""
    for product in FUTURES:
        if product.ticker not in tickers:
            continue
        lines: dict[str, dict[str, list[str]]] = {"daily": defaultdict(list), "hour": defaultdict(list)}
        for day in days:
            for place, contract in enumerate(listed(model, product, day)):
                bars = future_bars(model, seed, product, contract, day, place)
                groups = hour_groups(bars, shifts[day])
                for resolution, merged in (("daily", bars.merged(np.zeros_like(groups))), ("hour", bars.merged(groups))):
                    hours = [0] if resolution == "daily" else np.unique(groups).tolist()
                    lines[resolution][f"{contract.month:%Y%m}"].extend(_trade_rows(day, hours, merged))
        low, folder = product.ticker.lower(), data / "future" / product.market
        for resolution, contracts in lines.items():
            entries = [(f"{low}_trade_{month}.csv", "\n".join(contracts[month]).encode()) for month in sorted(contracts)]
            write_zip(folder / resolution / f"{low}_trade.zip", entries)
        _write_rolls(folder, model, product, days)
        margin = f"date,initial,maintenance\n20000101,{product.initial},{product.maintenance}\n"
        write_text(folder / "margins" / f"{product.ticker}.csv", margin)


def _trade_rows(day: dt.date, hours: list[int], bars: Bars) -> list[str]:
    columns = zip(hours, bars.open.tolist(), bars.high.tolist(), bars.low.tolist(), bars.close.tolist(), bars.volume.tolist(), strict=True)
    return [f"{day:%Y%m%d} {hour:02d}:00,{plain(o)},{plain(h)},{plain(low)},{plain(c)},{volume}" for hour, o, h, low, c, volume in columns]


def roll_day(model: MarketModel, product: Future, contract: FutureContract, mode: int) -> dt.date:
    """Last day on which a contract is the continuous future's, by LEAN's data mapping mode."""
    calendar = model.calendar
    if mode == _LAST_TRADING_DAY:
        return contract.expiry - dt.timedelta(days=1)
    month_before = contract.expiry.replace(day=1) - dt.timedelta(days=1)
    if mode == _FIRST_DAY_MONTH:
        return month_before
    if product.ticker in {"GC", "ZC", "ZB"}:  # positions leave before first notice
        notice = contract.month - dt.timedelta(days=1)
        return calendar.sessions[calendar.index[calendar.on_or_before(notice)] - 2]
    return calendar.sessions[calendar.index[calendar.on_or_before(contract.expiry)] - 3]


def _write_rolls(folder: Path, model: MarketModel, product: Future, days: list[dt.date]) -> None:
    market, low = product.market, product.ticker.lower()
    end = days[-1] + dt.timedelta(days=400)
    map_rows: list[tuple[dt.date, int, str]] = []
    factor_rows: list[tuple[dt.date, int, str]] = []
    for mode in (_LAST_TRADING_DAY, _FIRST_DAY_MONTH, _OPEN_INTEREST, _OPEN_INTEREST_ANNUAL):
        contracts = [each for each in islice(model.rules.futures(product, days[0]), 60) if roll_day(model, product, each, mode) >= days[0]]
        contracts = [each for each in contracts if each.expiry <= end]
        rolls = [(roll_day(model, product, each, mode), each) for each in contracts[:-1]] + [(_FOREVER, contracts[-1])]
        for day, contract in rolls:
            identifier = SecurityIdentifier.generate_future(contract.expiry, product.ticker, market)
            map_rows.append((day, mode, f"{day:%Y%m%d},{str(identifier).lower()},{market.upper()},{mode}"))
        factor_rows.extend(_factors(model, product, contracts, mode, days))
    lines = [f"18991230,{low},{market.upper()}", *(row for *_, row in sorted(map_rows))]
    write_text(folder / "map_files" / f"{low}.csv", "\n".join(lines))
    write_text(folder / "factor_files" / f"{low}.csv", "\n".join(row for *_, row in sorted(factor_rows)))


def _factors(
    model: MarketModel, product: Future, contracts: list[FutureContract], mode: int, days: list[dt.date]
) -> list[tuple[dt.date, int, str]]:
    """Factor rows of one mapping mode: products of the price ratios of all rolls from a row's date on, per depth."""
    rolls = [(day, place) for place, each in enumerate(contracts) if (day := roll_day(model, product, each, mode)) <= days[-1]]
    ratios, gaps = np.ones((len(rolls) + 1, _DEPTHS)), np.zeros((len(rolls) + 1, _DEPTHS))
    for row in reversed(range(len(rolls))):
        day, place = rolls[row]
        close = model.calendar.on_or_before(day)
        prices = [float(model.future(product, each, close)[-1]) for each in contracts[place : place + _DEPTHS + 1]]
        for depth in range(_DEPTHS):
            ratios[row, depth] = ratios[row + 1, depth] * prices[depth + 1] / prices[depth]
            gaps[row, depth] = gaps[row + 1, depth] + prices[depth + 1] - prices[depth]
    found = []
    for row, day in enumerate([*(day for day, _ in rolls), _FOREVER]):
        content = {
            "Date": f"{day:%Y-%m-%d}T00:00:00",
            "BackwardsRatioScale": [round(float(value), 12) for value in ratios[row]],
            "BackwardsPanamaCanalScale": [round(float(value), 6) for value in gaps[row]],
            "ForwardPanamaCanalScale": [round(float(value), 6) for value in gaps[row] - gaps[0]],
            "DataMappingMode": mode,
        }
        found.append((day, mode, json.dumps(content, separators=(",", ":"))))
    return found
