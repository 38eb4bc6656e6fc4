"""Option and futures chains, of a slice or of a universe file (LEAN's OptionChain, OptionContract, FuturesChain, FuturesContract, Greeks)."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from simulator.common.bars import ZERO, BaseData, OpenInterest, QuoteBar, TradeBar
from simulator.common.enums import OptionRight, OptionStyle, SecurityType
from simulator.common.security_identifier import is_option
from simulator.common.symbol import Symbol
from simulator.engine.data_dictionary import DataDictionary, QuoteBars, TradeBars
from simulator.engine.frames import stacked, symbol_frame

if TYPE_CHECKING:
    import pandas as pd

_DAYS_PER_YEAR = Decimal(365)
_ONE = Decimal(1)


class Greeks:
    """Sensitivities of an option; theta is per year, `theta_per_day` a 365th of it."""

    def __init__(
        self,
        delta: Decimal | float = 0,
        gamma: Decimal | float = 0,
        vega: Decimal | float = 0,
        theta_per_day: Decimal | float = 0,
        rho: Decimal | float = 0,
        lambda_: Decimal | float = 0,
    ) -> None:
        self.delta = float(delta)
        self.gamma = float(gamma)
        self.vega = float(vega)
        self.theta_per_day = float(theta_per_day)
        self._exact_theta_per_day = theta_per_day
        self._theta: float | None = None
        self.rho = float(rho)
        self.lambda_ = float(lambda_)

    @property
    def theta(self) -> float:
        """Per year."""
        if self._theta is None:
            self._theta = float(Decimal(str(self._exact_theta_per_day)) * _DAYS_PER_YEAR)
        return self._theta

    @theta.setter
    def theta(self, value: float) -> None:
        self._theta = value


class OptionPriceModelResult:
    """What an option price model finds: a price, a volatility and Greeks."""

    def __init__(self, theoretical_price: float = 0.0, implied_volatility: float = 0.0, greeks: Greeks | None = None) -> None:
        self.theoretical_price = theoretical_price
        self.implied_volatility = implied_volatility
        self.greeks = greeks or Greeks()


class _Contract:
    """What option and futures contracts share: prices of a universe row, or of the bars of one slice."""

    _trade: TradeBar | None = None
    _quote: QuoteBar | None = None
    _interest: OpenInterest | None = None

    def __init__(self, symbol: Symbol, time: datetime, row: Any = None) -> None:
        self.symbol = symbol
        self.time = time
        self._row = row

    @property
    def id(self) -> Any:
        """Identifier of the symbol."""
        return self.symbol.id

    @property
    def expiry(self) -> datetime:
        """Midnight of the expiry date."""
        return self.symbol.id.date

    def _update(self, point: BaseData) -> None:
        if isinstance(point, TradeBar):
            self._trade = point
        elif isinstance(point, QuoteBar):
            self._quote = point
        elif isinstance(point, OpenInterest):
            self._interest = point

    @property
    def last_price(self) -> float:
        """Last trade of the slice, or the row's close."""
        if self._row is not None:
            return float(self._row.close)
        return 0.0 if self._trade is None else self._trade.close

    price = value = close = last_price

    @property
    def bid_price(self) -> float:
        """Last bid of the slice, or the row's close."""
        if self._row is not None:
            return float(self._row.close)
        return 0.0 if self._quote is None or self._quote.bid is None else self._quote.bid.close

    @property
    def ask_price(self) -> float:
        """Last ask of the slice, or the row's close."""
        if self._row is not None:
            return float(self._row.close)
        return 0.0 if self._quote is None or self._quote.ask is None else self._quote.ask.close

    @property
    def bid_size(self) -> int:
        """Size of the last bid."""
        return 0 if self._quote is None else int(self._quote.last_bid_size)

    @property
    def ask_size(self) -> int:
        """Size of the last ask."""
        return 0 if self._quote is None else int(self._quote.last_ask_size)

    @property
    def volume(self) -> int:
        """Traded contracts."""
        if self._row is not None:
            return int(self._row.volume)
        return 0 if self._trade is None else int(self._trade.volume)

    @property
    def open_interest(self) -> float:
        """Open contracts."""
        if self._row is not None:
            return float(self._row.open_interest)
        return 0.0 if self._interest is None else self._interest.value

    def __str__(self) -> str:
        return self.symbol.value


