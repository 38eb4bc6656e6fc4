"""Quotes read straight from a LEAN data folder's zips, for options on shares and indices: what a fill and a stop can be held against."""

import csv
import io
import zipfile
from bisect import bisect_right
from datetime import datetime, time, timedelta
from functools import lru_cache

_INDEX_ROOTS = frozenset({"SPXW", "SPX", "NDXP", "NDX", "RUTW", "RUT", "XSP", "VIXW"})
_SCALE = 10_000.0


class Quotes:
    """Bids and asks at the end of each minute that had any."""

    def __init__(self, data):
        self.folder = data
        self._series = lru_cache(maxsize=512)(self._read)

    def has(self, option):
        """Whether the folder's layout for this root is one this reader knows."""
        return self._zip(option, datetime.combine(option.expiry, time())).parent.is_dir()

    def last(self, option, moment):
        """(end of its minute, bid, ask) of the last quote at or before a moment of its day; None before the first.

        A missing side is the one before it, as every engine hands it to an algorithm; None until there was one.
        """
        ends, rows = self._series(option, moment.date())
        at = bisect_right(ends, moment) - 1
        return None if at < 0 else (ends[at], *rows[at])

    def _zip(self, option, day):
        index = option.root in _INDEX_ROOTS
        kind, style = ("indexoption", "european") if index else ("option", "american")
        return self.folder / kind / "usa" / "minute" / option.root.lower() / f"{day:%Y%m%d}_quote_{style}.zip"

    def _read(self, option, day):
        path = self._zip(option, day)
        if not path.exists():
            return [], []
        style = path.stem.rsplit("_", 1)[1]
        right = "call" if option.right == "C" else "put"
        strike = round(option.strike * _SCALE)
        name = f"{day:%Y%m%d}_{option.root.lower()}_minute_quote_{style}_{right}_{strike}_{option.expiry:%Y%m%d}.csv"
        with zipfile.ZipFile(path) as archive:
            if name not in archive.namelist():
                return [], []
            rows = list(csv.reader(io.StringIO(archive.read(name).decode())))
        midnight = datetime.combine(day, time())
        ends = [midnight + timedelta(milliseconds=int(row[0]), minutes=1) for row in rows]
        return ends, _carried((_price(row[4]), _price(row[9])) for row in rows)


def _carried(rows):
    kept, bid, ask = [], None, None
    for row in rows:
        bid, ask = row[0] or bid, row[1] or ask
        kept.append((bid, ask))
    return kept


def _price(text):
    return float(text) / _SCALE if text and float(text) > 0 else None
