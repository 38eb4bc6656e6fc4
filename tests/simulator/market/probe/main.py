"""Reads one chain and one quote of every generated instrument; what it saw goes to the object store, the same on every engine.

Run it on LEAN with `lean backtest` on the generated folder, or with `python -m simulator backtest`; then compare `market-probe.json`.
"""

from AlgorithmImports import *

FUNDS = ("SPY", "QQQ", "IWM", "GLD", "TLT", "SLV", "XOP")
INDICES = ("SPX", "VIX", "VIX9D", "VIX3M", "VIX6M")
FUTURES = (("ES", Market.CME), ("CL", Market.NYMEX), ("GC", Market.COMEX), ("ZB", Market.CBOT), ("ZC", Market.CBOT))


class MarketProbe(QCAlgorithm):
    """Subscribes on the first day, looks once at half past ten of the second, buys and sells nothing."""

    def initialize(self):
        self.set_start_date(2024, 1, 4)
        self.set_end_date(2024, 1, 5)
        self.set_cash(75_000)
        self.seen = {}
        self.contracts = {}
        self.underlyings = {
            name: self.add_equity(name, Resolution.MINUTE, data_normalization_mode=DataNormalizationMode.RAW).symbol for name in FUNDS
        }
        self.underlyings |= {name: self.add_index(name, Resolution.MINUTE).symbol for name in INDICES}
        self.futures = {name: self.add_future(name, Resolution.MINUTE, market) for name, market in FUTURES}
        spy = self.underlyings["SPY"]
        self.schedule.on(self.date_rules.on(2024, 1, 5), self.time_rules.after_market_open(spy, 15), self.prepare)
        self.schedule.on(self.date_rules.on(2024, 1, 5), self.time_rules.after_market_open(spy, 60), self.look)

    def canonicals(self):
        """(name, symbol to ask the chain of) of every chain."""
        spxw = Symbol.create_canonical_option(self.underlyings["SPX"], "SPXW", Market.USA, "?SPXW")
        return [
            ("SPXW", spxw),
            *((name, self.underlyings[name]) for name in FUNDS),
            *((name, self.futures[name].mapped) for name, _ in FUTURES),
        ]

    def prepare(self):
        for name, symbol in self.canonicals():
            chain = sorted(self.option_chain(symbol), key=lambda each: (each.expiry, each.right == OptionRight.PUT, each.strike))
            rights = [each for each in chain if each.right == OptionRight.PUT]
            chosen = rights[len(rights) // 2]
            self.seen[f"{name} chain"] = [
                len(chain),
                str(chosen.symbol.id),
                f"{chosen.expiry:%Y-%m-%d}",
                round(chosen.strike, 6),
                round(chosen.last_price, 6),
                int(chosen.open_interest),
                *([] if name in dict(FUTURES) else [round(chosen.implied_volatility, 6), round(chosen.greeks.delta, 6)]),
            ]
            add = (
                self.add_option_contract
                if name in FUNDS
                else self.add_index_option_contract
                if name == "SPXW"
                else self.add_future_option_contract
            )
            self.contracts[name] = add(chosen.symbol, Resolution.MINUTE).symbol

    def look(self):
        for name, symbol in self.underlyings.items():
            self.seen[name] = [round(self.securities[symbol].price, 6)]
        for name, future in self.futures.items():
            security = self.securities[future.mapped]
            self.seen[f"{name} future"] = [str(future.mapped.id), round(security.bid_price, 6), round(security.ask_price, 6)]
        for name, symbol in self.contracts.items():
            security = self.securities[symbol]
            self.seen[f"{name} quote"] = [
                round(security.bid_price, 6),
                round(security.ask_price, 6),
                int(security.bid_size),
                int(security.ask_size),
            ]

    def on_end_of_algorithm(self):
        self.object_store.save("market-probe.json", json.dumps(self.seen, indent=1, sort_keys=True))
