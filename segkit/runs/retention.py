"""`keep:` in segkit.yaml: which published runs and replays go, once a new run is published."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from segkit.runs.folders.files import remove_folder, replace_file
from segkit.runs.folders.history import GONE, MANIFEST, Published, gone, lineage

LEAST = 2
"""The published run, and the one it grew from: a run for the same period starts there anew."""


def surplus(out: Path, name: str, base: Published | None, keep: int | None) -> tuple[str, ...]:
    """What goes once the run `name`, which grows from `base`, is published; the first that go come first.

    Runs that were superseded or never published go before those that the published run grew from, older
    ones before newer ones. Of replays that nobody published the newest stay, as many as of runs.
    """
    if keep is None:
        return ()
    grown = [name, *(run.name for run in lineage(out, base))]
    others = [each for each in _folders(out / "runs") if each not in grown]
    runs = [*others, *reversed(grown[LEAST:])]
    replays = [each for each in _folders(out / "replays") if each not in grown]
    return (*_first(runs, len(runs) + len(grown[:LEAST]) - keep), *_first(replays, len(replays) - keep))


def remove(out: Path, names: Sequence[str]) -> None:
    """That they go is written down before they do: the history ends there, and is not damaged.

    To be called under the lock. Raises: IoError (I102).
    """
    if not names:
        return
    known = gone(out)
    replace_file(out / GONE, "".join(f"{each}\n" for each in sorted({*known, *names})).encode())
    for name in names:
        remove_folder(out / name)


def _first(names: Sequence[str], number: int) -> Sequence[str]:
    return names[: max(number, 0)]


def _folders(folder: Path) -> list[str]:
    """The oldest first: their names begin with the day, and of one day the one that was made first."""
    if not folder.is_dir():
        return []
    found = [path for path in folder.iterdir() if (path / MANIFEST).is_file()]
    found.sort(key=lambda path: (path.name[:10], (path / MANIFEST).stat().st_mtime_ns, path.name))
    return [f"{folder.name}/{path.name}" for path in found]
