"""Limits: phase, positions, units, group slots, expiries, loss at the stop, trading state, pauses."""

from rulebook_auditor import rulebook, sessions
from rulebook_auditor.entries import phases
from rulebook_auditor.records import Violation, legs_of
from rulebook_auditor.replay import FUTURES, Campaign


def phase_events(replay):
    """The phase each morning is the one the account's value makes."""
    phase, before = None, None
    for step in replay.steps:
        if step.kind == "state" and step.event["event"] == "phase":
            phase = int(step.event["after"])
        if step.kind == "account" and step.at == (sessions.opens_at(step.day) if sessions.is_session(step.day) else None):
            expected = rulebook.phase_of(step.event["equity"], before)
            if phase != expected:
                yield Violation(
                    step.line, "phase", f"phase {phase} at {step.event['equity']:.0f} after phase {before}, expected {expected}"
                )
            before = phase


def _entries(replay):
    """Opening orders that start a campaign, with the campaigns beside them: live ones and those of other working entries."""
    for step in replay.of_kind("order"):
        event = step.event
        if event.get("intent") != "open" or event["campaign"] in step.before:
            continue
        yield step, replay.proposals.get(event["proposal"], (0, None, None))[2], _others(step, replay)


def _others(step, replay):
    found = {name: campaign for name, campaign in step.before.items() if name != step.event["campaign"]}
    for order in step.working.values():
        if order.is_opening and order.campaign not in (*found, step.event["campaign"]) and order.proposal in replay.proposals:
            proposal = replay.proposals[order.proposal][2]
            found[order.campaign] = Campaign(
                order.campaign,
                proposal["strategy"],
                proposal["underlying"],
                order.units,
                order.at,
                proposal["multiplier"],
                {},
                {},
                {leg.option: leg.quantity * order.units for leg in order.legs},
                {leg.option: leg.role for leg in order.legs},
            )
    return found


def units_and_positions(replay):
    """Positions and units of the phase."""
    phase = phases(replay)
    for step, proposal, others in _entries(replay):
        if proposal is None:
            continue
        now, strategy, units = phase[step.line], proposal["strategy"], step.event["units"]
        if len(others) + 1 > rulebook.POSITIONS[now]:
            yield Violation(step.line, "limits", f"position number {len(others) + 1} in phase {now}, {rulebook.POSITIONS[now]} allowed")
        mine = [campaign for campaign in others.values() if campaign.strategy == strategy]
        if strategy == "lt112":
            yield from _lt112_units(step, proposal, mine, now)
            continue
        held, limit = sum(campaign.units for campaign in mine), rulebook.UNITS[strategy].get(now, 0)
        if held + units > limit:
            yield Violation(step.line, "limits", f"{strategy}: {held} + {units} units in phase {now}, {limit} allowed")


def _lt112_units(step, proposal, mine, phase):
    """ES units or SPY units: what one uses is not there for the other."""
    held = [*((one.underlying, one.units) for one in mine), (proposal["underlying"], step.event["units"])]
    share = 0.0
    for underlying, units in held:
        limits = rulebook.LT112_FUTURE_UNITS if underlying in FUTURES else rulebook.LT112_SHARE_UNITS
        limit = limits.get(phase, 0)
        share += units / limit if limit else float("inf")
    if share > 1.0 + 1e-9:
        yield Violation(step.line, "limits", f"lt112: {held} in phase {phase} is {share:.2f} of what is allowed")


def groups(replay):
    """Slots of the correlation groups; one campaign takes one, the whole ladder takes one."""
    phase = phases(replay)
    for step, proposal, others in _entries(replay):
        if proposal is None:
            continue
        group = rulebook.group_of(proposal["underlying"])
        if group is None:
            yield Violation(step.line, "group", f"{proposal['underlying']} is in no group")
            continue
        mine = _slot(proposal["strategy"], proposal["underlying"], step.event["campaign"])
        slots = {_slot(one.strategy, one.underlying, one.id): rulebook.group_of(one.underlying) for one in others.values()}
        if mine in slots:
            continue
        vix = proposal["numbers"].get("vix")
        cut = 1 if vix is not None and vix >= rulebook.TIGHTENED_FROM_VIX else 0
        stated = rulebook.by_phase(rulebook.GROUPS[group][1], phase[step.line])
        limit = max(1, stated - cut) if stated else 0
        held = sum(one == group for one in slots.values()) + 1
        if held > limit:
            yield Violation(step.line, "group", f"campaign number {held} in group {group} in phase {phase[step.line]}, {limit} allowed")
        equity = sum(one in ("A1", "A2") for one in slots.values()) + 1
        if group in ("A1", "A2") and equity > max(1, rulebook.EQUITY_LIMIT - cut):
            yield Violation(step.line, "group", f"equity campaign number {equity}, {rulebook.EQUITY_LIMIT - cut} allowed")


def _slot(strategy, underlying, campaign):
    return f"{strategy}/{underlying}" if strategy == "leap_put_ladder" else campaign


