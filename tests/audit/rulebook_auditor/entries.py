"""Entries: day and time, expiries, deltas, distances, credits and filters of every proposal, and what the fills brought."""

from datetime import timedelta

from rulebook_auditor import rulebook, sessions
from rulebook_auditor.records import Violation, legs_of


def _openings(replay):
    """Proposals that start a campaign."""
    for step in replay.of_kind("proposal"):
        if step.event["intent"] == "open" and step.event["campaign"] not in step.before:
            yield step


def _changes(replay):
    """Proposals that change a live campaign."""
    for step in replay.of_kind("proposal"):
        if step.event["intent"] == "open" and step.event["campaign"] in step.before:
            yield step


def is_entry_day(strategy, day, phase):
    """Whether the calendar lets a strategy enter on a session."""
    if strategy in ("friday_0dte", "ipmcc"):
        return sessions.is_last_of_week(day)
    if strategy == "leap_put_ladder":
        return sessions.is_weekly(day, 0)
    if strategy == "lt112":
        weeks = (1, 2, 3) if phase >= 4 else (1,)
        return any(week in weeks for week in sessions.monthly_weeks(day, 2))
    return 2 in sessions.monthly_weeks(day, 1)


def phases(replay):
    """The phase as of each line, from the journal's own phase events."""
    phase, found = 0, {}
    for step in replay.steps:
        if step.kind == "state" and step.event["event"] == "phase":
            phase = int(step.event["after"])
        found[step.line] = phase
    return found


def days_and_times(replay):
    """On the strategy's day, within its window, an hour before an early close; filled soon after."""
    phase = phases(replay)
    for step in _openings(replay):
        strategy, day = step.event["strategy"], step.day
        if not sessions.is_session(day):
            yield Violation(step.line, "entry-day", f"{strategy} on {day}, which is no session")
            continue
        if not is_entry_day(strategy, day, phase[step.line]):
            yield Violation(step.line, "entry-day", f"{strategy} on {day:%A %Y-%m-%d}, which is not its day")
        opens, until = rulebook.WINDOWS[strategy]
        latest = sessions.closes_at(day) - timedelta(minutes=rulebook.ENTRY_BEFORE_CLOSE)
        if not opens <= step.at.time() <= until or step.at > latest:
            yield Violation(step.line, "entry-time", f"{strategy} at {step.at:%H:%M}, expected {opens:%H:%M} to {until:%H:%M}")
    for step in replay.of_kind("fill"):
        order = replay.orders.get(tuple(step.event["orders"]))
        if order is None or not order.is_opening or (order.campaign in step.before and step.before[order.campaign].opened_at != step.at):
            continue
        if step.at > order.at + timedelta(minutes=rulebook.ENTRY_ORDER_MINUTES):
            yield Violation(step.line, "entry-late", f"{order.campaign} ordered at {order.at:%H:%M}, filled at {step.at:%Y-%m-%d %H:%M}")


_DTE = {"friday_0dte": (0, 0), "lt112": (90, 150), "futures_strangle": (60, 110), "leap_put_ladder": (300, 430)}
_IPMCC_LONG, _IPMCC_SHORT, _DIAGONAL_LONG = (90, 150), (5, 10), (300, 500)
_IPMCC_RESALE = (5, 17)  # bought back in the money and sold again at once


def expiries(replay):
    """Days to expiry of every leg."""
    for step in (*_openings(replay), *_changes(replay)):
        reasons = _reasons(replay, step.event["campaign"], step.line)
        for leg in legs_of(step.event):
            low, high = _dte_band(step, leg, reasons)
            days = leg.option.dte(step.day)
            if not low <= days <= high:
                yield Violation(step.line, "dte", f"{step.event['strategy']}: {leg.option} has {days} days, expected {low} to {high}")
        if step.event["strategy"] in ("lt112", "futures_strangle") and len({leg.option.expiry for leg in legs_of(step.event)}) > 1:
            yield Violation(step.line, "dte", f"{step.event['strategy']}: legs expire on different days")


def _reasons(replay, campaign, line):
    """Why the campaign's exits before a line were made, in order."""
    return [event["reason"] for before, _, event in replay.exits.values() if event["campaign"] == campaign and before < line]