class OptionContract(_Contract):
    """A contract of an option chain.

    Args:
        symbol: the contract.
        time: end of its point in exchange time.
        row: the universe row it comes from, None for one of a slice.
        underlying: the underlying's point of the slice.
        model: evaluates the price model when volatility or Greeks are asked for.
    """

    def __init__(
        self,
        symbol: Symbol,
        time: datetime,
        row: Any = None,
        underlying: BaseData | None = None,
        model: Callable[["OptionContract"], OptionPriceModelResult] | None = None,
        strike_multiplier: Decimal = _ONE,
    ) -> None:
        self.symbol = symbol
        self.time = time
        self._row = row
        self._underlying = underlying
        self._model = model
        self._strike_multiplier = strike_multiplier

    _underlying: BaseData | None = None
    _model: Callable[["OptionContract"], OptionPriceModelResult] | None = None
    _strike_multiplier = _ONE
    _result: OptionPriceModelResult | None = None

    def __eq__(self, other: object) -> bool:
        """.NET turns a contract into its symbol where one is compared with it."""
        return self is other or (isinstance(other, Symbol) and self.symbol == other)

    def __hash__(self) -> int:
        return hash(self.symbol)

    @property
    def strike(self) -> float:
        """Strike price."""
        return float(self.symbol.id.strike_price)

    @property
    def scaled_strike(self) -> float:
        """Strike in the underlying's units."""
        return float(self.symbol.id._strike * self._strike_multiplier)

    @property
    def right(self) -> OptionRight:
        """Call or put."""
        return self.symbol.id.option_right

    @property
    def style(self) -> OptionStyle:
        """American or European."""
        return self.symbol.id.option_style

    @property
    def underlying_symbol(self) -> Symbol | None:
        """Symbol of the underlying."""
        return self.symbol.underlying

    @property
    def underlying_last_price(self) -> float:
        """Price of the underlying in the slice or in the row's file."""
        if self._row is not None:
            return float(self._row._underlying_close)
        return 0.0 if self._underlying is None else self._underlying.price

    def _evaluate(self) -> OptionPriceModelResult:
        if self._result is None:
            self._result = OptionPriceModelResult() if self._model is None else self._model(self)
        return self._result

    @property
    def theoretical_price(self) -> float:
        """The model's price, 0 for a row."""
        return 0.0 if self._row is not None else self._evaluate().theoretical_price

    @property
    def implied_volatility(self) -> float:
        """Volatility, a fraction per year."""
        return float(self._row.implied_volatility) if self._row is not None else self._evaluate().implied_volatility

    @property
    def greeks(self) -> Greeks:
        """Greeks of the row, or of the price model."""
        if self._row is None:
            return self._evaluate().greeks
        found: Greeks = self._row.greeks
        return found


class FuturesContract(_Contract):
    """A contract of a futures chain."""

    @property
    def underlying_symbol(self) -> Symbol | None:
        """None: a future has no underlying here."""
        return self.symbol.underlying


C = TypeVar("C", bound=_Contract)


class _Chain(BaseData, Generic[C]):
    """Contracts by symbol; iterating yields the contracts."""

    __slots__ = ("_contracts", "_flatten", "_time", "contracts", "filtered_contracts", "quote_bars", "trade_bars", "underlying")

    def __init__(self, canonical: Symbol, time: datetime, flatten: bool = True) -> None:
        super().__init__()
        self.symbol = canonical
        self._time = time
        self._flatten = flatten
        self._contracts: dict[Symbol, C] = {}
        self.contracts: DataDictionary[C] = DataDictionary(self._contracts)
        self.filtered_contracts: set[Symbol] = set()
        self.trade_bars = TradeBars()
        self.quote_bars = QuoteBars()
        self.underlying: BaseData = QuoteBar()

    @property
    def time(self) -> datetime:
        """Algorithm time of the slice, or exchange date of the look-up."""
        return self._time

    @time.setter
    def time(self, value: datetime) -> None:
        self._time = value

    @property
    def end_time(self) -> datetime:
        """Same as `time`."""
        return self._time

    @end_time.setter
    def end_time(self, value: datetime) -> None:
        self._time = value

    @property
    def count(self) -> int:
        """Number of contracts."""
        return len(self._contracts)

    def contains_key(self, key: Symbol) -> bool:
        """Whether the chain has the contract."""
        return key in self._contracts

    def __len__(self) -> int:
        return len(self._contracts)

    def __iter__(self) -> Iterator[C]:
        return iter(self.contracts.values())

    def __getitem__(self, symbol: Symbol) -> C:
        return self.contracts[symbol]

    def _add(self, contract: C) -> None:
        self._contracts[contract.symbol] = contract

    def _fill_in_order(self, contracts: dict[Symbol, C]) -> None:
        """Takes contracts that are in order of their values."""
        self._contracts = contracts
        self.contracts = DataDictionary(contracts, is_ordered=True)

    def _add_point(self, contract: C, point: BaseData) -> None:
        contract._update(point)
        if isinstance(point, TradeBar):
            self.trade_bars._set(point.symbol, point)
        elif isinstance(point, QuoteBar):
            self.quote_bars._set(point.symbol, point)

    @property
    def data_frame(self) -> "pd.DataFrame":
        """The contracts as a frame indexed by symbol, without columns that are zero throughout; without `flatten` one row for the chain."""
        if not self._flatten:
            return symbol_frame([self.symbol], [{"contracts": list(self), "count": self.count}])
        contracts = list(self)
        return symbol_frame([contract.symbol for contract in contracts], [self._frame_row(contract) for contract in contracts])

    def _frame_row(self, contract: C) -> dict[str, Any]:
        raise NotImplementedError


