"""Risk rules can be left out for an ablation study, one at a time, and never all."""

import pytest

from domain.parameters import ParameterError
from execution.settings import read_settings
from risk import RULE_NAMES, SECTIONS, default_rules


def test_every_rule_has_a_name_that_can_be_left_out():
    assert tuple(rule.name for rule in default_rules({name: section() for name, section in SECTIONS.items()})) == RULE_NAMES
    assert read_settings({}).run.disabled_rules == ()
    for name in RULE_NAMES:
        assert read_settings({"disabled-rules": name}).run.disabled_rules == (name,)


def test_an_unknown_rule_is_refused():
    with pytest.raises(ParameterError, match=r"disabled-rules is luck, expected one of trading_state"):
        read_settings({"disabled-rules": "luck"})


def test_a_rule_must_be_left():
    with pytest.raises(ParameterError, match="expected at least one left"):
        read_settings({"disabled-rules": ",".join(RULE_NAMES)})


@pytest.mark.parametrize("name", RULE_NAMES)
def test_a_live_run_keeps_its_breakers(name):
    problems = read_settings({"disabled-rules": name}).run.live_problems()
    assert bool(problems) is (name == "trading_state")
