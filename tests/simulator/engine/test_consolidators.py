"""Consolidated bars: periods, counts, calendars, sessions; and when they come out without data."""

from datetime import datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

from simulator.common.bars import Bar, QuoteBar, TradeBar
from simulator.common.symbol import Symbol
from simulator.engine.consolidator import IdentityDataConsolidator, QuoteBarConsolidator, TradeBarConsolidator

MINUTE = timedelta(minutes=1)


def bar(time: str, close: float, volume: int = 1) -> TradeBar:
    start = datetime.fromisoformat(f"2024-01-03 {time}")
    return TradeBar(start, Symbol.EMPTY, close, close + 1, close - 1, close, volume, MINUTE)


def emitted(consolidator, *bars):
    seen = []
    consolidator.data_consolidated += lambda _sender, made: seen.append(made)
    for each in bars:
        consolidator.update(each)
    return [f"{made.time:%H:%M}-{made.end_time:%H:%M}" for made in seen], seen


def test_a_period_ends_with_the_first_bar_of_the_next():
    spans, made = emitted(TradeBarConsolidator(5 * MINUTE), bar("09:31", 10), bar("09:34", 12, 5), bar("09:35", 11), bar("09:36", 13))
    assert spans == ["09:30-09:35"]
    assert (made[0].open, made[0].high, made[0].low, made[0].close, made[0].volume) == (10, 13, 9, 12, 6)


def test_a_count_ends_with_its_last_bar():
    spans, made = emitted(TradeBarConsolidator(2), bar("09:31", 10), bar("09:34", 12), bar("09:36", 13))
    assert spans == ["09:31-09:35"]
    assert made[0].volume == 2


def test_a_calendar_says_where_bars_begin():
    def half_hours(time):
        return SimpleNamespace(start=time.replace(minute=time.minute // 30 * 30), period=timedelta(minutes=30))

    assert emitted(TradeBarConsolidator(half_hours), bar("09:29", 1), bar("09:30", 2), bar("10:00", 3))[0] == ["09:00-09:30", "09:30-10:00"]


def test_a_start_time_moves_the_periods():
    consolidator = TradeBarConsolidator(timedelta(hours=1), timedelta(hours=9, minutes=30))
    assert emitted(consolidator, bar("09:31", 1), bar("10:29", 2), bar("10:30", 3))[0] == ["09:30-10:30"]


def test_a_quote_opens_where_the_one_before_closed():
    def quote(time, bid, ask):
        sides = (Bar(*(Decimal(side),) * 4) for side in (bid, ask))
        bid_side, ask_side = sides
        return QuoteBar(datetime.fromisoformat(f"2024-01-03 {time}"), Symbol.EMPTY, bid_side, 1, ask_side, 2, MINUTE)

    _, made = emitted(QuoteBarConsolidator(5 * MINUTE), quote("09:31", 10, 11), quote("09:36", 12, 13), quote("09:41", 8, 9))
    assert (made[1].bid.open, made[1].bid.high, made[1].bid.close, made[1].ask.low) == (10, 12, 12, 11)


def test_the_same_end_passes_once():
    assert len(emitted(IdentityDataConsolidator(), bar("09:31", 1), bar("09:31", 2), bar("09:32", 3))[0]) == 2


DAILY = """
def initialize(self):
    self.set_start_date(2021, 1, 4)
    self.set_end_date(2021, 1, 15)
    self.spx = self.add_index("SPX", Resolution.MINUTE).symbol
    self.settings.daily_precise_end_time = {strict}
    self.consolidate(self.spx, Resolution.DAILY, lambda bar: self.seen.append((f"{{self.time:%d %H:%M}}", f"{{bar.time:%H:%M}}-{{bar.end_time:%H:%M}}")))
"""


def test_days_are_sessions_of_the_exchange(run_algorithm):
    seen = run_algorithm(DAILY.format(strict=True)).seen
    assert seen[0] == ("04 16:15", "08:30-15:15")
    assert len(seen) == len({time for time, _ in seen})


def test_days_without_strict_ends_come_out_at_midnight_without_data(run_algorithm):
    seen = run_algorithm(DAILY.format(strict=False)).seen
    assert seen[0] == ("05 01:00", "00:00-00:00")  # midnight of Chicago; the algorithm's time is New York's
