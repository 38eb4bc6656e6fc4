"""What happens when the margin is used up (Common/Securities/DefaultMarginCallModel.cs)."""

from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, Final

from simulator.common.enums import OrderType
from simulator.orders.decimals import ZERO, sign, to_price
from simulator.orders.group_order import GroupOrderManager
from simulator.orders.order_request import SubmitOrderRequest
from simulator.orders.order_ticket import OrderTicket
from simulator.orders.time_in_force import OrderProperties
from simulator.securities.group_margin import group_maintenance_margin, lots_to_free
from simulator.securities.position_group import PositionGroup

if TYPE_CHECKING:
    from simulator.securities.portfolio import SecurityPortfolioManager

_WARNING_SHARE: Final = Decimal("0.05")


class MarginCallModel:
    """Mirrors MarginCallModel, which gives access to the model without margin calls."""

    NULL: ClassVar["NullMarginCallModel"]


class NullMarginCallModel:
    """Mirrors MarginCallModel.Null: no margin calls."""

    @property
    def _is_silent(self) -> bool:
        """Whether a scan now would neither make orders nor warn."""
        return True

    def get_margin_call_orders(self, issue_margin_call_warning: bool = False) -> tuple[list[SubmitOrderRequest], bool]:
        """No orders, no warning."""
        del issue_margin_call_warning
        return [], False

    def execute_margin_call(self, generated_margin_call_orders: Iterable[SubmitOrderRequest]) -> list[OrderTicket]:
        """Sends nothing."""
        del generated_margin_call_orders
        return []


MarginCallModel.NULL = NullMarginCallModel()


class DefaultMarginCallModel(NullMarginCallModel):
    """Mirrors DefaultMarginCallModel.

    Args:
        portfolio: the account.
        default_order_properties: those of the orders it makes.
        margin_buffer: orders are made once the margin used exceeds the portfolio value by more than this fraction.
    """

    def __init__(
        self, portfolio: "SecurityPortfolioManager", default_order_properties: OrderProperties | None = None, margin_buffer: Any = "0.10"
    ) -> None:
        self._portfolio = portfolio
        self._properties = default_order_properties
        self._buffer = Decimal(margin_buffer) if isinstance(margin_buffer, str) else to_price(margin_buffer)

    @property
    def _is_silent(self) -> bool:
        portfolio = self._portfolio
        total = portfolio._total_portfolio_value
        return portfolio._total_margin_used <= 0 or portfolio._margin_remaining_of(total) > total * _WARNING_SHARE

    def get_margin_call_orders(self, issue_margin_call_warning: bool = False) -> tuple[list[SubmitOrderRequest], bool]:
        """Orders that bring the margin used back to the portfolio value, group by group, and whether to warn the algorithm."""
        del issue_margin_call_warning
        portfolio = self._portfolio
        used = portfolio._total_margin_used
        if used <= 0:
            return [], False
        total = portfolio._total_portfolio_value
        remaining = portfolio._margin_remaining_of(total)
        if remaining > 0 or used <= total * (1 + self._buffer):
            return [], ZERO < remaining <= total * _WARNING_SHARE
        requests: list[SubmitOrderRequest] = []
        for group in portfolio._position_groups.groups.values():
            orders = self._orders_of(group, used - total)
            if orders and all(order._quantity for order in orders):
                requests += orders
        return requests, bool(requests)

    def _orders_of(self, group: PositionGroup, excess: Decimal) -> list[SubmitOrderRequest]:
        """GenerateMarginCallOrders: every group is to free the excess as far as it can."""
        portfolio = self._portfolio
        used = group_maintenance_margin(portfolio.securities, group)
        to_free = used - max(ZERO, used - excess)
        lots = abs(lots_to_free(portfolio, group, -sign(group.quantity) * to_free))
        combo = None
        if len(group.positions) > 1:
            combo = GroupOrderManager(len(group.positions), lots, ZERO, portfolio.transactions._next_group_id())
        requests = []
        for position in group.positions:
            security = portfolio.securities[position.symbol]
            quantity = lots * position.unit_quantity * -sign(position.quantity)
            if combo is not None:
                quantity *= combo._quantity
            kind = OrderType.MARKET if combo is None else OrderType.COMBO_MARKET
            terms = security._utc, "Margin Call", None if self._properties is None else self._properties.clone()
            requests.append(SubmitOrderRequest(kind, security.type, security.symbol, quantity, ZERO, ZERO, *terms, combo))
        return requests

    def execute_margin_call(self, generated_margin_call_orders: Iterable[SubmitOrderRequest]) -> list[OrderTicket]:
        """Sends the requests, the biggest losers first, until margin remains."""
        portfolio = self._portfolio
        if portfolio._margin_remaining >= 0:
            return []
        parts: dict[object, list[SubmitOrderRequest]] = {}
        for request in generated_margin_call_orders:
            key = id(request) if request.group_order_manager is None else request.group_order_manager
            parts.setdefault(key, []).append(request)

        def profit(part: list[SubmitOrderRequest]) -> Decimal:
            return sum((portfolio.securities[request.symbol].holdings._total_close_profit() for request in part), ZERO)

        tickets: list[OrderTicket] = []
        for part in sorted(parts.values(), key=profit):
            tickets += [portfolio.transactions.add_order(request) for request in part]
            if portfolio._margin_remaining >= 0:
                break
        return tickets
