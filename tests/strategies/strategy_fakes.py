"""A market and an account written by hand: every answer is what a test put there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from analysis.greeks_calculator import option_price
from domain.contract import Contract, Leg, ProductKind, Right, Settlement, Style, product_of
from domain.position import Holding, Position
from domain.proposal import Proposal
from domain.quote import ChainRow, OptionChain, Quote
from domain.views import DailyBars, PortfolioView, Session, VolatilityIndices

NEW_YORK = ZoneInfo("America/New_York")


def at(day: str | date, clock: str = "10:30") -> datetime:
    """A New York moment."""
    day = date.fromisoformat(day) if isinstance(day, str) else day
    return datetime.combine(day, time.fromisoformat(clock), tzinfo=NEW_YORK)


class WeekdayCalendar:
    """Every weekday is a session from 9:30 to 16:00, but for the holidays and early closes named."""

    def __init__(self, holidays: Sequence[str] = (), early: Mapping[str, str] | None = None) -> None:
        self.holidays = {date.fromisoformat(day) for day in holidays}
        self.early = {date.fromisoformat(day): clock for day, clock in (early or {}).items()}

    def session(self, day: date) -> Session | None:
        if day.weekday() > 4 or day in self.holidays:
            return None
        return Session(at(day, "09:30"), at(day, self.early.get(day, "16:00")))


@cache
def contract(underlying: str, right: Right, strike: float, expiry: date, *, multiplier: float = 100.0, root: str | None = None) -> Contract:
    """A contract with the product's usual root; options on a future follow one future a quarter."""
    product = product_of(underlying)
    root = root or product.option_root
    is_share = product.kind is ProductKind.EQUITY
    future = f"{underlying}{expiry:%y}Q{(expiry.month + 2) // 3}"
    return Contract(
        key=f"{root} {expiry:%Y%m%d} {right}{strike:g}",
        underlying=underlying,
        underlying_key=future if product.kind is ProductKind.FUTURE else underlying,
        root=root,
        right=right,
        strike=strike,
        expiry=expiry,
        ends_at=at(expiry, "16:00"),
        multiplier=multiplier,
        style=Style.EUROPEAN if product.kind is ProductKind.INDEX else Style.AMERICAN,
        settlement=Settlement.PHYSICAL if is_share else Settlement.CASH,
    )


@dataclass
class FakeMarket:
    """A market view whose chain is priced by Black with one volatility per contract, so that deltas come out as a test expects.

    Quotes are the model's price plus and minus `half_spread`, stamped `now`, unless `quotes` holds an own one (None: no quote at all).
    """

    now: datetime
    spots: dict[str, float | None] = field(default_factory=dict)
    opens: dict[str, float | None] = field(default_factory=dict)
    bars: dict[str, DailyBars] = field(default_factory=dict)
    chains: dict[str, OptionChain | None] = field(default_factory=dict)
    quotes: dict[str, Quote | None] = field(default_factory=dict)
    vix: VolatilityIndices = field(default_factory=lambda: VolatilityIndices(vix=16.0))
    volatility: float = 0.2
    skew: float = 0.0
    half_spread: float = 0.05
    rate: float = 0.04
    calendar: WeekdayCalendar = field(default_factory=WeekdayCalendar)
    iv_history: dict[str, tuple[float, ...]] = field(default_factory=dict)

    def at(self, moment: datetime, **spots: float | None) -> "FakeMarket":
        """The same market at another moment, with other prices."""
        return replace(self, now=moment, spots={**self.spots, **spots})

    def session(self, day: date) -> Session | None:
        return self.calendar.session(day)

    def spot(self, underlying: str) -> float | None:
        return self.spots.get(underlying)

    def underlying_price(self, contract: Contract) -> float | None:
        return self.spots.get(contract.underlying)

    def session_open(self, underlying: str) -> float | None:
        return self.opens.get(underlying)

    def daily_bars(self, underlying: str, count: int) -> DailyBars:
        bars = self.bars.get(underlying, DailyBars((), (), (), (), ()))
        return DailyBars(*(values[-count:] for values in (bars.days, bars.open, bars.high, bars.low, bars.close)))

    def quote(self, contract: Contract) -> Quote | None:
        if contract.key in self.quotes:
            return self.quotes[contract.key]
        price = self.model_price(contract)
        if price is None:
            return None
        bid = round(price - self.half_spread, 4)
        return Quote(bid if bid > 0.0 else None, round(price + self.half_spread, 4), self.now)

    def model_price(self, contract: Contract) -> float | None:
        spot = self.spots.get(contract.underlying)
        if spot is None:
            return None
        is_future = product_of(contract.underlying).kind is ProductKind.FUTURE
        volatility = smile(contract.strike / spot, self.volatility, self.skew)
        is_call = contract.right is Right.CALL
        return float(
            option_price(is_call, spot, contract.strike, contract.years_left(self.now), volatility, self.rate, 0.0, on_future=is_future)[0]
        )

    def vix_now(self) -> float | None:
        return self.vix.vix

    def vix_closes(self, count: int) -> tuple[VolatilityIndices, ...]:
        return (self.vix,) * min(count, 30)

    def risk_free_rate(self) -> float:
        return self.rate

    def dividend_yield(self, underlying: str) -> float:
        return 0.0

    def chain(self, underlying: str) -> OptionChain | None:
        return self.chains.get(underlying)

    def margin_dollars(self, legs: Sequence[Leg], units: int) -> float | None:
        return None

    def atm_volatility_history(self, underlying: str, count: int) -> tuple[float, ...]:
        return self.iv_history.get(underlying, ())[-count:]


