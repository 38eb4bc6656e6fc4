from collections import Counter
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.vix_term_structure import (
    BackwardationStop,
    Regime,
    Shape,
    TermStructure,
    VixFeed,
    VixParameters,
    backwardation_stop,
    choose_feed,
    has_spiked,
    indices_now,
    iv_percentile,
    iv_rank,
    known_closes,
    regime_of,
)
from benchmarks.vix_family import read_family, tenor_power
from domain.parameters import ParameterError, read
from domain.views import VolatilityIndices

DEFAULTS = VixParameters()
at = datetime.fromisoformat


@pytest.fixture(scope="module")
def vix_family(sample_data):
    """Closes of the real family, 2011-2025, by day; an index without a value that day is None."""
    return read_family(sample_data)


@pytest.mark.parametrize(
    ("vix", "regime"),
    [
        (None, Regime.UNKNOWN),
        (float("nan"), Regime.UNKNOWN),
        (0.0, Regime.UNKNOWN),
        (12.99, Regime.COMPLACENT),
        (13.0, Regime.NORMAL),
        (17.99, Regime.NORMAL),
        (18.0, Regime.ELEVATED),
        (25.0, Regime.STRESSED),
        (29.99, Regime.STRESSED),
        (30.0, Regime.CRISIS),
        (82.69, Regime.CRISIS),
    ],
)
def test_regime_bands(vix, regime):
    assert regime_of(vix, DEFAULTS) is regime


# day, VIX / VIX3M, regime, shape, stop active after the close, closes below 0.97
FEBRUARY_2018 = [
    ("2018-02-01", 0.915, Regime.NORMAL, Shape.CONTANGO, False, 0),
    ("2018-02-02", 1.016, Regime.NORMAL, Shape.BACKWARDATION, True, 0),  # a session before the crash
    ("2018-02-05", 1.327, Regime.CRISIS, Shape.BACKWARDATION, True, 0),
    ("2018-02-06", 1.262, Regime.STRESSED, Shape.BACKWARDATION, True, 0),
    ("2018-02-14", 0.996, Regime.ELEVATED, Shape.CONTANGO, True, 0),  # contango, but not below 0.97
    ("2018-02-15", 1.003, Regime.ELEVATED, Shape.BACKWARDATION, True, 0),
]
MARCH_2020 = [
    ("2020-02-20", 0.937, Regime.NORMAL, Shape.CONTANGO, False, 0),
    ("2020-02-21", 0.970, Regime.NORMAL, Shape.CONTANGO, False, 0),
    ("2020-02-24", 1.142, Regime.STRESSED, Shape.BACKWARDATION, True, 0),
    ("2020-03-12", 1.318, Regime.CRISIS, Shape.BACKWARDATION, True, 0),
    ("2020-03-16", 1.221, Regime.CRISIS, Shape.BACKWARDATION, True, 0),  # the highest close ever
    ("2020-03-20", 1.007, Regime.CRISIS, Shape.BACKWARDATION, True, 0),
    ("2020-04-15", 1.040, Regime.CRISIS, Shape.BACKWARDATION, True, 0),
]
AUGUST_2024 = [
    ("2024-08-01", 0.971, Regime.ELEVATED, Shape.CONTANGO, False, 0),
    ("2024-08-02", 1.002, Regime.ELEVATED, Shape.BACKWARDATION, True, 0),
    ("2024-08-05", 1.144, Regime.CRISIS, Shape.BACKWARDATION, True, 0),
    ("2024-08-06", 1.036, Regime.STRESSED, Shape.BACKWARDATION, True, 0),
    ("2024-08-08", 0.986, Regime.ELEVATED, Shape.CONTANGO, True, 0),
    ("2024-08-09", 0.962, Regime.ELEVATED, Shape.CONTANGO, True, 1),  # the first close below 0.97
    ("2024-08-12", 0.957, Regime.ELEVATED, Shape.CONTANGO, False, 0),  # the second releases
    ("2024-08-13", 0.912, Regime.ELEVATED, Shape.CONTANGO, False, 0),
]


