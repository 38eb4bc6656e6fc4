"""The Tom King Trading Framework on LEAN: wiring and event hooks only. What is traded and what stops it stands in strategies/ and risk/."""

from __future__ import annotations

from AlgorithmImports import *

from collections.abc import Callable
from datetime import datetime
from typing import Any

from execution.desk import Desk
from execution.settings import read_settings


class TomKingAlgorithm(QCAlgorithm):
    """Five options-income strategies behind one risk pipeline."""

    def initialize(self) -> None:
        """Read the parameters, set up account, data and desk, and schedule the day."""
        settings = read_settings(dict(self.get_parameters().items()))
        run = settings.run
        if not self.live_mode:
            self.set_start_date(run.start_date.year, run.start_date.month, run.start_date.day)
            self.set_end_date(run.end_date.year, run.end_date.month, run.end_date.day)
            self.set_cash(run.cash)
        self.set_brokerage_model(BrokerageName.TASTYTRADE, AccountType.MARGIN)
        self.set_security_initializer(
            BrokerageModelSecurityInitializer(self.brokerage_model, FuncSecuritySeeder(self.get_last_known_prices))
        )
        self.desk = Desk(self, settings, self._at)
        calendar = self.desk.calendar_symbol
        every_day = self.date_rules.every_day(calendar)
        self.schedule.on(every_day, self.time_rules.after_market_open(calendar, 0), self.desk.start_session)
        for minutes in self.desk.beat_minutes:
            self.schedule.on(every_day, self.time_rules.after_market_open(calendar, minutes), self.desk.beat)
        self.schedule.on(every_day, self.time_rules.before_market_close(calendar, 0), self.desk.end_session)

    def on_warmup_finished(self) -> None:
        """Take up what the last process left, once LEAN has loaded cash and holdings."""
        if self.live_mode:
            self.desk.restore()

    def on_order_event(self, order_event: OrderEvent) -> None:
        """Hand every order event to the desk."""
        self.desk.on_order_event(order_event)

    def on_command(self, data: Any) -> bool:
        """Take a person's command: {"command": "halt"}, "flatten" or "resume"."""
        return self.desk.on_command(str(data.command))

    def on_end_of_algorithm(self) -> None:
        """Close the books of the run."""
        self.desk.end_run()

    def _at(self, moment: datetime, callback: Callable[[], object]) -> None:
        """Run a callback once at a New York time."""
        self.schedule.on(
            self.date_rules.on(moment.year, moment.month, moment.day), self.time_rules.at(moment.hour, moment.minute), callback
        )
