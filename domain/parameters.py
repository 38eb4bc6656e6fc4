"""Declared parameters: every number of the rules with its type, unit, bounds, default and source, and the one way to read them.

A strategy or rule declares a frozen dataclass whose fields are made by `parameter()`. `read()` turns the texts an engine hands over
(names in LEAN style: section and field joined by dashes) into instances, or raises one `ParameterError` that lists every problem.
"""

import dataclasses
import difflib
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any, get_type_hints

_TRUE, _FALSE = frozenset({"true", "1", "yes", "on"}), frozenset({"false", "0", "no", "off"})


class ParameterError(ValueError):
    """Raised when parameters are unknown, unreadable, out of bounds or contradict each other. The algorithm does not start."""

    def __init__(self, problems: Sequence[str]) -> None:
        """Keep the problems and join them to one message."""
        self.problems = tuple(problems)
        super().__init__(
            f"{len(self.problems)} problem(s) with the parameters:\n" + "\n".join(f"  - {problem}" for problem in self.problems)
        )


@dataclass(frozen=True, slots=True)
class Declaration:
    """What is declared about one parameter besides its default.

    Attributes:
        meaning: one line for the reference.
        unit: of the value ("share of credit", "New York time", "calendar days").
        low: smallest value allowed, None for no bound. For a tuple the bound holds for each element.
        high: largest value allowed.
        choices: the only values allowed; empty for any.
        source: rulebook section and, where known, what it rests on.
        is_tunable: whether it is listed in config.json.
    """

    meaning: str
    unit: str
    low: Any = None
    high: Any = None
    choices: tuple[Any, ...] = ()
    source: str = ""
    is_tunable: bool = False


def parameter(
    default: Any,
    meaning: str,
    *,
    unit: str = "",
    low: Any = None,
    high: Any = None,
    choices: tuple[Any, ...] = (),
    source: str = "",
    tunable: bool = False,
) -> Any:
    """Declare a field of a parameter dataclass; the keyword arguments are those of `Declaration`."""
    return dataclasses.field(default=default, metadata={"declaration": Declaration(meaning, unit, low, high, choices, source, tunable)})


@dataclass(frozen=True, slots=True)
class Entry:
    """One parameter as the reference lists it: full key, declaration, type and default."""

    key: str
    field: str
    declaration: Declaration
    type: Any
    default: Any


def entries(section: str, declared: type) -> list[Entry]:
    """The parameters of one section in order of declaration.

    Raises:
        TypeError: if a field was not made by `parameter()`: an undeclared number must not exist.
    """
    hints = get_type_hints(declared)
    found = []
    for item in dataclasses.fields(declared):
        declaration = item.metadata.get("declaration")
        if declaration is None:
            raise TypeError(f"{declared.__name__}.{item.name} is not declared: make the field with parameter()")
        found.append(Entry(key_of(section, item.name), item.name, declaration, hints[item.name], item.default))
    return found


def key_of(section: str, field: str) -> str:
    """Full name of a parameter in LEAN style: friday-0dte-profit-target. The unnamed section holds the run's own (start-date, cash)."""
    return "-".join(part for part in (section, field) if part).replace("_", "-")


def text_of(value: Any) -> str:
    """The text that reads back as this value; what config.json holds."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return ",".join(text_of(item) for item in value)
    if isinstance(value, float):
        return f"{value:.10g}"
    return str(value)


def _whole(text: str) -> int:
    number = float(text)
    if number != int(number):
        raise ValueError(text)
    return int(number)


def _flag(text: str) -> bool:
    if text.lower() in _TRUE:
        return True
    if text.lower() in _FALSE:
        return False
    raise ValueError(text)


def _finite(text: str) -> float:
    number = float(text)
    if number - number != 0.0:
        raise ValueError(text)
    return number


_READERS: dict[Any, tuple[Callable[[str], Any], str]] = {
    bool: (_flag, "true or false"),
    int: (_whole, "a whole number"),
    float: (_finite, "a number"),
    str: (str, "a text"),
    time: (time.fromisoformat, "a time of day like 10:30"),
    date: (date.fromisoformat, "a date like 2024-01-31"),
}


def _read_value(entry: Entry, text: str) -> Any:
    """Value of the entry's type; raises ValueError whose message is what was expected."""
    element = entry.type
    is_tuple = getattr(element, "__origin__", None) is tuple
    if is_tuple:
        element = element.__args__[0]
    reader, expected = _READERS[element]
    parts = [part.strip() for part in text.split(",") if part.strip()] if is_tuple else [text.strip()]
    try:
        values = tuple(reader(part) for part in parts)
    except ValueError:
        raise ValueError(f"a comma-separated list, each {expected}" if is_tuple else expected) from None
    return values if is_tuple else values[0]


def _bound_problem(entry: Entry, value: Any) -> str | None:
    declaration = entry.declaration
    for item in value if isinstance(value, tuple) else (value,):
        if declaration.choices and item not in declaration.choices:
            return f"{entry.key} is {text_of(item)}, expected one of {', '.join(text_of(choice) for choice in declaration.choices)}"
        if (declaration.low is not None and item < declaration.low) or (declaration.high is not None and item > declaration.high):
            low = "…" if declaration.low is None else text_of(declaration.low)
            high = "…" if declaration.high is None else text_of(declaration.high)
            unit = f" {declaration.unit}" if declaration.unit else ""
            return f"{entry.key} is {text_of(item)}, expected {low} to {high}{unit}"
    return None


def read(sections: Mapping[str, type], given: Mapping[str, str]) -> dict[str, Any]:
    """Instances of every section, from given texts over the declared defaults.

    Args:
        sections: section name to parameter dataclass; a dataclass may have a method `problems() -> list[str]` for rules between its fields,
            whose lines start with a field name in LEAN style without the section.
        given: full key to text.

    Raises:
        ParameterError: with one line for every unknown key, unreadable text, value out of bounds or contradiction.
    """
    table = {entry.key: (section, entry) for section, declared in sections.items() for entry in entries(section, declared)}
    problems: list[str] = []
    values: dict[str, dict[str, Any]] = {section: {} for section in sections}
    for key, text in given.items():
        if key not in table:
            problems.append(_unknown(key, list(table)))
            continue
        section, entry = table[key]
        try:
            value = _read_value(entry, text)
        except ValueError as expected:
            problems.append(f"{key} is {text!r}, expected {expected}")
            continue
        problem = _bound_problem(entry, value)
        if problem:
            problems.append(problem)
        else:
            values[section][entry.field] = value
    instances = {section: declared(**values[section]) for section, declared in sections.items()}
    for section, instance in instances.items():
        check = getattr(instance, "problems", None)
        if check is not None:
            problems.extend(f"{section}-{line}" if section else line for line in check())
    if problems:
        raise ParameterError(problems)
    return instances


def _unknown(key: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]}?" if near else ""
    return f"{key} is not a parameter{hint}"


def effective(instances: Mapping[str, Any]) -> dict[str, str]:
    """Every parameter of a run with the text of its value, by full key."""
    return {
        key_of(section, item.name): text_of(getattr(instance, item.name))
        for section, instance in instances.items()
        for item in dataclasses.fields(instance)
    }


def fingerprint(instances: Mapping[str, Any]) -> str:
    """Short hash of the effective parameters, to tell runs apart."""
    return hashlib.sha256(json.dumps(effective(instances), sort_keys=True).encode()).hexdigest()[:12]
