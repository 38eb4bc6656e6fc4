"""Option chains: what is listed, with yesterday's closing figures."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from domain.contract import Contract, Right


@dataclass(frozen=True, slots=True)
class ChainRow:
    """A listed contract with the figures of the last universe file (the previous close, not live).

    Attributes:
        contract: what is listed.
        close: last close in points; None when the file has none.
        implied_volatility: as a decimal; None when the file has none (options on futures never do).
        delta: signed; None when the file has none.
        open_interest: contracts; None when unknown.
    """

    contract: Contract
    close: float | None = None
    implied_volatility: float | None = None
    delta: float | None = None
    open_interest: int | None = None


@dataclass(frozen=True, slots=True)
class OptionChain:
    """Everything listed on one underlying, as known before today's session.

    Attributes:
        underlying: as in the parameters.
        rows: one per contract.
    """

    underlying: str
    rows: tuple[ChainRow, ...]

    def expiries(self, today: date, dte_low: int, dte_high: int) -> list[date]:
        """Listed expiries with days to expiry within the closed band, ascending."""
        found = {row.contract.expiry for row in self.rows}
        return sorted(day for day in found if dte_low <= (day - today).days <= dte_high)

    def select(self, expiry: date, right: Right, low: float, high: float) -> list[ChainRow]:
        """Rows of one expiry and right with strikes within the closed range, ascending by strike."""
        rows = (row for row in self.rows if row.contract.expiry == expiry and row.contract.right is right)
        return sorted((row for row in rows if low <= row.contract.strike <= high), key=lambda row: row.contract.strike)

    def strikes(self, expiry: date) -> list[float]:
        """All listed strikes of an expiry, ascending."""
        return sorted({row.contract.strike for row in self.rows if row.contract.expiry == expiry})


def merged(underlying: str, chains: Iterable[OptionChain]) -> OptionChain:
    """One chain out of several (the chains of every future of a root)."""
    return OptionChain(underlying, tuple(row for chain in chains for row in chain.rows))
