"""LEAN's enums with LEAN's numbers; they read as pythonnet shows them.

`str()` and f-strings give the UPPER_CASE name, members equal their number and their name ("PUT" or "Put"), hash like their number, and are also
found under LEAN's PascalCase name (`OptionRight.Put`).
"""

from enum import EnumMeta, IntEnum
from typing import Any, cast


def _pascal_case(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))


class _PascalNames(EnumMeta):
    """Resolves `Resolution.Daily` to `Resolution.DAILY`."""

    def __getattr__(cls, name: str) -> Any:
        if name[:1].isupper():
            for member in cast("dict[str, IntEnum]", cls.__members__).values():
                if _pascal_case(member.name) == name:
                    return member
        raise AttributeError(f"type object '{cls.__name__}' has no attribute '{name}'")


class LeanEnum(IntEnum, metaclass=_PascalNames):
    """An enum of LEAN as an algorithm sees it through pythonnet."""

    def __str__(self) -> str:
        return self._name_

    def __format__(self, spec: str) -> str:
        return format(self._name_, spec)

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if isinstance(other, str):
            return other in {self._name_, _pascal_case(self._name_)}
        return int.__eq__(self, other) is True

    def __ne__(self, other: object) -> bool:
        return self is not other and not self == other

    __hash__ = int.__hash__


class SecurityType(LeanEnum):
    """Kind of a security."""

    BASE = 0
    EQUITY = 1
    OPTION = 2
    COMMODITY = 3
    FOREX = 4
    FUTURE = 5
    CFD = 6
    CRYPTO = 7
    FUTURE_OPTION = 8
    INDEX = 9
    INDEX_OPTION = 10
    CRYPTO_FUTURE = 11


class Resolution(LeanEnum):
    """Length of a bar."""

    TICK = 0
    SECOND = 1
    MINUTE = 2
    HOUR = 3
    DAILY = 4


class TickType(LeanEnum):
    """Kind of market data."""

    TRADE = 0
    QUOTE = 1
    OPEN_INTEREST = 2


class MarketDataType(LeanEnum):
    """Kind of a data point."""

    BASE = 0
    TRADE_BAR = 1
    TICK = 2
    AUXILIARY = 3
    QUOTE_BAR = 4
    OPTION_CHAIN = 5
    FUTURES_CHAIN = 6


class OptionRight(LeanEnum):
    """Call or put."""

    CALL = 0
    PUT = 1


class OptionStyle(LeanEnum):
    """When an option may be exercised."""

    AMERICAN = 0
    EUROPEAN = 1


class SettlementType(LeanEnum):
    """What an exercised option delivers."""

    PHYSICAL_DELIVERY = 0
    CASH = 1


class DelistingType(LeanEnum):
    """Stage of a delisting."""

    WARNING = 0
    DELISTED = 1


class SplitType(LeanEnum):
    """Stage of a split."""

    WARNING = 0
    SPLIT_OCCURRED = 1


class AccountType(LeanEnum):
    """Brokerage account type."""

    MARGIN = 0
    CASH = 1


class DataNormalizationMode(LeanEnum):
    """How prices are adjusted."""

    RAW = 0
    ADJUSTED = 1
    SPLIT_ADJUSTED = 2
    TOTAL_RETURN = 3
    FORWARD_PANAMA_CANAL = 4
    BACKWARDS_PANAMA_CANAL = 5
    BACKWARDS_RATIO = 6
    SCALED_RAW = 7


class DataMappingMode(LeanEnum):
    """What makes a continuous future roll."""

    LAST_TRADING_DAY = 0
    FIRST_DAY_MONTH = 1
    OPEN_INTEREST = 2
    OPEN_INTEREST_ANNUAL = 3


class PositionSide(LeanEnum):
    """Side of a position."""

    SHORT = -1
    NONE = 0
    LONG = 1


class AlgorithmStatus(LeanEnum):
    """State of an algorithm."""

    DEPLOY_ERROR = 0
    IN_QUEUE = 1
    RUNNING = 2
    STOPPED = 3
    LIQUIDATED = 4
    DELETED = 5
    COMPLETED = 6
    RUNTIME_ERROR = 7
    INVALID = 8
    LOGGING_IN = 9
    INITIALIZING = 10
    HISTORY = 11
    PENDING_INPUT = 12
    IDLE = 13


