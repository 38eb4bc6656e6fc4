"""Bars of what is mapped: continuous futures over a roll, equities over a change of ticker."""

from datetime import date, timedelta

import numpy as np

from simulator.common.enums import Resolution, SecurityType, TickType
from simulator.common.market import Market
from simulator.common.symbol import Symbol
from simulator.common.time_zone import HOUR, midnight_utc
from simulator.data.bar_array import BarArray
from simulator.data.security_exchange_hours import SecurityExchangeHours
from simulator.engine.mapped_files import MappedFiles
from simulator.engine.subscription_data_config import SubscriptionDataConfig

NEW_YORK = "America/New_York"
OLD, NEW = (Symbol.create(ticker, SecurityType.EQUITY, Market.USA) for ticker in ("OLD", "NEW"))
ROLL = date(2024, 3, 14)

ES = """
def initialize(self):
    self.set_start_date(2013, 12, 30)
    self.set_end_date(2013, 12, 30)
    self.es = self.add_future("ES", Resolution.DAILY, data_normalization_mode=DataNormalizationMode.{mode}).symbol
    for bar in self.history[TradeBar](self.es, datetime(2013, 12, 16), datetime(2013, 12, 19), Resolution.{resolution}, fill_forward=False):
        self.seen.append((f"{{bar.end_time:%d %H:%M}}", round(bar.close, 2), int(bar.volume)))
"""


class HourlyFiles:
    """One bar per hour; its close is 1 of OLD and 2 of NEW."""

    def bars(self, symbol: Symbol, resolution: Resolution, tick_type: TickType, day: date) -> BarArray | None:
        del resolution
        starts = midnight_utc(day, "UTC") + np.arange(24, dtype=np.int64) * HOUR
        values = np.full((5, 24), 1 if symbol == OLD else 2, dtype=np.int64)
        return BarArray(tick_type, NEW_YORK, starts, starts + HOUR, values, decimals=0)


def day_file(day: date) -> BarArray:
    config = SubscriptionDataConfig(OLD, TickType.TRADE, Resolution.MINUTE, ("UTC", NEW_YORK), extended_hours=True)
    hours = SecurityExchangeHours.always_open(NEW_YORK)
    bars = MappedFiles(config, hours, HourlyFiles(), lambda wanted: OLD if wanted < ROLL else NEW).day_file(day)
    assert bars is not None
    return bars


def test_a_file_of_utc_rolls_at_midnight_of_the_exchange():
    bars = day_file(ROLL)
    assert bars.close.tolist() == [1] * 4 + [2] * 20  # New York is four hours behind
    assert bars.start_utc.tolist() == sorted(set(bars.start_utc.tolist()))


def test_the_days_beside_a_roll_are_of_one_contract():
    assert set(day_file(ROLL - timedelta(days=1)).close.tolist()) == {1}
    assert set(day_file(ROLL + timedelta(days=1)).close.tolist()) == {2}


def test_daily_bars_change_contract_on_the_date_of_the_roll(run_algorithm):
    seen = run_algorithm(ES.format(mode="RAW", resolution="DAILY")).seen
    assert seen == [("16 17:00", 1785.25, 200215), ("17 17:00", 1778.25, 155199), ("18 17:00", 1803.75, 2107664)]


def test_earlier_contracts_are_scaled_to_the_present_one(run_algorithm):
    seen = run_algorithm(ES.format(mode="BACKWARDS_RATIO", resolution="DAILY")).seen
    raw = [1785.25, 1778.25, 1803.75]
    ratios = [round(close / price, 4) for (_, close, _), price in zip(seen, raw, strict=True)]
    assert ratios[0] == ratios[1] != ratios[2]
    assert [volume for _, _, volume in seen] == [200215, 155199, 2107664]


def test_hour_bars_change_contract_at_midnight_of_the_roll(run_algorithm):
    seen = run_algorithm(ES.format(mode="RAW", resolution="HOUR")).seen
    before = [volume for time, _, volume in seen if time.startswith("17")]
    after = [volume for time, _, volume in seen if time.startswith("18")]
    assert len(before) == len(after) == 8
    assert sum(before) < 200_000 < sum(after)


def test_an_equity_has_no_bars_before_its_map_file_begins(run_algorithm):
    body = """
def initialize(self):
    self.set_start_date(2014, 4, 8)
    self.set_end_date(2014, 4, 8)
    goog = self.add_equity("GOOG", Resolution.DAILY).symbol
    self.seen += [f"{bar.end_time:%m-%d}" for bar in self.history[TradeBar](goog, 12, Resolution.DAILY)]
"""
    assert run_algorithm(body).seen == ["04-03", "04-04", "04-07"]


def test_a_history_may_ask_for_another_contract_and_other_prices(run_algorithm):
    body = """
def initialize(self):
    self.set_start_date(2013, 12, 30)
    self.set_end_date(2013, 12, 30)
    es = self.add_future("ES", Resolution.DAILY, data_normalization_mode=DataNormalizationMode.RAW).symbol
    asked = (es, datetime(2013, 12, 18), datetime(2013, 12, 19), Resolution.DAILY)
    for mode in (DataMappingMode.OPEN_INTEREST, DataMappingMode.LAST_TRADING_DAY):
        frame = self.history(*asked, data_mapping_mode=mode, fill_forward=False)
        self.seen.append((list(frame.index.names), frame.close.iloc[-1]))
    adjusted = self.history(*asked, data_normalization_mode=DataNormalizationMode.BACKWARDS_RATIO, fill_forward=False)
    self.seen.append(adjusted.close.iloc[-1] != self.seen[0][1])
"""
    seen = run_algorithm(body).seen
    assert seen == [(["expiry", "symbol", "time"], 1803.75), (["expiry", "symbol", "time"], 1810.0), True]


