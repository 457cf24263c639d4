"""What a damaged history says of itself: which file, and that nothing is overwritten."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from segkit.errors import Exit, IoError
from segkit.runs import assign
from segkit.runs.folders.keyfile import KEY, workspace_key
from segkit.runs.folders.manifest import version_of
from segkit.workspace import open_workspace
from tests.cli.command import segkit
from tests.runs.small import NOW, SUNDAYS, tree, write, write_week


def unreadable(folder: Path) -> None:
    (folder / "state/HEAD").write_bytes(b"\xff\xfe")


def no_manifest(folder: Path) -> None:
    (folder / "out/latest/run.json").unlink()


def no_json(folder: Path) -> None:
    (folder / "out/latest/run.json").write_text("{")


def no_object(folder: Path) -> None:
    (folder / "out/latest/run.json").write_text("[]")


def no_latches(folder: Path) -> None:
    (folder / "out/latest/state/latches.parquet").unlink()


def other_latches(folder: Path) -> None:
    (folder / "out/latest/state/latches.parquet").write_bytes(b"PAR1")


HARM: dict[Callable[[Path], None], str] = {
    unreadable: "HEAD",
    no_manifest: "run.json",
    no_json: "run.json",
    no_object: "run.json",
    no_latches: "latches.parquet",
    other_latches: "latches.parquet",
}


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = write(tmp_path_factory.mktemp("ws"), weeks=11)
    assign(open_workspace(folder), now=NOW, as_of=SUNDAYS[10])
    return {**tree(folder), "latest": str((folder / "out/latest").readlink()).encode()}


@pytest.mark.parametrize("harm", HARM, ids=lambda harm: harm.__name__)
def test_it_is_told_and_left_as_it_is(
    published: dict[str, bytes], tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    for name, content in published.items():
        if name != "latest" and not name.startswith("out/latest/"):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(content)
    (tmp_path / "out/latest").symlink_to(published["latest"].decode())
    write_week(tmp_path, 11)
    harm(tmp_path)
    before = tree(tmp_path / "out/runs")
    done = segkit("assign", "-q", tmp_path)
    assert done.returncode == Exit.IO, done.stderr
    assert HARM[harm] in done.stderr
    assert "Traceback" not in done.stderr
    assert tree(tmp_path / "out/runs") == before


def test_a_run_of_a_workspace_that_is_not_open_has_nobody_to_ask(tmp_path: Path) -> None:
    run = assign(open_workspace(write(tmp_path)), now=NOW)
    with pytest.raises(ValueError, match=r"only a run that segkit\.open"):
        run.explain("A")


def test_a_library_that_is_not_there_is_said_to_be_so() -> None:
    assert version_of("no-such-library-anywhere") == "not installed"


@pytest.mark.parametrize(("content", "why"), [(b"zz", "holds no key"), (None, "cannot be read")])
def test_a_key_that_is_damaged_is_told_and_not_made_anew(
    tmp_path: Path, content: bytes | None, why: str
) -> None:
    write(tmp_path)
    key = tmp_path / "state" / KEY
    key.parent.mkdir()
    if content is None:
        key.mkdir()
    else:
        key.write_bytes(content)
    with pytest.raises(IoError, match=why):
        workspace_key(tmp_path / "state")
    assert key.is_dir() or key.read_bytes() == content
