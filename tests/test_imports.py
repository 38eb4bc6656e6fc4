"""Imports point one way, and only main.py and execution/ know LEAN (design 2)."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LAYERS = {
    "domain": {"domain"},
    "analysis": {"domain", "analysis"},
    "strategies": {"domain", "analysis", "strategies"},
    "risk": {"domain", "analysis", "risk"},
    "reporting": {"domain", "analysis", "strategies", "risk", "reporting"},
    "execution": {"domain", "analysis", "strategies", "risk", "reporting", "execution"},
}
OURS = {*LAYERS, "simulator", "tools", "benchmarks", "main"}
IN_LEANS_IMAGE = {"numpy", "scipy", "pandas", "plotly"}
STANDARD = __import__("sys").stdlib_module_names


def _imported(file: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative imports do not work from LEAN's flat project folder"
            names.add((node.module or "").split(".")[0])
    return names


def _pushed() -> list[Path]:
    return [ROOT / "main.py", *(file for layer in LAYERS for file in sorted((ROOT / layer).rglob("*.py")))]


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_imports_only_what_lies_below_it(layer):
    for file in sorted((ROOT / layer).rglob("*.py")):
        assert _imported(file) & OURS <= LAYERS[layer], f"{file.relative_to(ROOT)} imports {_imported(file) & OURS - LAYERS[layer]}"


def test_only_main_and_execution_know_lean():
    knowing = {file for file in _pushed() if "AlgorithmImports" in _imported(file)}
    assert all(file.name == "main.py" or file.parent.name == "execution" for file in knowing)
    assert knowing


def test_the_algorithm_needs_nothing_that_leans_image_lacks():
    for file in _pushed():
        foreign = _imported(file) - OURS - set(STANDARD) - IN_LEANS_IMAGE - {"AlgorithmImports"}
        assert not foreign, f"{file.relative_to(ROOT)} imports {foreign}"


def test_the_simulator_is_imported_by_no_part_of_the_algorithm():
    assert all("simulator" not in _imported(file) for file in _pushed())


def test_what_is_pushed_fits_the_cloud():
    """At most 50 files of at most 32 KB (design 4)."""
    pushed = _pushed()
    assert len(pushed) <= 50, f"{len(pushed)} files"
    too_large = {file.name: file.stat().st_size for file in pushed if file.stat().st_size > 32_000}
    assert not too_large
