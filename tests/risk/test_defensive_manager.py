"""The 21-day rule, for entries and for what is open."""

import pytest
from risk_fakes import NOW, RiskMarket, account, condor, one_one_two_spy, parameters, position, proposal, put_calendar, short_put, strangle

from domain.proposal import DenialCode
from domain.quote import Quote
from domain.state import ExitReason
from risk.defensive_manager import DefensiveParameters, DefensiveRule, defend

PARAMETERS = DefensiveParameters()
RULE = DefensiveRule(PARAMETERS)
DTE, DEFENSIVE = ExitReason.DTE, ExitReason.DEFENSIVE


@pytest.mark.parametrize(
    ("what", "allowed"),
    [
        (proposal("futures_strangle", "GLD", legs=strangle("GLD", 90)), True),
        (proposal("futures_strangle", "GLD", legs=strangle("GLD", 22)), True),
        (proposal("futures_strangle", "GLD", legs=strangle("GLD", 21)), False),
        (proposal("leap_put_ladder", "SPY", legs=short_put(dte=10)), False),
        (proposal("lt112", "SPY", legs=one_one_two_spy(20)), False),
        (proposal("friday_0dte", "SPX", legs=condor(RiskMarket())), True),  # lives there by design
        (proposal("ipmcc", "SPY", legs=put_calendar(near=7)), True),  # its short leg too
        (proposal("lt112", "SPY", legs=one_one_two_spy(20)[:2]), True),  # a hedge alone
        (proposal("futures_strangle", "GLD", legs=tuple(leg.reversed() for leg in strangle("GLD", 5))), True),  # nothing sold
    ],
)
def test_no_entry_opens_what_the_rule_would_close(what, allowed):
    verdict = RULE.judge(what, account(), RiskMarket(), NOW)
    assert (verdict.units, verdict.code) == ((1, None) if allowed else (0, DenialCode.WOULD_DEFEND_TODAY))


def strangle_at(dte: int, profit: float | None, *, delta_near: bool = False, near: bool = False, vix: float | None = 16.0):
    """A strangle sold for 200 in all, its market made so that closing it now shows this profit and its short put has the wanted delta and distance."""
    volatility = {True: 0.45, False: 0.15}[delta_near]
    spot = 215.0
    put = round(spot * (0.985 if near else 0.93))
    legs = strangle("GLD", dte, put, 240.0 if not near else 260.0)
    held = position("futures_strangle", "GLD", legs=legs)
    market = RiskMarket(vix=vix, volatility=volatility)
    if profit is None:
        market.quotes[legs[0].contract.key] = None
        return held, market
    cost = sum((market.quote(leg.contract).ask or 0.0) * 100.0 for leg in legs)
    return position("futures_strangle", "GLD", legs=legs, premium_dollars=profit + cost), market


@pytest.mark.parametrize(
    ("dte", "profit", "more", "reason"),
    [
        # days, profit (credit 200), situation, decision
        (22, 50, {}, None),
        (22, -500, {"near": True}, None),  # before its time the strategy's own rules hold
        (21, 50, {}, DTE),
        (21, 50, {"near": True}, DTE),
        (21, 0.0, {}, None),
        (21, -50, {}, None),  # losing, nothing else: kept
        (21, -199, {}, None),
        (21, -200, {}, DEFENSIVE),  # loss of one credit
        (21, -50, {"near": True}, DEFENSIVE),  # within 2 % of the strike
        (21, -50, {"delta_near": True}, DEFENSIVE),  # short delta >= 20
        (21, -50, {"vix": 24.99}, None),
        (21, -50, {"vix": 25.0}, DEFENSIVE),
        (21, -50, {"vix": None}, DEFENSIVE),  # not known to be quiet
        (15, -50, {}, None),
        (14, -50, {}, DTE),  # days are up
        (14, None, {}, DTE),  # whatever the data
        (0, -50, {}, DTE),
        (15, None, {}, None),  # cannot be priced now: next beat
        (15, None, {"near": True}, DEFENSIVE),  # but the price alone is near enough
    ],
)
def test_what_becomes_of_a_strangle(dte, profit, more, reason):
    held, market = strangle_at(dte, profit, **more)
    found = defend(held, market, NOW, PARAMETERS)
    assert (found.reason if found else None) is reason
    if found:
        assert found.numbers["dte_days"] == dte
        assert found.legs == frozenset()  # all of it


