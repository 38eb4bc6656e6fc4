"""The figures behind a size: margin by VIX, stress, tail, Kelly and the halved size, each computed again from what the journal shows."""

from math import floor

from rulebook_auditor import rulebook
from rulebook_auditor.records import Violation, legs_of

_CENT = 1.0


def _sized(replay):
    """(step of the order, its proposal, figures of each rule by name) of every opening order."""
    verdicts = {step.event["proposal"]: step.event for step in replay.of_kind("verdict")}
    for step in replay.of_kind("order"):
        event = step.event
        proposal = replay.proposals.get(event.get("proposal"), (0, None, None))[2]
        if event.get("intent") == "open" and proposal is not None and event.get("proposal") in verdicts:
            yield step, proposal, {one["rule"]: one for one in verdicts[event["proposal"]]["verdicts"]}


def _figures(step, said, rule, *names):
    """The named figures of a rule's verdict; a violation where one is missing."""
    numbers = said.get(rule, {}).get("numbers", {})
    missing = [name for name in names if numbers.get(name) is None]
    if missing:
        return None, [Violation(step.line, "figures", f"{step.event['campaign']}: {rule} told no {', '.join(missing)}")]
    return numbers, []


def buying_power(replay):
    """The margin in use with the new units is within the VIX's share of the account, and 60 % of it within one strategy."""
    names = ("vix", "phase", "usable_dollars", "used_estimated_dollars", "margin_estimated_per_unit", "strategy_used_dollars")
    for step, proposal, said in _sized(replay):
        if step.event["campaign"] in step.before:
            continue
        numbers, missing = _figures(step, said, "buying_power", *names)
        yield from missing
        value = said.get("phase", {}).get("numbers", {}).get("net_liquidation_value")
        if numbers is None or value is None:
            continue
        usable = rulebook.usable_share(numbers["vix"], int(numbers["phase"])) * value
        if abs(usable - numbers["usable_dollars"]) > _CENT:
            yield Violation(
                step.line, "margin", f"{numbers['usable_dollars']:.0f} usable at VIX {numbers['vix']:g}, the rulebook makes {usable:.0f}"
            )
        more = step.event["units"] * numbers["margin_estimated_per_unit"]
        used = numbers["used_estimated_dollars"]
        if more > 0 and used + more > usable + _CENT:
            yield Violation(step.line, "margin", f"{used:.0f} + {more:.0f} of margin, {usable:.0f} allowed")
        mine, limit = numbers["strategy_used_dollars"], rulebook.STRATEGY_SHARE * usable
        if more > 0 and mine + more > limit + _CENT:
            yield Violation(step.line, "margin", f"{proposal['strategy']}: {mine:.0f} + {more:.0f} of margin, {limit:.0f} allowed")


def stress(replay):
    """Book and new units lose at most 35 % of the account in the worst scenario, and lean at most 60 % of it to one side."""
    names = ("net_liquidation_value", "stress_loss_with_one_unit_dollars", "book_beta_delta_dollars", "unit_beta_delta_dollars")
    for step, _, said in _sized(replay):
        numbers, missing = _figures(step, said, "portfolio_limits", *names)
        yield from missing
        if numbers is None:
            continue
        value = numbers["net_liquidation_value"]
        loss, limit = numbers["stress_loss_with_one_unit_dollars"], rulebook.STRESS_SHARE * value
        if loss > limit + _CENT:
            yield Violation(step.line, "stress", f"{loss:.0f} lost in the worst scenario, {limit:.0f} allowed")
        lean = numbers["book_beta_delta_dollars"] + step.event["units"] * numbers["unit_beta_delta_dollars"]
        if abs(lean) > rulebook.DELTA_SHARE * value + _CENT:
            yield Violation(step.line, "stress", f"a delta of {lean:.0f} dollars, {rulebook.DELTA_SHARE * value:.0f} allowed")


