"""A tiny LEAN data folder written by tests."""

import json
import zipfile

NEW_YORK = "America/New_York"


def _entry(exchange_zone, data_zone, start, end):
    session = [{"start": start, "end": end, "state": "market"}]
    days = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), session)
    return {"dataTimeZone": data_zone, "exchangeTimeZone": exchange_zone, **days}


def write_databases(folder):
    """Hours of US equities, indices, their options and CME futures, and two lines of symbol properties."""
    entries = {
        "Equity-usa-[*]": _entry(NEW_YORK, NEW_YORK, "09:30:00", "16:00:00"),
        "Option-usa-[*]": _entry(NEW_YORK, NEW_YORK, "09:30:00", "16:00:00"),
        "Index-usa-[*]": _entry("America/Chicago", "America/Chicago", "08:30:00", "15:15:00"),
        "IndexOption-usa-[*]": _entry("America/Chicago", NEW_YORK, "08:30:00", "15:15:00"),
        "Future-cme-[*]": _entry(NEW_YORK, "UTC", "09:30:00", "17:00:00"),
    }
    (folder / "market-hours").mkdir(parents=True)
    (folder / "market-hours" / "market-hours-database.json").write_text(json.dumps({"entries": entries}))
    (folder / "symbol-properties").mkdir()
    (folder / "symbol-properties" / "symbol-properties-database.csv").write_text("market,symbol,type\n\nusa,[*],equity,,USD,1,0.01,1\n")
    return folder


def write_zip(folder, path, **entries):
    """Writes a zip; keyword names are entry names without .csv, "first" stands for any name."""
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(f"{name}.csv", content)
    return target
