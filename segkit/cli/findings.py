"""What a check found, for people, for programs and for annotations in a pull request."""

from __future__ import annotations

import difflib
import json
import sys
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from segkit.cli.problems import printable, relative, show
from segkit.cli.terminal import say
from segkit.errors import Problem

SCHEMA_VERSION = 1


def tell(problems: Iterable[Problem], refused: int, format: str) -> tuple[bool, int]:
    """Tells them; whether there is anything to tell, and how many are errors."""
    told = list(problems)
    errors = sum(problem.severity == "error" for problem in told)
    if format == "json":
        document = {"schema_version": SCHEMA_VERSION, "problems": [as_json(each) for each in told]}
        print(json.dumps(document, indent=2, ensure_ascii=False))
    elif format == "github":
        for problem in told:
            print(annotation(problem))
    else:
        show(told)
    said = [_count(errors, "error"), _count(len(told) - errors, "warning")] if told else []
    said += [_count(refused, "refused row")] if refused else []
    say(f"{', '.join(said)}." if said else "All is well.")
    return bool(said), errors


def _count(number: int, what: str) -> str:
    return f"{number or 'no'} {what}{'s' * (number != 1)}"


def as_json(problem: Problem) -> Mapping[str, Any]:
    where, witness = problem.where, problem.witness
    return {
        "code": problem.code,
        "severity": problem.severity,
        "what": problem.what,
        "file": relative(where.path) if where else None,
        "line": where.line if where else None,
        "column": where.column if where else None,
        "width": where.width if where and where.column is not None else None,
        "hint": problem.hint,
        "instead": problem.instead,
        "example": None
        if witness is None
        else {"weeks": [dict(week) for week in witness.weeks], "shows": witness.shows},
    }


def annotation(problem: Problem) -> str:
    """One line that GitHub shows beside the line it is about."""
    where = problem.where
    properties = {"title": problem.code}
    if where is not None:
        properties["file"] = relative(where.path)
        if where.line is not None:
            properties["line"] = str(where.line)
        if where.line is not None and where.column is not None:
            properties["col"] = str(where.column)
            properties["endColumn"] = str(where.column + where.width)
    lines = [problem.what]
    lines += [f"example: {problem.witness}"] if problem.witness else []
    lines += [f"hint: {problem.hint}"] if problem.hint else []
    told = ",".join(f"{key}={_property(printable(value))}" for key, value in properties.items())
    # A line that begins with :: is a command: what was written by others begins none.
    return f"::{problem.severity} {told}::{_data(chr(10).join(map(printable, lines)))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def mend_rules(path: Path | None, today: date, *, write: bool, diff: bool) -> None:
    """Mends the rules, or shows what would be mended."""
    from segkit.checking import mend

    done = mend(path, today=today, write=write)
    name = relative(str(done.path))
    if diff:
        before, after = (text.splitlines(keepends=True) for text in (done.before, done.after))
        sys.stdout.writelines(difflib.unified_diff(before, after, name, f"{name} (mended)"))
    if write and done.problems:
        say(f"{name}: mended {', '.join(dict.fromkeys(_mended(each) for each in done.problems))}")


def _mended(problem: Problem) -> str:
    line = problem.where.line if problem.where else None
    return f"{problem.code} in line {line}"
