"""From exports to published results, and what a second, later or different run does."""

from __future__ import annotations

import json
import os
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from segkit.errors import ConfigError, InputError, IoError
from segkit.runs import assign
from segkit.runs.run import Run
from segkit.workspace import open_workspace
from tests.runs.small import NOW, RULES, SUNDAYS, first_run, ran, tree, write, write_week


def run(folder: Path, as_of: date | None = None, **more: bool) -> Run:
    return assign(open_workspace(folder), now=NOW, as_of=as_of, **more)


def primaries(done: Run) -> dict[str, str]:
    return dict(done.assignments.select("account_id", "primary").iter_rows())


def manifest(done: Run) -> dict[str, object]:
    assert done.folder is not None
    value: dict[str, object] = json.loads((done.folder / "run.json").read_text())
    return value


def test_a_run_leaves_results_its_state_and_a_pointer(tmp_path: Path) -> None:
    done = run(write(tmp_path))
    name = f"runs/2026-11-22-{done.id}"
    assert (tmp_path / "state/HEAD").read_text() == f"{name}\n"
    assert os.readlink(tmp_path / "out/latest") == name
    assert set(tree(tmp_path / "out/latest")) == {
        "assignments.csv",
        "assignments.parquet",
        "groups.csv",
        "quality.json",
        "report.html",
        "run.json",
        "state/latches.parquet",
        "state/primaries.parquet",
        "state/rules.yaml",
        "state/sizes.csv",
        "state/snapshots.parquet",
        "state/tasks.parquet",
        "summary.md",
        "transitions.csv",
        "transitions.parquet",
        "worklist-new.json",
        "worklist.csv",
        "worklist.parquet",
        "worklist/csm/ann.csv",
        "worklist/owner/nobody.csv",
    }
    assert primaries(done) == {"A": "at_risk", "B": "active", "C": "at_risk", "D": "active"}


def test_the_first_row_of_assignments_reads_as_written(tmp_path: Path) -> None:
    ran(tmp_path)
    header, first, *_ = (tmp_path / "out/latest/assignments.csv").read_text().splitlines()
    assert header == (
        "account_id,name,as_of,primary,since,weeks_in,previous,also,flags,value,because,basis,confidence,peers,"
        "data_age_days,stale,earliest_exit,playbook,csm,arr,ruleset,logic"
    )
    assert first.startswith("A,Acme,2026-11-22,at_risk,2026-11-22,1,needs_review,,,large,")
    assert ",call,Ann,5000,small," in first


def test_a_name_that_is_a_formula_is_guarded(tmp_path: Path) -> None:
    ran(tmp_path)
    assert ",'=Cosmo," in (tmp_path / "out/latest/assignments.csv").read_text()


def test_the_same_again_is_a_no_op(tmp_path: Path) -> None:
    first = first_run(tmp_path)
    before = tree(tmp_path / "out")
    again = run(tmp_path)
    assert (first.fresh, again.fresh, again.id) == (True, False, first.id)
    assert again.assignments.equals(first.assignments)
    assert again.transitions.equals(first.transitions)
    assert tree(tmp_path / "out") == before


def test_a_new_week_goes_on_from_the_last_one(tmp_path: Path) -> None:
    first = first_run(tmp_path, weeks=11)
    write_week(tmp_path, 11)
    second = run(tmp_path)
    assert manifest(second)["parent"] == f"runs/{first.as_of}-{first.id}"
    assert set(second.transitions["as_of"]) == {SUNDAYS[11]}
    assert second.assignments.equals(first_run(tmp_path / "anew").assignments)
    sizes = [folder / "out/latest/state/sizes.csv" for folder in (tmp_path, tmp_path / "anew")]
    assert sizes[0].read_bytes() == sizes[1].read_bytes()
    assert sizes[0].read_text().splitlines()[-3:] == [
        "2026-11-22,at_risk,2",
        "2026-11-22,active,2",
        "2026-11-22,needs_review,0",
    ]


