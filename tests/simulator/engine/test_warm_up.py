"""Bars of another length before the start (LEAN's FileSystemDataFeed.CreateSubscription), and where a warm-up begins (TryGetWarmupHistoryStartTime)."""

from datetime import timedelta

import pytest

SPY = """
def initialize(self):
    self.set_start_date(2013, 10, 9)
    self.set_end_date(2013, 10, 9)
    self.spy = self.add_equity("SPY", Resolution.MINUTE, data_normalization_mode=DataNormalizationMode.RAW).symbol
    self.average = self.sma(self.spy, 2, Resolution.DAILY)
    self.bars = []
    self.consolidate(self.spy, timedelta(minutes=5), lambda bar: self.bars.append((f"{bar.end_time:%d %H:%M}", bar.period)))
    self.configure()

def on_data(self, data):
    bar, quote = data.bars.get(self.spy), data.quote_bars.get(self.spy)
    if self.is_warming_up or len(self.seen) < 6:
        span = None if bar is None else bar.period
        self.seen.append((f"{self.time:%d %H:%M}", self.is_warming_up, span, quote is not None))

def on_warmup_finished(self):
    self.seen.append((f"{self.time:%d %H:%M}", self.average.is_ready, self.securities[self.spy].price, self.bars[:1]))

def configure(self):
"""


@pytest.mark.parametrize("naive", [False, True])
def test_daily_bars_warm_a_minute_subscription_up(run_algorithm, naive):
    run = run_algorithm(SPY + "    self.set_warm_up(3, Resolution.DAILY)\n", naive=naive)
    session, minute = timedelta(hours=6, minutes=30), timedelta(minutes=1)
    assert run.seen[:3] == [(f"{day:02} 16:00", True, session, False) for day in (4, 7, 8)]
    finished = run.seen[3]
    assert finished[:2] == ("09 00:00", True)
    assert finished[2] == pytest.approx(165.48, abs=0.05)
    assert run.seen[4:6] == [("09 09:31", False, minute, True), ("09 09:32", False, minute, True)]


def test_without_a_resolution_bars_keep_their_length(run_algorithm):
    run = run_algorithm(SPY + "    self.set_warm_up(2)\n")
    assert [seen[0] for seen in run.seen[:2]] == ["08 15:58", "08 15:59"], "LEAN keeps the bar that ends at the start"
    assert all(seen[3] for seen in run.seen[:2])


def test_a_chain_counts_days(run_algorithm):
    run = run_algorithm(
        """
def initialize(self):
    self.set_start_date(2015, 12, 28)
    self.set_end_date(2015, 12, 28)
    self.add_option("GOOG", Resolution.MINUTE).set_filter(-1, 1)
    self.set_warm_up(2)

def on_securities_changed(self, changes):
    self.seen.append((f"{self.time:%d %H:%M}", self.is_warming_up))
"""
    )
    assert run.seen[0] == ("23 00:00", True)
