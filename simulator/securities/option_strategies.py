"""Makes the option strategies LEAN has names for (Common/Securities/Option/OptionStrategies.cs)."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Final

from simulator.common.enums import OptionRight, SecurityType
from simulator.common.symbol import Symbol
from simulator.common.system_exceptions import ArgumentException
from simulator.securities.option_strategy import OptionStrategy, OptionTerms

_SHARES_PER_CONTRACT: Final = 100


def _calls(expiration: datetime, *legs: tuple[float, int]) -> list[OptionTerms]:
    return [OptionTerms(OptionRight.CALL, strike, quantity, expiration) for strike, quantity in legs]


def _puts(expiration: datetime, *legs: tuple[float, int]) -> list[OptionTerms]:
    return [OptionTerms(OptionRight.PUT, strike, quantity, expiration) for strike, quantity in legs]


def _made(name: str, canonical: Symbol, terms: list[OptionTerms], lots: int = 0) -> OptionStrategy:
    if canonical.underlying is None or canonical.id._strike:
        raise ArgumentException(
            f"{name.replace(' ', '')}: canonicalOption must contain canonical option symbol (Parameter 'canonicalOption')"
        )
    unit = 1 if canonical.security_type is SecurityType.FUTURE_OPTION else _SHARES_PER_CONTRACT
    return OptionStrategy._of(name, canonical, terms, lots * unit)


def _require_ascending(what: str, *values: float | datetime, but_equal: Sequence[int] = ()) -> None:
    """Raises unless each value exceeds the one before; at the places of `but_equal` it may equal it."""
    for place, (low, high) in enumerate(pairwise(values)):
        if low > high or (low == high and place not in but_equal):  # type: ignore[operator]  # values are of one kind
            raise ArgumentException(f"{what}, got {', '.join(str(value) for value in values)}")


class OptionStrategies:
    """Mirrors OptionStrategies. Strikes out of order raise ArgumentException."""

    @staticmethod
    def covered_call(canonical_option: Symbol, strike: float, expiration: datetime) -> OptionStrategy:
        """Shares and a short call."""
        return _made("Covered Call", canonical_option, _calls(expiration, (strike, -1)), 1)

    @staticmethod
    def protective_call(canonical_option: Symbol, strike: float, expiration: datetime) -> OptionStrategy:
        """Short shares and a call."""
        return OptionStrategies.covered_call(canonical_option, strike, expiration)._inverted("Protective Call")

    @staticmethod
    def covered_put(canonical_option: Symbol, strike: float, expiration: datetime) -> OptionStrategy:
        """Short shares and a short put."""
        return _made("Covered Put", canonical_option, _puts(expiration, (strike, -1)), -1)

    @staticmethod
    def protective_put(canonical_option: Symbol, strike: float, expiration: datetime) -> OptionStrategy:
        """Shares and a put."""
        return OptionStrategies.covered_put(canonical_option, strike, expiration)._inverted("Protective Put")

    @staticmethod
    def protective_collar(canonical_option: Symbol, call_strike: float, put_strike: float, expiration: datetime) -> OptionStrategy:
        """Shares, a short call and a put below it."""
        _require_ascending("ProtectiveCollar: callStrike must be greater than putStrike", put_strike, call_strike, but_equal=(0,))
        terms = _calls(expiration, (call_strike, -1)) + _puts(expiration, (put_strike, 1))
        return _made("Protective Collar", canonical_option, terms, 1)

    @staticmethod
    def conversion(canonical_option: Symbol, strike: float, expiration: datetime) -> OptionStrategy:
        """Shares, a short call and a put of one strike."""
        return OptionStrategies.protective_collar(canonical_option, strike, strike, expiration)._renamed("Conversion")

    @staticmethod
    def reverse_conversion(canonical_option: Symbol, strike: float, expiration: datetime) -> OptionStrategy:
        """Short shares, a call and a short put of one strike."""
        return OptionStrategies.conversion(canonical_option, strike, expiration)._inverted("Reverse Conversion")

    @staticmethod
    def naked_call(canonical_option: Symbol, strike: float, expiration: datetime) -> OptionStrategy:
        """A short call."""
        return _made("Naked Call", canonical_option, _calls(expiration, (strike, -1)))

    @staticmethod
    def naked_put(canonical_option: Symbol, strike: float, expiration: datetime) -> OptionStrategy:
        """A short put."""
        return _made("Naked Put", canonical_option, _puts(expiration, (strike, -1)))

    @staticmethod
    def bear_call_spread(canonical_option: Symbol, leg_1_strike: float, leg_2_strike: float, expiration: datetime) -> OptionStrategy:
        """A short call and a call above it."""
        _require_ascending("BearCallSpread: leg1Strike must be less than leg2Strike", leg_1_strike, leg_2_strike)
        return _made("Bear Call Spread", canonical_option, _calls(expiration, (leg_1_strike, -1), (leg_2_strike, 1)))

    @staticmethod
    def bear_put_spread(canonical_option: Symbol, leg_1_strike: float, leg_2_strike: float, expiration: datetime) -> OptionStrategy:
        """A put and a short put below it."""
        _require_ascending("BearPutSpread: leg1Strike must be greater than leg2Strike", leg_2_strike, leg_1_strike)
        return _made("Bear Put Spread", canonical_option, _puts(expiration, (leg_1_strike, 1), (leg_2_strike, -1)))

    @staticmethod
    def bull_call_spread(canonical_option: Symbol, leg_1_strike: float, leg_2_strike: float, expiration: datetime) -> OptionStrategy:
        """A call and a short call above it."""
        _require_ascending("BullCallSpread: leg1Strike must be less than leg2Strike", leg_1_strike, leg_2_strike)
        return _made("Bull Call Spread", canonical_option, _calls(expiration, (leg_1_strike, 1), (leg_2_strike, -1)))

    @staticmethod
    def bull_put_spread(canonical_option: Symbol, leg_1_strike: float, leg_2_strike: float, expiration: datetime) -> OptionStrategy:
        """A short put and a put below it."""
        _require_ascending("BullPutSpread: leg1Strike must be greater than leg2Strike", leg_2_strike, leg_1_strike)
        return _made("Bull Put Spread", canonical_option, _puts(expiration, (leg_1_strike, -1), (leg_2_strike, 1)))

    @staticmethod
    def straddle(canonical_option: Symbol, strike: float, expiration: datetime) -> OptionStrategy:
        """A call and a put of one strike."""
        return _made("Straddle", canonical_option, _calls(expiration, (strike, 1)) + _puts(expiration, (strike, 1)))

    @staticmethod
    def short_straddle(canonical_option: Symbol, strike: float, expiration: datetime) -> OptionStrategy:
        """A short call and a short put of one strike."""
        return OptionStrategies.straddle(canonical_option, strike, expiration)._inverted("Short Straddle")

    @staticmethod
    def strangle(canonical_option: Symbol, call_leg_strike: float, put_leg_strike: float, expiration: datetime) -> OptionStrategy:
        """A call and a put below it."""
        _require_ascending("Strangle: callLegStrike must be greater than putLegStrike", put_leg_strike, call_leg_strike)
        return _made("Strangle", canonical_option, _calls(expiration, (call_leg_strike, 1)) + _puts(expiration, (put_leg_strike, 1)))

    @staticmethod
    def short_strangle(canonical_option: Symbol, call_leg_strike: float, put_leg_strike: float, expiration: datetime) -> OptionStrategy:
        """A short call and a short put below it."""
        return OptionStrategies.strangle(canonical_option, call_leg_strike, put_leg_strike, expiration)._inverted("Short Strangle")

    @staticmethod
    def call_butterfly(
        canonical_option: Symbol, higher_strike: float, middle_strike: float, lower_strike: float, expiration: datetime
    ) -> OptionStrategy:
        """Calls at both ends, two short calls in the middle."""
        _require_even("ButterflyCall", higher_strike, middle_strike, lower_strike)
        return _made("Butterfly Call", canonical_option, _calls(expiration, (higher_strike, 1), (middle_strike, -2), (lower_strike, 1)))

    butterfly_call = call_butterfly

    @staticmethod
    def short_butterfly_call(
        canonical_option: Symbol, higher_strike: float, middle_strike: float, lower_strike: float, expiration: datetime
    ) -> OptionStrategy:
        """Short calls at both ends, two calls in the middle."""
        made = OptionStrategies.call_butterfly(canonical_option, higher_strike, middle_strike, lower_strike, expiration)
        return made._inverted("Short Butterfly Call")

    @staticmethod
    def put_butterfly(
        canonical_option: Symbol, higher_strike: float, middle_strike: float, lower_strike: float, expiration: datetime
    ) -> OptionStrategy:
        """Puts at both ends, two short puts in the middle."""
        _require_even("ButterflyPut", higher_strike, middle_strike, lower_strike)
        return _made("Butterfly Put", canonical_option, _puts(expiration, (higher_strike, 1), (middle_strike, -2), (lower_strike, 1)))

    butterfly_put = put_butterfly

    @staticmethod
    def short_butterfly_put(
        canonical_option: Symbol, higher_strike: float, middle_strike: float, lower_strike: float, expiration: datetime
    ) -> OptionStrategy:
        """Short puts at both ends, two puts in the middle."""
        made = OptionStrategies.put_butterfly(canonical_option, higher_strike, middle_strike, lower_strike, expiration)
        return made._inverted("Short Butterfly Put")

    @staticmethod
    def call_calendar_spread(
        canonical_option: Symbol, strike: float, near_expiration: datetime, far_expiration: datetime
    ) -> OptionStrategy:
        """A short near call and a far one of the same strike."""
        _require_ascending("CallCalendarSpread: near expiration must be less than far expiration", near_expiration, far_expiration)
        terms = _calls(near_expiration, (strike, -1)) + _calls(far_expiration, (strike, 1))
        return _made("Call Calendar Spread", canonical_option, terms)

    @staticmethod
    def short_call_calendar_spread(
        canonical_option: Symbol, strike: float, near_expiration: datetime, far_expiration: datetime
    ) -> OptionStrategy:
        """A near call and a short far one of the same strike."""
        made = OptionStrategies.call_calendar_spread(canonical_option, strike, near_expiration, far_expiration)
        return made._inverted("Short Call Calendar Spread")

    @staticmethod
    def put_calendar_spread(canonical_option: Symbol, strike: float, near_expiration: datetime, far_expiration: datetime) -> OptionStrategy:
        """A short near put and a far one of the same strike."""
        _require_ascending("PutCalendarSpread: near expiration must be less than far expiration", near_expiration, far_expiration)
        terms = _puts(near_expiration, (strike, -1)) + _puts(far_expiration, (strike, 1))
        return _made("Put Calendar Spread", canonical_option, terms)

    @staticmethod
    def short_put_calendar_spread(
        canonical_option: Symbol, strike: float, near_expiration: datetime, far_expiration: datetime
    ) -> OptionStrategy:
        """A near put and a short far one of the same strike."""
        made = OptionStrategies.put_calendar_spread(canonical_option, strike, near_expiration, far_expiration)
        return made._inverted("Short Put Calendar Spread")

    @staticmethod
    def iron_condor(
        canonical_option: Symbol,
        long_put_strike: float,
        short_put_strike: float,
        short_call_strike: float,
        long_call_strike: float,
        expiration: datetime,
    ) -> OptionStrategy:
        """A bull put spread and a bear call spread above it."""
        strikes = (long_put_strike, short_put_strike, short_call_strike, long_call_strike)
        _require_ascending("IronCondor: strike prices must be in ascending order", *strikes, but_equal=(1,))
        terms = _puts(expiration, (long_put_strike, 1), (short_put_strike, -1))
        return _made("Iron Condor", canonical_option, terms + _calls(expiration, (short_call_strike, -1), (long_call_strike, 1)))

    @staticmethod
    def short_iron_condor(
        canonical_option: Symbol,
        short_put_strike: float,
        long_put_strike: float,
        long_call_strike: float,
        short_call_strike: float,
        expiration: datetime,
    ) -> OptionStrategy:
        """The other side of an iron condor."""
        strikes = (short_put_strike, long_put_strike, long_call_strike, short_call_strike)
        return OptionStrategies.iron_condor(canonical_option, *strikes, expiration)._inverted("Short Iron Condor")

    @staticmethod
    def iron_butterfly(
        canonical_option: Symbol, otm_put_strike: float, atm_strike: float, otm_call_strike: float, expiration: datetime
    ) -> OptionStrategy:
        """An iron condor with one short strike."""
        if atm_strike - otm_put_strike != otm_call_strike - atm_strike:
            raise ArgumentException("IronButterfly: intervals between exercise prices must be equal")
        strikes = (otm_put_strike, atm_strike, atm_strike, otm_call_strike)
        return OptionStrategies.iron_condor(canonical_option, *strikes, expiration)._renamed("Iron Butterfly")

    @staticmethod
    def short_iron_butterfly(
        canonical_option: Symbol, otm_put_strike: float, atm_strike: float, otm_call_strike: float, expiration: datetime
    ) -> OptionStrategy:
        """The other side of an iron butterfly."""
        made = OptionStrategies.iron_butterfly(canonical_option, otm_put_strike, atm_strike, otm_call_strike, expiration)
        return made._inverted("Short Iron Butterfly")

    @staticmethod
    def box_spread(canonical_option: Symbol, higher_strike: float, lower_strike: float, expiration: datetime) -> OptionStrategy:
        """A bear put spread and a bull call spread of the same strikes."""
        _require_ascending("BoxSpread: strike prices must be in descending order", lower_strike, higher_strike)
        terms = _puts(expiration, (higher_strike, 1), (lower_strike, -1)) + _calls(expiration, (lower_strike, 1), (higher_strike, -1))
        return _made("Box Spread", canonical_option, terms)

    @staticmethod
    def short_box_spread(canonical_option: Symbol, higher_strike: float, lower_strike: float, expiration: datetime) -> OptionStrategy:
        """The other side of a box spread."""
        return OptionStrategies.box_spread(canonical_option, higher_strike, lower_strike, expiration)._inverted("Short Box Spread")

    @staticmethod
    def jelly_roll(canonical_option: Symbol, strike: float, near_expiration: datetime, far_expiration: datetime) -> OptionStrategy:
        """A call calendar spread and a short put calendar spread."""
        _require_ascending("CallCalendarSpread: near expiration must be less than far expiration", near_expiration, far_expiration)
        terms = _calls(near_expiration, (strike, -1)) + _calls(far_expiration, (strike, 1))
        return _made("Jelly Roll", canonical_option, terms + _puts(near_expiration, (strike, 1)) + _puts(far_expiration, (strike, -1)))

    @staticmethod
    def short_jelly_roll(canonical_option: Symbol, strike: float, near_expiration: datetime, far_expiration: datetime) -> OptionStrategy:
        """The other side of a jelly roll."""
        return OptionStrategies.jelly_roll(canonical_option, strike, near_expiration, far_expiration)._inverted("Short Jelly Roll")

    @staticmethod
    def bear_call_ladder(
        canonical_option: Symbol, lower_strike: float, middle_strike: float, higher_strike: float, expiration: datetime
    ) -> OptionStrategy:
        """A short call and two calls above it."""
        _require_ascending("BearCallLadder: strike prices must be in ascending order", lower_strike, middle_strike, higher_strike)
        return _made("Bear Call Ladder", canonical_option, _calls(expiration, (lower_strike, -1), (middle_strike, 1), (higher_strike, 1)))

    @staticmethod
    def bear_put_ladder(
        canonical_option: Symbol, higher_strike: float, middle_strike: float, lower_strike: float, expiration: datetime
    ) -> OptionStrategy:
        """A put and two short puts below it."""
        _require_ascending("BearPutLadder: strike prices must be in descending order", lower_strike, middle_strike, higher_strike)
        return _made("Bear Put Ladder", canonical_option, _puts(expiration, (higher_strike, 1), (middle_strike, -1), (lower_strike, -1)))

    @staticmethod
    def bull_call_ladder(
        canonical_option: Symbol, lower_strike: float, middle_strike: float, higher_strike: float, expiration: datetime
    ) -> OptionStrategy:
        """A call and two short calls above it."""
        made = OptionStrategies.bear_call_ladder(canonical_option, lower_strike, middle_strike, higher_strike, expiration)
        return made._inverted("Bull Call Ladder")

    @staticmethod
    def bull_put_ladder(
        canonical_option: Symbol, higher_strike: float, middle_strike: float, lower_strike: float, expiration: datetime
    ) -> OptionStrategy:
        """A short put and two puts below it."""
        made = OptionStrategies.bear_put_ladder(canonical_option, higher_strike, middle_strike, lower_strike, expiration)
        return made._inverted("Bull Put Ladder")

    @staticmethod
    def call_backspread(canonical_option: Symbol, lower_strike: float, higher_strike: float, expiration: datetime) -> OptionStrategy:
        """A short call and two calls above it, of one strike."""
        _require_ascending("CallBackspread: strike prices must be in ascending order", lower_strike, higher_strike)
        return _made("Call Backspread", canonical_option, _calls(expiration, (lower_strike, -1), (higher_strike, 2)))

    @staticmethod
    def put_backspread(canonical_option: Symbol, higher_strike: float, lower_strike: float, expiration: datetime) -> OptionStrategy:
        """A short put and two puts below it, of one strike."""
        _require_ascending("PutBackspread: strike prices must be in descending order", lower_strike, higher_strike)
        return _made("Put Backspread", canonical_option, _puts(expiration, (higher_strike, -1), (lower_strike, 2)))

    @staticmethod
    def short_call_backspread(canonical_option: Symbol, lower_strike: float, higher_strike: float, expiration: datetime) -> OptionStrategy:
        """A call and two short calls above it."""
        return OptionStrategies.call_backspread(canonical_option, lower_strike, higher_strike, expiration)._inverted(
            "Short Call Backspread"
        )

    @staticmethod
    def short_put_backspread(canonical_option: Symbol, higher_strike: float, lower_strike: float, expiration: datetime) -> OptionStrategy:
        """A put and two short puts below it."""
        return OptionStrategies.put_backspread(canonical_option, higher_strike, lower_strike, expiration)._inverted("Short Put Backspread")


def _require_even(name: str, higher: float, middle: float, lower: float) -> None:
    if not lower < middle < higher or higher - middle != middle - lower:
        raise ArgumentException(
            f"{name}: upper and lower strikes must both be equidistant from the middle strike, got {higher}, {middle}, {lower}"
        )
