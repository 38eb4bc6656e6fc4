"""Files that describe rather than quote: hours, symbol properties, interest rates, map and factor files of the funds."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

from simulator.market.archive import write_text
from simulator.market.contract_months import OPTION_ROOTS as FUTURE_OPTION_ROOTS
from simulator.market.instruments import FUNDS, FUTURES, Fund
from simulator.market.market_hours import market_hours
from simulator.market.model import MarketModel
from simulator.market.rates import PRIMARY_CREDIT

_PROPERTIES_HEADER = (
    "market,symbol,type,description,quote_currency,contract_multiplier,minimum_price_variation,lot_size,market_ticker,minimum_order_size,"
    "price_magnifier,strike_multiplier"
)
_USA = (
    "usa,[*],equity,,USD,1,0.01,1",
    "usa,[*],index,,USD,1,0.01,1",
    "usa,[*],indexoption,,USD,100,0.05,1",
    "usa,[*],option,,USD,100,0.01,1",
)
_PRICE_MAGNIFIERS = {"ZC": 100}  # live quotes in cents; LEAN's data and this folder's are in dollars
_OPTION_TICKS = {"ZB": "0.015625", "ZC": "0.00125"}  # futures options with properties of their own; the others share the future's


def _properties() -> str:
    rows = list(_USA)
    for product in FUTURES:
        magnifier = _PRICE_MAGNIFIERS.get(product.ticker)
        tail = f",,1,{magnifier}" if magnifier else ""
        head = f"{product.market},{product.ticker},future,{product.description},USD"
        rows.append(f"{head},{product.multiplier:g},{product.tick:g},1{tail}")
        if product.ticker in _OPTION_TICKS:
            root, tick = FUTURE_OPTION_ROOTS[product.ticker], _OPTION_TICKS[product.ticker]
            tail = f",,,{magnifier}" if magnifier else ""
            rows.append(f"{product.market},{root},futureoption,{product.description} Options,USD,{product.multiplier:g},{tick},1{tail}")
    return "\n".join([_PROPERTIES_HEADER, *sorted(rows)]) + "\n"


def _factor_file(model: MarketModel, fund: Fund, first: dt.date, last: dt.date) -> str:
    """Price factors: one row for the last session before each ex-date, cumulated from the end, up to the last generated session."""
    rows = ["20501231,1,1,0"]
    factor = 1.0
    calendar = model.calendar
    for ex, amount in reversed(model.dividends[fund.ticker].distributions):
        if not first < ex <= last:
            continue
        before = calendar.sessions[calendar.index[ex] - 1]
        close = round(float(model.spot(fund.ticker, before)[calendar.minutes(before)]), 2)
        factor *= 1.0 - amount / close
        rows.append(f"{before:%Y%m%d},{factor:.7f},1,{close:g}")
    rows.append(f"{fund.listed},{factor:.7f},1,1")
    return "\n".join(reversed(rows)) + "\n"


def write_reference(data: Path, model: MarketModel, tickers: frozenset[str], days: list[dt.date]) -> None:
    """Writes the descriptive files of a folder whose daily history covers the given sessions."""
    hours = json.dumps(market_hours(model.calendar), indent=2)
    write_text(data / "market-hours/market-hours-database.json", hours + "\n")
    write_text(data / "symbol-properties/symbol-properties-database.csv", _properties())
    rates = "\n".join(f"{since:%Y-%m-%d},{percent:.2f}" for since, percent in PRIMARY_CREDIT)
    write_text(data / "alternative/interest-rate/usa/interest-rate.csv", f"DATE,PCREDIT8\n{rates}\n")
    for fund in FUNDS:
        if fund.ticker not in tickers:
            continue
        low = fund.ticker.lower()
        map_file = f"{fund.listed},{low},{fund.exchange}\n20501231,{low},{fund.exchange}\n"
        write_text(data / "equity/usa/map_files" / f"{low}.csv", map_file)
        write_text(data / "equity/usa/factor_files" / f"{low}.csv", _factor_file(model, fund, days[0], days[-1]))
