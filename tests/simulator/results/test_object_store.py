from pathlib import Path

import pytest

from simulator.common.system_exceptions import ArgumentException, KeyNotFoundException
from simulator.results.object_store import ObjectStore


def test_value_is_readable_before_and_after_it_is_written(tmp_path):
    store = ObjectStore(tmp_path)
    assert store.save("state/positions.json", "ünïcode")
    assert store.read("state/positions.json") == "ünïcode"
    assert not (tmp_path / "state").exists()
    store.dispose()
    assert (tmp_path / "state" / "positions.json").read_text(encoding="utf-8") == "ünïcode"
    assert ObjectStore(tmp_path).read("state/positions.json") == "ünïcode"


def test_keys_are_those_in_memory_and_on_disk(tmp_path):
    (tmp_path / "old").write_bytes(b"1")
    store = ObjectStore(tmp_path)
    store.save_bytes("new", b"2")
    assert store.keys == ["new", "old"]
    assert {pair.key: pair.value for pair in store} == {"new": b"2", "old": b"1"}


def test_missing_key_names_itself(tmp_path):
    store = ObjectStore(tmp_path)
    assert not store.contains_key("absent")
    with pytest.raises(KeyNotFoundException, match="'absent' was not found"):
        store.read("absent")


def test_delete_removes_value_and_file(tmp_path):
    store = ObjectStore(tmp_path, write_through=True)
    store.save("a", "1")
    assert (tmp_path / "a").is_file()
    assert store.delete("a")
    assert not store.delete("a")
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize("key", ["", "../up", "a/../b", "name.tar.gz", "a?b"])
def test_keys_lean_refuses(tmp_path, key):
    with pytest.raises(ArgumentException, match="path is not supported"):
        ObjectStore(tmp_path).save(key, "x")


@pytest.mark.parametrize("key", ["./a", "/a", "\\a"])
def test_keys_are_normalized(tmp_path, key):
    store = ObjectStore(tmp_path)
    store.save("a", "1")
    assert store.read(key) == "1"


def test_file_path_holds_the_value_and_takes_one_written_there(tmp_path):
    store = ObjectStore(tmp_path)
    store.save("model", "old")
    path = Path(store.get_file_path("model"))
    assert path.read_text(encoding="utf-8") == "old"
    path.write_text("new", encoding="utf-8")
    assert store.save("model")
    assert store.read("model") == "new"


def test_a_value_is_replaced_in_one_step(tmp_path):
    store = ObjectStore(tmp_path, write_through=True)
    store.save("a", "1")
    store.save("a", "22")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