def _dte_band(step, leg, reasons):
    strategy = step.event["strategy"]
    if step.event["campaign"] in step.before and (strategy == "futures_strangle" or _is_rolled_out(leg)):
        return 0, 10_000
    if strategy != "ipmcc":
        return _DTE[strategy]
    if leg.role.startswith("short"):
        return _IPMCC_RESALE if reasons[-1:] in (["assignment_risk"], ["extrinsic"]) else _IPMCC_SHORT
    return _DIAGONAL_LONG if leg.option.right == "C" else _IPMCC_LONG


def _is_rolled_out(leg):
    """The old leg of a roll, sold."""
    return leg.role.startswith("long") and leg.quantity < 0


def structures(replay):
    """Rights, ratios, strikes, deltas and credits of every entry."""
    check = {
        "friday_0dte": _friday,
        "lt112": _lt112,
        "futures_strangle": _strangle,
        "ipmcc": _ipmcc,
        "leap_put_ladder": _ladder,
    }
    phase = phases(replay)
    for step in _openings(replay):
        found = check[step.event["strategy"]](step, step.event["numbers"], legs_of(step.event), phase[step.line])
        for rule, message in found:
            yield Violation(step.line, rule, f"{step.event['strategy']}: {message}")


def _within(rule, name, value, low, high):
    if value is None:
        yield rule, f"{name} is not recorded"
    elif not low - 1e-9 <= value <= high + 1e-9:
        yield rule, f"{name} is {value:.4g}, expected {low:.4g} to {high:.4g}"


_WORDS = {"call_spread": "C", "put_spread": "P", "condor": "CP"}


def _friday(step, numbers, legs, _):
    move = numbers["spot"] / numbers["session_open"] - 1.0
    expected = "call_spread" if move > 0.005 else "put_spread" if move < -0.005 else "condor"
    direction = step.event["tags"]["direction"]
    if direction != expected or {leg.option.right for leg in legs} != set(_WORDS[expected]):
        yield "structure", f"{direction} after a move of {move:+.3%}, expected {expected}"
    yield from _within("vix", "VIX", numbers.get("vix"), 0.0, 39.9999)
    is_condor = direction == "condor"
    low, high, target, distance = (0.15, 0.30, 0.25, 0.5) if is_condor else (0.10, 0.25, 0.20, 0.7)
    for right, name, sign in (("P", "put", -1), ("C", "call", 1)):
        side = [leg for leg in legs if leg.option.right == right]
        if not side:
            continue
        short = next(leg.option.strike for leg in side if leg.quantity < 0)
        long = next(leg.option.strike for leg in side if leg.quantity > 0)
        yield from _within("delta", f"{name} delta", numbers.get(f"{name}_delta"), low, high)
        grid = max(5.0, 0.002 * numbers["spot"])
        at_distance = abs(short - (numbers["spot"] + sign * distance * numbers["atr"])) <= grid
        if not at_distance and abs(numbers[f"{name}_delta"] - target) > 0.06:
            yield (
                "strike",
                f"{name} strike {short:g} is neither {distance} ATR from {numbers['spot']:g} nor the {100 * target:.0f}-delta one",
            )
        width = sign * (long - short)
        yield from _within("strike", f"{name} wing", width, 0.006 * numbers["spot"] - grid, 0.006 * numbers["spot"] + grid)
        yield from _within("credit", f"{name} credit", numbers.get(f"{name}_credit"), 0.08 * width, width)


def _lt112(step, numbers, legs, phase):
    by_role = {leg.role: leg for leg in legs}
    if {role: leg.quantity for role, leg in by_role.items()} != {"hedge_long": 1, "hedge_short": -1, "naked_put": -2}:
        yield "structure", f"legs are {step.event['legs']}, expected 1-1-2"
        return
    price = numbers["price"]
    long, short, naked = (by_role[role].option.strike for role in ("hedge_long", "hedge_short", "naked_put"))
    if any(leg.option.right != "P" for leg in legs) or not long > short > naked:
        yield "structure", f"strikes {long:g}, {short:g}, {naked:g}: expected puts, each below the one before"
    yield from _within("strike", "width of the spread", long - short, 0.005 * price, 0.015 * price)
    yield from _within("delta", "long delta", numbers.get("long_delta"), 0.22, 0.28)
    yield from _within("delta", "naked delta", numbers.get("naked_delta"), 0.04, 0.08)
    yield from _within("credit", "credit", step.event["credit"], 0.003 * price, price)
    yield from _within("credit", "debit of the spread", numbers.get("spread_debit"), -price, 0.0025 * price)
    yield from _within("vix", "VIX", numbers.get("vix"), 0.0, 34.9999)
    if numbers["vix"] < 15.0 and "high_52_weeks" in numbers:
        yield from _within("filter", "price under the 52-week high", price, 0.0, 0.992 * numbers["high_52_weeks"])
    if step.event["underlying"] == "ES" and phase < 3:
        yield "phase", f"a unit on ES in phase {phase}"


