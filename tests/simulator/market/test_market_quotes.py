import datetime as dt
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from market_samples import model_of
from scipy.special import ndtr

from simulator.market.instruments import VOLATILITY_INDICES
from simulator.market.listings import ListingHistory, Series
from simulator.market.option_files import quote_root
from simulator.market.option_roots import OPTION_ROOTS
from simulator.market.pricing import black_forward, early_exercise
from simulator.market.valuation import value_series

ROOTS = {root.root: root for root in OPTION_ROOTS}
MARKETS = st.tuples(st.integers(0, 7), st.integers(0, 251), st.sampled_from(sorted(ROOTS)))
TOLERANCE = 1e-9


def quoted_day(seed, session, name):
    model, root = model_of(seed), ROOTS[name]
    days = [day for day in model.calendar.sessions if day.year == 2024]
    day = days[session]
    if name == "SPXW":
        day = next(each for each in days[max(session - 6, 0) :] if each.weekday() == 4)
    listed = ListingHistory(model).series(root, [day])[day]
    return model, root, day, quote_root(model, root, listed, day, 30, np.random.default_rng(seed))


def sides(each, sign):
    """Strikes ascending, bids and asks in the underlying's units, of one right."""
    chosen = np.flatnonzero(each.series.signs == sign)
    order = chosen[np.argsort(each.series.strikes[chosen])]
    return each.series.strikes[order], each.quotes.bid[order] / 1e6, each.quotes.ask[order] / 1e6


@settings(max_examples=40)
@given(market=MARKETS)
def test_quotes_are_never_crossed_and_hold_the_model_value(market):
    _, root, _, quoted = quoted_day(*market)
    for each in quoted:
        bid, ask = each.quotes.bid / 1e6, each.quotes.ask / 1e6
        assert np.all(ask > bid)
        assert np.all(bid >= 0.0)
        assert np.all(bid <= each.valuation.value + TOLERANCE)
        assert np.all(ask >= each.valuation.value - TOLERANCE)
        assert np.all(each.quotes.bid_size > 0)
        assert np.all(each.quotes.present[:, [0, -1]])
    assert len(quoted) > 0 or root.root == "SPXW"


@settings(max_examples=40)
@given(market=MARKETS)
def test_no_vertical_or_butterfly_pays_for_nothing(market):
    _, _, _, quoted = quoted_day(*market)
    for each in quoted:
        for sign in (-1.0, 1.0):
            strikes, bid, ask = sides(each, sign)
            if len(strikes) < 3:
                continue
            cheap, dear = (slice(None, -1), slice(1, None)) if sign < 0 else (slice(1, None), slice(None, -1))
            assert np.all(ask[dear] >= bid[cheap] - TOLERANCE)
            width = np.diff(strikes)[:, None]
            assert np.all(bid[dear] - ask[cheap] <= width + TOLERANCE)
            weight = ((strikes[2:] - strikes[1:-1]) / (strikes[2:] - strikes[:-2]))[:, None]
            assert np.all(weight * ask[:-2] + (1.0 - weight) * ask[2:] >= bid[1:-1] - TOLERANCE)


@settings(max_examples=40)
@given(market=MARKETS)
def test_no_calendar_pays_for_nothing(market):
    _, _, _, quoted = quoted_day(*market)
    ordered = sorted(quoted, key=lambda each: each.series.expiry)
    for early, late in pairwise(ordered):
        if early.series.underlying != late.series.underlying:
            continue
        moments = np.flatnonzero(np.isin(late.minutes, early.minutes))
        for sign in (-1.0, 1.0):
            near, bid, _ = sides(early, sign)
            far, _, ask = sides(late, sign)
            common, left, right = np.intersect1d(near, far, return_indices=True)
            if len(common):
                here = np.isin(early.minutes, late.minutes)
                assert np.all(ask[right][:, moments] >= bid[left][:, here] - TOLERANCE)


@settings(max_examples=40)
@given(market=MARKETS)
def test_puts_and_calls_keep_parity_within_the_spread(market):
    model, root, day, quoted = quoted_day(*market)
    for each in quoted:
        strikes, put_bid, put_ask = sides(each, -1.0)
        call_strikes, call_bid, call_ask = sides(each, 1.0)
        common, left, right = np.intersect1d(strikes, call_strikes, return_indices=True)
        value, strike = each.valuation, common[:, None]
        discount = np.exp(-value.rate * value.years)
        lowest, highest = call_bid[right] - put_ask[left], call_ask[right] - put_bid[left]
        if not root.american:
            low = high = discount * (value.forward - strike)
        elif each.series.underlying is not None:
            low, high = discount * value.spot - strike, value.spot - discount * strike
        else:
            paid = model.dividends[root.underlying].present_value(day, each.series.expiry, value.rate)
            low, high = value.spot - paid - strike, value.spot - discount * strike
        slack = 2e-4 * value.spot * root.american
        assert np.all(highest >= low - slack - TOLERANCE)
        assert np.all(lowest <= high + slack + TOLERANCE)


