"""Margin of futures and futures options (Future/FutureMarginModel.cs, FutureOption/FuturesOptionsMarginModel.cs)."""

import math
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, Protocol

from simulator.common.enums import OptionRight
from simulator.common.symbol import Symbol
from simulator.common.system_exceptions import InvalidOperationException
from simulator.common.time_zone import local_date
from simulator.orders.decimals import ONE, ZERO
from simulator.results.net_number import from_double
from simulator.securities.margin_model import RequiredMargin, SecurityMarginModel

if TYPE_CHECKING:
    from simulator.securities.future import Future
    from simulator.securities.option import FutureOption
    from simulator.securities.security import Security


class MarginEntry(Protocol):
    """One line of a margin file: dollars per contract."""

    @property
    def initial_overnight(self) -> Decimal:
        """To open a contract."""

    @property
    def maintenance_overnight(self) -> Decimal:
        """To keep a contract."""

    @property
    def initial_intraday(self) -> Decimal:
        """To open a contract during the session."""

    @property
    def maintenance_intraday(self) -> Decimal:
        """To keep a contract during the session."""


MarginRequirements = Callable[[Symbol, date], MarginEntry | None]
"""The line in force on a date; None without a file, which means no margin."""


class FutureMarginModel(SecurityMarginModel):
    """Mirrors FutureMarginModel: dollars per contract from the data folder's margin file.

    Attributes:
        enable_intraday_margins: use the intraday columns while the exchange is open and not about to close.
    """

    def __init__(self, security: "Security", required_free_buying_power_percent: Any = ZERO) -> None:
        super().__init__(ONE, required_free_buying_power_percent)
        self._security = security
        self.enable_intraday_margins = False

    def _set_leverage(self, leverage: Decimal) -> None:
        if leverage != ONE:
            raise InvalidOperationException("Futures are leveraged products and different leverage cannot be set by user")
        super()._set_leverage(leverage)

    def _entry(self, future: "Future") -> MarginEntry | None:
        last = future.get_last_data()
        if last is None:
            return None
        return future._margin_requirements(future.symbol, local_date(last._start_utc, future._time_zone))

    def _is_intraday(self, future: "Future") -> bool:
        return self.enable_intraday_margins and future.exchange.exchange_open and not future.exchange.closing_soon

    def _initial_margin(self, security: "Security", quantity: Decimal) -> RequiredMargin:
        future = security._as_future()
        entry = self._entry(future) if quantity else None
        if entry is None:
            return RequiredMargin(ZERO)
        amount = entry.initial_intraday if self._is_intraday(future) else entry.initial_overnight
        return RequiredMargin(amount * quantity * security._conversion_rate)

    def _maintenance_margin(self, security: "Security", quantity: Decimal, cost: Decimal, value: Decimal) -> Decimal:
        del cost, value
        future = security._as_future()
        entry = self._entry(future) if quantity else None
        if entry is None:
            return ZERO
        amount = entry.maintenance_intraday if self._is_intraday(future) else entry.maintenance_overnight
        return amount * abs(quantity) * security._conversion_rate

    def _per_contract(self, name: str) -> Decimal:
        entry = self._entry(self._security._as_future())
        return ZERO if entry is None else getattr(entry, name)

    @property
    def initial_overnight_margin_requirement(self) -> float:
        """Dollars to open one contract overnight."""
        return float(self._per_contract("initial_overnight"))

    @property
    def maintenance_overnight_margin_requirement(self) -> float:
        """Dollars to keep one contract overnight."""
        return float(self._per_contract("maintenance_overnight"))

    @property
    def initial_intraday_margin_requirement(self) -> float:
        """Dollars to open one contract during the session."""
        return float(self._per_contract("initial_intraday"))

    @property
    def maintenance_intraday_margin_requirement(self) -> float:
        """Dollars to keep one contract during the session."""
        return float(self._per_contract("maintenance_intraday"))


class FuturesOptionsMarginModel(FutureMarginModel):
    """Mirrors FuturesOptionsMarginModel: a part of the future's margin along a logistic curve over the strike; long options need it as well."""

    def __init__(self, future_option: "FutureOption", required_free_buying_power_percent: Any = ZERO) -> None:
        super().__init__(future_option, required_free_buying_power_percent)
        self._option = future_option

    def _initial_margin(self, security: "Security", quantity: Decimal) -> RequiredMargin:
        del security
        base = super()._initial_margin(self._option.underlying, quantity).value
        return RequiredMargin(Decimal(curve_margin(self._option, base, long=quantity > 0)))

    def _maintenance_margin(self, security: "Security", quantity: Decimal, cost: Decimal, value: Decimal) -> Decimal:
        del security
        base = super()._maintenance_margin(self._option.underlying, quantity, cost, value)
        return Decimal(curve_margin(self._option, base, long=quantity > 0))

    def _most_until(self, utc: int, quantity: Decimal) -> Decimal:
        """As much as this quantity needs up to an instant, wherever the future goes."""
        future = self._option.underlying._as_future()
        last = future.get_last_data()
        day = local_date(future._utc if last is None else last._start_utc, future._time_zone)
        most = ZERO
        while day <= local_date(utc, future._time_zone):
            entry = future._margin_requirements(future.symbol, day)
            if entry is not None:
                most = max(most, entry.initial_overnight, entry.maintenance_overnight, entry.initial_intraday, entry.maintenance_intraday)
            day += timedelta(days=1)
        return most * _LARGEST_SHARE * abs(quantity) * future._conversion_rate

    def _per_contract(self, name: str) -> Decimal:
        entry = self._entry(self._option.underlying._as_future())
        return ZERO if entry is None else Decimal(curve_margin(self._option, getattr(entry, name), long=True))


_CURVES: Final = {
    (True, OptionRight.CALL): (Decimal("1.20"), Decimal("-7.8"), ONE),
    (True, OptionRight.PUT): (ONE, Decimal(9), ONE),
    (False, OptionRight.CALL): (ONE, Decimal(-4), Decimal("1.5")),
    (False, OptionRight.PUT): (Decimal("1.25"), Decimal("2.4"), Decimal("0.30")),
}
"""(long, right): share of the future's margin at most, growth rate, factor of the underlying's price at the middle of the curve."""
_LARGEST_SHARE: Final = max(share for share, _, _ in _CURVES.values())


def curve_margin(option: "FutureOption", underlying_requirement: Decimal, *, long: bool) -> int:
    """GetMarginRequirement: whole dollars; 0 without a price of the underlying."""
    share, growth, factor = _CURVES[long, option.right]
    middle = option.underlying._price * factor
    if not middle:
        return 0
    maximum = underlying_requirement * share
    try:
        denominator = math.pow(math.e, float(-growth * (option._scaled_strike - middle) / middle))
    except OverflowError:
        return 0
    if not denominator:
        return int(maximum)
    return int(maximum / from_double(1 + denominator))
