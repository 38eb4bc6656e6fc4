"""`python -m rulebook_auditor JOURNAL [DATA]`: list the violations; exit code 1 when there is any."""

import sys
from pathlib import Path

from reporting.performance_tracker import read_events
from rulebook_auditor import audit


def main():
    journal, *data = map(Path, sys.argv[1:3])
    found = audit(read_events(journal.read_text()), *data)
    for violation in found:
        sys.stdout.write(f"{violation}\n")
    sys.stdout.write(f"{len(found)} violation(s)\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
