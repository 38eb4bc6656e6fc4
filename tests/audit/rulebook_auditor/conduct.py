"""How strategies behave from day to day: how often they enter, in which order, what rests at the engine, what a campaign may become."""

from datetime import timedelta

from rulebook_auditor import rulebook, sessions
from rulebook_auditor.records import Violation, legs_of

_MINUTE = timedelta(minutes=1)


def _entered(replay):
    """(step of the order, proposal) of everything that starts a campaign and fills."""
    for order in replay.orders.values():
        step = replay.steps[order.line - 1]
        proposal = replay.proposals.get(order.proposal, (0, None, None))[2]
        if order.is_opening and proposal is not None and order.campaign not in step.before and order.is_filled(replay):
            yield step, proposal


def frequency(replay):
    """One 0DTE, one LT112 and one strangle on an entry day, one order of rungs a week, one IPMCC campaign an underlying."""
    seen = {}
    for step, proposal in _entered(replay):
        strategy = proposal["strategy"]
        if strategy == "ipmcc":
            others = [one for one in step.before.values() if one.strategy == "ipmcc" and one.underlying == proposal["underlying"]]
            if others:
                yield Violation(step.line, "limits", f"a second IPMCC campaign on {proposal['underlying']}")
            continue
        period = step.day - timedelta(days=step.day.weekday()) if strategy == "leap_put_ladder" else step.day
        if (strategy, period) in seen:
            yield Violation(step.line, "limits", f"{strategy} entered twice in the time of {seen[strategy, period]}")
        seen[strategy, period] = step.event["campaign"]


def preference(replay):
    """The strangle of the day is on the product with the highest IV rank that was neither refused nor without a price."""
    for step, proposal in _entered(replay):
        if proposal["strategy"] != "futures_strangle":
            continue
        ranks = {name.removeprefix("iv_rank_"): rank for name, rank in proposal["numbers"].items() if name.startswith("iv_rank_")}
        mine = proposal["numbers"]["iv_rank"]
        for product in sorted(name for name, rank in ranks.items() if rank > mine):
            if not _was_turned_down(replay, product, step):
                yield Violation(step.line, "preference", f"a strangle on {proposal['underlying']}, {product} had the higher IV rank")


def _was_turned_down(replay, product, step):
    for one in replay.steps[: step.line]:
        if one.day != step.day or one.event.get("strategy") != "futures_strangle":
            continue
        if one.kind == "verdict" and one.event["units"] < 1 and f"/{product}/" in one.event["campaign"]:
            return True
        if one.kind == "skip" and str(one.event.get("detail") or "").startswith(product):
            return True
        if one.kind == "order" and f"/{product}/" in one.event["campaign"]:
            return True
    listed = [one for one in replay.steps[: step.line] if one.kind == "candidates" and one.day == step.day]
    return not any(text.startswith(product) for one in listed for text in one.event.get("contracts", ())) and bool(listed)


def strangle_size(replay):
    """One unit up to VIX 18, one and a half (one) up to 25, from there the phase's."""
    for step in replay.of_kind("proposal"):
        event = step.event
        if event["strategy"] != "futures_strangle" or event["campaign"] in step.before:
            continue
        vix = event["numbers"].get("vix")
        allowed = 1 if vix is None or vix < rulebook.STRANGLE_FULL_VIX else max(rulebook.UNITS["futures_strangle"].values())
        if event["units"] > allowed:
            yield Violation(step.line, "limits", f"{event['units']} strangles proposed at VIX {vix}, {allowed} allowed")


def resting_targets(replay):
    """A 0DTE has an order resting at half of its credit within five minutes of its entry."""
    for step, proposal in _entered(replay):
        if proposal["strategy"] != "friday_0dte":
            continue
        name = step.event["campaign"]
        booked = next((one for one in replay.steps[step.line :] if one.kind == "position" and one.event["campaign"] == name), None)
        if booked is None or name not in booked.before:
            continue
        held, opened = booked.before[name], booked.at
        wanted = -0.5 * held.entry_cash / (held.units * held.multiplier)
        resting = [
            one.event["credit"]
            for one in replay.of_kind("order")
            if one.event["campaign"] == name and one.event.get("is_resting") and opened <= one.at <= opened + 5 * _MINUTE
        ]
        decided = [at for _, at, event in replay.exits.values() if event["campaign"] == name and at <= opened + 5 * _MINUTE]
        if not decided and not any(abs(credit - wanted) <= rulebook.TICK for credit in resting):
            yield Violation(step.line, "target", f"{name}: no order rests at {wanted:.2f}, found {resting or 'none'}")