def test_weeks_that_cron_slept_through_are_decided_one_by_one(tmp_path: Path) -> None:
    ran(tmp_path, weeks=8)
    for week in range(8, 12):
        write_week(tmp_path, week)
    slept = run(tmp_path)
    assert manifest(slept)["periods"] == {
        "first": "2026-11-01",
        "last": "2026-11-22",
        "decided": 4,
        "known": 11,
    }
    whole = first_run(tmp_path / "anew")
    assert slept.transitions.equals(whole.transitions.filter(pl.col("as_of") > SUNDAYS[7]))


def test_an_earlier_date_than_the_published_one_is_refused(tmp_path: Path) -> None:
    ran(tmp_path)
    before = tree(tmp_path / "out")
    with pytest.raises(ConfigError) as error:
        run(tmp_path, SUNDAYS[9])
    (problem,) = error.value.problems
    assert problem.code == "S150"
    assert "segkit replay --to 2026-11-08" in str(problem.hint)
    assert tree(tmp_path / "out") == before


def test_other_facts_for_the_published_week_supersede_it(tmp_path: Path) -> None:
    first = first_run(tmp_path, weeks=11)
    write_week(tmp_path, 11)
    second = run(tmp_path)
    with (tmp_path / "exports/usage_11.csv").open("a") as file:
        file.write("2026-11-22,A,click\n" * 4)
    third = run(tmp_path)
    assert third.id != second.id
    assert manifest(third)["parent"] == f"runs/{first.as_of}-{first.id}"
    assert manifest(third)["supersedes"] == f"runs/{second.as_of}-{second.id}"
    assert second.folder is not None
    assert second.folder.is_dir()
    assert (primaries(second)["A"], primaries(third)["A"]) == ("at_risk", "active")
    assert set(third.transitions["as_of"]) == {SUNDAYS[11]}


def test_facts_that_return_return_to_their_run(tmp_path: Path) -> None:
    first = first_run(tmp_path)
    file = tmp_path / "exports/usage_11.csv"
    before = file.read_text()
    file.write_text(before + "2026-11-22,A,click\n")
    run(tmp_path)
    file.write_text(before)
    assert run(tmp_path).id == first.id
    assert (tmp_path / "state/HEAD").read_text() == f"runs/2026-11-22-{first.id}\n"


def test_other_words_in_the_rules_are_no_change(tmp_path: Path) -> None:
    ran(tmp_path)
    (tmp_path / "rules.yaml").write_text(RULES.replace("Hardly there.", "Rarely seen."))
    assert not run(tmp_path).fresh


def test_a_dry_run_of_nothing_new_leaves_even_the_preview(tmp_path: Path) -> None:
    ran(tmp_path)
    (tmp_path / "out/preview").mkdir()
    before = sorted(tmp_path.rglob("*"))
    assert not run(tmp_path, dry_run=True).fresh
    assert sorted(tmp_path.rglob("*")) == before


EASIER = RULES.replace("    enter: events_7d under 3\n", "    enter: events_7d under 1\n")


def test_a_rule_change_is_told_apart_from_what_accounts_did(tmp_path: Path) -> None:
    before = first_run(tmp_path, weeks=11)
    write_week(tmp_path, 11)
    wider = RULES.replace("events_7d under 3", "events_7d under 4").replace("at least 3", "at least 4")
    (tmp_path / "rules.yaml").write_text(wider)
    after = run(tmp_path)
    moves = after.transitions.filter(pl.col("dimension") == "segments")
    changed = moves.filter(pl.col("cause") == "rule_change")
    assert changed.select("account_id", "as_of", "from", "to").rows() == [
        ("B", SUNDAYS[11], "active", "at_risk"),
        ("D", SUNDAYS[11], "active", "at_risk"),
    ]
    sizes = {name: list(primaries(before).values()).count(name) for name in ("at_risk", "active")}
    for name, size in sizes.items():
        come = moves.filter(pl.col("to") == name).height - moves.filter(pl.col("from") == name).height
        assert size + come == list(primaries(after).values()).count(name)


