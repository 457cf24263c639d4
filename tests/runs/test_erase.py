"""Erasing: nothing of somebody is left, all of everybody else is, at whatever moment the power fails."""

from __future__ import annotations

import csv
import os
import shutil
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path

import polars as pl
import pytest

from segkit.errors import ConfigError, IoError
from segkit.runs import assign, replay
from segkit.runs.erasing import generation
from segkit.runs.erasing.erase import Erased, erase, who
from segkit.runs.erasing.rewrite import without
from segkit.runs.folders.keyfile import workspace_key
from segkit.runs.look import look
from segkit.workspace import open_workspace
from tests.runs.small import ACCOUNTS, NOW, WORKSPACE, tree, write

CONTACTS = """\
user_id,email,account_id
U1,Ann@acme.example,A
U2,carl@cosmo.example,C
U3,bob@borg.example,B
"""
WORDS = ("Acme", "U1", "ann@acme.example")


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two published runs and a replay; the last week names users and has rows that are refused."""
    folder = write(tmp_path_factory.mktemp("ran"), weeks=3)
    (folder / "segkit.yaml").write_text(WORKSPACE + "  contacts: {files: contacts.csv}\n")
    (folder / "exports/contacts.csv").write_text(CONTACTS)
    accounts = ACCOUNTS.replace("csm\n", "csm,parent_id\n").replace("Bob\n", "Bob,A\n")
    accounts = accounts.replace("Ann\n", "Ann,\n").replace("2026-01-01,\n", "2026-01-01,,\n")
    (folder / "exports/accounts.csv").write_text(accounts)
    assign(open_workspace(folder), now=NOW)
    rows = [
        "2026-09-27,A,U1",
        "2026-09-27,B,U3",
        "2026-09-27,B,U3",
        "2026-09-27,C,U2",
        "some day,A,U1",
        "some day,B,U3",
    ]
    (folder / "exports/usage_03.csv").write_text("at,account_id,user_id\n" + "\n".join(rows) + "\n")
    assign(open_workspace(folder), now=NOW)
    replay(open_workspace(folder), now=NOW)
    return folder


@pytest.fixture
def folder(ran: Path, tmp_path: Path) -> Path:
    shutil.copytree(ran, tmp_path / "w", symlinks=True)
    return tmp_path / "w"


def erased(folder: Path, asked: str) -> Erased:
    return erase(open_workspace(folder), asked, now=NOW)


def texts(path: Path) -> Iterator[str]:
    """Everything a file says: its text, or the cells of a table."""
    if path.suffix == ".parquet":
        rows = pl.read_parquet(path).select(pl.col(pl.String)).rows()
        yield from (cell for row in rows for cell in row if cell is not None)
    else:
        yield from path.read_text().replace("\n", ",").split(",")


def holding(folder: Path, *words: str) -> list[str]:
    """Files that say one of the words, whole or within an address."""
    tops = (folder / "out", folder / "state")
    files = sorted(path for top in tops for path in top.rglob("*") if path.is_file())
    return [str(path.relative_to(folder)) for path in files if any(_says(path, word) for word in words)]


def _says(path: Path, word: str) -> bool:
    long = "@" in word or len(word) > 3
    return any(word.lower() in text.lower() if long else word == text for text in texts(path))


def lines(folder: Path) -> dict[str, list[str]]:
    """Kind of run and file -> lines, over all runs; run.json aside."""
    found: dict[str, list[str]] = {}
    for path in sorted((folder / "out").glob("r*/*/*.csv")) + sorted(
        (folder / "out").glob("r*/*/rejected/*.csv")
    ):
        run = path.relative_to(folder / "out").parts
        found["/".join([run[0], run[1][:10], *run[2:]])] = path.read_text().splitlines(keepends=True)
    return found


def every_line(folder: Path) -> set[str]:
    files = (folder / "out").glob("r*/*/**/*.csv")
    return {line for path in files for line in path.read_text().splitlines()}


def test_an_account_is_nowhere_and_every_line_of_others_is_as_it_was(folder: Path) -> None:
    before = lines(folder)
    frames = {
        p.parent.name[:10] + p.name: pl.read_parquet(p) for p in (folder / "out/runs").glob("*/*.parquet")
    }
    assert holding(folder, "Acme", "A")
    done = erased(folder, "A")
    assert done.meant.gone.ids == {"account:A", "user:U1", "email:ann@acme.example"}
    assert done.rewritten.runs == 3
    assert holding(folder, "A", *WORDS) == []
    for name, now in lines(folder).items():
        gone = [line for line in before[name] if line not in now]
        assert [line for line in before[name] if line in now] == now
        assert all({"A", "U1"} & set(next(csv.reader([line.replace('"', "")]))) for line in gone)
    for path in (folder / "out/runs").glob("*/*.parquet"):
        old = frames[path.parent.name[:10] + path.name]
        assert pl.read_parquet(path).equals(old.filter(pl.col("account_id") != "A"))


def test_a_parent_that_was_erased_is_no_parent(folder: Path) -> None:
    erased(folder, "A")
    ledger = pl.read_parquet(folder / "out/latest/state/snapshots.parquet")
    assert ledger["parent_id"].null_count() == ledger.height
    assert "A" not in assign(open_workspace(folder), now=NOW).assignments["account_id"].to_list()


def test_a_person_goes_and_their_account_stays(folder: Path) -> None:
    erased(folder, "ann@ACME.example")
    assert holding(folder, "U1", "ann@acme.example") == []
    assert holding(folder, "Acme")
    refused = next((folder / "out/latest/rejected").glob("usage.csv")).read_text()
    assert "U3" in refused
    again = assign(open_workspace(folder), now=NOW)
    assert again.screen is not None
    by_source = {count.source: dict(count.reasons) for count in again.screen.health.sources}
    assert by_source == {"accounts": {}, "contacts": {"erased": 1}, "usage": {"D202": 1, "erased": 2}}
    assert "A" in again.assignments["account_id"].to_list()


def test_no_byte_outside_the_exports_says_who_it_was(folder: Path) -> None:
    """Id, address, name: also in what `check data` left, in broken rows, and in rows and words of others."""
    (folder / "exports/contacts.csv").write_text(
        "user_id,email,account_id,First name,Last name,is_key\n"
        "U1,Ann@acme.example,A,Ann,Agren,yes\n"
        "U2,carl@cosmo.example,C,Carl,Carlsen,yes\n"
        "U3,bob@borg.example,B,Bob,Borgen,yes\n"
        ",,A,Ann,Agren,yes\n"
        "U4,,B,Eve,friend of Ann Agren,perhaps\n"
    )
    rows = [
        "2026-09-27,A,U1,Ann B. Agren,login",
        "some day,B,U3,Bob Borgen,call ANN AGREN (Ann@acme.example).",
        "2026-09-27,B,,,",
    ]
    text = "at,account_id,user_id,user_name,event\n" + "\n".join(rows) + "\nsome day,,U1,,\nsome day,C,U2,,\n"
    (folder / "exports/usage_03.csv").write_text(text)
    assign(open_workspace(folder), now=NOW)
    look(folder, now=NOW)
    (folder / "out/quality.json").write_text('{"left": "by an older version, Ann Agren"}')
    before = every_line(folder)
    words = ("U1", "ann@acme.example", "Ann Agren", "Ann B. Agren")
    assert {Path(name).name for name in holding(folder, *words)} >= {
        "contacts.csv",
        "usage.csv",
        "quality.json",
    }

    done = erased(folder, "U1")
    assert done.meant.gone.people == {"Ann Agren", "Ann B. Agren"}
    assert holding(folder, *words) == []
    content = [path.read_bytes().lower() for path in (folder / "out").rglob("*") if path.is_file()]
    assert not any(b"ann@acme" in each or b"agren" in each for each in content)
    now = every_line(folder)
    assert {line for line in now - before if "[erased]" not in line} == set()
    gone = " ".join(sorted(before - now))
    assert ("Bob Borgen" in gone, "carl" in gone, "U2" in gone, "Cosmo" in gone) == (
        True,
        False,
        False,
        False,
    )
    assert any("some day,B,U3,Bob Borgen,call [erased] ([erased])." in line for line in now)
    named = {str(each.path.relative_to(folder)): each.rows for each in done.remains}
    assert (named["exports/contacts.csv"], named["exports/usage_03.csv"]) == (1, 3)

    # The exports still say it; what is read of them from now on does not.
    assign(open_workspace(folder), now=NOW)
    content = [path.read_bytes().lower() for path in (folder / "out").rglob("*") if path.is_file()]
    assert not any(b"ann@acme" in each for each in content)
    assert "call ANN AGREN ([erased])." in (folder / "out/latest/rejected/usage.csv").read_text()


def test_exports_to_come_bring_nobody_back(folder: Path) -> None:
    erased(folder, "A")
    (folder / "exports/usage_03.csv").write_text(
        "at,account_id,user_id\n2026-09-27,A,\n2026-09-27,,U1\n2026-09-27,B,\n"
    )
    run = assign(open_workspace(folder), now=NOW)
    assert holding(folder, "A", *WORDS) == []
    assert run.transitions.filter(pl.col("account_id") == "A").is_empty()


def test_files_that_still_hold_them_are_named(folder: Path) -> None:
    (folder / "exports/notes.txt").write_text("Acme called\nnobody\nwrite to Ann@acme.example\n")
    pl.DataFrame({"who": ["x", "Acme"]}).write_parquet(folder / "exports/old.parquet")
    (folder / "out/mine.csv").write_text("a\nann@acme.example\n")
    done = erased(folder, "A")
    found = {str(each.path.relative_to(folder)): each.rows for each in done.remains}
    assert {name: found[name] for name in found if "usage" not in name} == {
        "exports/accounts.csv": 1,
        "exports/contacts.csv": 1,
        "exports/notes.txt": 2,
        "exports/old.parquet": 1,
        "out/mine.csv": 1,
    }
    assert found["exports/usage_03.csv"] == 2
    assert found["exports/usage_01.csv"] == 10


def test_before_the_first_run_the_list_alone_is_written(tmp_path: Path) -> None:
    folder = write(tmp_path)
    assert erased(folder, "A").rewritten.runs == 0
    assert sorted(assign(open_workspace(folder), now=NOW).assignments["account_id"]) == ["B", "C", "D"]


def test_who_is_meant(folder: Path) -> None:
    workspace = open_workspace(folder)
    assert who(workspace, "U3", now=NOW).gone.ids == {"user:U3", "email:bob@borg.example"}
    with pytest.raises(ConfigError, match="S170 nothing here holds Acme"):
        who(workspace, "Acme", now=NOW)
    assert not who(workspace, "user:nobody", now=NOW).known
    with (folder / "exports/contacts.csv").open("a") as file:
        file.write("B,,C\n")
    with pytest.raises(ConfigError, match="S171 B is the id of several"):
        who(workspace, "B", now=NOW)
    assert who(workspace, "user:B", now=NOW).gone.ids == {"user:B"}


class Killed(BaseException):
    """The process is no more: nothing it would do after this is done."""


CALLS: tuple[tuple[object, str], ...] = (
    (os, "replace"),
    (os, "fsync"),
    (Path, "rename"),
    (Path, "unlink"),
    (Path, "mkdir"),
    (shutil, "rmtree"),
    (os, "link"),
)


def killed_at(count: int, monkeypatch: pytest.MonkeyPatch, work: Callable[[], object]) -> bool:
    """Whether `work` was killed before its call number `count` of those that change the disk."""
    done = 0

    def dying(call: Callable[..., object]) -> Callable[..., object]:
        def attempt(*arguments: object, **named: object) -> object:
            nonlocal done
            done += 1
            if done > count:
                raise Killed
            return call(*arguments, **named)

        return attempt

    with monkeypatch.context() as patch:
        for owner, name in CALLS:
            patch.setattr(owner, name, dying(getattr(owner, name)))
        try:
            work()
        except Killed:
            return True
    return False


def test_killed_at_any_moment_the_old_runs_or_the_new_are_whole(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read through HEAD at once; and finished, or as if nothing had been, by whatever starts next."""
    meant = who(open_workspace(folder), "A", now=NOW)
    workspace_key(folder / "state")
    shutil.rmtree(folder / "out/replays")
    # Waiting for the disk and computing the same again would be all that this test does.
    monkeypatch.setattr(os, "fsync", lambda _: None)
    monkeypatch.setattr(generation, "without", cache(without))
    monkeypatch.setattr("segkit.runs.erasing.erase.who", lambda *_, **__: meant)
    monkeypatch.setattr("segkit.runs.erasing.erase.remains", lambda *_: [])

    def copied(name: str) -> Path:
        """Links, for no file of a run is ever written again: one that were would be no old one ever after."""
        for top in ("out", "state"):
            shutil.copytree(folder / top, tmp_path / name / top, symlinks=True, copy_function=os.link)
        for file in ("segkit.yaml", "rules.yaml"):
            shutil.copy(folder / file, tmp_path / name)
        return tmp_path / name

    whole = copied("whole")
    erased(whole, "A")
    assert holding(whole, "A", *WORDS) == []
    old, new = (tree(where / "out/runs") for where in (folder, whole))
    seen, count, alive = set(), 0, False
    while not alive:
        there = open_workspace(copied(f"killed{count}"))
        alive = not killed_at(count, monkeypatch, partial(erase, there, "A", now=NOW))
        published = generation.head(there.state, there.out)
        assert published is not None
        read = {
            f"{published.folder.name}/{name}": (published.folder / name).read_bytes()
            for name in published.files
        }
        was_old = all(old.get(name) == content for name, content in read.items())
        assert was_old or all(new[name] == content for name, content in read.items())
        generation.start(there.state, there.out)
        now = tree(there.out / "runs")
        assert now in (old, new)
        assert (now == new) == (there.state / "erased").exists()
        assert sorted(path.name for path in there.out.iterdir()) == ["latest", "runs"]
        seen.add((was_old, now == old))
        shutil.rmtree(there.root)
        count += 1
    assert seen == {(True, True), (True, False), (False, False)}
    assert count > 60


@pytest.mark.parametrize(
    "damage", ["", "generation x\n", "generation 1\nshort\n", "generation 1\n" + "0" * 64]
)
def test_a_damaged_list_of_who_was_erased_stops_everything(folder: Path, damage: str) -> None:
    (folder / "state/erased").write_text(damage)
    with pytest.raises(IoError, match="I103"):
        assign(open_workspace(folder), now=NOW)


def test_without_the_key_nothing_is_read(folder: Path) -> None:
    erased(folder, "A")
    (folder / "state/key").unlink()
    with pytest.raises(IoError, match="I105"):
        assign(open_workspace(folder), now=NOW)


def test_a_second_erasure_keeps_the_first(folder: Path) -> None:
    erased(folder, "A")
    erased(folder, "D")
    assert sorted(assign(open_workspace(folder), now=NOW).assignments["account_id"]) == ["B", "C"]
    assert (folder / "state/erased").read_text().startswith("generation 2\n")
