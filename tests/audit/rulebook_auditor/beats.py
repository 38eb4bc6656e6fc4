"""With the market's own quotes at hand: stops of the campaigns that live for weeks, at every quarter of an hour, and the term structure's veto."""

import csv
from datetime import date, timedelta

from rulebook_auditor import sessions
from rulebook_auditor.records import Violation

_BEAT, _MINUTE = timedelta(minutes=15), timedelta(minutes=1)
_WATCHED = ("futures_strangle", "leap_put_ladder", "ipmcc", "lt112")
_BLOCKED_FROM, _FREE_BELOW, _CLOSES_TO_FREE = 1.0, 0.97, 2


def stops(replay, quotes):
    """A loss beyond the stop at two beats in a row, on quotes of the last beat, is followed by a decision."""
    for day in sessions.days_between(replay.first_day, replay.last_day):
        decided = {}
        for _, at, event in replay.exits.values():
            if at.date() in (day, sessions.next_session(day)):
                decided.setdefault(event["campaign"], []).append(at)
        value = next((one.event["equity"] for one in replay.steps if one.kind == "account" and one.day == day), None)
        breached = {}
        moment = sessions.opens_at(day) + _BEAT
        while moment < sessions.closes_at(day):
            line, live = replay.live_at(moment) or (0, {})
            for campaign in live.values():
                if campaign.strategy not in _WATCHED or campaign.opened_at > moment - _BEAT:
                    continue
                loss, limit = _loss(campaign, quotes, moment, value)
                count = breached[campaign.id] = breached.get(campaign.id, 0) + 1 if loss is not None and loss >= 1.02 * limit else 0
                acted = [at for at in decided.get(campaign.id, ()) if moment - 2 * _BEAT <= at <= moment + _MINUTE] or _is_closing(
                    replay, line, campaign.id
                )
                if count == 2 and not acted:
                    yield Violation(line, "stop", f"{campaign.id} lost {loss:.0f} at {moment:%Y-%m-%d %H:%M}, its stop is {limit:.0f}")
            moment += _BEAT


def _is_closing(replay, line, campaign):
    return any(one.campaign == campaign and not one.is_opening for one in replay.steps[line - 1].working.values())


def _loss(campaign, quotes, moment, value):
    """(loss at the middle, loss that stops); the loss is None where a leg has no quote of the last beat."""
    strategy, watched = campaign.strategy, campaign.holdings
    if strategy == "lt112":
        watched = campaign.with_role("naked_put")
        if not watched:
            return None, 0.0
    worth = 0.0
    for option, quantity in watched.items():
        found = quotes.last(option, moment) if quotes.has(option) else None
        if found is None or found[2] is None or found[0] <= moment - _BEAT:
            return None, 0.0
        worth += quantity * ((found[1] or 0.0) + found[2]) / 2.0 * campaign.multiplier
    if strategy == "lt112":
        credit = -sum(quantity * campaign.prices[option] * campaign.multiplier for option, quantity in watched.items())
        return -(credit + worth), 2.0 * credit
    loss = -(campaign.premium + worth)
    if strategy == "ipmcc":
        debit = sum(q * campaign.prices[o] * campaign.multiplier for o, q in campaign.holdings.items() if q > 0)
        return loss + campaign.fees - campaign.share_cash, 0.30 * debit
    limit = 2.0 * campaign.entry_cash
    return loss, min(limit, 0.02 * value) if strategy == "leap_put_ladder" and value else limit


def backwardation(replay, quotes):
    """After a close with the VIX at its three-month index or above it, no strangle and no LT112 until two closes below 0.97."""
    ratios = _ratios(quotes.folder)
    for step in replay.of_kind("order"):
        proposal = replay.proposals.get(step.event.get("proposal"), (0, None, None))[2]
        is_new = step.event.get("intent") == "open" and step.event["campaign"] not in step.before
        if proposal is None or not is_new or proposal["strategy"] not in ("futures_strangle", "lt112"):
            continue
        if _is_blocked([ratio for day, ratio in ratios if day < step.day]):
            yield Violation(step.line, "backwardation", f"{step.event['campaign']} entered while the term structure was inverted")


def _ratios(folder):
    closes = []
    for name in ("vix", "vix3m"):
        path = folder / "alternative" / "cboe" / f"{name}.csv"
        rows = csv.reader(path.read_text().splitlines()) if path.exists() else ()
        closes.append({date(int(row[0][:4]), int(row[0][4:6]), int(row[0][6:8])): float(row[4]) for row in rows if row[0][:8].isdigit()})
    vix, later = closes
    return [(day, vix[day] / later[day]) for day in sorted(vix.keys() & later.keys())]


def _is_blocked(ratios):
    blocked, calm = False, 0
    for ratio in ratios:
        calm = calm + 1 if ratio < _FREE_BELOW else 0
        blocked = ratio >= _BLOCKED_FROM or (blocked and calm < _CLOSES_TO_FREE)
    return blocked


CHECKS = (stops, backwardation)
