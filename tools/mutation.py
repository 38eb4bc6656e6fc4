"""`make mutation`: change the sizing and limit code in small ways, one at a time, and count how many changes the tests notice.

Every module of the risk rules is mutated against its own test file alone, in a copy under build/, with mutmut in a virtual environment of its own
(it is no dependency of the project). Slow: half an hour on two cores. What survived last time, and why, is in `docs/mutation.md`.
"""

import json
import shutil
import subprocess
import sys
import venv
from collections import Counter
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parents[1]
MUTMUT = "mutmut==3.3.1"
PINS = (MUTMUT, "pytest==8.4.2", "hypothesis==6.148.2", "numpy==1.26.4", "scipy==1.13.1")
MODULES = (
    "pipeline",
    "phase_manager",
    "correlation_manager",
    "defensive_manager",
    "buying_power",
    "portfolio_limits",
    "kelly_criterion",
    "circuit_breaker",
)
SLOW = "more_equity or within_a_regime or naked_put_is_never or one_more or order_of_the_rules or adding_a_rule or exceeds_no_limit or judging_again or closing_is"
"""Properties of all rules together, left out: the tables of each module must notice a change by themselves."""
DECLARATIONS = ("x__members__", "x__limits__")
"""Helpers that declare parameters when a module is imported; that no parameter is ignored has a test of its own."""
KILLED, SURVIVED = {1, 3, -24, 24, 36, 152, 255, 2}, {0}


def environment(folder: Path) -> Path:
    """Python of the private environment, made on first use."""
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PINS], check=True)  # noqa: S603  our own pins
    return python


def copy_of(folder: Path, module: str) -> Path:
    """A copy of what the module and its tests need, with mutmut's settings."""
    shutil.rmtree(folder, ignore_errors=True)
    ignore = shutil.ignore_patterns("__pycache__")
    for name in ("domain", "analysis", "risk", "tests/risk", "docs"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignore)
    shutil.copy(ROOT / "tests" / "conftest.py", folder / "tests" / "conftest.py")
    tests = "tests/risk/test_risk_pipeline.py" if module == "pipeline" else f"tests/risk/test_{module}.py"
    settings = [
        "[mutmut]",
        "paths_to_mutate=risk",
        "do_not_mutate=",
        *(f"    risk/{other.name}" for other in sorted((folder / "risk").glob("*.py")) if other.stem != module),
        f"tests_dir={tests}",
        "also_copy=",
        *(f"    {name}" for name in ("domain", "analysis", "tests", "docs")),
        "[tool:pytest]",
        "pythonpath = .",
        f'addopts = -q -x -k "not ({SLOW})"',
    ]
    (folder / "setup.cfg").write_text("\n".join(settings) + "\n", encoding="utf-8")
    return folder


def outcome(folder: Path, module: str) -> tuple[Counter[str], list[str]]:
    """How many mutants were noticed and how many not, and the names of those that were not."""
    meta = json.loads((folder / "mutants" / "risk" / f"{module}.py.meta").read_text(encoding="utf-8"))
    codes = {name: code for name, code in meta["exit_code_by_key"].items() if not name.split(".")[-1].startswith(DECLARATIONS)}
    counts = Counter("killed" if code in KILLED else "survived" if code in SURVIVED else "not run" for code in codes.values())
    return counts, sorted(name for name, code in codes.items() if code not in KILLED)


@click.command()
@click.argument("modules", nargs=-1, type=click.Choice(MODULES))
@click.option(
    "--folder", default=ROOT / "build" / "mutation", type=click.Path(path_type=Path), help="where copies and the environment are kept"
)
@click.option("--children", default=2, help="mutants tried at once")
def main(modules: tuple[str, ...], folder: Path, children: int) -> None:
    """Mutate MODULES of risk/ (all by default) and print what the tests did not notice."""
    python = environment(folder / "venv")
    total: Counter[str] = Counter()
    for module in modules or MODULES:
        copy = copy_of(folder / module, module)
        with (copy / "log.txt").open("w", encoding="utf-8") as log:
            command = [str(python.with_name("mutmut")), "run", "--max-children", str(children)]
            subprocess.run(command, cwd=copy, stdout=log, stderr=log, check=False)  # noqa: S603  our own command
        counts, survivors = outcome(copy, module)
        if counts["not run"] == sum(counts.values()):
            raise click.ClickException(
                f"mutmut tried nothing of {module}, expected its mutants to be tried; see the end of {copy / 'log.txt'}"
            )
        total += counts
        print(f"{module}: {counts['killed']} killed, {counts['survived']} survived, {counts['not run']} not run")
        for name in survivors:
            print(f"  {name}")
    share = total["killed"] / max(1, sum(total.values()))
    print(f"mutation: {share:.1%} of {sum(total.values())} noticed")
    sys.exit(share < 0.9)


if __name__ == "__main__":
    main()
