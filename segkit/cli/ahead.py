"""The lock, taken before the heavy libraries are imported: of many starts at once all but one end at once.

Only what cron types is looked at, and only as far as it is plain. Everything else takes the lock where it
always is taken, once arguments and workspace have been read and found right.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from segkit.lock import take_ahead
from segkit.resources import FILE


def _is_day(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


VALUED: Mapping[str, Mapping[str, Callable[[str], bool]]] = {
    "assign": {"--as-of": _is_day, "--rules": os.path.isfile},
    "replay": {"--rules": os.path.isfile},
}
"""Verb that locks the workspace -> its options that a value follows, and which values are seen to be right.

Under these the lock is all that need be said when another run holds it. A slip is told before that.
"""
FLAGS = frozenset({"-q", "--quiet", "-v", "--verbose", "--publish", "--raw-text"})
"""Those without a value, but for `--dry-run`, which takes no lock."""
_STATE = re.compile(r"\bstate[\"']?\s*:")
_PLAIN_STATE = re.compile(r"^state: *([\w./-]+) *(?:#.*)?$", re.MULTILINE)


def lock_ahead(argv: Sequence[str]) -> None:
    """Takes the lock of the workspace that `argv` (without the program's name) means.

    Raises: IoError (I101) when another run holds it; (I102) when it cannot be written.
    """
    if not argv or argv[0] not in VALUED:
        return
    folders = _arguments(argv[1:], VALUED[argv[0]])
    file = _file(folders) if folders is not None else None
    state = _state(file) if file is not None else None
    if state is not None:
        take_ahead(state / "lock", now=datetime.now(UTC))


def _arguments(words: Sequence[str], valued: Mapping[str, Callable[[str], bool]]) -> list[str] | None:
    """What is no option; None where there is an option or a value that is not known to be right."""
    found = []
    left = iter(words)
    for word in left:
        name, equals, value = word.partition("=")
        if not word.startswith("-"):
            found.append(word)
        elif name in valued:
            if not valued[name](value if equals else next(left, "")):
                return None
        elif word not in FLAGS:
            return None
    return found if len(found) < 2 else None


def _file(folders: Sequence[str]) -> Path | None:
    """segkit.yaml of the folder, or itself; without one that of the current folder or the nearest above."""
    near = [Path(folders[0])] if folders else [Path.cwd(), *Path.cwd().parents]
    return next((folder / FILE for folder in near if (folder / FILE).is_file()), None)


def _state(file: Path) -> Path | None:
    """The folder of the lock; None where only reading the file as YAML can tell."""
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    named, plain = _STATE.findall(text), _PLAIN_STATE.findall(text)
    if len(named) > 1 or len(named) != len(plain):
        return None
    return Path(os.path.realpath(file)).parent / (plain[0] if plain else "state")
