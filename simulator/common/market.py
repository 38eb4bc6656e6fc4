"""LEAN's market names and currencies (Common/Market.cs, Common/Currencies.cs)."""

from typing import ClassVar

from simulator.errors import SymbolError


class Market:
    """Names of the markets; the codes stand inside security identifiers."""

    USA = "usa"
    OANDA = "oanda"
    FXCM = "fxcm"
    DUKASCOPY = "dukascopy"
    BITFINEX = "bitfinex"
    GLOBEX = "cmeglobex"
    NYMEX = "nymex"
    CBOT = "cbot"
    ICE = "ice"
    CBOE = "cboe"
    CFE = "cfe"
    INDIA = "india"
    COMEX = "comex"
    CME = "cme"
    EUREX = "eurex"
    SGX = "sgx"
    HKFE = "hkfe"
    OSE = "ose"
    NYSELIFFE = "nyseliffe"
    KRAKEN = "kraken"
    BINANCE = "binance"
    COINBASE = "coinbase"
    INTERACTIVE_BROKERS = "interactivebrokers"

    _CODES: ClassVar[dict[str, int]] = {
        "empty": 0,
        USA: 1,
        FXCM: 2,
        OANDA: 3,
        DUKASCOPY: 4,
        BITFINEX: 5,
        GLOBEX: 6,
        NYMEX: 7,
        CBOT: 8,
        ICE: 9,
        CBOE: 10,
        INDIA: 11,
        KRAKEN: 13,
        BINANCE: 16,
        COMEX: 22,
        CME: 23,
        SGX: 24,
        HKFE: 25,
        NYSELIFFE: 26,
        CFE: 33,
        COINBASE: 38,
        INTERACTIVE_BROKERS: 39,
        EUREX: 40,
        OSE: 41,
    }
    _NAMES: ClassVar[dict[int, str]] = {code: name for name, code in _CODES.items()}

    @classmethod
    def encode(cls, market: str) -> int | None:
        """The code of a market, or None for an unknown one."""
        return cls._CODES.get(market.lower())

    @classmethod
    def decode(cls, code: int) -> str | None:
        """The market of a code, or None for an unknown one."""
        return cls._NAMES.get(code)

    @classmethod
    def _code(cls, market: str) -> int:
        code = cls.encode(market)
        if code is None:
            raise SymbolError(f"Unknown market '{market}'; known: {', '.join(sorted(cls._CODES))}. Add it in simulator/common/market.py.")
        return code


class Currencies:
    """Currency codes and the signs they are printed with."""

    USD = "USD"
    EUR = "EUR"
    GBP = "GBP"
    JPY = "JPY"
    CHF = "CHF"
    HKD = "HKD"
    INR = "INR"
    NULL_CURRENCY = "QCC"

    _SYMBOLS: ClassVar[dict[str, str]] = {
        USD: "$",
        GBP: "₤",
        JPY: "¥",
        EUR: "€",
        "NZD": "$",
        "AUD": "$",
        "CAD": "$",
        CHF: "Fr",
        HKD: "$",
        INR: "₹",
    }

    @classmethod
    def get_currency_symbol(cls, currency: str) -> str:
        """The sign of a currency, the code itself when it has none."""
        return cls._SYMBOLS.get(currency, currency)
