"""Every verdict given in any of these tests is held against the table of denial codes."""

from collections.abc import Iterator

import pytest

import risk
from risk.pipeline import RiskRule


def _checked(judge, documented):
    def judge_and_check(self, proposal, portfolio, market, now):
        verdict = judge(self, proposal, portfolio, market, now)
        if verdict.code is not None:
            assert (verdict.rule, verdict.code) in documented, f"{verdict.rule} gave {verdict.code}, which its table does not name"
            missing = set(documented[verdict.rule, verdict.code].numbers) - set(verdict.numbers)
            assert not missing, f"{verdict.code} of {verdict.rule} lacks {sorted(missing)}"
        assert verdict.rule == self.name
        assert 0 <= verdict.units <= proposal.units
        assert (verdict.units < proposal.units or verdict.size_factor < 1) == (verdict.code is not None)
        return verdict

    return judge_and_check


@pytest.fixture(autouse=True, scope="session")
def _documented_verdicts() -> Iterator[None]:
    rules: list[type[RiskRule]] = [type(rule) for rule in risk.default_rules({name: made() for name, made in risk.SECTIONS.items()})]
    documented = {(rule, denial.code): denial for rule, denial in risk.denials()}
    originals = [rule.judge for rule in rules]
    for rule, judge in zip(rules, originals, strict=True):
        rule.judge = _checked(judge, documented)
    yield
    for rule, judge in zip(rules, originals, strict=True):
        rule.judge = judge
