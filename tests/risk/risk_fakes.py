"""A market, an account and the rulebook's structures, small enough to read in a table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from analysis.greeks_calculator import option_price
from domain.contract import Contract, Leg, ProductKind, Right, Role, Settlement, Style, is_defined_risk, max_loss_points, product_of
from domain.parameters import read
from domain.position import Holding, Position
from domain.proposal import Proposal
from domain.quote import Quote
from domain.state import Intent
from domain.views import DailyBars, PortfolioView, Session, VolatilityIndices
from risk import SECTIONS

NEW_YORK = ZoneInfo("America/New_York")
TODAY = date(2024, 7, 3)
NOW = datetime(2024, 7, 3, 10, 0, tzinfo=NEW_YORK)
MULTIPLIERS = {"ES": 50.0, "CL": 1000.0, "ZC": 50.0, "ZB": 1000.0}
SPOTS = {
    "SPX": 5500.0, "SPY": 550.0, "QQQ": 480.0, "IWM": 220.0, "ES": 5550.0, "NQ": 20000.0, "GLD": 215.0, "TLT": 93.0, "SLV": 27.0,
    "XOP": 145.0, "CL": 80.0, "GC": 2350.0, "ZC": 4.2, "ZB": 118.0, "SI": 30.0, "NG": 2.6, "UNG": 14.0, "GOOG": 180.0,
}  # fmt: skip


def parameters(**changes: str) -> dict[str, Any]:
    """Every section at its defaults but for these texts: parameters(kelly_risk_per_trade="0.01")."""
    return read(SECTIONS, {name.replace("_", "-"): text for name, text in changes.items()})


def at(text: str) -> datetime:
    """A New York moment: at("2024-07-03 10:00")."""
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK)


def contract(underlying: str, right: str, strike: float, dte: int, today: date = TODAY) -> Contract:
    """An option with this many days to live."""
    kind, expiry = product_of(underlying).kind, today + timedelta(days=dte)
    return Contract(
        key=f"{underlying} {expiry} {right}{strike:g}",
        underlying=underlying,
        underlying_key=underlying,
        root=product_of(underlying).option_root,
        right=Right(right),
        strike=strike,
        expiry=expiry,
        ends_at=datetime.combine(expiry, time(16), NEW_YORK),
        multiplier=MULTIPLIERS.get(underlying, 100.0),
        style=Style.EUROPEAN if kind is ProductKind.INDEX else Style.AMERICAN,
        settlement=Settlement.CASH if kind is ProductKind.INDEX else Settlement.PHYSICAL,
    )


@dataclass
class RiskMarket:
    """Options cost what Black's formula says at one volatility; everything can be overridden or taken away (None)."""

    vix: float | None = 16.0
    closes: tuple[VolatilityIndices, ...] = (VolatilityIndices(vix=16.0, vix3m=18.0),) * 3
    spots: dict[str, float | None] = field(default_factory=lambda: dict(SPOTS))
    volatility: float = 0.18
    half_spread: float = 0.02
    yields: dict[str, float] = field(default_factory=dict)
    quotes: dict[str, Quote | None] = field(default_factory=dict)
    bars: dict[str, DailyBars] = field(default_factory=dict)
    engine_margin: Callable[[Sequence[Leg], int], float | None] = lambda legs, units: None
    now: datetime = NOW

    def session(self, day: date) -> Session | None:
        return Session(datetime.combine(day, time(9, 30), NEW_YORK), datetime.combine(day, time(16), NEW_YORK))

    def spot(self, underlying: str) -> float | None:
        return self.spots.get(underlying)

    def underlying_price(self, contract: Contract) -> float | None:
        return self.spots.get(contract.underlying)

    def session_open(self, underlying: str) -> float | None:
        return self.spots.get(underlying)

    def daily_bars(self, underlying: str, count: int) -> DailyBars:
        bars = self.bars.get(underlying, DailyBars((), (), (), (), ()))
        return DailyBars(*(column[-count:] for column in (bars.days, bars.open, bars.high, bars.low, bars.close)))

    def quote(self, contract: Contract) -> Quote | None:
        if contract.key not in self.quotes:
            self.quotes[contract.key] = self._modelled(contract)
        return self.quotes[contract.key]

    def _modelled(self, contract: Contract) -> Quote | None:
        underlying = self.spots.get(contract.underlying)
        if underlying is None:
            return None
        price = option_price(
            contract.right is Right.CALL, underlying, contract.strike, contract.years_left(self.now), self.volatility,
            self.risk_free_rate(), self.dividend_yield(contract.underlying),
            on_future=product_of(contract.underlying).kind is ProductKind.FUTURE, american=contract.style is Style.AMERICAN,
        )  # fmt: skip
        mid = float(price[0])
        return Quote(max(0.0, mid - self.half_spread) or None, mid + self.half_spread, self.now)

    def vix_now(self) -> float | None:
        return self.vix

    def vix_closes(self, count: int) -> tuple[VolatilityIndices, ...]:
        return self.closes[-count:]

    def risk_free_rate(self) -> float:
        return 0.05

    def dividend_yield(self, underlying: str) -> float:
        return self.yields.get(underlying, 0.0)

    def chain(self, underlying: str) -> None:
        return None

    def margin_dollars(self, legs: Sequence[Leg], units: int) -> float | None:
        return self.engine_margin(legs, units)


