"""Exits: every time rule kept, every stop and target acted on, every decision turned into an order and a closed leg."""

from datetime import timedelta

from rulebook_auditor import rulebook, sessions
from rulebook_auditor.records import Violation, legs_of

_MINUTE = timedelta(minutes=1)


def _exits_on(replay, campaign, day):
    return [(line, at, event) for line, at, event in replay.exits.values() if event["campaign"] == campaign and at.date() == day]


def decisions(replay):
    """What was decided to be closed is gone, at least for a moment, by the close of the next session."""
    for line, at, event in replay.exits.values():
        deadline = sessions.closes_at(sessions.next_session(at.date())) + _MINUTE
        if replay.live_at(deadline) is None:
            continue
        left = {leg.option for leg in legs_of(event)}
        for step in replay.steps[line:]:
            campaign = step.before.get(event["campaign"])
            left &= set(campaign.holdings) if campaign is not None else set()
            if not left or step.at >= deadline:
                break
        if left:
            names = ", ".join(str(option) for option in sorted(left))
            yield Violation(line, "exit", f"{event['campaign']}: decided to close {names} ({event['reason']}), still held a session later")


def ordered(replay):
    """Every decision has a closing order by the end of its session, or was made for an order already working."""
    for line, at, event in replay.exits.values():
        campaign = event["campaign"]
        orders = [one for one in replay.orders.values() if one.campaign == campaign and not one.is_opening]
        step = replay.steps[line - 1]
        is_working = any(one.campaign == campaign and not one.is_opening for one in step.working.values())
        is_sent = any(one.line > line and one.at.date() == at.date() for one in orders)
        if not is_working and not is_sent:
            yield Violation(line, "exit", f"{campaign}: decided to close ({event['reason']}), no order followed that day")


def zero_days(replay):
    """A 0DTE still open at 15:00 is being closed, at 15:45 at the natural price; an early close pulls both forward."""
    for day in sessions.days_between(replay.first_day, replay.last_day):
        for clock, urgency in ((rulebook.FRIDAY_CLOSE, None), (rulebook.FRIDAY_HARD_CLOSE, "natural")):
            due = sessions.shortened(day, clock, rulebook.EXIT_BEFORE_CLOSE)
            found = replay.live_at(due + 2 * _MINUTE)
            for campaign in found[1].values() if found is not None else ():
                if campaign.strategy != "friday_0dte" or not campaign.shorts():
                    continue
                made = _exits_on(replay, campaign.id, day)
                if not any(at <= due + _MINUTE and urgency in (None, event["urgency"]) for _, at, event in made):
                    what = "at the natural price " if urgency else ""
                    yield Violation(found[0], "time", f"{campaign.id} is open after {due:%H:%M} and is not being closed {what}")


def days_left(replay):
    """Strangles leave by 21 days, naked puts of an LT112 by 30, its hedge by 7, rungs by 150; a calendar's long leg is rolled."""
    for day in sessions.days_between(replay.first_day, replay.last_day):
        found = replay.live_at(sessions.closes_at(day) + _MINUTE)
        if found is None:
            return
        line, live = found
        for campaign in live.values():
            for option, limit in _limits(campaign):
                if option.dte(day) > limit:
                    continue
                before = sessions.days_between(day - timedelta(days=7), day)[-2]
                is_second_day = option.dte(before) <= limit and campaign.opened_at.date() < before
                if is_second_day:
                    yield Violation(line, "dte-exit", f"{campaign.id} holds {option} at {option.dte(day)} days, limit {limit}")
                elif not _exits_on(replay, campaign.id, day):
                    yield Violation(line, "dte-exit", f"{campaign.id}: {option} reached {option.dte(day)} days and nothing was decided")


