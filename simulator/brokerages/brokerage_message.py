"""What a brokerage tells the algorithm (Common/Brokerages/BrokerageMessageEvent.cs)."""

from simulator.common.enums import BrokerageMessageType
from simulator.orders.order import pascal_case


class BrokerageMessageEvent:
    """Mirrors BrokerageMessageEvent."""

    def __init__(self, type: BrokerageMessageType, code: str, message: str) -> None:
        self.type = type
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return f"{pascal_case(self.type.name)} - Code: {self.code} - {self.message}"


def not_supported(message: str) -> BrokerageMessageEvent:
    """The warning brokerage models refuse orders with."""
    return BrokerageMessageEvent(BrokerageMessageType.WARNING, "NotSupported", message)
