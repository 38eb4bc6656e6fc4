"""Instruments: which LEAN securities stand behind the underlyings and contracts that the strategies name.

Underlyings are subscribed at the start; contracts only when a strategy wants them quoted, and let go when nobody holds or works them:
subscriptions are what a backtest costs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from math import inf
from typing import NamedTuple
from zoneinfo import ZoneInfo

from AlgorithmImports import (
    DataMappingMode,
    DataNormalizationMode,
    FillModel,
    Future,
    Market,
    Option,
    OptionContract,
    OptionRight,
    OptionStyle,
    QCAlgorithm,
    Resolution,
    Security,
    SecurityType,
    Symbol,
)

from analysis.settlement_time import settlement_moment
from domain.quote import ChainRow, OptionChain
from domain.contract import Contract, Right, Settlement, Style
from domain.contract import ProductKind, product_of
from domain.views import Session

VOLATILITY_INDICES = ("VIX9D", "VIX", "VIX3M", "VIX6M")
CALENDAR_TICKER = "SPY"
NEW_YORK = ZoneInfo("America/New_York")
ANY_STRIKE = (0.0, inf)


class Series(NamedTuple):
    """What the contracts of one root, expiry and underlying have in common."""

    underlying_key: str
    root: str
    expiry: date
    ends_at: datetime
    multiplier: float
    style: Style
    settlement: Settlement


class Listing(Mapping[date, Sequence[ChainRow]]):
    """Listed contracts by expiry; those of one are described when they are first asked for, since most never are."""

    def __init__(self, listed: Mapping[date, Sequence[OptionContract]], describe: Callable[[OptionContract], ChainRow]) -> None:
        """Keep LEAN's contracts and what makes a row of one."""
        self._listed, self._describe = listed, describe
        self._described: dict[date, list[ChainRow]] = {}

    def __getitem__(self, expiry: date) -> Sequence[ChainRow]:
        """The rows of an expiry."""
        rows = self._described.get(expiry)
        if rows is None:
            rows = self._described[expiry] = [self._describe(listed) for listed in self._listed[expiry]]
        return rows

    def __iter__(self) -> Iterator[date]:
        """The expiries."""
        return iter(self._listed)

    def __len__(self) -> int:
        """Number of expiries."""
        return len(self._listed)


