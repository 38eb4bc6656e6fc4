"""Compares what the engine offers with LEAN's type stubs, and writes the list of it (`python -m simulator docs`)."""

import ast
import inspect
import sys
from collections.abc import Iterator
from enum import EnumMeta
from pathlib import Path
from typing import Any, Final

import click

from simulator.algorithm.lean_names import LeanSpelling, MissingMember
from simulator.stub_index import Signature, StubClass, StubIndex

_EXTRA_NAMES: Final = {
    "Enum members also answer to `name` and `value`": {"name", "value"},
    "Python's dictionary methods, which pythonnet adds to .NET dictionaries": {"count", "contains_key", "get", "items", "keys", "values"},
}
_PLAIN_NAMESAKE: Final = {
    "current",
    "data_type",
    "end_time",
    "is_fill_forward",
    "is_ready",
    "name",
    "period",
    "price",
    "symbol",
    "time",
    "window",
}
"""Members of C#'s plain IndicatorBase and BaseChain; the stubs keep only the generic class of that name."""
_DOCUMENT: Final = Path("docs") / "offline_engine.md"


def offered_classes() -> dict[str, type]:
    """Classes that `from AlgorithmImports import *` gives an algorithm, by name, defined by the engine."""
    from simulator.algorithm_imports import install  # noqa: PLC0415 - importing the engine takes time `docs --help` need not spend

    module = install()
    classes = {
        name: value
        for name, value in vars(module).items()
        if isinstance(value, type) and value.__module__.startswith("simulator.") and value.__name__ == name
    }
    return dict(sorted(classes.items()))


def offered_members(cls: type) -> dict[str, Any]:
    """Public names of a class and its bases inside the engine; instance attributes come as None."""
    result: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        if base.__module__.startswith("simulator."):
            result |= dict.fromkeys(_instance_attributes(base))
            result |= {name: value for name, value in vars(base).items() if not isinstance(base, EnumMeta) or name in base.__members__}
    return {
        name: value for name, value in result.items() if not name.startswith("_") and not isinstance(value, LeanSpelling | MissingMember)
    }


def _instance_attributes(cls: type) -> Iterator[str]:
    try:
        tree = ast.parse(inspect.cleandoc("\n" + inspect.getsource(cls)) if cls.__qualname__ != cls.__name__ else inspect.getsource(cls))
    except (OSError, TypeError, SyntaxError):
        return
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.ctx, ast.Store)
            and isinstance(node.value, ast.Name)
            and node.value.id == "self"
        ):
            yield node.attr
        if node is tree.body[0] and isinstance(node, ast.ClassDef):
            yield from (item.target.id for item in node.body if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name))


def problems(name: str, cls: type, stub: StubClass | None) -> list[str]:
    """What of a class an algorithm could use here but not on LEAN, or only in another way."""
    if stub is None:
        return [f"{name}: LEAN's stubs have no class of this name"]
    found = []
    for member, value in offered_members(cls).items():
        if member in stub.members:
            found += _differences(f"{name}.{member}", value, stub, member)
        elif not _is_elsewhere(cls, member, stub):
            found.append(f"{name}.{member}: not in {stub.name}")
    return found


def _is_elsewhere(cls: type, member: str, stub: StubClass) -> bool:
    """Whether LEAN has the member although the class's stub does not show it."""
    if any(member in names for names in _EXTRA_NAMES.values()) or (stub.lost_namesake and member in _PLAIN_NAMESAKE):
        return True
    bases = (base for base in cls.__mro__[1:] if base.__module__.startswith("simulator.") and member in vars(base))
    inherited = (StubIndex.shared().find(base.__name__) for base in bases)
    return any(found is not None and member in found.members for found in inherited)


def _differences(where: str, value: Any, stub: StubClass, member: str) -> list[str]:
    function = value.__func__ if isinstance(value, staticmethod | classmethod) else value
    if not inspect.isfunction(function):
        return [f"{where}: an attribute, in LEAN a method"] if member in stub.methods and isinstance(value, property) else []
    if member in stub.callables:
        return []
    if member not in stub.methods:
        return [f"{where}: a method, in LEAN an attribute"]
    names, is_variadic = _parameters(function, is_static=isinstance(value, staticmethod))
    if any(_is_compatible(names, is_variadic, overload) for overload in stub.methods[member]):
        return []
    expected = " or ".join(f"({', '.join(overload.names)})" for overload in stub.methods[member])
    return [f"{where}: takes ({', '.join(names)}), in LEAN {expected}"]


def _parameters(function: Any, *, is_static: bool) -> tuple[list[str], bool]:
    parameters = list(inspect.signature(function).parameters.values())[0 if is_static else 1 :]
    named = [parameter.name for parameter in parameters if parameter.kind in {parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY}]
    return named, any(parameter.kind is parameter.VAR_POSITIONAL for parameter in parameters)


def _is_compatible(names: list[str], is_variadic: bool, overload: Signature) -> bool:
    """Whether calls of the overload work: its names come in the engine's order, and what the engine lacks is optional."""
    if is_variadic:
        return True
    shared = [name for name in overload.names if name in names]
    in_order = [name for name in names if name in shared] == shared and overload.names[: len(shared)] == tuple(shared)
    lacking = [name for name in overload.names if name not in names]
    return (
        in_order
        and (not lacking or all(name in overload.optional for name in lacking))
        and (bool(shared) or not overload.names or not names)
    )


def check() -> list[str]:
    """All differences between the engine's API and LEAN's stubs."""
    index = StubIndex.shared()
    return [problem for name, cls in offered_classes().items() for problem in problems(name, cls, index.find(name))]


def document() -> str:
    """Text of docs/offline_engine.md."""
    index = StubIndex.shared()
    parts = [
        "# What the offline engine offers of LEAN's API",
        "",
        "Generated by `python -m simulator docs` from the engine and quantconnect-stubs. Anything else raises an error that names the LEAN call.",
        "",
    ]
    for name, cls in offered_classes().items():
        stub = index.find(name)
        if stub is None:
            continue
        offered = sorted(member for member in offered_members(cls) if member in stub.members)
        missing = sorted(stub.members - set(offered_members(cls)))
        parts += [
            f"## {name}",
            "",
            f"`{stub.name}`",
            "",
            f"Offered ({len(offered)}): {_listed(offered)}",
            "",
            f"Missing ({len(missing)}): {_listed(missing)}",
            "",
        ]
    return "\n".join(parts)


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "none"


@click.command()
@click.option("--check", "only_check", is_flag=True, help="Write nothing; exit 1 when the file is stale or the API differs from LEAN's.")
@click.option("--root", type=click.Path(path_type=Path, file_okay=False, exists=True), default=".", help="Repository.")
def docs(only_check: bool, root: Path) -> None:
    """Writes docs/offline_engine.md: what the engine offers of LEAN's API, class by class."""
    path, text = root / _DOCUMENT, document()
    found = check()
    for problem in found:
        click.echo(problem, err=True)
    is_stale = not path.is_file() or path.read_text(encoding="utf-8") != text
    if only_check:
        if is_stale:
            click.echo(f"{path} is stale; run `python -m simulator docs`.", err=True)
        sys.exit(1 if is_stale or found else 0)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    click.echo(f"{path}: {'changed' if is_stale else 'unchanged'}")
