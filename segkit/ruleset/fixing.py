"""Mends a rule file where one thing alone can be meant; every other character stays as it was."""

from __future__ import annotations

import re
from collections.abc import Sequence

from segkit.errors import Problem

_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")


def mended(text: str, problems: Sequence[Problem]) -> tuple[str, list[Problem]]:
    """The text with `instead` of every problem in its place, and the problems that were mended.

    Places are of this text, a byte order mark not counted. Where two pieces overlap only the first is mended.
    """
    mark = 1 if text.startswith("\ufeff") else 0
    starts = [mark, *(found.end() for found in _BREAK.finditer(text))]
    done: list[Problem] = []
    before = len(text) + 1
    pieces = [(*_piece(starts, problem), problem) for problem in problems if problem.instead is not None]
    for start, end, problem in sorted(pieces, key=lambda piece: piece[:2], reverse=True):
        if start < 0 or end > before or end > len(text):
            continue
        text = _without(text, start, end) if problem.instead == "" else _with(text, start, end, problem)
        before = start
        done.append(problem)
    return text, done[::-1]


def _piece(starts: Sequence[int], problem: Problem) -> tuple[int, int]:
    where = problem.where
    if where is None or where.line is None or where.column is None or where.line > len(starts):
        return -1, -1
    start = starts[where.line - 1] + where.column - 1
    return start, start + where.width


def _with(text: str, start: int, end: int, problem: Problem) -> str:
    return f"{text[:start]}{problem.instead}{text[end:]}"


def _without(text: str, start: int, end: int) -> str:
    """Without a piece and the room before it; without its line where nothing else stands there."""
    mark = 1 if text.startswith("\ufeff") else 0
    line = max((found.end() for found in _BREAK.finditer(text, 0, start)), default=mark)
    if text[line:start].strip(" \t"):
        return text[: len(text[:start].rstrip(" \t"))] + text[end:]
    following = _BREAK.match(text, end)
    return text[:line] + text[following.end() if following else end :]
