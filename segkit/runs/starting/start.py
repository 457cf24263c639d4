"""The face of this room: a folder -> the workspace file that reads it, and what to say about it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from msgspec import Struct

from segkit.columns import SOURCES
from segkit.errors import InputError, Problem
from segkit.facts.mapping import SourceConfig
from segkit.runs.given.commonest import Commonest, commonest
from segkit.runs.starting.choose import Choice, choose, looked_up
from segkit.runs.starting.lying import Group, lying
from segkit.runs.starting.trial import Read, Tried, tried
from segkit.runs.starting.written import Found, written

Line = tuple[str, str, str, str]
EXPORTS = "exports"
DEPTH = 3
"""So many folders down exports are looked for in `exports/`; beside it only in the folder itself."""


class Start(Struct, frozen=True):
    """text: segkit.yaml. files: one line for each kind of file. exports: the folder they lie in, `.` or
    `exports`. problem: why nothing can be assigned yet; None where all is well or nothing lies there."""

    text: str
    exports: str
    files: tuple[Line, ...] = ()
    """File, source, what it seems to be, how sure that is."""
    remarks: tuple[str, ...] = ()
    unknown: int = 0
    """How many kinds of files are no export that is known."""
    problem: Problem | None = None
    ready: bool = False


def start(folder: Path, today: date) -> Start:
    """Looks at the exports in the folder, or in its `exports/`; changes nothing."""
    inside = folder / EXPORTS
    groups = lying(inside, DEPTH) if inside.is_dir() else []
    exports = EXPORTS if groups else "."
    if not groups and folder.is_dir():
        groups = lying(folder, 1)
    choice = choose(groups)
    if not choice.sources:
        nothing = Found(unused=_unused(groups, choice, {}))
        lines = _lines(groups, choice, None)
        return Start(written(nothing), EXPORTS, lines, (), len(groups) - len(lines))
    root = inside if exports == EXPORTS else folder
    result = tried(root, choice.sources, today)
    sources = {name: result.sources[name] for name in sorted(result.sources, key=list(SOURCES).index)}
    configs = {name: read.config for name, read in sources.items()}
    found = Found(exports, sources, result.left, _unused(groups, choice, sources), _seen(root, configs))
    remarks = tuple(remark for read in sources.values() for remark in read.remarks)
    lines = _lines(groups, choice, result)
    ready = bool(sources) and result.problem is None
    return Start(written(found), exports, lines, remarks, len(groups) - len(lines), result.problem, ready)


def _seen(root: Path, sources: Mapping[str, SourceConfig]) -> Commonest | None:
    """None where there is no usage, or it cannot be read."""
    if "usage" not in sources:
        return None
    try:
        return commonest(root, sources["usage"])
    except InputError:
        return None


def _unused(groups: list[Group], choice: Choice, sources: Mapping[str, Read]) -> dict[str, str]:
    """Exports that could be something, and why they are nothing here."""
    found = {name: why for read in sources.values() for name, why in read.without.items()}
    read = {group.name for one in sources.values() for group, _ in one.chosen.ways}
    read |= looked_up(groups, {name: one.config for name, one in sources.items()})
    return {name: why for name, why in {**choice.unused, **found}.items() if name not in read}


def _lines(groups: list[Group], choice: Choice, result: Tried | None) -> tuple[Line, ...]:
    """One for each group that is known; the unknown are told by number."""
    sources = result.sources if result is not None else {}
    unused = _unused(groups, choice, sources)
    looked = looked_up(groups, {name: read.config for name, read in sources.items()})
    lines: list[Line] = []
    for group in groups:
        ways = [
            (source, one)
            for source, read in sources.items()
            for member, one in read.chosen.ways
            if member is group and source != "crosswalk"
        ]
        tries = [
            (source, one, why)
            for source, (chosen, why) in (result.left if result is not None else {}).items()
            for member, one in chosen.ways
            if member is group
        ]
        if ways:
            source, one = ways[0]
            lines.append((group.name, source, one.title, one.certainty))
        elif group.name in unused:
            lines.append((group.name, "-", "not used", unused[group.name]))
        elif tries:
            source, one, why = tries[0]
            lines.append((group.name, source, one.title, f"not read: {why}"))
        elif group.name in looked:
            lines.append((group.name, "-", " ".join(group.beside[0]), "looked up in"))
    return tuple(lines)
