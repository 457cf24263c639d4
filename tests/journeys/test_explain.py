"""A customer-success manager asks why an account is where it is: `segkit explain ACCOUNT`."""

from __future__ import annotations

import json
import re
import shutil
from html import unescape
from pathlib import Path

import pytest

from segkit.reports.words import cells
from segkit.runs.given.inputs import read_facts
from segkit.runs.given.whose import account_called
from segkit.workspace import open_workspace
from tests.cli.command import segkit
from tests.runs.small import ACCOUNTS, NOW, RULES, WORKSPACE, ran, tree, write, write_week

ACME = """\
Acme  A · Ann · ARR 5,000                                    week to 22 Nov 2026
────────────────────────────────────────────────────────────────────────────────
at_risk since this week; before that needs_review
  Hardly there.
  Because events_7d 0 (under 3).
  By its timers it leaves on 6 Dec 2026 at the earliest: what lets it go must
    hold 2 weeks in a row.
  The smallest single change that moves it: events_7d at least 3 (now 0); all
    else as it is, it is active on 6 Dec 2026.
  Playbook call: Call them (within 2 days).

Why at_risk                                             value  distance
  to come in, 2 weeks in a row
    yes events_7d under 3                                   0  by 3
  to leave, 2 weeks in a row
    no  events_7d at least 3                                0  3 short

Rows behind it
  events_7d: no row of usage in the 7 days to 22 Nov 2026

Below it
  active   1 condition short
        no  events_7d at least 3                            0  3 short

Beside it
  value  large for 11 weeks, since 13 Sep 2026: arr 5000 (at least 1000)

Last moves
  22 Nov 2026  needs_review → at_risk                                  behaviour
               events_7d 0 (under 3)
  15 Nov 2026  active → needs_review                                   behaviour
               events_7d 0 (under 3)
  15 Nov 2026  busy cleared                                            behaviour
               events_7d 0 (under 5)
  13 Sep 2026  first seen → active                                    first_seen
               events_7d 5 (at least 3)
  13 Sep 2026  busy set                                               first_seen
               events_7d 5 (at least 5)
  13 Sep 2026  value: first seen → large                              first_seen
               arr 5000 (at least 1000)
"""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("explain"))


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs, a week apart."""
    folder = ran(tmp_path_factory.mktemp("published"), weeks=11)
    write_week(folder, 11)
    assert segkit("assign", "-q", folder).returncode == 0
    return folder


def shown(*arguments: object) -> str:
    done = segkit("explain", *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert max(map(cells, done.stdout.splitlines())) <= 80
    return done.stdout


def test_the_story_the_conditions_why_not_and_the_moves(workspace: Path) -> None:
    assert shown("A", workspace) == ACME


def test_a_published_period_is_told_as_it_was_published(published: Path) -> None:
    assert shown("A", published) == ACME
    before = shown("A", published, "--as-of", "2026-11-15")
    assert before.splitlines()[2] == "needs_review since this week; before that active"
    assert "  No segment fits.\n" in before
    assert (
        "  at_risk  its conditions hold: held 1 of 2 weeks in a row; in on 22 Nov 2026\n"
        "           if that goes on\n"
    ) in before


def test_any_period_of_the_past_can_be_asked_for_and_no_other(published: Path) -> None:
    assert "active for 5 weeks, since 13 Sep 2026\n" in shown("A", published, "--as-of", "2026-10-11")
    done = segkit("explain", "A", published, "--as-of", "2026-10-10")
    assert done.returncode == 2
    assert "is not the last day of a week" in done.stderr


def test_nothing_is_written(published: Path) -> None:
    before = tree(published)
    shown("A", published)
    shown("A", published, "--as-of", "2026-10-11")
    assert tree(published) == before


def test_exports_that_changed_since_are_told(published: Path, tmp_path: Path) -> None:
    folder = tmp_path / "changed"
    shutil.copytree(published, folder, symlinks=True)
    with (folder / "exports/usage_11.csv").open("a") as file:
        file.write("2026-11-16,A,click\n" * 4)
    said = " ".join(shown("A", folder).split())
    assert "Published as at_risk; the exports have changed since, and say active now." in said


def test_an_account_goes_by_id_name_part_of_it_or_domain(tmp_path: Path) -> None:
    folder = write(tmp_path, accounts=with_column("domains", "acme.example"))
    assert shown("www.acme.example", folder).startswith("Acme  A · Ann")
    opened = open_workspace(folder)
    facts = read_facts(opened, None, now=NOW).facts
    for asked in (
        "A",
        "a",
        "Acme",
        " ACME ",
        "acm",
        "acme.example",
        "https://eu.acme.example/x",
        "ann@acme.example",
    ):
        assert account_called(facts, asked) == ("A", "Acme")


def with_column(name: str, of_acme: str) -> str:
    """The accounts with one more column, empty but for Acme."""
    head, acme, *others = ACCOUNTS.splitlines()
    return "\n".join([f"{head},{name}", f"{acme},{of_acme}", *(f"{other}," for other in others)]) + "\n"


def test_an_unclear_account_is_asked_back_and_an_unknown_one_guessed(tmp_path: Path) -> None:
    folder = write(tmp_path, accounts=ACCOUNTS.replace("Borg", "Acme North").replace("Acme,", "Acme South,"))
    done = segkit("explain", "acme", folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "S156 2 accounts may be meant by 'acme'\n  hint: say which, by id: A (Acme South), B (Acme North)\n"
    )
    done = segkit("explain", "Dynna", folder)
    assert done.returncode == 2
    assert done.stderr == "S156 no account is called 'Dynna'\n  hint: did you mean 'Dyna'?\n"


def test_who_is_held_is_told_so_with_what_holds_it(tmp_path: Path) -> None:
    rules = RULES.replace(
        "exit: events_7d at least 3\n", "exit: events_7d at least 6\n    min_stay: 30 weeks\n"
    )
    said = " ".join(shown("C", write(tmp_path, rules=rules)).split())
    assert (
        "leaves on 11 Apr 2027 at the earliest: what lets it go must hold 2 weeks in a row and min_stay"
        in said
    )
    said = " ".join(shown("C", tmp_path, "--as-of", "2026-11-15").split())
    assert (
        "Held: what brings accounts in does not hold any more, but it is not let go, because events_7d 5 "
        "(under 6)." in said
    )


def test_an_exit_that_is_unknown_holds_and_the_value_that_would_decide_is_named(tmp_path: Path) -> None:
    rules = RULES.replace("exit: events_7d at least 3", "exit: events_7d.last_year at least 3")
    said = " ".join(shown("C", write(tmp_path, rules=rules), "--as-of", "2026-11-15").split())
    assert (
        "Held: whether it may leave is unknown, for 1 week now; after 7 more weeks like that it ends by "
        "itself. What would decide: events_7d.last_year at least 3 (missing)." in said
    )


def test_a_timeline_draws_the_values_and_where_the_account_was(workspace: Path) -> None:
    drawn = shown("A", workspace, "--timeline").partition("Timeline  events_7d")[2].splitlines()
    assert [line for line in drawn if line.startswith((" segment", "       5", "       0"))] == [
        "       5  ooooooooo─",
        "       0           o●",
        " segment  AAAAAAAAANT",
    ]
    assert drawn[-1] == "          A active, N needs_review, T at_risk"
    periods = json.loads(shown_json("A", workspace, "--timeline"))["timeline"]["periods"]
    assert [period["value"] for period in periods] == [5.0] * 9 + [0.0] * 2


def test_an_unknown_value_that_decides_is_named(tmp_path: Path) -> None:
    rules = RULES.replace("enter: events_7d at least 3\n", "enter: events_7d.last_year at least 3\n")
    said = shown("B", write(tmp_path, rules=rules))
    assert (
        "  active   unknown: this value decides\n"
        "        ?   events_7d.last_year at least 3            missing\n"
    ) in said


def test_a_segment_without_its_source_is_off(tmp_path: Path) -> None:
    rules = RULES.replace("enter: events_7d at least 3\n", "enter: nps_latest at least 9\n")
    assert "  active   off: no surveys\n" in shown("A", write(tmp_path, rules=rules))


def test_a_near_miss_is_called_one(tmp_path: Path) -> None:
    rules = RULES.replace("enter: events_7d at least 3\n", "enter: events_7d at least 4\n")
    assert (
        "  active   near miss: 1 condition short\n"
        "        no  events_7d at least 4                            3  1 short\n"
    ) in shown("B", write(tmp_path, rules=rules))


def test_overrides_and_pauses_over_it_are_told(tmp_path: Path) -> None:
    folder = write(tmp_path)
    with (folder / "segkit.yaml").open("a") as file:
        file.write("  overrides: {files: overrides.csv}\n  pauses: {files: pauses.csv}\n")
    (folder / "exports/overrides.csv").write_text(
        "account_id,segment,in_or_out,from,until,by,reason\nB,at_risk,in,2026-11-09,,Bob,The champion left\n"
    )
    (folder / "exports/pauses.csv").write_text(
        "account_id,group,from,to,reason\nA,,2026-11-16,2026-12-31,Freeze\n"
    )
    borg = shown("B", folder)
    assert "  Override by Bob, in at_risk (rules say active): The champion left.\n" in borg
    assert "  Nobody can say when it leaves: the override has no end.\n" in borg
    assert "active   in it too, for 5 weeks: a segment above it comes first\n" in borg
    acme = shown("A", folder)
    assert "  Paused until 31 Dec 2026: Freeze.\n" in acme
    assert "?   events_7d under 3                         unknown  paused\n" in acme


def test_the_page_says_what_the_terminal_says(workspace: Path, tmp_path: Path) -> None:
    before = tree(workspace)
    done = segkit("explain", "A", workspace, "--html", tmp_path / "a.html")
    text = (tmp_path / "a.html").read_text("utf-8")
    assert "default-src 'none'" in text
    told = re.sub("<[^>]*>", "", text[text.index("<pre") : text.index("</pre>")])
    assert [line.rstrip() for line in unescape(told).strip().splitlines()] == done.stdout.splitlines()
    assert segkit("explain", "A", workspace, "--html", "-").stdout == text
    assert segkit("explain", "A", workspace, "--html", tmp_path).returncode == 2
    assert tree(workspace) == before


def test_json_has_every_condition_with_what_it_saw(workspace: Path) -> None:
    found = json.loads(shown_json("A", workspace))
    (risk, *_) = found["segments"]
    assert found["dimensions"][0]["primary"] == "at_risk"
    assert found["if_all_stays"] is None
    assert found["smallest_change"] == {
        "condition": "events_7d at least 3",
        "of": "events_7d",
        "value": 3.0,
        "on": "2026-12-06",
        "to": "active",
    }
    assert (risk["inside"], risk["weeks_in"], risk["turns_at_the_earliest"]) == (True, 1, "2026-12-06")
    assert risk["exit"] == {
        "condition": "events_7d at least 3",
        "kind": "leaf",
        "truth": False,
        "decides": True,
        "value": {"of": "events_7d", "value": 0.0, "text": "0", "unknown_because": None},
        "limits": [{"of": "3", "value": 3.0, "text": "3", "unknown_because": None}],
        "away": -3.0,
    }
    assert [move["to"] for move in found["transitions"] if move["dimension"] == "segments"] == [
        "active",
        "needs_review",
        "at_risk",
    ]


def shown_json(*arguments: object) -> str:
    done = segkit("explain", *arguments, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_the_rows_behind_a_value_are_listed_with_file_and_line(workspace: Path) -> None:
    told = segkit("explain", "B", workspace, "--rows").stdout
    assert "  events_7d: 3 rows of usage in 7 days, 20 Nov 2026 to 22 Nov 2026; the newest\n" in told
    place = re.findall(r"^    (usage\S+):(\d+) +(\d+) Nov 2026", told, re.MULTILINE)
    assert place == [("usage_11.csv", "4", "20"), ("usage_11.csv", "3", "21"), ("usage_11.csv", "2", "22")]
    written = (workspace / "exports/usage_11.csv").read_text(encoding="utf-8").splitlines()
    assert written[4 - 1] == "2026-11-20,B,click"
    found = json.loads(segkit("explain", "B", workspace, "--rows", "--json").stdout)["rows"]
    assert [(each["metric"], each["rows"], each["age_days"]) for each in found] == [("events_7d", 3, 0)]
    assert found[0]["listed"][0]["place"] == "usage_11.csv:4"
    assert json.loads(segkit("explain", "B", workspace, "--json").stdout)["rows"][0]["listed"] is None


def test_the_arr_of_subscriptions_is_told_where_accounts_have_none(tmp_path: Path) -> None:
    folder = write(tmp_path, accounts="account_id,name,signup_date\nA,Acme,2026-01-01\n")
    (folder / "segkit.yaml").write_text(
        WORKSPACE + "  subscriptions: {files: subscriptions.csv}\n", encoding="utf-8"
    )
    (folder / "exports/subscriptions.csv").write_text(
        "account_id,starts_on,ends_on,mrr\nA,2026-01-01,,250\n", encoding="utf-8"
    )
    assert segkit("explain", "A", folder).stdout.startswith("Acme  A · ARR 3,000 ")


def test_who_has_left_keeps_its_moves(tmp_path: Path) -> None:
    said = shown("A", write(tmp_path, accounts=with_column("churned_at", "2026-11-10")))
    assert said.splitlines()[2] == "Not on the roster in the week to 22 Nov 2026."
    assert "  15 Nov 2026  active → left                                              roster\n" in said


def test_from_python_it_is_the_same(tmp_path: Path) -> None:
    import segkit as public

    folder = write(tmp_path)
    run = public.open(folder).assign()
    told = run.explain("acme")
    assert str(told) == ACME == shown("A", folder)
    assert told.as_dict()["because"] == "events_7d 0 (under 3)"


def test_a_workspace_where_the_account_should_stand_is_told_as_such(tmp_path: Path) -> None:
    done = segkit("explain", write(tmp_path / "my-team"), cwd=tmp_path)
    assert done.returncode == 2
    assert "S156 is a workspace; the account comes first\n  hint: segkit explain ACCOUNT " in done.stderr
