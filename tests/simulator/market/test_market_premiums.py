import datetime as dt

import numpy as np
import pytest
from market_samples import model_of

from simulator.market.generation import DEFAULT_SEED
from simulator.market.listings import ListingHistory
from simulator.market.market_premiums import generated_month_premium, zero_dte
from simulator.market.option_files import quote_root
from simulator.market.option_roots import OPTION_ROOTS

ROOTS = {root.root: root for root in OPTION_ROOTS}


def everything_quoted(model, day):
    """All series of all roots on a day."""
    rng = np.random.default_rng(11)
    return [each for root in OPTION_ROOTS for each in quote_root(model, root, ListingHistory(model).series(root, [day])[day], day, 5, rng)]


def test_some_strikes_have_no_bid_and_some_stretches_no_quote(model):
    quoted = everything_quoted(model, dt.date(2024, 5, 10))
    nobody = np.concatenate([each.quotes.bid[:, 12] == 0 for each in quoted])
    stale = np.concatenate([~each.quotes.present.all(axis=1) for each in quoted])
    assert 0.05 < nobody.mean() < 0.40
    assert 0.002 < stale.mean() < 0.05
    for each in quoted:
        for row in np.flatnonzero(~each.quotes.present.all(axis=1)):
            assert np.ptp(np.flatnonzero(~each.quotes.present[row])) < 14


def test_spreads_widen_in_the_shock(model):
    shock = model.paths.shocks[-1]
    calm = model.calendar.sessions[model.calendar.index[shock] - 40]
    widths = []
    for day in (calm, shock):
        root = ROOTS["ES"]
        listed = ListingHistory(model).series(root, [day])[day]
        spreads = []
        for each in quote_root(model, root, listed, day, 30, np.random.default_rng(2)):
            relative = (each.quotes.ask - each.quotes.bid)[:, 3] / 1e6 / each.valuation.vega_point[:, 3].clip(1e-6)
            spreads.extend(relative[each.valuation.vega_point[:, 3] > 2.0].tolist())
        widths.append(float(np.median(spreads)))
    assert widths[1] > 1.5 * widths[0]


def test_a_short_0dte_spread_earns_about_what_the_quotes_of_quiet_days_pay(model):
    fridays = [day for day in model.calendar.sessions if day.year == 2024 and day.weekday() == 4 and day not in model.calendar.early_closes]
    looks = [look for look in (zero_dte(model, day, DEFAULT_SEED) for day in fridays) if look.vix < 15.0]
    assert len(looks) > 10
    for side in (0, 1):
        assert 0.09 < np.mean([look.middle[side] for look in looks]) < 0.15
        assert np.mean([look.middle[side] - look.natural[side] for look in looks]) < 0.01
    assert np.mean([look.skew[0] for look in looks]) == pytest.approx(1.12, abs=0.05)
    assert np.mean([look.skew[1] for look in looks]) == pytest.approx(0.90, abs=0.05)


@pytest.mark.parametrize("seed", [1, 4, DEFAULT_SEED])
def test_implied_volatility_pays_a_premium_as_large_as_the_real_one(seed):
    figures = generated_month_premium(model_of(seed))
    assert 1.0 < figures["VIX less the volatility of the next 21 sessions, points"] < 5.0
    assert figures["mean VIX over mean volatility of the next 21 sessions"] == pytest.approx(1.25, abs=0.15)
