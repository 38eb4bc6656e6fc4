"""Which expiry and which strike: candidates from this morning's chain, then the strike by delta from live quotes.

Two steps, because only subscribed contracts have quotes. `estimated_deltas` says from yesterday's figures where a delta should lie today, so that
a handful of contracts is subscribed; `Live` and `by_delta` then decide on the quotes of this minute. What has no usable quote has no delta, and what
has no delta is not opened. Deltas are European (rulebook bands are whole deltas; the early exercise premium moves them by less than a half).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import exp, isfinite, log
from statistics import fmean

import numpy as np

from analysis.black import FloatArray
from analysis.greeks_calculator import implied_volatility, option_greeks
from analysis.implied_volatility import Implied, implied_by_price
from domain.contract import Contract, ProductKind, Right, product_of
from domain.proposal import Skip
from domain.quote import ChainRow, OptionChain, Quote
from domain.state import SkipCode
from domain.views import MarketView
from strategies.base import todays_quote

_LONGEST_CLOSURE_DAYS = 10


def nearest_expiry(expiries: Iterable[date], today: date, target: int, low: int, high: int) -> date | Skip:
    """The expiry nearest to `target` calendar days within the closed band; of two equally near the earlier."""
    days = sorted((expiry - today).days for expiry in expiries)
    fitting = [dte for dte in days if low <= dte <= high]
    if not fitting:
        numbers = {"dte_low": float(low), "dte_high": float(high), "expiries": float(len(days))}
        if days:
            numbers["nearest_dte_days"] = float(min(days, key=lambda dte: abs(dte - target)))
        return Skip(SkipCode.NO_EXPIRY, numbers)
    return today + timedelta(days=min(fitting, key=lambda dte: (abs(dte - target), dte)))


def series(chain: OptionChain, expiry: date, ends_from: datetime | None = None) -> list[ChainRow]:
    """Rows of one expiry, one root and one underlying security: the usual root of the product, else the one with most strikes.

    Args:
        chain: what is listed.
        expiry: the day.
        ends_from: leave out what settles before this moment (the morning-settled index options).
    """
    groups: dict[tuple[str, str], list[ChainRow]] = {}
    for row in chain.by_expiry.get(expiry, ()):
        contract = row.contract
        if ends_from is None or contract.ends_at >= ends_from:
            groups.setdefault((contract.root, contract.underlying_key), []).append(row)
    if not groups:
        return []
    usual = product_of(chain.underlying).option_root
    best = min(groups, key=lambda group: (group[0] != usual, -len(groups[group]), group))
    return sorted(groups[best], key=lambda row: (row.contract.right, row.contract.strike))


def of_right(rows: Iterable[ChainRow], right: Right) -> list[ChainRow]:
    """Rows of one right, in the order given."""
    return [row for row in rows if row.contract.right is right]


def nearest_strike(contracts: Iterable[Contract], strike: float, right: Right | None = None) -> Contract | None:
    """The contract with the strike nearest to this one; of two equally near the lower. None when there is none."""
    fitting = (contract for contract in contracts if right is None or contract.right is right)
    return min(fitting, key=lambda contract: (abs(contract.strike - strike), contract.strike), default=None)


def is_on_future(contract: Contract) -> bool:
    """Whether Black-76 applies."""
    return product_of(contract.underlying).kind is ProductKind.FUTURE


def underlying_price(contract: Contract, market: MarketView) -> float | None:
    """Price of exactly what the option follows; before that future is subscribed, of the future mapped now."""
    price = market.underlying_price(contract)
    return market.spot(contract.underlying) if price is None else price


@dataclass(frozen=True, slots=True)
class Estimates:
    """Absolute deltas expected today by contract key, and the keys whose volatility is only the fallback."""

    deltas: Mapping[str, float]
    guessed: frozenset[str]


def estimated_deltas(rows: Sequence[ChainRow], market: MarketView, now: datetime, fallback_volatility: float) -> Estimates:
    """Deltas expected today, from yesterday's figures.

    The volatility of a row is the one its close implies at yesterday's underlying close, else the universe's, each the median of five neighbouring
    strikes (old trades make single closes wrong), else `fallback_volatility`; a row with a delta but no volatility keeps that delta. Good enough to
    choose what to subscribe, never to trade on.
    """
    spot = underlying_price(rows[0].contract, market) if rows else None
    if spot is None:
        return Estimates({}, frozenset())
    volatility = _smoothed(rows, _row_volatilities(rows, spot, market, now))
    known = np.isfinite(volatility)
    today = _deltas([row.contract for row in rows], np.where(known, volatility, fallback_volatility), spot, market, now)
    deltas = {
        row.contract.key: abs(row.delta) if row.delta and not own else abs(float(delta))
        for row, own, delta in zip(rows, known, today, strict=True)
        if np.isfinite(delta)
    }
    return Estimates(deltas, frozenset(row.contract.key for row, own in zip(rows, known, strict=True) if not own and not row.delta))


def _row_volatilities(rows: Sequence[ChainRow], spot: float, market: MarketView, now: datetime) -> FloatArray:
    stated = np.array([row.implied_volatility or np.nan for row in rows])
    first, closed = rows[0].contract, _close_of_session(rows[0].contract, spot, market, now)
    if closed is None:
        return stated
    close, years = closed
    solved = implied_volatility(
        [row.contract.right is Right.CALL for row in rows],
        [row.close or np.nan for row in rows],
        close,
        [row.contract.strike for row in rows],
        years,
        market.risk_free_rate(),
        market.dividend_yield(first.underlying),
        on_future=is_on_future(first),
    )
    return np.where(np.isfinite(solved.volatility), solved.volatility, stated)


def _close_of_session(contract: Contract, spot: float, market: MarketView, now: datetime) -> tuple[float, float] | None:
    """Where the underlying stood when yesterday's figures were made, and how many years the contract had left then."""
    closed_at = _last_close(market, now)
    # options on a future follow that future; the continuous one's close differs by the carry between the months
    close = spot if is_on_future(contract) else next(iter(market.daily_bars(contract.underlying, 1).close), None)
    return None if closed_at is None or close is None else (close, contract.years_left(closed_at))


