"""Size of one trade: planned loss at the stop, tail, and a quarter of Kelly (rulebook 3.4).

units = min(quarter Kelly, 2 % of NLV lost at the stop, tail room), rounded down; fewer than one is a refusal. Example, NLV 75,000, a condor that loses 480 at its
stop and 2,520 at worst: 1,500 / 480 = 3 units at the stop, 3,750 / 2,520 = 1 by the tail: 1 unit. Two parameters loosen this and are off by default: a single
unit may use more than the quarter (`one_unit_fraction`), and old trades may be forgotten (`memory_days`), without which a strategy once refused never trades again.

Kelly counts in units of the planned loss at the stop. With win rate p, average win W and average loss L the best share of the account to put at risk is
f = p / L - (1 - p) / W. Before the first trade W is what the strategy's rules plan (half the credit against a stop of one credit: 0.5) and L is 1; the break-even
rate is then L / (W + L), here 0.667. p starts 5 points above it with the weight of 30 trades and moves with every closed one:
0DTE, nothing closed: p = 0.717, f = 0.15, a quarter 3.75 % of NLV. After 10 wins and 10 losses: p = (21.5 + 10) / 50 = 0.63, f < 0: no trade.

Sources: Kelly (1956); the prior and the quarter are the rulebook's.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from analysis.stress import StressParameters
from domain.contract import is_defined_risk
from domain.parameters import parameter
from domain.position import Position
from domain.proposal import DenialCode, Proposal, Verdict
from domain.views import ClosedTrade, MarketView, PortfolioView
from risk.pipeline import Denial, allow, campaign_of, capped, deny, known_net_liquidation_value, largest_units, tightest, total_legs
from risk.portfolio_limits import PortfolioLimitParameters, Revaluation

SECTION = "kelly"
_HIGHEST_RATE = 0.99
_SOURCE = "rulebook 3.4"


@dataclass(frozen=True, slots=True)
class KellyParameters:
    """Shares of the account one trade may lose, and what Kelly assumes before the journal says more."""

    risk_per_trade: float = parameter(
        0.02,
        "most one trade may lose at its stop",
        unit="share of NLV",
        low=0.001,
        high=0.5,
        source=f"{_SOURCE} [PDF p1, 11], [LAR]",
        tunable=True,
    )
    max_loss_share: float = parameter(
        0.05, "most a defined-risk structure may lose at worst", unit="share of NLV", low=0.001, high=1.0, source=f"{_SOURCE} [PDF p2] (P)"
    )
    tail_share: float = parameter(
        0.10,
        "most an undefined-risk structure may lose in the first stress",
        unit="share of NLV",
        low=0.001,
        high=1.0,
        source=f"{_SOURCE} (P)",
    )
    fraction: float = parameter(0.25, "part of full Kelly that is used", unit="factor", low=0.01, high=1.0, source=f"{_SOURCE} [C0905]")
    one_unit_fraction: float = parameter(
        0.25,
        "part of full Kelly a single unit may use: a unit cannot be split, so a quarter of Kelly stops what still has an edge",
        unit="factor",
        low=0.01,
        high=1.0,
        source=f"{_SOURCE}; more is this project's offer",
    )
    memory_days: int = parameter(
        36500,
        "trades closed longer ago count no more; a shorter memory lets a strategy without an edge be tried again",
        unit="calendar days",
        low=30,
        high=36500,
        source=f"{_SOURCE} (every closed trade); less is this project's offer",
    )
    prior_trades: float = parameter(30.0, "weight of the prior win rate", unit="trades", low=1.0, high=1000.0, source=f"{_SOURCE} (P)")
    prior_edge: float = parameter(
        0.05, "how far the prior win rate lies above break-even", unit="share of trades", low=0.0, high=0.5, source=f"{_SOURCE} (P)"
    )
    average_prior_trades: float = parameter(
        5.0, "weight of the planned win and loss in their averages", unit="trades", low=0.1, high=1000.0, source=f"{_SOURCE} (P)"
    )
    planned_win_friday_0dte: float = parameter(
        0.5, "planned win of friday_0dte: 50 % of credit, stop 1 x", unit="planned losses", low=0.01, high=20.0, source="rulebook 2.1"
    )
    planned_win_lt112: float = parameter(
        0.45, "planned win of lt112: 90 % of credit, stop 2 x", unit="planned losses", low=0.01, high=20.0, source="rulebook 2.2"
    )
    planned_win_futures_strangle: float = parameter(
        0.25, "planned win of futures_strangle: 50 % of credit, stop 2 x", unit="planned losses", low=0.01, high=20.0, source="rulebook 2.3"
    )
    planned_win_leap_put_ladder: float = parameter(
        0.15, "planned win of leap_put_ladder: 30 % of credit, stop 2 x", unit="planned losses", low=0.01, high=20.0, source="rulebook 2.5"
    )
    exempt: tuple[str, ...] = parameter(
        ("ipmcc", "crisis_deployment"), "strategies whose campaign is not one bet", unit="names", source=_SOURCE
    )

    def problems(self) -> list[str]:
        """One unit may use at least what several may."""
        if self.one_unit_fraction < self.fraction:
            return [f"one-unit-fraction is {self.one_unit_fraction:g}, expected at least fraction {self.fraction:g}"]
        return []

    def planned_win(self, strategy: str) -> float | None:
        """Planned win in units of the planned loss; None for a strategy without one."""
        wins = {
            "friday_0dte": self.planned_win_friday_0dte,
            "lt112": self.planned_win_lt112,
            "futures_strangle": self.planned_win_futures_strangle,
            "leap_put_ladder": self.planned_win_leap_put_ladder,
        }
        return wins.get(strategy)


@dataclass(frozen=True, slots=True)
class Edge:
    """What is believed about a strategy's trades, in units of the planned loss at the stop.

    Attributes:
        win_rate: posterior mean.
        win: average win.
        loss: average loss, > 0.
        trades: closed ones it rests on.
    """

    win_rate: float
    win: float
    loss: float
    trades: int

    @property
    def full_kelly(self) -> float:
        """Share of the account to lose at the stop that makes it grow fastest; <= 0 when there is no edge."""
        return self.win_rate / self.loss - (1.0 - self.win_rate) / self.win


def _average(values: Sequence[float], planned: float, weight: float) -> float:
    return (planned * weight + sum(values)) / (weight + len(values))


def edge_of(trades: Iterable[ClosedTrade], planned_win: float, parameters: KellyParameters) -> Edge:
    """What a strategy's closed trades say, starting from its plan. A trade without a planned loss counts for the rate and for no average."""
    closed = tuple(trades)
    results = [trade.profit_dollars / trade.risk_dollars for trade in closed if trade.risk_dollars is not None and trade.risk_dollars > 0]
    win = _average([result for result in results if result > 0], planned_win, parameters.average_prior_trades)
    loss = _average([-result for result in results if result <= 0], 1.0, parameters.average_prior_trades)
    prior = min(1.0 / (1.0 + planned_win) + parameters.prior_edge, _HIGHEST_RATE)
    wins = sum(trade.profit_dollars > 0 for trade in closed)
    rate = (prior * parameters.prior_trades + wins) / (parameters.prior_trades + len(closed))
    return Edge(rate, win, loss, len(closed))


