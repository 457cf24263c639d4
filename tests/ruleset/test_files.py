"""Rule files as a whole: segments, timers, thresholds, metrics, order, and everything that is refused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from segkit.errors import ConfigError, Problem
from segkit.periods import Calendar
from segkit.resources import shipped_rules
from segkit.ruleset import format_condition, load_ruleset
from segkit.ruleset.expr import All, AtLeast, Not
from segkit.ruleset.model import RuleSet, Threshold, Times
from tests.ruleset.load import DEFINED, HEAD, SEGMENTS, check, rules

EXAMPLE = """\
version: 1
name: saas
peers: [industry, region]            # who is compared with whom
thresholds:                          # named numbers; may differ by an account attribute
  big_drop: {default: -30%, by: industry, values: {Retail: -40%}}
conditions:                          # named conditions, usable in any segment
  clear_drop:
    all:
      - events_28d.change at most $big_drop
      - events_28d.delta at most -10
metrics:                             # in addition to the built-in catalogue
  workflow_runs_28d: {count: usage, where: event is "workflow_completed", window: 28d}
segments:                            # in order of precedence
  - name: churning
    means: Notice given, or gone quiet for weeks.
    playbook: re_engage
    enter:
      any:
        - notice_given
        - all:
            - weeks_since_active at least 4
            - tenure_days at least 90
    at_once: notice_given            # a fact, not a trend: no waiting
    enter_after: 2 weeks             # true two weeks in a row
    exit:
      any:
        - events_28d.change at least -60%
        - events_28d.change is missing
    exit_after: 4 weeks
    min_stay: 4 weeks
  - name: at_risk
    enter:
      any:
        - clear_drop
        - at_least: 2
          of:
            - logins_28d under 2
            - core_adoption_28d under 50%
            - nps_latest at most 6
            - workflow_runs_28d.delta at most -3
    enter_after: 2 of 3 weeks
  - {name: power, enter: {all: [active_days_28d >= 16, features_28d >= 5]}, exit_after: 4 weeks}
otherwise: needs_review              # the exception segment: no rule fits, or the data are stale
dimensions:
  lifecycle:
    - {name: onboarding, enter: tenure_days < 90}
    - {name: adoption, enter: 90 <= tenure_days < 365}
    - {name: growth, enter: tenure_days >= 365}
flags:
  - {name: renewal_due, enter: days_to_renewal between 0 and 90}
playbooks:
  re_engage:
    goal: Use is back to what is expected.
    success: events_28d.change at least -10%
    within: 6 weeks
    owner: csm
    due: 2 days
    effort: 90 minutes
    steps: [Look at the timeline, Call the champion, Agree on one workflow to restart]
    escalate: {to: cs_lead, when: weeks_in(at_risk) at least 4 or days_to_renewal under 60}
    variants:
      - {when: arr at least 10000, due: 1 day}
      - {when: trait(priority) is "efficiency", say: Lead with the hours saved.}
