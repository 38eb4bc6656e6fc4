"""The market as strategies and rules see it, read from LEAN. Implements `domain.views.MarketView`; missing is None, never zero."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from AlgorithmImports import DividendYieldProvider, QCAlgorithm, QuoteBar, Resolution, Security, SecurityType, Symbol, TradeBar

from domain.quote import OptionChain
from domain.contract import Contract
from domain.contract import Leg
from domain.quote import Quote
from domain.views import DailyBars, Session, VolatilityIndices
from execution.instruments import NEW_YORK, VOLATILITY_INDICES, Instruments
from strategies.selection import atm_volatility

YEAR_OF_SESSIONS = 260
OVERLAP_SESSIONS = 3
"""Sessions read again each day, to see that the kept ones still hold."""
LAST_LISTED = timedelta(days=520)
RANKED_DAYS = (60, 110)
NEAR_THE_MONEY = 0.1
"""Share of the spot within which the strikes at the money are looked for; a chain without any there has no at-the-money volatility."""

VIX = "VIX"

NO_SESSIONS = DailyBars((), (), (), (), ())

Answer = TypeVar("Answer")


class LeanMarketView:
    """Answers from LEAN's securities and history; what holds for a whole day is asked once a day."""

    def __init__(self, algorithm: QCAlgorithm, instruments: Instruments) -> None:
        """Keep the algorithm and the instruments it subscribed."""
        self._algorithm = algorithm
        self._instruments = instruments
        self._moments: dict[str, tuple[ZoneInfo, dict[datetime, datetime]]] = {}
        self._time: datetime | None = None
        self._now = datetime.min.replace(tzinfo=NEW_YORK)
        self.volatilities: dict[str, tuple[float, ...]] = {}
        self._daily: dict[str, DailyBars] = {}
        self._quotes: dict[str, tuple[datetime, Quote]] = {}
        self._answered: dict[str, Quote] = {}
        self._asked_at: datetime | None = None
        self._noted_at: datetime | None = None
        self._today: date | None = None
        self._day: dict[Hashable, Any] = {}
        self._daily_today: dict[str, DailyBars] = {}
        self._has_vix_today = False
        self._vix: tuple[datetime | None, float | None] = (None, None)

    @property
    def now(self) -> datetime:
        """The algorithm's time as an aware New York time."""
        time = self._algorithm.time
        if time is not self._time:
            self._time, self._now = time, time.replace(tzinfo=NEW_YORK)
        return self._now

    def session(self, day: date) -> Session | None:
        """Regular hours of US shares on `day`, early closes included; None when the exchange is closed."""
        return self._instruments.session(day)

    def spot(self, underlying: str) -> float | None:
        """Last price of the underlying; of a future that of the contract the continuous one stands for."""
        price = self._instruments.underlying_security(underlying).price
        return price if price > 0 else None

    def underlying_price(self, contract: Contract) -> float | None:
        """Last price of exactly what the contract follows."""
        option = self._instruments.security(contract)
        return self.spot(contract.underlying) if option is None else self._price(option.underlying)

    @staticmethod
    def _price(security: Security | None) -> float | None:
        price = 0.0 if security is None else security.price
        return price if price > 0 else None

    def session_open(self, underlying: str) -> float | None:
        """Open of today's first regular minute."""
        return self._once(("open", underlying), lambda: self._read_open(underlying))

    def _read_open(self, underlying: str) -> float | None:
        session = self.session(self.now.date())
        if session is None or self.now <= session.opens_at:
            return None
        start = session.opens_at.replace(tzinfo=None)
        symbol = self._instruments.underlying(underlying)
        bars = list(self._algorithm.history[TradeBar](symbol, start, self._algorithm.time, Resolution.MINUTE))
        return bars[0].open if bars else None

    def daily_bars(self, underlying: str, count: int) -> DailyBars:
        """Up to `count` completed sessions before today."""
        return self._sessions(underlying).last(count)

    def _sessions(self, underlying: str) -> DailyBars:
        self._note_day()
        bars = self._daily_today.get(underlying)
        if bars is None:
            bars = self._daily_today[underlying] = self._extended_daily(underlying)
        return bars

    def _extended_daily(self, underlying: str) -> DailyBars:
        """The kept sessions with those since added: a year is read once, then only what is new. A year again where the two do not meet."""
        symbol, kept = self._instruments.underlying(underlying), self._daily.get(underlying)
        bars = kept.extended(self._read_daily(symbol, OVERLAP_SESSIONS)) if kept else None
        self._daily[underlying] = bars = self._read_daily(symbol, YEAR_OF_SESSIONS) if bars is None else bars.last(YEAR_OF_SESSIONS)
        return bars

    def _read_daily(self, symbol: Symbol, count: int) -> DailyBars:
        today = self._algorithm.time.date()
        bars = [(bar.end_time.date(), bar) for bar in self._algorithm.history[TradeBar](symbol, count, Resolution.DAILY)]
        rows = [(day, bar.open, bar.high, bar.low, bar.close) for day, bar in bars if day < today]
        return DailyBars(*zip(*rows, strict=True)) if rows else NO_SESSIONS

    def quote(self, contract: Contract) -> Quote | None:
        """The contract's last real quote; None before the first and when it is not subscribed."""
        now = self._algorithm.time
        if now != self._asked_at:  # strategies and rules ask several times a beat for the same contract
            self._asked_at, self._answered = now, {}
        found = self._answered.get(contract.key)
        if found is None and (found := self._read_quote(contract)) is not None:
            self._answered[contract.key] = found
        return found

    def _read_quote(self, contract: Contract) -> Quote | None:
        security = self._instruments.security(contract)
        if security is None:
            return None
        bar = security.cache.get_data(QuoteBar)
        if bar is None:
            return None
        key, ends = contract.key, bar.end_time
        known = self._quotes.get(key)
        if known is not None and known[0] == ends:  # no new bar since the last beat
            return known[1]
        bids, asks = bar.bid, bar.ask
        quote = Quote(
            None if bids is None else bids.close or None,
            None if asks is None else asks.close or None,
            self._new_york(ends, contract.underlying, security),
        )
        self._quotes[key] = ends, quote
        return quote

    def _new_york(self, local: datetime, underlying: str, security: Security) -> datetime:
        """New York's time of a local one of the exchange on which options on this underlying trade."""
        moments = self._moments.get(underlying)
        if moments is None:
            moments = self._moments[underlying] = ZoneInfo(str(security.exchange.time_zone)), {}
        zone, known = moments
        moment = known.get(local)
        if moment is None:
            moment = known[local] = local.replace(tzinfo=zone).astimezone(NEW_YORK)
        return moment

    def vix_now(self) -> float | None:
        """The VIX: today's last value where minute data exist, else the last completed session's close."""
        now = self._algorithm.time
        if now != self._vix[0]:
            self._vix = now, self._read_vix()
        return self._vix[1]

    def _read_vix(self) -> float | None:
        security = self._instruments.underlying_security(VIX)
        self._note_day()
        if self._has_vix_today or self._is_of_today(security):
            price = security.price
            if price > 0:
                return price
        closes = self._sessions(VIX).close
        return closes[-1] if closes else None

    def _is_of_today(self, security: Security) -> bool:
        """Whether the VIX has data of today; once it has, it is not asked again."""
        last = security.get_last_data()
        self._has_vix_today = last is not None and last.end_time.date() == self._today  # type: ignore[redundant-expr]  # LEAN gives null before the first bar
        return self._has_vix_today

    def vix_closes(self, count: int) -> tuple[VolatilityIndices, ...]:
        """The family's closes of up to `count` completed VIX sessions, oldest first."""
        family = {ticker: self.daily_bars(ticker, count + 5) for ticker in VOLATILITY_INDICES}
        by_day = {ticker: dict(zip(bars.days, bars.close, strict=True)) for ticker, bars in family.items()}
        return tuple(
            VolatilityIndices(
                vix9d=by_day["VIX9D"].get(day), vix=by_day["VIX"].get(day), vix3m=by_day["VIX3M"].get(day), vix6m=by_day["VIX6M"].get(day)
            )
            for day in family["VIX"].days[-count:]
        )

    def risk_free_rate(self) -> float:
        """LEAN's risk-free rate of the day."""
        return self._once("rate", lambda: float(self._algorithm.risk_free_interest_rate_model.get_interest_rate(self._algorithm.time)))

    def dividend_yield(self, underlying: str) -> float:
        """LEAN's trailing dividend yield of a share; 0 for indices and futures, as LEAN takes them."""
        return self._once(("yield", underlying), lambda: self._read_yield(underlying))

    def _read_yield(self, underlying: str) -> float:
        symbol = self._instruments.underlying(underlying)
        if symbol.security_type != SecurityType.EQUITY:
            return 0.0
        price = self.spot(underlying)
        if price is None:
            return 0.0
        return float(DividendYieldProvider(symbol).get_dividend_yield(self._algorithm.time, price))

    def chain(self, underlying: str) -> OptionChain | None:
        """What is listed on the underlying as of this morning."""
        return self._once(("chain", underlying), lambda: self._instruments.chain(underlying, self.now.date() + LAST_LISTED))

    def collect_volatility(self, underlying: str) -> None:
        """Add this morning's at-the-money volatility of an underlying to its history; call once a session. What implies none, or has no price, adds none."""
        today, (low, high), spot = self.now.date(), RANKED_DAYS, self.spot(underlying)
        if spot is None:
            return
        strikes = (spot * (1.0 - NEAR_THE_MONEY), spot * (1.0 + NEAR_THE_MONEY))
        chain = self._instruments.chain(underlying, today + timedelta(days=high), today + timedelta(days=low), strikes)
        volatility = None if chain is None else atm_volatility(chain, self, self.now, low=low, high=high)
        if volatility is not None:
            self.volatilities[underlying] = (*self.volatilities.get(underlying, ()), volatility)[-YEAR_OF_SESSIONS:]

    def atm_volatility_history(self, underlying: str, count: int) -> tuple[float, ...]:
        """At-the-money volatilities of up to `count` sessions, this morning's last."""
        return self.volatilities.get(underlying, ())[-count:]

    def margin_dollars(self, legs: Sequence[Leg], units: int) -> float | None:  # noqa: ARG002  LEAN answers for what is held, not for what might be
        """None: LEAN has no question for the margin of a structure that is not ordered yet; the rule's own estimate counts."""
        return None

    def _once(self, key: Hashable, read: Callable[[], Answer]) -> Answer:
        self._note_day()
        kept: Answer | None = self._day.get(key)
        if kept is not None:
            return kept
        value = read()
        if value is not None:
            self._day[key] = value
        return value

    def _note_day(self) -> None:
        """Forget what held for the day before."""
        now = self._algorithm.time
        if now is self._noted_at:
            return
        self._noted_at, today = now, now.date()
        if today != self._today:
            self._today, self._day, self._quotes, self._moments = today, {}, {}, {}
            self._daily_today, self._has_vix_today = {}, False
