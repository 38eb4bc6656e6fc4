"""Limits of the whole book: direction, and what it would lose if the market fell now (rulebook 3.5).

Three limits judge book and proposal together, working orders included:

- the SPY-beta-weighted delta in dollars (delta x price x beta over all underlyings) stays within 60 % of NLV, either way; `same_day_delta` may
  count less of covered structures that expire today (by default all of it): they are gone tonight, and the tail room and the stress bound what they lose till then;
- the loss in the worst of four scenarios stays within 35 % of NLV;
- the margin after the first scenario stays within what is then left of NLV.

The book's theta a day is told as a share of NLV with every verdict and limits nothing (0.4 % is what the rulebook hopes for).

Example: NLV 75,000, one short SPX put of delta -0.30 at SPX 5,000, beta 1: +30 index units, 150,000 dollars, twice the account: refused (limit 45,000).

Betas are stated, not fitted. A leg without a price, an underlying or a volatility makes the book unknown, and nothing is opened on an unknown book. An option
that costs what exercise pays has no volatility to find; it moves one for one with its underlying and is revalued so.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import isfinite, nan
from typing import ClassVar

from analysis.greeks_calculator import SPY_BETAS, Exposure, beta_weighted_delta, implied_volatility, option_greeks
from analysis.stress import Book, Scenario, StressLeg, StressParameters, stress
from domain.contract import Contract, Leg, ProductKind, Right, Style, is_defined_risk
from domain.greeks import Greeks
from domain.parameters import parameter
from domain.proposal import DenialCode, Proposal, Verdict
from domain.views import MarketView, PortfolioView
from risk.buying_power import BuyingPowerParameters, MarginEstimator, margin_added, margin_in_use
from risk.phase_manager import kind_of
from risk.pipeline import Denial, deny, held_campaigns, known_net_liquidation_value, largest_units, tightest, total_legs

SECTION = "portfolio-limits"
_PARITY_VOLATILITY = 1e-4


@dataclass(frozen=True, slots=True)
class PortfolioLimitParameters:
    """Limits as shares of the account, and the betas that join underlyings."""

    beta_delta: float = parameter(
        0.60, "largest beta-weighted delta in dollars, either way", unit="share of NLV", low=0.01, high=10.0, source="rulebook 3.5 (P)"
    )
    same_day_delta: float = parameter(
        1.0,
        "part of the delta that counts of covered structures whose every leg expires today",
        unit="share",
        low=0.0,
        high=1.0,
        source="rulebook 3.5; less is this project's offer",
    )
    stress_loss: float = parameter(
        0.35,
        "largest loss of the book in the worst scenario",
        unit="share of NLV",
        low=0.01,
        high=1.0,
        source="rulebook 3.5 (P)",
        tunable=True,
    )
    stress_margin: float = parameter(
        1.0, "largest margin after the first scenario", unit="share of NLV left after it", low=0.1, high=2.0, source="rulebook 3.5"
    )
    betas: tuple[str, ...] = parameter(
        tuple(f"{name}={beta:g}" for name, beta in SPY_BETAS.items())
        + tuple(f"{name}={beta}" for name, beta in (("AAPL", 1.2), ("AMZN", 1.2), ("GOOG", 1.1), ("GOOGL", 1.1), ("META", 1.3)))
        + tuple(f"{name}={beta}" for name, beta in (("MSFT", 1.1), ("NVDA", 1.8), ("TSLA", 2.0))),
        "beta of each underlying's daily return to SPY's",
        unit="symbol=beta",
        source="rulebook 3.5 (P)",
    )

    def problems(self) -> list[str]:
        """Every beta must be readable."""
        return [f"betas has {text!r}, expected a symbol, an equals sign and a number" for text in self.betas if _beta(text) is None]

    def beta_table(self) -> dict[str, float]:
        """Betas by underlying."""
        return dict(pair for text in self.betas if (pair := _beta(text)) is not None)


def _beta(text: str) -> tuple[str, float] | None:
    symbol, _, number = text.partition("=")
    try:
        beta = float(number)
    except ValueError:
        return None
    return (symbol.strip(), beta) if symbol.strip() and isfinite(beta) else None


@dataclass(frozen=True, slots=True)
class LiveOption:
    """An option as the market prices it now.

    Attributes:
        underlying: price of exactly what it follows.
        volatility: annual decimal, from its middle.
        greeks: of one long option.
        half_spread: half of its bid-ask spread in points.
    """

    underlying: float
    volatility: float
    greeks: Greeks
    half_spread: float


def live_options(contracts: Iterable[Contract], market: MarketView, now: datetime) -> dict[str, LiveOption]:
    """Options by contract key, all solved in one pass; what has no price, no underlying or no volatility is left out.

    European volatilities for every style: they give the stress, which revalues with Black's formula, exactly the prices of now.
    """
    rows = []
    for contract in {contract.key: contract for contract in contracts}.values():
        quote, underlying = market.quote(contract), market.underlying_price(contract)
        if quote is not None and quote.mid is not None and underlying is not None:
            rows.append((contract, quote.mid, underlying, (quote.ask or 0.0) - quote.mid))
    if not rows:
        return {}
    is_call = [contract.right is Right.CALL for contract, *_ in rows]
    on_future = [kind_of(contract.underlying) is ProductKind.FUTURE for contract, *_ in rows]
    underlyings, strikes = [row[2] for row in rows], [row[0].strike for row in rows]
    years, rate = [row[0].years_left(now) for row in rows], market.risk_free_rate()
    yields = [0.0 if future else market.dividend_yield(row[0].underlying) for row, future in zip(rows, on_future, strict=True)]
    solved = implied_volatility(is_call, [row[1] for row in rows], underlyings, strikes, years, rate, yields, on_future=on_future)
    volatilities = [
        float(solved.volatility[i]) if solved.ok[i] else _at_parity(contract, mid, underlying, half)
        for i, (contract, mid, underlying, half) in enumerate(rows)
    ]
    greeks = option_greeks(is_call, underlyings, strikes, years, volatilities, rate, yields, on_future=on_future)
    live = {}
    for i, (contract, _, underlying, half) in enumerate(rows):
        each = greeks.at(i)
        if each is not None:
            live[contract.key] = LiveOption(underlying, volatilities[i], each, half)
    return live


def _at_parity(contract: Contract, mid: float, underlying: float, half_spread: float) -> float:
    """A volatility of almost nothing for an option in the money that costs what exercise pays, within its spread; else none."""
    intrinsic = contract.intrinsic(underlying)
    return _PARITY_VOLATILITY if intrinsic > 0 and abs(mid - intrinsic) <= max(half_spread, 1e-9 * intrinsic) else nan


def live_greeks(contracts: Iterable[Contract], market: MarketView, now: datetime) -> dict[str, Greeks]:
    """Greeks of one long option by contract key; what cannot be priced is left out."""
    return {key: option.greeks for key, option in live_options(contracts, market, now).items()}


@dataclass(frozen=True, slots=True)
class Revalued:
    """Some legs under the scenarios.

    Attributes:
        beta_delta_dollars: beta-weighted delta in dollars.
        theta_per_day_dollars: what a calendar day brings, > 0 is earned.
        losses: dollars by scenario, > 0 is a loss.
    """

    beta_delta_dollars: float
    theta_per_day_dollars: float
    losses: tuple[float, ...]


class Revaluation:
    """Prices legs under the scenarios with stated betas; used for the book's limits and for the tail of one trade."""

    def __init__(self, limits: PortfolioLimitParameters, scenarios: StressParameters) -> None:
        """Keep betas and scenarios."""
        self._betas = limits.beta_table()
        self.scenarios: tuple[Scenario, ...] = scenarios.scenarios()

    def of(
        self,
        legs: Iterable[Leg],
        shares: Iterable[tuple[str, int]],
        market: MarketView,
        now: datetime,
        options: Mapping[str, LiveOption] | None = None,
    ) -> Revalued | DenialCode:
        """Direction and losses of these legs (`ratio` counts contracts) and shares held by underlying; a code where something is unknown.

        `options` are those of the legs where they are solved already.
        """
        legs, vix = tuple(legs), market.vix_now()
        holdings = [(name, quantity) for name, quantity in shares if quantity]
        names = {leg.contract.underlying for leg in legs} | {name for name, _ in holdings}
        if not names <= self._betas.keys():
            return DenialCode.BETA_UNKNOWN
        if options is None:
            options = live_options([leg.contract for leg in legs], market, now)
        if any(leg.contract.key not in options for leg in legs):
            return DenialCode.GREEKS_UNKNOWN
        if vix is None or any(kind_of(name) is not ProductKind.EQUITY or market.spot(name) is None for name, _ in holdings):
            return DenialCode.STRESS_UNKNOWN
        rows = [self._option(leg, options[leg.contract.key], market, now) for leg in legs]
        rows += [StressLeg(name, quantity, 1.0, market.spot(name) or nan, self._betas[name]) for name, quantity in holdings]
        losses = stress(Book.of(rows), self.scenarios, vix=vix).totals
        exposures = [
            Exposure(
                leg.contract.underlying, options[leg.contract.key].greeks.delta * leg.ratio * leg.contract.multiplier, row.underlying_price
            )
            for leg, row in zip(legs, rows, strict=False)
        ]
        exposures += [Exposure(name, float(quantity), market.spot(name) or nan) for name, quantity in holdings]
        delta = beta_weighted_delta(exposures, 1.0, self._betas).dollars
        if delta is None or not all(isfinite(loss) for loss in losses):
            return DenialCode.STRESS_UNKNOWN
        theta = sum(options[leg.contract.key].greeks.theta_per_day * leg.ratio * leg.contract.multiplier for leg in legs)
        return Revalued(delta, theta, tuple(float(loss) for loss in losses))

    def _option(self, leg: Leg, option: LiveOption, market: MarketView, now: datetime) -> StressLeg:
        contract = leg.contract
        on_future = kind_of(contract.underlying) is ProductKind.FUTURE
        return StressLeg(
            structure=contract.underlying,
            quantity=leg.ratio,
            multiplier=contract.multiplier,
            underlying_price=option.underlying,
            beta=self._betas[contract.underlying],
            is_call=contract.right is Right.CALL,
            strike=contract.strike,
            years=contract.years_left(now),
            volatility=option.volatility,
            rate=market.risk_free_rate(),
            dividend_yield=0.0 if on_future else market.dividend_yield(contract.underlying),
            on_future=on_future,
            american=contract.style is Style.AMERICAN,
            half_spread=option.half_spread,
        )


