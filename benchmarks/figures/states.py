"""Workspaces as a run finds them: with nothing kept, or with all but the last week stored and published."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from benchmarks.process import measure, segkit
from segkit.simulator.levels import LAST

KEPT = ("state", "out")


def forget(folder: Path) -> None:
    """Nothing kept: everything is read, checked and folded anew."""
    for name in KEPT:
        shutil.rmtree(folder / name, ignore_errors=True)


def week_before(folder: Path) -> Path:
    """What the run of the last week but one left, made when its exports were all there was. Made once.

    It is made in the very folder, as cron does it: what is remembered of the older files holds for them.
    """
    kept = folder.with_name(f"{folder.name}-kept")
    if not kept.is_dir():
        forget(folder)
        with _one_week_less(folder):
            measure(segkit("assign", "-q", folder))
        for name in KEPT:
            shutil.copytree(folder / name, kept / name, symlinks=True)
    return kept


def restore(folder: Path, kept: Path) -> None:
    forget(folder)
    for name in KEPT:
        shutil.copytree(kept / name, folder / name, symlinks=True)


def bytes_of(folder: Path, pattern: str) -> int:
    return sum(path.stat().st_size for path in folder.glob(pattern) if path.is_file())


@contextmanager
def _one_week_less(folder: Path) -> Iterator[None]:
    """The workspace as it was a week ago: without the newest files, and declared to end before them."""
    monday = (LAST - timedelta(days=6)).isoformat()
    aside, config = folder / "newest", folder / "segkit.yaml"
    told = config.read_text("utf-8")
    aside.mkdir(exist_ok=True)
    newest = [path for path in (folder / "exports").iterdir() if monday in path.name]
    try:
        for path in newest:
            path.rename(aside / path.name)
        earlier = told.replace(LAST.isoformat(), (LAST - timedelta(weeks=1)).isoformat())
        config.write_text(earlier, encoding="utf-8")
        yield
    finally:
        config.write_text(told, encoding="utf-8")
        for path in aside.iterdir():
            path.rename(folder / "exports" / path.name)
        aside.rmdir()
