"""What the pages say is so: their commands exist, their examples load, their tables are complete."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path

import pytest
from typer.main import get_command

import segkit as public
from segkit.cli.app import app
from segkit.errors import Exit
from segkit.facts.mapping import SOURCES
from segkit.facts.presets.library import preset, preset_names
from segkit.ruleset.catalogue import METRICS, VIEWS
from segkit.runs.guards.judge import GUARDS, OF_DELIVERY
from tests.cli.command import segkit
from tests.runs.small import write

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
NOT_YET = ROOT / "docs/not-yet.md"
VERBS: dict[str, object] = get_command(app).commands  # type: ignore[attr-defined]


def text(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text(page), re.DOTALL)


def section(page: str, title: str) -> str:
    return text(page).partition(f"## {title}\n")[2].partition("\n## ")[0]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if "://" not in link and not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", [page for page in PAGES if page != NOT_YET], ids=lambda page: page.name)
def test_every_command_named_is_one_with_the_options_named(page: Path) -> None:
    said = re.findall(r"(?:^\$ |`|bin/)segkit ([^`\n#]+)", page.read_text(encoding="utf-8"), re.MULTILINE)
    for command in said:
        verbs, *arguments = shlex.split(command.replace("|", " "))
        if verbs.startswith("-"):
            continue
        verb = VERBS[verbs]
        if hasattr(verb, "commands"):
            verb = verb.commands[arguments.pop(0)]
        known = {name for option in verb.params for name in option.opts}  # type: ignore[attr-defined]
        assert {a for a in arguments if a.startswith("-") and a != "-"} <= known, command


def test_every_verb_is_in_the_readme_and_in_the_changelog() -> None:
    for page in ("README.md", "CHANGELOG.md"):
        assert [verb for verb in VERBS if f"segkit {verb}" not in text(page)] == []


def test_the_exit_codes_of_the_readme_and_of_help_are_those_there_are() -> None:
    table = re.findall(r"^\| (\d+) \|", text("README.md"), re.MULTILINE)
    assert [int(code) for code in table] == [code.value for code in Exit]
    told = segkit("--help").stdout.partition("Exit codes:")[2].partition("Options:")[0]
    assert [int(code) for code in re.findall(r"\d+", told)] == [code.value for code in Exit]


def test_make_targets_of_the_readme_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", text("Makefile"), re.MULTILINE))
    assert set(re.findall(r"(?:\$ |`)make ([a-z]+)", text("README.md"))) <= targets


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads(text("pyproject.toml"))["project"]
    named = {re.split(r"[\[<>=]", wanted)[0] for wanted in project["dependencies"]}
    table = text("docs/dependencies.md").partition("| extra |")[0]
    assert set(re.findall(r"^\| ([a-z0-9]+) \|", table, re.MULTILINE)) - {"library"} == named
    extras = text("docs/dependencies.md").partition("| extra |")[2]
    for extra, wanted in project["optional-dependencies"].items():
        (row,) = re.findall(rf"^\| `{extra}` \| (.*) \|", extras, re.MULTILINE)
        assert [w for w in wanted if re.split(r"[\[<>=]", w)[0].lower() not in row.lower()] == []


def test_every_metric_and_view_is_listed() -> None:
    listed = set(re.findall(r"[a-z_0-9]+", section("docs/rules.md", "Metrics")))
    assert set(METRICS) - listed == set()
    views = re.findall(r"`\.([a-z_]+)`", section("docs/rules.md", "Views").partition("Over a base")[0])
    assert set(views) == set(VIEWS)


def test_every_guard_is_listed() -> None:
    listed = re.findall(r"^\| `([a-z_]+)` \|", text("docs/guards.md"), re.MULTILINE)
    assert listed == [*OF_DELIVERY, *GUARDS]


def test_every_source_is_listed_with_its_columns() -> None:
    rows = dict(re.findall(r"^\| ([a-z]+) \| (.*) \|$", section("docs/data.md", "Sources"), re.MULTILINE))
    rows.pop("source")
    assert set(rows) == set(SOURCES)
    for name, source in SOURCES.items():
        said = set(re.findall(r"[a-z_]+", rows[name]))
        keys = set() if name in ("accounts", "contacts") else {"account_id", "user_id", "email"}
        assert {column.name for column in source.columns} - keys - said == set()


def test_every_problem_code_of_the_data_is_documented_and_none_that_is_not_there() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "segkit").rglob("*.py"))
    told = re.findall(r"^\| (D\d{3}) \|", text("docs/problems.md"), re.MULTILINE)
    assert set(told) == set(re.findall(r'"(D\d{3})"', source))


def check(folder: Path, rules: str) -> str:
    """What `check rules` says of a rule file in a workspace with all sources the pages use."""
    write(folder, weeks=0, rules=rules)
    with (folder / "segkit.yaml").open("a") as file:
        file.write("  tickets: {files: t.csv}\n  surveys: {files: s.csv}\n  contacts: {files: c.csv}\n")
        file.write("definitions: {login: active_day}\n")
    return segkit("check", "rules", cwd=folder).stderr


def test_metrics_in_the_page_are_metrics(tmp_path: Path) -> None:
    (block,) = (block for block in blocks("docs/rules.md", "yaml") if block.startswith("metrics:"))
    names = re.findall(r"^  ([a-z_0-9]+):", block, re.MULTILINE)
    lines = "".join(f"        - {name} at least 1\n" for name in names)
    rules = f"version: 1\nname: m\n{block}segments:\n  - name: one\n    enter:\n      all:\n{lines}"
    assert check(tmp_path, rules) == "All is well.\n"


@pytest.mark.parametrize("page", ["README.md", "docs/rules.md"])
def test_rules_in_the_pages_are_rules(tmp_path: Path, page: str) -> None:
    (block,) = (block for block in blocks(page, "yaml") if "segments:" in block)
    head = "" if block.startswith("version") else "version: 1\nname: mine\n"
    tail = "" if "playbooks:" in block else "playbooks:\n  re_engage:\n    goal: Back.\n"
    assert check(tmp_path, head + block + tail) == "All is well.\n"


def test_conditions_in_the_table_of_the_page_are_conditions(tmp_path: Path) -> None:
    rows = re.findall(r"^\| (`.*) \| .*\|$", section("docs/rules.md", "Conditions"), re.MULTILINE)
    wholes = [
        code for row in rows for code in re.findall(r"`([^`]+)`", row) if " " in code and "(" not in code
    ]
    conditions = [code for code in wholes if code.split()[0] not in ("at", "is")]
    assert len(conditions) == 4
    lines = "".join(f"        - {condition}\n" for condition in conditions)
    rules = f"version: 1\nname: m\nsegments:\n  - name: one\n    enter:\n      all:\n{lines}"
    assert check(tmp_path, rules) == "All is well.\n"


def test_the_workspace_in_the_page_is_one(tmp_path: Path) -> None:
    (block,) = (block for block in blocks("docs/data.md", "yaml") if "sources:" in block)
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules/mine.yaml").write_text(
        'version: 1\nname: m\nsegments:\n  - name: a\n    enter: tier is "gold" and logins_28d at least 1\n'
    )
    (tmp_path / "segkit.yaml").write_text(block)
    assert segkit("check", "rules", cwd=tmp_path).stderr == "All is well.\n"


def test_the_python_lines_of_the_readme_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "my-team")
    monkeypatch.chdir(tmp_path)
    (block,) = blocks("README.md", "python")
    found: dict[str, object] = {}
    exec(compile(block, "README.md", "exec"), found)
    assert [problem.code for problem in found["problems"]] == ["R304", "R313"]  # type: ignore[attr-defined]


def test_every_preset_is_listed_with_its_sources_and_its_pages() -> None:
    rows = dict(re.findall(r"^\| ([a-z]+/[a-z]+) \| (.*) \|$", text("docs/presets.md"), re.MULTILINE))
    assert set(rows) == set(preset_names())
    for name, row in rows.items():
        found = preset(name)
        sources = {table.source for table in found.tables.values() if table.source}
        assert {
            source for source in SOURCES if re.search(rf"\b{source}\b", row.partition(" | ")[0])
        } >= sources
        assert ("experimental" in row) == (found.experimental is not None), name
        assert [page for page in found.pages if page not in text("docs/presets.md")] == []


def test_the_sources_in_the_page_of_presets_are_sources(tmp_path: Path) -> None:
    (block,) = blocks("docs/presets.md", "yaml")
    (tmp_path / "segkit.yaml").write_text(
        f"version: 1\nname: m\n{block}definitions: {{login: active_day, core_features: [a], "
        "advanced_features: [b], core_workflow: {}}\n"
    )
    assert [problem for problem in public.check(tmp_path) if problem.severity == "error"] == []


def test_the_page_of_tests_is_what_segkit_test_does(tmp_path: Path) -> None:
    rules, *tests = blocks("docs/testing-rules.md", "yaml")
    (tmp_path / "mine.yaml").write_text(rules)
    for place, block in enumerate(tests):
        (tmp_path / f"{place}.yaml").write_text(block)
        assert segkit("test", "mine.yaml", "--tests", f"{place}.yaml", cwd=tmp_path).returncode == 0
    (tmp_path / "mine.yaml").write_text(rules.replace("exit_after: 2 weeks", "exit_after: 3 weeks"))
    failed = segkit("test", "mine.yaml", "--tests", "0.yaml", cwd=tmp_path).stdout
    assert f"```\n{failed}```" in text("docs/testing-rules.md")


def test_every_code_of_tests_is_in_their_page() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "segkit").rglob("*.py"))
    told = re.findall(r"^\| (T\d{3}) \|", text("docs/testing-rules.md"), re.MULTILINE)
    assert told == sorted(set(re.findall(r'"(T\d{3})"', source)))