def _strangle(step, numbers, legs, phase):
    if sorted((leg.option.right, leg.quantity) for leg in legs) != [("C", -1), ("P", -1)]:
        yield "structure", f"legs are {step.event['legs']}, expected one short put and one short call"
    yield from _within("delta", "put delta", numbers.get("put_delta"), 0.05, 0.08)
    yield from _within("delta", "call delta", numbers.get("call_delta"), 0.04, 0.07)
    yield from _within("filter", "IV rank", numbers.get("iv_rank"), 30.0, 100.0)
    yield from _within("vix", "VIX", numbers.get("vix"), 13.0, 29.9999)
    yield from _within("credit", "credit", step.event["credit"], 1e-9, 1e9)
    products = [name for least, names in rulebook.STRANGLE_PRODUCTS.items() if least <= phase for name in names]
    if step.event["underlying"] not in products:
        yield "phase", f"{step.event['underlying']} in phase {phase}, expected one of {', '.join(products)}"
    if any(
        campaign.strategy == "futures_strangle" and campaign.underlying == step.event["underlying"] for campaign in step.before.values()
    ):
        yield "limits", f"a second strangle on {step.event['underlying']}"


def _ipmcc(step, numbers, legs, _):
    long, short = ([leg.option for leg in legs if leg.quantity * sign > 0] for sign in (1, -1))
    if len(long) != 1 or len(short) != 1 or long[0].right != short[0].right:
        yield "structure", f"legs are {step.event['legs']}, expected a long and a short leg of one right"
        return
    spot = numbers["spot"]
    yield from _within("vix", "VIX", numbers.get("vix"), 0.0, 34.9999)
    if long[0].right == "P":
        if long[0].strike != short[0].strike:
            yield "strike", f"strikes {long[0].strike:g} and {short[0].strike:g}, expected one"
        yield from _within("strike", "strike over spot", long[0].strike / spot - 1.0, -0.002, 0.035)
        yield from _within("filter", "50-day average", numbers.get("trend_average"), 0.0, spot)
        return
    yield from _within("delta", "long delta", numbers.get("long_delta"), 0.75, 0.85)
    yield from _within("credit", "long extrinsic", numbers.get("long_extrinsic"), -1.0, 0.05 * long[0].strike)
    yield from _within("strike", "short strike", short[0].strike, 0.0, spot)


def _ladder(step, numbers, legs, _):
    if [(leg.option.right, leg.quantity) for leg in legs] != [("P", -1)]:
        yield "structure", f"legs are {step.event['legs']}, expected one short put"
    week = sessions.first_monday_week(step.day)
    target = rulebook.LADDER_DELTAS[(week - 1) % len(rulebook.LADDER_DELTAS)]
    tolerance = rulebook.LADDER_DELTA_TOLERANCE
    yield from _within("delta", "delta", numbers.get("delta"), target - tolerance, target + tolerance)
    yield from _within("vix", "VIX", numbers.get("vix"), 15.0, 1000.0)
    if step.event["units"] > (2 if numbers["vix"] > 20.0 else 1):
        yield "limits", f"{step.event['units']} rungs proposed at VIX {numbers['vix']:g}"


