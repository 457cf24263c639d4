"""Results that name nobody: `privacy: {pseudonymise: true}`."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import polars as pl
import pytest

from tests.cli.command import Done, segkit
from tests.runs.small import ACCOUNTS, RULES, WORKSPACE, tree, write, write_week

HIDING = WORKSPACE.replace("sources:", "privacy: {pseudonymise: true}\nsources:")
LISTS = "  overrides: {files: overrides.csv}\n  pauses: {files: pauses.csv}\n"
NAMES = re.compile(r"Acme|Borg|Cosmo|Dyna|\bAnn\b|\bBob\b|Cem Boss|quarrel|holiday")
PSEUDONYM = re.compile(r"acct-[a-z2-7]{12}")


def workspace(folder: Path, *, weeks: int = 12) -> Path:
    rules = RULES.replace("version: 1", "version: 1\npeers: [csm]").replace(
        "    enter: events_7d under 3\n", '    enter:\n      any: [events_7d under 3, csm is "Ann"]\n'
    )
    write(folder, weeks=weeks, rules=rules)
    exports = folder / "exports"
    (exports / "overrides.csv").write_text(
        "account_id,segment,in_or_out,from,until,by,reason\n"
        "B,at_risk,in,2026-10-01,,Cem Boss,a quarrel with Borg\nAcme,active,in,2026-10-01,,Cem Boss,none\n"
    )
    (exports / "pauses.csv").write_text(
        "account_id,group,from,to,reason\nD,,2026-11-01,2026-12-31,holiday of Dyna\n"
        ",csm = Bobb,2026-11-01,2026-12-31,none\n"
    )
    with (exports / f"usage_{weeks - 1:02}.csv").open("a") as file:
        file.write("someday,A,Acme called Ann\n2026-09-01,Cosmonauts,click\n")
    (folder / "segkit.yaml").write_text(HIDING + LISTS)
    return folder


def said(done: Done) -> str:
    return done.stdout + done.stderr


def results(folder: Path) -> pl.DataFrame:
    return pl.read_csv(folder / "out/latest/assignments.csv")


def test_a_data_protection_officer_finds_nobody_in_the_results(tmp_path: Path) -> None:
    """On no screen, and in no file but the exports and what the next run starts from, its owner's."""
    folder = workspace(tmp_path / "w")
    verbs = (
        ["check", "data"],
        ["assign", "--dry-run"],
        ["assign"],
        ["replay"],
        ["assign", "--format", "csv"],
        ["compare", folder / "new.yaml"],
    )
    rules = (folder / "rules.yaml").read_text()
    (folder / "new.yaml").write_text(rules.replace('under 3, csm is "Ann"', 'under 4, csm is "Bob"'))
    done = [segkit(*verb, folder) for verb in verbs]
    assert [each.returncode for each in done] == [0] * 6
    for each in done:
        assert NAMES.search(said(each)) is None
    assert "! overrides.csv:3 is refused: no account has the id 'acct-" in done[2].stdout
    holding = {
        path.relative_to(folder / "out").parts[-2]
        for path in (folder / "out").rglob("*")
        if path.is_file() and NAMES.search(path.read_bytes().decode("utf-8", "replace"))
    }
    assert holding == {"state"}
    assert (folder / "out/latest/state").stat().st_mode & 0o777 == 0o700
    assert (folder / "state/key").stat().st_mode & 0o777 == 0o600
    rows = results(folder)
    assert all(PSEUDONYM.fullmatch(each) for each in rows["account_id"])
    assert rows["account_id"].to_list() == rows["name"].to_list() == sorted(rows["account_id"])
    assert rows["csm"].n_unique() == 3
    assert "events_7d 0 (under 3); csm [hidden]" in rows["because"].to_list()
    assert json.loads((folder / "out/latest/run.json").read_text())["pseudonymised"] is True
    differ = next((folder / "out/replays").glob("*/differences.csv"))
    assert differ.read_text() == "as_of,account_id,dimension,published,replayed\n"


