"""What may be held: no half-filled structure, nothing uncovered but the rulebook's naked legs, nothing past its expiry."""

from datetime import timedelta

from rulebook_auditor import sessions
from rulebook_auditor.records import Violation
from rulebook_auditor.replay import Campaign


def half_filled(replay):
    """Once an order has ended, every leg was filled in the structure's proportion, or none."""
    fills, ended = {}, {}
    for step in replay.steps:
        ids = tuple(step.event.get("orders", ()))
        if step.kind == "fill" and ids in replay.orders:
            fills.setdefault(ids, []).append(step)
        elif step.kind == "order_end":
            ended[ids] = step
    for ids, step in ended.items():
        order, found = replay.orders.get(ids), fills.get(ids, [])
        if order is None:
            continue
        wanted = {str(leg.option): leg.quantity * order.units for leg in order.legs}
        done = {}
        for fill in found:
            done[fill.event["contract"]] = done.get(fill.event["contract"], 0) + fill.event["quantity"]
        if step.event["end"] == "filled" and done != wanted:
            yield Violation(step.line, "half-filled", f"{order.campaign}: filled {done}, ordered {wanted}")
        elif step.event["end"] != "filled" and found and not _is_proportional(done, wanted):
            yield Violation(step.line, "half-filled", f"{order.campaign}: ended {step.event['end']} with {done} of {wanted}")


def _is_proportional(done, wanted):
    return len({done.get(name, 0) / quantity for name, quantity in wanted.items()}) == 1


def uncovered(holdings) -> int:
    """Short contracts that no bought one of the same right and no earlier expiry covers."""
    total = 0
    for right in "CP":
        free = sorted(
            (option.expiry for option, count in holdings.items() if option.right == right for _ in range(max(0, count))), reverse=True
        )
        shorts = sorted(
            (option.expiry for option, count in holdings.items() if option.right == right for _ in range(max(0, -count))), reverse=True
        )
        for expiry in shorts:
            if free and free[0] >= expiry:
                free.pop(0)
            else:
                total += 1
    return total


def naked_allowed(campaign: Campaign) -> int:
    """Uncovered short contracts the rulebook lets a campaign have."""
    if campaign.strategy in ("futures_strangle", "leap_put_ladder"):
        return sum(-count for count in campaign.shorts().values())
    return 2 * campaign.units if campaign.strategy == "lt112" else 0


def naked(replay):
    """After each fill's order, shorts are covered as the rulebook wants; looked at where a position is booked."""
    for step in replay.of_kind("position"):
        campaign = step.before.get(step.event["campaign"])
        if campaign is None or step.event.get("reason") == "expired":  # a settled structure leaves leg by leg
            continue
        bare, allowed = uncovered(campaign.holdings), naked_allowed(campaign)
        if bare > allowed:
            yield Violation(step.line, "naked", f"{campaign.id}: {bare} uncovered short contracts, {allowed} allowed")


def _is_whole(campaign):
    shorts, longs = campaign.shorts(), {o: q for o, q in campaign.holdings.items() if q > 0}
    if campaign.strategy == "lt112":
        return not shorts or sum(longs.values()) > 0
    if campaign.strategy == "ipmcc":
        return bool(longs) and len(shorts) <= 1
    if campaign.strategy == "futures_strangle":
        return not longs and len(shorts) <= 2 and len({option.right for option in shorts}) == len(shorts)
    if campaign.strategy == "leap_put_ladder":
        return not longs and all(option.right == "P" for option in shorts)
    return True


def overnight(replay):
    """What is held at the next session's opening: whole structures, no 0DTE, nothing expired, shares one session at most."""
    for day in sessions.days_between(replay.first_day, replay.last_day):
        found = replay.live_at(sessions.opens_at(sessions.next_session(day)))
        if found is None:
            return
        line, live = found
        for campaign in live.values():
            if campaign.strategy == "friday_0dte":
                yield Violation(line, "overnight", f"{campaign.id} was held over the night of {day}")
            expired = [str(option) for option in campaign.holdings if option.expiry <= day]
            if expired:
                yield Violation(line, "overnight", f"{campaign.id} still holds {', '.join(expired)} after {day}")
            if not _is_whole(campaign):
                yield Violation(line, "half-open", f"{campaign.id} was left as {_shown(campaign)} over the night of {day}")


def shares(replay):
    """Delivered shares are traded away at the next session."""
    for day in sessions.days_between(replay.first_day, replay.last_day):
        at_open, at_end = (replay.live_at(moment) for moment in (sessions.opens_at(day), sessions.closes_at(day) + timedelta(minutes=1)))
        if at_open is None or at_end is None:
            continue
        for name, campaign in at_open[1].items():
            after = at_end[1].get(name)
            if campaign.shares and after is not None and after.shares == campaign.shares:
                yield Violation(at_end[0], "shares", f"{name} kept {campaign.shares} delivered shares through the session of {day}")


def _shown(campaign):
    return ", ".join(f"{quantity:+d} {option}" for option, quantity in sorted(campaign.holdings.items()))


CHECKS = (half_filled, naked, overnight, shares)
