"""What others planted where we write, and a disk that has no room: the old results stay, whole."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from time import monotonic
from types import SimpleNamespace

import pytest

from segkit.errors import Exit, IoError
from segkit.lock import hold
from segkit.runs.folders.files import TEMP, point, replace_file, write_folder
from tests.cli.command import segkit
from tests.runs.small import tree, write, write_week

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


@contextmanager
def no_file_over(size: int) -> Iterator[None]:
    """As on a full disk or under a quota, writing fails in the middle of a file."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write(tmp_path_factory.mktemp("ws"), weeks=11)
    assert segkit("assign", "-q", folder).returncode == Exit.DONE
    write_week(folder, 11)
    return folder


@pytest.mark.parametrize("size", [0, 10, 1_000, 5_000])
def test_wherever_the_disk_is_full_the_old_run_stays_and_nothing_else(published: Path, size: int) -> None:
    before = tree(published / "out"), (published / "state/HEAD").read_text()
    with no_file_over(size):
        done = segkit("assign", "-q", published)
    assert done.returncode == Exit.IO, done.stderr
    assert "I102" in done.stderr
    assert str(published) in done.stderr
    assert (tree(published / "out"), (published / "state/HEAD").read_text()) == before
    assert not [path for path in published.rglob(f"{TEMP}*") if "cache" not in path.parts]


@pytest.fixture
def ours(published: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(published, tmp_path / "ws", symlinks=True))


@pytest.mark.parametrize(
    ("number", "call"),
    [(errno.EROFS, "mkdtemp"), (errno.EDQUOT, "os.fsync"), (errno.EACCES, "os.replace")],
)
def test_read_only_folders_and_quotas_are_told_by_their_path(ours: Path, number: int, call: str) -> None:
    """Where folders are made, where content reaches the disk, and where a file takes the place of another."""

    def refused(*where: object, **more: object) -> None:
        raise OSError(number, os.strerror(number), str(more.get("dir", ours / "out/runs")))

    before = tree(ours / "out"), (ours / "state/HEAD").read_text()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(f"segkit.runs.folders.files.{call}", refused)
        done = segkit("assign", "-q", ours)
    assert done.returncode == Exit.IO
    assert f"I102 cannot write: {os.strerror(number)}" in done.stderr
    assert str(ours / "out/runs") in done.stderr
    # A folder that nothing points to yet may be there, whole: the next run goes on with it.
    assert before[0].items() <= tree(ours / "out").items()
    assert (ours / "state/HEAD").read_text() == before[1]
    assert segkit("assign", "-q", ours).returncode == Exit.DONE


def test_a_disk_without_room_is_told_before_anything_is_written(ours: Path) -> None:
    before = tree(ours / "out"), (ours / "state/HEAD").read_text()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=12_000))
        patch.setattr("segkit.runs.folders.files.mkdtemp", None)
        done = segkit("assign", "-q", ours)
    assert done.returncode == Exit.IO
    assert done.stderr.startswith(
        f"{ours}/out/runs I102 the disk has 0.0 MB left, and 0.1 MB are asked for\n"
    )
    assert (tree(ours / "out"), (ours / "state/HEAD").read_text()) == before


def test_links_planted_at_names_of_ours_lead_nowhere(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    place = tmp_path / "place"
    place.mkdir()
    for name in ("results.csv", f"{TEMP}{os.getpid()}-latest", "run", "latest"):
        (place / name).symlink_to(victim)
    replace_file(place / "results.csv", b"ours")
    write_folder(place / "fresh", {"a.csv": b"ours"})
    point(place / "latest", "fresh")
    assert victim.read_text() == "mine"
    assert (place / "results.csv").read_text() == "ours"
    assert not (place / "results.csv").is_symlink()
    assert (place / "latest/a.csv").read_text() == "ours"


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_modes_are_those_of_the_umask(tmp_path: Path, mask: int, mode: int) -> None:
    before = os.umask(mask)
    try:
        replace_file(tmp_path / "a.csv", b"")
        write_folder(tmp_path / "run", {"a.csv": b""})
    finally:
        os.umask(before)
    assert (tmp_path / "a.csv").stat().st_mode & 0o777 == mode
    assert (tmp_path / "run/a.csv").stat().st_mode & 0o777 == mode
    assert (tmp_path / "run").stat().st_mode & 0o777 == 0o777 & ~mask


def test_of_twenty_at_once_one_holds_the_lock_and_19_are_refused_in_two_seconds(tmp_path: Path) -> None:
    forked = get_context("fork")
    began, told, done = forked.Barrier(20), forked.Queue(), forked.Event()
    workers = [forked.Process(target=_try, args=(tmp_path / "lock", began, told, done)) for _ in range(20)]
    for worker in workers:
        worker.start()
    answers = [told.get(timeout=30) for _ in workers]
    (holder,) = (said for held, _, said in answers if held)
    with pytest.raises(IoError, match=rf"{holder}\b"), hold(tmp_path / "lock", now=NOW):
        pass
    done.set()
    for worker in workers:
        worker.join()
    assert max(seconds for _, seconds, _ in answers) < 2


def _try(path: Path, began, told, done) -> None:  # type: ignore[no-untyped-def]
    began.wait()
    start = monotonic()
    try:
        with hold(path, now=NOW):
            told.put((True, monotonic() - start, str(os.getpid())))
            done.wait()
    except IoError as error:
        told.put((False, monotonic() - start, error.problems[0].what))