class PortfolioLimitsRule:
    """Direction, stress loss and stressed margin of book and proposal together."""

    name: ClassVar[str] = "portfolio_limits"

    def __init__(self, limits: PortfolioLimitParameters, scenarios: StressParameters, margins: BuyingPowerParameters) -> None:
        """Keep limits, scenarios and the rates of the margin estimate."""
        self._limits, self._margin_factor = limits, scenarios.scenarios()[0].margin_factor
        self._revaluation = Revaluation(limits, scenarios)
        self._estimator = MarginEstimator(margins)

    def judge(self, proposal: Proposal, portfolio: PortfolioView, market: MarketView, now: datetime) -> Verdict:
        """Units with which the book stays within its limits."""
        value = known_net_liquidation_value(portfolio)
        if value is None:
            return deny(self.name, DenialCode.NLV_UNKNOWN)
        campaigns = held_campaigns(portfolio)
        held = [leg for campaign in campaigns for leg in campaign.legs]
        shares = [(campaign.underlying, campaign.share_quantity) for campaign in campaigns]
        own = total_legs(proposal, 1)
        options = live_options([leg.contract for leg in (*held, *own)], market, now)
        book = self._revaluation.of(held, shares, market, now, options)
        unit = self._revaluation.of(own, (), market, now, options)
        known = {"book_is_known": float(isinstance(book, Revalued)), "proposal_is_known": float(isinstance(unit, Revalued))}
        if isinstance(unit, DenialCode):
            return deny(self.name, unit, known)
        if isinstance(book, DenialCode):
            return deny(self.name, book, known)
        numbers = {"net_liquidation_value": value, "book_theta_share": book.theta_per_day_dollars / value}
        today = now.date()
        overnight = [leg for campaign in campaigns for leg in campaign.legs if not _is_gone_tonight(campaign.legs, today)]
        lasting = book if len(overnight) == len(held) else self._revaluation.of(overnight, shares, market, now, options)
        counted = self._limits.same_day_delta if _is_gone_tonight(proposal.legs, today) else 1.0
        kept = lasting.beta_delta_dollars if isinstance(lasting, Revalued) else book.beta_delta_dollars
        book_delta = kept + self._limits.same_day_delta * (book.beta_delta_dollars - kept)
        return tightest(
            [
                self._direction(proposal, book_delta, counted * unit.beta_delta_dollars, value, numbers),
                self._loss(proposal, book, unit, value, numbers),
                self._margin(proposal, portfolio, market, (book, unit), value),
            ],
        )

    def _direction(self, proposal: Proposal, book: float, unit: float, value: float, numbers: Mapping[str, float]) -> Verdict:
        limit = self._limits.beta_delta * value
        units = proposal.units if unit == 0.0 else largest_units(proposal.units, lambda n: abs(book + n * unit) <= limit)
        figures = {
            **numbers,
            "book_beta_delta_dollars": book,
            "unit_beta_delta_dollars": unit,
            "beta_delta_limit_dollars": limit,
        }
        return Verdict(self.name, units, DenialCode.BETA_DELTA if units < proposal.units else None, figures)

    def _loss(self, proposal: Proposal, book: Revalued, unit: Revalued, value: float, numbers: Mapping[str, float]) -> Verdict:
        limit = self._limits.stress_loss * value

        def worst(units: int) -> float:
            return max(held + units * more for held, more in zip(book.losses, unit.losses, strict=True))

        units = largest_units(proposal.units, lambda n: worst(n) <= limit)
        figures = {
            **numbers,
            "book_stress_loss_dollars": worst(0),
            "stress_loss_with_one_unit_dollars": worst(1),
            "stress_loss_limit_dollars": limit,
        }
        return Verdict(self.name, units, DenialCode.STRESS_LOSS if units < proposal.units else None, figures)

    def _margin(
        self, proposal: Proposal, portfolio: PortfolioView, market: MarketView, revalued: tuple[Revalued, Revalued], value: float
    ) -> Verdict:
        book, unit = revalued
        used = margin_in_use(portfolio, market, self._estimator)
        if used is None or margin_added(proposal, 1, portfolio, market, self._estimator) is None:
            return deny(self.name, DenialCode.MARGIN_UNKNOWN)

        def room(units: int) -> float:
            added = margin_added(proposal, units, portfolio, market, self._estimator)
            left = self._limits.stress_margin * (value - book.losses[0] - units * unit.losses[0])
            return left - (used.dollars + added.dollars) * self._margin_factor if added is not None else -1.0

        units = largest_units(proposal.units, lambda n: room(n) >= 0.0)
        figures = {"stressed_margin_dollars": used.dollars * self._margin_factor, "stressed_room_with_one_unit_dollars": room(1)}
        return Verdict(self.name, units, DenialCode.STRESS_MARGIN if units < proposal.units else None, figures)


