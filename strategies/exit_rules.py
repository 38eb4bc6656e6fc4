"""When to leave: small pure rules that each return an `Exit` or a `Hold` with their numbers, and `first_exit` that joins them.

A rule that lacks a figure (no quote, no delta, no spot) holds: what is unknown triggers nothing. Time rules need no quote, so that a position
without quotes is still closed on time. Profit and loss are dollars of the whole campaign, base is the cash its opening brought.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from domain.position import Holding
from domain.proposal import Exit, Hold
from domain.quote import Quote
from domain.state import ExitReason, Urgency

Outcome = Exit | Hold

_NOTHING_SEEN = Hold()


def first_exit(*outcomes: Outcome) -> Outcome:
    """The first exit with the numbers of all rules asked before it, or a hold with everything that was looked at."""
    numbers: dict[str, float] = {}
    breaches = 0
    for outcome in outcomes:
        numbers |= outcome.numbers
        if isinstance(outcome, Exit):
            return Exit(outcome.reason, outcome.legs, outcome.urgency, numbers)
        breaches = max(breaches, outcome.stop_breaches)
    return Hold(breaches, numbers)


def keys_of(holdings: Iterable[Holding]) -> frozenset[str]:
    """Contract keys, as `Exit.legs` wants them."""
    return frozenset(holding.contract.key for holding in holdings)


def profit_target(profit: float | None, base: float, share: float, legs: frozenset[str] = frozenset(), label: str = "") -> Outcome:
    """Exit once the profit reaches this share of the base (rulebook: "profit 50 %" is half of the credit received)."""
    if profit is None or base <= 0.0:
        return _NOTHING_SEEN
    numbers = {f"{label}profit_dollars": profit, f"{label}target_dollars": share * base}
    return Exit(ExitReason.PROFIT_TARGET, legs, numbers=numbers) if profit >= share * base else Hold(numbers=numbers)


def loss_stop(
    profit: float | None,
    limit: float,
    *,
    breaches: int = 0,
    hits: int = 1,
    is_fresh: bool = True,
    legs: frozenset[str] = frozenset(),
    label: str = "",
) -> Outcome:
    """Exit once the loss reaches `limit` dollars on `hits` beats in a row.

    A beat whose quotes are not fresh neither counts nor clears the count: one noisy quote repeated is still one quote.
    """
    if profit is None or limit <= 0.0:
        return Hold(breaches)
    numbers = {f"{label}profit_dollars": profit, f"{label}stop_dollars": limit}
    if profit > -limit:
        return Hold(0 if is_fresh else breaches, numbers)
    counted = breaches + 1 if is_fresh else breaches
    numbers["stop_breaches"] = float(counted)
    return Exit(ExitReason.STOP, legs, numbers=numbers) if counted >= hits else Hold(counted, numbers)


def planned_loss_points(by_credit: float, share: float, net_liquidation_value: float, multiplier: float) -> float:
    """Planned loss of one unit in points: that of its stop by credit, or of the one by a share of the account where that comes first.

    The account's stop is rounded down to the cent, so that one unit never plans more than the share.
    """
    return min(by_credit, int(100.0 * share * net_liquidation_value / multiplier) / 100.0)


def time_of_day(
    now: datetime, at: datetime, reason: ExitReason, urgency: Urgency = Urgency.WALK, legs: frozenset[str] = frozenset()
) -> Outcome:
    """Exit from this moment on."""
    return Exit(reason, legs, urgency, {"minutes_late": (now - at).total_seconds() / 60.0}) if now >= at else _NOTHING_SEEN


def days_left(
    today: date, expiry: date | None, at_most: int, reason: ExitReason = ExitReason.DTE, legs: frozenset[str] = frozenset()
) -> Outcome:
    """Exit at this many calendar days to expiry or fewer."""
    if expiry is None:
        return _NOTHING_SEEN
    numbers = {"dte_days": float((expiry - today).days), "dte_limit_days": float(at_most)}
    return Exit(reason, legs, numbers=numbers) if numbers["dte_days"] <= at_most else Hold(numbers=numbers)


def delta_limit(
    delta: float | None, limit: float, reason: ExitReason = ExitReason.DELTA, legs: frozenset[str] = frozenset(), name: str = "delta"
) -> Outcome:
    """Exit once a short option's absolute delta (0..1) reaches the limit."""
    if delta is None:
        return _NOTHING_SEEN
    numbers = {name: abs(delta), f"{name}_limit": limit}
    return Exit(reason, legs, numbers=numbers) if abs(delta) >= limit else Hold(numbers=numbers)


def distance(spot: float | None, strike: float, share: float, legs: frozenset[str] = frozenset()) -> Outcome:
    """Exit once the price is within this share of itself above a short put's strike, or beneath it."""
    if spot is None or spot <= 0.0:
        return _NOTHING_SEEN
    numbers = {"distance_share": (spot - strike) / spot, "distance_limit": share}
    return Exit(ExitReason.DISTANCE, legs, numbers=numbers) if numbers["distance_share"] <= share else Hold(numbers=numbers)


def value_share(value: float | None, full: float, share: float, reason: ExitReason, legs: frozenset[str] = frozenset()) -> Outcome:
    """Exit once something is worth at least this share of its full worth (a hedge spread and its width)."""
    if value is None or full <= 0.0:
        return _NOTHING_SEEN
    numbers = {"value_share": value / full, "value_limit": share}
    return Exit(reason, legs, numbers=numbers) if value >= share * full else Hold(numbers=numbers)


def holdings_value(holdings: Iterable[Holding], quotes: Mapping[str, Quote], *, at_mid: bool) -> float | None:
    """Cash flow in dollars of closing these holdings (crossing the spread, or at mid); None when one cannot be priced."""
    total = 0.0
    for holding in holdings:
        quote = quotes.get(holding.contract.key)
        price = None if quote is None else quote.mid if at_mid else quote.closing_price(holding.quantity)
        if price is None:
            return None
        total += holding.value_dollars(price)
    return total


def opening_cash(holdings: Iterable[Holding]) -> float:
    """Cash in dollars that opening these holdings brought (received > 0)."""
    return -sum(holding.value_dollars(holding.average_price) for holding in holdings)


def holdings_profit(holdings: Iterable[Holding], quotes: Mapping[str, Quote], *, at_mid: bool) -> float | None:
    """Profit in dollars of a part of a position against its own opening prices; None when it cannot be priced."""
    parts = tuple(holdings)
    value = holdings_value(parts, quotes, at_mid=at_mid)
    return None if value is None else opening_cash(parts) + value


def are_losing_shorts_fresh(holdings: Iterable[Holding], quotes: Mapping[str, Quote], now: datetime, within: timedelta) -> bool:
    """Whether every short option that costs more than it brought was quoted within the last beat (its quote's end lies after `now - within`)."""
    for holding in holdings:
        quote = quotes.get(holding.contract.key)
        if holding.quantity >= 0 or quote is None:
            continue
        price = quote.closing_price(holding.quantity)
        if price is not None and price > holding.average_price and quote.at <= now - within:
            return False
    return True