def daily(closes: Sequence[float], last: date = TODAY - timedelta(days=1)) -> DailyBars:
    """Completed sessions ending on a day, with these closes."""
    days = tuple(last - timedelta(days=len(closes) - 1 - i) for i in range(len(closes)))
    values = tuple(closes)
    return DailyBars(days, values, values, values, values)


def condor(market: RiskMarket, underlying: str = "SPX", dte: int = 0, width: float = 30.0, away: float = 0.008) -> tuple[Leg, ...]:
    """An iron condor with short strikes a share of the spot away."""
    spot = market.spots[underlying] or 0.0
    put, call = round(spot * (1 - away) / 5) * 5, round(spot * (1 + away) / 5) * 5
    return (
        Leg(contract(underlying, "P", put - width, dte), 1, Role.LONG_PUT),
        Leg(contract(underlying, "P", put, dte), -1, Role.SHORT_PUT),
        Leg(contract(underlying, "C", call, dte), -1, Role.SHORT_CALL),
        Leg(contract(underlying, "C", call + width, dte), 1, Role.LONG_CALL),
    )


def one_one_two(
    underlying: str = "ES", dte: int = 120, long: float = 5250.0, short: float = 5200.0, naked: float = 4500.0
) -> tuple[Leg, ...]:
    """The 1-1-2: a put debit spread paid by two naked puts."""
    return (
        Leg(contract(underlying, "P", long, dte), 1, Role.HEDGE_LONG),
        Leg(contract(underlying, "P", short, dte), -1, Role.HEDGE_SHORT),
        Leg(contract(underlying, "P", naked, dte), -2, Role.NAKED_PUT),
    )


def one_one_two_spy(dte: int = 120) -> tuple[Leg, ...]:
    """The same on SPY, about a fifth of the size."""
    return one_one_two("SPY", dte, 520.0, 515.0, 450.0)


def strangle(underlying: str = "GLD", dte: int = 90, put: float = 195.0, call: float = 240.0) -> tuple[Leg, ...]:
    """A short strangle."""
    return (Leg(contract(underlying, "P", put, dte), -1, Role.NAKED_PUT), Leg(contract(underlying, "C", call, dte), -1, Role.NAKED_CALL))


def short_put(underlying: str = "SPY", strike: float = 470.0, dte: int = 365) -> tuple[Leg, ...]:
    """One naked put: a rung of the ladder."""
    return (Leg(contract(underlying, "P", strike, dte), -1, Role.NAKED_PUT),)


