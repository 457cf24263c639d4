"""An analyst: from nothing to a first screen, and week after week from there."""

from __future__ import annotations

import os
from pathlib import Path

import polars as pl

import segkit as public
from segkit.reports.words import cells
from tests.cli.command import segkit
from tests.runs.small import SUNDAYS, ran, tree, write, write_week

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "first_screen.txt"


def test_the_first_screen_of_the_example_is_as_agreed(example: tuple[Path, str]) -> None:
    assert example[1] == GOLDEN.read_text(encoding="utf-8")


def test_the_first_screen_is_80_columns_wide_at_most(example: tuple[Path, str]) -> None:
    assert max(cells(line) for line in example[1].splitlines()) == 80


def test_its_parts_come_in_the_agreed_order(example: tuple[Path, str]) -> None:
    parts = ["Data", "Segments", "Call first", "Not alarmed", "What your data support", "Results:"]
    places = [example[1].index(f"\n{part}") for part in parts]
    assert places == sorted(places)


def test_few_known_accounts_need_review(example: tuple[Path, str]) -> None:
    rows = pl.read_parquet(example[0] / "out/latest/assignments.parquet")
    assert rows.filter(pl.col("primary") == "needs_review").height <= 0.1 * rows.height


def test_the_example_again_is_a_no_op(example: tuple[Path, str]) -> None:
    before = tree(example[0] / "out")
    done = segkit("assign", example[0], "--as-of", "2026-11-15")
    assert "Nothing new: 2026-11-15 is published" in done.stderr
    assert tree(example[0] / "out") == before


def test_init_with_example_makes_a_workspace_that_runs(tmp_path: Path) -> None:
    made = segkit("init", tmp_path / "saas", "--example")
    assert made.returncode == 0
    assert "next: segkit assign" in made.stdout
    assert segkit("check", "rules", tmp_path / "saas").returncode == 0


def test_an_empty_folder_becomes_a_workspace_that_says_what_is_missing(tmp_path: Path) -> None:
    made = segkit("init", cwd=tmp_path)
    assert made.returncode == 0
    assert sorted(os.listdir(tmp_path)) == ["exports", "rules", "schema", "segkit.yaml"]
    assert segkit("check", "rules", cwd=tmp_path).returncode == 0
    done = segkit("assign", cwd=tmp_path)
    assert done.returncode == 4
    assert "D101" in done.stderr
    assert "accounts.csv" in done.stderr
    assert "usage.csv" in done.stderr


def test_the_new_workspace_runs_with_two_plain_files(tmp_path: Path) -> None:
    segkit("init", tmp_path)
    write(tmp_path / "other")
    usage = [path.read_text().splitlines() for path in sorted((tmp_path / "other/exports").glob("usage_*"))]
    rows = [usage[0][0], *(row for lines in usage for row in lines[1:])]
    (tmp_path / "exports/usage.csv").write_text("\n".join(rows) + "\n")
    (tmp_path / "other/exports/accounts.csv").rename(tmp_path / "exports/accounts.csv")
    done = segkit("assign", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "What your data support" in done.stdout


def test_init_looks_into_usage_files_that_are_there(tmp_path: Path) -> None:
    (tmp_path / "exports").mkdir()
    for month, event in (("10", "sign_in"), ("11", "report_made")):
        rows = (
            f"at,account_id,event,feature\n2026-{month}-02,A,{event},boards\n2026-{month}-03,A,click,maps\n"
        )
        (tmp_path / f"exports/usage_{month}.csv").write_text(rows)
    assert segkit("init", tmp_path).returncode == 0
    text = (tmp_path / "segkit.yaml").read_text()
    assert 'files: "usage_*.csv"' in text
    assert "# events in your files, the commonest first: click 2, report_made 1, sign_in 1" in text
    assert 'login: {events: ["sign_in"]}' in text
    assert 'core_features: ["boards", "maps"]' in text
    assert segkit("check", "rules", tmp_path).returncode == 0


def test_init_beside_the_files_reads_them_where_they_lie(tmp_path: Path) -> None:
    rows = "".join(f"2026-10-{day:02},A,sign_in\n" for day in range(5, 19))
    (tmp_path / "usage.csv").write_text(f"at,account_id,event\n{rows}")
    (tmp_path / "accounts.csv").write_text("account_id\nA\n")
    made = segkit("init", cwd=tmp_path)
    assert made.stdout.endswith("next: segkit assign\n")
    text = (tmp_path / "segkit.yaml").read_text()
    assert "exports: ." in text
    assert 'login: {events: ["sign_in"]}' in text
    assert segkit("assign", cwd=tmp_path).returncode == 0


def test_init_never_overwrites(tmp_path: Path) -> None:
    (tmp_path / "segkit.yaml").write_text("mine")
    done = segkit("init", tmp_path)
    assert done.returncode == 2
    assert "segkit.yaml" in done.stderr
    assert tree(tmp_path) == {"segkit.yaml": b"mine"}


def test_files_without_a_workspace_are_enough(tmp_path: Path) -> None:
    write(tmp_path)
    usage = [path.read_text().splitlines() for path in sorted((tmp_path / "exports").glob("usage_*"))]
    rows = [usage[0][0], *(row for lines in usage for row in lines[1:])]
    (tmp_path / "u.csv").write_text("\n".join(rows) + "\n")
    before = tree(tmp_path)
    done = segkit("assign", "--usage", "u.csv", "--accounts", "exports/accounts.csv", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Assumed, because no segkit.yaml says it" in done.stdout
    assert tree(tmp_path) == before


def test_accounts_alone_need_a_date_and_are_enough_with_one(tmp_path: Path) -> None:
    rules = "version: 1\nname: m\nsegments:\n  - name: large\n    enter: arr at least 1000\n"
    write(tmp_path, weeks=0, rules=rules)
    settings = (tmp_path / "segkit.yaml").read_text()
    (tmp_path / "segkit.yaml").write_text(settings[: settings.index("  usage:")])
    done = segkit("assign", tmp_path)
    assert done.returncode == 4
    assert "D106 no source says when anything happened" in done.stderr
    assert "date the accounts: accounts_{date}.csv" in done.stderr
    dated = settings.replace("accounts.csv", '"accounts_{date}.csv"')
    (tmp_path / "segkit.yaml").write_text(dated[: dated.index("  usage:")])
    (tmp_path / "exports/accounts.csv").rename(tmp_path / "exports/accounts_2026-11-15.csv")
    done = segkit("assign", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "week to 15 Nov 2026 · 4 accounts" in done.stdout


def test_a_missing_file_without_a_workspace_is_named(tmp_path: Path) -> None:
    done = segkit("assign", "--usage", "nothing.csv", cwd=tmp_path)
    assert done.returncode == 4
    assert done.stderr.startswith("nothing.csv D101")


def test_a_new_week_shows_what_moved_since_the_last(tmp_path: Path) -> None:
    ran(tmp_path, weeks=11)
    write_week(tmp_path, 11)
    done = segkit("assign", tmp_path)
    assert "since 15 Nov 2026" in done.stdout
    assert "What your data support" not in done.stdout
    assert "at_risk this week, was needs_review" in done.stdout


def test_from_python_the_same_in_three_lines(tmp_path: Path) -> None:
    run = public.open(write(tmp_path)).assign()
    assert run.as_of == SUNDAYS[-1]
    assert run.assignments["account_id"].to_list() == ["A", "B", "C", "D"]
    assert public.open(tmp_path).replay().differences.is_empty()
    assert [problem.code for problem in public.check(tmp_path)] == ["R304", "R313"]
