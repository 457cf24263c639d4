"""What goes wrong with an export: nothing of it is published, and what was published stays, byte for byte."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from segkit.errors import Exit, GuardError, InputError
from segkit.runs import assign
from segkit.runs.run import Run
from segkit.workspace import open_workspace
from tests.runs.guards.many import add_week, many
from tests.runs.small import NOW, SUNDAYS, tree


def run(folder: Path, *, days: int = 0, accept: dict[str, str] | None = None) -> Run:
    """On the Monday after the last week, or some days later."""
    return assign(open_workspace(folder), now=NOW + timedelta(days=days), accept=accept)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of twelve weeks eleven are published, the last four of them one by one on their Mondays."""
    folder = many(tmp_path_factory.mktemp("published"), weeks=8)
    for week in range(8, 12):
        run(folder, days=7 * (week - 12))
        add_week(folder, week)
    return folder


@pytest.fixture
def ready(published: Path, tmp_path: Path) -> Path:
    """The same, with the export of the twelfth week not yet read."""
    return Path(shutil.copytree(published, tmp_path, symlinks=True, dirs_exist_ok=True))


def kept(folder: Path) -> dict[str, bytes]:
    """Everything that was published, and the memory of it; not the lock, the cache and the preview."""
    passing = ("out/preview", "state/cache", "state/lock", "exports")
    return {name: content for name, content in tree(folder).items() if not name.startswith(passing)}


def rewrite(change: Callable[[list[str]], list[str]], name: str = "usage_11.csv") -> Callable[[Path], None]:
    """Changes the lines of an export, header first."""

    def do(exports: Path) -> None:
        lines = (exports / name).read_text().splitlines()
        (exports / name).write_text("".join(f"{line}\n" for line in change(lines)))

    return do


def lose_two_fifths(lines: list[str]) -> list[str]:
    """Of the rows, whosever they are."""
    return [lines[0], *random.Random(11).sample(lines[1:], round(0.6 * (len(lines) - 1)))]


def zeros(lines: list[str]) -> list[str]:
    return [f"{lines[0]},count", *(f"{line},0" for line in lines[1:])]


