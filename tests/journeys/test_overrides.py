"""A CS-ops person knows better than the rules, for a time: it holds, it is shown, it ends."""

from __future__ import annotations

import csv
from pathlib import Path

from tests.cli.command import segkit
from tests.runs.small import SUNDAYS, tree, write

HEAD = "account_id,segment,in_or_out,from,until,by,reason"
KEPT_OUT = "A,at_risk,out,2026-11-09,2026-12-31,Ann,Migration: back in January"
PUT_IN = "B,at_risk,in,2026-11-09,events_7d at least 4,Bob,The champion left"
SOON_OVER = "D,large,in,2026-11-01,2026-11-15,Cem,Will grow"
"""Of the small workspace: Acme would be at risk in the last week, Borg comes three times a week."""


def workspace(folder: Path, *rows: str) -> Path:
    write(folder)
    with (folder / "segkit.yaml").open("a") as file:
        file.write("  overrides: {files: overrides.csv}\n")
    return listed(folder, *rows)


def listed(folder: Path, *rows: str) -> Path:
    (folder / "exports/overrides.csv").write_text("\n".join([HEAD, *rows]) + "\n")
    return folder


def rows_of(folder: Path, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((folder / f"out/latest/{name}.csv").read_text().splitlines()))


def assignments(folder: Path) -> dict[str, dict[str, str]]:
    return {row["account_id"]: row for row in rows_of(folder, "assignments")}


def test_it_holds_and_the_disagreement_is_shown(tmp_path: Path) -> None:
    done = segkit("assign", workspace(tmp_path, KEPT_OUT, PUT_IN, SOON_OVER))
    assert done.returncode == 0, done.stderr
    found = assignments(tmp_path)
    assert {account: row["primary"] for account, row in found.items()} == {
        "A": "needs_review",
        "B": "at_risk",
        "C": "at_risk",
        "D": "active",
    }
    assert found["B"]["because"] == (
        "override by Bob until events_7d at least 4 (rules say active): The champion left"
    )
    assert found["B"]["override"] == (
        "in at_risk by Bob until events_7d at least 4 (rules say active): The champion left"
    )
    assert found["B"]["also"] == "active"
    assert found["A"]["because"].endswith(
        "; override by Ann until 2026-12-31, out of at_risk (rules say at_risk): Migration: back in January"
    )
    assert found["C"]["override"] == ""
    called, _, held = done.stdout.partition("Call first")[2].partition("Not alarmed")
    assert "override by Bob until events_7d at least 4 (rules say active): The champion" in called
    said = " ".join(held.split())
    assert (
        "Acme is out of at_risk by Ann until 31 Dec 2026 (rules say at_risk): Migration: back in January"
        in said
    )
    assert "Dyna: the override in large by Cem until 15 Nov 2026 has ended: rules say small" in said
    assert "(rules say active)" in (tmp_path / "out/latest/summary.md").read_text()


def test_what_it_moves_is_a_transition_of_its_own_cause(tmp_path: Path) -> None:
    segkit("assign", "-q", workspace(tmp_path, PUT_IN, SOON_OVER))
    moved = [row for row in rows_of(tmp_path, "transitions") if row["cause"] == "override"]
    assert [(row["account_id"], row["as_of"], row["from"], row["to"]) for row in moved] == [
        ("D", "2026-11-01", "small", "large"),
        ("B", "2026-11-15", "active", "at_risk"),
        ("D", "2026-11-22", "large", "small"),
    ]
    assert moved[1]["because"] == "override by Bob until events_7d at least 4: The champion left"
    assert moved[2]["because"] == "the override ended: by Cem until 2026-11-15"


def test_a_condition_ends_it_for_good(tmp_path: Path) -> None:
    """Acme comes five times a week until it stops: `at least 5` is true at once, and stays over."""
    over = "A,at_risk,in,2026-10-01,events_7d at least 5,Bob,Just to be sure"
    folder = workspace(tmp_path, over, "A,busy,out,2026-10-01,events_7d under 3,Bob,Bots")
    for sunday in (SUNDAYS[3], SUNDAYS[5]):
        segkit("assign", "-q", folder, "--as-of", sunday)
    assert (
        assignments(folder)["A"]["override"]
        == "out of busy by Bob until events_7d under 3 (rules say busy): Bots"
    )
    assert "busy" not in assignments(folder)["A"]["flags"]
    for sunday in (SUNDAYS[6], SUNDAYS[11]):
        segkit("assign", "-q", folder, "--as-of", sunday)
    row = assignments(folder)["A"]
    assert row["override"] == ""
    assert row["because"] == "events_7d 0 (under 3)"


def test_week_by_week_and_all_at_once_decide_the_same(tmp_path: Path) -> None:
    rows = (KEPT_OUT, PUT_IN, SOON_OVER, "C,busy,out,2026-09-14,events_7d at least 5,Cem,Bots")
    once, weekly = (workspace(tmp_path / name, *rows) for name in ("once", "weekly"))
    for sunday in SUNDAYS[9:]:
        assert segkit("assign", "-q", weekly, "--as-of", sunday).returncode == 0
    assert segkit("assign", "-q", once).returncode == 0
    assert assignments(once) == assignments(weekly)
    assert segkit("replay", weekly).stdout.count("differ") <= 1


def test_an_override_withdrawn_lets_the_rules_speak_again(tmp_path: Path) -> None:
    folder = workspace(tmp_path, KEPT_OUT)
    segkit("assign", "-q", folder, "--as-of", SUNDAYS[10])
    segkit("assign", "-q", listed(folder), "--as-of", SUNDAYS[11])
    assert assignments(folder)["A"]["primary"] == "at_risk"
    (row,) = [r for r in rows_of(folder, "transitions") if r["account_id"] == "A" and r["to"] == "at_risk"]
    assert (row["cause"], row["because"]) == ("override", "the override ended: by Ann until 2026-12-31")


def test_refused_rows_are_told(tmp_path: Path) -> None:
    folder = workspace(tmp_path, KEPT_OUT.replace("at_risk", "atrisk"), PUT_IN.replace("4", "many"))
    for verb in (("check", "data"), ("assign",)):
        said = " ".join(segkit(*verb, folder).stdout.split())
        assert "no segment or flag is called 'atrisk': did you mean 'at_risk'?" in said
        assert "'events_7d at least many' is no date and no condition: character 20:" in said


def test_an_empty_list_changes_nothing_but_its_column(tmp_path: Path) -> None:
    plain, listing = write(tmp_path / "plain"), workspace(tmp_path / "listing")
    for folder in (plain, listing):
        assert segkit("assign", "-q", folder).returncode == 0
    found = assignments(listing)
    assert {row.pop("override") for row in found.values()} == {""}
    assert found == assignments(plain)
    one, other = (tree(folder / "out/latest") for folder in (plain, listing))
    for name in ("transitions.csv", "groups.csv", "state/latches.parquet", "state/primaries.parquet"):
        assert one[name] == other[name], name
    assert set(one) == set(other)
