"""The boundary that keeps one failing strategy or position from stopping the rest."""

import traceback
from collections.abc import Callable

from execution.market_view import LeanMarketView
from reporting.journal import Journal, Kind


class Isolation:
    """Runs one action; what it raises becomes an error event and ends there. One of the two places of the project with a broad except."""

    def __init__(self, journal: Journal, market: LeanMarketView) -> None:
        """Keep where to write and the clock."""
        self._journal = journal
        self._market = market

    def run(self, what: str, subject: str, action: Callable[[], object]) -> bool:
        """Run `action`; True when it went through. `what` and `subject` name the step and its strategy or campaign in the error event."""
        try:
            action()
        except Exception as error:  # noqa: BLE001  a failure of one strategy or position must not stop the others
            frame = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}"
            self._journal.record(
                Kind.ERROR, self._market.now, what=what, subject=subject, error=f"{type(error).__name__}: {error}", where=where
            )
            return False
        return True
