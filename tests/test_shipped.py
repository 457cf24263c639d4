"""What is shipped: the rule set holds every number it promises, and the example is what the docs say."""

from __future__ import annotations

import re
import shutil
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

import segkit
from segkit.errors import Problem
from segkit.reports.ruletests import coverage, judge, run_cases
from segkit.resources import shipped_example, shipped_rules
from segkit.ruleset import check_rules
from segkit.ruleset.model import RuleSet
from segkit.runs import assign
from segkit.runs.testing import cases_of, rules_alone
from segkit.runs.testing import tests_of as files_of
from segkit.simulator.levels import LAST
from segkit.simulator.template import workspace_file
from segkit.workspace import Workspace, open_workspace
from tests.journeys.example import NOW, Example, copy

NUMBERS = {
    "active: 3 logins in 7 days": "logins_7d at least 3",
    "active: one core workflow": "core_workflows_28d at least 1",
    "power: daily": "active_days_28d at least 16",
    "power: 5 features": "features_28d at least 5",
    "power: advanced features and use above the typical": "events_28d.percentile at least 75%",
    "low login: under 2 a month": "logins_28d under 2",
    "drop of 30 %": "default: -30%",
    "drop of 50 % this month": "events_28d.change at most -50%",
    "drop of 20 % in 60 days": "events_60d.change at most -20%",
    "daily last month, twice a week now": "active_days_28d at most 8",
    "core adoption under 80 %": "core_adoption_28d under 80%",
    "one or two features": "features_28d at most 2",
    "no login in 14 days": "logins_14d under 1",
    "tickets up by 50 %": "tickets_60d.change at least 50%",
    "a key user left": "key_users_left_90d at least 1",
    "renewal within 90 days": "days_to_renewal between 0 and 90",
    "use up by 30 % in a quarter": "events_91d.change at least 30%",
    "several departments": "departments_active at least 2",
    "high adoption": "core_adoption_28d at least 80%",
    "positive support": "positive_tickets_91d at least 1",
    "30 days since signup": "30 <= tenure_days < 90",
    "under half of the setup": "milestones_done < milestones_overdue",
    "no use for 7 days": "events_7d under 1",
    "no talk with the CSM": "days_since_touchpoint over 30",
    "onboarding until day 90": "tenure_days under 90",
    "adoption until day 365": "90 <= tenure_days < 365",
    "growth from day 365": "tenure_days at least 365",
    "ARR over 10,000": "arr over 10000",
    "ARR 1,000 to 10,000": "arr between 1000 and 10000",
    "ARR under 1,000": "arr under 1000",
    "segment budget": "4 to 6 (Velaris), 3 to 5 (Klero), 5 to 8 (Successifier)",
    "lead time": "60 to 90 days ahead",
    "review": "every quarter and start afresh every year",
    "small base": "With 20 to 30 customers read the list of names",
}
SHIPPED = sorted(shipped_rules().parent.glob("*.yaml"))
CORE = ("churning", "new", "at_risk", "power", "active", "steady")


@pytest.fixture(scope="module")
def example() -> Workspace:
    return open_workspace(shipped_example())


@pytest.fixture(scope="module")
def checked(example: Workspace) -> tuple[RuleSet | None, list[Problem]]:
    return check_rules(
        shipped_rules(),
        calendar=example.calendar,
        definitions=example.definitions,
        sources=set(example.sources),
    )


@pytest.fixture(scope="module")
def rules(checked: tuple[RuleSet | None, list[Problem]]) -> RuleSet:
    assert checked[0] is not None
    return checked[0]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_set_has_no_problem_on_the_example(path: Path, example: Workspace) -> None:
    known = {"definitions": example.definitions, "sources": set(example.sources)}
    assert check_rules(path, calendar=example.calendar, **known)[1] == []
    assert segkit.check(path) == []


def test_the_example_runs_on_the_one_shipped_copy_of_the_rules(example: Workspace) -> None:
    assert example.rules == shipped_rules()


@pytest.mark.parametrize("line", NUMBERS.values(), ids=NUMBERS.keys())
def test_every_number_of_the_guides_is_in_the_rules(line: str) -> None:
    assert line in shipped_rules().read_text(encoding="utf-8")


def test_segments_stand_in_order_of_precedence(rules: RuleSet) -> None:
    assert tuple(segment.name for segment in rules.main.segments) == CORE
    assert rules.main.otherwise == "needs_review"
    assert [dimension.name for dimension in rules.dimensions[1:]] == [
        "lifecycle",
        "usage",
        "growth",
        "support",
        "value",
    ]


def test_every_core_segment_and_flag_has_a_playbook(rules: RuleSet) -> None:
    named = {segment.playbook for segment in (*rules.main.segments, *rules.flags)}
    assert named == set(rules.playbooks)


