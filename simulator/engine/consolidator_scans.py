"""When consolidators are asked whether their bar is over although no data came (LEAN's ConsolidatorWrapper, ScanPastConsolidators)."""

from collections.abc import Callable, Iterable
from typing import Final

from simulator.common.time_zone import to_local_microseconds
from simulator.engine.consolidator import DataConsolidator
from simulator.engine.subscription_data_config import SubscriptionDataConfig

_SECOND: Final = 1_000_000


class _Scan:
    """The next scan of one consolidator: at the end of its bar, else one increment of the data after the last one."""

    def __init__(self, consolidator: DataConsolidator, config: SubscriptionDataConfig, utc: int) -> None:
        self.consolidator = consolidator
        self.zone = config.exchange_time_zone
        self.utc = 0
        self._increment = max(config._increment, _SECOND)
        self._span: int | None = None
        self._emitted = consolidator.consolidated
        self.advance(utc)

    def note_emission(self) -> None:
        """A bar that came out since the last look sets the time of the next scan: one bar after its end."""
        bar = self.consolidator.consolidated
        if bar is not None and bar is not self._emitted:
            self._emitted = bar
            if self._span is None:
                self._span = max(bar._end_utc - bar._start_utc, self._increment)
            self.utc = bar._end_utc + self._span

    def advance(self, utc: int) -> None:
        """No bar came out at an instant: look again later."""
        if self.utc > utc:
            return
        if self._span is not None:
            self.utc = utc + self._span
            return
        working = self.consolidator.working_data
        self.utc = working._end_utc if working is not None and working._end_utc > utc else utc + self._increment


class ConsolidatorScans:
    """Scans all consolidators in time order."""

    def __init__(self) -> None:
        self._scans: dict[DataConsolidator, _Scan] = {}

    @property
    def has_any(self) -> bool:
        """Whether any consolidator was scanned the last time."""
        return bool(self._scans)

    def scan_past(self, configs: Iterable[SubscriptionDataConfig], now_utc: int, utc: int, set_date_time: Callable[[int], None]) -> None:
        """Scan at every instant before `utc` that is due, each at its own time.

        Args:
            configs: configurations with consolidators.
            now_utc: the algorithm's time.
            utc: the step to come.
            set_date_time: sets the algorithm's time.
        """
        self._follow(configs, now_utc)
        scans = list(self._scans.values())
        for scan in scans:
            scan.note_emission()
        while scans:
            due = min(scans, key=lambda scan: scan.utc)
            if due.utc >= utc:
                return
            moment = due.utc
            if moment != now_utc:
                set_date_time(moment)
                now_utc = moment
            due.consolidator._scan(to_local_microseconds(moment, due.zone))
            due.note_emission()
            due.advance(moment)

    def _follow(self, configs: Iterable[SubscriptionDataConfig], now_utc: int) -> None:
        current = {consolidator: config for config in configs for consolidator in config.consolidators}
        for gone in [consolidator for consolidator in self._scans if consolidator not in current]:
            del self._scans[gone]
        for consolidator, config in current.items():
            if consolidator not in self._scans:
                self._scans[consolidator] = _Scan(consolidator, config, now_utc)