class OptionChain(_Chain[OptionContract]):
    """Options on one underlying."""

    __slots__ = ()

    def _frame_row(self, contract: OptionContract) -> dict[str, Any]:
        greeks = contract.greeks
        return {
            "askprice": contract.ask_price,
            "asksize": contract.ask_size,
            "bidprice": contract.bid_price,
            "bidsize": contract.bid_size,
            "delta": greeks.delta,
            "expiry": contract.expiry,
            "gamma": greeks.gamma,
            "impliedvolatility": contract.implied_volatility,
            "lastprice": contract.last_price,
            "openinterest": contract.open_interest,
            "rho": greeks.rho,
            "right": contract.right,
            "scaledstrike": contract.scaled_strike,
            "strike": contract.strike,
            "style": contract.style,
            "theoreticalprice": contract.theoretical_price,
            "theta": greeks.theta,
            "underlyinglastprice": contract.underlying_last_price,
            "underlyingsymbol": contract.underlying_symbol,
            "vega": greeks.vega,
            "volume": contract.volume,
        }


class FuturesChain(_Chain[FuturesContract]):
    """Futures of one root."""

    __slots__ = ()

    def _frame_row(self, contract: FuturesContract) -> dict[str, Any]:
        return {
            "askprice": contract.ask_price,
            "asksize": contract.ask_size,
            "bidprice": contract.bid_price,
            "bidsize": contract.bid_size,
            "expiry": contract.expiry,
            "lastprice": contract.last_price,
            "openinterest": contract.open_interest,
            "underlyingsymbol": contract.underlying_symbol,
            "volume": contract.volume,
        }


_WITH_OPTIONS: Final = frozenset({SecurityType.EQUITY, SecurityType.FUTURE, SecurityType.INDEX})


def canonical_option(symbol: Symbol) -> Symbol:
    """The chain of an underlying, of a contract, or the chain itself."""
    return symbol.canonical if is_option(symbol.security_type) else _options_on(symbol, symbol.value)


@lru_cache(maxsize=1024)
def _options_on(underlying: Symbol, value: str) -> Symbol:
    """The chain of an underlying, which has the underlying's value in its own."""
    del value
    return Symbol.create_canonical_option(underlying, None, underlying.id.market)


class _Chains(DataDictionary[Any]):
    """Chains by canonical symbol; iterating yields pairs."""

    def __init__(self, flatten: bool = True) -> None:
        super().__init__()
        self._flatten = flatten

    def _canonical(self, key: Symbol) -> Symbol | None:
        return key.canonical

    def _find(self, key: object) -> Any:
        found = super()._find(key)
        canonical = self._canonical(key) if found is None and isinstance(key, Symbol) else None
        return found if canonical is None else self._points.get(canonical)

    @property
    def data_frame(self) -> "pd.DataFrame":
        """All contracts, indexed by canonical symbol and symbol; one row per chain when they are not to be flattened."""
        frames = [chain.data_frame for chain in self.values()]
        return stacked(frames, self.keys() if self._flatten else None, ["canonical", "symbol"], sort=False)


class OptionChains(_Chains):
    """Option chains by canonical symbol; a contract or an underlying finds its chain, too."""

    def _canonical(self, key: Symbol) -> Symbol | None:
        return canonical_option(key) if is_option(key.security_type) or key.security_type in _WITH_OPTIONS else None


class FuturesChains(_Chains):
    """Futures chains by canonical symbol."""


def chain_of_rows(canonical: Symbol, time: datetime, rows: Iterable[Any], flatten: bool) -> OptionChain:
    """A chain from the rows of a universe file: contracts that expired before `time`'s date are left out, its `underlying` stays empty as in LEAN."""
    chain = OptionChain(canonical, time, flatten)
    for row in rows:
        if row.symbol.id.date.date() >= time.date():
            chain._add(OptionContract(row.symbol, row.end_time, row))
    return chain


__all__ = [
    "ZERO",
    "FuturesChain",
    "FuturesChains",
    "FuturesContract",
    "Greeks",
    "OptionChain",
    "OptionChains",
    "OptionContract",
    "OptionPriceModelResult",
    "canonical_option",
    "chain_of_rows",
]
