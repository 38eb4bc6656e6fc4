"""IPMCC: a long option months away pays for itself with a short one sold every week (rulebook 2.4).

Two structures, one switch. `put_calendar` holds a put in the money and sells the next Friday's put at the same strike; `call_diagonal` holds a deep call
and sells one at the money. The short leg lives a week, the long leg months; both and every roll are one campaign with one result. A campaign
that finds nothing to sell when a sale is due is closed: a long option alone is a bet on direction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import ClassVar

from analysis.volatility import ema, highest, simple_average
from domain.contract import Contract, Leg, Right, Role
from domain.parameters import parameter
from domain.position import Holding, Position
from domain.proposal import Exit, Hold, Proposal, Skip
from domain.quote import ChainRow, NetPrice, OptionChain, Quote, net_price
from domain.state import ExitReason, SkipCode, Urgency
from domain.views import Calendar, MarketView, PortfolioView
from strategies import calendar_rules, exit_rules, selection
from strategies.base import (
    Adjust,
    Candidates,
    EntryPlan,
    Refusal,
    Strategy,
    band_problems,
    found,
    known,
    opening,
    quotes_of,
    todays_quote,
    window_problems,
)

_SOURCE = "rulebook 2.4"
_DAYS, _CLOCK, _SPOT, _SESSIONS = "calendar days", "New York time", "share of spot", "sessions"
_DEBIT = "share of the long leg's debit"
PUT_CALENDAR, CALL_DIAGONAL = "put_calendar", "call_diagonal"
_SELL, _ROLL = "sell_short", "roll_long"
_SESSIONS_OF_52_WEEKS = 252
_ROUNDING = 1e-9
_SHORT_EXPIRY = "short_expiry_day"  # of the short leg sold last, as the day's number in the calendar (`date.toordinal`)


@dataclass(frozen=True, slots=True)
class IpmccParameters:
    """Parameters of the section ipmcc."""

    is_enabled: bool = parameter(True, "whether the strategy enters", source=_SOURCE)
    structure: str = parameter(PUT_CALENDAR, "which structure", choices=(PUT_CALENDAR, CALL_DIAGONAL), source=_SOURCE, tunable=True)
    underlyings: tuple[str, ...] = parameter(("SPY", "QQQ", "IWM"), "one campaign each", unit="tickers", source=f"{_SOURCE} [PDF p28, 29]")
    last_of_week: bool = parameter(True, "sell on the week's last session; off: on the weekdays listed", source=f"{_SOURCE} [PDF p13, 14]")
    weekdays: tuple[int, ...] = parameter((4,), "sale weekdays when last_of_week is off", unit="0 = Monday", low=0, high=4, source=_SOURCE)
    entry_time: time = parameter(time(9, 45), "first attempt", unit=_CLOCK, source=_SOURCE)
    entry_until: time = parameter(time(10, 15), "last attempt", unit=_CLOCK, source=f"{_SOURCE} (P)")
    lead_minutes: int = parameter(5, "candidates are subscribed ahead", unit="minutes", low=1, high=60, source="project")
    entry_before_close: int = parameter(60, "no entry later before the close", unit="minutes", low=1, high=390, source="rulebook 2 (P)")
    exit_before_close: int = parameter(15, "exits at least this long before it", unit="minutes", low=1, high=120, source="rulebook 2 (P)")
    vix_below: float = parameter(35.0, "no entry from this VIX on", unit="points", low=5.0, high=200.0, source=_SOURCE)
    trend_sessions: int = parameter(50, "calendars want spot above this average", unit=_SESSIONS, low=2, high=250, source=f"{_SOURCE} (P)")
    put_moneyness: float = parameter(0.02, "strike above spot", unit=_SPOT, low=-0.2, high=0.3, source=_SOURCE, tunable=True)
    least_put_moneyness: float = parameter(
        0.0, "lowest strike where the first sale pays too little", unit=_SPOT, low=-0.2, high=0.3, source="project (P)"
    )
    entry_cover: float = parameter(
        1.0,
        "least extrinsic value of a calendar's first sale",
        unit="what the long leg loses in its days",
        low=0.0,
        high=10.0,
        source="project (P)",
    )
    put_dte: int = parameter(120, "long put's days to expiry", unit=_DAYS, low=1, high=1000, source=f"{_SOURCE} (P)", tunable=True)
    put_dte_low: int = parameter(90, "fewest", unit=_DAYS, low=1, high=1000, source=f"{_SOURCE} (P)")
    put_dte_high: int = parameter(150, "most", unit=_DAYS, low=1, high=1000, source=f"{_SOURCE} (P)")
    put_roll_dte: int = parameter(45, "long put rolled at", unit=_DAYS, low=0, high=1000, source=f"{_SOURCE} (P)")
    call_delta: float = parameter(
        0.80, "long call's delta", unit="delta", low=0.3, high=0.99, source=f"{_SOURCE} [PDF p13, 29]", tunable=True
    )
    call_delta_low: float = parameter(0.75, "lowest", unit="delta", low=0.3, high=0.99, source=_SOURCE)
    call_delta_high: float = parameter(0.85, "highest", unit="delta", low=0.3, high=0.99, source=_SOURCE)
    call_extrinsic: float = parameter(0.05, "dearest extrinsic value", unit="share of the strike", low=0.001, high=0.5, source=_SOURCE)
    call_dte: int = parameter(365, "long call's days to expiry", unit=_DAYS, low=1, high=1000, source=_SOURCE)
    call_dte_low: int = parameter(300, "fewest", unit=_DAYS, low=1, high=1000, source=_SOURCE)
    call_dte_high: int = parameter(500, "most", unit=_DAYS, low=1, high=1000, source=_SOURCE)
    call_roll_dte: int = parameter(90, "long call rolled at", unit=_DAYS, low=0, high=1000, source=_SOURCE)
    pullback: float = parameter(0.01, "distance of the day's low to an average", unit="share of it", low=0.0, high=0.5, source=_SOURCE)
    pullback_averages: tuple[int, ...] = parameter((21, 50), "the averages", unit=_SESSIONS, low=2, high=250, source=_SOURCE)
    high_distance: float = parameter(0.01, "no call within this of the 52-week high", unit="share", low=0.0, high=0.5, source=_SOURCE)
    fast_average: int = parameter(8, "fast exponential average", unit=_SESSIONS, low=2, high=250, source=f"{_SOURCE} [PDF p14, 29]")
    slow_average: int = parameter(21, "slow one; fast below it sells one strike deeper", unit=_SESSIONS, low=2, high=250, source=_SOURCE)
    short_dte: int = parameter(7, "short leg's days to expiry", unit=_DAYS, low=1, high=60, source=_SOURCE)
    short_dte_low: int = parameter(5, "fewest", unit=_DAYS, low=1, high=60, source=_SOURCE)
    short_dte_high: int = parameter(10, "most", unit=_DAYS, low=1, high=60, source=_SOURCE)
    resale_dte_high: int = parameter(17, "most when sold again in the money", unit=_DAYS, low=1, high=120, source="project (P)")
    short_captured: float = parameter(
        0.90, "extrinsic value gone that closes it", unit="share", low=0.1, high=1.0, source=_SOURCE, tunable=True
    )
    short_close_time: time = parameter(time(15, 45), "closed on its expiry day", unit=_CLOCK, source=f"{_SOURCE} [PDF p13]")
    bare_minutes: int = parameter(
        15, "without a sale that was due closed this long before; 0: kept", unit="minutes", low=0, high=300, source="project (P)"
    )
    assignment_extrinsic: float = parameter(0.0005, "extrinsic value that fears assignment", unit=_SPOT, low=0.0, high=0.05, source=_SOURCE)
    least_extrinsic: float = parameter(0.001, "extrinsic value worth selling", unit=_SPOT, low=0.0, high=0.05, source="project (P)")
    profit_target: float = parameter(
        0.25, "calendar campaign's profit taken", unit=_DEBIT, low=0.01, high=5.0, source=_SOURCE, tunable=True
    )
    stop_loss: float = parameter(0.30, "campaign's loss that stops", unit=_DEBIT, low=0.01, high=1.0, source=_SOURCE, tunable=True)
    candidates: int = parameter(6, "long legs subscribed for an underlying", unit="contracts", low=2, high=60, source="project")
    fallback_volatility: float = parameter(
        0.20, "assumed when yesterday's figures imply none", unit="a year", low=0.01, high=5.0, source="project"
    )
    units: int = parameter(1, "units of a campaign", unit="units", low=1, high=100, source="rulebook 1")

    def problems(self) -> list[str]:
        """Contradictions between fields."""
        problems = band_problems(self, "put_dte", "call_dte", "short_dte", "call_delta")
        problems += window_problems(self.entry_time, self.entry_until)
        for leg, roll, low in (("put", self.put_roll_dte, self.put_dte_low), ("call", self.call_roll_dte, self.call_dte_low)):
            if roll >= low:
                problems.append(f"{leg}-roll-dte is {roll}, expected below {leg}-dte-low {low}")
        if self.least_put_moneyness > self.put_moneyness:
            problems.append(f"least-put-moneyness is {self.least_put_moneyness:g}, expected at most put-moneyness {self.put_moneyness:g}")
        if self.resale_dte_high < self.short_dte_high:
            problems.append(f"resale-dte-high is {self.resale_dte_high}, expected at least short-dte-high {self.short_dte_high}")
        return problems

    @property
    def is_calendar(self) -> bool:
        """Whether the put calendar is traded."""
        return self.structure == PUT_CALENDAR

    @property
    def right(self) -> Right:
        """The right of both legs."""
        return Right.PUT if self.is_calendar else Right.CALL

    @property
    def long_dte(self) -> tuple[int, int, int]:
        """Days to expiry of the long leg: sought, fewest, most."""
        if self.is_calendar:
            return self.put_dte, self.put_dte_low, self.put_dte_high
        return self.call_dte, self.call_dte_low, self.call_dte_high

    @property
    def roles(self) -> tuple[Role, Role]:
        """Roles of the long and the short leg."""
        return (Role.LONG_PUT, Role.SHORT_PUT) if self.is_calendar else (Role.LONG_CALL, Role.SHORT_CALL)


class Ipmcc(Strategy):
    """The strategy of rulebook 2.4."""

    name: ClassVar[str] = "ipmcc"

    def __init__(self, parameters: IpmccParameters) -> None:
        """Take the parameters; nothing else is kept."""
        self._p = parameters

    @property
    def underlyings(self) -> tuple[str, ...]:
        """One campaign each."""
        return self._p.underlyings

    @property
    def manages_every_minute(self) -> bool:
        """Only around the weekly sale, see `wants_minute_beats`."""
        return False

    def wants_minute_beats(self, position: Position, now: datetime) -> bool:
        """From the short leg's closing time on its last day: the next one is sold in the minutes that are left."""
        if now.time() < self._p.short_close_time:
            return False
        shorts = position.shorts()
        return not shorts or any(holding.contract.expiry == now.date() for holding in shorts)

    def entry_plan(self, day: date, calendar: Calendar) -> EntryPlan | Skip:
        """The week's sale day."""
        p, session = self._p, calendar.session(day)
        if session is None:
            return Skip(SkipCode.HOLIDAY)
        if not p.is_enabled or not self._is_sale_day(day, calendar):
            return Skip(SkipCode.NOT_ENTRY_DAY)
        return calendar_rules.entry_window(
            session,
            p.entry_time,
            p.entry_until,
            lead_minutes=p.lead_minutes,
            minutes_before_close=p.entry_before_close,
            is_moved=p.last_of_week and day.weekday() != calendar_rules.FRIDAY,
        )

    def _is_sale_day(self, day: date, calendar: Calendar) -> bool:
        return calendar_rules.last_session_of_week(day, calendar) == day if self._p.last_of_week else day.weekday() in self._p.weekdays

    def candidates(self, market: MarketView, portfolio: PortfolioView, now: datetime) -> Candidates | Skip:
        """Long and short legs for every underlying without a campaign."""
        held = self._held(portfolio)
        free = [underlying for underlying in self._p.underlyings if underlying not in held]
        if not free:
            return Skip(SkipCode.ALREADY_OPEN)
        contracts: list[Contract] = []
        skip = None
        for underlying in free:
            try:
                contracts += [*self._long_candidates(underlying, market, now), *self._short_candidates(underlying, market, now)]
            except Refusal as refusal:
                skip = Skip(refusal.skip.code, refusal.skip.numbers, underlying)
        return skip if skip is not None and not contracts else Candidates(selection.unique(contracts))

    def _held(self, portfolio: PortfolioView) -> set[str]:
        """Underlyings with a campaign, or with one on its way."""
        held = {position.underlying for position in portfolio.of_strategy(self.name)}
        return held | {proposal.underlying for proposal in portfolio.pending_of(self.name)}

    def _rows(self, chain: OptionChain, target: tuple[int, int, int], today: date, after: int = 0) -> list[ChainRow]:
        """Rows of the expiry nearest to the target that comes after a day's number."""
        sought, low, high = target
        expiries = [expiry for expiry in chain.expiries(today, 0, high) if expiry.toordinal() > after]
        expiry = found(selection.nearest_expiry(expiries, today, sought, low, high))
        return selection.of_right(selection.series(chain, expiry), self._p.right)

    def _long_candidates(self, underlying: str, market: MarketView, now: datetime) -> list[Contract]:
        p = self._p
        chain = known(market.chain(underlying), SkipCode.NO_CHAIN)
        spot = known(market.spot(underlying), SkipCode.NO_SPOT)
        rows = self._rows(chain, p.long_dte, now.date())
        if p.is_calendar:
            weekly = {row.contract.strike for row in self._rows(chain, (p.short_dte, p.short_dte_low, p.short_dte_high), now.date())}
            shared = [row.contract for row in rows if row.contract.strike in weekly]
            step = (p.put_moneyness - p.least_put_moneyness) / (p.candidates - 1)
            wanted = [(1.0 + p.put_moneyness - n * step) * spot for n in range(p.candidates)]
            nearest = (selection.nearest_strike(shared, strike) for strike in wanted)
            return list(selection.unique(known(one, SkipCode.NO_STRIKE_IN_BAND) for one in nearest))
        return selection.band_candidates(
            rows,
            market,
            now,
            low=p.call_delta_low,
            high=min(p.call_delta_high, 0.995),
            count=p.candidates,
            fallback_volatility=p.fallback_volatility,
        )

    def _short_candidates(
        self, underlying: str, market: MarketView, now: datetime, long: Contract | None = None, *, after: int = 0, is_resale: bool = False
    ) -> list[Contract]:
        """Puts at the strikes the long leg has or may get; calls from at the money downwards. They expire after a day's number."""
        p = self._p
        chain = known(market.chain(underlying), SkipCode.NO_CHAIN)
        spot = known(market.spot(underlying), SkipCode.NO_SPOT)
        target = (p.short_dte, p.short_dte_low, p.resale_dte_high if is_resale else p.short_dte_high)
        listed = [row.contract for row in self._rows(chain, target, now.date(), after)]
        if p.is_calendar:
            strikes = {long.strike} if long is not None else {c.strike for c in self._long_candidates(underlying, market, now)}
            return [contract for contract in listed if contract.strike in strikes]
        above, below = [c for c in listed if c.strike > spot], [c for c in listed if c.strike <= spot]
        return below[-4:] + above[:2]

    def propose(self, candidates: Candidates, market: MarketView, portfolio: PortfolioView, now: datetime) -> Sequence[Proposal | Skip]:
        """A campaign for each underlying that has candidates and none yet, or why not."""
        held = self._held(portfolio)
        answers: list[Proposal | Skip] = []
        for underlying in dict.fromkeys(contract.underlying for contract in candidates.contracts):
            if underlying in held:
                continue
            try:
                answers.append(self._campaign(underlying, candidates, market, now))
            except Refusal as refusal:
                answers.append(Skip(refusal.skip.code, refusal.skip.numbers, " ".join(filter(None, (underlying, refusal.skip.detail)))))
        return answers or [Skip(SkipCode.ALREADY_OPEN)]

    def _campaign(self, underlying: str, candidates: Candidates, market: MarketView, now: datetime) -> Proposal:
        p = self._p
        numbers = self._filtered(underlying, market)
        contracts = [contract for contract in candidates.contracts if contract.underlying == underlying]
        near = min(contract.expiry for contract in contracts)
        longs, shorts = ([c for c in contracts if (c.expiry == near) is is_near] for is_near in (False, True))
        long, facts, short, extrinsic = self._choose_pair(longs, shorts, market, now, numbers["spot"])
        legs = (Leg(long, 1, p.roles[0]), Leg(short, -1, p.roles[1]))
        quotes = quotes_of((long, short), market, now)
        price = known(net_price(legs, quotes), SkipCode.NO_QUOTE, numbers)
        debit = known(quotes[long.key].mid, SkipCode.NO_QUOTE, numbers)
        return opening(
            strategy=self.name,
            underlying=underlying,
            legs=legs,
            units=p.units,
            price=price,
            now=now,
            loss_at_stop_points=p.stop_loss * debit,
            numbers={**numbers, **facts, "long_debit": debit, **_sold(short, extrinsic)},
            tags={"structure": p.structure},
            max_loss_points=max(0.0, -price.mid) + selection.inversion(long, short),
        )

    def _filtered(self, underlying: str, market: MarketView) -> dict[str, float]:
        """Figures of the entry filters: VIX, and the trend (calendar) or the pullback (diagonal)."""
        p = self._p
        vix = known(market.vix_now(), SkipCode.NO_VIX)
        if vix >= p.vix_below:
            raise Refusal(SkipCode.VIX_TOO_HIGH, {"vix": vix, "vix_below": p.vix_below})
        spot = known(market.spot(underlying), SkipCode.NO_SPOT)
        numbers = {"vix": vix, "spot": spot}
        bars = market.daily_bars(underlying, _SESSIONS_OF_52_WEEKS)
        history = {"sessions": float(len(bars))}
        if p.is_calendar:
            average = known(simple_average(bars.close, p.trend_sessions), SkipCode.NO_HISTORY, history)
            numbers["trend_average"] = average
            if spot <= average:
                raise Refusal(SkipCode.BELOW_AVERAGE, numbers)
            return numbers
        high = known(highest(bars.high, _SESSIONS_OF_52_WEEKS), SkipCode.NO_HISTORY, history)
        low = min(spot, market.session_open(underlying) or spot)
        averages = [known(simple_average(bars.close, count), SkipCode.NO_HISTORY, history) for count in p.pullback_averages]
        numbers |= {"low_of_day": low, "high_52_weeks": high}
        numbers |= {f"average_{count}": average for count, average in zip(p.pullback_averages, averages, strict=True)}
        if spot >= (1.0 - p.high_distance) * high:
            raise Refusal(SkipCode.NEAR_HIGH, numbers)
        if all(abs(low / average - 1.0) > p.pullback for average in averages):
            raise Refusal(SkipCode.NO_PULLBACK, numbers)
        return numbers

    def _choose_pair(
        self, longs: Sequence[Contract], shorts: Sequence[Contract], market: MarketView, now: datetime, spot: float
    ) -> tuple[Contract, dict[str, float], Contract, float]:
        """Both legs, the long one's facts, the short one's extrinsic value; a calendar tries strikes nearer to the money in turn."""
        low, high = (1.0 + self._p.least_put_moneyness) * spot, (1.0 + self._p.put_moneyness) * spot
        nearer = sorted((c for c in longs if low <= c.strike < high), key=lambda c: -c.strike) if self._p.is_calendar else []
        refusals = []
        for choice in (longs, *([contract] for contract in nearer)):
            try:
                return self._pair(choice, shorts, market, now, spot)
            except Refusal as refusal:
                refusals.append(refusal)
        raise refusals[0]

    def _pair(
        self, longs: Sequence[Contract], shorts: Sequence[Contract], market: MarketView, now: datetime, spot: float
    ) -> tuple[Contract, dict[str, float], Contract, float]:
        """A calendar's first sale must bring what its long leg loses in these days."""
        long, facts = self._choose_long(longs, market, now, spot)
        short, extrinsic = self._choose_short(shorts, long, market, now, spot)
        lost = facts["long_extrinsic"] / max(1.0, facts["long_dte_days"]) * short.dte_days(now.date())
        if self._p.is_calendar and extrinsic < self._p.entry_cover * lost:
            numbers = {**facts, "extrinsic": extrinsic, "least_extrinsic": self._p.entry_cover * lost}
            raise Refusal(SkipCode.CREDIT_BELOW_FLOOR, numbers, "short leg")
        return long, facts, short, extrinsic

    def _choose_long(
        self, contracts: Sequence[Contract], market: MarketView, now: datetime, spot: float
    ) -> tuple[Contract, dict[str, float]]:
        p = self._p
        quoted = selection.live(contracts, market, now)
        if p.is_calendar:
            wanted = (1.0 + p.put_moneyness) * spot
            nearest = known(
                selection.nearest_strike((one.contract for one in quoted), wanted), SkipCode.NO_QUOTE, {"strike": wanted}, "long leg"
            )
            one = next(one for one in quoted if one.contract == nearest)
        else:
            one = found(selection.by_delta(quoted, p.call_delta, p.call_delta_low, p.call_delta_high), detail="long leg")
        extrinsic = one.mid - one.contract.intrinsic(spot)
        facts = {"long_strike": one.contract.strike, "long_extrinsic": extrinsic, "long_dte_days": float(one.contract.dte_days(now.date()))}
        if one.delta is not None:
            facts["long_delta"] = abs(one.delta)
        if not p.is_calendar and extrinsic >= p.call_extrinsic * one.contract.strike:
            raise Refusal(SkipCode.EXTRINSIC_TOO_HIGH, facts)
        return one.contract, facts

    def _choose_short(
        self, contracts: Sequence[Contract], long: Contract, market: MarketView, now: datetime, spot: float
    ) -> tuple[Contract, float]:
        """The week's short leg and its extrinsic value in points."""
        p = self._p
        contracts = sorted(contracts, key=lambda contract: contract.strike)
        if p.is_calendar:
            chosen = next((contract for contract in contracts if contract.strike == long.strike), None)
        else:
            inside = [contract for contract in contracts if long.strike <= contract.strike <= spot]
            deeper = 1 if self._is_falling(long.underlying, market) else 0
            chosen = inside[-1 - deeper] if len(inside) > deeper else None
        short = known(chosen, SkipCode.NO_STRIKE_IN_BAND, {"spot": spot, "long_strike": long.strike}, "short leg")
        quote = todays_quote(short, market, now)
        if quote is None or not quote.is_two_sided or not selection.is_of_this_minute(quote, now):
            raise Refusal(SkipCode.NO_QUOTE, {"short_strike": short.strike}, "short leg")
        extrinsic = (quote.mid or 0.0) - short.intrinsic(spot)
        if extrinsic < p.least_extrinsic * spot:
            numbers = {"short_strike": short.strike, "extrinsic": extrinsic, "least_extrinsic": p.least_extrinsic * spot}
            raise Refusal(SkipCode.CREDIT_BELOW_FLOOR, numbers, "short leg")
        return short, extrinsic

    def _is_falling(self, underlying: str, market: MarketView) -> bool:
        closes = market.daily_bars(underlying, _SESSIONS_OF_52_WEEKS).close
        fast, slow = (ema(closes, count) for count in (self._p.fast_average, self._p.slow_average))
        return fast is not None and slow is not None and fast < slow

    def manage(self, position: Position, market: MarketView, portfolio: PortfolioView, now: datetime) -> Exit | Hold | Adjust:  # noqa: ARG002  # its rules look at the campaign alone
        """The campaign's stop and target, then the short leg's life; without a short leg the next one, or the long leg's roll."""
        p, session = self._p, market.session(now.date())
        if position.share_quantity or session is None:
            return Hold()
        quotes = quotes_of((holding.contract for holding in position.holdings), market, now)
        longs, shorts = position.with_roles(p.roles[0]), position.shorts()
        if not longs:
            return Exit(ExitReason.DEFENSIVE)
        profit = position.profit_dollars(quotes, at_mid=True)
        net = None if profit is None else profit - position.fees_dollars
        debit = -exit_rules.opening_cash(longs)
        checks = [exit_rules.loss_stop(net, p.stop_loss * debit, label="campaign_")]
        if p.is_calendar:
            checks.append(exit_rules.profit_target(net, debit, p.profit_target, label="campaign_"))
        at = calendar_rules.exit_time(session, p.short_close_time, p.exit_before_close)
        checks += [outcome for short in shorts for outcome in self._short_checks(position, short, quotes, market, now, at)]
        outcome = exit_rules.first_exit(*checks)
        if isinstance(outcome, Exit) or shorts:
            return outcome
        long, bare = longs[0].contract, at - timedelta(minutes=p.bare_minutes)
        if bare <= now and not self._is_roll_due(long, now.date()):
            is_owed = (now < at and self._is_sale_day(now.date(), market)) or self._is_resale(position, long, market)
            if is_owed:
                return Exit(ExitReason.NO_INCOME, numbers=outcome.numbers)
        candidates = self._next_candidates(position, long, market, now)
        return outcome if candidates is None else Adjust(candidates)

    def _short_checks(
        self, position: Position, short: Holding, quotes: dict[str, Quote], market: MarketView, now: datetime, at: datetime
    ) -> list[exit_rules.Outcome]:
        p, keys = self._p, exit_rules.keys_of([short])
        checks: list[exit_rules.Outcome] = []
        if short.contract.expiry <= now.date():
            checks.append(exit_rules.time_of_day(now, at, ExitReason.TIME, Urgency.NATURAL, keys))
        spot, quote = selection.underlying_price(short.contract, market), quotes.get(short.contract.key)
        mid = None if quote is None else quote.mid
        if spot is None or mid is None or quote is None or not selection.is_of_this_minute(quote, now):
            return checks
        intrinsic = short.contract.intrinsic(spot)
        extrinsic = mid - intrinsic
        numbers = {"extrinsic": extrinsic, "spot": spot}
        if intrinsic > 0.0 and extrinsic < p.assignment_extrinsic * spot:
            checks.append(Exit(ExitReason.ASSIGNMENT_RISK, keys, numbers={**numbers, "extrinsic_limit": p.assignment_extrinsic * spot}))
        sold = position.numbers.get("short_extrinsic")
        if sold is not None and extrinsic <= (1.0 - p.short_captured) * sold + _ROUNDING:
            checks.append(Exit(ExitReason.EXTRINSIC, keys, numbers={**numbers, "extrinsic_sold": sold}))
        return checks

    def _next_candidates(self, position: Position, long: Contract, market: MarketView, now: datetime) -> Candidates | None:
        """What to have quoted for the long leg's roll or the next short leg, which expires after the last; None when neither is due."""
        p, session = self._p, market.session(now.date())
        is_roll, is_resale = self._is_roll_due(long, now.date()), self._is_resale(position, long, market)
        is_hour = session is not None and now >= calendar_rules.at_time(session, p.entry_time)
        if not is_hour or not (is_roll or is_resale or self._is_sale_day(now.date(), market)):
            return None
        try:
            if is_roll:
                found_contracts = self._long_candidates(position.underlying, market, now)
            else:
                last = int(position.numbers.get(_SHORT_EXPIRY, 0.0))
                found_contracts = self._short_candidates(position.underlying, market, now, long, after=last, is_resale=is_resale)
        except Refusal:
            return None
        return Candidates(selection.unique(found_contracts), tags={"adjustment": _ROLL if is_roll else _SELL}) if found_contracts else None

    def _is_resale(self, position: Position, long: Contract, market: MarketView) -> bool:
        """Whether a short leg went in the money: the next one is due at once, until then the long leg stands alone."""
        spot = market.spot(position.underlying)
        is_inside = self._p.is_calendar and spot is not None and long.intrinsic(spot) > 0.0
        return position.exit_reason is ExitReason.ASSIGNMENT_RISK or (is_inside and position.exit_reason is ExitReason.EXTRINSIC)

    def _is_roll_due(self, long: Contract, today: date) -> bool:
        return long.dte_days(today) <= (self._p.put_roll_dte if self._p.is_calendar else self._p.call_roll_dte)

    def adjust(
        self,
        position: Position,
        candidates: Candidates,
        market: MarketView,
        portfolio: PortfolioView,  # noqa: ARG002  # room is judged by risk
        now: datetime,
    ) -> Proposal | Skip:
        """Sell the next short leg, or exchange the long leg for a later one, within the same campaign."""
        longs = position.with_roles(self._p.roles[0])
        if not longs or position.shorts():
            return Skip(SkipCode.NOT_NEEDED, {"shorts": float(len(position.shorts()))})
        try:
            if candidates.tags.get("adjustment") == _ROLL:
                return self._roll_long(position, longs[0], candidates, market, now)
            return self._sell_short(position, longs[0], candidates, market, now)
        except Refusal as refusal:
            return refusal.skip

    def _sell_short(self, position: Position, long: Holding, candidates: Candidates, market: MarketView, now: datetime) -> Proposal:
        spot = known(market.spot(position.underlying), SkipCode.NO_SPOT)
        short, extrinsic = self._choose_short(candidates.contracts, long.contract, market, now, spot)
        legs = (Leg(short, -1, self._p.roles[1]),)
        price = known(net_price(legs, quotes_of((short,), market, now)), SkipCode.NO_QUOTE)
        worst = max(0.0, selection.inversion(long.contract, short) - price.mid)
        return self._change(position, long, _SELL, legs, price, {"spot": spot, **_sold(short, extrinsic)}, now, worst)

    def _roll_long(self, position: Position, old: Holding, candidates: Candidates, market: MarketView, now: datetime) -> Proposal:
        spot = known(market.spot(position.underlying), SkipCode.NO_SPOT)
        later = [contract for contract in candidates.contracts if contract.expiry > old.contract.expiry]
        new, facts = self._choose_long(later, market, now, spot)
        legs = (Leg(new, 1, old.role), Leg(old.contract, -1, old.role))
        quotes = quotes_of((new, old.contract), market, now)
        price = known(net_price(legs, quotes), SkipCode.NO_QUOTE, facts)
        debit = known(quotes[new.key].mid, SkipCode.NO_QUOTE, facts)
        return self._change(position, old, _ROLL, legs, price, {**facts, "spot": spot, "long_debit": debit}, now, max(0.0, -price.mid))

    def _change(
        self,
        position: Position,
        long: Holding,
        what: str,
        legs: Sequence[Leg],
        price: NetPrice,
        numbers: dict[str, float],
        now: datetime,
        worst: float,
    ) -> Proposal:
        """A change of the campaign, which its stop covers; `worst` is its largest loss in points."""
        return opening(
            strategy=self.name,
            underlying=position.underlying,
            legs=legs,
            units=abs(long.quantity),
            price=price,
            now=now,
            loss_at_stop_points=0.0,
            numbers=numbers,
            tags={"adjustment": what},
            campaign=position.campaign_id,
            what=what,
            max_loss_points=worst,
            covered_by=(Leg(long.contract, 1, long.role),),
        )


def _sold(short: Contract, extrinsic: float) -> dict[str, float]:
    """What the campaign remembers of a short leg it sells."""
    return {"short_extrinsic": extrinsic, "short_strike": short.strike, _SHORT_EXPIRY: float(short.expiry.toordinal())}
