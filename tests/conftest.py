"""Fixtures that every test package shares."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parents[1]

settings.register_profile("project", deadline=None, derandomize=True)
settings.load_profile("project")


def _existing(candidates: list[Path]) -> Path | None:
    return next((path for path in candidates if path.is_dir()), None)


@pytest.fixture(scope="session")
def sample_data() -> Path:
    """The folder with LEAN's public sample data: $LEAN_SAMPLE_DATA, else ../shared/lean-data, else ./data."""
    named = os.environ.get("LEAN_SAMPLE_DATA")
    candidates = [Path(named)] if named else []
    candidates += [ROOT.parent / "shared" / "lean-data", ROOT / "data"]
    folder = _existing([path for path in candidates if (path / "option" / "usa" / "minute" / "goog").is_dir()])
    if folder is None:
        pytest.skip("LEAN's sample data (GOOG options of 2015-12-24) not found; set LEAN_SAMPLE_DATA to a folder made by `lean init`")
    return folder


@pytest.fixture(scope="session")
def conformance_scenarios() -> Path:
    """The folder with scenarios recorded on LEAN: $LEAN_CONFORMANCE, else ../shared/conformance."""
    named = os.environ.get("LEAN_CONFORMANCE")
    folder = _existing(([Path(named)] if named else []) + [ROOT.parent / "shared" / "conformance"])
    if folder is None:
        pytest.skip("recorded LEAN scenarios not found; set LEAN_CONFORMANCE to their folder")
    return folder
