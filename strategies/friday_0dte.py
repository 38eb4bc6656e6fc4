"""Friday 0DTE: fade the morning's move with a spread, or sell a condor when there was none, on the week's last session (rulebook 2.1).

At 10:30 the move from the session's open decides: up by more than 0.5 % sells the call spread, down the put spread, else both. Short strikes lie at a
multiple of the daily ATR and must agree with a delta band and pay the least credit, else the band's target delta is sold. Half of the credit is taken by a resting order; the stop needs two fresh minutes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import ClassVar

from analysis.volatility import atr
from domain.contract import Contract, Leg, Right, Role
from domain.parameters import parameter
from domain.position import Position
from domain.proposal import Exit, Hold, Proposal, Skip
from domain.quote import ChainRow, net_price
from domain.state import ExitReason, SkipCode, Urgency
from domain.views import Calendar, MarketView, PortfolioView
from strategies import calendar_rules, exit_rules, selection
from strategies.base import Candidates, EntryPlan, Refusal, Strategy, band_problems, found, known, opening, quotes_of, window_problems

_SOURCE = "rulebook 2.1"
_NAME = {Right.PUT: "put", Right.CALL: "call"}


class Direction(StrEnum):
    """What is sold."""

    CALL_SPREAD = "call_spread"
    PUT_SPREAD = "put_spread"
    CONDOR = "condor"

    @property
    def rights(self) -> tuple[Right, ...]:
        """The sides that are sold."""
        return {Direction.CALL_SPREAD: (Right.CALL,), Direction.PUT_SPREAD: (Right.PUT,), Direction.CONDOR: (Right.PUT, Right.CALL)}[self]


@dataclass(frozen=True, slots=True)
class Friday0dteParameters:
    """Parameters of the section friday-0dte."""

    is_enabled: bool = parameter(True, "whether the strategy enters", source=_SOURCE)
    underlying: str = parameter("SPX", "index, ETF or stock with an expiry that day", source=_SOURCE, tunable=True)
    last_of_week: bool = parameter(
        True, "enter on the week's last session; off: on the weekdays listed", source=f"{_SOURCE} [PDF p13, p24]"
    )
    weekdays: tuple[int, ...] = parameter((4,), "entry weekdays when last_of_week is off", unit="0 = Monday", low=0, high=4, source=_SOURCE)
    entry_time: time = parameter(time(10, 30), "first attempt", unit="New York time", source=f"{_SOURCE} [PDF p11, 13, 24]", tunable=True)
    entry_until: time = parameter(time(10, 45), "last attempt", unit="New York time", source=f"{_SOURCE} (P)")
    lead_minutes: int = parameter(
        5, "candidates are subscribed this long before the first attempt", unit="minutes", low=1, high=60, source=_SOURCE
    )
    entry_before_close: int = parameter(
        60, "no entry later than this before the close", unit="minutes", low=1, high=390, source="rulebook 2 (P)"
    )
    exit_before_close: int = parameter(
        15, "every exit happens at least this long before the close", unit="minutes", low=1, high=120, source="rulebook 2 (P)"
    )
    blackout_dates: tuple[date, ...] = parameter(
        (), "days without entry (announcements of the Federal Reserve)", source=f"{_SOURCE} [PDF p38]"
    )
    vix_below: float = parameter(40.0, "no entry from this VIX on", unit="points", low=5.0, high=200.0, source=f"{_SOURCE} [PDF p24]")
    move: float = parameter(
        0.005,
        "move from the open beyond which one side is sold",
        unit="share of the open",
        low=0.0,
        high=0.1,
        source=f"{_SOURCE} [PDF p13]",
        tunable=True,
    )
    atr_sessions: int = parameter(14, "length of the average true range", unit="sessions", low=2, high=100, source=f"{_SOURCE} [PDF p3]")
    spread_atr: float = parameter(
        0.7, "distance of a spread's short strike", unit="ATR", low=0.05, high=5.0, source=f"{_SOURCE} [PDF p3, 24]", tunable=True
    )
    condor_atr: float = parameter(
        0.5, "distance of a condor's short strikes", unit="ATR", low=0.05, high=5.0, source=f"{_SOURCE} [PDF p4, 25]", tunable=True
    )
    spread_delta_low: float = parameter(0.10, "lowest delta of a spread's short strike", unit="delta", low=0.01, high=0.5, source=_SOURCE)
    spread_delta_high: float = parameter(0.25, "highest delta of a spread's short strike", unit="delta", low=0.01, high=0.6, source=_SOURCE)
    spread_delta: float = parameter(
        0.20, "a spread's short delta when the ATR strike is outside the band", unit="delta", low=0.01, high=0.6, source=_SOURCE
    )
    condor_delta_low: float = parameter(0.15, "lowest delta of a condor's short strikes", unit="delta", low=0.01, high=0.5, source=_SOURCE)
    condor_delta_high: float = parameter(
        0.30, "highest delta of a condor's short strikes", unit="delta", low=0.01, high=0.6, source=_SOURCE
    )
    condor_delta: float = parameter(
        0.25, "a condor's short delta when the ATR strike is outside the band", unit="delta", low=0.01, high=0.6, source=_SOURCE
    )
    wing: float = parameter(
        0.006,
        "distance of the long strike from the short one",
        unit="share of spot",
        low=0.0005,
        high=0.2,
        source=f"{_SOURCE} [PDF p3, 13]",
        tunable=True,
    )
    is_broken_wing: bool = parameter(False, "wider wing on the tested side of a condor", source=f"{_SOURCE} variants [PDF p4]")
    tested_wing: float = parameter(
        0.010, "wing of the tested side when broken", unit="share of spot", low=0.0005, high=0.2, source=f"{_SOURCE} variants"
    )
    minimum_credit: float = parameter(
        0.08, "least credit of each side", unit="share of the wing", low=0.0, high=1.0, source=f"{_SOURCE} (P)", tunable=True
    )
    has_credit_guard: bool = parameter(
        True,
        "where the ATR strike's credit is below the floor, sell the strike nearest to the delta target that pays it; off: no entry",
        source="project (P; the floor needs about 20 delta on 30 points, the bands begin at 10 and 15)",
    )
    widest_spread: float = parameter(
        0.5,
        "widest bid-ask spread of the structure: the stop looks at closing prices, a wider one would stop the trade as it opens",
        unit="share of the loss that stops",
        low=0.01,
        high=10.0,
        source="project (P)",
    )
    profit_target: float = parameter(
        0.50, "profit taken", unit="share of credit", low=0.05, high=1.0, source=f"{_SOURCE} [PDF p3, 9, 13]", tunable=True
    )
    has_resting_target: bool = parameter(True, "take profit with a resting order; off: checked every minute", source=_SOURCE)
    stop_loss: float = parameter(1.0, "loss that stops", unit="credits", low=0.1, high=10.0, source=f"{_SOURCE} [PDF p25]", tunable=True)
    stop_hits: int = parameter(2, "breached minutes in a row that stop", unit="minutes", low=1, high=10, source=_SOURCE)
    close_time: time = parameter(
        time(15, 0), "what is left is closed, walking the price", unit="New York time", source=f"{_SOURCE} [PDF p13, 25]"
    )
    hard_close_time: time = parameter(
        time(15, 45), "what is still left is closed at the natural price", unit="New York time", source=_SOURCE
    )
    strikes_per_side: int = parameter(
        10,
        "short strikes subscribed on each side",
        unit="strikes",
        low=2,
        high=40,
        source="project (subscriptions are what a backtest costs)",
    )
    fallback_volatility: float = parameter(
        0.20, "assumed when yesterday's figures imply none; chooses subscriptions only", unit="a year", low=0.01, high=5.0, source="project"
    )
    units: int = parameter(
        4, "units proposed; risk reduces them to the phase's", unit="contracts per leg", low=1, high=100, source="rulebook 1"
    )

    def problems(self) -> list[str]:
        """Contradictions between fields."""
        found = band_problems(self, "spread_delta", "condor_delta") + window_problems(self.entry_time, self.entry_until)
        if not self.entry_until < self.close_time <= self.hard_close_time:
            found.append(
                f"close-time is {self.close_time:%H:%M}, expected after entry-until and not after hard-close-time {self.hard_close_time:%H:%M}"
            )
        return found


@dataclass(frozen=True, slots=True)
class _Side:
    short: Contract
    long: Contract
    delta: float

    def legs(self) -> tuple[Leg, Leg]:
        is_put = self.short.right is Right.PUT
        return (
            Leg(self.short, -1, Role.SHORT_PUT if is_put else Role.SHORT_CALL),
            Leg(self.long, 1, Role.LONG_PUT if is_put else Role.LONG_CALL),
        )

    @property
    def width(self) -> float:
        return abs(self.long.strike - self.short.strike)


class Friday0dte(Strategy):
    """The strategy of rulebook 2.1."""

    name: ClassVar[str] = "friday_0dte"

    def __init__(self, parameters: Friday0dteParameters) -> None:
        """Take the parameters; nothing else is kept."""
        self._p = parameters

    @property
    def underlyings(self) -> tuple[str, ...]:
        """The one underlying."""
        return (self._p.underlying,)

    @property
    def manages_every_minute(self) -> bool:
        """The stop wants a look each minute."""
        return True

    def entry_plan(self, day: date, calendar: Calendar) -> EntryPlan | Skip:
        """The week's last session, unless it is blacked out or closes too early."""
        p = self._p
        session = calendar.session(day)
        if not p.is_enabled:
            return Skip(SkipCode.NOT_ENTRY_DAY, detail="disabled")
        if session is None:
            return Skip(SkipCode.HOLIDAY)
        if p.last_of_week:
            is_entry, is_moved = calendar_rules.last_session_of_week(day, calendar) == day, day.weekday() != calendar_rules.FRIDAY
        else:
            is_entry, is_moved = day.weekday() in p.weekdays, False
        if not is_entry:
            return Skip(SkipCode.NOT_ENTRY_DAY, {"weekday": float(day.weekday())})
        if day in p.blackout_dates:
            return Skip(SkipCode.BLACKOUT_DAY)
        return calendar_rules.entry_window(
            session, p.entry_time, p.entry_until, lead_minutes=p.lead_minutes, minutes_before_close=p.entry_before_close, is_moved=is_moved
        )

    def candidates(self, market: MarketView, portfolio: PortfolioView, now: datetime) -> Candidates | Skip:
        """Short strikes around the ATR distances and the delta targets on both sides, each with its wing."""
        if portfolio.of_strategy(self.name) or portfolio.pending_of(self.name):
            return Skip(SkipCode.ALREADY_OPEN)
        try:
            return self._candidates(market, now)
        except Refusal as refusal:
            return refusal.skip

    def _candidates(self, market: MarketView, now: datetime) -> Candidates:
        p = self._p
        session = known(market.session(now.date()), SkipCode.HOLIDAY)
        chain = known(market.chain(p.underlying), SkipCode.NO_CHAIN)
        spot = known(market.spot(p.underlying), SkipCode.NO_SPOT)
        rows = selection.series(chain, now.date(), ends_from=session.closes_at)
        if not rows:
            raise Refusal(SkipCode.NO_EXPIRY, {"listed": float(len(chain.rows))}, "nothing listed expires at today's close")
        bars = market.daily_bars(p.underlying, 5 * p.atr_sessions)
        true_range = known(atr(bars.high, bars.low, bars.close, p.atr_sessions), SkipCode.NO_HISTORY, {"sessions": float(len(bars))})
        estimates = selection.estimated_deltas(rows, market, now, p.fallback_volatility).deltas
        contracts: list[Contract] = []
        numbers = {"atr": true_range, "spot_at_choice": spot}
        for right in Right:
            side = selection.of_right(rows, right)
            shorts = self._short_candidates(side, right, spot, true_range, estimates)
            if shorts:
                numbers |= {f"{_NAME[right]}_lowest": shorts[0].strike, f"{_NAME[right]}_highest": shorts[-1].strike}
            wings = {p.wing, p.tested_wing} if p.is_broken_wing else {p.wing}
            longs = [self._wing_of(short, [row.contract for row in side], wing * spot) for short in shorts for wing in wings]
            contracts += shorts + [long for long in longs if long is not None]
        return Candidates(selection.unique(contracts), numbers)

    def _short_candidates(
        self, side: Sequence[ChainRow], right: Right, spot: float, true_range: float, estimates: Mapping[str, float]
    ) -> list[Contract]:
        p = self._p
        sign = 1.0 if right is Right.CALL else -1.0
        wanted = [spot + sign * p.spread_atr * true_range, spot + sign * p.condor_atr * true_range]
        for target in (p.spread_delta, p.condor_delta):
            out = [row.contract for row in side if row.contract.key in estimates and sign * (row.contract.strike - spot) > 0.0]
            near = min(out, key=lambda contract, target=target: (abs(estimates[contract.key] - target), contract.strike), default=None)  # type: ignore[misc]  # mypy cannot infer a lambda with a bound default
            wanted += [near.strike] if near is not None else []
        strikes = sorted({row.contract.strike for row in side})
        inside = [k for k in strikes if min(wanted) <= k <= max(wanted)]
        around = [k for k in strikes if k < min(wanted)][-1:] + inside + [k for k in strikes if k > max(wanted)][:1]
        kept = set(around) if len(around) <= p.strikes_per_side else _spread_over(around, wanted, p.strikes_per_side)
        return [row.contract for row in side if row.contract.strike in kept]

    @staticmethod
    def _wing_of(short: Contract, contracts: Sequence[Contract], width: float) -> Contract | None:
        """The listed strike nearest to `width` points further out, never the short strike itself."""
        sign = 1.0 if short.right is Right.CALL else -1.0
        further = (c for c in contracts if c.right is short.right and sign * (c.strike - short.strike) > 0.0)
        return selection.nearest_strike(further, short.strike + sign * width)

    def propose(self, candidates: Candidates, market: MarketView, portfolio: PortfolioView, now: datetime) -> Sequence[Proposal | Skip]:
        """One condor or spread, or why none."""
        if portfolio.of_strategy(self.name) or portfolio.pending_of(self.name):
            return [Skip(SkipCode.ALREADY_OPEN)]
        try:
            return [self._structure(candidates, market, now)]
        except Refusal as refusal:
            return [refusal.skip]

    def _structure(self, candidates: Candidates, market: MarketView, now: datetime) -> Proposal:
        p = self._p
        vix = known(market.vix_now(), SkipCode.NO_VIX)
        if vix >= p.vix_below:
            raise Refusal(SkipCode.VIX_TOO_HIGH, {"vix": vix, "vix_below": p.vix_below})
        spot = known(market.spot(p.underlying), SkipCode.NO_SPOT)
        opened = known(market.session_open(p.underlying) or None, SkipCode.NO_SESSION_OPEN)
        move = spot / opened - 1.0
        direction = Direction.CALL_SPREAD if move > p.move else Direction.PUT_SPREAD if move < -p.move else Direction.CONDOR
        numbers = {**candidates.numbers, "spot": spot, "session_open": opened, "move": move, "vix": vix}
        sides = [self._side(direction, right, candidates, market, now, numbers) for right in direction.rights]
        return self._priced(direction, sides, market, now, numbers)

    def _side(
        self, direction: Direction, right: Right, candidates: Candidates, market: MarketView, now: datetime, numbers: Mapping[str, float]
    ) -> _Side:
        p = self._p
        spot, move = numbers["spot"], numbers["move"]
        is_condor = direction is Direction.CONDOR
        low, target, high = (
            (p.condor_delta_low, p.condor_delta, p.condor_delta_high)
            if is_condor
            else (p.spread_delta_low, p.spread_delta, p.spread_delta_high)
        )
        sign = 1.0 if right is Right.CALL else -1.0
        contracts = [c for c in self._shorts(candidates, right) if sign * (c.strike - spot) > 0.0]
        at_distance = selection.nearest_strike(contracts, spot + sign * (p.condor_atr if is_condor else p.spread_atr) * numbers["atr"])
        chosen = None if at_distance is None else next(iter(selection.live([at_distance], market, now)), None)
        is_tested = sign * move > 0.0
        width = (p.tested_wing if p.is_broken_wing and is_condor and is_tested else p.wing) * spot
        is_agreed = chosen is not None and chosen.delta is not None and low <= abs(chosen.delta) <= high
        if chosen is None or not is_agreed or not self._pays(chosen.contract, width, candidates, market, now):
            quoted = selection.live(contracts, market, now)
            fitting = [one for one in quoted if one.delta is not None and low <= abs(one.delta) <= high]
            paying = [one for one in fitting if self._pays(one.contract, width, candidates, market, now)]
            chosen = found(selection.by_delta(paying or quoted, target, low, high), numbers, f"{direction} {right}")
        long = self._wing_of(chosen.contract, candidates.contracts, width)
        short_strike = {**numbers, "short_strike": chosen.contract.strike, "wing_points": width}
        return _Side(chosen.contract, known(long, SkipCode.NO_STRIKE_IN_BAND, short_strike, "no wing listed"), abs(chosen.delta or 0.0))

    def _pays(self, short: Contract, width: float, candidates: Candidates, market: MarketView, now: datetime) -> bool:
        """Whether the spread at this short strike brings the least credit; an unknown price is left to be told by the final one."""
        long = self._wing_of(short, candidates.contracts, width)
        if long is None or not self._p.has_credit_guard:
            return True
        side = _Side(short, long, 0.0)
        price = net_price(side.legs(), quotes_of((short, long), market, now))
        return price is None or price.mid >= self._p.minimum_credit * side.width

    @staticmethod
    def _shorts(candidates: Candidates, right: Right) -> list[Contract]:
        """The contracts chosen as short strikes: those beyond them are there as their wings only."""
        name, numbers = _NAME[right], candidates.numbers
        if f"{name}_lowest" not in numbers:
            return []
        low, high = numbers[f"{name}_lowest"], numbers[f"{name}_highest"]
        return [contract for contract in candidates.contracts if contract.right is right and low <= contract.strike <= high]

    def _priced(
        self, direction: Direction, sides: Sequence[_Side], market: MarketView, now: datetime, numbers: dict[str, float]
    ) -> Proposal:
        p = self._p
        legs = [leg for side in sides for leg in side.legs()]
        quotes = quotes_of((leg.contract for leg in legs), market, now)
        for side in sides:
            name = _NAME[side.short.right]
            numbers |= {f"{name}_short_strike": side.short.strike, f"{name}_long_strike": side.long.strike, f"{name}_delta": side.delta}
            credit = known(net_price(side.legs(), quotes), SkipCode.NO_QUOTE, numbers, name).mid
            floor = p.minimum_credit * side.width
            numbers |= {f"{name}_credit": credit, f"{name}_credit_floor": floor}
            if credit < floor or credit <= 0.0:
                raise Refusal(SkipCode.CREDIT_BELOW_FLOOR, numbers, name)
        whole = known(net_price(legs, quotes), SkipCode.NO_QUOTE, numbers)
        numbers["credit_floor"] = sum(p.minimum_credit * side.width for side in sides)
        numbers |= {"spread": 2.0 * (whole.mid - whole.natural), "spread_limit": p.widest_spread * p.stop_loss * whole.mid}
        if numbers["spread"] > numbers["spread_limit"]:
            raise Refusal(SkipCode.SPREAD_TOO_WIDE, numbers)
        return opening(
            strategy=self.name,
            underlying=p.underlying,
            legs=legs,
            units=p.units,
            price=whole,
            now=now,
            loss_at_stop_points=p.stop_loss * whole.mid,
            worst_credit=numbers["credit_floor"],
            numbers=numbers,
            tags={"direction": direction.value, "variant": "broken_wing" if p.is_broken_wing else "standard"},
        )

    def manage(self, position: Position, market: MarketView, portfolio: PortfolioView, now: datetime) -> Exit | Hold:  # noqa: ARG002  # one day's trade looks at nothing else
        """Hard close, close, stop, then the profit target where no resting order takes it."""
        p = self._p
        session = market.session(now.date())
        if session is None:
            return Hold(position.stop_breaches)
        quotes = quotes_of((holding.contract for holding in position.holdings), market, now)
        profit = position.profit_dollars(quotes)
        hard = calendar_rules.exit_time(session, p.hard_close_time, p.exit_before_close)
        close = calendar_rules.exit_time(session, p.close_time, p.exit_before_close)
        base = position.entry_credit_dollars
        fresh = exit_rules.are_losing_shorts_fresh(position.holdings, quotes, now, timedelta(minutes=1))
        outcomes = [
            exit_rules.time_of_day(now, hard, ExitReason.HARD_TIME, Urgency.NATURAL),
            exit_rules.time_of_day(now, close, ExitReason.TIME),
            exit_rules.loss_stop(profit, p.stop_loss * base, breaches=position.stop_breaches, hits=p.stop_hits, is_fresh=fresh),
        ]
        if not p.has_resting_target:
            outcomes.append(exit_rules.profit_target(profit, base, p.profit_target))
        return exit_rules.first_exit(*outcomes)

    def resting_exit(self, position: Position) -> float | None:
        """The debit per unit that leaves the target's share of the credit, as a negative cash flow in points."""
        credit = self._credit_points(position)
        if not self._p.has_resting_target or credit is None:
            return None
        return -(1.0 - self._p.profit_target) * credit

    @staticmethod
    def _credit_points(position: Position) -> float | None:
        if not position.holdings or position.entry_credit_dollars <= 0.0 or position.units < 1:
            return None
        return position.entry_credit_dollars / (position.units * position.holdings[0].contract.multiplier)


def _spread_over(strikes: Sequence[float], wanted: Sequence[float], count: int) -> set[float]:
    """At most `count` strikes: the nearest to each wanted price, then the middle of the widest gap between those kept, so that none stays wide."""
    kept = {min(range(len(strikes)), key=lambda i, price=price: (abs(strikes[i] - price), i)) for price in wanted}  # type: ignore[misc]  # mypy cannot infer a lambda with a bound default
    kept = set(sorted(kept)[:count])
    while len(kept) < count:
        places = sorted(kept | {-1, len(strikes)})
        before, after = max(pairwise(places), key=lambda gap: gap[1] - gap[0])
        if after - before < 2:
            break
        kept.add((before + after) // 2)
    return {strikes[i] for i in kept}
