"""Writes a data folder: whole or not at all, in parallel over sessions, the same bytes for the same parameters."""

from __future__ import annotations

import datetime as dt
import multiprocessing
import shutil
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from simulator.errors import DataFolderError, ParameterError
from simulator.market import cash_files, future_files
from simulator.market.instruments import FUTURES, SYMBOLS
from simulator.market.listings import ListingHistory, Series
from simulator.market.manifest import outdated, read_manifest, write_label, write_manifest
from simulator.market.model import MarketModel
from simulator.market.option_activity import activity_of, least_volume_with_trades, trades_of
from simulator.market.option_files import quote_root, write_quotes, write_trades
from simulator.market.option_roots import OPTION_ROOTS, OptionRoot
from simulator.market.price_bars import Bars, cash_bars, future_bars, generator
from simulator.market.reference_files import write_reference
from simulator.market.trading_calendar import FIRST_YEAR, LAST_YEAR, trading_calendar
from simulator.market.universe_files import write_universes

DEFAULT_SEED = 8  # a year whose shock comes in autumn, when every strategy has positions
_WORKERS = 2
_SESSIONS_BEFORE = 2
_LEAST_SESSIONS_FOR_WORKERS = 4

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class MarketParameters:
    """What a folder is made from; two folders with equal parameters have equal bytes.

    Attributes:
        start, end: first and last calendar day of minute data; daily history begins with 2023.
        seed: of all random numbers.
        symbols: indices, funds, futures and SPXW to write, options included.
        quote_minutes: distance of option quotes (0DTE options are quoted every minute).
        listing: "default" or "full": how densely strikes are listed.
    """

    start: dt.date = dt.date(2024, 1, 1)
    end: dt.date = dt.date(2025, 1, 1)
    seed: int = DEFAULT_SEED
    symbols: tuple[str, ...] = SYMBOLS
    quote_minutes: int = 5
    listing: str = "default"

    def __post_init__(self) -> None:
        unknown = sorted(set(self.symbols) - set(SYMBOLS))
        problems = (
            (bool(unknown), f"unknown symbols {', '.join(unknown)}; known are {', '.join(SYMBOLS)}"),
            (self.start > self.end, f"start {self.start} is after end {self.end}"),
            (
                self.start.year <= FIRST_YEAR,
                f"start {self.start}: the market begins on {FIRST_YEAR + 1}-01-01, a year of daily history goes before it",
            ),
            (self.end > dt.date(LAST_YEAR + 1, 1, 1), f"end {self.end}: the market ends on {LAST_YEAR}-12-31"),
            (not 1 <= self.quote_minutes <= 30, f"{self.quote_minutes} minutes between quotes; expected 1 to 30"),
            (self.listing not in {"default", "full"}, f"listing '{self.listing}'; expected default or full"),
        )
        found = [text for wrong, text in problems if wrong]
        if found:
            raise ParameterError("The market cannot be generated: " + "; ".join(found) + ".")

    def sessions(self) -> list[dt.date]:
        """Sessions with minute data: those asked for and two before.

        Chains of the first day read the universes of the session before; at New York's midnight, while it is still yesterday in Chicago, those of index
        options come from the session before that (LEAN's BacktestingOptionChainProvider).
        """
        calendar = trading_calendar()
        wanted = calendar.between(self.start, min(self.end, dt.date(LAST_YEAR, 12, 31)))
        if not wanted:
            raise ParameterError(f"no session between {self.start} and {self.end}")
        first = calendar.index[wanted[0]]
        return [*calendar.sessions[first - _SESSIONS_BEFORE : first], *wanted]

    def record(self) -> dict[str, Any]:
        """The parameters as JSON values."""
        return {**asdict(self), "start": str(self.start), "end": str(self.end), "symbols": list(self.symbols)}


@dataclass(frozen=True)
class _Job:
    """Everything a worker needs to write any session."""

    parameters: MarketParameters
    folder: Path
    model: MarketModel
    listings: dict[str, dict[dt.date, list[Series]]]

    def write_session(self, day: dt.date) -> None:
        """Writes all minute files and universes of a session."""
        seed, model = self.parameters.seed, self.model
        tickers, shift = frozenset(self.parameters.symbols), utc_shift(day)
        cash_files.write_minutes(self.folder, model, seed, tickers, day)
        future_files.write_session(self.folder, model, seed, tickers, day, shift)
        for root in _roots(self.parameters):
            listed = self.listings[root.root][day]
            if not listed:
                continue
            rng = generator(seed, day, f"{root.root} options")
            quoted = quote_root(model, root, listed, day, self.parameters.quote_minutes, rng)
            write_quotes(self.folder, root, quoted, day, shift)
            activities = [activity_of(each, root, rng) for each in quoted]
            least = least_volume_with_trades(activities)
            trades = [(each, trades_of(each, activity, root, least, rng)) for each, activity in zip(quoted, activities, strict=True)]
            write_trades(self.folder, root, trades, day, shift)
            write_universes(self.folder, root, quoted, activities, self._underlying_bars(root, day), day)

    def _underlying_bars(self, root: OptionRoot, day: dt.date) -> dict[str, Bars]:
        seed = self.parameters.seed
        product = next((future for future in FUTURES if future.ticker == root.underlying), None)
        if product is None:
            bars = cash_bars(self.model, seed, root.underlying, day)
            return {"": bars.merged(np.zeros_like(bars.ends))}
        contracts = enumerate(future_files.listed(self.model, product, day))
        found = {f"{each.month:%Y%m}": future_bars(self.model, seed, product, each, day, place) for place, each in contracts}
        return {month: bars.merged(np.zeros_like(bars.ends)) for month, bars in found.items()}