def _limits(campaign):
    """(contract, days at which it is to be gone) of everything that has such a limit."""
    strategy = campaign.strategy
    if strategy == "lt112":
        naked = campaign.with_role("naked_put")
        yield from ((option, rulebook.SHORT_DTE_LIMITS["lt112"]) for option in naked)
        if not naked:
            yield from ((option, rulebook.HEDGE_DTE_LIMIT) for option, quantity in campaign.holdings.items() if quantity < 0)
    elif strategy == "ipmcc":
        longs = [option for option, quantity in campaign.holdings.items() if quantity > 0]
        yield from ((option, rulebook.IPMCC_LONG_DTE_LIMIT) for option in longs if option.right == "P")
    elif strategy in rulebook.SHORT_DTE_LIMITS:
        yield from ((option, rulebook.SHORT_DTE_LIMITS[strategy]) for option in campaign.shorts())


def weekly_legs(replay):
    """An IPMCC short leg is being closed at 15:45 of its expiry day."""
    for day in sessions.days_between(replay.first_day, replay.last_day):
        due = sessions.shortened(day, rulebook.SHORT_LEG_CLOSE, rulebook.EXIT_BEFORE_CLOSE)
        found = replay.live_at(due + 2 * _MINUTE)
        for campaign in found[1].values() if found is not None else ():
            expiring = [option for option in campaign.shorts() if campaign.strategy == "ipmcc" and option.expiry == day]
            if expiring and not any(at <= due + _MINUTE for _, at, _ in _exits_on(replay, campaign.id, day)):
                yield Violation(found[0], "time", f"{campaign.id}: {expiring[0]} expires today and is not being closed at {due:%H:%M}")


def stops_and_targets(replay):
    """A position past its stop or target at two closes in a row, with nothing decided in between, was forgotten."""
    past = {}
    value = 0.0
    for step in replay.steps:
        if step.kind == "account":
            value = step.event["equity"]
        if step.kind != "mark" or step.event.get("profit_at_mid") is None:
            continue
        name, campaign = step.event["campaign"], step.before.get(step.event["campaign"])
        what = None if campaign is None else _passed(campaign, step.event["profit_at_mid"], value)
        earlier = past.pop(name, None)
        if what is None:
            continue
        past[name] = (what, step.at)
        decided = [at for _, at, event in replay.exits.values() if event["campaign"] == name and earlier and earlier[1] < at <= step.at]
        if earlier and earlier[0] == what and not decided:
            yield Violation(step.line, what, f"{name} was past its {what} at two closes, the last with {step.event['profit_at_mid']:.0f}")


def _passed(campaign, profit, value):
    """`stop` or `target` when a profit at mid is clearly past the rulebook's line (2 % beyond it)."""
    credit, beyond = campaign.entry_cash, 1.02
    if campaign.strategy == "futures_strangle":
        return _past(profit, 2.0 * credit * beyond, 0.5 * credit * beyond)
    if campaign.strategy == "leap_put_ladder":
        return _past(profit, min(2.0 * credit, 0.02 * value) * beyond, 0.3 * credit * beyond)
    if campaign.strategy == "lt112" and campaign.with_role("naked_put"):
        naked = 2.0 * sum(-q * campaign.prices[o] * campaign.multiplier for o, q in campaign.with_role("naked_put").items())
        return _past(profit, min(0.02 * value, naked) * beyond * 1.05, float("inf"))
    if campaign.strategy == "ipmcc":
        debit = sum(q * campaign.prices[o] * campaign.multiplier for o, q in campaign.holdings.items() if q > 0)
        net = profit - campaign.fees
        target = 0.25 * debit * beyond if all(option.right == "P" for option in campaign.holdings) else float("inf")
        return _past(net, 0.30 * debit * beyond, target)
    return None


def _past(profit, stop, target):
    if profit <= -stop:
        return "stop"
    return "target" if profit >= target else None


def crisis(replay):
    """From VIX 30 on, strangles are closed: none is held over the second close after a crisis exit was due."""
    since = None
    for step in replay.steps:
        if step.kind == "exit" and step.event["reason"] == "crisis":
            since = since or step.day
        if since is None or step.kind != "account" or step.day <= sessions.next_session(since):
            continue
        held = [one.id for one in step.before.values() if one.strategy == "futures_strangle" and one.opened_at.date() <= since]
        for name in held:
            yield Violation(step.line, "crisis", f"{name} outlived the crisis of {since}")
        since = None


CHECKS = (decisions, ordered, zero_days, days_left, weekly_legs, stops_and_targets, crisis)