def test_after_a_rule_change_everything_is_as_if_the_rules_had_always_been_so(tmp_path: Path) -> None:
    ran(tmp_path, weeks=11)
    write_week(tmp_path, 11)
    (tmp_path / "rules.yaml").write_text(EASIER)
    assert run(tmp_path).assignments.equals(run(write(tmp_path / "anew", rules=EASIER)).assignments)


def test_a_dry_run_writes_nothing_at_all(tmp_path: Path) -> None:
    write(tmp_path)
    before = tree(tmp_path)
    done = run(tmp_path, dry_run=True)
    assert done.folder is None
    assert primaries(done)["A"] == "at_risk"
    assert tree(tmp_path) == before
    assert sorted(os.listdir(tmp_path)) == ["exports", "rules.yaml", "segkit.yaml"]


def test_bad_input_leaves_the_old_results_as_they_were(tmp_path: Path) -> None:
    ran(tmp_path, weeks=11)
    before = tree(tmp_path / "out"), (tmp_path / "state/HEAD").read_text()
    write_week(tmp_path, 11)
    (tmp_path / "exports/accounts.csv").write_text("id,name\nA,Acme\n")
    with pytest.raises(InputError) as error:
        run(tmp_path)
    assert error.value.problems[0].code == "D102"
    assert (tree(tmp_path / "out"), (tmp_path / "state/HEAD").read_text()) == before


def test_refused_rows_are_kept_with_their_reason(tmp_path: Path) -> None:
    write(tmp_path)
    with (tmp_path / "exports/usage_11.csv").open("a") as file:
        file.write("not a day,A,click\n2026-11-22,,click\n")
    run(tmp_path)
    rows = pl.read_csv(tmp_path / "out/latest/rejected/usage.csv")
    assert rows["file"].to_list() == ["usage_11.csv"] * 2
    assert rows["code"].to_list() == ["D202", "D204"]


def test_a_damaged_history_is_told_and_not_overwritten(tmp_path: Path) -> None:
    done = first_run(tmp_path, weeks=11)
    write_week(tmp_path, 11)
    assert done.folder is not None
    (done.folder / "state/latches.parquet").write_bytes(b"garbage")
    before = tree(tmp_path / "out")
    with pytest.raises(IoError) as error:
        run(tmp_path)
    assert error.value.problems[0].code == "I103"
    assert tree(tmp_path / "out") == before


@pytest.mark.parametrize("head", ["", "../../etc", "runs/2026-11-15-00000000\n", "nonsense\n"])
def test_a_head_that_names_no_run_is_told(tmp_path: Path, head: str) -> None:
    ran(tmp_path)
    (tmp_path / "state/HEAD").write_text(head)
    with pytest.raises(IoError) as error:
        run(tmp_path)
    assert error.value.problems[0].code == "I103"
    assert (tmp_path / "state/HEAD").read_text() == head


def test_a_run_killed_before_its_commit_is_finished_by_the_next(tmp_path: Path) -> None:
    done = first_run(tmp_path)
    (tmp_path / "state/HEAD").unlink()
    (tmp_path / "out/latest").unlink()
    (tmp_path / "out/runs/.tmp-dead").mkdir()
    again = run(tmp_path)
    assert again.id == done.id
    assert os.listdir(tmp_path / "out/runs") == [f"2026-11-22-{done.id}"]
    assert os.readlink(tmp_path / "out/latest") == f"runs/2026-11-22-{done.id}"


def test_the_link_to_the_newest_run_is_mended(tmp_path: Path) -> None:
    done = first_run(tmp_path)
    (tmp_path / "out/latest").unlink()
    run(tmp_path)
    assert os.readlink(tmp_path / "out/latest") == f"runs/2026-11-22-{done.id}"