class SizeRule:
    """Units by planned loss at the stop, tail and quarter Kelly."""

    name: ClassVar[str] = "kelly"

    def __init__(self, parameters: KellyParameters, limits: PortfolioLimitParameters, scenarios: StressParameters) -> None:
        """Keep the shares, and what the tail is measured with."""
        self._parameters = parameters
        self._revaluation = Revaluation(limits, scenarios)

    def judge(self, proposal: Proposal, portfolio: PortfolioView, market: MarketView, now: datetime) -> Verdict:
        """Units one trade may have. A change of a live campaign is judged with what the campaign already risks, and is no new bet for Kelly."""
        value = known_net_liquidation_value(portfolio)
        if value is None:
            return deny(self.name, DenialCode.NLV_UNKNOWN)
        campaign = next((position for position in portfolio.positions if position.campaign_id == proposal.campaign_id), None)
        checks = [self._at_stop(proposal, campaign, value), self._tail(proposal, campaign, value, market, now)]
        loss = _planned_loss(proposal)
        if campaign is None and loss is not None and proposal.strategy not in self._parameters.exempt:
            checks.append(self._kelly(proposal, loss, portfolio, value, now))
        return tightest(checks)

    def _at_stop(self, proposal: Proposal, campaign: Position | None, value: float) -> Verdict:
        """A change that plans no loss of its own leaves its campaign's stop in force."""
        if campaign is not None and proposal.loss_at_stop_dollars is None:
            return allow(self.name, proposal)
        loss = _planned_loss(proposal)
        if loss is None:
            return deny(self.name, DenialCode.LOSS_AT_STOP_UNKNOWN)
        at_risk = (campaign.loss_at_stop_dollars or 0.0) if campaign is not None else 0.0
        budget = self._parameters.risk_per_trade * value
        numbers = {"stop_loss_dollars": loss, "stop_budget_dollars": budget, "campaign_at_risk_dollars": at_risk}
        if loss <= 0:
            return allow(self.name, proposal, numbers)
        return capped(self.name, proposal, (budget - at_risk) / loss, DenialCode.LOSS_AT_STOP, numbers)

    def _tail(self, proposal: Proposal, campaign: Position | None, value: float, market: MarketView, now: datetime) -> Verdict:
        held = campaign_of(campaign).legs if campaign is not None else ()
        is_defined = is_defined_risk((*held, *total_legs(proposal, 1)))
        share = self._parameters.max_loss_share if is_defined else self._parameters.tail_share
        numbers = {"tail_budget_dollars": share * value}
        if is_defined and campaign is None and proposal.max_loss_dollars is not None:
            return self._capped_tail(proposal, 0.0, proposal.max_loss_dollars, numbers)
        before = self._revaluation.of(held, (), market, now)
        unit = self._revaluation.of(total_legs(proposal, 1), (), market, now)
        if isinstance(before, DenialCode) or isinstance(unit, DenialCode):
            return deny(self.name, DenialCode.TAIL_UNKNOWN, numbers)
        return self._capped_tail(proposal, before.losses[0], unit.losses[0], numbers)

    def _capped_tail(self, proposal: Proposal, before: float, unit: float, numbers: dict[str, float]) -> Verdict:
        figures = {**numbers, "tail_loss_dollars": unit, "campaign_tail_dollars": before}
        if unit <= 0:
            return allow(self.name, proposal, figures)
        units = largest_units(proposal.units, lambda n: before + n * unit <= numbers["tail_budget_dollars"])
        return Verdict(self.name, units, DenialCode.TAIL_LOSS if units < proposal.units else None, figures)

    def _kelly(self, proposal: Proposal, loss: float, portfolio: PortfolioView, value: float, now: datetime) -> Verdict:
        planned_win = self._parameters.planned_win(proposal.strategy)
        if planned_win is None:
            return deny(self.name, DenialCode.UNKNOWN_STRATEGY)
        since = now - timedelta(days=self._parameters.memory_days)
        own = (trade for trade in portfolio.closed_trades if trade.strategy == proposal.strategy and trade.closed_at >= since)
        edge = edge_of(own, planned_win, self._parameters)
        share = self._parameters.fraction * edge.full_kelly
        numbers = {
            "win_rate": edge.win_rate,
            "average_win": edge.win,
            "average_loss": edge.loss,
            "closed_trades": float(edge.trades),
            "kelly_share": share,
        }
        if share <= 0:
            return deny(self.name, DenialCode.KELLY_NOT_POSITIVE, numbers)
        if loss <= 0:
            return allow(self.name, proposal, numbers)
        is_one = loss <= self._parameters.one_unit_fraction * edge.full_kelly * value
        room = max(share * value / loss, 1.0 if is_one else 0.0)
        return capped(self.name, proposal, room, DenialCode.KELLY_SIZE, {**numbers, "kelly_budget_dollars": share * value})


