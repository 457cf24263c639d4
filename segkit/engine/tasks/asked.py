"""The conditions of playbooks over a block of rows. In them `weeks_in(x)` counts periods as primary."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import polars as pl

from segkit.engine.conditions.compile import member_column, weeks_column
from segkit.engine.conditions.sheet import Sheet
from segkit.engine.members.membership import Bools
from segkit.engine.members.primary import Primary
from segkit.engine.members.transitions import Scanned
from segkit.engine.tasks.books import conditions
from segkit.ruleset.model import Playbook, RuleSet
from segkit.ruleset.order import reads


def held(
    rules: RuleSet, scanned: Mapping[str, Scanned], primaries: Mapping[str, Primary]
) -> dict[str, Bools]:
    """Segment -> [A, T] it is the primary of its dimension; flag -> it is set."""
    found = {flag.name: scanned[flag.name].member for flag in rules.flags}
    for dimension in rules.dimensions:
        code = primaries[dimension.name].code
        found |= {segment.name: code == place for place, segment in enumerate(dimension.segments)}
    return found


def asked(
    rules: RuleSet,
    books: Iterable[Playbook],
    sheet: Sheet,
    scanned: Mapping[str, Scanned],
    primaries: Mapping[str, Primary],
) -> Sheet:
    """Every condition of the playbooks, evaluated over the rows of `sheet`."""
    wanted = [condition for book in books for condition in conditions(book)]
    weeks = _weeks(rules, scanned, primaries)
    columns = []
    for name in sorted({name for condition in wanted for name in reads(condition)}):
        columns.append(_column(member_column(name), scanned[name].member, sheet.lead))
        columns.append(_column(weeks_column(name), weeks[name], sheet.lead).cast(pl.Float64))
    # A sheet of its own: what the rules evaluated counts periods of membership.
    found = Sheet(sheet.block.with_columns(columns), sheet.compiler, sheet.lead)
    found.evaluate(wanted)
    return found


def _weeks(
    rules: RuleSet, scanned: Mapping[str, Scanned], primaries: Mapping[str, Primary]
) -> dict[str, np.ndarray]:
    """[A, T] by segment: periods as primary so far; by flag: periods it has been set."""
    found = {}
    for flag in rules.flags:
        latch = scanned[flag.name]
        found[flag.name] = latch.scan.weeks if latch.over is None else latch.over.weeks
    for dimension in rules.dimensions:
        primary = primaries[dimension.name]
        for place, segment in enumerate(dimension.segments):
            found[segment.name] = np.where(primary.code == place, primary.weeks, 0)
    return found


def _column(name: str, matrix: np.ndarray, lead: int) -> pl.Series:
    """A column of the rows; before the first decided period nothing is asked of it."""
    padded = np.pad(matrix, ((0, 0), (lead, 0)))
    return pl.Series(name, np.ascontiguousarray(padded).ravel())
