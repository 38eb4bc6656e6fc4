"""What becomes of an order request (the Handle…Request part of BrokerageTransactionHandler.cs): rounding, refusals, the way to the brokerage."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from simulator.common.enums import OrderRequestStatus, OrderResponseErrorCode, OrderStatus
from simulator.common.symbol import Symbol
from simulator.common.system_exceptions import SystemException
from simulator.errors import SimulatorError
from simulator.orders.group_order import orders_of_group
from simulator.orders.order import Order
from simulator.orders.order_event import OrderEvent, is_closed
from simulator.orders.order_fee import OrderFee
from simulator.orders.order_request import OrderRequest, SubmitOrderRequest, UpdateOrderRequest
from simulator.orders.order_response import OrderResponse
from simulator.orders.price_rounding import PriceRounding
from simulator.results.net_number import decimal_text, smart_rounding

if TYPE_CHECKING:
    from simulator.orders.transaction_handler import TransactionHandler
    from simulator.securities.margin_model import BuyingPowerCheck
    from simulator.securities.security import Security
    from simulator.securities.trading_algorithm import TradingAlgorithm


class RequestExecution:
    """Carries out the requests the transaction handler has taken."""

    def __init__(self, handler: "TransactionHandler", algorithm: "TradingAlgorithm") -> None:
        self._handler = handler
        self._algorithm = algorithm
        self._rounding = PriceRounding(algorithm)
        self._round_off_told = False
        self._adjustment_modes: dict[Symbol, Any] = {}

    def carry_out(self, request: OrderRequest) -> None:
        """Submits, changes or cancels, and answers the request."""
        if isinstance(request, SubmitOrderRequest):
            response = self._submit(request)
        elif isinstance(request, UpdateOrderRequest):
            response = self._apply_update(request)
        else:
            response = self._apply_cancel(request)
        request._set_response(response, OrderRequestStatus.PROCESSED)

    def _submit(self, request: SubmitOrderRequest) -> OrderResponse:
        order, ticket, security = self._handler._open[request.order_id]
        self._handler._orders[order.id] = order
        self._prepare(order, security)
        complete, orders = orders_of_group(order, self._handler._orders.get)
        securities = self._securities_of(orders)
        self._rounding.round(order, security, securities if complete else None)
        ticket._set_order(order)
        if not complete:
            return OrderResponse.success(request)
        if any(not leg._quantity for leg in orders):
            return self._refuse(orders, OrderResponse.zero_quantity(request), tell_first=True)
        refusal = self._submission_refusal(request, order, securities)
        if refusal is not None:
            return refusal
        if all(self._handler.brokerage.place_order(leg) for leg in orders):
            return OrderResponse.success(request)
        message = f"Brokerage failed to place orders: [{_ids(orders)}]"
        return self._refuse(orders, OrderResponse.error(request, OrderResponseErrorCode.BROKERAGE_FAILED_TO_SUBMIT_ORDER, message))

    def _prepare(self, order: Order, security: "Security") -> None:
        order.price_currency = security.symbol_properties.quote_currency
        if not order.tag:
            order.tag = order._default_tag()
        self._round_quantity(order, security)
        self.set_adjustment_mode(order, security)

    def _securities_of(self, orders: Sequence[Order]) -> "dict[Order, Security]":
        return {order: self._algorithm.securities[order.symbol] for order in orders}

    def _submission_refusal(self, request: SubmitOrderRequest, order: Order, securities: "dict[Order, Security]") -> OrderResponse | None:
        """Buying power first, then the brokerage model; a refused order is invalid with one event."""
        orders = list(securities)
        check = self._checked_power(request, order, orders)
        if isinstance(check, OrderResponse):
            return check
        if not check.is_sufficient:
            response = OrderResponse.error(
                request, OrderResponseErrorCode.INSUFFICIENT_BUYING_POWER, insufficient_message(securities, check)
            )
            return self._refuse(orders, response, tell_first=True)
        for leg, security in securities.items():
            message = self._algorithm.brokerage_model._why_not_submitted(security, leg)
            if message is not None:
                text = f"BrokerageModel declared unable to submit order: [{_ids(orders)}] {message}"
                return self._refuse(
                    orders, OrderResponse.error(request, OrderResponseErrorCode.BROKERAGE_MODEL_REFUSED_TO_SUBMIT_ORDER, text)
                )
        return None

    def _checked_power(self, request: OrderRequest, order: Order, orders: Sequence[Order]) -> "BuyingPowerCheck | OrderResponse":
        try:
            return self._algorithm.portfolio._check_orders(orders)
        except (SystemException, SimulatorError) as error:
            self._algorithm.error(f"Order Error: id: {order.id}, Error executing margin models: {error}")
            self._handler._emit([OrderEvent(order, self._algorithm._utc, OrderFee.ZERO, "Error executing margin models")])
            message = "An error occurred while checking sufficient buying power for the orders."
            return OrderResponse.error(request, OrderResponseErrorCode.PROCESSING_ERROR, message)

    def _refuse(self, orders: Sequence[Order], response: OrderResponse, *, tell_first: bool = False) -> OrderResponse:
        """InvalidateOrders: all legs become invalid, each with an event; the algorithm's log gets the reason."""
        message = response.error_message or ""
        if tell_first:
            self._algorithm.error(message)
        for order in orders:
            if not is_closed(order.status):
                order.status = OrderStatus.INVALID
            self._handler._emit([OrderEvent(order, self._algorithm._utc, OrderFee.ZERO, message)])
        if not tell_first:
            self._algorithm.error(message)
        return response

    def _apply_update(self, request: UpdateOrderRequest) -> OrderResponse:
        found = self._handler._find(request.order_id)
        if found is None:
            return OrderResponse.unable_to_find_order(request)
        order, ticket, security = found
        if order.status is OrderStatus.NEW:
            return OrderResponse.invalid_new_status(request, order)
        closed = is_closed(order.status)
        if closed and not request._is_allowed_for_closed_order():
            return OrderResponse.invalid_status(request, order)
        self._round_quantity(order, security)
        refusal = self._change_refusal(request, order, security)
        if refusal is not None:
            return refusal
        order._apply_update(request)
        complete, orders = orders_of_group(order, self._handler._orders.get)
        self._rounding.round(order, security, self._securities_of(orders) if complete else None)
        ticket._set_order(order)
        if closed or self._handler.brokerage.update_order(order):
            return OrderResponse.success(request)
        message = f"Brokerage failed to update order with id {request.order_id}"
        self._algorithm.error(message)
        self._handler._emit([OrderEvent(order, self._algorithm._utc, OrderFee.ZERO, "Brokerage failed to update order")])
        return OrderResponse.error(request, OrderResponseErrorCode.BROKERAGE_FAILED_TO_UPDATE_ORDER, message)

    def _change_refusal(self, request: UpdateOrderRequest, order: Order, security: "Security") -> OrderResponse | None:
        message = self._algorithm.brokerage_model._why_not_updated(security, order, request)
        if message is not None:
            response = OrderResponse.error(
                request, OrderResponseErrorCode.BROKERAGE_MODEL_REFUSED_TO_UPDATE_ORDER, f"OrderID: {order.id} {message}"
            )
            self._algorithm.error(response.error_message)
            self._handler._emit([OrderEvent(order, self._algorithm._utc, OrderFee.ZERO, "BrokerageModel declared unable to update order")])
            return response
        if order.group_order_manager is not None:
            return None
        updated = order.clone()
        updated._apply_update(request)
        check = self._checked_power(request, updated, [updated])
        if isinstance(check, OrderResponse):
            return check
        if check.is_sufficient:
            return None
        text = (
            f"Brokerage failed to update order with id: {order.id}, Symbol: {order.symbol.value},"
            f" Insufficient buying power to complete order, Reason: {check.reason}."
        )
        self._algorithm.error(text)
        self._handler._emit([OrderEvent(updated, self._algorithm._utc, OrderFee.ZERO, text)])
        return OrderResponse.error(request, OrderResponseErrorCode.BROKERAGE_FAILED_TO_UPDATE_ORDER, text)

    def _apply_cancel(self, request: OrderRequest) -> OrderResponse:
        found = self._handler._find(request.order_id)
        if found is None:
            return OrderResponse.unable_to_find_order(request)
        order, ticket, _ = found
        if is_closed(order.status):
            self._fall_back(order)
            return OrderResponse.invalid_status(request, order)
        ticket._set_order(order)
        if not self._handler.brokerage.cancel_order(order):
            message = f"Brokerage failed to cancel order with id {order.id}"
            self._algorithm.error(message)
            self._fall_back(order)
            return OrderResponse.error(request, OrderResponseErrorCode.BROKERAGE_FAILED_TO_CANCEL_ORDER, message)
        if request.tag is not None:
            order.tag = request.tag
        return OrderResponse.success(request)

    def _fall_back(self, order: Order) -> None:
        """CancelPendingOrders.RemoveAndFallback: a cancellation that failed leaves the order as it was."""
        status = self._handler._before_cancel.pop(order.id, None)
        if status is not None:
            order.status = status

    def _round_quantity(self, order: Order, security: "Security") -> None:
        """RoundOffOrder: whole lots, toward zero."""
        lot = security.symbol_properties._lot_size
        excess = order._quantity % lot
        if not excess:
            return
        order._set_quantity(order._quantity - excess)
        if not self._round_off_told:
            self._round_off_told = True
            lot_text = decimal_text(lot)
            self._algorithm.error(f"Warning: Due to brokerage limitations, orders will be rounded to the nearest lot size of {lot_text}")

    def set_adjustment_mode(self, order: Order, security: "Security") -> None:
        """Notes how the prices of the symbol's first subscription are adjusted; internal ones come last."""
        if order.symbol not in self._adjustment_modes and security._fill_subscriptions:
            first = min(security._fill_subscriptions, key=lambda config: config.is_internal)
            self._adjustment_modes[order.symbol] = first.data_normalization_mode
        mode = self._adjustment_modes.get(order.symbol)
        if mode is not None:
            order.price_adjustment_mode = mode


def _ids(orders: Sequence[Order]) -> str:
    return ",".join(str(order.id) for order in orders)


def insufficient_message(securities: "dict[Order, Security]", check: "BuyingPowerCheck") -> str:
    """GroupOrderExtensions.GetErrorMessage."""
    values = ",".join(decimal_text(smart_rounding(order._get_value(security))) for order, security in securities.items())
    return f"Order Error: ids: [{_ids(list(securities))}], Insufficient buying power to complete orders (Value:[{values}]), Reason: {check.reason}."
