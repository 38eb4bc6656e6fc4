"""Words for states and reasons that the journal carries."""

from enum import StrEnum


class TradingState(StrEnum):
    """What the machine may do. Closing an open position is possible in every state but HALTED, and there for a person."""

    ACTIVE = "active"
    REDUCING = "reducing"
    HALTED = "halted"


class ExitReason(StrEnum):
    """Why a position, or part of one, is closed. Carried from the decision to the report."""

    PROFIT_TARGET = "profit_target"
    STOP = "stop"
    TIME = "time"
    HARD_TIME = "hard_time"
    DTE = "dte"
    DEFENSIVE = "defensive"
    DELTA = "delta"
    DISTANCE = "distance"
    TESTED_SIDE = "tested_side"
    ROLL = "roll"
    EXTRINSIC = "extrinsic"
    ASSIGNMENT_RISK = "assignment_risk"
    NO_INCOME = "no_income"
    ASSIGNED = "assigned"
    SETTLED = "settled"
    EXPIRED = "expired"
    HEDGE_VALUE = "hedge_value"
    CRISIS = "crisis"
    BREAKER = "breaker"
    MANUAL = "manual"


class Urgency(StrEnum):
    """How a closing order is priced: walked from the middle, or at the natural price at once."""

    WALK = "walk"
    NATURAL = "natural"


class Intent(StrEnum):
    """What a proposal wants."""

    OPEN = "open"
    CLOSE = "close"


class SkipCode(StrEnum):
    """Why a strategy proposes nothing although it was its hour."""

    NOT_ENTRY_DAY = "not_entry_day"
    HOLIDAY = "holiday"
    TOO_LATE_FOR_EARLY_CLOSE = "too_late_for_early_close"
    BLACKOUT_DAY = "blackout_day"
    NO_CHAIN = "no_chain"
    NO_EXPIRY = "no_expiry"
    NO_STRIKE_IN_BAND = "no_strike_in_band"
    NO_QUOTE = "no_quote"
    NO_SPOT = "no_spot"
    NO_SESSION_OPEN = "no_session_open"
    NO_HISTORY = "no_history"
    NO_VIX = "no_vix"
    VIX_TOO_HIGH = "vix_too_high"
    VIX_TOO_LOW = "vix_too_low"
    IV_RANK_UNKNOWN = "iv_rank_unknown"
    IV_RANK_TOO_LOW = "iv_rank_too_low"
    CREDIT_BELOW_FLOOR = "credit_below_floor"
    DEBIT_ABOVE_CAP = "debit_above_cap"
    SPREAD_TOO_WIDE = "spread_too_wide"
    NEAR_HIGH = "near_high"
    BELOW_AVERAGE = "below_average"
    NO_PULLBACK = "no_pullback"
    NO_PRODUCT = "no_product"
    EXPIRY_IN_USE = "expiry_in_use"
    ALREADY_OPEN = "already_open"
    NO_UNITS = "no_units"
    EXTRINSIC_TOO_HIGH = "extrinsic_too_high"
    WINDOW_OVER = "window_over"
    NOT_NEEDED = "not_needed"
    NOT_FILLED = "not_filled"
    ERROR = "error"
