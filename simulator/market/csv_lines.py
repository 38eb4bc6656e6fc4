"""LEAN's CSV lines from arrays of integers: numbers become text once per distinct value."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]

_MICRO = 1_000_000


@lru_cache(maxsize=200_000)
def plain(micros: int) -> str:
    """Decimal text of a number of millionths, without trailing zeros."""
    whole, rest = divmod(micros, _MICRO)
    return f"{whole}.{rest:06d}".rstrip("0") if rest else str(whole)


@lru_cache(maxsize=200_000)
def scaled(micros: int) -> str:
    """Text of a number of millionths as LEAN's equity and option files write prices: times 10000."""
    return str(micros // 100)


@lru_cache(maxsize=400_000)
def _four_prices(texts: Callable[[int], str], price: int) -> str:
    """Open, high, low and close of one price, with the commas around them; nothing for no price."""
    if not price:
        return ",,,,,"
    text = texts(price)
    return f",{text},{text},{text},{text},"


def _flat_side(texts: Callable[[int], str], prices: list[int], sizes: list[int]) -> list[str]:
    return [_four_prices(texts, price) + str(size if price else 0) for price, size in zip(prices, sizes, strict=True)]


def flat_quotes(
    texts: Callable[[int], str], stamps: Iterable[str], bid: Integers, ask: Integers, bid_size: Integers, ask_size: Integers
) -> bytes:
    """Quote lines whose open, high, low and close are one snapshot."""
    bids = _flat_side(texts, bid.tolist(), bid_size.tolist())
    asks = _flat_side(texts, ask.tolist(), ask_size.tolist())
    return "\n".join([stamp + left + right for stamp, left, right in zip(stamps, bids, asks, strict=True)]).encode()