def _is_gone_tonight(legs: Sequence[Leg], today: date) -> bool:
    """Whether every leg expires today and none of them is uncovered."""
    return bool(legs) and all(leg.contract.expiry == today for leg in legs) and is_defined_risk(legs)


_KNOWN = ("book_is_known", "proposal_is_known")
DENIALS = (
    Denial(DenialCode.NLV_UNKNOWN, "the account's value is not a positive number"),
    Denial(DenialCode.BETA_UNKNOWN, "an underlying has no stated beta", _KNOWN, ("portfolio-limits-betas",)),
    Denial(DenialCode.GREEKS_UNKNOWN, "a leg has no price, no underlying or no volatility", _KNOWN),
    Denial(DenialCode.STRESS_UNKNOWN, "there is no VIX, or what is held besides options cannot be valued", _KNOWN),
    Denial(DenialCode.MARGIN_UNKNOWN, "a naked option's price or underlying is unknown"),
    Denial(
        DenialCode.BETA_DELTA,
        "the beta-weighted delta of book and proposal is beyond its limit",
        ("net_liquidation_value", "book_beta_delta_dollars", "unit_beta_delta_dollars", "beta_delta_limit_dollars"),
        ("portfolio-limits-beta-delta", "portfolio-limits-same-day-delta", "portfolio-limits-betas"),
    ),
    Denial(
        DenialCode.STRESS_LOSS,
        "book and proposal lose too much in the worst scenario",
        ("net_liquidation_value", "book_stress_loss_dollars", "stress_loss_with_one_unit_dollars", "stress_loss_limit_dollars"),
        ("portfolio-limits-stress-loss", "portfolio-limits-betas"),
    ),
    Denial(
        DenialCode.STRESS_MARGIN,
        "after the first scenario the margin is more than what is left of the account",
        ("stressed_margin_dollars", "stressed_room_with_one_unit_dollars"),
        ("portfolio-limits-stress-margin", "stress-margin-factor"),
    ),
)
