"""segkit.yaml: found, read, and every mistake in it told at its place."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

import segkit
from segkit.errors import ConfigError, Problem
from segkit.periods import Calendar
from segkit.resources import shipped_rules
from segkit.ruleset.expr import Metric
from segkit.ruleset.model import Definitions, HealthPart, Selection
from segkit.workspace import open_workspace

LEAST = "version: 1\nname: Test\nsources:\n  usage: {files: usage.csv}\n"


def write(folder: Path, text: str) -> Path:
    (folder / "segkit.yaml").write_text(text, encoding="utf-8")
    return folder


def problems(folder: Path, text: str) -> tuple[Problem, ...]:
    with pytest.raises(ConfigError) as caught:
        open_workspace(write(folder, text))
    return caught.value.problems


def test_the_least_workspace_has_every_default(tmp_path: Path) -> None:
    found = open_workspace(write(tmp_path, LEAST))
    assert found.root == tmp_path.resolve()
    assert (found.name, found.calendar, found.timezone) == ("Test", Calendar("week", 6), "UTC")
    assert (found.rules, found.exports) == (shipped_rules(), found.root / "exports")
    assert (found.state, found.out) == (found.root / "state", found.root / "out")
    assert (found.quiet_days, found.snapshot_grace, found.definitions) == (2, 3, Definitions())


def test_limits_of_guards_are_read_and_every_slip_in_them_is_told(tmp_path: Path) -> None:
    text = """\
guards:
  lost_rows: 5 %
  refused_rows: off
  segment_size: 2.5
  sources:
    usage: {max_age: 2 weeks, more_rows: 150%}
"""
    guards = open_workspace(write(tmp_path, LEAST + text)).guards
    assert (guards.lost_rows, guards.refused_rows, guards.segment_size) == (0.05, math.inf, 2.5)
    assert (guards.of_source("lost_rows", "usage"), guards.of_source("more_rows", "usage")) == (0.05, 1.5)
    assert (guards.of_source("max_age", "usage"), guards.of_source("fewer_rows", "usage")) == (14, None)

    text = """\
guards:
  lost_row: 5%
  fewer_rows: 0.3
  many_moves: 100%
  max_age: two weeks
  segment_size: 1
  sources:
    usage: {fewer_rows: 30%}
    usgae: {fewer_rows: 30%}
    tickets: {max_age: 9 days}
"""
    assert [(p.where.line, p.where.column, p.hint or p.what) for p in problems(tmp_path, LEAST + text)] == [
        (6, 3, "did you mean 'lost_rows'?"),
        (7, 15, "'fewer_rows': write a share such as 20%, or off"),
        (8, 15, "'many_moves': write a share under 100%, or off"),
        (9, 12, "'max_age': write a time such as 10 days, or off"),
        (10, 17, "'segment_size': write a number over 1, or off"),
        (13, 5, "did you mean 'usage'?"),
        (14, 5, "sources: usage"),
    ]


def test_limits_are_of_segments_that_the_rules_have_and_of_sources_that_are_counted(tmp_path: Path) -> None:
    text = "  accounts: {files: a.csv}\nguards:\n  sources: {accounts: {more_rows: 9%}}\n"
    (problem,) = problems(tmp_path, LEAST + text)
    assert (problem.what, problem.hint) == (
        "rows of accounts are not counted by week",
        "counted are usage, measures, tickets, surveys, touchpoints",
    )
    text = "  pauses: {files: p.csv}\nguards:\n  sources: {pauses: {lost_rows: 9%}}\n"
    (problem,) = problems(tmp_path, LEAST + text)
    assert problem.what == "pauses is kept by hand and not judged"
    text = "definitions: {login: active_day, core_features: [a], advanced_features: [b]}\n"
    text += "guards:\n  segments: {at_rsik: {segment_size: off}}\n"
    (problem,) = (p for p in segkit.check(write(tmp_path, LEAST + text)) if p.code == "S110")
    assert (str(problem.where).rpartition("/")[2], problem.hint) == (
        "segkit.yaml:7:14",
        "did you mean 'at_risk'?",
    )


def test_a_full_workspace_is_read(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "own.yaml").touch()
    text = """\
