"""Writes `docs/market.md`: `python -m simulator.market.market_page [--check]`."""

from __future__ import annotations

import datetime as dt
import math
import sys
from pathlib import Path

from simulator.market.generation import DEFAULT_SEED
from simulator.market.market_plots import write_plots
from simulator.market.market_premiums import WIDTHS, premium_figures, real_month_premium, widths
from simulator.market.market_statistics import (
    SPREAD_BUCKETS,
    YEAR,
    IndexYear,
    generated_year,
    index_figures,
    listed_contracts,
    quoted_spreads,
    real_years,
    skew_of_es,
    spread_of,
    term_structure,
    zero_bid_share,
)
from simulator.market.model import MarketModel

_ROOT = Path(__file__).resolve().parents[2]
_PAGE, _PICTURES = _ROOT / "docs" / "market.md", _ROOT / "docs" / "market"
_SEEDS = range(1, 13)

_REMARKS = """\
## Where it differs from the real market

- **A shock every year.** Each year has exactly one close of VIX above 35, between April and October; in the data above one year in three or four had one.
  Years without a shock, years of crisis (2000 to 2002, 2008) and bear markets do not occur: the paths are chosen (`daily_states._acceptable`) to hold quiet
  stretches, pullbacks, one shock and a year's return of +2 to +27 %. Results on them say how the machine behaves, never what a strategy earns.
- **Persistence.** Within a year |returns| are about as clustered as the S&P 500's; the slow swings over several years (2008 beside 2017) are missing,
  because every year returns to the same long-run level.
- **Leverage.** Returns and changes of VIX are correlated by construction with about the real figure; single days on which both rise together are rarer.
- **One smile per factor.** The shape (SSVI, constant rho and eta) follows the level of volatility only. Real skew has a life of its own: it steepens before
  events, and there is no earnings, FOMC or CPI bump in the term structure.
- **Funds and futures on one factor** (SPX, SPY and ES; GLD and GC; TLT and ZB) move exactly together; basis noise is below a tick. Correlations between
  factors are constant except that large equity moves carry the others a little further.
- **Futures** trade on NYSE sessions only, 09:30 to 16:00 New York (corn to 14:20): no overnight session, no half sessions on holidays. Curves have constant carry,
  so no backwardation spike in crude and no harvest seasonality in corn.
- **Quotes** are snapshots (open = high = low = close) every five minutes, every minute for the options that expire today; spreads widen with volatility and in
  the first minutes, and follow no order flow: volume, open interest and the few trades do not react to prices.
- **Strikes are thinned**: what the strategies look for is there at its real distance (and stays listed until expiry), most of what they never look at is not.
- **Bytes** are the same for the same seed on one machine; another build of numpy or zlib may round or compress differently, the prices agree to the tick.
- **American values** are Barone-Adesi and Whaley's approximation, within 0.6 % of a 1500-step tree on the tested cases; dividends act as a yield to expiry.
"""


def _number(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.2f}" if abs(value) < 10.0 else f"{value:.1f}"


def _days(model: MarketModel) -> dict[str, dt.date]:
    """A calm day and the day of the shock."""
    shock = model.paths.shocks[-1]
    candidates = [day for day in model.paths.days if day.year == YEAR and day.weekday() == 4]
    calm = min(candidates, key=lambda day: float(model.volatility_index("VIX", day)[-1]))
    return {"calm": calm, "shock": shock}


def _index_table(default: IndexYear, generated: list[IndexYear], real: list[IndexYear]) -> list[str]:
    own = index_figures(default)
    many, measured = spread_of([index_figures(year) for year in generated]), spread_of([index_figures(year) for year in real])
    lines = [
        "| figure | default year | generated years: lowest / median / highest | real years: lowest / median / highest |",
        "|---|---|---|---|",
    ]
    for name, value in own.items():
        ranges = [" / ".join(_number(part) for part in table[name]) if name in table else "-" for table in (many, measured)]
        lines.append(f"| {name} | {_number(value)} | {ranges[0]} | {ranges[1]} |")
    return lines


