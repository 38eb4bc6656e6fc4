"""Money by currency (Common/Securities/Cash.cs, CashBook.cs). Prices of this engine's markets are quoted in the account currency, USD."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from simulator.common.lean_dictionary import LeanDictionary
from simulator.common.market import Currencies
from simulator.common.printable import Printable
from simulator.common.system_exceptions import KeyNotFoundException
from simulator.orders.decimals import ONE, ZERO, to_price
from simulator.orders.order_fee import CashAmount
from simulator.results.net_number import decimal_text


class Cash(Printable):
    """Mirrors Cash: amount and conversion rate of one currency."""

    def __init__(self, symbol: str, amount: Decimal, conversion_rate: Decimal, on_update: Callable[[], None]) -> None:
        self.symbol = symbol
        self._amount = amount
        self._conversion_rate = conversion_rate
        self._on_update = on_update

    @property
    def amount(self) -> float:
        """Amount, in this currency."""
        return float(self._amount)

    @property
    def conversion_rate(self) -> float:
        """Account currency per unit of this one."""
        return float(self._conversion_rate)

    @property
    def value_in_account_currency(self) -> float:
        """Amount in account currency."""
        return float(self._amount * self._conversion_rate)

    @property
    def currency_symbol(self) -> str:
        """The sign the currency is printed with."""
        return Currencies.get_currency_symbol(self.symbol)

    def set_amount(self, amount: float) -> None:
        """Replace the amount, in this currency."""
        self._set_amount(to_price(amount))

    def add_amount(self, amount: float) -> float:
        """Add to the amount, in this currency; the new amount."""
        self._add_amount(to_price(amount))
        return self.amount

    def _add_amount(self, amount: Decimal) -> None:
        self._amount += amount
        self._on_update()

    def _set_amount(self, amount: Decimal) -> None:
        self._amount = amount
        self._on_update()

    def __str__(self) -> str:
        return f"{self.symbol}: {self.currency_symbol}{self._amount:,.2f} @ {decimal_text(self._conversion_rate)}"


@dataclass(frozen=True)
class ConvertibleCashAmount:
    """Mirrors ConvertibleCashAmount: an amount of a currency that knows what it is worth."""

    _amount: Decimal
    cash: Cash

    @property
    def amount(self) -> float:
        """Amount, in its currency."""
        return float(self._amount)

    @property
    def in_account_currency(self) -> float:
        """The same in account currency."""
        return float(self._amount * self.cash._conversion_rate)


class CashBook(LeanDictionary[str, Cash]):
    """Mirrors CashBook: all cash, the account currency first."""

    def __init__(self, on_update: Callable[[], None], amount: Decimal = ZERO) -> None:
        self.account_currency = Currencies.USD
        self._on_update = on_update
        self._cash: dict[str, Cash] = {}
        self._known_total: Decimal | None = None
        self._add(self.account_currency, amount, ONE)

    def _enumerated(self) -> dict[str, Cash]:
        return self._cash

    def _missing(self, key: object) -> str:
        return f"This cash symbol ({key}) was not found in your cash book."

    def _find(self, key: object) -> Cash | None:
        if key == Currencies.NULL_CURRENCY:
            raise KeyNotFoundException(f"Unexpected request for {Currencies.NULL_CURRENCY} Cash instance")
        return self._cash.get(str(key))

    def _add(self, symbol: str, amount: Decimal, conversion_rate: Decimal) -> Cash:
        cash = self._cash.get(symbol)
        if cash is None:
            cash = self._cash[symbol] = Cash(symbol, amount, conversion_rate, self._changed)
        else:
            cash._amount, cash._conversion_rate = amount, conversion_rate
        self._changed()
        return cash

    def _changed(self) -> None:
        self._known_total = None
        self._on_update()

    @property
    def _total(self) -> Decimal:
        if self._known_total is None:
            self._known_total = sum((cash._amount * cash._conversion_rate for cash in self._cash.values()), ZERO)
        return self._known_total

    @property
    def total_value_in_account_currency(self) -> float:
        """All cash in account currency."""
        return float(self._total)

    def _in_account_currency(self, amount: CashAmount) -> Decimal:
        if not amount._amount or amount.currency == self.account_currency:
            return amount._amount
        return amount._amount * self[amount.currency]._conversion_rate

    def __str__(self) -> str:
        return "\n".join(str(cash) for cash in self._cash.values())