def _last_close(market: MarketView, now: datetime) -> datetime | None:
    """When yesterday's figures were made: the close of the last session before today."""
    days = (now.date() - timedelta(days=back) for back in range(1, _LONGEST_CLOSURE_DAYS))
    return next((session.closes_at for day in days if (session := market.session(day)) is not None), None)


def _smoothed(rows: Sequence[ChainRow], volatility: FloatArray) -> FloatArray:
    """Each known volatility replaced by the median of the known ones among five strikes of its right, the middle one its own."""
    known, smooth = volatility.tolist(), volatility.copy()
    for right in Right:
        order = sorted(
            (i for i, row in enumerate(rows) if row.contract.right is right and isfinite(known[i])), key=lambda i: rows[i].contract.strike
        )
        for place, i in enumerate(order):
            reach = min(2, place, len(order) - 1 - place)
            smooth[i] = sorted(known[j] for j in order[place - reach : place + reach + 1])[reach]
    return smooth


def _deltas(contracts: Sequence[Contract], volatility: FloatArray, spot: float, market: MarketView, now: datetime) -> FloatArray:
    greeks = option_greeks(
        [contract.right is Right.CALL for contract in contracts],
        spot,
        [contract.strike for contract in contracts],
        [contract.years_left(now) for contract in contracts],
        volatility,
        market.risk_free_rate(),
        market.dividend_yield(contracts[0].underlying),
        on_future=is_on_future(contracts[0]),
    )
    return greeks.delta


def band_candidates(
    rows: Sequence[ChainRow], market: MarketView, now: datetime, *, low: float, high: float, count: int, fallback_volatility: float
) -> list[Contract]:
    """At most `count` contracts whose estimated deltas spread evenly over the band and a little around it.

    Where the estimate rests on the fallback volatility the truth may be far off: then twice as many are spread over a third to twice the band's odds.
    """
    estimates = estimated_deltas(rows, market, now, fallback_volatility)
    known = [row.contract for row in rows if row.contract.key in estimates.deltas]
    pad = 0.25 * (high - low)
    near = [c.key for c in known if low - pad <= estimates.deltas[c.key] <= high + pad]
    if not near or len(estimates.guessed.intersection(near)) * 2 > len(near):
        start, end = log(low / (1.0 - low) / 3.0), log(high / (1.0 - high) * 2.0)
        wanted = [1.0 / (1.0 + exp(-(start + (end - start) * (step + 0.5) / (2 * count)))) for step in range(2 * count)]
    else:
        wanted = [low - pad + (high - low + 2.0 * pad) * (step + 0.5) / count for step in range(count)]
    chosen: dict[str, Contract] = {}
    for delta in wanted if known else ():
        nearest = min(known, key=lambda contract, delta=delta: (abs(estimates.deltas[contract.key] - delta), contract.strike))  # type: ignore[misc]  # mypy cannot infer a lambda with a bound default
        chosen[nearest.key] = nearest
    return sorted(chosen.values(), key=lambda contract: contract.strike)