version: 1
name: Example SaaS
timezone: Europe/Berlin
period: week
week_ends: friday
rules: rules/own.yaml
exports: in
quiet_days: 3
sources:
  accounts:
    files: accounts_{date}.csv
    columns: {account_id: Account ID, tier: Tier}
    dates: "%d-%m-%Y"
    attributes: {tier: text}
  usage: {files: [usage_*.csv.gz], delivery: window, through: 2026-11-15, keys: [subscription_id]}
definitions:
  login: active_day
  activity: {except_events: [email_opened]}
  core_features: [dashboards]
  core_workflow: {events: [workflow_completed]}
  expected_milestones: {first_report: 30}
  health_score: {events_28d.change: {weight: 2, worst: -50%, best: 0%}, nps_latest: {worst: 0, best: 10}}
"""
    found = open_workspace(write(tmp_path, text))
    assert (found.rules, found.exports) == (found.root / "rules" / "own.yaml", found.root / "in")
    assert (found.calendar, found.timezone, found.quiet_days) == (Calendar("week", 4), "Europe/Berlin", 3)
    assert found.sources["usage"].keys == ["subscription_id"]
    assert str(found.sources["usage"].through) == "2026-11-15"
    definitions = found.definitions
    assert (definitions.login, definitions.core_features) == ("active_day", ("dashboards",))
    assert definitions.activity == Selection(except_events=("email_opened",))
    assert definitions.core_workflow == Selection(("workflow_completed",))
    assert definitions.health_score == {
        "events_28d.change": HealthPart(Metric("events", 28, "change"), 2.0, -0.5, 0.0),
        "nps_latest": HealthPart(Metric("nps_latest"), 1.0, 0.0, 10.0),
    }


def test_the_workspace_is_found_from_a_folder_inside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = tmp_path / "exports" / "deep"
    inside.mkdir(parents=True)
    write(tmp_path, LEAST)
    monkeypatch.chdir(inside)
    assert open_workspace().root == tmp_path.resolve()


def test_a_workspace_that_is_not_there_says_how_to_make_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for path in (None, tmp_path, tmp_path / "nowhere"):
        with pytest.raises(ConfigError) as caught:
            open_workspace(path)
        assert caught.value.problems[0].code == "S104"
        assert "segkit init" in (caught.value.problems[0].hint or "")


@pytest.mark.parametrize(
    ("text", "place", "what", "hint"),
    [
        (LEAST + "timezon: UTC\n", "5:1", "unknown key 'timezon'", "'timezone'"),
        (LEAST + "timezone: Europe/Berln\n", "5:11", "no time zone is called 'Europe/Berln'", None),
        (LEAST + "period: weekly\n", "5:9", "'period' must be 'week', 'month' or 'day'", None),
        (LEAST + "week_ends: friyay\n", "5:12", "'week_ends' must be 'monday'", None),
        (LEAST + "quiet_days: many\n", "5:13", "'quiet_days' must be a", None),
        (LEAST + "rules: rules/sas.yaml\n", "5:8", "no rule file rules/sas.yaml", "shipped:saas"),
        (LEAST + "rules: shipped:saaas\n", "5:8", "no shipped rules named 'saaas'", "saas"),
        (LEAST + "  tikets: {files: t.csv}\n", "5:3", "no source is called 'tikets'", "'tickets'"),
        (LEAST + "  tickets: {fils: t.csv, files: t.csv}\n", "5:13", "unknown key 'fils'", "'files'"),
        (
            LEAST + "  tickets: {files: t.csv, colums: {kind: Kind}}\n",
            "5:27",
            "unknown key 'colums'",
            "'columns'",
        ),
        (
            LEAST + "  tickets: {files: t.csv, columns: {knd: Kind}}\n",
            "5:37",
            "tickets has no column knd",
            "kind",
        ),
        (LEAST + "  tickets: {columns: {kind: Kind}}\n", "5:3", "'files' is missing", None),
        (
            LEAST + "  tickets: {files: t.csv, preset: zendesk/conector}\n",
            "5:27",
            "no preset is called zendesk/conector",
            "write zendesk/connector or zendesk/ui",
        ),
        (
            LEAST + "  tickets: {files: t.csv, columns: {kind: {header: a, kye: b}}}\n",
            "5:55",
            "unknown key 'kye'",
            "'key'",
        ),
        (
            LEAST + "  tickets: {files: t.csv, delivery: all}\n",
            "5:37",
            "'delivery' must be 'whole', 'append'",
            None,
        ),
        (
            LEAST + "  tickets: {files: t.csv, through: soon}\n",
            "5:36",
            "'through' must be a date: 2026-11-15",
            None,
        ),
        (
            LEAST.replace("usage.csv", "usage.csv, no_outage: [2026-09-06, 2026-09-08]"),
            "4:53",
            "2026-09-08 is not the last day of a week",
            "write 2026-09-06 or 2026-09-13",
        ),
        (
            LEAST + "  tickets: {files: t.csv, no_outage: [2026-09-06]}\n",
            "5:27",
            "tickets has no outages to speak about",
            "it belongs under usage",
        ),
        (LEAST + "  tickets: {files: 3}\n", "5:20", "'files'", None),
        (LEAST + "definitions: {logn: active_day}\n", "5:15", "unknown key 'logn'", "'login'"),
        (LEAST + "definitions: {login: {evnts: [a]}}\n", "5:23", "unknown key 'evnts'", "'events'"),
        (LEAST + "definitions: {login: daily}\n", "5:22", "'login' must be", None),
        (
            LEAST + "definitions: {health_score: {arr: {worst: 0%, best: 3}}}\n",
            "5:43",
            "0% is a percentage",
            None,
        ),
        (LEAST + "definitions: {health_score: {ar: {worst: 0, best: 3}}}\n", "5:30", "'ar'", "'arr'"),
        (
            LEAST + "definitions: {health_score: {arr +: {worst: 0, best: 3}}}\n",
            "5:30",
            "the expression ends too early",
            None,
        ),
        (
            LEAST + "definitions: {health_score: {signup_date: {worst: 0, best: 3}}}\n",
            "5:30",
            "'signup_date' is no metric that can be scored",
            "events_28d.change",
        ),
        (
            LEAST + "definitions: {health_score: {logins_28d: {worst: 3, best: 3}}}\n",
            "5:30",
            "worst and best of logins_28d are the same",
            None,
        ),
        (
            LEAST + "definitions: {health_score: {logins_28d: {worst: ar, best: 3}}}\n",
            "5:50",
            "'ar'",
            "'arr'",
        ),
        (
            LEAST + "definitions: {health_score: {logins_28d: {worst: 0, best: arr}}}\n",
            "5:59",
            "'arr' is no fixed number",
            "-30%",
        ),
        (
            LEAST.replace("version", "exclude: [{reason: bot}]\nversion"),
            "1:11",
            "this entry leaves nothing out",
            "name users, accounts or events",
        ),
        (
            LEAST.replace("version", "exclude: [{reason: D110, events: [ping]}]\nversion"),
            "1:11",
            "the reason 'D110' is counted by segkit itself",
            None,
        ),
        ("version: 2\nname: T\nsources: {usage: {files: u.csv}}\n", "1:10", "'version' must be 1", None),
        ("version: 1\nsources: {usage: {files: u.csv}}\n", "1:1", "'name' is missing", None),
        ("version: 1\nname: T\n", "1:1", "'sources' is missing", None),
        ("version: 1\nname: T\nname: U\n", "3:1", "'name' is written twice", "keep one"),
        ("- a\n", "1:1", "the file holds no keys", None),
        ("", "1:1", "the file holds no keys", None),
    ],
)
def test_a_mistake_is_told_at_its_place(
    tmp_path: Path, text: str, place: str, what: str, hint: str | None
) -> None:
    found = problems(tmp_path, text)
    assert len(found) == 1, found
    assert str(found[0].where).endswith(f"segkit.yaml:{place}")
    assert what in found[0].what
    assert hint is None or hint in (found[0].hint or "")


def test_all_mistakes_of_a_file_are_told_in_one_go(tmp_path: Path) -> None:
    text = (
        "version: 1\nname: T\nrulez: x\nrules: no.yaml\nsources:\n  acounts: {files: a.csv}\n"
        "  usage: {files: u.csv, delivery: x}\n"
    )
    places = [f"{p.where.line}:{p.where.column}" for p in problems(tmp_path, text) if p.where]
    assert places == ["3:1", "4:8", "6:3", "7:35"]
