"""`# segkit: ignore[R304] reason until 2027-01-31`: warnings that somebody has seen and leaves.

Behind a line it is about that line; alone on a line, about the next one that is no comment.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date

from msgspec import Struct

from segkit.errors import Place, Problem

WITH_DATA = frozenset({"R310", "R320", "R321"})
"""Problems of rules that only the exports show."""
_COMMENT = re.compile(r"(?:^|(?<=\s))#\s*segkit:\s*ignore\b(?P<rest>.*)$")
_REST = re.compile(
    r"\s*\[(?P<codes>[^\]]*)\]\s*(?P<reason>.*?)(?:\s*\buntil\s+(?P<until>\d{4}-\d\d-\d\d))?\s*$"
)
_CODE = re.compile(r"[A-Z]\d{3}")
_FORM = "write # segkit: ignore[R304] why until 2027-01-31"


class Ignore(Struct, frozen=True):
    """One comment. `line`: the line it is about."""

    where: Place
    line: int
    codes: tuple[str, ...]
    reason: str
    until: date | None


def without_ignored(
    problems: Sequence[Problem],
    lines: Sequence[str],
    path: str,
    today: date | None,
    looked_for: Callable[[str], bool],
) -> list[Problem]:
    """The problems that no comment of the file ignores, and what is wrong with the comments.

    Errors are never ignored. A comment that ignores nothing is R330 (`looked_for`: whether a problem of that
    code would have been found), one past its day R331 (it then ignores nothing any more), one that cannot be
    read or gives no reason R332.
    """
    ignores, found = _read(lines, path)
    kept: list[Problem] = []
    used: set[tuple[Ignore, str]] = set()
    over = {each for each in ignores if today and each.until and each.until < today}
    for problem in problems:
        meant = [each for each in ignores if _about(each, problem, path)]
        used |= {(each, problem.code) for each in meant}
        if all(each in over for each in meant):
            kept.append(problem)
    for each in ignores:
        idle = [code for code in each.codes if (each, code) not in used and looked_for(code)]
        if idle:
            found.append(_unused(each, idle, lines))
        if each in over and any((each, code) in used for code in each.codes):
            what = f"this was to be ignored until {each.until} only"
            found.append(Problem("R331", what, each.where, "mend it now, or set another day", "warning"))
    return [*kept, *found]


def _about(ignore: Ignore, problem: Problem, path: str) -> bool:
    where = problem.where
    here = where is not None and where.path == path and where.line == ignore.line
    return here and problem.severity == "warning" and problem.code in ignore.codes


def _unused(ignore: Ignore, idle: Sequence[str], lines: Sequence[str]) -> Problem:
    """Safe to take away: the whole comment, or the codes of it that are not needed."""
    what = f"nothing to ignore here: there is no {' and no '.join(idle)}"
    left = [code for code in ignore.codes if code not in idle]
    text = lines[(ignore.where.line or 1) - 1]
    comment = text[(ignore.where.column or 1) - 1 :]
    instead = re.sub(r"\[[^\]]*\]", f"[{', '.join(left)}]", comment, count=1) if left else ""
    return Problem("R330", what, ignore.where, "take the comment away", "warning", instead=instead)


def _read(lines: Sequence[str], path: str) -> tuple[list[Ignore], list[Problem]]:
    found: list[Ignore] = []
    faults: list[Problem] = []
    for number, text in enumerate(lines, 1):
        comment = _COMMENT.search(text)
        if comment is None:
            continue
        where = Place(path, number, comment.start() + 1, text, len(text.rstrip()) - comment.start())
        rest = _REST.match(comment["rest"])
        codes = tuple(code.strip() for code in rest["codes"].split(",")) if rest else ()
        fault = _fault(rest, codes)
        if fault is not None:
            faults.append(Problem("R332", fault, where, _FORM, "warning"))
            continue
        assert rest is not None
        alone = not text[: comment.start()].strip()
        about = next(_statements(lines, number), number) if alone else number
        until = date.fromisoformat(rest["until"]) if rest["until"] else None
        found.append(Ignore(where, about, codes, rest["reason"], until))
    return found, faults


def _statements(lines: Sequence[str], after: int) -> Iterator[int]:
    """Numbers of the lines after one that hold more than a comment."""
    for number in range(after + 1, len(lines) + 1):
        text = lines[number - 1].strip()
        if text and not text.startswith("#"):
            yield number


def _fault(rest: re.Match[str] | None, codes: Sequence[str]) -> str | None:
    if rest is None:
        return "which problem is ignored? its code stands in brackets"
    wrong = [code for code in codes if not _CODE.fullmatch(code)]
    if wrong:
        return f"'{wrong[0]}' is no code"
    if not rest["reason"].strip():
        return "why is it ignored? a reason stands behind the brackets"
    try:
        date.fromisoformat(rest["until"] or "2000-01-01")
    except ValueError:
        return f"'{rest['until']}' is no date"
    return None