def crowded_expiries(replay):
    """At most one LT112 per expiry, three undefined-risk structures per expiry month."""
    for step, proposal, others in _entries(replay):
        if proposal is None:
            continue
        legs = legs_of(proposal)
        if proposal["strategy"] == "lt112":
            taken = {option.expiry for one in others.values() if one.strategy == "lt112" for option in one.holdings}
            for expiry in sorted(taken & {leg.option.expiry for leg in legs}):
                yield Violation(step.line, "expiry", f"a second LT112 in the expiry of {expiry}")
        if proposal["strategy"] not in _UNDEFINED:
            continue
        months = {(leg.option.expiry.year, leg.option.expiry.month) for leg in legs if leg.quantity < 0}
        for month in sorted(months):
            held = sum(month in _naked_months(one) for one in others.values())
            if held + 1 > rulebook.UNDEFINED_PER_MONTH:
                yield Violation(step.line, "expiry", f"undefined-risk structure number {held + 1} in {month[0]}-{month[1]:02d}")


_UNDEFINED = ("lt112", "futures_strangle", "leap_put_ladder")


def _naked_months(campaign):
    naked = campaign.with_role("naked_put", "naked_call") if campaign.strategy in _UNDEFINED else {}
    return {(option.expiry.year, option.expiry.month) for option in naked}


def loss_at_stop(replay):
    """The planned loss of an entry is at most 2 % of the account."""
    value = None
    for step in replay.steps:
        if step.kind == "account":
            value = step.event["equity"]
        if step.kind != "order" or step.event.get("intent") != "open" or step.event["campaign"] in step.before:
            continue
        proposal = replay.proposals.get(step.event["proposal"], (0, None, None))[2]
        loss = None if proposal is None else proposal.get("loss_at_stop_dollars")
        if proposal is None or value is None:
            continue
        if loss is None:
            yield Violation(step.line, "size", f"{step.event['campaign']} has no planned loss at its stop")
            continue
        allowed = rulebook.LOSS_AT_STOP_SHARE * value * rulebook.DAILY_VALUE_TOLERANCE
        if loss * step.event["units"] > allowed:
            yield Violation(step.line, "size", f"{loss * step.event['units']:.0f} lost at the stop, {allowed:.0f} allowed")


def states(replay):
    """No opening order while the state is not active, nor within a drawdown that forbids it."""
    state, mark, value = "active", 0.0, None
    for step in replay.steps:
        event = step.event
        if step.kind == "state" and event["event"] == "state_changed":
            state = event["subject"]
        elif step.kind == "account":
            value = event["equity"]
            mark = max(mark, value)
        elif step.kind == "order" and event.get("intent") == "open":
            if state != "active":
                yield Violation(step.line, "state", f"an opening order while {state}")
            depth = 1.0 - value / mark if value and mark else 0.0
            if depth >= rulebook.DRAWDOWN_REDUCING + 0.02:
                yield Violation(step.line, "state", f"an opening order {depth:.1%} below the high-water mark")


def halted(replay):
    """20 % below the high-water mark everything is closed: nothing is held a session later."""
    mark, since = 0.0, None
    for step in replay.of_kind("account"):
        value = step.event["equity"]
        mark = max(mark, value)
        if value <= (1.0 - rulebook.DRAWDOWN_HALTED) * mark:
            since = since or step.day
        if since is not None and step.day > sessions.next_session(since):
            for name in step.before:
                yield Violation(step.line, "state", f"{name} is held after the drawdown of {since} that closes everything")
            since, mark = None, 0.0


def pauses(replay):
    """Three losing closes in a row stop a strategy's new campaigns for five sessions."""
    streaks, until = {}, {}
    for step in replay.steps:
        event = step.event
        if step.kind == "position" and event["status"] == "closed":
            name = event["strategy"]
            streaks[name] = streaks.get(name, 0) + 1 if event["result"] < 0 else 0
            if streaks[name] >= rulebook.PAUSE_LOSSES:
                until[name] = sessions.sessions_later(step.day, rulebook.PAUSE_SESSIONS)
                streaks[name] = 0
        elif step.kind == "proposal" and event["intent"] == "open" and event["campaign"] not in step.before:
            paused = until.get(event["strategy"])
            if paused is not None and step.day <= paused and _was_ordered(replay, event["id"]):
                yield Violation(step.line, "state", f"{event['strategy']} entered while paused until {paused}")


def _was_ordered(replay, proposal):
    return any(order.proposal == proposal for order in replay.orders.values())


def margin(replay):
    """The margin in use never exceeds the account."""
    for step in replay.of_kind("account"):
        if step.event["margin_used"] > step.event["equity"] + 0.01:
            yield Violation(step.line, "margin", f"margin {step.event['margin_used']:.0f} of an account of {step.event['equity']:.0f}")


CHECKS = (phase_events, units_and_positions, groups, crowded_expiries, loss_at_stop, states, halted, pauses, margin)
