"""Margin of position groups and whether orders fit (Positions/PositionGroupBuyingPowerModel.cs, SecurityPositionGroupBuyingPowerModel.cs)."""

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from simulator.common.system_exceptions import ArgumentException
from simulator.orders.decimals import ONE, ZERO
from simulator.orders.order import MarketOrder, Order
from simulator.results.net_number import decimal_text, normalize
from simulator.securities.margin_model import SUFFICIENT, BuyingPowerCheck, RequiredMargin
from simulator.securities.option_strategy_margin import strategy_initial_margin, strategy_maintenance_margin
from simulator.securities.position_group import OrderPlan, PositionGroup

if TYPE_CHECKING:
    from simulator.securities.portfolio import SecurityPortfolioManager
    from simulator.securities.security_manager import SecurityManager


def group_maintenance_margin(securities: "SecurityManager", group: PositionGroup) -> Decimal:
    """Dollars to keep the group, at current prices."""
    if group.strategy is not None:
        return strategy_maintenance_margin(securities, group)
    (position,) = group.positions
    security = securities[position.symbol]
    return security.buying_power_model._maintenance_at_current_price(security, position.quantity)


def group_initial_margin(securities: "SecurityManager", group: PositionGroup) -> RequiredMargin:
    """Dollars to open the group; the premium is known for strategies only, in single groups it is part of the amount."""
    if group.strategy is not None:
        return strategy_initial_margin(securities, group)
    (position,) = group.positions
    security = securities[position.symbol]
    return RequiredMargin(security.buying_power_model._initial_margin(security, position.quantity).value)


def check_orders(portfolio: "SecurityPortfolioManager", orders: Sequence[Order]) -> BuyingPowerCheck:
    """SecurityPortfolioManager.HasSufficientBuyingPowerForOrder: by strategy margin when options are involved, else order by order."""
    plan = portfolio._position_groups.plan(orders)
    if plan.is_by_strategy:
        return _check_by_strategy(portfolio, orders, plan)
    for order in orders:
        security = portfolio.securities[order.symbol]
        result = security.buying_power_model._has_sufficient_buying_power(portfolio, security, order)
        if not result.is_sufficient:
            return result
    return SUFFICIENT


def _check_by_strategy(portfolio: "SecurityPortfolioManager", orders: Sequence[Order], plan: OrderPlan) -> BuyingPowerCheck:
    """The groups as they would be, plus the premium the order pays, less the groups as they are, against what is left."""
    delta = portfolio._margin_delta_of(plan)
    if delta < 0:
        return SUFFICIENT
    free = portfolio._margin_remaining
    if delta <= free:
        return SUFFICIENT
    ids = ",".join(str(order.id) for order in orders)
    texts = decimal_text(normalize(delta)), decimal_text(normalize(free))
    return BuyingPowerCheck(False, f"Id: {ids}, Maintenance Margin Delta: {texts[0]}, Free Margin: {texts[1]}")


def margin_delta(securities: "SecurityManager", plan: OrderPlan) -> Decimal:
    """GetReservedBuyingPowerImpact: what orders add to the margin at current prices."""
    delta = ZERO
    for group in plan.before:
        delta -= group_maintenance_margin(securities, group)
    for group in plan.after:
        delta += group_initial_margin(securities, group).without_premium
    for group in plan.own:
        delta += group_initial_margin(securities, group).premium_to_pay
    return delta


def lots_to_free(portfolio: "SecurityPortfolioManager", group: PositionGroup, delta: Decimal) -> Decimal:
    """GetMaximumLotsForDeltaBuyingPower: how many units of the group to trade so that its margin changes by an amount, negative to reduce.

    Raises:
        ArgumentException: no quantity comes close to the target.
    """
    if group.strategy is None:
        security = portfolio.securities[group.positions[0].symbol]
        return (
            security.buying_power_model._quantity_for_delta(portfolio, security, delta, ZERO).quantity
            / security.symbol_properties._lot_size
        )
    total = portfolio._total_portfolio_value
    share = (group_maintenance_margin(portfolio.securities, group) + delta) / total if total else ZERO
    target = share * total
    if not target:
        return -abs(group.quantity)
    if not _absolute_initial(portfolio, group.with_quantity(ONE)):
        return ZERO
    last = ZERO
    while True:
        lots, margin = _lots_for_margin(portfolio, group, target)
        if not lots:
            return ZERO
        target = (total - _closing_fees(portfolio, group.with_quantity(lots))) * share
        if last == lots:
            raise ArgumentException(f"GetMaximumLotsForTargetBuyingPower failed to converge on the target margin {target}, lots {lots}.")
        last = lots
        if margin <= abs(target):
            return lots


def _absolute_initial(portfolio: "SecurityPortfolioManager", group: PositionGroup) -> Decimal:
    return abs(group_initial_margin(portfolio.securities, group).value)


def _lots_for_margin(portfolio: "SecurityPortfolioManager", group: PositionGroup, target: Decimal) -> tuple[Decimal, Decimal]:
    """GetPositionGroupOrderQuantity: one unit at a time until the margin passes the target."""
    step = ONE if target > _absolute_initial(portfolio, group) else -ONE
    held, wanted = abs(group.quantity), abs(target)
    lots = step - held if target < 0 else step
    first = margin = _absolute_initial(portfolio, group.with_quantity(held + lots))

    def distance(of: Decimal) -> Decimal:
        return wanted - of if target < 0 else of - wanted

    difference = distance(margin)
    while step * difference < 0:
        lots += step
        margin = _absolute_initial(portfolio, group.with_quantity(held + lots))
        new_difference = distance(margin)
        if new_difference == difference or (abs(new_difference) > abs(difference) and (new_difference > 0) == (difference > 0)):
            raise ArgumentException(f"Position group quantity {lots} moves the margin {margin} away from its target {target}.")
        difference = new_difference
    return (lots - step, first) if margin > wanted else (lots, margin)


def _closing_fees(portfolio: "SecurityPortfolioManager", group: PositionGroup) -> Decimal:
    utc = portfolio._algorithm._utc
    securities = portfolio.securities
    return sum((securities[p.symbol]._fee_of(MarketOrder(p.symbol, p.quantity, utc)) for p in group.positions), ZERO)
