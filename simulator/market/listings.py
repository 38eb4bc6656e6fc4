"""Which option contracts are listed on which day: strikes enter as the market moves, and stay until they expire."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from simulator.market.contract_months import FutureContract
from simulator.market.instruments import FUTURES, QUARTERS, Future
from simulator.market.model import MarketModel
from simulator.market.option_roots import CALL, PUT, ListingRule, OptionRoot, Zone
from simulator.market.trading_calendar import OPEN_MINUTE

Array = NDArray[np.float64]

_FULL_LISTING = 0.45  # distance between strikes of `--listing full` over the usual one
_LEEWAY = 1.32  # the widest rung of the ladder not above this many wanted steps is taken
_LONGEST_CLOSURE = 4  # days between two sessions
_LEAST_DAYS = 1.0  # deviations are measured over at least this long


@dataclass(frozen=True)
class Series:
    """The contracts of one root and expiry on one day.

    Attributes:
        expiry: expiry date.
        last_minute: wall-clock minute (New York) at which trading ends on the expiry date.
        strikes: strike of each contract, as the exchange writes it.
        signs: +1 call, -1 put.
        underlying: the future, for options on futures.
    """

    expiry: dt.date
    last_minute: int
    strikes: Array
    signs: Array
    underlying: FutureContract | None = None


@dataclass(frozen=True)
class _Expiry:
    expiry: dt.date
    last_minute: int
    cycles: frozenset[str]
    underlying: FutureContract | None = None


def _expiries(model: MarketModel, root: OptionRoot, start: dt.date, end: dt.date) -> list[_Expiry]:
    calendar = model.calendar
    if root.kind == "futureoption":
        product = next(future for future in FUTURES if future.ticker == root.underlying)
        return [
            _Expiry(each.expiry, each.last_minute, frozenset({"monthly"}), each.underlying)
            for each in model.rules.options(product, start, end)
        ]
    monthlies = set(calendar.monthlies(start, end))
    found = []
    for day in calendar.fridays(start, end):
        cycles = {"weekly"} | ({"monthly"} if day in monthlies else set())
        if day in monthlies and day.month in QUARTERS:
            cycles.add("quarterly")
        found.append(_Expiry(day, OPEN_MINUTE + calendar.minutes(day), frozenset(cycles)))
    return found


@dataclass(frozen=True)
class ListingHistory:
    """Listings of all sessions of a window; a contract's listing depends on the days since the expiry was first listed, not on the window."""

    model: MarketModel
    full: bool = False
    _known: dict[tuple[str, dt.date | None, dt.date], tuple[float, float]] = field(default_factory=dict, repr=False)

    def series(self, root: OptionRoot, days: list[dt.date]) -> dict[dt.date, list[Series]]:
        """Listed series of a root on each of the days."""
        longest = dt.timedelta(days=max(rule.most_days for rule in root.rules) + _LONGEST_CLOSURE)
        found: dict[dt.date, list[Series]] = {day: [] for day in days}
        for expiry in _expiries(self.model, root, days[0], days[-1] + longest):
            rules = [rule for rule in root.rules if rule.cycle in expiry.cycles]
            first = expiry.expiry - dt.timedelta(days=max((self._reach(rule, expiry.expiry) for rule in rules), default=-1))
            window = self.model.calendar.between(first, min(expiry.expiry, days[-1]))
            if not window:
                continue
            grid, listed = self._listed(root, rules, expiry, window)
            for position, day in enumerate(window):
                if day in found:
                    self._append(found[day], expiry, day, grid, listed[:, position])
        return found

    def _reach(self, rule: ListingRule, expiry: dt.date) -> int:
        """Most days before an expiry on which a rule lists; a rule of an expiry's last days begins on a session even where holidays lie between."""
        if rule.least_days > 0:
            return rule.most_days
        return (expiry - self.model.calendar.on_or_before(expiry - dt.timedelta(days=rule.most_days))).days

    @staticmethod
    def _append(target: list[Series], expiry: _Expiry, day: dt.date, grid: Array, listed: NDArray[np.bool_]) -> None:
        if expiry.expiry == day and expiry.last_minute <= OPEN_MINUTE:
            return
        chosen = [(grid[row], np.full(int(row.sum()), sign, dtype=np.float64)) for row, sign in zip(listed, (PUT, CALL), strict=True)]
        strikes, signs = (np.concatenate(part) for part in zip(*chosen, strict=True))
        if strikes.size:
            target.append(Series(expiry.expiry, expiry.last_minute, strikes, signs, expiry.underlying))

    def _listed(
        self, root: OptionRoot, rules: Iterable[ListingRule], expiry: _Expiry, window: list[dt.date]
    ) -> tuple[Array, NDArray[np.bool_]]:
        """Strike grid, and whether each is listed, by (put, call), day and strike."""
        low, high, deviation = self._ranges(root, expiry, window)
        finest = root.ladder[0]
        bottom = max(np.floor(low.min() * np.exp(min(-0.12, -4.6 * deviation.max())) / finest), 1.0)
        top = np.ceil(high.max() * np.exp(max(0.12, 4.6 * deviation.max())) / finest)
        grid = np.arange(bottom, top + 1.0) * finest
        wanted = np.zeros((2, len(window), len(grid)), dtype=bool)
        days = np.array([(expiry.expiry - day).days for day in window])
        above, below = np.log(grid[None, :] / high[:, None]), np.log(grid[None, :] / low[:, None])
        distance = np.where(above > 0.0, above, np.where(below < 0.0, below, 0.0))
        for rule in rules:
            active = (days >= rule.least_days) & (days <= self._reach(rule, expiry.expiry))
            for zone in rule.zones:
                rows = self._wanted(root, zone, grid, distance, (low + high) / 2.0, deviation) & active[:, None]
                for sign in zone.rights:
                    wanted[0 if sign == PUT else 1] |= rows
        return grid, np.logical_or.accumulate(wanted, axis=1)

    def _wanted(self, root: OptionRoot, zone: Zone, grid: Array, distance: Array, level: Array, deviation: Array) -> NDArray[np.bool_]:
        measured = distance if zone.unit == "fraction" else distance / deviation[:, None]
        inside = (measured >= zone.low) & (measured <= zone.high)
        thinning = _FULL_LISTING if self.full else 1.0
        if zone.step_unit == "price":
            step = np.full(len(level), max(zone.step * thinning, root.ladder[0]) if self.full else zone.step)
        else:
            step = zone.step * thinning * deviation * level
        ladder = np.array(root.ladder)
        nearest = ladder[np.maximum(np.searchsorted(ladder, _LEEWAY * step, side="right") - 1, 0)]
        remainder = np.abs(grid[None, :] / nearest[:, None] - np.round(grid[None, :] / nearest[:, None]))
        return np.asarray(inside & (remainder < 1e-6))

    def _ranges(self, root: OptionRoot, expiry: _Expiry, window: list[dt.date]) -> tuple[Array, Array, Array]:
        """Each day's lowest and highest price to list around in strike units, and the at-the-money deviation to expiry."""
        product = next((future for future in FUTURES if future.ticker == root.underlying), None)
        contract = expiry.underlying
        at_open = np.array([0])
        extremes, deviations = [], []
        for day in window:
            extremes.append(self._extremes((root.underlying, contract.month if contract else None, day), product, contract))
            years = np.maximum(self.model.clock_years(day, at_open, expiry.expiry, expiry.last_minute), _LEAST_DAYS / 252.0)
            deviations.append(float(np.sqrt(self.model.variance(root.underlying, day, at_open).atm_total_variance(years)[0])))
        low, high = (np.array(part) for part in zip(*extremes, strict=True))
        return low, high, np.array(deviations)

    def _extremes(
        self, key: tuple[str, dt.date | None, dt.date], product: Future | None, contract: FutureContract | None
    ) -> tuple[float, float]:
        """Prices on a day around which strikes are listed: the open, for the index (whose options live two days) lowest and highest."""
        if key not in self._known:
            underlying, _, day = key
            prices = self.model.future(product, contract, day) if product and contract else self.model.spot(underlying, day)
            self._known[key] = (float(prices.min()), float(prices.max())) if underlying == "SPX" else (float(prices[0]), float(prices[0]))
        return self._known[key]