def cut_off(exports: Path) -> None:
    whole = (exports / "usage_11.csv").read_text()
    (exports / "usage_11.csv").write_text(whole[: len(whole) // 2])


def another_name(exports: Path) -> None:
    header, *rows = (exports / "usage_11.csv").read_text().splitlines()
    (exports / "usage_again.csv").write_text("\n".join([header, *reversed(rows)]) + "\n")


def last_week_again(exports: Path) -> None:
    shutil.copy(exports / "usage_10.csv", exports / "usage_11.csv")


def drop_old_files(exports: Path) -> None:
    """The first eight weeks."""
    for week in (6, 7):
        (exports / f"usage_{week:02}.csv").unlink()


def all_again(exports: Path) -> None:
    """The history once more, in another order."""
    files = [path.read_text().splitlines() for path in sorted(exports.glob("usage_*"))]
    rows = [row for lines in files for row in lines[:0:-1]]
    (exports / "usage_all.csv").write_text("\n".join([files[0][0], *rows]) + "\n")


FAULTS: dict[str, tuple[Callable[[Path], None], str]] = {
    "header only": (rewrite(lambda lines: lines[:1]), "empty_export"),
    "two fifths of the rows lost": (rewrite(lose_two_fifths), "fewer_rows"),
    "every cell empty": (rewrite(lambda lines: [lines[0], *(",," for _ in lines[1:])]), "refused_rows"),
    "nobody's rows": (rewrite(lambda lines: [lines[0], *(x[:10] + ",," for x in lines[1:])]), "refused_rows"),
    "every count zero": (rewrite(zeros), "fewer_rows"),
    "cut off": (cut_off, "suspected_outage"),
    "every row twice": (rewrite(lambda lines: [*lines, *lines[1:]]), "more_rows"),
    "the file again under another name": (another_name, "more_rows"),
    "no new file": (lambda exports: (exports / "usage_11.csv").unlink(), "max_age"),
    "the file of last week": (last_week_again, "max_age"),
    "half of the accounts": (rewrite(lambda lines: lines[:31], "accounts.csv"), "lost_rows"),
    "old rows gone": (drop_old_files, "lost_rows"),
    "every week twice": (all_again, "more_rows"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_broken_export_is_not_published_and_can_be_looked_at(ready: Path, fault: str) -> None:
    do, guard = FAULTS[fault]
    do(ready / "exports")
    before = kept(ready)
    with pytest.raises(GuardError) as error:
        run(ready)
    assert guard in {each.name for each in error.value.tripped}
    assert kept(ready) == before
    preview = json.loads((ready / "out/preview/run.json").read_text())
    assert preview["as_of"] == str(error.value.as_of)
    assert guard in {each["guard"] for each in preview["guards"]}
    assert f"{guard} tripped, so that this is not published" in (ready / "out/preview/summary.md").read_text()


REFUSED: dict[str, tuple[Callable[[Path], None], str]] = {
    "every cell zero": (rewrite(lambda lines: [lines[0], *("0,0,0" for _ in lines[1:])]), "D107"),
    "no account at all": (rewrite(lambda lines: lines[:1], "accounts.csv"), "D103"),
    "the last two weeks gone": (
        lambda exports: [(exports / f"usage_{week}.csv").unlink() for week in (10, 11)] and None,
        "D121",
    ),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_what_is_no_export_is_refused(ready: Path, fault: str) -> None:
    do, code = REFUSED[fault]
    do(ready / "exports")
    before = kept(ready)
    with pytest.raises(InputError) as error:
        run(ready)
    assert (error.value.problems[0].code, error.value.exit) == (code, Exit.INPUT)
    assert error.value.problems[0].hint
    assert kept(ready) == before


def test_the_whole_export_is_published_and_brought_twice_counts_once(ready: Path) -> None:
    shutil.copy(ready / "exports/usage_11.csv", ready / "exports/usage_again.csv")
    done = run(ready)
    assert (done.as_of, done.fresh, done.guards.findings) == (SUNDAYS[11], True, ())


def test_of_the_weeks_slept_through_the_missing_one_trips(ready: Path) -> None:
    (ready / "exports/usage_11.csv").unlink()
    add_week(ready, 12)
    add_week(ready, 13)
    before = kept(ready)
    with pytest.raises(GuardError) as error:
        run(ready, days=14)
    (tripped,) = error.value.tripped
    assert (tripped.name, tripped.saw) == (
        "fewer_rows",
        "usage of the week to 2026-11-22 has 0 rows and 0 accounts",
    )
    assert tripped.expected == "at least 168 rows and 42 accounts (usual by the weeks before it: 240 and 60)"
    assert "no_outage: [2026-11-22]" in tripped.what_to_do
    assert kept(ready) == before
    preview = json.loads((ready / "out/preview/run.json").read_text())
    assert (preview["as_of"], [each["guard"] for each in preview["guards"]]) == ("2026-12-06", ["fewer_rows"])
    done = run(ready, days=14, accept={"fewer_rows": "the vendor was down"})
    assert done.guards.accepted == {"fewer_rows": "the vendor was down"}
    assert run(ready, days=15).fresh is False


def test_cron_hears_every_day_that_no_export_came_until_somebody_accepts_it(ready: Path) -> None:
    (ready / "exports/usage_11.csv").unlink()
    assert run(ready, days=-1).fresh is False, "on Sunday nobody expects it yet"
    for day in (0, 1):
        with pytest.raises(GuardError) as error:
            run(ready, days=day)
        (tripped,) = error.value.tripped
        assert (tripped.name, tripped.saw) == ("max_age", "the newest row of usage is of 2026-11-15")
    accepted = run(ready, days=1, accept={"max_age": "a public holiday"})
    assert (accepted.as_of, accepted.fresh) == (SUNDAYS[10], True)
    assert not (ready / "out/preview").exists()
    assert run(ready, days=2).fresh is False
    add_week(ready, 11)
    done = run(ready, days=2)
    assert (done.as_of, done.guards.findings) == (SUNDAYS[11], ())


def test_before_three_published_weeks_nothing_is_compared_with_them(tmp_path: Path) -> None:
    folder = many(tmp_path, weeks=10)
    run(folder, days=-14)
    rewrite(lambda lines: lines[:42], "accounts.csv")(folder / "exports")
    add_week(folder, 10)
    assert run(folder, days=21).guards.findings == ()


def test_twenty_lost_accounts_need_one_published_week(tmp_path: Path) -> None:
    folder = many(tmp_path, weeks=10)
    run(folder, days=-14)
    rewrite(lambda lines: lines[:41], "accounts.csv")(folder / "exports")
    add_week(folder, 10)
    before = kept(folder)
    with pytest.raises(GuardError) as error:
        run(folder, days=-7)
    (tripped,) = error.value.tripped
    assert (tripped.name, tripped.saw) == (
        "lost_rows",
        "accounts has 40 rows, 60 in the last run (-33.3%)",
    )
    assert kept(folder) == before


LIMITS = {
    "sources: {usage: {fewer_rows: 50%}}": ("two fifths of the rows lost", {"many_moves", "segment_size"}),
    "fewer_rows: off": ("every count zero", {"many_moves", "segment_size"}),
    "more_rows: off, segments: {busy: {segment_size: off}}": ("every row twice", set()),
    "max_age: 9 days": ("no new file", set()),
    "sources: {accounts: {lost_rows: 60%}}": ("half of the accounts", set()),
    "refused_rows: off": ("every cell empty", {"max_age"}),
    "sources: {accounts: {max_age: 6 days}}": ("nothing", {"max_age"}),
}


@pytest.mark.parametrize("written", LIMITS)
def test_a_written_limit_holds(ready: Path, written: str) -> None:
    fault, tripped = LIMITS[written]
    if fault in FAULTS:
        FAULTS[fault][0](ready / "exports")
    with (ready / "segkit.yaml").open("a") as file:
        file.write(f"guards: {{{written}}}\n")
    try:
        found = {each.tripped.name for each in run(ready).guards.findings}
    except GuardError as error:
        found = {each.name for each in error.tripped}
    assert found == tripped


def test_changed_rules_that_move_many_accounts_are_looked_at_first(ready: Path) -> None:
    """And are told as that, not as what the accounts did."""
    rules = ready / "rules.yaml"
    rules.write_text(
        rules.read_text().replace("enter: events_7d at least 3\n", "enter: events_7d at least 5\n")
    )
    with pytest.raises(GuardError) as error:
        run(ready)
    (tripped,) = error.value.tripped
    assert tripped.name == "rule_moves"
    assert tripped.saw.startswith("60 of 60 accounts (100.0%) are put into another segment")
    done = run(ready, accept={"rule_moves": "that is meant"})
    assert done.transitions["cause"].unique().to_list() == ["rule_change"]