@pytest.mark.parametrize(("volatility", "reason"), [(0.32, None), (0.34, DEFENSIVE)])
def test_a_loser_is_kept_only_below_sixteen_delta(volatility, reason):
    # strikes 7 and 12 % away: at 32 % volatility the put has a delta of 15, at 34 % one of 17
    held, market = strangle_at(21, -50)
    legs = [holding.contract for holding in held.holdings]
    market.volatility, market.quotes = volatility, {}
    cost = sum((market.quote(leg).ask or 0.0) * 100.0 for leg in legs)
    found = defend(held.changed(premium_dollars=cost - 50), market, NOW, PARAMETERS)
    assert (found.reason if found else None) is reason
    if found:
        assert 0.16 <= found.numbers["short_delta"] < 0.20


@pytest.mark.parametrize(("spot", "reason"), [(210.0, None), (204.09, None), (204.0, DEFENSIVE), (195.0, DEFENSIVE)])
def test_a_strike_is_threatened_within_two_percent_and_beyond_it(spot, reason):
    # put struck at 200, 2 % below 204.08; deltas switched off; the market of a falling spot does not change the quotes here
    held, market = strangle_at(20, -50)
    market.spots["GLD"] = spot
    found = defend(held, market, NOW, parameters(defensive_threat_delta="1", defensive_keep_delta="1")["defensive"])
    assert (found.reason if found else None) is reason


def test_the_call_side_is_threatened_too():
    held, market = strangle_at(20, -50)  # call struck at 240
    market.spots["GLD"] = 236.0
    found = defend(held, market, NOW, parameters(defensive_threat_delta="1", defensive_keep_delta="1")["defensive"])
    assert found is not None
    assert found.numbers["distance_share"] == pytest.approx(4 / 236)


def test_an_unknown_delta_is_not_a_small_one():
    held, market = strangle_at(20, -50)
    market.quotes[held.holdings[0].contract.key] = Quote(200.0, 201.0, NOW)  # worth more than any put can be
    held = held.changed(premium_dollars=20_050.0, entry_credit_dollars=40_000.0)
    found = defend(held, market, NOW, PARAMETERS)
    assert found is not None
    assert found.reason is DEFENSIVE
    assert "short_delta" not in found.numbers


@pytest.mark.parametrize(
    "held",
    [
        position("friday_0dte", "SPX", legs=condor(RiskMarket(), dte=0)),
        position("ipmcc", "SPY", legs=put_calendar(near=3)),
        position("lt112", "SPY", legs=one_one_two_spy(10)[:2]),  # the kept hedge
        position("futures_strangle", "GLD", legs=tuple(leg.reversed() for leg in strangle("GLD", 5))),
    ],
)
def test_what_the_rule_leaves_alone(held):
    assert defend(held, RiskMarket(), NOW, PARAMETERS) is None


def test_the_hedge_of_an_lt112_stays():
    legs = one_one_two_spy(14)
    found = defend(position("lt112", "SPY", legs=legs), RiskMarket(), NOW, PARAMETERS)
    assert found is not None
    assert found.legs == {legs[2].contract.key}


def test_parameters_are_checked():
    with pytest.raises(ValueError, match="expected at most 21") as found:
        parameters(defensive_hard_dte="30", defensive_keep_delta="0.3")
    assert "keep-delta is 0.3, expected at most 0.2" in str(found.value)