class AlgorithmMode(LeanEnum):
    """Why an algorithm runs."""

    LIVE = 0
    OPTIMIZATION = 1
    BACKTESTING = 2
    RESEARCH = 3


class DeploymentTarget(LeanEnum):
    """Where an algorithm runs."""

    CLOUD_PLATFORM = 0
    LOCAL_PLATFORM = 1
    PRIVATE_CLOUD_PLATFORM = 2


class MarketHoursState(LeanEnum):
    """Part of the trading day."""

    CLOSED = 0
    PRE_MARKET = 1
    MARKET = 2
    POST_MARKET = 3


class OrderType(LeanEnum):
    """Kind of an order."""

    MARKET = 0
    LIMIT = 1
    STOP_MARKET = 2
    STOP_LIMIT = 3
    MARKET_ON_OPEN = 4
    MARKET_ON_CLOSE = 5
    OPTION_EXERCISE = 6
    LIMIT_IF_TOUCHED = 7
    COMBO_MARKET = 8
    COMBO_LIMIT = 9
    COMBO_LEG_LIMIT = 10
    TRAILING_STOP = 11


class OrderStatus(LeanEnum):
    """State of an order."""

    NEW = 0
    SUBMITTED = 1
    PARTIALLY_FILLED = 2
    FILLED = 3
    CANCELED = 5
    NONE = 6
    INVALID = 7
    CANCEL_PENDING = 8
    UPDATE_SUBMITTED = 9


class OrderDirection(LeanEnum):
    """Side of an order."""

    BUY = 0
    SELL = 1
    HOLD = 2


class OrderPosition(LeanEnum):
    """Effect of an order on a position."""

    BUY_TO_OPEN = 0
    BUY_TO_CLOSE = 1
    SELL_TO_OPEN = 2
    SELL_TO_CLOSE = 3


class OrderField(LeanEnum):
    """Field of an order ticket."""

    LIMIT_PRICE = 0
    STOP_PRICE = 1
    TRIGGER_PRICE = 2
    TRAILING_AMOUNT = 3
    TRAILING_AS_PERCENTAGE = 4


class OrderRequestStatus(LeanEnum):
    """State of an order request."""

    UNPROCESSED = 0
    PROCESSING = 1
    PROCESSED = 2
    ERROR = 3


class OrderRequestType(LeanEnum):
    """Kind of an order request."""

    SUBMIT = 0
    UPDATE = 1
    CANCEL = 2


class OrderResponseErrorCode(LeanEnum):
    """Why an order request was refused."""

    NONE = 0
    PROCESSING_ERROR = -1
    ORDER_ALREADY_EXISTS = -2
    INSUFFICIENT_BUYING_POWER = -3
    BROKERAGE_MODEL_REFUSED_TO_SUBMIT_ORDER = -4
    BROKERAGE_FAILED_TO_SUBMIT_ORDER = -5
    BROKERAGE_FAILED_TO_UPDATE_ORDER = -6
    BROKERAGE_HANDLER_REFUSED_TO_UPDATE_ORDER = -7
    BROKERAGE_FAILED_TO_CANCEL_ORDER = -8
    INVALID_ORDER_STATUS = -9
    UNABLE_TO_FIND_ORDER = -10
    ORDER_QUANTITY_ZERO = -11
    UNSUPPORTED_REQUEST_TYPE = -12
    PRE_ORDER_CHECKS_ERROR = -13
    MISSING_SECURITY = -14
    EXCHANGE_NOT_OPEN = -15
    SECURITY_PRICE_ZERO = -16
    FOREX_BASE_AND_QUOTE_CURRENCIES_REQUIRED = -17
    FOREX_CONVERSION_RATE_ZERO = -18
    SECURITY_HAS_NO_DATA = -19
    EXCEEDED_MAXIMUM_ORDERS = -20
    MARKET_ON_CLOSE_ORDER_TOO_LATE = -21
    INVALID_REQUEST = -22
    REQUEST_CANCELED = -23
    ALGORITHM_WARMING_UP = -24
    BROKERAGE_MODEL_REFUSED_TO_UPDATE_ORDER = -25
    QUOTE_CURRENCY_REQUIRED = -26
    CONVERSION_RATE_ZERO = -27
    NON_TRADABLE_SECURITY = -28
    NON_EXERCISABLE_SECURITY = -29
    ORDER_QUANTITY_LESS_THAN_LOT_SIZE = -30
    EXCEEDS_SHORTABLE_QUANTITY = -31
    INVALID_NEW_ORDER_STATUS = -32
    EUROPEAN_OPTION_NOT_EXPIRED_ON_EXERCISE = -33
    OPTION_ORDER_ON_STOCK_SPLIT = -34
    MARKET_ON_OPEN_NOT_ALLOWED_DURING_REGULAR_HOURS = -35


