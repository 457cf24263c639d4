"""Whether one condition makes another certain, as far as its words show it."""

from __future__ import annotations

from segkit.ruleset.expr import All, Any, AtLeast, Between, Compare, Condition, IsMissing, Named, Not, Number

_MAX_STEPS = 20_000


def plain(condition: Condition) -> Condition:
    """The condition with every name replaced by what it stands for."""
    match condition:
        case Named(_, of):
            return plain(of)
        case All(of):
            return All(tuple(plain(child) for child in of))
        case Any(of):
            return Any(tuple(plain(child) for child in of))
        case AtLeast(k, of):
            return AtLeast(k, tuple(plain(child) for child in of))
        case Not(of):
            return Not(plain(of))
        case _:
            return condition


def implies(first: Condition, second: Condition) -> bool:
    """True only if `second` holds whenever `first` does; False where the words do not show it.

    Both sides are taken apart by all, any, not and at_least; comparisons of a value with numbers are ordered.
    """
    return _Proof().holds(plain(first), plain(second))


class _Proof:
    """Counts its steps, so that no rule file can make it run for long.

    `ordered` asks for more: also that the first is false wherever the second is. Only this can be turned
    around below a `not`, for a comparison with a missing value is unknown, not false.
    """

    def __init__(self) -> None:
        self._steps = 0

    def holds(self, a: Condition, b: Condition, ordered: bool = False) -> bool:
        self._steps += 1
        if self._steps > _MAX_STEPS:
            return False
        if a == b or _narrower(a, b) or (not ordered and _known(a, b)):
            return True
        if isinstance(a, Any):
            return all(self.holds(part, b, ordered) for part in a.of)
        if isinstance(b, All):
            return all(self.holds(a, part, ordered) for part in b.of)
        if isinstance(a, Not) and isinstance(b, Not):
            return self.holds(b.of, a.of, True)
        return self._by_a_part(a, b, ordered)

    def _by_a_part(self, a: Condition, b: Condition, ordered: bool) -> bool:
        if isinstance(a, All) and any(self.holds(part, b, ordered) for part in a.of):
            return True
        if isinstance(b, Any) and any(self.holds(a, part, ordered) for part in b.of):
            return True
        return isinstance(b, AtLeast) and sum(self.holds(a, part, ordered) for part in b.of) >= b.k


def _known(a: Condition, b: Condition) -> bool:
    """A comparison that holds shows that its value is not missing."""
    if not isinstance(b, Not) or not isinstance(b.of, IsMissing):
        return False
    compared = a.left if isinstance(a, Compare) else a.of if isinstance(a, Between) else None
    return compared == b.of.of


def _narrower(a: Condition, b: Condition) -> bool:
    """`x > 10` makes `x > 5` certain, `x = 3` makes `x < 4` certain."""
    if isinstance(a, Between) and isinstance(b, Compare) and a.of == b.left:
        low = isinstance(a.low, Number) and _narrower(Compare(a.of, ">=", a.low), b)
        return low or (isinstance(a.high, Number) and _narrower(Compare(a.of, "<=", a.high), b))
    if not isinstance(a, Compare) or not isinstance(b, Compare) or a.left != b.left:
        return False
    if not isinstance(a.right, Number) or not isinstance(b.right, Number):
        return False
    x, y = a.right.value, b.right.value
    match a.op, b.op:
        case (">", ">" | ">=") | (">=", ">="):
            return x >= y
        case ">=", ">":
            return x > y
        case ("<", "<" | "<=") | ("<=", "<="):
            return x <= y
        case "<=", "<":
            return x < y
        case "=", op:
            return {"<": x < y, "<=": x <= y, ">": x > y, ">=": x >= y, "=": x == y, "!=": x != y}[op]
        case _:
            return False
