"""Workspaces as a run finds them: with nothing kept, or with all but the last week stored and published."""

from __future__ import annotations

import os
import shutil
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
    """What the run of the last week but one left, made when its exports were all there was. Made once."""
    kept = folder.with_name(f"{folder.name}-kept")
    if not kept.is_dir():
        earlier = _one_week_less(folder)
        measure(segkit("assign", "-q", earlier))
        shutil.rmtree(earlier / "exports")
        earlier.rename(kept)
    return kept


def restore(folder: Path, kept: Path) -> None:
    forget(folder)
    for name in KEPT:
        shutil.copytree(kept / name, folder / name, symlinks=True)


def bytes_of(folder: Path, pattern: str) -> int:
    return sum(path.stat().st_size for path in folder.glob(pattern) if path.is_file())


def _one_week_less(folder: Path) -> Path:
    """The workspace as it was a week ago: its exports by hard links."""
    earlier = folder.with_name(f"{folder.name}-before")
    shutil.rmtree(earlier, ignore_errors=True)
    (earlier / "exports").mkdir(parents=True)
    monday = (LAST - timedelta(days=6)).isoformat()
    for path in (folder / "exports").iterdir():
        if monday not in path.name:
            os.link(path, earlier / "exports" / path.name)
    told = (folder / "segkit.yaml").read_text("utf-8")
    told = told.replace(LAST.isoformat(), (LAST - timedelta(weeks=1)).isoformat())
    (earlier / "segkit.yaml").write_text(told, encoding="utf-8")
    shutil.copy(folder / "rules.yaml", earlier / "rules.yaml")
    return earlier
