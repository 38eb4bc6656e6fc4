"""A trading desk for tests of securities, orders and brokerages: the real trading part of the engine with hand-set clock, hours and prices."""

from datetime import date, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest

from simulator.algorithm.holdings import HoldingsMixin
from simulator.algorithm.settings import AlgorithmSettings
from simulator.algorithm.trading import TradingMixin
from simulator.brokerages.backtesting_brokerage import BacktestingBrokerage
from simulator.brokerages.brokerage_factory import brokerage_model_of
from simulator.brokerages.security_initializer import BrokerageModelSecurityInitializer
from simulator.common.bars import Bar, QuoteBar, TradeBar
from simulator.common.enums import (
    BrokerageName,
    DataNormalizationMode,
    DayOfWeek,
    MarketHoursState,
    OptionRight,
    OptionStyle,
    OrderStatus,
    Resolution,
    SecurityType,
    TickType,
)
from simulator.common.symbol import Symbol, SymbolCache
from simulator.common.time_zone import HOUR, MINUTE, to_utc
from simulator.data.local_market_hours import LocalMarketHours, MarketHoursSegment
from simulator.data.security_exchange_hours import SecurityExchangeHours
from simulator.data.symbol_properties_database import SymbolProperties
from simulator.orders.transaction_handler import TransactionHandler
from simulator.orders.transaction_manager import SecurityTransactionManager
from simulator.results.trade_builder import TradeBuilder
from simulator.securities.future import Future
from simulator.securities.option import FutureOption, IndexOption, Option
from simulator.securities.portfolio import SecurityPortfolioManager
from simulator.securities.security import Equity, Index
from simulator.securities.security_manager import SecurityManager

NEW_YORK = "America/New_York"
ONE = Decimal(1)


def weekday_hours(start, end, extended=()):
    """The same session from Monday to Friday, in microseconds of the day."""
    segments = [MarketHoursSegment(MarketHoursState.MARKET, start, end)]
    segments += [MarketHoursSegment(MarketHoursState.PRE_MARKET, first, last) for first, last in extended]
    segments.sort(key=lambda segment: segment._start)
    days = {day: LocalMarketHours(day, segments) for day in DayOfWeek if day not in {DayOfWeek.SATURDAY, DayOfWeek.SUNDAY}}
    return SecurityExchangeHours(NEW_YORK, frozenset(), days, {}, {})


STOCK_HOURS = weekday_hours(9 * HOUR + 30 * MINUTE, 16 * HOUR)
FUTURE_HOURS = weekday_hours(9 * HOUR + 30 * MINUTE, 17 * HOUR, [(0, 9 * HOUR + 30 * MINUTE), (18 * HOUR, 24 * HOUR)])


