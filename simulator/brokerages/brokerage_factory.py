"""Brokerage models by name (IBrokerageModel's BrokerageModel.Create)."""

from simulator.brokerages.brokerage_model import BrokerageModel, DefaultBrokerageModel
from simulator.brokerages.interactive_brokers_brokerage_model import InteractiveBrokersBrokerageModel
from simulator.brokerages.tastytrade_brokerage_model import TastytradeBrokerageModel
from simulator.common.enums import AccountType, BrokerageName
from simulator.errors import LeanApiMissing

_MODELS: dict[BrokerageName, type[BrokerageModel]] = {
    BrokerageName.DEFAULT: DefaultBrokerageModel,
    BrokerageName.TASTYTRADE: TastytradeBrokerageModel,
    BrokerageName.INTERACTIVE_BROKERS_BROKERAGE: InteractiveBrokersBrokerageModel,
}


def brokerage_model_of(name: "BrokerageName | int", account_type: AccountType = AccountType.MARGIN) -> BrokerageModel:
    """The model of a brokerage.

    Raises:
        LeanApiMissing: LEAN knows the brokerage, this engine does not.
    """
    model = _MODELS.get(BrokerageName(name))
    if model is None:
        raise LeanApiMissing(f"BrokerageName.{BrokerageName(name).name}", "simulator/brokerages/brokerage_factory.py")
    return model(account_type)
