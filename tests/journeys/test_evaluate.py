"""A leader asks whether the segments tell who leaves."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import polars as pl
import pytest

from segkit.reports.html.outcomes import figure
from segkit.runs import assign
from segkit.runs.review import Load, books, loads
from segkit.studies.evaluate.rates import Share
from segkit.workspace import open_workspace
from tests.cli.command import segkit

NOW = datetime(2026, 11, 16, 6, 0, tzinfo=UTC)
MONDAY = date(2026, 1, 5)
WEEKS = 45
LEAVING = range(24)
"""Account n leaves on the Wednesday of week 12 + n, and hardly came in the six weeks before."""
QUIET = range(24, 28)
"""Hardly came from week 20 on, and stayed."""
ACCOUNTS = 80

WORKSPACE = """\
version: 1
name: Evaluated
rules: rules.yaml
quiet_days: 0
sources:
  accounts: {files: accounts.csv}
  usage: {files: usage.csv}
  outcomes: {files: outcomes.csv}
"""
RULES = """\
version: 1
name: small
segments:
  - name: at_risk
    enter: events_7d under 3
    enter_after: 2 weeks
  - name: active
    enter: events_7d at least 3
otherwise: other
"""


def end(week: int) -> date:
    return MONDAY + timedelta(days=7 * week + 6)


def left(account: int) -> date | None:
    return MONDAY + timedelta(days=7 * (12 + account) + 2) if account in LEAVING else None


def quiet(account: int, week: int) -> bool:
    return 6 + account <= week if account in LEAVING else account in QUIET and week >= 20


def write(folder: Path, *, rules: str = RULES) -> Path:
    """Ends are told twice: by the accounts, and a day later by the outcomes."""
    exports = folder / "exports"
    exports.mkdir(parents=True)
    (folder / "segkit.yaml").write_text(WORKSPACE)
    (folder / "rules.yaml").write_text(rules)
    names = [f"N{n:02}" for n in range(ACCOUNTS)]
    (exports / "accounts.csv").write_text(
        "account_id,name,arr,signup_date,churned_at\n"
        + "".join(f"{name},Name {name},100,2025-01-01,{left(n) or ''}\n" for n, name in enumerate(names))
    )
    usage = [
        f"{MONDAY + timedelta(days=7 * week + day)},{name},{1 if quiet(n, week) else 3}\n"
        for week in range(WEEKS)
        for n, name in enumerate(names)
        for day in (0, 6)
        if (gone := left(n)) is None or MONDAY + timedelta(days=7 * week + day) < gone
    ]
    (exports / "usage.csv").write_text("at,account_id,count\n" + "".join(usage))
    told = [f"{names[n]},churned,{left(n) + timedelta(days=1)}\n" for n in LEAVING]  # type: ignore[operator]
    (exports / "outcomes.csv").write_text("account_id,kind,at\nN70,renewed,2026-05-01\n" + "".join(told))
    return folder


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """31 weeks at once, one week, and the rest."""
    folder = write(tmp_path_factory.mktemp("evaluated"))
    for as_of in (end(30), end(31), None):
        assign(open_workspace(folder), now=NOW, as_of=as_of)
    return folder


def marked(account: int, week: int) -> bool:
    """At risk at the end of the week: quiet in it and in the one before."""
    return quiet(account, week) and quiet(account, week - 1)


def expected(weeks: list[int]) -> tuple[int, int, int, int]:
    """(marked and left, marked, left, all) at the ends of these weeks, counted by hand."""
    found = [0, 0, 0, 0]
    for week in weeks:
        for account in range(ACCOUNTS):
            gone = left(account)
            if gone is not None and gone <= end(week) + timedelta(days=7):
                continue
            leaves = gone is not None and gone <= end(week) + timedelta(days=7 * 14)
            found[0] += marked(account, week) and leaves
            found[1] += marked(account, week)
            found[2] += leaves
            found[3] += 1
    return tuple(found)  # type: ignore[return-value]


def test_published_decisions_against_what_happened_later(published: Path) -> None:
    done = segkit("evaluate", published, "--capacity", "2")
    assert done.returncode == 0, done.stderr
    assert max(map(len, done.stdout.splitlines())) <= 80
    told = json.loads((published / "out/evaluation.json").read_text())
    assert told["decisions"] | {"accounts": 0} == {
        "source": "published",
        "runs": 3,
        "live": 3,
        "periods": 45,
        "first": "2026-01-11",
        "last": "2026-11-15",
        "accounts": 0,
    }
    first = told["windows"][0]
    assert first["landmarks"] == [end(week).isoformat() for week in (4, 17, 30)]
    right, in_risk, gone, everybody = expected([4, 17, 30])
    assert (first["marked"]["precision"]["k"], first["marked"]["precision"]["n"]) == (right, in_risk)
    assert (first["marked"]["recall"]["k"], first["marked"]["recall"]["n"]) == (right, gone)
    assert (first["everybody"]["k"], first["everybody"]["n"]) == (gone, everybody)
    assert told["churned"] == 24, "an end that two sources tell is one"


def test_the_lead_is_that_of_the_spell_before_the_end(published: Path) -> None:
    """Quiet for six weeks, marked after two: 31 days before the end, which are four whole weeks."""
    told = json.loads(segkit("evaluate", published, "--json").stdout)["lead"]
    assert (told["churned"], told["caught"], told["missed"]) == (24, 24, 0)
    assert (told["median_weeks"], told["at_least"]) == (4, [[4, 24], [8, 0], [12, 0]])


def test_the_screen_says_which_decisions_and_how_many(published: Path) -> None:
    screen = segkit("evaluate", published).stdout
    assert "Decisions as published: 45 weeks from 11 Jan 2026 to 15 Nov 2026, 3 runs" in screen
    assert "42 of them were decided after the fact" in " ".join(screen.split())
    assert "Risk means: at_risk (by their names)." in screen
    assert "the median 4 weeks before the end" in " ".join(screen.split())
    assert "Missed: 0/24." in screen


def test_json_is_what_lies_in_out_and_names_nobody(published: Path) -> None:
    done = segkit("evaluate", published, "--json")
    assert done.stdout == (published / "out/evaluation.json").read_text()
    assert "N01" not in done.stdout


def test_the_page_draws_what_the_screen_says_and_runs_nothing(published: Path, tmp_path: Path) -> None:
    done = segkit("evaluate", published, "--html", "page.html", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("page.html\n")
    page = (tmp_path / "page.html").read_text()
    style = page.partition("<style>")[2].partition("</style>")[0]
    allowed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{allowed}'" in page
    assert not re.search(r"<script|<img|<link|\bstyle=|\bon[a-z]+=|http://|https://", page)
    told = json.loads((published / "out/evaluation.json").read_text())
    lead, first = told["lead"], told["windows"][0]
    assert f"Of {lead['churned']} that left {lead['caught']} were in risk" in page
    for each in first["segments"]:
        assert f'<td class="n corner">{each["share"]["k"]}/{each["share"]["n"]}</td>' in page
    assert [sum(one >= weeks for one in lead["weeks"]) for weeks, _ in lead["at_least"]] == [
        k for _, k in lead["at_least"]
    ]
    drawn = [each for each in told["survival"] if each["after_weeks"]]
    assert page.count('<svg class="curve') == 1 + len(drawn)
    picture = figure(told, "survival")
    assert picture is not None
    ElementTree.fromstring(picture)
    assert picture.count('class="line"') == len(drawn)
    again = segkit("evaluate", published, "--html", "-")
    assert again.stdout == page
    assert segkit("evaluate", published, "--html", "-", "--json").returncode == 2


def test_other_rules_change_what_is_replayed_and_not_what_was_published(published: Path) -> None:
    before = json.loads(segkit("evaluate", published, "--json").stdout)
    rules = published / "rules.yaml"
    try:
        rules.write_text(RULES.replace("enter_after: 2 weeks", "enter_after: 4 weeks"))
        frozen = json.loads(segkit("evaluate", published, "--json").stdout)
        anew = json.loads(segkit("evaluate", published, "--json", "--replayed").stdout)
    finally:
        rules.write_text(RULES)
    assert frozen["windows"] == before["windows"]
    assert anew["decisions"]["source"] == "replayed"
    assert anew["lead"]["median_weeks"] == 2


def test_a_replay_of_the_same_rules_says_the_same(published: Path) -> None:
    frozen, anew = (
        json.loads(segkit("evaluate", published, "--json", *more).stdout) for more in ((), ("--replayed",))
    )
    for name in ("windows", "lead", "episodes", "survival", "stability", "drift", "advice"):
        assert anew[name] == frozen[name], name


def test_pseudonyms_change_no_figure(published: Path, tmp_path: Path) -> None:
    """Published under pseudonyms, the same accounts are found again."""
    folder = write(tmp_path)
    (folder / "segkit.yaml").write_text(WORKSPACE + "privacy: {pseudonymise: true}\n")
    assign(open_workspace(folder), now=NOW)
    named, hidden = (json.loads(segkit("evaluate", each, "--json").stdout) for each in (published, folder))
    assert hidden["windows"] == named["windows"]
    assert hidden["lead"] == named["lead"]


def test_survivors_only_are_refused_with_what_to_export(tmp_path: Path) -> None:
    write(tmp_path)
    for name in ("accounts", "usage"):
        path = tmp_path / f"exports/{name}.csv"
        gone = tuple(f"N{n:02}" for n in LEAVING)
        lines = path.read_text().splitlines(keepends=True)
        path.write_text("".join(line for line in lines if not any(name in line for name in gone)))
    (tmp_path / "exports/outcomes.csv").write_text("account_id,kind,at\nN70,renewed,2026-05-01\n")
    done = segkit("evaluate", tmp_path)
    assert done.returncode == 1
    said = " ".join(done.stdout.split())
    assert "Decisions replayed with today's rules and files, never published" in said
    assert "Rates are refused no account is known to have left: these are survivors only." in said
    assert "export accounts that have left, too: each with its churned_at" in said
    assert json.loads((tmp_path / "out/evaluation.json").read_text())["windows"] == []


def test_usage_of_accounts_that_nobody_lists_is_refused_too(tmp_path: Path) -> None:
    """The accounts export was cleaned of those who left but for one; usage still names them."""
    write(tmp_path)
    path = tmp_path / "exports/accounts.csv"
    gone = tuple(f"N{n:02}," for n in LEAVING if n)
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.startswith(gone)))
    (tmp_path / "exports/outcomes.csv").write_text("account_id,kind,at\nN70,renewed,2026-05-01\n")
    done = segkit("evaluate", tmp_path)
    assert done.returncode == 1
    assert "usage names 23 accounts that no list of accounts knows, and only 1" in " ".join(
        done.stdout.split()
    )


def test_a_risk_segment_that_is_none_is_wrong_usage(published: Path) -> None:
    done = segkit("evaluate", published, "--risk", "atrisk")
    assert done.returncode == 2
    assert "S180 no segment is called 'atrisk'" in done.stderr
    assert "at_risk" in done.stderr.partition("hint")[2]


def test_the_review_tells_quarters_and_criteria(published: Path) -> None:
    done = segkit("evaluate", published, "--review")
    assert done.returncode == 0, done.stderr
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "Quarter by quarter" in done.stdout
    assert "Segment by segment" in done.stdout
    assert "Criteria to look at" in done.stdout
    told = json.loads((published / "out/evaluation.json").read_text())
    assert [each["name"] for each in told["quarters"]] == ["2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4"]
    first = told["quarters"][0]["saved"]
    assert (first["k"], first["n"]) == (0, 5), "entries in weeks 7 to 11, by accounts that left"
    (bite,) = (each for each in told["review"]["bites"] if each["segment"] == "at_risk")
    assert bite["condition"] == "events_7d under 3"
    right, in_risk, gone, _ = expected([4, 17, 30])
    amounts = {"marked": 100.0 * in_risk, "right": 100.0 * right, "left": 100.0 * gone, "unknown": 0}
    assert told["money"] == amounts, "everybody is worth 100"


def test_tasks_and_load_of_the_published_lists() -> None:
    """The newest list that names a task has the last word on it."""
    texts, days = ("key", "playbook", "closed_because", "owner", "effort"), ("opened", "within", "closed")
    kinds = {**dict.fromkeys(texts, pl.String), **dict.fromkeys(days, pl.Date)}
    order = ("key", "playbook", "opened", "within", "closed", "closed_because", "owner", "effort")
    schema = {name: kinds[name] for name in order}
    opened, within = date(2026, 1, 5), date(2026, 2, 5)
    early = [("1", "save", opened, within, None, None, "Ann", "2 hours"),
             ("2", "save", opened, within, None, None, "Ann", "90 minutes"),
             ("3", "save", opened, within, None, None, "Bob", None)]  # fmt: skip
    late = [("1", "save", opened, within, date(2026, 1, 15), "success: back", "Ann", "2 hours"),
            ("2", "save", opened, within, date(2026, 2, 25), "success: late", "Ann", None)]  # fmt: skip
    lists = [
        (day, pl.DataFrame(rows, schema=schema, orient="row"))
        for day, rows in ((date(2026, 1, 11), early), (date(2026, 3, 1), late))
    ]
    (book,) = books(lists)
    assert (book.quarter, book.playbook, book.opened, book.closed) == ("2026-Q1", "save", 3, 2)
    assert (book.days_to_close, book.success) == (30.5, Share.of(1, 3))
    assert loads(lists[:1]) == (Load("2026-Q1", 2, 3, 2, 3.5),)
    assert loads(lists) == (Load("2026-Q1", 0, 0, 0, 0.0),)
