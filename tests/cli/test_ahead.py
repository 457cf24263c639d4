"""Of many starts at once all but one end at once, before anything heavy is imported."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.main import get_command

from segkit.cli import ahead
from segkit.cli.ahead import lock_ahead
from segkit.cli.app import app
from segkit.errors import Exit, IoError
from segkit.lock import holder
from segkit.resources import FILE
from tests.cli.command import segkit
from tests.runs.small import tree, write

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Path]:
    """A workspace at work."""
    write(tmp_path / "ws")
    (tmp_path / "ws/state").mkdir()
    with (tmp_path / "ws/state/lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield tmp_path / "ws"


def start(*arguments: object) -> subprocess.CompletedProcess[str]:
    """A process of its own that lists what it imports."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONPROFILEIMPORTTIME": "1"}
    command = [sys.executable, "-m", "segkit", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=env)


@pytest.mark.parametrize("verb", ["assign", "replay"])
def test_a_held_lock_is_told_before_anything_heavy_is_imported(held: Path, verb: str) -> None:
    before = tree(held)
    done = start(verb, "-q", held)
    assert done.returncode == Exit.IO
    told = [line for line in done.stderr.splitlines() if not line.startswith("import time:")]
    assert told[0].startswith(f"{held}/state/lock I101 another run is at work in this workspace: ")
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "segkit.lock" in imported
    assert not imported & {"polars", "numpy", "pydantic", "yaml", "typer", "segkit.workspace"}
    assert tree(held) == before


def test_the_lock_that_was_taken_ahead_is_the_one_that_is_held_to_the_end(tmp_path: Path) -> None:
    lock_ahead(["assign", str(write(tmp_path))])
    assert holder(tmp_path / "state/lock") is not None
    assert segkit("assign", "-q", tmp_path).returncode == Exit.DONE
    assert holder(tmp_path / "state/lock") is None


REFUSED = {
    "assign": [[], ["-q", "--as-of=2026-11-22"], ["--as-of", "2026-11-22", "--rules", __file__]],
    "replay": [[], ["--publish", "-v"]],
}


@pytest.mark.parametrize(("verb", "more"), [(verb, more) for verb in REFUSED for more in REFUSED[verb]])
def test_what_is_plain_is_refused(held: Path, verb: str, more: list[str]) -> None:
    with pytest.raises(IoError, match="I101"):
        lock_ahead([verb, *more, str(held)])


SLIPS = (
    ["assign", "--as-of", "2026-13-01"],
    ["assign", "--as-of", "20261122"],
    ["assign", "--rules", "nowhere.yaml"],
    ["assign", "--format", "xls"],
    ["assign", "--accept", "many_moves"],
    ["assign", "--accept", "many_movs", "--because", "x"],
    ["assign", "-o", "x.doc"],
    ["assign", "--as"],
    ["replay", "--from", "2026-11-22", "--to", "2026-11-15"],
)


@pytest.mark.parametrize("argv", SLIPS, ids=" ".join)
def test_a_slip_is_told_although_another_run_holds_the_lock(
    held: Path, argv: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(held)
    lock_ahead(argv)
    assert segkit(*argv, held).returncode == Exit.USAGE


@pytest.mark.parametrize(
    "argv",
    [
        [],
        ["doctor"],
        ["assign", "--dry-run"],
        ["assign", "--usage", "u.csv"],
        ["assign", "--wait", "5"],
        ["assign", "--log-file", "log"],
        ["assign", "--help"],
        ["assign", "-qv"],
        ["assign", "--as-of"],
        ["assign", "another", "folder"],
    ],
    ids=" ".join,
)
def test_what_is_not_goes_the_long_way(held: Path, argv: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(held)
    lock_ahead(argv)


@pytest.mark.parametrize(
    ("written", "lock"),
    [
        ("state: memory  # of segkit", "memory/lock"),
        ("state: ../memory", "../memory/lock"),
        ("state: 'memory'", None),
        ('"state": memory', None),
        ("more: {state: memory}", None),
        ("state: one\nstate: two", None),
        ("# The state is kept.", "state/lock"),
    ],
)
def test_where_the_lock_lies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str, lock: str | None
) -> None:
    write(tmp_path)
    with (tmp_path / FILE).open("a") as file:
        file.write(f"{written}\n")
    taken: list[Path] = []
    monkeypatch.setattr(ahead, "take_ahead", lambda path, **_: taken.append(path))
    lock_ahead(["assign", str(tmp_path)])
    assert taken == ([tmp_path / lock] if lock else [])


def test_a_folder_that_is_no_workspace_is_left_alone(tmp_path: Path) -> None:
    lock_ahead(["assign", str(tmp_path)])
    assert not list(tmp_path.iterdir())


def test_every_option_of_these_verbs_is_known_or_goes_the_long_way_on_purpose() -> None:
    verbs = get_command(app).commands  # type: ignore[attr-defined]
    for verb, valued in ahead.VALUED.items():
        options = [each for each in verbs[verb].params if each.param_type_name == "option"]
        takes = {name for each in options for name in each.opts if not each.is_flag}
        flags = {name for each in options for name in each.opts if each.is_flag}
        assert set(valued) <= takes
        # Of these another run need not be all there is to say.
        of_people = {"--accept", "--because", "--output", "-o", "--format", "--from", "--to"}
        assert takes - set(valued) <= {"--usage", "--accounts", "--wait", "--log-file", *of_people}
        assert flags - ahead.FLAGS <= {"--dry-run"}


def test_what_kills_politely_ends_a_run_as_an_interrupt_does() -> None:
    program = (
        "import os, signal, sys\n"
        "from segkit.cli import ahead, main\n"
        f"ahead.lock_ahead = lambda argv: os.kill(os.getpid(), {signal.SIGTERM.value})\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=False, env={"PYTHONPATH": str(ROOT)}
    )
    assert (done.returncode, done.stdout, done.stderr) == (Exit.INTERRUPTED, b"", b"")
