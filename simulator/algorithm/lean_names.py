"""LEAN's PascalCase spelling of attributes, and the members of LEAN that are missing here, told from mistakes."""

import re
from functools import lru_cache
from importlib import resources
from typing import Any

from simulator.errors import LeanApiMissing

_answering: set[type] = set()
_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def snake_case(name: str) -> str:
    """Pythonnet's spelling of a .NET name: TotalPortfolioValue → total_portfolio_value."""
    return _CAPITAL.sub("_", name).lower()


@lru_cache(maxsize=1)
def _known() -> dict[str, frozenset[str]]:
    """LEAN's members by class, from `lean_members.txt`: "Class: member member …" per line."""
    text = resources.files("simulator.algorithm").joinpath("lean_members.txt").read_text(encoding="utf-8")
    lines = (line.partition(": ") for line in text.splitlines() if line)
    return {owner: frozenset(members.split()) for owner, _, members in lines}


def lean_classes() -> frozenset[str]:
    """Names that `from AlgorithmImports import *` gives on LEAN."""
    return _known().get("AlgorithmImports", frozenset())


class LeanSpelling:
    """An attribute under LEAN's PascalCase name. A descriptor, since `__getattr__` on a class makes Python slow at all its attributes."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, instance: Any, owner: type) -> Any:
        return getattr(owner if instance is None else instance, self._name)

    def __set__(self, instance: Any, value: Any) -> None:
        setattr(instance, self._name, value)


class MissingMember:
    """A member of LEAN that this engine lacks; looking at it on an instance, or calling it on the class, raises `LeanApiMissing`."""

    def __init__(self, owner: str, name: str) -> None:
        self._name = f"{owner}.{name}"

    def __get__(self, instance: Any, owner: type) -> Any:
        return self if instance is None else self()

    def __call__(self, *_: object, **__: object) -> Any:
        """Refuse, whatever is given."""
        raise LeanApiMissing(self._name, "simulator/algorithm")


def answer_to_lean_names(cls: type) -> None:
    """Let instances of a class answer to LEAN's PascalCase spelling, and tell a member of LEAN that is missing from a mistake."""
    if cls in _answering:
        return
    _answering.add(cls)
    owner = next((base.__name__ for base in cls.__mro__ if base.__name__ in _known()), cls.__name__)
    offered = _offered(cls)
    for name in offered | (_known().get(owner, frozenset()) - vars(object).keys()):
        if name not in offered:
            setattr(cls, name, MissingMember(owner, name))
        for spelling in _spellings(name):
            if _static(cls, spelling) is None:
                setattr(cls, spelling, LeanSpelling(name))


def _offered(cls: type) -> set[str]:
    """Public names of a class: what it and its bases define, and what their methods name, of which they assign some to their instances."""
    own = [base for base in cls.__mro__ if base.__module__.startswith("simulator.")]
    defined = {name for base in own for name, value in vars(base).items() if not isinstance(value, MissingMember | LeanSpelling)}
    methods = (getattr(value, "__code__", None) for base in own for value in vars(base).values())
    used = {name for code in methods if code is not None for name in code.co_names}
    return {name for name in defined | used if not name.startswith("_")}


def _static(cls: type, name: str) -> object:
    return next((vars(base)[name] for base in cls.__mro__ if name in vars(base)), None)


def _spellings(name: str) -> tuple[str, ...]:
    """LEAN's spellings of a name: TotalPortfolioValue; Id as well as ID."""
    if not name.islower():
        return ()
    pascal = "".join(word.capitalize() for word in name.split("_"))
    return (pascal, name.upper()) if len(name) == len("id") else (pascal,)
