"""Buying power: how much of the account may stand as margin in this volatility, and who may use it (rulebook 3.3).

| VIX | < 13 | 13-18 | 18-25 | 25-30 | >= 30 |
|---|---|---|---|---|---|
| usable as margin, share of NLV | 45 % | 65 % | 77.5 % | 50 % | 80 %, short puts only |

Times 0.8 (reserve), then at most the phase's ceiling, at most 60 % of that in one strategy. Example: NLV 75,000, phase 3, VIX 20: 0.775 x 0.8 = 62 %, below the
ceiling of 75 %, so 46,500 in all and 27,900 in one strategy.

Two margins are known for every structure and the larger counts: the engine's, where it can be asked, and `estimated_margin`. LEAN margins spreads and strangles of
futures options without their multiplier and condors by the put side alone (rulebook 5); the estimate uses the multiplier and the wider side.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from analysis.vix_term_structure import Regime, TermStructure, VixParameters, backwardation_stop, regime_of
from domain.contract import Contract, Right
from domain.leg import Leg
from domain.parameters import parameter
from domain.products import ProductKind
from domain.proposal import Proposal
from domain.verdict import DenialCode, Verdict
from domain.views import MarketView, PortfolioView
from risk.phase_manager import PhaseParameters, by_phase, kind_of, phase_of
from risk.pipeline import (
    Campaign,
    Denial,
    allow,
    continues_campaign,
    deny,
    held_campaigns,
    known_net_liquidation_value,
    largest_units,
    tightest,
    total_legs,
)

SECTION = "buying-power"
CRISIS_STRATEGY = "crisis_deployment"
_SOURCE = "rulebook 3.3 [PDF p2, p11]"


@dataclass(frozen=True, slots=True)
class BuyingPowerParameters:
    """Shares by regime and the rates of the margin estimate."""

    complacent_share: float = parameter(0.45, "usable as margin while complacent", unit="share of NLV", low=0.0, high=1.0, source=_SOURCE)
    normal_share: float = parameter(0.65, "usable as margin while normal", unit="share of NLV", low=0.0, high=1.0, source=_SOURCE)
    elevated_share: float = parameter(0.775, "usable as margin while elevated", unit="share of NLV", low=0.0, high=1.0, source=_SOURCE)
    stressed_share: float = parameter(0.50, "usable as margin while stressed", unit="share of NLV", low=0.0, high=1.0, source=_SOURCE)
    crisis_share: float = parameter(
        0.80, "usable as margin in a crisis, short puts only", unit="share of NLV", low=0.0, high=1.0, source=_SOURCE
    )
    reserve_factor: float = parameter(
        0.8, "what is left of that share after the emergency reserve", unit="factor", low=0.1, high=1.0, source=_SOURCE, tunable=True
    )
    strategy_share: float = parameter(
        0.60, "most of the usable margin in one strategy", unit="share of usable margin", low=0.05, high=1.0, source="rulebook 3.3 [LAR]"
    )
    backwardation_strategies: tuple[str, ...] = parameter(
        ("futures_strangle", "lt112"), "strategies whose entries stop in backwardation", unit="names", source="rulebook 3.3"
    )
    backwardation_closes: int = parameter(
        60, "closes looked back on for a stop still in force", unit="sessions", low=2, high=250, source="rulebook 3.3 (P)"
    )
    crisis_deployment: bool = parameter(
        False, "whether short puts may be deployed in a crisis beyond the strategies", source="rulebook 3.3", tunable=True
    )
    crisis_deployment_share: float = parameter(
        0.20, "most margin so deployed", unit="share of NLV", low=0.0, high=1.0, source="rulebook 3.3 [CORE]"
    )
    crisis_deployment_dollars: float = parameter(
        15_000.0, "most margin so deployed", unit="dollars", low=0.0, high=1e9, source="rulebook 3.3 [CORE]"
    )
    crisis_deployment_days: int = parameter(3, "equal parts, one a day", unit="days", low=1, high=30, source="rulebook 3.3 [v17]")
    share_rate: float = parameter(
        0.20, "margin of a naked option on shares", unit="share of underlying", low=0.01, high=1.0, source="Reg T; rulebook 5"
    )
    index_rate: float = parameter(
        0.15, "margin of a naked option on an index", unit="share of underlying", low=0.01, high=1.0, source="Reg T; rulebook 5"
    )
    floor_rate: float = parameter(
        0.10, "least margin of a naked option on shares or an index", unit="share of strike", low=0.0, high=1.0, source="Reg T; rulebook 5"
    )
    future_rate: float = parameter(
        0.10, "margin of a naked option on a future", unit="share of underlying", low=0.01, high=1.0, source="rulebook 5 (P)"
    )
    future_floor_rate: float = parameter(
        0.05, "least margin of a naked option on a future", unit="share of underlying", low=0.0, high=1.0, source="rulebook 5 (P)"
    )

    def share(self, regime: Regime) -> float | None:
        """Usable share of NLV in a regime before reserve and ceiling; None when the regime is unknown."""
        shares = {
            Regime.COMPLACENT: self.complacent_share,
            Regime.NORMAL: self.normal_share,
            Regime.ELEVATED: self.elevated_share,
            Regime.STRESSED: self.stressed_share,
            Regime.CRISIS: self.crisis_share,
        }
        return shares.get(regime)


def net_legs(legs: Iterable[Leg]) -> tuple[Leg, ...]:
    """Legs with the same contract added up; what cancels is gone."""
    found: dict[str, Leg] = {}
    for leg in legs:
        known = found.get(leg.contract.key)
        found[leg.contract.key] = leg if known is None else replace(known, ratio=known.ratio + leg.ratio)
    return tuple(leg for leg in found.values() if leg.ratio)


@dataclass(frozen=True, slots=True)
class _Side:
    """Requirement of all puts, or all calls: in total, and the premium within it."""

    margin: float
    premium: float


def _width_dollars(short: Contract, long: Contract) -> float:
    distance = short.strike - long.strike if short.right is Right.PUT else long.strike - short.strike
    return max(0.0, distance) * short.multiplier


class MarginEstimator:
    """Our own margin of a campaign: every short option covered by the long one that leaves the least, the rest naked; the worse side plus the other's premium.

    Covered: the loss between the strikes times the multiplier (a calendar or a debit spread: nothing). Naked: the option's price plus a rate of the underlying
    less the amount out of the money, at least a floor; rates by kind of product. Reg T for shares and indices, a stand-in for SPAN on futures.
    """

    def __init__(self, parameters: BuyingPowerParameters) -> None:
        """Keep the rates."""
        self._parameters = parameters

    def margin(self, legs: Iterable[Leg], market: MarketView) -> float | None:
        """Dollars for these legs (`ratio` counts contracts in total); None when a naked option's price or underlying is unknown."""
        held = net_legs(legs)
        sides = [self._side([leg for leg in held if leg.contract.right is right], market) for right in Right]
        known = [side for side in sides if side is not None]
        if len(known) < len(sides):
            return None
        worse = max(range(len(known)), key=lambda index: known[index].margin)
        return known[worse].margin + sum(side.premium for index, side in enumerate(known) if index != worse)

    def _side(self, legs: Sequence[Leg], market: MarketView) -> _Side | None:
        shorts = [(leg.contract, -leg.ratio, self._naked(leg.contract, market)) for leg in legs if leg.ratio < 0]
        covers = {leg.contract: leg.ratio for leg in legs if leg.ratio > 0}
        margin = premium = 0.0
        for contract, count, naked in sorted(shorts, key=lambda short: -(short[2] or _Side(float("inf"), 0.0)).margin):
            left = count
            for cover in sorted(covers, key=lambda long: _width_dollars(contract, long)):
                used = min(left, covers[cover]) if cover.expiry >= contract.expiry else 0
                if naked is not None and _width_dollars(contract, cover) > naked.margin:
                    used = 0
                margin += used * _width_dollars(contract, cover)
                covers[cover] -= used
                left -= used
            if left and naked is None:
                return None
            if left and naked is not None:
                margin += left * naked.margin
                premium += left * naked.premium
        return _Side(margin, premium)

    def _naked(self, contract: Contract, market: MarketView) -> _Side | None:
        quote, underlying, kind = market.quote(contract), market.underlying_price(contract), kind_of(contract.underlying)
        price = None if quote is None else quote.mid
        if price is None or underlying is None or kind is None:
            return None
        p = self._parameters
        rate = {ProductKind.EQUITY: p.share_rate, ProductKind.INDEX: p.index_rate, ProductKind.FUTURE: p.future_rate}[kind]
        out_of_the_money = max(0.0, underlying - contract.strike if contract.right is Right.PUT else contract.strike - underlying)
        floor = p.future_floor_rate * underlying if kind is ProductKind.FUTURE else p.floor_rate * contract.strike
        points = price + max(rate * underlying - out_of_the_money, floor)
        return _Side(points * contract.multiplier, price * contract.multiplier)


