"""A journal written by hand, in which every strategy enters and leaves by the book, and the means to spoil it."""

import copy
import datetime as dt

import exchange_calendars

RULES = ("trading_state", "phase", "correlation", "defensive", "buying_power", "portfolio_limits", "kelly")
CONDOR = (
    "-1 SPXW 2024-01-05 P4680 short_put",
    "+1 SPXW 2024-01-05 P4650 long_put",
    "-1 SPXW 2024-01-05 C4720 short_call",
    "+1 SPXW 2024-01-05 C4750 long_call",
)
ONE_ONE_TWO = ("+1 SPY 2024-06-07 P455 hedge_long", "-1 SPY 2024-06-07 P450 hedge_short", "-2 SPY 2024-06-07 P400 naked_put")
STRANGLE = ("-1 GLD 2024-05-17 P170 naked_put", "-1 GLD 2024-05-17 C210 naked_call")
CALENDAR = ("+1 QQQ 2024-06-21 P440 long_put", "-1 QQQ 2024-02-16 P440 short_put")
RUNG = ("-1 SPY 2025-01-17 P400 naked_put",)


class Sample:
    """Writes events in order of time and keeps the cash, so that what it writes adds up."""

    def __init__(self, cash=75_000.0):
        self.events, self.cash, self.orders, self.positions = [], cash, 0, {}
        self.values = {}

    def say(self, at, kind, **facts):
        self.events.append({"n": 0, "at": at, "kind": kind, **facts})

    def account(self, at, state="active"):
        holdings = round(sum(self.values.values()), 2)
        equity = round(self.cash + holdings, 2)
        self.say(at, "account", equity=equity, cash=round(self.cash, 2), holdings=holdings, margin_used=9000.0, margin_remaining=60000.0,
                 state=state, positions=len(self.positions))  # fmt: skip

    def enter(
        self, at, strategy, underlying, legs, prices, numbers, *, units=1, tags=None, campaign=None, what="open", loss=500.0, wanted=4
    ):
        campaign = campaign or f"{strategy}/{underlying}/{at[:16]}"
        proposal = f"{strategy}/{underlying}/{at[:16]}/{what}"
        credit = round(-sum(int(leg.split(" ")[0]) * price for leg, price in zip(legs, prices, strict=True)), 4)
        common = {"proposal": proposal, "campaign": campaign, "strategy": strategy}
        self.say(at, "proposal", id=proposal, campaign=campaign, strategy=strategy, intent="open", underlying=underlying, legs=list(legs),
                 units=wanted, credit=credit, natural_credit=credit, multiplier=100.0, loss_at_stop_dollars=loss, numbers=numbers,
                 tags=tags or {})  # fmt: skip
        figures = self.figures(numbers.get("vix", 14.0))
        said = [
            {
                "rule": rule,
                "units": units if rule == "kelly" else wanted,
                "code": None,
                "numbers": figures.get(rule, {}),
                "size_factor": 1.0,
            }
            for rule in RULES
        ]
        codes = ["KELLY_SIZE"] if units < wanted else []
        self.say(at, "verdict", **common, wanted=wanted, units=units, codes=codes, verdicts=said)
        self._trade(at, legs, prices, units, common | {"intent": "open"})
        return campaign

    def figures(self, vix):
        """What the rules tell in phase 3 with little in use: 65 % (VIX 13 to 18) times 0.8 of the account is usable."""
        value = self.cash + sum(self.values.values())
        share = next(share for below, share in ((13, 0.45), (18, 0.65), (25, 0.775), (30, 0.5), (999, 0.8)) if vix < below)
        margin = {"vix": vix, "phase": 3.0, "usable_dollars": min(0.8 * share, 0.75) * value, "used_estimated_dollars": 9000.0}
        return {
            "phase": {"phase": 3.0, "net_liquidation_value": value},
            "buying_power": margin | {"margin_estimated_per_unit": 1000.0, "strategy_used_dollars": 1000.0},
            "portfolio_limits": {
                "net_liquidation_value": value,
                "stress_loss_with_one_unit_dollars": 0.2 * value,
                "book_beta_delta_dollars": 0.1 * value,
                "unit_beta_delta_dollars": 0.1 * value,
            },
        }

    def rest(self, at, campaign, legs, credit, until):
        """A profit target at the engine from one time to another."""
        self.orders += 1
        common = {"proposal": f"{campaign}/exit/{at[:16]}", "campaign": campaign, "orders": [self.orders]}
        self.say(at, "order", **common, strategy=campaign.split("/")[0], intent="close", units=1, legs=list(legs), credit=credit,
                 is_resting=True, reason="profit_target")  # fmt: skip
        self.say(until, "order_end", **common, end="canceled", steps=0)

    def leave(self, at, campaign, legs, prices, reason, *, units=1, urgency="walk"):
        strategy = campaign.split("/")[0]
        proposal = f"{campaign}/exit/{at[:16]}"
        common = {"proposal": proposal, "campaign": campaign, "strategy": strategy}
        self.say(at, "exit", **common, reason=reason, urgency=urgency, legs=list(legs), units=units, numbers={})
        self._trade(at, legs, prices, units, common | {"intent": "close", "reason": reason})

    def _trade(self, at, legs, prices, units, common):
        ids = [self.orders + n + 1 for n in range(len(legs))]
        self.orders += len(legs)
        self.say(at, "order", **common, orders=ids, units=units, legs=list(legs), credit=1.0)
        done = (dt.datetime.fromisoformat(at) + dt.timedelta(minutes=1)).isoformat()
        self.say(done, "order_end", proposal=common["proposal"], campaign=common["campaign"], orders=ids, end="filled", steps=1)
        campaign = common["campaign"]
        position = self.positions.setdefault(campaign, {"holdings": {}, "premium": 0.0, "fees": 0.0, "units": units})
        for leg, price in zip(legs, prices, strict=True):
            ratio, rest = leg.split(" ", 1)
            contract, role = rest.rsplit(" ", 1)
            quantity = int(ratio) * units
            cash = round(-quantity * price * 100.0, 2)
            self.say(done, "fill", campaign=campaign, proposal=common["proposal"], orders=ids, contract=contract, quantity=quantity,
                     price=price, fee=1.0, cash=cash)  # fmt: skip
            held, _, _ = position["holdings"].pop(contract, (0, price, role))
            if held + quantity:
                position["holdings"][contract] = (held + quantity, price, role)
            position["premium"] += cash
            position["fees"] += 1.0
            self.cash += cash - 1.0
        self._show(done, campaign, common)

    def _show(self, at, campaign, common):
        position = self.positions[campaign]
        held = [f"{quantity:+d} {contract} @{price:g} {role}" for contract, (quantity, price, role) in position["holdings"].items()]
        closed = {"status": "closed", "result": position["premium"] - position["fees"]} if not held else {"status": "open"}
        self.say(at, "position", campaign=campaign, strategy=common["strategy"], units=position["units"], holdings=held,
                 premium=position["premium"], fees=position["fees"], reason=common.get("reason"), **closed)  # fmt: skip
        self.values[campaign] = sum(quantity * price * 100.0 for quantity, price, _ in position["holdings"].values())
        if not held:
            del self.positions[campaign], self.values[campaign]


