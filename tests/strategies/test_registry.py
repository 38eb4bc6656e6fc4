"""The registry, and the example of docs/new_strategy.md run as written."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from strategy_fakes import FakeMarket, WeekdayCalendar, account, at, filled, listed

from domain.parameters import ParameterError, entries, read
from domain.proposal import Exit, Hold, Proposal, Skip
from domain.state import ExitReason, SkipCode
from strategies.base import EntryPlan
from strategies.registry import REGISTRY, Registration, build, parameter_sections

PAGE = Path(__file__).resolve().parents[2] / "docs" / "new_strategy.md"


def test_the_five_strategies_in_their_order():
    assert list(REGISTRY) == ["friday_0dte", "lt112", "futures_strangle", "ipmcc", "leap_put_ladder"]
    built = build(read(parameter_sections(), {}))
    assert [strategy.name for strategy in built.values()] == list(REGISTRY)
    assert {name for name, strategy in built.items() if strategy.manages_every_minute} == {"friday_0dte"}


def test_keys_are_unique_and_carry_their_section():
    keys = [entry.key for one in REGISTRY.values() for entry in entries(one.section, one.parameters)]
    assert len(keys) == len(set(keys))
    assert all(key.startswith(tuple(f"{one.section}-" for one in REGISTRY.values())) for key in keys)


def test_a_contradiction_is_reported_with_its_full_key():
    with pytest.raises(ParameterError, match=r"futures-strangle-put-delta is 0\.3, expected within put-delta-low"):
        read(parameter_sections(), {"futures-strangle-put-delta": "0.3"})


def example() -> tuple[type, type, str]:
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    space: dict[str, object] = {"__name__": "monthly_put_spread"}
    exec(compile(blocks[0], str(PAGE), "exec"), space)  # noqa: S102  the page's own text is what is tested
    line = blocks[1].strip().rstrip(",")
    return space["MonthlyPutSpread"], space["MonthlyPutSpreadParameters"], line


def test_a_sixth_strategy_is_one_file_and_one_line():
    strategy_type, parameters_type, line = example()
    names = {"MonthlyPutSpread": strategy_type, "MonthlyPutSpreadParameters": parameters_type, "Registration": Registration}
    added = eval("{" + line + "}", names)  # noqa: S307  the page's own line
    registry = {**REGISTRY, **added}
    given = {"monthly-put-spread-delta": "0.25"}
    strategy = build(read(parameter_sections(registry), given), registry)["monthly_put_spread"]

    calendar = WeekdayCalendar(["2024-02-12"])
    plans = {day: strategy.entry_plan(date.fromisoformat(day), calendar) for day in ("2024-03-11", "2024-03-12", "2024-02-13")}
    assert [isinstance(plan, EntryPlan) for plan in plans.values()] == [True, False, True]

    seen = FakeMarket(now=at("2024-03-11", "10:00"), spots={"SPY": 500.0})
    seen.chains = {"SPY": listed("SPY", ["2024-04-26"], 400, 560, 1, spot=500.0)}
    chosen = strategy.candidates(seen, account(), seen.now)
    (proposal,) = strategy.propose(chosen, seen, account(), seen.now)
    assert isinstance(proposal, Proposal)
    assert proposal.is_defined_risk
    assert proposal.numbers["delta"] == pytest.approx(0.25, abs=0.05)

    position = filled(proposal, 1, seen)
    assert strategy.candidates(seen, account(positions=[position]), seen.now) == Skip(SkipCode.ALREADY_OPEN)
    assert isinstance(strategy.manage(position, seen, account(), seen.now), Hold)
    up = seen.at(seen.now + timedelta(days=7), SPY=520.0)
    assert strategy.manage(position, up, account(), up.now).reason is ExitReason.PROFIT_TARGET
    down = seen.at(seen.now + timedelta(days=1), SPY=430.0)
    assert isinstance(strategy.manage(position, down, account(), down.now), Exit)
    assert strategy.resting_exit(position) is None
    assert strategy.adjust(position, chosen, seen, account(), seen.now).code is SkipCode.ERROR