def tail(replay):
    """The worst a covered day trade can lose is 5 % of the account."""
    value = None
    for step in replay.steps:
        if step.kind == "account":
            value = step.event["equity"]
        proposal = replay.proposals.get(step.event.get("proposal"), (0, None, None))[2] if step.kind == "order" else None
        if proposal is None or step.event.get("intent") != "open" or proposal["strategy"] != "friday_0dte" or value is None:
            continue
        strikes = {}
        for leg in legs_of(proposal):
            strikes.setdefault(leg.option.right, []).append(leg.option.strike)
        width = max(max(side) - min(side) for side in strikes.values())
        worst = (width - proposal["credit"]) * proposal["multiplier"] * step.event["units"]
        allowed = rulebook.TAIL_SHARE * value * rulebook.DAILY_VALUE_TOLERANCE
        if worst > allowed:
            yield Violation(step.line, "size", f"{step.event['campaign']} may lose {worst:.0f}, {allowed:.0f} allowed")


def kelly(replay):
    """No new bet of a strategy whose closed trades show no edge, and none larger than a quarter of Kelly (one unit: the whole)."""
    closed = []
    for step in replay.steps:
        event = step.event
        if step.kind == "position" and event["status"] == "closed" and event.get("result") is not None:
            campaign = next((one for one in reversed(replay.closed) if one.id == event["campaign"]), None)
            if campaign is not None:
                closed.append((step.at, event["strategy"], event["result"], _planned_loss(replay, campaign)))
        proposal = replay.proposals.get(event.get("proposal"), (0, None, None))[2] if step.kind == "order" else None
        if proposal is None or event.get("intent") != "open" or event["campaign"] in step.before:
            continue
        planned, loss = rulebook.PLANNED_WINS.get(proposal["strategy"]), proposal.get("loss_at_stop_dollars")
        value = next((one.event["equity"] for one in reversed(replay.steps[: step.line]) if one.kind == "account"), None)
        if planned is None or not loss or value is None:
            continue
        full = rulebook.full_kelly([(result, risk) for _, name, result, risk in closed if name == proposal["strategy"]], planned)
        allowed = max(0, floor(rulebook.KELLY_PART * full * value * rulebook.DAILY_VALUE_TOLERANCE / loss))
        if event["units"] > allowed:
            yield Violation(
                step.line, "kelly", f"{event['campaign']}: {event['units']} units at a Kelly share of {full:.3f}, {allowed} allowed"
            )


def _planned_loss(replay, campaign):
    """Dollars the whole campaign planned to lose at its stop, its changes included."""
    total = 0.0
    for order in replay.orders.values():
        if order.campaign == campaign.id and order.is_opening and order.proposal in replay.proposals and order.is_filled(replay):
            total += (replay.proposals[order.proposal][2].get("loss_at_stop_dollars") or 0.0) * order.units
    return total


def halved(replay):
    """From 10 % below the high-water mark on, new size is half: a single unit is none."""
    mark, value = 0.0, None
    said = {step.event["proposal"]: step.event for step in replay.of_kind("verdict")}
    for step in replay.steps:
        if step.kind == "account":
            value = step.event["equity"]
            mark = max(mark, value)
        if step.kind != "order" or step.event.get("intent") != "open" or step.event["campaign"] in step.before or value is None:
            continue
        verdict = said.get(step.event["proposal"])
        depth = 1.0 - value / mark
        if verdict is None or depth < rulebook.DRAWDOWN_HALVED + 0.02:
            continue
        smallest = min((one["units"] for one in verdict["verdicts"]), default=0)
        if step.event["units"] > smallest // 2:
            yield Violation(
                step.line, "state", f"{step.event['units']} units {depth:.1%} below the high-water mark, {smallest // 2} allowed"
            )


def crisis_entries(replay):
    """From VIX 30 on nothing is opened but short puts."""
    for step, proposal, said in _sized(replay):
        vix = said.get("buying_power", {}).get("numbers", {}).get("vix")
        is_new = step.event["campaign"] not in step.before
        is_short_put = all(leg.quantity < 0 and leg.option.right == "P" for leg in legs_of(proposal))
        if is_new and vix is not None and vix >= rulebook.CRISIS_VIX and not is_short_put:
            yield Violation(step.line, "crisis", f"{step.event['campaign']} entered at VIX {vix:g}")


CHECKS = (buying_power, stress, tail, kelly, halved, crisis_entries)