def _spread_table(model: MarketModel, days: dict[str, dt.date]) -> list[str]:
    heads = [f"{low:.0%} to {high:.0%}".replace("%", "") for low, high in SPREAD_BUCKETS]
    lines = [
        f"| root | {' | '.join(f'{label}: delta {head}' for label in days for head in heads)} |",
        "|---" * (1 + len(heads) * len(days)) + "|",
    ]
    tables = [quoted_spreads(model, day, DEFAULT_SEED) for day in days.values()]
    for root in tables[0]:
        cells = [f"{100.0 * value:.1f}" if not math.isnan(value) else "-" for table in tables for value in table[root]]
        lines.append(f"| {root} | {' | '.join(cells)} |")
    return lines


_FIRST = {  # what version 1 of the generator gave for the default year, where the model was changed for it
    "VIX less the volatility of the next 21 sessions, points": "4.06 (two years)",
    "0DTE straddle at 10:30 over the move to the close (means), all sessions": "1.16 (two years)",
    "0DTE straddle at 10:30 over the move to the close (means), Fridays": "1.05 (two years)",
    "25-delta put: volatility over that at the money": "1.17",
    "25-delta call: volatility over that at the money": "0.86",
    "25-delta put spread: middle credit, % of width, VIX below 15": "9.3",
    "25-delta call spread: middle credit, % of width, VIX below 15": "8.9",
}
_FIRST_WIDTHS = ("0.10", "0.20", "0.03", "0.10", "0.15", "0.30", "0.30", "1.50", "1.75")
_RULE_OF_THUMB = {
    "0DTE straddle at 10:30 over the move to the close (means), all sessions": "a little above 1",
    "25-delta put spread: middle credit, % of width, VIX below 15": "10 to 15",
    "25-delta call spread: middle credit, % of width, VIX below 15": "10 to 15",
}


def _premium_table(models: dict[int, MarketModel]) -> list[str]:
    """Premiums of the default and of all years, beside real ones: measured where `arch` has data, else a rule of thumb."""
    figures = {seed: premium_figures(model, seed) for seed, model in models.items()}
    many, measured = spread_of([figures[seed] for seed in _SEEDS]), spread_of(real_month_premium())
    lines = [
        "| figure | version 1, default year | default year | generated years: lowest / median / highest | real |",
        "|---|---|---|---|---|",
    ]
    for name, value in figures[DEFAULT_SEED].items():
        ranges = " / ".join(_number(part) for part in many[name])
        real = " / ".join(_number(part) for part in measured[name]) if name in measured else _RULE_OF_THUMB.get(name, "-")
        lines.append(f"| {name} | {_FIRST.get(name, '-')} | {_number(value)} | {ranges} | {real} |")
    return lines


def _width_table(model: MarketModel) -> list[str]:
    found = widths(model, DEFAULT_SEED)
    lines = [
        "| root | days to expiry | middle price | version 1: median | width: quartiles | real |",
        "|---|---|---|---|---|---|",
    ]
    for row, first in zip(WIDTHS, _FIRST_WIDTHS, strict=True):
        quartiles = " / ".join(f"{part:.2f}" for part in found[row])
        lines.append(
            f"| {row.root} | {row.days[0]} to {row.days[1]} | {row.prices[0]:g} to {row.prices[1]:g} | {first} | {quartiles} | {row.real} |"
        )
    return lines