@dataclass(frozen=True, slots=True)
class _Case:
    """One judgement: the account's room and what is in use, dollars."""

    proposal: Proposal
    value: float
    usable: float
    used: float
    strategy_used: float
    campaign: Campaign | None
    numbers: Mapping[str, float]


class BuyingPowerRule:
    """Margin by VIX regime, reserve, phase ceiling and strategy share; stops of entries in backwardation and crisis."""

    name: ClassVar[str] = "buying_power"

    def __init__(self, parameters: BuyingPowerParameters, phases: PhaseParameters, volatility: VixParameters) -> None:
        """Keep the shares, the phases' ceilings and the regimes' boundaries."""
        self._parameters, self._phases, self._volatility = parameters, phases, volatility
        self._estimator = MarginEstimator(parameters)

    def judge(self, proposal: Proposal, portfolio: PortfolioView, market: MarketView, now: datetime) -> Verdict:
        """Units whose margin fits."""
        value, phase = known_net_liquidation_value(portfolio), phase_of(portfolio.facts)
        vix = market.volatility_indices().vix
        regime = regime_of(vix, self._volatility)
        share = self._parameters.share(regime)
        if value is None:
            return deny(self.name, DenialCode.NLV_UNKNOWN)
        if phase is None:
            return deny(self.name, DenialCode.PHASE_UNKNOWN)
        if share is None or vix is None:
            return deny(self.name, DenialCode.NO_VIX)
        ceiling = by_phase(self._phases.buying_power_ceiling, phase)
        usable = min(share * self._parameters.reserve_factor, ceiling) * value
        numbers = {"vix": vix, "phase": float(phase), "usable_dollars": usable, "net_liquidation_value": value}
        case = self._case(proposal, portfolio, market, value, usable, numbers)
        checks = [self._crisis(proposal, regime, numbers), self._backwardation(proposal, market, numbers)]
        if case is None:
            checks.append(deny(self.name, DenialCode.MARGIN_UNKNOWN, numbers))
        else:
            checks += [self._room(case, portfolio, market), self._deployment(case, regime, portfolio, market, now)]
        return tightest(self.name, checks)

    def _crisis(self, proposal: Proposal, regime: Regime, numbers: Mapping[str, float]) -> Verdict:
        is_short_puts = all(leg.ratio < 0 and leg.contract.right is Right.PUT for leg in proposal.legs)
        if regime is Regime.CRISIS and not is_short_puts:
            return deny(self.name, DenialCode.CRISIS_SHORT_PUTS_ONLY, numbers)
        return allow(self.name, proposal, numbers)

    def _backwardation(self, proposal: Proposal, market: MarketView, numbers: Mapping[str, float]) -> Verdict:
        if proposal.strategy not in self._parameters.backwardation_strategies:
            return allow(self.name, proposal)
        closes = market.vix_closes(self._parameters.backwardation_closes)
        stop = backwardation_stop(closes, self._volatility)
        if not stop.is_active:
            return allow(self.name, proposal)
        ratio = TermStructure.of(closes[-1]).vix_to_vix3m
        figures = {**numbers, "closes_below": float(stop.closes_below)}
        return deny(self.name, DenialCode.BACKWARDATION, figures if ratio is None else {**figures, "vix_to_vix3m": ratio})

    def _case(
        self, proposal: Proposal, portfolio: PortfolioView, market: MarketView, value: float, usable: float, numbers: Mapping[str, float]
    ) -> _Case | None:
        """What is in use by both margins; None when any of it is unknown."""
        campaigns = held_campaigns(portfolio)
        estimates = {campaign.id: self._estimator.margin(campaign.legs, market) for campaign in campaigns}
        known = {name: margin for name, margin in estimates.items() if margin is not None}
        if len(known) < len(estimates):
            return None
        pending = 0.0
        for order in portfolio.pending:
            asked = market.margin_dollars(order.legs, order.units) if order.is_opening else 0.0
            own = self._estimator.margin(total_legs(order, order.units), market)
            if asked is None and own is None:
                return None
            pending += max(asked or 0.0, own or 0.0)
        engine, estimated = portfolio.margin_used_dollars + pending, sum(known.values())
        used = max(engine, estimated)
        figures = {**numbers, "used_engine_dollars": engine, "used_estimated_dollars": estimated, "used_dollars": used}
        of_strategy = sum(known[campaign.id] for campaign in campaigns if campaign.strategy == proposal.strategy)
        campaign = next((campaign for campaign in campaigns if campaign.id == proposal.campaign_id), None)
        return _Case(proposal, value, usable, used, of_strategy, campaign, figures)

    def _added(self, case: _Case, units: int, market: MarketView) -> tuple[float, float | None] | None:
        """Margin these units add: by our estimate, and by the engine where it can be asked; None when ours is unknown."""
        before = case.campaign.legs if case.campaign else ()
        margin_before = self._estimator.margin(before, market)
        margin_after = self._estimator.margin((*before, *total_legs(case.proposal, units)), market)
        if margin_before is None or margin_after is None:
            return None
        return margin_after - margin_before, market.margin_dollars(case.proposal.legs, units)

    def _room(self, case: _Case, portfolio: PortfolioView, market: MarketView) -> Verdict:
        """Units that fit the account and the strategy's share of it."""
        first = self._added(case, 1, market)
        if first is None:
            return deny(self.name, DenialCode.MARGIN_UNKNOWN, case.numbers)
        figures = {**case.numbers, "margin_estimated_per_unit": first[0]}
        if first[1] is not None:
            figures["margin_engine_per_unit"] = first[1]
        if max(first[0], first[1] or 0.0) <= 0.0 and continues_campaign(case.proposal, portfolio):
            return allow(self.name, case.proposal, figures)
        strategy_limit = self._parameters.strategy_share * case.usable
        figures |= {"strategy_used_dollars": case.strategy_used, "strategy_limit_dollars": strategy_limit}
        account = self._fitting(case, case.usable - case.used, market, DenialCode.BUYING_POWER, figures)
        strategy = self._fitting(case, strategy_limit - case.strategy_used, market, DenialCode.STRATEGY_SHARE, figures)
        return tightest(self.name, [account, strategy])

    def _fitting(self, case: _Case, room: float, market: MarketView, code: DenialCode, numbers: Mapping[str, float]) -> Verdict:
        def fits(units: int) -> bool:
            added = self._added(case, units, market)
            return added is not None and max(added[0], added[1] or 0.0) <= room

        units = largest_units(case.proposal.units, fits)
        return Verdict(self.name, units, code if units < case.proposal.units else None, numbers)

    def _deployment(self, case: _Case, regime: Regime, portfolio: PortfolioView, market: MarketView, now: datetime) -> Verdict:
        """The crisis deployment's own budget: off, or a part of it a day."""
        if case.proposal.strategy != CRISIS_STRATEGY:
            return allow(self.name, case.proposal)
        p = self._parameters
        budget = min(p.crisis_deployment_share * case.value, p.crisis_deployment_dollars) if p.crisis_deployment else 0.0
        today = [c for c in held_campaigns(portfolio) if c.strategy == CRISIS_STRATEGY and c.opened_on == now.date()]
        used_today = sum(self._estimator.margin(campaign.legs, market) or 0.0 for campaign in today)
        room = min(budget - case.strategy_used, budget / p.crisis_deployment_days - used_today) if regime is Regime.CRISIS else 0.0
        figures = {"deployment_budget_dollars": budget, "deployment_room_dollars": room}
        return self._fitting(case, room, market, DenialCode.CRISIS_DEPLOYMENT, {**case.numbers, **figures})


