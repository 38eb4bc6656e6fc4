"""What the portfolio is compared with (Common/Benchmarks: SecurityBenchmark, FuncBenchmark)."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from simulator.common.time_zone import utc_datetime
from simulator.results.net_number import from_double


class SecurityBenchmark:
    """The last price of a security in account currency."""

    def __init__(self, security: Any) -> None:
        self.security = security

    def evaluate(self, time: datetime) -> float:
        """Price of the security; LEAN ignores the time."""
        del time
        return float(self._evaluate(0))

    def _evaluate(self, utc: int) -> Decimal:
        del utc
        price: Decimal = self.security._price
        rate: Decimal = self.security._conversion_rate
        return price * rate


class FuncBenchmark:
    """A function of the (UTC) time."""

    def __init__(self, benchmark: Callable[[datetime], float]) -> None:
        self._function = benchmark

    def evaluate(self, time: datetime) -> float:
        """Value of the benchmark at the time."""
        return float(self._function(time))

    def _evaluate(self, utc: int) -> Decimal:
        return from_double(self.evaluate(utc_datetime(utc)))