def page() -> str:
    """The page's text; writes the pictures on the way."""
    models = {seed: MarketModel.from_seed(seed, YEAR) for seed in {*_SEEDS, DEFAULT_SEED}}
    model = models[DEFAULT_SEED]
    days = _days(model)
    generated = [generated_year(models[seed]) for seed in _SEEDS]
    real = list(real_years().values())
    pictures = write_plots(model, days, generated, real, _PICTURES)
    shown = {title: f"![{title}]({path.relative_to(_PAGE.parent).as_posix()})" for title, path in pictures.items()}
    listed = listed_contracts(model)
    structure = {label: term_structure(model, day) for label, day in days.items()}
    lines = [
        "# The generated market",
        "",
        f"Written by `python -m simulator.market.market_page` from the model itself. *Default year*: seed {DEFAULT_SEED}; *generated years*: {YEAR} of seeds",
        f"{_SEEDS.start} to {_SEEDS.stop - 1}; *real years*: S&P 500 of each calendar year 2000 to 2018, with VIX for 2014 to 2018, the data that `arch` carries.",
        "",
        "Everything here is synthetic. It serves to run and to test the machine, not to judge a strategy.",
        "",
        shown["The year"],
        "",
        "## Index and VIX",
        "",
        *_index_table(generated_year(model), generated, real),
        "",
        shown["Clustering"],
        "",
        "## Term structure",
        "",
        "| | " + " | ".join(next(iter(structure.values()))) + " |",
        "|---" * 5 + "|",
        *(
            f"| {label}, {days[label]} | " + " | ".join(f"{value:.1f}" for value in values.values()) + " |"
            for label, values in structure.items()
        ),
        "",
        "All four are Cboe's formula on the generated SPX surface (`tests/simulator/market/test_market_quotes.py` recomputes them from option prices).",
        "",
        shown["Term structure"],
        "",
        "## Smiles",
        "",
        shown["Smiles"],
        "",
        "ES puts nearest to 120 days, first Wednesday of each month:",
        "",
        "| day | days to expiry | VIX | 25-delta put out of the money | 5-delta put out of the money |",
        "|---|---|---|---|---|",
        *(f"| {day} | {left} | {vix:.1f} | {quarter:.1%} | {tail:.1%} |" for day, left, vix, quarter, tail in skew_of_es(model)),
        "",
        "## Spreads",
        "",
        "Median bid-ask spread in % of the middle price, options of 5 to 150 days (SPXW: of the last two days), by absolute delta. "
        f"{zero_bid_share(model, days['calm'], DEFAULT_SEED):.0%} of the listed contracts have no bid on the calm day.",
        "",
        *_spread_table(model, days),
        "",
        "Quoted width at half past ten with VIX below 20, in the option's price units:",
        "",
        *_width_table(model),
        "",
        "## What selling options earns",
        "",
        "Premiums before anything is traded. *Real*: lowest / median / highest of the calendar years 2014 to 2018 where `arch` carries the data, else a",
        "trader's rule of thumb that no data set of this project confirms. 0DTE figures take every full session and every strike, as if listed; spreads",
        "are 0.6 % of the index wide.",
        "",
        *_premium_table(models),
        "",
        "Version 1 of the generator had too steep a smile in the last days (calls of 25 delta were worth too little), more premium than the real years and",
        "wider quotes of SPXW and ES than real ones; version 2 flattens the smile towards expiry (`Smile.gamma`), raises the share of implied volatility that",
        "is realised (`Factor.realised`), lowers the medium-term variance, and lays widths in whole ticks around the value.",
        "",
        "## Listed contracts",
        "",
        f"{sum(mean for mean, _ in listed.values()):.0f} a session on average.",
        "",
        "| root | mean | most |",
        "|---|---|---|",
        *(f"| {root} | {mean:.0f} | {most} |" for root, (mean, most) in listed.items()),
        "",
        _REMARKS,
    ]
    return "\n".join(lines).rstrip() + "\n"


def main(arguments: list[str]) -> int:
    """Writes the page, or with --check says whether it is stale (1)."""
    text = page()
    if "--check" in arguments:
        stale = not _PAGE.is_file() or _PAGE.read_text() != text
        if stale:
            sys.stderr.write("docs/market.md is stale: run `python -m simulator.market.market_page`.\n")
        return int(stale)
    _PAGE.parent.mkdir(exist_ok=True)
    _PAGE.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