class Desk(TradingMixin, HoldingsMixin):
    """An algorithm without time loop: tests move the clock and set the quotes."""

    def __init__(self, brokerage=BrokerageName.TASTYTRADE, cash=100_000, now="2024-01-09 10:00"):
        SymbolCache.clear()
        self.set_time(now)
        self.is_warming_up = False
        self._engine_locked = False
        self.status = None
        self._engine_slice_events = []
        self.current_slice = SimpleNamespace(delistings={}, splits={})
        self.messages = []
        self.events = []
        self.assignments = []
        self.runtime_errors = []
        self.when_event = None
        self.margins = {"ES": (Decimal(6930), Decimal(6300))}
        self.settings = AlgorithmSettings()
        self.trade_builder = TradeBuilder()
        self.securities = SecurityManager()
        self.transactions = SecurityTransactionManager(self)
        self.portfolio = SecurityPortfolioManager(self)
        self.portfolio.set_cash(cash)
        self.brokerage_model = brokerage_model_of(brokerage)
        self.security_initializer = BrokerageModelSecurityInitializer(self.brokerage_model)
        self.handler = TransactionHandler(self, SimpleNamespace(order_event=lambda _: None))
        self.brokerage = BacktestingBrokerage(self, self.handler)
        self._engine_initialize_trading()

    # What an algorithm would have

    def debug(self, message):
        self.messages.append(str(message))

    def error(self, message):
        self.messages.append(str(message))

    def on_order_event(self, event):
        self.events.append(event)
        if self.when_event is not None:
            self.when_event(event)

    def on_assignment_order_event(self, event):
        self.assignments.append(event)

    def _engine_set_runtime_error(self, error, context):
        self.runtime_errors.append((context, str(error)))

    def get_last_known_prices(self, _):
        return []

    def add_security(self, symbol):
        return self._add(Equity, symbol, STOCK_HOURS, SymbolProperties("", "USD", ONE, Decimal("0.01"), ONE))

    # Time and data

    def set_time(self, text):
        self._utc = to_utc(datetime.fromisoformat(text), NEW_YORK)

    def step(self, minutes=1):
        """Moves the clock without any processing."""
        self._utc += minutes * MINUTE

    def scan(self):
        """What a step does before and after the algorithm's handlers."""
        self.portfolio.invalidate_total_portfolio_value()
        self.handler.process_synchronous_events()

    def quote(self, security, bid, ask, low=None, high=None):
        """A minute quote bar that ends now; `low` and `high` are (bid, ask) pairs."""
        low, high = low or (bid, ask), high or (bid, ask)
        bars = [None if price is None else Bar(price, high[i], low[i], price) for i, price in enumerate((bid, ask))]
        bar = QuoteBar(None, security.symbol, bars[0], 10, bars[1], 10)
        security._update([bar._set_span(self._utc - MINUTE, self._utc, NEW_YORK)])

    def trade(self, security, close, open_=None, high=None, low=None, minutes=1):
        """A trade bar that ends now."""
        open_ = close if open_ is None else open_
        bar = TradeBar(None, security.symbol, open_, high or max(open_, close), low or min(open_, close), close, 100)
        security._update([bar._set_span(self._utc - minutes * MINUTE, self._utc, NEW_YORK)])

    # Securities

    def _add(self, kind, symbol, hours, properties, *arguments, ticks=(TickType.TRADE, TickType.QUOTE), resolution=Resolution.MINUTE):
        cash = self.portfolio.cash_book["USD"]
        security = kind(symbol, hours, cash, properties, self, *arguments)
        mode = DataNormalizationMode.RAW
        security._subscriptions = [
            SimpleNamespace(resolution=resolution, tick_type=tick, is_internal=False, extended_hours=False, data_normalization_mode=mode)
            for tick in ticks
        ]
        self.security_initializer.initialize(security)
        SymbolCache.set(symbol.value, symbol)
        self.securities._add(security)
        return security

    def equity(self, ticker="SPY", price=None, resolution=Resolution.MINUTE):
        symbol = Symbol.create(ticker, SecurityType.EQUITY, "usa")
        properties = SymbolProperties("", "USD", ONE, Decimal("0.01"), ONE)
        ticks = (TickType.TRADE, TickType.QUOTE) if resolution is Resolution.MINUTE else (TickType.TRADE,)
        security = self._add(Equity, symbol, STOCK_HOURS, properties, ticks=ticks, resolution=resolution)
        security.set_data_normalization_mode(DataNormalizationMode.RAW)
        if price is not None:
            self.trade(security, price)
        return security

    def index(self, ticker="SPX", price=None):
        symbol = Symbol.create(ticker, SecurityType.INDEX, "usa")
        security = self._add(Index, symbol, STOCK_HOURS, SymbolProperties("", "USD", ONE, Decimal("0.01"), ONE), ticks=(TickType.TRADE,))
        if price is not None:
            self.trade(security, price)
        return security

    def future(self, ticker="ES", expiry=date(2024, 3, 15), price=None, multiplier=50):
        symbol = Symbol.create_future(ticker, "cme", expiry)
        properties = SymbolProperties("", "USD", Decimal(multiplier), Decimal("0.25"), ONE)
        security = self._add(Future, symbol, FUTURE_HOURS, properties, self._margin_entry)
        if price is not None:
            self.quote(security, price - 0.25, price + 0.25)
        return security

    def _margin_entry(self, symbol, _):
        if symbol.id.symbol not in self.margins:
            return None
        initial, maintenance = self.margins[symbol.id.symbol]
        share = Decimal("0.4")
        return SimpleNamespace(
            initial_overnight=initial,
            maintenance_overnight=maintenance,
            initial_intraday=initial * share,
            maintenance_intraday=maintenance * share,
        )

    def option(self, underlying, right, strike, expiry=date(2024, 1, 19), mid=None, spread=0.2, root=None):
        """An option on a security; `mid` gives it a quote around it."""
        side = OptionRight.CALL if right == "C" else OptionRight.PUT
        kind = {SecurityType.EQUITY: Option, SecurityType.INDEX: IndexOption, SecurityType.FUTURE: FutureOption}[underlying.type]
        style = OptionStyle.EUROPEAN if kind is IndexOption else OptionStyle.AMERICAN
        root = "SPXW" if kind is IndexOption and root is None else root
        symbol = Symbol.create_option(underlying.symbol, root, underlying.symbol.id.market, style, side, strike, expiry)
        multiplier, step = (Decimal(50), Decimal("0.25")) if kind is FutureOption else (Decimal(100), Decimal("0.01"))
        hours = FUTURE_HOURS if kind is FutureOption else STOCK_HOURS
        security = self._add(kind, symbol, hours, SymbolProperties("", "USD", multiplier, step, ONE), underlying)
        if mid is not None:
            self.quote(security, round(mid - spread / 2, 6), round(mid + spread / 2, 6))
        return security

    # What tests look at

    def hold(self, security, quantity, price=None):
        """Puts a position in place without an order; cash stays."""
        security.holdings.set_holdings(security.price if price is None else price, quantity)

    def history(self):
        """(order id, status, fill quantity, fill price, fee) of every event."""
        return [(e.order_id, str(e.status), e.fill_quantity, e.fill_price, e.order_fee.value.amount) for e in self.events]

    def fills(self):
        """(order id, symbol value, quantity, price) of every fill."""
        return [(e.order_id, e.symbol.value, e.fill_quantity, e.fill_price) for e in self.events if e.status is OrderStatus.FILLED]


@pytest.fixture
def make_desk():
    """Makes a desk: `make_desk(brokerage, cash, now)`."""
    return Desk


@pytest.fixture
def desk():
    """A Tastytrade desk with 100 000 dollars on 2024-01-09 10:00 New York."""
    return Desk()
