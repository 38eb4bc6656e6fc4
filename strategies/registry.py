"""Which strategies there are: name, section of their parameters, parameter dataclass, factory. A new strategy is one line here.

The order is the order of entries within a minute and of every table.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from strategies.base import Strategy
from strategies.friday_0dte import Friday0dte, Friday0dteParameters
from strategies.futures_strangle import FuturesStrangle, FuturesStrangleParameters
from strategies.ipmcc_strategy import Ipmcc, IpmccParameters
from strategies.leap_put_ladders import LeapPutLadder, LeapPutLadderParameters
from strategies.lt112_strategy import Lt112, Lt112Parameters


@dataclass(frozen=True, slots=True)
class Registration:
    """How a strategy is made.

    Attributes:
        section: name of its parameters' section, the prefix of their keys.
        parameters: its frozen dataclass of declared parameters.
        factory: makes the strategy from an instance of them.
    """

    section: str
    parameters: type
    factory: Callable[[Any], Strategy]


REGISTRY: Mapping[str, Registration] = {
    Friday0dte.name: Registration("friday-0dte", Friday0dteParameters, Friday0dte),
    Lt112.name: Registration("lt112", Lt112Parameters, Lt112),
    FuturesStrangle.name: Registration("futures-strangle", FuturesStrangleParameters, FuturesStrangle),
    Ipmcc.name: Registration("ipmcc", IpmccParameters, Ipmcc),
    LeapPutLadder.name: Registration("leap-put-ladder", LeapPutLadderParameters, LeapPutLadder),
}


def parameter_sections(registry: Mapping[str, Registration] = REGISTRY) -> dict[str, type]:
    """Section name to parameter dataclass, as `domain.parameters.read` wants them."""
    return {registration.section: registration.parameters for registration in registry.values()}


def build(instances: Mapping[str, Any], registry: Mapping[str, Registration] = REGISTRY) -> dict[str, Strategy]:
    """Every strategy by name, from parameter instances by section."""
    return {name: registration.factory(instances[registration.section]) for name, registration in registry.items()}
