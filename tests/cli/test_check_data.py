"""`segkit check data`: what a person sees of the exports, and what out/quality.json keeps of it."""

from __future__ import annotations

import io
import json
from pathlib import Path

from segkit.cli.terminal import speaks_utf8
from segkit.errors import Exit
from segkit.reports import plain
from segkit.runs.look import look
from tests.cli.command import segkit
from tests.runs.small import NOW, write, write_week, write_weeks


def test_the_weeks_that_no_export_covers_are_seen_at_once(tmp_path: Path) -> None:
    write(tmp_path, weeks=8)
    write_weeks(tmp_path, 9, 10, 11)
    done = segkit("check", "data", tmp_path)
    assert "  3 files, rows from 2 Sep 2026 to 22 Nov 2026\n" in done.stdout
    assert "  2026-09-13 ▅▅▅█▇█▇×▇▇▄ 2026-11-22\n" in done.stdout
    assert all(len(line) <= 80 for line in done.stdout.splitlines())
    found = json.loads((tmp_path / "out/quality.json").read_text())
    usage = found["sources"]["usage"]
    assert [period["ends"] for period in usage["periods"] if not period["covered"]] == ["2026-11-01"]
    assert (usage["last_day"], usage["days_before_as_of"]) == ("2026-11-22", 0)


def test_where_nothing_but_ascii_can_be_shown_the_strip_is_digits(tmp_path: Path) -> None:
    write(tmp_path, weeks=8)
    write_weeks(tmp_path, 9, 10, 11)
    with (tmp_path / "exports/usage_11.csv").open("a") as file:
        file.write("2026-11-22,,click\n")
    assert not speaks_utf8(io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    shown = plain(list(look(tmp_path, now=NOW, ascii_only=True).lines))
    assert "  2026-09-13 6669898x884 2026-11-22\n" in shown
    assert shown.isascii()


def test_what_changed_since_the_last_run_is_told_until_it_is_published(tmp_path: Path) -> None:
    write(tmp_path, weeks=11)
    assert segkit("assign", "-q", tmp_path).returncode == 0
    assert segkit("check", "data", tmp_path).stderr == "All is well.\n"
    write_week(tmp_path, 11)
    week = tmp_path / "exports/usage_11.csv"
    week.write_text(week.read_text().replace("at,account_id,event", "at,account_id,Event Name"))
    done = segkit("check", "data", tmp_path, "--strict")
    assert done.returncode == Exit.PROBLEMS
    assert "usage_11.csv:1 D301 warning: usage: the column event of the last run is gone" in done.stderr
    assert "hint: columns: {event: Event Name} in segkit.yaml" in done.stderr
    assert segkit("assign", "-q", tmp_path).returncode == 0
    kept = json.loads((tmp_path / "out/latest/quality.json").read_text())
    assert [problem["code"] for problem in kept["problems"]] == ["D301"]
    assert segkit("check", "data", tmp_path, "--strict").returncode == 0


def test_exports_that_cannot_be_used_leave_their_problems_in_the_file_too(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "exports/accounts.csv").write_text("<html>Sign in</html>")
    done = segkit("check", "data", tmp_path)
    assert done.returncode == Exit.PROBLEMS
    assert done.stdout == ""
    found = json.loads((tmp_path / "out/quality.json").read_text())
    assert [(problem["code"], problem["severity"]) for problem in found["problems"]] == [("D104", "error")]
