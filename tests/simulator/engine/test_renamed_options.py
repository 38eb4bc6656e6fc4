"""Options of an underlying that changed its ticker: files lie under the ticker of their date (LEAN's OptionRenameRegressionAlgorithm)."""

import zipfile

import pytest

RENAMED = """
def initialize(self):
    self.set_start_date(2013, 6, 28)
    self.set_end_date(2013, 7, 2)
    self.set_cash(1000000)
    option = self.add_option("TFCFA")
    option.set_filter(-1, 1, timedelta(0), timedelta(3650))

def on_data(self, data):
    chain = next(iter(data.option_chains.values()), None)
    if chain is None or (self.time.hour, self.time.minute) not in ((10, 1), (15, 1)):
        return
    for contract in chain:
        if contract.right == OptionRight.CALL and contract.strike == 33 and contract.expiry == datetime(2013, 8, 17):
            self.seen.append((f"{self.time:%d %H:%M}", contract.bid_price, contract.ask_price))
            if not self.portfolio.invested:
                self.market_order(contract.symbol, 1)
"""


def minutes(price):
    bars = [f"{ms},{','.join([str(price)] * 4)},1000" for ms in range(34_200_000, 57_600_000, 60_000)]
    return "\n".join(bars)


@pytest.fixture
def sample_data(sample_data, tmp_path):
    """The sample folder with an underlying for its options of NWSA, from July 2013 on FOXA, today TFCFA."""
    folder = tmp_path / "data"
    usa = folder / "equity" / "usa"
    usa.mkdir(parents=True)
    for source, target in ((sample_data, folder), (sample_data / "equity", folder / "equity"), (sample_data / "equity" / "usa", usa)):
        for entry in source.iterdir():
            if entry.name not in {"equity", "usa", "map_files", "minute"}:
                (target / entry.name).symlink_to(entry)
    (usa / "map_files").mkdir()
    (usa / "map_files" / "tfcfa.csv").write_text("20000101,nwsa,Q\n20130628,nwsa,Q\n20190319,foxa,Q\n20501231,tfcfa,Q\n")
    for ticker, day, price in (("nwsa", "20130628", 326000), ("foxa", "20130701", 290000), ("foxa", "20130702", 292000)):
        file = usa / "minute" / ticker / f"{day}_trade.zip"
        file.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(file, "w") as written:
            written.writestr(f"{day}_{ticker}_minute_trade.csv", minutes(price))
    return folder


def test_bars_and_chains_are_read_under_the_ticker_of_their_date(run_algorithm):
    run = run_algorithm(RENAMED)
    assert run.result.runtime_error == ""
    assert (run.seen[0][0], run.seen[0][2]) == ("28 10:01", 1.1)
    assert run.seen[-1][:2] == ("02 15:01", 0.05)