"""


def told(text: str, **arguments: object) -> list[str]:
    """`line:column code` of every problem."""
    found = check(text, **arguments)[1]  # type: ignore[arg-type]
    return [f"{p.where.line}:{p.where.column} {p.code}" for p in found if p.where is not None]


def only(text: str, **arguments: object) -> Problem:
    found = check(text, **arguments)[1]  # type: ignore[arg-type]
    assert len(found) == 1, found
    return found[0]


@pytest.fixture(scope="module")
def example() -> RuleSet:
    return rules(EXAMPLE)


def test_segments_stand_in_file_order_with_their_timers(example: RuleSet) -> None:
    churning, at_risk, power = example.main.segments
    assert (churning.enter_after, churning.exit_after, churning.min_stay) == (Times(2, 2), Times(4, 4), 4)
    assert (at_risk.enter_after, power.exit_after, power.enter_after) == (
        Times(2, 3),
        Times(4, 4),
        Times(1, 1),
    )
    assert (power.min_stay, power.cooldown, power.max_gap, power.expire_after) == (0, 0, 4, 8)
    assert example.main.otherwise == "needs_review"


def test_dimensions_flags_and_their_order_of_deciding(example: RuleSet) -> None:
    assert [d.name for d in example.dimensions] == ["segments", "lifecycle"]
    assert example.dimensions[1].otherwise == "none"
    assert example.scan_order == (
        "churning",
        "at_risk",
        "power",
        "onboarding",
        "adoption",
        "growth",
        "renewal_due",
    )


def test_the_example_reads_as_it_is_written(example: RuleSet) -> None:
    churning, at_risk, _ = example.main.segments
    assert format_condition(churning.enter) == (
        "notice_given or (weeks_since_active at least 4 and tenure_days at least 90)"
    )
    assert isinstance(at_risk.enter.of[1], AtLeast)  # type: ignore[union-attr]
    assert (
        format_condition(example.dimensions[1].segments[1].enter)
        == "90 at most tenure_days and tenure_days under 365"
    )
    assert example.thresholds["big_drop"] == Threshold(
        "big_drop", -0.3, "industry", {"Retail": -0.4}, "-30%", "share"
    )
    metric = example.metrics["workflow_runs_28d"]
    assert (metric.kind, metric.source, metric.window, metric.unit) == ("count", "usage", 28, "count")
    assert metric.where is not None
    assert format_condition(metric.where) == 'event is "workflow_completed"'


def test_a_playbook_keeps_its_texts_and_conditions(example: RuleSet) -> None:
    book = example.playbooks["re_engage"]
    assert (book.within, book.due, book.steps[1], book.escalate_to) == (
        "6 weeks",
        "2 days",
        "Call the champion",
        "cs_lead",
    )
    assert book.escalate_when is not None
    assert format_condition(book.escalate_when) == "weeks_in(at_risk) at least 4 or days_to_renewal under 60"
    assert [dict(variant.changes) for variant in book.variants] == [
        {"due": "1 day"},
        {"say": "Lead with the hours saved."},
    ]


def test_the_shipped_rules_have_no_problem() -> None:
    found = load_ruleset(shipped_rules(), calendar=Calendar(), definitions=DEFINED)
    assert found.main.segments


def test_checking_rules_loads_no_dataframe_library(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(HEAD + SEGMENTS, encoding="utf-8")
    code = (
        "import sys; from pathlib import Path; from segkit.periods import Calendar;"
        "from segkit.ruleset import check_rules; from segkit.ruleset.model import Definitions;"
        f"rules, problems = check_rules(Path({str(path)!r}), calendar=Calendar(), definitions=Definitions());"
        "assert rules and not problems;"
        "print(sorted({'polars', 'numpy', 'pandera', 'typer', 'rich'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_load_raises_every_error_and_no_warning(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(
        f"{HEAD}{SEGMENTS}  - {{name: x, enter: nps_latest over 60 and arrr over 3, min_stay: 3 days}}\n"
    )
    with pytest.raises(ConfigError) as caught:
        load_ruleset(path, calendar=Calendar(), definitions=DEFINED)
    assert [p.code for p in caught.value.problems] == ["R104", "R113"]


@pytest.mark.parametrize(
    ("written", "calendar", "hint"),
    [
        ("4 of 6 weeks", Calendar("day"), "this workspace counts in days: write for example 20 of 30 days"),
        ("1 of 2 weeks", Calendar("day"), "this workspace counts in days: write for example 7 of 14 days"),
        ("2 of 14 days", Calendar(), "this workspace counts in weeks: write for example 2 of 3 weeks"),
        ("2 weeks", Calendar("month"), "this workspace counts in months: write for example 2 months"),
    ],
)
def test_a_timer_in_another_unit_is_told_in_the_workspaces(
    written: str, calendar: Calendar, hint: str
) -> None:
    text = f"{HEAD}segments:\n  - name: a\n    enter: notice_given\n    enter_after: "
    (problem,) = check(text + written + "\n", calendar=calendar)[1]
    assert problem.hint == hint
    shown = hint.rpartition("example ")[2]
    assert check(text + shown + "\n", calendar=calendar)[1] == []


@pytest.mark.parametrize(
    ("written", "calendar", "answer"),
    [
        ("2", Calendar(), Times(2, 2)),
        ("2 weeks", Calendar(), Times(2, 2)),
        ("14 days", Calendar(), Times(2, 2)),
        ("49d", Calendar(), Times(7, 7)),
        ("2 of 3 weeks", Calendar(), Times(2, 3)),
        ("2 of 3", Calendar(), Times(2, 3)),
        ("2 months", Calendar("month"), Times(2, 2)),
        ("2 weeks", Calendar("day"), Times(14, 14)),
        ("3 of 7 days", Calendar("day"), Times(3, 7)),
        ("2 weeks", Calendar("month"), "'2 weeks' is no whole number of months"),
        ("1 month", Calendar(), "'1 month' is no whole number of weeks"),
        ("10 days", Calendar(), "'10 days' is no whole number of weeks"),
        ("2 hours", Calendar(), "'hours' is no unit of time"),
        ("soon", Calendar(), "'soon' is no time"),
        ("0 weeks", Calendar(), "it must hold at least once"),
        ("4 of 3 weeks", Calendar(), "'4 of 3 weeks' can never hold"),
        ("2 of 14 days", Calendar(), "'2 of 14 days' does not count weeks"),
        ("-1", Calendar(), "'-1' is out of range"),
    ],
)
def test_timers_are_whole_periods(written: str, calendar: Calendar, answer: Times | str) -> None:
    text = f"{HEAD}segments:\n  - name: a\n    enter: notice_given\n    enter_after: {written}\n"
    found, problems = check(text, calendar=calendar)
    if isinstance(answer, Times):
        assert found is not None
        assert found.main.segments[0].enter_after == answer
    else:
        assert [(p.code, p.what, str(p.where)) for p in problems] == [("R113", answer, "r.yaml:6:18")]


@pytest.mark.parametrize(
    ("enter", "at_once", "fine"),
    [
        ("notice_given", "notice_given", True),
        ("{any: [notice_given, arr under 3]}", "notice_given", True),
        ("{any: [fact, arr under 3]}", "notice_given", True),
        ("{any: [notice_given, arr under 3]}", "fact", True),
        (
            "{any: [arr under 9, {all: [notice_given, arr over 3]}]}",
            "notice_given and arr over 3 and is_test",
            True,
        ),
        ("arr under 9", "arr under 3", True),
        ("arr at least 9", "arr over 9", True),
        ("arr under 9", "arr at most 9", False),
        ("{at_least: 2, of: [notice_given, is_test, arr under 3]}", "is_test and notice_given", True),
        ("{at_least: 2, of: [notice_given, is_test, arr under 3]}", "is_test", False),
        ("{all: [notice_given, arr under 3]}", "notice_given", False),
        ("arr under 3", "notice_given", False),
        ("not notice_given", "not notice_given", True),
    ],
)
def test_at_once_must_make_enter_certain(enter: str, at_once: str, fine: bool) -> None:
    segment = f"  - name: a\n    enter: {enter}\n    at_once: {at_once}\n"
    text = f"{HEAD}conditions: {{fact: notice_given}}\nsegments:\n{segment}"
    assert told(text) == ([] if fine else ["7:14 R114"])


def test_segments_that_wait_for_each_other_are_named_as_a_circle() -> None:
    found = only(
        HEAD + "conditions: {deep: member(c)}\nsegments:\n  - {name: a, enter: member(b)}\n"
        "  - {name: b, enter: notice_given, exit: not deep}\n  - {name: c, enter: weeks_in(a) over 3}\n"
    )
    assert (found.code, found.what) == ("R108", "these segments wait for each other: a → b → c → a")
    assert str(found.where) == "r.yaml:5:22"


def test_a_segment_that_reads_itself_is_a_circle() -> None:
    assert only(f"{HEAD}segments: [{{name: a, enter: member(a)}}]\n").what.endswith("a → a")


def test_what_a_segment_reads_is_decided_first() -> None:
    found = rules(
        f"{HEAD}segments:\n  - {{name: a, enter: member(c)}}\n  - {{name: b, enter: weeks_in(a) over 2}}\n"
        "  - {name: c, enter: raised}\nflags: [{name: raised, enter: notice_given}]\n"
    )
    assert found.scan_order == ("raised", "c", "a", "b")


def test_circles_of_conditions_and_of_formulas_are_named() -> None:
    conditions = "conditions: {a: b, b: not c, c: a or is_test}\n"
    text = f"{HEAD}{conditions}metrics: {{x: {{formula: y + 1}}, y: {{formula: x}}}}\n{SEGMENTS}"
    assert [(p.code, p.what) for p in check(text)[1]] == [
        ("R108", "these conditions are made of each other: a → b → c → a"),
        ("R108", "these metrics are made of each other: x → y → x"),
    ]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("segments: [{name: a, enter: is_test}, {name: a, enter: is_test}]", ["3:46 R111"]),
        ("segments: [{name: a, enter: is_test}]\nflags: [{name: a, enter: is_test}]", ["4:16 R111"]),
        ("segments: [{name: none, enter: is_test}]", ["3:19 R111"]),
        ("segments: [{name: a, enter: is_test}]\notherwise: a", ["4:12 R111"]),
        (f"{SEGMENTS}conditions: {{industry: is_test}}", ["5:14 R111"]),
        (f"{SEGMENTS}conditions: {{a: is_test}}\nflags: [{{name: a, enter: is_test}}]", ["6:16 R111"]),
        (f"{SEGMENTS}metrics: {{arr: {{count: usage, window: 28d}}}}", ["5:11 R111"]),
        (f"{SEGMENTS}dimensions: {{primary: [{{name: b, enter: is_test}}]}}", ["5:14 R111"]),
        ("segments: [{name: Big, enter: is_test}]", ["3:19 R110"]),
        ("segments: []", ["3:11 R110"]),
        ("segments: [{enter: is_test}]", ["3:12 R110"]),
        ("segments: [{name: a}]", ["3:12 R110"]),
        ("segments: [a]", ["3:12 R110"]),
        ("segments: [{name: a, enter: 3}]", ["3:29 R110"]),
        ("segments: [{name: a, enter: [is_test]}]", ["3:29 R110"]),
        ("segments: [{name: a, enter: {any: []}}]", ["3:35 R110"]),
        (f"{SEGMENTS}segmnts: []", ["5:1 R110"]),
        (f"{SEGMENTS}thresholds: {{a: x}}", ["5:17 R104"]),
        (f"{SEGMENTS}thresholds: {{a: {{default: 3, values: {{b: 4}}}}}}", ["5:30 R110"]),
        (f"{SEGMENTS}peers: [indstry]", ["5:9 R104"]),
        (f"{SEGMENTS}thresholds: {{a: {{default: 3, by: arr}}}}", ["5:34 R106"]),
    ],
)
def test_what_cannot_be_is_refused_at_its_place(text: str, places: list[str]) -> None:
    assert told(f"{HEAD}{text}\n") == places


def test_conditions_may_be_nested_in_every_written_form() -> None:
    found = rules(
        f"{HEAD}segments: [{{name: a, enter: {{not: {{all: [is_test, {{any: [notice_given]}}]}}}}}}]\n"
    )
    enter = found.main.segments[0].enter
    assert isinstance(enter, Not)
    assert isinstance(enter.of, All)
    assert format_condition(enter) == "not (is_test and notice_given)"


def test_a_tower_of_doubling_conditions_is_refused_quickly() -> None:
    tower = "".join(f"  c{n}: c{n - 1} and c{n - 1}\n" for n in range(1, 40))
    found = check(f"{HEAD}conditions:\n  c0: is_test\n{tower}{SEGMENTS}")[1]
    assert found[0].what == "more than 5000 comparisons with all names written out"
    assert len(found) == 1


@pytest.mark.parametrize("order", [1, -1])
def test_a_long_ladder_of_names_is_refused_without_a_crash(order: int) -> None:
    steps = [f"  c{n}: not c{n - 1}\n" for n in range(1, 600)]
    found = check(f"{HEAD}conditions:\n  c0: is_test\n{''.join(steps[::order])}{SEGMENTS}")[1]
    assert [p.code for p in found] == ["R101"]


def test_a_long_ladder_of_formulas_is_refused_without_a_crash() -> None:
    steps = "".join(f"  m{n}: {{formula: m{n + 1} + 1}}\n" for n in range(400))
    found = check(f"{HEAD}metrics:\n{steps}  m400: {{formula: logins_7d}}\n{SEGMENTS}")[1]
    assert [p.code for p in found] == ["R101"]


def test_declared_attributes_and_columns_are_known() -> None:
    text = (
        f"{HEAD}metrics: {{spend_28d: {{sum: measures.spend}}}}\n"
        'segments: [{name: a, enter: tier is "gold" and spend_28d over 3}]\n'
    )
    assert rules(text, attributes={"tier": "text"}, columns={"measures": {"spend": "number"}}).metrics
    assert told(text) == ["3:28 R104", "4:29 R104"]
