"""Options on equities, indices and futures (Option/Option.cs, IndexOption/IndexOption.cs, FutureOption/FutureOption.cs)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from simulator.common.enums import DataNormalizationMode, OptionRight, OptionStyle, SettlementType
from simulator.common.symbol import Symbol
from simulator.common.system_exceptions import ArgumentException, InvalidOperationException
from simulator.data.security_exchange_hours import SecurityExchangeHours
from simulator.data.symbol_properties_database import SymbolProperties
from simulator.orders.decimals import ONE, ZERO, to_price, to_quantity
from simulator.orders.price_variation import IndexOptionPriceVariationModel
from simulator.securities.assignment_model import DefaultOptionAssignmentModel
from simulator.securities.cash_book import Cash
from simulator.securities.exercise_model import DefaultExerciseModel
from simulator.securities.future_margin_model import FuturesOptionsMarginModel
from simulator.securities.holding import OptionHolding
from simulator.securities.option_margin_model import OptionMarginModel
from simulator.securities.portfolio_model import OptionPortfolioModel
from simulator.securities.security import Security

if TYPE_CHECKING:
    from simulator.securities.trading_algorithm import Clock

_LEAST_EXERCISE_VALUE = Decimal("0.01")

ContractFilter = Callable[[Any], Any]


class Option(Security):
    """Mirrors Option: an option contract, or the canonical option that stands for a chain."""

    def __init__(
        self,
        symbol: Symbol,
        hours: SecurityExchangeHours,
        quote_currency: Cash,
        properties: SymbolProperties,
        clock: "Clock",
        underlying: Security | None = None,
    ) -> None:
        super().__init__(symbol, hours, quote_currency, properties, clock)
        self.portfolio_model = OptionPortfolioModel()
        self.buying_power_model = OptionMarginModel()
        self.exercise_settlement = SettlementType.PHYSICAL_DELIVERY
        self.option_exercise_model: Any = DefaultExerciseModel()
        self.option_assignment_model: Any = DefaultOptionAssignmentModel()
        self.price_model: Any = None
        self._underlying = underlying
        self._contract_unit_of_trade = Decimal(int(properties._contract_multiplier))
        self._strike = symbol.id._strike
        self._scaled_strike = self._strike * properties._strike_multiplier
        self._contract_filter: ContractFilter = _strikes_and_expiry((-1, 1), (timedelta(0), timedelta(days=35)))
        self.holdings = OptionHolding(self)

    @property
    def underlying(self) -> Security:
        """The security the option is on."""
        if self._underlying is None:
            raise InvalidOperationException(f"The underlying of {self.symbol.value} is not subscribed.")
        return self._underlying

    @underlying.setter
    def underlying(self, value: Security) -> None:
        self._underlying = value

    @property
    def strike_price(self) -> float:
        """Strike."""
        return float(self._strike)

    @property
    def scaled_strike_price(self) -> float:
        """Strike in points of the underlying."""
        return float(self._scaled_strike)

    @property
    def expiry(self) -> datetime:
        """Expiry date, midnight."""
        return self.symbol.id.date

    @property
    def right(self) -> OptionRight:
        """Call or put."""
        return self.symbol.id.option_right

    @property
    def style(self) -> OptionStyle:
        """American or European."""
        return self.symbol.id.option_style

    @property
    def contract_unit_of_trade(self) -> int:
        """Units of the underlying per contract: 100, for futures options 1."""
        return int(self._contract_unit_of_trade)

    @property
    def contract_multiplier(self) -> int:
        """Dollars per point of the option's price."""
        return int(self.symbol_properties._contract_multiplier)

    @property
    def is_option_chain(self) -> bool:
        """Whether this stands for a chain."""
        return self.symbol.is_canonical()

    @property
    def is_option_contract(self) -> bool:
        """Whether this is a contract."""
        return not self.symbol.is_canonical()

    @property
    def _bid_price(self) -> Decimal:
        return self.cache._bid_price

    @property
    def _ask_price(self) -> Decimal:
        return self.cache._ask_price

    def _exercise_quantity(self, order_quantity: Decimal) -> Decimal:
        """Shares that an exercise order of so many contracts moves; exercise orders have the sign that closes the position."""
        shares = order_quantity * self._contract_unit_of_trade
        return -shares if self.right is OptionRight.CALL else shares

    def get_exercise_quantity(self, exercise_order_quantity: Any = None) -> float:
        """Shares that an exercise order of so many contracts moves, the whole holding by default."""
        quantity = -self.holdings._quantity if exercise_order_quantity is None else to_quantity(exercise_order_quantity)
        return float(self._exercise_quantity(quantity))

    def _pay_off(self, underlying_price: Decimal) -> Decimal:
        difference = underlying_price - self._scaled_strike
        return difference if self.right is OptionRight.CALL else -difference

    def _intrinsic_value(self, underlying_price: Decimal) -> Decimal:
        return max(ZERO, self._pay_off(underlying_price))

    def _out_of_the_money_amount(self, underlying_price: Decimal) -> Decimal:
        return max(ZERO, -self._pay_off(underlying_price))

    def _is_auto_exercised(self, underlying_price: Decimal) -> bool:
        return self._intrinsic_value(underlying_price) >= _LEAST_EXERCISE_VALUE

    def get_intrinsic_value(self, underlying_price: Any) -> float:
        """Value at expiry per unit."""
        return float(self._intrinsic_value(to_price(underlying_price)))

    def get_pay_off(self, underlying_price: Any) -> float:
        """Value at expiry per unit, negative out of the money."""
        return float(self._pay_off(to_price(underlying_price)))

    def out_of_the_money_amount(self, underlying_price: Any) -> float:
        """Distance to the strike out of the money."""
        return float(self._out_of_the_money_amount(to_price(underlying_price)))

    def is_auto_exercised(self, underlying_price: Any) -> bool:
        """Whether expiry exercises the option."""
        return self._is_auto_exercised(to_price(underlying_price))

    def set_option_assignment_model(self, option_assignment_model: Any) -> None:
        """Sets when short options are assigned early."""
        self.option_assignment_model = option_assignment_model

    def set_option_exercise_model(self, option_exercise_model: Any) -> None:
        """Sets what an exercise does."""
        self.option_exercise_model = option_exercise_model

    def set_price_model(self, price_model: Any) -> None:
        """Sets the pricing model."""
        self.price_model = price_model

    def set_filter(self, *arguments: Any, **named: Any) -> None:
        """Chooses the contracts of the chain: a function of the universe, or strike steps and/or an expiry range as days or timedeltas.

        `(universe_func)`, `(min_strike, max_strike)`, `(min_expiry, max_expiry)`, `(min_strike, max_strike, min_expiry, max_expiry)`,
        where an expiry in whole days may be named `min_expiry_days` and `max_expiry_days`.
        """
        self._contract_filter = contract_filter((*arguments, *filter_values(named, _FILTER_NAMES)))

    def set_data_normalization_mode(self, mode: DataNormalizationMode) -> None:
        """Options are always raw.

        Raises:
            ArgumentException: for any other mode.
        """
        if mode is not DataNormalizationMode.RAW:
            raise ArgumentException("DataNormalizationMode.RAW must be used with options")
        super().set_data_normalization_mode(mode)

    def _as_option(self) -> "Option":
        return self


