"""What selling options earns in the generated market before anything is traded: premiums over later moves, credits of 0DTE spreads, widths of quotes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.market.listings import Series
from simulator.market.market_statistics import YEAR, deltas, quoted_at
from simulator.market.model import MarketModel
from simulator.market.option_files import QuotedSeries, quote_root
from simulator.market.option_roots import CALL, OPTION_ROOTS, PUT
from simulator.market.price_bars import generator
from simulator.market.trading_calendar import FRIDAY, OPEN_MINUTE

Array = NDArray[np.float64]

_MONTH = 21  # sessions that VIX looks ahead
_DAYS_A_YEAR = 252.0
_LOOK = 60  # minutes after the open: half past ten
_WING = 0.006  # of the index: width of a 0DTE credit spread
_SHORT_DELTA = 0.25
_CALM_VIX = 15.0
_STEP = 5.0


def month_premium(returns: Array, vix: Array) -> dict[str, float]:
    """VIX against the volatility of the following month, both in points a year.

    Args:
        returns: daily log returns; `returns[i]` ends on the day of `vix[i]`.
        vix: closes.
    """
    count = len(vix) - _MONTH
    later = np.array([100.0 * np.sqrt(_DAYS_A_YEAR * np.mean(returns[day + 1 : day + 1 + _MONTH] ** 2)) for day in range(count)])
    implied = vix[:count]
    return {
        "VIX less the volatility of the next 21 sessions, points": float(np.mean(implied - later)),
        "mean VIX over mean volatility of the next 21 sessions": float(implied.mean() / later.mean()),
        "days on which VIX was above it, %": 100.0 * float(np.mean(implied > later)),
    }


def generated_month_premium(model: MarketModel) -> dict[str, float]:
    """`month_premium` of a generated year."""
    days = [day for day in model.paths.days if day.year == YEAR]
    closes = np.log([model.spot("SPX", day)[-1] for day in days])
    return month_premium(np.diff(closes, prepend=closes[0]), np.array([model.volatility_index("VIX", day)[-1] for day in days]))


def real_month_premium() -> list[dict[str, float]]:
    """`month_premium` of each calendar year for which `arch` carries the S&P 500 and VIX."""
    from arch.data import sp500, vix  # noqa: PLC0415 - development only; the generator itself does not need it

    closes, volatility = sp500.load()["Close"], vix.load()["vix"]
    returns = pd.Series(np.log(closes / closes.shift()), index=closes.index)
    joined = pd.DataFrame({"returns": returns, "vix": volatility}).dropna()
    years = pd.DatetimeIndex(joined.index).year
    whole = [joined[years == year] for year in sorted(set(years)) if int(np.sum(years == year)) > 240]
    return [month_premium(part["returns"].to_numpy(dtype=np.float64), part["vix"].to_numpy(dtype=np.float64)) for part in whole]


@dataclass(frozen=True)
class ZeroDte:
    """SPX options that expire today, at half past ten of one session; shares of the index, credits in shares of a spread's width.

    Attributes:
        day: the session.
        vix: VIX at that time.
        straddle: middle price of the straddle at the money.
        move: what the index moved until the close.
        skew: implied volatility of the 25-delta put and call over that at the money.
        middle, natural: credit of the 25-delta put and call spread at middle prices, and selling at the bid and buying at the offer.
        kept: middle credit less what the spread was worth at the close.
    """

    day: dt.date
    vix: float
    straddle: float
    move: float
    skew: tuple[float, float]
    middle: tuple[float, float]
    natural: tuple[float, float]
    kept: tuple[float, float]


def _all_strikes(model: MarketModel, day: dt.date, seed: int) -> QuotedSeries:
    """The day's expiry quoted at every strike near the money, whether the folder lists it or not."""
    root = next(each for each in OPTION_ROOTS if each.root == "SPXW")
    spot = float(model.spot("SPX", day)[_LOOK])
    strikes = np.arange(np.floor(0.94 * spot / _STEP) * _STEP, 1.06 * spot, _STEP)
    series = Series(day, OPEN_MINUTE + model.calendar.minutes(day), np.tile(strikes, 2), np.repeat([float(PUT), float(CALL)], len(strikes)))
    return quote_root(model, replace(root, minute_quotes_on_expiry=False), [series], day, _LOOK, generator(seed, day, "premiums"))[0]


def zero_dte(model: MarketModel, day: dt.date, seed: int) -> ZeroDte:
    """Looks at one session of full length."""
    quoted, path = _all_strikes(model, day, seed), model.spot("SPX", day)
    at = int(np.flatnonzero(quoted.minutes == _LOOK)[0])
    spot, close = float(path[_LOOK]), float(path[model.calendar.minutes(day)])
    strikes, delta, valuation = quoted.series.strikes, np.abs(deltas(quoted, at)), quoted.valuation
    found = []
    for sign in (PUT, CALL):
        rows = np.flatnonzero(quoted.series.signs == sign)
        short = int(rows[np.argmin(np.abs(delta[rows] - _SHORT_DELTA))])
        wing = int(rows[np.argmin(np.abs(strikes[rows] - strikes[short] - sign * _WING * spot))])
        width = abs(strikes[wing] - strikes[short])
        bid, ask = quoted.quotes.bid[:, at] / 1e6, quoted.quotes.ask[:, at] / 1e6
        middle = float((bid[short] + ask[short] - bid[wing] - ask[wing]) / 2.0 / width)
        loss = float(np.clip(sign * (close - strikes[short]), 0.0, width) / width)
        atm = float(np.interp(spot, strikes[rows], valuation.deviation[rows, at]))
        value = float(np.interp(spot, strikes[rows], valuation.value[rows, at]))
        found.append((value, float(valuation.deviation[short, at]) / atm, middle, float((bid[short] - ask[wing]) / width), middle - loss))
    values, skew, middle_, natural, kept = zip(*found, strict=True)
    vix = float(model.volatility_index("VIX", day)[_LOOK])
    return ZeroDte(day, vix, sum(values) / spot, abs(close - spot) / spot, skew, middle_, natural, kept)