def filled_credits(replay):
    """What the fills of an entry brought per unit is not below the floor."""
    for step in replay.of_kind("order_end"):
        order = replay.orders.get(tuple(step.event["orders"]))
        if order is None or not order.is_opening or step.event["end"] != "filled" or order.campaign in step.before:
            continue
        if order.proposal not in replay.proposals:
            continue
        _, _, proposal = replay.proposals[order.proposal]
        cash = sum(one.event["cash"] for one in _fills_of(replay, step.line, order))
        credit = cash / (order.units * proposal["multiplier"])
        floor = _floor(proposal)
        if floor is not None and credit < floor - 1e-6:
            yield Violation(step.line, "credit", f"{order.campaign} was filled for {credit:.4g} a unit, the floor is {floor:.4g}")


def _fills_of(replay, line, order):
    """The fills that follow an order's end, up to its position event."""
    for step in replay.steps[line:]:
        if step.kind != "fill" or tuple(step.event["orders"]) != order.ids:
            return
        yield step


def _floor(proposal):
    strategy = proposal["strategy"]
    if strategy == "friday_0dte":
        strikes = {}
        for leg in legs_of(proposal):
            strikes.setdefault(leg.option.right, []).append(leg.option.strike)
        return sum(0.08 * (max(side) - min(side)) for side in strikes.values())
    if strategy == "lt112":
        return 0.003 * proposal["numbers"]["price"]
    return 0.0 if strategy in ("futures_strangle", "leap_put_ladder") else None


def changes(replay):
    """What is added to a live campaign: the next short leg, a later long leg, the one roll-in of a strangle."""
    for step in _changes(replay):
        event, campaign = step.event, step.before[step.event["campaign"]]
        what = event.get("tags", {}).get("adjustment")
        if what == "sell_short":
            yield from _sold_again(step, campaign, replay)
        elif what == "roll_long":
            days = min(leg.option.dte(step.day) for leg in legs_of(event))
            limit = 90 if any(leg.option.right == "C" for leg in legs_of(event)) else 45
            if days > limit:
                yield Violation(step.line, "roll", f"{campaign.id}: long leg rolled at {days} days, expected at most {limit}")
        elif what == "roll_in":
            yield from _rolled_in(step, campaign)
        else:
            yield Violation(step.line, "roll", f"{campaign.id}: {event['legs']} added for no reason the rulebook knows")


def _sold_again(step, campaign, replay):
    longs = [option for option, quantity in campaign.holdings.items() if quantity > 0]
    legs = legs_of(step.event)
    if not longs or campaign.shorts():
        yield Violation(
            step.line, "roll", f"{campaign.id}: a short leg sold beside {len(longs)} long and {len(campaign.shorts())} short legs"
        )
        return
    if legs[0].option.right == "P" and legs[0].option.strike != longs[0].strike:
        yield Violation(step.line, "strike", f"{campaign.id}: sold at {legs[0].option.strike:g}, the long leg is at {longs[0].strike:g}")
    if legs[0].option in campaign.roles:
        yield Violation(step.line, "roll", f"{campaign.id}: {legs[0].option} is sold again, which it has bought back before")
    if sessions.is_last_of_week(step.day):
        return
    reasons = _reasons(replay, campaign.id, step.line)
    is_inside = legs[0].option.right == "P" and legs[0].option.strike > step.event["numbers"].get("spot", float("inf"))
    if "assignment_risk" not in reasons[-1:] and not (is_inside and reasons[-1:] == ["extrinsic"]):
        yield Violation(
            step.line, "entry-day", f"{campaign.id}: a short leg sold on {step.day:%A %Y-%m-%d}, expected the week's last session"
        )


def _rolled_in(step, campaign):
    numbers = step.event["numbers"]
    if step.event["credit"] <= 0.0:
        yield Violation(step.line, "roll", f"{campaign.id}: rolled in for a debit of {-step.event['credit']:g}")
    if numbers.get("tested_delta", 0.0) < 0.20:
        yield Violation(
            step.line, "roll", f"{campaign.id}: rolled in at a tested delta of {numbers.get('tested_delta')}, expected 0.20 or more"
        )
    if not 0.07 <= numbers.get("rolled_delta", 0.0) <= 0.13:
        yield Violation(step.line, "roll", f"{campaign.id}: rolled to a delta of {numbers.get('rolled_delta')}, expected about 0.10")
    if len(campaign.roles) > 2:
        yield Violation(step.line, "roll", f"{campaign.id}: rolled in a second time")


CHECKS = (days_and_times, expiries, structures, filled_credits, changes)
