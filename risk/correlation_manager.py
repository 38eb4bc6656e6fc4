"""Correlation groups: how much may hang on one thing (rulebook 3.1).

Every underlying belongs to one group; a group has as many slots as the phase gives it, and a campaign takes one. The whole put ladder on an underlying
and the calls (puts) written on one underlying's long leg are one campaign however many orders they take. Example, phase 2, VIX 16: ES and SPX each
hold a campaign, so A1 is full (2 of 2); a third on NQ is refused, one on SPY (A2) is not. At VIX 30 every limit is one lower, never below one.

Two groups whose open underlyings moved together over 60 days (correlation of daily returns above 0.70) count as one group for the day. The equity groups A1 and
A2 always move together: for this pair the stated combined limit takes the measured one's place.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import product
from typing import ClassVar

from analysis.vix_term_structure import Regime, VixParameters, regime_of
from analysis.volatility import correlation
from domain.contract import Leg, is_defined_risk
from domain.parameters import parameter
from domain.proposal import DenialCode, Proposal, Verdict
from domain.views import MarketView, PortfolioView
from risk.phase_manager import PHASES, by_phase, phase_of
from risk.pipeline import Campaign, Denial, allow, capped, deny, held_campaigns, tightest, total_legs

SECTION = "correlation"
GROUPS = ("a1", "a2", "b1", "b2", "c1", "c2", "d1", "d2", "e")
EQUITY_GROUPS = frozenset({"a1", "a2"})
_SOURCE = "rulebook 3.1 [PDF p12]"


def _members(symbols: str, meaning: str) -> tuple[str, ...]:
    members: tuple[str, ...] = parameter(tuple(symbols.split()), f"{meaning}: underlyings of the group", unit="symbols", source=_SOURCE)
    return members


def _limits(*limits: int) -> tuple[int, ...]:
    declared: tuple[int, ...] = parameter(limits, "slots of the group by phase", unit="campaigns", low=0, high=50, source=_SOURCE)
    return declared


@dataclass(frozen=True, slots=True)
class CorrelationParameters:
    """Members and limits of the groups, and what is measured."""

    a1_members: tuple[str, ...] = _members("ES NQ RTY YM MES MNQ M2K MYM SPX SPXW NDX RUT XSP", "equity-index futures and index options")
    a1_limits: tuple[int, ...] = _limits(2, 2, 2, 3)
    a2_members: tuple[str, ...] = _members("SPY QQQ IWM DIA AAPL AMZN GOOG GOOGL META MSFT NVDA TSLA", "equity ETFs and single stocks")
    a2_limits: tuple[int, ...] = _limits(2, 2, 3, 3)
    b1_members: tuple[str, ...] = _members("GC GLD TLT ZB ZN ZT", "safe haven")
    b1_limits: tuple[int, ...] = _limits(1, 2, 2, 2)
    b2_members: tuple[str, ...] = _members("SI SLV HG PL PA", "industrial metals")
    b2_limits: tuple[int, ...] = _limits(1, 1, 2, 2)
    c1_members: tuple[str, ...] = _members("CL RB HO XLE XOP USO", "crude")
    c1_limits: tuple[int, ...] = _limits(1, 2, 2, 3)
    c2_members: tuple[str, ...] = _members("NG UNG", "gas")
    c2_limits: tuple[int, ...] = _limits(1, 1, 1, 2)
    d1_members: tuple[str, ...] = _members("ZC ZS ZW", "grains")
    d1_limits: tuple[int, ...] = _limits(1, 1, 2, 2)
    d2_members: tuple[str, ...] = _members("LE HE GF", "meats")
    d2_limits: tuple[int, ...] = _limits(1, 1, 1, 2)
    e_members: tuple[str, ...] = _members("6E 6B 6A 6C 6J", "currencies")
    e_limits: tuple[int, ...] = _limits(1, 2, 2, 2)
    equity_limit: int = parameter(5, "slots of A1 and A2 together", unit="campaigns", low=1, high=100, source="rulebook 3.1 (P)")
    undefined_per_month: int = parameter(
        3, "undefined-risk structures in one expiry month", unit="campaigns", low=1, high=100, source="rulebook 3.1 [PDF p8]"
    )
    one_per_expiry: tuple[str, ...] = parameter(
        ("lt112",), "strategies that open one campaign per expiry at most", unit="names", source="rulebook 3.1 [PDF p8]"
    )
    shared_slot: tuple[str, ...] = parameter(
        ("leap_put_ladder", "ipmcc"), "strategies whose campaigns on one underlying share a slot", unit="names", source="rulebook 3.1"
    )
    threshold: float = parameter(
        0.70,
        "measured correlation above which two groups count as one",
        unit="correlation",
        low=0.0,
        high=1.0,
        source="rulebook 3.1 [PDF p3]",
    )
    days: int = parameter(60, "daily returns that are correlated", unit="sessions", low=10, high=250, source="rulebook 3.1 (P)")
    fewest_days: int = parameter(
        40, "common returns below which a correlation is unknown, which counts as high", unit="sessions", low=5, high=250, source="(P)"
    )

    def problems(self) -> list[str]:
        """Limits have one element a phase; no symbol is in two groups; enough days are asked for."""
        found = [
            f"{group}-limits has {len(limits)} element(s), expected {PHASES}, one a phase"
            for group in GROUPS
            if len(limits := self.limits(group)) != PHASES
        ]
        symbols = [symbol for group in GROUPS for symbol in self.members(group)]
        found += [
            f"{group}-members has {symbol}, which is in another group too, expected each symbol once"
            for group in GROUPS
            for symbol in self.members(group)
            if symbols.count(symbol) > 1
        ]
        if self.fewest_days > self.days:
            found.append(f"fewest-days is {self.fewest_days}, expected at most {self.days} (days)")
        return found

    def members(self, group: str) -> tuple[str, ...]:
        """Underlyings of a group."""
        members: tuple[str, ...] = getattr(self, f"{group}_members")
        return members

    def limits(self, group: str) -> tuple[int, ...]:
        """Slots of a group by phase."""
        limits: tuple[int, ...] = getattr(self, f"{group}_limits")
        return limits

    def group_of(self, underlying: str) -> str | None:
        """The group an underlying is in; None when in none."""
        return next((group for group in GROUPS if underlying in self.members(group)), None)


def measured_correlation(first: str, second: str, market: MarketView, days: int, fewest: int) -> float | None:
    """Correlation of daily log returns of two underlyings over their last common sessions; None when there are too few or one never moved."""
    closes = [dict(zip(bars.days, bars.close, strict=True)) for bars in (market.daily_bars(name, days + 1) for name in (first, second))]
    common = sorted(closes[0].keys() & closes[1].keys())
    return correlation([closes[0][day] for day in common], [closes[1][day] for day in common], days, fewest)


def _short_months(legs: Iterable[Leg]) -> frozenset[tuple[int, int]]:
    return frozenset((leg.contract.expiry.year, leg.contract.expiry.month) for leg in legs if leg.ratio < 0)


def _expiries(legs: Iterable[Leg]) -> frozenset[date]:
    return frozenset(leg.contract.expiry for leg in legs)


@dataclass(frozen=True, slots=True)
class _Case:
    """One judgement: what is proposed, what its campaign and the others hold, under which limits."""

    proposal: Proposal
    group: str
    slot: str
    own: tuple[Leg, ...]
    others: tuple[Campaign, ...]
    phase: int
    cut: int
    numbers: Mapping[str, float]


class CorrelationRule:
    """Slots by group, measured correlation between groups, and crowding of expiries."""

    name: ClassVar[str] = "correlation"

    def __init__(self, parameters: CorrelationParameters, volatility: VixParameters) -> None:
        """Keep the groups and the boundary of a crisis."""
        self._parameters, self._volatility = parameters, volatility

    def judge(self, proposal: Proposal, portfolio: PortfolioView, market: MarketView, now: datetime) -> Verdict:  # noqa: ARG002  the rule's protocol
        """The whole proposal or nothing: slots are not divisible."""
        phase, vix = phase_of(portfolio.facts), market.vix_now()
        group = self._parameters.group_of(proposal.underlying)
        if group is None:
            return deny(self.name, DenialCode.UNKNOWN_GROUP)
        if phase is None:
            return deny(self.name, DenialCode.PHASE_UNKNOWN)
        regime = regime_of(vix, self._volatility)
        if vix is None or regime is Regime.UNKNOWN:
            return deny(self.name, DenialCode.NO_VIX)
        held = held_campaigns(portfolio)
        case = _Case(
            proposal,
            group,
            self._slot(proposal.strategy, proposal.underlying, proposal.campaign_id),
            tuple(leg for campaign in held if campaign.id == proposal.campaign_id for leg in campaign.legs),
            tuple(campaign for campaign in held if campaign.id != proposal.campaign_id),
            phase,
            1 if regime is Regime.CRISIS else 0,
            {"phase": float(phase), "vix": vix},
        )
        checks = [self._expiry(case), self._month(case)]
        if not self._has_slot(case, portfolio):
            checks += [self._group(case), self._equity(case), self._measured(case, market)]
        return tightest(checks)

    def _slot(self, strategy: str, underlying: str, campaign: str) -> str:
        return f"{strategy}/{underlying}" if strategy in self._parameters.shared_slot else campaign

    def _has_slot(self, case: _Case, portfolio: PortfolioView) -> bool:
        held = held_campaigns(portfolio)
        return case.slot in {self._slot(campaign.strategy, campaign.underlying, campaign.id) for campaign in held}

    def _slots(self, case: _Case, groups: frozenset[str]) -> frozenset[str]:
        # an underlying in no group, held from other parameters, counts in every group: never assumed independent
        return frozenset(
            self._slot(campaign.strategy, campaign.underlying, campaign.id)
            for campaign in case.others
            if self._parameters.group_of(campaign.underlying) in {*groups, None}
        )

    def _limit(self, case: _Case, stated: float) -> float:
        return max(1.0, stated - case.cut) if stated >= 1 else 0.0

    def _judged(
        self, case: _Case, held: float, limit: float, code: DenialCode, what: str, more: Mapping[str, float] | None = None
    ) -> Verdict:
        numbers = {**case.numbers, f"{what}_held": held, f"{what}_limit": limit, **(more or {})}
        return capped(self.name, case.proposal, case.proposal.units if held < limit else 0, code, numbers)

    def _group(self, case: _Case) -> Verdict:
        limit = self._limit(case, by_phase(self._parameters.limits(case.group), case.phase))
        return self._judged(case, len(self._slots(case, frozenset({case.group}))), limit, DenialCode.GROUP_FULL, "group")

    def _equity(self, case: _Case) -> Verdict:
        if case.group not in EQUITY_GROUPS:
            return allow(self.name, case.proposal)
        limit = self._limit(case, self._parameters.equity_limit)
        return self._judged(case, len(self._slots(case, EQUITY_GROUPS)), limit, DenialCode.EQUITY_GROUPS_FULL, "equity")

    def _expiry(self, case: _Case) -> Verdict:
        if case.proposal.strategy not in self._parameters.one_per_expiry:
            return allow(self.name, case.proposal)
        expiries = _expiries(case.proposal.legs)
        held = sum(
            campaign.strategy == case.proposal.strategy and not expiries.isdisjoint(_expiries(campaign.legs)) for campaign in case.others
        )
        return self._judged(case, held, 1.0, DenialCode.EXPIRY_TAKEN, "same_expiry")

    def _month(self, case: _Case) -> Verdict:
        with_own = (*case.own, *total_legs(case.proposal, case.proposal.units))
        if is_defined_risk(case.proposal.legs) or is_defined_risk(with_own):
            return allow(self.name, case.proposal)
        months = _short_months(case.proposal.legs)
        undefined = [campaign for campaign in case.others if not is_defined_risk(campaign.legs)]
        fullest = max((sum(month in _short_months(campaign.legs) for campaign in undefined) for month in months), default=0)
        limit = self._limit(case, self._parameters.undefined_per_month)
        return self._judged(case, fullest, limit, DenialCode.EXPIRY_MONTH_FULL, "expiry_month")

    def _measured(self, case: _Case, market: MarketView) -> Verdict:
        highest, unknown = self._correlated_groups(case, market)
        joined = frozenset({case.group, *highest, *unknown})
        if joined == {case.group}:
            return allow(self.name, case.proposal)
        limit = self._limit(case, by_phase(self._parameters.limits(case.group), case.phase))
        code = DenialCode.MEASURED_CORRELATION if highest else DenialCode.CORRELATION_UNKNOWN
        figures = (
            {"correlation": max(highest.values()), "groups_unknown": float(len(unknown))}
            if highest
            else {"groups_unknown": float(len(unknown))}
        )
        return self._judged(case, len(self._slots(case, joined)), limit, code, "joined_groups", figures)

    def _correlated_groups(self, case: _Case, market: MarketView) -> tuple[dict[str, float], frozenset[str]]:
        """Other groups with open underlyings that moved with ours: the highest correlation by group, and the groups where it is unknown."""
        open_by_group: dict[str, set[str]] = {}
        for campaign in case.others:
            group = self._parameters.group_of(campaign.underlying)
            if group is not None:
                open_by_group.setdefault(group, set()).add(campaign.underlying)
        ours = {case.proposal.underlying, *open_by_group.pop(case.group, set())}
        highest: dict[str, float] = {}
        unknown: set[str] = set()
        for group, theirs in open_by_group.items():
            if {group, case.group} == EQUITY_GROUPS:
                continue
            for first, second in product(sorted(ours), sorted(theirs)):
                measured = measured_correlation(first, second, market, self._parameters.days, self._parameters.fewest_days)
                if measured is None:
                    unknown.add(group)
                elif measured > self._parameters.threshold:
                    highest[group] = max(measured, highest.get(group, measured))
        return highest, frozenset(unknown - set(highest))


DENIALS = (
    Denial(
        DenialCode.UNKNOWN_GROUP,
        "the underlying is in no correlation group, and is not assumed to be independent",
        (),
        tuple(f"correlation-{group}-members" for group in GROUPS),
    ),
    Denial(DenialCode.PHASE_UNKNOWN, "the phase was not determined this morning"),
    Denial(DenialCode.NO_VIX, "there is no VIX, so it is not known whether limits are tightened"),
    Denial(
        DenialCode.GROUP_FULL,
        "as many campaigns are open in the group as the phase allows, one fewer from VIX 30",
        ("phase", "vix", "group_held", "group_limit"),
        (*(f"correlation-{group}-limits" for group in GROUPS), "volatility-regime-crisis-from", "correlation-shared-slot"),
    ),
    Denial(
        DenialCode.EQUITY_GROUPS_FULL,
        "the equity groups A1 and A2 together are full",
        ("phase", "vix", "equity_held", "equity_limit"),
        ("correlation-equity-limit", "volatility-regime-crisis-from"),
    ),
    Denial(
        DenialCode.EXPIRY_TAKEN,
        "another campaign of the strategy has a leg in that expiry",
        ("phase", "vix", "same_expiry_held", "same_expiry_limit"),
        ("correlation-one-per-expiry",),
    ),
    Denial(
        DenialCode.EXPIRY_MONTH_FULL,
        "as many undefined-risk structures end in that month as are allowed",
        ("phase", "vix", "expiry_month_held", "expiry_month_limit"),
        ("correlation-undefined-per-month", "volatility-regime-crisis-from"),
    ),
    Denial(
        DenialCode.MEASURED_CORRELATION,
        "open underlyings of another group moved with ours: both groups count as one, and it is full",
        ("phase", "vix", "joined_groups_held", "joined_groups_limit", "correlation", "groups_unknown"),
        ("correlation-threshold", "correlation-days"),
    ),
    Denial(
        DenialCode.CORRELATION_UNKNOWN,
        "too little common history with another group's open underlyings: both count as one group, and it is full",
        ("phase", "vix", "joined_groups_held", "joined_groups_limit", "groups_unknown"),
        ("correlation-fewest-days", "correlation-days"),
    ),
)
