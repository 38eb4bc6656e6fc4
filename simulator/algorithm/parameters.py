"""Parameters of an algorithm (QCAlgorithm.GetParameter and its overloads)."""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final, overload

_INTEGER: Final = re.compile(r"\s*[+-]?\d+\s*")


class ParametersMixin:
    """The parameter part of QCAlgorithm; all values are texts, the default's type decides the conversion."""

    @property
    def _engine_parameters(self) -> dict[str, str]:
        return self.__dict__.setdefault("_parameter_texts", {})  # type: ignore[no-any-return]

    @overload
    def get_parameter(self, name: str, default_value: int) -> int: ...
    @overload
    def get_parameter(self, name: str, default_value: float) -> float: ...
    @overload
    def get_parameter(self, name: str, default_value: Decimal) -> float: ...
    @overload
    def get_parameter(self, name: str, default_value: str) -> str: ...
    @overload
    def get_parameter(self, name: str, default_value: None = None) -> str | None: ...
    def get_parameter(self, name: str, default_value: Any = None) -> Any:
        """The parameter as the default's type; the default when it is absent or cannot be read as that type."""
        text = self._engine_parameters.get(name)
        if isinstance(default_value, int):
            return int(text) if text is not None and _INTEGER.fullmatch(text) else default_value
        if isinstance(default_value, float | Decimal):
            number = None if text is None else _number(text)
            return float(default_value if number is None else number)
        return default_value if text is None else text

    def get_parameters(self) -> dict[str, str]:
        """All parameters as texts."""
        return dict(self._engine_parameters)

    def set_parameters(self, parameters: Mapping[str, str]) -> None:
        """Replaces all parameters."""
        self._engine_parameters.clear()
        self._engine_parameters.update({str(name): str(value) for name, value in parameters.items()})


def _number(text: str) -> Decimal | None:
    try:
        value = Decimal(text.replace(",", "").replace("_", " ").strip())
    except InvalidOperation:
        return None
    return value if value.is_finite() else None
