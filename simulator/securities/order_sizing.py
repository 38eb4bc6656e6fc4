"""How much can be ordered for a share of the account (BuyingPowerModel.GetMaximumOrderQuantityForTargetBuyingPower and …ForDeltaBuyingPower)."""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING, NamedTuple

from simulator.common.enums import SecurityType
from simulator.common.system_exceptions import ArgumentException, InvalidOperationException
from simulator.orders.decimals import ONE, ZERO, sign

if TYPE_CHECKING:
    from simulator.securities.margin_model import BuyingPowerModel
    from simulator.securities.portfolio import SecurityPortfolioManager
    from simulator.securities.security import Security


class OrderQuantity(NamedTuple):
    """What a margin model finds: the quantity, and why it is zero."""

    quantity: Decimal
    reason: str = ""
    is_error: bool = False
    is_below_minimum: bool = False


def zero_price_message(security: "Security") -> str:
    """Extensions.GetZeroPriceMessage."""
    return (
        f"{security.symbol}: The security does not have an accurate price as it has not yet received a bar of data."
        " Before placing a trade (or using set_holdings) warm up your algorithm with set_warmup, or use slice.Contains(symbol)"
        " to confirm the Slice object has price before using the data. Data does not necessarily all arrive at the same time so your algorithm"
        " should confirm the data is ready before using it. In live trading this can mean you do not have an active subscription to the asset"
        " class you're trying to trade. If using custom data make sure you've set the 'Value' property."
    )


def quantity_for_target(
    model: "BuyingPowerModel", portfolio: "SecurityPortfolioManager", security: "Security", target: Decimal, minimum_share: Decimal
) -> OrderQuantity:
    """Quantity to order so that the position's initial margin becomes a share of the portfolio value.

    Args:
        model: the margin rule.
        portfolio: the account.
        security: what to order.
        target: signed share of the portfolio value, in margin.
        minimum_share: changes smaller than this share of the portfolio are not made.

    Raises:
        InvalidOperationException: a leveraged target for a future.
        ArgumentException: fees keep the quantity from settling.
    """
    if security.type in {SecurityType.FUTURE, SecurityType.FUTURE_OPTION} and abs(target) > ONE:
        raise InvalidOperationException(
            "Futures do not allow specifying a leveraged target, since they are traded using margin which already is leveraged."
            f" Possible target buying power goes from -1 to 1, target provided is: {target}"
        )
    total = portfolio._total_portfolio_value
    usable = total - total * model._required_free
    target_margin = target * usable
    held = security.holdings._quantity
    if not target_margin:
        return OrderQuantity(-held)
    unit_margin = model._initial_margin(security, ONE).value
    if not unit_margin:
        return OrderQuantity(ZERO, zero_price_message(security), is_error=True)
    difference = abs(target_margin - model._initial_margin(security, held).value)
    if total * minimum_share > difference and portfolio._margin_remaining > 0:
        reason = f"The target order margin {difference} is less than the minimum {total * minimum_share}."
        return OrderQuantity(ZERO, reason, is_below_minimum=True)
    last = ZERO
    while True:
        quantity, holdings_margin = _amount_to_order(model, security, target_margin, unit_margin)
        if not quantity:
            return OrderQuantity(ZERO)
        target_margin = (usable - security._market_order_fee(quantity)) * target
        if last == quantity:
            raise ArgumentException(
                f"GetMaximumOrderQuantityForTargetBuyingPower failed to converge on the target margin: {target_margin}; symbol {security.symbol},"
                f" order quantity {quantity}, price {security._price}."
            )
        last = quantity
        if abs(holdings_margin) <= abs(target_margin):
            return OrderQuantity(quantity)


def quantity_for_delta(
    model: "BuyingPowerModel", portfolio: "SecurityPortfolioManager", security: "Security", delta: Decimal, minimum_share: Decimal
) -> OrderQuantity:
    """Quantity to order so that the margin used by the position changes by an amount."""
    used = security.buying_power_model._maintenance_of_holdings(security)
    if security.holdings._quantity <= 0:
        used = -used
    total = portfolio._total_portfolio_value
    target = (used + delta) / total if total else ZERO
    return model._quantity_for_target(portfolio, security, target, minimum_share)


def _amount_to_order(
    model: "BuyingPowerModel", security: "Security", target_margin: Decimal, unit_margin: Decimal
) -> tuple[Decimal, Decimal]:
    """GetAmountToOrder: the quantity, rounded toward zero to lots, and the margin of the resulting position."""
    lot, held = security.symbol_properties._lot_size, security.holdings._quantity
    rounding = ROUND_CEILING if target_margin < 0 else ROUND_FLOOR
    quantity = ((target_margin / unit_margin - held) / lot).to_integral_value(rounding) * lot
    margin = model._initial_margin(security, quantity + held).value
    difference = margin - target_margin
    while sign(target_margin) * difference > 0:
        quantity += lot if target_margin < 0 else -lot
        margin = model._initial_margin(security, quantity + held).value
        new_difference = margin - target_margin
        if abs(new_difference) > abs(difference) and sign(new_difference) == sign(difference):
            raise ArgumentException(
                f"Margin is being adjusted in the wrong direction for {security.symbol}: target {target_margin}, unit {unit_margin}."
            )
        difference = new_difference
    return quantity, margin