def zero_dte_figures(looks: list[ZeroDte]) -> dict[str, float]:
    """Figures over many sessions: Fridays, on which the folder lists such options, and all sessions."""
    fridays, calm = [look for look in looks if look.day.weekday() == FRIDAY], [look for look in looks if look.vix < _CALM_VIX]
    figures = {
        "0DTE straddle at 10:30 over the move to the close (means), all sessions": _ratio(looks),
        "0DTE straddle at 10:30 over the move to the close (means), Fridays": _ratio(fridays),
    }
    for place, side in enumerate(("put", "call")):
        figures |= {
            f"25-delta {side}: volatility over that at the money": float(np.mean([look.skew[place] for look in looks])),
            f"25-delta {side} spread: middle credit, % of width, VIX below 15": 100.0
            * float(np.mean([look.middle[place] for look in calm])),
            f"25-delta {side} spread: natural credit, % of width, VIX below 15": 100.0
            * float(np.mean([look.natural[place] for look in calm])),
            f"25-delta {side} spread: middle credit, % of width, all sessions": 100.0
            * float(np.mean([look.middle[place] for look in looks])),
            f"25-delta {side} spread: kept at the close, % of width": 100.0 * float(np.mean([look.kept[place] for look in looks])),
        }
    return figures


def _ratio(looks: list[ZeroDte]) -> float:
    return float(np.mean([look.straddle for look in looks]) / np.mean([look.move for look in looks]))


def premium_figures(model: MarketModel, seed: int) -> dict[str, float]:
    """All premiums of one generated year."""
    days = [day for day in model.paths.days if day.year == YEAR and day not in model.calendar.early_closes]
    return generated_month_premium(model) | zero_dte_figures([zero_dte(model, day, seed) for day in days])


@dataclass(frozen=True)
class WidthRow:
    """A class of options whose quoted width is compared: root, days to expiry, middle prices from and below, and what is known of real ones."""

    root: str
    days: tuple[int, int]
    prices: tuple[float, float]
    real: str


_ES_REAL = "LEAN's sample of ES options, 2020-01-06 (index 3240, VIX 14)"
_SPY_REAL = "LEAN's sample of SPY options, 2023-08-03, 29 days"
_SPXW_REAL = "rule of thumb; LEAN's sample of January 2021 (VIX 25) is wider"
WIDTHS = (
    WidthRow("SPXW", (0, 0), (0.3, 3.0), f"0.05 to 0.10 ({_SPXW_REAL}: 0.10 to 0.20)"),
    WidthRow("SPXW", (0, 0), (3.0, 30.0), f"0.10 to 0.20 ({_SPXW_REAL}: 0.30 to 0.40)"),
    WidthRow("SPY", (5, 40), (0.3, 3.0), f"0.01 ({_SPY_REAL})"),
    WidthRow("SPY", (5, 40), (3.0, 10.0), "0.01 to 0.05 (rule of thumb)"),
    WidthRow("SPY", (250, 420), (60.0, 140.0), f"0.45 to 0.65 at 20 ({_SPY_REAL}), wider still for a year"),
    WidthRow("ES", (60, 150), (1.0, 5.0), f"0.15 ({_ES_REAL})"),
    WidthRow("ES", (60, 150), (5.0, 10.0), f"0.25 ({_ES_REAL})"),
    WidthRow("ES", (60, 150), (20.0, 80.0), f"0.50 ({_ES_REAL})"),
    WidthRow("ES", (60, 150), (80.0, 140.0), f"0.50 ({_ES_REAL})"),
)


def widths(model: MarketModel, seed: int) -> Mapping[WidthRow, tuple[float, float, float]]:
    """Quartiles of the quoted width at half past ten, over one session in eight with VIX below 20 (SPXW: every Friday), of options with a bid."""
    days = [day for day in model.paths.days if day.year == YEAR and float(model.volatility_index("VIX", day)[_LOOK]) < 20.0]
    roots = {root.root: root for root in OPTION_ROOTS}
    found: dict[WidthRow, tuple[float, float, float]] = {}
    for row in WIDTHS:
        chosen = [day for day in days if day.weekday() == FRIDAY] if row.root == "SPXW" else days[::8]
        seen: list[float] = []
        for day in chosen:
            for each in quoted_at(model, roots[row.root], day, seed):
                if not row.days[0] <= (each.series.expiry - day).days <= row.days[1]:
                    continue
                at = int(np.argmin(np.abs(each.minutes - _LOOK)))
                bid, ask = each.quotes.bid[:, at] / 1e6, each.quotes.ask[:, at] / 1e6
                middle = (bid + ask) / 2.0
                seen.extend((ask - bid)[(bid > 0.0) & (middle >= row.prices[0]) & (middle < row.prices[1])].tolist())
        low, median, high = np.percentile(np.array(seen), [25, 50, 75])
        found[row] = (float(low), float(median), float(high))
    return found