def put_calendar(underlying: str = "SPY", strike: float = 560.0, near: int = 7, far: int = 120) -> tuple[Leg, ...]:
    """Long a later put, short a near one at the same strike."""
    return (Leg(contract(underlying, "P", strike, far), 1, Role.LONG_PUT), Leg(contract(underlying, "P", strike, near), -1, Role.SHORT_PUT))


_STRUCTURES: Mapping[str, Callable[[RiskMarket, str], tuple[Leg, ...]]] = {
    "friday_0dte": lambda market, underlying: condor(market, underlying),
    "lt112": lambda _, underlying: one_one_two() if underlying == "ES" else one_one_two_spy(),
    "futures_strangle": lambda market, underlying: strangle(
        underlying, 90, round((market.spots[underlying] or 1.0) * 0.9), round((market.spots[underlying] or 1.0) * 1.12)
    ),
    "ipmcc": lambda market, underlying: put_calendar(underlying, round((market.spots[underlying] or 1.0) * 1.02)),
    "leap_put_ladder": lambda market, underlying: short_put(underlying, round((market.spots[underlying] or 1.0) * 0.85)),
}


def structure(strategy: str, underlying: str, market: RiskMarket | None = None) -> tuple[Leg, ...]:
    """The legs a strategy trades on an underlying."""
    return _STRUCTURES[strategy](market or RiskMarket(), underlying)


def proposal(
    strategy: str = "friday_0dte", underlying: str = "SPX", units: int = 1, *, market: RiskMarket | None = None, **changes: Any
) -> Proposal:
    """An opening proposal; loss at the stop 300 a unit unless said otherwise, largest loss as the payoff says."""
    legs = changes.pop("legs", None) or structure(strategy, underlying, market)
    multiplier = legs[0].contract.multiplier
    worst = max_loss_points(legs, 1.0)
    made = Proposal(
        id=changes.pop("id", f"{strategy}/{underlying}/new"),
        campaign_id=changes.pop("campaign_id", f"{strategy}/{underlying}/new"),
        strategy=strategy,
        intent=Intent.OPEN,
        underlying=underlying,
        legs=legs,
        units=units,
        credit=1.0,
        natural_credit=0.9,
        multiplier=multiplier,
        at=NOW,
        loss_at_stop_dollars=300.0,
        max_loss_dollars=None if worst is None else worst * multiplier,
        is_defined_risk=is_defined_risk(legs),
    )
    return replace(made, **changes)


def position(
    strategy: str, underlying: str, units: int = 1, *, number: int = 0, legs: tuple[Leg, ...] | None = None, **changes: Any
) -> Position:
    """A live campaign of this many units; entry credit 200 a unit."""
    legs = legs or structure(strategy, underlying)
    made = Position(
        campaign_id=f"{strategy}/{underlying}/{number}",
        strategy=strategy,
        underlying=underlying,
        units=units,
        holdings=tuple(Holding(leg.contract, leg.ratio * units, 1.0, leg.role) for leg in legs),
        opened_at=NOW - timedelta(days=10),
        premium_dollars=200.0 * units,
        fees_dollars=0.0,
        entry_credit_dollars=200.0 * units,
        loss_at_stop_dollars=300.0 * units,
        is_defined_risk=is_defined_risk(legs),
    )
    return replace(made, **changes)


def account(value: float = 75_000.0, phase: int | None = None, positions: Sequence[Position] = (), **changes: Any) -> PortfolioView:
    """An account at its high-water mark; the phase follows from the value unless given (-1: not determined)."""
    if phase is None:
        phase = sum(value >= threshold for threshold in (30_000, 40_000, 60_000, 100_000))
    facts = {} if phase < 0 else {"phase": float(phase)}
    made = PortfolioView(
        net_liquidation_value=value,
        margin_used_dollars=changes.pop("margin_used", 0.0),
        positions=tuple(positions),
        high_water_mark=value,
        session_start_value=value,
        facts={**facts, **changes.pop("facts", {})},
    )
    return replace(made, **changes)
