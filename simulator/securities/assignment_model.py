"""Early assignment of short options (Option/DefaultOptionAssignmentModel.cs, NullOptionAssignmentModel.cs)."""

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from simulator.common.enums import OptionRight, OptionStyle, SettlementType
from simulator.orders.decimals import ZERO, to_price
from simulator.orders.order import MarketOrder, OptionExerciseOrder

if TYPE_CHECKING:
    from simulator.securities.option import Option


class OptionAssignmentResult:
    """Mirrors OptionAssignmentResult: how many contracts are assigned, and the tag of the order."""

    NULL: ClassVar["OptionAssignmentResult"]

    def __init__(self, quantity: Any, tag: str) -> None:
        self._quantity = to_price(quantity)
        self.tag = tag

    @property
    def quantity(self) -> float:
        """Contracts assigned; 0 assigns none."""
        return float(self._quantity)


OptionAssignmentResult.NULL = OptionAssignmentResult(0, "")


class OptionAssignmentParameters:
    """Mirrors OptionAssignmentParameters."""

    def __init__(self, option: "Option") -> None:
        self.option = option


class NullOptionAssignmentModel:
    """Mirrors NullOptionAssignmentModel: never before expiry."""

    def get_assignment(self, parameters: OptionAssignmentParameters) -> OptionAssignmentResult:
        """Nothing is assigned."""
        del parameters
        return OptionAssignmentResult.NULL


class DefaultOptionAssignmentModel:
    """Mirrors DefaultOptionAssignmentModel: deep in the money near expiry, when LEAN's arbitrage estimate is positive.

    Args:
        required_in_the_money_percent: how far in the money, as a fraction of the underlying's price.
        prior_expiration: how long before the expiry date American options can be assigned.
    """

    def __init__(self, required_in_the_money_percent: float = 0.05, prior_expiration: timedelta = timedelta(days=4)) -> None:
        self._required = to_price(required_in_the_money_percent)
        self._prior_expiration = prior_expiration

    def get_assignment(self, parameters: OptionAssignmentParameters) -> OptionAssignmentResult:
        """The whole position or nothing."""
        option = parameters.option
        if self._is_time(option) and self._is_deep_in_the_money(option) and _arbitrage_profit(option) > 0:
            return OptionAssignmentResult(abs(option.holdings._quantity), "Simulated option assignment before expiration")
        return OptionAssignmentResult.NULL

    def _is_time(self, option: "Option") -> bool:
        now = option.local_time
        if option.style is OptionStyle.AMERICAN:
            return option.expiry - now <= self._prior_expiration
        return option.expiry.date() == now.date()

    def _is_deep_in_the_money(self, option: "Option") -> bool:
        price = option.underlying._close
        if not price:
            return False
        return option._pay_off(price) / price > self._required


def _arbitrage_profit(option: "Option") -> Decimal:
    """EstimateArbitragePnL: exercising against selling at the bid; the unit of trade counts twice, as in LEAN."""
    holding, underlying, utc = option.holdings, option.underlying, option._utc
    quantity = abs(holding._quantity)
    multiplier = option.symbol_properties._contract_multiplier
    fee = option._fee_of(MarketOrder(option.symbol, -holding._quantity, utc))
    selling = (option._bid_price - holding._average_price) * -holding._quantity * multiplier - fee
    underlying_price = underlying._bid_price if option.right is OptionRight.CALL else underlying._ask_price
    shares = option._exercise_quantity(holding._quantity)
    delivery_fee = ZERO
    if option.exercise_settlement is SettlementType.PHYSICAL_DELIVERY:
        delivery_fee = underlying._fee_of(MarketOrder(underlying.symbol, -shares, utc))
    exercise_fee = option._fee_of(OptionExerciseOrder(option.symbol, int(quantity), utc))
    gain = (underlying_price - option._scaled_strike) * shares * option._contract_unit_of_trade
    return gain - delivery_fee - holding._average_price * quantity * multiplier - exercise_fee - selling
