"""An independent auditor: replays a journal against the rulebook.

It shares no code with strategies/ and risk/: numbers stand in `rulebook`, days come from `exchange_calendars`, the book is added up again from
the fills. Run it with `python -m rulebook_auditor JOURNAL` (this folder's parent on the path); it lists violations with their line numbers.
"""

from collections.abc import Sequence
from typing import Any

from rulebook_auditor import books, entries, exits, limits, shapes
from rulebook_auditor.records import Violation
from rulebook_auditor.replay import Replay

CHECKS = (*books.CHECKS, *shapes.CHECKS, *entries.CHECKS, *limits.CHECKS, *exits.CHECKS)


def audit(events: Sequence[dict[str, Any]]) -> list[Violation]:
    """Every violation in a journal, in order of lines."""
    replay = Replay(events)
    found = [violation for check in CHECKS for violation in check(replay)]
    return sorted(set(found), key=lambda one: (one.line, one.rule, one.message))
