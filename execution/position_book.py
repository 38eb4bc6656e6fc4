"""The position book: every campaign from its first fill to its last, as fills, settlements and assignments make it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from domain.contract import Contract, Right, Settlement
from domain.contract import Role
from domain.position import Holding, Position, PositionStatus
from domain.contract import ProductKind, product_of
from domain.proposal import Proposal
from domain.state import ExitReason
from domain.views import ClosedTrade


class BookError(ValueError):
    """Raised when a fill does not fit the book: closing more than is held, or a contract nobody holds. The event is journaled as an error."""


@dataclass(frozen=True, slots=True)
class Fill:
    """One filled leg, as the engine reported it.

    Attributes:
        contract: what was traded.
        role: what the leg is for.
        quantity: contracts, < 0 sold.
        price: points per contract.
        fee_dollars: >= 0.
        at: New York time.
    """

    contract: Contract
    role: Role
    quantity: int
    price: float
    fee_dollars: float
    at: datetime

    @property
    def cash_dollars(self) -> float:
        """Cash flow of the fill before its fee."""
        return -self.quantity * self.price * self.contract.multiplier


class PositionBook:
    """Holds the live campaigns and the results of the finished ones."""

    def __init__(self) -> None:
        """Start empty."""
        self._live: dict[str, Position] = {}
        self._closed: tuple[ClosedTrade, ...] = ()

    def restore(self, positions: Iterable[Position], closed: Iterable[ClosedTrade]) -> None:
        """Take up the campaigns and results another process left."""
        self._live = {position.campaign_id: position for position in positions}
        self._closed = tuple(closed)

    @property
    def positions(self) -> tuple[Position, ...]:
        """Live campaigns in order of opening."""
        return tuple(self._live.values())

    @property
    def closed_trades(self) -> tuple[ClosedTrade, ...]:
        """Results of the finished campaigns in order of closing."""
        return self._closed

    def find(self, campaign_id: str) -> Position | None:
        """A live campaign by id."""
        return self._live.get(campaign_id)

    def holder_of(self, key: str) -> tuple[Position, ...]:
        """Live campaigns that hold this contract."""
        return tuple(position for position in self._live.values() if any(held.contract.key == key for held in position.holdings))

    def put(self, position: Position) -> None:
        """Replace a live campaign by its changed copy."""
        self._live[position.campaign_id] = position

    def apply_entry(self, proposal: Proposal, units: int, fills: Iterable[Fill]) -> Position:
        """Book the fills of an opening order: a new campaign, or a change of shape of a live one."""
        booked = list(fills)
        position = self._live.get(proposal.campaign_id) or self._opened(proposal, units, booked[0].at)
        if proposal.campaign_id in self._live:
            position = position.changed(
                numbers={**position.numbers, **proposal.numbers},
                tags={**position.tags, **proposal.tags},
                loss_at_stop_dollars=_sum_known(position.loss_at_stop_dollars, _times(proposal.loss_at_stop_dollars, units)),
            )
        for fill in booked:
            position = _with_fill(position, fill)
        position = position.changed(entry_credit_dollars=position.entry_credit_dollars + sum(fill.cash_dollars for fill in booked))
        return self._settle_state(position, booked[-1].at)

    @staticmethod
    def _opened(proposal: Proposal, units: int, at: datetime) -> Position:
        return Position(
            campaign_id=proposal.campaign_id,
            strategy=proposal.strategy,
            underlying=proposal.underlying,
            units=units,
            holdings=(),
            opened_at=at,
            premium_dollars=0.0,
            fees_dollars=0.0,
            entry_credit_dollars=0.0,
            loss_at_stop_dollars=_times(proposal.loss_at_stop_dollars, units),
            max_loss_dollars=_times(proposal.max_loss_dollars, units),
            is_defined_risk=proposal.is_defined_risk,
            numbers=dict(proposal.numbers),
            tags=dict(proposal.tags),
        )

    def apply_exit(self, campaign_id: str, fills: Iterable[Fill], reason: ExitReason) -> Position:
        """Book the fills of a closing order.

        Raises:
            BookError: if the campaign is not live, or more is closed than it holds.
        """
        position = self._live.get(campaign_id)
        if position is None:
            raise BookError(f"closing fill for campaign {campaign_id}, which is not live")
        booked = list(fills)
        for fill in booked:
            position = _with_fill(position, fill)
        return self._settle_state(position.changed(exit_reason=reason), booked[-1].at)

    def apply_expiry(self, key: str, spot: float | None, at: datetime, *, is_in_the_money: bool, is_assignment: bool) -> list[Position]:
        """Take an expired, exercised or assigned contract out of every campaign that holds it.

        In the money, cash settlement pays the intrinsic value at `spot`, and physical delivery leaves shares (or a future) bought or sold
        at the strike. A bought option left over from a closing expires worthless under that closing's reason.
        """
        changed = []
        for position in self.holder_of(key):
            held = next(holding for holding in position.holdings if holding.contract.key == key)
            pays_cash = is_in_the_money and held.contract.settlement is Settlement.CASH and spot is not None
            price = held.contract.intrinsic(spot) if pays_cash and spot is not None else 0.0
            after = _with_fill(position, Fill(held.contract, held.role, -held.quantity, price, 0.0, at))
            if is_in_the_money and held.contract.settlement is Settlement.PHYSICAL:
                after = _with_delivery(after, held)
            is_left_over = not is_in_the_money and held.quantity > 0 and position.exit_reason is not None and not position.shorts()
            reason = ExitReason.ASSIGNED if is_assignment else (ExitReason.SETTLED if is_in_the_money else ExitReason.EXPIRED)
            changed.append(self._settle_state(after if is_left_over else after.changed(exit_reason=reason), at))
        return changed

    def apply_shares(self, campaign_id: str, quantity: int, price: float, point_value: float, fee_dollars: float, at: datetime) -> Position:
        """Book shares (or a future) delivered to, or sold out of, a campaign.

        Raises:
            BookError: if the campaign is not known to the book any more.
        """
        position = self._live.get(campaign_id)
        if position is None:
            raise BookError(f"shares for campaign {campaign_id}, which is not live")
        held = position.share_quantity + quantity
        position = position.changed(
            share_quantity=held,
            share_cash_dollars=position.share_cash_dollars - quantity * price * point_value,
            fees_dollars=position.fees_dollars + fee_dollars,
            status=PositionStatus.ASSIGNED if held else PositionStatus.OPEN,
        )
        return self._settle_state(position, at)

    def _settle_state(self, position: Position, at: datetime) -> Position:
        if position.is_live:
            self._live[position.campaign_id] = position
            return position
        position = position.changed(status=PositionStatus.CLOSED)
        self._live.pop(position.campaign_id, None)
        trade = ClosedTrade(position.campaign_id, position.strategy, at, position.result_dollars, position.loss_at_stop_dollars)
        self._closed = (*self._closed, trade)
        return position


def _with_fill(position: Position, fill: Fill) -> Position:
    """The position after one fill: quantities net by contract; an average price belongs to what is left."""
    kept, before = [], None
    for holding in position.holdings:
        if holding.contract.key == fill.contract.key:
            before = holding
        else:
            kept.append(holding)
    held = before.quantity if before else 0
    after = held + fill.quantity
    if before and held * fill.quantity < 0 and abs(fill.quantity) > abs(held):
        raise BookError(f"{position.campaign_id}: fill of {fill.quantity} {fill.contract} against a holding of {held} would turn it around")
    if after:
        adds = before is None or held * fill.quantity > 0
        average = (held * before.average_price + fill.quantity * fill.price) / after if before and adds else fill.price
        if before and not adds:
            average = before.average_price
        kept.append(Holding(fill.contract, after, average, before.role if before else fill.role))
    return position.changed(
        holdings=tuple(kept),
        premium_dollars=position.premium_dollars + fill.cash_dollars,
        fees_dollars=position.fees_dollars + fill.fee_dollars,
    )


def _with_delivery(position: Position, held: Holding) -> Position:
    """The position after exercise or assignment of one holding into what its option is on."""
    is_future = product_of(position.underlying).kind is ProductKind.FUTURE
    sign = 1 if held.contract.right is Right.CALL else -1
    units = held.quantity * sign * (1 if is_future else int(held.contract.multiplier))
    point_value = held.contract.multiplier if is_future else 1.0
    quantity = position.share_quantity + units
    return position.changed(
        share_quantity=quantity,
        share_cash_dollars=position.share_cash_dollars - units * held.contract.strike * point_value,
        status=PositionStatus.ASSIGNED if quantity else position.status,
    )


def _times(dollars: float | None, units: int) -> float | None:
    return None if dollars is None else dollars * units


def _sum_known(first: float | None, second: float | None) -> float | None:
    if first is None or second is None:
        return first if second is None else second
    return first + second
