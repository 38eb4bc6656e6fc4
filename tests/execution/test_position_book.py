"""The book: what fills, expiries and assignments make of a campaign."""

from dataclasses import replace

import pytest
from contracts import at, option

from domain.contract import Contract, Leg, Role
from domain.position import PositionStatus
from domain.proposal import Proposal
from domain.state import ExitReason, Intent
from execution.position_book import BookError, Fill, PositionBook

NOW = at("2024-01-05 10:31")
SHORT, LONG = option("P", 4680), option("P", 4650)
LEGS = (Leg(SHORT, -1, Role.SHORT_PUT), Leg(LONG, 1, Role.LONG_PUT))


def proposal(campaign: str = "c1", legs: tuple[Leg, ...] = LEGS, underlying: str = "SPX", **changes: object) -> Proposal:
    base = Proposal(
        id=f"{campaign}/open", campaign_id=campaign, strategy="friday_0dte", intent=Intent.OPEN, underlying=underlying, legs=legs, units=2, credit=4.0,
        natural_credit=3.8, multiplier=100.0, at=NOW, loss_at_stop_dollars=400.0, max_loss_dollars=2600.0,
    )  # fmt: skip
    return replace(base, **changes)


def fill(contract: Contract, quantity: int, price: float, fee: float = 0.0, role: Role = Role.SHORT_PUT) -> Fill:
    return Fill(contract, role, quantity, price, fee, NOW)


def opened() -> PositionBook:
    book = PositionBook()
    book.apply_entry(proposal(), 2, [fill(SHORT, -2, 5.0, 2.0), fill(LONG, 2, 1.0, 2.0, Role.LONG_PUT)])
    return book


def test_an_entry_makes_a_campaign_with_its_cash_and_planned_losses():
    (position,) = opened().positions
    assert position.premium_dollars == position.entry_credit_dollars == 800.0
    assert position.fees_dollars == 4.0
    assert position.loss_at_stop_dollars == 800.0
    assert {holding.contract.key: holding.quantity for holding in position.holdings} == {SHORT.key: -2, LONG.key: 2}


def test_a_closed_campaign_leaves_its_result_after_fees():
    book = opened()
    book.apply_exit("c1", [fill(SHORT, 2, 2.0), fill(LONG, -2, 0.5)], ExitReason.PROFIT_TARGET)
    assert book.positions == ()
    (trade,) = book.closed_trades
    assert trade.profit_dollars == 800.0 - 300.0 - 4.0
    assert trade.risk_dollars == 800.0


def test_cash_settlement_pays_the_intrinsic_value_of_each_leg():
    book = opened()
    for contract in (SHORT, LONG):
        book.apply_expiry(contract.key, 4640.0, NOW, is_in_the_money=True, is_assignment=contract is SHORT)
    (trade,) = book.closed_trades
    assert trade.profit_dollars == 800.0 - 2 * 40.0 * 100.0 + 2 * 10.0 * 100.0 - 4.0


def test_worthless_expiry_keeps_the_credit():
    book = opened()
    for contract in (SHORT, LONG):
        book.apply_expiry(contract.key, None, NOW, is_in_the_money=False, is_assignment=False)
    assert book.closed_trades[0].profit_dollars == 796.0


def test_a_worthless_wing_left_over_does_not_hide_why_its_structure_was_closed():
    book = opened()
    book.apply_exit("c1", [fill(SHORT, 2, 1.0)], ExitReason.TIME)
    (position,) = book.apply_expiry(LONG.key, 4700.0, NOW, is_in_the_money=False, is_assignment=False)
    assert (position.status, position.exit_reason) == (PositionStatus.CLOSED, ExitReason.TIME)


def test_assignment_leaves_shares_in_the_same_campaign_until_they_are_sold():
    put = option("P", 470, underlying="SPY")
    book = PositionBook()
    book.apply_entry(proposal(legs=(Leg(put, -1, Role.NAKED_PUT),), underlying="SPY"), 1, [fill(put, -1, 3.0)])
    (position,) = book.apply_expiry(put.key, 460.0, NOW, is_in_the_money=True, is_assignment=True)
    assert (position.share_quantity, position.status, position.exit_reason) == (100, PositionStatus.ASSIGNED, ExitReason.ASSIGNED)
    closed = book.apply_shares("c1", -100, 459.0, 1.0, 0.0, NOW)
    assert closed.status is PositionStatus.CLOSED
    assert book.closed_trades[0].profit_dollars == 300.0 - 47_000.0 + 45_900.0


def test_an_option_on_a_future_delivers_one_future_at_its_point_value():
    put = option("P", 3100, underlying="ES", multiplier=50.0)
    book = PositionBook()
    book.apply_entry(proposal(legs=(Leg(put, -1, Role.NAKED_PUT),), underlying="ES"), 1, [fill(put, -1, 10.0)])
    (position,) = book.apply_expiry(put.key, 3080.0, NOW, is_in_the_money=True, is_assignment=True)
    assert position.share_quantity == 1
    book.apply_shares("c1", -1, 3080.0, 50.0, 0.0, NOW)
    assert book.closed_trades[0].profit_dollars == 500.0 - 20.0 * 50.0


def test_a_change_of_shape_stays_one_campaign():
    book = opened()
    next_short = option("P", 4660, "2024-01-12")
    roll = proposal(legs=(Leg(next_short, -1, Role.SHORT_PUT),), loss_at_stop_dollars=None)
    position = book.apply_entry(roll, 2, [fill(next_short, -2, 6.0)])
    assert position.campaign_id == "c1"
    assert len(position.holdings) == 3
    assert position.entry_credit_dollars == 800.0 + 1200.0
    assert position.loss_at_stop_dollars == 800.0


def test_an_average_price_belongs_to_what_is_left():
    book = opened()
    position = book.apply_exit("c1", [fill(SHORT, 1, 9.0)], ExitReason.STOP)
    short = next(holding for holding in position.holdings if holding.contract == SHORT)
    assert (short.quantity, short.average_price) == (-1, 5.0)


@pytest.mark.parametrize(("campaign", "quantity"), [("c1", 3), ("nobody", 1)])
def test_a_fill_that_does_not_fit_is_refused_and_changes_nothing(campaign, quantity):
    book = opened()
    before = book.positions
    with pytest.raises(BookError):
        book.apply_exit(campaign, [fill(SHORT, quantity, 1.0)], ExitReason.STOP)
    assert book.positions == before
