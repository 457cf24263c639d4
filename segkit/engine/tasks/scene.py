"""The periods in which tasks move, and what is true in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from msgspec import Struct

from segkit.engine.conditions.because import because
from segkit.engine.conditions.say import Speaker
from segkit.engine.conditions.sheet import Sheet
from segkit.engine.conditions.trees import nodes
from segkit.engine.members.membership import Bools, Ints
from segkit.engine.members.primary import Primary
from segkit.engine.state import labels
from segkit.ruleset.expr import Condition
from segkit.ruleset.model import RuleSet

Texts = npt.NDArray[np.object_]


class Scene(Struct, frozen=True):
    """A block of accounts A over the T decided periods that no task tells of yet; places count from there."""

    rules: RuleSet
    speaker: Speaker
    sheet: Sheet
    """The conditions of the playbooks."""
    ids: Texts
    ends: Texts
    """[T] last day of each period."""
    first: int
    """Decided periods before the first place."""
    on: Bools
    held: Mapping[str, Bools]
    """Segment -> it is primary, flag -> it is set; over all decided periods."""
    primaries: Mapping[str, Primary]
    moves: pl.DataFrame
    """Transitions of the block: account_id, as_of, to, because."""

    @property
    def shape(self) -> tuple[int, int]:
        return self.on.shape[0], self.on.shape[1]

    def holds(self, name: str) -> Bools:
        """[A, T] of a segment or flag; never for one that the rules do not know any more."""
        found = self.held.get(name)
        return np.zeros(self.shape, dtype=bool) if found is None else found[:, self.first :]

    def true(self, condition: Condition | None) -> Bools:
        """[A, T] known to be true on the roster; never where there is no condition."""
        return self._known(condition, 1)

    def false(self, condition: Condition | None) -> Bools:
        """[A, T] known to be false on the roster; never where there is no condition."""
        return self._known(condition, 0)

    def _known(self, condition: Condition | None, value: int) -> Bools:
        if condition is None:
            return np.zeros(self.shape, dtype=bool)
        return np.asarray((self.sheet.decided(condition)[:, self.first :] == value) & self.on)

    def said(self, condition: Condition, account: Ints, place: Ints) -> Texts:
        """What made the condition true there."""
        rows = self.sheet.row(account, place + self.first)
        found: Texts = because(self.sheet, self.speaker, nodes(condition), rows).text.to_numpy()
        return found

    def primary(self, segment: str, account: int, place: int) -> str | None:
        """The primary there of the dimension of a segment; None for a flag, or where nothing is known."""
        for dimension in self.rules.dimensions:
            if any(segment == each.name for each in dimension.segments):
                code = self.primaries[dimension.name].code[account, place + self.first]
                return str(labels(dimension, np.array([code]))[0])
        return None

    def entering(self, account: Ints, place: Ints) -> dict[tuple[str, Any, str], str]:
        """(account_id, as_of, segment or flag) -> because, of the moves there."""
        asked = pl.DataFrame(
            {"account_id": self.ids[account].tolist(), "as_of": self.ends[place].tolist()},
            schema={"account_id": pl.String, "as_of": pl.Date},
        )
        rows = self.moves.select("account_id", "as_of", "to", "because").drop_nulls("to")
        found = rows.join(asked.unique(), on=["account_id", "as_of"], how="semi")
        return {(who, day, to): why for who, day, to, why in found.iter_rows()}
