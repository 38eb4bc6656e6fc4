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
from domain.contract import Contract, Leg, ProductKind, Right
from domain.parameters import parameter
from domain.proposal import DenialCode, Proposal, Verdict
from domain.views import MarketView, PortfolioView
from risk.phase_manager import PhaseParameters, by_phase, kind_of, phase_of
from risk.pipeline import (
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
class MarginInUse:
    """What stands as margin now, working opening orders included.

    Attributes:
        engine: the engine's figure, dollars.
        estimated: ours, by campaign id.
    """

    engine: float
    estimated: Mapping[str, float]

    @property
    def dollars(self) -> float:
        """The larger of both."""
        return max(self.engine, sum(self.estimated.values()))


def margin_in_use(portfolio: PortfolioView, market: MarketView, estimator: MarginEstimator) -> MarginInUse | None:
    """Margin of everything held and of working opening orders; None when the engine's figure or our estimate of any of it is unknown."""
    if portfolio.margin_used_dollars is None:
        return None
    estimated = {}
    for campaign in held_campaigns(portfolio):
        margin = estimator.margin(campaign.legs, market)
        if margin is None:
            return None
        estimated[campaign.id] = margin
    pending = 0.0
    for order in portfolio.pending:
        if order.is_opening:
            own = estimator.margin(total_legs(order, order.units), market)
            if own is None:
                return None
            pending += max(own, market.margin_dollars(order.legs, order.units) or 0.0)
    return MarginInUse(portfolio.margin_used_dollars + pending, estimated)


@dataclass(frozen=True, slots=True)
class MarginAdded:
    """Margin that some units of a proposal add: ours, and the engine's where it can be asked; dollars."""

    estimated: float
    engine: float | None

    @property
    def dollars(self) -> float:
        """The larger of both, never less than nothing: what a structure frees is not lent out again."""
        return max(0.0, self.estimated, self.engine or 0.0)


def margin_added(
    proposal: Proposal, units: int, portfolio: PortfolioView, market: MarketView, estimator: MarginEstimator
) -> MarginAdded | None:
    """Margin these units add to their campaign; None when our estimate is unknown."""
    before = next((campaign.legs for campaign in held_campaigns(portfolio) if campaign.id == proposal.campaign_id), ())
    margin_before, margin_after = estimator.margin(before, market), estimator.margin((*before, *total_legs(proposal, units)), market)
    if margin_before is None or margin_after is None:
        return None
    return MarginAdded(margin_after - margin_before, market.margin_dollars(proposal.legs, units))


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
        vix = market.vix_now()
        regime = regime_of(vix, self._volatility)
        share = self._parameters.share(regime)
        if value is None:
            return deny(self.name, DenialCode.NLV_UNKNOWN)
        if phase is None:
            return deny(self.name, DenialCode.PHASE_UNKNOWN)
        if share is None or vix is None:
            return deny(self.name, DenialCode.NO_VIX)
        usable = min(share * self._parameters.reserve_factor, by_phase(self._phases.buying_power_ceiling, phase)) * value
        numbers = {"vix": vix, "phase": float(phase), "usable_dollars": usable}
        checks = [
            self._crisis(proposal, regime, numbers),
            self._backwardation(proposal, market, numbers),
            self._room(proposal, portfolio, market, numbers),
        ]
        if proposal.strategy == CRISIS_STRATEGY:
            checks.append(self._deployment(proposal, regime, portfolio, market, now))
        return tightest(checks)

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

    def _room(self, proposal: Proposal, portfolio: PortfolioView, market: MarketView, numbers: Mapping[str, float]) -> Verdict:
        """Units that fit the account and the strategy's share of it."""
        used = margin_in_use(portfolio, market, self._estimator)
        first = margin_added(proposal, 1, portfolio, market, self._estimator)
        if used is None or first is None:
            return deny(self.name, DenialCode.MARGIN_UNKNOWN, numbers)
        figures = {
            **numbers,
            "used_engine_dollars": used.engine,
            "used_estimated_dollars": sum(used.estimated.values()),
            "margin_estimated_per_unit": first.estimated,
            **({} if first.engine is None else {"margin_engine_per_unit": first.engine}),
        }
        if first.dollars == 0.0 and continues_campaign(proposal, portfolio):
            return allow(self.name, proposal, figures)
        of_strategy = sum(used.estimated[c.id] for c in held_campaigns(portfolio) if c.strategy == proposal.strategy)
        strategy_limit = self._parameters.strategy_share * numbers["usable_dollars"]
        figures |= {"strategy_used_dollars": of_strategy, "strategy_limit_dollars": strategy_limit}
        room, strategy_room = numbers["usable_dollars"] - used.dollars, strategy_limit - of_strategy
        return tightest(
            [
                self._fitting(proposal, room, portfolio, market, DenialCode.BUYING_POWER, figures),
                self._fitting(proposal, strategy_room, portfolio, market, DenialCode.STRATEGY_SHARE, figures),
            ],
        )

    def _fitting(
        self,
        proposal: Proposal,
        room: float,
        portfolio: PortfolioView,
        market: MarketView,
        code: DenialCode,
        numbers: Mapping[str, float],
    ) -> Verdict:
        def fits(units: int) -> bool:
            added = margin_added(proposal, units, portfolio, market, self._estimator)
            return added is not None and added.dollars <= room

        units = largest_units(proposal.units, fits)
        return Verdict(self.name, units, code if units < proposal.units else None, numbers)

    def _deployment(self, proposal: Proposal, regime: Regime, portfolio: PortfolioView, market: MarketView, now: datetime) -> Verdict:
        """The crisis deployment's own budget: nothing while off or outside a crisis, else a part of it a day."""
        p = self._parameters
        value = portfolio.net_liquidation_value
        is_on = p.crisis_deployment and regime is Regime.CRISIS
        budget = min(p.crisis_deployment_share * value, p.crisis_deployment_dollars) if is_on else 0.0
        deployed = [campaign for campaign in held_campaigns(portfolio) if campaign.strategy == CRISIS_STRATEGY]
        used = {campaign: self._estimator.margin(campaign.legs, market) or 0.0 for campaign in deployed}
        used_today = sum(margin for campaign, margin in used.items() if campaign.opened_on == now.date())
        room = min(budget - sum(used.values()), budget / p.crisis_deployment_days - used_today)
        figures = {"deployment_budget_dollars": budget, "deployment_room_dollars": room}
        return self._fitting(proposal, room, portfolio, market, DenialCode.CRISIS_DEPLOYMENT, figures)


_ROOM = ("vix", "phase", "usable_dollars", "used_engine_dollars", "used_estimated_dollars", "margin_estimated_per_unit")
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
        ("deployment_budget_dollars", "deployment_room_dollars"),
        (
            "buying-power-crisis-deployment",
            "buying-power-crisis-deployment-share",
            "buying-power-crisis-deployment-dollars",
            "buying-power-crisis-deployment-days",
        ),
    ),
)