_ROOM = ("vix", "phase", "usable_dollars", "used_engine_dollars", "used_estimated_dollars", "used_dollars", "margin_estimated_per_unit")
_SHARES = tuple(f"buying-power-{regime}-share" for regime in ("complacent", "normal", "elevated", "stressed", "crisis"))
DENIALS = (
    Denial(DenialCode.NLV_UNKNOWN, "the account's value is not a positive number"),
    Denial(DenialCode.PHASE_UNKNOWN, "the phase was not determined this morning"),
    Denial(DenialCode.NO_VIX, "there is no VIX, so no share of the account is known to be usable"),
    Denial(
        DenialCode.CRISIS_SHORT_PUTS_ONLY,
        "in a crisis nothing but short puts is opened",
        ("vix", "phase", "usable_dollars"),
        ("volatility-regime-crisis-from",),
    ),
    Denial(
        DenialCode.BACKWARDATION,
        "a close had VIX at or above VIX3M, and not enough closes since were low enough",
        ("vix", "phase", "usable_dollars", "closes_below"),
        (
            "volatility-regime-backwardation-from",
            "volatility-regime-release-below",
            "volatility-regime-release-closes",
            "buying-power-backwardation-strategies",
        ),
    ),
    Denial(
        DenialCode.MARGIN_UNKNOWN,
        "a naked option's price or underlying is unknown, in the proposal or in what is held",
        ("vix", "phase", "usable_dollars"),
    ),
    Denial(
        DenialCode.BUYING_POWER,
        "the margin does not fit into what the VIX regime, the reserve and the phase leave",
        _ROOM,
        (*_SHARES, "buying-power-reserve-factor", "phase-buying-power-ceiling"),
    ),
    Denial(
        DenialCode.STRATEGY_SHARE,
        "the margin does not fit into one strategy's share of the usable margin",
        (*_ROOM, "strategy_used_dollars", "strategy_limit_dollars"),
        ("buying-power-strategy-share",),
    ),
    Denial(
        DenialCode.CRISIS_DEPLOYMENT,
        "the crisis deployment is off, or its budget or today's part of it is used",
        ("vix", "deployment_budget_dollars", "deployment_room_dollars"),
        (
            "buying-power-crisis-deployment",
            "buying-power-crisis-deployment-share",
            "buying-power-crisis-deployment-dollars",
            "buying-power-crisis-deployment-days",
        ),
    ),
)
