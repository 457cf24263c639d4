"""The transitions of a week account for every change of size: null and `left` are outside."""

from __future__ import annotations

from collections import Counter

from hypothesis import given

from segkit.engine.results import CAUSES, OUTSIDE
from segkit.ruleset.model import FLAGS
from tests.draws import one_in
from tests.laws.cases import LAW
from tests.laws.worlds import World, worlds


@one_in(4, LAW)
@given(worlds() | worlds(merging=True))
def test_sizes_follow_from_transitions(world: World) -> None:
    decisions = world.decide()
    labels = {f.name for f in world.rules.flags} | {"left", None}
    flows = {day: Counter[tuple[str, str]]() for day in decisions.as_of}
    for row in decisions.transitions.iter_rows(named=True):
        assert row["cause"] in CAUSES
        assert row["because"]
        assert (row["cause"] == "roster") == ("left" in (row["from"], row["to"]))
        for end, sign in (("from", -1), ("to", 1)):
            if row[end] not in (None, "left"):
                flows[row["as_of"]][row["dimension"], row[end]] += sign
                assert row["dimension"] != FLAGS or row[end] in labels
    before: Counter[tuple[str, str]] = Counter()
    for place, day in enumerate(decisions.as_of):
        now: Counter[tuple[str, str]] = Counter()
        for name, result in decisions.dimensions.items():
            codes = result.primary[:, place]
            now.update((name, str(result.label(int(code)))) for code in codes if code != OUTSIDE)
        for flag in world.rules.flags:
            now[FLAGS, flag.name] = int(decisions.member[flag.name][:, place].sum())
        change = {key: now[key] - before[key] for key in now | before if now[key] != before[key]}
        assert change == {key: count for key, count in flows[day].items() if count}
        before = now
