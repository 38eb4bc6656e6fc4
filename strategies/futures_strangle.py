"""Futures strangle: sell a far put and a far call on the product whose options are dearest, and defend by delta (rulebook 2.3).

One new strangle an entry day, on the product of the account's phase with the highest IV rank that passes risk. A tested side at 20 delta rolls the other side in once,
at 25 it is closed, at 30 everything is. Half of the credit or 21 days end it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import ClassVar

from analysis.vix_term_structure import VixParameters, iv_rank
from domain.contract import Contract, Leg, Right, Role, UnsupportedProductError, product_of
from domain.parameters import parameter
from domain.position import Holding, Position
from domain.proposal import Exit, Hold, Proposal, Skip
from domain.quote import ChainRow, net_price
from domain.state import ExitReason, SkipCode
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
    window_problems,
)

_SOURCE = "rulebook 2.3"
_ROLLS = "rolls"


@dataclass(frozen=True, slots=True)
class FuturesStrangleParameters:
    """Parameters of the section futures-strangle."""

    is_enabled: bool = parameter(True, "whether the strategy enters", source=_SOURCE)
    phase_1_products: tuple[str, ...] = parameter(("GLD", "TLT"), "products from phase 1", unit="tickers", source=f"{_SOURCE} [PDF p14]")
    phase_2_products: tuple[str, ...] = parameter(
        ("SLV", "XOP"), "further ones from phase 2", unit="tickers", source=f"{_SOURCE} [PDF p17]"
    )
    phase_3_products: tuple[str, ...] = parameter(
        ("CL", "GC", "ZB", "ZC"), "further ones from phase 3", unit="tickers", source=f"{_SOURCE} [PDF p19]"
    )
    phase_4_products: tuple[str, ...] = parameter(
        ("SI", "ZN", "ZS", "ES"), "further ones from phase 4", unit="tickers", source=f"{_SOURCE} [PDF p22]"
    )
    weekday: int = parameter(1, "entry weekday; a holiday moves it to the next session", unit="0 = Monday", low=0, high=4, source=_SOURCE)
    weeks: tuple[int, ...] = parameter((2,), "which of them in the month", unit="nth", low=1, high=5, source=f"{_SOURCE} [PDF p14, 27]")
    entry_time: time = parameter(time(9, 45), "first attempt", unit="New York time", source=f"{_SOURCE} (P)")
    entry_until: time = parameter(time(10, 15), "last attempt", unit="New York time", source=f"{_SOURCE} (P)")
    lead_minutes: int = parameter(5, "candidates are subscribed ahead", unit="minutes", low=1, high=60, source="project")
    entry_before_close: int = parameter(60, "no entry later before the close", unit="minutes", low=1, high=390, source="rulebook 2 (P)")
    dte: int = parameter(
        90, "days to expiry sought", unit="calendar days", low=1, high=1000, source=f"{_SOURCE} [PDF p14, RES, LAR]", tunable=True
    )
    dte_low: int = parameter(60, "fewest", unit="calendar days", low=1, high=1000, source=_SOURCE)
    dte_high: int = parameter(110, "most", unit="calendar days", low=1, high=1000, source=_SOURCE)
    put_delta: float = parameter(
        0.06, "delta of the put", unit="delta", low=0.005, high=0.5, source=f"{_SOURCE} [PDF p14, 27]", tunable=True
    )
    put_delta_low: float = parameter(0.05, "lowest", unit="delta", low=0.005, high=0.5, source=_SOURCE)
    put_delta_high: float = parameter(0.08, "highest", unit="delta", low=0.005, high=0.5, source=_SOURCE)
    call_delta: float = parameter(
        0.055, "delta of the call", unit="delta", low=0.005, high=0.5, source=f"{_SOURCE} [PDF p14, 27]", tunable=True
    )
    call_delta_low: float = parameter(0.04, "lowest", unit="delta", low=0.005, high=0.5, source=_SOURCE)
    call_delta_high: float = parameter(0.07, "highest", unit="delta", low=0.005, high=0.5, source=_SOURCE)
    iv_rank_above: float = parameter(
        30.0, "least IV rank; negative: no filter", unit="0 to 100", low=-1.0, high=100.0, source=f"{_SOURCE} [PDF p27]", tunable=True
    )
    products_tried: int = parameter(
        3, "products proposed in the order of their IV rank until one passes risk", unit="products", low=1, high=20, source=f"{_SOURCE} (P)"
    )
    iv_rank_sessions: int = parameter(252, "longest history it is taken over", unit="sessions", low=20, high=1000, source=_SOURCE)
    iv_rank_least: int = parameter(20, "shortest history it is taken over", unit="sessions", low=2, high=1000, source=_SOURCE)
    vix_from: float = parameter(13.0, "no entry below this VIX", unit="points", low=0.0, high=200.0, source=_SOURCE)
    vix_more: float = parameter(18.0, "one and a half units from this VIX", unit="points", low=0.0, high=200.0, source=_SOURCE)
    vix_most: float = parameter(25.0, "the phase's limit from this VIX", unit="points", low=0.0, high=200.0, source=_SOURCE)
    vix_below: float = parameter(30.0, "no entry from this VIX on", unit="points", low=0.0, high=200.0, source=_SOURCE)
    units: int = parameter(1, "units at normal VIX", unit="units", low=1, high=100, source=_SOURCE)
    most_units: int = parameter(
        5, "units at high VIX; risk reduces them to the phase's", unit="units", low=1, high=100, source="rulebook 1"
    )
    profit_target: float = parameter(
        0.50, "profit taken", unit="share of credit", low=0.05, high=1.0, source=f"{_SOURCE} [PDF, LAR, TASTY]", tunable=True
    )
    stop_loss: float = parameter(2.0, "loss that stops", unit="credits", low=0.1, high=20.0, source=f"{_SOURCE} [LAR]", tunable=True)
    roll_delta: float = parameter(
        0.20, "tested delta that rolls the other side in", unit="delta", low=0.05, high=1.0, source=f"{_SOURCE} [PDF p9, 10]"
    )
    roll_to_delta: float = parameter(0.10, "delta it is rolled to", unit="delta", low=0.01, high=0.5, source=_SOURCE)
    roll_tolerance: float = parameter(0.03, "allowed difference to it", unit="delta", low=0.001, high=0.3, source="project")
    rolls: int = parameter(1, "how often it is rolled", unit="times", low=0, high=10, source=_SOURCE)
    tested_delta: float = parameter(
        0.25, "tested delta that closes that side", unit="delta", low=0.05, high=1.0, source=f"{_SOURCE} [PDF p9, 10]"
    )
    stop_delta: float = parameter(0.30, "tested delta that closes all", unit="delta", low=0.05, high=1.0, source=f"{_SOURCE} [PDF p9, 10]")
    close_dte: int = parameter(
        21, "closed at this many days to expiry", unit="calendar days", low=0, high=1000, source=f"{_SOURCE} [PDF p9, 14]"
    )
    candidates_per_side: int = parameter(6, "contracts subscribed on each side", unit="contracts", low=2, high=60, source="project")
    fallback_volatility: float = parameter(
        0.25, "assumed when yesterday's figures imply none", unit="a year", low=0.01, high=5.0, source="project"
    )

    def problems(self) -> list[str]:
        """Contradictions between fields, and futures without option data."""
        problems = band_problems(self, "put_delta", "call_delta") + window_problems(self.entry_time, self.entry_until)
        if not self.close_dte < self.dte_low <= self.dte <= self.dte_high:
            problems.append(
                f"dte is {self.dte}, expected close-dte {self.close_dte} < dte-low {self.dte_low} <= dte <= dte-high {self.dte_high}"
            )
        if not self.vix_from <= self.vix_more <= self.vix_most <= self.vix_below:
            problems.append("vix-from, vix-more, vix-most and vix-below must not fall in this order")
        if not self.roll_delta <= self.tested_delta <= self.stop_delta:
            problems.append("roll-delta, tested-delta and stop-delta must not fall in this order")
        return problems + self._unsupported()

    def _unsupported(self) -> list[str]:
        problems = []
        for phase, products in enumerate(self.by_phase(), start=1):
            for product in products:
                try:
                    product_of(product)
                except UnsupportedProductError as error:
                    problems.append(f"phase-{phase}-products: {error}")
        return problems

    def by_phase(self) -> tuple[tuple[str, ...], ...]:
        """The products each phase adds."""
        return (self.phase_1_products, self.phase_2_products, self.phase_3_products, self.phase_4_products)


class FuturesStrangle(Strategy):
    """The strategy of rulebook 2.3."""

    name: ClassVar[str] = "futures_strangle"

    def __init__(self, parameters: FuturesStrangleParameters) -> None:
        """Take the parameters; nothing else is kept."""
        self._p = parameters

    @property
    def underlyings(self) -> tuple[str, ...]:
        """Every product of every phase: the account may grow into it."""
        return tuple(dict.fromkeys(product for products in self._p.by_phase() for product in products))

    @property
    def ranked_underlyings(self) -> tuple[str, ...]:
        """The same: the IV rank chooses among them."""
        return self.underlyings

    @property
    def manages_every_minute(self) -> bool:
        """Months need no minute."""
        return False

    @property
    def proposes_alternatives(self) -> bool:
        """One strangle an entry day: the next product is for the day on which the first does not pass."""
        return True

    def entry_plan(self, day: date, calendar: Calendar) -> EntryPlan | Skip:
        """The session that stands for one of the month's entry weekdays."""
        p, session = self._p, calendar.session(day)
        if session is None:
            return Skip(SkipCode.HOLIDAY)
        nominal = calendar_rules.monthly_nominal(day, p.weekday, p.weeks, calendar)
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
        """Puts and calls around the two deltas on the products with the highest IV ranks that are not held yet."""
        try:
            return self._candidates(market, portfolio, now)
        except Refusal as refusal:
            return refusal.skip

    def _candidates(self, market: MarketView, portfolio: PortfolioView, now: datetime) -> Candidates:
        p, today = self._p, now.date()
        products, numbers = self._products(market, portfolio, now)
        contracts: list[Contract] = []
        for product in products:
            chain = known(market.chain(product), SkipCode.NO_CHAIN, numbers, product)
            expiry = found(
                selection.nearest_expiry(chain.expiries(today, 0, p.dte_high), today, p.dte, p.dte_low, p.dte_high), numbers, product
            )
            rows = selection.series(chain, expiry)
            for right, low, high in ((Right.PUT, p.put_delta_low, p.put_delta_high), (Right.CALL, p.call_delta_low, p.call_delta_high)):
                contracts += self._near(selection.of_right(rows, right), market, now, low, high)
        if not contracts:
            raise Refusal(SkipCode.NO_SPOT, numbers, ",".join(products))
        return Candidates(selection.unique(contracts), numbers, {"products": ",".join(products)})

    def _near(self, rows: Sequence[ChainRow], market: MarketView, now: datetime, low: float, high: float) -> list[Contract]:
        p = self._p
        return selection.band_candidates(
            rows, market, now, low=max(0.001, low), high=high, count=p.candidates_per_side, fallback_volatility=p.fallback_volatility
        )

    def _products(self, market: MarketView, portfolio: PortfolioView, now: datetime) -> tuple[list[str], dict[str, float]]:
        """The products with the highest IV ranks above the floor, among those of the phase without a strangle; with the figures.

        A product without a chain or without an expiry in the band is passed over.
        """
        p = self._p
        phase = portfolio.facts.get("phase", 1.0)
        allowed = [product for products in p.by_phase()[: max(0, int(phase))] for product in products]
        held = {position.underlying for position in portfolio.of_strategy(self.name)}
        held |= {proposal.underlying for proposal in portfolio.pending_of(self.name)}
        free = [product for product in allowed if product not in held]
        numbers = {"phase": phase, "products_free": float(len(free))}
        if not free:
            raise Refusal(SkipCode.NO_PRODUCT, numbers)
        ranks = {product: self._iv_rank(product, market) for product in free}
        if p.iv_rank_above < 0.0:
            ranks = {product: 0.0 if rank is None else rank for product, rank in ranks.items()}
        numbers |= {f"iv_rank_{product}": rank for product, rank in ranks.items() if rank is not None}
        known_ranks = {product: rank for product, rank in ranks.items() if rank is not None}
        if not known_ranks:
            raise Refusal(SkipCode.IV_RANK_UNKNOWN, {**numbers, "sessions_needed": float(p.iv_rank_least)})
        above = sorted((product for product, rank in known_ranks.items() if rank > p.iv_rank_above), key=lambda name: -known_ranks[name])
        if not above:
            raise Refusal(SkipCode.IV_RANK_TOO_LOW, {**numbers, "iv_rank_above": p.iv_rank_above})
        listed = [product for product in above if self._has_expiry(product, market, now.date())]
        if not listed:
            raise Refusal(SkipCode.NO_EXPIRY, {**numbers, "dte_low": float(p.dte_low), "dte_high": float(p.dte_high)}, ",".join(above))
        return listed[: p.products_tried], numbers

    def _iv_rank(self, product: str, market: MarketView) -> float | None:
        p = self._p
        history = market.atm_volatility_history(product, p.iv_rank_sessions)
        window = VixParameters(rank_sessions=p.iv_rank_sessions, rank_minimum=p.iv_rank_least)
        return iv_rank(history, history[-1], window) if history else None

    def _has_expiry(self, product: str, market: MarketView, today: date) -> bool:
        chain = market.chain(product)
        return chain is not None and bool(chain.expiries(today, self._p.dte_low, self._p.dte_high))

    def propose(self, candidates: Candidates, market: MarketView, portfolio: PortfolioView, now: datetime) -> Sequence[Proposal | Skip]:
        """A strangle on each product in the order of preference, or why none: the first that passes is today's."""
        is_done = any(position.opened_at.date() == now.date() for position in portfolio.of_strategy(self.name))
        if is_done or portfolio.pending_of(self.name):
            return [Skip(SkipCode.ALREADY_OPEN)]
        answers: list[Proposal | Skip] = []
        for product in candidates.tags["products"].split(","):
            try:
                answers.append(self._strangle(product, candidates, market, now))
            except Refusal as refusal:
                answers.append(Skip(refusal.skip.code, refusal.skip.numbers, " ".join(filter(None, (product, refusal.skip.detail)))))
        return answers

    def _strangle(self, product: str, candidates: Candidates, market: MarketView, now: datetime) -> Proposal:
        p = self._p
        vix = known(market.vix_now(), SkipCode.NO_VIX)
        numbers = {**candidates.numbers, "iv_rank": candidates.numbers[f"iv_rank_{product}"], "vix": vix}
        units = self.units_at(vix)
        if units is None:
            is_high = vix >= p.vix_below
            raise Refusal(
                SkipCode.VIX_TOO_HIGH if is_high else SkipCode.VIX_TOO_LOW, {**numbers, "vix_from": p.vix_from, "vix_below": p.vix_below}
            )
        quoted = selection.live([contract for contract in candidates.contracts if contract.underlying == product], market, now)
        puts, calls = ([one for one in quoted if one.contract.right is right] for right in (Right.PUT, Right.CALL))
        put = found(selection.by_delta(puts, p.put_delta, p.put_delta_low, p.put_delta_high), numbers, "put")
        call = found(selection.by_delta(calls, p.call_delta, p.call_delta_low, p.call_delta_high), numbers, "call")
        legs = (Leg(put.contract, -1, Role.NAKED_PUT), Leg(call.contract, -1, Role.NAKED_CALL))
        price = known(net_price(legs, quotes_of((leg.contract for leg in legs), market, now)), SkipCode.NO_QUOTE, numbers)
        numbers |= {"put_delta": abs(put.delta or 0.0), "call_delta": abs(call.delta or 0.0)}
        numbers |= {"put_strike": put.contract.strike, "call_strike": call.contract.strike}
        numbers["dte_days"] = float(put.contract.dte_days(now.date()))
        if price.natural <= 0.0:
            raise Refusal(SkipCode.CREDIT_BELOW_FLOOR, {**numbers, "credit": price.mid, "natural_credit": price.natural})
        return opening(
            strategy=self.name,
            underlying=product,
            legs=legs,
            units=units,
            price=price,
            now=now,
            loss_at_stop_points=p.stop_loss * price.mid,
            numbers=numbers,
            tags={"structure": "strangle"},
        )

    def units_at(self, vix: float) -> int | None:
        """Units by the VIX; None where it forbids an entry."""
        p = self._p
        if vix < p.vix_from or vix >= p.vix_below:
            return None
        if vix < p.vix_more:
            return p.units
        return max(1, int(1.5 * p.units)) if vix < p.vix_most else p.most_units

    def manage(self, position: Position, market: MarketView, portfolio: PortfolioView, now: datetime) -> Exit | Hold | Adjust:  # noqa: ARG002  # its rules look at the campaign alone
        """Delta and loss first, then the target and the days; a tested strangle asks for its roll."""
        p = self._p
        quotes = quotes_of((holding.contract for holding in position.holdings), market, now)
        profit, base = position.profit_dollars(quotes, at_mid=True), position.entry_credit_dollars
        tested, delta = self._tested(position, market, now)
        side = exit_rules.keys_of([tested]) if tested is not None else frozenset[str]()
        outcome = exit_rules.first_exit(
            exit_rules.delta_limit(delta, p.stop_delta, name="stop_delta"),
            exit_rules.loss_stop(profit, p.stop_loss * base),
            exit_rules.delta_limit(delta, p.tested_delta, ExitReason.TESTED_SIDE, side, "tested_delta"),
            exit_rules.profit_target(profit, base, p.profit_target),
            exit_rules.days_left(now.date(), position.nearest_expiry, p.close_dte),
        )
        is_tested = delta is not None and delta >= p.roll_delta
        if isinstance(outcome, Exit) or not is_tested or position.numbers.get(_ROLLS, 0.0) >= p.rolls:
            return outcome
        candidates = self._roll_candidates(position, tested, market, now)
        return outcome if candidates is None else Adjust(candidates, outcome.stop_breaches)

    @staticmethod
    def _tested(position: Position, market: MarketView, now: datetime) -> tuple[Holding | None, float | None]:
        """The short with the largest delta, and that delta."""
        deltas = [(holding, selection.live_delta(holding.contract, market, now)) for holding in position.shorts()]
        priced = [(holding, abs(delta)) for holding, delta in deltas if delta is not None]
        return max(priced, key=lambda pair: pair[1]) if priced else (None, None)

    def _roll_candidates(self, position: Position, tested: Holding | None, market: MarketView, now: datetime) -> Candidates | None:
        p = self._p
        untested = [
            holding.contract for holding in position.shorts() if tested is not None and holding.contract.right != tested.contract.right
        ]
        chain = market.chain(position.underlying)
        if len(untested) != 1 or chain is None:
            return None
        old = untested[0]
        rows = [row for row in selection.of_right(selection.series(chain, old.expiry), old.right) if row.contract.key != old.key]
        chosen = self._near(rows, market, now, p.roll_to_delta - p.roll_tolerance, p.roll_to_delta + p.roll_tolerance)
        return Candidates(selection.unique(chosen), tags={"adjustment": "roll_in", "untested": old.key}) if chosen else None

    def adjust(
        self,
        position: Position,
        candidates: Candidates,
        market: MarketView,
        portfolio: PortfolioView,  # noqa: ARG002  # room is judged by risk
        now: datetime,
    ) -> Proposal | Skip:
        """Buy the untested side back and sell it nearer, in one order and for a credit."""
        try:
            return self._roll(position, candidates, market, now)
        except Refusal as refusal:
            return refusal.skip

    def _roll(self, position: Position, candidates: Candidates, market: MarketView, now: datetime) -> Proposal:
        p = self._p
        held = [holding for holding in position.shorts() if holding.contract.key == candidates.tags.get("untested")]
        if not held or position.numbers.get(_ROLLS, 0.0) >= p.rolls:
            raise Refusal(SkipCode.NOT_NEEDED, detail="rolled already")
        old = held[0]
        _, tested_delta = self._tested(position, market, now)
        if tested_delta is None or tested_delta < p.roll_delta:
            raise Refusal(SkipCode.NOT_NEEDED, {} if tested_delta is None else {"tested_delta": tested_delta}, "no longer tested")
        quoted = selection.live(candidates.contracts, market, now)
        new = found(selection.by_delta(quoted, p.roll_to_delta, p.roll_to_delta - p.roll_tolerance, p.roll_to_delta + p.roll_tolerance))
        legs = (Leg(old.contract, 1, old.role), Leg(new.contract, -1, old.role))
        price = known(net_price(legs, quotes_of((leg.contract for leg in legs), market, now)), SkipCode.NO_QUOTE)
        numbers = {"tested_delta": tested_delta, "rolled_delta": abs(new.delta or 0.0), "roll_credit": price.mid}
        if price.mid <= 0.0:
            raise Refusal(SkipCode.CREDIT_BELOW_FLOOR, numbers)
        return opening(
            strategy=self.name,
            underlying=position.underlying,
            legs=legs,
            units=abs(old.quantity),
            price=price,
            now=now,
            loss_at_stop_points=p.stop_loss * price.mid,
            numbers={**numbers, _ROLLS: position.numbers.get(_ROLLS, 0.0) + 1.0},
            tags={"adjustment": "roll_in"},
            campaign=position.campaign_id,
            what="roll_in",
        )
