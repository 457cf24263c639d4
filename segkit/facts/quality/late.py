"""Rows that came after their week was published: the published weeks stay, and people are told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from segkit.errors import Problem

Weeks = Mapping[str, Mapping[date, int]]
"""Source -> end of a period -> its accepted rows."""
HINT = "published weeks stay as they are; segkit replay shows what these rows change"


def late_rows(now: Weeks, before: Weeks, published: date, unit: str) -> tuple[Problem, ...]:
    """A warning (D308) for each source that has more rows now in periods up to the `published` one.

    `before` is what the published run read. Fewer rows are no late ones: what ages out or is left out goes
    every week.
    """
    found = _late(now, before, published, unit)
    return tuple(Problem("D308", f"{source}: {said}", None, HINT, "warning") for source, said in found)


def _late(now: Weeks, before: Weeks, published: date, unit: str) -> Iterator[tuple[str, str]]:
    for source, weeks in now.items():
        then = before.get(source, {})
        more = {end: rows - then[end] for end, rows in weeks.items() if end <= published and end in then}
        late = {end: rows for end, rows in more.items() if rows > 0}
        if not late:
            continue
        total, newest = sum(late.values()), max(late)
        rows = f"{total:,} {'row' if total == 1 else 'rows'} came late, for "
        if len(late) == 1:
            yield source, f"{rows}the {unit} to {newest}, which is published"
        else:
            share = f"{late[newest]:,} of them for that to {newest}"
            yield source, f"{rows}{len(late)} {unit}s that are published ({share})"