@settings(max_examples=12)
@given(
    seed=st.integers(0, 7),
    session=st.integers(0, 251),
    name=st.sampled_from(sorted(VOLATILITY_INDICES)),
    minute=st.sampled_from([1, 60, 195, 210]),
)
def test_volatility_indices_are_cboes_formula_on_the_options(seed, session, name, minute):
    model = model_of(seed)
    day = [each for each in model.calendar.sessions if each.year == 2024][session]
    horizon = VOLATILITY_INDICES[name]
    near, far = model._bracket(day, horizon, weekly=horizon <= 30.0)
    now = np.array([min(minute, model.calendar.minutes(day))])
    totals, days = [], []
    for expiry in (near, far):
        close = 570 + model.calendar.minutes(expiry)
        spot = float(model.spot("SPX", day)[now][0])
        strikes = np.arange(np.floor(0.25 * spot / 5) * 5, 1.6 * spot, 5.0)
        grid = Series(expiry, close, np.tile(strikes, 2), np.repeat([-1.0, 1.0], len(strikes)))
        valuation = value_series(model, ROOTS["SPXW"], grid, day, now)
        put, call = valuation.value[:, 0].reshape(2, -1)
        growth = float(np.exp(valuation.rate * valuation.years[0]))
        middle = int(np.argmin(np.abs(call - put)))
        forward = strikes[middle] + growth * (call[middle] - put[middle])
        at = int(np.searchsorted(strikes, forward, side="right")) - 1
        premium = np.where(strikes < strikes[at], put, call)
        premium[at] = (put[at] + call[at]) / 2.0
        premium[premium < 0.025] = 0.0  # no bid
        totals.append(2.0 * growth * np.sum(5.0 / strikes**2 * premium) - (forward / strikes[at] - 1.0) ** 2)
        days.append(float(valuation.years[0]) * 365.0)
    weight = (days[1] - horizon) / (days[1] - days[0])
    formula = 100.0 * np.sqrt((weight * totals[0] + (1.0 - weight) * totals[1]) / (horizon / 365.0))
    assert model.volatility_index(name, day)[now][0] == pytest.approx(formula, abs=0.3)


def binomial(spot, strike, years, volatility, rate, carry, sign, steps=1500):
    step = years / steps
    up = np.exp(volatility * np.sqrt(step))
    chance = (np.exp(carry * step) - 1.0 / up) / (up - 1.0 / up)
    prices = spot * up ** (2.0 * np.arange(steps + 1) - steps)
    value = np.maximum(sign * (prices - strike), 0.0)
    for left in range(steps - 1, -1, -1):
        prices = spot * up ** (2.0 * np.arange(left + 1) - left)
        value = np.maximum(np.exp(-rate * step) * (chance * value[1:] + (1.0 - chance) * value[:-1]), sign * (prices - strike))
    return float(value[0])


@pytest.mark.parametrize(
    ("spot", "strike", "years", "volatility", "carry", "sign"),
    [
        (480, 490, 0.35, 0.15, 0.042, -1.0),
        (480, 480, 1.0, 0.16, 0.042, -1.0),
        (480, 560, 0.35, 0.15, 0.042, -1.0),
        (480, 400, 1.0, 0.20, 0.042, 1.0),
        (5000, 5300, 0.33, 0.14, 0.0, -1.0),
        (70, 60, 0.25, 0.30, 0.0, 1.0),
        (480, 483, 7 / 365, 0.12, 0.042, -1.0),
    ],
)
def test_american_values_agree_with_a_binomial_tree(spot, strike, years, volatility, carry, sign):
    def one(value):
        return np.array([float(value)])

    deviation, rate = one(volatility * np.sqrt(years)), 0.055
    european = np.exp(-rate * years) * black_forward(one(spot * np.exp(carry * years)), one(strike), deviation, one(sign))
    exercise = early_exercise(one(strike), one(years), deviation, one(rate), one(carry), one(sign))
    american = float(exercise.american(one(spot), one(strike), one(sign), european)[0])
    assert american == pytest.approx(binomial(spot, strike, years, volatility, rate, carry, sign), rel=0.006)


def put_chain(model, day):
    """Days to expiry, distance out of the money and delta of ES puts nearest to 120 days."""
    root = ROOTS["ES"]
    series = min(ListingHistory(model).series(root, [day])[day], key=lambda each: abs((each.expiry - day).days - 120))
    valuation = value_series(model, root, series, day, np.array([30]))
    chosen = series.signs < 0
    distance = np.log(valuation.forward[0] / series.strikes[chosen]) / valuation.deviation[chosen, 0]
    delta = ndtr(-(distance + 0.5 * valuation.deviation[chosen, 0]))
    return (series.expiry - day).days, 1.0 - series.strikes[chosen] / valuation.forward[0], delta


