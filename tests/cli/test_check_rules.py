"""Comments that ignore warnings, what is wrong with them, and what --fix makes of a file."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path

import pytest

import segkit
from segkit.checking import mend
from segkit.cli.findings import annotation
from segkit.errors import Place, Problem, Witness
from tests.cli.command import segkit as command

HEAD = "version: 1\nname: x\n"
NO_MARGIN = "    exit: events_7d at least 3"
RULES = f"{HEAD}segments:\n  - name: quiet\n    enter: events_7d under 3\n{NO_MARGIN}{{}}\n"
DAY = date(2026, 11, 26)


def told(folder: Path, text: str, today: date | None = DAY) -> list[tuple[str, int | None]]:
    file = folder / "rules.yaml"
    file.write_text(text)
    return [(p.code, p.where.line if p.where else None) for p in segkit.check(file, today=today)]


def test_a_comment_behind_the_line_or_above_it_ignores_the_warning(tmp_path: Path) -> None:
    assert told(tmp_path, RULES.format("")) == [("R304", 6)]
    assert told(tmp_path, RULES.format("  # segkit: ignore[R304] steps are large")) == []
    above = RULES.replace(
        NO_MARGIN, "    # segkit: ignore[R301, R304] steps are large\n    # more\n" + NO_MARGIN
    )
    assert told(tmp_path, above.format("")) == [("R330", 6)]
    assert told(tmp_path, above.format("").replace("R301, ", "")) == []


def test_a_day_that_has_passed_ends_it(tmp_path: Path) -> None:
    text = RULES.format("  # segkit: ignore[R304] a pilot until 2026-11-26")
    assert told(tmp_path, text) == []
    assert told(tmp_path, text, date(2026, 11, 27)) == [("R304", 6), ("R331", 6)]
    assert told(tmp_path, text, None) == []


@pytest.mark.parametrize(
    "comment",
    ["ignore", "ignore R304 why", "ignore[R304]", "ignore[304] why", "ignore[R304] why until 2026-02-30"],
)
def test_a_comment_that_cannot_be_read_ignores_nothing(tmp_path: Path, comment: str) -> None:
    assert told(tmp_path, RULES.format(f"  # segkit: {comment}")) == [("R304", 6), ("R332", 6)]


def test_errors_are_never_ignored_and_nothing_is_called_idle_beside_them(tmp_path: Path) -> None:
    text = (
        f"{HEAD}segments:\n  - {{name: a, enter: evnts_7d under 3}} # segkit: ignore[R104, R304] so be it\n"
    )
    assert told(tmp_path, text) == [("R104", 4)]


@pytest.mark.parametrize(
    "rules", sorted((Path(__file__).parents[2] / "rules").glob("*.yaml")), ids=lambda p: p.stem
)
def test_the_shipped_rules_have_nothing_that_can_be_proved_against_them_unsaid(rules: Path) -> None:
    assert segkit.check(rules, today=DAY) == []


BROKEN = """\
version: 1   # kept
name: x
segments:
  - name:   quiet
    Enter: "events_7d =< 3"      # kept, too
    enter-after: 2 weeks
  - name: deep
    enter: core_adoption_28d at least 80
  - name: late
    enter: tenure_days between 90 and 0  # segkit: ignore[R304] no more
    # segkit: ignore[R305] gone
  - name: weeks
    enter: events_4w below 3
"""
MENDED = """\
version: 1   # kept
name: x
segments:
  - name:   quiet
    enter: "events_7d <= 3"      # kept, too
    enter_after: 2 weeks
  - name: deep
    enter: core_adoption_28d at least 80%
  - name: late
    enter: tenure_days between 0 and 90
  - name: weeks
    enter: events_28d under 3
"""


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_fix_changes_what_can_mean_one_thing_only_and_no_other_byte(
    tmp_path: Path, end: str, mark: str
) -> None:
    file = tmp_path / "rules.yaml"
    file.write_bytes((mark + BROKEN.replace("\n", end)).encode())
    file.chmod(0o640)
    mend(file, today=DAY)
    assert file.read_bytes() == (mark + MENDED.replace("\n", end)).encode()
    assert mend(file, today=DAY).problems == ()
    assert os.stat(file).st_mode & 0o777 == 0o640
    assert [path.name for path in tmp_path.iterdir()] == ["rules.yaml"]


def test_diff_shows_it_and_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(BROKEN)
    done = command("check", "rules", file, "--diff", cwd=tmp_path)
    assert (
        '-    Enter: "events_7d =< 3"      # kept, too\n+    enter: "events_7d <= 3"      # kept, too\n'
        in (done.stdout.replace("-    enter-after: 2 weeks\n", "").replace("+    enter_after: 2 weeks\n", ""))
    )
    assert file.read_text() == BROKEN
    assert done.returncode == 1
    done = command("check", "rules", file, "--fix", cwd=tmp_path)
    assert done.stderr.startswith("rules.yaml: mended R110 in line 5, ")
    assert file.read_text() == MENDED


def test_a_guess_is_never_mended(tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    text = f"{HEAD}segments:\n  - {{name: a, enter: loggins_7d less than 3 and plan is Team, entr: x}}\n"
    file.write_text(text)
    assert mend(file, today=DAY).after == text


def test_json_is_all_that_stands_on_stdout(tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(RULES.format(""))
    done = command("check", "rules", file, "--format", "json", cwd=tmp_path)
    document = json.loads(done.stdout)
    assert document["schema_version"] == 1
    (problem,) = document["problems"]
    assert (problem["code"], problem["file"], problem["line"], problem["column"]) == (
        "R304",
        "rules.yaml",
        6,
        11,
    )
    assert problem["example"]["weeks"] == [{"events_7d": "2"}, {"events_7d": "3"}]
    assert done.returncode == 0


def test_annotations_escape_what_would_end_them() -> None:
    place = Place("a,b:c%.yaml", 3, 5, "", 7)
    witness = Witness(((("x", "1"),),), "so")
    problem = Problem("R304", "50%\r\nof it", place, "try: this, that", "warning", witness)
    assert annotation(problem) == (
        "::warning title=R304,file=a%2Cb%3Ac%25.yaml,line=3,col=5,endColumn=12"
        "::50%25  of it%0Aexample: an account with x 1: so%0Ahint: try: this, that"
    )
    assert annotation(Problem("S104", "gone")) == "::error title=S104::gone"


def test_github_is_one_line_a_problem(tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(BROKEN)
    done = command("check", "rules", file, "--format", "github", cwd=tmp_path)
    assert all(line.startswith(("::error title=", "::warning title=")) for line in done.stdout.splitlines())
    assert done.returncode == 1
