"""What the auditor reads out of a journal's texts."""

import re
from dataclasses import dataclass
from datetime import date

_OPTION = re.compile(r"(?P<root>\S+) (?P<expiry>\d{4}-\d{2}-\d{2}) (?P<right>[CP])(?P<strike>[\d.e+-]+)")


@dataclass(frozen=True)
class Violation:
    """One breach: the journal's line, the rule, and what was found against what was expected."""

    line: int
    rule: str
    message: str

    def __str__(self):
        return f"line {self.line}: [{self.rule}] {self.message}"


@dataclass(frozen=True, order=True)
class Option:
    """A contract as the journal names it: `SPXW 2024-01-05 P4700`."""

    root: str
    expiry: date
    right: str
    strike: float

    @classmethod
    def parse(cls, text):
        match = _OPTION.fullmatch(text)
        if match is None:
            raise ValueError(f"not a contract: {text!r}, expected like 'SPXW 2024-01-05 P4700'")
        return cls(match["root"], date.fromisoformat(match["expiry"]), match["right"], float(match["strike"]))

    def dte(self, day):
        return (self.expiry - day).days

    def intrinsic(self, spot):
        return max(0.0, spot - self.strike if self.right == "C" else self.strike - spot)

    def __str__(self):
        return f"{self.root} {self.expiry} {self.right}{self.strike:g}"


@dataclass(frozen=True)
class LegLine:
    """`-1 SPXW 2024-01-05 P4700 short_put`: contracts per unit, or in total for a holding."""

    quantity: int
    option: Option
    role: str

    @classmethod
    def parse(cls, text):
        quantity, rest = text.split(" ", 1)
        contract, role = rest.rsplit(" ", 1)
        return cls(int(quantity), Option.parse(contract.split(" @")[0]), role)


def legs_of(event, name="legs"):
    """The legs (or holdings) an event lists."""
    return tuple(LegLine.parse(text) for text in event.get(name, ()))
