"""LEAN's enums of securities, data, time and the algorithm, with LEAN's numbers."""

from simulator.common.lean_enum import LeanEnum


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


class DayOfWeek(LeanEnum):
    """System.DayOfWeek: the week starts on Sunday."""

    SUNDAY = 0
    MONDAY = 1
    TUESDAY = 2
    WEDNESDAY = 3
    THURSDAY = 4
    FRIDAY = 5
    SATURDAY = 6
