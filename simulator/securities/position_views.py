"""Positions that are margined together, as an algorithm sees them (Common/Securities/Positions)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from simulator.common.printable import Printable
from simulator.common.symbol import Symbol
from simulator.common.system_exceptions import KeyNotFoundException
from simulator.results.net_number import decimal_text, normalize
from simulator.securities import position_group
from simulator.securities.group_margin import group_initial_margin, group_maintenance_margin
from simulator.securities.margin_parameters import InitialMargin, MaintenanceMargin

if TYPE_CHECKING:
    from simulator.securities.portfolio import SecurityPortfolioManager
    from simulator.securities.security import Security


class Position(Printable):
    """Mirrors Position: a quantity of a symbol, and the quantity of it in one unit of its group."""

    def __init__(self, position: position_group.Position) -> None:
        self._position = position

    @property
    def symbol(self) -> Symbol:
        """What is held."""
        return self._position.symbol

    @property
    def quantity(self) -> float:
        """How much of it, negative sold."""
        return float(self._position.quantity)

    @property
    def unit_quantity(self) -> float:
        """How much of it in one unit of the group, without sign."""
        return float(self._position.unit_quantity)

    def __str__(self) -> str:
        return f"{self.symbol}: {decimal_text(self._position.quantity)}"


class PositionGroup(Printable):
    """Mirrors PositionGroup: a security alone, or the legs of an option strategy, with the rule of its margin."""

    def __init__(self, group: position_group.PositionGroup) -> None:
        self._group = group

    @property
    def quantity(self) -> float:
        """How many units: contracts of a strategy, or signed lots of a security alone."""
        return float(self._group.quantity)

    @property
    def positions(self) -> list[Position]:
        """The legs, options before their underlying."""
        return [Position(position) for position in self._group.positions]

    @property
    def count(self) -> int:
        """Number of legs."""
        return len(self._group.positions)

    @property
    def buying_power_model(self) -> "PositionGroupBuyingPowerModel":
        """The rule of its margin; as text the name of the strategy."""
        strategy = self._group.strategy
        return SecurityPositionGroupBuyingPowerModel() if strategy is None else OptionStrategyPositionGroupBuyingPowerModel(strategy)

    def try_get_position(self, symbol: Symbol, position: Position | None = None) -> tuple[bool, Position | None]:
        """Whether a symbol is a leg, and the leg."""
        del position
        found = next((leg for leg in self.positions if leg.symbol == symbol), None)
        return found is not None, found

    def __iter__(self) -> Iterator[Position]:
        return iter(self.positions)

    def __len__(self) -> int:
        return self.count

    def __str__(self) -> str:
        legs = self._group.positions if len(self._group.positions) == 1 else sorted(self._group.positions, key=lambda leg: leg.symbol)
        key = "|".join(f"{leg.symbol}:{decimal_text(normalize(leg.unit_quantity))}" for leg in legs)
        return f"{key}: {decimal_text(self._group.quantity)}"


class PositionGroupExtensions:
    """Mirrors PositionGroupExtensions as far as an algorithm needs it."""

    @staticmethod
    def get_position(group: PositionGroup, symbol: Symbol) -> Position:
        """The leg of a symbol."""
        _, found = group.try_get_position(symbol)
        if found is None:
            raise KeyNotFoundException(f"No position with symbol '{symbol}' exists in the group: {group}")
        return found


class PositionGroupCollection:
    """Mirrors PositionGroupCollection."""

    def __init__(self, groups: list[PositionGroup]) -> None:
        self._groups = groups

    @property
    def count(self) -> int:
        """Number of groups."""
        return len(self._groups)

    @property
    def is_only_default_groups(self) -> bool:
        """Whether no option strategy is held."""
        return all(group._group.strategy is None for group in self._groups)

    def __iter__(self) -> Iterator[PositionGroup]:
        return iter(self._groups)

    def __len__(self) -> int:
        return self.count


class SecurityPositionGroupModel:
    """Mirrors SecurityPositionGroupModel: `portfolio.positions`, and what `portfolio.set_positions` takes.

    Attributes:
        NULL: every security is margined on its own.
    """

    NULL: ClassVar["SecurityPositionGroupModel"]

    def __init__(self, groups: position_group.PositionGroups | None = None) -> None:
        self._groups = groups

    @property
    def groups(self) -> PositionGroupCollection:
        """Everything held, grouped."""
        found = {} if self._groups is None else self._groups.groups
        return PositionGroupCollection([PositionGroup(group) for group in found.values()])

    @property
    def is_only_default_groups(self) -> bool:
        """Whether no option strategy is held."""
        return self.groups.is_only_default_groups

    @property
    def count(self) -> int:
        """Number of groups."""
        return self.groups.count

    def get_or_create_default_group(self, security: "Security") -> PositionGroup:
        """The group of a security alone, empty when it is not held alone."""
        if self._groups is None:
            raise KeyNotFoundException(f"No positions are known of {security.symbol}.")
        return PositionGroup(self._groups.default_group(security))


SecurityPositionGroupModel.NULL = SecurityPositionGroupModel()


@dataclass(frozen=True)
class PositionGroupMaintenanceMarginParameters:
    """Mirrors PositionGroupMaintenanceMarginParameters."""

    portfolio: "SecurityPortfolioManager"
    position_group: PositionGroup


@dataclass(frozen=True)
class PositionGroupInitialMarginParameters:
    """Mirrors PositionGroupInitialMarginParameters."""

    portfolio: "SecurityPortfolioManager"
    position_group: PositionGroup


@dataclass(frozen=True)
class ReservedBuyingPowerForPositionGroupParameters:
    """Mirrors ReservedBuyingPowerForPositionGroupParameters."""

    portfolio: "SecurityPortfolioManager"
    position_group: PositionGroup


@dataclass(frozen=True)
class ReservedBuyingPowerForPositionGroup:
    """Mirrors ReservedBuyingPowerForPositionGroup: dollars a group takes."""

    absolute_used_buying_power: float


class PositionGroupBuyingPowerModel(Printable):
    """Mirrors PositionGroupBuyingPowerModel: the margin of a group at current prices."""

    def get_maintenance_margin(self, parameters: PositionGroupMaintenanceMarginParameters) -> MaintenanceMargin:
        """Dollars to keep the group."""
        return MaintenanceMargin(group_maintenance_margin(parameters.portfolio.securities, parameters.position_group._group))

    def get_initial_margin_requirement(self, parameters: PositionGroupInitialMarginParameters) -> InitialMargin:
        """Dollars to open the group, premiums to pay included."""
        return InitialMargin(group_initial_margin(parameters.portfolio.securities, parameters.position_group._group).value)

    def get_reserved_buying_power_for_position_group(
        self, parameters: ReservedBuyingPowerForPositionGroupParameters
    ) -> ReservedBuyingPowerForPositionGroup:
        """Dollars the group takes."""
        margin = group_maintenance_margin(parameters.portfolio.securities, parameters.position_group._group)
        return ReservedBuyingPowerForPositionGroup(float(margin))


class OptionStrategyPositionGroupBuyingPowerModel(PositionGroupBuyingPowerModel):
    """Mirrors OptionStrategyPositionGroupBuyingPowerModel; as text the name of the strategy."""

    def __init__(self, option_strategy: Any) -> None:
        self._name = option_strategy if isinstance(option_strategy, str) else option_strategy.name

    def __str__(self) -> str:
        return str(self._name)


class SecurityPositionGroupBuyingPowerModel(PositionGroupBuyingPowerModel):
    """Mirrors SecurityPositionGroupBuyingPowerModel."""

    def __str__(self) -> str:
        return f"QuantConnect.Securities.Positions.{type(self).__name__}"
