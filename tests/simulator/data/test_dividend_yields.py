"""The trailing yield of a share, from the corporate events of the data folder its provider was made with."""

from datetime import date, datetime

import pytest
from small_folder import write_databases

from simulator.common.enums import SecurityType
from simulator.common.symbol import Symbol
from simulator.data.data_folder import DataFolder
from simulator.data.dividend_yield_provider import DividendYieldProvider


@pytest.fixture
def paying(tmp_path):
    """`paying(name, factors)`: opens a folder in which XYZ has these lines of its factor file."""

    def make(name, factors):
        root = write_databases(tmp_path / name)
        for kind, lines in {"factor_files": factors, "map_files": ["20100101,xyz,Q", "20501231,xyz,Q"]}.items():
            folder = root / "equity" / "usa" / kind
            folder.mkdir(parents=True)
            (folder / "xyz.csv").write_text("\n".join(lines) + "\n")
        return DataFolder(root, None)

    return make


def test_a_provider_goes_on_with_the_folder_it_was_made_with(paying):
    xyz = Symbol.create("XYZ", SecurityType.EQUITY, "usa")
    paying("two", ["20230614,0.98,1,100", "20501231,1,1,0"])
    before = DividendYieldProvider(xyz)
    paying("none", ["20501231,1,1,0"])
    after = DividendYieldProvider(xyz)
    assert after.get_dividend_yield(date(2023, 12, 1)) == 0
    assert before.get_dividend_yield(datetime(2023, 12, 1), 100) == pytest.approx(0.02)