def test_every_playbook_says_goal_success_and_who_does_what_until_when(rules: RuleSet) -> None:
    for book in rules.playbooks.values():
        assert all([book.goal, book.within, book.owner, book.due, book.effort, book.steps]), book.name
        assert book.success is not None, book.name
        assert book.escalate_to, book.name
        assert book.escalate_when is not None, book.name


def test_conditions_of_the_shipped_rules_stand_one_to_a_line_without_braces() -> None:
    text = shipped_rules().read_text(encoding="utf-8")
    lines = [line.split("#")[0] for line in text.splitlines()]
    assert not [line for line in lines if re.search(r"[{}]", line)]


def test_the_rules_still_load_where_only_usage_and_accounts_are_known(example: Workspace) -> None:
    rules, problems = check_rules(
        shipped_rules(),
        calendar=example.calendar,
        definitions=example.definitions,
        sources={"usage", "accounts"},
    )
    assert rules is not None
    assert {problem.severity for problem in problems} == {"warning"}


def test_the_example_has_enough_accounts_and_weeks_in_few_bytes(example: Workspace) -> None:
    newest = pl.read_csv(example.exports / f"accounts_{LAST}.csv")
    assert newest.height >= 120
    files = [path for path in example.exports.iterdir() if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= 4_000_000
    usage = sorted(example.exports.glob("usage_*.csv.gz"))
    first = pl.read_csv(usage[0], columns=["at"], try_parse_dates=True)["at"].min()
    assert isinstance(first, date)
    assert (LAST - first).days >= 7 * 120


def test_the_example_ends_on_a_sunday(example: Workspace) -> None:
    assert LAST.weekday() == 6
    assert example.sources["usage"].through == LAST


def test_the_workspace_file_of_the_example_is_the_simulators(example: Workspace) -> None:
    assert (example.root / "segkit.yaml").read_text(encoding="utf-8") == workspace_file(LAST)


def test_the_truth_of_the_example_names_its_accounts(example: Workspace) -> None:
    truth = pl.read_csv(example.root / "truth" / "accounts.csv")
    newest = pl.read_csv(example.exports / f"accounts_{LAST}.csv")
    assert set(newest["account_id"]) <= set(truth["account_id"])
    assert not list(Path(example.exports).glob("truth*"))


@pytest.fixture(scope="module")
def assigned(example_run: Example) -> pl.DataFrame:
    return pl.read_parquet(example_run.folder / "out/latest/assignments.parquet")


def _shares(assignments: pl.DataFrame) -> dict[str, float]:
    sizes = dict(assignments["primary"].value_counts().iter_rows())
    return {name: count / assignments.height for name, count in sizes.items()}


def test_on_the_example_every_core_segment_has_members_and_few_need_a_review(assigned: pl.DataFrame) -> None:
    shares = _shares(assigned)
    assert set(CORE) <= set(shares)
    assert shares.get("needs_review", 0) <= 0.10
    assert shares["at_risk"] <= 0.25
    assert shares["power"] <= 0.35


def test_true_decliners_are_far_likelier_to_be_at_risk(assigned: pl.DataFrame, example: Workspace) -> None:
    truth = pl.read_csv(example.root / "truth" / "accounts.csv", try_parse_dates=True)
    down = truth.filter(
        (pl.col("decline_from") < LAST - timedelta(weeks=6))
        & (pl.col("recovers_from").is_null() | (pl.col("recovers_from") > LAST))
    )
    called = assigned.with_columns(
        called=pl.col("primary").is_in(["at_risk", "churning"]),
        down=pl.col("account_id").is_in(down["account_id"].implode()),
    )
    share = dict(called.group_by("down").agg(pl.col("called").mean()).iter_rows())
    assert share[True] > 2.5 * share[False]


def test_usage_and_accounts_alone_are_enough(example_run: Example, tmp_path: Path) -> None:
    folder = copy(tmp_path / "saas")
    shutil.copytree(example_run.folder / "state/cache", folder / "state/cache")
    file = folder / "segkit.yaml"
    text = file.read_text(encoding="utf-8")
    start, end = text.index("  tickets:"), text.index("definitions:")
    file.write_text(text[:start] + "\n" + text[end:], encoding="utf-8")
    shares = _shares(assign(open_workspace(folder), now=NOW).assignments)
    assert shares.get("needs_review", 0) + shares.get("unknown", 0) <= 0.10


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_tests_of_the_shipped_rules_pass_and_try_every_rule_and_condition(path: Path) -> None:
    rules = rules_alone(path)
    cases, problems = cases_of(files_of(path), rules)
    ran = run_cases(rules, cases)
    assert [verdict.case.name for verdict in judge(ran) if not verdict.passed] == []
    assert problems == ()
    assert {each.segment: each.missing for each in coverage(ran) if each.missing} == {}
