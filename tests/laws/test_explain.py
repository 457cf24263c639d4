"""What is shown as deciding is what decided: roots follow from their leaves, and deciding leaves suffice."""

from __future__ import annotations

import random

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from segkit.engine.conditions.compile import Compiler
from segkit.engine.conditions.rows import Block
from segkit.engine.conditions.sheet import Sheet
from segkit.engine.conditions.trees import deciding, nodes
from segkit.ruleset import expr as x
from segkit.ruleset.model import Threshold
from tests.laws.cases import LAW
from tests.laws.worlds import METRICS, tree

ROWS = 40


def plain(condition: x.Condition, leaf: dict[x.Condition, int]) -> int:
    """Three-valued logic said once more: 1 true, 0 false, -1 unknown."""
    match condition:
        case x.Named(of=of):
            return plain(of, leaf)
        case x.Not(of=of):
            return {1: 0, 0: 1, -1: -1}[plain(of, leaf)]
        case x.All(of=of) | x.Any(of=of) | x.AtLeast(of=of):
            said = [plain(child, leaf) for child in of]
            k = (
                len(of)
                if isinstance(condition, x.All)
                else 1
                if isinstance(condition, x.Any)
                else condition.k
            )
            return 1 if said.count(1) >= k else 0 if said.count(1) + said.count(-1) < k else -1
        case _:
            return leaf[condition]


def sheet(seed: int, condition: x.Condition) -> Sheet:
    rng = np.random.default_rng(seed)
    columns = [pl.Series("row", np.arange(ROWS))]
    for metric in METRICS:
        value = pl.Series(rng.choice([0.0, 1.0, 2.0, 3.0, np.nan], ROWS), nan_to_null=True)
        missing = value.is_null() & pl.Series(rng.random(ROWS) < 0.5)
        columns += [value.alias(metric.key)]
        columns += [
            pl.select(pl.when(~value.is_null() | missing).then(missing))
            .to_series()
            .alias(f"{metric.key}|missing")
        ]
    compiler = Compiler({"few": Threshold("few", 2.0)})
    found = Sheet(Block(0, ROWS, 0, 1, pl.DataFrame(columns)), compiler, 0)
    found.evaluate([condition])
    return found


@LAW
@given(st.integers(0, 2**32 - 1))
def test_every_root_follows_from_its_leaves(seed: int) -> None:
    condition = tree(random.Random(seed), [], depth=3)
    found = sheet(seed, condition)
    for row in range(ROWS):
        leaf = {each: int(found.value[each][row]) for each in x.leaves(condition)}
        assert plain(condition, leaf) == found.value[condition][row]


@LAW
@given(st.integers(0, 2**32 - 1), st.booleans())
def test_deciding_leaves_decide_whatever_the_others_say(seed: int, asked: bool) -> None:
    condition = tree(random.Random(seed), [], depth=3)
    found = sheet(seed, condition)
    rows = np.flatnonzero(found.value[condition] == asked)
    shown = deciding(found, nodes(condition, asked), rows)
    for place in range(len(rows)):
        kept = {node.condition for i, node in enumerate(shown.leaves) if shown.decides[i, place]}
        leaf = {
            each: int(found.value[each][rows[place]]) if each in kept else -1 for each in x.leaves(condition)
        }
        assert plain(condition, leaf) == asked
