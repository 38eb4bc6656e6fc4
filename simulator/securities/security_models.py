"""The models a security is traded by, and their setters (the model part of Common/Securities/Security.cs)."""

from typing import Any

from simulator.orders.fee_models import FeeModel, InteractiveBrokersFeeModel
from simulator.orders.fill_model import FillModel, ImmediateFillModel
from simulator.orders.price_variation import SecurityPriceVariationModel
from simulator.orders.slippage_models import NullSlippageModel
from simulator.securities.algorithm_margin_model import engine_side
from simulator.securities.margin_model import BuyingPowerModel, SecurityMarginModel
from simulator.securities.portfolio_model import SecurityPortfolioModel
from simulator.securities.settlement import AlgorithmSettlementModel, ImmediateSettlementModel


class SecurityModels:
    """How a security fills, what it costs, what it needs as margin, when its money arrives."""

    def _set_default_models(self) -> None:
        self.fill_model: FillModel = ImmediateFillModel()
        self.fee_model: FeeModel = InteractiveBrokersFeeModel()
        self.slippage_model: Any = NullSlippageModel()
        self.portfolio_model = SecurityPortfolioModel()
        self._settlement_model = ImmediateSettlementModel()
        self._buying_power_model: BuyingPowerModel = SecurityMarginModel()
        self.price_variation_model = SecurityPriceVariationModel()
        self.volatility_model: Any = None
        self.margin_interest_rate_model: Any = None

    @property
    def buying_power_model(self) -> BuyingPowerModel:
        """The margin rule."""
        return self._buying_power_model

    @buying_power_model.setter
    def buying_power_model(self, buying_power_model: BuyingPowerModel) -> None:
        self._buying_power_model = engine_side(buying_power_model)
        self._margin_changed()

    def _margin_changed(self) -> None:
        """The margin of what is held is another from now on."""

    @property
    def settlement_model(self) -> ImmediateSettlementModel:
        """When proceeds arrive."""
        return self._settlement_model

    @settlement_model.setter
    def settlement_model(self, settlement_model: Any) -> None:
        own = not isinstance(settlement_model, ImmediateSettlementModel)
        self._settlement_model = AlgorithmSettlementModel(settlement_model) if own else settlement_model

    def set_fill_model(self, fill_model: FillModel) -> None:
        """Sets how orders fill."""
        self.fill_model = fill_model

    def set_fee_model(self, feel_model: FeeModel) -> None:
        """Sets what fills cost."""
        self.fee_model = feel_model  # LEAN spells the parameter so

    def set_slippage_model(self, slippage_model: Any) -> None:
        """Sets how far fills are from the quote."""
        self.slippage_model = slippage_model

    def set_buying_power_model(self, buying_power_model: BuyingPowerModel) -> None:
        """Sets the margin rule."""
        self.buying_power_model = buying_power_model

    def set_margin_model(self, margin_model: BuyingPowerModel) -> None:
        """Sets the margin rule."""
        self.buying_power_model = margin_model

    def set_settlement_model(self, settlement_model: Any) -> None:
        """Sets when proceeds arrive."""
        self.settlement_model = settlement_model

    def set_volatility_model(self, volatility_model: Any) -> None:
        """Sets the volatility model; nothing here reads it."""
        self.volatility_model = volatility_model

    def set_margin_interest_rate_model(self, margin_interest_rate_model: Any) -> None:
        """Sets what is asked for interest once an hour; LEAN's own models of shares and options charge none."""
        self.margin_interest_rate_model = margin_interest_rate_model