_FILTER_NAMES = ("universe_func", "min_strike", "max_strike", "min_expiry", "max_expiry")


def filter_values(named: dict[str, Any], names: tuple[str, ...]) -> list[Any]:
    """Named arguments of `set_filter` in LEAN's order.

    Raises:
        TypeError: one has a name LEAN does not know.
    """
    given = {name.removesuffix("_days"): value for name, value in named.items()}
    if unknown := given.keys() - set(names):
        raise TypeError(f"No method matches given arguments for set_filter: {', '.join(sorted(unknown))}")
    return [given[name] for name in names if name in given]


def contract_filter(arguments: tuple[Any, ...]) -> ContractFilter:
    """The filter LEAN's SetFilter overloads stand for: a function, (min, max) strikes, (min, max) expiry, or both."""
    if len(arguments) == 1:
        return arguments[0]  # type: ignore[no-any-return]  # the algorithm's function
    if len(arguments) == 2:
        if isinstance(arguments[0], timedelta):
            return _strikes_and_expiry(None, (arguments[0], arguments[1]))
        return _strikes_and_expiry((arguments[0], arguments[1]), None)
    if len(arguments) == 4:
        return _strikes_and_expiry((arguments[0], arguments[1]), (arguments[2], arguments[3]))
    raise ArgumentException(f"set_filter takes a function, two or four values, got {len(arguments)}.")


def _strikes_and_expiry(strikes: tuple[int, int] | None, expiry: tuple[Any, Any] | None) -> ContractFilter:
    def choose(universe: Any) -> Any:
        if strikes is not None:
            universe = universe.strikes(*strikes)
        return universe if expiry is None else universe.expiration(*expiry)

    return choose


class IndexOption(Option):
    """Mirrors IndexOption: settled in cash."""

    def __init__(
        self,
        symbol: Symbol,
        hours: SecurityExchangeHours,
        quote_currency: Cash,
        properties: SymbolProperties,
        clock: "Clock",
        underlying: Security | None = None,
    ) -> None:
        super().__init__(symbol, hours, quote_currency, properties, clock, underlying)
        self.exercise_settlement = SettlementType.CASH
        self.price_variation_model = IndexOptionPriceVariationModel()


class FutureOption(Option):
    """Mirrors FutureOption: delivers one future per contract."""

    def __init__(
        self,
        symbol: Symbol,
        hours: SecurityExchangeHours,
        quote_currency: Cash,
        properties: SymbolProperties,
        clock: "Clock",
        underlying: Security | None = None,
    ) -> None:
        super().__init__(symbol, hours, quote_currency, properties, clock, underlying)
        self._contract_unit_of_trade = ONE
        self.buying_power_model = FuturesOptionsMarginModel(self)
