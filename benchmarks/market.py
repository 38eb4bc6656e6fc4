"""What the generated market costs: time, size on disk and peak memory of the default year, and the time of two weeks."""

import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

_TWO_WEEKS = ("--start", "2024-01-02", "--end", "2024-01-12")
_PAUSE = 0.2  # seconds between two looks at the memory


def _resident_bytes(process: int) -> int:
    """Memory a process and its children hold (Linux; 0 elsewhere)."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") + sum(_resident_bytes(int(child)) for child in children)


def _generate(folder: Path, *options: str) -> tuple[float, float]:
    """(seconds, peak megabytes) of one generation."""
    started, peak = time.perf_counter(), 0
    command = [sys.executable, "-m", "simulator", "generate", "--output", str(folder), *options]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:  # noqa: S603 - our own command line
        done = threading.Event()
        while not done.wait(_PAUSE):
            peak = max(peak, _resident_bytes(process.pid))
            if process.poll() is not None:
                done.set()
    if process.returncode:
        raise RuntimeError(f"generation failed with code {process.returncode}")
    return time.perf_counter() - started, peak / 1e6


def figures() -> dict[str, float]:
    """Figures of `python -m simulator generate`: budgets are 150 s, 350 MB and 2147 MB for the year, 10 s for two weeks, on two idle cores."""
    with tempfile.TemporaryDirectory() as name:
        weeks, _ = _generate(Path(name) / "weeks", *_TWO_WEEKS)
        seconds, peak = _generate(Path(name) / "year")
        size = sum(path.stat().st_size for path in (Path(name) / "year").rglob("*") if path.is_file()) / 1e6
    return {"generate_two_weeks_seconds": weeks, "generate_year_seconds": seconds, "generate_year_mb": size, "generate_year_peak_mb": peak}
