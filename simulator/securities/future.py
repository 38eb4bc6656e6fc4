"""Futures (Common/Securities/Future/Future.cs)."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from simulator.common.enums import SettlementType
from simulator.common.symbol import Symbol
from simulator.common.system_exceptions import ArgumentException
from simulator.common.time_zone import local_date
from simulator.data.security_exchange_hours import SecurityExchangeHours
from simulator.data.symbol_properties_database import SymbolProperties
from simulator.orders.future_fill_model import FutureFillModel
from simulator.securities.cash_book import Cash
from simulator.securities.future_margin_model import FutureMarginModel, MarginRequirements
from simulator.securities.holding import FutureHolding
from simulator.securities.option import ContractFilter, filter_values
from simulator.securities.security import Security
from simulator.securities.settlement import FutureSettlementModel

if TYPE_CHECKING:
    from simulator.securities.trading_algorithm import Clock


class Future(Security):
    """Mirrors Future: a contract, or the canonical security of a continuous future, which cannot be traded itself."""

    holdings: FutureHolding

    def __init__(
        self,
        symbol: Symbol,
        hours: SecurityExchangeHours,
        quote_currency: Cash,
        properties: SymbolProperties,
        clock: "Clock",
        requirements: MarginRequirements,
    ) -> None:
        super().__init__(symbol, hours, quote_currency, properties, clock)
        self.fill_model = FutureFillModel()
        self.settlement_model = FutureSettlementModel()
        self._margin_requirements = requirements
        self.buying_power_model = FutureMarginModel(self)
        self.settlement_type = SettlementType.CASH
        self.mapped: Symbol | None = None
        self._contract_filter: ContractFilter | None = None
        self.holdings = FutureHolding(self)

    @property
    def is_tradable(self) -> bool:
        """Whether orders are taken; never for the continuous future."""
        return self._tradable and not self.symbol.is_canonical()

    @is_tradable.setter
    def is_tradable(self, value: bool) -> None:
        self._tradable = value

    @property
    def expiry(self) -> datetime:
        """Expiry date, midnight."""
        return self.symbol.id.date

    @property
    def is_future_chain(self) -> bool:
        """Whether this stands for a chain."""
        return self.symbol.is_canonical()

    @property
    def is_future_contract(self) -> bool:
        """Whether this is a contract."""
        return not self.symbol.is_canonical()

    def set_filter(self, *arguments: Any, **named: Any) -> None:
        """Chooses the contracts of the chain: a function of the universe (`universe_func`), or an expiry range as days or timedeltas.

        Raises:
            ArgumentException: neither one nor two values.
        """
        values = (*arguments, *filter_values(named, ("universe_func", "min_expiry", "max_expiry")))
        if len(values) == 1:
            self._contract_filter = values[0]
        elif len(values) == 2:
            self._contract_filter = lambda universe: universe.expiration(*values)
        else:
            raise ArgumentException(f"set_filter of a future takes a function or two values, got {len(values)}.")

    def _start_settlement(self) -> None:
        """Future.SetLocalTimeKeeper: settlement starts with the day after the one the future is added on."""
        if isinstance(self.settlement_model, FutureSettlementModel):
            self.settlement_model._set_local_date(local_date(self._utc, self._time_zone))

    def _as_future(self) -> "Future":
        return self
