"""Longer bars in all of LEAN's forms, and indicators warmed up from the past (QCAlgorithm.Consolidate, WarmUpIndicator)."""

from datetime import datetime, timedelta

import pytest

from simulator.engine.calendar import Calendar, CalendarInfo

SPY = """
def initialize(self):
    self.set_start_date(2013, 10, 7)
    self.set_end_date(2013, 10, 11)
    self.spy = self.add_equity("SPY", Resolution.MINUTE, data_normalization_mode=DataNormalizationMode.RAW).symbol
    self.configure()

def note(self, bar):
    self.seen.append((type(bar).__name__, f"{bar.time:%d %H:%M}", f"{bar.end_time:%d %H:%M}", round(bar.close, 2)))

"""


def look(run_algorithm, body):
    return run_algorithm(SPY + "def configure(self):\n" + "".join(f"    {line}\n" for line in body.strip().splitlines())).seen


@pytest.mark.slow
def test_a_kind_of_data_may_be_named(run_algorithm):
    seen = look(run_algorithm, "self.consolidate(self.spy, timedelta(hours=1), TickType.QUOTE, self.note)")
    assert {bar[0] for bar in seen} == {"QuoteBar"}
    seen = look(run_algorithm, "self.consolidate(self.spy, Resolution.HOUR, handler=self.note)")
    assert {bar[0] for bar in seen} == {"TradeBar"}


def test_a_calendar_makes_weeks(run_algorithm):
    seen = look(run_algorithm, "self.consolidate(self.spy, Calendar.WEEKLY, self.note)")
    assert seen == [], "the week is not over when the run ends"
    seen = look(
        run_algorithm, "self.consolidate(self.spy, lambda t: CalendarInfo(datetime(t.year, t.month, t.day), timedelta(days=1)), self.note)"
    )
    assert [bar[1:3] for bar in seen] == [(f"{day:02} 00:00", f"{day + 1:02} 00:00") for day in (7, 8, 9, 10)]


def test_a_number_of_bars_makes_one(run_algorithm):
    seen = look(run_algorithm, "self.consolidate(QuoteBar, self.spy, 130, None, self.note)")
    assert len(seen) == 15
    assert seen[0][:3] == ("QuoteBar", "07 09:30", "07 11:40")


def test_calendar_periods():
    wednesday = datetime(2024, 2, 14, 10)
    assert Calendar.WEEKLY(wednesday) == CalendarInfo(datetime(2024, 2, 12), timedelta(days=7))
    assert Calendar.MONTHLY(wednesday) == CalendarInfo(datetime(2024, 2, 1), timedelta(days=29))
    assert Calendar.QUARTERLY(wednesday) == CalendarInfo(datetime(2024, 1, 1), timedelta(days=91))
    assert Calendar.YEARLY(wednesday).end == datetime(2025, 1, 1)


def test_an_indicator_starts_over_with_the_past(run_algorithm):
    body = """
average = SimpleMovingAverage(3)
average.update(datetime(2013, 10, 1), 1000)
self.warm_up_indicator(self.spy, average, Resolution.DAILY)
closes = [bar.close for bar in self.history[TradeBar](self.spy, 3, Resolution.DAILY)]
self.seen.append((average.samples, abs(average.current.value - sum(closes) / 3) < 1e-9))
hours = SimpleMovingAverage(2)
self.warm_up_indicator(self.spy, hours, timedelta(hours=2))
self.seen.append((hours.samples, hours.is_ready))
"""
    assert look(run_algorithm, body) == [(3, True), (2, True)]


def test_an_indicator_subscribes_what_is_not_subscribed(run_algorithm):
    body = """
aapl = Symbol.create("AAPL", SecurityType.EQUITY, Market.USA)
self.sma(aapl, 2, Resolution.DAILY)
self.seen.append(self.securities.contains_key(aapl))
"""
    assert look(run_algorithm, body) == [True]


def test_a_handler_sees_the_bar_before_beside_the_new_one(run_algorithm):
    """ConsolidatorBase.OnDataConsolidated: the window is filled before handlers run, `consolidated` is set after them."""
    run = run_algorithm(
        SPY
        + """
def configure(self):
    self.consolidator = TradeBarConsolidator(timedelta(hours=1))
    self.consolidator.window.size = 3
    self.consolidator.data_consolidated += self.look
    self.subscription_manager.add_consolidator(self.spy, self.consolidator)

def look(self, sender, bar):
    before = self.consolidator.consolidated
    self.seen.append((self.consolidator.current is bar, self.consolidator[0] is bar, before is self.consolidator.previous, before is not bar))
"""
    )
    assert set(run.seen) == {(True, True, True, True)}
    assert run.algorithm.consolidator.window.count == 3


def test_indicators_take_fields_of_bars(run_algorithm):
    run = run_algorithm(
        SPY
        + """
def configure(self):
    self.fields = {name: self.sma(self.spy, 1, Resolution.MINUTE, getattr(Field, name)) for name in ("OPEN", "TYPICAL", "VOLUME", "BID_CLOSE")}

def on_data(self, data):
    bar, quote = data.bars.get(self.spy), data.quote_bars.get(self.spy)
    if bar and quote and not self.seen:
        found = {name: average.current.value for name, average in self.fields.items()}
        self.seen += [found["OPEN"] == bar.open, found["VOLUME"] == bar.volume, found["BID_CLOSE"] == quote.bid.close]
        self.seen.append(abs(found["TYPICAL"] - (bar.high + bar.low + bar.close) / 3) < 1e-9)
"""
    )
    assert run.seen == [True] * 4
