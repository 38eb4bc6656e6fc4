"""With the market's own quotes at hand: fills are at prices that were there, and a 0DTE stop is acted on when two minutes in a row breach it."""

from datetime import timedelta

from rulebook_auditor import sessions
from rulebook_auditor.records import Option, Violation

_MINUTE = timedelta(minutes=1)
_OLDEST = timedelta(minutes=10)


def fills(replay, quotes):
    """Sold at the bid, bought at the ask, on a quote not older than ten minutes."""
    for step in replay.of_kind("fill"):
        if "contract" not in step.event or step.event.get("is_foreign"):
            continue
        option, price = Option.parse(step.event["contract"]), step.event["price"]
        if not quotes.has(option):
            continue
        found = quotes.last(option, step.at)
        side = 1 if step.event["quantity"] < 0 else 2
        there = None if found is None else found[side] or _evening_before(quotes, option, step.day, side)
        if there is None or abs(there - price) > 1e-6:
            yield Violation(step.line, "price", f"{option} filled at {price:g}, the quote was {_shown(found)}")
        elif step.at - found[0] > _OLDEST:
            yield Violation(step.line, "price", f"{option} filled on a quote of {found[0]:%H:%M}")


def _evening_before(quotes, option, day, side):
    """The side the last sessions ended with: it stands until the next quote shows it again."""
    for before in reversed(sessions.days_between(day - timedelta(days=30), day - timedelta(days=1))):
        found = quotes.last(option, sessions.closes_at(before))
        if found is not None and found[side]:
            return found[side]
    return None


def _shown(found):
    return "absent" if found is None else f"{found[1]} to {found[2]} at {found[0]:%H:%M}"


def zero_day_stops(replay, quotes):
    """A loss of the credit at closing prices, on two fresh minutes in a row, is followed by a decision within a minute."""
    for day in sessions.days_between(replay.first_day, replay.last_day):
        for campaign in _held_on(replay, day):
            yield from _watched(replay, quotes, campaign, day)


def _held_on(replay, day):
    found = {}
    for step in replay.steps:
        if step.day == day:
            found.update({name: one for name, one in step.before.items() if one.strategy == "friday_0dte"})
    return [campaign for campaign in found.values() if campaign.opened_at.date() == day]


def _watched(replay, quotes, campaign, day):
    breaches = 0
    moment, close = campaign.opened_at + _MINUTE, sessions.closes_at(day)
    while moment < close:
        line, live = replay.live_at(moment) or (0, {})
        now = live.get(campaign.id)
        if now is None or not now.shorts():
            return
        loss = _loss(now, quotes, moment)
        if loss is not None:
            breaches = breaches + 1 if loss >= now.entry_cash - 1e-6 else 0
        if breaches == 2 and not _decided(replay, campaign.id, moment):
            yield Violation(
                line, "stop", f"{campaign.id} lost {loss:.0f} of a credit of {now.entry_cash:.0f} at {moment:%H:%M}, nothing was decided"
            )
        moment += _MINUTE


def _loss(campaign, quotes, moment):
    """Loss at closing prices; None when a leg cannot be priced or a losing short has no quote of this very minute."""
    value = 0.0
    for option, quantity in campaign.holdings.items():
        found = quotes.last(option, moment)
        price = None if found is None else found[2] if quantity < 0 else found[1] or 0.0
        if price is None or (quantity < 0 and price > campaign.prices[option] and found[0] < moment):
            return None
        value += quantity * price * campaign.multiplier
    return -(campaign.premium + value)


def _decided(replay, campaign, moment):
    return any(event["campaign"] == campaign and at <= moment + _MINUTE for _, at, event in replay.exits.values())


CHECKS = (fills, zero_day_stops)
