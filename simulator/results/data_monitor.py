"""Which data files were asked for and found (LEAN's `DataMonitor` and its report)."""

from typing import Any


class DataMonitor:
    """Collects requested files by path relative to the data folder."""

    def __init__(self) -> None:
        self.succeeded: set[str] = set()
        self.failed: set[str] = set()

    def on_request(self, path: str, found: bool) -> None:
        """Notes that a file was asked for."""
        (self.succeeded if found else self.failed).add(path)

    def report(self) -> dict[str, Any]:
        """LEAN's report; rates per second are left empty, they describe a machine."""
        succeeded, failed = len(self.succeeded), len(self.failed)
        universes = [sum("/universes/" in path for path in paths) for paths in (self.succeeded, self.failed)]
        return {
            "succeeded-data-requests-count": succeeded,
            "failed-data-requests-count": failed,
            "succeeded-universe-data-requests-count": universes[0],
            "failed-universe-data-requests-count": universes[1],
            "total-data-requests-count": succeeded + failed,
            "failed-data-requests-percentage": _percentage(failed, succeeded + failed),
            "total-universe-data-requests-count": sum(universes),
            "failed-universe-data-requests-percentage": _percentage(universes[1], sum(universes)),
            "data-request-rates": [],
        }


def _percentage(part: int, total: int) -> float:
    return float(round(part / total * 100)) if total else 0.0
