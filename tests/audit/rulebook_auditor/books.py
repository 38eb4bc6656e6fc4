"""Does the journal add up: ids, fills, positions, cash, equity, errors."""

from math import floor

from rulebook_auditor.records import Violation, legs_of
from rulebook_auditor.replay import FUTURES

_CENT = 0.011
_RULES = ("trading_state", "phase", "correlation", "defensive", "buying_power", "portfolio_limits", "size")


def errors(replay):
    """No line of the journal is an error."""
    for step in replay.of_kind("error"):
        yield Violation(step.line, "errors", f"{step.event.get('what')} {step.event.get('subject')}: {step.event.get('error')}")


def numbering(replay):
    """Lines count from one without a gap."""
    for step in replay.steps:
        if step.event.get("n", step.line) != step.line:
            yield Violation(
                step.line, "numbering", f"event number {step.event['n']}, expected {step.line}: lines are missing or were added"
            )


def orphans(replay):
    """Whatever is filled or expires belongs to a campaign that is live."""
    for line, message in replay.orphans:
        yield Violation(line, "ids", message)


def ids(replay):
    """proposal → verdict → order → fill, joined by ids."""
    verdicts = {}
    for step in replay.steps:
        event = step.event
        if step.kind == "verdict":
            verdicts[event["proposal"]] = event
            if event["proposal"] not in replay.proposals:
                yield Violation(step.line, "ids", f"a verdict on {event['proposal']}, which was never proposed")
        elif step.kind == "order" and event.get("intent") == "open":
            yield from _judged(step, replay, verdicts)
        elif step.kind == "fill" and not event.get("is_foreign") and "shares" not in event:
            yield from _ordered(step, replay)


def _judged(step, replay, verdicts):
    name, units = step.event["proposal"], step.event["units"]
    if name not in replay.proposals or replay.proposals[name][0] > step.line:
        yield Violation(step.line, "ids", f"an opening order for {name}, which was not proposed before")
    verdict = verdicts.get(name)
    if verdict is None:
        yield Violation(step.line, "ids", f"an opening order for {name}, on which no verdict was recorded")
    elif units > verdict["units"]:
        yield Violation(step.line, "verdict", f"{units} units ordered, {verdict['units']} allowed")


def _ordered(step, replay):
    event = step.event
    order = replay.orders.get(tuple(event["orders"]))
    if order is None or order.line > step.line:
        yield Violation(step.line, "ids", f"a fill of orders {event['orders']}, which were never recorded")
        return
    if event["proposal"] != order.proposal and event["proposal"] not in replay.exits:
        yield Violation(step.line, "ids", f"a fill for {event['proposal']}, which is neither its order's proposal nor an exit")
    if event["campaign"] != order.campaign:
        yield Violation(step.line, "ids", f"a fill for {event['campaign']} of an order of {order.campaign}")


def verdicts(replay):
    """Every rule spoke, and the smallest size won."""
    for step in replay.of_kind("verdict"):
        said = step.event["verdicts"]
        if len(said) < len(_RULES):
            spoke = [one["rule"] for one in said]
            yield Violation(step.line, "verdict", f"{len(said)} rules judged ({', '.join(spoke)}), expected {len(_RULES)}")
        if not said:
            continue
        allowed = floor(min(one["units"] for one in said) * min(one.get("size_factor", 1.0) for one in said))
        if step.event["units"] != allowed:
            yield Violation(step.line, "verdict", f"{step.event['units']} units decided, the verdicts allow {allowed}")
        if step.event["units"] < step.event["wanted"] and not step.event["codes"]:
            yield Violation(step.line, "verdict", "units were taken away without a code")


def positions(replay):
    """A position event shows what the fills add up to: contracts, premium, fees, result."""
    for step in replay.of_kind("position"):
        name, event = step.event["campaign"], step.event
        campaign = step.before.get(name)
        if event["status"] == "closed":
            campaign = next((one for one in reversed(replay.closed) if one.id == name), None)
            if name in step.before:
                yield Violation(step.line, "book", f"{name} is called closed, the fills leave {_shown(step.before[name].holdings)}")
                continue
        if campaign is None:
            yield Violation(step.line, "book", f"{name} has a position but no fills")
            continue
        held = {leg.option: leg.quantity for leg in legs_of(event, "holdings")}
        if held != dict(campaign.holdings):
            yield Violation(step.line, "book", f"{name} holds {_shown(held)}, the fills leave {_shown(campaign.holdings)}")
        for what, value in (("premium", campaign.premium), ("fees", campaign.fees), ("result", campaign.result)):
            if event.get(what) is not None and abs(event[what] - value) > _CENT:
                yield Violation(step.line, "book", f"{name}: {what} {event[what]:.2f}, the fills make {value:.2f}")
        if event.get("shares", 0) != campaign.shares:
            yield Violation(step.line, "book", f"{name}: {event.get('shares', 0)} shares, deliveries and sales leave {campaign.shares}")


def _shown(holdings):
    return ", ".join(f"{quantity:+d} {option}" for option, quantity in sorted(holdings.items())) or "nothing"


def equity(replay):
    """Cash and holdings make the equity; cash is what it was at the start and what all fills brought."""
    start = None
    for step in replay.of_kind("account"):
        event = step.event
        has_future = any(one.shares and one.underlying in FUTURES for one in step.before.values())
        if not has_future and abs(event["cash"] + event["holdings"] - event["equity"]) > _CENT:
            total = event["cash"] + event["holdings"]
            yield Violation(step.line, "equity", f"cash and holdings make {total:.2f}, equity is {event['equity']:.2f}")
        start = event["cash"] if start is None else start


def ledger(replay):
    """Cash at every account line is the start's plus what fills, settlements and fees made of it."""
    accounts = replay.of_kind("account")
    known = {step.line: step for step in accounts}
    closed_by_line = _closings(replay)
    for step in known.values():
        finished = sum(result for line, result in closed_by_line if line < step.line)
        running = sum(campaign.result for campaign in step.before.values())
        expected = accounts[0].event["cash"] + finished + running
        if abs(step.event["cash"] - expected) > 1.0:
            yield Violation(step.line, "ledger", f"cash {step.event['cash']:.2f}, the fills make {expected:.2f}")


def _closings(replay):
    """(line, result) of every finished campaign: the line after which it is no longer live."""
    found = []
    remaining = list(replay.closed)
    for step, following in zip(replay.steps, replay.steps[1:], strict=False):
        for name in step.before.keys() - following.before.keys():
            campaign = next(one for one in remaining if one.id == name)
            remaining.remove(campaign)
            found.append((step.line, campaign.result))
    return found


CHECKS = (errors, numbering, orphans, ids, verdicts, positions, equity, ledger)
