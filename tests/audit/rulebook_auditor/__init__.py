"""An independent auditor: replays a journal against the rulebook.

It shares no code with strategies/ and risk/: numbers stand in `rulebook`, days come from `exchange_calendars`, the book is added up again from
the fills. Run it with `python -m rulebook_auditor JOURNAL [DATA]` (this folder's parent on the path); it lists violations with their line numbers.
With a data folder, fills and 0DTE stops are also held against its quotes.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rulebook_auditor import beats, books, conduct, entries, exits, figures, limits, prices, shapes
from rulebook_auditor.quotes import Quotes
from rulebook_auditor.records import Violation
from rulebook_auditor.replay import Replay

CHECKS = (
    *books.CHECKS,
    *shapes.CHECKS,
    *entries.CHECKS,
    *limits.CHECKS,
    *exits.CHECKS,
    *figures.CHECKS,
    *conduct.CHECKS,
)
PRICE_CHECKS = (*prices.CHECKS, *beats.CHECKS)


def audit(events: Sequence[dict[str, Any]], data: Path | None = None) -> list[Violation]:
    """Every violation in a journal, in order of lines; `data` is the LEAN data folder it was traded on, where prices are to be checked too."""
    replay = Replay(events)
    found = [violation for check in CHECKS for violation in check(replay)]
    if data is not None:
        quotes = Quotes(data)
        found += [violation for check in PRICE_CHECKS for violation in check(replay, quotes)]
    return sorted(set(found), key=lambda one: (one.line, one.rule, one.message))
