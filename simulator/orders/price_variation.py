"""Price steps orders are rounded to (Common/Securities/*PriceVariationModel.cs)."""

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from simulator.orders.decimals import ZERO

if TYPE_CHECKING:
    from simulator.securities.security import Security

_ONE_CENT_OF_A_CENT: Final = Decimal("0.0001")
_FIVE_CENTS: Final = Decimal("0.05")
_TEN_CENTS: Final = Decimal("0.1")
_ONE_CENT: Final = Decimal("0.01")
_THREE: Final = Decimal(3)


class SecurityPriceVariationModel:
    """Mirrors SecurityPriceVariationModel: the step of the symbol properties database."""

    def minimum_price_variation(self, security: "Security", reference_price: Decimal) -> Decimal:
        """The step at a price; 0 leaves prices unrounded."""
        del reference_price
        return security.symbol_properties._minimum_price_variation


class EquityPriceVariationModel(SecurityPriceVariationModel):
    """Mirrors EquityPriceVariationModel: finer below one dollar."""

    def minimum_price_variation(self, security: "Security", reference_price: Decimal) -> Decimal:
        """The step at a price."""
        return _ONE_CENT_OF_A_CENT if reference_price < 1 else super().minimum_price_variation(security, reference_price)


class AdjustedPriceVariationModel(SecurityPriceVariationModel):
    """Mirrors AdjustedPriceVariationModel: prices of adjusted equities have no steps."""

    def minimum_price_variation(self, security: "Security", reference_price: Decimal) -> Decimal:
        """Zero."""
        del security, reference_price
        return ZERO


class IndexOptionPriceVariationModel(SecurityPriceVariationModel):
    """Mirrors IndexOptionPriceVariationModel: wider steps from three dollars on, finer ones for VIX."""

    def minimum_price_variation(self, security: "Security", reference_price: Decimal) -> Decimal:
        """The step at a price."""
        root = security.symbol.id.symbol
        if root == "VIXW":
            return _ONE_CENT
        below, above = (_ONE_CENT, _FIVE_CENTS) if root == "VIX" else (_FIVE_CENTS, _TEN_CENTS)
        return above if reference_price >= _THREE else below
