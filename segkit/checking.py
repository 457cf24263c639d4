"""`segkit.check`: what is wrong with the YAML of a workspace, without loading the dataframe library."""

from __future__ import annotations

import os
import shutil
import tempfile
from datetime import date
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from segkit.errors import ConfigError, IoError, Place, Problem, SegkitError
from segkit.periods import Calendar
from segkit.resources import FILE
from segkit.ruleset.definitions import EVERYTHING
from segkit.ruleset.fixing import mended
from segkit.ruleset.ignores import WITH_DATA, without_ignored
from segkit.ruleset.load import check_doc
from segkit.ruleset.proofs import prove
from segkit.yamltext import YamlDoc, read_text, read_yaml

if TYPE_CHECKING:
    from segkit.workspace import Workspace

_ROUNDS = 5
"""Times a file is mended: what is read at last may hold further mistakes of the same kind."""


def check(path: str | PathLike[str] | None = None, *, today: date | None = None) -> list[Problem]:
    """Everything wrong with a workspace file and its rules, or with a rule file; empty when all is well.

    Warnings that a comment in the rules ignores are left out. `today`: what is due by then is told; None:
    nothing is. Reads no exports, but to name the event that may be the login which the rules miss.
    """
    try:
        rules, workspace = _rules(path)
        doc = read_yaml(rules)
    except SegkitError as error:
        return list(error.problems)
    problems = _problems(doc, workspace, today)
    if workspace is None or not any(problem.code == "R109" for problem in problems):
        return problems
    from segkit.runs.given.seen import with_seen

    return with_seen(workspace, problems)


class Mended(Struct, frozen=True):
    """A rule file before and after, byte for byte the same but for what was mended."""

    path: Path
    before: str
    after: str
    problems: tuple[Problem, ...]


def mend(path: str | PathLike[str] | None = None, *, today: date | None = None, write: bool = True) -> Mended:
    """Mends in the rules what can mean one thing only. Raises: ConfigError, IoError; then nothing changed."""
    rules, workspace = _rules(path)
    if workspace is not None and rules == workspace.rules and not rules.is_relative_to(workspace.root):
        what, hint = "these rules are not the workspace's own", "copy them into the workspace first"
        raise ConfigError(Problem("S165", what, Place(str(rules)), hint))
    read_yaml(rules)
    before = after = rules.read_bytes().decode("utf-8")
    done: list[Problem] = []
    for _ in range(_ROUNDS):
        try:
            doc = read_text(after, str(rules))
        except ConfigError:
            break
        after, now = mended(after, _problems(doc, workspace, today))
        done += now
        if not now:
            break
    if write and after != before:
        _rewrite(rules, after)
    return Mended(rules, before, after, tuple(done))


def _rules(path: str | PathLike[str] | None) -> tuple[Path, Workspace | None]:
    """The rule file, and the workspace it is checked in: the one given, or the one a rule file lies in."""
    given = Path(path) if path is not None else None
    if given is None or given.name == FILE or not given.is_file():
        from segkit.workspace import open_workspace

        workspace = open_workspace(given)
        return workspace.rules, workspace
    for folder in given.resolve().parents:
        if (folder / FILE).is_file():
            from segkit.workspace import open_workspace

            return given, open_workspace(folder)
    return given, None


def _problems(doc: YamlDoc, workspace: Workspace | None, today: date | None) -> list[Problem]:
    limits: list[Problem] = []
    if workspace is None:
        rules, problems = check_doc(doc, Calendar(), EVERYTHING, attributes={}, columns={}, sources=None)
    else:
        from segkit.workspace import limit_problems, rule_arguments

        rules, problems = check_doc(doc, **rule_arguments(workspace))
        limits = limit_problems(workspace, rules) if doc.path == str(workspace.rules) else []
    if rules is not None:
        problems = prove(rules, lambda span: doc.at(span.line, span.column, span.width), problems, today)
    judged = rules is not None

    def looked_for(code: str) -> bool:
        return judged and code not in WITH_DATA

    return [*without_ignored(problems, doc.lines, doc.path, today, looked_for), *limits]


def _rewrite(path: Path, text: str) -> None:
    """The file is the old one or the new one, whole, with the old one's mode."""
    try:
        descriptor, beside = tempfile.mkstemp(dir=path.resolve().parent, prefix=f".{path.name}-")
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        shutil.copymode(path, beside)
        Path(beside).replace(path.resolve())
    except OSError as error:
        why = error.strerror or str(error)
        raise IoError(Problem("I102", f"cannot write: {why}", Place(str(path)))) from error