def short_premium(replay):
    """Two weeks before expiry nothing is short any more but the week's and the day's own options and kept hedges."""
    for day in sessions.days_between(replay.first_day, replay.last_day):
        found = replay.live_at(sessions.closes_at(day) + _MINUTE)
        if found is None:
            return
        line, live = found
        for campaign in live.values():
            shorts = campaign.with_role("naked_put", "naked_call", "short_put", "short_call")
            late = [option for option in shorts if option.dte(day) <= rulebook.DEFENSIVE_DTE]
            if late and campaign.strategy not in rulebook.SHORT_BY_DESIGN:
                yield Violation(line, "dte-exit", f"{campaign.id} is short {late[0]} at {late[0].dte(day)} days")


def income(replay):
    """An IPMCC campaign is not left with its long leg alone over a weekend; before its roll it may be."""
    for day in sessions.days_between(replay.first_day, replay.last_day):
        if not sessions.is_last_of_week(day):
            continue
        found = replay.live_at(sessions.opens_at(sessions.next_session(day)))
        if found is None:
            return
        line, live = found
        for campaign in live.values():
            longs = [option for option, quantity in campaign.holdings.items() if quantity > 0]
            is_bare = campaign.strategy == "ipmcc" and longs and not campaign.shorts() and not campaign.shares
            if (
                is_bare
                and min(option.dte(day) for option in longs) > rulebook.LONG_ROLLS[longs[0].right]
                and not _is_new_to_it(replay, campaign, day)
            ):
                yield Violation(line, "income", f"{campaign.id} went over the weekend of {day} with nothing sold")


def _is_new_to_it(replay, campaign, day):
    """Whether it had a short leg in that session: what went in its last minutes is sold again the next Friday at the latest."""
    begins = replay.live_at(sessions.shortened(day, rulebook.SHORT_LEG_CLOSE, rulebook.EXIT_BEFORE_CLOSE))
    held = None if begins is None else begins[1].get(campaign.id)
    made = [legs_of(event) for _, at, event in replay.exits.values() if event["campaign"] == campaign.id and at.date() == day]
    is_closing = any(leg.quantity < 0 for legs in made for leg in legs)
    return (held is not None and bool(held.shorts())) or is_closing


def cover(replay):
    """A calendar's first sale brings at least what its long leg loses in the same days."""
    for step, proposal in _entered(replay):
        legs = legs_of(proposal)
        if proposal["strategy"] != "ipmcc" or any(leg.option.right == "C" for leg in legs):
            continue
        numbers = proposal["numbers"]
        days = {leg.quantity: leg.option.dte(step.day) for leg in legs}
        lost = numbers.get("long_extrinsic", float("inf")) * days[-1] / days[1]
        if numbers.get("short_extrinsic", 0.0) < lost - 1e-6:
            yield Violation(
                step.line,
                "credit",
                f"{step.event['campaign']}: sold {numbers.get('short_extrinsic')} of extrinsic value, {lost:.3g} is lost",
            )


def never_rolled(replay):
    """Only an IPMCC and a strangle change shape; a rung, a 1-1-2 and a day trade are closed, not rolled."""
    for step in replay.of_kind("proposal"):
        event = step.event
        if event["intent"] == "open" and event["campaign"] in step.before and event["strategy"] not in ("ipmcc", "futures_strangle"):
            yield Violation(step.line, "roll", f"{event['campaign']}: {event['legs']} added to a {event['strategy']}")


CHECKS = (frequency, preference, strangle_size, resting_targets, short_premium, income, cover, never_rolled)