def flat_bars(end: date, count: int, close: float, true_range: float, drift: float = 0.0) -> DailyBars:
    """`count` weekdays before `end`, each with the same range; closes end at `close` and rise by `drift` a day."""
    days: list[date] = []
    day = end
    while len(days) < count:
        day -= timedelta(days=1)
        if day.weekday() < 5:
            days.insert(0, day)
    closes = tuple(close - drift * (count - 1 - n) for n in range(count))
    half = true_range / 2
    return DailyBars(tuple(days), closes, tuple(c + half for c in closes), tuple(c - half for c in closes), closes)


def smile(moneyness: float, volatility: float, skew: float) -> float:
    """Volatility at a strike: falls by `skew` per unit of moneyness."""
    return max(0.01, volatility - skew * (moneyness - 1.0))


def listed(
    underlying: str,
    expiries: Sequence[date | str],
    low: float,
    high: float,
    step: float,
    *,
    multiplier: float = 100.0,
    spot: float | None = None,
    volatility: float = 0.2,
    skew: float = 0.0,
) -> OptionChain:
    """A chain with both rights at every strike of the grid; yesterday's volatilities are the smile's where `spot` is given, else unknown."""
    return _listed(underlying, tuple(map(str, expiries)), low, high, step, multiplier, spot, volatility, skew)


@cache
def _listed(
    underlying: str,
    expiries: tuple[str, ...],
    low: float,
    high: float,
    step: float,
    multiplier: float,
    spot: float | None,
    volatility: float,
    skew: float,
) -> OptionChain:
    count = round((high - low) / step) + 1
    return OptionChain.of(
        underlying,
        tuple(
            ChainRow(
                contract(underlying, right, low + n * step, expiry, multiplier=multiplier),
                implied_volatility=None if spot is None else smile((low + n * step) / spot, volatility, skew),
            )
            for expiry in map(date.fromisoformat, expiries)
            for right in Right
            for n in range(count)
        ),
    )


def account(
    nlv: float = 75_000.0, positions: Sequence[Position] = (), *, pending: Sequence[Proposal] = (), **facts: float
) -> PortfolioView:
    """An account without margin used; keyword arguments are its facts (phase=3.0)."""
    return PortfolioView(
        net_liquidation_value=nlv,
        margin_used_dollars=0.0,
        positions=tuple(positions),
        pending=tuple(pending),
        facts=facts,
    )


def filled(proposal: Proposal, units: int = 1, market: FakeMarket | None = None) -> Position:
    """The position a proposal becomes when it fills at the middle of the market's quotes (without one, at its credit over equal leg prices)."""
    holdings = []
    for leg in proposal.legs:
        quote = market.quote(leg.contract) if market else None
        price = (quote.mid if quote else None) or 0.0
        holdings.append(Holding(leg.contract, leg.ratio * units, price, leg.role))
    credit = proposal.credit * proposal.multiplier * units
    return Position(
        campaign_id=proposal.campaign_id,
        strategy=proposal.strategy,
        underlying=proposal.underlying,
        units=units,
        holdings=tuple(holdings),
        opened_at=proposal.at,
        premium_dollars=credit,
        fees_dollars=0.0,
        entry_credit_dollars=credit,
        loss_at_stop_dollars=None if proposal.loss_at_stop_dollars is None else proposal.loss_at_stop_dollars * units,
        max_loss_dollars=None if proposal.max_loss_dollars is None else proposal.max_loss_dollars * units,
        is_defined_risk=proposal.is_defined_risk,
        numbers=proposal.numbers,
        tags=proposal.tags,
    )