def reverse(legs):
    """The legs that undo these."""
    return [f"{-int(leg.split(' ')[0]):+d} {leg.split(' ', 1)[1]}" for leg in legs]


def numbered(events):
    """A copy in order of time, numbered as a journal is."""
    ordered = sorted(copy.deepcopy(events), key=lambda event: event["at"])
    return [{**event, "n": number} for number, event in enumerate(ordered, 1)]


def good_sample():
    """Five strategies from 5 January to 17 May 2024."""
    sample = Sample()
    sample.say("2024-01-05T09:30:00", "state", event="phase", after=3, numbers={})
    calendar = exchange_calendars.get_calendar("XNYS", start="2024-01-01", end="2024-12-31")
    acts = {
        "2024-01-05": _zero_days,
        "2024-02-07": _one_one_two,
        "2024-02-09": _calendar,
        "2024-02-12": _rung,
        "2024-02-13": _strangle,
        "2024-02-16": _sell_again,
        "2024-02-23": _end_calendar,
        "2024-04-26": _end_strangle,
        "2024-05-08": _end_naked_puts,
    }
    for session in calendar.sessions_in_range("2024-01-05", "2024-05-17"):
        day = f"{session:%Y-%m-%d}"
        sample.account(f"{day}T09:30:00")
        if day in acts:
            acts[day](sample)
        sample.account(f"{day}T16:00:00")
    return sample


