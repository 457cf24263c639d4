"""Where a problem lies, as a path that a person can open from where they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from msgspec.structs import replace

from segkit.errors import Place, Problem, SegkitError

Named = Callable[[str], str]
"""The name of a file as the reading room knows it -> its path."""


def placed(problems: Sequence[Problem], named: Named) -> tuple[Problem, ...]:
    return tuple(
        replace(problem, where=_shown(problem.where, named(problem.where.path))) if problem.where else problem
        for problem in problems
    )


def near(root: Path) -> Named:
    """Paths below the workspace as seen from it: what a run keeps must not say where it was made."""

    def named(path: str) -> str:
        return str(Path(path).relative_to(root)) if Path(path).is_relative_to(root) else path

    return named


def _shown(where: Place, path: str) -> Place:
    """A line of an export in which no fault is underlined is not shown: its cells are nobody's business."""
    return replace(where, path=path, text=where.text if where.column is not None else None)


@contextmanager
def places(named: Named) -> Iterator[None]:
    """Errors of the block name their files anew."""
    try:
        yield
    except SegkitError as error:
        raise error.with_problems(placed(error.problems, named)) from error
