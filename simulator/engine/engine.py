"""Runs one algorithm over one data folder (LEAN's Engine and BacktestingSetupHandler)."""

import gc
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, Final

from simulator.algorithm.order_checks import UNLIMITED_ORDERS
from simulator.algorithm.qc_algorithm import QCAlgorithm
from simulator.algorithm_imports import install
from simulator.brokerages.backtesting_brokerage import BacktestingBrokerage
from simulator.brokerages.faults import FaultPlan, FaultyBrokerage
from simulator.common.symbol_cache import SymbolCache
from simulator.data.data_folder import DataFolder
from simulator.engine.algorithm_manager import AlgorithmManager
from simulator.errors import AlgorithmError, SimulatorError
from simulator.orders.order import MarketOnCloseOrder
from simulator.orders.transaction_handler import TransactionHandler
from simulator.project import Project
from simulator.results.backtest_result import BacktestResult
from simulator.results.data_monitor import DataMonitor
from simulator.results.object_store import ObjectStore
from simulator.results.result_handler import BacktestingResultHandler

_COLLECTION_THRESHOLDS: Final = (100_000, 50, 100)


class Engine:
    """One run of a project.

    Args:
        project: the algorithm.
        data: the data folder.
        parameters: what `get_parameter` finds.
        object_store: `algorithm.object_store`.
        algorithm_id: names the result.
        naive: visit every step instead of those where something can happen; slow, with the same results.
        progress: told the simulated date and the fraction done.
        faults: what goes wrong at the brokerage on purpose; None is LEAN's faultless one.
    """

    def __init__(
        self,
        project: Project,
        data: DataFolder,
        parameters: Mapping[str, str],
        object_store: ObjectStore,
        *,
        algorithm_id: str = "",
        naive: bool = False,
        progress: Callable[[date, float], None] | None = None,
        faults: FaultPlan | None = None,
    ) -> None:
        self._project = project
        self._data = data
        self._parameters = parameters
        self._object_store = object_store
        self._algorithm_id = algorithm_id or project.algorithm_file.stem
        self._naive = naive
        self._progress = progress
        self._faults = faults

    def run(self) -> BacktestResult:
        """Run to the end; an algorithm that raises while it runs gives an incomplete result with the reason.

        Raises:
            AlgorithmError: the algorithm raised in its module, its constructor or `initialize`.
            ProjectError: there is no algorithm.
        """
        SymbolCache.clear()
        MarketOnCloseOrder.submission_time_buffer = MarketOnCloseOrder.DEFAULT_SUBMISSION_TIME_BUFFER
        self._data.activate()
        install()
        QCAlgorithm._engine_environment = (self._data, self._object_store)
        monitor = DataMonitor()
        self._data.on_request = monitor.on_request
        try:
            with _rare_garbage_collections():
                algorithm = self._initialized()
                return self._run(algorithm, monitor)
        finally:
            QCAlgorithm._engine_environment = None
            self._data.close()

    def _initialized(self) -> QCAlgorithm:
        try:
            algorithm: QCAlgorithm = self._project.load_algorithm_class(QCAlgorithm)()
            algorithm.algorithm_id = self._algorithm_id
            algorithm.set_parameters(self._parameters)
            algorithm.initialize()
            algorithm._engine_post_initialize()
        except SimulatorError:
            raise
        except Exception as error:
            problem = described(error, self._project.folder)
            raise AlgorithmError(f"During the algorithm initialization, the following exception has occurred: {problem}") from error
        return algorithm

    def _run(self, algorithm: QCAlgorithm, monitor: DataMonitor) -> BacktestResult:
        results = BacktestingResultHandler(self._algorithm_id, monitor)
        results.set_algorithm(algorithm, algorithm.portfolio.cash_book._total)
        handler = TransactionHandler(algorithm, results)
        if self._faults is None:
            BacktestingBrokerage(algorithm, handler)
        else:
            FaultyBrokerage(algorithm, handler, self._faults)
        algorithm.set_maximum_orders(UNLIMITED_ORDERS)
        algorithm._engine_locked = True
        algorithm.schedule._start()
        manager = AlgorithmManager(algorithm, results, naive=self._naive, progress=self._progress)
        manager.run()
        if algorithm._engine_runtime_error is not None:
            error, where = algorithm._engine_runtime_error
            results.runtime_error(f"Runtime Error: {described(error, self._project.folder)} ({where})", _stack(error))
        return results.exit()


@contextmanager
def _rare_garbage_collections() -> Iterator[None]:
    """A run makes millions of objects and hardly a reference cycle: searching for cycles at Python's default rate takes a quarter of its time."""
    thresholds = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*_COLLECTION_THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()


def described(error: BaseException, folder: Path) -> str:
    """An exception with the algorithm's own place: "ZeroDivisionError: division by zero, at on_data in main.py: line 12: x = 1 / 0"."""
    text = f"{type(error).__name__}: {error}"
    own: Any = None
    for frame in traceback.extract_tb(error.__traceback__):
        if Path(frame.filename).is_relative_to(folder):
            own = frame
    if own is None:
        return text
    return f"{text}, at {own.name} in {Path(own.filename).relative_to(folder)}: line {own.lineno}: {own.line}"


def _stack(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))
