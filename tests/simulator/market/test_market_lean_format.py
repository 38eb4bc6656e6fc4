"""Generated files beside LEAN's own sample files of the same kind: names, headers, and what each field of a line is made of."""

import re
import zipfile

import pytest

LINES = 400
ALSO = {  # decimals LEAN reads where its samples happen to have whole strikes, or no open interest
    ("option universe", 1): {"decimal"},
    ("future option universe", 1): {"decimal"},
    ("future option universe", 8): {"integer"},
}
KINDS = {  # the same kind of file: (LEAN's sample, generated)
    "equity minute trade": ("equity/usa/minute/spy/*_trade.zip", "equity/usa/minute/spy/20240105_trade.zip"),
    "equity minute quote": ("equity/usa/minute/*/*_quote.zip", "equity/usa/minute/iwm/20240105_quote.zip"),
    "equity hour": ("equity/usa/hour/*.zip", "equity/usa/hour/spy.zip"),
    "equity daily": ("equity/usa/daily/*.zip", "equity/usa/daily/spy.zip"),
    "equity map": ("equity/usa/map_files/spy.csv", "equity/usa/map_files/*.csv"),
    "equity factors": ("equity/usa/factor_files/spy.csv", "equity/usa/factor_files/*.csv"),
    "index minute": ("index/usa/minute/spx/*_trade.zip", "index/usa/minute/*/20240105_trade.zip"),
    "index hour": ("index/usa/hour/spx.zip", "index/usa/hour/*.zip"),
    "index daily": ("index/usa/daily/spx.zip", "index/usa/daily/*.zip"),
    "option quote": ("option/usa/minute/*/*_quote_american.zip", "option/usa/minute/*/20240105_quote_american.zip"),
    "option trade": ("option/usa/minute/*/*_trade_american.zip", "option/usa/minute/*/20240105_trade_american.zip"),
    "option universe": ("option/usa/universes/spy/*.csv", "option/usa/universes/*/20240105.csv"),
    "index option quote": ("indexoption/usa/minute/spxw/*_quote_european.zip", "indexoption/usa/minute/spxw/20240105_quote_european.zip"),
    "index option trade": ("indexoption/usa/minute/spxw/*_trade_european.zip", "indexoption/usa/minute/spxw/20240105_trade_european.zip"),
    "index option universe": ("indexoption/usa/universes/spxw/*.csv", "indexoption/usa/universes/spxw/20240104.csv"),
    "future trade": ("future/cme/minute/es/*_trade.zip", "future/*/minute/*/20240105_trade.zip"),
    "future quote": ("future/cme/minute/es/*_quote.zip", "future/*/minute/*/20240105_quote.zip"),
    "future daily": ("future/cme/daily/es_trade.zip", "future/*/daily/*_trade.zip"),
    "future hour": ("future/cme/hour/es_trade.zip", "future/*/hour/*_trade.zip"),
    "future map": ("future/cme/map_files/es.csv", "future/*/map_files/*.csv"),
    "future factors": ("future/cme/factor_files/es.csv", "future/*/factor_files/*.csv"),
    "future margins": ("future/cme/margins/ES.csv", "future/*/margins/*.csv"),
    "future universe": ("future/cme/universes/es/*.csv", "future/*/universes/*/20240105.csv"),
    "future option quote": ("futureoption/cme/minute/es/*/*_quote_american.zip", "futureoption/*/minute/*/*/20240105_quote_american.zip"),
    "future option trade": ("futureoption/cme/minute/es/*/*_trade_american.zip", "futureoption/*/minute/*/*/20240105_trade_american.zip"),
    "future option universe": ("futureoption/cme/universes/es/*/*.csv", "futureoption/*/universes/*/*/20240105.csv"),
    "interest rates": ("alternative/interest-rate/usa/interest-rate.csv",) * 2,
}
TICKER = (
    r"(?<![a-z])(spy|qqq|iwm|gld|tlt|slv|xop|spxw|spx|vix9d|vix3m|vix6m|vix|es|cl|gc|zb|zc|lo|og|ozb|ozc|aapl|goog|nwsa|foxa|twx)(?![a-z])"
)


def shape(name):
    """A file's name with its ticker, right, dates and numbers taken out."""
    name = re.sub(TICKER, "T", name.lower())
    name = re.sub(r"(put|call)_\d+_", "R_K_", name)
    return re.sub(r"\d{8}", "D", re.sub(r"(?<!\d)\d{6}(?!\d)", "M", name))


def field(text):
    """What a field is made of."""
    for kind, pattern in (
        ("empty", r""),
        ("integer", r"-?\d+"),
        ("decimal", r"-?\d+\.\d+"),
        ("minute", r"\d{8} \d\d:\d\d"),
        ("date", r"\d{4}-\d\d-\d\d"),
    ):
        if re.fullmatch(pattern, text):
            return kind
    return "text"


def read(path):
    """(name of the entry's shape, lines) of a file."""
    if path.suffix != ".zip":
        yield shape(path.name), path.read_text().splitlines()[:LINES]
        return
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist()[:40]:
            with archive.open(name) as file:
                lines = [line.decode().rstrip("\r\n") for line, _ in zip(file, range(LINES), strict=False)]
            yield f"{shape(path.name)}#{shape(name)}", lines


def grammar(folder, pattern):
    """Names, headers, and for each number of fields the kinds seen in each field."""
    names, headers, fields = set(), set(), {}
    paths = sorted(folder.glob(pattern))
    assert paths, pattern
    for path in paths[:12]:
        for name, lines in read(path):
            names.add(name)
            for line in lines:
                if line[:1].isalpha() or line.startswith("#"):
                    headers.add(line)
                    continue
                if line.startswith("{"):
                    fields.setdefault("json", [set()])[0].add(re.sub(r"[-\d.E]+", "0", re.sub(r"\[[^]]*]", "[]", line)))
                    continue
                parts = line.split(",")
                seen = fields.setdefault(len(parts), [set() for _ in parts])
                for kinds, part in zip(seen, parts, strict=True):
                    kinds.add(field(part))
    return names, headers, fields


@pytest.mark.parametrize("kind", KINDS)
def test_files_are_written_as_leans_are(sample_data, two_weeks, kind):
    sample, generated = (grammar(folder, pattern) for folder, pattern in zip((sample_data, two_weeks), KINDS[kind], strict=True))
    assert generated[0] <= sample[0]
    assert generated[1] <= sample[1]
    assert set(generated[2]) <= set(sample[2])
    for count, fields in generated[2].items():
        for position, kinds in enumerate(fields):
            known = sample[2][count][position]
            allowed = known | ({"integer"} if "decimal" in known else set()) | ALSO.get((kind, position), set())
            assert kinds <= allowed, f"field {position} of {count}: {kinds}, LEAN has {known}"
