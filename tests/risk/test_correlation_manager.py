"""Correlation groups: slots by phase, crowded expiries, measured correlation."""

import math
import random

import pytest
from risk_fakes import (
    NOW,
    RiskMarket,
    account,
    contract,
    daily,
    one_one_two,
    one_one_two_spy,
    parameters,
    position,
    proposal,
    put_calendar,
    short_put,
    strangle,
)

from analysis.vix_term_structure import VixParameters
from domain.contract import Leg, Role
from domain.proposal import DenialCode as Code
from risk.correlation_manager import GROUPS, CorrelationParameters, CorrelationRule

PARAMETERS = CorrelationParameters()
RULE = CorrelationRule(PARAMETERS, VixParameters())

# group, one member, another member, limits in phases 1 to 4
GROUP_TABLE = [
    ("a1", "SPX", "ES", (2, 2, 2, 3)),
    ("a2", "SPY", "QQQ", (2, 2, 3, 3)),
    ("b1", "GLD", "TLT", (1, 2, 2, 2)),
    ("b2", "SLV", "SI", (1, 1, 2, 2)),
    ("c1", "XOP", "CL", (1, 2, 2, 3)),
    ("c2", "NG", "UNG", (1, 1, 1, 2)),
    ("d1", "ZC", "ZS", (1, 1, 2, 2)),
    ("d2", "LE", "HE", (1, 1, 1, 2)),
    ("e", "6E", "6J", (1, 2, 2, 2)),
]


def condor_on(underlying: str, number: int = 0):
    """A defined-risk campaign on anything: the legs are a stand-in, the group goes by the underlying."""
    return position("friday_0dte", underlying, number=number, legs=put_calendar("SPY"))


def new(underlying: str, **changes):
    return proposal("friday_0dte", underlying, legs=put_calendar("SPY"), **changes)


def judged(what, positions=(), phase=3, market=None, **changes):
    verdict = RULE.judge(what, account(phase=phase, positions=positions, **changes), market or RiskMarket(), NOW)
    return verdict.units, verdict.code


@pytest.mark.parametrize(("group", "first", "second", "limits"), GROUP_TABLE)
@pytest.mark.parametrize("vix", [16.0, 29.99, 30.0, 65.0])
def test_slots_of_each_group_by_phase_and_vix(group, first, second, limits, vix):
    assert PARAMETERS.group_of(first) == PARAMETERS.group_of(second) == group
    for phase, stated in enumerate(limits, start=1):
        limit = max(1, stated - (vix >= 30))
        held = [condor_on(second, number) for number in range(limit)]
        assert judged(new(first), held[1:], phase, RiskMarket(vix=vix)) == (1, None)
        verdict = RULE.judge(new(first), account(phase=phase, positions=held), RiskMarket(vix=vix), NOW)
        assert (verdict.units, verdict.code) == (0, Code.GROUP_FULL)
        assert (verdict.numbers["group_held"], verdict.numbers["group_limit"]) == (limit, limit)


@pytest.mark.parametrize(
    ("held", "vix", "allowed"),
    [
        (["SPX", "ES", "SPY", "QQQ"], 16, True),  # four of five: the third in A1
        (["SPX", "ES", "SPY", "QQQ", "IWM"], 16, False),
        (["SPX", "SPY", "QQQ", "IWM"], 16, True),
        (["SPX", "SPY", "QQQ"], 30, True),  # at VIX 30: A1 2 of 3, both 4 of 5
        (["SPX", "SPX", "SPY", "QQQ"], 30, False),
    ],
)
def test_the_equity_groups_together_hold_five(held, vix, allowed):
    positions = [condor_on(name, number) for number, name in enumerate(held)]
    found = judged(new("NQ"), positions, 4, RiskMarket(vix=vix))
    assert found[0] == int(allowed)
    if held == ["SPX", "ES", "SPY", "QQQ", "IWM"]:
        assert found[1] is Code.EQUITY_GROUPS_FULL


def test_other_groups_do_not_count():
    held = [condor_on("GLD"), condor_on("TLT"), condor_on("SPY", 1), condor_on("QQQ", 2)]
    flat = RiskMarket(bars=independent("SPX", "GLD", "TLT", "SPY", "QQQ"))
    assert judged(new("SPX"), held, market=flat) == (1, None)


