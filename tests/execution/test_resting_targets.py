"""The resting profit target of a condor, also while nobody bids for a wing."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from domain.contract import Contract, Right, Role, Settlement, Style
from domain.position import Holding, Position
from domain.proposal import Hold
from domain.quote import Quote
from execution.position_book import PositionBook
from execution.position_management import Isolation, PositionManagement
from reporting.performance_tracker import Journal

NOW = dt.datetime(2024, 1, 5, 11, 0, tzinfo=ZoneInfo("America/New_York"))


def option(right, strike):
    close = NOW.replace(hour=16)
    return Contract(f"{right}{strike}", "SPX", "SPX", "SPXW", right, strike, close.date(), close, 100.0, Style.EUROPEAN, Settlement.CASH)


SHORT_PUT, LONG_PUT = Holding(option(Right.PUT, 4690.0), -1, 3.0, Role.SHORT_PUT), Holding(option(Right.PUT, 4660.0), 1, 0.6, Role.LONG_PUT)
SHORT_CALL, LONG_CALL = (
    Holding(option(Right.CALL, 4720.0), -1, 3.0, Role.SHORT_CALL),
    Holding(option(Right.CALL, 4750.0), 1, 0.1, Role.LONG_CALL),
)
CONDOR = (SHORT_PUT, LONG_PUT, SHORT_CALL, LONG_CALL)


class Market:
    now = NOW

    def __init__(self, unbid):
        self.unbid = {holding.contract.key for holding in unbid}

    def quote(self, contract):
        return Quote(None if contract.key in self.unbid else 1.0, 1.1, NOW)


class Router:
    def __init__(self):
        self.sent = []

    def closing_of(self, _campaign):
        return None

    def submit(self, proposal, units, _now, *, resting_credit=None):
        self.sent.append((proposal, units, resting_credit))


class Waiting:
    """A strategy that holds and wants its target to rest."""

    def manage(self, *_):
        return Hold()

    def resting_exit(self, _position):
        return -2.65


class Account:
    def view(self):
        return None


def holds(*_):
    """A rule that closes nothing."""


def rested(holdings, unbid=()):
    market, router, journal, book = Market(unbid), Router(), Journal(), PositionBook()
    book.put(
        Position(
            campaign_id="friday_0dte/SPX/x",
            strategy="friday_0dte",
            underlying="SPX",
            units=1,
            holdings=holdings,
            opened_at=NOW,
            premium_dollars=530.0,
            fees_dollars=4.0,
            entry_credit_dollars=530.0,
        )
    )
    PositionManagement({"friday_0dte": Waiting()}, holds, holds, market, Account(), book, router, journal, Isolation(journal, market)).beat(
        NOW
    )
    assert journal.errors == 0
    return [({leg.contract.key for leg in proposal.legs}, credit) for proposal, _, credit in router.sent]


@pytest.mark.parametrize(
    ("holdings", "unbid", "expected", "why"),
    [
        (CONDOR, (), CONDOR, "all four legs"),
        (CONDOR, (LONG_CALL,), CONDOR[:3], "a wing nobody bids for is left to expire, the target rests all the same"),
        (CONDOR, (LONG_CALL, LONG_PUT), (SHORT_PUT, SHORT_CALL), "both wings"),
        ((LONG_CALL,), (), (), "a wing left over has no target of its own"),
        ((LONG_CALL,), (LONG_CALL,), (), "nor when nobody bids for it"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_target_rests_for_whatever_can_be_closed(holdings, unbid, expected, why):
    sent = rested(holdings, unbid)
    assert sent == ([({holding.contract.key for holding in expected}, -2.65)] if expected else []), why
