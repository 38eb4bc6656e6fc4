"""What all of LEAN's enums have in common as pythonnet shows them.

`str()` and f-strings give the UPPER_CASE name, members equal their number and their name ("PUT" or "Put"), hash like their number, and are also
found under LEAN's PascalCase name (`OptionRight.Put`).
"""

from enum import EnumMeta, IntEnum
from typing import Any, cast


def _pascal_case(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))


class _PascalNames(EnumMeta):
    """Resolves `Resolution.Daily` to `Resolution.DAILY`."""

    def __getattr__(cls, name: str) -> Any:
        if name[:1].isupper():
            for member in cast("dict[str, IntEnum]", cls.__members__).values():
                if _pascal_case(member.name) == name:
                    return member
        raise AttributeError(f"type object '{cls.__name__}' has no attribute '{name}'")


class LeanEnum(IntEnum, metaclass=_PascalNames):
    """An enum of LEAN as an algorithm sees it through pythonnet."""

    def __str__(self) -> str:
        return self._name_

    def __format__(self, spec: str) -> str:
        return format(self._name_, spec)

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if isinstance(other, str):
            return other in {self._name_, _pascal_case(self._name_)}
        return int.__eq__(self, other) is True

    def __ne__(self, other: object) -> bool:
        return self is not other and not self == other

    __hash__ = int.__hash__
