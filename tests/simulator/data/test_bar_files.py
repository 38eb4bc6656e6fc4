import struct
import zipfile
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.common.enums import TickType
from simulator.data.bar_cache import BarCache, default_cache_folder
from simulator.data.csv_decoder import decode
from simulator.data.zip_directory import ZipDirectory
from simulator.errors import CorruptDataError

PATH = Path("20240109_quote.zip")


def read(text, tick_type=TickType.TRADE, long_time=False):
    return decode(text.encode(), tick_type, long_time=long_time, path=PATH, entry="e.csv")


def make_zip(path, entries, method=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path


def test_whole_numbers():
    decoded = read("34200000,10,12,9,11,100\n34260000,11,11,11,11,5\n")
    assert decoded.time.tolist() == [34_200_000_000, 34_260_000_000]
    assert decoded.values.tolist() == [[10, 11], [12, 11], [9, 11], [11, 11], [100, 5]]
    assert (decoded.decimals, decoded.digits) == (0, None)


def test_digits_as_written_are_kept_beside_common_mantissas():
    decoded = read("0,3223.5,3224,3222.75,3223.0,20\n")
    assert decoded.values[:, 0].tolist() == [322350, 322400, 322275, 322300, 20]
    assert decoded.decimals == 2
    assert decoded.digits[:4, 0].tolist() == [1, 0, 2, 1]


def test_prices_written_alike_need_no_digits():
    decoded = read("0,1.25,1.50,1.00,1.75,3\n60000,0,0,0,0,0\n")
    assert (decoded.decimals, decoded.digits) == (2, None)


def test_fractional_sizes_do_not_touch_prices():
    decoded = read("0,10,10,10,10,0.5\n")
    assert (decoded.decimals, decoded.size_decimals) == (0, 1)
    assert decoded.values[:, 0].tolist() == [10, 10, 10, 10, 5]


def test_empty_sides_are_zeros():
    decoded = read("1,,,,,0,5,6,4,5,19\n2,1,1,1,1,3,,,,,\n", TickType.QUOTE)
    assert decoded.values[:, 0].tolist() == [0, 0, 0, 0, 0, 5, 6, 4, 5, 19]
    assert decoded.values[:, 1].tolist() == [1, 1, 1, 1, 3, 0, 0, 0, 0, 0]


def test_long_times_windows_line_ends_and_blank_tails():
    decoded = read("20210104 00:00,1,2,1,2,3\r\n20210105 09:30,1,2,1,2,3\r\n\r\n", long_time=True)
    assert decoded.time.tolist() == [np.datetime64("2021-01-04", "us").astype(int), np.datetime64("2021-01-05T09:30", "us").astype(int)]


def test_negative_prices_survive():
    decoded = read("0,-37.63,-37.63,-40.32,-37.63,1\n")
    assert decoded.values[:4, 0].tolist() == [-3763, -3763, -4032, -3763]


def test_nothing_decodes_to_nothing():
    assert read("\n\n").time.size == 0


@pytest.mark.parametrize(
    "bad", ["x,1,1,1,1,1", "1,1,1,1,1", "1,1,1,1,1,1,1", "2,1,1,one,1,1", "2,1,1,1-1,1,1", "2,1.1.1,1,1,1,1", "2,,,,,,,"]
)
def test_a_malformed_line_is_named(bad):
    with pytest.raises(CorruptDataError, match=r"20240109_quote.zip#e.csv, line 2.*generate it again") as caught:
        read(f"1,1,1,1,1,1\n{bad}\n3,1,1,1,1,1\n")
    assert (caught.value.line, caught.value.entry) == (2, "e.csv")


prices = st.decimals(min_value=-1000, max_value=100_000, allow_nan=False, places=4).map(lambda value: value.normalize() + 0)


@given(st.lists(st.tuples(prices, prices, prices, prices, st.integers(0, 10**9)), min_size=1, max_size=8))
def test_every_number_comes_back_exactly_as_written(rows):
    text = "\n".join(f"{index}," + ",".join(format(value, "f") for value in row) for index, row in enumerate(rows))
    decoded = read(text)
    for index, row in enumerate(rows):
        for column, written in enumerate(row[:4]):
            value = Decimal(int(decoded.values[column, index])).scaleb(-decoded.decimals)
            assert value == written
            if decoded.digits is not None:
                assert decoded.digits[column, index] == max(0, -written.as_tuple().exponent)


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
def test_entries_are_found_by_whole_name(tmp_path, method):
    directory = ZipDirectory(make_zip(tmp_path / "a.zip", {"call_10.csv": "ten", "call_1.csv": "one", "x_call_1.csv": "x"}, method))
    assert directory.read("call_1.csv") == b"one"
    assert directory.read("call_10.csv") == b"ten"
    assert directory.read("all_1.csv") is None
    assert directory.read_first() == b"ten"
    assert directory.names() == ["call_10.csv", "call_1.csv", "x_call_1.csv"]


def test_entries_with_64_bit_sizes_are_read(tmp_path):
    path = tmp_path / "wide.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", "1,2\n" * 100)
    content = bytearray(path.read_bytes())
    at = content.find(b"PK\x01\x02")
    packed, size = struct.unpack_from("<2L", content, at + 20)
    struct.pack_into("<2L", content, at + 20, 0xFFFFFFFF, 0xFFFFFFFF)
    extra = struct.pack("<2H4s2H2Q", 10, 4, b"ntfs", 1, 16, size, packed)
    struct.pack_into("<H", content, at + 30, len(extra))
    end = content.find(b"PK\x05\x06")
    struct.pack_into("<L", content, end + 12, end - at + len(extra))
    path.write_bytes(bytes(content[:end] + extra + content[end:]))
    assert ZipDirectory(path).read("a.csv") == b"1,2\n" * 100
    struct.pack_into("<H", content, at + 30, 0)
    struct.pack_into("<L", content, end + 12, end - at)
    path.write_bytes(bytes(content))
    with pytest.raises(CorruptDataError, match="64 bit"):
        ZipDirectory(path).read("a.csv")