def _planned_loss(proposal: Proposal) -> float | None:
    """Loss per unit at the stop; without a stop the largest loss, which is its stop."""
    return proposal.loss_at_stop_dollars if proposal.loss_at_stop_dollars is not None else proposal.max_loss_dollars


_KELLY = ("win_rate", "average_win", "average_loss", "closed_trades", "kelly_share")
_KELLY_PARAMETERS = (
    "kelly-fraction",
    "kelly-one-unit-fraction",
    "kelly-memory-days",
    "kelly-prior-trades",
    "kelly-prior-edge",
    "kelly-average-prior-trades",
    "kelly-exempt",
)
DENIALS = (
    Denial(DenialCode.NLV_UNKNOWN, "the account's value is not a positive number"),
    Denial(DenialCode.LOSS_AT_STOP_UNKNOWN, "the proposal names neither a loss at its stop nor a largest loss"),
    Denial(
        DenialCode.LOSS_AT_STOP,
        "the loss at the stop, with what its campaign already risks, is more than one trade may lose",
        ("stop_loss_dollars", "stop_budget_dollars", "campaign_at_risk_dollars"),
        ("kelly-risk-per-trade",),
    ),
    Denial(
        DenialCode.TAIL_UNKNOWN,
        "the loss in the first stress is not known: a price, a volatility, a beta or the VIX is missing",
        ("tail_budget_dollars",),
    ),
    Denial(
        DenialCode.TAIL_LOSS,
        "the largest loss (defined risk) or the loss in the first stress (undefined) is more than one trade may lose",
        ("tail_budget_dollars", "tail_loss_dollars", "campaign_tail_dollars"),
        ("kelly-max-loss-share", "kelly-tail-share"),
    ),
    Denial(DenialCode.UNKNOWN_STRATEGY, "the strategy has no planned win"),
    Denial(DenialCode.KELLY_NOT_POSITIVE, "by its journal the strategy has no edge", _KELLY, _KELLY_PARAMETERS),
    Denial(
        DenialCode.KELLY_SIZE,
        "the used part of Kelly allows fewer units",
        (*_KELLY, "kelly_budget_dollars"),
        _KELLY_PARAMETERS,
    ),
)