def test_es_puts_of_a_quarter_have_the_skew_of_the_index(model):
    found = {0.25: [], 0.05: []}
    for month in range(1, 13):
        day = next(each for each in model.calendar.sessions if (each.year, each.month) == (2024, month) and each.weekday() == 2)
        days, out, delta = put_chain(model, day)
        order = np.argsort(delta)
        for target, values in found.items():
            values.append(float(np.interp(target, delta[order], out[order])) * np.sqrt(120.0 / days))
    assert 0.06 <= np.median(found[0.25]) <= 0.09
    assert 0.18 <= np.median(found[0.05]) <= 0.28
    assert min(found[0.25]) > 0.05
    assert max(found[0.05]) < 0.40


def test_every_strangle_finds_its_deltas(model):
    for name in ("GLD", "TLT", "SLV", "XOP", "LO", "OG", "OZB", "OZC", "ES"):
        root, found = ROOTS[name], []
        for month in range(1, 13):
            day = [each for each in model.calendar.sessions if (each.year, each.month) == (2024, month) and each.weekday() == 1][1]
            series = min(ListingHistory(model).series(root, [day])[day], key=lambda each: abs((each.expiry - day).days - 90))
            assert 60 <= (series.expiry - day).days <= 110
            valuation = value_series(model, root, series, day, np.array([15]))
            deviation = valuation.deviation[:, 0]
            delta = ndtr(series.signs * (np.log(valuation.forward[0] / series.strikes) / deviation + 0.5 * deviation))
            put = np.any((series.signs < 0) & (delta > 0.05) & (delta < 0.08))
            call = np.any((series.signs > 0) & (delta > 0.04) & (delta < 0.07))
            found.append(put and call)
        assert np.mean(found) >= 0.8, name


def test_zero_dte_spreads_are_within_reach_and_pay_their_minimum_credit(model):
    root, paid = ROOTS["SPXW"], []
    for day in [each for each in model.calendar.sessions if each.year == 2024 and each.weekday() == 4][::3]:
        listed = ListingHistory(model).series(root, [day])[day]
        (each,) = quote_root(model, root, listed, day, 5, np.random.default_rng(1))
        assert len(each.minutes) == model.calendar.minutes(day)
        at = int(np.flatnonzero(each.minutes == 60)[0])
        spot = each.valuation.spot[at]
        average = np.mean([np.ptp(model.spot("SPX", model.calendar.sessions[model.calendar.index[day] - back])) for back in range(1, 15)])
        for sign in (-1.0, 1.0):
            strikes, bid, ask = sides(each, sign)
            assert np.abs(strikes - (spot + sign * 0.7 * average)).min() <= 5.0
            deviation = np.interp(
                strikes, each.series.strikes[each.series.signs == sign], each.valuation.deviation[each.series.signs == sign, at]
            )
            delta = ndtr(sign * (np.log(each.valuation.forward[at] / strikes) / deviation + 0.5 * deviation))
            short = int(np.argmin(np.abs(delta - 0.25)))
            wing = int(np.argmin(np.abs(strikes - (strikes[short] + sign * 0.006 * spot))))
            assert abs(abs(strikes[wing] - strikes[short]) / spot - 0.006) < 0.002
            paid.append((bid[short, at] - ask[wing, at]) / abs(strikes[wing] - strikes[short]))
    assert np.mean(np.array(paid) > 0.08) > 0.8


def test_every_fridays_0dte_is_listed_on_the_session_before(model):
    sessions = [day for day in model.calendar.sessions if day.year == 2024]
    series = ListingHistory(model).series(ROOTS["SPXW"], sessions)
    expiries = model.calendar.fridays(sessions[0], sessions[-1])
    for expiry in expiries:
        before = model.calendar.sessions[model.calendar.index[expiry] - 1]
        known, quoted = ([each for each in series[day] if each.expiry == expiry] for day in (before, expiry))
        assert known, f"{expiry}: nothing on {before}"
        assert {*zip(known[0].strikes, known[0].signs, strict=True)} <= {*zip(quoted[0].strikes, quoted[0].signs, strict=True)}
    assert dt.date(2024, 7, 5) in expiries
    assert dt.date(2024, 11, 29) in expiries


def test_listed_contracts_stay_listed_until_they_expire(model):
    for name in ("SPY", "ES", "SPXW"):
        days = model.calendar.between(dt.date(2024, 5, 1), dt.date(2024, 6, 28))
        series = ListingHistory(model).series(ROOTS[name], days)
        before = set()
        for day in days:
            now = {(each.expiry, strike, sign) for each in series[day] for strike, sign in zip(each.strikes, each.signs, strict=True)}
            assert {contract for contract in before if contract[0] > day} <= now
            before = now
