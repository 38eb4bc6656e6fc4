"""All rules together: what holds for any account, and the story of August 2024."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations, permutations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from risk_fakes import NOW, RiskMarket, account, one_one_two, parameters, position, proposal, short_put, structure

import risk
from domain.position import Holding, Position
from domain.proposal import Decision, Verdict
from domain.proposal import DenialCode as Code
from domain.state import ExitReason, Intent, TradingState
from domain.views import ClosedTrade, PortfolioView
from risk import SECTIONS, default_rules, denial_codes_page, denials
from risk.pipeline import (
    Campaign,
    Pipeline,
    RiskRule,
    allow,
    capped,
    continues_campaign,
    deny,
    held_campaigns,
    known_net_liquidation_value,
    largest_units,
    tightest,
)

RULES = default_rules(parameters())
PIPELINE = Pipeline(RULES)
NAMES = ("trading_state", "phase", "correlation", "defensive", "buying_power", "portfolio_limits", "kelly")


def decide(what, view, market=None, rules: Sequence[RiskRule] = RULES):
    return Pipeline(rules).judge(what, view, market or RiskMarket(), NOW)


# ---- August 2024 ----


def crowd(rules: Sequence[RiskRule], value: float = 530_000.0, count: int = 6) -> tuple[int, tuple[Code, ...]]:
    """How many LT112 on ES get into one expiry, one after the other, and what stopped the next."""
    positions: list[Position] = []
    market = RiskMarket(vix=16.4)
    for number in range(count):
        legs = one_one_two("ES", 120, 5250.0 - 10 * number, 5200.0 - 10 * number, 4500.0 - 10 * number)
        what = proposal("lt112", "ES", legs=legs, id=str(number), campaign_id=str(number), loss_at_stop_dollars=4_000.0)
        decision = decide(what, account(value, 4, positions), market, rules)
        if decision.is_refused:
            return number, decision.codes
        positions.append(position("lt112", "ES", number=number, legs=legs, campaign_id=str(number)))
    return count, ()


def test_six_lt112_in_one_expiry_worked_example():
    """530,000, VIX 16, phase 4: what happened to the account that lost 58 % on 5 August 2024 cannot be built."""
    story = [
        # switched off, how many get in, what the first refusal says
        ((), 1, Code.EXPIRY_TAKEN),
        (("correlation",), 3, Code.PHASE_UNITS),
        (("correlation", "phase"), 4, Code.STRESS_LOSS),
        (("correlation", "phase", "portfolio_limits"), 5, Code.STRATEGY_SHARE),
    ]
    for off, entered, code in story:
        found, codes = crowd([rule for rule in RULES if rule.name not in off])
        assert (found, codes[0]) == (entered, code), (off, found, codes)


@pytest.mark.parametrize("off", list(combinations(NAMES, 2)), ids="+".join)
def test_no_two_rules_switched_off_let_six_in(off):
    entered, _ = crowd([rule for rule in RULES if rule.name not in off])
    assert entered < 6


def test_six_units_at_once_are_no_way_round():
    what = proposal("lt112", "ES", 6, legs=one_one_two(), loss_at_stop_dollars=4_000.0)
    for off in combinations(NAMES, 2):
        decision = decide(what, account(530_000.0, 4), RiskMarket(vix=16.4), [rule for rule in RULES if rule.name not in off])
        assert decision.units < 6, off


# ---- any account ----

MENU = (
    ("friday_0dte", "SPX"), ("lt112", "ES"), ("lt112", "SPY"), ("futures_strangle", "GLD"), ("futures_strangle", "TLT"), ("futures_strangle", "XOP"),
    ("ipmcc", "SPY"), ("ipmcc", "QQQ"), ("leap_put_ladder", "SPY"),
)  # fmt: skip
_MARKETS: dict[float, RiskMarket] = {}


def market_at(vix: float) -> RiskMarket:
    """One market per level of the VIX; quotes are kept, so that examples are cheap."""
    if vix not in _MARKETS:
        _MARKETS[vix] = RiskMarket(vix=vix)
    return _MARKETS[vix]


proposals = st.builds(
    lambda pair, units, stop: proposal(*pair, units, loss_at_stop_dollars=stop),
    st.sampled_from(MENU),
    st.integers(1, 12),
    st.sampled_from([50.0, 300.0, 1_000.0, 4_000.0]),
)
books = st.lists(st.tuples(st.sampled_from(MENU), st.integers(1, 3)), max_size=5).map(
    lambda rows: tuple(position(*pair, units, number=number) for number, (pair, units) in enumerate(rows))
)
values = st.floats(20_000, 900_000)
vixes = st.sampled_from([11.0, 14.0, 20.0, 27.0, 33.0])
journals = st.lists(st.tuples(st.sampled_from([name for name, _ in MENU]), st.floats(-600, 300)), max_size=10).map(
    lambda rows: tuple(ClosedTrade(f"t{i}", name, NOW, result, 300.0) for i, (name, result) in enumerate(rows))
)


def view_of(value: float, positions: Sequence[Position], closed=(), mark: float | None = None) -> PortfolioView:
    return replace(account(value, positions=positions), closed_trades=closed, high_water_mark=max(value, mark or 0.0))


@settings(max_examples=40)
@given(proposals, books, values, st.floats(0, 300_000), vixes, journals)
def test_more_equity_never_allows_less(what, positions, value, more, vix, closed):
    mark = 1.1 * value
    small = decide(what, view_of(value, positions, closed, mark), market_at(vix))
    large = decide(what, view_of(value + more, positions, closed, mark), market_at(vix))
    assert small.units <= large.units


@settings(max_examples=40)
@given(proposals, books, values, st.sampled_from([(13.5, 17.5), (18.5, 24.5), (25.5, 29.5), (30.5, 60.0)]))
def test_within_a_regime_only_the_stress_sees_the_vix(what, positions, value, pair):
    calm, wild = (decide(what, view_of(value, positions), market_at(vix)) for vix in pair)
    for before, after in zip(calm.verdicts, wild.verdicts, strict=True):
        if before.rule not in {"portfolio_limits", "kelly"}:
            assert (before.units, before.code) == (after.units, after.code)


@settings(max_examples=25)
@given(st.sampled_from([(13.5, 17.5), (18.5, 24.5), (25.5, 29.5), (30.5, 60.0)]), values)
def test_a_naked_put_is_never_allowed_less_when_the_vix_is_already_higher(pair, value):
    # the first stress ends at VIX 65: the less there is left to rise, the less a put loses
    what = proposal("leap_put_ladder", "SPY", 12)
    low, high = (decide(what, view_of(value, ()), market_at(vix)) for vix in pair)
    assert low.units <= high.units


@settings(max_examples=40)
@given(proposals, books, st.integers(1, 3), values, vixes)
def test_one_more_position_never_allows_more(what, positions, units, value, vix):
    # one more short put on SPY; where it shares the proposal's slot, it opens none
    extra = position("leap_put_ladder", "SPY", units, number=99)
    rules = [
        rule
        for rule in RULES
        if rule.name != "portfolio_limits" and not (rule.name == "correlation" and what.strategy == "leap_put_ladder")
    ]
    before = decide(what, view_of(value, positions), market_at(vix), rules)
    after = decide(what, view_of(value, (*positions, extra)), market_at(vix), rules)
    assert after.units <= before.units


@settings(max_examples=25)
@given(st.lists(st.integers(1, 3), max_size=5), st.integers(1, 3), values, vixes)
def test_one_more_short_put_never_leaves_more_room_in_the_stress(held, units, value, vix):
    positions = [position("leap_put_ladder", "SPY", n, number=i) for i, n in enumerate(held)]
    extra = position("leap_put_ladder", "SPY", units, number=99)
    rules = [rule for rule in RULES if rule.name == "portfolio_limits"]
    what = proposal("leap_put_ladder", "SPY", 12)
    before, after = (decide(what, view_of(value, book), market_at(vix), rules) for book in (positions, [*positions, extra]))
    assert after.units <= before.units


@settings(max_examples=40)
@given(proposals, books, values, vixes, st.permutations(range(len(RULES))))
def test_verdicts_do_not_depend_on_the_order_of_the_rules(what, positions, value, vix, order):
    view = view_of(value, positions, mark=1.12 * value)
    straight = decide(what, view, market_at(vix))
    shuffled = decide(what, view, market_at(vix), [RULES[i] for i in order])
    assert shuffled.units == straight.units
    assert sorted(shuffled.verdicts, key=lambda verdict: verdict.rule) == sorted(straight.verdicts, key=lambda verdict: verdict.rule)


@settings(max_examples=40)
@given(proposals, books, values, vixes, st.sets(st.sampled_from(NAMES), max_size=6))
def test_adding_a_rule_never_allows_more(what, positions, value, vix, off):
    view = view_of(value, positions, mark=1.12 * value)
    fewer = decide(what, view, market_at(vix), [rule for rule in RULES if rule.name not in off])
    assert decide(what, view, market_at(vix)).units <= fewer.units <= what.units


@settings(max_examples=40)
@given(proposals, books, values, vixes, journals)
def test_the_size_exceeds_no_limit(what, positions, value, vix, closed):
    decision = decide(what, view_of(value, positions, closed), market_at(vix))
    if decision.is_refused:
        return
    n, tolerance = decision.units, 1 + 1e-9
    told = {verdict.rule: verdict.numbers for verdict in decision.verdicts}
    kelly, margin, limits, phase = told["kelly"], told["buying_power"], told["portfolio_limits"], told["phase"]
    each = max(margin["margin_estimated_per_unit"], margin.get("margin_engine_per_unit", 0.0))
    used = max(margin["used_engine_dollars"], margin["used_estimated_dollars"])
    assert n * what.loss_at_stop_dollars <= 0.02 * value * tolerance
    assert n * kelly["tail_loss_dollars"] <= (0.05 if what.max_loss_dollars and what.is_defined_risk else 0.10) * value * tolerance
    assert used + n * each <= min(1.0, 0.8 * value / value) * value * tolerance
    assert used + n * each <= margin["usable_dollars"] * tolerance
    assert margin["strategy_used_dollars"] + n * each <= 0.6 * margin["usable_dollars"] * tolerance
    book, unit = limits["book_beta_delta_dollars"], limits["unit_beta_delta_dollars"]
    assert abs(book + n * unit) <= 0.60 * value * tolerance
    assert limits["book_stress_loss_dollars"] <= 0.35 * value * tolerance
    assert n + phase["units_held"] <= phase["units_limit"] * tolerance
    assert phase["positions_held"] < phase["positions_limit"]
    assert n * what.loss_at_stop_dollars <= kelly.get("kelly_share", 1.0) * value * tolerance


@settings(max_examples=30)
@given(proposals, books, values, vixes, journals)
def test_judging_again_gives_the_same_whatever_was_judged_between(what, positions, value, vix, closed):
    view = view_of(value, positions, closed)
    first = decide(what, view, market_at(vix))
    decide(proposal("lt112", "ES"), view_of(1e6, ()), RiskMarket(vix=40.0))
    assert decide(what, view, RiskMarket(vix=vix)) == first


closings = st.builds(
    lambda pair, units: proposal(*pair, units, intent=Intent.CLOSE, exit_reason=ExitReason.STOP), st.sampled_from(MENU), st.integers(1, 12)
)


@given(
    closings,
    st.sampled_from(TradingState),
    st.sampled_from([0.0, float("nan"), 1.0, 1e6]),
    st.sampled_from([RiskMarket(), RiskMarket(vix=None, spots={})]),
)
def test_closing_is_never_refused(what, state, value, market):
    view = replace(
        account(1.0, -1, [position("lt112", "ES", 99)], margin_used=1e9), state=state, net_liquidation_value=value, high_water_mark=1e9
    )
    decision = decide(what, view, market)
    assert (decision.units, decision.verdicts, decision.codes) == (what.units, (), ())


def test_a_closing_keeps_its_size_and_asks_nobody():
    what = proposal(units=7, id="exit", intent=Intent.CLOSE, exit_reason=ExitReason.STOP)
    assert decide(what, account(0.0, -1), RiskMarket(vix=None)) == Decision("exit", 7, ())


# ---- the pipeline itself ----


class Fixed:
    """A rule that always says the same."""

    def __init__(self, verdict: Verdict) -> None:
        self.name, self.verdict = verdict.rule, verdict

    def judge(self, proposal, portfolio, market, now):
        return self.verdict


@pytest.mark.parametrize(
    ("verdicts", "units", "codes"),
    [
        ([Verdict("a", 4), Verdict("b", 2, Code.GROUP_FULL)], 2, (Code.GROUP_FULL,)),
        ([Verdict("a", 9)], 4, ()),  # never more than proposed
        ([Verdict("a", -3, Code.NO_VIX)], 0, (Code.NO_VIX,)),
        ([Verdict("a", 1)], 1, (Code.RULE_FAILED,)),  # never less without a code
        ([Verdict("a", 4, Code.SIZE_HALVED, {}, 0.5), Verdict("b", 3, Code.GROUP_FULL)], 1, (Code.SIZE_HALVED, Code.GROUP_FULL)),
        ([Verdict("a", 4, Code.SIZE_HALVED, {}, 7.0)], 4, (Code.SIZE_HALVED,)),  # a factor never adds
        ([Verdict("a", 4, Code.SIZE_HALVED, {}, -1.0)], 0, (Code.SIZE_HALVED,)),
    ],
)
def test_the_smallest_size_wins(verdicts, units, codes):
    rules = [Fixed(verdict) for verdict in verdicts]
    for order in permutations(rules):
        decision = decide(proposal(units=4), account(), rules=order)
        assert (decision.units, set(decision.codes)) == (units, set(codes))
    assert decide(proposal(units=4), account(), rules=rules).proposal_id == "friday_0dte/SPX/new"


@pytest.mark.parametrize("rules", [[], [Fixed(Verdict("a", 1)), Fixed(Verdict("a", 1))]])
def test_a_pipeline_needs_distinct_rules(rules):
    with pytest.raises(ValueError, match="needs rules with distinct names"):
        Pipeline(rules)


def test_the_rules_are_the_rulebooks_in_its_order():
    assert PIPELINE.rule_names == NAMES


@pytest.mark.parametrize(
    ("room", "units"), [(2.99, 2), (3.0, 3), (99.0, 4), (0.99, 0), (-1.0, 0), (float("nan"), 0), (float("inf"), 4), (float("-inf"), 0)]
)
def test_room_is_counted_in_whole_units(room, units):
    verdict = capped("rule", proposal(units=4), room, Code.BUYING_POWER, {"room": room})
    assert (verdict.units, verdict.code) == (units, None if units == 4 else Code.BUYING_POWER)


def test_all_or_nothing():
    assert allow("r", proposal(units=4), {"a": 1.0}) == Verdict("r", 4, None, {"a": 1.0})
    assert deny("r", Code.NO_VIX, {"a": 1.0}) == Verdict("r", 0, Code.NO_VIX, {"a": 1.0})
    assert allow("r", proposal()).numbers == deny("r", Code.NO_VIX).numbers == {}


@pytest.mark.parametrize(
    ("value", "known"), [(0.5, 0.5), (75_000.0, 75_000.0), (0.0, None), (-1.0, None), (float("nan"), None), (float("inf"), None)]
)
def test_a_value_is_known_when_it_is_a_positive_number(value, known):
    assert known_net_liquidation_value(account(value, 3)) == known


def test_the_largest_size_at_which_every_smaller_one_fits():
    assert largest_units(5, lambda n: n != 3) == 2
    assert largest_units(5, lambda _: True) == 5
    assert largest_units(5, lambda _: False) == 0


def test_the_tightest_check_speaks_and_all_figures_are_kept():
    checks = [
        Verdict("r", 3, None, {"a": 1.0, "x": 1.0}),
        Verdict("r", 1, Code.NO_VIX, {"b": 2.0, "x": 2.0}),
        Verdict("r", 3, Code.SIZE_HALVED, {}, 0.5),
    ]
    assert tightest(checks) == Verdict("r", 1, Code.NO_VIX, {"a": 1.0, "b": 2.0, "x": 2.0}, 0.5)
    assert tightest([Verdict("r", 3), Verdict("r", 3, Code.SIZE_HALVED, {}, 0.5)]).code is Code.SIZE_HALVED


def test_what_counts_as_held():
    held = position("futures_strangle", "GLD", 2, share_quantity=-100)
    roll = proposal("futures_strangle", "GLD", 2, legs=short_put("GLD", 200, 90), campaign_id=held.campaign_id, id="roll")
    first, second = (proposal("leap_put_ladder", "SPY", n, legs=short_put("SPY", 400 + n), id=str(n), campaign_id="new") for n in (1, 3))
    closing = proposal("ipmcc", "SPY", intent=Intent.CLOSE, id="close", campaign_id="close")
    view = account(positions=[held], pending=(closing, roll, first, second))
    strangle, ladder = held_campaigns(view)
    assert (strangle.units, len(strangle.legs), strangle.share_quantity, strangle.opened_on) == (2, 3, -100, held.opened_at.date())
    assert [leg.ratio for leg in strangle.legs] == [-2, -2, -2]
    assert ladder == Campaign(
        id="new", strategy="leap_put_ladder", underlying="SPY", units=4, opened_on=NOW.date(),
        legs=(replace(first.legs[0], ratio=-1), replace(second.legs[0], ratio=-3)),
    )  # fmt: skip
    assert continues_campaign(roll, view)
    assert not continues_campaign(first, view)


def test_a_holding_keeps_its_role():
    held = position("lt112", "SPY", 2)
    assert [leg.role for leg in held_campaigns(account(positions=[held]))[0].legs] == [holding.role for holding in held.holdings]
    assert isinstance(held.holdings[0], Holding)


# ---- documentation ----


def test_every_code_is_documented_by_a_rule():
    assert {denial.code for _, denial in denials()} == set(Code) - {Code.RULE_FAILED}
    rows = [(rule, denial.code) for rule, denial in denials()]
    assert len(rows) == len(set(rows))


def test_every_parameter_named_in_the_table_exists():
    from domain.parameters import entries  # noqa: PLC0415  used here alone

    known = {entry.key for section, declared in SECTIONS.items() for entry in entries(section, declared)}
    named = {name for _, denial in denials() for name in denial.parameters}
    assert named <= known, named - known


def test_the_page_of_denial_codes_is_current():
    page = Path(risk.__file__).parents[1] / "docs" / "denial_codes.md"
    assert page.read_text(encoding="utf-8") == denial_codes_page()


def test_every_strategys_structure_can_pass_all_rules():
    for name, underlying in MENU:
        market = RiskMarket(vix=20.0)
        what = proposal(name, underlying, legs=structure(name, underlying, market))
        assert decide(what, account(2_000_000), market).units == 1, (name, underlying, decide(what, account(2_000_000), market).codes)
