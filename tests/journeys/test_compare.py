"""A CS-ops editor: what would a changed threshold have done, before Friday's run does it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.command import segkit
from tests.runs.small import RULES, tree, write, write_week

STRICTER = RULES.replace("events_7d under 3", "events_7d under 4").replace(
    "exit: events_7d at least 3", "exit: events_7d at least 4"
)


@pytest.fixture
def tried(tmp_path: Path) -> Path:
    """A workspace with a second rule file beside the first."""
    write(tmp_path)
    (tmp_path / "stricter.yaml").write_text(STRICTER)
    return tmp_path


def test_a_changed_threshold_is_tried_on_all_of_history(tried: Path) -> None:
    done = segkit("compare", "stricter.yaml", cwd=tried)
    assert (done.returncode, done.stderr) == (0, "")
    assert max(map(len, done.stdout.splitlines())) <= 80
    said = " ".join(done.stdout.split())
    assert "rules.yaml → stricter.yaml" in said
    assert "at_risk, enter: events_7d under 3 → events_7d under 4" in said
    assert "at_risk 2 4 +2 5,900 6,500 +600" in said
    assert "active → at_risk 1 account 500 ARR first_seen" in said
    assert "moves in all 4 3 -1" in said
    assert (
        "Borg active → at_risk since 13 Sep 2026 old: events_7d 3 (at least 3); new: events_7d 3 (under 4)"
        in said
    )
    assert "Dyna active → at_risk since 18 Oct 2026 new rules: events_7d 3 (under 4)" in said
    assert not (tried / "state/HEAD").exists()
    [folder] = (tried / "out/compare").iterdir()
    assert sorted(tree(folder)) == [
        "accounts.csv",
        "causes.csv",
        "comparison.json",
        "segments.csv",
        "weeks.csv",
    ]


def test_it_says_who_left_unseen_and_what_the_work_list_would_hold(tried: Path) -> None:
    with (tried / "segkit.yaml").open("a") as file:
        file.write("  outcomes: {files: left.csv}\n")
    (tried / "exports/left.csv").write_text(
        "account_id,kind,at\nB,churned,2026-10-21\nC,churned,2026-10-07\nA,renewed,2026-10-01\n"
    )
    done = segkit("compare", "stricter.yaml", cwd=tried)
    assert (done.returncode, done.stderr) == (0, "")
    assert max(map(len, done.stdout.splitlines())) <= 80
    said = " ".join(done.stdout.split())
    assert "marked before notice or end 1/2 2/2 +1 missed 1/2 0/2 -1" in said
    assert "marked 4 weeks before or more 0/2 1/2 +1 marked 8 weeks before or more 0/2 0/2" in said
    assert "median weeks before the end – –" in said
    assert "by the new rules alone: 1, by the old alone: 0; too few to say that either catches" in said
    assert "new tasks in all 2 4 +2" in said
    assert "open tasks today 2 4 +2" in said
    told = json.loads(next((tried / "out/compare").glob("*/comparison.json")).read_text())
    assert (told["outcomes"]["both"], told["outcomes"]["only_new"]) == (1, 1)
    assert told["outcomes"]["new"]["lead"]["caught"] == 2
    weeks = (next((tried / "out/compare").glob("*/weeks.csv"))).read_text().splitlines()
    assert weeks[0].endswith(",opened_old,opened_new,tasks_old,tasks_new")
    shown = segkit("compare", "--show", saved(tried), cwd=tried)
    assert shown.stdout == done.stdout


def test_where_nobody_is_known_to_have_left_nothing_is_said_of_them(tried: Path) -> None:
    said = " ".join(segkit("compare", "stricter.yaml", cwd=tried).stdout.split())
    assert "Who left Nothing is said of them: no account is known to have left" in said


def test_ci_gets_json_and_an_exit_code(tried: Path) -> None:
    done = segkit("compare", "stricter.yaml", tried, "--json", "--exit-code", "-q", cwd=tried)
    assert (done.returncode, done.stderr) == (1, "")
    told = json.loads(done.stdout)
    assert not told["same"]
    assert [row["account_id"] for row in told["accounts"]] == ["B", "D"]
    (tried / "words.yaml").write_text(RULES.replace("Hardly there.", "Nearly gone."))
    same = segkit("compare", "words.yaml", "--exit-code", cwd=tried)
    assert same.returncode == 0
    assert "Both rule sets decide alike in every week." in same.stdout


def test_the_accounts_go_to_a_file_or_a_pipe(tried: Path) -> None:
    done = segkit("compare", "stricter.yaml", "--format", "csv", cwd=tried)
    header, *rows = done.stdout.splitlines()
    assert header.startswith("account_id,name,arr,dimension,old,new,since,moved_by,cause,first_because")
    assert [row.split(",")[:6] for row in rows] == [
        ["B", "Borg", "500", "segments", "active", "at_risk"],
        ["D", "Dyna", "100", "segments", "active", "at_risk"],
    ]
    assert "old rules against new" in done.stderr
    segkit("compare", "stricter.yaml", "-o", "who.csv", cwd=tried)
    assert (tried / "who.csv").read_text() == done.stdout


def saved(folder: Path) -> str:
    [found] = (folder / "out/compare").iterdir()
    return f"out/compare/{found.name}"


def test_a_saved_comparison_is_shown_again(tried: Path) -> None:
    first = segkit("compare", "stricter.yaml", cwd=tried)
    again = segkit("compare", "--show", saved(tried), cwd=tried)
    assert (again.returncode, again.stdout) == (0, first.stdout)
    assert segkit("compare", "--show", saved(tried), "--exit-code", cwd=tried).returncode == 1


def test_a_stale_comparison_is_refused_with_all_that_changed(tried: Path) -> None:
    segkit("compare", "stricter.yaml", cwd=tried)
    kept = saved(tried)
    (tried / "stricter.yaml").write_text(STRICTER.replace("under 4", "under 5"))
    (tried / "rules.yaml").write_text(RULES.replace("enter_after: 2 weeks", "enter_after: 3 weeks"))
    with (tried / "exports/usage_10.csv").open("a") as file:
        file.write("2026-09-21,A,click\n")
    segkit("assign", "-q", cwd=tried)
    done = segkit("compare", "--show", kept, cwd=tried)
    assert (done.returncode, done.stdout) == (2, "")
    refused = [line.partition(" out of date: ")[2] for line in done.stderr.splitlines() if "S162" in line]
    assert refused[:3] == [
        "the rules of the workspace decide otherwise now (rules.yaml)",
        "the new rules decide otherwise now (stricter.yaml)",
        "the export usage_10.csv has another content",
    ]
    assert refused[3].startswith("runs/2026-11-22-")
    assert refused[3].endswith(" is published now, then none")
    assert "segkit compare stricter.yaml" in done.stderr


def test_a_newer_week_makes_a_comparison_stale(tmp_path: Path) -> None:
    write(tmp_path, weeks=11)
    (tmp_path / "stricter.yaml").write_text(STRICTER)
    segkit("compare", "stricter.yaml", cwd=tmp_path)
    kept = saved(tmp_path)
    write_week(tmp_path, 11)
    said = segkit("compare", "--show", kept, cwd=tmp_path).stderr
    assert "the exports now reach to 2026-11-22, then to 2026-11-15" in said
    assert "the export usage_11.csv is new" in said


def test_comments_and_texts_make_nothing_stale(tried: Path) -> None:
    segkit("compare", "stricter.yaml", cwd=tried)
    (tried / "stricter.yaml").write_text("# tried on Monday\n" + STRICTER)
    assert segkit("compare", "--show", saved(tried), cwd=tried).returncode == 0


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["compare"], "name one rule file: segkit compare NEW_RULES [WORKSPACE]"),
        (["compare", "."], "segkit compare NEW_RULES"),
        (["compare", "strict.yaml"], "S104"),
        (["compare", "typo.yaml"], "typo.yaml:7:12 R104"),
        (["compare", "--show", "out/compare/nothing"], "S161 no comparison is here"),
        (["compare", "--show", "rules.yaml"], "S161 this is no comparison that can be read"),
        (["compare", "stricter.yaml", "--json", "--format", "csv"], "choose one"),
    ],
)
def test_what_is_typed_wrongly_is_said(tried: Path, typed: list[str], said: str) -> None:
    (tried / "typo.yaml").write_text(RULES.replace("events_7d under 3", "evnts_7d under 3"))
    done = segkit(*typed, cwd=tried)
    assert done.returncode == 2
    assert said in " ".join(done.stderr.replace("│", " ").split())
    assert not (tried / "out").exists()


def test_an_erasure_takes_comparisons_with_it(tried: Path) -> None:
    segkit("assign", "-q", cwd=tried)
    segkit("compare", "stricter.yaml", cwd=tried)
    assert segkit("erase", "B", "--yes", cwd=tried).returncode == 0
    assert not (tried / "out/compare").exists()