def test_a_symbol_in_no_group_is_refused_never_independent():
    assert judged(new("ARKK")) == (0, Code.UNKNOWN_GROUP)
    held = [condor_on("ARKK", 0), condor_on("ARKK", 1)]  # held from other parameters: counts in every group
    assert judged(new("SPX"), held) == (0, Code.GROUP_FULL)


@pytest.mark.parametrize(
    ("what", "market", "phase", "code"),
    [
        (new("SPX"), RiskMarket(vix=None), 3, Code.NO_VIX),
        (new("SPX"), RiskMarket(vix=math.nan), 3, Code.NO_VIX),
        (new("SPX"), None, -1, Code.PHASE_UNKNOWN),
    ],
)
def test_what_is_unknown_is_refused(what, market, phase, code):
    assert judged(what, phase=phase, market=market) == (0, code)


def test_phase_zero_has_no_slots():
    assert judged(new("SPX"), phase=0) == (0, Code.GROUP_FULL)


def test_a_whole_ladder_is_one_slot_and_so_is_a_covered_write():
    ladder = [position("leap_put_ladder", "SPY", number=i, legs=short_put("SPY", 470, 340 + 31 * i)) for i in range(4)]
    rung = proposal("leap_put_ladder", "SPY", legs=short_put("SPY", 465, 300))
    assert judged(rung, ladder) == (1, None)
    campaigns = [position("ipmcc", "QQQ"), position("ipmcc", "IWM"), *ladder]  # three slots of three
    assert judged(rung, campaigns) == (1, None)
    assert judged(proposal("ipmcc", "SPY"), campaigns) == (0, Code.GROUP_FULL)
    assert judged(proposal("ipmcc", "SPY"), campaigns[1:]) == (1, None)


def test_a_change_of_a_live_campaign_takes_no_slot():
    held = [position("futures_strangle", "GLD"), position("futures_strangle", "TLT")]
    roll = proposal("futures_strangle", "GLD", campaign_id="futures_strangle/GLD/0")
    assert judged(roll, held, phase=2) == (1, None)
    assert judged(proposal("futures_strangle", "GC"), held, phase=2) == (0, Code.GROUP_FULL)


def test_a_change_passes_where_a_crisis_has_taken_its_slot():
    held = [position("futures_strangle", "GLD"), position("futures_strangle", "TLT")]
    roll = proposal("futures_strangle", "GLD", campaign_id="futures_strangle/GLD/0", legs=put_calendar("GLD", 215))
    assert judged(roll, held, phase=2, market=RiskMarket(vix=31)) == (1, None)  # the limit is one now


def test_working_orders_take_slots():
    pending = (new("ES", id="a", campaign_id="a"), new("NQ", id="b", campaign_id="b"))
    assert judged(new("SPX"), pending=pending) == (0, Code.GROUP_FULL)
    assert judged(new("SPX"), pending=pending[1:]) == (1, None)


# ---- expiries ----


@pytest.mark.parametrize(
    ("held", "wanted", "expected"),
    [
        ([120], 90, (1, None)),
        ([120], 120, (0, Code.EXPIRY_TAKEN)),
        ([90, 120], 120, (0, Code.EXPIRY_TAKEN)),
    ],
)
def test_at_most_one_lt112_in_an_expiry(held, wanted, expected):
    positions = [position("lt112", "SPY", number=i, legs=one_one_two_spy(dte)) for i, dte in enumerate(held)]
    assert judged(proposal("lt112", "ES", legs=one_one_two("ES", wanted)), positions, 4) == expected


def test_a_strangle_in_the_same_expiry_does_not_take_it():
    held = [position("futures_strangle", "GLD", legs=strangle("GLD", 120))]
    market = RiskMarket(bars=independent("GLD", "ES"))
    assert judged(proposal("lt112", "ES"), held, 4, market) == (1, None)


