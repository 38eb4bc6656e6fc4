"""The book added up again from a journal: what was held before and after every line, from fills and expiries alone."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from rulebook_auditor.records import LegLine, Option, legs_of

_CASH_SETTLED = frozenset({"SPXW", "SPX", "NDXP", "NDX", "RUTW", "RUT", "XSP", "VIXW", "VIX"})
FUTURES = frozenset({"ES", "NQ", "CL", "NG", "RB", "HO", "ZN", "ZT", "ZB", "ZC", "ZS", "ZW", "GC", "SI", "HG"})


@dataclass(frozen=True)
class Campaign:
    """One campaign as the fills make it. Cash > 0 is received; quantities < 0 are short."""

    id: str
    strategy: str
    underlying: str
    units: int
    opened_at: datetime
    multiplier: float
    numbers: Mapping[str, float]
    tags: Mapping[str, str]
    holdings: Mapping[Option, int] = field(default_factory=dict)
    roles: Mapping[Option, str] = field(default_factory=dict)
    prices: Mapping[Option, float] = field(default_factory=dict)
    entry_cash: float = 0.0
    premium: float = 0.0
    fees: float = 0.0
    shares: int = 0
    share_cash: float = 0.0
    rolls: int = 0

    @property
    def is_live(self):
        return bool(self.holdings) or self.shares != 0

    @property
    def result(self):
        return self.premium + self.share_cash - self.fees

    def shorts(self):
        return {option: quantity for option, quantity in self.holdings.items() if quantity < 0}

    def with_role(self, *roles):
        return {option: quantity for option, quantity in self.holdings.items() if self.roles.get(option) in roles}


@dataclass(frozen=True)
class Order:
    """An order of the journal, from its line on."""

    line: int
    at: datetime
    proposal: str
    campaign: str
    is_opening: bool
    units: int
    legs: tuple[LegLine, ...]
    ids: tuple[int, ...]

    def is_filled(self, replay):
        """Whether anything of it was."""
        return self.ids in replay.filled


@dataclass(frozen=True)
class Step:
    """One line with what was held before it."""

    line: int
    at: datetime
    event: Mapping
    before: Mapping[str, Campaign]
    working: Mapping[tuple[int, ...], Order]

    @property
    def kind(self):
        return self.event["kind"]

    @property
    def day(self):
        return self.at.date()


class Replay:
    """All steps of a journal, and what each check looks up in them."""

    def __init__(self, events):
        self.proposals = {}
        self.orders = {}
        self.exits = {}
        self.filled = set()
        self.steps = []
        self.closed = []
        self._live, self._working, self.orphans = {}, {}, []
        for line, event in enumerate(events, 1):
            at = datetime.fromisoformat(event["at"])
            self.steps.append(Step(line, at, event, self._live, self._working))
            handler = getattr(self, f"_on_{event['kind']}", None)
            if handler is not None:
                handler(line, at, event)
        self.last = self._live

    def of_kind(self, *kinds):
        return [step for step in self.steps if step.kind in kinds]

    @cached_property
    def first_day(self):
        return self.of_kind("account")[0].day

    @cached_property
    def last_day(self):
        return self.steps[-1].day

    def live_at(self, moment):
        """The book just before the first line at or after a moment, with that line; None past the journal's end."""
        step = next((step for step in self.steps if step.at >= moment), None)
        return (step.line, step.before) if step is not None else None

    def _put(self, campaign):
        live = {**self._live, campaign.id: campaign}
        if not campaign.is_live:
            live.pop(campaign.id)
            self.closed.append(campaign)
        self._live = live

    def _on_proposal(self, line, at, event):
        self.proposals[event["id"]] = (line, at, event)

    def _on_exit(self, line, at, event):
        self.exits[event["proposal"]] = (line, at, event)

    def _on_order(self, line, at, event):
        if "legs" not in event:
            return
        ids = tuple(event["orders"])
        order = Order(line, at, event["proposal"], event["campaign"], event["intent"] == "open", event["units"], legs_of(event), ids)
        self.orders[ids] = order
        self._working = {**self._working, ids: order}

    def _on_order_end(self, _line, _at, event):
        self._working = {ids: order for ids, order in self._working.items() if ids != tuple(event["orders"])}

    def _on_fill(self, line, at, event):
        self.filled.add(tuple(event.get("orders", ())))
        campaign = self._live.get(event["campaign"])
        if "shares" in event:
            if campaign is None:
                self.orphans.append((line, f"shares filled for {event['campaign']}, which is not live"))
                return
            point = campaign.multiplier if campaign.underlying in FUTURES else 1.0
            self._put(
                replace(
                    campaign,
                    shares=campaign.shares + event["shares"],
                    share_cash=campaign.share_cash - event["shares"] * event["price"] * point,
                    fees=campaign.fees + event["fee"],
                )
            )
            return
        order = self.orders.get(tuple(event["orders"]))
        if campaign is None:
            campaign = self._opened(at, event, order)
        if campaign is None:
            self.orphans.append((line, f"a fill of {event['contract']} for {event['campaign']}, which is not live, by no opening order"))
            return
        self._put(_filled(campaign, event, order))

    def _opened(self, at, event, order):
        known = None if order is None or not order.is_opening else self.proposals.get(order.proposal)
        if known is None:
            return None
        _, _, proposal = known
        return Campaign(
            event["campaign"],
            proposal["strategy"],
            proposal["underlying"],
            order.units,
            at,
            proposal["multiplier"],
            proposal.get("numbers", {}),
            proposal.get("tags", {}),
        )

    def _on_expiry(self, line, _at, event):
        campaign = self._live.get(event["campaign"])
        option = Option.parse(event["contract"])
        if campaign is None or option not in campaign.holdings:
            self.orphans.append((line, f"{option} expired for {event['campaign']}, which does not hold it"))
            return
        quantity = campaign.holdings[option]
        holdings = {held: count for held, count in campaign.holdings.items() if held != option}
        changed = replace(campaign, holdings=holdings)
        if event["is_in_the_money"] and option.root in _CASH_SETTLED:
            changed = replace(
                changed, premium=changed.premium + quantity * option.intrinsic(event["underlying_price"]) * campaign.multiplier
            )
        elif event["is_in_the_money"]:
            is_future = campaign.underlying in FUTURES
            shares = quantity * (1 if option.right == "C" else -1) * (1 if is_future else int(campaign.multiplier))
            point = campaign.multiplier if is_future else 1.0
            changed = replace(changed, shares=changed.shares + shares, share_cash=changed.share_cash - shares * option.strike * point)
        self._put(changed)


def _filled(campaign, event, order):
    option, quantity = Option.parse(event["contract"]), event["quantity"]
    held = campaign.holdings.get(option, 0) + quantity
    holdings = {one: count for one, count in campaign.holdings.items() if one != option}
    if held:
        holdings[option] = held
    is_opening = order is not None and order.is_opening
    roles = dict(campaign.roles)
    if order is not None:
        roles |= {leg.option: leg.role for leg in order.legs if leg.option == option}
    return replace(
        campaign,
        holdings=holdings,
        roles=roles,
        prices={**campaign.prices, option: event["price"]} if is_opening else campaign.prices,
        premium=campaign.premium + event["cash"],
        entry_cash=campaign.entry_cash + (event["cash"] if is_opening else 0.0),
        fees=campaign.fees + event["fee"],
    )
