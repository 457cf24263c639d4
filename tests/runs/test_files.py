"""Folders and files are there whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from segkit.errors import IoError
from segkit.runs.folders import files
from segkit.runs.folders.files import point, replace_file, sweep, write_folder
from segkit.runs.folders.history import publish


def test_a_folder_is_written_with_its_sub_folders(tmp_path: Path) -> None:
    write_folder(tmp_path / "runs" / "one", {"a.csv": b"x", "state/b": b"y"})
    assert (tmp_path / "runs/one/a.csv").read_bytes() == b"x"
    assert (tmp_path / "runs/one/state/b").read_bytes() == b"y"
    assert os.listdir(tmp_path / "runs") == ["one"]


def test_an_old_folder_of_that_name_is_replaced(tmp_path: Path) -> None:
    write_folder(tmp_path / "one", {"old": b"x"})
    write_folder(tmp_path / "one", {"new": b"y"})
    assert os.listdir(tmp_path / "one") == ["new"]


@pytest.mark.parametrize("call", ["fsync", "rename"])
def test_a_write_that_fails_leaves_the_old_folder_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    write_folder(tmp_path / "one", {"old": b"x"})

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", str(tmp_path / "one"))

    monkeypatch.setattr(files.os, call, full)
    monkeypatch.setattr(Path, "rename", full) if call == "rename" else None
    with pytest.raises(IoError, match="No space left") as error:
        write_folder(tmp_path / "one", {"new": b"y"})
    assert error.value.problems[0].code == "I102"
    assert os.listdir(tmp_path) == ["one"]
    assert os.listdir(tmp_path / "one") == ["old"]


def test_a_planted_link_is_replaced_and_its_target_untouched(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (tmp_path / "HEAD").symlink_to(victim)
    replace_file(tmp_path / "HEAD", b"new")
    assert victim.read_text() == "precious"
    assert (tmp_path / "HEAD").read_text() == "new"


def test_results_are_readable_by_colleagues(tmp_path: Path) -> None:
    old = os.umask(0o022)
    try:
        replace_file(tmp_path / "file", b"")
        write_folder(tmp_path / "folder", {"a": b""})
    finally:
        os.umask(old)
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o644
    assert (tmp_path / "folder").stat().st_mode & 0o777 == 0o755


def test_sweep_removes_only_unfinished_work(tmp_path: Path) -> None:
    (tmp_path / ".tmp-abc").mkdir()
    (tmp_path / ".tmp-file").write_text("x")
    (tmp_path / "2026-11-15-abc").mkdir()
    sweep(tmp_path)
    assert os.listdir(tmp_path) == ["2026-11-15-abc"]


def test_a_link_moves_and_a_real_folder_in_its_place_stays(tmp_path: Path) -> None:
    point(tmp_path / "latest", "runs/one")
    point(tmp_path / "latest", "runs/two")
    assert os.readlink(tmp_path / "latest") == "runs/two"
    (tmp_path / "mine").mkdir()
    point(tmp_path / "mine", "runs/two")
    assert not (tmp_path / "mine").is_symlink()


CALLS = ("fsync", "replace", "symlink", "rename", "mkdir", "chmod", "open", "unlink")


def _publish(folder: Path, name: str) -> None:
    write_folder(folder / "out/runs" / name, {"run.json": b"{}", "state/a": name.encode()})
    publish(folder / "state", folder / "out", f"runs/{name}")


def test_whichever_call_fails_the_old_run_or_the_new_one_is_there_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = 0
    for nth in range(1, 60):
        folder = tmp_path / str(nth)
        _publish(folder, "old")
        count = 0

        def counted(real: Callable[..., object], nth: int = nth) -> Callable[..., object]:
            def call(*arguments: Any, **more: Any) -> object:
                nonlocal count
                count += 1
                if count == nth:
                    raise OSError(5, "Input/output error")
                return real(*arguments, **more)

            return call

        with monkeypatch.context() as patch:
            for name in CALLS:
                patch.setattr(os, name, counted(getattr(os, name)))
            try:
                _publish(folder, "new")
            except IoError:
                failed += 1
        head = (folder / "state/HEAD").read_text().strip()
        assert (folder / "out" / head / "state/a").read_text() == Path(head).name
        if count < nth:
            break
    assert failed > 10
    assert head == "runs/new"
