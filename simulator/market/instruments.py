"""What the generated market lists besides options: indices, funds and futures, and how each follows its factor."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Dividends:
    """A fund's distributions.

    Attributes:
        months: months in which it goes ex dividend.
        rule: "third_friday", "fourth_monday" or "first_session" of the month.
        amount: dollars of one distribution in 2024.
        growth: yearly growth of the amount.
    """

    months: tuple[int, ...]
    rule: str
    amount: float
    growth: float = 0.05


@dataclass(frozen=True)
class Fund:
    """An exchange-traded fund.

    Attributes:
        ticker: upper-case ticker.
        factor: risk factor it follows.
        anchor: close before the first session of 2024.
        dividends: its distributions, if any.
        volume: usual shares a day.
        listed: first row of its map file, part of LEAN's security identifier.
        exchange: LEAN's exchange code in the map file.
    """

    ticker: str
    factor: str
    anchor: float
    dividends: Dividends | None
    volume: float
    listed: str
    exchange: str = "P"


@dataclass(frozen=True)
class Future:
    """A futures product.

    Attributes:
        ticker: LEAN's ticker.
        market: LEAN's market, a folder name.
        factor: risk factor its spot follows.
        anchor: spot at the close before the first session of 2024.
        scale: log return of the spot per log return of the factor.
        carry_over_rate: carry less the interest rate, a year; None for a carry that ignores it.
        flat_carry: carry a year when `carry_over_rate` is None.
        months: contract months listed.
        listed_contracts: how many contracts have data at once.
        tick: minimum price variation.
        multiplier: contract multiplier, dollars per point.
        close_minute: last minute of day with quotes (New York).
        initial, maintenance: margin per contract, dollars.
        volume: usual contracts a day of the front month.
        description: name in the symbol properties.
    """

    ticker: str
    market: str
    factor: str
    anchor: float
    scale: float
    carry_over_rate: float | None
    flat_carry: float
    months: tuple[int, ...]
    listed_contracts: int
    tick: float
    multiplier: float
    close_minute: int
    initial: int
    maintenance: int
    volume: float
    description: str


QUARTERS = (3, 6, 9, 12)
EVERY_MONTH = tuple(range(1, 13))
SPX_ANCHOR = 4769.83
SPX_YIELD = 0.0138

FUNDS = (
    Fund("SPY", "equity", 475.31, Dividends(QUARTERS, "third_friday", 1.75), 75e6, "19980102"),
    Fund("QQQ", "growth", 409.52, Dividends(QUARTERS, "fourth_monday", 0.66), 45e6, "19990310", "Q"),
    Fund("IWM", "small", 200.71, Dividends(QUARTERS, "fourth_monday", 0.66), 32e6, "20000526"),
    Fund("GLD", "gold", 191.17, None, 7e6, "20041118"),
    Fund("TLT", "rates", 98.88, Dividends(EVERY_MONTH, "first_session", 0.31, 0.02), 35e6, "20020730", "Q"),
    Fund("SLV", "silver", 21.78, None, 15e6, "20060428"),
    Fund("XOP", "energy", 136.91, Dividends(QUARTERS, "fourth_monday", 0.84), 3e6, "20060622"),
)

FUTURES = (
    Future(
        "ES", "cme", "equity", SPX_ANCHOR, 1.0, -SPX_YIELD, 0.0, QUARTERS, 4, 0.25, 50.0, 960, 13310, 12100, 1.5e6, "E-mini S&P 500 Futures"
    ),
    Future("CL", "nymex", "crude", 72.1, 1.0, None, -0.035, EVERY_MONTH, 7, 0.01, 1000.0, 960, 6600, 6000, 3e5, "Crude Oil Futures"),
    Future("GC", "comex", "gold", 2063.0, 1.0, 0.001, 0.0, (2, 4, 6, 8, 10, 12), 4, 0.1, 100.0, 960, 9130, 8300, 2e5, "Gold Futures"),
    Future(
        "ZB", "cbot", "rates", 124.5, 0.68, None, 0.004, QUARTERS, 3, 0.03125, 1000.0, 960, 4180, 3800, 3.5e5, "U.S. Treasury Bond Futures"
    ),
    Future("ZC", "cbot", "corn", 4.68, 1.0, None, 0.06, (3, 5, 7, 9, 12), 4, 0.0025, 5000.0, 860, 1265, 1150, 1.8e5, "Corn Futures"),
)
VOLATILITY_INDICES = {"VIX9D": 9.0, "VIX": 30.0, "VIX3M": 93.0, "VIX6M": 184.0}  # days of the index's horizon
INDICES = ("SPX", *VOLATILITY_INDICES)
SYMBOLS = (*INDICES, "SPXW", *(fund.ticker for fund in FUNDS), *(future.ticker for future in FUTURES))