def test_damaged_zips_are_named(tmp_path):
    good = make_zip(tmp_path / "good.zip", {"a.csv": "1,2\n" * 500}).read_bytes()
    cut = tmp_path / "cut.zip"
    cut.write_bytes(good[:-30])
    with pytest.raises(CorruptDataError, match=r"cut\.zip: not a complete zip"):
        ZipDirectory(cut)
    flipped = bytearray(good)
    flipped[45] ^= 0xFF
    broken = tmp_path / "broken.zip"
    broken.write_bytes(bytes(flipped))
    with pytest.raises(CorruptDataError, match=r"broken.zip#a.csv"):
        ZipDirectory(broken).read("a.csv")
    with pytest.raises(FileNotFoundError):
        ZipDirectory(tmp_path / "absent.zip")


@pytest.fixture
def source(tmp_path):
    return make_zip(tmp_path / "a.zip", {"a.csv": "1"})


@pytest.fixture
def entries():
    return {"a": read("0,3223.5,3224,3222.75,3223.0,20\n"), "none": None, "empty": read(""), "big": read("0,1,1,1,1,4000000000\n")}


def test_the_cache_returns_what_was_stored(tmp_path, source, entries):
    cache = BarCache(tmp_path / "cache")
    file = cache.file_of(str(source))
    cache.store(file, entries)
    loaded = cache.load(file)
    assert set(loaded) == {"a", "none", "empty", "big"}
    assert loaded["none"] is None
    assert loaded["a"].values.tolist() == entries["a"].values.tolist()
    assert loaded["a"].digits.tolist() == entries["a"].digits.tolist()
    assert loaded["a"].time.tolist() == entries["a"].time.tolist()
    assert loaded["empty"].time.size == 0
    assert loaded["big"].values[:, 0].tolist() == [1, 1, 1, 1, 4_000_000_000]
    assert not list(Path(file).parent.glob("*.part"))


def test_a_changed_zip_has_another_cache_file(tmp_path, source):
    cache = BarCache(tmp_path / "cache")
    before = cache.file_of(str(source))
    make_zip(source, {"a.csv": "12"})
    assert cache.file_of(str(source)) != before


def test_torn_or_foreign_cache_files_are_ignored(tmp_path, source, entries):
    cache = BarCache(tmp_path / "cache")
    file = cache.file_of(str(source))
    cache.store(file, entries)
    whole = Path(file).read_bytes()
    for torn in (b"", whole[:10], whole[:-8], b"X" + whole[1:], whole[:60] + b"?" + whole[61:], whole + b"\0"):
        Path(file).write_bytes(torn)
        assert cache.load(file) == {}
    Path(file).write_bytes(whole)
    assert cache.load(file)


def test_without_a_folder_nothing_is_kept(source, entries):
    cache = BarCache(None)
    cache.store(cache.file_of(str(source)), entries)
    assert cache.load(cache.file_of(str(source))) == {}


def test_a_folder_that_cannot_be_written_to_is_no_error(tmp_path, source, entries):
    (tmp_path / "cache").write_text("a file in the way")
    cache = BarCache(tmp_path / "cache")
    cache.store(cache.file_of(str(source)), entries)
    assert cache.load(cache.file_of(str(source))) == {}


def test_the_default_folder_follows_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_cache_folder() == tmp_path / "tom-king-simulator"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert default_cache_folder() == Path.home() / ".cache" / "tom-king-simulator"