def test_at_most_three_undefined_risk_structures_end_in_one_month():
    months = [("GLD", 90), ("XOP", 100), ("SLV", 110)]  # all in October 2024
    held = [position("futures_strangle", name, legs=strangle(name, dte)) for name, dte in months]
    market = RiskMarket(bars=independent("GLD", "XOP", "SLV", "ZC", "SPX"))
    fourth = proposal("futures_strangle", "ZC", legs=strangle("ZC", 93, 3.5, 5.0))
    assert judged(fourth, held, 4, market) == (0, Code.EXPIRY_MONTH_FULL)
    assert judged(fourth, held[1:], 4, market) == (1, None)
    assert judged(fourth, held[1:], 4, RiskMarket(vix=31, bars=market.bars)) == (0, Code.EXPIRY_MONTH_FULL)  # one lower in a crisis
    november = proposal("futures_strangle", "ZC", legs=strangle("ZC", 125, 3.5, 5.0))
    assert judged(november, held, 4, market) == (1, None)
    defined = proposal("friday_0dte", "SPX", legs=put_calendar("SPX", 5500, 93, 120))
    assert judged(defined, held, 4, market) == (1, None)


def test_the_next_short_leg_under_a_long_one_is_no_undefined_risk():
    held = [position("futures_strangle", name, legs=strangle(name, dte)) for name, dte in (("GLD", 90), ("XOP", 100), ("SLV", 110))]
    market = RiskMarket(bars=independent("GLD", "XOP", "SLV", "SPY"))
    long, short = Leg(contract("SPY", "P", 560, 140), 1, Role.LONG_PUT), Leg(contract("SPY", "P", 560, 93), -1, Role.SHORT_PUT)
    campaign = position("ipmcc", "SPY", legs=(long,))
    sold_again = proposal("ipmcc", "SPY", legs=(short,), campaign_id=campaign.campaign_id)
    assert judged(sold_again, [*held, campaign], 4, market) == (1, None), "the long put covers it"
    assert judged(sold_again, held, 4, market) == (0, Code.EXPIRY_MONTH_FULL), "without it the put is naked"


def test_a_defined_risk_structure_does_not_fill_a_month():
    held = [position("ipmcc", name, legs=put_calendar(name, 500, 93, 120)) for name in ("GLD", "XOP", "SLV")]
    market = RiskMarket(bars=independent("GLD", "XOP", "SLV", "ZC"))
    assert judged(proposal("futures_strangle", "ZC", legs=strangle("ZC", 93, 3.5, 5.0)), held, 4, market) == (1, None)


def test_a_long_leg_in_a_month_does_not_fill_it():
    far_long = Leg(contract("GLD", "P", 180, 93), 1, Role.LONG_PUT)
    held = [position("futures_strangle", name, legs=(*strangle(name, 140), far_long)) for name in ("GLD", "XOP", "SLV")]
    market = RiskMarket(bars=independent("GLD", "XOP", "SLV", "ZC"))
    assert judged(proposal("futures_strangle", "ZC", legs=strangle("ZC", 93, 3.5, 5.0)), held, 4, market) == (1, None)


# ---- measured correlation ----


def independent(*names: str, days: int = 61):
    """Histories without a common factor."""
    return {name: walk(name, days) for name in names}


def walk(seed: str, days: int = 61, with_: str | None = None, share: float = 0.0):
    """A history whose returns are a share of another's."""
    own, other = random.Random(seed), random.Random(with_)
    price, closes = 100.0, [100.0]
    for _ in range(days - 1):
        mine, theirs = own.gauss(0, 0.01), other.gauss(0, 0.01)
        price *= math.exp(share * theirs + math.sqrt(1 - share**2) * mine)
        closes.append(price)
    return daily(closes)


def test_two_groups_that_move_together_count_as_one():
    held = [condor_on("SLV", 0), condor_on("SI", 1)]  # B2 is full with two; gold may have two of its own
    for share, expected in ((0.0, (1, None)), (0.5, (1, None)), (0.95, (0, Code.MEASURED_CORRELATION))):
        market = RiskMarket(bars={"SLV": walk("SLV"), "SI": walk("SI"), "GLD": walk("GLD", with_="SLV", share=share)})
        assert judged(new("GLD"), held, market=market) == expected
    verdict = RULE.judge(new("GLD"), account(positions=held), market, NOW)
    assert verdict.numbers["correlation"] > 0.70
    assert (verdict.numbers["joined_groups_held"], verdict.numbers["joined_groups_limit"]) == (2, 2)
    assert judged(new("GLD"), held[:1], market=market) == (1, None)  # one in both: room for one


