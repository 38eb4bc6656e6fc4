"""Reads the classes of LEAN's type stubs (package quantconnect-stubs) without importing them."""

import ast
import importlib.util
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

from simulator.errors import SimulatorError

_CLASS: Final = re.compile(r"^class (\w+)", re.MULTILINE)
_TOP_LEVEL: Final = re.compile(r"^\S", re.MULTILINE)
_STAR_IMPORT: Final = re.compile(r"^from ([\w.]+) import\s+\*", re.MULTILINE)


@dataclass(frozen=True)
class Signature:
    """Parameters of one overload, without self: names in order, those with a default, and whether any number may follow."""

    names: tuple[str, ...]
    optional: frozenset[str]
    is_variadic: bool


@dataclass
class StubClass:
    """A class of the stubs with what it inherits.

    Attributes:
        name: dotted name.
        methods: overloads by method name.
        attributes: properties and class variables.
        callables: properties that hand out a generic method; their parameters are not known.
        lost_namesake: a base is C#'s plain class with the name of a generic one, of which the stubs keep the generic one only.
    """

    name: str
    methods: dict[str, list[Signature]] = field(default_factory=dict)
    attributes: set[str] = field(default_factory=set)
    callables: set[str] = field(default_factory=set)
    lost_namesake: bool = False

    @property
    def members(self) -> set[str]:
        """All public names."""
        return {name for name in {*self.methods, *self.attributes} if not name.startswith("_")}


class StubIndex:
    """Finds classes by the name `from AlgorithmImports import *` gives them.

    Raises:
        SimulatorError: quantconnect-stubs is not installed.
    """

    def __init__(self) -> None:
        root = _stub_root()
        self._files = {_namespace(path, root): path for package in ("QuantConnect", "System") for path in (root / package).rglob("*.pyi")}
        imports = (root / "AlgorithmImports" / "__init__.pyi").read_text(encoding="utf-8")
        self._searched = [name for name in reversed(_STAR_IMPORT.findall(imports)) if name in self._files]

    def find(self, name: str) -> StubClass | None:
        """The class of that name; the last namespace that AlgorithmImports takes in wins."""
        for namespace in self._searched:
            found = self._load(f"{namespace}.{name}")
            if found is not None:
                return found
        return None

    @classmethod
    @cache
    def shared(cls) -> "StubIndex":
        """One index for the process."""
        return cls()

    @cache  # noqa: B019 - one index lives as long as its command
    def _load(self, dotted: str) -> StubClass | None:
        namespace, _, name = dotted.rpartition(".")
        if namespace not in self._files:
            return None
        sources = _class_sources(self._files[namespace]).get(name)
        if sources is None:
            return None
        result = StubClass(dotted)
        nodes = [node for source in sources for node in ast.parse(source).body if isinstance(node, ast.ClassDef)]
        for node in nodes:
            for base in reversed(node.bases):
                self._inherit(result, base)
        for node in nodes:
            _add_members(result, node)
        return result

    def _inherit(self, result: StubClass, base: ast.expr) -> None:
        name = ast.unparse(base.value if isinstance(base, ast.Subscript) else base)
        if name == result.name.replace(".", "_"):
            result.lost_namesake = True
        inherited = None if name == result.name else self._load(name)
        if inherited is not None:
            result.lost_namesake |= inherited.lost_namesake
            result.methods.update(inherited.methods)
            result.attributes |= inherited.attributes
            result.callables |= inherited.callables


def _stub_root() -> Path:
    found = importlib.util.find_spec("QuantConnect")
    locations = list(found.submodule_search_locations or []) if found else []
    if not locations:
        raise SimulatorError("The package quantconnect-stubs is not installed. Install requirements-dev.txt.")
    return Path(locations[0]).parent


def _namespace(path: Path, root: Path) -> str:
    return ".".join(path.relative_to(root).parent.parts)


@cache
def _class_sources(path: Path) -> dict[str, list[str]]:
    """Texts by class; a generic class of C# and its plain namesake share a name."""
    text = path.read_text(encoding="utf-8")
    starts = [match.start() for match in _TOP_LEVEL.finditer(text)]
    ends = dict(zip(starts, [*starts[1:], len(text)], strict=True))
    result: dict[str, list[str]] = {}
    for match in _CLASS.finditer(text):
        result.setdefault(match.group(1), []).append(text[match.start() : ends[match.start()]])
    return result


def _add_members(result: StubClass, node: ast.ClassDef) -> None:
    own: dict[str, list[Signature]] = {}
    for item in node.body:
        if isinstance(item, ast.FunctionDef):
            if any(_decorator(decorator) in {"property", "setter"} for decorator in item.decorator_list):
                result.attributes.add(item.name)
                if item.returns is not None and _is_generic_method(item.returns):
                    result.callables.add(item.name)
            else:
                own.setdefault(item.name, []).append(_signature(item))
        elif isinstance(item, ast.ClassDef):
            result.attributes.add(item.name)
        else:
            result.attributes.update(_assigned(item))
            if isinstance(item, ast.AnnAssign) and _is_generic_method(item.annotation):
                result.callables.update(_assigned(item))
    for name, overloads in own.items():
        result.methods[name] = [*overloads, *result.methods.get(name, [])]


def _is_generic_method(annotation: ast.expr) -> bool:
    return ast.unparse(annotation).rpartition(".")[2].startswith("_")


def _decorator(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _signature(node: ast.FunctionDef) -> Signature:
    is_static = any(_decorator(decorator) == "staticmethod" for decorator in node.decorator_list)
    arguments = [*node.args.posonlyargs, *node.args.args]
    names = [argument.arg for argument in arguments][0 if is_static else 1 :]
    optional = [argument.arg for argument in arguments[len(arguments) - len(node.args.defaults) :]] + [
        item.arg for item in node.args.kwonlyargs
    ]
    names += [item.arg for item in node.args.kwonlyargs]
    return Signature(tuple(names), frozenset(optional), node.args.vararg is not None)


def _assigned(item: ast.stmt) -> Iterator[str]:
    if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
        yield item.target.id
    if isinstance(item, ast.Assign):
        yield from (target.id for target in item.targets if isinstance(target, ast.Name))