def _zero_days(sample):
    numbers = {
        "spot": 4700.0, "session_open": 4705.0, "atr": 40.0, "vix": 14.0, "put_delta": 0.2, "call_delta": 0.2,
        "put_credit": 3.0, "call_credit": 3.0,
    }  # fmt: skip
    at = "2024-01-05T10:30:00"
    campaign = sample.enter(at, "friday_0dte", "SPX", CONDOR, (4.0, 1.0, 4.0, 1.0), numbers, tags={"direction": "condor"})
    sample.rest("2024-01-05T10:32:00", campaign, reverse(CONDOR), -3.0, "2024-01-05T14:59:00")
    sample.leave("2024-01-05T15:00:00", campaign, reverse(CONDOR), (2.0, 0.5, 2.0, 0.5), "time")


def _one_one_two(sample):
    numbers = {"price": 480.0, "long_delta": 0.25, "naked_delta": 0.05, "spread_debit": 0.9, "vix": 16.0}
    sample.enter("2024-02-07T10:00:00", "lt112", "SPY", ONE_ONE_TWO, (8.0, 7.1, 1.3), numbers, units=2)


def _end_naked_puts(sample):
    naked = ["+2 SPY 2024-06-07 P400 naked_put"]
    sample.leave("2024-05-08T09:45:00", "lt112/SPY/2024-02-07T10:00", naked, (0.1,), "dte", units=2)


def _calendar(sample):
    numbers = {"spot": 432.0, "trend_average": 420.0, "vix": 14.0, "long_debit": 18.0, "long_extrinsic": 10.0, "short_extrinsic": 1.5}
    sample.enter("2024-02-09T09:45:00", "ipmcc", "QQQ", CALENDAR, (18.0, 9.5), numbers, wanted=1)


def _sell_again(sample):
    campaign = "ipmcc/QQQ/2024-02-09T09:45"
    sample.leave("2024-02-16T10:00:00", campaign, ["+1 QQQ 2024-02-16 P440 short_put"], (9.0,), "extrinsic")
    legs = ("-1 QQQ 2024-02-23 P440 short_put",)
    sample.enter("2024-02-16T10:30:00", "ipmcc", "QQQ", legs, (9.5,), {"spot": 432.0}, campaign=campaign, what="sell_short",
                 tags={"adjustment": "sell_short"}, wanted=1, loss=0.0)  # fmt: skip


def _end_calendar(sample):
    legs = ["-1 QQQ 2024-06-21 P440 long_put", "+1 QQQ 2024-02-23 P440 short_put"]
    sample.leave("2024-02-23T15:30:00", "ipmcc/QQQ/2024-02-09T09:45", legs, (18.5, 8.0), "profit_target")


def _rung(sample):
    sample.enter("2024-02-12T09:45:00", "leap_put_ladder", "SPY", RUNG, (5.0,), {"delta": 0.13, "vix": 16.0}, wanted=1)


def _strangle(sample):
    numbers = {"put_delta": 0.06, "call_delta": 0.055, "iv_rank": 45.0, "vix": 16.0}
    sample.enter("2024-02-13T09:45:00", "futures_strangle", "GLD", STRANGLE, (0.8, 0.7), numbers, wanted=1)


def _end_strangle(sample):
    sample.leave("2024-04-26T09:45:00", "futures_strangle/GLD/2024-02-13T09:45", reverse(STRANGLE), (0.5, 0.5), "dte")
