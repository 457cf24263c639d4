"""Whether an account can exist for which conditions come out as asked, and which one.

Every condition is true, false or unknown. A question is a list of goals, each a condition with the answers
that are allowed; they are taken apart until only limits of single columns are left (boxes) and orderings
between columns. Nothing is called impossible that is not: limits that cannot be followed are left open, and
an example built past them is tried before it is shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from msgspec import Struct, field

from segkit.ruleset import expr as x
from segkit.ruleset.printing import format_operand
from segkit.ruleset.proofs import domain as d
from segkit.ruleset.proofs.example import Loose, conceivable, divides, example
from segkit.ruleset.proofs.simple import Case, Form, Without, columns, constant
from segkit.ruleset.proofs.variables import Ground, Variable
from segkit.ruleset.proofs.ways import ANY, KNOWN, Answers, Goal, T, Ways, ways_of

Account = Mapping[str, d.Value]
"""Column -> value, for the columns that matter."""
MAX_STEPS = 6_000


class Found(NamedTuple):
    """possible: None where the search was given up. account: an example, where one was built."""

    possible: bool | None
    account: Account | None = None


class Boxes(Struct):
    """The columns looked at and what is left of their values; `loose`: comparisons to try at the end."""

    values: dict[str, d.Values] = field(default_factory=dict)
    variables: dict[str, Variable] = field(default_factory=dict)
    loose: tuple[Loose, ...] = ()
    sums: dict[str, d.Values] = field(default_factory=dict)
    """What is left of the values of calculations, by their text."""

    def copy(self) -> Boxes:
        return Boxes(dict(self.values), dict(self.variables), self.loose, dict(self.sums))


class _GaveUpError(Exception):
    pass


def search(
    ground: Ground, goals: Sequence[Goal], given: Mapping[str, d.Values] = {}, steps: int = MAX_STEPS
) -> Found:
    """An account that meets every goal. `given`: columns that are limited beforehand, by key."""
    run = _Search(ground, given, steps)
    try:
        account = run.solve(list(goals), [], Boxes())
    except (_GaveUpError, RecursionError):
        return Found(None)
    if account is not None:
        return Found(True, account)
    return Found(None if run.unclear else False)


def impossible(ground: Ground, goals: Sequence[Goal]) -> bool:
    """Whether no account at all meets every goal: proved, not merely not found. Looks for no example."""
    run = _Search(ground, {}, MAX_STEPS, examples=False)
    try:
        run.solve(list(goals), [], Boxes())
    except (_GaveUpError, RecursionError):
        return False
    return True


class _Search(Struct):
    ground: Ground
    given: Mapping[str, d.Values]
    steps: int
    examples: bool = True
    """False: the first way that is not shown to be closed ends the search."""
    unclear: bool = False
    """Whether a way was left that could not be shown to be closed."""

    def solve(self, goals: list[Goal], open_: list[Ways], boxes: Boxes) -> Account | None:
        goals, open_ = list(goals), list(open_)
        while goals:
            self.steps -= 1
            if self.steps < 0:
                raise _GaveUpError
            form, wanted = goals.pop()
            if wanted >= ANY:
                continue
            if isinstance(form, x.All | x.Any | x.AtLeast | x.Not):
                ways = ways_of(form, wanted)
            else:
                ways = self._leaf(form, wanted, boxes)
            if not ways:
                return None
            if len(ways) == 1:
                goals += ways[0]
            else:
                open_.append(ways)
        if not open_:
            return self._example(boxes)
        first = open_.pop(_fewest(open_))
        for way in first:
            found = self.solve(list(way), open_, boxes.copy())
            if found is not None:
                return found
        return None

    def _leaf(self, form: Form, wanted: Answers, boxes: Boxes) -> Ways:
        """Narrows a box; no way where nothing is left of it, several where one box does not tell."""
        match form:
            case x.Compare():
                return self._compare(form, wanted, boxes)
            case Case(of=of, words=words, among=among):
                if wanted >= KNOWN:
                    return [()]
                if not wanted & KNOWN:
                    return []
                inside = (True in wanted) == among
                here = self._box(of, boxes)
                kept = here.worded(words) if inside else here.worded(d.all_words(words), d.NULLS)
                return self._keep(of, kept, boxes)
            case Without(of=of):
                return self._keep(of, self._box(of, boxes).without_value(d.NULLS), boxes)
            case x.IsMissing(of=of):
                here = self._box(of, boxes)
                nulls = frozenset(
                    null for null, truth in ((d.MISSING, True), (d.UNKNOWN, None)) if truth in wanted
                )
                kept = here.only(nulls) if False in wanted else here.without_value(nulls)
                return self._keep(of, kept, boxes)
            case x.Holds(of=of):
                return self._number(of, "!=", 0.0, wanted, boxes)
            case x.Member():
                return self._number(form, "=", 1.0, wanted, boxes)
            case _:
                raise AssertionError(form)

    def _compare(self, leaf: x.Compare, wanted: Answers, boxes: Boxes) -> Ways:
        value = constant(leaf.right)
        if isinstance(leaf.left, x.Column) and value is not None:
            return self._number(leaf.left, leaf.op, value, wanted, boxes)
        if isinstance(leaf.left, x.Column) and isinstance(leaf.right, x.Text):
            return self._word(leaf.left, leaf.op, leaf.right.value, wanted, boxes)
        if len(wanted) > 1:
            return [((leaf, frozenset({answer})),) for answer in (True, False, None) if answer in wanted]
        return self._loose(leaf, next(iter(wanted)), value, boxes)

    def _loose(self, leaf: x.Compare, answer: bool | None, value: float | None, boxes: Boxes) -> Ways:
        """A comparison of columns or of a calculation: what it reads is known, and it is tried later."""
        read = {column.key: column for column in (*columns(leaf.left), *columns(leaf.right))}
        if answer is None:
            ways: Ways = [((Without(column), T),) for column in read.values()]
            if divides(leaf):
                boxes.loose += ((leaf, None),)
                ways.append(())
            return ways
        for column in read.values():
            if not self._keep(column, self._box(column, boxes).with_value(), boxes):
                return []
        if value is not None:
            # The same calculation elsewhere is the same number.
            key = format_operand(leaf.left)
            op = leaf.op if answer else d.OPPOSITE[leaf.op]
            boxes.sums[key] = boxes.sums.get(key, d.Values()).among(d.satisfying(op, value))
            if boxes.sums[key].empty:
                return []
        boxes.loose += ((leaf, answer),)
        return [()]

    def _number(self, of: Variable, op: str, value: float, wanted: Answers, boxes: Boxes) -> Ways:
        here = self._box(of, boxes)
        numbers: tuple[d.Interval, ...] = ()
        if wanted >= KNOWN:
            numbers = d.REALS
        elif True in wanted:
            numbers = d.satisfying(op, value)
        elif False in wanted:
            numbers = d.satisfying(d.OPPOSITE[op], value)
        return self._keep(of, here.among(numbers, d.NULLS if None in wanted else d.NONE), boxes)

    def _word(self, of: Variable, op: str, word: str, wanted: Answers, boxes: Boxes) -> Ways:
        here = self._box(of, boxes)
        nulls = d.NULLS if None in wanted else d.NONE
        if wanted >= KNOWN:
            kept = here.only(nulls)
        elif not wanted & KNOWN:
            kept = here.without_value(nulls)
        else:
            same = (True in wanted) == (op == "=")
            kept = here.worded(frozenset({word}) if same else d.all_words(frozenset({word})), nulls)
        return self._keep(of, kept, boxes)

    def _box(self, of: Variable, boxes: Boxes) -> d.Values:
        key = of.key
        if key not in boxes.values:
            boxes.variables[key] = of
            boxes.values[key] = self.given.get(key) or self.ground.domain(of)
        return boxes.values[key]

    def _keep(self, of: Variable, kept: d.Values, boxes: Boxes) -> Ways:
        boxes.values[of.key] = kept
        return [] if kept.empty else [()]

    def _example(self, boxes: Boxes) -> Account | None:
        boxed = self.ground, boxes.values, boxes.variables, boxes.loose
        if not conceivable(*boxed):
            return None
        if not self.examples:
            raise _GaveUpError
        account = example(*boxed)
        self.unclear |= account is None
        return account


def _fewest(open_: Sequence[Ways]) -> int:
    """Of what is open, the question with the fewest answers comes first; none has fewer than two."""
    best = 0
    for at, ways in enumerate(open_):
        if len(ways) < len(open_[best]):
            best = at
        if len(open_[best]) == 2:
            break
    return best
