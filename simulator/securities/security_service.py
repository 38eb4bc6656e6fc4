"""Creates securities (Common/Securities/SecurityService.cs)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from simulator.brokerages.security_initializer import SecurityInitializer
from simulator.common.enums import DataNormalizationMode, SecurityType
from simulator.common.symbol import Symbol
from simulator.common.symbol_cache import SymbolCache
from simulator.data.data_folder import DataFolder
from simulator.errors import SymbolError
from simulator.orders.price_variation import EquityPriceVariationModel
from simulator.securities.cash_book import Cash
from simulator.securities.future import Future
from simulator.securities.option import FutureOption, IndexOption, Option
from simulator.securities.security import Equity, Index, Security

if TYPE_CHECKING:
    from simulator.securities.trading_algorithm import TradingAlgorithm

_OPTIONS: dict[SecurityType, type[Option]] = {
    SecurityType.OPTION: Option,
    SecurityType.INDEX_OPTION: IndexOption,
    SecurityType.FUTURE_OPTION: FutureOption,
}


class SecurityService:
    """Mirrors SecurityService: a security with the contract terms and hours of the data folder and the models of the security initializer."""

    def __init__(self, algorithm: "TradingAlgorithm", folder: DataFolder) -> None:
        self._algorithm = algorithm
        self._folder = folder

    def create_security(
        self,
        symbol: Symbol,
        configs: Sequence[Any] = (),
        leverage: float = 0,
        *,
        underlying: Security | None = None,
        add_to_symbol_cache: bool = True,
        seed_security: bool = True,
    ) -> Security:
        """The security of a symbol, subscribed to the configurations; one that is known already is made tradable again.

        The caller makes it active (`securities._add`).

        Args:
            symbol: what to create.
            configs: subscription configurations; when all are internal the security cannot be traded.
            leverage: leverage of shares, 0 for the brokerage model's.
            underlying: security of an option's underlying.
            add_to_symbol_cache: whether its ticker can be used in place of the symbol.
            seed_security: whether `settings.seed_initial_prices` gives it a price at once.
        """
        internal = bool(configs) and all(config.is_internal for config in configs)
        known = self._algorithm.securities._try_get(symbol)
        if known is not None:
            _subscribe(known, configs)
            if not internal:
                known._make_tradable()
            self._initialize(known, seed_security)
            return known
        if add_to_symbol_cache:
            _remember(symbol)
        security = self._make(symbol, underlying)
        if internal:
            security._tradable = False
        _subscribe(security, configs)
        self._initialize(security, seed_security)
        if leverage:
            security.set_leverage(leverage)
        if security.type is SecurityType.EQUITY and configs and configs[0].data_normalization_mode is DataNormalizationMode.RAW:
            security.price_variation_model = EquityPriceVariationModel()
        return security

    def create_benchmark_security(self, symbol: Symbol) -> Security:
        """A security of its own for the benchmark, unknown to the algorithm and without brokerage models."""
        security = self._make(symbol, None)
        security.set_leverage(1)
        return security

    def _make(self, symbol: Symbol, underlying: Security | None) -> Security:
        hours = self._folder.market_hours.hours_of(symbol)
        properties = self._folder.symbol_properties.properties_of(symbol)
        currency = self._currency(properties.quote_currency)
        common = symbol, hours, currency, properties, self._algorithm
        if symbol.security_type in _OPTIONS:
            return _OPTIONS[symbol.security_type](*common, underlying)
        if symbol.security_type is SecurityType.FUTURE:
            return Future(*common, self._folder.margin_requirements)
        kinds = {SecurityType.EQUITY: Equity, SecurityType.INDEX: Index, SecurityType.BASE: Security}
        if symbol.security_type not in kinds:
            raise SymbolError(
                f"{symbol.value} is of type {symbol.security_type}; the offline engine has equities, indices, futures and options on them."
            )
        return kinds[symbol.security_type](*common)

    def _currency(self, currency: str) -> Cash:
        book = self._algorithm.portfolio.cash_book
        cash = book.get(currency)
        if cash is None:
            raise SymbolError(
                f"Prices in {currency} cannot be converted: the offline engine has no exchange rates, only {book.account_currency}."
            )
        return cash

    def _initialize(self, security: Security, seed: bool) -> None:
        if security._is_initialized:
            return
        if seed and self._algorithm.settings.seed_initial_prices:
            seed_securities(self._algorithm, [security])
        initializer: SecurityInitializer = self._algorithm.security_initializer
        initializer.initialize(security)
        security._is_initialized = True


def seed_securities(algorithm: "TradingAlgorithm", securities: Sequence[Security]) -> None:
    """Give securities without a price their last known one (LEAN's AlgorithmUtils.SeedSecurities)."""
    for security in securities:
        if not security._price:
            for point in algorithm.get_last_known_prices(security):
                security.set_market_price(point)


def _remember(symbol: Symbol) -> None:
    SymbolCache.set(symbol.value, symbol)
    if symbol.underlying is not None and symbol.security_type in _OPTIONS:
        SymbolCache.set(symbol.underlying.value, symbol.underlying)


def _subscribe(security: Security, configs: Sequence[Any]) -> None:
    security._subscriptions += [config for config in configs if config not in security._subscriptions]
