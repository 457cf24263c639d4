"""All runs anew without somebody: written beside the old ones, put in their place in one step.

The step is the list of who was erased. Before it is written the old runs are there, whole, and what lies
beside them is thrown away; once it is written, the new ones take their place, now or at the next start.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl
from msgspec import Struct

from segkit.errors import io_problems
from segkit.reports.quality import NAME as QUALITY
from segkit.runs.erasing.gone import Gone
from segkit.runs.erasing.rewrite import to_json, walked, without
from segkit.runs.folders.files import remove_folder, replace_file, sync_folder, write_folder
from segkit.runs.folders.history import (
    COMPARISONS,
    MANIFEST,
    PREVIEW,
    Published,
    damaged,
    head,
    publish,
    tidy,
)
from segkit.runs.given.suppression import FILE, Suppression

STAGE = ".erasing"
"""Below `out`: the new runs until they are in their places."""
PLAN = "plan.json"
FOLDERS = ("runs", "replays")
_TOLD = ("notes", "remarks", "guards")
"""Parts of run.json that are sentences for people; in all others no word is looked for."""


class Rewritten(Struct, frozen=True):
    """What an erasure did to the runs."""

    runs: int
    removed: tuple[str, ...]
    """Files that could not be rewritten and are gone."""


def stage(out: Path, published: str | None, gone: Gone, grown: Suppression) -> Rewritten:
    """Write every run anew beside the old ones; nothing is changed by it. Raises: IoError."""
    shutil.rmtree(out / STAGE, ignore_errors=True)
    old = [f"{folder}/{path.name}" for folder in FOLDERS for path in _runs(out / folder)]
    mark = hashlib.sha256(grown.content).hexdigest()
    new = {name: _renamed(name, mark) for name in old}
    removed: list[str] = []
    for name in old:
        files, lost = _anew(out / name, new, gone, grown.generation)
        private = json.loads(files[MANIFEST]).get("pseudonymised", False)
        write_folder(out / STAGE / new[name], files, private=private)
        removed += [f"{name}/{each}" for each in lost]
    plan = {
        "list": mark,
        "head": None if published is None else new[published],
        "old": old,
        "new": list(new.values()),
    }
    with io_problems("write", out / STAGE):
        (out / STAGE).mkdir(parents=True, exist_ok=True)
    replace_file(out / STAGE / PLAN, to_json(plan))
    return Rewritten(len(old), tuple(removed))


def commit(state: Path, grown: Suppression) -> None:
    """From here on they are erased. Raises: IoError."""
    replace_file(state / FILE, grown.content)


def finish(state: Path, out: Path) -> None:
    """Put staged runs in the place of the old ones, or throw them away where the list was not written.

    May be begun again at any point; to be called under the lock. Raises: IoError.
    """
    folder = out / STAGE
    if not folder.is_dir():
        return
    plan = _plan(state, folder)
    if plan is not None:
        with io_problems("move", folder):
            for name in plan["new"]:
                if (folder / name).is_dir():
                    (out / name).parent.mkdir(parents=True, exist_ok=True)
                    (folder / name).rename(out / name)
            for each in FOLDERS:
                if (out / each).is_dir():
                    sync_folder(out / each)
        if plan["head"] is not None:
            publish(state, out, plan["head"])
        for name in plan["old"]:
            remove_folder(out / name)
        remove_folder(out / PREVIEW)
        # Made of data that still held them, so out of date anyway.
        remove_folder(out / COMPARISONS)
        remove_folder(state / "cache")
        # What `check data` found in exports that still held them; it is written anew by the next.
        (out / QUALITY).unlink(missing_ok=True)
    with io_problems("remove", folder):
        # The plan goes first: without it nothing is begun again.
        (folder / PLAN).unlink(missing_ok=True)
        sync_folder(folder)
        shutil.rmtree(folder)


def start(state: Path, out: Path) -> Published | None:
    """What every run begins with, under the lock: what a killed one left is finished or swept.

    Returns the published run. Raises: IoError.
    """
    finish(state, out)
    run = head(state, out)
    tidy(state, out, run)
    return run


def _plan(state: Path, folder: Path) -> Mapping[str, Any] | None:
    """None where the erasure was not committed."""
    try:
        plan: Mapping[str, Any] = json.loads((folder / PLAN).read_text("utf-8"))
        written = (state / FILE).read_bytes()
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise damaged(folder / PLAN, "it says how an erasure ends, and cannot be read") from error
    return plan if hashlib.sha256(written).hexdigest() == plan["list"] else None


def _runs(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from sorted(path for path in folder.iterdir() if (path / MANIFEST).is_file())


def _renamed(name: str, mark: str) -> str:
    """A new name for a run: readers of the old one must not meet another content."""
    before, _, run = name.rpartition("-")
    told = f"{run} {mark}"
    return f"{before}-{hashlib.sha256(told.encode()).hexdigest()[:8]}"


def _anew(
    folder: Path, names: Mapping[str, str], gone: Gone, generation: int
) -> tuple[dict[str, bytes], list[str]]:
    """The files of a run without them, and names of those that had to go. Raises: IoError (I103)."""
    files: dict[str, bytes] = {}
    lost: list[str] = []
    manifest = json.loads((folder / MANIFEST).read_bytes())
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and path != folder / MANIFEST):
        name, content = path.relative_to(folder).as_posix(), path.read_bytes()
        if name in manifest["files"] and hashlib.sha256(content).hexdigest() != manifest["files"][name]:
            raise damaged(path, "its content is not what the run wrote")
        new = without(name, content, gone)
        if new is None:
            lost.append(name)
        else:
            files[name] = new
    told = {key: walked(value, gone) if key in _TOLD else value for key, value in manifest.items()}
    told |= {
        "run": _run_of(names, f"{folder.parent.name}/{folder.name}"),
        "generation": generation,
        "counts": _counts(manifest["counts"], files),
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())},
    }
    for link in ("parent", "supersedes"):
        told[link] = names.get(manifest[link], manifest[link])
    return {**files, MANIFEST: to_json(told)}, lost


def _run_of(names: Mapping[str, str], name: str) -> str:
    return names[name].rpartition("-")[2]


def _counts(before: Mapping[str, int], files: Mapping[str, bytes]) -> dict[str, int]:
    """How many accounts and transitions there are now."""
    counted = {"accounts": "assignments.parquet", "transitions": "transitions.parquet"}
    return {
        name: pl.read_parquet(files[counted[name]]).height if counted.get(name) in files else number
        for name, number in before.items()
    }
