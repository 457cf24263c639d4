"""A CS-ops editor: tests of her rules, and what she gets wrong when she writes them."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.cli.command import Done, segkit
from tests.runs.small import RULES, WORKSPACE

TESTS = """\
tests:
  - name: two quiet weeks make it at risk
    metrics:
      events_7d: 5x3 0x2 _ 4x3
    attributes:
      arr: 2000
    expect:
      primary: active x3 needs_review at_risk x3 active x2
      dimensions:
        value: large
      member:
        busy: yes x3 no x6
      moves:
        - {week: 4, to: needs_review}
        - {week: 5, from: needs_review, to: at_risk, cause: behaviour, because: events_7d 0}
        - {week: 8, from: at_risk, to: active}

  - name: a quarter in which it goes down
    metrics:
      events_7d: 6-1x5 gone
    expect:
      primary: {1: active, 5: needs_review, 6: gone}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A workspace without exports: rules are tested without any."""
    (tmp_path / "segkit.yaml").write_text(WORKSPACE)
    (tmp_path / "rules.yaml").write_text(RULES)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/rules.test.yaml").write_text(TESTS)
    return tmp_path


def tried(folder: Path, tests: str, *options: object) -> Done:
    (folder / "tests/rules.test.yaml").write_text(tests)
    return segkit("test", *options, cwd=folder)


def test_tests_that_pass_say_so_in_a_line(folder: Path) -> None:
    done = segkit("test", cwd=folder)
    assert (done.returncode, done.stdout, done.stderr) == (0, "2 of 2 tests passed.\n", "")
    assert segkit("test", "-q", cwd=folder).stdout == ""


def test_a_rule_that_changed_fails_its_test_and_only_what_differs_is_shown(folder: Path) -> None:
    (folder / "rules.yaml").write_text(RULES.replace("exit_after: 2 weeks", "exit_after: 1 week"))
    done = segkit("test", cwd=folder)
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "FAILED two quiet weeks make it at risk" + "line 2".rjust(42),
        "  primary, week 7: at_risk expected, active found",
        "    at_risk → active in week 7: events_7d 4 (at least 3)",
        "  moves, week 7: no move expected, at_risk → active (data) found",
        "    events_7d 4 (at least 3)",
        "  moves, week 8: at_risk → active expected, no move found",
        "",
        "1 of 2 tests passed.",
    ]
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_ci_reads_junit(folder: Path) -> None:
    (folder / "rules.yaml").write_text(RULES.replace("exit_after: 2 weeks", "exit_after: 1 week"))
    assert segkit("test", "--junit", "out.xml", "-q", cwd=folder).returncode == 1
    [suite] = ElementTree.parse(folder / "out.xml").getroot()
    assert (suite.get("name"), suite.get("tests"), suite.get("failures")) == ("small", "2", "1")
    failed, passed = suite
    assert (failed.get("line"), len(failed), len(passed)) == ("2", 1, 0)
    assert "primary, week 7: at_risk expected, active found; at_risk → active in week 7" in str(
        failed[0].text
    )


def test_coverage_says_what_no_test_has_tried(folder: Path) -> None:
    said = segkit("test", "--coverage", cwd=folder).stdout
    told = [" ".join(line.split()) for line in said.splitlines()]
    assert "at_risk yes yes 4 of 4 2 of 5" in told
    at = told.index("large yes no 1 of 2 0 of 3")
    assert told[at + 1] == "enter: never without arr at least 1000"
    assert told[at + 2].startswith("no test would notice: enter: arr at least 1000 => arr over 1000")
    assert told[-1].startswith("Rules 7 of 10 (70.0 %), conditions 10 of 12 (83.3 %), limits 8 of 17 (")


@pytest.mark.parametrize(
    ("slip", "said"),
    [
        (
            ("events_7d: 5x3", "evnts_7d: 5x3"),
            "4:7 T102 the rules know no 'evnts_7d'|did you mean 'events_7d'?",
        ),
        (("5x3 0x2 _", "5x3 O _"), "4:22 T105 'O' is no value of a week|write 20 or 30%"),
        (("5x3 0x2 _ 4x3", "5x3 0x2 _ 4x2"), "4:18 T104 this is 8 weeks long, the case 9|one value stands"),
        (("5x3 0x2 _", "5%x3 0x2 _"), "4:18 T106 events_7d is no share, 5% is one|write it without %"),
        (("5x3 0x2 _", "5x3 -1x2 _"), "4:18 T106 events_7d can never be -1|"),
        (
            ("busy: yes x3", "bussy: yes x3"),
            "12:9 T102 no segment or flag is called 'bussy'|did you mean 'busy'?",
        ),
        (
            ("needs_review at_risk", "needs_reveiw at_risk"),
            "8:26 T102 'needs_reveiw'|did you mean 'needs_review'?",
        ),
        (("active x3 needs", "activex3 needs"), "8:16 T102 'activex3' is not known here|write active x3"),
        (("value: large", "size: large"), "10:9 T102 no dimension is called 'size'|"),
        (("week: 8", "week: 10"), "16:18 T104 the case has 9 weeks|"),
        (("    expect:\n", "    expects:\n"), "T101 unknown key 'expects'|did you mean 'expect'?"),
        (("  - name: two", "  - nam: two"), "T101 unknown key 'nam'|did you mean 'name'?"),
        (("{1: active", "{one: active"), "22:17 T105 'one' is no week|write {1: steady, 3: at_risk}"),
    ],
)
def test_a_slip_in_a_test_is_shown_where_it_is(folder: Path, slip: tuple[str, str], said: str) -> None:
    assert slip[0] in TESTS
    done = tried(folder, TESTS.replace(*slip, 1))
    assert (done.returncode, done.stdout) == (2, "")
    what, hint = said.split("|")
    first = next(line for line in done.stderr.splitlines() if what in line)
    assert first.startswith("tests/rules.test.yaml:")
    assert f"hint: {hint}" in done.stderr or not hint
    assert "^" in done.stderr


def test_all_slips_come_at_once(folder: Path) -> None:
    done = tried(folder, TESTS.replace("events_7d: 5x3", "evnts_7d: 5x3").replace("busy:", "bussy:"))
    assert done.stderr.count("T102") == 2


def test_a_metric_that_the_rules_do_not_read_is_told_and_changes_nothing(folder: Path) -> None:
    done = tried(folder, TESTS.replace("    attributes:\n", "      logins_7d: 3\n    attributes:\n"))
    assert (done.returncode, done.stdout) == (0, "2 of 2 tests passed.\n")
    assert "5:7 T103 warning: the rules do not read logins_7d: it changes nothing" in done.stderr


def test_nothing_expected_is_no_test(folder: Path) -> None:
    done = tried(folder, "tests:\n  - name: nothing\n    metrics: {events_7d: 1}\n    expect: {}\n")
    assert done.returncode == 2
    assert "4:5 T107 nothing is expected of this case" in done.stderr


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["test", "other.yaml"], "S104"),
        (["test", "tests/rules.test.yaml"], "T100 is a file of tests; name the rules"),
        (["test", "--tests", "tests/none.test.yaml"], "S104"),
    ],
)
def test_what_is_typed_wrongly_is_said(folder: Path, typed: list[str], said: str) -> None:
    done = segkit(*typed, cwd=folder)
    assert (done.returncode, said in done.stderr) == (2, True), done.stderr


def test_rules_without_tests_are_no_success(folder: Path) -> None:
    (folder / "tests/rules.test.yaml").unlink()
    done = segkit("test", cwd=folder)
    assert done.returncode == 2
    assert "T100 rules.yaml has no tests" in done.stderr
    assert "tests/rules.test.yaml beside it" in done.stderr


def test_rules_are_tested_without_a_workspace_and_against_other_rules(folder: Path) -> None:
    (folder / "segkit.yaml").unlink()
    (folder / "new.yaml").write_text(RULES.replace("enter_after: 2 weeks", "enter_after: 1 week"))
    assert segkit("test", "rules.yaml", cwd=folder).returncode == 0
    done = segkit("test", "new.yaml", "--tests", "tests/rules.test.yaml", cwd=folder)
    assert done.returncode == 1
    assert "primary, week 4: needs_review expected, at_risk found" in done.stdout


def test_init_begins_with_another_shipped_set(tmp_path: Path) -> None:
    done = segkit("init", "team", "--rules", "saas-small-team", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "rules: rules/saas-small-team.yaml" in (tmp_path / "team/segkit.yaml").read_text()
    assert segkit("test", "-q", cwd=tmp_path / "team").returncode == 0
    wrong = segkit("init", "other", "--rules", "sas", cwd=tmp_path)
    assert (wrong.returncode, (tmp_path / "other").exists()) == (2, False)
    assert "shipped: saas, saas-small-team, seasonal-retail" in wrong.stderr


def test_the_rules_are_told_as_a_page_and_what_changed_in_them(folder: Path) -> None:
    (folder / "new.yaml").write_text(RULES.replace("exit_after: 2 weeks", "exit_after: 1 week"))
    done = segkit("describe", "new.yaml", "--since", "rules.yaml", cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert "## What changed since rules.yaml" in done.stdout
    assert "exit\\_after: 2 → 1" in done.stdout.replace(" weeks", "").replace(" week", "")
    assert segkit("describe", "-o", "rules.html", cwd=folder).stdout == ""
    assert "<title>Rule set small, version 1</title>" in (folder / "rules.html").read_text()
    wrong = segkit("describe", "nowhere.yaml", cwd=folder)
    assert (wrong.returncode, "Traceback" in wrong.stderr) == (2, False)
    assert segkit("describe", "--since", "tests", cwd=folder).returncode == 2


def test_the_first_rule_of_the_docs_goes_as_told(tmp_path: Path) -> None:
    """docs/first-rule.md: the number, the test that fails, and both tests to write."""
    page = (Path(__file__).parents[2] / "docs/first-rule.md").read_text()
    assert segkit("init", "--example", "my-team", cwd=tmp_path).returncode == 0
    rules, tests = tmp_path / "my-team/rules", tmp_path / "my-team/rules/tests/saas.test.yaml"
    new = (rules / "saas.yaml").read_text().replace("default: -30%", "default: -25%")
    (rules / "new.yaml").write_text(new)
    asked = ("test", "rules/new.yaml", "--tests", "rules/tests/saas.test.yaml")
    done = segkit(*asked, cwd=tmp_path / "my-team")
    told = page.split(f"$ segkit {' '.join(asked)}\n")[1].split("```")[0]
    assert (done.returncode, done.stdout) == (1, told)
    below, own = (part.split("```")[0] for part in page.split("```yaml\n")[2:4])
    head = below.splitlines()[0]
    before, after = tests.read_text().split(head + "\n")
    tests.write_text(f"{before}{own}\n{below}\n  - name:{after.split('  - name:', 1)[1]}")
    assert segkit(*asked, cwd=tmp_path / "my-team").stdout == "148 of 148 tests passed.\n"
