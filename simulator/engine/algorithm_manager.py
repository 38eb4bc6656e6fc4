"""The time loop: what happens in one step, in LEAN's order (LEAN's AlgorithmManager and SubscriptionSynchronizer)."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from simulator.common.bars import Delisting
from simulator.common.enums import AlgorithmStatus, DelistingType
from simulator.common.time_zone import HOUR, local_date, utc_datetime
from simulator.engine.algorithm_calls import AlgorithmCalls, StopRun
from simulator.engine.corporate_actions import CorporateActions, Events, delisted
from simulator.engine.margin_call_scan import MarginCallScan
from simulator.engine.next_step import MARGIN_SCAN_PERIOD, NextStep
from simulator.engine.security_updates import SecurityUpdates
from simulator.engine.split_warnings import SplitWarnings
from simulator.engine.subscription import NEVER
from simulator.engine.universe import Universe
from simulator.engine.universe_selection import SecurityChanges
from simulator.securities.settlement import MarginInterestRateParameters

if TYPE_CHECKING:
    from simulator.algorithm.qc_algorithm import QCAlgorithm
    from simulator.results.result_handler import BacktestingResultHandler

_RUNNING: Final = AlgorithmStatus.RUNNING


class AlgorithmManager:
    """Runs an algorithm that has been initialised over all steps.

    Args:
        algorithm: the algorithm.
        results: samples equity and collects messages.
        naive: whether every step is visited instead of those where something can happen; the results are the same.
        progress: told the date and the fraction done, once per simulated day.
    """

    def __init__(
        self, algorithm: "QCAlgorithm", results: "BacktestingResultHandler", *, naive: bool, progress: Callable[[date, float], None] | None
    ) -> None:
        self._algorithm = algorithm
        self._results = results
        self._handles_data = algorithm._engine_handles_data
        self._progress = progress
        self._manager = algorithm._engine_data_manager
        self._feed = algorithm._engine_feed
        self._selection = algorithm._engine_universe_selection
        self._schedule = algorithm.schedule._handler
        self._transactions = algorithm.transactions._handler
        self._updates = SecurityUpdates(algorithm, eager=naive)
        self._splits = SplitWarnings(algorithm)
        self._next = NextStep(algorithm, results, self._splits, naive=naive)
        self._calls = AlgorithmCalls(algorithm)
        self._corporate = CorporateActions(algorithm, self._splits, self._calls)
        self._margin_calls = MarginCallScan(algorithm, self._next, self._calls)
        self._events: Events = []
        self._selected: list[Any] = []
        self._started_utc = algorithm._utc
        self._time = algorithm._utc
        self._last_step = algorithm._utc - 1
        self._day: date | None = None

    def run(self) -> None:
        """Run to the end of data, until the algorithm quits, or until it raises."""
        algorithm = self._algorithm
        schedule = algorithm.schedule
        schedule.on(
            "Daily Sampling", algorithm.date_rules.every_day(), algorithm.time_rules.midnight, lambda: self._results.sample(algorithm._utc)
        )
        if not self._next.is_warming_up:
            self._calls.call("on_warmup_finished", algorithm.on_warmup_finished)
        try:
            self._loop()
        except StopRun:
            return
        if not self._calls.guarded("OnEndOfAlgorithm", algorithm.on_end_of_algorithm):
            return
        self._results.process_synchronous_events(algorithm._utc, force=True)
        algorithm.status = AlgorithmStatus.COMPLETED
        self._results.sample(self._time)

    def _loop(self) -> None:
        while True:
            step, is_quiet = self._next.after(self._last_step)
            if step == NEVER or not (self._pass_quietly(step) if is_quiet else self._visit(step)):
                return
            self._report_progress(step)

    def _report_progress(self, step: int) -> None:
        if self._progress is None:
            return
        day = local_date(step, self._algorithm.time_zone)
        if day != self._day:
            self._day = day
            span = max(self._manager.end_utc - self._started_utc, 1)
            self._progress(day, min(max((step - self._started_utc) / span, 0.0), 1.0))

    # One step

    def _visit(self, step: int) -> bool:
        """Do what LEAN does at a step; whether the run goes on."""
        self._replay_skipped(step)
        self._catch_up(step)
        self._handle_delistings(step)
        if not self._select(step):
            return False
        if (
            self._algorithm._engine_locked
            and self._algorithm.is_warming_up
            and step > self._algorithm._engine_start_utc
            and not self._pulse(self._algorithm._engine_start_utc)
        ):
            return False
        changes = self._selection.flush()
        self._last_step = step
        return self._process(step, changes)

    def _pass_quietly(self, step: int) -> bool:
        """A step at which prices, a margin scan and a sample are all there is; a whole one where the scan finds something."""
        algorithm = self._algorithm
        self._replay_skipped(step)
        self._last_step = self._time = step
        self._events, self._selected = [], []
        algorithm._engine_set_date_time(step)
        algorithm._engine_slice_utc = step
        algorithm._engine_slice_events = self._events
        self._updates.apply(step)
        portfolio = algorithm.portfolio
        portfolio.invalidate_total_portfolio_value()
        is_due = step >= self._next.margin_scan_due
        if portfolio._total_portfolio_value <= 0 or (is_due and not portfolio.margin_call_model._is_silent):
            return self._process(step, self._selection.flush())
        if is_due:
            self._next.margin_scan_due = step + MARGIN_SCAN_PERIOD
        self._results.process_synchronous_events(step)
        return True

    def _replay_skipped(self, step: int) -> None:
        """Steps were skipped because nothing could happen there, yet the portfolio's value may have changed."""
        first = self._manager.clock.next_after(self._last_step)
        if first < step:
            self._results.observe_skipped_steps(self._last_step, step, first)

    def _catch_up(self, step: int) -> None:
        """Before events that lie between two steps fire, prices are those of the earlier one."""
        if self._schedule.next_utc >= step:
            return
        before = self._manager.clock.last_before(step, self._last_step)
        if before > self._last_step:
            self._updates.apply(before)
            self._last_step = before
            self._algorithm._engine_slice_utc = before
            self._algorithm.portfolio.invalidate_total_portfolio_value()
            self._results.update_portfolio_value()  # kept until prices change again, also for what a delisting removes next

    def _handle_delistings(self, step: int) -> None:
        self._events = []
        self._take_events(step)

    def _take_events(self, step: int) -> None:
        for stream, points in self._manager.take_events(step):
            self._events.append((stream, points))
            for point in points:
                if isinstance(point, Delisting) and point.type == DelistingType.DELISTED:
                    self._selection.handle_delisting(point, stream.config.is_internal)

    def _select(self, step: int) -> bool:
        """Universe selection at the frontier, preceded by a pulse that aligns the algorithm's time; repeated while it adds data."""
        self._selected = []
        while True:
            due = self._feed.take(step)
            if due:
                if self._algorithm._utc != step and not self._pulse(step):
                    return False
                if not all(self._apply_selection(universe, step, rows) for universe, rows in due):
                    return False
                self._take_events(step)
            if not self._start_benchmark(step) and self._feed.next_utc > step:
                return True

    def _apply_selection(self, universe: Universe, step: int, rows: Sequence[Any]) -> bool:
        """Let one universe select; an exception in its filter ends the run after `on_end_of_algorithm`. Whether there was none."""
        self._selected.append((universe, rows))
        return self._calls.guarded("Synchronizer", lambda: self._selection.apply(universe, step, rows))

    def _start_benchmark(self, step: int) -> bool:
        if self._next.is_started:
            return False
        self._next.is_started = True
        self._algorithm._engine_subscribe_benchmark(step)
        return True

    def _pulse(self, utc: int) -> bool:
        """A time pulse: past events and the clock, nothing else."""
        if not self._may_go_on():
            return False
        self._time = utc
        self._scan_past_events(utc)
        self._algorithm._engine_set_date_time(utc)
        self._check_warmup_finished()
        return True

    def _may_go_on(self) -> bool:
        algorithm = self._algorithm
        if algorithm.status is not _RUNNING and algorithm._engine_runtime_error is None:
            return False
        if algorithm.portfolio._total_portfolio_value <= 0:
            self._results.debug_message("AlgorithmManager.Run(): Portfolio value is less than or equal to zero, stopping algorithm.")
            return False
        return True

    def _scan_past_events(self, utc: int) -> None:
        self._calls.guarded("Scheduled event", lambda: self._schedule.scan_past_events(utc, self._algorithm._engine_set_date_time))

    def _process(self, step: int, changes: SecurityChanges) -> bool:
        if not self._may_go_on():
            return False
        algorithm = self._algorithm
        self._time = step
        self._scan_past_events(step)
        self._calls.call(
            "Consolidators scan", lambda: self._manager.scan_consolidators(algorithm._utc, step, algorithm._engine_set_date_time)
        )
        algorithm._engine_set_date_time(step)
        algorithm._engine_slice_utc = step
        algorithm._engine_slice_events = self._events
        self._apply_changes(changes)
        self._updates.apply(step)
        self._scan_security_models(step)
        self._store_open_interest(step)
        algorithm.portfolio.invalidate_total_portfolio_value()
        self._check_warmup_finished()
        self._corporate.handle_symbol_changes(self._events)
        self._transactions.process_synchronous_events()
        for symbol in delisted(self._events):
            algorithm._engine_remove_delisted(symbol)
        if self._schedule.next_utc <= step:
            self._calls.guarded("Scheduled event", lambda: self._schedule.set_time(step))
        self._splits.process()
        if algorithm._engine_runtime_error is not None:
            raise StopRun
        if algorithm.status is not _RUNNING:
            return False
        self._margin_calls.scan(step)
        self._after_events(step, changes)
        return True

    def _after_events(self, step: int, changes: SecurityChanges) -> None:
        """The second half of a step: what the algorithm is told, on_data, fills of what it sent, samples, pending additions."""
        algorithm = self._algorithm
        if changes:
            self._calls.call("OnSecuritiesChanged", lambda: algorithm.on_securities_changed(changes._for_user()))
        corporate = self._corporate.slice_of(self._events, step)
        if corporate is not None:
            self._corporate.apply(corporate)
        if self._manager.has_consolidators:
            self._calls.call("Consolidators update", lambda: self._manager.update_consolidators(step))
        if corporate is not None:
            self._corporate.tell(corporate)
        if self._handles_data:
            data = algorithm.current_slice
            if data.has_data:
                self._calls.call("OnData", lambda: algorithm.on_data(data))
        self._transactions.process_synchronous_events()
        self._results.process_synchronous_events(step)
        algorithm._engine_refresh_chained_options()
        algorithm._engine_on_end_of_time_step()
        for symbol in delisted(self._events):
            self._manager.end_streams_of(symbol)

    # Parts of a step

    def _apply_changes(self, changes: SecurityChanges) -> None:
        if not changes:
            return
        securities = self._algorithm.securities
        for security in changes.added_securities:
            securities._add(security)
        active = self._algorithm.universe_manager._active()
        for security in changes.removed_securities:
            if security.symbol not in active:
                security._reset()
        self._algorithm._engine_update_end_of_day_events(changes)

    def _scan_security_models(self, step: int) -> None:
        if step < self._next.hourly_scan_due:
            return
        portfolio = self._algorithm.portfolio
        for security in self._algorithm.securities.values():
            if security.margin_interest_rate_model is not None:
                security.margin_interest_rate_model.apply_margin_interest_rate(MarginInterestRateParameters(security, utc_datetime(step)))
            security.settlement_model._scan(portfolio, security)
        self._next.hourly_scan_due = step - step % HOUR + HOUR

    def _store_open_interest(self, step: int) -> None:
        for universe, rows in self._selected:
            if rows:
                self._updates.store_open_interest(universe, rows, step)

    def _check_warmup_finished(self) -> None:
        if self._next.is_warming_up and not self._algorithm.is_warming_up:
            self._next.is_warming_up = False
            self._results.on_warmup_finished()
            self._calls.call("OnWarmupFinished", self._algorithm.on_warmup_finished)
            self._algorithm.debug("Algorithm finished warming up.")
