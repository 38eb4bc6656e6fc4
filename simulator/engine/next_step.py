"""Which step the time loop visits next: the very next one, or the next one at which something can happen."""

from typing import TYPE_CHECKING, Final

from simulator.common.enums import AlgorithmStatus
from simulator.common.time_zone import HOUR, MINUTE
from simulator.engine.margin_outlook import MarginOutlook
from simulator.engine.split_warnings import SplitWarnings
from simulator.engine.subscription import NEVER
from simulator.securities.margin_call_model import DefaultMarginCallModel, NullMarginCallModel

if TYPE_CHECKING:
    from simulator.algorithm.qc_algorithm import QCAlgorithm
    from simulator.results.result_handler import BacktestingResultHandler

_RUNNING: Final = AlgorithmStatus.RUNNING
MARGIN_SCAN_PERIOD: Final = 5 * MINUTE
_KNOWN_MODELS: Final = frozenset({DefaultMarginCallModel, NullMarginCallModel})


class NextStep:
    """Chooses steps. Those it leaves out change nothing but prices, which are replayed.

    Args:
        algorithm: whose data, orders and schedule are looked at.
        results: tells when equity is sampled next.
        splits: orders wait for a split from one step to the next.
        naive: whether every step is visited; the results are the same.

    Attributes:
        margin_scan_due: the instant from which a step scans the margin.
        hourly_scan_due: the instant from which a step asks settlement, interest and assignment models.
        is_warming_up: whether the end of the warm-up has yet to be told.
        is_started: whether the benchmark is subscribed.
    """

    def __init__(self, algorithm: "QCAlgorithm", results: "BacktestingResultHandler", splits: SplitWarnings, *, naive: bool) -> None:
        self._algorithm = algorithm
        self._results = results
        self._splits = splits
        self._naive = naive
        self._handles_data = algorithm._engine_handles_data
        self._manager = algorithm._engine_data_manager
        self._feed = algorithm._engine_feed
        self._schedule = algorithm.schedule._handler
        self._transactions = algorithm.transactions._handler
        self._outlook = MarginOutlook(algorithm)
        self.margin_scan_due = 0
        self.hourly_scan_due = algorithm._utc - algorithm._utc % HOUR + HOUR
        self.is_warming_up = algorithm.is_warming_up
        self.is_started = False

    def after(self, last: int) -> tuple[int, bool]:
        """The step after the last one visited, NEVER when there is none; and whether it can be passed quietly."""
        clock = self._manager.clock
        special = self._special(last)
        if self._naive or self._needs_every_step():
            return min(clock.next_after(last), special), False
        step = min(special, clock.next_after(max(self._results.next_sample_utc - 1, last)))
        event = self._schedule.next_utc
        if event < step:
            step = min(step, clock.next_after(max(event - 1, last)))
        step = min(step, self._hourly_scan(last, step))
        step = min(step, self._margin_scan(last, step))
        if step == NEVER:
            return self._final(last), False
        return step, step < special and self._may_be_quiet(step)

    def _special(self, last: int) -> int:
        """Universe selections and corporate events, which are steps of their own; what is overdue is due now."""
        return max(min(self._manager.next_event, self._feed.next_utc), last)

    def _needs_every_step(self) -> bool:
        return (
            self._handles_data
            or self._transactions.has_open_orders
            or self._manager.has_consolidators
            or self._splits.waiting
            or self.is_warming_up
        )

    def _may_be_quiet(self, step: int) -> bool:
        """Whether a step that is due for nothing but a sample or a margin scan can be passed without the rest of a step."""
        return (
            self.is_started
            and step < self.hourly_scan_due
            and self._schedule.next_utc > step
            and self._algorithm.status is _RUNNING
            and type(self._algorithm.portfolio.margin_call_model) in _KNOWN_MODELS
        )

    def _hourly_scan(self, last: int, limit: int) -> int:
        """First step of the next hour when something is held or unsettled."""
        portfolio = self._algorithm.portfolio
        if self.hourly_scan_due > limit or not (portfolio.invested or portfolio.unsettled_cash_book._total):
            return NEVER
        return self._manager.clock.next_after(max(self.hourly_scan_due - 1, last))

    def _margin_scan(self, last: int, limit: int) -> int:
        """The next step whose margin scan can find something; those that find nothing for sure are only counted."""
        clock = self._manager.clock
        while self.margin_scan_due <= limit:
            step = clock.next_after(max(self.margin_scan_due - 1, last))
            if step >= limit or not self._is_scan_idle(step, last):
                return step
            self.margin_scan_due = step + MARGIN_SCAN_PERIOD
        return NEVER

    def _is_scan_idle(self, step: int, last: int) -> bool:
        portfolio = self._algorithm.portfolio
        if not portfolio.invested:
            return True
        return type(portfolio.margin_call_model) in _KNOWN_MODELS and self._outlook.is_safe(step, last)

    def is_scan_idle_at(self, step: int) -> bool:
        """Whether the margin scan of a step that is visited can find nothing; prices are those of that step."""
        return not self._naive and self._is_scan_idle(step, step)

    def _final(self, last: int) -> int:
        clock = self._manager.clock
        final = clock.last_before(clock.last_utc + 1, last)
        return final if final > last else NEVER
