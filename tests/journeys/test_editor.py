"""A CS-ops editor: a slip in the YAML is shown where it is, in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.command import segkit
from tests.runs.small import RULES, WORKSPACE, write


@pytest.mark.parametrize(
    ("slip", "said"),
    [
        (("events_7d under 3", "evnts_7d under 3"), "R104"),
        (("events_7d under 3", "events_7d undr 3"), "R101"),
        (("    playbook: call", "    playbok: call"), "R110"),
        (("    playbook: call", "    playbook: cal"), "R115"),
        (("enter_after: 2 weeks", "enter_after: 2 months"), "R113"),
        (("  - name: busy", "  - name: active"), "R111"),
        (("    enter: events_7d at least 5", "    enter: member(busy)"), "R108"),
        (("events_7d under 3", "events_7d under 3 weeks"), "R107"),
        (("events_7d under 3", 'events_7d under "3"'), "R106"),
        (("events_7d under 3", "events_7d under 30%"), "R112"),
        (("events_7d under 3", "name is Acme"), "R104"),
        (("events_7d under 3", "member(actve)"), "R102"),
        (("events_7d under 3", "events_7d under $few"), "R103"),
        (("events_7d under 3", "events_28d.vs_expcted under 3"), "R105"),
        (("    means: Hardly there.", "    means: Hardly: there."), "S101"),
        (("    means: Hardly there.", "    means: 'Hardly there."), "S101"),
        (("    playbook: call", "\tplaybook: call"), "S101"),
        (("  - name: busy", "  - name: busy\n    name: lazy"), "S102"),
        (("    enter: events_7d at least 5", "    enter: {all: []}"), "R110 'all' is empty"),
        (("    means: Hardly there.", '    means: "Hardly there. \\q"'), "S101"),
        (("  - name: active", "  - name: left"), "R111"),
    ],
)
def test_a_slip_in_the_rules_is_shown_with_line_caret_and_code(
    tmp_path: Path, slip: tuple[str, str], said: str
) -> None:
    assert slip[0] in RULES
    write(tmp_path, weeks=2, rules=RULES.replace(*slip, 1))
    done = segkit("assign", tmp_path, cwd=tmp_path)
    assert done.returncode == 2
    first, _, caret, *_ = done.stderr.splitlines()
    assert first.startswith("rules.yaml:")
    assert said in first
    assert set(caret.strip()) == {"^"}
    assert not (tmp_path / "out").exists()


def test_a_slip_in_the_workspace_file_is_shown_with_its_line(tmp_path: Path) -> None:
    write(tmp_path, weeks=2)
    (tmp_path / "segkit.yaml").write_text(WORKSPACE.replace("quiet_days", "quite_days"))
    done = segkit("assign", tmp_path, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("segkit.yaml:4:1 S110")
    assert "quiet_days" in done.stderr


def test_a_metric_without_its_definition_is_explained(tmp_path: Path) -> None:
    write(tmp_path, weeks=2, rules=RULES.replace("events_7d under 3", "logins_7d under 3", 1))
    done = segkit("assign", tmp_path, cwd=tmp_path)
    assert done.returncode == 2
    assert "R109" in done.stderr
    assert "hint: no event of yours looks like it: click (124 rows)" not in done.stderr
    assert "hint: no event of yours looks like it: click (" in done.stderr
    assert "definitions: {login: active_day}" in done.stderr
    with (tmp_path / "exports/usage_01.csv").open("a") as file:
        file.write("2026-09-13,A,Sign in\n")
    for verb in ("assign", "check"):
        said = segkit(verb, cwd=tmp_path).stderr
        assert "Sign in looks like it in your usage files: definitions: {login: {events: [Sign in]}}" in said


def test_a_tab_is_named_and_spaces_are_asked_for(tmp_path: Path) -> None:
    write(tmp_path, weeks=2, rules=RULES.replace("    playbook: call", "\tplaybook: call", 1))
    said = segkit("check", "rules", cwd=tmp_path).stderr
    assert "rules.yaml:6:1 S101" in said
    assert "hint: indent with spaces" in said


def test_all_mistakes_of_a_file_come_at_once(tmp_path: Path) -> None:
    rules = RULES.replace("events_7d under 3", "evnts_7d under 3").replace("arr under", "ar under")
    write(tmp_path, weeks=2, rules=rules)
    done = segkit("check", "rules", tmp_path, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.count("R104") == 2
