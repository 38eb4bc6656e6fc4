"""Amounts of money with their currency (CashAmount) and the fee of an order (OrderFee)."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from simulator.common.market import Currencies
from simulator.common.printable import Printable
from simulator.orders.decimals import to_price
from simulator.results.net_number import decimal_text, normalize

if TYPE_CHECKING:
    from simulator.securities.portfolio import SecurityPortfolioManager


class CashAmount:
    """Mirrors CashAmount: an amount in a currency."""

    __slots__ = ("_amount", "currency")

    def __init__(self, amount: Any, currency: Any) -> None:
        self._amount = to_price(amount)
        self.currency = currency

    @property
    def amount(self) -> float:
        """The amount, in the currency."""
        return float(self._amount)

    def __str__(self) -> str:
        return f"{decimal_text(self._amount)} {self.currency}"


class OrderFee(Printable):
    """Mirrors OrderFee: what the brokerage takes for a fill."""

    __slots__ = ("value",)

    ZERO: ClassVar["OrderFee"]

    def __init__(self, order_fee: CashAmount) -> None:
        self.value = CashAmount(normalize(order_fee._amount), order_fee.currency)

    @classmethod
    def _of(cls, amount: Decimal, currency: str = Currencies.USD) -> "OrderFee":
        """A fee of so much."""
        return cls(CashAmount(amount, currency))

    def _apply_to_portfolio(self, portfolio: "SecurityPortfolioManager") -> None:
        portfolio.cash_book[self.value.currency]._add_amount(-self.value._amount)

    def __str__(self) -> str:
        return str(self.value)


OrderFee.ZERO = OrderFee(CashAmount(0, Currencies.NULL_CURRENCY))
