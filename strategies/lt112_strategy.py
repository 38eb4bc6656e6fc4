"""LT112, the long-term 1-1-2: a put debit spread paid for by two far puts, in one order of three legs (rulebook 2.2).

The two naked puts earn and are managed; what is left of the spread stays as a hedge. On futures options where the account carries one such unit, else
the same structure on the share, about a fifth of the size. Losers are closed, never rolled.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import ClassVar

from analysis.volatility import highest
from domain.contract import Contract, Leg, Right, Role, UnsupportedProductError, product_of
from domain.parameters import parameter
from domain.position import Holding, Position
from domain.proposal import Exit, Hold, Proposal, Skip
from domain.quote import ChainRow, NetPrice, OptionChain, Quote, net_price
from domain.state import ExitReason, SkipCode
from domain.views import Calendar, MarketView, PortfolioView
from strategies import calendar_rules, exit_rules, selection
from strategies.base import Candidates, EntryPlan, Refusal, Strategy, band_problems, found, known, opening, quotes_of, window_problems

_SOURCE = "rulebook 2.2"
_SESSIONS_OF_52_WEEKS = 252
_SHORT_OF = "short_strike_of_"


@dataclass(frozen=True, slots=True)
class Lt112Parameters:
    """Parameters of the section lt112."""

    is_enabled: bool = parameter(True, "whether the strategy enters", source=_SOURCE)
    future: str = parameter("ES", "root whose options are traded where one unit fits; empty: never", source=_SOURCE, tunable=True)
    share: str = parameter("SPY", "traded where no unit on the future fits", source=_SOURCE, tunable=True)
    future_from_phase: int = parameter(3, "first phase with a unit on the future", unit="phase", low=1, high=5, source="rulebook 1")
    future_stress_loss: float = parameter(
        0.12,
        "loss of one future unit in the first stress, the tail room's measure",
        unit="share of notional",
        low=0.0,
        high=1.0,
        source="project: 8 % at VIX 22 to 12 % at VIX 14, measured on generated 1-1-2s",
    )
    future_stress_room: float = parameter(
        0.10, "crash loss the account bears", unit="share of NLV", low=0.001, high=1.0, source="rulebook 3.4 (P)"
    )
    weekday: int = parameter(2, "entry weekday; a holiday moves it to the next session", unit="0 = Monday", low=0, high=4, source=_SOURCE)
    weeks: tuple[int, ...] = parameter((1,), "which of them in the month", unit="nth", low=1, high=5, source=f"{_SOURCE} [PDF p16, 25]")
    extra_weeks: tuple[int, ...] = parameter(
        (2, 3), "further ones for large accounts", unit="nth", low=1, high=5, source=f"{_SOURCE} [PDF p25]"
    )
    extra_from_phase: int = parameter(4, "first phase that uses them", unit="phase", low=1, high=5, source=_SOURCE)
    entry_time: time = parameter(time(10, 0), "first attempt", unit="New York time", source=_SOURCE)
    entry_until: time = parameter(time(10, 10), "last attempt", unit="New York time", source=_SOURCE)
    lead_minutes: int = parameter(5, "candidates are subscribed ahead", unit="minutes", low=1, high=60, source="project")
    entry_before_close: int = parameter(60, "no entry later before the close", unit="minutes", low=1, high=390, source="rulebook 2 (P)")
    dte: int = parameter(
        120, "days to expiry sought", unit="calendar days", low=1, high=1000, source=f"{_SOURCE} [PDF, LAR, EPK]", tunable=True
    )
    dte_low: int = parameter(90, "fewest", unit="calendar days", low=1, high=1000, source=_SOURCE)
    dte_high: int = parameter(150, "most", unit="calendar days", low=1, high=1000, source=_SOURCE)
    is_calendarized: bool = parameter(False, "spread and naked puts in expiries of their own", source=f"{_SOURCE} variant [CAL]")
    spread_dte: int = parameter(150, "spread's days to expiry when calendarized", unit="calendar days", low=1, high=1000, source=_SOURCE)
    naked_dte: int = parameter(30, "naked puts' days to expiry when calendarized", unit="calendar days", low=1, high=1000, source=_SOURCE)
    dte_tolerance: int = parameter(
        8, "allowed difference to both when calendarized", unit="calendar days", low=0, high=200, source="project"
    )
    long_delta: float = parameter(
        0.25, "delta of the spread's long put", unit="delta", low=0.01, high=0.6, source=f"{_SOURCE} [PDF p16]", tunable=True
    )
    long_delta_low: float = parameter(0.22, "lowest", unit="delta", low=0.01, high=0.6, source=_SOURCE)
    long_delta_high: float = parameter(0.28, "highest", unit="delta", low=0.01, high=0.6, source=_SOURCE)
    width: float = parameter(0.01, "width of the spread", unit="share of the price", low=0.001, high=0.2, source=_SOURCE)
    naked_delta: float = parameter(0.05, "delta of the naked puts", unit="delta", low=0.01, high=0.5, source=_SOURCE, tunable=True)
    naked_delta_low: float = parameter(0.04, "lowest", unit="delta", low=0.005, high=0.5, source=_SOURCE)
    naked_delta_high: float = parameter(0.08, "highest", unit="delta", low=0.005, high=0.5, source=_SOURCE)
    minimum_credit: float = parameter(
        0.003, "least net credit", unit="share of the price", low=-0.05, high=0.1, source=f"{_SOURCE} (P)", tunable=True
    )
    maximum_debit: float = parameter(0.0025, "dearest spread", unit="share of the price", low=0.0, high=0.1, source=_SOURCE)
    high_distance: float = parameter(
        0.01, "distance to the 52-week high that stops entries", unit="share of the high", low=0.0, high=0.5, source=_SOURCE
    )
    high_vix: float = parameter(
        15.0, "VIX from which the high does not matter", unit="points", low=0.0, high=200.0, source=f"{_SOURCE} (P)"
    )
    vix_below: float = parameter(35.0, "no entry from this VIX on", unit="points", low=5.0, high=200.0, source=_SOURCE)
    naked_target: float = parameter(
        0.90, "profit taken on the naked puts", unit="share of their credit", low=0.05, high=1.0, source=_SOURCE, tunable=True
    )
    naked_stop: float = parameter(
        2.0, "loss that stops them", unit="their credits", low=0.1, high=20.0, source=f"{_SOURCE} [LAR, EPK]", tunable=True
    )
    account_stop: float = parameter(
        0.02, "loss of the structure that stops them", unit="share of NLV", low=0.001, high=0.5, source=f"{_SOURCE} [LAR]"
    )
    stop_delta: float = parameter(0.30, "delta that closes them", unit="delta", low=0.05, high=1.0, source=_SOURCE)
    distance: float = parameter(
        0.015, "distance to their strike that closes everything", unit="share of the price", low=0.0, high=0.5, source=_SOURCE
    )
    naked_close_dte: int = parameter(
        30, "they are closed at this many days at the latest", unit="calendar days", low=0, high=1000, source=_SOURCE
    )
    calendarized_close_dte: int = parameter(7, "the same when calendarized", unit="calendar days", low=0, high=1000, source="project")
    hedge_value: float = parameter(0.90, "worth at which the hedge is closed", unit="share of its width", low=0.1, high=1.0, source=_SOURCE)
    hedge_close_dte: int = parameter(7, "the hedge is closed at this many days", unit="calendar days", low=0, high=1000, source=_SOURCE)
    candidates_per_leg: int = parameter(6, "puts subscribed for each choice by delta", unit="contracts", low=2, high=60, source="project")
    fallback_volatility: float = parameter(
        0.22, "assumed when yesterday's figures imply none", unit="a year", low=0.01, high=5.0, source="project"
    )
    units: int = parameter(10, "units proposed; risk reduces them to the phase's", unit="units", low=1, high=100, source="rulebook 1")

    def problems(self) -> list[str]:
        """Contradictions between fields, and futures without option data."""
        problems = band_problems(self, "long_delta", "naked_delta", "dte") + window_problems(self.entry_time, self.entry_until)
        if self.naked_close_dte >= self.dte_low:
            problems.append(f"naked-close-dte is {self.naked_close_dte}, expected below dte-low {self.dte_low}")
        if self.calendarized_close_dte >= self.naked_dte - self.dte_tolerance:
            problems.append(f"calendarized-close-dte is {self.calendarized_close_dte}, expected below naked-dte less dte-tolerance")
        for field in ("future", "share"):
            try:
                product_of(getattr(self, field))
            except UnsupportedProductError as error:
                problems.append(f"{field}: {error}")
        return problems


class Lt112(Strategy):
    """The strategy of rulebook 2.2."""

    name: ClassVar[str] = "lt112"

    def __init__(self, parameters: Lt112Parameters) -> None:
        """Take the parameters; nothing else is kept."""
        self._p = parameters

    @property
    def underlyings(self) -> tuple[str, ...]:
        """The future and the share."""
        return tuple(name for name in (self._p.future, self._p.share) if name)

    @property
    def manages_every_minute(self) -> bool:
        """Months need no minute."""
        return False

    def entry_plan(self, day: date, calendar: Calendar) -> EntryPlan | Skip:
        """The session that stands for one of the month's entry weekdays; extra weeks are left to `candidates`, which knows the phase."""
        p, session = self._p, calendar.session(day)
        if session is None:
            return Skip(SkipCode.HOLIDAY)
        nominal = calendar_rules.monthly_nominal(day, p.weekday, (*p.weeks, *p.extra_weeks), calendar)
        if not p.is_enabled or nominal is None:
            return Skip(SkipCode.NOT_ENTRY_DAY)
        return calendar_rules.entry_window(
            session,
            p.entry_time,
            p.entry_until,
            lead_minutes=p.lead_minutes,
            minutes_before_close=p.entry_before_close,
            is_moved=nominal != day,
        )

    def candidates(self, market: MarketView, portfolio: PortfolioView, now: datetime) -> Candidates | Skip:
        """Puts around the two deltas in an expiry no other LT112 uses, each long candidate with its short."""
        try:
            return self._candidates(market, portfolio, now)
        except Refusal as refusal:
            return refusal.skip

    def _candidates(self, market: MarketView, portfolio: PortfolioView, now: datetime) -> Candidates:
        p, today = self._p, now.date()
        phase = portfolio.facts.get("phase")
        if calendar_rules.monthly_nominal(today, p.weekday, p.weeks, market) is None and (phase is None or phase < p.extra_from_phase):
            raise Refusal(SkipCode.NOT_ENTRY_DAY, {} if phase is None else {"phase": phase}, "an extra week for larger accounts")
        underlying, reason = self._underlying(market, portfolio, phase)
        chain = known(market.chain(underlying), SkipCode.NO_CHAIN, detail=underlying)
        price = known(market.spot(underlying), SkipCode.NO_SPOT, detail=underlying)
        spread_rows, naked_rows = self._rows(chain, portfolio, today)
        longs = self._near_delta(spread_rows, market, now, p.long_delta_low, p.long_delta_high)
        listed = [row.contract for row in spread_rows]
        pairs = [(long, short) for long in longs if (short := _below(long, listed, p.width * price)) is not None]
        nakeds = self._near_delta(naked_rows, market, now, p.naked_delta_low, p.naked_delta_high)
        numbers = reason | {_short_of(long): short.strike for long, short in pairs}
        return Candidates(selection.unique([*(leg for pair in pairs for leg in pair), *nakeds]), numbers, {"underlying": underlying})

    def _underlying(self, market: MarketView, portfolio: PortfolioView, phase: float | None) -> tuple[str, dict[str, float]]:
        """The future where its phase is reached and one unit's crash loss fits the account, else the share; with the figures."""
        p = self._p
        numbers = {} if phase is None else {"phase": phase}
        if not p.future:
            return p.share, numbers
        chain, price = market.chain(p.future), market.spot(p.future)
        if phase is None or phase < p.future_from_phase or price is None or chain is None:
            return p.share, numbers
        numbers["future_unit_stress_dollars"] = p.future_stress_loss * price * next(iter(chain.by_expiry.values()))[0].contract.multiplier
        numbers["future_stress_room_dollars"] = p.future_stress_room * portfolio.net_liquidation_value
        fits = numbers["future_unit_stress_dollars"] <= numbers["future_stress_room_dollars"]
        return (p.future if fits else p.share), numbers

    def _rows(self, chain: OptionChain, portfolio: PortfolioView, today: date) -> tuple[list[ChainRow], list[ChainRow]]:
        """Puts of the spread's and of the naked puts' expiry: the same one unless calendarized."""
        p = self._p
        used = self._expiries_in_use(portfolio)
        listed = set(chain.expiries(today, 0, p.dte_high + p.spread_dte))
        free = listed - used
        code = {"expiries_in_use": float(len(used & listed))}
        if not p.is_calendarized:
            expiry = selection.nearest_expiry(free, today, p.dte, p.dte_low, p.dte_high)
            if isinstance(expiry, Skip) and not isinstance(selection.nearest_expiry(listed, today, p.dte, p.dte_low, p.dte_high), Skip):
                raise Refusal(SkipCode.EXPIRY_IN_USE, code)
            rows = selection.of_right(selection.series(chain, found(expiry, code)), Right.PUT)
            return rows, rows
        near, far = (
            found(selection.nearest_expiry(free, today, dte, dte - p.dte_tolerance, dte + p.dte_tolerance), code)
            for dte in (p.naked_dte, p.spread_dte)
        )
        return (
            selection.of_right(selection.series(chain, far), Right.PUT),
            selection.of_right(selection.series(chain, near), Right.PUT),
        )

    def _expiries_in_use(self, portfolio: PortfolioView) -> set[date]:
        held = {holding.contract.expiry for position in portfolio.of_strategy(self.name) for holding in position.holdings}
        return held | {leg.contract.expiry for proposal in portfolio.pending_of(self.name) for leg in proposal.legs}

    def _near_delta(self, rows: Sequence[ChainRow], market: MarketView, now: datetime, low: float, high: float) -> list[Contract]:
        p = self._p
        return selection.band_candidates(
            rows, market, now, low=low, high=high, count=p.candidates_per_leg, fallback_volatility=p.fallback_volatility
        )

    def propose(self, candidates: Candidates, market: MarketView, portfolio: PortfolioView, now: datetime) -> Sequence[Proposal | Skip]:
        """One 1-1-2, or why none."""
        if portfolio.pending_of(self.name):
            return [Skip(SkipCode.ALREADY_OPEN)]
        try:
            return [self._structure(candidates, market, portfolio.net_liquidation_value, now)]
        except Refusal as refusal:
            return [refusal.skip]

    def _structure(self, candidates: Candidates, market: MarketView, value: float, now: datetime) -> Proposal:
        p, underlying = self._p, candidates.tags["underlying"]
        numbers = self._filtered(underlying, market) | {k: v for k, v in candidates.numbers.items() if not k.startswith(_SHORT_OF)}
        by_expiry = sorted({contract.expiry for contract in candidates.contracts})
        far = [c for c in candidates.contracts if c.expiry == by_expiry[-1]] if by_expiry else []
        near = [c for c in candidates.contracts if c.expiry == by_expiry[0]] if by_expiry else []
        longs = selection.live([contract for contract in far if _short_of(contract) in candidates.numbers], market, now)
        long = found(selection.by_delta(longs, p.long_delta, p.long_delta_low, p.long_delta_high), numbers, "long put")
        price = known(selection.underlying_price(long.contract, market), SkipCode.NO_SPOT)
        numbers |= {"price": price, "long_strike": long.contract.strike, "long_delta": abs(long.delta or 0.0)}
        short = next(contract for contract in far if contract.strike == candidates.numbers[_short_of(long.contract)])
        nakeds = [one for one in selection.live(near, market, now) if one.contract.strike < short.strike]
        naked = found(selection.by_delta(nakeds, p.naked_delta, p.naked_delta_low, p.naked_delta_high), numbers, "naked puts")
        numbers |= {"short_strike": short.strike, "naked_strike": naked.contract.strike, "naked_delta": abs(naked.delta or 0.0)}
        spread = (Leg(long.contract, 1, Role.HEDGE_LONG), Leg(short, -1, Role.HEDGE_SHORT))
        legs = (*spread, Leg(naked.contract, -2, Role.NAKED_PUT))
        quotes = quotes_of((leg.contract for leg in legs), market, now)
        whole = self._price_within_limits(spread, legs, quotes, price, numbers)
        numbers |= {"dte_days": float(naked.contract.dte_days(now.date())), "naked_credit": 2.0 * naked.mid}
        return opening(
            strategy=self.name,
            underlying=underlying,
            legs=legs,
            units=p.units,
            price=whole,
            now=now,
            loss_at_stop_points=exit_rules.planned_loss_points(
                p.naked_stop * 2.0 * naked.mid, p.account_stop, value, naked.contract.multiplier
            ),
            worst_credit=numbers["credit_floor"],
            numbers=numbers,
            tags={"variant": "calendarized" if p.is_calendarized else "standard"},
        )

    def _price_within_limits(
        self, spread: Sequence[Leg], legs: Sequence[Leg], quotes: dict[str, Quote], price: float, numbers: dict[str, float]
    ) -> NetPrice:
        p = self._p
        debit = -known(net_price(spread, quotes), SkipCode.NO_QUOTE, numbers).mid
        whole = known(net_price(legs, quotes), SkipCode.NO_QUOTE, numbers)
        numbers |= {
            "spread_debit": debit,
            "debit_cap": p.maximum_debit * price,
            "credit": whole.mid,
            "credit_floor": p.minimum_credit * price,
        }
        if debit > p.maximum_debit * price:
            raise Refusal(SkipCode.DEBIT_ABOVE_CAP, numbers)
        if whole.mid < p.minimum_credit * price:
            raise Refusal(SkipCode.CREDIT_BELOW_FLOOR, numbers)
        return whole

    def _filtered(self, underlying: str, market: MarketView) -> dict[str, float]:
        p = self._p
        vix = known(market.vix_now(), SkipCode.NO_VIX)
        numbers = {"vix": vix}
        if vix >= p.vix_below:
            raise Refusal(SkipCode.VIX_TOO_HIGH, {**numbers, "vix_below": p.vix_below})
        spot = known(market.spot(underlying), SkipCode.NO_SPOT)
        bars = market.daily_bars(underlying, _SESSIONS_OF_52_WEEKS)
        if vix < p.high_vix:
            high = known(highest(bars.high, _SESSIONS_OF_52_WEEKS), SkipCode.NO_HISTORY, numbers)
            numbers["high_52_weeks"] = high
            if spot >= (1.0 - p.high_distance) * high:
                raise Refusal(SkipCode.NEAR_HIGH, {**numbers, "spot": spot, "high_distance": p.high_distance})
        return numbers

    def manage(self, position: Position, market: MarketView, portfolio: PortfolioView, now: datetime) -> Exit | Hold:
        """The naked puts by price, delta, distance and time; afterwards the hedge by its worth and time."""
        naked = position.with_roles(Role.NAKED_PUT)
        quotes = quotes_of((holding.contract for holding in position.holdings), market, now)
        if not naked:
            return self._manage_hedge(position, quotes, now)
        p, keys = self._p, exit_rules.keys_of(naked)
        credit = exit_rules.opening_cash(naked)
        naked_profit = exit_rules.holdings_profit(naked, quotes, at_mid=True)
        structure_profit = position.profit_dollars(quotes, at_mid=True)
        price = selection.underlying_price(naked[0].contract, market)
        limit = self._p.calendarized_close_dte if position.tags.get("variant") == "calendarized" else p.naked_close_dte
        return exit_rules.first_exit(
            exit_rules.distance(price, max(holding.contract.strike for holding in naked), p.distance),
            exit_rules.loss_stop(naked_profit, p.naked_stop * credit, legs=keys, label="naked_"),
            exit_rules.loss_stop(structure_profit, p.account_stop * portfolio.net_liquidation_value, legs=keys, label="structure_"),
            exit_rules.delta_limit(_largest_delta(naked, market, now), p.stop_delta, legs=keys),
            exit_rules.profit_target(naked_profit, credit, p.naked_target, keys, "naked_"),
            exit_rules.days_left(now.date(), min(holding.contract.expiry for holding in naked), limit, legs=keys),
        )

    def _manage_hedge(self, position: Position, quotes: dict[str, Quote], now: datetime) -> Exit | Hold:
        p, hedge = self._p, position.holdings
        strikes = [holding.contract.strike for holding in hedge]
        quantity = max((abs(holding.quantity) for holding in hedge), default=0)
        full = (max(strikes) - min(strikes)) * quantity * hedge[0].contract.multiplier if len(hedge) > 1 else 0.0
        value = exit_rules.holdings_value(hedge, quotes, at_mid=True)
        return exit_rules.first_exit(
            exit_rules.value_share(value, full, p.hedge_value, ExitReason.HEDGE_VALUE),
            exit_rules.days_left(now.date(), position.nearest_expiry, p.hedge_close_dte),
        )


def _below(long: Contract, listed: Iterable[Contract], width: float) -> Contract | None:
    """The listed put nearest to `width` points below a long put, of the same expiry."""
    lower = [c for c in listed if c.expiry == long.expiry and c.strike < long.strike]
    return selection.nearest_strike(lower, long.strike - width)


def _short_of(long: Contract) -> str:
    """Name of the figure that pairs a long put with the strike of its short one."""
    return f"{_SHORT_OF}{long.strike:g}"


def _largest_delta(holdings: Sequence[Holding], market: MarketView, now: datetime) -> float | None:
    deltas = [selection.live_delta(holding.contract, market, now) for holding in holdings]
    return max((abs(delta) for delta in deltas if delta is not None), default=None)
