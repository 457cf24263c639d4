"""SHA-256 of export files: read again only where something about the file changed since."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

_SETTLED = 2_000_000_000
"""Nanoseconds after which a further write of a file cannot have the same time as the last one."""

Mark = list[int]
"""Size, time of the last write, time of the last change of anything (nobody can set it back), inode."""


class Hashes:
    """`path`: where they are remembered; None for nowhere. What is missing or damaged is not there."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._known: dict[str, tuple[Mark, str]] = {}
        self._seen: dict[str, tuple[Mark, str]] = {}
        if path is not None:
            with suppress(OSError, ValueError, TypeError, AttributeError):
                told = json.loads(path.read_text("utf-8"))
                self._known = {name: (list(mark), str(sha)) for name, (mark, sha) in told.items()}

    def of(self, paths: Sequence[Path]) -> Iterable[tuple[str, int]]:
        """SHA-256 and size of each. Raises OSError."""
        found = {path: known for path in paths if (known := self._remembered(path)) is not None}
        changed = [path for path in paths if path not in found]
        if changed:
            # hashlib releases the lock, so two threads read at twice the speed.
            with ThreadPoolExecutor(2) as pool:
                found |= dict(zip(changed, pool.map(self._read, changed), strict=True))
        return [found[path] for path in paths]

    def _remembered(self, path: Path) -> tuple[str, int] | None:
        mark, name = _mark(path), str(path)
        known = self._known.get(name)
        if known is None or known[0] != mark:
            return None
        self._seen[name] = known
        return known[1], mark[0]

    def _read(self, path: Path) -> tuple[str, int]:
        mark, name = _mark(path), str(path)
        began = time.time_ns()
        with path.open("rb") as file:
            sha = hashlib.file_digest(file, "sha256").hexdigest()
        if _mark(path) == mark and max(mark[1:3]) < began - _SETTLED:
            self._seen[name] = mark, sha
        return sha, mark[0]

    def keep(self) -> None:
        """Remember those of the files that were asked for. A cache that cannot be written costs time only."""
        if self._path is None or self._seen == self._known:
            return
        waiting = self._path.with_suffix(".part")
        with suppress(OSError):
            waiting.parent.mkdir(parents=True, exist_ok=True)
            waiting.write_text(json.dumps(self._seen), "utf-8")
            os.replace(waiting, self._path)


def _mark(path: Path) -> Mark:
    told = path.stat()
    return [told.st_size, told.st_mtime_ns, told.st_ctime_ns, told.st_ino]
