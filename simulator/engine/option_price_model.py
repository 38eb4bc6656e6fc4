"""Volatility and Greeks of a slice's option contracts (LEAN's IndicatorBasedOptionPriceModel)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from simulator.common.enums import OptionRight, OptionStyle, SecurityType
from simulator.common.symbol import Symbol
from simulator.data.dividend_yield_provider import DividendYieldProvider
from simulator.engine.black_scholes import BlackScholes, rounded
from simulator.engine.chains import OptionContract, OptionPriceModelResult
from simulator.engine.option_tree import ForwardTree
from simulator.errors import LeanApiMissing

_PM_ROOTS: Final = frozenset({"SPXW", "VIXW", "RUTW", "NDXP", "NQX"})
_YEAR: Final = timedelta(days=365)

Model = BlackScholes | ForwardTree


@dataclass(frozen=True)
class OptionPriceModelParameters:
    """What an algorithm's own price model gets.

    Attributes:
        security: the option.
        slice: the data of the step.
        contract: the contract of the chain.
    """

    security: Any
    slice: Any
    contract: OptionContract


def evaluate(algorithm: Any, option: Any, contract: OptionContract) -> OptionPriceModelResult:
    """Volatility and Greeks of a contract at the security's price; the out-of-the-money option of its pair gives the volatility if subscribed.

    European options by Black-Scholes, American ones by LEAN's tree; the theoretical price is that of Black-Scholes for both.

    Raises:
        LeanApiMissing: an option on a future; LEAN uses QuantLib.
    """
    symbol = contract.symbol
    own = _own_model(algorithm, option)
    if own is not None:
        result: OptionPriceModelResult = own.evaluate(OptionPriceModelParameters(option, algorithm.current_slice, contract))
        return result
    if symbol.security_type == SecurityType.FUTURE_OPTION:
        raise LeanApiMissing("greeks of futures options in slice.option_chains", "simulator/engine/option_price_model.py")
    underlying = option.underlying
    if contract.time.date() > contract.expiry.date() or not option.price or underlying is None or not underlying.price:
        return OptionPriceModelResult()
    years = (_expiry(option) - option.local_time) / _YEAR
    rate = algorithm.risk_free_interest_rate_model.get_interest_rate(option.local_time)
    paid = _dividend_yield(option, underlying.price)
    is_call = contract.right == OptionRight.CALL
    plain = BlackScholes(underlying.price, contract.strike, years, rate, is_call, paid)
    is_tree = symbol.id.option_style == OptionStyle.AMERICAN
    model: Model = ForwardTree(underlying.price, contract.strike, years, rate, paid, is_call) if is_tree else plain
    volatility = float(rounded(_volatility(algorithm, option, model)))
    price = plain.price(volatility) if volatility else 0.0
    return OptionPriceModelResult(price, volatility, model.greeks(volatility))


def _dividend_yield(option: Any, price: float) -> float:
    if option.symbol.security_type != SecurityType.OPTION:
        return 0.0
    return DividendYieldProvider(option.symbol.underlying).get_dividend_yield(option.local_time, price)


def _volatility(algorithm: Any, option: Any, model: Model) -> float:
    own = model.implied_volatility(option.price)
    mirror = algorithm.securities._try_get(_mirror(option.symbol))
    if mirror is None or not mirror.price:
        return own or 0.0
    other = replace(model, is_call=not model.is_call).implied_volatility(mirror.price)
    if own is None or other is None:
        return own or other or 0.0
    in_the_money = model.strike < model.spot if model.is_call else model.strike > model.spot
    return other if in_the_money else own


def _mirror(symbol: Symbol) -> Symbol:
    sid = symbol.id
    assert symbol.underlying is not None  # noqa: S101 - an option has one
    right = OptionRight.PUT if sid.option_right == OptionRight.CALL else OptionRight.CALL
    return Symbol.create_option(symbol.underlying, sid.symbol, sid.market, sid.option_style, right, sid.strike_price, sid.date)


def _expiry(option: Any) -> datetime:
    """When an option settles, exchange time (OptionSymbol.GetSettlementDateTime).

    A share's option at the close of its last session, an index option of the morning at its open, of the afternoon at 15:00 Chicago.
    """
    hours = option.exchange.hours
    day: datetime = option.symbol.id.date
    last = day.date() if hours.is_date_open(day.date()) else hours.get_previous_trading_day(day.date())
    found: datetime
    if option.symbol.security_type == SecurityType.INDEX_OPTION and last == day.date():
        is_afternoon = option.symbol.id.symbol in _PM_ROOTS
        found = day.replace(hour=15) if is_afternoon else hours.get_next_market_open(day, False)
    else:
        found = hours.get_last_daily_market_close(datetime(last.year, last.month, last.day), False)  # noqa: DTZ001 - exchange time
    return found


def _own_model(algorithm: Any, option: Any) -> Any:
    """The model the algorithm has given the contract, or its chain."""
    if option.price_model is not None:
        return option.price_model
    chain = algorithm.securities._try_get(option.symbol.canonical)
    return None if chain is None else chain.price_model