@pytest.mark.parametrize("table", [FEBRUARY_2018, MARCH_2020, AUGUST_2024], ids=["2018-02", "2020-03", "2024-08"])
def test_the_great_spikes_day_by_day(vix_family, table):
    for day, ratio, regime, shape, is_active, below in table:
        today = date.fromisoformat(day)
        close = vix_family[today]
        structure = TermStructure.of(close)
        assert structure.vix_to_vix3m == pytest.approx(ratio, abs=5e-4), day
        assert regime_of(close.vix, DEFAULTS) is regime, day
        assert structure.shape(DEFAULTS) is shape, day
        stop = backwardation_stop([row for at_day, row in vix_family.items() if at_day <= today], DEFAULTS)
        assert stop == BackwardationStop(is_active=is_active, closes_below=below), day


@pytest.mark.parametrize(
    ("day", "previous_close", "close", "spiked"),
    [
        ("2018-02-02", 13.47, 17.31, False),
        ("2018-02-05", 17.31, 37.32, True),
        ("2024-08-05", 23.39, 38.57, True),
        ("2020-03-12", 53.90, 75.47, False),
    ],
)
def test_spikes_of_real_closes(vix_family, day, previous_close, close, spiked):
    days = list(vix_family)
    i = days.index(date.fromisoformat(day))
    assert (vix_family[days[i - 1]].vix, vix_family[days[i]].vix) == (previous_close, close)
    assert has_spiked(close, previous_close, DEFAULTS) is spiked


def test_a_spike_is_measured_from_the_last_close_and_unknown_without_one():
    assert has_spiked(30.0, 20.0, DEFAULTS) is True
    assert has_spiked(29.9, 20.0, DEFAULTS) is False
    assert has_spiked(30.0, None, DEFAULTS) is None
    assert has_spiked(None, 20.0, DEFAULTS) is None


def test_a_morning_decision_sees_yesterdays_close(vix_family):
    morning = known_closes(vix_family, at("2018-02-05T10:00"))
    assert morning[-1].vix == 17.31  # Friday's
    assert known_closes(vix_family, at("2018-02-05T16:14"))[-1].vix == 17.31
    assert known_closes(vix_family, at("2018-02-05T16:15"))[-1].vix == 37.32
    assert known_closes(vix_family, at("2018-02-06T09:30"))[-1].vix == 37.32


def test_no_decision_depends_on_its_own_or_a_later_close(vix_family):
    """Replace every close from the day on by nonsense: the morning's answers do not change."""
    for day in (date(2018, 2, 5), date(2020, 3, 16), date(2024, 8, 5)):
        now = datetime.combine(day, at("2000-01-01T10:00").time())
        tampered = {d: (row if d < day else VolatilityIndices(1.0, 99.0, 1.0, 1.0)) for d, row in vix_family.items()}
        assert known_closes(tampered, now) == known_closes(vix_family, now)


def test_live_values_win_and_daily_ones_fill_in_one_by_one():
    live, close = VolatilityIndices(vix=31.0), VolatilityIndices(20.0, 18.0, None, 21.0)
    assert indices_now(live, close) == VolatilityIndices(20.0, 31.0, None, 21.0, vix_previous_close=18.0)
    assert indices_now(live, None) == live


@pytest.mark.parametrize(
    ("index", "cboe", "feed"), [(True, True, VixFeed.INDEX), (False, True, VixFeed.CBOE), (False, False, VixFeed.NONE)]
)
def test_feed_order(index, cboe, feed):
    assert choose_feed(has_index_data=index, has_cboe_class=cboe) is feed


def test_unknown_stays_unknown():
    structure = TermStructure.of(VolatilityIndices(vix=20.0, vix6m=22.0))
    assert structure == TermStructure(None, None, None)
    assert structure.shape(DEFAULTS) is Shape.UNKNOWN
    active = BackwardationStop(is_active=True, closes_below=1)
    assert active.after_close(VolatilityIndices(vix=20.0), DEFAULTS) == active
    assert BackwardationStop().after_close(VolatilityIndices(), DEFAULTS) == BackwardationStop()


