"""Rule files for tests: a shortest possible frame around what a test is about."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from segkit.errors import Problem
from segkit.periods import Calendar
from segkit.ruleset import check_rules_text
from segkit.ruleset.expr import Condition
from segkit.ruleset.model import Definitions, RuleSet, Selection

DEFINED = Definitions(
    login=Selection(("login",)),
    core_workflow=Selection(("workflow_completed",)),
    core_features=("reports", "alerts"),
    advanced_features=("api",),
    expected_milestones={"first_report": 30},
    first_value="first_report",
)
HEAD = "version: 1\nname: test\n"
SEGMENTS = "segments:\n  - {name: new, enter: tenure_days under 90}\n"


def check(
    text: str,
    *,
    calendar: Calendar = Calendar(),
    definitions: Definitions = DEFINED,
    attributes: Mapping[str, str] = {},
    columns: Mapping[str, Mapping[str, str]] = {},
    sources: Collection[str] | None = None,
) -> tuple[RuleSet | None, list[Problem]]:
    return check_rules_text(
        text,
        path="r.yaml",
        calendar=calendar,
        definitions=definitions,
        attributes=attributes,
        columns=columns,
        sources=sources,
    )


def rules(text: str, **arguments: object) -> RuleSet:
    """The rule set of a text that has no problems at all."""
    found, problems = check(text, **arguments)  # type: ignore[arg-type]
    assert problems == []
    assert found is not None
    return found


def condition(expression: str, **arguments: object) -> Condition:
    """What one expression means in a rule set with some of everything."""
    quoted = expression.replace("'", "''")
    return rules(f"{FRAME}conditions:\n  small: arr under 1000\n  it: '{quoted}'\n", **arguments).conditions[
        "it"
    ]


def problem(expression: str, **arguments: object) -> Problem:
    """The only problem of one expression, which starts at line 13, column 7."""
    quoted = expression.replace("'", "''")
    text = f"{FRAME}conditions:\n  small: arr under 1000\n  it: '{quoted}'\n"
    problems = check(text, **arguments)[1]  # type: ignore[arg-type]
    assert len(problems) == 1, problems
    assert problems[0].where is not None
    assert problems[0].where.line == 13
    return problems[0]


FRAME = """\
version: 1
name: test
segments:
  - {name: new, enter: tenure_days under 90}
  - {name: at_risk, enter: events_28d.change at most $big_drop}
thresholds:
  big_drop: -30%
  some: 5
  long: 2 weeks
flags: [{name: renewal_due, enter: days_to_renewal between 0 and 90}]
"""
