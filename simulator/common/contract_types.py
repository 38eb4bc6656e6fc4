"""Which option expiries are monthly ones (LEAN's OptionSymbol, IndexOptionSymbol and FutureOptionSymbol.IsStandard)."""

from datetime import date
from typing import Final

from simulator.common.enums import SecurityType
from simulator.common.security_identifier import SecurityIdentifier

_WITH_MONTHLIES: Final = frozenset({"NQX", "SPXW", "RUTW"})
"""Index option roots that have weekly and monthly contracts; the other roots are standard throughout."""

_FRIDAY: Final = 4


def is_standard_option(chain: SecurityIdentifier, expiry: date) -> bool:
    """Whether a chain's contract of a date is a monthly one: of a share from Thursday to Saturday of the third Friday's week."""
    if chain.security_type is SecurityType.FUTURE_OPTION:
        return True
    first_friday = 1 + (_FRIDAY - expiry.replace(day=1).weekday()) % 7
    third_friday = first_friday + 14
    if chain.security_type is SecurityType.INDEX_OPTION:
        return chain.market != "usa" or chain.symbol not in _WITH_MONTHLIES or expiry.day == third_friday
    return abs(expiry.day - third_friday) <= 1