def unique(contracts: Iterable[Contract]) -> tuple[Contract, ...]:
    """Contracts without repetition, by right and strike."""
    found = {contract.key: contract for contract in contracts}
    return tuple(sorted(found.values(), key=lambda c: (c.underlying, c.expiry, c.right, c.strike)))


@dataclass(frozen=True, slots=True)
class Live:
    """A contract with its quote and what it implies now.

    Attributes:
        contract: what is quoted.
        quote: two-sided.
        mid: in points.
        delta: signed; None when the price implies no volatility.
        volatility: decimal; None likewise.
    """

    contract: Contract
    quote: Quote
    mid: float
    delta: float | None
    volatility: float | None


def live(contracts: Sequence[Contract], market: MarketView, now: datetime) -> list[Live]:
    """What can be sold now: contracts of one underlying with a two-sided quote of today, each with the delta its middle implies."""
    found = []
    for contract in contracts:
        quote = todays_quote(contract, market, now)
        spot = None if quote is None else underlying_price(contract, market)
        if quote is None or spot is None or not quote.is_two_sided:
            continue
        mid = quote.mid or 0.0
        implied = _implied(contract, mid, spot, contract.years_left(now), market)
        volatility, delta = (None, None) if implied is None else (implied.volatility, implied.delta)
        found.append(Live(contract, quote, mid, delta, volatility))
    return found


def live_delta(contract: Contract, market: MarketView, now: datetime) -> float | None:
    """Signed delta of one contract from its quote; None without a two-sided quote or a volatility."""
    return next((one.delta for one in live([contract], market, now)), None)


def _implied(contract: Contract, price: float, spot: float, years: float, market: MarketView) -> Implied | None:
    return implied_by_price(
        price,
        spot,
        contract.strike,
        years,
        market.risk_free_rate(),
        market.dividend_yield(contract.underlying),
        is_call=contract.right is Right.CALL,
        on_future=is_on_future(contract),
    )


def by_delta(quoted: Iterable[Live], target: float, low: float, high: float) -> Live | Skip:
    """The contract whose absolute delta is nearest to the target within the closed band, or why there is none."""
    known = [(abs(one.delta), one) for one in quoted if one.delta is not None]
    numbers = {"delta_low": low, "delta_high": high, "quoted": float(len(known))}
    if not known:
        return Skip(SkipCode.NO_QUOTE, numbers)
    fitting = [(delta, one) for delta, one in known if low <= delta <= high]
    if not fitting:
        numbers["nearest_delta"] = min((delta for delta, _ in known), key=lambda delta: abs(delta - target))
        return Skip(SkipCode.NO_STRIKE_IN_BAND, numbers)
    return min(fitting, key=lambda pair: (abs(pair[0] - target), pair[1].contract.strike))[1]


def atm_volatility(
    chain: OptionChain, market: MarketView, now: datetime, *, target: int = 90, low: int = 60, high: int = 110
) -> float | None:
    """Yesterday's at-the-money volatility of the expiry nearest to `target` days: the mean of put and call at the strike nearest to spot.

    What `MarketView.atm_volatility_history` collects a day. None when no such expiry is listed or no price implies one.
    """
    expiry = nearest_expiry(chain.expiries(now.date(), low, high), now.date(), target, low, high)
    rows = [] if isinstance(expiry, Skip) else series(chain, expiry)
    spot = underlying_price(rows[0].contract, market) if rows else None
    if spot is None:
        return None
    closed = _close_of_session(rows[0].contract, spot, market, now)
    strikes = sorted({row.contract.strike for row in rows}, key=lambda strike: (abs(strike - spot), strike))
    for strike in strikes[:3]:
        found = [_row_volatility(row, closed, market) for row in rows if row.contract.strike == strike]
        known = [volatility for volatility in found if volatility is not None]
        if known:
            return fmean(known)
    return None


def _row_volatility(row: ChainRow, closed: tuple[float, float] | None, market: MarketView) -> float | None:
    """What a row's close implies, else what its universe states."""
    implied = None if closed is None or row.close is None else _implied(row.contract, row.close, *closed, market)
    return row.implied_volatility if implied is None else implied.volatility


def is_of_this_minute(quote: Quote, now: datetime) -> bool:
    """Whether a quote may be held against the present spot: an older one makes extrinsic value out of the spot's last minutes."""
    return now - quote.at < timedelta(minutes=1)


def inversion(long: Contract, short: Contract) -> float:
    """Points by which the short strike is worse than the long one; zero for a calendar or an ordinary diagonal."""
    return max(0.0, short.strike - long.strike if short.right is Right.PUT else long.strike - short.strike)