def test_weeks_go_on_under_the_same_names_and_decide_what_they_would(tmp_path: Path) -> None:
    """The real ids stay in the state: names may come and go, and the account is the same."""
    folder = workspace(tmp_path / "w", weeks=10)
    plain = shutil.copytree(folder, tmp_path / "plain")
    (plain / "segkit.yaml").write_text(WORKSPACE + LISTS)
    for each in (folder, plain):
        assert segkit("assign", "-q", each).returncode == 0
    first = results(folder)
    write_week(folder, 10)
    write_week(plain, 10)
    twin = shutil.copytree(folder, tmp_path / "twin", symlinks=True)
    for each in (folder, plain, twin):
        assert segkit("assign", "-q", each).returncode == 0
    assert set(results(folder)["account_id"]) == set(first["account_id"])
    columns = ["primary", "since", "weeks_in", "previous", "value", "arr"]
    assert results(folder).sort("arr")[columns].equals(results(plain).sort("arr")[columns])
    (newest,) = (path.resolve() for path in [folder / "out/latest"])
    for name, content in tree(newest).items():
        if name not in ("run.json", "quality.json"):  # They say when and where.
            assert (twin / "out/latest" / name).read_bytes() == content

    # The same week under the other names is another result, and no other decision.
    settings = folder / "segkit.yaml"
    settings.write_text(WORKSPACE + LISTS)
    assert segkit("assign", "-q", folder).returncode == 0
    assert results(folder)["account_id"].to_list() == ["A", "B", "C", "D"]
    done = segkit("replay", "-q", folder)
    assert done.returncode == 0
    differ = next((folder / "out/replays").glob("*/differences.csv"))
    assert differ.read_text() == "as_of,account_id,dimension,published,replayed\n"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = workspace(tmp_path_factory.mktemp("published") / "w")
    assert segkit("assign", "-q", folder).returncode == 0
    return folder


def test_who_may_ask_who_it_is(published: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(published, tmp_path / "w", symlinks=True)
    rows = results(folder)
    (acme,) = rows.filter(pl.col("arr") == 5000)["account_id"]

    done = segkit("report", "baseline", acme, "events_7d", folder)
    assert (done.returncode, done.stdout.startswith(acme), NAMES.search(said(done))) == (0, True, None)
    done = segkit("report", "baseline", "Acne", "events_7d", folder)
    assert (done.returncode, NAMES.search(said(done))) == (2, None)
    assert "account:A" in segkit("identity", acme, folder).stdout

    done = segkit("erase", acme, folder, "--yes")
    assert done.returncode == 0
    assert (
        results(folder)["account_id"].to_list() == rows.filter(pl.col("arr") != 5000)["account_id"].to_list()
    )
    files = [path for path in (folder / "out").rglob("*") if path.is_file()]
    assert not any(acme.encode() in path.read_bytes() for path in files)

    (folder / "state/erased").unlink()
    (folder / "state/key").unlink()
    done = segkit("assign", folder, cwd=folder)
    assert (done.returncode, "which pseudonym is whose" in done.stderr) == (5, True)


def test_to_name_nobody_and_somebody_is_refused(tmp_path: Path) -> None:
    folder = write(tmp_path, weeks=1, accounts=ACCOUNTS)
    both = "privacy: {pseudonymise: true, show: [usage.user_id]}\nsources:"
    (folder / "segkit.yaml").write_text(WORKSPACE.replace("sources:", both))
    done = segkit("check", "rules", folder, cwd=folder)
    assert "segkit.yaml:5:31 S110 pseudonymise and show contradict each other" in done.stderr


def test_an_explanation_names_nobody_either(published: Path) -> None:
    folder = published
    done = segkit("explain", "Acme", folder)
    (account,) = PSEUDONYM.findall(done.stdout.splitlines()[0])
    assert segkit("explain", account, folder).stdout == done.stdout
    assert "yes csm [hidden]" in done.stdout
    for arguments in (["D"], ["Borg", "--json"]):
        assert NAMES.search(said(done)) is None
        done = segkit("explain", *arguments, folder)
    assert said(segkit("explain", "Acmee", folder)) == "S156 no account is called 'Acmee'\n"
