"""The sample statistics of Math.NET that LEAN uses, in Math.NET's order of operations so that the last digits agree."""

import math
from collections.abc import Sequence
from statistics import NormalDist

_STANDARD_NORMAL = NormalDist()


def mean(values: Sequence[float]) -> float:
    """Running mean (`StreamingStatistics.Mean`); NaN of nothing."""
    result = 0.0
    for count, value in enumerate(values, start=1):
        result += (value - result) / count
    return result if values else math.nan


def average(values: Sequence[float]) -> float:
    """Sum over count (LINQ's `Average`)."""
    total = 0.0
    for value in values:
        total += value
    return total / len(values)


def variance(values: Sequence[float]) -> float:
    """Sample variance, n - 1 (`StreamingStatistics.Variance`); NaN with fewer than two values."""
    if len(values) < 2:
        return math.nan
    total, spread = values[0], 0.0
    for count, value in enumerate(values[1:], start=2):
        total += value
        difference = count * value - total
        spread += (difference * difference) / (count * (count - 1.0))
    return spread / (len(values) - 1)


def standard_deviation(values: Sequence[float]) -> float:
    """Square root of the sample variance."""
    return math.sqrt(variance(values))


def covariance(first: Sequence[float], second: Sequence[float]) -> float:
    """Sample covariance (`StreamingStatistics.Covariance`); NaN with fewer than two pairs."""
    mean_1 = mean_2 = comoment = 0.0
    count = 0
    for count, (value_1, value_2) in enumerate(zip(first, second, strict=True), start=1):
        previous_mean_2 = mean_2
        mean_1 += (value_1 - mean_1) / count
        mean_2 += (value_2 - mean_2) / count
        comoment += (value_1 - mean_1) * (value_2 - previous_mean_2)
    return comoment / (count - 1) if count > 1 else math.nan


def _moments(values: Sequence[float]) -> tuple[float, float, float]:
    """Second to fourth central moment sums (`RunningStatistics.Push`)."""
    m1 = m2 = m3 = m4 = 0.0
    for n, value in enumerate(values, start=1):
        delta = value - m1
        scaled = delta / n
        squared = scaled * scaled
        product = delta * (n - 1)
        m1 += scaled
        m4 += product * scaled * squared * (n * n - 3 * n + 3) + 6 * squared * m2 - 4 * scaled * m3
        m3 += product * squared * (n - 2) - 3 * scaled * m2
        m2 += product * scaled
    return m2, m3, m4


def skewness(values: Sequence[float]) -> float:
    """Bias-corrected sample skewness (`RunningStatistics.Skewness`); NaN with fewer than three values or no spread."""
    n = len(values)
    m2, m3, _ = _moments(values)
    if n < 3 or m2 == 0:
        return math.nan
    return (n * m3 * math.sqrt(m2 / (n - 1)) / (m2 * m2 * (n - 2))) * (n - 1)


def kurtosis(values: Sequence[float]) -> float:
    """Bias-corrected excess kurtosis (`RunningStatistics.Kurtosis`); NaN with fewer than four values or no spread."""
    n = len(values)
    m2, _, m4 = _moments(values)
    if n < 4 or m2 == 0:
        return math.nan
    return (float(n) * n - 1) / ((n - 2) * (n - 3)) * (n * m4 / (m2 * m2) - 3 + 6.0 / (n + 1))


def normal_cumulative(value: float) -> float:
    """Probability that a standard normal variable is below the value."""
    return 0.5 * math.erfc(-value / math.sqrt(2.0))


def normal_quantile(mean_value: float, deviation: float, probability: float) -> float:
    """Value that a normal variable stays below with the given probability."""
    return mean_value + deviation * _STANDARD_NORMAL.inv_cdf(probability)
