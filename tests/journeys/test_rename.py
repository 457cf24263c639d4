"""A CS-ops editor: a segment gets another name and keeps its history, or goes, and everybody is told."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from tests.cli.command import segkit
from tests.runs.small import RULES, tree, write, write_week

RENAMED = RULES.replace("  - name: at_risk", "  - name: fading\n    was: at_risk").replace(
    "  - name: busy", "  - name: lively\n    was: busy"
)


def read(folder: Path, name: str) -> pl.DataFrame:
    return pl.read_csv(folder / "out/latest" / name, try_parse_dates=True)


@pytest.fixture(scope="module")
def renamed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, bytes], str]:
    """Eleven weeks published, then other names, then the twelfth: folder, files of the first run, screen."""
    folder = write(tmp_path_factory.mktemp("renamed"), weeks=11)
    (folder / "exports/overrides.csv").write_text(
        "account_id,segment,in_or_out,from,until,by,reason\nB,at_risk,in,2026-10-05,,Ann,Heard it\n"
    )
    with (folder / "segkit.yaml").open("a") as file:
        file.write("  overrides: {files: overrides.csv}\n")
    assert segkit("assign", "-q", cwd=folder).returncode == 0
    [first] = (folder / "out/runs").iterdir()
    before = tree(first)
    (folder / "rules.yaml").write_text(RENAMED)
    write_week(folder, 11)
    done = segkit("assign", cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert tree(first) == before
    return folder, before, done.stdout


def test_nobody_moves_and_weeks_go_on(renamed: tuple[Path, dict[str, bytes], str]) -> None:
    folder, _, screen = renamed
    rows = read(folder, "assignments.csv").filter(pl.col("account_id") == "C").row(0, named=True)
    assert (rows["primary"], str(rows["since"]), rows["weeks_in"]) == ("fading", "2026-09-13", 11)
    moved = read(folder, "transitions.csv")
    assert moved.filter(pl.col("cause") == "rule_change").is_empty()
    assert set(moved.filter(pl.col("dimension") == "segments")["account_id"]) == {"A"}
    tasks = read(folder, "worklist.csv").filter(pl.col("account_id") == "C")
    assert (tasks["segments"].to_list(), str(tasks["opened"][0])) == (["fading"], "2026-09-13")
    assert tasks["closed"].to_list() == [None]
    said = " ".join(screen.split())
    assert "renamed: at_risk is fading, busy is lively; nobody moved by it" in said
    told = json.loads((folder / "out/latest/run.json").read_text())
    assert told["renamed"] == {"at_risk": "fading", "busy": "lively"}
    assert "at_risk is fading" in (folder / "out/latest/report.html").read_text()


def test_what_was_said_under_the_old_name_holds_on(renamed: tuple[Path, dict[str, bytes], str]) -> None:
    folder, _, _ = renamed
    row = read(folder, "assignments.csv").filter(pl.col("account_id") == "B").row(0, named=True)
    assert (row["primary"], row["weeks_in"]) == ("fading", 7)
    assert "Heard it" in row["override"]


def test_reports_of_the_past_use_the_new_name(renamed: tuple[Path, dict[str, bytes], str]) -> None:
    folder, _, _ = renamed
    for asked in (
        ["report", "transitions"],
        ["report", "history", "--format", "csv"],
        ["explain", "A"],
        ["evaluate"],
    ):
        said = segkit(*asked, cwd=folder).stdout
        assert "fading" in said, asked
        assert "at_risk" not in said, asked
    replayed = segkit("replay", cwd=folder).stdout
    assert "at_risk" not in replayed
    assert "lively" in (folder / "out/latest/state/latches.parquet").read_bytes().decode("latin-1")


def test_a_comparison_and_a_description_say_renamed(tmp_path: Path) -> None:
    folder = write(tmp_path)
    (folder / "new.yaml").write_text(RENAMED)
    done = segkit("compare", "new.yaml", "--exit-code", cwd=folder)
    assert done.returncode == 0
    said = " ".join(done.stdout.split())
    assert "segment at_risk is called fading now flag busy is called lively now" in said
    assert "Nobody." in said
    described = segkit("describe", "new.yaml", "--since", "rules.yaml", cwd=folder).stdout
    assert "- segment at\\_risk is called fading now" in described
    assert "was: at_risk" in described


def test_a_new_name_and_a_new_condition_at_once_move_only_who_the_condition_moves(tmp_path: Path) -> None:
    folder = write(tmp_path, weeks=11)
    segkit("assign", "-q", cwd=folder)
    (folder / "rules.yaml").write_text(RENAMED.replace("events_7d under 3", "events_7d under 4"))
    write_week(folder, 11)
    assert segkit("assign", "-q", cwd=folder).returncode == 0
    rules = read(folder, "transitions.csv").filter(pl.col("cause") == "rule_change")
    moves = [("B", "active", "fading"), ("D", "active", "fading")]
    assert rules.select("account_id", "from", "to").rows() == moves


def test_a_segment_that_goes_lets_its_accounts_go_with_the_rules_as_the_cause(tmp_path: Path) -> None:
    folder = write(tmp_path, weeks=11)
    segkit("assign", "-q", cwd=folder)
    start, end = RULES.index("  - name: at_risk"), RULES.index("  - name: active")
    (folder / "rules.yaml").write_text(RULES[:start] + RULES[end:])
    write_week(folder, 11)
    done = segkit("assign", cwd=folder)
    assert done.returncode == 0
    assert "gone: at_risk; whoever was in it is elsewhere, cause rule_change" in " ".join(done.stdout.split())
    rules = read(folder, "transitions.csv").filter(pl.col("cause") == "rule_change")
    assert rules.select("account_id", "from", "to").rows() == [("C", "at_risk", "active")]
    tasks = read(folder, "worklist.csv").filter(pl.col("account_id") == "C")
    assert tasks["closed_because"].to_list() == ["left at_risk (the rules changed)"]


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        (
            RULES.replace("  - name: active", "  - name: active\n    was: at_risk"),
            "rules.yaml:12:10 R116 'at_risk' is still there",
        ),
        (
            RULES.replace("  - name: active", "  - name: active\n    was: needs_review"),
            "rules.yaml:12:10 R116 'needs_review' is still there",
        ),
        (
            RENAMED.replace("  - name: active", "  - name: active\n    was: at_risk"),
            "rules.yaml:13:10 R117 'at_risk' has become another segment already",
        ),
        (
            RENAMED.replace("was: at_risk", "was: At Risk"),
            "rules.yaml:5:10 R110 'At Risk' cannot be a name",
        ),
        (
            RENAMED.replace("enter: events_7d at least 3", "enter: not member(at_risk)"),
            "it is called fading now",
        ),
    ],
)
def test_names_that_cannot_be_followed_are_told(tmp_path: Path, rules: str, said: str) -> None:
    folder = write(tmp_path, weeks=2, rules=rules)
    done = segkit("check", "rules", cwd=folder)
    assert done.returncode == 1
    assert said in " ".join((done.stdout + done.stderr).split())
