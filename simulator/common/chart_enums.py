"""LEAN's enums of charts and indicators, with LEAN's numbers."""

from simulator.common.lean_enum import LeanEnum


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
    T_3 = 7
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
