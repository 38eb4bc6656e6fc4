"""When the loop looks for margin calls and warnings, and what follows (the margin call part of LEAN's AlgorithmManager.Run)."""

from typing import TYPE_CHECKING, Any

from simulator.engine.algorithm_calls import AlgorithmCalls
from simulator.engine.next_step import MARGIN_SCAN_PERIOD, NextStep
from simulator.results.net_number import decimal_text, normalize

if TYPE_CHECKING:
    from simulator.algorithm.qc_algorithm import QCAlgorithm


class MarginCallScan:
    """Every five minutes of steps: a margin call when margin exceeds the portfolio, else a warning when little is left.

    Args:
        algorithm: whose margin call model is asked.
        next_step: tells when a scan is due and whether it can find anything.
        calls: run the algorithm's handlers.
    """

    def __init__(self, algorithm: "QCAlgorithm", next_step: NextStep, calls: AlgorithmCalls) -> None:
        self._algorithm = algorithm
        self._next = next_step
        self._calls = calls

    def scan(self, step: int) -> None:
        """Look, where a scan is due.

        Raises:
            StopRun: a handler of the algorithm raised.
        """
        if step < self._next.margin_scan_due:
            return
        if not self._next.is_scan_idle_at(step):
            self._ask_model()
        self._next.margin_scan_due = step + MARGIN_SCAN_PERIOD

    def _ask_model(self) -> None:
        algorithm = self._algorithm
        requests, warn = algorithm.portfolio.margin_call_model.get_margin_call_orders(False)
        executed = 0
        if requests and all(algorithm.securities[request.symbol].exchange.exchange_open for request in requests):
            executed = self._execute(requests)
        if executed == 0 and warn:
            self._calls.call("OnMarginCallWarning", algorithm.on_margin_call_warning)

    def _execute(self, requests: list[Any]) -> int:
        algorithm = self._algorithm
        answer: list[Any] = []
        self._calls.call("OnMarginCall", lambda: answer.extend(algorithm._engine_on_margin_call(requests)))
        tickets = algorithm.portfolio.margin_call_model.execute_margin_call(answer)
        for ticket in tickets:
            algorithm.error(
                f"{algorithm.time:%m/%d/%Y %H:%M:%S} - Executed MarginCallOrder: {ticket.symbol} - "
                f"Quantity: {decimal_text(normalize(ticket._quantity))} @ {decimal_text(normalize(ticket._average_fill_price))}"
            )
        return len(tickets)
