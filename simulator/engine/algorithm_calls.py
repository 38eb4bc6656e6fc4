"""How the loop runs the algorithm's code: what it raises becomes the run's error (the try blocks of LEAN's AlgorithmManager.Run)."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.algorithm.qc_algorithm import QCAlgorithm


class StopRun(Exception):  # noqa: N818 - control flow, no error: the run ends here without on_end_of_algorithm
    """The algorithm raised; LEAN leaves the loop at once."""


class AlgorithmCalls:
    """Runs callbacks.

    Args:
        algorithm: takes the error.
    """

    def __init__(self, algorithm: "QCAlgorithm") -> None:
        self._algorithm = algorithm

    def guarded(self, where: str, action: Callable[[], object]) -> bool:
        """Run the algorithm's code; an exception becomes the run's error. Whether there was none."""
        try:
            action()
        except Exception as error:  # noqa: BLE001 - whatever the algorithm raises ends the run with its own place and text
            self._algorithm._engine_set_runtime_error(error, where)
            return False
        return True

    def call(self, where: str, action: Callable[[], object]) -> None:
        """Like `guarded`, but an exception leaves the loop at once.

        Raises:
            StopRun: the algorithm raised.
        """
        if not self.guarded(where, action):
            raise StopRun
