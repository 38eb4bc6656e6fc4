"""Points that are no bars: open interest, dividends, splits, delistings, symbol changes (Common/Data/Market/*.cs)."""

from datetime import datetime, timedelta
from decimal import Decimal

from simulator.common.base_data import ZERO, BaseData, exact
from simulator.common.enums import DelistingType, MarketDataType, SplitType
from simulator.common.symbol import Symbol


class OpenInterest(BaseData):
    """Open contracts of a derivative; it starts and ends at one instant."""

    __slots__ = ()

    data_type = MarketDataType.TICK

    def __init__(self, time: datetime | None = None, symbol: Symbol | None = None, open_interest: float | Decimal = ZERO) -> None:
        super().__init__()
        self._set_naive_time(time, timedelta())
        self.symbol = Symbol.EMPTY if symbol is None else symbol
        self._value = exact(open_interest)


class _Auxiliary(BaseData):
    __slots__ = ()

    data_type = MarketDataType.AUXILIARY

    def __init__(self, symbol: Symbol | None, date: datetime | None, value: float | Decimal = ZERO) -> None:
        super().__init__()
        self._set_naive_time(date, timedelta())
        self.symbol = Symbol.EMPTY if symbol is None else symbol
        self._value = exact(value)


class Dividend(_Auxiliary):
    """Cash per share, ex on its date."""

    __slots__ = ("_reference_price",)

    def __init__(
        self,
        symbol: Symbol | None = None,
        date: datetime | None = None,
        distribution: float | Decimal = ZERO,
        reference_price: float | Decimal = ZERO,
    ) -> None:
        super().__init__(symbol, date, distribution)
        self._reference_price = exact(reference_price)

    @property
    def _distribution(self) -> Decimal:
        return self._value

    @property
    def distribution(self) -> float:
        """Dollars per share."""
        return float(self._value)

    @property
    def reference_price(self) -> float:
        """Close of the day before."""
        return float(self._reference_price)

    def __str__(self) -> str:
        return f"Dividend: {self.symbol}: {self._value} | {self._reference_price}"


class Split(_Auxiliary):
    """A split, or the warning of one on the day before; new quantity = old / factor."""

    __slots__ = ("_split_factor", "type")

    def __init__(
        self,
        symbol: Symbol | None = None,
        date: datetime | None = None,
        price: float | Decimal = ZERO,
        split_factor: float | Decimal = ZERO,
        type: SplitType = SplitType.SPLIT_OCCURRED,
    ) -> None:
        super().__init__(symbol, date, price)
        self._split_factor = exact(split_factor)
        self.type = type

    @property
    def split_factor(self) -> float:
        """Old shares per new share, 0.5 for two for one."""
        return float(self._split_factor)

    @property
    def reference_price(self) -> float:
        """Close before the split."""
        return float(self._value)

    def __str__(self) -> str:
        return f"{'Split Warning' if self.type is SplitType.WARNING else 'Split'}: {self.symbol}: {self._split_factor} | {self._value}"


class Delisting(_Auxiliary):
    """The last trading day of a security (warning), and the end of it (delisted).

    Attributes:
        ticket: the order that closes the holding, set by the engine.
    """

    __slots__ = ("ticket", "type")

    def __init__(
        self,
        symbol: Symbol | None = None,
        date: datetime | None = None,
        price: float | Decimal = ZERO,
        type: DelistingType = DelistingType.DELISTED,
    ) -> None:
        super().__init__(symbol, date, price)
        self.type = type
        self.ticket: object | None = None

    def __str__(self) -> str:
        return f"{'Delisting Warning' if self.type is DelistingType.WARNING else 'Delisted'}: {self.symbol} {self.end_time}"


class SymbolChangedEvent(_Auxiliary):
    """A continuous future rolled, or an equity changed its ticker."""

    __slots__ = ("new_symbol", "old_symbol")

    def __init__(
        self, requested_symbol: Symbol | None = None, date: datetime | None = None, old_symbol: str = "", new_symbol: str = ""
    ) -> None:
        super().__init__(requested_symbol, date)
        self.old_symbol = old_symbol
        self.new_symbol = new_symbol

    def __str__(self) -> str:
        return f"{self.time} {self.old_symbol}->{self.new_symbol}"
