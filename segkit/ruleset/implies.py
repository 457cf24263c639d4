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
    """Counts its steps, so that no rule file can make it run for long."""

    def __init__(self) -> None:
        self._steps = 0

    def holds(self, a: Condition, b: Condition) -> bool:
        self._steps += 1
        if self._steps > _MAX_STEPS:
            return False
        if a == b or _narrower(a, b):
            return True
        if isinstance(a, Any):
            return all(self.holds(part, b) for part in a.of)
        if isinstance(b, All):
            return all(self.holds(a, part) for part in b.of)
        if isinstance(a, Not) and isinstance(b, Not):
            return self.holds(b.of, a.of)
        return self._by_a_part(a, b)

    def _by_a_part(self, a: Condition, b: Condition) -> bool:
        if isinstance(a, All) and any(self.holds(part, b) for part in a.of):
            return True
        if isinstance(b, Any) and any(self.holds(a, part) for part in b.of):
            return True
        return isinstance(b, AtLeast) and sum(self.holds(a, part) for part in b.of) >= b.k


def _narrower(a: Condition, b: Condition) -> bool:
    """`x > 10` makes `x > 5` certain, `x = 3` makes `x < 4` certain, any comparison that x is not missing."""
    if isinstance(b, Not) and isinstance(b.of, IsMissing):
        known = a.left if isinstance(a, Compare) else a.of if isinstance(a, Between) else None
        return known == b.of.of
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
