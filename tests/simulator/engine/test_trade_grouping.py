"""An algorithm may say how fills become trades (QCAlgorithm.SetTradeBuilder)."""


def test_trades_from_flat_to_flat(run_algorithm):
    run = run_algorithm("""
def initialize(self):
    self.set_start_date(2015, 12, 24)
    self.set_end_date(2015, 12, 24)
    self.set_trade_builder(TradeBuilder(FillGroupingMethod.FLAT_TO_FLAT, FillMatchingMethod.FIFO))
    self.goog = self.add_equity("GOOG", Resolution.MINUTE, data_normalization_mode=DataNormalizationMode.RAW).symbol
    for hour, quantity in ((10, 2), (11, -1), (12, -1)):
        self.schedule.on(self.date_rules.today, self.time_rules.at(hour, 0), lambda quantity=quantity: self.market_order(self.goog, quantity))
""")
    (trade,) = run.algorithm.trade_builder.closed_trades
    assert (trade.quantity, trade.order_ids) == (2, [1, 2, 3])
    assert run.result.total_performance.trade_statistics.total_number_of_trades == 1
