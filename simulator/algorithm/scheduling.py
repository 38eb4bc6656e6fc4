"""The scheduling part of QCAlgorithm."""

from typing import Any

from simulator.algorithm.algorithm_base import AlgorithmBase
from simulator.engine.date_rules import DateRules
from simulator.engine.schedule import ScheduledEvent, ScheduleManager
from simulator.engine.time_rules import TimeRules


class SchedulingMixin(AlgorithmBase):
    """`schedule`, `date_rules`, `time_rules` and `train`."""

    schedule: ScheduleManager

    def _engine_initialize_scheduling(self) -> None:
        self.schedule = ScheduleManager(self)

    @property
    def date_rules(self) -> DateRules:
        """Dates of events."""
        return self.schedule.date_rules

    @property
    def time_rules(self) -> TimeRules:
        """Times of day of events."""
        return self.schedule.time_rules

    def train(self, *arguments: Any) -> ScheduledEvent:
        """Run training code now, or on a schedule: `train(code)`, `train(date_rule, time_rule, code)`."""
        if len(arguments) == 1:
            return self.schedule.on("Training: Now", self.date_rules.today, self.time_rules.now, arguments[0])
        return self.schedule.on(*arguments)