class BrokerageName(LeanEnum):
    """Brokerage whose model is used."""

    DEFAULT = 0
    QUANT_CONNECT_BROKERAGE = 0
    INTERACTIVE_BROKERS_BROKERAGE = 1
    TRADIER_BROKERAGE = 2
    OANDA_BROKERAGE = 3
    FXCM_BROKERAGE = 4
    BITFINEX = 5
    BINANCE = 6
    GDAX = 12
    ALPACA = 13
    ALPHA_STREAMS = 14
    ZERODHA = 15
    SAMCO = 16
    ATREYU = 17
    TRADING_TECHNOLOGIES = 18
    KRAKEN = 19
    FTX = 20
    FTXUS = 21
    EXANTE = 22
    BINANCE_US = 23
    WOLVERINE = 24
    TD_AMERITRADE = 25
    BINANCE_FUTURES = 26
    BINANCE_COIN_FUTURES = 27
    RBI = 28
    BYBIT = 29
    EZE = 30
    AXOS = 31
    COINBASE = 32
    TRADE_STATION = 33
    TERMINAL_LINK = 34
    CHARLES_SCHWAB = 35
    TASTYTRADE = 36
    INTERACTIVE_BROKERS_FIX = 37
    DYDX = 38
    WEBULL = 39
    PUBLIC = 40
    BLOOMBERG_FIX = 41


class BrokerageMessageType(LeanEnum):
    """Kind of a brokerage message."""

    INFORMATION = 0
    WARNING = 1
    ERROR = 2
    RECONNECT = 3
    DISCONNECT = 4
    ACTION_REQUIRED = 5


class TradeDirection(LeanEnum):
    """Side of a closed trade."""

    LONG = 0
    SHORT = 1


class FillGroupingMethod(LeanEnum):
    """How fills become trades."""

    FILL_TO_FILL = 0
    FLAT_TO_FLAT = 1
    FLAT_TO_REDUCED = 2


class FillMatchingMethod(LeanEnum):
    """Which fills a closing fill closes."""

    FIFO = 0
    LIFO = 1


class OptionPricingModelType(LeanEnum):
    """Pricing model of the option indicators."""

    BLACK_SCHOLES = 0
    BINOMIAL_COX_ROSS_RUBINSTEIN = 1
    FORWARD_TREE = 2


class SeriesType(LeanEnum):
    """How a chart series is drawn."""

    LINE = 0
    SCATTER = 1
    CANDLE = 2
    BAR = 3
    FLAG = 4
    STACKED_AREA = 5
    PIE = 6
    TREEMAP = 7
    HEATMAP = 9
    SCATTER_3D = 10


class ScatterMarkerSymbol(LeanEnum):
    """Marker of a scatter series."""

    NONE = 0
    CIRCLE = 1
    SQUARE = 2
    DIAMOND = 3
    TRIANGLE = 4
    TRIANGLE_DOWN = 5


class ChartType(LeanEnum):
    """Overlaid or stacked chart."""

    OVERLAY = 0
    STACKED = 1


class MovingAverageType(LeanEnum):
    """Kind of a moving average."""

    SIMPLE = 0
    EXPONENTIAL = 1
    WILDERS = 2
    LINEAR_WEIGHTED_MOVING_AVERAGE = 3
    DOUBLE_EXPONENTIAL = 4
    TRIPLE_EXPONENTIAL = 5
    TRIANGULAR = 6
    T3 = 7
    KAMA = 8
    HULL = 9
    ALMA = 10
    ZLEMA = 11
    MGD = 12


class IndicatorStatus(LeanEnum):
    """Outcome of an indicator update."""

    SUCCESS = 0
    INVALID_INPUT = 1
    MATH_ERROR = 2
    VALUE_NOT_READY = 3


class DayOfWeek(LeanEnum):
    """System.DayOfWeek: the week starts on Sunday."""

    SUNDAY = 0
    MONDAY = 1
    TUESDAY = 2
    WEDNESDAY = 3
    THURSDAY = 4
    FRIDAY = 5
    SATURDAY = 6