def test_the_correlation_of_another_open_underlying_of_the_group_counts():
    # TLT itself is independent, but GLD, open in the same group, moves with silver
    held = [condor_on("SLV", 0), condor_on("GLD", 1)]
    market = RiskMarket(bars={"SLV": walk("SLV"), "TLT": walk("TLT"), "GLD": walk("GLD", with_="SLV", share=0.95)})
    assert judged(new("TLT"), held, market=market) == (0, Code.MEASURED_CORRELATION)
    market.bars["GLD"] = walk("GLD")
    assert judged(new("TLT"), held, market=market) == (1, None)


def test_opposite_moves_do_not_join_groups():
    held = [condor_on("SLV", 0), condor_on("SI", 1)]
    silver = walk("SLV")
    mirror = daily([10_000 / close for close in silver.close])
    assert judged(new("GLD"), held, market=RiskMarket(bars={"SLV": silver, "SI": walk("SI"), "GLD": mirror})) == (1, None)


@pytest.mark.parametrize(("days", "expected"), [(40, (0, Code.CORRELATION_UNKNOWN)), (41, (1, None)), (61, (1, None))])
def test_too_little_history_counts_as_correlated(days, expected):
    held = [condor_on("SLV", 0), condor_on("SI", 1)]
    market = RiskMarket(bars={"SLV": walk("SLV"), "SI": walk("SI"), "GLD": walk("GLD", days)})
    assert judged(new("GLD"), held, market=market) == expected
    assert judged(new("GLD"), held[:1], market=market) == (1, None)


def test_the_equity_pair_goes_by_its_stated_limit():
    held = [condor_on("SPY", 0), condor_on("QQQ", 1), condor_on("IWM", 2)]
    same = walk("S&P")
    market = RiskMarket(bars=dict.fromkeys(("SPX", "SPY", "QQQ", "IWM"), same))
    assert judged(new("SPX"), held, market=market) == (1, None)


def test_groups_behind_the_equity_pair_are_compared_too():
    held = [condor_on("SPY", 0), condor_on("GLD", 1), condor_on("TLT", 2)]
    index = walk("SPX")
    market = RiskMarket(bars={"SPX": index, "SPY": index, "GLD": walk("GLD", with_="SPX", share=0.95), "TLT": walk("TLT")})
    assert judged(new("SPX"), held, market=market) == (0, Code.MEASURED_CORRELATION)


def test_only_the_last_sixty_days_count():
    held = [condor_on("SLV", 0), condor_on("SI", 1)]
    together, apart = walk("SLV", 140), walk("GLD", 140)
    mixed = [apart.close[i] if i >= 79 else together.close[i] * apart.close[79] / together.close[79] for i in range(140)]
    market = RiskMarket(bars={"SLV": together, "SI": walk("SI", 140), "GLD": daily(mixed)})
    assert judged(new("GLD"), held, market=market) == (1, None)
    swapped = [together.close[i] if i >= 79 else apart.close[i] for i in range(140)]
    market.bars["GLD"] = daily(swapped)
    assert judged(new("GLD"), held, market=market) == (0, Code.MEASURED_CORRELATION)


def test_only_common_days_are_compared():
    held = [condor_on("SLV", 0), condor_on("SI", 1)]
    silver = walk("SLV", 61)
    gold = daily(walk("GLD", 61).close, last=silver.days[0])  # histories that hardly overlap
    assert judged(new("GLD"), held, market=RiskMarket(bars={"SLV": silver, "SI": silver, "GLD": gold})) == (0, Code.CORRELATION_UNKNOWN)


def test_group_parameters_are_checked():
    with pytest.raises(ValueError, match="correlation-a1-limits has 3 element") as found:
        parameters(correlation_a1_limits="1,2,3", correlation_b1_members="GLD,SPX", correlation_fewest_days="100")
    assert "b1-members has SPX, which is in another group too" in str(found.value)
    assert "fewest-days is 100, expected at most 60 (days)" in str(found.value)


def test_every_group_has_members_and_no_symbol_is_in_two():
    members = [symbol for group in GROUPS for symbol in PARAMETERS.members(group)]
    assert len(members) == len(set(members))
    assert all(PARAMETERS.members(group) for group in GROUPS)
