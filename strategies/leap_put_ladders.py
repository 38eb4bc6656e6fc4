"""LEAP put ladder: one far short put a week, taken off at a third of its credit or half a year before expiry (rulebook 2.5).

Each rung is a campaign of its own. The delta rotates by week of the month (12, 13, 14, 12); the VIX decides between no, one and two rungs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import ClassVar

from domain.contract import Leg, Right, Role
from domain.parameters import parameter
from domain.position import Position
from domain.proposal import Exit, Hold, Proposal, Skip
from domain.quote import net_price
from domain.state import SkipCode
from domain.views import Calendar, MarketView, PortfolioView
from strategies import calendar_rules, exit_rules, selection
from strategies.base import Candidates, EntryPlan, Refusal, Strategy, found, known, opening, quotes_of, window_problems

_SOURCE = "rulebook 2.5"


@dataclass(frozen=True, slots=True)
class LeapPutLadderParameters:
    """Parameters of the section leap-put-ladder."""

    is_enabled: bool = parameter(True, "whether the strategy enters", source=_SOURCE)
    underlying: str = parameter("SPY", "what the puts are on", source=f"{_SOURCE} [PDF p17]")
    weekday: int = parameter(0, "entry weekday; a holiday moves it within the week", unit="0 = Monday", low=0, high=4, source=_SOURCE)
    entry_time: time = parameter(time(9, 45), "first attempt", unit="New York time", source=f"{_SOURCE} (P)")
    entry_until: time = parameter(time(10, 15), "last attempt", unit="New York time", source=f"{_SOURCE} (P)")
    lead_minutes: int = parameter(5, "candidates are subscribed ahead", unit="minutes", low=1, high=60, source="project")
    entry_before_close: int = parameter(60, "no entry later before the close", unit="minutes", low=1, high=390, source="rulebook 2 (P)")
    dte: int = parameter(365, "days to expiry sought", unit="calendar days", low=1, high=1000, source=f"{_SOURCE} [TK-LEAP]", tunable=True)
    dte_low: int = parameter(300, "fewest", unit="calendar days", low=1, high=1000, source=_SOURCE)
    dte_high: int = parameter(430, "most", unit="calendar days", low=1, high=1000, source=_SOURCE)
    deltas: tuple[float, ...] = parameter(
        (0.12, 0.13, 0.14, 0.12), "deltas in turn by week of the month", unit="delta", low=0.01, high=0.6, source=f"{_SOURCE} [PDF p28]"
    )
    delta_tolerance: float = parameter(0.02, "allowed difference to it", unit="delta", low=0.001, high=0.3, source="project")
    vix_from: float = parameter(
        15.0, "no rung below this VIX", unit="points", low=0.0, high=200.0, source=f"{_SOURCE} [PDF p33]", tunable=True
    )
    vix_double_above: float = parameter(20.0, "two rungs above this VIX", unit="points", low=0.0, high=200.0, source=f"{_SOURCE} [PDF p33]")
    rungs: int = parameter(1, "rungs a week at normal VIX; twice as many above", unit="contracts", low=1, high=50, source=_SOURCE)
    profit_target: float = parameter(0.30, "profit taken", unit="share of credit", low=0.05, high=1.0, source=_SOURCE, tunable=True)
    stop_loss: float = parameter(2.0, "loss that stops", unit="credits", low=0.1, high=20.0, source=f"{_SOURCE} (P)", tunable=True)
    stop_share: float = parameter(0.02, "loss that stops", unit="share of NLV", low=0.001, high=0.5, source=f"{_SOURCE} (P)")
    close_dte: int = parameter(150, "closed at this many days to expiry", unit="calendar days", low=0, high=1000, source=_SOURCE)
    candidates: int = parameter(8, "puts subscribed", unit="contracts", low=2, high=60, source="project")
    fallback_volatility: float = parameter(
        0.22, "assumed when yesterday's figures imply none", unit="a year", low=0.01, high=5.0, source="project"
    )

    def problems(self) -> list[str]:
        """Contradictions between fields."""
        problems = window_problems(self.entry_time, self.entry_until)
        if not self.deltas:
            problems.append("deltas is empty, expected at least one delta")
        if not self.close_dte < self.dte_low <= self.dte <= self.dte_high:
            problems.append(
                f"dte is {self.dte}, expected close-dte {self.close_dte} < dte-low {self.dte_low} <= dte <= dte-high {self.dte_high}"
            )
        if self.vix_from > self.vix_double_above:
            problems.append(f"vix-from is {self.vix_from:g}, expected at most vix-double-above {self.vix_double_above:g}")
        return problems


class LeapPutLadder(Strategy):
    """The strategy of rulebook 2.5."""

    name: ClassVar[str] = "leap_put_ladder"

    def __init__(self, parameters: LeapPutLadderParameters) -> None:
        """Take the parameters; nothing else is kept."""
        self._p = parameters

    @property
    def underlyings(self) -> tuple[str, ...]:
        """The one underlying."""
        return (self._p.underlying,)

    @property
    def manages_every_minute(self) -> bool:
        """A year's option needs no minute."""
        return False

    def entry_plan(self, day: date, calendar: Calendar) -> EntryPlan | Skip:
        """The session that stands for the weekday in this week."""
        p, session = self._p, calendar.session(day)
        if session is None:
            return Skip(SkipCode.HOLIDAY)
        if not p.is_enabled or calendar_rules.weekly_session(day, p.weekday, calendar) != day:
            return Skip(SkipCode.NOT_ENTRY_DAY)
        return calendar_rules.entry_window(
            session,
            p.entry_time,
            p.entry_until,
            lead_minutes=p.lead_minutes,
            minutes_before_close=p.entry_before_close,
            is_moved=day.weekday() != p.weekday,
        )

    def target_delta(self, day: date) -> float:
        """The week's delta: the rotation starts with the first Monday's week of each month."""
        return self._p.deltas[(calendar_rules.week_of_month(calendar_rules.monday_of(day)) - 1) % len(self._p.deltas)]

    def candidates(self, market: MarketView, portfolio: PortfolioView, now: datetime) -> Candidates | Skip:  # noqa: ARG002  # the ladder's room is judged by risk
        """Puts of the expiry nearest to a year around the week's delta."""
        p = self._p
        try:
            chain = known(market.chain(p.underlying), SkipCode.NO_CHAIN)
            today = now.date()
            expiry = found(selection.nearest_expiry(chain.expiries(today, 0, p.dte_high + 365), today, p.dte, p.dte_low, p.dte_high))
            known(market.spot(p.underlying), SkipCode.NO_SPOT)
        except Refusal as refusal:
            return refusal.skip
        puts = selection.of_right(selection.series(chain, expiry), Right.PUT)
        target = self.target_delta(today)
        chosen = selection.band_candidates(
            puts,
            market,
            now,
            low=max(0.005, target - p.delta_tolerance),
            high=target + p.delta_tolerance,
            count=p.candidates,
            fallback_volatility=p.fallback_volatility,
        )
        return Candidates(selection.unique(chosen), {"target_delta": target, "dte_days": float((expiry - today).days)})

    def propose(self, candidates: Candidates, market: MarketView, portfolio: PortfolioView, now: datetime) -> Sequence[Proposal | Skip]:
        """One rung, or two, or why none."""
        try:
            return [self._rung(candidates, market, portfolio.net_liquidation_value, now)]
        except Refusal as refusal:
            return [refusal.skip]

    def _rung(self, candidates: Candidates, market: MarketView, value: float, now: datetime) -> Proposal:
        p = self._p
        vix = known(market.vix_now(), SkipCode.NO_VIX)
        if vix < p.vix_from:
            raise Refusal(SkipCode.VIX_TOO_LOW, {"vix": vix, "vix_from": p.vix_from})
        target = candidates.numbers["target_delta"]
        quoted = selection.live(candidates.contracts, market, now)
        put = found(selection.by_delta(quoted, target, target - p.delta_tolerance, target + p.delta_tolerance))
        legs = (Leg(put.contract, -1, Role.NAKED_PUT),)
        price = known(net_price(legs, quotes_of((put.contract,), market, now)), SkipCode.NO_QUOTE)
        return opening(
            strategy=self.name,
            underlying=p.underlying,
            legs=legs,
            units=p.rungs * (2 if vix > p.vix_double_above else 1),
            price=price,
            now=now,
            loss_at_stop_points=exit_rules.planned_loss_points(p.stop_loss * price.mid, p.stop_share, value, put.contract.multiplier),
            numbers={**candidates.numbers, "vix": vix, "delta": abs(put.delta or 0.0), "strike": put.contract.strike},
            tags={"structure": "short_put"},
        )

    def manage(self, position: Position, market: MarketView, portfolio: PortfolioView, now: datetime) -> Exit | Hold:
        """Stop by credit or by account, profit target, 150 days."""
        p = self._p
        quotes = quotes_of((holding.contract for holding in position.holdings), market, now)
        profit, base = position.profit_dollars(quotes, at_mid=True), position.entry_credit_dollars
        return exit_rules.first_exit(
            exit_rules.loss_stop(profit, p.stop_loss * base),
            exit_rules.loss_stop(profit, p.stop_share * portfolio.net_liquidation_value, label="account_"),
            exit_rules.profit_target(profit, base, p.profit_target),
            exit_rules.days_left(now.date(), position.nearest_expiry, p.close_dte),
        )