def test_a_contract_of_a_chain_is_delisted_at_its_expiry_s_time_of_day(run_algorithm):
    run = run_algorithm(
        """
def initialize(self):
    self.set_start_date(2013, 12, 18)
    self.set_end_date(2013, 12, 24)
    self.add_future("ES", Resolution.MINUTE).set_filter(0, 60)
    self.contract = None

def on_data(self, data):
    for chain in data.futures_chains.values():
        if self.contract is None:
            self.contract = sorted(chain, key=lambda contract: contract.expiry)[0].symbol
            self.market_order(self.contract, 1)

def on_order_event(self, event):
    order = self.transactions.get_order_by_id(event.order_id)
    self.seen.append((f"{self.time:%d %H:%M}", order.tag, str(order.price_adjustment_mode)))
"""
    )
    assert run.algorithm.contract.id.date.hour == 13
    assert run.seen[-1] == ("21 13:30", "Liquidate from delisting", "RAW")


def test_a_contract_that_two_universes_select_at_once_is_one_security(run_algorithm):
    run = run_algorithm(
        """
def initialize(self):
    self.set_start_date(2013, 10, 8)
    self.set_end_date(2013, 10, 8)
    self.future = self.add_future("ES", Resolution.MINUTE)
    self.future.set_filter(0, 90)

def on_securities_changed(self, changes):
    self.seen += [security for security in changes.added_securities if security.symbol == self.future.mapped]
"""
    )
    (added,) = run.seen
    kinds = {(config.is_internal, str(config.tick_type)) for config in added.subscriptions}
    assert added is run.algorithm.securities[added.symbol]
    assert {internal for internal, _ in kinds} == {False, True}


HISTORY = """
def initialize(self):
    self.set_start_date(2013, 10, 7)
    self.set_end_date(2013, 12, 31)
    self.aapl = self.add_equity("AAPL", Resolution.DAILY).symbol
    self.es = self.add_future(Futures.Indices.SP_500_E_MINI, Resolution.DAILY).symbol

def closes(self, symbol, **modes):
    frame = self.history([symbol], self.start_date, self.end_date, Resolution.DAILY, **modes)
    frame = frame.droplevel(0, axis=0) if len(frame.index.levels) == 3 else frame
    return frame.loc[symbol].close

def differ(self, results):
    return len({len(closes) for closes in results}) == 1 and all(len(set(day)) == len(results) for day in zip(*results)) and len(results[0]) > 50
"""


def test_prices_of_every_adjustment_differ(run_algorithm):
    """LEAN's HistoryWithDifferentDataNormalizationModeRegressionAlgorithm."""
    run = run_algorithm(
        HISTORY
        + """
def on_end_of_algorithm(self):
    mode = DataNormalizationMode
    self.seen.append(self.differ([self.closes(self.aapl, data_normalization_mode=m) for m in (mode.RAW, mode.ADJUSTED, mode.SPLIT_ADJUSTED)]))
    of_futures = (mode.RAW, mode.BACKWARDS_RATIO, mode.BACKWARDS_PANAMA_CANAL, mode.FORWARD_PANAMA_CANAL)
    raw, _, backwards, forward = found = [self.closes(self.es, data_normalization_mode=m) for m in of_futures]
    self.seen += [self.differ(found), round(raw.iloc[-1] - backwards.iloc[-1], 2) == round(raw.iloc[-2] - backwards.iloc[-2], 2)]
"""
    )
    assert run.seen == [True, True, True]


def test_prices_of_every_depth_differ(run_algorithm):
    """LEAN's HistoryWithDifferentContinuousContractDepthOffsetsRegressionAlgorithm."""
    run = run_algorithm(
        HISTORY
        + """
def on_end_of_algorithm(self):
    self.seen.append(self.differ([self.closes(self.es, contract_depth_offset=depth) for depth in range(3)]))
"""
    )
    assert run.seen == [True]


def test_a_continuous_future_may_follow_a_later_contract(run_algorithm):
    run = run_algorithm(
        """
def initialize(self):
    self.set_start_date(2013, 10, 8)
    self.set_end_date(2013, 10, 8)
    self.es = self.add_future("ES", Resolution.DAILY, contract_depth_offset=1, data_mapping_mode=DataMappingMode.LAST_TRADING_DAY)
    try:
        self.add_future("NQ", contract_depth_offset=3)
    except ArgumentOutOfRangeException as problem:
        self.seen.append(str(problem)[:21])

def on_end_of_algorithm(self):
    self.seen.append(f"{self.es.mapped.id.date:%Y-%m-%d}")
"""
    )
    assert run.seen == ["'contractDepthOffset'", "2014-03-21"]


def test_prices_scaled_to_the_end_of_a_request_end_raw(run_algorithm):
    run = run_algorithm(
        """
def initialize(self):
    self.set_start_date(2013, 10, 8)
    self.set_end_date(2013, 10, 8)
    aapl = Symbol.create("AAPL", SecurityType.EQUITY, Market.USA)
    raw, scaled = (
        self.history(aapl, 300, Resolution.DAILY, data_normalization_mode=mode).close
        for mode in (DataNormalizationMode.RAW, DataNormalizationMode.SCALED_RAW)
    )
    self.seen += [abs(raw.iloc[-1] - scaled.iloc[-1]) < 1e-9, scaled.iloc[0] < raw.iloc[0]]
    try:
        self.history(aapl, 3, Resolution.DAILY, data_normalization_mode=DataNormalizationMode.TOTAL_RETURN)
    except NotImplementedError as problem:
        self.seen.append("TOTAL_RETURN" in str(problem))
"""
    )
    assert run.seen == [True, True, True]
