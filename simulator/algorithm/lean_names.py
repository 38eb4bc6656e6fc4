"""What happens when an attribute is not there: LEAN's PascalCase spelling, a member of LEAN that is missing here, or a mistake."""

import re
from functools import lru_cache
from importlib import resources
from typing import Any

from simulator.errors import LeanApiMissing

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


def missing_member(instance: Any, owner: str, name: str) -> Any:
    """The value under another spelling, or the right error.

    Raises:
        LeanApiMissing: LEAN has the member, this engine does not.
        AttributeError: LEAN does not have it either.
    """
    if name[:1].isupper():
        spelled = snake_case(name)
        if not spelled.startswith("_") and hasattr(type(instance), spelled):
            return getattr(instance, spelled)
        if spelled in getattr(instance, "__dict__", ()):
            return instance.__dict__[spelled]
        name_of_lean = spelled
    else:
        name_of_lean = name
    if name_of_lean in _known().get(owner, frozenset()):
        raise LeanApiMissing(f"{owner}.{name_of_lean}", "simulator/algorithm")
    raise AttributeError(f"'{type(instance).__name__}' object has no attribute '{name}'")


def answer_to_lean_names(cls: type) -> None:
    """Let instances of a class answer to LEAN's PascalCase spelling, and tell a member of LEAN that is missing from a mistake."""
    owners = [base.__name__ for base in cls.__mro__ if base.__name__ in _known()]
    owner = owners[0] if owners else cls.__name__

    def find(instance: Any, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(f"'{type(instance).__name__}' object has no attribute '{name}'")
        return missing_member(instance, owner, name)

    setattr(cls, "__getattr__", find)  # noqa: B010 - a type checker takes the method for one of all classes
