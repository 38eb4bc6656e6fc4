"""Products: what kind of instrument an underlying named in the parameters is, and under which roots its options are listed.

Facts of the exchanges and of LEAN's data, not tunables. Options on futures exist as data for the listed roots only (rulebook 2.3).
"""

from dataclasses import dataclass
from enum import StrEnum


class ProductKind(StrEnum):
    """How the underlying trades."""

    EQUITY = "equity"
    INDEX = "index"
    FUTURE = "future"


@dataclass(frozen=True, slots=True)
class Product:
    """An underlying and the root of the options traded on it.

    Attributes:
        ticker: as in the parameters.
        kind: share (or ETF), index or future.
        option_root: root of its options; for an index the afternoon-settled one.
        market: LEAN's market name.
    """

    ticker: str
    kind: ProductKind
    option_root: str
    market: str


class UnsupportedProductError(ValueError):
    """Raised at start for a future whose options do not exist as data. The algorithm does not start."""


_INDEX_ROOTS = {"SPX": "SPXW", "NDX": "NDXP", "RUT": "RUTW", "XSP": "XSP", "VIX": "VIXW"}

_FUTURE_ROOTS = {
    "ES": ("ES", "cme"),
    "NQ": ("NQ", "cme"),
    "CL": ("LO", "nymex"),
    "NG": ("ON", "nymex"),
    "RB": ("OB", "nymex"),
    "HO": ("OH", "nymex"),
    "ZN": ("OZN", "cbot"),
    "ZT": ("OZT", "cbot"),
    "ZB": ("OZB", "cbot"),
    "ZC": ("OZC", "cbot"),
    "ZS": ("OZS", "cbot"),
    "ZW": ("OZW", "cbot"),
    "GC": ("OG", "comex"),
    "SI": ("SO", "comex"),
    "HG": ("HXE", "comex"),
}

_FUTURES_WITHOUT_OPTION_DATA = frozenset(
    [
        "RTY",
        "YM",
        "ZF",
        "MES",
        "MNQ",
        "M2K",
        "MYM",
        "MCL",
        "MGC",
        "SIL",
        "6E",
        "6B",
        "6A",
        "6C",
        "6J",
        "6S",
        "LE",
        "HE",
        "GF",
        "PL",
        "PA",
        "VX",
    ]
)


def product_of(ticker: str) -> Product:
    """The product behind a ticker: a known index or future, else a share.

    Raises:
        UnsupportedProductError: for a future whose options have no data; the message lists those that do.
    """
    if ticker in _INDEX_ROOTS:
        return Product(ticker, ProductKind.INDEX, _INDEX_ROOTS[ticker], "usa")
    if ticker in _FUTURE_ROOTS:
        root, market = _FUTURE_ROOTS[ticker]
        return Product(ticker, ProductKind.FUTURE, root, market)
    if ticker in _FUTURES_WITHOUT_OPTION_DATA:
        raise UnsupportedProductError(
            f"options on the future {ticker} do not exist as data, expected one of {', '.join(sorted(_FUTURE_ROOTS))}; "
            "take it out of the list of products"
        )
    return Product(ticker, ProductKind.EQUITY, ticker, "usa")