def test_row_order_changes_no_decided_byte(tmp_path: Path) -> None:
    ran(tmp_path / "one")
    write(tmp_path / "two")
    for path in (tmp_path / "two/exports").glob("*.csv"):
        header, *rows = path.read_text().splitlines()
        path.write_text("\n".join([header, *reversed(rows)]) + "\n")
    run(tmp_path / "two")
    for name in ("assignments.csv", "transitions.csv", "summary.md", "report.html", "state/sizes.csv"):
        one, two = ((tmp_path / side / "out/latest" / name).read_bytes() for side in ("one", "two"))
        assert one == two


def test_exports_that_begin_after_the_published_week_are_refused(tmp_path: Path) -> None:
    ran(tmp_path, weeks=6)
    for week in range(12):
        (tmp_path / f"exports/usage_{week:02}.csv").unlink(missing_ok=True)
    for week in range(8, 12):
        write_week(tmp_path, week)
    with pytest.raises(InputError, match="D120"):
        run(tmp_path)


def test_refused_rows_of_a_failed_run_are_kept_until_one_succeeds(tmp_path: Path) -> None:
    ran(tmp_path, weeks=6)
    write_week(tmp_path, 6)
    with (tmp_path / "exports/usage_06.csv").open("a") as file:
        file.write("not a day,A,click\n")
    latches = next((tmp_path / "out/runs").glob("*/state/latches.parquet"))
    good = latches.read_bytes()
    latches.write_bytes(b"garbage")
    with pytest.raises(IoError) as error:
        run(tmp_path)
    assert [problem.code for problem in error.value.problems] == ["I103", "I104"]
    assert "not a day" in (tmp_path / "out/preview/rejected/usage.csv").read_text()
    latches.write_bytes(good)
    run(tmp_path)
    assert not (tmp_path / "out/preview").exists()


def test_an_account_that_leaves_and_one_that_joins_are_told(tmp_path: Path) -> None:
    accounts = "account_id,name,arr,signup_date,csm\nA,Acme,5000,2026-01-01,Ann\nE,Eve,1,2026-11-16,\n"
    write(tmp_path, weeks=11)
    (tmp_path / "segkit.yaml").write_text(
        (tmp_path / "segkit.yaml").read_text().replace("accounts.csv", "accounts*.csv")
    )
    run(tmp_path)
    write_week(tmp_path, 11)
    (tmp_path / "exports/accounts_new.csv").write_text(accounts)
    (tmp_path / "exports/accounts.csv").unlink()
    moves = run(tmp_path).transitions.filter(pl.col("dimension") == "segments")
    left = moves.filter(pl.col("to") == "left")
    assert left["account_id"].to_list() == ["B", "C", "D"]
    assert left["cause"].unique().to_list() == ["roster"]
    assert moves.filter(pl.col("account_id") == "E").select("from", "cause").rows() == [(None, "first_seen")]


def test_moves_add_up_to_sizes_in_every_week(tmp_path: Path) -> None:
    done = first_run(tmp_path)
    moves = done.transitions.filter(pl.col("dimension") == "segments")
    for name in ("at_risk", "active", "needs_review"):
        size = moves.filter(pl.col("to") == name).height - moves.filter(pl.col("from") == name).height
        assert size == list(primaries(done).values()).count(name)


def test_weeks_in_and_since_agree(tmp_path: Path) -> None:
    done = first_run(tmp_path)
    for row in done.assignments.iter_rows(named=True):
        assert row["since"] == done.as_of - timedelta(days=7 * (row["weeks_in"] - 1))


def test_what_a_run_keeps_does_not_say_where_it_was_made(tmp_path: Path) -> None:
    folder = write(tmp_path / "one place")
    with (folder / "exports/usage_11.csv").open("a") as file:
        file.write("last Sunday,Z,click\n2026-11-22,Z,click\n")
    done = assign(open_workspace(folder), now=NOW)
    assert done.folder is not None
    for content in tree(done.folder).values():
        assert b"one place" not in content
    kept = json.loads((done.folder / "quality.json").read_text())
    assert "exports/usage_11.csv:8" in {each["where"] for each in kept["problems"]}
    assert json.loads((done.folder / "run.json").read_text())["ruleset"]["path"] == "rules.yaml"
