"""Every departure from the rulebook that docs/decisions names is a parameter, and the letter of the rulebook is one of its values."""

import re
from pathlib import Path

import pytest

from domain.parameters import read
from execution.settings import SECTIONS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "decisions" / "0006-where-the-rules-contradict-themselves.md"
ROWS = [
    (names, letter)
    for line in PAGE.read_text().splitlines()
    if line.startswith("|") and (cells := [cell.strip() for cell in line.strip("|").split("|")]) and (names := re.findall(r"`([a-z0-9-]+)`", cells[3]))
    for letter in [cells[4].strip("`")]
]  # fmt: skip


def test_the_page_names_its_departures():
    assert len(ROWS) >= 10


@pytest.mark.parametrize(("names", "letter"), ROWS, ids=lambda value: value if isinstance(value, str) else value[0])
def test_the_letter_can_be_had_again(names, letter):
    assert read(SECTIONS, {names[0]: letter})