def _roots(parameters: MarketParameters) -> list[OptionRoot]:
    wanted = set(parameters.symbols)
    return [root for root in OPTION_ROOTS if (root.root if root.root == "SPXW" else root.underlying) in wanted]


def _started(job: _Job, days: list[dt.date], stack: ExitStack) -> Iterable[None]:
    """Writes sessions in worker processes, which end with the stack; a few sessions here, as they are asked for."""
    if len(days) < _LEAST_SESSIONS_FOR_WORKERS:
        return map(job.write_session, days)
    pool = stack.enter_context(multiprocessing.get_context("spawn").Pool(_WORKERS, _receive, (job,)))
    return pool.imap_unordered(_write, days)


_job: _Job | None = None


def _receive(job: _Job) -> None:
    global _job  # noqa: PLW0603 - a worker process holds one job
    _job = job


def _write(day: dt.date) -> None:
    if _job is None:
        raise RuntimeError("the worker was not given its job")
    _job.write_session(day)


def utc_shift(day: dt.date) -> int:
    """Minutes from New York to UTC on a day."""
    offset = dt.datetime.combine(day, dt.time(12), ZoneInfo("America/New_York")).utcoffset()
    return -int((offset or dt.timedelta()).total_seconds() // 60)


def generate_folder(parameters: MarketParameters, output: Path, *, force: bool = False, progress: Progress | None = None) -> bool:
    """Writes the folder; returns False, having done nothing, when a complete one with the same parameters is there.

    Raises:
        DataFolderError: something else is at `output`: a folder that was not generated (never touched), or a generated one with other
            parameters and no `force`.
    """
    if _is_present(parameters, output, force=force):
        return False
    partial = _beside(output, "partial")
    if partial.exists():
        shutil.rmtree(partial)
    partial.mkdir(parents=True)
    try:
        _write_all(parameters, partial, progress or (lambda _done, _total: None))
        _replace(partial, output)
    finally:
        if partial.exists():
            shutil.rmtree(partial)
    return True


def _is_present(parameters: MarketParameters, output: Path, *, force: bool) -> bool:
    if not output.exists() or (output.is_dir() and not any(output.iterdir())):
        return False
    manifest = read_manifest(output)
    if manifest is None:
        raise DataFolderError(f"{output} exists and was not generated: it is left alone. Choose another --output.")
    if force:
        return False
    if outdated(output) is None and manifest["parameters"] == parameters.record():
        return True
    if (old := outdated(output)) is not None:
        raise DataFolderError(old)
    theirs = manifest["parameters"]
    different = [f"{name} {theirs.get(name)}" for name, value in parameters.record().items() if theirs.get(name) != value]
    raise DataFolderError(f"{output} was generated with {', '.join(different)}. Choose another --output, or replace it with --force.")


def _beside(output: Path, part: str) -> Path:
    """Hidden neighbour of the folder, on the same disk so that a rename is enough."""
    return output.with_name(f".{output.name}.{part}")


def _write_all(parameters: MarketParameters, folder: Path, progress: Progress) -> None:
    days = parameters.sessions()
    model = MarketModel.from_seed(parameters.seed, days[-1].year)
    history = ListingHistory(model, full=parameters.listing == "full")
    job = _Job(parameters, folder, model, {root.root: history.series(root, days) for root in _roots(parameters)})
    tickers = frozenset(parameters.symbols)
    past = model.calendar.between(model.calendar.sessions[0], days[-1])
    with ExitStack() as stack:
        finished = _started(job, days, stack)
        write_reference(folder, model, tickers, past)
        cash_files.write_history(folder, model, parameters.seed, tickers, past)
        future_files.write_history(folder, model, parameters.seed, tickers, past, {day: utc_shift(day) for day in past})
        for done, _ in enumerate(finished, start=1):
            progress(done, len(days))
    write_label(folder, parameters.seed, days)
    write_manifest(folder, parameters.record(), len(days))


def _replace(partial: Path, output: Path) -> None:
    """Puts the finished folder in place; an older generated one goes only after the new one is complete."""
    old = _beside(output, "old")
    if old.exists():
        shutil.rmtree(old)
    if output.exists():
        output.replace(old)
    partial.replace(output)
    if old.exists():
        shutil.rmtree(old)
