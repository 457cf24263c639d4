"""The conditions that decided, in words, for chosen rows."""

from __future__ import annotations

import polars as pl
from msgspec import Struct

from segkit.engine.conditions.say import APART, Speaker
from segkit.engine.conditions.sheet import Sheet
from segkit.engine.conditions.trees import Node, deciding
from segkit.engine.members.membership import Bools, Ints
from segkit.ruleset import expr as x


class Because(Struct, frozen=True):
    """[rows] each."""

    text: pl.Series
    decided: tuple[tuple[x.Leaf, Bools], ...]
    """The conditions that decided, in the order written, and where each did."""


def because(sheet: Sheet, speaker: Speaker, tree: tuple[Node, ...], rows: Ints) -> Because:
    """The leaves that made the root what was asked in `rows`, each once, in the order written."""
    found = deciding(sheet, tree, rows)
    decides: dict[tuple[x.Condition, bool], Bools] = {}
    for place, node in enumerate(found.leaves):
        key = (node.condition, node.asked)
        decides[key] = decides[key] | found.decides[place] if key in decides else found.decides[place]
    texts = []
    marks = []
    for place, ((leaf, asked), where) in enumerate(decides.items()):
        marks.append(pl.Series(f"decides|{place}", where))
        said = speaker.leaf(leaf, asked)  # type: ignore[arg-type]
        texts.append(pl.when(pl.col(f"decides|{place}")).then(said))
    frame = sheet.block.frame[rows].with_columns(marks)
    text = frame.select(pl.concat_str(texts, separator=APART, ignore_nulls=True).alias("because"))
    return Because(text.to_series(), tuple((leaf, where) for (leaf, _), where in decides.items()))  # type: ignore[misc]
