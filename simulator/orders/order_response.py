"""The answers to order requests (Common/Orders/OrderResponse.cs)."""

from typing import TYPE_CHECKING, ClassVar

from simulator.common.enums import OrderResponseErrorCode
from simulator.common.printable import Printable
from simulator.orders.order import Order, pascal_case

if TYPE_CHECKING:
    from simulator.orders.order_request import OrderRequest, SubmitOrderRequest


class OrderResponse(Printable):
    """Mirrors OrderResponse: whether a request was taken, and why not."""

    UNPROCESSED: ClassVar["OrderResponse"]

    def __init__(self, order_id: int, error_code: OrderResponseErrorCode, error_message: str | None) -> None:
        self.order_id = order_id
        self.error_code = error_code
        self.error_message = None if error_code is OrderResponseErrorCode.NONE else error_message or "An unexpected error occurred."

    @property
    def is_processed(self) -> bool:
        """Whether there is an answer yet."""
        return self is not OrderResponse.UNPROCESSED

    @property
    def is_error(self) -> bool:
        """Whether the request was refused."""
        return self.is_processed and self.error_code is not OrderResponseErrorCode.NONE

    @property
    def is_success(self) -> bool:
        """Whether the request was taken."""
        return self.is_processed and not self.is_error

    @staticmethod
    def success(request: "OrderRequest") -> "OrderResponse":
        """The request was taken."""
        return OrderResponse(request.order_id, OrderResponseErrorCode.NONE, None)

    @staticmethod
    def error(request: "OrderRequest", error_code: OrderResponseErrorCode, error_message: str) -> "OrderResponse":
        """The request was refused."""
        return OrderResponse(request.order_id, error_code, error_message)

    @staticmethod
    def invalid_status(request: "OrderRequest", order: Order) -> "OrderResponse":
        """The order is closed already."""
        message = f"Unable to update order with id {request.order_id} because it already has {pascal_case(order.status.name)} status."
        return OrderResponse.error(request, OrderResponseErrorCode.INVALID_ORDER_STATUS, message)

    @staticmethod
    def invalid_new_status(request: "OrderRequest", order: Order) -> "OrderResponse":
        """The order was not confirmed yet."""
        message = (
            f"Unable to update or cancel order with id {request.order_id} and status {pascal_case(order.status.name)}"
            " because the submit confirmation has not been received yet."
        )
        return OrderResponse.error(request, OrderResponseErrorCode.INVALID_NEW_ORDER_STATUS, message)

    @staticmethod
    def unable_to_find_order(request: "OrderRequest") -> "OrderResponse":
        """No order has this id."""
        return OrderResponse.error(
            request, OrderResponseErrorCode.UNABLE_TO_FIND_ORDER, f"Unable to locate order with id {request.order_id}."
        )

    @staticmethod
    def zero_quantity(request: "OrderRequest") -> "OrderResponse":
        """Nothing was ordered."""
        message = f"Unable to {request.order_request_type.name.lower()} order with id {request.order_id} that has zero quantity."
        return OrderResponse.error(request, OrderResponseErrorCode.ORDER_QUANTITY_ZERO, message)

    @staticmethod
    def missing_security(request: "SubmitOrderRequest") -> "OrderResponse":
        """The security was never added."""
        message = f"You haven't requested {request.symbol} data. Add this with add_security() in the initialize() method."
        return OrderResponse.error(request, OrderResponseErrorCode.MISSING_SECURITY, message)

    @staticmethod
    def warming_up(request: "OrderRequest") -> "OrderResponse":
        """Orders wait for the end of the warm-up."""
        message = (
            f"This operation is not allowed in initialize or during warm up: OrderRequest.{request.order_request_type.name.lower()}."
            " Please move this code to the on_warmup_finished() method."
        )
        return OrderResponse.error(request, OrderResponseErrorCode.ALGORITHM_WARMING_UP, message)

    def __str__(self) -> str:
        if not self.is_processed:
            return "Unprocessed"
        return f"Error: {pascal_case(self.error_code.name)} - {self.error_message}" if self.is_error else "Success"


OrderResponse.UNPROCESSED = OrderResponse(-(2**31), OrderResponseErrorCode.NONE, None)