class Instruments:
    """Maps names to LEAN symbols and owns every subscription of the machine."""

    def __init__(self, algorithm: QCAlgorithm, fill_model: FillModel) -> None:
        """Keep the algorithm and the fill model that every option contract gets."""
        self._algorithm = algorithm
        self._fill_model = fill_model
        self._underlyings: dict[str, Security] = {}
        self._futures: dict[str, Future] = {}
        self._contracts: dict[str, Option] = {}
        self._listed: dict[str, Symbol] = {}
        self._known: dict[Symbol, Contract] = {}
        self._series: dict[tuple[str, str, datetime, str], Series] = {}
        self._sessions: dict[date, Session | None] = {}

    def subscribe_underlyings(self, tickers: Iterable[str]) -> None:
        """Add the underlyings, the calendar's ticker and the VIX family. Call from `initialize`."""
        for ticker in dict.fromkeys((CALENDAR_TICKER, *tickers, *VOLATILITY_INDICES)):
            self._underlyings[ticker] = self._add(ticker)

    def _add(self, ticker: str) -> Security:
        product = product_of(ticker)
        if ticker in VOLATILITY_INDICES or product.kind is ProductKind.INDEX:
            return self._algorithm.add_index(ticker, Resolution.MINUTE)
        if product.kind is ProductKind.FUTURE:
            self._futures[ticker] = future = self._algorithm.add_future(
                ticker,
                Resolution.MINUTE,
                data_mapping_mode=DataMappingMode.OPEN_INTEREST,
                data_normalization_mode=DataNormalizationMode.RAW,
            )
            return future
        return self._algorithm.add_equity(ticker, Resolution.MINUTE, data_normalization_mode=DataNormalizationMode.RAW)

    def session(self, day: date) -> Session | None:
        """Regular hours of US shares on `day`, early closes included; None when the exchange is closed."""
        if day not in self._sessions:
            self._sessions[day] = self._read_session(day)
        return self._sessions[day]

    def _read_session(self, day: date) -> Session | None:
        hours = self._underlyings[CALENDAR_TICKER].exchange.hours
        midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001  LEAN takes the exchange's local time
        if not hours.is_date_open(midnight):
            return None
        opens = hours.get_next_market_open(midnight, False)
        closes = hours.get_next_market_close(opens, False)
        return Session(opens.replace(tzinfo=NEW_YORK), closes.replace(tzinfo=NEW_YORK))

    def underlying(self, ticker: str) -> Symbol:
        """LEAN's symbol of an underlying; for a future the continuous one."""
        return self._underlyings[ticker].symbol

    def underlying_security(self, ticker: str) -> Security:
        """LEAN's security of an underlying; for a future the continuous one, unadjusted.

        Not the contract it stands for: LEAN drops that one's bars while contracts of other futures are subscribed (TimeSliceFactory).
        """
        return self._underlyings[ticker]

    def delivered(self, ticker: str) -> Symbol:
        """What exercise of an option on this underlying has left in the account: the share, or the one future that is held."""
        symbol, future = self._underlyings[ticker].symbol, self._futures.get(ticker)
        if future is None:
            return symbol
        held = (s.symbol for s in self._algorithm.securities.values() if s.symbol.canonical == symbol and s.invested)
        return next(held, symbol if future.mapped is None else future.mapped)  # type: ignore[redundant-expr]  # LEAN gives null before the first mapping

    def security(self, contract: Contract) -> Option | None:
        """The subscribed security of a contract, None when it is not subscribed."""
        return self._contracts.get(contract.key)

    def symbol(self, contract: Contract) -> Symbol | None:
        """The subscribed symbol of a contract, None when it is not subscribed."""
        option = self._contracts.get(contract.key)
        return None if option is None else option.symbol

    def tradable(self, contract: Contract) -> Symbol:
        """The symbol of a contract to be ordered, subscribed now if it was not."""
        self.subscribe([contract])
        return self._contracts[contract.key].symbol

    def chain(
        self, ticker: str, last_expiry: date, first_expiry: date = date.min, strikes: tuple[float, float] = ANY_STRIKE
    ) -> OptionChain | None:
        """What is listed on an underlying as of this morning that expires from the one date to the other, with strikes in a closed band.

        None without any.
        """
        low, high = strikes
        found: dict[date, list[OptionContract]] = {}
        for canonical in self._canonicals(ticker, (first_expiry, last_expiry)):
            for listed in self._algorithm.option_chain(canonical):
                expiry = listed.expiry.date()
                if first_expiry <= expiry <= last_expiry and low <= listed.strike <= high:
                    found.setdefault(expiry, []).append(listed)
        return OptionChain(ticker, Listing(found, partial(self._row, ticker))) if found else None

    def _canonicals(self, ticker: str, span: tuple[date, date]) -> list[Symbol]:
        """What to ask for the chains with expiries in a span; an option never outlives its future."""
        first_expiry, last_expiry = span
        product, symbol = product_of(ticker), self.underlying(ticker)
        if product.kind is ProductKind.FUTURE:
            futures = sorted((contract.symbol for contract in self._algorithm.futures_chain(symbol)), key=lambda found: found.id.date)
            wanted = []
            for future in futures:
                if future.id.date.date() >= first_expiry:
                    wanted.append(future)
                if future.id.date.date() >= last_expiry:
                    break
            return wanted
        if product.kind is ProductKind.INDEX:
            return [Symbol.create_canonical_option(symbol, product.option_root, Market.USA, f"?{product.option_root}")]
        return [symbol]

    def _row(self, ticker: str, listed: OptionContract) -> ChainRow:
        return ChainRow(
            self._contract(ticker, listed.symbol), listed.last_price or None, listed.implied_volatility or None, listed.greeks.delta or None
        )

    def _contract(self, ticker: str, symbol: Symbol) -> Contract:
        contract = self._known.get(symbol)
        if contract is None:
            contract = self._known[symbol] = self._described(ticker, symbol)
            self._listed[contract.key] = symbol
        return contract

    def _described(self, ticker: str, symbol: Symbol) -> Contract:
        identity = symbol.id
        key = (ticker, identity.symbol, identity.date, str(symbol.underlying.id))
        series = self._series.get(key)
        if series is None:
            series = self._series[key] = self._described_series(ticker, symbol)
        return Contract(
            key=str(identity),
            underlying=ticker,
            underlying_key=series.underlying_key,
            root=series.root,
            right=Right.CALL if identity.option_right == OptionRight.CALL else Right.PUT,
            strike=float(identity.strike_price),
            expiry=series.expiry,
            ends_at=series.ends_at,
            multiplier=series.multiplier,
            style=series.style,
            settlement=series.settlement,
        )

    def _described_series(self, ticker: str, symbol: Symbol) -> Series:
        identity = symbol.id
        expiry = identity.date.date()
        is_index = symbol.security_type == SecurityType.INDEX_OPTION
        return Series(
            underlying_key=str(symbol.underlying.id),
            root=identity.symbol if symbol.security_type != SecurityType.OPTION else ticker,
            expiry=expiry,
            ends_at=self._ends_at(
                identity.symbol if is_index else ticker, expiry, is_on_future=symbol.security_type == SecurityType.FUTURE_OPTION
            ),
            multiplier=self._multiplier(ticker),
            style=Style.EUROPEAN if identity.option_style == OptionStyle.EUROPEAN else Style.AMERICAN,
            settlement=Settlement.CASH if is_index else Settlement.PHYSICAL,
        )

    def _ends_at(self, root: str, expiry: date, *, is_on_future: bool) -> datetime:
        session = self.session(expiry)
        close = session.closes_at.time() if session is not None else None
        return settlement_moment(root, expiry, on_future=is_on_future, session_close=close).replace(tzinfo=NEW_YORK)

    def _multiplier(self, ticker: str) -> float:
        if product_of(ticker).kind is ProductKind.FUTURE:
            return float(self._underlyings[ticker].symbol_properties.contract_multiplier)
        return 100.0

    def subscribe(self, contracts: Iterable[Contract]) -> None:
        """Have these contracts quoted from the next bar on; a contract already subscribed is left alone."""
        for contract in contracts:
            if contract.key in self._contracts:
                continue
            self._contracts[contract.key] = option = self._add_contract(self._listed[contract.key])
            option.set_fill_model(self._fill_model)

    def _add_contract(self, symbol: Symbol) -> Option:
        if symbol.security_type == SecurityType.INDEX_OPTION:
            return self._algorithm.add_index_option_contract(symbol, Resolution.MINUTE)
        if symbol.security_type == SecurityType.FUTURE_OPTION:
            return self._algorithm.add_future_option_contract(symbol, Resolution.MINUTE)
        return self._algorithm.add_option_contract(symbol, Resolution.MINUTE)

    def restore(self, contract: Contract) -> None:
        """Subscribe to a contract that another process held; its key is LEAN's security identifier."""
        self._listed[contract.key] = self._algorithm.symbol(contract.key)
        self.subscribe([contract])

    def release(self, needed: frozenset[str]) -> int:
        """Let go of every contract whose key is not needed and that the account does not hold; the number let go."""
        idle = [key for key, option in self._contracts.items() if key not in needed and not option.invested]
        for key in idle:
            self._algorithm.remove_security(self._contracts.pop(key).symbol)
        return len(idle)
