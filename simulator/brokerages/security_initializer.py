"""What sets the models and the first price of a new security (BrokerageModelSecurityInitializer.cs, FuncSecuritySeeder.cs)."""

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from simulator.brokerages.brokerage_model import BrokerageModel
from simulator.common.bars import BaseData
from simulator.securities.security import Security

SeedFunction = Callable[[Security], "BaseData | Iterable[BaseData] | None"]


class SecuritySeeder:
    """Mirrors SecuritySeeder: gives no price."""

    NULL: ClassVar["SecuritySeeder"]

    def seed_security(self, security: Security) -> bool:
        """Whether a price was found."""
        del security
        return True


SecuritySeeder.NULL = SecuritySeeder()


class FuncSecuritySeeder(SecuritySeeder):
    """Mirrors FuncSecuritySeeder: the points a function returns become the security's last data; canonical securities get none."""

    def __init__(self, seed_function: SeedFunction) -> None:
        self._seed_function = seed_function

    def seed_security(self, security: Security) -> bool:
        """Whether a price was found."""
        if security.symbol.is_canonical():
            return True
        found = self._seed_function(security)
        points = [found] if isinstance(found, BaseData) else list(found or ())
        for point in points:
            security.set_market_price(point)
        return bool(points)


class SecurityInitializer:
    """Mirrors ISecurityInitializer: leaves a security as it is."""

    def initialize(self, security: Security) -> None:
        """Prepares a new security."""


class BrokerageModelSecurityInitializer(SecurityInitializer):
    """Mirrors BrokerageModelSecurityInitializer: the brokerage's models, then the seeder's price."""

    def __init__(self, brokerage_model: BrokerageModel | None = None, security_seeder: SecuritySeeder | None = None) -> None:
        self._brokerage_model = BrokerageModel() if brokerage_model is None else brokerage_model
        self._security_seeder = SecuritySeeder.NULL if security_seeder is None else security_seeder

    def initialize(self, security: Security) -> None:
        """Sets fill, fee, slippage, settlement and margin models and the leverage, then the first price."""
        model = self._brokerage_model
        security.fill_model = model.get_fill_model(security)
        security.fee_model = model.get_fee_model(security)
        security.slippage_model = model.get_slippage_model(security)
        security.settlement_model = model.get_settlement_model(security)
        security.buying_power_model = model.get_buying_power_model(security)
        security.set_leverage(model.get_leverage(security))
        self._security_seeder.seed_security(security)


class FuncSecurityInitializer(SecurityInitializer):
    """Mirrors FuncSecurityInitializer: a function of the security."""

    def __init__(self, initializer: Callable[[Security], Any]) -> None:
        self._initializer = initializer

    def initialize(self, security: Security) -> None:
        """Calls the function."""
        self._initializer(security)


class CompositeSecurityInitializer(SecurityInitializer):
    """Mirrors CompositeSecurityInitializer: several one after the other."""

    def __init__(self, *initializers: SecurityInitializer) -> None:
        self._initializers = initializers

    def initialize(self, security: Security) -> None:
        """Runs them all."""
        for initializer in self._initializers:
            initializer.initialize(security)