def test_a_close_between_the_boundaries_starts_the_count_anew():
    def close(ratio):
        return VolatilityIndices(vix=20.0 * ratio, vix3m=20.0)

    assert backwardation_stop(map(close, [1.0, 0.96, 0.98, 0.96]), DEFAULTS) == BackwardationStop(is_active=True, closes_below=1)
    assert backwardation_stop(map(close, [1.0, 0.96, 0.98, 0.96, 0.96]), DEFAULTS) == BackwardationStop()


@given(st.lists(st.one_of(st.none(), st.floats(0.7, 1.4)), max_size=40))
def test_a_stop_ends_only_after_two_known_closes_below(ratios):
    closes = [VolatilityIndices(vix=ratio * 20 if ratio else None, vix3m=20.0) for ratio in ratios]
    states = [backwardation_stop(closes[: i + 1], DEFAULTS) for i in range(len(closes))]
    for i, (before, after) in enumerate(pairwise(states), start=1):
        if before.is_active and not after.is_active:
            known = [ratio for ratio in ratios[: i + 1] if ratio is not None]
            assert max(known[-2:]) < 0.97
        if ratios[i] is not None and ratios[i] * 20 / 20.0 >= 1.0:
            assert after.is_active


def test_share_of_days_in_each_regime(vix_family):
    """The table of docs/vix.md."""
    shares = Counter(regime_of(row.vix, DEFAULTS).value for row in vix_family.values())
    assert sum(shares.values()) == 3799
    assert dict(shares) == {"complacent": 697, "normal": 1675, "elevated": 945, "stressed": 250, "crisis": 232}


def test_volatility_shocks_fall_off_with_the_root_of_tenor(vix_family):
    """The basis of the stress scenarios' tenor power of one half."""
    assert tenor_power(vix_family, 93.0, "vix3m") == pytest.approx(0.5, abs=0.1)
    assert tenor_power(vix_family, 184.0, "vix6m") == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize(
    ("history", "current", "rank", "percentile"),
    [
        ([10.0 + i for i in range(21)], 20.0, 50.0, 100 * 10 / 21),
        ([10.0 + i for i in range(21)], 35.0, 125.0, 100.0),
        ([10.0 + i for i in range(20)], 10.0, 0.0, 0.0),
        ([10.0 + i for i in range(19)], 12.0, None, None),  # one session short
        ([*[10.0 + i for i in range(19)], None], 12.0, None, None),  # unknown does not count
        ([15.0] * 30, 15.0, None, 0.0),  # no range
        ([10.0 + i for i in range(30)], None, None, None),
        (
            [99.0, *[10.0 + i % 11 for i in range(252)]],
            20.0,
            100.0,
            pytest.approx(100 * (252 - 22) / 252),
        ),  # the 253rd session is forgotten
    ],
)
def test_iv_rank_and_percentile(history, current, rank, percentile):
    assert iv_rank(history, current, DEFAULTS) == (rank if rank is None else pytest.approx(rank))
    assert iv_percentile(history, current, DEFAULTS) == (percentile if percentile is None else pytest.approx(percentile))


def test_parameters_are_checked_together():
    with pytest.raises(ParameterError, match=r"vix-release-below is 1.1, expected at most backwardation-from"):
        read({"vix": VixParameters}, {"vix-release-below": "1.1"})
    with pytest.raises(ParameterError, match="expected to ascend"):
        read({"vix": VixParameters}, {"vix-normal-from": "19"})


def test_data_gaps_do_not_end_a_stop(vix_family):
    """VIX3M is missing on 27 real days; none of them changes the state."""
    missing = [day for day, row in vix_family.items() if row.vix3m is None]
    assert len(missing) == 27
    for day in missing[:5]:
        before = backwardation_stop((row for d, row in vix_family.items() if d < day), DEFAULTS)
        assert before.after_close(vix_family[day], DEFAULTS) == before
    assert max(missing) - min(missing) > timedelta(days=100)
