"""Pessimistic fills: an order for options fills only at prices everybody could have had.

LEAN's stock combo fills at the extremes of each leg's bar, which flatters (conformance: `goog_iron_condor_open_and_close`). Here a limit order
fills when its net natural price (sell at the bid, buy at the ask) reaches the limit, at exactly those prices, on quotes that have the needed
side, not older than the order and not older than `max_quote_age`. Engines carry the last bid of an option nobody bids for any more, under which its
ask then falls: on a crossed quote nothing is sold, and what is bought pays the bid. Runs on every engine.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from AlgorithmImports import (
    Extensions,
    FillModelParameters,
    GroupOrderManager,
    ImmediateFillModel,
    LimitOrder,
    Order,
    OrderEvent,
    OrderFee,
    OrderStatus,
    QuoteBar,
    Security,
)


class NaturalPriceFillModel(ImmediateFillModel):
    """Fills option orders at the natural price or not at all. One instance serves every contract of a run."""

    TOLERANCE = 1e-9

    def __init__(self, max_quote_age: timedelta) -> None:
        """Take the age beyond which a quote is stale."""
        super().__init__()
        self._max_quote_age = max_quote_age
        self._refused: tuple[int, float, float, datetime] | None = None

    def combo_limit_fill(self, order: Order, parameters: FillModelParameters) -> list[OrderEvent]:
        """All legs at their touch, when the net of the touches reaches the group's limit; else none.

        LEAN asks once for every leg of the group, at the same prices: what was refused for one is refused for all.
        """
        group = order.group_order_manager
        asked = group.id, group.limit_price, group.quantity, parameters.security.local_time
        if asked == self._refused:
            return []
        fills = self._fills(group, parameters)
        self._refused = None if fills else asked
        return fills

    def _fills(self, group: GroupOrderManager, parameters: FillModelParameters) -> list[OrderEvent]:
        priced, net = [], 0.0
        for pair in parameters.securities_for_orders:
            quantity, bar = pair.key.quantity, pair.value.cache.get_data(QuoteBar)
            price = None if bar is None else _other_side(bar, is_buy=quantity > 0)
            if price is None:
                return []
            priced.append((pair.key, pair.value, bar, price))
            net += price * quantity
        limit = group.limit_price if group.quantity > 0 else -group.limit_price
        if net / abs(group.quantity) > limit + self.TOLERANCE:
            return []
        if not all(self._is_fresh(bar, security, leg) for leg, security, bar, _ in priced):
            return []
        return [self._filled(leg, security, price) for leg, security, _, price in priced]

    def limit_fill(self, asset: Security, order: LimitOrder) -> OrderEvent:
        """A single option's limit order at its touch, when the touch reaches the limit."""
        price = self._touch(asset, order)
        if price is None:
            return self._event(order, asset)
        excess = (price - order.limit_price) if order.quantity > 0 else (order.limit_price - price)
        return self._event(order, asset) if excess > self.TOLERANCE else self._filled(order, asset, price)

    def _touch(self, security: Security, order: Order) -> float | None:
        """The price this order can trade at now, or None on a missing or stale quote, and where nobody is on the other side."""
        bar = security.cache.get_data(QuoteBar)
        price = None if bar is None else _other_side(bar, is_buy=order.quantity > 0)
        return price if price is not None and self._is_fresh(bar, security, order) else None

    def _is_fresh(self, bar: QuoteBar, security: Security, order: Order) -> bool:
        """Whether a quote is neither stale nor older than the order."""
        ended = bar.end_time
        return security.local_time - ended <= self._max_quote_age and self._utc(security, ended) >= self._naive(order.time)

    @staticmethod
    def _naive(moment: datetime) -> datetime:
        return moment.replace(tzinfo=None)

    def _utc(self, security: Security, local: datetime) -> datetime:
        return self._naive(Extensions.convert_to_utc(local, security.exchange.time_zone))

    @staticmethod
    def _event(order: Order, security: Security) -> OrderEvent:
        return OrderEvent(order, Extensions.convert_to_utc(security.local_time, security.exchange.time_zone), OrderFee.ZERO)

    def _filled(self, order: Order, security: Security, price: float) -> OrderEvent:
        event = self._event(order, security)
        event.fill_price, event.fill_quantity, event.status = price, order.quantity, OrderStatus.FILLED
        return event


def _other_side(bar: QuoteBar, *, is_buy: bool) -> float | None:
    """The price an order of this side trades at, None where nobody is on the other side.

    Where the bid stands above the ask, a bid that was carried over, buying back pays the higher of the two and nothing is sold.
    """
    bid = bar.bid.close if bar.bid is not None else 0.0  # type: ignore[redundant-expr]  # LEAN gives null for a side nobody quotes
    ask = bar.ask.close if bar.ask is not None else 0.0  # type: ignore[redundant-expr]
    if (ask if is_buy else bid) <= 0:
        return None
    if 0 < ask < bid:
        return float(bid) if is_buy else None
    return float(ask if is_buy else bid)
