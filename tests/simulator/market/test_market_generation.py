import datetime as dt
import hashlib
import json
import shutil

import pytest
from click.testing import CliRunner

from simulator.errors import DataFolderError, ParameterError
from simulator.market import generation
from simulator.market.cli import generate
from simulator.market.generation import MarketParameters, generate_folder
from simulator.market.manifest import MANIFEST, outdated, read_manifest

SMALL = MarketParameters(dt.date(2024, 3, 28), dt.date(2024, 3, 28), seed=5, symbols=("SPX", "VIX", "SPXW", "TLT", "ZC"))


def digest(folder):
    content = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return content.hexdigest()


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    folder = tmp_path_factory.mktemp("small") / "data"
    assert generate_folder(SMALL, folder)
    return folder


def test_the_same_parameters_give_the_same_bytes(small, tmp_path):
    assert generate_folder(SMALL, tmp_path / "again")
    assert digest(tmp_path / "again") == digest(small)


def test_only_the_symbols_asked_for_are_written(small):
    assert {path.name for path in (small / "index/usa/minute").iterdir()} == {"spx", "vix"}
    assert {path.name for path in (small / "equity/usa/minute").iterdir()} == {"tlt"}
    assert {path.name for path in (small / "option/usa/minute").iterdir()} == {"tlt"}
    assert {path.name for path in (small / "futureoption/cbot/minute").iterdir()} == {"ozc"}
    assert read_manifest(small)["sessions"] == 3


def test_a_complete_folder_is_left_as_it_is(small):
    before = digest(small)
    assert not generate_folder(SMALL, small)
    assert digest(small) == before


def test_other_parameters_need_force_and_replace_the_whole_folder(tmp_path, small):
    folder = tmp_path / "data"
    generate_folder(MarketParameters(SMALL.start, SMALL.end, 6, ("SPX",)), folder)
    with pytest.raises(DataFolderError, match=r"generated with seed 6, symbols .*--force"):
        generate_folder(SMALL, folder)
    assert generate_folder(SMALL, folder, force=True)
    assert digest(folder) == digest(small)
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_a_folder_of_an_older_generator_is_recognised(tmp_path, small):
    folder = tmp_path / "data"
    shutil.copytree(small, folder)
    manifest = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps(manifest | {"version": "1"}))
    before = digest(folder)
    with pytest.raises(DataFolderError, match=r"by version 1 of the generator; this one is version \d+.*generate --output \S*data --force"):
        generate_folder(SMALL, folder)
    assert digest(folder) == before
    assert "version 1 of the generator" in outdated(folder)
    assert outdated(small) is None
    assert outdated(tmp_path) is None
    assert generate_folder(SMALL, folder, force=True)
    assert digest(folder) == digest(small)


def test_leftovers_of_a_killed_run_do_not_hinder_the_next(tmp_path, small):
    folder = tmp_path / "data"
    shutil.copytree(small, folder)
    for name in (".data.partial", ".data.old"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "half.csv").write_text("half")
    assert generate_folder(SMALL, folder, force=True)
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


@pytest.mark.parametrize("manifest", ['{"generator": "another", "version": "9"}', '{"generator": "simulator.market"}', "[]", "nonsense"])
def test_a_foreign_manifest_does_not_make_a_folder_ours(tmp_path, manifest):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / MANIFEST).write_text(manifest)
    with pytest.raises(DataFolderError, match="was not generated"):
        generate_folder(SMALL, tmp_path / "data", force=True)
    assert (tmp_path / "data" / MANIFEST).read_text() == manifest


@pytest.mark.parametrize("force", [False, True])
def test_a_folder_that_was_not_generated_is_never_touched(tmp_path, force):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "mine.csv").write_text("mine")
    with pytest.raises(DataFolderError, match="was not generated"):
        generate_folder(SMALL, tmp_path / "data", force=force)
    assert [path.name for path in tmp_path.rglob("*")] == ["data", "mine.csv"]


def test_a_failure_leaves_nothing_behind(tmp_path, monkeypatch):
    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr(generation, "write_label", fail)
    with pytest.raises(OSError, match="disk full"):
        generate_folder(MarketParameters(SMALL.start, SMALL.end, 5, ("SPX",)), tmp_path / "data")
    assert not list(tmp_path.iterdir())


def test_wrong_parameters_are_told_all_at_once():
    with pytest.raises(ParameterError) as raised:
        MarketParameters(dt.date(2022, 1, 3), dt.date(2021, 1, 1), symbols=("SPX", "AAPL"), quote_minutes=0, listing="some")
    message = str(raised.value)
    assert all(part in message for part in ("AAPL", "after end", "2022-01-03", "0 minutes", "'some'"))
    with pytest.raises(ParameterError, match="no session"):
        MarketParameters(dt.date(2024, 1, 6), dt.date(2024, 1, 7)).sessions()


def test_the_command_says_what_it_did(tmp_path):
    arguments = ["--start", "2024-03-28", "--end", "2024-03-28", "--symbols", "spx", "--output", str(tmp_path / "data")]
    first = CliRunner().invoke(generate, arguments)
    assert first.exit_code == 0, first.output
    assert "generated" in first.output
    second = CliRunner().invoke(generate, arguments)
    assert "nothing done" in second.output
    refused = CliRunner().invoke(generate, [*arguments[:-1], str(tmp_path), "--seed", "3"])
    assert refused.exit_code == 1
    assert "was not generated" in refused.output
    unknown = CliRunner().invoke(generate, ["--symbols", "AAPL", "--output", str(tmp_path / "other")])
    assert "AAPL" in unknown.output
    assert (tmp_path / "data" / MANIFEST).is_file()
