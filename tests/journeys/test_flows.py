"""Sizes and flows of the example: what came and went accounts for every account, week by week."""

from __future__ import annotations

from collections import Counter

import numpy as np
import polars as pl
import pytest

from segkit.engine.flows import flows
from segkit.engine.results import OUTSIDE, Decisions
from segkit.reports.flows.matrix import flows as pairs
from segkit.reports.flows.matrix import matrix, moved
from segkit.reports.flows.waterfall import waterfalls
from segkit.ruleset.model import FLAGS
from tests.journeys.example import Example

DIMENSIONS = ("segments", "lifecycle", "usage", "growth", "support", "value", FLAGS)
WEEKS = 104


@pytest.fixture(scope="module")
def log(example_run: Example) -> pl.DataFrame:
    return pl.read_parquet(example_run.folder / "out/latest/transitions.parquet")


def sizes(decisions: Decisions, dimension: str) -> dict[str, np.ndarray]:
    """Segment -> [T] accounts, counted where it was decided."""
    if dimension == FLAGS:
        return {f: (decisions.member[f] & decisions.on_roster).sum(axis=0) for f in flags(decisions)}
    found = decisions.dimensions[dimension]
    codes = {found.label(code): code for code in range(OUTSIDE + 1, len(found.labels))}
    return {str(name): (found.primary == code).sum(axis=0) for name, code in codes.items() if name}


def flags(decisions: Decisions) -> set[str]:
    return set(decisions.member) - {n for d in decisions.dimensions.values() for n in d.labels}


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_size_less_size_of_the_week_before_is_the_sum_of_all_causes(
    example_run: Example, log: pl.DataFrame, dimension: str
) -> None:
    decisions = example_run.decisions
    net: Counter[tuple[str, object]] = Counter()
    for as_of, _, segment, _, entered, left in flows(log.filter(pl.col("dimension") == dimension)).rows():
        net[segment, as_of] += entered - left
    counted = 0
    for segment, size in sizes(decisions, dimension).items():
        for place in range(len(decisions.as_of) - WEEKS, len(decisions.as_of)):
            assert size[place] - size[place - 1] == net[segment, decisions.as_of[place]]
            counted += 1
    assert counted == WEEKS * len(sizes(decisions, dimension))


@pytest.mark.parametrize("dimension", DIMENSIONS)
@pytest.mark.parametrize("by", ["cause", "name"])
def test_a_waterfall_goes_from_the_size_before_to_the_size_after(
    example_run: Example, log: pl.DataFrame, dimension: str, by: str
) -> None:
    decisions = example_run.decisions
    for first, last in ((-13, -1), (-104, -80), (0, 0), (0, len(decisions.as_of) - 1)):
        days = decisions.as_of[first], decisions.as_of[last]
        found = {each.segment: each for each in waterfalls(log, *days, (), dimension, by)}
        for segment, size in sizes(decisions, dimension).items():
            before = 0 if first == 0 else size[first - 1]
            if segment in found:
                assert (found[segment].before, found[segment].after) == (before, size[last])
                assert before + sum(part.net for part in found[segment].parts) == size[last]
            else:
                assert before == size[last] == 0


def test_counted_back_from_the_size_after_it_is_the_same(example_run: Example, log: pl.DataFrame) -> None:
    days, now = example_run.decisions.as_of, sizes(example_run.decisions, "segments")
    last = log.filter(pl.col("as_of") >= days[-1])
    ends = {name: int(size[-1]) for name, size in now.items()}
    back = waterfalls(last, days[-1], days[-1], [*now], now=ends)
    assert [*back] == [*waterfalls(log, days[-1], days[-1], [*now])]
    assert sum(len(fall.parts) for fall in back) > 5


def test_every_move_of_a_range_is_in_its_matrix_once(example_run: Example, log: pl.DataFrame) -> None:
    days = example_run.decisions.as_of[-26], example_run.decisions.as_of[-1]
    rows = moved(log, *days)
    found = matrix(rows, ["churning", "at_risk"])
    assert found is not None
    assert found.rows[:3] == ("not yet there", "churning", "at_risk")
    cells = [flow for line in found.cells for flow in line if flow is not None]
    assert sum(flow.moves for flow in cells) == rows.height
    assert sorted(map(str, cells)) == sorted(map(str, pairs(rows)))
    came = waterfalls(log, *days, ["at_risk"])[0].came
    assert came == sum(f.moves for f in cells if f.after == "at_risk")
