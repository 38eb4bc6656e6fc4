"""The time loop: what happens in one step, in LEAN's order (LEAN's AlgorithmManager and SubscriptionSynchronizer)."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from simulator.common.bars import BaseData, Delisting, SymbolChangedEvent
from simulator.common.enums import AlgorithmStatus, DataNormalizationMode, DelistingType
from simulator.common.symbol import Symbol
from simulator.common.time_zone import HOUR, local_date, utc_datetime
from simulator.engine.next_step import MARGIN_SCAN_PERIOD, NextStep
from simulator.engine.security_updates import SecurityUpdates
from simulator.engine.slice import Slice
from simulator.engine.split_warnings import SplitWarnings
from simulator.engine.subscription import NEVER, Subscription
from simulator.engine.universe import Universe
from simulator.engine.universe_selection import SecurityChanges
from simulator.results.net_number import decimal_text, normalize
from simulator.securities.settlement import MarginInterestRateParameters

if TYPE_CHECKING:
    from simulator.algorithm.qc_algorithm import QCAlgorithm
    from simulator.results.result_handler import BacktestingResultHandler

_RUNNING: Final = AlgorithmStatus.RUNNING

Events = list[tuple[Subscription, list[BaseData]]]


class StopRun(Exception):  # noqa: N818 - control flow, no error: the run ends here without on_end_of_algorithm
    """The algorithm raised; LEAN leaves the loop at once."""


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
            self._call("on_warmup_finished", algorithm.on_warmup_finished)
        try:
            self._loop()
        except StopRun:
            return
        if not self._guarded("OnEndOfAlgorithm", algorithm.on_end_of_algorithm):
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
        return self._guarded("Synchronizer", lambda: self._selection.apply(universe, step, rows))

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
        self._guarded("Scheduled event", lambda: self._schedule.scan_past_events(utc, self._algorithm._engine_set_date_time))

    def _process(self, step: int, changes: SecurityChanges) -> bool:
        if not self._may_go_on():
            return False
        algorithm = self._algorithm
        self._time = step
        self._scan_past_events(step)
        if self._manager.has_consolidators:
            self._call(
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
        self._handle_symbol_changes()
        self._transactions.process_synchronous_events()
        for symbol in self._delisted():
            algorithm._engine_remove_delisted(symbol)
        if self._schedule.next_utc <= step:
            self._guarded("Scheduled event", lambda: self._schedule.set_time(step))
        self._splits.process()
        if algorithm._engine_runtime_error is not None:
            raise StopRun
        if algorithm.status is not _RUNNING:
            return False
        self._scan_margin_calls(step)
        self._after_events(step, changes)
        return True

    def _after_events(self, step: int, changes: SecurityChanges) -> None:
        """The second half of a step: what the algorithm is told, on_data, fills of what it sent, samples, pending additions."""
        algorithm = self._algorithm
        if changes:
            self._call("OnSecuritiesChanged", lambda: algorithm.on_securities_changed(changes._for_user()))
        corporate = self._corporate_slice(step)
        if corporate is not None:
            self._apply_corporate_events(corporate)
        if self._manager.has_consolidators:
            self._call("Consolidators update", lambda: self._manager.update_consolidators(step))
        if corporate is not None:
            self._tell_corporate_events(corporate)
        if self._handles_data:
            data = algorithm.current_slice
            if data.has_data:
                self._call("OnData", lambda: algorithm.on_data(data))
        self._transactions.process_synchronous_events()
        self._results.process_synchronous_events(step)
        algorithm._engine_refresh_chained_options()
        algorithm._engine_on_end_of_time_step()
        for symbol in self._delisted():
            self._manager.end_streams_of(symbol)

    def _delisted(self) -> list[Symbol]:
        if not self._events:
            return []
        points = (point for _, points in self._events for point in points)
        return [point.symbol for point in points if isinstance(point, Delisting) and point.type == DelistingType.DELISTED]

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
            self._call("OnWarmupFinished", self._algorithm.on_warmup_finished)
            self._algorithm.debug("Algorithm finished warming up.")

    def _handle_symbol_changes(self) -> None:
        if not self._events:
            return
        changed = {
            point.symbol: point
            for stream, points in self._events
            for point in points
            if isinstance(point, SymbolChangedEvent) and not stream.config.is_internal
        }
        if not changed:
            return
        algorithm = self._algorithm
        self._call("OnSymbolChangedEvents", lambda: algorithm.on_symbol_changed_events(algorithm.current_slice.symbol_changed_events))
        for symbol in changed:
            self._cancel_orders_of(symbol)

    def _cancel_orders_of(self, symbol: Symbol) -> None:
        for ticket in self._algorithm.transactions.get_open_order_tickets(symbol):
            ticket.cancel("Open order cancelled on symbol changed event")

    def _scan_margin_calls(self, step: int) -> None:
        """Every five minutes of steps: a margin call when margin exceeds the portfolio, else a warning when little is left."""
        if step < self._next.margin_scan_due:
            return
        if not self._next.is_scan_idle_at(step):
            self._scan_margin_call_model()
        self._next.margin_scan_due = step + MARGIN_SCAN_PERIOD

    def _scan_margin_call_model(self) -> None:
        algorithm = self._algorithm
        model = algorithm.portfolio.margin_call_model
        requests, warn = model.get_margin_call_orders(False)
        executed = 0
        if requests and all(algorithm.securities[request.symbol].exchange.exchange_open for request in requests):
            executed = self._execute_margin_calls(requests)
        if executed == 0 and warn:
            self._call("OnMarginCallWarning", algorithm.on_margin_call_warning)

    def _execute_margin_calls(self, requests: list[Any]) -> int:
        algorithm = self._algorithm
        answer: list[Any] = []
        self._call("OnMarginCall", lambda: answer.extend(algorithm._engine_on_margin_call(requests)))
        tickets = algorithm.portfolio.margin_call_model.execute_margin_call(answer)
        for ticket in tickets:
            algorithm.error(
                f"{algorithm.time:%m/%d/%Y %H:%M:%S} - Executed MarginCallOrder: {ticket.symbol} - "
                f"Quantity: {decimal_text(normalize(ticket._quantity))} @ {decimal_text(normalize(ticket._average_fill_price))}"
            )
        return len(tickets)

    def _corporate_slice(self, step: int) -> Slice | None:
        if not self._events:
            return None
        data = Slice(step, self._algorithm.time_zone)
        for stream, points in self._events:
            for point in points:
                data._add(point, stream, None)
        return data

    def _apply_corporate_events(self, data: Slice) -> None:
        algorithm = self._algorithm
        if algorithm.is_warming_up:
            return
        for dividend in data.dividends.values():
            algorithm.portfolio._apply_dividend(dividend, self._mode_of(dividend.symbol))
        self._splits.apply(data.splits.values(), self._mode_of)

    def _mode_of(self, symbol: Symbol) -> Any:
        configs = self._manager.configs_of(symbol)
        return max((config.data_normalization_mode for config in configs), default=DataNormalizationMode.RAW)

    def _tell_corporate_events(self, data: Slice) -> None:
        algorithm = self._algorithm
        if data.splits:
            self._call("OnSplits", lambda: algorithm.on_splits(data.splits))
        if data.dividends:
            self._call("OnDividends", lambda: algorithm.on_dividends(data.dividends))
        if data.delistings:
            self._call("OnDelistings", lambda: algorithm.on_delistings(data.delistings))
        self._splits.note(data.splits.values())

    # The algorithm's code

    def _guarded(self, where: str, action: Callable[[], object]) -> bool:
        """Run the algorithm's code; an exception becomes the run's error. Whether there was none."""
        try:
            action()
        except Exception as error:  # noqa: BLE001 - whatever the algorithm raises ends the run with its own place and text
            self._algorithm._engine_set_runtime_error(error, where)
            return False
        return True

    def _call(self, where: str, action: Callable[[], object]) -> None:
        """Like `_guarded`, but an exception leaves the loop at once.

        Raises:
            StopRun: the algorithm raised.
        """
        if not self._guarded(where, action):
            raise StopRun
