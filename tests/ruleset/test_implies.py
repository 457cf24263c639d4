"""What implies() shows is so for every value, known or unknown."""

from __future__ import annotations

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from segkit.ruleset.expr import (
    All,
    Any,
    AtLeast,
    Between,
    Compare,
    Condition,
    Holds,
    IsMissing,
    Metric,
    Named,
    Not,
    Number,
)
from segkit.ruleset.implies import implies

ARR, FACT = Metric("arr"), Metric("notice_given")
ENDS = st.sampled_from([1.0, 2.0, 3.0]).map(Number)
LEAVES: st.SearchStrategy[Condition] = st.one_of(
    st.builds(Compare, st.just(ARR), st.sampled_from(["<", "<=", ">", ">=", "=", "!="]), ENDS),
    st.builds(Between, st.just(ARR), ENDS, ENDS),
    st.just(IsMissing(ARR)),
    st.just(Holds(FACT)),
)


def several(inner: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    parts = st.lists(inner, min_size=1, max_size=3).map(tuple)
    return st.one_of(
        st.builds(All, parts),
        st.builds(Any, parts),
        st.builds(Not, inner),
        st.builds(AtLeast, st.integers(1, 3), parts),
        st.builds(Named, st.just("n"), inner),
    )


CONDITIONS = st.recursive(LEAVES, several, max_leaves=6)
ARRS = ("missing", None, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5)


def holds(condition: Condition, arr: object, fact: bool | None) -> bool | None:
    """Three-valued truth, the slow and plain way."""
    inside = (
        [holds(part, arr, fact) for part in getattr(condition, "of", ()) if isinstance(part, Condition)]
        if isinstance(getattr(condition, "of", None), tuple)
        else []
    )
    match condition:
        case Named(_, of):
            return holds(of, arr, fact)
        case Not(of):
            value = holds(of, arr, fact)
            return None if value is None else not value
        case All():
            return False if False in inside else None if None in inside else True
        case Any():
            return True if True in inside else None if None in inside else False
        case AtLeast(k, _):
            trues, unknown = inside.count(True), inside.count(None)
            return True if trues >= k else None if trues + unknown >= k else False
        case IsMissing():
            return None if arr is None else arr == "missing"
        case Holds():
            return fact
        case Between(_, low, high):
            return None if not isinstance(arr, float) else low.value <= arr <= high.value  # type: ignore[union-attr]
        case Compare(_, op, right):
            if not isinstance(arr, float):
                return None
            y = right.value  # type: ignore[union-attr]
            return {
                "<": arr < y,
                "<=": arr <= y,
                ">": arr > y,
                ">=": arr >= y,
                "=": arr == y,
                "!=": arr != y,
            }[op]
    raise AssertionError(condition)


@settings(max_examples=400, deadline=None)
@given(CONDITIONS, CONDITIONS)
def test_what_is_shown_is_so(first: Condition, second: Condition) -> None:
    if implies(first, second):
        for arr, fact in itertools.product(ARRS, (True, False, None)):
            assert holds(first, arr, fact) is not True or holds(second, arr, fact) is True


@settings(max_examples=100, deadline=None)
@given(CONDITIONS, CONDITIONS)
def test_a_condition_implies_itself_and_every_any_around_it(first: Condition, second: Condition) -> None:
    assert implies(first, Any((second, first)))
    assert implies(All((second, first)), first)
